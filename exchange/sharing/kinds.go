package sharing

import (
	"slices"
	"strings"

	"sarhad/record"
	"sarhad/record/access"
)

// Shareable is a kind of record that can be shared, with the fields that an agreement can name.
type Shareable struct {
	Kind   string
	Fields []record.FieldType
}

// Kinds lists the kinds of this program that can be shared, in their newest version.
func Kinds(types *record.Types) (out []Shareable) {
	for _, b := range types.Each() {
		if _, house := b.(record.HouseBody); house || strings.HasPrefix(b.Kind(), "record.") || b.Version() != types.Present(b.Kind()) {
			continue
		}
		out = append(out, Shareable{b.Kind(), record.FieldTypes(b)})
	}
	return out
}

// Topics lists the topics whose records somebody may share.
func Topics() (out []string) {
	for _, r := range access.Rules() {
		if r.Action == access.Share && !slices.Contains(out, r.Topic) {
			out = append(out, r.Topic)
		}
	}
	return out
}
