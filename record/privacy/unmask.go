package privacy

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"sarhad/record"
	"sarhad/record/access"
	"sarhad/record/audit"
)

// Ask requests that a masked record be opened for a case. The actor must be able to read the masked record; one request of
// a person is open at a time.
func (c *Clocks) Ask(ctx context.Context, target record.ID, caseNo, reason string) (out Request, err error) {
	defer record.Wrap(&err, "privacy.Ask(%s)", target)
	a, all, err := c.elevated(ctx)
	if err != nil {
		return out, err
	}
	now := c.Now().UTC().Truncate(time.Millisecond)
	u := Unmasking{Target: target, Case: strings.TrimSpace(caseNo), Reason: strings.TrimSpace(reason), State: Requested,
		Asked: Step{a.User, a.Display, now}, Until: now.Add(RequestFor)}
	if err := u.Validate(); err != nil {
		return out, err
	}
	rec := c.envelope(KindUnmasking)
	err = c.Store.View(ctx, func(tx record.Tx) error { // as the officer: what they may not read they may not ask for
		masked, err := tx.Get(target)
		if err != nil {
			return err
		}
		rec.Owner = record.Owner{Agency: masked.Owner.Agency, Officer: a.User}
		switch {
		case !access.Allow(a, access.Ask, rec.Scope()):
			return record.Errorf(record.Forbidden, "your role may not ask for masked records of %s", masked.Owner.Agency)
		case masked.Masked == nil:
			return record.Errorf(record.Conflict, "this record is not masked: read it as it is")
		}
		return nil
	})
	if err != nil {
		return out, err
	}
	rec.Origin.Parents, rec.Occurred, rec.Basis.Case, rec.Body = []record.ID{target}, now, u.Case, &u
	err = c.Store.Update(all, func(tx record.Tx) error {
		if _, err := tx.Sealed(target); err != nil {
			return err
		}
		n, err := tx.Count(record.Query{Thing: record.Thing{Type: thingOfficer, Key: a.User}, Role: roleRequester, States: live()}, 1)
		if err != nil {
			return err
		}
		if n > 0 {
			return record.Errorf(record.Conflict, "you have an open request already: one record at a time; withdraw or end it first")
		}
		r := *rec
		if err := tx.Put(&r); err != nil {
			return err
		}
		out = Request{r.ID, u}
		return tx.Audit(record.Act{Action: "unmask-ask", Topic: access.Privacy, Subject: target, Count: 1})
	})
	return out, err
}

// change is one person's act on one request. fn decides on what it is given and may change it; the box beside the record is
// set to what it gives, unless that is nil and keep is true.
func (c *Clocks) change(ctx context.Context, id record.ID, action string, sig *record.Signature, fn func(record.Tx, *record.Record, *Unmasking, Step) error) (out Request, err error) {
	a, all, err := c.elevated(ctx)
	if err != nil {
		return out, err
	}
	err = c.Store.Update(all, func(tx record.Tx) error {
		rec, u, err := request(tx, id)
		if err != nil {
			return err
		}
		step := Step{a.User, a.Display, c.Now().UTC().Truncate(time.Millisecond)}
		if err := fn(tx, rec, u, step); err != nil {
			return err
		}
		rec.Raw = nil
		if err := tx.Put(rec); err != nil {
			return err
		}
		out = Request{id, *u}
		return tx.Audit(record.Act{Action: action, Topic: access.Privacy, Subject: u.Target, Count: 1, Verdict: u.State, Signature: sig, Purpose: record.Purpose{Kind: "case", Ref: u.Case, Text: u.Case}})
	})
	return out, err
}

func request(tx record.Tx, id record.ID) (*record.Record, *Unmasking, error) {
	rec, err := tx.Get(id)
	if err != nil {
		return nil, nil, err
	}
	u, ok := rec.Body.(*Unmasking)
	if !ok {
		return nil, nil, record.Errorf(record.NotFound, "there is no such request")
	}
	return rec, u, nil
}

// look gives the request and the box that a body's phrase is to open, after asking whether the actor may.
func (c *Clocks) look(all context.Context, a record.Actor, id record.ID, action, state string) (u *Unmasking, box []byte, err error) {
	err = c.Store.View(all, func(tx record.Tx) error {
		rec, got, err := request(tx, id)
		if err != nil {
			return err
		}
		if err := mayStep(a, action, rec, got); err != nil {
			return err
		}
		if err := got.must(state); err != nil {
			return err
		}
		if !got.Until.After(c.Now()) {
			return record.Errorf(record.Conflict, "this request waited too long and ended: ask again")
		}
		u = got
		if state == Requested {
			box, err = tx.Sealed(got.Target)
		} else {
			box, err = tx.Box(id)
		}
		return err
	})
	return u, box, err
}

func mayStep(a record.Actor, action string, rec *record.Record, u *Unmasking) error {
	if !access.Allow(a, action, rec.Scope()) {
		return record.Errorf(record.Forbidden, "your role may not do this step: the unit's supervisor agrees, oversight opens")
	}
	if u.took(a.User) {
		return record.Errorf(record.Forbidden, "you have had a part in this request: another person must do this step")
	}
	return nil
}

// wrong writes down that somebody tried a phrase that was not the right one.
func (c *Clocks) wrong(all context.Context, u *Unmasking, cause error) error {
	if record.KindOf(cause) != record.Invalid {
		return cause
	}
	return errors.Join(cause, c.Store.Update(all, func(tx record.Tx) error {
		return tx.Audit(record.Act{Action: "unmask-wrong", Topic: access.Privacy, Subject: u.Target, Count: 1})
	}))
}

// ActAgree is the action of the unit's step; oversight's is audit.ActUnmask. Both may bear a signature: the subject is the
// masked record, the verdict the state they lead to.
const ActAgree = "unmask-agree"

// Agree is the unit's step: its phrase takes the outer layer off. Nothing can be read by it.
func (c *Clocks) Agree(ctx context.Context, id record.ID, phrase string, sig *record.Signature) (out Request, err error) {
	defer record.Wrap(&err, "privacy.Agree(%s)", id)
	a, all, err := c.elevated(ctx)
	if err != nil {
		return out, err
	}
	u, box, err := c.look(all, a, id, access.Change, Requested)
	if err != nil {
		return out, err
	}
	inner, err := c.Keys.peel(Unit, phrase, box) // takes a second: outside of the act
	if err != nil {
		return out, c.wrong(all, u, err)
	}
	return c.change(ctx, id, ActAgree, sig, func(tx record.Tx, rec *record.Record, u *Unmasking, s Step) error {
		if err := errors.Join(u.must(Requested), mayStep(a, access.Change, rec, u)); err != nil {
			return err
		}
		u.State, u.Agreed = Agreed, &s
		return tx.SetBox(id, inner)
	})
}

// Open is oversight's step: its phrase takes the inner layer off. For OpenFor what was sealed is on the disk under a key of
// its own.
func (c *Clocks) Open(ctx context.Context, id record.ID, phrase string, sig *record.Signature) (out Request, err error) {
	defer record.Wrap(&err, "privacy.Open(%s)", id)
	a, all, err := c.elevated(ctx)
	if err != nil {
		return out, err
	}
	u, box, err := c.look(all, a, id, access.Decide, Agreed)
	if err != nil {
		return out, err
	}
	plain, err := c.Keys.peel(Oversight, phrase, box)
	if err != nil {
		return out, c.wrong(all, u, err)
	}
	if err := c.Keys.takeBack(id); err != nil { // of an attempt that was broken off
		return out, err
	}
	lent, err := c.Keys.lend(id, plain)
	if err != nil {
		return out, err
	}
	out, err = c.change(ctx, id, audit.ActUnmask, sig, func(tx record.Tx, rec *record.Record, u *Unmasking, s Step) error {
		if err := errors.Join(u.must(Agreed), mayStep(a, access.Decide, rec, u)); err != nil {
			return err
		}
		u.State, u.Opened, u.Until = Opened, &s, s.At.Add(OpenFor)
		return tx.SetBox(id, lent)
	})
	if err != nil {
		err = errors.Join(err, c.Keys.takeBack(id))
	}
	return out, err
}

// Refuse ends a request that waits, with the reason. The unit's supervisor or oversight may, but not who asked.
func (c *Clocks) Refuse(ctx context.Context, id record.ID, why string) (out Request, err error) {
	defer record.Wrap(&err, "privacy.Refuse(%s)", id)
	a, err := record.ActorFrom(ctx)
	if err != nil {
		return out, err
	}
	if strings.TrimSpace(why) == "" {
		return out, record.Errorf(record.Invalid, "say why it is refused: who asked will read it")
	}
	return c.change(ctx, id, "unmask-refuse", nil, func(tx record.Tx, rec *record.Record, u *Unmasking, s Step) error {
		if !access.Allow(a, access.Change, rec.Scope()) && !access.Allow(a, access.Decide, rec.Scope()) {
			return record.Errorf(record.Forbidden, "only the unit's supervisor or oversight refuses")
		}
		if u.Asked.By == a.User {
			return record.Errorf(record.Forbidden, "it is your own request: withdraw it")
		}
		if err := u.must(Requested, Agreed); err != nil {
			return err
		}
		u.State, u.Closed, u.Why = Declined, &s, strings.TrimSpace(why)
		return tx.SetBox(id, nil)
	})
}

// Withdraw ends one's own request: one that waits is withdrawn, one that is open ends.
func (c *Clocks) Withdraw(ctx context.Context, id record.ID) (out Request, err error) {
	defer record.Wrap(&err, "privacy.Withdraw(%s)", id)
	a, err := record.ActorFrom(ctx)
	if err != nil {
		return out, err
	}
	out, err = c.change(ctx, id, "unmask-end", nil, func(tx record.Tx, _ *record.Record, u *Unmasking, s Step) error {
		if u.Asked.By != a.User {
			return record.Errorf(record.NotFound, "you have no such request")
		}
		if err := u.must(live()...); err != nil {
			return err
		}
		if u.Closed = &s; u.State == Opened {
			u.State = Ended
		} else {
			u.State = Withdrawn
		}
		return tx.SetBox(id, nil)
	})
	if err != nil {
		return out, err
	}
	return out, c.Keys.takeBack(id)
}

// Read gives the plain record of an opened request to who asked, while it is open and the actor works on its case. Each
// reading is an act.
func (c *Clocks) Read(ctx context.Context, id record.ID) (rec *record.Record, until time.Time, err error) {
	defer record.Wrap(&err, "privacy.Read(%s)", id)
	a, all, err := c.elevated(ctx)
	if err != nil {
		return nil, until, err
	}
	var u *Unmasking
	var box []byte
	err = c.Store.View(all, func(tx record.Tx) error {
		var err error
		if _, u, err = request(tx, id); err != nil {
			return err
		}
		if u.Asked.By != a.User {
			return record.Errorf(record.NotFound, "you have no such request")
		}
		if err := u.must(Opened); err != nil {
			return err
		}
		if !u.Until.After(c.Now()) {
			return record.Errorf(record.Conflict, "the 24 hours are over: ask again if the case still needs it")
		}
		if a.Purpose.Kind != "case" || a.Purpose.Ref != u.Case {
			return record.Errorf(record.NoPurpose, "this was opened for case %s: set that case as what you are working on", u.Case)
		}
		box, err = tx.Box(id)
		return err
	})
	if err != nil {
		return nil, until, err
	}
	plain, err := c.Keys.borrow(id, box)
	if err != nil {
		return nil, until, err
	}
	if rec, err = unseal(plain); err != nil {
		return nil, until, err
	}
	if c.Types != nil {
		rec.Body, _ = c.Types.Decode(rec.Kind, rec.Version, rec.Raw) // what cannot be read stays raw
	}
	err = c.Store.Update(all, func(tx record.Tx) error { // before anything is shown
		return tx.Audit(record.Act{Action: "unmask-read", Topic: access.Privacy, Subject: u.Target, Count: 1})
	})
	if err != nil {
		return nil, until, err
	}
	return rec, u.Until, nil
}

// unseal makes a record of what was sealed. Its body is left raw; whoever knows the types decodes it.
func unseal(plain []byte) (*record.Record, error) {
	var o struct {
		Envelope json.RawMessage `json:"envelope"`
		Body     []byte          `json:"body"`
	}
	if err := json.Unmarshal(plain, &o); err != nil {
		return nil, err
	}
	rec := &record.Record{}
	if err := json.Unmarshal(o.Envelope, rec); err != nil {
		return nil, err
	}
	rec.Raw = o.Body
	return rec, nil
}

// Requests lists unmaskings that the actor may read, and their own; newest first.
func (c *Clocks) Requests(ctx context.Context, own bool, cursor string, limit int) (out []Request, next string, err error) {
	defer record.Wrap(&err, "privacy.Requests")
	a, all, err := c.elevated(ctx)
	if err != nil {
		return nil, "", err
	}
	q := record.Query{Kinds: []string{KindUnmasking}, Full: true, Cursor: cursor, Limit: limit}
	if own {
		ctx, q.Thing, q.Role = all, record.Thing{Type: thingOfficer, Key: a.User}, roleRequester
	}
	err = c.Store.View(ctx, func(tx record.Tx) error {
		page, err := tx.List(q)
		out, next = []Request{}, page.Next
		for _, row := range page.Rows {
			if u, ok := row.Record.Body.(*Unmasking); ok {
				out = append(out, Request{row.ID, *u})
			}
		}
		return err
	})
	return out, next, err
}

// closeOpened ends what waited or was open for too long, and deletes every key file that no open request has: also after a
// crash, and after the request itself was erased.
func (c *Clocks) closeOpened(ctx context.Context, rep *Report) error {
	open := map[record.ID]bool{}
	var over []record.ID
	err := c.Store.View(ctx, func(tx record.Tx) error {
		over = nil
		for q := (record.Query{Kinds: []string{KindUnmasking}, States: live(), Full: true, Limit: record.MaxLimit}); ; {
			page, err := tx.List(q)
			if err != nil {
				return err
			}
			for _, row := range page.Rows {
				u, ok := row.Record.Body.(*Unmasking)
				switch {
				case !ok || row.Record.Masked != nil:
				case !u.Until.After(c.Now()), rep.Stopped != nil && u.State == Opened: // nobody knows how long 24 hours are now
					over = append(over, row.ID)
				case u.State == Opened || u.State == Agreed: // agreed: somebody may be opening it now
					open[row.ID] = true
				}
			}
			if q.Cursor = page.Next; q.Cursor == "" {
				return nil
			}
		}
	})
	if err != nil {
		return err
	}
	for _, id := range over {
		_, err := c.change(ctx, id, "unmask-end", nil, func(tx record.Tx, _ *record.Record, u *Unmasking, s Step) error {
			if err := u.must(live()...); err != nil {
				return err
			}
			u.State, u.Closed = Ended, &Step{At: s.At}
			return tx.SetBox(id, nil)
		})
		if err != nil && record.KindOf(err) != record.Conflict {
			return err
		}
		rep.Closed++
	}
	lent, err := c.Keys.lent()
	for _, id := range lent {
		if !open[id] {
			err = errors.Join(err, c.Keys.takeBack(id))
		}
	}
	return err
}
