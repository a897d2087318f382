package export

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"sarhad/record"
	"sarhad/record/access"
)

// Room is the register of one node.
type Room struct {
	Store record.Store
	Node  string
	Now   func() time.Time
}

// Wish is what an officer wants to take out.
type Wish struct {
	Form    string
	Lang    string
	View    string
	Query   string      // filters without words
	Columns []Column    // code and title; the class is the records' own
	IDs     []record.ID // in the order of the list
}

// Entry is an export with the id of its record.
type Entry struct {
	ID     record.ID
	Agency string
	Export
}

// Preview is what would go out.
type Preview struct {
	IDs     []record.ID
	Columns []Column
	Marking string
	Left    int // records that the officer may read but not take out
}

// elevated gives the actor, and a context in which the register reads and writes for them: its records are no officer's own.
func (r *Room) elevated(ctx context.Context) (record.Actor, context.Context, error) {
	a, err := record.ActorFrom(ctx)
	if err != nil {
		return a, nil, err
	}
	all := a
	all.Machine = true
	return a, record.WithActor(ctx, all), nil
}

func (r *Room) step(a record.Actor) Step {
	return Step{a.User, a.Display, r.Now().UTC().Truncate(time.Millisecond)}
}

// Preview says what an export of these records would hold. Records out of reach are left out without a word.
func (r *Room) Preview(tx record.Tx, a record.Actor, ids []record.ID) (Preview, error) {
	var out Preview
	var recs []*record.Record
	for _, id := range ids {
		rec, err := tx.Get(id)
		if record.KindOf(err) == record.NotFound {
			continue
		}
		if err != nil {
			return out, err
		}
		if !mayTake(a, rec.Scope()) {
			out.Left++
			continue
		}
		recs, out.IDs = append(recs, rec), append(out.IDs, id)
	}
	out.Columns, out.Marking = ColumnsOf(recs), highest(recs)
	return out, nil
}

// read gives records as the actor may take them out, in order; one that is gone is left out, one out of reach is Forbidden.
func (r *Room) read(ctx context.Context, a record.Actor, ids []record.ID) (recs []*record.Record, err error) {
	err = r.Store.View(ctx, func(tx record.Tx) error {
		recs = nil
		for _, id := range ids {
			rec, err := tx.Get(id)
			if record.KindOf(err) == record.NotFound {
				continue
			}
			if err != nil {
				return err
			}
			if !mayTake(a, rec.Scope()) {
				return record.Errorf(record.Forbidden, "your role may not take out records of %s in %s; ask your supervisor if your work needs it", rec.Owner.Agency, rec.Handling.Topic)
			}
			recs = append(recs, rec)
		}
		return nil
	})
	return recs, err
}

// Ask puts a wish into the register. If nobody else has to agree, copies can be made at once.
func (r *Room) Ask(ctx context.Context, w Wish) (out Entry, err error) {
	defer record.Wrap(&err, "export.Ask")
	a, all, err := r.elevated(ctx)
	if err != nil {
		return out, err
	}
	switch {
	case len(w.IDs) == 0:
		return out, record.Errorf(record.Invalid, "there is nothing to take out: the list is empty, or your role may not take out what it shows")
	case len(w.IDs) > MaxRows:
		return out, record.Errorf(record.Invalid, "the list has more than %d rows, which never go out at once; narrow it down", MaxRows)
	case !a.Purpose.Valid(r.Now()):
		return out, record.NeedPurpose()
	}
	recs, err := r.read(ctx, a, w.IDs)
	if err != nil {
		return out, err
	}
	if len(recs) < len(w.IDs) {
		return out, record.Errorf(record.Conflict, "some of the records are not there any more; look at the list again")
	}
	columns, err := chosen(recs, w.Columns)
	if err != nil {
		return out, err
	}
	e := Export{State: Agreed, Form: w.Form, Lang: w.Lang, View: w.View, Query: w.Query, Columns: columns, Rows: len(recs),
		IDs: record.HashIDs(w.IDs), Marking: highest(recs), Purpose: Purpose{a.Purpose.Kind, a.Purpose.Ref, a.Purpose.Text}, Asked: r.step(a)}
	e.Second = needsSecond(len(recs), columns)
	e.Until, e.Destroy = e.Asked.At.Add(Window), e.Asked.At.Add(DestroyAfter)
	action := "export-free"
	if e.Second {
		e.State, e.Until, action = Requested, e.Asked.At.Add(RequestFor), "export-ask"
	}
	err = r.Store.Update(all, func(tx record.Tx) error {
		var err error
		out, err = r.enter(tx, a, e, w.IDs)
		if err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: action, Topic: access.Exports, Subject: out.ID, Count: e.Rows, IDs: e.IDs})
	})
	return out, err
}

// enter writes a new export with its rows.
func (r *Room) enter(tx record.Tx, a record.Actor, e Export, ids []record.ID) (Entry, error) {
	n, err := r.number(tx)
	if err != nil {
		return Entry{}, err
	}
	e.Number = n
	handling := record.Handling{Marking: e.Marking, Topic: access.Exports}
	rec := &record.Record{Kind: Kind, Version: 1, Key: keyOf(n), Writer: r.Node, Owner: record.Owner{Agency: a.Agency, Officer: a.User},
		Handling: handling, Occurred: e.Asked.At, Body: &e}
	if err := tx.Put(rec); err != nil {
		return Entry{}, err
	}
	rows := &Rows{Export: rec.ID.String()}
	for _, id := range ids {
		rows.IDs = append(rows.IDs, id.String())
	}
	child := &record.Record{Kind: KindRows, Version: 1, Key: keyOf(n), Writer: r.Node, Owner: rec.Owner, Handling: handling, Occurred: e.Asked.At,
		Origin: record.Origin{Parents: []record.ID{rec.ID}}, Body: rows}
	return Entry{rec.ID, a.Agency, e}, tx.Put(child)
}

func keyOf(number int) string { return fmt.Sprintf("%09d", number) }

// number gives the next number. Numbers are looked for by halves: they have no gaps.
func (r *Room) number(tx record.Tx) (int, error) {
	taken := func(n int) (bool, error) {
		_, err := tx.ByKey(Kind, keyOf(n))
		if record.KindOf(err) == record.NotFound {
			return false, nil
		}
		return err == nil, err
	}
	low, high := 0, 1 // low is taken or 0, high is looked for
	for {
		ok, err := taken(high)
		if err != nil {
			return 0, err
		}
		if !ok {
			break
		}
		low, high = high, high*2
	}
	for high-low > 1 {
		middle := (low + high) / 2
		ok, err := taken(middle)
		if err != nil {
			return 0, err
		}
		if ok {
			low = middle
		} else {
			high = middle
		}
	}
	return high, nil
}

// load gives an export; what the actor may not see is not there.
func (r *Room) load(tx record.Tx, a record.Actor, id record.ID) (*record.Record, *Export, error) {
	rec, err := tx.Get(id)
	if err != nil {
		return nil, nil, err
	}
	e, ok := rec.Body.(*Export)
	if !ok || e.Asked.User != a.User && !access.Allow(a, access.Read, rec.Scope()) {
		return nil, nil, record.Errorf(record.NotFound, "there is no such export")
	}
	return rec, e, nil
}

// change is one person's act on an export.
func (r *Room) change(ctx context.Context, id record.ID, fn func(a record.Actor, rec *record.Record, e *Export) (record.Act, error)) (out Entry, err error) {
	a, all, err := r.elevated(ctx)
	if err != nil {
		return out, err
	}
	err = r.Store.Update(all, func(tx record.Tx) error {
		rec, e, err := r.load(tx, a, id)
		if err != nil {
			return err
		}
		act, err := fn(a, rec, e)
		if err != nil {
			return err
		}
		rec.Raw = nil
		if err := tx.Put(rec); err != nil {
			return err
		}
		out = Entry{id, rec.Owner.Agency, *e}
		act.Topic, act.Subject = access.Exports, id
		return tx.Audit(act)
	})
	return out, err
}

// ActAgree is the action of an agreement: what it releases leaves the node.
const ActAgree = "export-agree"

// Decide is the second person's word. Only who may decide on exports of the agency says it, and never who asked. sig is under an
// agreement, with ActAgree as its action and the export as its subject; nil where none is asked for.
func (r *Room) Decide(ctx context.Context, id record.ID, agree bool, note string, sig *record.Signature) (out Entry, err error) {
	defer record.Wrap(&err, "export.Decide(%s)", id)
	note = strings.TrimSpace(note)
	return r.change(ctx, id, func(a record.Actor, rec *record.Record, e *Export) (record.Act, error) {
		act := record.Act{Action: "export-refuse", Count: e.Rows, IDs: e.IDs}
		now := r.Now()
		switch {
		case !access.Allow(a, access.Decide, rec.Scope()):
			return act, record.Errorf(record.Forbidden, "your role may not decide on exports of %s", rec.Owner.Agency)
		case e.Asked.User == a.User:
			return act, record.Errorf(record.Forbidden, "you asked for this export yourself: another supervisor must decide")
		case e.State != Requested:
			return act, record.Errorf(record.Conflict, "this export is decided already")
		case sig != nil && sig.Revision != rec.Hash():
			return act, record.Errorf(record.Conflict, "the export was changed while you signed; look at it again and sign anew")
		case !now.Before(e.Until):
			return act, record.Errorf(record.Conflict, "this request waited too long and ended; the officer must ask again")
		case !agree && note == "":
			return act, record.Errorf(record.Invalid, "say in a few words why it is refused")
		}
		s := r.step(a)
		e.State, e.Decided, e.Note = Refused, &s, note
		if agree {
			e.State, e.Until, act.Action, act.Signature = Agreed, s.At.Add(Window), ActAgree, sig
		}
		return act, nil
	})
}

// Destroyed says that a copy exists no more: who took it out says it, or who decides on exports of the agency.
func (r *Room) Destroyed(ctx context.Context, id record.ID, number int) (out Entry, err error) {
	defer record.Wrap(&err, "export.Destroyed(%s)", id)
	return r.change(ctx, id, func(a record.Actor, rec *record.Record, e *Export) (record.Act, error) {
		act := record.Act{Action: "export-destroyed", Count: 1}
		i := slices.IndexFunc(e.Copies, func(c Copy) bool { return c.Number == number })
		switch {
		case e.Asked.User != a.User && !access.Allow(a, access.Decide, rec.Scope()):
			return act, record.Errorf(record.Forbidden, "only who took the copy out, or a supervisor, can say that it is destroyed")
		case i < 0:
			return act, record.Errorf(record.NotFound, "there is no copy %d of this export", number)
		case e.Copies[i].Destroyed != nil:
			return act, record.Errorf(record.Conflict, "this copy is destroyed already")
		}
		s := r.step(a)
		e.Copies[i].Destroyed = &s
		return act, nil
	})
}
