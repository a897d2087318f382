package api

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sarhad/record"
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
