package sharing

import (
	"context"
	"slices"
	"strings"
	"time"

	"sarhad/record"
	"sarhad/record/access"
)

// ActAgree is the action of the second person's signed word to an agreement.
const ActAgree = "agreement-agree"

// Entry is an agreement with the id of its record.
type Entry struct {
	ID record.ID
	Agreement
}

// Agreements gives a page of the register, newest first; "" = every state.
func (r *Room) Agreements(ctx context.Context, state, cursor string, limit int) (out []Entry, next string, err error) {
	defer record.Wrap(&err, "sharing.Agreements")
	q := record.Query{Kinds: []string{KindAgreement}, Full: true, Cursor: cursor, Limit: limit}
	if state != "" {
		q.States = []string{state}
	}
	err = r.Store.View(ctx, func(tx record.Tx) error {
		page, err := tx.List(q)
		out, next = []Entry{}, page.Next
		for _, row := range page.Rows {
			if g, ok := row.Record.Body.(*Agreement); ok {
				out = append(out, Entry{row.ID, *g})
			}
		}
		return err
	})
	return out, next, err
}

// Draft writes an agreement down. The actor drafts for the own agency; From, Side, State and Drafted are filled here.
func (r *Room) Draft(ctx context.Context, g Agreement) (out Entry, err error) {
	defer record.Wrap(&err, "sharing.Draft")
	a, all, err := r.elevated(ctx)
	if err != nil {
		return out, err
	}
	if err := access.Check(a, access.Change, access.Sharing); err != nil {
		return out, err
	}
	g.Side, g.Origin, g.From, g.State, g.Drafted, g.Agreed, g.Ended, g.Reason = Ours, "", a.Agency, Draft, r.step(a), nil, nil, ""
	g.Until = g.Until.UTC().Truncate(time.Millisecond)
	g.Legal = Text{strings.TrimSpace(g.Legal.En), strings.TrimSpace(g.Legal.Ru)}
	if err := g.Validate(); err != nil {
		return out, err
	}
	p, ok := r.party(g.Node)
	switch {
	case !ok || p.Hub || g.Node == r.Node:
		return out, record.Errorf(record.Invalid, "%q is no other node of the network", g.Node)
	case !lives(p, g.To):
		return out, record.Errorf(record.Invalid, "%s has no officers at %s", g.To, g.Node)
	case !g.Until.After(r.now()):
		return out, record.Errorf(record.Invalid, "the agreement would end before it begins: %s is over", g.Until.Format(time.DateOnly))
	}
	err = r.Store.Update(all, func(tx record.Tx) error {
		body := g
		rec := r.house(a.Agency, &body, g.Drafted.At)
		rec.Owner.Officer = a.User
		if err := tx.Put(rec); err != nil {
			return err
		}
		out = Entry{rec.ID, g}
		return tx.Audit(record.Act{Action: "agreement-draft", Topic: access.Sharing, Subject: rec.ID})
	})
	return out, err
}

// Agree puts an agreement in force on the word of a second person, who did not draft it. sig is of ActAgree about the
// agreement. The partner gets a copy without a word about who.
func (r *Room) Agree(ctx context.Context, id record.ID, sig *record.Signature) (out Entry, err error) {
	defer record.Wrap(&err, "sharing.Agree(%s)", id)
	return r.change(ctx, id, access.Decide, func(a record.Actor, rec *record.Record, g *Agreement) (record.Act, error) {
		switch {
		case g.State != Draft:
			return record.Act{}, record.Errorf(record.Conflict, "this agreement is %s already", g.State)
		case g.Drafted.User == a.User:
			return record.Act{}, record.Errorf(record.Forbidden, "you drafted this agreement yourself: another supervisor must agree")
		case sig != nil && sig.Revision != rec.Hash():
			return record.Act{}, record.Errorf(record.Conflict, "the agreement was changed while you signed; look at it again and sign anew")
		case !g.Until.After(r.now()):
			return record.Act{}, record.Errorf(record.Conflict, "the agreement would be over already: draft a new one")
		}
		s := r.step(a)
		g.State, g.Agreed = Agreed, &s
		return record.Act{Action: ActAgree, Signature: sig}, nil
	})
}

// End ends an agreement: from now on nothing is sent under it. What the partner has stays there until it is recalled.
func (r *Room) End(ctx context.Context, id record.ID, reason string) (out Entry, err error) {
	defer record.Wrap(&err, "sharing.End(%s)", id)
	reason = strings.TrimSpace(reason)
	return r.change(ctx, id, access.Change, func(a record.Actor, _ *record.Record, g *Agreement) (record.Act, error) {
		if g.State == Ended {
			return record.Act{}, record.Errorf(record.Conflict, "this agreement ended already")
		}
		if err := words(reason, "why it ends"); err != nil {
			return record.Act{}, err
		}
		s := r.step(a)
		g.State, g.Ended, g.Reason = Ended, &s, reason
		return record.Act{Action: "agreement-end"}, nil
	})
}

// change is one person's act on an agreement of ours.
func (r *Room) change(ctx context.Context, id record.ID, action string, fn func(record.Actor, *record.Record, *Agreement) (record.Act, error)) (out Entry, err error) {
	a, all, err := r.elevated(ctx)
	if err != nil {
		return out, err
	}
	err = r.Store.Update(all, func(tx record.Tx) error {
		rec, err := tx.Get(id)
		if err != nil {
			return err
		}
		g, ok := rec.Body.(*Agreement)
		switch {
		case !ok || !access.Allow(a, access.Read, rec.Scope()):
			return record.Errorf(record.NotFound, "there is no such agreement")
		case !access.Allow(a, action, rec.Scope()):
			return record.Errorf(record.Forbidden, "only a supervisor of %s does this", rec.Owner.Agency)
		case g.Side != Ours:
			return record.Errorf(record.Forbidden, "this is the word of %s about what it sends: it is changed there", g.From)
		}
		was := g.State
		act, err := fn(a, rec, g)
		if err != nil {
			return err
		}
		if was == Agreed || g.State == Agreed {
			if err := r.send(tx, &record.Dispatch{To: g.Node, Kind: MsgAgreement, Content: frame(MsgAgreement, copyOf(id, g), nil)}); err != nil {
				return err
			}
		}
		if err := put(tx, rec); err != nil {
			return err
		}
		out = Entry{id, *g}
		act.Topic, act.Subject = access.Sharing, id
		return tx.Audit(act)
	})
	return out, err
}

// agreementCopy is what the partner keeps of an agreement: everything but who drafted, agreed and ended it, and why.
type agreementCopy struct {
	ID      record.ID      `json:"id"`
	From    string         `json:"from"`
	To      string         `json:"to"`
	Topic   string         `json:"topic"`
	Legal   Text           `json:"legal"`
	Marking string         `json:"marking,omitempty"`
	Classes []record.Class `json:"classes"`
	Kinds   []KindRule     `json:"kinds,omitempty"`
	Updates bool           `json:"updates,omitempty"`
	Until   time.Time      `json:"until"`
	State   string         `json:"state"`
	At      time.Time      `json:"at"` // agreed
}

func copyOf(id record.ID, g *Agreement) agreementCopy {
	c := agreementCopy{id, g.From, g.To, g.Topic, g.Legal, g.Marking, g.Classes, g.Kinds, g.Updates, g.Until, g.State, time.Time{}}
	if g.Agreed != nil {
		c.At = g.Agreed.At
	}
	return c
}

// takeAgreement keeps a partner's word about what it sends us.
func (r *Room) takeAgreement(_ context.Context, tx record.Tx, a record.Arrival) error {
	var c agreementCopy
	if _, err := unframe(a, &c); err != nil {
		return err
	}
	p, err := r.fromParty(a)
	if err != nil {
		return err
	}
	own, _ := r.party(r.Node)
	if !lives(p, c.From) || !lives(own, c.To) {
		return record.Errorf(record.Forbidden, "%s speaks for %s and to %s: neither is its own business", a.From, c.From, c.To)
	}
	g := &Agreement{Side: Theirs, Origin: a.From + "/" + c.ID.String(), From: c.From, To: c.To, Node: a.From, Topic: c.Topic, Legal: c.Legal,
		Marking: c.Marking, Classes: c.Classes, Kinds: c.Kinds, Updates: c.Updates, Until: c.Until, State: c.State, Drafted: Step{At: c.At}}
	rec, err := tx.ByKey(KindAgreement, g.Origin)
	switch {
	case record.KindOf(err) == record.NotFound:
		rec = r.house(c.To, g, a.Sent)
		rec.Key = g.Origin
	case err != nil:
		return err
	default:
		if was, ok := rec.Body.(*Agreement); ok && was.State == Ended { // what ended stays so, in whatever order the words come
			return nil
		}
		rec.Body = g
	}
	if err := put(tx, rec); err != nil {
		return err
	}
	return tx.Audit(record.Act{Action: "agreement-told", Topic: access.Sharing, Subject: rec.ID})
}

// agreement gives what is in force for a topic between an agency and a node, newest first; nil when there is nothing, and then
// whether there was something that is over.
func (v *view) agreement(from, topic string, p Party) (id record.ID, g *Agreement, over bool, err error) {
	err = each(v.tx, record.Query{Kinds: []string{KindAgreement}, States: []string{Agreed, Ended}, Thing: record.Thing{Type: thingNode, Key: p.Node}, Role: roleTo}, func(rec *record.Record) error {
		have, ok := rec.Body.(*Agreement)
		if !ok || have.Side != Ours || have.From != from || have.Topic != topic || rec.Writer != v.r.Node {
			return nil
		}
		if g == nil && have.InForce(v.now) && lives(p, have.To) {
			id, g = rec.ID, have
		}
		over = true
		return nil
	})
	return id, g, over && g == nil, err
}

// Recipients gives the parties that a record of this owner and topic may go to under an agreement in force.
func (v *view) recipients(rec *record.Record) (out []Party, err error) {
	for _, p := range v.r.Directory.Parties() {
		if p.Node == v.r.Node || p.Hub {
			continue
		}
		_, g, _, err := v.agreement(rec.Owner.Agency, rec.Handling.Topic, p)
		if err != nil {
			return nil, err
		}
		if g != nil {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b Party) int { return strings.Compare(a.Node, b.Node) })
	return out, nil
}
