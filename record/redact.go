package record

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Redact takes every field of the given classes out of a body, which must be a pointer. Elements of lists that were
// emptied go too, so that a redacted body does not even tell how many names somebody had.
func Redact(body any, out ...Class) error {
	return RedactFields(body, func(f Field) bool { return slices.Contains(out, f.Class) })
}

// RedactFields is Redact of the fields that out names, whatever their class.
func RedactFields(body any, out func(Field) bool) error {
	touched := map[string]bool{}
	err := Walk(body, func(f Field) error {
		if !out(f) {
			return nil
		}
		f.Value.SetZero()
		for p := f.Path; p != ""; {
			touched[p] = true
			i := strings.LastIndexByte(p, '.')
			p = p[:max(i, 0)]
		}
		return nil
	})
	if err == nil {
		prune(reflect.ValueOf(body), "", touched)
	}
	return err
}

// prune drops the elements that Redact emptied.
func prune(v reflect.Value, path string, touched map[string]bool) {
	switch {
	case v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface:
		if !v.IsNil() {
			prune(v.Elem(), path, touched)
		}
	case v.Kind() == reflect.Struct && v.Type() != timeType:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if !f.IsExported() {
				continue
			}
			p := path
			if !f.Anonymous {
				p = join(path, jsonName(f))
			}
			prune(v.Field(i), p, touched)
		}
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() != reflect.Uint8:
		kept := reflect.MakeSlice(v.Type(), 0, v.Len())
		for i := range v.Len() {
			p := join(path, strconv.Itoa(i))
			prune(v.Index(i), p, touched)
			if !touched[p] || !hollow(v.Index(i)) {
				kept = reflect.Append(kept, v.Index(i))
			}
		}
		if kept.Len() < v.Len() {
			if kept.Len() == 0 {
				kept = reflect.Zero(v.Type())
			}
			v.Set(kept)
		}
	}
}

// hollow reports whether nothing is said any more.
func hollow(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return v.IsNil() || hollow(v.Elem())
	case reflect.Slice:
		return v.Len() == 0
	case reflect.Struct:
		if v.Type() == timeType {
			return v.IsZero()
		}
		for i := range v.NumField() {
			if !hollow(v.Field(i)) {
				return false
			}
		}
		return true
	}
	return v.IsZero()
}
