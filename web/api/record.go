package api

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sarhad/record"
)

// RecordRow is a record of any kind in a list.
type RecordRow struct {
	ID       string    `json:"id"`
	Kind     string    `json:"kind"`
	Version  int       `json:"version"`
	Title    string    `json:"title"`
	State    string    `json:"state,omitempty"`
	Topic    string    `json:"topic"`
	Marking  string    `json:"marking"`
	Agency   string    `json:"agency"`
	Occurred time.Time `json:"occurred,omitzero"`
	Changed  time.Time `json:"changed"`
	Revision int       `json:"revision"`
	Masked   bool      `json:"masked,omitempty" doc:"who it was is sealed, or gone for good"`
}

// RecordPage is one record as anybody outside its room can understand it.
type RecordPage struct {
	RecordRow
	Fields   []FieldValue    `json:"fields"`
	Raw      string          `json:"raw" doc:"the body as received; shortened above 64 KiB"`
	RawSize  int             `json:"rawSize"`
	Known    bool            `json:"known" doc:"this program knows the kind and version; else only Raw speaks, at its strictest class"`
	Handling record.Handling `json:"handling"`
	Basis    record.Basis    `json:"basis"`
	Origin   struct {
		Message string      `json:"message,omitempty"`
		File    string      `json:"file,omitempty"`
		Hash    string      `json:"hash,omitempty"`
		Parents []RecordRow `json:"parents"`
	} `json:"origin"`
	Writer   string      `json:"writer"`
	Officer  string      `json:"officer,omitempty"`
	Hash     string      `json:"hash"`
	Former   string      `json:"former,omitempty"`
	Created  time.Time   `json:"created"`
	Received time.Time   `json:"received"`
	Expires  *time.Time  `json:"expires,omitempty"`
	Children []RecordRow `json:"children"`
}

// RecordRevision is one state of a record.
type RecordRevision struct {
	Revision int       `json:"revision"`
	Changed  time.Time `json:"changed"`
	Officer  string    `json:"officer,omitempty"`
	Hash     string    `json:"hash"`
	State    string    `json:"state,omitempty"`
	Changes  []string  `json:"changes" doc:"paths of the fields that differ from the revision before"`
}

// shownRaw bounds the raw body shown on a page.
const shownRaw = 64 << 10

type recordQuery struct {
	Paging
	Q     string    `query:"q" maxLength:"300" doc:"words in any script; the last may be a beginning"`
	Kind  string    `query:"kind" maxLength:"64"`
	State string    `query:"state" maxLength:"32"`
	Topic string    `query:"topic" maxLength:"32"`
	From  time.Time `query:"from"`
	To    time.Time `query:"to"`
	AsOf  time.Time `query:"asof" doc:"as known then"`
}

type recordAt struct {
	ByID
	AsOf time.Time `query:"asof"`
}

type mentionQuery struct {
	Paging
	Type string `query:"type" required:"true" maxLength:"32"`
	Key  string `query:"key" required:"true" maxLength:"300"`
}

func (a *API) records(h huma.API) {
	register(a, h, "GET", "/records", "listRecords", "Records of every kind", func(ctx context.Context, in *recordQuery) (*body[List[RecordRow]], error) {
		return answer(a.recordList(ctx, in))
	})
	register(a, h, "GET", "/records/{id}", "getRecord", "One record", func(ctx context.Context, in *recordAt) (*body[RecordPage], error) {
		return answer(a.recordPage(ctx, in))
	})
	register(a, h, "GET", "/records/{id}/revisions", "listRevisions", "All states of a record", func(ctx context.Context, in *ByID) (*body[[]RecordRevision], error) {
		return answer(a.revisions(ctx, *in))
	})
	register(a, h, "GET", "/records/{id}/index", "getIndex", "What a record says in the six words", func(ctx context.Context, in *ByID) (*body[RecordIndex], error) {
		return answer(a.recordIndex(ctx, *in))
	})
	register(a, h, "GET", "/mentions", "listMentions", "Records that mention a thing", func(ctx context.Context, in *mentionQuery) (*body[List[RecordRow]], error) {
		return answer(a.mentions(ctx, in))
	})
	register(a, h, "GET", "/suggest", "suggest", "Records for the command palette", func(ctx context.Context, in *struct {
		Q string `query:"q" maxLength:"200"`
	}) (*body[Suggestions], error) {
		return answer(a.suggest(ctx, in.Q))
	})
}

// moment says a time of a question; "" when none was given.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

func recordRow(r record.Row) RecordRow {
	return RecordRow{r.ID.String(), r.Kind, r.Version, r.Title, r.State, r.Scope.Topic, r.Scope.Marking, r.Scope.Agency, r.Occurred, r.Changed, r.Revision, r.Masked}
}

func recordRows(rows []record.Row) []RecordRow {
	out := make([]RecordRow, 0, len(rows))
	for _, r := range rows {
		out = append(out, recordRow(r))
	}
	return out
}

func (a *API) recordList(ctx context.Context, in *recordQuery) (List[RecordRow], error) {
	var out List[RecordRow]
	q := record.Query{Kinds: one(in.Kind), States: one(in.State), Topics: one(in.Topic), From: in.From, To: in.To,
		Text: strings.TrimSpace(in.Q), Cursor: in.Cursor, Limit: in.Limit}
	question := asked(in.Q, in.Kind, in.State, in.Topic, moment(in.From), moment(in.To), moment(in.AsOf), in.Cursor)
	err := a.look(ctx, record.Act{Action: "list"}, question, func(tx record.Tx) ([]record.ID, error) {
		if !in.AsOf.IsZero() {
			var err error
			if q.AsOf, err = tx.SeqAt(in.AsOf); err != nil {
				return nil, err
			}
		}
		page, err := tx.List(q)
		out = List[RecordRow]{recordRows(page.Rows), page.Next}
		return idsOf(page.Rows), err
	})
	return out, err
}

func (a *API) mentions(ctx context.Context, in *mentionQuery) (List[RecordRow], error) {
	var out List[RecordRow]
	err := a.look(ctx, record.Act{Action: "mentions"}, asked(in.Key, in.Type, in.Cursor), func(tx record.Tx) ([]record.ID, error) {
		page, err := tx.List(record.Query{Thing: record.Thing{Type: in.Type, Key: in.Key}, Cursor: in.Cursor, Limit: in.Limit})
		out = List[RecordRow]{recordRows(page.Rows), page.Next}
		return idsOf(page.Rows), err
	})
	return out, err
}

func (a *API) recordPage(ctx context.Context, in *recordAt) (RecordPage, error) {
	var out RecordPage
	id, err := in.id()
	if err != nil {
		return out, err
	}
	err = a.look(ctx, record.Act{Action: "read", Subject: id}, asked("", moment(in.AsOf)), func(tx record.Tx) ([]record.ID, error) {
		rec, err := getAt(tx, id, in.AsOf)
		if err != nil {
			return nil, err
		}
		out = pageOf(rec)
		ids := []record.ID{id}
		for _, p := range rec.Origin.Parents {
			parent, err := tx.Get(p)
			if record.KindOf(err) == record.NotFound {
				continue
			}
			if err != nil {
				return nil, err
			}
			ids, out.Origin.Parents = append(ids, p), append(out.Origin.Parents, rowOf(parent))
		}
		page, err := tx.List(record.Query{Parent: id, Limit: 200})
		out.Children = recordRows(page.Rows)
		return append(ids, idsOf(page.Rows)...), err
	})
	return out, err
}

// getAt gives a record now, or the revision that stood at a time.
func getAt(tx record.Tx, id record.ID, at time.Time) (*record.Record, error) {
	if at.IsZero() {
		return tx.Get(id)
	}
	seq, err := tx.SeqAt(at)
	if err != nil {
		return nil, err
	}
	all, err := tx.Revisions(id)
	if err != nil {
		return nil, err
	}
	for _, rec := range all {
		if rec.Seq <= seq {
			return rec, nil
		}
	}
	return nil, record.Errorf(record.NotFound, "this record was not known then")
}

func rowOf(r *record.Record) RecordRow {
	ix := r.IndexOf()
	return RecordRow{r.ID.String(), r.Kind, r.Version, ix.Title, ix.State, r.Handling.Topic, r.Handling.Marking, r.Owner.Agency, r.Occurred, r.Received, r.Revision.Number, r.Masked != nil}
}

func pageOf(r *record.Record) RecordPage {
	out := RecordPage{
		RecordRow: rowOf(r), Raw: pretty(r.Raw), RawSize: len(r.Raw), Known: r.Body != nil, Fields: []FieldValue{},
		Handling: r.Handling, Basis: r.Basis, Writer: r.Writer, Officer: r.Owner.Officer, Hash: r.Hash(),
		Former: r.Revision.Former, Created: r.Created, Received: r.Received,
	}
	if r.Body != nil {
		out.Fields = fieldsOf(r.Body)
	}
	if !r.Expires.IsZero() {
		out.Expires = &r.Expires
	}
	out.Origin.Message, out.Origin.File, out.Origin.Hash, out.Origin.Parents = r.Origin.Message, r.Origin.File, r.Origin.Hash, []RecordRow{}
	return out
}

// pretty sets JSON in lines for reading; other bytes stay as they are.
func pretty(raw []byte) string {
	if len(raw) > shownRaw {
		raw = raw[:shownRaw]
	}
	if json.Valid(raw) {
		var v any
		if json.Unmarshal(raw, &v) == nil {
			if b, err := json.MarshalIndent(v, "", "  "); err == nil {
				return string(b)
			}
		}
	}
	return strings.ToValidUTF8(string(raw), "\uFFFD")
}

func (a *API) revisions(ctx context.Context, in ByID) ([]RecordRevision, error) {
	out := []RecordRevision{}
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	err = a.look(ctx, record.Act{Action: "revisions", Subject: id}, question{}, func(tx record.Tx) ([]record.ID, error) {
		all, err := tx.Revisions(id)
		for i, r := range all {
			rev := RecordRevision{Revision: r.Revision.Number, Changed: r.Received, Officer: r.Owner.Officer, Hash: r.Hash(), State: r.IndexOf().State, Changes: []string{}}
			if i+1 < len(all) {
				rev.Changes = differ(all[i+1], r)
			}
			out = append(out, rev)
		}
		return []record.ID{id}, err
	})
	return out, err
}

// differ names the fields that are not the same in two revisions, sorted. Of a body this program does not know it can only
// say that the bytes differ.
func differ(before, after *record.Record) []string {
	if before.Body == nil || after.Body == nil {
		if bytes.Equal(before.Raw, after.Raw) {
			return []string{}
		}
		return []string{"raw"}
	}
	old := map[string]string{}
	for _, f := range fieldsOf(before.Body) {
		old[f.Code] = f.Value
	}
	out := []string{}
	for _, f := range fieldsOf(after.Body) {
		if was, ok := old[f.Code]; !ok || was != f.Value {
			out = append(out, f.Code)
		}
		delete(old, f.Code)
	}
	for path := range old {
		out = append(out, path)
	}
	slices.Sort(out)
	return out
}

// RecordIndex is what a record says.
type RecordIndex struct {
	Mentions []record.Mention `json:"mentions"`
	Persons  []record.Person  `json:"persons"`
	Links    []record.Link    `json:"links"`
	Events   []record.Event   `json:"events"`
	Measures []record.Measure `json:"measures"`
	Texts    []string         `json:"texts"`
}

func (a *API) recordIndex(ctx context.Context, in ByID) (RecordIndex, error) {
	var out RecordIndex
	id, err := in.id()
	if err != nil {
		return out, err
	}
	err = a.look(ctx, record.Act{Action: "read", Subject: id}, question{}, func(tx record.Tx) ([]record.ID, error) {
		rec, err := tx.Get(id)
		if err != nil {
			return nil, err
		}
		ix := rec.IndexOf()
		out = RecordIndex{ix.Mentions, ix.Persons, ix.Links, ix.Events, ix.Measures, nonNil(ix.Texts)}
		return []record.ID{id}, nil
	})
	return out, err
}

// Suggestions are what the command palette offers.
type Suggestions struct {
	Records []RecordRow `json:"records"`
}

// suggestLimit is what fits under a search field without scrolling.
const suggestLimit = 8

func (a *API) suggest(ctx context.Context, q string) (Suggestions, error) {
	out := Suggestions{Records: []RecordRow{}}
	if len([]rune(strings.TrimSpace(q))) < 2 {
		return out, nil
	}
	err := a.look(ctx, record.Act{Action: "search"}, asked(q), func(tx record.Tx) ([]record.ID, error) {
		page, err := tx.List(record.Query{Text: q, Limit: suggestLimit})
		out.Records = recordRows(page.Rows)
		return idsOf(page.Rows), err
	})
	return out, err
}
