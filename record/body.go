package record

import (
	"encoding/json"
	"fmt"
	"slices"
)

// Body is what one domain says. Implementations are plain structs written as JSON, every exported field tagged with its
// class: `class:"identity"`. They live in a room, one file for each kind.
type Body interface {
	Kind() string
	Version() int
	Validate() error
	Index(*Index)
}

// Types knows the bodies of this program. Rooms list theirs, app puts them together.
type Types struct {
	make map[typeKey]func() Body
}

type typeKey struct {
	kind    string
	version int
}

// NewTypes takes one constructor for each kind and version; each must return a pointer to a new zero body. Two bodies of
// the same kind and version are a mistake of the program and panic.
func NewTypes(bodies ...func() Body) *Types {
	t := &Types{make: make(map[typeKey]func() Body, len(bodies))}
	for _, f := range bodies {
		b := f()
		k := typeKey{b.Kind(), b.Version()}
		if _, twice := t.make[k]; twice {
			panic(fmt.Sprintf("record: two bodies call themselves %s@%d", k.kind, k.version))
		}
		t.make[k] = f
	}
	return t
}

// Decode gives the typed view of a body. It returns nil and no error when the kind or the version is unknown: the bytes
// are kept and shown raw. Bytes that a known kind cannot read are an Invalid error; the caller keeps them all the same.
func (t *Types) Decode(kind string, version int, raw []byte) (Body, error) {
	f, ok := t.make[typeKey{kind, version}]
	if !ok {
		return nil, nil
	}
	b := f()
	if err := json.Unmarshal(raw, b); err != nil {
		return nil, &Error{Kind: Invalid, Message: fmt.Sprintf("the body of a %s@%d cannot be read", kind, version), Err: err}
	}
	return b, nil
}

// Each gives a zero body of every known kind and version, sorted.
func (t *Types) Each() []Body {
	keys := make([]typeKey, 0, len(t.make))
	for k := range t.make {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b typeKey) int {
		if a.kind != b.kind {
			if a.kind < b.kind {
				return -1
			}
			return 1
		}
		return a.version - b.version
	})
	out := make([]Body, len(keys))
	for i, k := range keys {
		out[i] = t.make[k]()
	}
	return out
}
