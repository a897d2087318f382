package ofac

import (
	"fmt"
	"io"
)

// File is one of the four files. Name is for messages only.
type File struct {
	Name string
	Data io.Reader
}

// List is what the files together say, in the order of sdn.csv.
type List struct {
	Entries []Entry
	// Problems are sentences about rows that belong to no entry. They name numbers, never persons.
	Problems []string
}

// Kind says what an entry is.
type Kind string

// The kinds of column SDN_Type; "-0-" is an entity.
const (
	Individual Kind = "individual"
	Entity     Kind = "entity"
	Vessel     Kind = "vessel"
	Aircraft   Kind = "aircraft"
)

// Entry is one designated individual, entity, vessel or aircraft.
type Entry struct {
	ID         string // ent_num
	Kind       Kind
	Names      []Name   // the first is the primary name
	Programmes []string // "SDGT", "SDNTK" ...
	Title      string

	Births        []string // EDTF, see package edtf
	BirthTexts    []string // dates that were not understood, as published
	BirthPlaces   []string // as published
	Nationalities []string // country names as published, citizenships among them
	Sex           string   // "M", "F" or ""
	Documents     []Document
	Addresses     []Address
	LinkedTo      []string // names of other entries
	Ship          Ship     // of vessels
	Remarks       string   // whole, with the continuation
	Line          int      // in sdn.csv, from 1
}

// Name is one spelling. Individuals are published as "SURNAME, Given".
type Name struct {
	Full           string
	Surname, Given string // of individuals whose name has a comma
	Kind           string // "primary", "alias" or "former"
	Quality        string // "good"; "low" for the weak aliases that OFAC puts into the remarks
}

// Document is an identity document or a registration.
type Document struct {
	Type    string // "P" passport, "I" national identity, "" others
	Title   string // as published: "Cedula No."
	Number  string
	Issuer  string // country name as published
	Issued  string // ISO 8601 or ""
	Expires string // ISO 8601 or ""
}

// Address is one address; every part may be absent.
type Address struct {
	Street, City string
	Country      string // as published
	Note         string
}

// Ship is what the list says about a vessel.
type Ship struct {
	CallSign, Type, Tonnage, GrossTonnage, Flag, Owner string
}

// Error is a broken file, said in one sentence for the person who imports the list.
type Error struct {
	File    string
	Line    int    // from 1; 0 when the whole file is meant
	Problem string // what is wrong
	Remedy  string // what to do
	Err     error  // the cause; may be nil
}

// What to do about most problems.
const (
	remedyAgain = "download sdn.csv, alt.csv and add.csv again from the publisher"
	remedyForm  = "give the legacy CSV files of the SDN list as published, without a header"
)

// Error is one sentence: file and place, what is wrong, what to do.
func (e *Error) Error() string {
	place := e.File
	if e.Line > 0 {
		place = fmt.Sprintf("%s, line %d", e.File, e.Line)
	}
	return fmt.Sprintf("%s: %s; %s.", place, e.Problem, e.Remedy)
}

// Unwrap gives the cause, for operators; nil when there is none.
func (e *Error) Unwrap() error { return e.Err }
