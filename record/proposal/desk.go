package proposal

import (
	"context"
	"slices"
	"strings"
	"time"

	"sarhad/record"
	"sarhad/record/access"
)

// Desk makes and decides proposals. All fields are required. Every call needs an actor in the context: who may read a record may
// propose; who may correct its topic decides, but never their own proposal.
type Desk struct {
	Store record.Store
	Node  string
	Now   func() time.Time
}

// Wish is one field as somebody wants it.
type Wish struct {
	Path, To string
}

// Seen is a proposal with what is known about it now.
type Seen struct {
	*Proposal
	Record    *record.Record
	State     string    // with the answer of another node in it
	Decision  *Decision // likewise
	Conflicts []string  // fields that were changed since, while it is undecided
}

// Make proposes changes of a record. hash is the revision that the proposer looked at: when it is not the present one any more,
// it is a Conflict.
func (d *Desk) Make(ctx context.Context, target record.ID, hash string, wishes []Wish, reason string) (out *record.Record, err error) {
	actor, err := record.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	err = d.Store.Update(ctx, func(tx record.Tx) error {
		rec, err := tx.Get(target)
		if err != nil {
			return err
		}
		if rec.Masked != nil {
			return errSealed()
		}
		if rec.Hash() != hash {
			return record.Errorf(record.Conflict, "the record was changed while you wrote: look at it again, then propose")
		}
		p := &Proposal{Target: target, Of: rec.Kind, Revision: rec.Revision.Number, Hash: hash, Reason: strings.TrimSpace(reason),
			By: actor.User, Display: actor.Display, At: d.Now().UTC().Truncate(time.Millisecond), State: Open}
		if rec.Writer != d.Node {
			p.State = Waiting
		}
		if p.Changes, err = changesOf(rec.Body, wishes); err != nil {
			return err
		}
		if err := p.Validate(); err != nil {
			return err
		}
		if err := apply(rec.Body, p.Changes); err != nil { // on this copy, to see whether it could be accepted
			return err
		}
		out = &record.Record{Kind: KindProposal, Version: 1, Owner: record.Owner{Agency: rec.Owner.Agency, Officer: actor.User},
			Handling: rec.Handling, Occurred: p.At, Origin: record.Origin{Parents: []record.ID{target}}, Body: p}
		if err := tx.Put(out); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "propose", Topic: rec.Handling.Topic, Subject: target, Count: 1})
	})
	return out, err
}

func errSealed() error {
	return record.Errorf(record.Conflict, "the names of this record are sealed: nothing can be corrected in it any more")
}

// changesOf holds wishes against what may be proposed.
func changesOf(body record.Body, wishes []Wish) ([]Change, error) {
	fields := Fields(body)
	if len(fields) == 0 {
		return nil, record.Errorf(record.Invalid, "nothing of this record can be corrected by a proposal")
	}
	var out []Change
	for _, w := range wishes {
		to := strings.TrimSpace(w.To)
		at := slices.IndexFunc(fields, func(f Field) bool { return f.Path == w.Path })
		if at < 0 {
			return nil, record.Errorf(record.Invalid, "%.100q cannot be corrected by a proposal", w.Path)
		}
		if slices.ContainsFunc(out, func(c Change) bool { return c.Path == w.Path }) {
			return nil, record.Errorf(record.Invalid, "%s is proposed twice", w.Path)
		}
		if f := fields[at]; f.Value != to {
			out = append(out, Change{Path: f.Path, Class: f.Class, From: f.Value, To: to})
		}
	}
	return out, nil
}

// Accept applies a proposal to the present revision of its record, which cites it.
func (d *Desk) Accept(ctx context.Context, id record.ID, reason string) (*record.Record, error) {
	return d.decide(ctx, id, Accepted, reason)
}

// Refuse leaves the record as it is and says why.
func (d *Desk) Refuse(ctx context.Context, id record.ID, reason string) (*record.Record, error) {
	return d.decide(ctx, id, Refused, reason)
}

func (d *Desk) decide(ctx context.Context, id record.ID, verdict, reason string) (target *record.Record, err error) {
	actor, err := record.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	if err := checkReason(reason); err != nil {
		return nil, err
	}
	err = d.Store.Update(ctx, func(tx record.Tx) error {
		seen, rec, err := d.get(tx, id)
		if err != nil {
			return err
		}
		target = rec
		if err := d.mayDecide(actor, rec, seen); err != nil {
			return err
		}
		if verdict == Accepted {
			if err := apply(rec.Body, seen.Changes); err != nil {
				return err
			}
			rec.Raw, rec.Revision.Proposal, rec.Owner.Officer = nil, id, actor.User
			if err := tx.Put(rec); err != nil {
				return err
			}
		}
		dec := Decision{Verdict: verdict, By: actor.User, Display: actor.Display, At: d.Now().UTC().Truncate(time.Millisecond), Reason: strings.TrimSpace(reason)}
		if err := d.answer(tx, seen, dec); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "decide", Topic: rec.Handling.Topic, Subject: id, Count: 1, Verdict: verdict})
	})
	return target, err
}

// mayDecide says whether the actor decides this proposal, and why not.
func (d *Desk) mayDecide(actor record.Actor, rec *record.Record, p *Seen) error {
	switch {
	case !access.Allow(actor, access.Correct, rec.Scope()):
		return record.Errorf(record.Forbidden, "your role may propose corrections, not decide them; a supervisor does")
	case p.State != Open && p.State != Waiting:
		return record.Errorf(record.Conflict, "the proposal is %s already", p.State)
	case rec.Masked != nil:
		return errSealed()
	case rec.Writer != d.Node:
		return record.Errorf(record.Forbidden, "this record is revised by %s: the proposal is decided there", rec.Writer)
	case p.By == actor.User && p.Record.Writer == d.Node:
		return record.Errorf(record.Forbidden, "nobody decides their own proposal: ask a colleague")
	}
	return nil
}

// MayDecide reports whether the actor could decide it.
func (d *Desk) MayDecide(actor record.Actor, rec *record.Record, p *Seen) bool {
	return d.mayDecide(actor, rec, p) == nil
}

// answer keeps a decision: on the proposal where this node writes it, else beside it.
func (d *Desk) answer(tx record.Tx, p *Seen, dec Decision) error {
	if p.Record.Writer == d.Node {
		p.Proposal.State, p.Proposal.Decision = dec.Verdict, &dec
		p.Record.Raw = nil
		return tx.Put(p.Record)
	}
	return tx.Put(&record.Record{Kind: KindAnswer, Version: 1, Owner: record.Owner{Agency: p.Record.Owner.Agency, Officer: dec.By},
		Handling: p.Record.Handling, Occurred: dec.At, Origin: record.Origin{Parents: []record.ID{p.Record.ID, p.Target}},
		Body: &Answer{Proposal: p.Record.ID, Target: p.Target, Decision: dec}})
}

// Withdraw takes an undecided proposal back; only who made it may.
func (d *Desk) Withdraw(ctx context.Context, id record.ID) (target *record.Record, err error) {
	actor, err := record.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	err = d.Store.Update(ctx, func(tx record.Tx) error {
		seen, rec, err := d.get(tx, id)
		if err != nil {
			return err
		}
		target = rec
		if seen.By != actor.User || seen.Record.Writer != d.Node {
			return record.Errorf(record.Forbidden, "only who made a proposal withdraws it; refuse it with a reason instead")
		}
		if seen.State != Open && seen.State != Waiting {
			return record.Errorf(record.Conflict, "the proposal is %s already", seen.State)
		}
		if err := d.answer(tx, seen, Decision{Verdict: Withdrawn, By: actor.User, Display: actor.Display, At: d.Now().UTC().Truncate(time.Millisecond)}); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "withdraw", Topic: rec.Handling.Topic, Subject: id, Count: 1})
	})
	return target, err
}

// get gives a proposal and its record.
func (d *Desk) get(tx record.Reader, id record.ID) (*Seen, *record.Record, error) {
	r, err := tx.Get(id)
	if err != nil {
		return nil, nil, err
	}
	p, ok := r.Body.(*Proposal)
	if !ok {
		return nil, nil, record.Errorf(record.NotFound, "there is no such proposal")
	}
	target, err := tx.Get(p.Target)
	if err != nil {
		return nil, nil, err
	}
	seen, err := see(tx, r, target)
	return seen, target, err
}

// see looks what became of a proposal: only the writer of the record can have answered it from afar.
func see(tx record.Reader, r, target *record.Record) (*Seen, error) {
	p, ok := r.Body.(*Proposal)
	if !ok {
		return nil, nil
	}
	s := &Seen{Proposal: p, Record: r, State: p.State, Decision: p.Decision}
	if p.State != Open && p.State != Waiting {
		return s, nil
	}
	page, err := tx.List(record.Query{Kinds: []string{KindAnswer}, Parent: r.ID, Full: true, Oldest: true, Limit: 10})
	if err != nil {
		return nil, err
	}
	for _, row := range page.Rows {
		if a, ok := row.Record.Body.(*Answer); ok && a.Proposal == r.ID && a.Target == target.ID && row.Record.Writer == target.Writer {
			s.State, s.Decision = a.Decision.Verdict, &a.Decision
			return s, nil
		}
	}
	s.Conflicts = Conflicts(target.Body, p.Changes)
	return s, nil
}

// Of gives the proposals about a record, newest first.
func (d *Desk) Of(tx record.Reader, target *record.Record) (out []*Seen, err error) {
	page, err := tx.List(record.Query{Kinds: []string{KindProposal}, Parent: target.ID, Full: true, Limit: record.MaxLimit})
	if err != nil {
		return nil, err
	}
	for _, row := range page.Rows {
		s, err := see(tx, row.Record, target)
		if err != nil {
			return nil, err
		}
		if s != nil {
			out = append(out, s)
		}
	}
	return out, nil
}

// Queued is a proposal of a queue with its record.
type Queued struct {
	*Seen
	Target *record.Record
}

// Queue gives a page of undecided proposals, oldest first; those whose record the actor may not read, or whose record was masked,
// are left out. A page may be short and still have a next one.
func (d *Desk) Queue(tx record.Reader, cursor string, limit int) (out []Queued, next string, err error) {
	page, err := tx.List(record.Query{Kinds: []string{KindProposal}, States: []string{Open, Waiting}, Full: true, Oldest: true, Cursor: cursor, Limit: limit})
	if err != nil {
		return nil, "", err
	}
	for _, row := range page.Rows {
		p, ok := row.Record.Body.(*Proposal)
		if !ok {
			continue
		}
		target, err := tx.Get(p.Target)
		if record.KindOf(err) == record.NotFound || err == nil && target.Masked != nil {
			continue
		}
		if err != nil {
			return nil, "", err
		}
		s, err := see(tx, row.Record, target)
		if err != nil {
			return nil, "", err
		}
		if s.State == Open || s.State == Waiting {
			out = append(out, Queued{s, target})
		}
	}
	return out, page.Next, nil
}

// ToDecide counts what the actor could decide, up to a limit.
func (d *Desk) ToDecide(tx record.Reader, actor record.Actor, limit int) (n int, err error) {
	for cursor := ""; n < limit; {
		page, next, err := d.Queue(tx, cursor, record.MaxLimit)
		if err != nil {
			return n, err
		}
		for _, q := range page {
			if d.MayDecide(actor, q.Target, q.Seen) {
				n++
			}
		}
		if next == "" {
			break
		}
		cursor = next
	}
	return min(n, limit), nil
}
