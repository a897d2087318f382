package sharing

import (
	"bytes"
	"reflect"
	"slices"
	"strings"

	"sarhad/record"
	"sarhad/record/privacy"
	"sarhad/record/vocab"
)

// maxKin bounds how many records above one are looked at: a record has a few parents, and they have one or none.
const maxKin = 64

// kin gives the words of a record and of everything it was made from, because what names a person may stand in the parent: a hit
// says less than the journey it is about.
func (v *view) kin(rec *record.Record) (out []*record.Index, err error) {
	if have, ok := v.indexes[rec.ID]; ok {
		return have, nil
	}
	out = append(out, rec.IndexOf())
	seen := map[record.ID]bool{rec.ID: true}
	for todo := slices.Clone(rec.Origin.Parents); len(todo) > 0 && len(seen) < maxKin; todo = todo[1:] {
		if seen[todo[0]] {
			continue
		}
		seen[todo[0]] = true
		up, err := v.tx.Get(todo[0])
		if record.KindOf(err) == record.NotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		out, todo = append(out, up.IndexOf()), append(todo, up.Origin.Parents...)
	}
	v.indexes[rec.ID] = out
	return out, nil
}

// minor reports whether a record names somebody who may be a minor now.
func (v *view) minor(rec *record.Record) (bool, error) {
	all, err := v.kin(rec)
	return slices.ContainsFunc(all, func(ix *record.Index) bool { return privacy.Minor(ix, v.now) }), err
}

// protected reports whether a code of a document marks a refugee or a stateless person.
func protected(code string) bool {
	s, ok := vocab.Country(code)
	return ok && s.Protected()
}

// refuge is who of a record is protected, and from whom.
type refuge struct {
	marked    bool
	countries []string // of nationality, ISO 3166-1 alpha-3
	unknown   bool     // of somebody who is marked no nationality is known: it may be any
}

// from reports whether a country is, or may be, the one that somebody fled.
func (f refuge) from(country, ours string) bool {
	if !f.marked {
		return false
	}
	return slices.Contains(f.countries, country) || country == "" || f.unknown && country != ours
}

// refuge looks for the marks of refugees, stateless persons and asylum seekers in the words of a record and of what it was made
// from, and for their codes in the values of its fields, whatever the kind.
func (v *view) refuge(rec *record.Record) (out refuge, err error) {
	all, err := v.kin(rec)
	if err != nil {
		return out, err
	}
	var known []string // of persons that nobody marked
	for _, ix := range all {
		asylum := slices.ContainsFunc(ix.Mentions, marks)
		for _, p := range ix.Persons {
			nations := slices.DeleteFunc(slices.Clone(p.Nationalities), protected)
			if !asylum && !markedPerson(p) {
				known = append(known, nations...)
				continue
			}
			out.marked = true
			out.countries = append(out.countries, nations...)
			out.unknown = out.unknown || len(nations) == 0
		}
		if asylum && len(ix.Persons) == 0 {
			out.marked, out.unknown = true, true
		}
	}
	if !out.marked && says(rec) { // the mark stands in a field that no word tells: it may be anybody's
		out.marked, out.countries, out.unknown = true, known, len(known) == 0
	}
	return out, nil
}

// marks reports a mention that marks the persons of its record.
func marks(m record.Mention) bool {
	if m.Role == record.RoleProtected {
		return true
	}
	issuer, _, _ := strings.Cut(m.Key, ":")
	return m.Type == record.ThingDocument && protected(issuer)
}

func markedPerson(p record.Person) bool {
	return p.Role == record.RoleProtected || slices.ContainsFunc(p.Nationalities, protected) ||
		slices.ContainsFunc(p.Documents, func(d record.Document) bool { return protected(d.Issuer) || protected(d.Type) })
}

// says reports whether a value of a body is one of the codes. Of a body that this program cannot read any text is.
func says(rec *record.Record) (found bool) {
	if rec.Body == nil {
		return slices.ContainsFunc([]string{"XXA", "XXB", "XXC"}, func(c string) bool { return bytes.Contains(rec.Raw, []byte(c)) })
	}
	_ = record.Walk(rec.Body, func(f record.Field) error { // a map, which no body has, ends it early
		found = found || f.Value.Kind() == reflect.String && len(f.Value.String()) == 3 && protected(f.Value.String())
		return nil
	})
	return found
}
