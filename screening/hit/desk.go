package hit

import (
	"context"
	"log/slog"
	"time"

	"sarhad/record"
	"sarhad/record/access"
)

// UndoFor is how long a decision can be taken back, and how long an instruction waits before it leaves.
const UndoFor = 10 * time.Second

// undoGrace forgives the way from the screen to here.
const undoGrace = 2 * time.Second

// Room holds what the methods need. All fields but Home and Alert are required.
type Room struct {
	Store        record.Store
	Node         string // this node: writer of what the room makes
	ClearanceKey []byte // 32 bytes, secret of the node
	Now          func() time.Time
	Log          *slog.Logger
	Home         func(place string) bool // is a place in this country? nil = every place is
	Alert        float64                 // least score of a hit; 0 = match.DefaultThreshold

	listed listedSet
}

// Bodies lists the bodies of this room for record.NewTypes.
func Bodies() []func() record.Body {
	return []func() record.Body{
		func() record.Body { return &Hit{} },
		func() record.Body { return &Clearance{} },
		func() record.Body { return &Instruction{} },
	}
}

// Claim takes a hit for the actor; nobody else works on it then. Claiming what one holds is no error. A supervisor may
// take over what another officer holds.
func (r *Room) Claim(ctx context.Context, id record.ID) (*record.Record, error) {
	return r.change(ctx, id, "claim", func(tx record.Tx, rec *record.Record, h *Hit, a record.Actor, act *record.Act) error {
		now := r.Now().UTC()
		switch {
		case h.Claim != nil && h.State == Claimed && h.Claim.By == a.User:
			return errUnchanged
		case h.State == Claimed && !access.Allow(a, access.Oversee, rec.Scope()):
			return heldBy(h)
		case h.State == Claimed:
			act.Action = "take-over"
		case h.State != New:
			return decided(h)
		}
		h.State, h.Claim = Claimed, &Claim{a.User, a.Display, now}
		h.step(a, now, act.Action, "", "")
		return nil
	})
}

// Release gives a claimed hit back to the queue.
func (r *Room) Release(ctx context.Context, id record.ID) (*record.Record, error) {
	return r.change(ctx, id, "release", func(_ record.Tx, rec *record.Record, h *Hit, a record.Actor, _ *record.Act) error {
		if h.State != Claimed {
			return decided(h)
		}
		if h.Claim.By != a.User && !access.Allow(a, access.Oversee, rec.Scope()) {
			return heldBy(h)
		}
		h.State, h.Claim = New, nil
		h.step(a, r.Now().UTC(), "release", "", "")
		return nil
	})
}

// Confirm says that traveller and entry are the same person, and instructs the place of arrival. The actor must hold the
// hit. The instruction leaves after UndoFor. Where no booth of this country can be told, there is no instruction, and the
// note says who was told instead. A hit whose entry is no longer what the officer saw is a Conflict.
func (r *Room) Confirm(ctx context.Context, id record.ID, reason, note string, o Order) (*record.Record, error) {
	return r.change(ctx, id, "decide", func(tx record.Tx, rec *record.Record, h *Hit, a record.Actor, act *record.Act) error {
		if o.Signature != nil && o.Signature.Revision != rec.Hash() {
			return record.Errorf(record.Conflict, "the hit was changed while you signed; look at it again and sign anew")
		}
		act.Signature = o.Signature
		if err := r.decide(h, a, act, Confirmed, reason, note); err != nil {
			return err
		}
		if err := r.standing(tx, h); err != nil {
			return err
		}
		if done, err := r.untold(rec, h, o, note); done || err != nil {
			return err
		}
		in := r.instruct(rec, h, a, o)
		if err := tx.Put(in); err != nil {
			return err
		}
		h.Instruction = in.ID
		return nil
	})
}

// standing checks that the entry still says what the officer compared with.
func (r *Room) standing(tx record.Reader, h *Hit) error {
	if h.Entry.Restricted {
		return nil // the owner answers for it; the contact was called
	}
	rec, err := tx.Get(h.Entry.Record)
	if record.KindOf(err) == record.NotFound {
		return record.Errorf(record.Conflict, "the list entry is no longer here; dismiss with the reason that the listing ended")
	}
	if err != nil {
		return err
	}
	for _, p := range rec.IndexOf().Persons {
		switch l := p.Listing; {
		case l == nil:
		case !l.Active, !l.ValidUntil.IsZero() && !r.Now().Before(l.ValidUntil):
			return record.Errorf(record.Conflict, "this person is no longer listed; dismiss with the reason that the listing ended")
		case l.Fingerprint != h.Entry.Fingerprint:
			return record.Errorf(record.Conflict, "the list entry was changed just now; look at the comparison again, it is being renewed")
		}
	}
	return nil
}

// untold reports that no booth is to be told: the order is empty and the traveller gets off where no booth of this country
// reads. Then the note must say who was told.
func (r *Room) untold(rec *record.Record, h *Hit, o Order, note string) (bool, error) {
	here := r.Tells(rec, h)
	if kept(rec) && o.Action != "" {
		return false, record.Errorf(record.Invalid, "the entry is TLP:RED or released to few, so no booth may read of it; confirm without an instruction and note whom you told")
	}
	switch {
	case here && o.Action == "":
		return false, record.Errorf(record.Invalid, "choose what the booth is to do: second line, discreet check, detain, refuse entry or information")
	case here:
		return false, nil
	case o.Action != "":
		return false, record.Errorf(record.Invalid, "no booth of this country reads instructions for %s; confirm without an instruction and note whom you told", placeOr(h.Passage.To))
	case note == "":
		return false, record.Errorf(record.Invalid, "no booth of this country can be told; note whom you told instead")
	}
	return true, nil
}

// Tells reports whether an instruction that follows from a hit can be read by a booth: one of this country, and not of an
// entry that may not leave its agency.
func (r *Room) Tells(rec *record.Record, h *Hit) bool {
	return r.Reaches(h.Passage.To) && !kept(rec)
}

// kept reports whether what a hit rests on may not be shown to a booth, which belongs to another agency.
func kept(rec *record.Record) bool {
	return rec.Handling.TLP == "red" || len(rec.Handling.Releasable) > 0
}

// Reaches reports whether a booth of this country reads instructions for a place.
func (r *Room) Reaches(place string) bool {
	return place != "" && (r.Home == nil || r.Home(place))
}

func placeOr(place string) string {
	if place == "" {
		return "an unknown place"
	}
	return place
}

// Dismiss says that they are two people. The traveller is cleared of this entry as long as it does not change.
func (r *Room) Dismiss(ctx context.Context, id record.ID, reason, note string) (*record.Record, error) {
	return r.change(ctx, id, "decide", func(tx record.Tx, rec *record.Record, h *Hit, a record.Actor, act *record.Act) error {
		if err := r.decide(h, a, act, Dismissed, reason, note); err != nil {
			return err
		}
		var err error
		h.Decision.Cleared, err = r.clear(tx, rec, h, a, reason)
		return err
	})
}

func (r *Room) decide(h *Hit, a record.Actor, act *record.Act, verdict, reason, note string) error {
	switch {
	case reason == "":
		return record.Errorf(record.Invalid, "say why: a decision about a person needs a reason")
	case h.State == New:
		return record.Errorf(record.Conflict, "claim the hit first, so that nobody else decides it at the same time")
	case h.State != Claimed:
		return decided(h)
	case h.Claim.By != a.User:
		return heldBy(h)
	}
	now := r.Now().UTC()
	h.State = verdict
	h.Decision = &Decision{By: a.User, Display: a.Display, At: now, Verdict: verdict, Reason: reason, Note: note, Took: now.Sub(h.Claim.At)}
	act.Verdict, act.Reason, act.Took = verdict, reason, h.Decision.Took
	word := map[string]string{Confirmed: "confirm", Dismissed: "dismiss"}[verdict]
	h.step(a, now, word, reason, note)
	return nil
}

// Undo takes the actor's own decision back within UndoFor: a clearance is erased, a waiting instruction withdrawn.
func (r *Room) Undo(ctx context.Context, id record.ID) (*record.Record, error) {
	return r.change(ctx, id, "undo", func(tx record.Tx, rec *record.Record, h *Hit, a record.Actor, act *record.Act) error {
		d := h.Decision
		now := r.Now().UTC()
		switch {
		case d == nil || h.State == New || h.State == Claimed:
			return record.Errorf(record.Conflict, "there is no decision to take back")
		case d.By != a.User:
			return record.Errorf(record.Forbidden, "%s decided this; only who decided can take it back", d.Display)
		case now.Sub(d.At) > UndoFor+undoGrace:
			return record.Errorf(record.Conflict, "a decision can be taken back for %d seconds; this one stands. Tell your supervisor if it is wrong", int(UndoFor.Seconds()))
		}
		if err := unclear(tx, d.Cleared); err != nil {
			return err
		}
		if !h.Instruction.IsZero() {
			if err := r.withdraw(tx, h.Instruction, a, now); err != nil {
				return err
			}
		}
		h.State, h.Decision, h.Instruction = Claimed, nil, record.ID{}
		act.Verdict = d.Verdict
		h.step(a, now, "undo", "", "")
		return nil
	})
}

func (r *Room) withdraw(tx record.Tx, id record.ID, a record.Actor, now time.Time) error {
	rec, err := tx.Get(id)
	if err != nil {
		return err
	}
	in, ok := rec.Body.(*Instruction)
	if !ok || in.State != Waiting {
		return record.Errorf(record.Conflict, "the instruction has already left for %s; call them", in.Passage.To)
	}
	in.State = Withdrawn
	in.Steps = append(in.Steps, Step{At: now, By: a.User, Display: a.Display, Act: "withdraw"})
	rec.Raw = nil
	return tx.Put(rec)
}

// errUnchanged tells change that there is nothing to store.
var errUnchanged = record.Errorf(record.Conflict, "nothing changed")

// change is one officer's act on one hit.
func (r *Room) change(ctx context.Context, id record.ID, action string,
	fn func(record.Tx, *record.Record, *Hit, record.Actor, *record.Act) error) (rec *record.Record, err error) {
	a, err := record.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	err = r.Store.Update(ctx, func(tx record.Tx) error {
		var err error
		if rec, err = tx.Get(id); err != nil {
			return err
		}
		h, ok := rec.Body.(*Hit)
		if !ok {
			return record.Errorf(record.NotFound, "there is no such hit")
		}
		if !access.Allow(a, access.Decide, rec.Scope()) {
			return record.Errorf(record.Forbidden, "your role may look at hits, not decide them")
		}
		act := record.Act{Action: action, Topic: access.Hit, Subject: rec.ID, Count: 1,
			Purpose: record.Purpose{Kind: "hit", Ref: rec.ID.String(), Text: "possible match"}}
		if err := fn(tx, rec, h, a, &act); err != nil {
			if err == error(errUnchanged) {
				return nil
			}
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

func heldBy(h *Hit) error {
	return record.Errorf(record.Conflict, "%s has worked on this hit since %s UTC; ask them, or a supervisor to take it over",
		h.Claim.Display, h.Claim.At.Format("15:04"))
}

func decided(h *Hit) error {
	if h.Decision == nil {
		return record.Errorf(record.Conflict, "nobody holds this hit; claim it first")
	}
	return record.Errorf(record.Conflict, "%s decided this hit at %s UTC (%s)", h.Decision.Display, h.Decision.At.Format("15:04"), h.Decision.Verdict)
}
