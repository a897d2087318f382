package privacy

import (
	"context"
	"slices"
	"strings"
	"time"

	"sarhad/record"
	"sarhad/record/access"
)

// KindHold is the kind of a hold.
const KindHold = "privacy.hold"

// ThingRecord is the type of a thing that is a record of this node; its key is the id.
const ThingRecord = "record"

// RoleHeld is the role in which a hold mentions its targets.
const RoleHeld = "held"

// States of a hold.
const (
	Active = "active"
	Ended  = "ended"
)

// Hold keeps records, and everything under them, from being erased or masked. Version 1.
type Hold struct {
	Targets []record.ID `json:"targets" class:"plain"`
	Basis   string      `json:"basis" class:"plain"` // legal basis: the order of a court, a case
	Until   time.Time   `json:"until" class:"plain"`
	By      string      `json:"by" class:"plain"` // user id
	Display string      `json:"display" class:"plain"`
	At      time.Time   `json:"at" class:"plain"`
	Reason  string      `json:"reason,omitempty" class:"text"`
	State   string      `json:"state" class:"plain"`
	EndedBy string      `json:"ended_by,omitempty" class:"plain"`
	EndedAt time.Time   `json:"ended_at,omitzero" class:"plain"`
}

// Kind implements record.Body.
func (*Hold) Kind() string { return KindHold }

// Version implements record.Body.
func (*Hold) Version() int { return 1 }

// Validate implements record.Body.
func (h *Hold) Validate() error {
	switch {
	case len(h.Targets) == 0 || slices.Contains(h.Targets, record.ID{}):
		return record.Errorf(record.Invalid, "say which records are held")
	case len(h.Targets) > MaxTargets:
		return record.Errorf(record.Invalid, "one hold names at most %d records; hold their parent, or make more holds", MaxTargets)
	case strings.TrimSpace(h.Basis) == "":
		return record.Errorf(record.Invalid, "a hold needs its legal basis, such as the number of the order")
	case h.Until.IsZero():
		return record.Errorf(record.Invalid, "a hold needs an end; it can be made again")
	}
	return nil
}

// MaxTargets is how many records one hold names.
const MaxTargets = 200

// Index implements record.Body. The reason is free text and not to be found by.
func (h *Hold) Index(ix *record.Index) {
	ix.Title, ix.State = h.Basis, h.State
	for _, id := range h.Targets {
		ix.Mention(ThingRecord, id.String(), RoleHeld, id.String())
	}
}

// Held answers for a record that stays.
type Held struct {
	Hold  record.ID `json:"hold"`
	Basis string    `json:"basis"`
	Until time.Time `json:"until"`
}

func (h Held) refuse(id record.ID) error {
	return record.Errorf(record.Conflict, "record %s is held: %s, until %s; end the hold first if it no longer applies", id, h.Basis, h.Until.Format(time.DateOnly))
}

// Holding is a hold as a list shows it.
type Holding struct {
	ID record.ID `json:"id"`
	Hold
}

// AddHold keeps records from the clocks. The actor must be able to read each of them and be allowed to change privacy in
// the agency that owns them.
func (c *Clocks) AddHold(ctx context.Context, h Hold) (out Holding, err error) {
	defer record.Wrap(&err, "privacy.AddHold")
	a, err := record.ActorFrom(ctx)
	if err != nil {
		return out, err
	}
	now := c.Now().UTC().Truncate(time.Millisecond)
	h.By, h.Display, h.At, h.State, h.Until = a.User, a.Display, now, Active, h.Until.UTC()
	h.EndedBy, h.EndedAt = "", time.Time{}
	if err := h.Validate(); err != nil {
		return out, err
	}
	if !h.Until.After(now) {
		return out, record.Errorf(record.Invalid, "the hold would end before it begins: %s is over", h.Until.Format(time.DateOnly))
	}
	err = c.Store.Update(ctx, func(tx record.Tx) error {
		rec := c.envelope(KindHold)
		for i, id := range h.Targets {
			target, err := tx.Get(id)
			if err != nil {
				return err
			}
			if i == 0 {
				rec.Owner.Agency = target.Owner.Agency
			}
			if target.Owner.Agency != rec.Owner.Agency {
				return record.Errorf(record.Invalid, "the records belong to different agencies: make a hold for each")
			}
		}
		rec.Owner.Officer, rec.Occurred = a.User, now
		rec.Origin.Parents = slices.Clone(h.Targets)
		if !access.Allow(a, access.Change, rec.Scope()) {
			return record.Errorf(record.Forbidden, "only a supervisor of %s holds its records", rec.Owner.Agency)
		}
		rec.Body = &h
		if err := tx.Put(rec); err != nil {
			return err
		}
		out = Holding{rec.ID, h}
		return tx.Audit(record.Act{Action: "hold", Topic: access.Privacy, Subject: rec.ID, Count: len(h.Targets), IDs: hashIDs(h.Targets)})
	})
	return out, err
}

// EndHold ends a hold. What should have gone while it was held goes with the next run of the clocks.
func (c *Clocks) EndHold(ctx context.Context, id record.ID) (out Holding, err error) {
	defer record.Wrap(&err, "privacy.EndHold(%s)", id)
	a, err := record.ActorFrom(ctx)
	if err != nil {
		return out, err
	}
	err = c.Store.Update(ctx, func(tx record.Tx) error {
		rec, err := tx.Get(id)
		if err != nil {
			return err
		}
		h, ok := rec.Body.(*Hold)
		switch {
		case !ok:
			return record.Errorf(record.NotFound, "there is no such hold")
		case !access.Allow(a, access.Change, rec.Scope()):
			return record.Errorf(record.Forbidden, "only a supervisor of %s ends this hold", rec.Owner.Agency)
		case h.State != Active:
			return record.Errorf(record.Conflict, "this hold ended on %s", h.EndedAt.Format(time.DateOnly))
		}
		if err := c.endHold(tx, rec, h, a.User); err != nil {
			return err
		}
		out = Holding{id, *h}
		return tx.Audit(record.Act{Action: "hold-end", Topic: access.Privacy, Subject: id, Count: len(h.Targets), IDs: hashIDs(h.Targets)})
	})
	return out, err
}

func (c *Clocks) endHold(tx record.Tx, rec *record.Record, h *Hold, by string) error {
	h.State, h.EndedBy, h.EndedAt = Ended, by, c.Now().UTC().Truncate(time.Millisecond)
	rec.Raw = nil
	return tx.Put(rec)
}

// Holds lists holds in a state the actor may read, newest first; "" = all.
func (c *Clocks) Holds(ctx context.Context, state, cursor string, limit int) (out []Holding, next string, err error) {
	defer record.Wrap(&err, "privacy.Holds")
	q := record.Query{Kinds: []string{KindHold}, Full: true, Cursor: cursor, Limit: limit}
	if state != "" {
		q.States = []string{state}
	}
	err = c.Store.View(ctx, func(tx record.Tx) error {
		page, err := tx.List(q)
		out, next = []Holding{}, page.Next
		for _, row := range page.Rows {
			if h, ok := row.Record.Body.(*Hold); ok {
				out = append(out, Holding{row.ID, *h})
			}
		}
		return err
	})
	return out, next, err
}

// holds looks holds up within one transaction.
type holds struct {
	tx   record.Tx
	now  time.Time
	seen map[record.ID]*Held
}

func (c *Clocks) holdsOf(tx record.Tx) *holds {
	return &holds{tx, c.Now(), map[record.ID]*Held{}}
}

// of gives the hold of a record: its own or that of something it lies under; nil when there is none.
func (h *holds) of(id record.ID) (*Held, error) {
	if held, ok := h.seen[id]; ok {
		return held, nil
	}
	h.seen[id] = nil // a circle of parents ends here
	held, err := h.own(id)
	if err != nil || held != nil {
		h.seen[id] = held
		return held, err
	}
	rec, err := h.tx.Get(id)
	if record.KindOf(err) == record.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, p := range rec.Origin.Parents {
		if held, err := h.of(p); err != nil || held != nil {
			h.seen[id] = held
			return held, err
		}
	}
	return nil, nil
}

func (h *holds) own(id record.ID) (*Held, error) {
	page, err := h.tx.List(record.Query{Thing: record.Thing{Type: ThingRecord, Key: id.String()}, Role: RoleHeld, States: []string{Active}, Full: true, Limit: record.MaxLimit})
	if err != nil {
		return nil, err
	}
	var last *Held
	for _, row := range page.Rows {
		hold, ok := row.Record.Body.(*Hold)
		if ok && hold.Until.After(h.now) && (last == nil || hold.Until.After(last.Until)) {
			last = &Held{row.ID, hold.Basis, hold.Until}
		}
	}
	return last, nil
}
