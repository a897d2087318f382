package export

import (
	"fmt"
	"slices"
	"time"

	"sarhad/record"
	"sarhad/record/access"
)

// Kinds of the bodies.
const (
	Kind     = "privacy.export"
	KindRows = "privacy.export-rows"
)

// Forms of a copy.
const (
	CSV   = "csv"
	XLSX  = "xlsx"
	Print = "print"
)

// States of an export.
const (
	Requested = "requested" // waits for the second person
	Agreed    = "agreed"    // copies may be made until Until
	Refused   = "refused"
)

// Rules of an export.
const (
	// Limit is how many rows an officer may take out alone: a full flight and its crew, not a month of flights.
	Limit = 500
	// MaxRows is the most that goes out at once, whoever agrees: beyond it nobody reads what they sign. The rows are mentions of
	// one record, of which the store keeps 4,096.
	MaxRows = 4000
	// Window is how long copies can be made: until the end of the next shift.
	Window = 24 * time.Hour
	// RequestFor is how long a request waits.
	RequestFor = 7 * 24 * time.Hour
	// DestroyAfter is when a copy must be gone if nobody says otherwise: a month is what a case file is put together in.
	DestroyAfter = 30 * 24 * time.Hour
)

// strict are the classes that need a second person, whatever the number of rows.
var strict = []record.Class{record.Home, record.Source, record.FreeText}

// Export is one taking out. Times are UTC. Version 1.
type Export struct {
	Number  int      `json:"number" class:"plain"` // of the node, from 1; stands on every copy
	State   string   `json:"state" class:"plain"`
	Form    string   `json:"form" class:"plain"`
	Lang    string   `json:"lang" class:"plain"`            // of titles and markings: en, ru
	View    string   `json:"view" class:"plain"`            // which list: a word of the door
	Query   string   `json:"query,omitempty" class:"plain"` // filters; words searched for as a keyed hash
	Columns []Column `json:"columns" class:"plain"`
	Rows    int      `json:"rows" class:"plain"`
	IDs     string   `json:"ids" class:"plain"`              // SHA-256 over the sorted ids, hexadecimal
	Marking string   `json:"marking" class:"plain"`          // the highest of the records
	Second  bool     `json:"second,omitempty" class:"plain"` // a second person was needed

	Purpose Purpose `json:"purpose" class:"text"`
	Note    string  `json:"note,omitempty" class:"text"` // of the second person

	Asked   Step      `json:"asked" class:"plain"`
	Decided *Step     `json:"decided,omitempty" class:"plain"`
	Until   time.Time `json:"until" class:"plain"`   // of the request, then of the window
	Destroy time.Time `json:"destroy" class:"plain"` // when the copies must be gone

	Copies []Copy `json:"copies,omitempty" class:"plain"`
	Gone   []Gone `json:"gone,omitempty" class:"plain"` // records in it that were erased or masked since
}

// Column is a field that goes out.
type Column struct {
	Code  string       `json:"code"`
	Class record.Class `json:"class"`
	Title string       `json:"title,omitempty"` // what stands above it on the copy; the code if empty
}

// Head is what stands above the column.
func (c Column) Head() string {
	if c.Title != "" {
		return c.Title
	}
	return c.Code
}

// Purpose is what the officer worked on.
type Purpose struct {
	Kind string `json:"kind"`
	Ref  string `json:"ref,omitempty"`
	Text string `json:"text"`
}

// Step is who did something, and when.
type Step struct {
	User    string    `json:"user"`
	Display string    `json:"display"` // as on screens then
	At      time.Time `json:"at"`
}

// Copy is one file or print.
type Copy struct {
	Number    int       `json:"number"` // within the export, from 1
	At        time.Time `json:"at"`
	Rows      int       `json:"rows"`
	Hash      string    `json:"hash"` // SHA-256 of what went out, hexadecimal
	Destroyed *Step     `json:"destroyed,omitempty"`
}

// Gone is a record that was erased or masked after it was taken out.
type Gone struct {
	ID   string    `json:"id"`
	What string    `json:"what"` // as record.Erasure has it
	At   time.Time `json:"at"`
}

// Kind implements record.Body.
func (*Export) Kind() string { return Kind }

// Version implements record.Body.
func (*Export) Version() int { return 1 }

// Validate implements record.Body.
func (e *Export) Validate() error {
	switch {
	case e.Number < 1 || e.Rows < 1 || e.Rows > MaxRows:
		return record.Errorf(record.Invalid, "an export has a number and 1 to %d rows", MaxRows)
	case !slices.Contains([]string{CSV, XLSX, Print}, e.Form):
		return record.Errorf(record.Invalid, "%q is no form of an export; use csv, xlsx or print", e.Form)
	case !slices.Contains([]string{Requested, Agreed, Refused}, e.State):
		return record.Errorf(record.Invalid, "%q is no state of an export", e.State)
	case len(e.Columns) == 0:
		return record.Errorf(record.Invalid, "choose at least one column")
	case e.Purpose.Text == "" || e.Asked.User == "":
		return record.Errorf(record.Invalid, "an export needs an officer and a purpose")
	}
	return nil
}

// thingOfficer is a user of this node.
const thingOfficer = "officer"

// Roles of the mentions.
const (
	roleAsked   = "took out"
	roleDecided = "decided"
	roleHolds   = "holds"
)

// Index implements record.Body.
func (e *Export) Index(ix *record.Index) {
	ix.Title, ix.State = fmt.Sprintf("№ %d %s, %d", e.Number, e.Form, e.Rows), e.State
	ix.Mention(thingOfficer, e.Asked.User, roleAsked, e.Asked.User)
	if e.Decided != nil {
		ix.Mention(thingOfficer, e.Decided.User, roleDecided, e.Decided.User)
	}
	ix.Events = append(ix.Events, record.Event{Kind: "export", At: e.Asked.At})
	ix.Measures = append(ix.Measures, record.Measure{Name: "exported rows", Value: float64(e.Rows), Unit: "1", At: e.Asked.At,
		Dims: []record.Dim{{Name: "marking", Value: e.Marking}}})
}

// MustGo says whether copies are out that must be destroyed now: a record in them is gone, or their time is over.
func (e *Export) MustGo(now time.Time) bool {
	return e.Out() > 0 && (len(e.Gone) > 0 || !now.Before(e.Destroy))
}

// Out counts the copies that nobody has said to be destroyed.
func (e *Export) Out() int {
	n := 0
	for _, c := range e.Copies {
		if c.Destroyed == nil {
			n++
		}
	}
	return n
}

// Rows says which records an export holds. It never changes. Version 1.
type Rows struct {
	Export string   `json:"export" class:"plain"` // id of the export's record
	IDs    []string `json:"ids" class:"plain"`    // in the order of the list
}

// Kind implements record.Body.
func (*Rows) Kind() string { return KindRows }

// Version implements record.Body.
func (*Rows) Version() int { return 1 }

// Validate implements record.Body.
func (r *Rows) Validate() error {
	if r.Export == "" || len(r.IDs) == 0 || len(r.IDs) > MaxRows {
		return record.Errorf(record.Invalid, "the rows of an export are 1 to %d records", MaxRows)
	}
	return nil
}

// thingRecord is a record, by its id.
const thingRecord = "record"

// Index implements record.Body: by these mentions an erasure finds the copies.
func (r *Rows) Index(ix *record.Index) {
	ix.Title = r.Export
	for _, id := range r.IDs {
		ix.Mention(thingRecord, id, roleHolds, "")
	}
}

// Bodies lists the bodies of the register.
func Bodies() []func() record.Body {
	return []func() record.Body{
		func() record.Body { return &Export{} },
		func() record.Body { return &Rows{} },
	}
}

// mayTake says whether an actor may take a record out.
func mayTake(a record.Actor, s record.Scope) bool { return access.Allow(a, access.Export, s) }

// House implements record.HouseBody.
func (*Export) House() {}

// House implements record.HouseBody.
func (*Rows) House() {}
