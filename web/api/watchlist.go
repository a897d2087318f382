package api

import (
	"context"
	"errors"
	"mime/multipart"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sarhad/internal/quarantine"
	"sarhad/record"
	"sarhad/record/access"
	"sarhad/screening/watchlist"
	"sarhad/web/intake"
)

// StaleAfter is when a list that was not imported again is called stale: the UN list changes every few weeks and binds at
// once, so a week without a look is too long.
const StaleAfter = 7 * 24 * time.Hour

// ListRow is one watchlist.
type ListRow struct {
	ID        string           `json:"id"`
	Title     string           `json:"title"`
	Publisher string           `json:"publisher,omitempty"`
	Format    string           `json:"format"`
	Effect    string           `json:"effect" enum:"binding,national,information"`
	Entries   int              `json:"entries"`
	Persons   int              `json:"persons"`
	Published *time.Time       `json:"published,omitempty"`
	Imported  *time.Time       `json:"imported,omitempty"`
	Importing bool             `json:"importing"`
	Stale     bool             `json:"stale"`
	Last      *watchlist.Delta `json:"last,omitempty"`
}

// ListPage is one list with its history.
type ListPage struct {
	ListRow
	History []watchlist.Delta `json:"history"`
}

// EntryRow is one entry of a list.
type EntryRow struct {
	ID          string    `json:"id"`
	Key         string    `json:"key" doc:"the publisher's id"`
	Type        string    `json:"type"`
	State       string    `json:"state"`
	Name        string    `json:"name"`
	Native      string    `json:"native,omitempty"`
	Aliases     int       `json:"aliases"`
	Born        string    `json:"born,omitempty"`
	Nationality string    `json:"nationality,omitempty"`
	Severity    string    `json:"severity"`
	Changed     time.Time `json:"changed"`
	Revision    int       `json:"revision"`
}

// ListDelta is what an import did, or would do.
type ListDelta struct {
	Title   string          `json:"title"`
	List    string          `json:"list"`
	Entries int             `json:"entries"`
	Delta   watchlist.Delta `json:"delta"`
}

type listInfo struct{ title, effect string }

// ListByID is a request about one list by its id, such as "un-sc".
type ListByID struct {
	List string `path:"list" maxLength:"64"`
}

type entryQuery struct {
	Paging
	ListByID
	Q     string `query:"q" maxLength:"200"`
	State string `query:"state" enum:"active,removed," default:"active"`
}

func (a *API) lists(h huma.API) {
	register(a, h, "GET", "/lists", "listLists", "Watchlists", func(ctx context.Context, _ *empty) (*body[List[ListRow]], error) {
		return answer(a.listRows(ctx))
	})
	register(a, h, "GET", "/lists/{list}", "getList", "One watchlist with its history", func(ctx context.Context, in *ListByID) (*body[ListPage], error) {
		return answer(a.listPage(ctx, in.List))
	})
	register(a, h, "GET", "/lists/{list}/entries", "listEntries", "Entries of a list", func(ctx context.Context, in *entryQuery) (*body[List[EntryRow]], error) {
		return answer(a.entries(ctx, in))
	})
	register(a, h, "PUT", "/lists/{list}", "changeList", "Change the legal effect of a list", func(ctx context.Context, in *struct {
		ListByID
		Body struct {
			Effect string `json:"effect" enum:"binding,national,information"`
			Reason string `json:"reason" minLength:"3" maxLength:"300"`
		}
	}) (*body[ListPage], error) {
		actor, err := a.mayChangeList(ctx, in.List)
		if err != nil {
			return nil, err
		}
		actor.Purpose = record.Purpose{Kind: "free", Text: in.Body.Reason}
		if err := watchlist.SetEffect(record.WithActor(ctx, actor), a.Store, in.List, in.Body.Effect); err != nil {
			return nil, err
		}
		return answer(a.listPage(ctx, in.List))
	})
	send := func(path, id, summary string, preview bool) {
		registerUpload(a, h, "/lists/"+path, id, summary, func(ctx context.Context, form *multipart.Form) (*body[[]ListDelta], error) {
			return answer(a.importLists(ctx, form, preview))
		})
	}
	send("preview", "previewLists", "What an import would change", true)
	send("import", "importLists", "Import a publication of a list", false)
}

func listRow(l *watchlist.List, now time.Time) ListRow {
	row := ListRow{ID: l.ID, Title: l.Title, Publisher: l.Publisher, Format: l.Format, Effect: l.Effect,
		Entries: l.Counts.Active, Persons: l.Counts.Persons, Importing: l.Pending != nil}
	if !l.Current.Published.IsZero() {
		row.Published = &l.Current.Published
	}
	if !l.Current.Imported.IsZero() {
		row.Imported = &l.Current.Imported
	}
	row.Stale = !watchlist.Own(l.Format) && now.Sub(l.Current.Imported) > StaleAfter
	if len(l.History) > 0 {
		row.Last = &l.History[0]
	}
	return row
}

func (a *API) listRows(ctx context.Context) (List[ListRow], error) {
	out := List[ListRow]{Items: []ListRow{}}
	if _, err := a.purposed(ctx, access.Read, access.Watchlist); err != nil {
		return out, err
	}
	all, err := watchlist.Lists(ctx, a.Store)
	for _, l := range all {
		out.Items = append(out.Items, listRow(l, a.Now()))
	}
	return out, err
}

func (a *API) listPage(ctx context.Context, id string) (ListPage, error) {
	if _, err := a.purposed(ctx, access.Read, access.Watchlist); err != nil {
		return ListPage{}, err
	}
	all, err := watchlist.Lists(ctx, a.Store)
	if err != nil {
		return ListPage{}, err
	}
	for _, l := range all {
		if l.ID == id {
			return ListPage{listRow(l, a.Now()), slices.Clone(l.History)}, nil
		}
	}
	return ListPage{}, record.Errorf(record.NotFound, "there is no list %q here", id)
}

// mayChangeList gives the actor if they may change this very list.
func (a *API) mayChangeList(ctx context.Context, id string) (record.Actor, error) {
	actor, err := a.purposed(ctx, access.Change, access.Watchlist)
	if err != nil {
		return actor, err
	}
	err = a.Store.View(ctx, func(tx record.Tx) error {
		rec, err := tx.ByKey(watchlist.ListKind, id)
		if err == nil && !access.Allow(actor, access.Change, rec.Scope()) {
			return record.Errorf(record.Forbidden, "list %s belongs to %s; only they change it", id, rec.Owner.Agency)
		}
		return err
	})
	return actor, err
}

// listTitles reads what a hit has to say of its list.
func (a *API) listTitles(tx record.Reader) (map[string]listInfo, error) {
	page, err := tx.List(record.Query{Kinds: []string{watchlist.ListKind}, Full: true, Limit: record.MaxLimit})
	out := map[string]listInfo{}
	for _, row := range page.Rows {
		if l, ok := row.Record.Body.(*watchlist.List); ok {
			out[l.ID] = listInfo{l.Title, l.Effect}
		}
	}
	return out, err
}

func (a *API) entries(ctx context.Context, in *entryQuery) (List[EntryRow], error) {
	out := List[EntryRow]{Items: []EntryRow{}}
	err := a.look(ctx, record.Act{Action: "list", Topic: access.Watchlist}, asked(in.Q, in.List, in.State, in.Cursor), func(tx record.Tx) ([]record.ID, error) {
		page, err := tx.List(record.Query{Kinds: []string{watchlist.EntryKind}, States: one(in.State), Text: strings.TrimSpace(in.Q),
			Thing: record.Thing{Type: record.ThingList, Key: in.List}, Full: true, Cursor: in.Cursor, Limit: in.Limit})
		out.Next = page.Next
		for _, row := range page.Rows {
			if e, ok := row.Record.Body.(*watchlist.Entry); ok {
				out.Items = append(out.Items, entryRow(row, e))
			}
		}
		return idsOf(page.Rows), err
	})
	return out, err
}

func entryRow(row record.Row, e *watchlist.Entry) EntryRow {
	out := EntryRow{ID: row.ID.String(), Key: e.ID, Type: e.Type, State: e.State, Name: e.Name(), Aliases: max(len(e.Names)-1, 0),
		Born: strings.Join(e.Born, "; "), Nationality: strings.Join(e.Nationalities, " "), Severity: e.Severity, Changed: row.Changed, Revision: row.Revision}
	for _, n := range e.Names {
		if n.Original && out.Native == "" {
			out.Native = n.Full
		}
	}
	return out
}

// importLists parses what was uploaded and imports each list in it, or says what that would change.
func (a *API) importLists(ctx context.Context, form *multipart.Form, preview bool) ([]ListDelta, error) {
	actor, err := a.mayImport(ctx, access.Watchlist)
	if err != nil {
		return nil, err
	}
	effect, force := field(form, "effect"), field(form, "force") == "true"
	if effect != "" || force { // what the law makes of a list, and what the guard refuses, is not for who brings the file
		if err := a.allow(actor, access.Change, access.Watchlist); err != nil {
			return nil, err
		}
	}
	files, done, err := opened(form)
	if err != nil {
		return nil, err
	}
	defer done()
	var in []intake.File
	for _, f := range files {
		in = append(in, intake.File{Name: f.name, Data: f})
	}
	all, err := a.Intake.Publications(ctx, in...)
	if err != nil {
		if why := quarantine.ReasonOf(err); why != "" {
			a.Log.Warn("api: the reading of a list was ended", "reason", why, "err", errors.Unwrap(err))
		}
		return nil, err
	}
	out := []ListDelta{}
	for _, p := range all {
		src := watchlist.Source{Publication: p, Node: a.Node.Name, Agency: a.Agency, Title: field(form, "title"), Effect: effect,
			Preview: preview, Force: force, Now: a.Now}
		d, err := watchlist.Import(ctx, a.Store, src)
		if err != nil {
			return nil, err
		}
		out = append(out, ListDelta{Title: p.Title, List: p.List, Entries: len(p.Entries), Delta: d})
	}
	return out, nil
}
