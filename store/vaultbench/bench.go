package vaultbench

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"sarhad/record"
	"sarhad/record/attach"
	"sarhad/store/sqlite"
	"sarhad/store/vault"
)

// Result is what was measured. Sizes are 10^6 bytes, times milliseconds.
type Result struct {
	Bench   string  `json:"bench"`
	N       int     `json:"n"`            // files of FileMB each
	Seconds float64 `json:"seconds"`      // of bringing all of them in
	Rate    float64 `json:"rate_per_s"`   // files that became attachments of a stored record in a second
	P50     float64 `json:"p50_ms"`       // of one file, from its first byte to the record on the disk
	P99     float64 `json:"p99_ms"`       // of the same
	RSSMB   float64 `json:"rss_mb"`       // the process at its largest
	FileMB  float64 `json:"file_mb"`      // of one file
	In      float64 `json:"in_mb_per_s"`  // encrypted, synced and named by a record
	Out     float64 `json:"out_mb_per_s"` // decrypted and held against its name
	DiskMB  float64 `json:"disk_mb"`      // of the data directory after all
	Losses  int     `json:"losses"`       // files that came out otherwise than they went in
}

// fileSize is a photograph of a phone, a little over three chunks.
const fileSize = 3_500_000

// Bench brings n files in and reads them back, in dir, which must be empty or missing. progress may be nil.
func Bench(ctx context.Context, dir string, n int, seed uint64, progress func(done int)) (res Result, err error) {
	defer record.Wrap(&err, "vaultbench.Bench")
	if n < 1 {
		return res, record.Errorf(record.Invalid, "a benchmark of %d files measures nothing: give at least 1", n)
	}
	ctx = record.WithActor(ctx, record.Machine("bench", "agency"))
	s, v, err := open(ctx, dir)
	if err != nil {
		return res, err
	}
	defer s.Close()
	res.Bench, res.N, res.FileMB = "attachments", n, fileSize/1e6
	files, sums, err := res.bringIn(ctx, s, v, n, seed, progress)
	if err != nil {
		return res, err
	}
	begun := time.Now()
	for i, a := range files {
		r, err := v.Open(a)
		if err != nil {
			return res, err
		}
		h := sha256.New()
		if _, err := io.Copy(h, r); err != nil {
			return res, err
		}
		if hex.EncodeToString(h.Sum(nil)) != sums[i] {
			res.Losses++
		}
	}
	res.Out = float64(n) * fileSize / 1e6 / time.Since(begun).Seconds()
	res.RSSMB = peakRSS()
	if err := s.Close(); err != nil {
		return res, err
	}
	res.DiskMB, err = size(dir)
	return res, err
}

func open(ctx context.Context, dir string) (*sqlite.Store, *vault.Vault, error) {
	s, err := sqlite.Open(ctx, sqlite.Config{Dir: dir, Types: record.NewTypes(), Node: "bench", Allow: func(record.Actor, record.Scope) bool { return true }})
	if err != nil {
		return nil, nil, err
	}
	keys, _, err := vault.NewKeys()
	if err != nil {
		return nil, nil, errors.Join(err, s.Close())
	}
	v, err := vault.Open(vault.Config{Dir: dir, Keys: keys, Log: slog.New(slog.DiscardHandler), Limits: vault.Limits{User: 1 << 50, Node: 1 << 50}})
	if err != nil {
		return nil, nil, errors.Join(err, s.Close())
	}
	v.Follow(s.Unnamed, s.AttachedBytes)
	s.UseChunks(v)
	return s, v, nil
}

// bringIn uploads n files, each of other bytes, and stores a record for each.
func (res *Result) bringIn(ctx context.Context, s *sqlite.Store, v *vault.Vault, n int, seed uint64, progress func(int)) (files []record.Attachment, sums []string, err error) {
	var took []time.Duration
	for i := range n {
		var key [32]byte
		copy(key[:], strconv.FormatUint(seed, 16)+"/"+strconv.Itoa(i))
		h := sha256.New()
		begun := time.Now()
		a, err := one(ctx, s, v, io.TeeReader(io.LimitReader(rand.NewChaCha8(key), fileSize), h))
		if err != nil {
			return nil, nil, err
		}
		took = append(took, time.Since(begun))
		files, sums = append(files, a), append(sums, hex.EncodeToString(h.Sum(nil)))
		if progress != nil {
			progress(i + 1)
		}
	}
	for _, t := range took {
		res.Seconds += t.Seconds()
	}
	slices.Sort(took)
	ms := func(p int) float64 { return float64(took[min(n*p/100, n-1)].Microseconds()) / 1000 }
	res.P50, res.P99 = ms(50), ms(99)
	res.Rate, res.In = float64(n)/res.Seconds, float64(n)*fileSize/1e6/res.Seconds
	return files, sums, nil
}

// one brings a file in as the doors do.
func one(ctx context.Context, s *sqlite.Store, v *vault.Vault, content io.Reader) (a record.Attachment, err error) {
	const user = "bench"
	u, err := v.Begin(ctx, user, attach.Begin{Name: "photo.bin", Size: fileSize})
	if err != nil {
		return a, err
	}
	if _, err = v.Append(ctx, user, u.ID, 0, content, nil); err != nil {
		return a, err
	}
	if a, err = v.Finish(ctx, user, u.ID, attach.Choice{}); err != nil {
		return a, err
	}
	r := &record.Record{Kind: "bench.exhibit", Version: 1, Owner: record.Owner{Agency: "agency"}, Raw: []byte("{}"),
		Handling: record.Handling{Marking: "internal", Topic: "evidence"}, Attachments: []record.Attachment{a}}
	err = s.Update(ctx, func(tx record.Tx) error {
		if err := tx.Put(r); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "create", Subject: r.ID})
	})
	if err != nil {
		return a, err
	}
	return a, v.Release(ctx, user, u.ID)
}

func size(dir string) (mb float64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d os.DirEntry, err error) error {
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
