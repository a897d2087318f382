package unsc

import "time"

// List is one publication of the consolidated list.
type List struct {
	// Published is the moment of generation that the file states (attribute dateGenerated), UTC;
	// zero when it states none.
	Published time.Time
	// Version is dateGenerated as written.
	Version string
	Entries []Entry
	// Lossy says that the file has lost letters (see the package comment): an absent or odd letter
	// in it is no statement of the publisher.
	Lossy bool
	// Problems are sentences about what was read leniently. They name references, never persons.
	Problems []string
}

// Kind says what an entry is.
type Kind string

// The two kinds of entry that the list has.
const (
	Individual Kind = "individual"
	Entity     Kind = "entity"
)

// Entry is one listed individual or entity.
type Entry struct {
	Kind Kind
	// Reference is the permanent reference number ("QDi.001"), the publisher's identity of the entry.
	Reference string
	// DataID is the number of the row in the publisher's database. It is unique in one publication.
	DataID string
	// Programme is the committee's list: "Al-Qaida", "Taliban", "DPRK" ...
	Programme string
	Names     []Name // the first is the primary name
	Titles    []string
	// Designations are offices and ranks as published.
	Designations []string
	Sex          string // "M", "F" or ""
	Births       []Birth
	Nationality  []string // country names as published
	BirthPlaces  []Place
	Addresses    []Place
	Documents    []Document
	ListedOn     string // ISO 8601 day or ""
	Updated      []string
	Comments     string
	Line         int // where the entry begins in the file, from 1
}

// Name is one spelling of an entry's name.
type Name struct {
	Full string
	// Kind is "primary", "alias" or "former" (previously listed as, f.k.a.).
	Kind string
	// Quality is "good" or "low" where the publisher grades the alias, else "".
	Quality string
	// Original says that the name is written in its original script.
	Original bool
	// Restored says that the letters were rebuilt from a damaged file, see List.Lossy.
	Restored bool
}

// Birth is one statement of a date of birth.
type Birth struct {
	// Date in EDTF (package edtf): a day, month, year, interval or approximation; "" when the text
	// is not a date of the Gregorian calendar.
	Date string
	// Text is the publisher's remark on the date, or the whole text when Date is "".
	Text string
}

// Place is a place of birth or an address; every part may be absent.
type Place struct {
	Street, City, Province, Zip string
	Country                     string // as published
	Note                        string
}

// Document is one identity document.
type Document struct {
	// Type is "P" for passports, "I" for national identity numbers and cards, "" for others.
	Type   string
	Title  string // the type as published
	Number string // letters and digits that stand on the document, without words around them
	Issuer string // country name as published
	Issued string // as published
	Note   string
}
