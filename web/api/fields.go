package api

import (
	"fmt"
	"strings"
	"time"

	"sarhad/record"
	"sarhad/record/vocab"
)

// fieldsOf lists the fields of a body with their classes, in its order.
func fieldsOf(b any) []FieldValue {
	out := []FieldValue{}
	// The visit never fails, and a body without maps cannot make the walker fail: the house test checks that.
	_ = record.Walk(b, func(f record.Field) error {
		out = append(out, FieldValue{Code: f.Path, Value: fieldText(f), Class: f.Class})
		return nil
	})
	return out
}

func fieldText(f record.Field) string {
	switch v := f.Value.Interface().(type) {
	case time.Time:
		return v.UTC().Format(time.RFC3339)
	case fmt.Stringer:
		return v.String()
	default:
		return fmt.Sprint(v)
	}
}

// known refuses a code that the vocabulary does not have.
func known(name, code, what string) error {
	if code == "" {
		return record.Errorf(record.Invalid, "choose the %s", what)
	}
	if _, ok := vocab.Lookup(screenVocab[name], code); !ok {
		return record.Errorf(record.Invalid, "%q is no %s of the vocabulary; reload the page and choose again", code, what)
	}
	return nil
}

// needsNote refuses a code that asks for words of one's own when there are none.
func needsNote(name, code, note string) error {
	if t, ok := vocab.Lookup(screenVocab[name], code); ok && t.Text && strings.TrimSpace(note) == "" {
		return record.Errorf(record.Invalid, "%q needs a few words of your own", t.En)
	}
	return nil
}
