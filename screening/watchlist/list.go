package watchlist

import (
	"slices"
	"time"

	"sarhad/record"
)

// ListKind is the kind of the body List.
const ListKind = "watchlist.list"

// Legal effects of a list in this country (vocab "legal-effects").
const (
	Binding     = "binding"
	National    = "national"
	Information = "information"
)

// maxHistory is how many deltas the present revision of a list carries; older ones stay in its
// former revisions.
const maxHistory = 100

// List is one list with its present publication.
type List struct {
	ID        string `json:"id" class:"plain"` // "un-sc", "ofac-sdn", or a slug of the agency's own
	Title     string `json:"title" class:"plain"`
	Publisher string `json:"publisher,omitempty" class:"plain"`
	Format    string `json:"format" class:"plain"`
	Effect    string `json:"effect" class:"plain"` // Binding, National, Information

	// Current is the publication that is stored completely; the zero value before the first one.
	Current Issue  `json:"current,omitzero" class:"plain"`
	Counts  Counts `json:"counts" class:"plain"`
	// Pending is a publication whose import has begun and not ended; nil otherwise.
	Pending *Issue  `json:"pending,omitempty" class:"plain"`
	History []Delta `json:"history,omitempty" class:"plain"` // newest first
}

// Issue names a publication.
type Issue struct {
	Hash      string    `json:"hash"`               // of the meaning: equal issues say the same
	Version   string    `json:"version,omitempty"`  // as the publisher names it
	Published time.Time `json:"published,omitzero"` // as the publisher states it
	Files     []string  `json:"files,omitempty"`    // names as they came
	Imported  time.Time `json:"imported,omitzero"`  // when the import ended, of Pending when it began
	Lossy     bool      `json:"lossy,omitempty"`    // letters were lost on its way here
}

// Counts is what the list holds.
type Counts struct {
	Active  int `json:"active"`
	Persons int `json:"persons"` // of the active ones
	Removed int `json:"removed"` // kept as history
}

// Delta is what an import changed. Times are UTC.
type Delta struct {
	List      string    `json:"list"`
	Hash      string    `json:"hash"`
	Version   string    `json:"version,omitempty"`
	Published time.Time `json:"published,omitzero"`
	At        time.Time `json:"at,omitzero"`
	Added     int       `json:"added"`
	Changed   int       `json:"changed"`
	Removed   int       `json:"removed"`
	Unchanged int       `json:"unchanged"`
	Resumed   bool      `json:"resumed,omitempty"` // a former import of this publication was interrupted
	Forced    bool      `json:"forced,omitempty"`
	Problems  []string  `json:"problems,omitempty"` // sentences without names of persons
}

// Empty says that nothing changed.
func (d Delta) Empty() bool { return d.Added+d.Changed+d.Removed == 0 }

// Kind implements record.Body.
func (*List) Kind() string { return ListKind }

// Version implements record.Body.
func (*List) Version() int { return 1 }

// Validate implements record.Body.
func (l *List) Validate() error {
	if l.ID == "" {
		return record.Errorf(record.Invalid, "a list needs an id")
	}
	if !slices.Contains([]string{Binding, National, Information}, l.Effect) {
		return record.Errorf(record.Invalid, "list %s: the legal effect must be %s, %s or %s, not %q", l.ID, Binding, National, Information, l.Effect)
	}
	return nil
}

// States of a list.
const (
	Complete  = "complete"
	Importing = "importing"
)

// Index implements record.Body.
func (l *List) Index(ix *record.Index) {
	ix.Title, ix.State = l.Title, Complete
	if l.Pending != nil {
		ix.State = Importing
	}
	ix.Mention(record.ThingList, l.ID, "list", l.Title)
	ix.Text(l.ID, l.Title, l.Publisher)
}
