package sharing

import (
	"context"
	"errors"
	"slices"
	"time"

	"sarhad/record"
	"sarhad/record/access"
	"sarhad/record/proposal"
)

// Cursors of the room.
const (
	CursorChanges  = "sharing"          // in the change sequence
	CursorErasures = "sharing.erasures" // in the journal of erasures
)

// followRows is how many rows or lines one act looks at; most are about nothing that was shared.
const (
	followRows = 50
	// fastRows is how many where nothing was ever shared: only proposals are looked for.
	fastRows = 500
)

// Followed tells what a step did.
type Followed struct {
	Updated  int // editions that followed a revision
	Stale    int // shares that are out of date now
	Asked    int // holders asked to erase
	Carried  int // proposals and decisions sent
	Released int // that waited for an alarm
	Gone     int // erased since a hold ended
}

// Step follows the changes and the erasures up to their ends, and does what waited. It may be broken off and run again at any
// moment: each act moves its cursor.
func (r *Room) Step(ctx context.Context) (out Followed, err error) {
	defer record.Wrap(&err, "sharing.Step")
	all := r.followErasures(ctx, &out) // what is gone is asked back before anything new goes out
	all = errors.Join(all, r.followChanges(ctx, &out))
	n, err := r.drain(ctx)
	out.Released, all = n, errors.Join(all, err)
	n, err = r.retry(ctx)
	out.Gone = n
	return out, errors.Join(all, err)
}

// Every is how soon an update or an erasure is on its way.
const Every = 2 * time.Second

// Run steps until the context ends. failed hears of errors; the next step tries again.
func (r *Room) Run(ctx context.Context, failed func(error)) {
	tick := time.NewTicker(Every)
	defer tick.Stop()
	for {
		if _, err := r.Step(ctx); err != nil && ctx.Err() == nil {
			failed(err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (r *Room) followChanges(ctx context.Context, out *Followed) error {
	ctx = r.asMachine(ctx)
	for ctx.Err() == nil {
		var did Followed
		done := false
		err := r.Store.Bulk(ctx, func(tx record.Tx) error {
			did = Followed{}
			after, err := tx.Cursor(CursorChanges)
			if err != nil {
				return err
			}
			shared, err := tx.Count(record.Query{Kinds: []string{KindShare}}, 1)
			if err != nil {
				return err
			}
			many := followRows
			if shared == 0 {
				many = fastRows
			}
			rows, err := tx.Changes(after, many)
			if done = len(rows) == 0; err != nil || done {
				return err
			}
			v := r.view(tx)
			for _, row := range rows {
				if err := v.changed(row, shared > 0, &did); err != nil {
					return err
				}
			}
			return tx.SetCursor(CursorChanges, rows[len(rows)-1].Seq)
		})
		if err != nil || done {
			return err
		}
		out.Updated, out.Stale, out.Carried, out.Asked = out.Updated+did.Updated, out.Stale+did.Stale, out.Carried+did.Carried, out.Asked+did.Asked
	}
	return ctx.Err()
}

// changed does what one row of the change sequence asks for.
func (v *view) changed(row record.Row, shared bool, did *Followed) error {
	if !shared && row.Kind != proposal.KindProposal && row.Kind != proposal.KindAnswer {
		return nil
	}
	if row.Until != 0 || access.House(row.Scope.Topic) || row.Masked || row.Scope.Node != v.r.Node {
		return nil // superseded: the present one comes later
	}
	rec, err := v.tx.Get(row.ID)
	if record.KindOf(err) == record.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	sent, err := v.carry(rec)
	if err != nil {
		return err
	}
	if sent {
		did.Carried++
		return nil
	}
	shares, err := sharesOf(v.tx, row.ID)
	if err != nil {
		return err
	}
	for _, s := range shares {
		if err := v.update(rec, s, did); err != nil {
			return err
		}
	}
	return nil
}

// update brings one holder up to date, or says why it is not.
func (v *view) update(rec, row *record.Record, did *Followed) error {
	s := row.Body.(*Share)
	if s.State != Active || s.Revision >= rec.Revision.Number {
		return nil
	}
	t, err := v.tell(rec, s.Node)
	if err != nil {
		return err
	}
	switch {
	case slices.ContainsFunc(t.Stays, func(r Reason) bool { return r.Code == Refuge }):
		return v.unsafe(rec, row, s, did)
	case !t.Goes():
		return v.stale(row, s, t.Stays[0], did)
	case t.content == s.Content: // what was revised is nothing that the holder has
		if s.Revision == rec.Revision.Number {
			return nil
		}
		s.Revision, s.Stale = rec.Revision.Number, nil
		if err := put(v.tx, row); err != nil {
			return err
		}
		return v.tx.Audit(record.Act{Action: "share-same", Topic: access.Sharing, Subject: rec.ID, Count: 1})
	case !t.Updates:
		return v.stale(row, s, because(NoUpdates, ""), did)
	}
	if _, err := v.dispatch(rec, t, s, ""); err != nil {
		return err
	}
	did.Updated++
	return v.tx.Audit(record.Act{Action: "share-update", Topic: access.Sharing, Subject: rec.ID, Count: 1})
}

// unsafe takes back what must not be where it is: somebody in the record turned out to have fled that country. The holder is not
// told why, only that the record is gone for it.
func (v *view) unsafe(rec, row *record.Record, s *Share, did *Followed) error {
	why := because(Refuge, s.Node)
	if p, ok := v.r.party(s.Node); ok {
		why = because(Refuge, p.Country)
	}
	if err := v.r.ask(v.tx, row, s, Ask{What: AskErase}); err != nil {
		return err
	}
	did.Asked++
	if err := v.tx.Audit(record.Act{Action: "erase-along", Topic: access.Sharing, Subject: rec.ID, Count: 1, Reason: Refuge}); err != nil {
		return err
	}
	return v.stale(row, s, why, did)
}

// stale says on a share that it is out of date, and why.
func (v *view) stale(row *record.Record, s *Share, why Reason, did *Followed) error {
	if s.Stale != nil && *s.Stale == why {
		return nil
	}
	s.Stale, s.Changed = &why, v.now
	did.Stale++
	if err := put(v.tx, row); err != nil {
		return err
	}
	return v.tx.Audit(record.Act{Action: "share-stale", Topic: access.Sharing, Subject: s.Record, Count: 1, Reason: why.Code})
}

func (r *Room) followErasures(ctx context.Context, out *Followed) error {
	ctx = r.asMachine(ctx)
	after := int64(0)
	err := r.Store.View(ctx, func(tx record.Tx) error {
		at, err := tx.Cursor(CursorErasures)
		after = int64(at)
		return err
	})
	for err == nil && ctx.Err() == nil {
		done, asked := false, 0
		err = r.Store.Bulk(ctx, func(tx record.Tx) error {
			asked = 0
			lines, err := tx.Erasures(after, followRows)
			if done = len(lines) == 0; err != nil || done {
				return err
			}
			v := r.view(tx)
			for _, l := range lines {
				n, err := v.erased(l)
				if asked += n; err != nil {
					return err
				}
			}
			after = lines[len(lines)-1].Number
			head, err := tx.Head()
			if err != nil {
				return err
			}
			return tx.SetCursor(CursorErasures, min(record.Seq(after), head)) // a cursor stands within the sequence; twice is once here
		})
		if out.Asked += asked; done {
			break
		}
	}
	return err
}

// erased asks every holder of what is gone here to erase it, and tells the owner of what we had of it.
func (v *view) erased(l record.Erasure) (asked int, err error) {
	shares, err := sharesOf(v.tx, l.ID)
	if err != nil {
		return 0, err
	}
	for _, rec := range shares {
		s := rec.Body.(*Share)
		if s.Asked != nil || s.State == GoneState {
			continue
		}
		if err := v.r.ask(v.tx, rec, s, Ask{What: l.What}); err != nil {
			return asked, err
		}
		asked++
		if err := v.tx.Audit(record.Act{Action: "erase-along", Topic: access.Sharing, Subject: l.ID, Count: 1}); err != nil {
			return asked, err
		}
	}
	if l.What != record.ErasureErase {
		return asked, nil
	}
	q := record.Query{Kinds: []string{KindHolding}, Thing: record.Thing{Type: record.ThingRecord, Key: l.ID.String()}, Role: roleReceived}
	err = each(v.tx, q, func(rec *record.Record) error {
		h, ok := rec.Body.(*Holding)
		if !ok || h.State == Gone {
			return nil
		}
		own := h.Wanted == nil
		h.State, h.Alarm, h.Files, h.Purpose = Gone, record.ID{}, nil, ""
		if err := v.answer(rec, h, Answer{What: SaysErased, Own: own}); err != nil {
			return err
		}
		return v.tx.Audit(record.Act{Action: "erase-told", Topic: access.Sharing, Subject: l.ID, Count: 1})
	})
	return asked, err
}
