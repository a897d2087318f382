package api

import (
	"context"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sarhad/collection/evidence"
	"sarhad/record"
	"sarhad/record/access"
	"sarhad/record/attach"
)

// Exhibit is what was obtained, with its files.
type Exhibit struct {
	ID          string       `json:"id"`
	Title       string       `json:"title"`
	Description string       `json:"description,omitempty"`
	How         string       `json:"how" doc:"how it was obtained"`
	Taken       time.Time    `json:"taken,omitzero"`
	TakenBy     string       `json:"takenBy,omitempty"`
	Legal       string       `json:"legal,omitempty"`
	Hold        *ExhibitHold `json:"hold,omitempty"`
	Marking     string       `json:"marking"`
	Agency      string       `json:"agency"`
	Officer     string       `json:"officer,omitempty" doc:"user id of who made it"`
	Created     time.Time    `json:"created"`
	Files       []File       `json:"files"`
	MayErase    bool         `json:"mayErase"`
}

// ExhibitHold says why an exhibit must not be erased yet.
type ExhibitHold struct {
	Basis string    `json:"basis" maxLength:"200"`
	Until time.Time `json:"until,omitzero"`
}

type newExhibit struct {
	ByID
	Body struct {
		Title       string       `json:"title" maxLength:"200"`
		Description string       `json:"description,omitempty" maxLength:"6000"`
		How         string       `json:"how" maxLength:"6000"`
		Taken       *time.Time   `json:"taken,omitempty"`
		TakenBy     string       `json:"takenBy,omitempty" maxLength:"200"`
		Legal       string       `json:"legal,omitempty" maxLength:"200"`
		Hold        *ExhibitHold `json:"hold,omitempty"`
		Files       []NewFile    `json:"files" minItems:"1" maxItems:"64"`
	}
}

// NewFile is a complete upload that becomes part of an exhibit.
type NewFile struct {
	Upload string `json:"upload" maxLength:"36"`
	Keep   bool   `json:"keep,omitempty" doc:"leave place, device and author in the file"`
	Reason string `json:"reason,omitempty" maxLength:"32" doc:"why they stay: vocabulary locationreason"`
	Note   string `json:"note,omitempty" maxLength:"300"`
}

type exhibitsOf struct {
	ByID
	Paging
}

type eraseExhibit struct {
	ByID
	Body struct {
		Reason string `json:"reason" maxLength:"32" doc:"vocabulary exhibiterasure"`
	}
}

func (a *API) exhibits(h huma.API) {
	register(a, h, "POST", "/records/{id}/exhibits", "createExhibit", "Attach an exhibit to a record", func(ctx context.Context, in *newExhibit) (*body[Exhibit], error) {
		return answer(a.createExhibit(ctx, in))
	})
	register(a, h, "GET", "/records/{id}/exhibits", "listExhibits", "Exhibits of a record", func(ctx context.Context, in *exhibitsOf) (*body[List[Exhibit]], error) {
		return answer(a.exhibitList(ctx, in))
	})
	register(a, h, "GET", "/exhibits/{id}", "getExhibit", "One exhibit with its files", func(ctx context.Context, in *ByID) (*body[Exhibit], error) {
		return answer(a.exhibit(ctx, *in))
	})
	register(a, h, "POST", "/exhibits/{id}/erase", "eraseExhibit", "Erase an exhibit and its files", func(ctx context.Context, in *eraseExhibit) (*empty, error) {
		return &empty{}, a.exhibitChange(ctx, in.ByID, func(id record.ID) error { return a.Exhibits.Erase(ctx, id, in.Body.Reason) })
	})
	register(a, h, "DELETE", "/exhibits/{id}/hold", "endExhibitHold", "Take the hold of an exhibit back", func(ctx context.Context, in *ByID) (*empty, error) {
		return &empty{}, a.exhibitChange(ctx, *in, func(id record.ID) error { return a.Exhibits.EndHold(ctx, id) })
	})
}

func (a *API) exhibitChange(ctx context.Context, in ByID, fn func(record.ID) error) error {
	if _, err := a.purposed(ctx, access.Change, access.Evidence); err != nil {
		return err
	}
	id, err := in.id()
	if err != nil {
		return err
	}
	return fn(id)
}

func (a *API) createExhibit(ctx context.Context, in *newExhibit) (Exhibit, error) {
	actor, err := a.purposed(ctx, access.Create, access.Evidence)
	if err != nil {
		return Exhibit{}, err
	}
	parent, err := in.id()
	if err != nil {
		return Exhibit{}, err
	}
	n := evidence.New{Parents: []record.ID{parent}, Exhibit: evidence.Exhibit{
		Title: strings.TrimSpace(in.Body.Title), Description: strings.TrimSpace(in.Body.Description), How: strings.TrimSpace(in.Body.How),
		TakenBy: strings.TrimSpace(in.Body.TakenBy), Legal: strings.TrimSpace(in.Body.Legal)}}
	if in.Body.Taken != nil {
		n.Exhibit.Taken = in.Body.Taken.UTC()
	}
	if h := in.Body.Hold; h != nil {
		n.Exhibit.Hold = &evidence.Hold{Basis: strings.TrimSpace(h.Basis), Until: h.Until.UTC()}
	}
	for _, f := range in.Body.Files {
		id, err := record.ParseID(f.Upload)
		if err != nil || id.IsZero() {
			return Exhibit{}, record.Errorf(record.Invalid, "%.36q is no file on its way", f.Upload)
		}
		n.Files = append(n.Files, evidence.File{Upload: id, Choice: attach.Choice{Keep: f.Keep, Reason: f.Reason, Note: f.Note}})
	}
	rec, err := a.Exhibits.Create(ctx, n)
	if err != nil {
		return Exhibit{}, err
	}
	return exhibitOf(actor, rec), nil
}

// exhibitList gives the exhibits of a record the officer may read, newest first.
func (a *API) exhibitList(ctx context.Context, in *exhibitsOf) (List[Exhibit], error) {
	out := List[Exhibit]{Items: []Exhibit{}}
	id, err := in.id()
	if err != nil {
		return out, err
	}
	actor, err := record.ActorFrom(ctx)
	if err != nil {
		return out, err
	}
	var shown []*record.Record
	err = a.look(ctx, record.Act{Action: "list", Topic: access.Evidence}, asked("", "exhibits", in.ID, in.Cursor), func(tx record.Tx) ([]record.ID, error) {
		if _, err := tx.Get(id); err != nil {
			return nil, err
		}
		page, err := tx.List(record.Query{Kinds: []string{evidence.KindExhibit}, Parent: id, Full: true, Cursor: in.Cursor, Limit: in.Limit})
		if err != nil {
			return nil, err
		}
		out.Next = page.Next
		for _, row := range page.Rows {
			if _, ok := row.Record.Body.(*evidence.Exhibit); ok {
				shown = append(shown, row.Record)
				out.Items = append(out.Items, exhibitOf(actor, row.Record))
			}
		}
		return idsOf(page.Rows), nil
	})
	if err != nil {
		return out, err
	}
	for _, rec := range shown { // the small pictures belong to this look
		act, q := smallLook(rec)
		a.looks.done(keyOfLook(actor, act, q), a.Now())
	}
	return out, nil
}

// exhibit gives one exhibit that the officer may read.
func (a *API) exhibit(ctx context.Context, in ByID) (out Exhibit, err error) {
	id, err := in.id()
	if err != nil {
		return out, err
	}
	actor, err := record.ActorFrom(ctx)
	if err != nil {
		return out, err
	}
	var rec *record.Record
	err = a.look(ctx, record.Act{Action: "read", Topic: access.Evidence, Subject: id}, asked("", "exhibit", in.ID), func(tx record.Tx) ([]record.ID, error) {
		if rec, err = tx.Get(id); err != nil {
			return nil, err
		}
		if _, ok := rec.Body.(*evidence.Exhibit); !ok {
			return nil, record.Errorf(record.NotFound, "%s is no exhibit", id)
		}
		return []record.ID{id}, nil
	})
	if err != nil {
		return out, err
	}
	act, q := smallLook(rec) // the small pictures belong to this look
	a.looks.done(keyOfLook(actor, act, q), a.Now())
	return exhibitOf(actor, rec), nil
}

func exhibitOf(actor record.Actor, rec *record.Record) Exhibit {
	e := rec.Body.(*evidence.Exhibit)
	out := Exhibit{ID: rec.ID.String(), Title: e.Title, Description: e.Description, How: e.How, Taken: e.Taken, TakenBy: e.TakenBy, Legal: e.Legal,
		Marking: rec.Handling.Marking, Agency: rec.Owner.Agency, Officer: rec.Owner.Officer, Created: rec.Created, Files: []File{},
		MayErase: access.Allow(actor, access.Change, rec.Scope())}
	if e.Hold != nil {
		out.Hold = &ExhibitHold{e.Hold.Basis, e.Hold.Until}
	}
	for _, a := range rec.Attachments {
		out.Files = append(out.Files, fileOf(a))
	}
	return out
}
