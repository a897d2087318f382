package watchlist

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"

	"sarhad/format/listcsv"
	"sarhad/format/listxlsx"
	"sarhad/format/ofac"
	"sarhad/format/unsc"
	"sarhad/record"
	"sarhad/record/vocab"
)

func parseUN(r io.Reader, name string) (*Publication, error) {
	l, err := unsc.Read(r, name)
	if err != nil {
		return nil, err
	}
	p := &Publication{List: UNList, Title: "UN Security Council consolidated list", Publisher: "UN Security Council",
		Format: FormatUN, Effect: Binding, Published: l.Published, Version: l.Version, Lossy: l.Lossy, Problems: l.Problems}
	for _, u := range l.Entries {
		p.Entries = append(p.Entries, fromUN(u))
	}
	return p, nil
}

// fromUN: the list binds every member state; what it asks for (travel ban, freezing of assets) is
// looked up by an officer, so the suggestion is the second line.
func fromUN(u unsc.Entry) *Entry {
	e := &Entry{List: UNList, ID: u.Reference, Type: Person, State: Active, Sex: u.Sex, Programme: u.Programme,
		Listed: u.ListedOn, Titles: append(append([]string(nil), u.Titles...), u.Designations...), Remarks: u.Comments,
		Severity: "high", Instruction: "second-line",
		Reason: sentence("UN Security Council sanctions", u.Programme, listedOn(u.ListedOn), u.Reference)}
	if u.Kind == unsc.Entity {
		e.Type = Entity
	}
	if e.ID == "" {
		e.ID = u.DataID
	}
	for _, n := range u.Names {
		e.Names = append(e.Names, Name{Full: n.Full, Quality: quality(n.Kind, n.Quality), Former: n.Kind == "former", Original: n.Original, Restored: n.Restored})
	}
	for _, b := range u.Births {
		switch {
		case b.Date == "":
			e.BornText = append(e.BornText, b.Text)
		default:
			e.Born = append(e.Born, b.Date)
		}
	}
	e.setCountries(u.Nationality)
	for _, d := range u.Documents {
		e.addDocument(Document{Type: d.Type, Number: d.Number, Issued: d.Issued, Note: sentence(d.Title, d.Note)}, d.Issuer)
	}
	for _, b := range u.BirthPlaces {
		e.addPlace("birth", b.Country, b.City, b.Province, b.Country, b.Note)
	}
	for _, a := range u.Addresses {
		e.addPlace("address", a.Country, a.Street, a.Zip, a.City, a.Province, a.Country, a.Note)
	}
	return e
}

func parseOFAC(files []ofac.File) (*Publication, error) {
	l, err := ofac.Read(files...)
	if err != nil {
		return nil, err
	}
	p := &Publication{List: OFACList, Title: "OFAC Specially Designated Nationals", Publisher: "US Treasury, Office of Foreign Assets Control",
		Format: FormatOFAC, Effect: Information, Problems: l.Problems}
	for _, f := range files {
		p.Files = append(p.Files, f.Name)
	}
	for _, o := range l.Entries {
		p.Entries = append(p.Entries, fromOFAC(o))
	}
	return p, nil
}

// fromOFAC: a list of another country binds nobody here; it starts as information only.
func fromOFAC(o ofac.Entry) *Entry {
	types := map[ofac.Kind]string{ofac.Individual: Person, ofac.Entity: Entity, ofac.Vessel: Vessel, ofac.Aircraft: Aircraft}
	e := &Entry{List: OFACList, ID: o.ID, Type: types[o.Kind], State: Active, Sex: o.Sex, Born: o.Births, BornText: o.BirthTexts,
		Programme: strings.Join(o.Programmes, ", "), Remarks: o.Remarks, Related: o.LinkedTo, Severity: "low", Instruction: "information",
		Reason: sentence("OFAC designation", strings.Join(o.Programmes, ", "))}
	if o.Title != "" {
		e.Titles = []string{o.Title}
	}
	for _, n := range o.Names {
		e.Names = append(e.Names, Name{Full: n.Full, Surname: n.Surname, Given: n.Given, Quality: quality(n.Kind, n.Quality), Former: n.Kind == "former"})
	}
	e.setCountries(o.Nationalities)
	for _, d := range o.Documents {
		e.addDocument(Document{Type: d.Type, Number: d.Number, Issued: d.Issued, Expires: d.Expires, Note: d.Title}, d.Issuer)
	}
	for _, b := range o.BirthPlaces {
		e.addPlace("birth", b[strings.LastIndex(b, ",")+1:], b)
	}
	for _, a := range o.Addresses {
		e.addPlace("address", a.Country, a.Street, a.City, a.Country, a.Note)
	}
	if s := o.Ship; s != (ofac.Ship{}) {
		e.Titles = append(e.Titles, sentence(s.Type, labelled("call sign", s.CallSign), labelled("flag", s.Flag),
			labelled("owner", s.Owner), labelled("tonnage", s.Tonnage), labelled("gross", s.GrossTonnage)))
	}
	return e
}

func parseOwn(r io.Reader, name string) (*Publication, error) {
	l, err := listcsv.Read(r, name)
	if err != nil {
		return nil, err
	}
	return ownList(l, name, FormatOwn)
}

func parseSheet(r io.Reader, name string) (*Publication, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	l, err := listxlsx.Read(bytes.NewReader(data), int64(len(data)), name)
	if err != nil {
		return nil, err
	}
	return ownList(l, name, FormatSheet)
}

func ownList(l listcsv.List, name, format string) (*Publication, error) {
	p := &Publication{List: slug(name), Title: name, Format: format, Effect: National, Problems: l.Problems}
	for _, row := range l.Rows {
		e, err := fromOwn(p.List, name, row)
		if err != nil {
			return nil, err
		}
		for _, c := range e.Countries {
			p.Problems = append(p.Problems, fmt.Sprintf("%s, %s: the nationality %q is no known country or code; it is kept as text and does not count in matching", name, row.Where(), c))
		}
		p.Entries = append(p.Entries, e)
	}
	return p, nil
}

// What an own entry has when its cells are empty.
const (
	ownSeverity    = "medium"
	ownInstruction = "second-line"
)

func fromOwn(list, file string, row listcsv.Row) (*Entry, error) {
	e := &Entry{List: list, ID: row.ID, Type: Person, State: Active, Sex: row.Sex, Born: row.Born,
		Reason: row.Reason, Contact: row.Contact, Severity: ownSeverity, Instruction: ownInstruction}
	for _, word := range []struct {
		vocabulary, name, written string
		to                        *string
	}{{vocab.Severities, "severity", row.Severity, &e.Severity}, {vocab.Instructions, "instruction", row.Instruction, &e.Instruction}} {
		if word.written == "" {
			continue
		}
		term, ok := vocab.Lookup(word.vocabulary, strings.ReplaceAll(strings.TrimSpace(word.written), "_", "-"))
		if !ok {
			if term, ok = vocab.Lookup(word.vocabulary, strings.ReplaceAll(strings.TrimSpace(word.written), " ", "-")); !ok {
				return nil, record.Errorf(record.Invalid, "%s, %s: the %s %q is not known; write one of: %s.", file, row.Where(), word.name, word.written, codes(word.vocabulary))
			}
		}
		*word.to = term.Code
	}
	for i, n := range append([]string{row.Name}, row.Aliases...) {
		name := Name{Full: n, Quality: Alias}
		if i == 0 {
			name.Quality = Primary
		}
		if surname, given, ok := strings.Cut(n, ","); ok {
			name.Surname, name.Given = strings.TrimSpace(surname), strings.TrimSpace(given)
		}
		e.Names = append(e.Names, name)
	}
	e.setCountries(row.Nationality)
	for _, d := range row.Documents {
		typ := d.Type
		if t, ok := vocab.Lookup(vocab.DocumentTypes, typ); ok {
			typ = t.Code
		}
		e.addDocument(Document{Type: typ, Number: d.Number}, d.Issuer)
	}
	if row.ValidUntil != "" {
		e.ValidUntil = day(row.ValidUntil).Add(24 * time.Hour)
	}
	return e, nil
}

func codes(vocabulary string) string {
	var out []string
	for _, t := range vocab.Labels(vocabulary) {
		out = append(out, t.Code)
	}
	return strings.Join(out, ", ")
}

func quality(kind, published string) string {
	switch {
	case kind == "primary":
		return Primary
	case published == "low":
		return Weak
	}
	return Alias
}

// alpha3 finds the code of a country written as a code or as a name.
func alpha3(name string) (string, bool) {
	name = strings.TrimSpace(name)
	if len(name) <= 3 {
		if s, ok := vocab.Country(name); ok {
			return s.Alpha3, true
		}
	}
	return vocab.CountryByName(name)
}

func (e *Entry) setCountries(names []string) {
	for _, n := range names {
		code, ok := alpha3(n)
		to := &e.Nationalities
		if !ok {
			code, to = n, &e.Countries
		}
		if code != "" && !contains(*to, code) {
			*to = append(*to, code)
		}
	}
}

func contains(in []string, s string) bool {
	for _, x := range in {
		if x == s {
			return true
		}
	}
	return false
}

// addDocument keeps an issuer that is no known country in the note.
func (e *Entry) addDocument(d Document, issuer string) {
	if code, ok := alpha3(issuer); ok {
		d.Issuer = code
	} else {
		d.Note = sentence(d.Note, issuer)
	}
	e.Documents = append(e.Documents, d)
}

func (e *Entry) addPlace(role, country string, parts ...string) {
	code, _ := alpha3(country)
	if t := sentence(parts...); t != "" {
		e.Places = append(e.Places, Place{Role: role, Text: t, Country: code})
	}
}

// sentence joins what is there with commas.
func sentence(parts ...string) string {
	var out []string
	for _, p := range parts {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, ", ")
}

func listedOn(day string) string { return labelled("listed on", day) }

func labelled(label, value string) string {
	if value == "" {
		return ""
	}
	return label + " " + value
}
