package listcsv

import (
	"fmt"
	"strings"
	"unicode"

	"sarhad/format/edtf"
)

var sexes = map[string]string{
	"": "", "u": "", "m": "M", "male": "M", "м": "M", "муж": "M", "мужской": "M", "муж.": "M",
	"f": "F", "female": "F", "ж": "F", "жен": "F", "женский": "F", "жен.": "F", "x": "X", "х": "X",
}

// row reads one row; what is wrong with it goes to s.bad.
func (s *reader) row(line int, cells []string) {
	bad := func(column, remedy, format string, args ...any) {
		s.bad = append(s.bad, s.placed(&Error{File: s.file, Line: line, Problem: fmt.Sprintf(format, args...), Remedy: remedy}, column))
	}
	if len(cells) > s.width {
		bad("", "put quotation marks around texts that hold the divider", "the row has %d columns where the header has %d", len(cells), s.width)
		if !s.keep {
			return
		}
	}
	get := func(name string) string {
		if i, ok := s.at[name]; ok && i < len(cells) {
			return cells[i]
		}
		return ""
	}
	r := Row{ID: get("id"), Name: get("name"), Aliases: parts(get("aliases")), Nationality: parts(get("nationality")),
		Reason: get("reason"), Severity: get("severity"), Instruction: get("instruction"), Contact: get("contact"), Line: line, Sheet: s.sheet}
	for _, c := range s.required {
		if get(c) == "" {
			bad(c, "fill it in", "the row has no %s", c)
			if !s.keep {
				return
			}
		}
	}
	if first, twice := s.seen[r.ID]; twice && r.ID != "" {
		bad("id", "give each entry an id of its own", "the id %q stands here a second time (first on line %d)", clip(r.ID), first)
		if !s.keep {
			return
		}
	}
	s.seen[r.ID] = line
	ok := true
	for _, b := range parts(get("born")) {
		d, understood := edtf.FromText(b)
		if !understood {
			ok = false
			bad("born", "write 1972-09-07, 1972-09, 1972, 1958/1963 or 1958~", "the date of birth %q is not understood", clip(b))
			continue
		}
		r.Born = append(r.Born, d)
	}
	sex, known := sexes[strings.ToLower(get("sex"))]
	if !known {
		ok = false
		bad("sex", "write M, F, X or nothing", "the sex %q is not understood", clip(get("sex")))
	}
	r.Sex = sex
	if until := get("valid until"); until != "" {
		d, understood := edtf.FromText(until)
		if !understood || len(d) != len("2006-01-02") {
			ok = false
			bad("valid until", "write a day like 2027-12-31", "the last day of validity %q is not understood", clip(until))
			d = ""
		}
		r.ValidUntil = d
	}
	for _, p := range parts(get("documents")) {
		if d := document(p); d.Number != "" {
			r.Documents = append(r.Documents, d)
		}
	}
	if ok || s.keep {
		s.list.Rows = append(s.list.Rows, r)
	}
}

// parts divides a cell with several values.
func parts(cell string) []string {
	var out []string
	for p := range strings.FieldsFuncSeq(cell, func(r rune) bool { return r == ';' || r == '|' }) {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// issuerLen is the length of an ICAO 9303 code: it tells an issuer from a type in a pair.
const issuerLen = 3

// document reads type:number:issuer, type:issuer:number, issuer:number, type:number or number.
func document(text string) Document {
	p := strings.Split(text, ":")
	for i := range p {
		p[i] = strings.TrimSpace(p[i])
	}
	switch len(p) {
	case 1:
		return Document{Number: p[0]}
	case 2:
		if len(p[0]) == issuerLen && !hasDigit(p[0]) {
			return Document{Issuer: p[0], Number: p[1]}
		}
		return Document{Type: p[0], Number: p[1]}
	}
	if !hasDigit(p[1]) && hasDigit(p[2]) {
		return Document{Type: p[0], Issuer: p[1], Number: p[2]}
	}
	return Document{Type: p[0], Number: p[1], Issuer: p[2]}
}

func hasDigit(s string) bool { return strings.ContainsFunc(s, unicode.IsDigit) }
