package record

import "reflect"

// FieldType is a field that a body of a type can have. Path has no places in lists: "documents.number".
type FieldType struct {
	Path  string
	Class Class
}

// FieldTypes lists the fields of a body's type in their order, whatever it holds. A type inside itself is told once.
func FieldTypes(body any) (out []FieldType) {
	fieldTypes(reflect.TypeOf(body), "", "", map[reflect.Type]bool{}, &out)
	return out
}

func fieldTypes(t reflect.Type, path string, class Class, seen map[reflect.Type]bool, out *[]FieldType) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice && t.Elem().Kind() != reflect.Uint8 || t.Kind() == reflect.Array && t != reflect.TypeFor[ID]() {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || t == timeType {
		*out = append(*out, FieldType{path, class})
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
		c, p := class, path
		if tag, ok := f.Tag.Lookup("class"); ok {
			c = Class(tag)
		}
		if !f.Anonymous {
			p = join(path, jsonName(f))
		}
		fieldTypes(f.Type, p, c, seen, out)
	}
}
