package sharing

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"sarhad/record"
	"sarhad/record/access"
)

// KindAlarm is the kind of an alarm.
const KindAlarm = "sharing.alarm"

// States of an alarm.
const (
	AlarmOpen    = "open"
	AlarmAllowed = "allowed"
	AlarmRefused = "refused"
)

// Alarm is that a partner wants more erased at once than is believed without a person. Version 1.
type Alarm struct {
	From    string    `json:"from" class:"plain"` // node
	State   string    `json:"state" class:"plain"`
	At      time.Time `json:"at" class:"plain"`    // UTC
	Hour    int       `json:"hour" class:"plain"`  // wanted within the hour when it was raised
	Share   int       `json:"share" class:"plain"` // percent of what we held from it; 0 = few of many
	Decided *Step     `json:"decided,omitempty" class:"plain"`
	Reason  string    `json:"reason,omitempty" class:"text"`
	Until   time.Time `json:"until,omitzero" class:"plain"` // of allowed: no new alarm before
}

// Kind implements record.Body.
func (*Alarm) Kind() string { return KindAlarm }

// Version implements record.Body.
func (*Alarm) Version() int { return 1 }

// House implements record.HouseBody.
func (*Alarm) House() {}

// Validate implements record.Body.
func (a *Alarm) Validate() error {
	if a.From == "" || a.State == "" {
		return record.Errorf(record.Invalid, "an alarm names the node it is about")
	}
	return nil
}

// Index implements record.Body.
func (a *Alarm) Index(ix *record.Index) {
	ix.Title, ix.State = fmt.Sprintf("%s: %d", a.From, a.Hour), a.State
	ix.Mention(thingNode, a.From, roleFrom, a.From)
}

// Raised is an alarm with the id of its record and how much waits for it.
type Raised struct {
	ID record.ID
	Alarm
	Waiting int
}

// maxHeld is up to how many holdings a share is computed: with more, the number in the hour decides first.
const maxHeld = FloodHour*100/FloodShare + 1

// flood gives the alarm that a wish to erase waits for; nil when it is believed. A new one is for the supervisors of an agency.
func (v *view) flood(p Party, agency string) (*Raised, error) {
	node := record.Thing{Type: thingNode, Key: p.Node}
	var last *Raised
	err := each(v.tx, record.Query{Kinds: []string{KindAlarm}, Thing: node, Role: roleFrom}, func(rec *record.Record) error {
		if a, ok := rec.Body.(*Alarm); ok && last == nil {
			last = &Raised{ID: rec.ID, Alarm: *a}
		}
		return nil
	})
	switch {
	case err != nil:
		return nil, err
	case last != nil && last.State == AlarmOpen:
		return last, nil
	case last != nil && last.State == AlarmAllowed && v.now.Before(last.Until):
		return nil, nil
	}
	asked, err := v.tx.Count(record.Query{Kinds: []string{KindHolding}, States: []string{Gone, Held, Waiting}, Thing: node, Role: roleAsked, From: v.now.Add(-time.Hour)}, FloodHour+1)
	if err != nil {
		return nil, err
	}
	asked++ // this one
	kept, err := v.tx.Count(record.Query{Kinds: []string{KindHolding}, States: []string{Kept}, Thing: node, Role: roleFrom}, maxHeld)
	if err != nil {
		return nil, err
	}
	share := asked * 100 / max(1, kept+asked-1)
	if asked <= FloodHour && (asked <= FloodFloor || share <= FloodShare) {
		return nil, nil
	}
	a := &Alarm{From: p.Node, State: AlarmOpen, At: v.now, Hour: asked, Share: share}
	rec := v.r.house(agency, a, v.now)
	if err := v.tx.Put(rec); err != nil {
		return nil, err
	}
	if err := v.tx.Audit(record.Act{Action: "erase-alarm", Topic: access.Sharing, Subject: rec.ID, Count: asked}); err != nil {
		return nil, err
	}
	return &Raised{ID: rec.ID, Alarm: *a}, nil
}

// Alarms gives a page of alarms, newest first; "" = every state.
func (r *Room) Alarms(ctx context.Context, state, cursor string, limit int) (out []Raised, next string, err error) {
	defer record.Wrap(&err, "sharing.Alarms")
	q := record.Query{Kinds: []string{KindAlarm}, Full: true, Cursor: cursor, Limit: limit}
	if state != "" {
		q.States = []string{state}
	}
	err = r.Store.View(ctx, func(tx record.Tx) error {
		page, err := tx.List(q)
		out, next = []Raised{}, page.Next
		for _, row := range page.Rows {
			a, ok := row.Record.Body.(*Alarm)
			if !ok {
				continue
			}
			n, err := tx.Count(record.Query{Kinds: []string{KindHolding}, States: []string{Waiting}, Thing: record.Thing{Type: thingNode, Key: a.From}, Role: roleAsked}, record.MaxLimit)
			if err != nil {
				return err
			}
			if a.State != AlarmOpen {
				n = 0
			}
			out = append(out, Raised{row.ID, *a, n})
		}
		return err
	})
	return out, next, err
}

// DecideAlarm is a person's word about a flood: what waits is erased after all, or stays and its owner is told why.
func (r *Room) DecideAlarm(ctx context.Context, id record.ID, goOn bool, reason string) (out Raised, err error) {
	defer record.Wrap(&err, "sharing.DecideAlarm(%s)", id)
	a, all, err := r.elevated(ctx)
	if err != nil {
		return out, err
	}
	reason = strings.TrimSpace(reason)
	err = r.Store.Update(all, func(tx record.Tx) error {
		rec, err := tx.Get(id)
		if err != nil {
			return err
		}
		al, ok := rec.Body.(*Alarm)
		switch {
		case !ok || !access.Allow(a, access.Read, rec.Scope()):
			return record.Errorf(record.NotFound, "there is no such alarm")
		case !access.Allow(a, access.Decide, rec.Scope()):
			return record.Errorf(record.Forbidden, "only a supervisor decides whether a partner may erase this much")
		case al.State != AlarmOpen:
			return record.Errorf(record.Conflict, "this alarm is decided already")
		}
		if err := words(reason, "what you found out, for example from whom by telephone"); err != nil {
			return err
		}
		s := r.step(a)
		al.Decided, al.Reason, al.State = &s, reason, AlarmRefused
		if goOn {
			al.State, al.Until = AlarmAllowed, s.At.Add(FloodPass)
		}
		if err := put(tx, rec); err != nil {
			return err
		}
		out = Raised{ID: id, Alarm: *al}
		return tx.Audit(record.Act{Action: "erase-alarm-decide", Topic: access.Sharing, Subject: id, Verdict: al.State})
	})
	if err != nil {
		return out, err
	}
	_, err = r.drain(ctx)
	return out, err
}

// drainRecords is how many waiting records one act takes, so that it stays below 50 ms with their children.
const drainRecords = 5

// drain does what was decided with what waits. It may be broken off and goes on with the next step.
func (r *Room) drain(ctx context.Context) (n int, err error) {
	ctx = r.asMachine(ctx)
	for err == nil {
		took := 0
		err = r.Store.Bulk(ctx, func(tx record.Tx) error {
			took = 0
			alarms := map[record.ID]*Alarm{}
			v := r.view(tx)
			err := each(tx, record.Query{Kinds: []string{KindHolding}, States: []string{Waiting}, Oldest: true}, func(row *record.Record) error {
				h, ok := row.Body.(*Holding)
				if !ok {
					return nil
				}
				al := alarms[h.Alarm]
				if al == nil {
					rec, err := tx.Get(h.Alarm)
					if err != nil {
						return err
					}
					al, _ = rec.Body.(*Alarm)
					alarms[h.Alarm] = al
				}
				if al == nil || al.State == AlarmOpen {
					return nil
				}
				if took == drainRecords {
					return errEnough
				}
				took++
				return v.released(row, h, al)
			})
			if errors.Is(err, errEnough) {
				return nil
			}
			return err
		})
		if n += took; took == 0 {
			break
		}
	}
	return n, err
}

// errEnough ends a walk over pages.
var errEnough = errors.New("enough for one act")

// released does with one waiting record what was decided.
func (v *view) released(row *record.Record, h *Holding, al *Alarm) error {
	h.Alarm = record.ID{}
	if al.State == AlarmAllowed {
		return v.obey(row, h)
	}
	h.State, h.Wanted = Kept, nil
	if err := v.answer(row, h, Answer{What: SaysRefused, Reason: al.Reason}); err != nil {
		return err
	}
	return v.tx.Audit(record.Act{Action: "erase-refuse", Topic: access.Sharing, Subject: h.Record, Count: 1})
}
