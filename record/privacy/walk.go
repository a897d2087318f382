package privacy

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"

	"sarhad/record"
	"sarhad/record/access"
)

// Taken is one record of a walk: what goes with a record, or stays because it is held.
type Taken struct {
	ID    record.ID   `json:"id"`
	Kind  string      `json:"kind"`
	State string      `json:"state,omitempty"`
	Under []record.ID `json:"under,omitempty"` // parents
	Held  *Held       `json:"held,omitempty"`

	masked bool
}

// MaxWalk is how many records one walk takes along; more is no act of one person but a mistake.
const MaxWalk = 20_000

// walk lists a record and everything under it, parents first. What is held is listed and not gone through.
func (c *Clocks) walk(tx record.Tx, id record.ID) (out []Taken, err error) {
	rec, err := tx.Get(id)
	if err != nil {
		return nil, err
	}
	h := c.holdsOf(tx)
	held, err := h.of(id)
	if err != nil {
		return nil, err
	}
	out = []Taken{{ID: id, Kind: rec.Kind, State: rec.IndexOf().State, Held: held, masked: rec.Masked != nil}}
	seen := map[record.ID]bool{id: true}
	for i := 0; i < len(out); i++ {
		if out[i].Held != nil {
			continue
		}
		for q := (record.Query{Parent: out[i].ID, Limit: record.MaxLimit}); ; {
			page, err := tx.List(q)
			if err != nil {
				return nil, err
			}
			for _, row := range page.Rows {
				if seen[row.ID] {
					continue
				}
				seen[row.ID] = true
				held, err := h.of(row.ID)
				if err != nil {
					return nil, err
				}
				out = append(out, Taken{ID: row.ID, Kind: row.Kind, State: row.State, Under: []record.ID{out[i].ID}, Held: held, masked: row.Masked})
			}
			if q.Cursor = page.Next; q.Cursor == "" {
				break
			}
		}
		if len(out) > MaxWalk {
			return nil, record.Errorf(record.Invalid, "more than %d records lie under this one: erase its children first", MaxWalk)
		}
	}
	return out, nil
}

// spared gives the ids of a walk that stay.
func spared(all []Taken) (out []record.ID) {
	for _, t := range all {
		if t.Held != nil {
			out = append(out, t.ID)
		}
	}
	return out
}

// Preview tells what erasing a record takes along and what stays, before anything is deleted. The actor must be able to
// read the record; of what lies under it only id, kind and state are told.
func (c *Clocks) Preview(ctx context.Context, id record.ID) (out []Taken, err error) {
	defer record.Wrap(&err, "privacy.Preview(%s)", id)
	_, all, err := c.elevated(ctx)
	if err != nil {
		return nil, err
	}
	if err := c.Store.View(ctx, func(tx record.Tx) error { _, err := tx.Get(id); return err }); err != nil {
		return nil, err
	}
	err = c.Store.View(all, func(tx record.Tx) error {
		out, err = c.walk(tx, id)
		return err
	})
	return out, err
}

// Erase erases a record and everything under it on the word of a person. The reason stays in the log with the act, so it
// must not name the person the record is about.
func (c *Clocks) Erase(ctx context.Context, id record.ID, reason string, sig *record.Signature) (out []Taken, err error) {
	defer record.Wrap(&err, "privacy.Erase(%s)", id)
	a, all, err := c.elevated(ctx)
	if err != nil {
		return nil, err
	}
	if err := c.whole(ctx); err != nil {
		return nil, err
	}
	if err := c.Store.View(ctx, func(tx record.Tx) error {
		rec, err := tx.Get(id)
		if err != nil {
			return err
		}
		scope := c.envelope(KindHold).Scope()
		scope.Agency = rec.Owner.Agency
		if !access.Allow(a, access.Change, scope) {
			return record.Errorf(record.Forbidden, "only a supervisor of %s erases its records", rec.Owner.Agency)
		}
		if strings.TrimSpace(reason) == "" {
			return record.Errorf(record.Invalid, "say on what ground the record is erased; do not name the person")
		}
		return unnamed(rec, reason)
	}); err != nil {
		return nil, err
	}
	if out, err = c.Preview(ctx, id); err != nil {
		return nil, err
	}
	if out[0].Held != nil {
		return nil, out[0].Held.refuse(id)
	}
	if err := c.stripNaming(ctx, []Due{{ID: id}}, &Report{}); err != nil {
		return nil, err
	}
	err = c.Store.Update(all, func(tx record.Tx) error {
		if err := unchanged(tx, id, sig); err != nil {
			return err
		}
		if out, err = c.walk(tx, id); err != nil {
			return err
		}
		if out[0].Held != nil {
			return out[0].Held.refuse(id)
		}
		gone, err := tx.Erase(id, spared(out)...)
		if err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "erase", Topic: access.Privacy, Subject: id, Count: 1 + len(gone), IDs: record.HashIDs(append(gone, id)),
			Reason: "person", Signature: sig, Purpose: record.Purpose{Kind: "free", Text: reason}})
	})
	if err != nil {
		return nil, err
	}
	return out, c.follow(all)
}

// unchanged refuses an act that was signed of another revision than the present one, or of none.
func unchanged(tx record.Tx, id record.ID, sig *record.Signature) error {
	if sig == nil {
		return nil
	}
	rec, err := tx.Get(id)
	if err == nil && rec.Hash() != sig.Revision {
		err = record.Errorf(record.Conflict, "the record was changed while you signed; look at it again and sign anew")
	}
	return err
}

// unnamed refuses a reason that holds a name or a document number of the record: the act outlives it.
func unnamed(rec *record.Record, reason string) error {
	said := words(reason)
	ix := rec.IndexOf()
	var names []string
	for _, p := range ix.Persons {
		for _, n := range p.Names {
			names = append(names, n.Full, n.Surname, n.Given, n.Patronymic)
		}
		for _, d := range p.Documents {
			names = append(names, d.Number)
		}
	}
	for _, n := range append(names, ix.Title) {
		for _, w := range words(n) {
			if len([]rune(w)) > 2 && slices.Contains(said, w) {
				return record.Errorf(record.Invalid, "the reason names what is to be forgotten: the act stays in the log, so say it without names and numbers")
			}
		}
	}
	return nil
}

func words(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
}

// elevated gives the actor, and a context in which the same person acts through this package on records they may not read
// themselves: children go whatever their scope. Only after the actor's right was asked.
func (c *Clocks) elevated(ctx context.Context) (record.Actor, context.Context, error) {
	a, err := record.ActorFrom(ctx)
	if err != nil {
		return a, nil, err
	}
	all := a
	all.Machine = true
	return a, record.WithActor(ctx, all), nil
}

// minor reports whether a record names somebody who may have been younger than the given age at a time. Of a birth date
// that is known in part the latest possible day counts: a child is protected where nobody is sure.
func minor(ix *record.Index, adult int, at time.Time) bool {
	for _, p := range ix.Persons {
		for _, b := range p.Born {
			born, ok := latest(b)
			if ok && at.Before(born.AddDate(adult, 0, 0)) {
				return true
			}
		}
	}
	return false
}

// latest gives the latest day of a birth date, ISO 8601 or EDTF level 1 as record.Person has it.
func latest(s string) (time.Time, bool) {
	if i := strings.LastIndexByte(s, '/'); i >= 0 {
		s = s[i+1:]
	}
	s = strings.TrimRight(s, "~?%")
	for layout, months := range map[string]int{time.DateOnly: 0, "2006-01": 1, "2006": 12} {
		if len(s) == len(layout) {
			t, err := time.Parse(layout, s)
			if months > 0 {
				t = t.AddDate(0, months, -1)
			}
			return t, err == nil
		}
	}
	return time.Time{}, false
}
