package record

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Class says what kind of statement a field is. Everything that hides, cuts, previews, exports or erases reads it.
type Class string

const (
	Plain     Class = "plain"     // about a thing or an event; may be counted and shown by who may read the record
	Identity  Class = "identity"  // tells who a person is; masked by the clocks
	Home      Class = "home"      // never leaves the owner's node: national id, biometrics, minors
	Sensitive Class = "sensitive" // kept apart, shown on need: a reason for suspicion, a decision about a person
	Source    Class = "source"    // tells where information came from
	FreeText  Class = "text"      // anything may stand in it, so it is treated as the strictest of the above
)

// strictness orders classes from harmless to strict.
var strictness = []Class{Plain, Sensitive, Identity, Source, Home, FreeText}

// Strictest is how a body of unknown kind is treated as a whole.
const Strictest = FreeText

// Known reports whether c is one of the six classes.
func (c Class) Known() bool { return slices.Contains(strictness, c) }

// Field is one value of a body as the walker meets it.
type Field struct {
	Path  string // names of the JSON keys from the root, "documents.0.number"
	Class Class
	Value reflect.Value // a string, number, bool or time; settable when Walk was given a pointer
}

// Walk visits every leaf of a body in the order of its fields. A nested struct or slice takes the class of its own tag
// unless its fields have tags themselves. It is the one walker: masking, redaction, preview, export and erasure all use
// it. The visit may set values. Walk stops at the first error.
func Walk(body any, visit func(Field) error) error {
	return walk(reflect.ValueOf(body), "", "", visit)
}

var timeType = reflect.TypeFor[time.Time]()

func walk(v reflect.Value, path string, class Class, visit func(Field) error) error {
	switch {
	case v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface:
		if v.IsNil() {
			return nil
		}
		return walk(v.Elem(), path, class, visit)
	case v.Kind() == reflect.Struct && v.Type() != timeType:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if !f.IsExported() {
				continue
			}
			c := class
			if tag, ok := f.Tag.Lookup("class"); ok {
				c = Class(tag)
			}
			p := path
			if !f.Anonymous {
				p = join(path, jsonName(f))
			}
			if err := walk(v.Field(i), p, c, visit); err != nil {
				return err
			}
		}
		return nil
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() != reflect.Uint8, v.Kind() == reflect.Array && v.Type() != reflect.TypeFor[ID]():
		for i := range v.Len() {
			if err := walk(v.Index(i), join(path, strconv.Itoa(i)), class, visit); err != nil {
				return err
			}
		}
		return nil
	case v.Kind() == reflect.Map:
		return fmt.Errorf("record: %s is a map; a body uses slices of named fields, so that each has a class", path)
	}
	if v.IsZero() {
		return nil
	}
	return visit(Field{Path: path, Class: class, Value: v})
}

// CheckClasses finds fields of a body type that carry no known class. The house test runs it on every body.
func CheckClasses(body any) error {
	var missing []string
	checkType(reflect.TypeOf(body), "", "", map[reflect.Type]bool{}, &missing)
	if len(missing) > 0 {
		return fmt.Errorf("%T has fields without a class: %s", body, strings.Join(missing, ", "))
	}
	return nil
}

func checkType(t reflect.Type, path string, class Class, seen map[reflect.Type]bool, missing *[]string) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Array && t != reflect.TypeFor[ID]() {
		t = t.Elem()
	}
	if t.Kind() == reflect.Map || t.Kind() == reflect.Interface {
		*missing = append(*missing, path+" (maps and interfaces cannot be classed)")
		return
	}
	if t.Kind() != reflect.Struct || t == timeType {
		if !class.Known() {
			*missing = append(*missing, path)
		}
		return
	}
	if seen[t] {
		return
	}
	seen[t] = true
	defer delete(seen, t)
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() {
			continue
		}
		c := class
		if tag, ok := f.Tag.Lookup("class"); ok {
			c = Class(tag)
		}
		checkType(f.Type, join(path, jsonName(f)), c, seen, missing)
	}
}

func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	if name == "" {
		return f.Name
	}
	return name
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
