package proposal

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"sarhad/record"
)

// Tag is the struct tag of the fields that may be proposed: `proposable:"yes"`. It holds for everything inside, except where
// "no" stands. Without it nothing may: what a machine computed or found, a state, a key are not corrected by hand.
const Tag = "proposable"

// classes that may be proposed at all. What tells of a source, must stay home or is a judgement about a person is its owner's.
var classes = []record.Class{record.Plain, record.Identity, record.FreeText}

// Field is one value of a body that may be proposed, also an empty one.
type Field struct {
	Path  string
	Class record.Class
	Value string
	New   bool // in an element of a list that is not there yet
}

// Fields lists what may be proposed of a body, in the order of its fields: each value, empty ones too, and one more element at
// the end of each list.
func Fields(body record.Body) []Field {
	if body == nil {
		return nil
	}
	var out []Field
	each(reflect.ValueOf(body), "", spot{}, func(path string, s spot, v reflect.Value) {
		out = append(out, Field{path, s.class, text(v), s.added})
	})
	return out
}

// spot is what holds at a place of a body.
type spot struct {
	class record.Class
	open  bool
	added bool
}

var timeType = reflect.TypeFor[time.Time]()

// each visits the leaves that may be proposed. Nothing inside a nil pointer may: there is nothing to correct.
func each(v reflect.Value, path string, s spot, visit func(string, spot, reflect.Value)) {
	switch {
	case v.Kind() == reflect.Pointer:
		if !v.IsNil() {
			each(v.Elem(), path, s, visit)
		}
	case v.Kind() == reflect.Struct && v.Type() != timeType:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if !f.IsExported() {
				continue
			}
			in, p := s, path
			if c, ok := f.Tag.Lookup("class"); ok {
				in.class = record.Class(c)
			}
			if w, ok := f.Tag.Lookup(Tag); ok {
				in.open = w == "yes"
			}
			if !f.Anonymous {
				p = join(path, nameOf(f))
			}
			each(v.Field(i), p, in, visit)
		}
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			each(v.Index(i), join(path, strconv.Itoa(i)), s, visit)
		}
		if s.open && !s.added { // an element that is not there has no lists of its own
			s.added = true
			each(reflect.New(v.Type().Elem()).Elem(), join(path, strconv.Itoa(v.Len())), s, visit)
		}
	case s.open && slices.Contains(classes, s.class) && simple(v):
		visit(path, s, v)
	}
}

func nameOf(f reflect.StructField) string {
	if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" {
		return name
	}
	return f.Name
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// simple reports whether a value can be typed as text.
func simple(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.String, reflect.Bool, reflect.Int, reflect.Int64, reflect.Float64:
		return true
	}
	return v.Type() == timeType
}

// text is a value as people read it; "" when there is none.
func text(v reflect.Value) string {
	switch {
	case v.IsZero():
		return ""
	case v.Type() == timeType:
		return v.Interface().(time.Time).UTC().Format(time.RFC3339)
	case v.Kind() == reflect.String:
		return v.String()
	case v.Kind() == reflect.Bool:
		return strconv.FormatBool(v.Bool())
	case v.Kind() == reflect.Float64:
		return strconv.FormatFloat(v.Float(), 'g', -1, 64)
	}
	return strconv.FormatInt(v.Int(), 10)
}

// set writes a typed text into a value.
func set(v reflect.Value, to string) error {
	if to == "" {
		v.SetZero()
		return nil
	}
	var err error
	switch {
	case v.Type() == timeType:
		var t time.Time
		if t, err = time.Parse(time.RFC3339, to); err != nil {
			t, err = time.Parse(time.DateOnly, to)
		}
		v.Set(reflect.ValueOf(t.UTC()))
	case v.Kind() == reflect.String:
		v.SetString(to)
	case v.Kind() == reflect.Bool:
		var b bool
		b, err = strconv.ParseBool(to)
		v.SetBool(b)
	case v.Kind() == reflect.Float64:
		var f float64
		f, err = strconv.ParseFloat(to, 64)
		v.SetFloat(f)
	default:
		var n int64
		n, err = strconv.ParseInt(to, 10, 64)
		v.SetInt(n)
	}
	return err
}

// find gives the value at a path; list elements that are one behind the end are made. It is only asked for paths of Fields.
func find(v reflect.Value, path string) (reflect.Value, bool) {
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return v, false
		}
		v = v.Elem()
	}
	if path == "" {
		return v, true
	}
	name, rest, _ := strings.Cut(path, ".")
	switch v.Kind() {
	case reflect.Slice:
		i, err := strconv.Atoi(name)
		if err != nil || i < 0 || i > v.Len() {
			return v, false
		}
		if i == v.Len() {
			v.Set(reflect.Append(v, reflect.New(v.Type().Elem()).Elem()))
		}
		return find(v.Index(i), rest)
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			switch {
			case !f.IsExported():
			case f.Anonymous:
				if found, ok := find(v.Field(i), path); ok {
					return found, true
				}
			case nameOf(f) == name:
				return find(v.Field(i), rest)
			}
		}
	}
	return v, false
}

// apply makes the changes in a body and checks that it is still a good one. It fails with a Conflict that names the fields
// which are no longer as the proposal found them.
func apply(body record.Body, changes []Change) error {
	if conflicts := Conflicts(body, changes); len(conflicts) > 0 {
		return record.Errorf(record.Conflict, "changed meanwhile: %s; refuse the proposal, or ask for a new one", strings.Join(conflicts, ", "))
	}
	lists := map[string]bool{}
	for _, c := range changes {
		v, ok := find(reflect.ValueOf(body), c.Path)
		if !ok || !simple(v) {
			return record.Errorf(record.Invalid, "%s is no field of this record that can be corrected", c.Path)
		}
		if err := set(v, c.To); err != nil {
			return &record.Error{Kind: record.Invalid, Message: "what is proposed for " + c.Path + " is not of its form", Err: err}
		}
		for at := strings.LastIndexByte(c.Path, '.'); at > 0; at = strings.LastIndexByte(c.Path[:at], '.') {
			if _, err := strconv.Atoi(strings.SplitN(c.Path[at+1:], ".", 2)[0]); err == nil {
				lists[c.Path[:at]] = true
			}
		}
	}
	for path := range lists {
		if v, ok := find(reflect.ValueOf(body), path); ok && v.Kind() == reflect.Slice {
			prune(v)
		}
	}
	if s, ok := body.(interface{ Seal() }); ok { // computes part of itself from the rest
		s.Seal()
	}
	return body.Validate()
}

// prune takes elements out of a list that say nothing any more.
func prune(v reflect.Value) {
	n := 0
	for i := range v.Len() {
		if !v.Index(i).IsZero() {
			v.Index(n).Set(v.Index(i))
			n++
		}
	}
	v.SetLen(n)
}

// Conflicts names the changes whose field is no longer what it was when the proposal was made. A field that has become what
// was proposed is none.
func Conflicts(body record.Body, changes []Change) (paths []string) {
	now := map[string]string{}
	for _, f := range Fields(body) {
		now[f.Path] = f.Value
	}
	for _, c := range changes {
		is, ok := now[c.Path]
		if !ok && c.From == "" && addsFurther(now, c.Path, changes) {
			continue
		}
		if !ok || is != c.From && is != c.To {
			paths = append(paths, c.Path)
		}
	}
	return paths
}

// addsFurther reports whether a path lies in a list element that other changes of the same proposal make room for.
func addsFurther(now map[string]string, path string, changes []Change) bool {
	parts := strings.Split(path, ".")
	for i := len(parts) - 1; i > 0; i-- {
		n, err := strconv.Atoi(parts[i])
		if err != nil || n == 0 {
			continue
		}
		before := slices.Clone(parts)
		before[i] = strconv.Itoa(n - 1)
		prefix := strings.Join(before[:i+1], ".")
		if slices.ContainsFunc(changes, func(c Change) bool { return c.Path == prefix || strings.HasPrefix(c.Path, prefix+".") }) {
			_, have := now[strings.Join(before, ".")]
			return have || addsFurther(now, strings.Join(before, "."), changes)
		}
	}
	return false
}
