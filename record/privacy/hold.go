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
	if h.State == Active {
		ix.Hold(h.Basis, h.Until, h.Targets...)
	}
}

// Held answers for a record that stays.
type Held struct {
	Hold  record.ID `json:"hold"` // the record that says so, of whatever kind
	Basis string    `json:"basis"`
	Until time.Time `json:"until,omitzero"` // zero = until somebody takes it back
}

func (h Held) refuse(id record.ID) error {
	until := "it is taken back"
	if !h.Until.IsZero() {
		until = h.Until.Format(time.DateOnly)
	}
	return record.Errorf(record.Conflict, "record %s is held: %s, until %s; end the hold first if it no longer applies", id, h.Basis, until)
}

// outlasts reports whether a hold ends later than another, nil = none.
func (h *Held) outlasts(other *Held) bool {
	return other == nil || !other.Until.IsZero() && (h.Until.IsZero() || h.Until.After(other.Until))
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
		return tx.Audit(record.Act{Action: "hold", Topic: access.Privacy, Subject: rec.ID, Count: len(h.Targets), IDs: record.HashIDs(h.Targets)})
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
		return tx.Audit(record.Act{Action: "hold-end", Topic: access.Privacy, Subject: id, Count: len(h.Targets), IDs: record.HashIDs(h.Targets)})
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
	node string
	now  time.Time
	seen map[record.ID]*Held
}

func (c *Clocks) holdsOf(tx record.Tx) *holds {
	return &holds{tx, c.Node, c.Now(), map[record.ID]*Held{}}
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

// own gives the hold that lasts longest of those that name a record, in the words that a body of any kind says it with. What
// another node wrote holds itself and nothing else: nobody abroad decides how long something is kept here.
func (h *holds) own(id record.ID) (last *Held, err error) {
	q := record.Query{Thing: record.Thing{Type: record.ThingRecord, Key: id.String()}, Role: record.RoleHeld, Full: true, Limit: record.MaxLimit}
	for {
		page, err := h.tx.List(q)
		if err != nil {
			return nil, err
		}
		for _, row := range page.Rows {
			basis, until, ok := row.Record.IndexOf().Held(id, h.now)
			foreign := row.Record.Writer != "" && row.Record.Writer != h.node && row.ID != id
			if held := (&Held{row.ID, basis, until}); ok && !foreign && held.outlasts(last) {
				last = held
			}
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return last, nil
		}
	}
}
