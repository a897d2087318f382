package oversight

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"time"

	"sarhad/record"
	"sarhad/record/access"
	"sarhad/record/audit"
	"sarhad/record/vocab"
)

// Room holds what the methods need. All are required.
type Room struct {
	Store record.Store
	Audit interface {
		audit.Table
		audit.Asker
	}
	Node string
	Now  func() time.Time
	Log  *slog.Logger

	// Kin says whether a person is called like an officer: Self, Relative or "".
	Kin func(officer string, p record.Person) string
	// Display gives the name of an officer; "" when nobody has the id.
	Display func(ctx context.Context, user string) (string, error)
	// Code is the keyed hash under which the log keeps what was searched for.
	Code func(words string) string
	// Zone is the time zone of a place, or of the node for "".
	Zone func(place string) *time.Location
	// Invent makes an ordinary record of an invented person, not yet stored, on something of the past.
	Invent func(ctx context.Context, p Invented) (*record.Record, error)
	// Resembles reports whether a listed person could be taken for this one.
	Resembles func(ctx context.Context, p record.Person) (bool, error)

	DrawOneIn uint64 // 0 = DefaultDrawOneIn
}

// DefaultDrawOneIn is one look in a hundred: some two questions for each officer and month.
const DefaultDrawOneIn = 100

func (r *Room) oneIn() uint64 {
	if r.DrawOneIn == 0 {
		return DefaultDrawOneIn
	}
	return r.DrawOneIn
}

func (r *Room) envelope(kind string, b record.Body, agency string) *record.Record {
	return &record.Record{Kind: kind, Version: 1, Writer: r.Node, Owner: record.Owner{Agency: agency}, Body: b, Occurred: r.Now().UTC(),
		Handling: record.Handling{Marking: record.MaxMarking, Topic: access.Oversight}, Basis: record.Basis{Purpose: "oversight of access to personal data"}}
}

// asker gives the actor if they may do the action with what oversight keeps.
func asker(ctx context.Context, action string) (record.Actor, error) {
	a, err := record.ActorFrom(ctx)
	if err != nil {
		return a, err
	}
	return a, access.Check(a, action, access.Oversight)
}

// own is the officer acting through the program: in the own name, with the one question that was checked to be theirs, which
// the table of access shows to oversight only.
func own(ctx context.Context, a record.Actor) context.Context {
	a.Machine = true
	return record.WithActor(ctx, a)
}

// Mine gives the questions put to the actor, newest first: those that wait, or all.
func (r *Room) Mine(ctx context.Context, all bool) (out []*record.Record, err error) {
	a, err := record.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	q := record.Query{Kinds: []string{KindQuestion}, Thing: record.Thing{Type: thingOfficer, Key: a.User}, Full: true, Limit: 100}
	if !all {
		q.States = []string{Asked}
	}
	err = r.Store.View(own(ctx, a), func(tx record.Tx) error {
		page, err := tx.List(q)
		out = out[:0]
		for _, row := range page.Rows {
			if b, ok := row.Record.Body.(*Question); ok && b.User == a.User {
				out = append(out, row.Record)
			}
		}
		return err
	})
	return out, err
}

// shortAnswer is the length, in characters, below which an answer says nothing.
const shortAnswer = 12

// Together gives questions that share acts as one, so that an officer answers for an act once and cannot tell from how often
// it is asked about which sign it bears. Groups keep the order of their first question.
func Together(recs []*record.Record) (groups [][]*record.Record) {
	for _, rec := range recs {
		group := []*record.Record{rec}
		var rest [][]*record.Record
		for _, g := range groups {
			if slices.ContainsFunc(g, func(other *record.Record) bool { return share(rec, other) }) {
				group = append(g, group...)
			} else {
				rest = append(rest, g)
			}
		}
		groups = append(rest, group)
	}
	return groups
}

func share(a, b *record.Record) bool {
	x, okX := a.Body.(*Question)
	y, okY := b.Body.(*Question)
	return okX && okY && x.State == y.State && slices.ContainsFunc(x.Acts, func(n int64) bool { return slices.Contains(y.Acts, n) })
}

// Answer answers a question that was put to the actor, and with it those that share acts with it. One that was answered
// stands.
func (r *Room) Answer(ctx context.Context, id record.ID, text string) (rec *record.Record, err error) {
	a, err := record.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	if text = strings.Join(strings.Fields(text), " "); text == "" {
		return nil, record.Errorf(record.Invalid, "write in a line what you opened it for, such as the flight, the case or who asked you")
	}
	before, err := r.Mine(ctx, true)
	if err != nil {
		return nil, err
	}
	same := []record.ID{id}
	for _, g := range Together(before) {
		if slices.ContainsFunc(g, func(rec *record.Record) bool { return rec.ID == id }) {
			same = same[:0]
			for _, rec := range g {
				same = append(same, rec.ID)
			}
		}
	}
	err = r.Store.Update(own(ctx, a), func(tx record.Tx) error {
		for _, one := range same {
			got, err := r.reply(tx, one, a, &Reply{Text: text, At: r.Now().UTC(), Odd: odd(text, same, before)})
			if err != nil {
				return err
			}
			if one == id {
				rec = got
			}
		}
		return tx.Audit(record.Act{Action: "answer-question", Topic: access.Oversight, Subject: id, Count: len(same)})
	})
	return rec, err
}

// reply puts an answer to one question.
func (r *Room) reply(tx record.Tx, id record.ID, a record.Actor, said *Reply) (*record.Record, error) {
	rec, q, err := load(tx, id)
	if err != nil {
		return nil, err
	}
	if q.User != a.User {
		return nil, record.Errorf(record.NotFound, "there is no such question to you")
	}
	if q.State != Asked {
		return nil, record.Errorf(record.Conflict, "this question was answered or closed already")
	}
	q.Reply, q.State, rec.Raw = said, Answered, nil
	return rec, tx.Put(rec)
}

// odd says what oversight may want to look at in an answer. It is no judgement.
func odd(text string, now []record.ID, before []*record.Record) (out []string) {
	if len([]rune(text)) < shortAnswer {
		out = append(out, "short")
	}
	for _, rec := range before {
		if q, ok := rec.Body.(*Question); ok && !slices.Contains(now, rec.ID) && q.Reply != nil && strings.EqualFold(q.Reply.Text, text) {
			return append(out, "repeated")
		}
	}
	return out
}

// Judge says what oversight thinks of a question, answered or not. Nobody judges one that was put to themselves.
func (r *Room) Judge(ctx context.Context, id record.ID, verdict, reason string) (rec *record.Record, err error) {
	a, err := asker(ctx, access.Decide)
	if err != nil {
		return nil, err
	}
	if _, ok := vocab.Lookup(vocab.Judgements, verdict); !ok {
		return nil, record.Errorf(record.Invalid, "choose a judgement: %.40q is none of the vocabulary", verdict)
	}
	if reason = strings.TrimSpace(reason); reason == "" {
		return nil, record.Errorf(record.Invalid, "say why you judge so; the officer may ask")
	}
	err = r.Store.Update(ctx, func(tx record.Tx) error {
		var q *Question
		var err error
		if rec, q, err = load(tx, id); err != nil {
			return err
		}
		if q.User == a.User {
			return record.Errorf(record.Forbidden, "this question was put to you; somebody else of oversight judges it")
		}
		if q.State == Judged {
			return record.Errorf(record.Conflict, "%s judged this on %s", q.Judged.Display, q.Judged.At.Format(time.DateOnly))
		}
		q.Judged, q.State = &Judgement{Verdict: verdict, Reason: reason, By: a.User, Display: a.Display, At: r.Now().UTC()}, Judged
		rec.Raw = nil
		if err := tx.Put(rec); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "judge", Topic: access.Oversight, Subject: id, Count: 1, Verdict: verdict})
	})
	return rec, err
}

func load(tx record.Reader, id record.ID) (*record.Record, *Question, error) {
	rec, err := tx.Get(id)
	if err != nil {
		return nil, nil, err
	}
	q, ok := rec.Body.(*Question)
	if !ok {
		return nil, nil, record.Errorf(record.NotFound, "there is no such question")
	}
	return rec, q, nil
}
