package api

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sarhad/record"
	"sarhad/record/access"
	"sarhad/record/audit"
	"sarhad/record/oversight"
)

// QuestionRow is a question as oversight reads it.
type QuestionRow struct {
	ID      string            `json:"id"`
	Sign    string            `json:"sign" doc:"why it was drawn; a sign is no verdict"`
	Officer Officer           `json:"officer"`
	Agency  string            `json:"agency"`
	Role    string            `json:"role,omitempty"`
	Place   string            `json:"place,omitempty"`
	Subject *Subject          `json:"subject,omitempty"`
	Acts    int               `json:"acts"`
	Facts   []QuestionFact    `json:"facts"`
	First   time.Time         `json:"first"`
	Last    time.Time         `json:"last"`
	Asked   time.Time         `json:"asked"`
	Due     time.Time         `json:"due"`
	State   string            `json:"state" enum:"asked,answered,judged"`
	Overdue bool              `json:"overdue"`
	Reply   *QuestionReply    `json:"reply,omitempty"`
	Judged  *QuestionJudgment `json:"judged,omitempty"`
}

// QuestionFact is one piece of why a question was asked, in codes and figures.
type QuestionFact struct {
	Code  string `json:"code"`
	Value string `json:"value"`
}

// QuestionReply is what the officer answered.
type QuestionReply struct {
	Text string    `json:"text"`
	At   time.Time `json:"at"`
	Odd  []string  `json:"odd" doc:"short, repeated"`
}

// QuestionJudgment is what oversight thinks of it.
type QuestionJudgment struct {
	Verdict string    `json:"verdict"`
	Reason  string    `json:"reason"`
	By      Officer   `json:"by"`
	At      time.Time `json:"at"`
}

// QuestionPage is one question with the acts it is about.
type QuestionPage struct {
	QuestionRow
	Looks    []Look `json:"looks" doc:"at most 50 acts, by number"`
	More     int    `json:"more" doc:"acts beyond those"`
	MayJudge bool   `json:"mayJudge"`
}

// QuestionCounts are the heads of the tabs; each stops at 500.
type QuestionCounts struct {
	Asked    int `json:"asked"`
	Overdue  int `json:"overdue"`
	Answered int `json:"answered"`
	Judged   int `json:"judged"`
}

// QuestionList is a page of questions, newest first.
type QuestionList struct {
	List[QuestionRow]
	Counts QuestionCounts `json:"counts"`
}

// UnitFigures is one agency in figures.
type UnitFigures struct {
	Agency   string `json:"agency"`
	Officers int    `json:"officers" doc:"who looked at anything"`
	Looks    int    `json:"looks"`
	Draws    int    `json:"draws"`
	Signs    int    `json:"signs" doc:"questions of all other signs"`
	Answered int    `json:"answered" doc:"also those that were judged after an answer or without"`
	Open     int    `json:"open"`
}

// CanaryRow is a planted record.
type CanaryRow struct {
	ID     string    `json:"id"`
	Record string    `json:"record"`
	Title  string    `json:"title,omitempty"`
	Why    string    `json:"why"`
	By     Officer   `json:"by"`
	At     time.Time `json:"at"`
	State  string    `json:"state" enum:"planted,retired"`
	Looks  int       `json:"looks" doc:"at it since; at most 500"`
}

type questionQuery struct {
	Paging
	State string `query:"state" enum:"open,overdue,answered,judged,all" default:"open" doc:"open = not judged"`
	Sign  string `query:"sign" maxLength:"16"`
	User  string `query:"user" maxLength:"64"`
}

type judgeBody struct {
	ByID
	Body struct {
		Verdict string `json:"verdict" maxLength:"32"`
		Reason  string `json:"reason" maxLength:"2000"`
	}
}

type plantBody struct {
	Body struct {
		Surname     string `json:"surname" maxLength:"60"`
		Given       string `json:"given" maxLength:"60"`
		Born        string `json:"born" maxLength:"10"`
		Sex         string `json:"sex,omitempty" enum:"M,F,X,"`
		Nationality string `json:"nationality" maxLength:"3"`
		Document    string `json:"document" maxLength:"20"`
		Why         string `json:"why" maxLength:"500"`
	}
}

func (a *API) questions(h huma.API) {
	register(a, h, "GET", "/oversight/questions", "listQuestions", "Signs and questions", func(ctx context.Context, in *questionQuery) (*body[QuestionList], error) {
		return answer(a.questionList(ctx, in))
	})
	register(a, h, "GET", "/oversight/questions/{id}", "getQuestion", "One question and its acts", func(ctx context.Context, in *ByID) (*body[QuestionPage], error) {
		return answer(a.questionPage(ctx, *in))
	})
	register(a, h, "POST", "/oversight/questions/{id}/judge", "judgeQuestion", "Say what oversight thinks", func(ctx context.Context, in *judgeBody) (*body[QuestionPage], error) {
		id, err := a.overseeing(ctx, in.ByID, access.Decide)
		if err == nil {
			_, err = a.Oversight.Judge(ctx, id, in.Body.Verdict, in.Body.Reason)
		}
		if err != nil {
			return nil, err
		}
		return answer(a.questionPage(ctx, in.ByID))
	})
	register(a, h, "GET", "/oversight/figures", "getFigures", "Looks, draws and answers by unit", func(ctx context.Context, in *struct {
		From time.Time `query:"from" doc:"absent = 30 days ago"`
	}) (*body[[]UnitFigures], error) {
		return answer(a.figures(ctx, in.From))
	})
	register(a, h, "GET", "/oversight/canaries", "listCanaries", "Planted records", func(ctx context.Context, _ *empty) (*body[[]CanaryRow], error) {
		return answer(a.canaries(ctx))
	})
	register(a, h, "POST", "/oversight/canaries", "plantCanary", "Plant an invented person", func(ctx context.Context, in *plantBody) (*body[[]CanaryRow], error) {
		b := in.Body
		if _, err := a.purposed(ctx, access.Decide, access.Oversight); err != nil {
			return nil, err
		}
		_, err := a.Oversight.Plant(ctx, oversight.Invented{Surname: b.Surname, Given: b.Given, Born: b.Born, Sex: b.Sex, Nationality: b.Nationality, Document: b.Document}, b.Why)
		if err != nil {
			return nil, err
		}
		return answer(a.canaries(ctx))
	})
	register(a, h, "POST", "/oversight/canaries/{id}/retire", "retireCanary", "Take a planted record away", func(ctx context.Context, in *ByID) (*body[[]CanaryRow], error) {
		id, err := a.overseeing(ctx, *in, access.Decide)
		if err == nil {
			_, err = a.Oversight.Retire(ctx, id)
		}
		if err != nil {
			return nil, err
		}
		return answer(a.canaries(ctx))
	})
	a.ownQuestionRoutes(h)
}

// overseeing asks for right and purpose before anything of oversight's is changed.
func (a *API) overseeing(ctx context.Context, in ByID, action string) (record.ID, error) {
	if _, err := a.purposed(ctx, action, access.Oversight); err != nil {
		return record.ID{}, err
	}
	return in.id()
}

func (a *API) questionRow(rec *record.Record, q *oversight.Question, names map[string]string) QuestionRow {
	row := QuestionRow{ID: rec.ID.String(), Sign: q.Sign, Officer: Officer{q.User, names[q.User]}, Agency: q.Agency, Role: q.Role, Place: q.Place,
		Acts: len(q.Acts) + q.More, Facts: []QuestionFact{}, First: q.First, Last: q.Last, Asked: q.At, Due: q.Due, State: q.State, Overdue: q.Overdue(a.Now())}
	for _, f := range q.Facts {
		row.Facts = append(row.Facts, QuestionFact(f))
	}
	if q.Reply != nil {
		row.Reply = &QuestionReply{q.Reply.Text, q.Reply.At, nonNil(q.Reply.Odd)}
	}
	if j := q.Judged; j != nil {
		row.Judged = &QuestionJudgment{j.Verdict, j.Reason, Officer{j.By, j.Display}, j.At}
	}
	return row
}

func (a *API) questionList(ctx context.Context, in *questionQuery) (QuestionList, error) {
	out := QuestionList{List: List[QuestionRow]{Items: []QuestionRow{}}}
	names, err := a.officers(ctx)
	if err != nil {
		return out, err
	}
	q := record.Query{Kinds: []string{oversight.KindQuestion}, Full: true, Cursor: in.Cursor, Limit: in.Limit}
	switch in.State {
	case "open":
		q.States = []string{oversight.Asked, oversight.Answered}
	case "overdue":
		q.States = []string{oversight.Asked}
	case "answered", "judged":
		q.States = []string{in.State}
	}
	if in.User != "" {
		q.Thing = record.Thing{Type: "officer", Key: in.User}
	}
	var subjects []audit.Row
	err = a.look(ctx, record.Act{Action: "oversee", Topic: access.Oversight}, asked("", "questions", in.State, in.Sign, in.User, in.Cursor), func(tx record.Tx) ([]record.ID, error) {
		var err error
		if out.Counts, err = a.questionCounts(tx); err != nil {
			return nil, err
		}
		page, err := tx.List(q)
		out.Items, out.Next, subjects = []QuestionRow{}, page.Next, nil
		var ids []record.ID
		for row, b := range bodies[*oversight.Question](page.Rows) {
			if in.Sign != "" && b.Sign != in.Sign || in.State == "overdue" && !b.Overdue(a.Now()) {
				continue
			}
			ids, out.Items = append(ids, row.ID), append(out.Items, a.questionRow(row.Record, b, names))
			subjects = append(subjects, audit.Row{Act: record.Act{Subject: b.Subject}})
		}
		return ids, err
	})
	if err != nil {
		return out, err
	}
	titles, err := a.titles(ctx, subjects)
	for i, s := range subjects {
		out.Items[i].Subject = subjectOf(s.Subject, titles)
	}
	return out, err
}

func subjectOf(id record.ID, titles map[record.ID]Subject) *Subject {
	if id.IsZero() {
		return nil
	}
	s := titles[id]
	s.ID = id.String()
	return &s
}

func (a *API) questionCounts(tx record.Reader) (c QuestionCounts, err error) {
	page, err := tx.List(record.Query{Kinds: []string{oversight.KindQuestion}, States: []string{oversight.Asked}, Oldest: true, Full: true, Limit: record.MaxLimit})
	if err != nil {
		return c, err
	}
	c.Asked = len(page.Rows)
	for _, q := range bodies[*oversight.Question](page.Rows) {
		if q.Overdue(a.Now()) {
			c.Overdue++
		}
	}
	for state, n := range map[string]*int{oversight.Answered: &c.Answered, oversight.Judged: &c.Judged} {
		if *n, err = tx.Count(record.Query{Kinds: []string{oversight.KindQuestion}, States: []string{state}}, record.MaxLimit); err != nil {
			return c, err
		}
	}
	return c, nil
}

// shownActs is how many acts a question shows; the log has them all.
const shownActs = 50

func (a *API) questionPage(ctx context.Context, in ByID) (QuestionPage, error) {
	var out QuestionPage
	actor, err := record.ActorFrom(ctx)
	if err != nil {
		return out, err
	}
	id, err := in.id()
	if err != nil {
		return out, err
	}
	names, err := a.officers(ctx)
	if err != nil {
		return out, err
	}
	var q *oversight.Question
	err = a.look(ctx, record.Act{Action: "oversee", Topic: access.Oversight, Subject: id}, question{}, func(tx record.Tx) ([]record.ID, error) {
		var rec *record.Record
		var err error
		if rec, q, err = recordOf[*oversight.Question](tx, id, "question"); err != nil {
			return nil, err
		}
		out.QuestionRow = a.questionRow(rec, q, names)
		return []record.ID{id}, nil
	})
	if err != nil {
		return out, err
	}
	rows, err := a.actsOf(ctx, q)
	if err != nil {
		return out, err
	}
	titles, err := a.titles(ctx, append(rows, audit.Row{Act: record.Act{Subject: q.Subject}}))
	if err != nil {
		return out, err
	}
	out.Subject, out.Looks = subjectOf(q.Subject, titles), []Look{}
	for _, r := range rows {
		out.Looks = append(out.Looks, lookOf(r, names, titles))
	}
	out.More = len(q.Acts) + q.More - len(rows)
	out.MayJudge = q.State != oversight.Judged && q.User != actor.User && access.May(actor, access.Decide, access.Oversight)
	return out, nil
}

// actsOf reads the acts a question is about, the latest ones when there are many.
func (a *API) actsOf(ctx context.Context, q *oversight.Question) (out []audit.Row, err error) {
	numbers := q.Acts[max(0, len(q.Acts)-shownActs):]
	for _, n := range numbers {
		rows, err := a.Audit.AuditRows(ctx, n-1, 1)
		if err != nil {
			return nil, err
		}
		if len(rows) == 1 && rows[0].Number == n {
			out = append(out, rows[0])
		}
	}
	return out, nil
}

// figuresPeriod is how far back figures go when nobody says.
const figuresPeriod = 30 * 24 * time.Hour

func (a *API) figures(ctx context.Context, from time.Time) ([]UnitFigures, error) {
	if from.IsZero() {
		from = a.Now().Add(-figuresPeriod)
	}
	var cells []record.Cell
	err := a.look(ctx, record.Act{Action: "oversee", Topic: access.Oversight}, asked("", "figures", moment(from)), func(tx record.Tx) (ids []record.ID, err error) {
		cells, err = tx.Measures(record.MeasureQuery{Name: "questions", By: []string{"unit", "sign", "state"}, From: from})
		return nil, err
	})
	if err != nil {
		return nil, err
	}
	looks, err := a.Audit.LooksByUnit(ctx, from, time.Time{})
	if err != nil {
		return nil, err
	}
	out, at := []UnitFigures{}, map[string]int{}
	unit := func(agency string) *UnitFigures {
		i, ok := at[agency]
		if !ok {
			i, out = len(out), append(out, UnitFigures{Agency: agency})
			at[agency] = i
		}
		return &out[i]
	}
	for _, l := range looks {
		u := unit(l.Agency)
		u.Looks, u.Officers = l.Looks, l.Officers
	}
	for _, c := range cells {
		u := unit(c.By[0])
		if c.By[1] == oversight.Draw {
			u.Draws += c.Count
		} else {
			u.Signs += c.Count
		}
		if c.By[2] == oversight.Asked {
			u.Open += c.Count
		} else {
			u.Answered += c.Count
		}
	}
	slices.SortStableFunc(out, func(x, y UnitFigures) int { return cmp.Compare(x.Agency, y.Agency) })
	return out, nil
}

func (a *API) canaries(ctx context.Context) ([]CanaryRow, error) {
	out := []CanaryRow{}
	var subjects []audit.Row
	err := a.look(ctx, record.Act{Action: "oversee", Topic: access.Oversight}, asked("", "canaries"), func(tx record.Tx) ([]record.ID, error) {
		page, err := tx.List(record.Query{Kinds: []string{oversight.KindCanary}, Full: true, Limit: record.MaxLimit})
		out, subjects = []CanaryRow{}, nil
		for row, c := range bodies[*oversight.Canary](page.Rows) {
			out = append(out, CanaryRow{ID: row.ID.String(), Record: c.Record.String(), Why: c.Why, By: Officer{c.By, c.Display}, At: c.At, State: c.State})
			subjects = append(subjects, audit.Row{Act: record.Act{Subject: c.Record}})
		}
		return idsOf(page.Rows), err
	})
	if err != nil {
		return nil, err
	}
	titles, err := a.titles(ctx, subjects)
	if err != nil {
		return nil, err
	}
	for i, s := range subjects {
		out[i].Title = titles[s.Subject].Title
		rows, err := a.Audit.AskAudit(ctx, audit.Question{Subject: s.Subject, Actions: []string{"read", "revisions"}, Limit: record.MaxLimit})
		if err != nil {
			return nil, err
		}
		out[i].Looks = len(rows)
	}
	return out, nil
}

// todayQuestions is what waits for oversight, and todayMine what oversight asks of the officer.
func (a *API) todayQuestions(ctx context.Context, _ record.Actor, out *Today) error {
	var c QuestionCounts
	err := a.Store.View(ctx, func(tx record.Tx) (err error) {
		c, err = a.questionCounts(tx)
		return err
	})
	out.Cards = append(out.Cards,
		Card{"signs-open", c.Asked + c.Answered, "/oversight/signs", tone(c.Asked+c.Answered, "accent")},
		Card{"signs-overdue", c.Overdue, "/oversight/signs?state=overdue", tone(c.Overdue, "warn")})
	return err
}
