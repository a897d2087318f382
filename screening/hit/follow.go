package hit

import (
	"context"

	"sarhad/record"
	"sarhad/record/access"
)

// followBatch is how many rows of the sequence are looked at in one step.
const followBatch = 500

// send lets instructions go to the booth whose time to undo is over.
func (r *Room) send(ctx context.Context) (err error) {
	defer record.Wrap(&err, "hit.send")
	var due []record.ID
	err = r.Store.View(ctx, func(tx record.Tx) error {
		page, err := tx.List(record.Query{Kinds: []string{KindInstruction}, States: []string{Waiting}, Full: true, Limit: record.MaxLimit})
		if err != nil {
			return err
		}
		due = due[:0]
		for _, row := range page.Rows {
			if in, ok := row.Record.Body.(*Instruction); ok && row.Record.Writer == r.Node && !r.Now().Before(in.Effective) {
				due = append(due, row.ID)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, id := range due {
		if err := r.sendOne(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

func (r *Room) sendOne(ctx context.Context, id record.ID) error {
	return r.Store.Update(ctx, func(tx record.Tx) error {
		rec, err := tx.Get(id)
		if err != nil {
			return err
		}
		in, ok := rec.Body.(*Instruction)
		if !ok || in.State != Waiting || rec.Masked != nil {
			return nil
		}
		in.State, rec.Handling.Place = Open, in.Passage.To
		in.Steps = append(in.Steps, Step{At: r.Now().UTC(), By: "machine:screening", Act: "send"})
		rec.Raw = nil
		if err := tx.Put(rec); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "send", Topic: access.Instruction, Subject: id, Count: 1})
	})
}

// hear carries what happened to instructions back to their hits, so that the analyst sees the outcome.
func (r *Room) hear(ctx context.Context) (err error) {
	defer record.Wrap(&err, "hit.hear")
	for {
		var from, to record.Seq
		var rows []record.Row
		err := r.Store.View(ctx, func(tx record.Tx) error {
			var err error
			if from, err = tx.Cursor(CursorBooth); err != nil {
				return err
			}
			rows, err = tx.Changes(from, followBatch)
			return err
		})
		if err != nil || len(rows) == 0 {
			return err
		}
		to = rows[len(rows)-1].Seq
		err = r.Store.Bulk(ctx, func(tx record.Tx) error {
			for _, row := range rows {
				if row.Kind != KindInstruction || row.Until != 0 {
					continue
				}
				if err := r.hearOne(tx, row.ID); err != nil {
					return err
				}
			}
			return tx.SetCursor(CursorBooth, to)
		})
		if err != nil {
			return err
		}
	}
}

// stateOfHit is what the state of an instruction makes of its hit.
var stateOfHit = map[string]string{Open: Instructed, Acknowledged: Acknowledged, Closed: Closed}

func (r *Room) hearOne(tx record.Tx, id record.ID) error {
	rec, err := tx.Get(id)
	if record.KindOf(err) == record.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	in, ok := rec.Body.(*Instruction)
	if !ok || stateOfHit[in.State] == "" {
		return nil
	}
	parent, err := tx.Get(in.Hit)
	if record.KindOf(err) == record.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	h, ok := parent.Body.(*Hit)
	if !ok || h.Instruction != id || h.State == stateOfHit[in.State] || parent.Writer != r.Node || parent.Masked != nil {
		return nil
	}
	h.State = stateOfHit[in.State]
	last := in.Steps[len(in.Steps)-1]
	h.Steps = append(h.Steps, last)
	parent.Raw = nil
	if err := tx.Put(parent); err != nil {
		return err
	}
	return tx.Audit(record.Act{Action: "follow", Topic: access.Hit, Subject: parent.ID, Count: 1})
}
