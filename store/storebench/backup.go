package storebench

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"filippo.io/age"
	"golang.org/x/mod/sumdb/note"

	"sarhad/engine/match"
	"sarhad/record"
	"sarhad/store/backup"
	"sarhad/store/sqlite"
)

// BackupResult is what was measured of backups. Times are milliseconds unless their name says seconds, sizes 10^6 bytes.
type BackupResult struct {
	Bench         string  `json:"bench"`
	N             int     `json:"n"`
	Seconds       float64 `json:"seconds"`              // of the full backup
	Rate          float64 `json:"rate_per_s"`           // records in a second of the full backup
	P50           float64 `json:"p50_ms"`               // of an act of one record while the full backup runs
	P99           float64 `json:"p99_ms"`               // of the same
	Full          float64 `json:"full_mb_per_s"`        // of the clear database, read, encrypted, synced and read back
	Nothing       float64 `json:"unchanged_seconds"`    // of a backup when nothing was changed
	Incremental   float64 `json:"incremental_seconds"`  // of a backup after 1 % of the records were revised
	IncrementalMB float64 `json:"incremental_mb"`       // that it wrote
	OneMB         float64 `json:"one_record_mb"`        // that a backup wrote after one record more
	Restore       float64 `json:"restore_seconds"`      // files decrypted, held against their names and synced
	RestoreRate   float64 `json:"restore_mb_per_s"`     // of the clear database
	Check         float64 `json:"check_seconds"`        // of the set without the recovery key
	DatabaseMB    float64 `json:"database_mb"`          // in the clear
	SetMB         float64 `json:"set_mb"`               // on the disk after the full backup
	ChunkKB       int     `json:"chunk_kb"`             // of the clear
	WalMB         float64 `json:"log_during_backup_mb"` // the write-ahead log at its largest
	RSSMB         float64 `json:"rss_mb"`               // the process at its largest
}

// backupBench is a benchmark under way.
type backupBench struct {
	store    *sqlite.Store
	opt      backup.Options
	identity age.Identity
	gen      *generator
}

// Backup measures backups of n made-up records in dir, which must be empty or missing. chunk is the size of chunks in bytes; 0 =
// the default. progress may be nil.
func Backup(ctx context.Context, dir string, n int, seed uint64, chunk int, progress func(done int)) (res BackupResult, err error) {
	defer record.Wrap(&err, "storebench.Backup")
	if n < 100 {
		return res, record.Errorf(record.Invalid, "a benchmark of %d records measures nothing: give at least 100", n)
	}
	if chunk == 0 {
		chunk = backup.DefaultChunkBytes
	}
	res.Bench, res.N, res.ChunkKB = "backup", n, chunk>>10
	data := filepath.Join(dir, "node")
	b := &backupBench{gen: newGenerator(n, seed)}
	b.store, err = sqlite.Open(ctx, sqlite.Config{Dir: data, Types: record.NewTypes(func() record.Body { return &item{} }), Allow: allow, Fold: match.Fold, Node: "bench"})
	if err != nil {
		return res, err
	}
	defer b.store.Close()
	ctx = record.WithActor(ctx, record.Machine("bench", "agency-0"))
	if err := b.fill(ctx, n, progress); err != nil {
		return res, err
	}
	if err := b.options(filepath.Join(dir, "set"), data, chunk); err != nil {
		return res, err
	}
	if err := b.full(ctx, &res); err != nil {
		return res, err
	}
	if err := b.again(ctx, n, &res); err != nil {
		return res, err
	}
	if err := b.back(ctx, filepath.Join(dir, "restored"), &res); err != nil {
		return res, err
	}
	res.RSSMB = peakRSS()
	return res, nil
}

func (b *backupBench) fill(ctx context.Context, n int, progress func(int)) error {
	made := make(chan *record.Record, 64)
	go func() {
		defer close(made)
		for range n {
			r := b.gen.record()
			select {
			case made <- r:
			case <-ctx.Done():
				return
			}
		}
	}()
	return importAll(ctx, b.store, made, progress)
}

func (b *backupBench) options(set, data string, chunk int) error {
	secret, recipient, err := backup.NewRecovery()
	if err != nil {
		return err
	}
	if b.identity, err = backup.ParseIdentity(secret); err != nil {
		return err
	}
	skey, vkey, err := note.GenerateKey(rand.Reader, "sarhad/bench")
	if err != nil {
		return err
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		return err
	}
	verifier, err := note.NewVerifier(vkey)
	b.opt = backup.Options{Set: set, Data: data, Node: "bench", Program: "bench", Recipient: recipient, Key: backup.Key("bench"), Signer: signer,
		Verifiers: note.VerifierList(verifier), Now: time.Now, ChunkBytes: chunk}
	return err
}

// full measures a first backup while one person stores records beside it.
func (b *backupBench) full(ctx context.Context, res *BackupResult) error {
	var took []time.Duration
	var failed error
	stop := make(chan struct{})
	var wait sync.WaitGroup
	wait.Go(func() { took, failed = beside(ctx, b.store, newGenerator(res.N, b.gen.seed+1), stop) })
	wal := filepath.Join(b.opt.Data, "sarhad.db-wal")
	b.opt.Progress = func(int64, int64) {
		if info, err := os.Stat(wal); err == nil {
			res.WalMB = max(res.WalMB, float64(info.Size())/1e6)
		}
	}
	begun := time.Now()
	done, err := backup.Write(ctx, b.store, b.opt)
	res.Seconds = time.Since(begun).Seconds()
	close(stop)
	wait.Wait()
	b.opt.Progress = nil
	if err == nil {
		err = failed
	}
	res.DatabaseMB, res.SetMB = float64(done.Bytes)/1e6, float64(done.Written)/1e6
	res.Full, res.Rate = res.DatabaseMB/res.Seconds, float64(res.N)/res.Seconds
	res.P50, res.P99 = percentile(took, 50), percentile(took, 99)
	return err
}

// again measures backups after nothing, after one record and after a hundredth of them.
func (b *backupBench) again(ctx context.Context, n int, res *BackupResult) error {
	if _, err := backup.Write(ctx, b.store, b.opt); err != nil { // what the person beside wrote
		return err
	}
	begun := time.Now()
	if _, err := backup.Write(ctx, b.store, b.opt); err != nil {
		return err
	}
	res.Nothing = time.Since(begun).Seconds()
	b.gen.made += n // a key of its own
	if err := b.fill(ctx, 1, nil); err != nil {
		return err
	}
	done, err := backup.Write(ctx, b.store, b.opt)
	if err != nil {
		return err
	}
	res.OneMB = float64(done.Written) / 1e6
	if err := b.revise(ctx, max(n/100, 1)); err != nil {
		return err
	}
	begun = time.Now()
	done, err = backup.Write(ctx, b.store, b.opt)
	res.Incremental, res.IncrementalMB = time.Since(begun).Seconds(), float64(done.Written)/1e6
	return err
}

// revise changes the state of the newest records: what is worked with is what came lately.
func (b *backupBench) revise(ctx context.Context, n int) error {
	for done := 0; done < n; {
		err := b.store.Bulk(ctx, func(tx record.Tx) error {
			part := min(n-done, 20)
			page, err := tx.List(record.Query{Kinds: []string{"bench.item"}, Limit: part, Oldest: true, Full: true, From: begun.Add(time.Duration(done) * time.Minute)})
			if err != nil {
				return err
			}
			for _, row := range page.Rows {
				r := row.Record
				r.Raw = nil
				r.Body.(*item).State = fmt.Sprintf("seen-%d", done%3)
				if err := tx.Put(r); err != nil {
					return err
				}
			}
			done += part
			return tx.Audit(record.Act{Action: "revise", Count: part})
		})
		if err != nil {
			return err
		}
	}
	return b.store.Sync(ctx)
}

func (b *backupBench) back(ctx context.Context, dir string, res *BackupResult) error {
	if err := backup.Begin(dir); err != nil {
		return err
	}
	r := backup.Restore{Set: backup.Set{Dir: b.opt.Set}, Identity: b.identity, Key: b.opt.Key, Verifiers: b.opt.Verifiers, Dir: dir}
	begun := time.Now()
	h, m, _, err := r.Pick()
	if err != nil {
		return err
	}
	if err := r.Files(ctx, m); err != nil {
		return err
	}
	res.Restore = time.Since(begun).Seconds()
	res.RestoreRate = float64(h.Bytes) / 1e6 / res.Restore
	begun = time.Now()
	checked, err := r.Set.Check(ctx, b.opt.Verifiers)
	if err == nil && !checked.OK() {
		err = fmt.Errorf("the set is not sound: %v", checked.Faults)
	}
	res.Check = time.Since(begun).Seconds()
	return err
}
