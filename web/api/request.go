package api

import (
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sarhad/record"
	"sarhad/record/access"
	"sarhad/record/privacy/request"
)

// RequestRow is a person's request in the register.
type RequestRow struct {
	ID           string     `json:"id"`
	Number       string     `json:"number"`
	Asks         string     `json:"asks"`
	Channel      string     `json:"channel"`
	Lang         string     `json:"lang"`
	State        string     `json:"state"`
	Person       Who        `json:"person"`
	Agency       string     `json:"agency"`
	Received     time.Time  `json:"received"`
	AckDue       time.Time  `json:"ackDue" doc:"the person must have heard that the request came"`
	Due          time.Time  `json:"due"`
	DaysLeft     int        `json:"daysLeft" doc:"whole days until the reply is due; negative when late"`
	Late         bool       `json:"late"`
	Open         bool       `json:"open"`
	Acknowledged *time.Time `json:"acknowledged,omitempty"`
	Escalated    *time.Time `json:"escalated,omitempty"`
	Assigned     *Officer   `json:"assigned,omitempty"`
	Found        int        `json:"found"`
	Waiting      int        `json:"waiting" doc:"found records that nobody has decided on"`
}

// RequestCounts are the heads of the register's tabs; each stops at 500.
type RequestCounts struct {
	Open    int `json:"open"`
	Late    int `json:"late"`
	Mine    int `json:"mine"`
	Drafted int `json:"drafted" doc:"wait for a second person"`
}

// RequestList is a page of the register, oldest first while it is open.
type RequestList struct {
	List[RequestRow]
	Counts RequestCounts `json:"counts"`
}

// RequestPage is one request with what was found for it.
type RequestPage struct {
	RequestRow
	Asked      Applicant         `json:"asked"`
	Words      string            `json:"words,omitempty"`
	Proof      *RequestProof     `json:"proof,omitempty"`
	Extension  *RequestExtension `json:"extension,omitempty"`
	Search     *RequestSearch    `json:"search,omitempty"`
	Records    []FoundRow        `json:"records"`
	Draft      *RequestDraft     `json:"draft,omitempty"`
	Approved   *HistoryStep      `json:"approved,omitempty"`
	Answered   *time.Time        `json:"answered,omitempty"`
	Closed     *time.Time        `json:"closed,omitempty"`
	History    []HistoryStep     `json:"history"`
	Approvers  []string          `json:"approvers" doc:"roles that approve a reply in this country"`
	MayDecide  bool              `json:"mayDecide"`
	MayApprove bool              `json:"mayApprove" doc:"a second person: in the role, and did not work on it"`
	Revision   int               `json:"revision"`
}

// Shapes of the room, under names of their own in the API document.
type (
	Applicant        request.Asked
	RequestProof     request.Proof
	RequestExtension request.Extension
	RequestSearch    request.Search
	RequestDraft     request.Draft
	FoundOpinion     request.Opinion
	FoundAnswer      request.Answer
)

// FoundRow is a record that may speak of the person. Title and fields are there only for who may read the record.
type FoundRow struct {
	Record  string        `json:"record"`
	Kind    string        `json:"kind"`
	How     []string      `json:"how" doc:"document, name, clearance, parent"`
	Score   float64       `json:"score,omitempty" doc:"0..1, of the search by name"`
	Opinion *FoundOpinion `json:"opinion,omitempty"`
	Answer  *FoundAnswer  `json:"answer,omitempty"`
	Title   string        `json:"title,omitempty"`
	State   string        `json:"state,omitempty"`
	At      *time.Time    `json:"at,omitempty"`
	Gone    bool          `json:"gone" doc:"erased since, or out of the officer's reach"`
	Fields  []FieldValue  `json:"fields"`
	Reasons []ReasonText  `json:"reasons"`
}

type requestQuery struct {
	Paging
	State string `query:"state" enum:"open,late,mine,drafted,done,all" default:"open"`
	Q     string `query:"q" maxLength:"200" doc:"name or number"`
}

type newRequest struct {
	Body struct {
		Asks     string    `json:"asks" maxLength:"32"`
		Channel  string    `json:"channel" maxLength:"32"`
		Lang     string    `json:"lang,omitempty" maxLength:"8"`
		Words    string    `json:"words,omitempty" maxLength:"4000"`
		Received time.Time `json:"received,omitzero" required:"false"`
		Person   Applicant `json:"person"`
	}
}

type requestNote struct {
	ByID
	Body struct {
		Note string `json:"note,omitempty" maxLength:"2000"`
	}
}

type proveBody struct {
	ByID
	Body struct {
		How  string `json:"how" maxLength:"32"`
		Note string `json:"note,omitempty" maxLength:"2000"`
	}
}

type amendBody struct {
	ByID
	Body Applicant
}

// ByFound is a request about one record that was found for a request.
type ByFound struct {
	ByID
	Record string `path:"record" maxLength:"36"`
}

func (in ByFound) ids() (id, found record.ID, err error) {
	if id, err = in.id(); err != nil {
		return id, found, err
	}
	found, err = ByID{in.Record}.id()
	return id, found, err
}

type opinionBody struct {
	ByFound
	Body struct {
		Same   bool   `json:"same"`
		Reason string `json:"reason" maxLength:"1000"`
	}
}

type foundAnswerBody struct {
	ByFound
	Body struct {
		What    string         `json:"what" maxLength:"16"`
		Classes []record.Class `json:"classes,omitempty" maxItems:"6"`
		Ground  string         `json:"ground,omitempty" maxLength:"32"`
		Until   string         `json:"until,omitempty" maxLength:"10"`
		Note    string         `json:"note,omitempty" maxLength:"1000"`
	}
}

type draftBody struct {
	ByID
	Body struct {
		Refuse  bool   `json:"refuse,omitempty"`
		Ground  string `json:"ground,omitempty" maxLength:"32"`
		Words   string `json:"words,omitempty" maxLength:"4000" doc:"printed above the records"`
		Waiting string `json:"waiting,omitempty" maxLength:"1000" doc:"what somebody else still does: correct, erase, restrict"`
	}
}

type approveBody struct {
	ByID
	Body struct {
		Hash string `json:"hash" maxLength:"64" doc:"of the reply that was read"`
	}
}

func (a *API) requests(h huma.API) {
	register(a, h, "GET", "/requests", "listRequests", "Register of persons' requests", func(ctx context.Context, in *requestQuery) (*body[RequestList], error) {
		return answer(a.requestList(ctx, in))
	})
	register(a, h, "POST", "/requests", "createRequest", "Take a request in", func(ctx context.Context, in *newRequest) (*body[RequestPage], error) {
		return answer(a.requestCreate(ctx, in))
	})
	register(a, h, "GET", "/requests/{id}", "getRequest", "One request and what was found", func(ctx context.Context, in *ByID) (*body[RequestPage], error) {
		return answer(a.requestPage(ctx, *in))
	})
	register(a, h, "GET", "/requests/{id}/reply", "getReply", "The reply as it stands", func(ctx context.Context, in *replyQuery) (*body[ReplyPage], error) {
		return answer(a.reply(ctx, in))
	})
	type room = request.Room
	act := func(path, id, summary string, fn func(*room, context.Context, record.ID, string) (*record.Record, error)) {
		register(a, h, "POST", "/requests/{id}/"+path, id, summary, func(ctx context.Context, in *requestNote) (*body[RequestPage], error) {
			return answer(a.requestAct(ctx, in.ByID, func(ctx context.Context, id record.ID) (*record.Record, error) {
				return fn(a.Requests, ctx, id, in.Body.Note)
			}))
		})
	}
	act("acknowledge", "acknowledgeRequest", "The person was told that it came", func(r *room, ctx context.Context, id record.ID, _ string) (*record.Record, error) {
		return r.Acknowledge(ctx, id)
	})
	act("take", "takeRequest", "Work on it oneself", func(r *room, ctx context.Context, id record.ID, _ string) (*record.Record, error) {
		actor, err := record.ActorFrom(ctx)
		if err != nil {
			return nil, err
		}
		return r.Assign(ctx, id, actor.User, actor.Display)
	})
	act("extend", "extendRequest", "Lengthen the clock once", (*room).Extend)
	act("search", "searchRequest", "Search everything that may speak of the person", func(r *room, ctx context.Context, id record.ID, _ string) (*record.Record, error) {
		return r.Search(ctx, id)
	})
	act("send-back", "sendBackRequest", "Give a draft back", (*room).SendBack)
	act("answer", "answerRequest", "The approved reply left", func(r *room, ctx context.Context, id record.ID, _ string) (*record.Record, error) {
		return r.Answer(ctx, id)
	})
	act("close", "closeRequest", "Close", (*room).Close)
	a.requestBodies(h)
}

// requestBodies are the acts that say more than a note.
func (a *API) requestBodies(h huma.API) {
	register(a, h, "POST", "/requests/{id}/prove", "proveRequest", "Say how the identity was proven", func(ctx context.Context, in *proveBody) (*body[RequestPage], error) {
		return answer(a.requestAct(ctx, in.ByID, func(ctx context.Context, id record.ID) (*record.Record, error) {
			return a.Requests.Prove(ctx, id, in.Body.How, in.Body.Note)
		}))
	})
	register(a, h, "PUT", "/requests/{id}/person", "amendRequest", "Correct who asks", func(ctx context.Context, in *amendBody) (*body[RequestPage], error) {
		return answer(a.requestAct(ctx, in.ByID, func(ctx context.Context, id record.ID) (*record.Record, error) {
			return a.Requests.Amend(ctx, id, request.Asked(in.Body))
		}))
	})
	register(a, h, "POST", "/requests/{id}/found/{record}/opinion", "opineFound", "Say whether a record is the person", func(ctx context.Context, in *opinionBody) (*body[RequestPage], error) {
		return answer(a.foundAct(ctx, in.ByFound, func(ctx context.Context, id, found record.ID) (*record.Record, error) {
			return a.Requests.Opine(ctx, id, found, in.Body.Same, in.Body.Reason)
		}))
	})
	register(a, h, "POST", "/requests/{id}/found/{record}/answer", "decideFound", "Say what is told of a record", func(ctx context.Context, in *foundAnswerBody) (*body[RequestPage], error) {
		return answer(a.foundAct(ctx, in.ByFound, func(ctx context.Context, id, found record.ID) (*record.Record, error) {
			b := in.Body
			return a.Requests.Decide(ctx, id, found, request.Answer{What: b.What, Classes: b.Classes, Ground: b.Ground, Until: b.Until, Note: b.Note})
		}))
	})
	register(a, h, "POST", "/requests/{id}/draft", "draftRequest", "Hand the reply to a second person", func(ctx context.Context, in *draftBody) (*body[RequestPage], error) {
		return answer(a.requestAct(ctx, in.ByID, func(ctx context.Context, id record.ID) (*record.Record, error) {
			return a.Requests.Draft(ctx, id, in.Body.Refuse, in.Body.Ground, in.Body.Words, in.Body.Waiting)
		}))
	})
	register(a, h, "POST", "/requests/{id}/approve", "approveRequest", "Approve the reply that was read", func(ctx context.Context, in *approveBody) (*body[RequestPage], error) {
		return answer(a.requestAct(ctx, in.ByID, func(ctx context.Context, id record.ID) (*record.Record, error) {
			return a.Requests.Approve(ctx, id, in.Body.Hash)
		}))
	})
}

func (a *API) requestRow(rec *record.Record, q *request.Request) RequestRow {
	now := a.Now()
	r := RequestRow{ID: rec.ID.String(), Number: q.Number, Asks: q.Asks, Channel: q.Channel, Lang: q.Lang, State: q.State, Agency: rec.Owner.Agency,
		Received: q.Received, AckDue: q.AckDue, Due: q.Due, DaysLeft: int(math.Floor(q.Due.Sub(now).Hours() / 24)), Late: q.Late(now), Open: q.Open(),
		Acknowledged: timeOr(q.Acknowledged), Escalated: timeOr(q.Escalated), Found: len(q.Found), Waiting: q.Waiting()}
	if len(q.Person.Names) > 0 {
		r.Person.Name = q.Person.Names[0].Full
	}
	r.Person.Born, r.Person.Sex = q.Person.Born, q.Person.Sex
	if len(q.Person.Nationalities) > 0 {
		r.Person.Nationality = q.Person.Nationalities[0]
	}
	if len(q.Person.Documents) > 0 {
		r.Person.Document = q.Person.Documents[0].Number
	}
	if q.Assigned != "" {
		r.Assigned = &Officer{q.Assigned, q.AssignedName}
	}
	return r
}

func timeOr(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

var requestOpen = []string{request.Received, request.Proven, request.Searching, request.Drafted, request.Approved}

func (a *API) requestList(ctx context.Context, in *requestQuery) (RequestList, error) {
	out := RequestList{List: List[RequestRow]{Items: []RequestRow{}}}
	actor, err := record.ActorFrom(ctx)
	if err != nil {
		return out, err
	}
	q := record.Query{Kinds: []string{request.Kind}, Text: strings.TrimSpace(in.Q), Full: true, Cursor: in.Cursor, Limit: in.Limit}
	switch in.State {
	case "done":
		q.States = []string{request.Answered, request.Refused, request.Closed}
	case "all":
	case "drafted":
		q.States, q.Oldest = []string{request.Drafted}, true
	default:
		q.States, q.Oldest = requestOpen, true
	}
	err = a.look(ctx, record.Act{Action: "list", Topic: request.Topic}, asked(in.Q, "requests", in.State, in.Cursor), func(tx record.Tx) ([]record.ID, error) {
		if out.Counts, err = a.requestCounts(tx, actor); err != nil {
			return nil, err
		}
		page, err := tx.List(q)
		if err != nil {
			return nil, err
		}
		var ids []record.ID
		out.Items, out.Next = []RequestRow{}, page.Next
		for row, b := range bodies[*request.Request](page.Rows) {
			if in.State == "late" && !b.Late(a.Now()) || in.State == "mine" && b.Assigned != actor.User {
				continue
			}
			ids, out.Items = append(ids, row.ID), append(out.Items, a.requestRow(row.Record, b))
		}
		return ids, nil
	})
	return out, err
}

// requestCounts counts what waits among the oldest open ones.
func (a *API) requestCounts(tx record.Reader, actor record.Actor) (c RequestCounts, err error) {
	page, err := tx.List(record.Query{Kinds: []string{request.Kind}, States: requestOpen, Oldest: true, Full: true, Limit: record.MaxLimit})
	for _, b := range bodies[*request.Request](page.Rows) {
		c.Open++
		if b.Late(a.Now()) {
			c.Late++
		}
		if b.Assigned == actor.User {
			c.Mine++
		}
		if b.State == request.Drafted {
			c.Drafted++
		}
	}
	return c, err
}

func (a *API) requestCreate(ctx context.Context, in *newRequest) (RequestPage, error) {
	if _, err := a.purposed(ctx, access.Decide, request.Topic); err != nil {
		return RequestPage{}, err
	}
	b := in.Body
	rec, err := a.Requests.Create(ctx, request.New{Asks: b.Asks, Channel: b.Channel, Lang: b.Lang, Words: b.Words, Received: b.Received, Person: request.Asked(b.Person)})
	if err != nil {
		return RequestPage{}, err
	}
	return a.requestPage(ctx, ByID{rec.ID.String()})
}

// requestAct does one act and shows the request as it stands then.
func (a *API) requestAct(ctx context.Context, in ByID, fn func(context.Context, record.ID) (*record.Record, error)) (RequestPage, error) {
	if _, err := a.purposed(ctx, access.Read, request.Topic); err != nil {
		return RequestPage{}, err
	}
	id, err := in.id()
	if err != nil {
		return RequestPage{}, err
	}
	if _, err := fn(ctx, id); err != nil {
		return RequestPage{}, err
	}
	return a.requestPage(ctx, in)
}

func (a *API) foundAct(ctx context.Context, in ByFound, fn func(context.Context, record.ID, record.ID) (*record.Record, error)) (RequestPage, error) {
	id, found, err := in.ids()
	if err != nil {
		return RequestPage{}, err
	}
	return a.requestAct(ctx, ByID{id.String()}, func(ctx context.Context, _ record.ID) (*record.Record, error) { return fn(ctx, id, found) })
}

func (a *API) requestPage(ctx context.Context, in ByID) (RequestPage, error) {
	var out RequestPage
	actor, err := record.ActorFrom(ctx)
	if err != nil {
		return out, err
	}
	id, err := in.id()
	if err != nil {
		return out, err
	}
	err = a.look(ctx, record.Act{Action: "read", Topic: request.Topic, Subject: id}, question{}, func(tx record.Tx) ([]record.ID, error) {
		rec, q, err := recordOf[*request.Request](tx, id, "request")
		if err != nil {
			return nil, err
		}
		ids := []record.ID{id}
		out = a.requestOf(rec, q, actor)
		for _, f := range q.Found {
			row, err := a.foundRow(tx, f)
			if err != nil {
				return nil, err
			}
			if !row.Gone {
				ids = append(ids, f.Record)
			}
			out.Records = append(out.Records, row)
		}
		return ids, nil
	})
	return out, err
}

func (a *API) requestOf(rec *record.Record, q *request.Request, actor record.Actor) RequestPage {
	out := RequestPage{RequestRow: a.requestRow(rec, q), Asked: Applicant(q.Person), Words: q.Words, Proof: (*RequestProof)(q.Proof), Extension: (*RequestExtension)(q.Extension), Search: (*RequestSearch)(q.Search),
		Records: []FoundRow{}, Draft: (*RequestDraft)(q.Draft), Answered: timeOr(q.Answered), Closed: timeOr(q.Closed), History: []HistoryStep{},
		Approvers: request.RulesOf(a.Requests.Rules, q.Country).Approve, MayDecide: access.Allow(actor, access.Decide, rec.Scope()), Revision: rec.Revision.Number}
	out.MayApprove = q.State == request.Drafted && access.Allow(actor, access.Oversee, rec.Scope()) && q.Draft.By != actor.User &&
		slices.ContainsFunc(actor.Roles, func(role string) bool { return slices.Contains(out.Approvers, role) })
	for _, s := range q.Steps {
		out.History = append(out.History, HistoryStep{At: s.At, By: Officer{s.By, s.Display}, Act: s.Act, Note: s.Note})
	}
	if s := q.ApprovedBy; s != nil {
		out.Approved = &HistoryStep{At: s.At, By: Officer{s.By, s.Display}, Act: s.Act}
	}
	return out
}

func (a *API) foundRow(tx record.Reader, f request.Found) (FoundRow, error) {
	row := FoundRow{Record: f.Record.String(), Kind: f.Kind, How: f.How, Score: f.Score, Opinion: (*FoundOpinion)(f.Opinion), Answer: (*FoundAnswer)(f.Answer),
		Fields: []FieldValue{}, Reasons: []ReasonText{}}
	rec, err := tx.Get(f.Record)
	if record.KindOf(err) == record.NotFound {
		row.Gone = true
		return row, nil
	}
	if err != nil {
		return row, err
	}
	ix := rec.IndexOf()
	row.Title, row.State, row.At = ix.Title, ix.State, timeOr(rec.Occurred)
	if rec.Body != nil {
		row.Fields = fieldsOf(rec.Body)
	}
	for _, w := range f.Why {
		s := phraseOf(w.Code, w.Found, w.Asked)
		row.Reasons = append(row.Reasons, ReasonText{Field: w.Field, Agreement: w.Agreement, Query: w.Found, Listed: w.Asked, Code: w.Code, TextEn: s.en, TextRu: s.ru, Weight: w.Weight})
	}
	return row, nil
}

// phraseOf says a reason of the matcher in both languages.
func phraseOf(code, query, listed string) said {
	s, ok := reasons[code]
	if !ok {
		return said{code, code}
	}
	fill := strings.NewReplacer("{q}", query, "{l}", listed)
	return said{fill.Replace(s.en), fill.Replace(s.ru)}
}

// todayRequests counts the requests whose clock runs; what is late or due within a week is coloured.
func (a *API) todayRequests(ctx context.Context, actor record.Actor, out *Today) error {
	var c RequestCounts
	err := a.Store.View(ctx, func(tx record.Tx) (err error) {
		c, err = a.requestCounts(tx, actor)
		return err
	})
	t := "plain"
	if c.Late > 0 {
		t = "bad"
	} else if c.Drafted > 0 || c.Open > 0 {
		t = "accent"
	}
	out.Cards = append(out.Cards, Card{"requests-due", c.Open, "/requests", t})
	return err
}
