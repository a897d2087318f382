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

// Older is a body of a version that was followed by another one. Upgrade gives the same statement in the next version of
// the same kind, one up; it may be called on a zero body and must not change its own. Stored bytes never see it: an upgrade
// is a view in memory.
type Older interface {
	Body
	Upgrade() Body
}

// Types knows the bodies of this program. Rooms list theirs, app puts them together.
type Types struct {
	make    map[typeKey]func() Body
	present map[string]int // newest version of each kind
}

type typeKey struct {
	kind    string
	version int
}

// NewTypes takes one constructor for each kind and version; each must return a pointer to a new zero body. Two bodies of
// the same kind and version, or an Older that does not lead to the next version of its own kind, are a mistake of the program
// and panic.
func NewTypes(bodies ...func() Body) *Types {
	t := &Types{make: make(map[typeKey]func() Body, len(bodies)), present: map[string]int{}}
	for _, f := range bodies {
		b := f()
		k := typeKey{b.Kind(), b.Version()}
		if _, twice := t.make[k]; twice {
			panic(fmt.Sprintf("record: two bodies call themselves %s@%d", k.kind, k.version))
		}
		t.make[k] = f
		t.present[k.kind] = max(t.present[k.kind], k.version)
		if old, ok := b.(Older); ok {
			if next := old.Upgrade(); next.Kind() != k.kind || next.Version() != k.version+1 {
				panic(fmt.Sprintf("record: %s@%d is upgraded to %s@%d; one version up is expected", k.kind, k.version, next.Kind(), next.Version()))
			}
		}
	}
	return t
}

// Present is the newest version of a kind that this program writes; 0 when it does not know the kind.
func (t *Types) Present(kind string) int { return t.present[kind] }

// Decode gives the typed view of a body, brought up to the newest version that its upgrades lead to; Body.Version says which
// one that is. It returns nil and no error when the kind is unknown or the version is none of ours, such as a newer one: the
// bytes are kept and shown raw. Bytes that a known kind cannot read are an Invalid error; the caller keeps them all the same.
func (t *Types) Decode(kind string, version int, raw []byte) (Body, error) {
	f, ok := t.make[typeKey{kind, version}]
	if !ok {
		return nil, nil
	}
	b := f()
	if err := json.Unmarshal(raw, b); err != nil {
		return nil, &Error{Kind: Invalid, Message: fmt.Sprintf("the body of a %s@%d cannot be read", kind, version), Err: err}
	}
	for {
		old, ok := b.(Older)
		if !ok {
			return b, nil
		}
		b = old.Upgrade()
	}
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
