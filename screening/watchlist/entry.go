package watchlist

import (
	"slices"
	"time"

	"sarhad/engine/match"
	"sarhad/record"
	"sarhad/record/vocab"
)

// EntryKind is the kind of the body Entry.
const EntryKind = "watchlist.entry"

// Types of entry. Only persons are screened against.
const (
	Person   = "person"
	Entity   = "entity"
	Vessel   = "vessel"
	Aircraft = "aircraft"
)

// States of an entry. Removed is also what an import did to it, beside Added and Changed.
const (
	Active  = "active"
	Removed = "removed" // no longer published: kept, matches nobody

	Added   = "added" // new, or published again
	Changed = "changed"
)

// Qualities of a name, as record.Name has them.
const (
	Primary = "primary"
	Alias   = "alias"
	Weak    = "weak" // the publisher says that it is a weak or low-quality alias
)

// Entry is one listed person, entity, vessel or aircraft.
type Entry struct {
	List  string `json:"list" class:"plain"`  // id of the list
	ID    string `json:"id" class:"plain"`    // the publisher's id, "QDi.001"
	Type  string `json:"type" class:"plain"`  // Person, Entity, Vessel, Aircraft
	State string `json:"state" class:"plain"` // Active, Removed

	Names         []Name     `json:"names" class:"identity" proposable:"yes"` // the first is the primary one
	Titles        []string   `json:"titles,omitempty" class:"identity" proposable:"yes"`
	Born          []string   `json:"born,omitempty" class:"identity" proposable:"yes"` // EDTF
	BornText      []string   `json:"born_text,omitempty" class:"identity"`
	Sex           string     `json:"sex,omitempty" class:"identity" proposable:"yes"`
	Nationalities []string   `json:"nationalities,omitempty" class:"identity" proposable:"yes"` // ICAO 9303 alpha-3
	Countries     []string   `json:"countries_text,omitempty" class:"identity"`                 // nationalities as published that are no known country
	Documents     []Document `json:"documents,omitempty" class:"identity" proposable:"yes"`     // and registrations of entities
	Places        []Place    `json:"places,omitempty" class:"identity" proposable:"yes"`        // of birth, addresses
	Related       []string   `json:"related,omitempty" class:"identity" proposable:"yes"`       // names of other entries of the list
	Remarks       string     `json:"remarks,omitempty" class:"text" proposable:"yes"`           // the publisher's text, whole
	Programme     string     `json:"programme,omitempty" class:"plain" proposable:"yes"`        // the regime: "Al-Qaida", "SDGT"
	Listed        string     `json:"listed,omitempty" class:"plain" proposable:"yes"`           // ISO 8601 day
	Reason        string     `json:"reason,omitempty" class:"sensitive"`                        // why, in a sentence for the officer
	Severity      string     `json:"severity" class:"sensitive"`                                // vocab "severities"
	Instruction   string     `json:"instruction,omitempty" class:"sensitive"`                   // vocab "instructions": what the owner suggests
	Contact       string     `json:"contact,omitempty" class:"source"`                          // whom to call
	ValidUntil    time.Time  `json:"valid_until,omitzero" class:"plain" proposable:"yes"`       // the first moment after the last day
	Fingerprint   string     `json:"fingerprint" class:"plain"`                                 // of the meaning, see Seal
	Publication   string     `json:"publication,omitempty" class:"plain"`                       // which import brought this state: Publication.Hash and when it began
	Change        string     `json:"change,omitempty" class:"plain"`                            // what that import did: Added, Changed, Removed
}

// Name is one spelling.
type Name struct {
	Full     string `json:"full"`
	Surname  string `json:"surname,omitempty"`
	Given    string `json:"given,omitempty"`
	Quality  string `json:"quality"`                            // Primary, Alias, Weak
	Former   bool   `json:"former,omitempty" proposable:"no"`   // used before
	Original bool   `json:"original,omitempty" proposable:"no"` // in its original script
	Restored bool   `json:"restored,omitempty" proposable:"no"` // rebuilt from a publication that lost letters
}

// Document is an identity document, or the registration of an entity, vessel or aircraft.
type Document struct {
	Type    string `json:"type,omitempty"`   // vocab "document-types": P, I ...; "" = other
	Number  string `json:"number,omitempty"` // as published; "" when only the note tells of it
	Issuer  string `json:"issuer,omitempty"` // ICAO 9303 alpha-3
	Issued  string `json:"issued,omitempty"` // as published
	Expires string `json:"expires,omitempty"`
	Note    string `json:"note,omitempty"` // what it is called, and remarks
}

// Place is a place of birth or an address.
type Place struct {
	Role    string `json:"role"` // "birth", "address"
	Text    string `json:"text"`
	Country string `json:"country,omitempty"` // ICAO 9303 alpha-3
}

// Key is the record's key, the natural identity of the entry.
func (e *Entry) Key() string { return e.List + "/" + e.ID }

// Name is the primary name.
func (e *Entry) Name() string {
	if len(e.Names) == 0 {
		return e.ID
	}
	return e.Names[0].Full
}

// Screened says whether travellers are compared with the entry at a time.
func (e *Entry) Screened(now time.Time) bool {
	return e.Type == Person && e.State == Active && (e.ValidUntil.IsZero() || now.Before(e.ValidUntil))
}

// Kind implements record.Body.
func (*Entry) Kind() string { return EntryKind }

// Version implements record.Body.
func (*Entry) Version() int { return 1 }

// Validate implements record.Body.
func (e *Entry) Validate() error {
	switch {
	case e.List == "" || e.ID == "":
		return record.Errorf(record.Invalid, "a list entry needs the id of its list and its own; got %q", e.Key())
	case len(e.Names) == 0 || e.Names[0].Full == "":
		return record.Errorf(record.Invalid, "entry %s has no name", e.Key())
	case !slices.Contains([]string{Person, Entity, Vessel, Aircraft}, e.Type):
		return record.Errorf(record.Invalid, "entry %s is of the unknown type %q", e.Key(), e.Type)
	case e.State != Active && e.State != Removed:
		return record.Errorf(record.Invalid, "entry %s is in the unknown state %q", e.Key(), e.State)
	}
	return nil
}

// Index implements record.Body.
func (e *Entry) Index(ix *record.Index) {
	ix.Title, ix.State = e.Name(), e.State
	self := ix.Mention(record.ThingEntry, e.Key(), "entry", e.Name())
	list := ix.Mention(record.ThingList, e.List, "list", e.List)
	ix.Link(self, list, "listed on", day(e.Listed))
	if e.Type == Entity {
		ix.Mention("organisation", e.Key(), "listed", e.Name())
	}
	for _, d := range e.Documents {
		doc := ix.Mention(record.ThingDocument, record.DocumentKey(d.Issuer, d.Number), "listed document", d.Number)
		ix.Link(self, doc, "carries", time.Time{})
	}
	if e.Type == Person {
		ix.Persons = append(ix.Persons, e.person())
	}
	ix.Measures = append(ix.Measures, record.Measure{Name: "entries", Value: 1, Unit: "1", At: day(e.Listed), Dims: []record.Dim{
		{Name: "list", Value: e.List}, {Name: "type", Value: e.Type}, {Name: "severity", Value: word(vocab.Severities, e.Severity)}, {Name: "state", Value: e.State}}})
	ix.Text(e.ID, e.Programme)
	for _, n := range e.Names {
		ix.Text(n.Full)
	}
	ix.Text(e.Titles...)
	for _, p := range e.Places {
		ix.Text(p.Text)
	}
}

func (e *Entry) person() record.Person {
	p := record.Person{Role: record.RoleListed, Born: e.Born, Sex: e.Sex, Nationalities: e.Nationalities,
		Listing: &record.Listing{List: e.List, Entry: e.ID, Active: e.State == Active, Fingerprint: e.Fingerprint,
			Severity: e.Severity, Instruction: e.Instruction, Reason: e.Reason, Contact: e.Contact, ValidUntil: e.ValidUntil}}
	for _, n := range e.Names {
		p.Names = append(p.Names, record.Name{Full: n.Full, Surname: n.Surname, Given: n.Given, Quality: n.Quality})
	}
	for _, d := range e.Documents {
		if n := record.DocumentNumber(d.Number); n != "" {
			p.Documents = append(p.Documents, record.Document{Type: d.Type, Number: n, Issuer: d.Issuer, Expires: d.Expires})
		}
	}
	return p
}

// Match gives the entry as the matching engine takes it. The ID is the entry's key.
func (e *Entry) Match() match.Person {
	p := match.Person{ID: e.Key(), Born: e.Born, Sex: e.Sex, Nationalities: e.Nationalities}
	for _, n := range e.Names {
		p.Names = append(p.Names, match.Name{Full: n.Full, Surname: n.Surname, Given: n.Given})
	}
	for _, d := range e.Documents {
		if n := record.DocumentNumber(d.Number); n != "" {
			p.Documents = append(p.Documents, match.Document{Type: d.Type, Number: n, Issuer: d.Issuer})
		}
	}
	return p
}

// word is a code of a vocabulary; what is none is "unknown". The index counts by these, and keeps them for ever.
func word(vocabulary, code string) string {
	if code == "" {
		return ""
	}
	if t, ok := vocab.Lookup(vocabulary, code); ok && t.Code == code {
		return code
	}
	return "unknown"
}

// day reads an ISO 8601 day; the zero time when it is none.
func day(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return time.Time{}
	}
	return t
}
