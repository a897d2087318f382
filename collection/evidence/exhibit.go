package evidence

import (
	"strings"
	"time"
	"unicode/utf8"

	"sarhad/record"
)

// KindExhibit is the kind of an exhibit.
const KindExhibit = "evidence.exhibit"

// States of an exhibit.
const (
	StateKept = "kept"
	StateHeld = "held" // must not be erased yet
)

// RoleProves is the role in which an exhibit mentions what it proves.
const RoleProves = "proves"

const (
	// maxTitle fits into a line of a list.
	maxTitle = 200
	// maxText is two pages: what is longer is a document of its own and can be attached.
	maxText = 6000
)

// Exhibit is what was obtained. Times are UTC. Version 1.
type Exhibit struct {
	ID          record.ID   `json:"id" class:"plain"` // of its own record
	Title       string      `json:"title" class:"text"`
	Description string      `json:"description,omitempty" class:"text"`
	How         string      `json:"how" class:"source"` // how it was obtained
	Taken       time.Time   `json:"taken,omitzero" class:"plain"`
	TakenBy     string      `json:"taken_by,omitempty" class:"source"`
	Legal       string      `json:"legal,omitempty" class:"plain"` // legal basis of taking it
	Hold        *Hold       `json:"hold,omitempty" class:"plain"`
	Proves      []record.ID `json:"proves" class:"plain"` // its parents
}

// Hold says why it must not be erased yet. Until is a moment in UTC; zero = until somebody takes the hold back.
type Hold struct {
	Basis string    `json:"basis"`
	Until time.Time `json:"until,omitzero"`
}

// Kind implements record.Body.
func (*Exhibit) Kind() string { return KindExhibit }

// Version implements record.Body.
func (*Exhibit) Version() int { return 1 }

// Validate implements record.Body.
func (e *Exhibit) Validate() error {
	for _, f := range []struct {
		what, text string
		most       int
		must       bool
	}{
		{"title", e.Title, maxTitle, true}, {"description", e.Description, maxText, false}, {"way it was obtained", e.How, maxText, true},
		{"name of who took it", e.TakenBy, maxTitle, false}, {"legal basis", e.Legal, maxTitle, false},
	} {
		if f.must && strings.TrimSpace(f.text) == "" {
			return record.Errorf(record.Invalid, "an exhibit needs a %s", f.what)
		}
		if n := utf8.RuneCountInString(f.text); n > f.most {
			return record.Errorf(record.Invalid, "the %s has %d letters; %d is the most: attach what is longer as a file", f.what, n, f.most)
		}
	}
	if e.ID.IsZero() || len(e.Proves) == 0 {
		return record.Errorf(record.Invalid, "an exhibit must say which record it proves")
	}
	if e.Hold != nil && strings.TrimSpace(e.Hold.Basis) == "" {
		return record.Errorf(record.Invalid, "a hold needs a legal basis: say which decision forbids to erase the exhibit")
	}
	return nil
}

// Index implements record.Body.
func (e *Exhibit) Index(ix *record.Index) {
	ix.Title, ix.State = e.Title, StateKept
	for _, id := range e.Proves {
		ix.Mention(record.ThingRecord, id.String(), RoleProves, "")
	}
	if e.Hold != nil {
		ix.State = StateHeld
		ix.Hold(e.Hold.Basis, e.Hold.Until, append([]record.ID{e.ID}, e.Proves...)...)
	}
	if !e.Taken.IsZero() {
		ix.Events = append(ix.Events, record.Event{Kind: "taken", At: e.Taken})
	}
	ix.Text(e.Title, e.Description)
}

// Held reports whether the exhibit must not be erased at a time.
func (e *Exhibit) Held(now time.Time) bool {
	return e.Hold != nil && (e.Hold.Until.IsZero() || now.Before(e.Hold.Until))
}

// Bodies lists the kinds of the room.
func Bodies() []func() record.Body {
	return []func() record.Body{func() record.Body { return &Exhibit{} }}
}
