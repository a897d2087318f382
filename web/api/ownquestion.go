package api

import (
	"context"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sarhad/record"
	"sarhad/record/access"
	"sarhad/record/audit"
	"sarhad/record/oversight"
)

// OwnQuestion is a question as the officer sees it. It tells the acts, not the sign: some are drawn by lot, others by a rule.
type OwnQuestion struct {
	ID       string     `json:"id"`
	Asked    time.Time  `json:"asked"`
	Due      time.Time  `json:"due"`
	Overdue  bool       `json:"overdue"`
	State    string     `json:"state"`
	Acts     []OwnAct   `json:"acts"`
	More     int        `json:"more"`
	Reply    string     `json:"reply,omitempty"`
	Answered *time.Time `json:"answered,omitempty"`
}

// OwnAct is one act of the officer's own.
type OwnAct struct {
	At      time.Time      `json:"at"`
	Action  string         `json:"action"`
	Title   string         `json:"title,omitempty" doc:"heading of the record, while the officer may read it"`
	Subject string         `json:"subject,omitempty"`
	Purpose record.Purpose `json:"purpose"`
	Seconds float64        `json:"seconds,omitempty"`
}

type ownAnswer struct {
	ByID
	Body struct {
		Text string `json:"text" maxLength:"300"`
	}
}

// ownQuestionRoutes are the doors of whoever is asked.
func (a *API) ownQuestionRoutes(h huma.API) {
	register(a, h, "GET", "/me/questions", "listOwnQuestions", "Questions put to me", func(ctx context.Context, in *struct {
		All bool `query:"all"`
	}) (*body[[]OwnQuestion], error) {
		return answer(a.ownQuestions(ctx, in.All))
	})
	register(a, h, "POST", "/me/questions/{id}/answer", "answerQuestion", "Answer a question put to me", func(ctx context.Context, in *ownAnswer) (*body[[]OwnQuestion], error) {
		id, err := in.id()
		if err != nil {
			return nil, err
		}
		if _, err := a.Oversight.Answer(ctx, id, in.Body.Text); err != nil {
			return nil, err
		}
		return answer(a.ownQuestions(ctx, false))
	})
}

// ownQuestions are the questions put to the officer, with the acts they are about.
func (a *API) ownQuestions(ctx context.Context, all bool) ([]OwnQuestion, error) {
	recs, err := a.Oversight.Mine(ctx, all)
	if err != nil {
		return nil, err
	}
	out := []OwnQuestion{}
	actor, err := record.ActorFrom(ctx)
	if err != nil {
		return nil, err
	}
	named := actor.Purpose.Valid(a.Now()) // headings name people: without a purpose of work there are none
	var ids []record.ID
	for _, group := range oversight.Together(recs) {
		o, rows, err := a.ownQuestion(ctx, group)
		if err != nil {
			return nil, err
		}
		if o.Acts, err = a.ownActs(ctx, rows, named); err != nil {
			return nil, err
		}
		ids, out = append(ids, group[0].ID), append(out, o)
	}
	if !named || len(out) == 0 {
		return out, nil
	}
	return out, a.noted(ctx, actor, record.Act{Action: "list", Topic: access.Oversight, Count: len(out)}, asked("", "own questions"), ids)
}

// ownQuestion puts questions that share acts as one, with every act once.
func (a *API) ownQuestion(ctx context.Context, group []*record.Record) (o OwnQuestion, rows []audit.Row, err error) {
	all := oversight.Question{}
	for _, rec := range group {
		q, ok := rec.Body.(*oversight.Question)
		if !ok {
			continue
		}
		if o.ID == "" || q.At.Before(o.Asked) {
			o.ID, o.Asked, o.Due, o.State = rec.ID.String(), q.At, q.Due, q.State
		}
		o.Overdue = o.Overdue || q.Overdue(a.Now())
		if q.Reply != nil {
			o.Reply, o.Answered = q.Reply.Text, &q.Reply.At
		}
		all.Acts, all.More = append(all.Acts, q.Acts...), max(all.More, q.More)
	}
	slices.Sort(all.Acts)
	all.Acts = slices.Compact(all.Acts)
	rows, err = a.actsOf(ctx, &all)
	o.More = all.More + len(all.Acts) - len(rows)
	return o, rows, err
}

// ownActs tells an officer what they did. Headings are read as the officer: what they may no longer open has none.
func (a *API) ownActs(ctx context.Context, rows []audit.Row, named bool) ([]OwnAct, error) {
	out := []OwnAct{}
	err := a.Store.View(ctx, func(tx record.Tx) error {
		out = out[:0]
		for _, r := range rows {
			act := OwnAct{At: r.At, Action: r.Action, Purpose: r.Purpose, Seconds: r.Took.Seconds()}
			if !r.Subject.IsZero() {
				act.Subject = r.Subject.String()
			}
			if !r.Subject.IsZero() && named {
				rec, err := tx.Get(r.Subject)
				if err != nil && record.KindOf(err) != record.NotFound {
					return err
				}
				if err == nil {
					act.Title = rec.IndexOf().Title
				}
			}
			out = append(out, act)
		}
		return nil
	})
	return out, err
}

func (a *API) todayMine(ctx context.Context, out *Today) error {
	mine, err := a.Oversight.Mine(ctx, false)
	if err != nil || len(mine) == 0 {
		return err
	}
	t := "accent"
	for _, rec := range mine {
		if q, ok := rec.Body.(*oversight.Question); ok && q.Overdue(a.Now()) {
			t = "bad"
		}
	}
	out.Cards = append(out.Cards, Card{"questions-mine", len(oversight.Together(mine)), "/me", t})
	return nil
}
