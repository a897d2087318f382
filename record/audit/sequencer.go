package audit

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"sarhad/record"
)

// Sequencer is the one writer of the tree.
type Sequencer struct {
	Table  Table
	Signer note.Signer
	Log    *slog.Logger
	Now    func() time.Time

	Every      time.Duration // how often new rows are taken in; 0 = DefaultEvery
	Checkpoint time.Duration // how often a checkpoint is signed, if the tree grew; 0 = DefaultCheckpoint
	Batch      int           // rows taken in at once; 0 = DefaultBatch

	taking sync.Mutex // one TakeIn at a time: Run's, or of who needs the leaves now
}

const (
	// DefaultEvery keeps the promise "within a second" with room for a slow disk.
	DefaultEvery = 300 * time.Millisecond
	// DefaultCheckpoint is short enough that little can be rewritten unseen, long enough to stay readable.
	DefaultCheckpoint = time.Minute
	// DefaultBatch keeps one transaction far below 50 ms.
	DefaultBatch = 256
)

// Run takes rows in and signs until ctx ends. Errors are logged and tried again: the rows are safe in the table. Close ends the log in
// order.
func (s *Sequencer) Run(ctx context.Context) {
	every := s.Every
	if every == 0 {
		every = DefaultEvery
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	var last time.Time // signed at once: what a killed node left unsigned waits no longer
	for {
		if err := s.TakeIn(ctx); err != nil && ctx.Err() == nil {
			s.Log.Error("audit: rows could not be taken into the log", "err", err)
		}
		period := s.Checkpoint
		if period == 0 {
			period = DefaultCheckpoint
		}
		if s.Now().Sub(last) >= period {
			last = s.Now()
			if err := s.Sign(ctx); err != nil && ctx.Err() == nil {
				s.Log.Error("audit: no checkpoint could be signed", "err", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Close takes in what waits and signs it, so that a node that was stopped in order has nothing unproven.
func (s *Sequencer) Close(ctx context.Context) error {
	if err := s.TakeIn(ctx); err != nil {
		return err
	}
	return s.Sign(ctx)
}

// TakeIn adds every waiting row to the tree.
func (s *Sequencer) TakeIn(ctx context.Context) (err error) {
	defer record.Wrap(&err, "audit.TakeIn")
	s.taking.Lock()
	defer s.taking.Unlock()
	batch := s.Batch
	if batch == 0 {
		batch = DefaultBatch
	}
	for {
		tree, err := s.Table.AuditTree(ctx)
		if err != nil || tree.Size == tree.Rows {
			return err
		}
		rows, err := s.Table.AuditRows(ctx, tree.Size, batch)
		if err != nil || len(rows) == 0 {
			return err
		}
		if err := s.grow(ctx, tree.Size, rows); err != nil {
			return err
		}
	}
}

func (s *Sequencer) grow(ctx context.Context, size int64, rows []Row) error {
	fresh := map[int64]tlog.Hash{}
	next := tlog.StoredHashCount(size)
	reader := tlog.HashReaderFunc(func(positions []int64) ([]tlog.Hash, error) {
		return readThrough(ctx, s.Table, fresh, positions)
	})
	var leaves, hashes []tlog.Hash
	for i, row := range rows {
		n := size + int64(i)
		if row.Number != n+1 {
			return fmt.Errorf("act %d is missing: the next one in the table is %d; run 'sarhad audit verify'", n+1, row.Number)
		}
		leaf, err := LeafOf(row.Act, row.Salt)
		if err != nil {
			return err
		}
		stored, err := tlog.StoredHashesForRecordHash(n, leaf, reader)
		if err != nil {
			return err
		}
		for _, h := range stored {
			fresh[next] = h
			next++
		}
		leaves = append(leaves, leaf)
		hashes = append(hashes, stored...)
	}
	return s.Table.GrowTree(ctx, size, leaves, hashes)
}

func readThrough(ctx context.Context, table Table, fresh map[int64]tlog.Hash, positions []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(positions))
	var ask []int64
	var at []int
	for i, p := range positions {
		if h, ok := fresh[p]; ok {
			out[i] = h
			continue
		}
		ask, at = append(ask, p), append(at, i)
	}
	if len(ask) == 0 {
		return out, nil
	}
	got, err := table.TreeHashes(ctx, ask)
	if err != nil {
		return nil, err
	}
	for i, h := range got {
		out[at[i]] = h
	}
	return out, nil
}

// Sign signs a checkpoint of the tree as it stands, unless the last one says the same.
func (s *Sequencer) Sign(ctx context.Context) (err error) {
	defer record.Wrap(&err, "audit.Sign")
	tree, err := s.Table.AuditTree(ctx)
	if err != nil || tree.Size == 0 {
		return err
	}
	root, err := Root(ctx, s.Table, tree.Size)
	if err != nil {
		return err
	}
	opened, err := s.Table.CountActs(ctx, ActUnmask, tree.Size)
	if err != nil {
		return err
	}
	c := Checkpoint{Origin: s.Signer.Name(), Incarnation: tree.Incarnation, Size: tree.Size, Root: root, At: s.Now().UTC(), Unmaskings: opened}
	old, err := s.Table.LastCheckpoint(ctx)
	if err != nil {
		return err
	}
	if last, err := ReadCheckpoint(old.Text); err == nil && last.Size == c.Size && last.Incarnation == c.Incarnation {
		return nil
	}
	text, err := note.Sign(&note.Note{Text: c.Text()}, s.Signer)
	if err != nil {
		return err
	}
	return s.Table.AddCheckpoint(ctx, text)
}

// Root computes the root of the first size leaves from the stored hashes.
func Root(ctx context.Context, table Table, size int64) (tlog.Hash, error) {
	return tlog.TreeHash(size, tlog.HashReaderFunc(func(positions []int64) ([]tlog.Hash, error) {
		return table.TreeHashes(ctx, positions)
	}))
}
