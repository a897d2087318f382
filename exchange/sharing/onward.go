package sharing

import (
	"context"
	"fmt"
	"strings"
	"time"

	"sarhad/record"
	"sarhad/record/access"
)

// KindOnward is the kind of a request to share further.
const KindOnward = "sharing.onward"

// States of a request to share further.
const (
	OnwardOpen    = "open"
	OnwardGranted = "granted" // the owner will send it
	OnwardRefused = "refused"
	OnwardSent    = "sent" // the owner has sent it
)

// Onward asks the owner of a record to share it with somebody else. It is a child of the record and goes with it. Version 1.
type Onward struct {
	Side    string    `json:"side" class:"plain"` // Ours: we ask; Theirs: we are asked
	Record  record.ID `json:"record" class:"plain"`
	Request record.ID `json:"request,omitzero" class:"plain"` // of Theirs: the asker's id of it
	Node    string    `json:"node" class:"plain"`             // of Ours: who is asked; of Theirs: who asks
	For     string    `json:"for" class:"plain"`              // node that should get it
	Why     string    `json:"why" class:"text"`
	State   string    `json:"state" class:"plain"`
	By      *Step     `json:"by,omitempty" class:"plain"` // of Ours
	At      time.Time `json:"at" class:"plain"`           // UTC
	Decided *Step     `json:"decided,omitempty" class:"plain"`
	Told    time.Time `json:"told,omitzero" class:"plain"` // of Ours: when the owner's word came
	Reason  string    `json:"reason,omitempty" class:"text"`
}

// Kind implements record.Body.
func (*Onward) Kind() string { return KindOnward }

// Version implements record.Body.
func (*Onward) Version() int { return 1 }

// House implements record.HouseBody.
func (*Onward) House() {}

// Validate implements record.Body.
func (o *Onward) Validate() error {
	if o.Record.IsZero() || o.Node == "" || o.For == "" || o.State == "" {
		return record.Errorf(record.Invalid, "say which record should go to which node")
	}
	return words(o.Why, "why they need it")
}

// Index implements record.Body.
func (o *Onward) Index(ix *record.Index) {
	ix.Title, ix.State = fmt.Sprintf("→ %s", o.For), o.State
	ix.Mention(thingNode, o.Node, roleFrom, o.Node)
	ix.Mention(thingNode, o.For, roleTo, o.For)
}

// Wanting is a request with the id of its record.
type Wanting struct {
	ID record.ID
	Onward
}

// OnwardList gives a page of requests of one side, newest first; "" = every state.
func (r *Room) OnwardList(ctx context.Context, side, state, cursor string, limit int) (out []Wanting, next string, err error) {
	defer record.Wrap(&err, "sharing.OnwardList")
	q := record.Query{Kinds: []string{KindOnward}, Full: true, Cursor: cursor, Limit: limit}
	if state != "" {
		q.States = []string{state}
	}
	err = r.Store.View(ctx, func(tx record.Tx) error {
		page, err := tx.List(q)
		out, next = []Wanting{}, page.Next
		for _, row := range page.Rows {
			if o, ok := row.Record.Body.(*Onward); ok && (side == "" || o.Side == side) {
				out = append(out, Wanting{row.ID, *o})
			}
		}
		return err
	})
	return out, next, err
}

// AskOnward asks the owner of a received record to share it with a node. The actor must be able to read it.
func (r *Room) AskOnward(ctx context.Context, id record.ID, node, why string) (out Wanting, err error) {
	defer record.Wrap(&err, "sharing.AskOnward(%s)", id)
	a, all, err := r.elevated(ctx)
	if err != nil {
		return out, err
	}
	why = strings.TrimSpace(why)
	if err := access.Check(a, access.Ask, access.Sharing); err != nil {
		return out, err
	}
	if p, ok := r.party(node); !ok || p.Hub || node == r.Node {
		return out, record.Errorf(record.Invalid, "%q is no other node of the network", node)
	}
	err = r.Store.Update(all, func(tx record.Tx) error {
		rec, err := tx.Get(id)
		if err == nil && !access.Allow(a, access.Read, rec.Scope()) {
			err = record.Errorf(record.NotFound, "there is no record %s", id)
		}
		switch {
		case err != nil:
			return err
		case rec.Writer == r.Node:
			return record.Errorf(record.Conflict, "this record is your own node's: share it yourself, under an agreement")
		case rec.Writer == node:
			return record.Errorf(record.Conflict, "%s wrote this record: it has it", node)
		}
		s := r.step(a)
		o := &Onward{Side: Ours, Record: id, Node: rec.Writer, For: node, Why: why, State: OnwardOpen, By: &s, At: s.At}
		row := r.house(a.Agency, o, s.At)
		row.Owner.Officer, row.Origin.Parents = a.User, []record.ID{id}
		if err := tx.Put(row); err != nil {
			return err
		}
		d := &record.Dispatch{To: rec.Writer, Kind: MsgOnward, About: id, Content: frame(MsgOnward, onwardSays{Request: row.ID, Record: id, For: node, Why: why, State: OnwardOpen}, nil)}
		if err := r.send(tx, d); err != nil {
			return err
		}
		out = Wanting{row.ID, *o}
		return tx.Audit(record.Act{Action: "onward-ask", Topic: access.Sharing, Subject: id, Count: 1})
	})
	return out, err
}

// DecideOnward is the owner's word: granted, it is still the owner who sends it, with Send; refused, it says why.
func (r *Room) DecideOnward(ctx context.Context, id record.ID, grant bool, reason string) (out Wanting, err error) {
	defer record.Wrap(&err, "sharing.DecideOnward(%s)", id)
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
		o, ok := rec.Body.(*Onward)
		switch {
		case !ok || !access.Allow(a, access.Read, rec.Scope()):
			return record.Errorf(record.NotFound, "there is no such request")
		case !access.Allow(a, access.Decide, rec.Scope()):
			return record.Errorf(record.Forbidden, "only a supervisor of %s decides who gets its records", rec.Owner.Agency)
		case o.Side != Theirs:
			return record.Errorf(record.Forbidden, "%s decides this: it owns the record", o.Node)
		case o.State != OnwardOpen:
			return record.Errorf(record.Conflict, "this request is %s already", o.State)
		}
		if !grant {
			if err := words(reason, "why it is refused"); err != nil {
				return err
			}
		}
		s := r.step(a)
		if o.Decided, o.Reason, o.State = &s, reason, OnwardRefused; grant {
			o.State = OnwardGranted
		}
		out = Wanting{id, *o}
		if err := r.tellOnward(tx, rec, o); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "onward-decide", Topic: access.Sharing, Subject: o.Record, Count: 1, Verdict: o.State})
	})
	return out, err
}

// tellOnward keeps a state and tells who asked.
func (r *Room) tellOnward(tx record.Tx, rec *record.Record, o *Onward) error {
	d := &record.Dispatch{To: o.Node, Kind: MsgOnward, About: o.Record,
		Content: frame(MsgOnward, onwardSays{Request: o.Request, Record: o.Record, State: o.State, Reason: o.Reason}, nil)}
	if err := r.send(tx, d); err != nil {
		return err
	}
	return put(tx, rec)
}

// onwardSent closes the request that a send fulfils.
func (v *view) onwardSent(w Wish) error {
	if w.Onward.IsZero() {
		return nil
	}
	rec, err := v.tx.Get(w.Onward)
	if err != nil {
		return err
	}
	o, ok := rec.Body.(*Onward)
	switch {
	case !ok || o.Side != Theirs || o.Record != w.Record || len(w.To) != 1 || w.To[0] != o.For:
		return record.Errorf(record.Invalid, "this does not send what was asked for to whom it was asked for")
	case o.State != OnwardGranted:
		return record.Errorf(record.Conflict, "the request to share it further is %s, not granted", o.State)
	}
	o.State = OnwardSent
	return v.r.tellOnward(v.tx, rec, o)
}

// takeOnward is a holder's request, or the owner's word about ours.
func (r *Room) takeOnward(_ context.Context, tx record.Tx, a record.Arrival) error {
	var says onwardSays
	if _, err := unframe(a, &says); err != nil {
		return err
	}
	if _, err := r.fromParty(a); err != nil {
		return err
	}
	if says.State != OnwardOpen {
		return r.takeOnwardWord(tx, a, says)
	}
	v := r.view(tx)
	has, err := v.sharedWith(says.Record, a.From)
	if err != nil {
		return err
	}
	rec, err := tx.Get(says.Record)
	if record.KindOf(err) == record.NotFound || err == nil && (!has || rec.Writer != r.Node) {
		return record.Errorf(record.Forbidden, "%s asks about a record that it does not have from here", a.From)
	}
	if err != nil {
		return err
	}
	key := a.From + "/" + says.Request.String()
	if _, err := tx.ByKey(KindOnward, key); record.KindOf(err) != record.NotFound {
		return err // known already, or failed
	}
	o := &Onward{Side: Theirs, Record: says.Record, Request: says.Request, Node: a.From, For: says.For, Why: short(says.Why), State: OnwardOpen, At: a.Sent}
	row := r.house(rec.Owner.Agency, o, v.now)
	row.Key, row.Origin.Parents = key, []record.ID{says.Record}
	if err := tx.Put(row); err != nil {
		return err
	}
	return tx.Audit(record.Act{Action: "onward-asked", Topic: access.Sharing, Subject: says.Record, Count: 1})
}

func (r *Room) takeOnwardWord(tx record.Tx, a record.Arrival, says onwardSays) error {
	rec, err := tx.Get(says.Request)
	if err != nil && record.KindOf(err) != record.NotFound {
		return err
	}
	var o *Onward
	if rec != nil {
		o, _ = rec.Body.(*Onward)
	}
	if o == nil || o.Side != Ours || o.Node != a.From || o.Record != says.Record {
		return record.Errorf(record.Forbidden, "%s answers a request that was not made to it", a.From)
	}
	switch says.State {
	case OnwardGranted, OnwardRefused, OnwardSent:
	default:
		return record.Errorf(record.Invalid, "%s answers %.40q, which this program does not know", a.From, says.State)
	}
	if o.State == OnwardSent { // nothing comes after it
		return nil
	}
	o.State, o.Reason, o.Told = says.State, short(says.Reason), a.Arrived
	if err := put(tx, rec); err != nil {
		return err
	}
	return tx.Audit(record.Act{Action: "onward-told", Topic: access.Sharing, Subject: o.Record, Count: 1, Verdict: o.State})
}

// OnwardOf gives the requests about a record, newest first, for who reads it.
func (r *Room) OnwardOf(ctx context.Context, id record.ID) (out []Wanting, err error) {
	_, all, err := r.elevated(ctx)
	if err != nil {
		return nil, err
	}
	if err := r.Store.View(ctx, func(tx record.Tx) error { _, err := tx.Get(id); return err }); err != nil {
		return nil, err
	}
	err = r.Store.View(all, func(tx record.Tx) error {
		out = nil
		return each(tx, record.Query{Kinds: []string{KindOnward}, Parent: id}, func(rec *record.Record) error {
			if o, ok := rec.Body.(*Onward); ok {
				out = append(out, Wanting{rec.ID, *o})
			}
			return nil
		})
	})
	return out, err
}
