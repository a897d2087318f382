package hit

import (
	"context"
	"errors"
	"time"

	"sarhad/engine/match"
	"sarhad/record"
	"sarhad/record/access"
)

// Cursors of the machine parts of this room in the change sequence.
const (
	CursorScreening = "screening"       // persons up to here were held against the lists
	CursorRetro     = "screening.retro" // list changes up to here were held against stored travellers
	CursorBooth     = "screening.booth" // booth reports up to here stand on their hits
)

// Sizes of one step. A write holds the store for well under 50 ms.
const (
	screenBatch = 100
	retroBatch  = 200
	// retroBack is how far back travellers are held against a changed list: who arrived within a day may still be met.
	retroBack = 24 * time.Hour
	// idle is how long Run sleeps when nobody wakes it: waiting instructions must leave in time.
	idle = time.Second
)

// Run screens until ctx ends. wake is signalled when the change sequence grew; a missed signal costs at most a second.
// Errors are logged and the step is tried again.
func (r *Room) Run(ctx context.Context, wake <-chan struct{}) {
	ctx = record.WithActor(ctx, record.Machine("screening", ""))
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-wake:
		case <-timer.C:
		}
		if err := r.Step(ctx); err != nil && ctx.Err() == nil {
			r.Log.Error("screening: step failed, will be tried again", "err", err)
		}
		timer.Reset(idle)
	}
}

// Step does everything that is due: travellers, list changes, instructions to release, booth reports. Each part runs
// whatever became of the others: a record that cannot be screened keeps no instruction from its booth.
func (r *Room) Step(ctx context.Context) error {
	var all error
	refresh := func(ctx context.Context) error { return r.listed.refresh(ctx, r.Store) }
	for _, step := range []func(context.Context) error{r.send, r.hear, refresh, r.screen, r.retro, r.send} {
		if err := step(ctx); err != nil {
			all = errors.Join(all, err)
		}
	}
	return all
}

// screen holds the persons of new revisions against the lists until it has caught up.
func (r *Room) screen(ctx context.Context) error {
	for {
		n, err := r.screenBatch(ctx)
		if err != nil || n == 0 {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

func (r *Room) screenBatch(ctx context.Context) (n int, err error) {
	defer record.Wrap(&err, "hit.screen")
	var from, to record.Seq
	var work []finding
	err = r.Store.View(ctx, func(tx record.Tx) error {
		var err error
		if from, err = tx.Cursor(CursorScreening); err != nil {
			return err
		}
		rows, err := tx.Changes(from, screenBatch)
		if err != nil {
			return err
		}
		n, work = len(rows), nil
		for _, row := range rows {
			to = row.Seq
			if row.Until != 0 || row.State == "" && row.Title == "" {
				continue // superseded, or nobody is named
			}
			rec, err := tx.Get(row.ID)
			if record.KindOf(err) == record.NotFound {
				continue // erased meanwhile
			}
			if err != nil {
				return err
			}
			work = append(work, r.examine(rec, nil)...)
		}
		return nil
	})
	if err != nil || n == 0 {
		return 0, err
	}
	err = r.store(ctx, from, to, work)
	if err == nil || len(work) == 0 || record.KindOf(err) == record.Unavailable || record.KindOf(err) == record.Conflict || ctx.Err() != nil {
		return n, err
	}
	return n, r.storeEach(ctx, from, to, work, err)
}

// store writes what a batch gave and moves the cursor, in one act.
func (r *Room) store(ctx context.Context, from, to record.Seq, work []finding) error {
	return r.Store.Bulk(ctx, func(tx record.Tx) error {
		at, err := tx.Cursor(CursorScreening)
		if err != nil {
			return err
		}
		if at != from {
			return record.Errorf(record.Conflict, "two programs screen the same store: stop one of them")
		}
		if err := r.raise(tx, work); err != nil {
			return err
		}
		return tx.SetCursor(CursorScreening, to)
	})
}

// storeEach writes a batch that failed as a whole record by record. What still fails is set aside with an act that names
// it, so that nobody behind it waits: oversight and the log say which record was not screened.
func (r *Room) storeEach(ctx context.Context, from, to record.Seq, work []finding, cause error) error {
	r.Log.Error("screening: a batch failed, its records are tried one by one", "err", cause)
	for _, f := range work {
		err := r.Store.Bulk(ctx, func(tx record.Tx) error { return r.raise(tx, []finding{f}) })
		if err == nil {
			continue
		}
		if ctx.Err() != nil {
			return err
		}
		r.Log.Error("screening: a record was set aside", "record", f.rec.ID, "err", err)
		aside := func(tx record.Tx) error {
			return tx.Audit(record.Act{Action: "not-screened", Topic: access.Hit, Subject: f.rec.ID, Count: 1})
		}
		if err := r.Store.Update(ctx, aside); err != nil {
			return err
		}
	}
	return r.store(ctx, from, to, nil)
}

// finding is what examining one record gave: the person, and what matched.
type finding struct {
	rec     *record.Record
	n       int
	facts   Facts
	passage Passage
	matches []foundMatch
	retro   bool
}

// examine holds every person of a record against the lists, or against only some entries. Persons that matched nobody
// are given too, without matches: an open hit of theirs may rest on facts that were corrected.
func (r *Room) examine(rec *record.Record, only *match.Index) []finding {
	if rec.Masked != nil {
		return nil // nobody is named any more
	}
	ix := rec.IndexOf()
	var out []finding
	for n, p := range ix.Persons {
		if p.Listing != nil {
			continue
		}
		f := finding{rec: rec, n: n, facts: factsOf(p), passage: passageOf(ix, r.Home), retro: only != nil}
		q := query("", f.facts)
		if only == nil {
			f.matches = r.listed.search(q, r.Alert, r.Now())
		} else if hits := only.Search(q, match.Options{Threshold: r.Alert, Limit: 1}); len(hits) > 0 {
			f.matches = r.listed.search(q, r.Alert, r.Now())
		}
		if len(f.matches) > 0 || rec.Revision.Number > 1 {
			out = append(out, f)
		}
	}
	return out
}

// retro holds changed entries against travellers already stored. It is safe to repeat: hits have keys.
func (r *Room) retro(ctx context.Context) (err error) {
	defer record.Wrap(&err, "hit.retro")
	var done record.Seq
	err = r.Store.View(ctx, func(tx record.Tx) error {
		var err error
		done, err = tx.Cursor(CursorRetro)
		return err
	})
	head := r.listed.upTo()
	if err != nil || head <= done {
		return err
	}
	if due := r.listed.due(done); len(due) > 0 {
		if err := r.retroAll(ctx, match.New(due)); err != nil {
			return err
		}
	}
	if err := r.revisitAll(ctx, done); err != nil {
		return err
	}
	if err := r.Store.Bulk(ctx, func(tx record.Tx) error { return tx.SetCursor(CursorRetro, head) }); err != nil {
		return err
	}
	r.listed.settled(head)
	return nil
}

func (r *Room) retroAll(ctx context.Context, only *match.Index) error {
	q := record.Query{From: r.Now().Add(-retroBack), Oldest: true, Full: true, Limit: retroBatch}
	for {
		var work []finding
		var next string
		err := r.Store.View(ctx, func(tx record.Tx) error {
			page, err := tx.List(q)
			if err != nil {
				return err
			}
			next, work = page.Next, nil
			for _, row := range page.Rows {
				for _, f := range r.examine(row.Record, only) {
					if len(f.matches) > 0 {
						work = append(work, f)
					}
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		if len(work) > 0 {
			if err := r.Store.Bulk(ctx, func(tx record.Tx) error { return r.raise(tx, work) }); err != nil {
				return err
			}
		}
		if next == "" {
			return nil
		}
		q.Cursor = next
	}
}

// revisitAll looks again at the hits of entries that were changed or removed.
func (r *Room) revisitAll(ctx context.Context, done record.Seq) error {
	for _, t := range r.listed.changedSince(done) {
		known := 0
		err := r.Store.View(ctx, func(tx record.Tx) error {
			var err error
			known, err = tx.Count(record.Query{Kinds: []string{KindHit}, Thing: t.thing, Role: roleListed}, 1)
			return err
		})
		if err != nil {
			return err
		}
		if known == 0 {
			continue
		}
		err = r.Store.Bulk(ctx, func(tx record.Tx) error {
			n, err := r.revisit(tx, t.entry, t.thing)
			if err != nil || n == 0 {
				return err
			}
			return tx.Audit(record.Act{Action: "screen", Topic: access.Hit, Count: n})
		})
		if err != nil {
			return err
		}
	}
	return nil
}
