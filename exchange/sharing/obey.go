package sharing

import (
	"context"

	"sarhad/record"
	"sarhad/record/access"
	"sarhad/record/privacy/export"
)

// takeAsk is the owner's wish that we erase what we have of its record.
func (r *Room) takeAsk(_ context.Context, tx record.Tx, a record.Arrival) error {
	var says askSays
	if _, err := unframe(a, &says); err != nil {
		return err
	}
	p, err := r.fromParty(a)
	if err != nil {
		return err
	}
	if says.Record.IsZero() {
		return record.Errorf(record.Invalid, "%s does not say which record is to be erased", a.From)
	}
	have, err := tx.Get(says.Record)
	if err != nil && record.KindOf(err) != record.NotFound {
		return err
	}
	if err == nil && have.Writer != a.From {
		return record.Errorf(record.Forbidden, "record %s is written by %s: %s has nothing to erase in it", says.Record, have.Writer, a.From)
	}
	v := r.view(tx)
	row, h, err := v.holding(says.Record, a.From)
	if err != nil {
		return err
	}
	if h == nil { // it came before what it takes back: remembered, so that nothing comes after it
		h = &Holding{Record: says.Record, From: a.From, State: Gone}
		agency := ""
		if own, _ := r.party(r.Node); len(own.Agencies) > 0 {
			agency = own.Agencies[0]
		}
		row = r.house(agency, h, v.now)
		row.Key = keyOf(says.Record, a.From)
		if have != nil { // stored by another way, such as a file
			h.State, h.Of, h.Topic, h.Owner = Kept, have.Kind, have.Handling.Topic, have.Owner.Agency
		}
	}
	if h.Wanted == nil {
		h.Wanted = &Wanted{says.What, short(says.Reason), a.Arrived}
	}
	if h.State == Kept {
		alarm, err := v.flood(p, row.Owner.Agency)
		if err != nil {
			return err
		}
		if alarm != nil {
			h.Alarm, h.State = alarm.ID, Waiting
			if err := v.wait(row, h); err != nil {
				return err
			}
			return tx.Audit(record.Act{Action: "erase-wait", Topic: access.Sharing, Subject: says.Record, Count: 1})
		}
	}
	return v.obey(row, h)
}

// wait tells the owner that a person here decides first.
func (v *view) wait(row *record.Record, h *Holding) error {
	row.Occurred = v.now
	return v.answer(row, h, Answer{What: SaysWaiting})
}

// obey erases what the owner wants erased, unless something keeps it, and answers. Waiting or not is decided before.
func (v *view) obey(row *record.Record, h *Holding) error {
	ans, act := Answer{What: SaysErased}, record.Act{Action: "erase", Topic: access.Sharing, Subject: h.Record, Reason: "owner"}
	have, err := v.tx.Get(h.Record)
	switch {
	case record.KindOf(err) == record.NotFound:
		act.Action = "erase-gone"
	case err != nil:
		return err
	case have.Writer != h.From: // handed over since
		return record.Errorf(record.Forbidden, "record %s is written by %s now", h.Record, have.Writer)
	default:
		out, err := export.OutsideOf(v.tx, h.Record)
		if err != nil {
			return err
		}
		gone, err := v.r.Clocks.Forget(v.tx, h.Record)
		if err != nil {
			return err
		}
		ans.Prints, ans.Files, ans.Kept = out.Prints, out.Files, len(gone.Kept)
		if gone.Held != nil {
			ans.What, ans.Basis, ans.Until, ans.Kept = SaysHeld, gone.Held.Basis, gone.Held.Until, 0
			act.Action = "erase-held"
		} else {
			act.Count, act.IDs = len(gone.Gone), hashIDs(gone.Gone)
		}
	}
	h.State = Gone
	if ans.What == SaysHeld {
		h.State = Held
	}
	row.Occurred = v.now
	if h.State == Gone {
		h.Files, h.Purpose, h.Wanted.Reason = nil, "", ""
	}
	if err := v.answer(row, h, ans); err != nil {
		return err
	}
	return v.tx.Audit(act)
}

// answer tells the owner and remembers what was told.
func (v *view) answer(row *record.Record, h *Holding, ans Answer) error {
	ans.At = v.now
	d := &record.Dispatch{To: h.From, Kind: MsgAnswer, Content: frame(MsgAnswer, answerSays{h.Record, ans}, nil)}
	if err := v.r.send(v.tx, d); err != nil {
		return err
	}
	h.Said, row.Body = &ans, h
	return put(v.tx, row)
}

// retry erases what a hold kept when the hold is over. It gives how many are gone.
func (r *Room) retry(ctx context.Context) (n int, err error) {
	ctx = r.asMachine(ctx)
	var held []record.ID
	err = r.Store.View(ctx, func(tx record.Tx) error {
		held = nil
		return each(tx, record.Query{Kinds: []string{KindHolding}, States: []string{Held}}, func(rec *record.Record) error {
			held = append(held, rec.ID)
			return nil
		})
	})
	for _, id := range held {
		if err != nil {
			return n, err
		}
		err = r.Store.Bulk(ctx, func(tx record.Tx) error {
			rec, err := tx.Get(id)
			if err != nil {
				return err
			}
			h, ok := rec.Body.(*Holding)
			if !ok || h.State != Held {
				return nil
			}
			still, err := r.Clocks.HeldNow(tx, h.Record)
			if err != nil || still {
				return err
			}
			n++
			return r.view(tx).obey(rec, h)
		})
	}
	return n, err
}
