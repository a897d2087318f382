package api

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sarhad/format/sheet"
	"sarhad/internal/authn"
	"sarhad/record"
	"sarhad/record/access"
	"sarhad/record/privacy/export"
	"sarhad/record/vocab"
	"sarhad/web/page"
)

// ExportQuery says which rows: those of a list as it stands, or some of them by id.
type ExportQuery struct {
	View   string    `json:"view" maxLength:"32" pattern:"^[a-z-]+$" doc:"which list, for the register"`
	IDs    []string  `json:"ids,omitempty" maxItems:"4000" doc:"exactly these records, and the filters below only tell the register how they were found; else what the filters find"`
	Kinds  []string  `json:"kinds,omitempty" maxItems:"16"`
	States []string  `json:"states,omitempty" maxItems:"16"`
	Topic  string    `json:"topic,omitempty" maxLength:"32"`
	Q      string    `json:"q,omitempty" maxLength:"300"`
	From   time.Time `json:"from,omitzero"`
	To     time.Time `json:"to,omitzero"`
	Parent string    `json:"parent,omitempty" maxLength:"36" doc:"records made from this one: the travellers of a voyage"`
	Type   string    `json:"type,omitempty" maxLength:"32" doc:"with key: records that mention this thing"`
	Key    string    `json:"key,omitempty" maxLength:"300"`

	Hits *ExportHits `json:"hits,omitempty" doc:"the queue of hits with its own filters; the filters above are not looked at"`
}

// ExportColumn is a field that can go out.
type ExportColumn struct {
	Code   string       `json:"code"`
	Class  record.Class `json:"class"`
	Strict bool         `json:"strict" doc:"needs a second person, whatever the number of rows"`
}

// ExportPreview is what would go out.
type ExportPreview struct {
	IDs     []string       `json:"ids" doc:"the records that would go out: sent back with the wish, so that what goes out is what was seen"`
	Rows    int            `json:"rows" doc:"more than max means: at least"`
	Left    int            `json:"left" doc:"records that you may read but not take out"`
	Columns []ExportColumn `json:"columns"`
	Marking string         `json:"marking"`
	Limit   int            `json:"limit" doc:"above it a second person must agree"`
	Max     int            `json:"max" doc:"never more"`
	Officer Officer        `json:"officer" doc:"who will stand in the register and on the copy"`
	Agency  string         `json:"agency"`
	Purpose record.Purpose `json:"purpose"`
	Hours   int            `json:"hours" doc:"how long copies can be made"`
	Days    int            `json:"days" doc:"after how many days a copy must be destroyed"`
}

// ExportRow is one line of the register.
type ExportRow struct {
	ID      string        `json:"id"`
	Number  int           `json:"number"`
	State   string        `json:"state" enum:"requested,agreed,refused"`
	Form    string        `json:"form" enum:"csv,xlsx,print"`
	View    string        `json:"view"`
	Query   string        `json:"query,omitempty"`
	Columns []ExportTitle `json:"columns"`
	Rows    int           `json:"rows"`
	IDs     string        `json:"ids" doc:"SHA-256 over the sorted ids"`
	Marking string        `json:"marking"`
	Agency  string        `json:"agency"`
	Purpose ExportPurpose `json:"purpose"`
	Note    string        `json:"note,omitempty"`
	Asked   ExportStep    `json:"asked"`
	Decided *ExportStep   `json:"decided,omitempty"`
	Second  bool          `json:"second" doc:"a second person was needed"`
	Until   time.Time     `json:"until"`
	Destroy time.Time     `json:"destroy"`
	Copies  []ExportMade  `json:"copies"`
	Gone    []ExportGone  `json:"gone"`
	MustGo  bool          `json:"mustGo" doc:"copies are out that must be destroyed now"`
	Mine    bool          `json:"mine"`
	Open    bool          `json:"open" doc:"you can make copies now"`
	Decide  bool          `json:"decide" doc:"it waits for you"`
}

// ExportTitle is a column that goes out.
type ExportTitle struct {
	Code  string       `json:"code"`
	Class record.Class `json:"class"`
	Title string       `json:"title,omitempty" doc:"what stands above it"`
}

// ExportPurpose is what the officer worked on.
type ExportPurpose struct {
	Kind string `json:"kind"`
	Ref  string `json:"ref,omitempty"`
	Text string `json:"text"`
}

// ExportStep is who did something, and when.
type ExportStep struct {
	User    string    `json:"user"`
	Display string    `json:"display"`
	At      time.Time `json:"at"`
}

// ExportMade is a copy that was made.
type ExportMade struct {
	Number    int         `json:"number"`
	At        time.Time   `json:"at"`
	Rows      int         `json:"rows"`
	Hash      string      `json:"hash" doc:"SHA-256 of what went out"`
	Destroyed *ExportStep `json:"destroyed,omitempty"`
}

// ExportGone is a record that was erased or masked after it was taken out.
type ExportGone struct {
	ID   string    `json:"id"`
	What string    `json:"what" doc:"erase, mask or nameless"`
	At   time.Time `json:"at"`
}

// ExportCopy is a copy for who asked for it.
type ExportCopy struct {
	Export ExportRow `json:"export"`
	Number int       `json:"number"`
	File   string    `json:"file,omitempty" doc:"name of the file"`
	Media  string    `json:"media,omitempty"`
	Data   []byte    `json:"data,omitempty" doc:"the file, base64"`
	Page   string    `json:"page,omitempty" doc:"address of the page to print"`
}

// WishedColumn is a column of the copy, with its head in the officer's language.
type WishedColumn struct {
	Code  string `json:"code" maxLength:"100"`
	Title string `json:"title,omitempty" maxLength:"60"`
}

type exportWish struct {
	Body struct {
		ExportQuery
		Form    string         `json:"form" enum:"csv,xlsx,print"`
		Lang    string         `json:"lang" enum:"en,ru"`
		Columns []WishedColumn `json:"columns" minItems:"1" maxItems:"100"`
	}
}

type exportList struct {
	Paging
	Own   bool   `query:"own" doc:"only what you asked for yourself"`
	State string `query:"state" enum:"requested,agreed,refused,"`
}

type exportCopy struct {
	ByID
	Number int `path:"number" minimum:"1"`
}

func (a *API) exports(h huma.API) {
	register(a, h, "POST", "/exports/preview", "previewExport", "What an export would hold", func(ctx context.Context, in *struct{ Body ExportQuery }) (*body[ExportPreview], error) {
		return answer(a.exportPreview(ctx, in.Body))
	})
	register(a, h, "POST", "/exports", "askExport", "Ask to take a list out", func(ctx context.Context, in *exportWish) (*body[ExportRow], error) {
		return answer(a.exportAsk(ctx, in))
	})
	register(a, h, "GET", "/exports", "listExports", "Register of what was taken out", func(ctx context.Context, in *exportList) (*body[List[ExportRow]], error) {
		return answer(a.exportRegister(ctx, in))
	})
	register(a, h, "POST", "/exports/{id}/agree", "agreeExport", "Agree as the second person, signed", func(ctx context.Context, in *struct {
		ByID
		Body struct {
			Proof *Proof `json:"proof,omitempty" doc:"of {action: export-agree, topic: export, subject}"`
		}
	}) (*body[ExportRow], error) {
		return answer(a.exportDecide(ctx, in.ByID, true, "", in.Body.Proof))
	})
	register(a, h, "POST", "/exports/{id}/refuse", "refuseExport", "Refuse as the second person", func(ctx context.Context, in *struct {
		ByID
		Body struct {
			Note string `json:"note" minLength:"3" maxLength:"300"`
		}
	}) (*body[ExportRow], error) {
		return answer(a.exportDecide(ctx, in.ByID, false, in.Body.Note, nil))
	})
	register(a, h, "POST", "/exports/{id}/copies", "takeExport", "Make a copy", func(ctx context.Context, in *struct {
		ByID
		Body struct {
			Separator string `json:"separator,omitempty" enum:"comma,semicolon" default:"semicolon" doc:"of CSV"`
		}
	}) (*body[ExportCopy], error) {
		return answer(a.exportTake(ctx, in.ByID, in.Body.Separator))
	})
	register(a, h, "POST", "/exports/{id}/copies/{number}/destroyed", "destroyedExport", "Say that a copy is destroyed", func(ctx context.Context, in *exportCopy) (*body[ExportRow], error) {
		id, err := in.id()
		if err != nil {
			return nil, err
		}
		e, err := a.Exports.Destroyed(ctx, id, in.Number)
		return answer(a.exportRow(ctx, e), err)
	})
}

// collect gives the ids of the rows, as the officer may read them: one more than may go out at most.
func collect(tx record.Tx, in ExportQuery, user string, now time.Time) (ids []record.ID, err error) {
	if len(in.IDs) > 0 {
		for _, s := range in.IDs {
			id, err := record.ParseID(s)
			if err != nil {
				return nil, err
			}
			ids = append(ids, id)
		}
		return ids, nil
	}
	if in.Hits != nil {
		return collectHits(tx, *in.Hits, user, now)
	}
	q := record.Query{Kinds: in.Kinds, States: in.States, Topics: one(in.Topic), Text: strings.TrimSpace(in.Q), From: in.From, To: in.To,
		Thing: record.Thing{Type: in.Type, Key: in.Key}, Limit: record.MaxLimit}
	if in.Parent != "" {
		if q.Parent, err = record.ParseID(in.Parent); err != nil {
			return nil, err
		}
	}
	for {
		page, err := tx.List(q)
		if err != nil {
			return nil, err
		}
		ids = append(ids, idsOf(page.Rows)...)
		if page.Next == "" || len(ids) > export.MaxRows {
			return ids[:min(len(ids), export.MaxRows+1)], nil
		}
		q.Cursor = page.Next
	}
}

// mayExport gives the actor if there is anything that they may take out.
func (a *API) mayExport(ctx context.Context) (record.Actor, error) {
	actor, err := a.purposed(ctx, "", "")
	if err != nil {
		return actor, err
	}
	for _, r := range access.Rules() {
		if r.Action == access.Export && access.May(actor, access.Export, r.Topic) {
			return actor, nil
		}
	}
	return actor, record.Errorf(record.Forbidden, "your role may not take anything out; ask your supervisor if your work needs it")
}

func (a *API) exportPreview(ctx context.Context, in ExportQuery) (ExportPreview, error) {
	out := ExportPreview{IDs: []string{}, Columns: []ExportColumn{}, Limit: export.Limit, Max: export.MaxRows, Hours: int(export.Window.Hours()), Days: int(export.DestroyAfter.Hours() / 24)}
	actor, err := a.mayExport(ctx)
	if err != nil {
		return out, err
	}
	out.Officer, out.Agency, out.Purpose = Officer{actor.User, actor.Display}, actor.Agency, actor.Purpose
	err = a.look(ctx, record.Act{Action: "list"}, in.question(), func(tx record.Tx) ([]record.ID, error) {
		ids, err := collect(tx, in, actor.User, a.Now())
		if err != nil {
			return nil, err
		}
		p, err := a.Exports.Preview(tx, actor, ids)
		out.Rows, out.Left, out.Marking = len(p.IDs), p.Left, p.Marking
		for _, id := range p.IDs {
			out.IDs = append(out.IDs, id.String())
		}
		for _, c := range p.Columns {
			out.Columns = append(out.Columns, ExportColumn{c.Code, c.Class, export.Strict(c.Class)})
		}
		return p.IDs, err
	})
	return out, err
}

func (in ExportQuery) question() question {
	if h := in.Hits; h != nil {
		return asked(h.Q, in.View, h.State, h.Place, h.List, h.Leans)
	}
	return asked(in.Q, append(append([]string{in.View, in.Topic, in.Parent, in.Type, in.Key, moment(in.From), moment(in.To)}, in.Kinds...), in.States...)...)
}

// said writes the filters down for the register; words searched for and keys of things only as keyed hashes.
func (a *API) said(in ExportQuery) string {
	var out []string
	add := func(name, value string) {
		if value != "" {
			out = append(out, name+"="+value)
		}
	}
	add("kind", strings.Join(in.Kinds, ","))
	add("state", strings.Join(in.States, ","))
	add("topic", in.Topic)
	add("from", moment(in.From))
	add("to", moment(in.To))
	add("parent", in.Parent)
	if in.Q != "" {
		add("q", a.queryCode(asked(in.Q).text))
	}
	if h := in.Hits; h != nil {
		add("hits", h.State)
		add("place", h.Place)
		add("list", h.List)
		add("leans", h.Leans)
		if h.Q != "" {
			add("q", a.queryCode(asked(h.Q).text))
		}
	}
	if in.Key != "" {
		add(in.Type, a.queryCode(in.Key))
	}
	if len(in.IDs) > 0 {
		add("chosen", strconv.Itoa(len(in.IDs)))
	}
	return strings.Join(out, "; ")
}

func (a *API) exportAsk(ctx context.Context, in *exportWish) (ExportRow, error) {
	actor, err := a.mayExport(ctx)
	if err != nil {
		return ExportRow{}, err
	}
	w := export.Wish{Form: in.Body.Form, Lang: in.Body.Lang, View: in.Body.View, Query: a.said(in.Body.ExportQuery)}
	for _, c := range in.Body.Columns {
		w.Columns = append(w.Columns, export.Column{Code: c.Code, Title: c.Title})
	}
	err = a.Store.View(ctx, func(tx record.Tx) error {
		ids, err := collect(tx, in.Body.ExportQuery, actor.User, a.Now())
		if err != nil {
			return err
		}
		if len(ids) > export.MaxRows {
			return record.Errorf(record.Invalid, "the list has more than %d rows, which never go out at once; narrow it down", export.MaxRows)
		}
		p, err := a.Exports.Preview(tx, actor, ids)
		w.IDs = p.IDs
		return err
	})
	if err != nil {
		return ExportRow{}, err
	}
	e, err := a.Exports.Ask(ctx, w)
	return a.exportRow(ctx, e), err
}

func (a *API) exportRegister(ctx context.Context, in *exportList) (List[ExportRow], error) {
	out := List[ExportRow]{Items: []ExportRow{}}
	topic := access.Exports
	if in.Own {
		topic = ""
	}
	actor, err := a.purposed(ctx, access.Read, topic)
	if err != nil {
		return out, err
	}
	all, next, err := a.Exports.Register(ctx, in.Own, one(in.State), in.Cursor, in.Limit)
	if err != nil {
		return out, err
	}
	out.Next = next
	var ids []record.ID
	for _, e := range all {
		out.Items, ids = append(out.Items, a.exportRow(ctx, e)), append(ids, e.ID)
	}
	return out, a.noted(ctx, actor, record.Act{Action: "list", Topic: access.Exports, Count: len(ids)}, asked("", in.State, in.Cursor), ids)
}

func (a *API) exportDecide(ctx context.Context, in ByID, agree bool, note string, proof *Proof) (ExportRow, error) {
	id, err := in.id()
	if err != nil {
		return ExportRow{}, err
	}
	if _, err := a.purposed(ctx, access.Decide, access.Exports); err != nil {
		return ExportRow{}, err
	}
	var sig *record.Signature
	if agree {
		if _, err := a.present(ctx, id); err != nil { // what is out of reach is not there, signed or not
			return ExportRow{}, err
		}
		if sig, err = a.signed(ctx, authn.Intent{Action: export.ActAgree, Topic: access.Exports, Subject: id}, proof); err != nil {
			return ExportRow{}, err
		}
	}
	e, err := a.Exports.Decide(ctx, id, agree, note, sig)
	return a.exportRow(ctx, e), err
}

func (a *API) exportRow(ctx context.Context, e export.Entry) ExportRow {
	now := a.Now()
	out := ExportRow{ID: e.ID.String(), Number: e.Number, State: e.State, Form: e.Form, View: e.View, Query: e.Query, Columns: []ExportTitle{}, Rows: e.Rows,
		IDs: e.IDs, Marking: e.Marking, Agency: e.Agency, Purpose: ExportPurpose(e.Purpose), Note: e.Note, Asked: ExportStep(e.Asked), Decided: (*ExportStep)(e.Decided),
		Second: e.Second, Until: e.Until, Destroy: e.Destroy, Copies: []ExportMade{}, Gone: []ExportGone{}, MustGo: e.MustGo(now)}
	for _, c := range e.Columns {
		out.Columns = append(out.Columns, ExportTitle(c))
	}
	for _, c := range e.Copies {
		out.Copies = append(out.Copies, ExportMade{c.Number, c.At, c.Rows, c.Hash, (*ExportStep)(c.Destroyed)})
	}
	for _, g := range e.Gone {
		out.Gone = append(out.Gone, ExportGone(g))
	}
	actor, err := record.ActorFrom(ctx)
	if err != nil {
		return out
	}
	out.Mine = e.Asked.User == actor.User
	out.Open = out.Mine && e.State == export.Agreed && now.Before(e.Until) && len(e.Gone) == 0
	out.Decide = !out.Mine && e.State == export.Requested && now.Before(e.Until) &&
		access.Allow(actor, access.Decide, record.Scope{Agency: e.Agency, Marking: e.Marking, Topic: access.Exports})
	return out
}

func (a *API) exportTake(ctx context.Context, in ByID, separator string) (ExportCopy, error) {
	id, err := in.id()
	if err != nil {
		return ExportCopy{}, err
	}
	s, data, err := a.Exports.Take(ctx, id, func(s export.Sheet) ([]byte, error) { return a.renderCopy(s, separator) })
	if err != nil {
		return ExportCopy{}, err
	}
	out := ExportCopy{Export: a.exportRow(ctx, s.Entry), Number: s.Copy}
	if s.Form == export.Print {
		out.Page = fmt.Sprintf("/print/exports/%s/%d", id, s.Copy)
		return out, nil
	}
	out.Data, out.File, out.Media = data, fmt.Sprintf("%s-%d-%d.%s", s.Marking, s.Number, s.Copy, s.Form), "text/csv; charset=utf-8"
	if s.Form == export.XLSX {
		out.Media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	return out, nil
}

// renderCopy writes a copy in its form.
func (a *API) renderCopy(s export.Sheet, separator string) ([]byte, error) {
	p := a.paper(s)
	if s.Form == export.Print {
		return p.Render()
	}
	about := [][2]string{{p.Marking, ""}, {p.Say("copy"), p.Copy}, {p.Say("officer"), p.Officer + ", " + p.Agency}, {p.Say("time"), p.Local + " (" + p.UTC + ")"},
		{p.Say("purpose"), p.Purpose}, {p.Say("rows"), strconv.Itoa(len(p.Rows))}, {p.Say("destroy"), p.Destroy}}
	if p.Agreed != "" {
		about = append(about, [2]string{p.Say("agreed"), p.Agreed})
	}
	t := sheet.Sheet{Title: p.Title, Mark: p.Line(), About: about, Titles: p.Titles, Rows: p.Rows}
	switch {
	case s.Form == export.XLSX:
		return t.XLSX()
	case separator == "comma":
		return t.CSV(',')
	}
	return t.CSV(';')
}

// paper is what stands on a copy, in its language.
func (a *API) paper(s export.Sheet) page.Print {
	marking := s.Marking
	if t, ok := vocab.Lookup(vocab.Markings, s.Marking); ok {
		if marking = t.En; s.Lang == "ru" {
			marking = t.Ru
		}
	}
	p := page.Print{Lang: s.Lang, Marking: marking, Copy: fmt.Sprintf("%d/%d", s.Number, s.Copy), Officer: s.Asked.Display, Agency: s.Agency,
		Purpose: s.Purpose.Text, Local: s.At.In(a.zone()).Format("2006-01-02 15:04 -07:00"), UTC: s.At.UTC().Format("2006-01-02 15:04") + " UTC",
		Destroy: s.Destroy.In(a.zone()).Format(time.DateOnly), Rows: s.Cells}
	if s.Purpose.Ref != "" {
		p.Purpose += " (" + s.Purpose.Ref + ")"
	}
	if s.Decided != nil {
		p.Agreed = s.Decided.Display
	}
	p.Title = a.Node.Name + " · " + p.Say("copy") + " " + p.Copy
	for _, c := range s.Columns {
		p.Titles = append(p.Titles, c.Head())
	}
	return p
}

// zone is the time zone of the machine of the node.
func (a *API) zone() *time.Location { return a.Now().Location() }

// prints serves the pages to print. They are doors like any other: the officer's own, in their window, and an act.
func (a *API) prints(mux *http.ServeMux) {
	mux.HandleFunc("GET "+page.StylePath, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		_, _ = w.Write(page.Style()) // the reader may be gone
	})
	mux.HandleFunc("GET /print/exports/{id}/{number}", func(w http.ResponseWriter, r *http.Request) {
		data, err := a.printed(r)
		if err != nil { // a person reads this in a window of its own
			p := problemOf(a.problem("printExport", err))
			http.Error(w, p.Detail, p.Status)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(data) // the reader may be gone
	})
}

func (a *API) printed(r *http.Request) ([]byte, error) {
	id, err := ByID{r.PathValue("id")}.id()
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(r.PathValue("number"))
	if err != nil {
		return nil, record.Errorf(record.NotFound, "there is no such copy")
	}
	return a.Exports.Again(r.Context(), id, n, func(s export.Sheet) ([]byte, error) {
		if s.Form != export.Print {
			return nil, record.Errorf(record.NotFound, "this copy is a file; make another one to have it again")
		}
		return a.paper(s).Render()
	})
}
