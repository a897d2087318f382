package hit

import (
	"context"
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

// Step does everything that is due: travellers, list changes, instructions to release, booth reports.
func (r *Room) Step(ctx context.Context) error {
	refresh := func(ctx context.Context) error { return r.listed.refresh(ctx, r.Store) }
	for _, step := range []func(context.Context) error{refresh, r.screen, r.retro, r.send, r.hear} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Listed is how many persons are on the lists now.
func (r *Room) Listed() int { return r.listed.size() }

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
	return n, r.Store.Bulk(ctx, func(tx record.Tx) error {
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

// raise stores what was found: new hits, or new evidence on known ones.
func (r *Room) raise(tx record.Tx, work []finding) error {
	raised := 0
	for _, f := range work {
		seen := map[string]bool{}
		for _, m := range f.matches {
			seen[keyOf(f.rec.ID, f.n, m.listing.List, m.listing.Entry)] = true
			done, err := r.raiseOne(tx, f, m)
			if err != nil {
				return err
			}
			raised += done
		}
		if f.rec.Revision.Number > 1 && !f.retro {
			done, err := r.reconsider(tx, f, seen)
			if err != nil {
				return err
			}
			raised += done
		}
	}
	if raised == 0 {
		return nil
	}
	return tx.Audit(record.Act{Action: "screen", Topic: access.Hit, Count: raised})
}

func (r *Room) raiseOne(tx record.Tx, f finding, m foundMatch) (int, error) {
	h := found(f.rec.ID, f.n, f.facts, f.passage, m.listedPerson, m.match)
	h.Retro = f.retro
	rec, err := tx.ByKey(KindHit, keyOf(f.rec.ID, f.n, m.listing.List, m.listing.Entry))
	switch {
	case record.KindOf(err) == record.NotFound:
		known, err := r.cleared(tx, h.Traveller, h.Entry)
		if err != nil || known {
			return 0, err
		}
		h.step(record.Machine("screening", ""), r.Now().UTC(), "found", "", "")
		return 1, tx.Put(r.envelope(h, f.rec.Owner.Agency))
	case err != nil:
		return 0, err
	}
	return r.renew(tx, rec, h)
}

// renew puts new evidence on a known hit. An undecided one goes on; a decided one is opened again, because the officer
// decided on other facts.
func (r *Room) renew(tx record.Tx, rec *record.Record, fresh *Hit) (int, error) {
	old, ok := rec.Body.(*Hit)
	if !ok || old.evidence() == fresh.evidence() && old.Passage.same(fresh.Passage) {
		return 0, nil
	}
	same := old.evidence() == fresh.evidence()
	next := *old
	next.Traveller, next.Passage, next.Entry, next.Score = fresh.Traveller, fresh.Passage, fresh.Entry, fresh.Score
	next.Reasons, next.Tokens = fresh.Reasons, fresh.Tokens
	machine := record.Machine("screening", "")
	switch {
	case same:
	case old.State == New || old.State == Claimed:
		next.step(machine, r.Now().UTC(), "evidence", "", "")
	case old.State == Dismissed:
		known, err := r.cleared(tx, next.Traveller, next.Entry)
		if err != nil {
			return 0, err
		}
		if !known {
			next.State, next.Claim, next.Decision = New, nil, nil
			next.step(machine, r.Now().UTC(), "reopen", "", "")
		}
	default: // confirmed and on its way: the booth must not lose it, the analyst sees the step
		next.step(machine, r.Now().UTC(), "evidence", "", "")
	}
	rec.Body, rec.Raw, rec.Occurred, rec.Handling.Place = &next, nil, next.Passage.Arrives, next.Passage.To
	return 1, tx.Put(rec)
}

// reconsider looks at the open hits of a corrected person that no longer come up: they stay, with the lower score, until
// an officer decides.
func (r *Room) reconsider(tx record.Tx, f finding, seen map[string]bool) (int, error) {
	page, err := tx.List(record.Query{Kinds: []string{KindHit}, States: OpenStates(), Parent: f.rec.ID, Full: true, Limit: record.MaxLimit})
	if err != nil {
		return 0, err
	}
	done := 0
	for _, row := range page.Rows {
		h, ok := row.Record.Body.(*Hit)
		if !ok || h.Person != f.n || seen[row.Key] {
			continue
		}
		q, l, ok := r.listed.get(h.Entry.Record)
		if !ok {
			continue
		}
		fresh := found(f.rec.ID, f.n, f.facts, f.passage, l, match.Compare(query("", f.facts), q))
		n, err := r.renew(tx, row.Record, fresh)
		if err != nil {
			return 0, err
		}
		done += n
	}
	return done, nil
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
