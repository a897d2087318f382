package hit

import (
	"context"
	"time"

	"sarhad/record"
	"sarhad/record/access"
)

// Acknowledge says that a booth officer has read an instruction and will see to it. The first one counts.
func (r *Room) Acknowledge(ctx context.Context, id record.ID) (*record.Record, error) {
	return r.carry(ctx, id, "acknowledge", func(in *Instruction, a record.Actor, now time.Time, _ *record.Act) error {
		switch in.State {
		case Open:
		case Acknowledged:
			return record.Errorf(record.Conflict, "%s acknowledged this at %s UTC", in.Taken.Display, in.Taken.At.Format("15:04"))
		default:
			return notAtBooth(in)
		}
		in.State, in.Taken = Acknowledged, &Claim{a.User, a.Display, now}
		in.Steps = append(in.Steps, Step{At: now, By: a.User, Display: a.Display, Act: "acknowledge"})
		return nil
	})
}

// Report records what came of an instruction and closes it.
func (r *Room) Report(ctx context.Context, id record.ID, code, note string) (*record.Record, error) {
	return r.carry(ctx, id, "outcome", func(in *Instruction, a record.Actor, now time.Time, act *record.Act) error {
		if code == "" {
			return record.Errorf(record.Invalid, "choose what came of it")
		}
		if in.State != Acknowledged {
			return notAtBooth(in)
		}
		in.State, in.Outcome = Closed, &Outcome{Code: code, Note: note, By: a.User, Display: a.Display, At: now}
		in.Steps = append(in.Steps, Step{At: now, By: a.User, Display: a.Display, Act: "outcome", Reason: code, Note: note})
		act.Verdict = code
		return nil
	})
}

func notAtBooth(in *Instruction) error {
	switch in.State {
	case Waiting:
		return record.Errorf(record.Conflict, "this instruction is not final yet; it comes in a few seconds")
	case Withdrawn:
		return record.Errorf(record.Conflict, "this instruction was withdrawn; do nothing on it")
	case Closed:
		return record.Errorf(record.Conflict, "%s recorded the outcome at %s UTC", in.Outcome.Display, in.Outcome.At.Format("15:04"))
	}
	return record.Errorf(record.Conflict, "acknowledge the instruction first, so that others see somebody is on it")
}

// carry is one booth officer's act on one instruction.
func (r *Room) carry(ctx context.Context, id record.ID, action string,
	fn func(*Instruction, record.Actor, time.Time, *record.Act) error) (rec *record.Record, err error) {
	a, err := record.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	err = r.Store.Update(ctx, func(tx record.Tx) error {
		var err error
		if rec, err = tx.Get(id); err != nil {
			return err
		}
		in, ok := rec.Body.(*Instruction)
		if !ok {
			return record.Errorf(record.NotFound, "there is no such instruction")
		}
		if !access.Allow(a, access.Carry, rec.Scope()) {
			return record.Errorf(record.Forbidden, "only officers at %s carry out this instruction", in.Passage.To)
		}
		act := record.Act{Action: action, Topic: access.Instruction, Subject: rec.ID, Count: 1,
			Purpose: record.Purpose{Kind: "duty", Ref: in.Passage.To, Text: "instruction at the booth"}}
		if err := fn(in, a, r.Now().UTC(), &act); err != nil {
			return err
		}
		rec.Raw = nil
		if err := tx.Put(rec); err != nil {
			return err
		}
		return tx.Audit(act)
	})
	if err != nil {
		return nil, err
	}
	return rec, nil
}
