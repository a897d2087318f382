package storebench

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"sarhad/engine/match"
	"sarhad/record"
	"sarhad/store/sqlite"
)

// Result is what was measured. Times are milliseconds, sizes 10^6 bytes.
type Result struct {
	Bench       string  `json:"bench"`
	N           int     `json:"n"`
	Seconds     float64 `json:"seconds"`                  // of the import
	Rate        float64 `json:"rate_per_s"`               // records imported in a second, all indexes live, people working beside
	P50         float64 `json:"p50_ms"`                   // of an act of one record while the import runs
	P99         float64 `json:"p99_ms"`                   // of the same
	Interactive float64 `json:"interactive_write_p95_ms"` // of the same
	List        float64 `json:"list_p95_ms"`              // a page of 50, any of the three officers
	Search      float64 `json:"search_p95_ms"`            // a page of 50: a word, two words, a beginning
	FileMB      float64 `json:"file_mb"`                  // the data directory after the log was written back
	RSSMB       float64 `json:"rss_mb"`                   // the process at its largest
}

const (
	// slice is how long one act of the import lasts: a person waits at most for what is left of it and its commit.
	slice = 15 * time.Millisecond
	// pause is how often a person stores something beside the import.
	pause = 50 * time.Millisecond
	// reads is how many lists and how many searches each officer asks for.
	reads = 200
)

// Bench imports n records into a new store in dir, which must be empty or missing, and reads them. progress may be nil.
func Bench(ctx context.Context, dir string, n int, seed uint64, progress func(done int)) (res Result, err error) {
	defer record.Wrap(&err, "storebench.Bench")
	if n < 1 {
		return res, record.Errorf(record.Invalid, "a benchmark of %d records measures nothing: give at least 1", n)
	}
	s, err := sqlite.Open(ctx, sqlite.Config{Dir: dir, Types: record.NewTypes(func() record.Body { return &item{} }), Allow: allow, Fold: match.Fold, Node: "bench"})
	if err != nil {
		return res, err
	}
	defer s.Close()
	res.Bench, res.N = "store", n
	g := newGenerator(n, seed)
	if err := res.load(ctx, s, g, n, progress); err != nil {
		return res, err
	}
	if res.List, err = readAs(ctx, s, g, list); err != nil {
		return res, err
	}
	if res.Search, err = readAs(ctx, s, g, search); err != nil {
		return res, err
	}
	res.RSSMB = peakRSS()
	if err := s.Close(); err != nil {
		return res, err
	}
	res.FileMB, err = size(dir)
	return res, err
}

// load imports everything while one person stores a record now and then.
func (res *Result) load(ctx context.Context, s *sqlite.Store, g *generator, n int, progress func(int)) error {
	ctx, cancel := context.WithCancel(record.WithActor(ctx, record.Machine("bench", "agency-0")))
	defer cancel()
	made := make(chan *record.Record, 1024)
	other := newGenerator(n, g.seed+1)
	var wait sync.WaitGroup
	wait.Go(func() {
		defer close(made)
		for range n {
			select {
			case made <- g.record():
			case <-ctx.Done():
				return
			}
		}
	})
	var took []time.Duration
	var failed error
	stop := make(chan struct{})
	wait.Go(func() { took, failed = beside(ctx, s, other, stop) })
	begun := time.Now()
	err := importAll(ctx, s, made, progress)
	res.Seconds = time.Since(begun).Seconds()
	close(stop)
	if err != nil {
		cancel()
	}
	wait.Wait()
	if err == nil {
		err = failed
	}
	res.Rate = float64(n) / res.Seconds
	res.P50, res.Interactive, res.P99 = percentile(took, 50), percentile(took, 95), percentile(took, 99)
	return err
}

// importAll stores in acts of about the length of a slice, each with its audit row, and syncs at the end.
func importAll(ctx context.Context, s *sqlite.Store, made <-chan *record.Record, progress func(int)) error {
	done := 0
	for more := true; more; {
		err := s.Bulk(ctx, func(tx record.Tx) error {
			count, begun := 0, time.Now()
			for time.Since(begun) < slice && !hurry(tx) {
				r, ok := <-made
				if !ok {
					more = false
					break
				}
				if err := tx.Put(r); err != nil {
					return err
				}
				count++
			}
			done += count
			return tx.Audit(record.Act{Action: "import", Count: count})
		})
		if err != nil {
			return err
		}
		if progress != nil {
			progress(done)
		}
	}
	return s.Sync(ctx)
}

// hurry reports whether a person waits, if the store can tell.
func hurry(tx record.Tx) bool {
	h, ok := tx.(interface{ Hurry() bool })
	return ok && h.Hurry()
}

// beside is a person who stores one record after another, each an act of its own, and waits for each.
func beside(ctx context.Context, s *sqlite.Store, g *generator, stop <-chan struct{}) (took []time.Duration, err error) {
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return took, nil
		case <-tick.C:
		}
		r := g.record()
		r.Key = "beside-" + r.Key
		begun := time.Now()
		err := s.Update(ctx, func(tx record.Tx) error {
			if err := tx.Put(r); err != nil {
				return err
			}
			return tx.Audit(record.Act{Action: "create", Subject: r.ID})
		})
		if err != nil {
			return took, err
		}
		took = append(took, time.Since(begun))
	}
}

// readAs measures one sort of read for each officer.
func readAs(ctx context.Context, s *sqlite.Store, g *generator, query func(*generator, int) record.Query) (p95 float64, err error) {
	var took []time.Duration
	for _, actor := range officers {
		ctx := record.WithActor(ctx, actor)
		for i := range reads {
			q := query(g, i)
			begun := time.Now()
			err := s.View(ctx, func(tx record.Tx) error {
				page, err := tx.List(q)
				if err == nil && i%4 == 3 && page.Next != "" { // some look at the next page too
					q.Cursor = page.Next
					_, err = tx.List(q)
				}
				return err
			})
			if err != nil {
				return 0, fmt.Errorf("%+v: %w", q, err)
			}
			took = append(took, time.Since(begun))
		}
	}
	return percentile(took, 95), nil
}

func percentile(took []time.Duration, p int) float64 {
	if len(took) == 0 {
		return 0
	}
	slices.Sort(took)
	return float64(took[min(len(took)*p/100, len(took)-1)].Microseconds()) / 1000
}

func size(dir string) (mb float64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			mb += float64(info.Size()) / 1e6
		}
		return err
	})
	return mb, err
}

// peakRSS reads what Linux says of this process; elsewhere it is what Go took from the system.
func peakRSS() float64 {
	if b, err := os.ReadFile("/proc/self/status"); err == nil {
		for line := range strings.Lines(string(b)) {
			if f := strings.Fields(line); len(f) == 3 && f[0] == "VmHWM:" {
				if kib, err := strconv.ParseFloat(f[1], 64); err == nil {
					return kib * 1024 / 1e6
				}
			}
		}
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.Sys) / 1e6
}
