package request

import (
	"context"
	"slices"
	"strings"
	"time"

	"sarhad/record"
	"sarhad/record/access"
	"sarhad/record/vocab"
)

// Opine says whether a found record speaks of the person who asks, and why the officer thinks so. It can be changed until
// the reply is drafted; the record of the request keeps all revisions.
func (r *Room) Opine(ctx context.Context, id, found record.ID, same bool, reason string) (*record.Record, error) {
	return r.change(ctx, id, access.Decide, "opine", func(tx record.Tx, _ *record.Record, q *Request, a record.Actor) error {
		reason, err := need(reason, "why this is, or is not, the person who asks")
		if err = firstError(err, in(q, Searching)); err != nil {
			return err
		}
		i, err := r.found(tx, q, found)
		if err != nil {
			return err
		}
		now := r.Now().UTC()
		q.Found[i].Opinion = &Opinion{Same: same, Reason: reason, By: a.User, At: now}
		if !same {
			q.Found[i].Answer = nil
		}
		return nil
	})
}

// found gives the place of a found record that the actor may still read, or that is gone altogether.
func (r *Room) found(tx record.Tx, q *Request, id record.ID) (int, error) {
	i := q.at(id)
	if i < 0 {
		return i, record.Errorf(record.NotFound, "this record was not found for request %s; search again", q.Number)
	}
	_, err := tx.Get(id)
	if record.KindOf(err) == record.NotFound {
		if erased, e := r.erased(tx, id); e != nil || !erased.IsZero() {
			return i, e
		}
	}
	return i, err
}

// Decide says what the reply tells of a record that is the person's. Without classes a partial answer is refused; everything
// but "given" needs a ground.
func (r *Room) Decide(ctx context.Context, id, found record.ID, ans Answer) (*record.Record, error) {
	return r.change(ctx, id, access.Decide, "decide", func(tx record.Tx, _ *record.Record, q *Request, a record.Actor) error {
		if err := in(q, Searching); err != nil {
			return err
		}
		i, err := r.found(tx, q, found)
		if err != nil {
			return err
		}
		if !q.Found[i].Told() {
			return record.Errorf(record.Conflict, "say first that the record speaks of the person who asks; nothing is told of other people's records")
		}
		if err := ans.check(); err != nil {
			return err
		}
		ans.By, ans.At = a.User, r.Now().UTC()
		q.Found[i].Answer = &ans
		return nil
	})
}

// tellable are the classes of fields that a person can be told. Source is never among them: it is somebody else's.
var tellable = []record.Class{record.Plain, record.Identity, record.Home, record.Sensitive, record.FreeText}

func (ans *Answer) check() error {
	ans.Note = strings.TrimSpace(ans.Note)
	if err := known(vocab.RequestAnswers, ans.What, "answer"); err != nil {
		return err
	}
	if ans.What == Given {
		ans.Classes, ans.Ground, ans.Until = nil, "", ""
		return nil
	}
	if err := known(vocab.RequestGrounds, ans.Ground, "legal ground"); err != nil {
		return err
	}
	if ans.Until != "" {
		if _, err := time.Parse(time.DateOnly, ans.Until); err != nil {
			return record.Errorf(record.Invalid, "%.20q is not a day: the ground holds until year-month-day, or leave it open", ans.Until)
		}
	}
	if ans.What != Partly {
		ans.Classes = nil
		return nil
	}
	if len(ans.Classes) == 0 {
		return record.Errorf(record.Invalid, "choose what is told in part; to tell nothing of it, withhold the record")
	}
	for _, c := range ans.Classes {
		if !slices.Contains(tellable, c) {
			return record.Errorf(record.Invalid, "fields of class %.20q are never told to a person: they speak of a source", c)
		}
	}
	return nil
}

// Draft closes the work on the records and hands the reply to a second person.
func (r *Room) Draft(ctx context.Context, id record.ID, refuse bool, ground, words, waiting string) (*record.Record, error) {
	officers, err := r.officers(ctx)
	if err != nil {
		return nil, err
	}
	return r.change(ctx, id, access.Decide, "draft", func(tx record.Tx, _ *record.Record, q *Request, a record.Actor) error {
		if refuse {
			if err := firstError(in(q, Received, Proven, Searching), known(vocab.RequestGrounds, ground, "legal ground of the refusal")); err != nil {
				return err
			}
		} else {
			if err := in(q, Searching); err != nil {
				return err
			}
			if n := q.Waiting(); n > 0 {
				return record.Errorf(record.Invalid, "%d of the found records wait for you: say of each whether it is the person, and what is told", n)
			}
			ground = ""
		}
		now := r.Now().UTC()
		q.Draft = &Draft{At: now, By: a.User, Refuse: refuse, Ground: ground, Words: strings.TrimSpace(words), Waiting: strings.TrimSpace(waiting)}
		var err error
		if q.Draft.Hash, err = r.hash(tx, q, officers); err != nil {
			return err
		}
		q.State = Drafted
		q.step(a, now, "draft", "")
		return nil
	})
}

// SendBack gives a draft back to who wrote it, with the reason.
func (r *Room) SendBack(ctx context.Context, id record.ID, note string) (*record.Record, error) {
	return r.change(ctx, id, access.Oversee, "send-back", func(_ record.Tx, _ *record.Record, q *Request, a record.Actor) error {
		note, err := need(note, "what is to be changed")
		if err = firstError(err, in(q, Drafted, Approved)); err != nil {
			return err
		}
		q.State, q.ApprovedBy = Searching, nil
		if q.Search == nil { // a refusal before anything was searched
			q.State = Received
			if q.Proof != nil {
				q.State = Proven
			}
		}
		q.step(a, r.Now().UTC(), "send-back", note)
		return nil
	})
}

// Approve says that the drafted reply may leave. It is a second person's, in a role that the rules of the country name, and
// of what that person read: hash is the reply's. Records that changed since are a Conflict.
func (r *Room) Approve(ctx context.Context, id record.ID, hash string) (*record.Record, error) {
	return r.change(ctx, id, access.Oversee, "approve", func(_ record.Tx, _ *record.Record, q *Request, a record.Actor) error {
		if err := in(q, Drafted); err != nil {
			return err
		}
		roles := r.rules(q).Approve
		if !slices.ContainsFunc(a.Roles, func(role string) bool { return slices.Contains(roles, role) }) {
			return record.Errorf(record.Forbidden, "in this country a reply is approved by: %s", strings.Join(roles, ", "))
		}
		worked := func(user string) bool { return user != "" && user == a.User }
		if worked(q.Draft.By) || slices.ContainsFunc(q.Found, func(f Found) bool {
			return f.Opinion != nil && worked(f.Opinion.By) || f.Answer != nil && worked(f.Answer.By)
		}) {
			return record.Errorf(record.Forbidden, "you worked on this reply yourself; a second person approves it")
		}
		if hash != q.Draft.Hash {
			return record.Errorf(record.Conflict, "the draft was changed while you read it; read it again before you approve it")
		}
		now := r.Now().UTC()
		q.State, q.ApprovedBy = Approved, &Step{At: now, By: a.User, Display: a.Display, Act: "approve"}
		q.step(a, now, "approve", "")
		return nil
	})
}

// Answer says that the approved reply left. When a record of it changed since the draft it goes back to the officer.
func (r *Room) Answer(ctx context.Context, id record.ID) (*record.Record, error) {
	officers, err := r.officers(ctx)
	if err != nil {
		return nil, err
	}
	return r.change(ctx, id, access.Decide, "answer", func(tx record.Tx, _ *record.Record, q *Request, a record.Actor) error {
		if err := in(q, Approved); err != nil {
			return err
		}
		hash, err := r.hash(tx, q, officers)
		if err != nil {
			return err
		}
		if hash != q.Draft.Hash {
			return record.Errorf(record.Conflict, "a record of this reply was changed or erased since it was approved; ask the approver to send it back, and draft it again")
		}
		now := r.Now().UTC()
		q.State, q.Answered = Answered, now
		if q.Draft.Refuse {
			q.State = Refused
		}
		if q.Acknowledged.IsZero() {
			q.Acknowledged = now
		}
		q.step(a, now, q.State, "")
		return nil
	})
}

// Close ends the request; what it holds is kept as long as the clocks say and then erased. A request whose correction,
// erasure or restriction is still waiting is not closed before somebody says how it ended.
func (r *Room) Close(ctx context.Context, id record.ID, note string) (*record.Record, error) {
	return r.change(ctx, id, access.Decide, "close", func(_ record.Tx, rec *record.Record, q *Request, a record.Actor) error {
		if err := in(q, Answered, Refused); err != nil {
			return err
		}
		if q.Draft != nil && q.Draft.Waiting != "" && strings.TrimSpace(note) == "" {
			return record.Errorf(record.Invalid, "the reply promises: %s. Say what became of it", q.Draft.Waiting)
		}
		q.State, q.Closed = Closed, r.Now().UTC()
		q.step(a, q.Closed, "close", strings.TrimSpace(note))
		rec.Expires = q.Closed.AddDate(KeepYears, 0, 0)
		return nil
	})
}

// KeepYears is how long a closed request is kept: the time in which a person may still go to court about the reply.
const KeepYears = 3
