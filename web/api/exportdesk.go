package api

import (
	"context"
	"strconv"
	"strings"
	"time"

	"sarhad/internal/authn"
	"sarhad/record"
	"sarhad/record/access"
	"sarhad/record/privacy/export"
)

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
