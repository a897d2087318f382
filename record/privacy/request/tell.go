package request

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"sarhad/record"
)

// tell gives the fields of a record that the person is told, and how many are not. It reads classes and the words of the
// index, never kinds:
//
//   - of a record that was given: what is plain, and identity and home fields of the person;
//   - of one that is told in part: the classes the officer chose, cut in the same way;
//   - nothing of a source, and free text only where the officer chose it, having read it;
//   - of a record that names several people, or nobody in the person word, only those identity values that are the person's
//     own: every other may be a third person's;
//   - never the id or the name of an officer, nor an id of this program, whatever the class of the field it stands in.
//
// A record of a kind that this program does not know is treated as free text as a whole: nothing of it is told.
func tell(rec *record.Record, f Found, asked record.Person, officers []string) (out []TellField, left int) {
	out = []TellField{}
	if rec.Body == nil || f.Answer.What == Withheld || f.Answer.What == Silent {
		return out, 0
	}
	classes := []record.Class{record.Plain, record.Identity, record.Home}
	if f.Answer.What == Partly {
		classes = f.Answer.Classes
	}
	persons := rec.IndexOf().Persons
	own, alone := ownWords(asked), len(persons) == 1 && f.Person == 0
	if f.Person >= 0 && f.Person < len(persons) {
		own = append(own, ownWords(persons[f.Person])...)
	}
	// The visit never fails, and the house test checks that bodies have no maps.
	_ = record.Walk(rec.Body, func(field record.Field) error {
		text := textOf(field)
		named := field.Class == record.Identity || field.Class == record.Home
		switch {
		case slices.Contains(officers, text), isID(text):
		case field.Class == record.Source, !slices.Contains(classes, field.Class):
			left++
		case named && !alone && !slices.Contains(own, normal(text)):
			left++
		default:
			out = append(out, TellField{field.Path, text})
		}
		return nil
	})
	return out, left
}

// ownWords are the values by which a person is named, in a form that can be compared.
func ownWords(p record.Person) (out []string) {
	add := func(words ...string) {
		for _, w := range words {
			if w = normal(w); utf8.RuneCountInString(w) > 1 { // a sex or an initial belongs to anybody
				out = append(out, w)
			}
		}
	}
	for _, n := range p.Names {
		add(n.Full, n.Surname, n.Given, n.Patronymic, n.Surname+" "+n.Given, n.Given+" "+n.Surname)
	}
	add(p.Born...)
	for _, d := range p.Documents {
		add(d.Number, record.DocumentNumber(d.Number))
	}
	return out
}

// opaque is the length from which a value of hexadecimal digits is a hash and no number that a person knows.
const opaque = 32

// isID reports whether a value is an identifier or a hash of this program: it tells a person nothing.
func isID(text string) bool {
	if len(text) >= opaque && strings.Trim(text, "0123456789abcdef") == "" {
		return true
	}
	id, err := record.ParseID(text)
	return err == nil && !id.IsZero()
}

func normal(s string) string { return strings.Join(strings.Fields(strings.ToUpper(s)), " ") }

func textOf(f record.Field) string {
	switch v := f.Value.Interface().(type) {
	case time.Time:
		return v.UTC().Format(time.RFC3339)
	case fmt.Stringer:
		return v.String()
	default:
		return fmt.Sprint(v)
	}
}
