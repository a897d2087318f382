package request

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"sarhad/record"
	"sarhad/record/access"
	"sarhad/record/audit"
	"sarhad/record/vocab"
)

// Likeness makes the comparison of stored persons with one who asks: a score of 0..1 and the reasons. A score of 0 is
// nobody. It is engine/match in the program; this floor knows no method.
type Likeness func(asked record.Person) func(found record.Person) (float64, []Reason)

// Cleared gives the clearances of a person and how many were looked at; a clearance holds no name, so only who has the key
// can tell. It is hit.Room.ClearancesOf in the program.
type Cleared func(tx record.Reader, p record.Person) (ids []record.ID, looked int, err error)

// Standing is what the clocks of privacy say of a record.
type Standing struct {
	Masked bool      `json:"masked"`
	Held   bool      `json:"held"`
	Erased time.Time `json:"erased,omitzero"`
	Until  time.Time `json:"until,omitzero"` // will be erased then; zero = not decided
}

// Room holds what the methods need. Standing may be nil: then a record says only when it expires. Officers may be nil in tests
// that have none.
type Room struct {
	Store    record.Store
	Audit    audit.Asker
	Node     string
	Country  string // ICAO 9303 alpha-3
	Rules    []Rules
	Now      func() time.Time
	Likeness Likeness
	Cleared  Cleared
	Standing func(tx record.Tx, rec *record.Record) (Standing, error)
	Officers func(ctx context.Context) ([]string, error) // ids and names of officers, which no reply tells
}

// Bodies lists the bodies of this room for record.NewTypes.
func Bodies() []func() record.Body {
	return []func() record.Body{func() record.Body { return &Request{} }}
}

// rules of the country of a request.
func (r *Room) rules(q *Request) Rules { return RulesOf(r.Rules, q.Country) }

// New is what the counter takes down.
type New struct {
	Asks, Channel, Lang, Words string
	Received                   time.Time // zero = now
	Person                     Asked
}

// Create takes a request in, in the name of the actor's agency, and starts its clocks.
func (r *Room) Create(ctx context.Context, n New) (rec *record.Record, err error) {
	a, err := record.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	if err := access.Check(a, access.Decide, Topic); err != nil {
		return nil, err
	}
	now := r.Now().UTC()
	if n.Received.IsZero() {
		n.Received = now
	}
	if n.Received.After(now.Add(time.Minute)) {
		return nil, record.Errorf(record.Invalid, "the request cannot come in the future: look at the day it was received")
	}
	if err := n.Person.clean(); err != nil {
		return nil, err
	}
	if err := firstError(known(vocab.RequestKinds, n.Asks, "kind of request"), known(vocab.RequestChannels, n.Channel, "way it came")); err != nil {
		return nil, err
	}
	if n.Lang != "ru" {
		n.Lang = "en"
	}
	q := &Request{Asks: n.Asks, Channel: n.Channel, Lang: n.Lang, Country: r.Country, Person: n.Person, Words: strings.TrimSpace(n.Words),
		Received: n.Received.UTC().Truncate(time.Millisecond), State: Received, Assigned: a.User, AssignedName: a.Display}
	rules := r.rules(q)
	q.AckDue, q.Due = days(q.Received, rules.Acknowledge), days(q.Received, rules.Days)
	q.step(a, now, "create", "")
	err = r.Store.Update(ctx, func(tx record.Tx) error {
		var key string
		if q.Number, key, err = number(tx, a.Agency, q.Received); err != nil {
			return err
		}
		rec = &record.Record{Kind: Kind, Version: 1, Key: key, Writer: r.Node, Owner: record.Owner{Agency: a.Agency, Officer: a.User},
			Handling: record.Handling{Marking: record.MaxMarking, Topic: Topic}, Body: q, Occurred: q.Received,
			Basis: record.Basis{Purpose: "to answer what a person asks about themselves"}}
		if err := tx.Put(rec); err != nil {
			return err
		}
		return tx.Audit(act("create", rec.ID, q, 1))
	})
	return rec, err
}

// number gives the next free number of a day.
func number(tx record.Tx, agency string, at time.Time) (number, key string, err error) {
	for n := 1; ; n++ {
		number = fmt.Sprintf("%s-%d", at.Format("20060102"), n)
		key = agency + "/" + number
		_, err := tx.ByKey(Kind, key)
		if record.KindOf(err) == record.NotFound {
			return number, key, nil
		}
		if err != nil {
			return "", "", err
		}
	}
}

func act(action string, id record.ID, q *Request, count int) record.Act {
	return record.Act{Action: action, Topic: Topic, Subject: id, Count: count,
		Purpose: record.Purpose{Kind: "request", Ref: q.Number, Text: "request of a person"}}
}

func firstError(all ...error) error {
	for _, err := range all {
		if err != nil {
			return err
		}
	}
	return nil
}

func known(vocabulary, code, what string) error {
	if !slices.ContainsFunc(vocab.Labels(vocabulary), func(t vocab.Term) bool { return t.Code == code }) {
		return record.Errorf(record.Invalid, "choose the %s: %.40q is none of the vocabulary", what, code)
	}
	return nil
}

func need(text, what string) (string, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return "", record.Errorf(record.Invalid, "say %s in a few words", what)
	}
	return text, nil
}

// load reads a request.
func load(tx record.Reader, id record.ID) (*record.Record, *Request, error) {
	rec, err := tx.Get(id)
	if err != nil {
		return nil, nil, err
	}
	q, ok := rec.Body.(*Request)
	if !ok {
		return nil, nil, record.Errorf(record.NotFound, "there is no such request")
	}
	return rec, q, nil
}

// change is one act of an officer on one request. The action of the access table is Decide for who works on it, Oversee for
// who approves.
func (r *Room) change(ctx context.Context, id record.ID, right, action string, fn func(record.Tx, *record.Record, *Request, record.Actor) error) (rec *record.Record, err error) {
	a, err := record.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	err = r.Store.Update(ctx, func(tx record.Tx) error {
		var q *Request
		var err error
		if rec, q, err = load(tx, id); err != nil {
			return err
		}
		if !access.Allow(a, right, rec.Scope()) {
			return record.Errorf(record.Forbidden, "your role may not do this with a request: the agency's supervisor works on it, who approves is named by the rules of the country")
		}
		if err := fn(tx, rec, q, a); err != nil {
			return err
		}
		rec.Raw = nil
		if err := tx.Put(rec); err != nil {
			return err
		}
		return tx.Audit(act(action, rec.ID, q, 1))
	})
	return rec, err
}

// in refuses what does not fit the state.
func in(q *Request, states ...string) error {
	if slices.Contains(states, q.State) {
		return nil
	}
	return record.Errorf(record.Conflict, "request %s is %s; this is done when it is %s", q.Number, q.State, strings.Join(states, " or "))
}

// Assign gives the request to an officer of the agency.
func (r *Room) Assign(ctx context.Context, id record.ID, user, display string) (*record.Record, error) {
	return r.change(ctx, id, access.Decide, "assign", func(_ record.Tx, _ *record.Record, q *Request, a record.Actor) error {
		q.Assigned, q.AssignedName = user, display
		q.step(a, r.Now().UTC(), "assign", display)
		return nil
	})
}

// Acknowledge says that the person was told that the request has come.
func (r *Room) Acknowledge(ctx context.Context, id record.ID) (*record.Record, error) {
	return r.change(ctx, id, access.Decide, "acknowledge", func(_ record.Tx, _ *record.Record, q *Request, a record.Actor) error {
		if !q.Acknowledged.IsZero() {
			return record.Errorf(record.Conflict, "request %s was acknowledged on %s", q.Number, q.Acknowledged.Format(time.DateOnly))
		}
		q.Acknowledged = r.Now().UTC()
		q.step(a, q.Acknowledged, "acknowledge", "")
		return nil
	})
}

// Extend lengthens the clock, once, while it runs.
func (r *Room) Extend(ctx context.Context, id record.ID, reason string) (*record.Record, error) {
	return r.change(ctx, id, access.Decide, "extend", func(_ record.Tx, _ *record.Record, q *Request, a record.Actor) error {
		reason, err := need(reason, "why more time is needed; the person is told")
		now := r.Now().UTC()
		switch {
		case err != nil:
			return err
		case q.Extension != nil:
			return record.Errorf(record.Conflict, "request %s was extended on %s; it can be extended once", q.Number, q.Extension.At.Format(time.DateOnly))
		case !q.Open():
			return in(q, Received, Proven, Searching, Drafted)
		case now.After(q.Due):
			return record.Errorf(record.Conflict, "request %s was due on %s; it can be extended only before that", q.Number, q.Due.Format(time.DateOnly))
		}
		q.Extension = &Extension{At: now, By: a.User, Reason: reason, Was: q.Due}
		q.Due = days(q.Due, r.rules(q).Extend)
		q.step(a, now, "extend", reason)
		return nil
	})
}

// Prove says how the identity was proven; nothing is searched before.
func (r *Room) Prove(ctx context.Context, id record.ID, how, note string) (*record.Record, error) {
	return r.change(ctx, id, access.Decide, "prove", func(_ record.Tx, _ *record.Record, q *Request, a record.Actor) error {
		if err := firstError(in(q, Received), known(vocab.IdentityProofs, how, "proof of identity")); err != nil {
			return err
		}
		now := r.Now().UTC()
		q.Proof, q.State = &Proof{How: how, Note: strings.TrimSpace(note), By: a.User, At: now}, Proven
		q.step(a, now, "prove", "")
		return nil
	})
}

// Amend corrects who asks, before anything is drafted: another document shown, a name in another script.
func (r *Room) Amend(ctx context.Context, id record.ID, p Asked) (*record.Record, error) {
	if err := p.clean(); err != nil {
		return nil, err
	}
	return r.change(ctx, id, access.Decide, "revise", func(_ record.Tx, _ *record.Record, q *Request, a record.Actor) error {
		if err := in(q, Received, Proven, Searching); err != nil {
			return err
		}
		q.Person = p
		q.step(a, r.Now().UTC(), "amend", "")
		return nil
	})
}

// Escalate marks open requests that are late, a few at a time, so that oversight sees them. It is safe to repeat and is done
// by a machine; how many were marked is returned.
func (r *Room) Escalate(ctx context.Context) (n int, err error) {
	var late []record.ID
	now := r.Now().UTC()
	err = r.each(ctx, []string{Received, Proven, Searching, Drafted, Approved}, func(rec *record.Record, q *Request) {
		if q.Late(now) && q.Escalated.IsZero() {
			late = append(late, rec.ID)
		}
	})
	if err != nil {
		return 0, err
	}
	for _, id := range late {
		_, err := r.change(ctx, id, access.Decide, "escalate", func(_ record.Tx, _ *record.Record, q *Request, a record.Actor) error {
			q.Escalated = now
			q.step(a, now, "escalate", "")
			return nil
		})
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// each reads requests in some states, page by page.
func (r *Room) each(ctx context.Context, states []string, fn func(*record.Record, *Request)) error {
	query := record.Query{Kinds: []string{Kind}, States: states, Full: true, Oldest: true, Limit: record.MaxLimit}
	for {
		err := r.Store.View(ctx, func(tx record.Tx) error {
			page, err := tx.List(query)
			for _, row := range page.Rows {
				if q, ok := row.Record.Body.(*Request); ok {
					fn(row.Record, q)
				}
			}
			query.Cursor = page.Next
			return err
		})
		if err != nil || query.Cursor == "" {
			return err
		}
	}
}
