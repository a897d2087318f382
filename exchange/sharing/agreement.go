package sharing

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sarhad/record"
	"sarhad/record/access"
)

// KindAgreement is the kind of an agreement.
const KindAgreement = "sharing.agreement"

// States of an agreement.
const (
	Draft  = "draft"
	Agreed = "agreed"
	Ended  = "ended"
)

// Sides of an agreement: ours says what we send, theirs is a partner's word about what it sends us and allows us nothing.
const (
	Ours   = "ours"
	Theirs = "theirs"
)

// maxRules bounds the kinds of an agreement, and the paths of a kind: more is read by nobody who signs.
const maxRules = 200

// Agreement says what one agency sends another. Times are UTC. Version 1.
type Agreement struct {
	Side    string         `json:"side" class:"plain"`
	Origin  string         `json:"origin,omitempty" class:"plain"` // of Theirs: the partner's node and its id of the agreement
	From    string         `json:"from" class:"plain"`             // agency
	To      string         `json:"to" class:"plain"`               // agency
	Node    string         `json:"node" class:"plain"`             // of To; of Theirs: of From
	Topic   string         `json:"topic" class:"plain"`
	Legal   Text           `json:"legal" class:"plain"`             // legal basis
	Marking string         `json:"marking,omitempty" class:"plain"` // highest that goes; "" = every marking kept here
	Classes []record.Class `json:"classes" class:"plain"`           // that go
	Kinds   []KindRule     `json:"kinds,omitempty" class:"plain"`   // narrower for some kinds
	Updates bool           `json:"updates,omitempty" class:"plain"` // later revisions follow by themselves
	Until   time.Time      `json:"until" class:"plain"`
	State   string         `json:"state" class:"plain"`

	Drafted Step   `json:"drafted" class:"plain"`
	Agreed  *Step  `json:"agreed,omitempty" class:"plain"`
	Ended   *Step  `json:"ended,omitempty" class:"plain"`
	Reason  string `json:"reason,omitempty" class:"text"` // why it ended
}

// KindRule narrows an agreement for one kind. A path names a field and everything in it, without the places in lists:
// "documents.number", "documents".
type KindRule struct {
	Kind   string   `json:"kind"`
	Only   []string `json:"only,omitempty"`   // these fields go and no other; empty = all that the classes allow
	Except []string `json:"except,omitempty"` // these stay
}

// Kind implements record.Body.
func (*Agreement) Kind() string { return KindAgreement }

// Version implements record.Body.
func (*Agreement) Version() int { return 1 }

// House implements record.HouseBody: what we agreed to is nobody else's word.
func (*Agreement) House() {}

// Validate implements record.Body.
func (g *Agreement) Validate() error {
	switch {
	case g.From == "" || g.To == "" || g.From == g.To:
		return record.Errorf(record.Invalid, "an agreement is between two agencies")
	case g.Node == "":
		return record.Errorf(record.Invalid, "say at which node %s reads", g.To)
	case g.Topic == "" || access.House(g.Topic):
		return record.Errorf(record.Invalid, "records of %q are not shared: they say how a node is run", g.Topic)
	case strings.TrimSpace(g.Legal.En) == "" || strings.TrimSpace(g.Legal.Ru) == "":
		return record.Errorf(record.Invalid, "an agreement needs its legal basis, in English and in Russian")
	case len([]rune(g.Legal.En))+len([]rune(g.Legal.Ru)) > 2*MaxWords:
		return record.Errorf(record.Invalid, "the legal basis has more than %d characters: name the article, not the treaty", MaxWords)
	case len(g.Kinds) > maxRules:
		return record.Errorf(record.Invalid, "an agreement narrows at most %d kinds", maxRules)
	case len(g.Classes) == 0:
		return record.Errorf(record.Invalid, "choose at least one class of fields that goes")
	case g.Until.IsZero():
		return record.Errorf(record.Invalid, "an agreement needs an end; it can be made again")
	case !slices.Contains([]string{Draft, Agreed, Ended}, g.State) || g.Side != Ours && g.Side != Theirs:
		return record.Errorf(record.Invalid, "%q is no state of an agreement", g.State)
	}
	if _, ok := record.MarkingLevel(g.Marking); g.Marking != "" && !ok {
		return record.Errorf(record.Invalid, "marking %q is not known here", g.Marking)
	}
	for _, c := range g.Classes {
		if !c.Known() || c == record.Home || c == record.Source {
			return record.Errorf(record.Invalid, "fields of class %q never leave, whatever is agreed", c)
		}
	}
	return g.checkKinds()
}

func (g *Agreement) checkKinds() error {
	seen := map[string]bool{}
	for _, k := range g.Kinds {
		if k.Kind == "" || seen[k.Kind] {
			return record.Errorf(record.Invalid, "a kind is named once, with its fields")
		}
		if len(k.Only)+len(k.Except) > maxRules {
			return record.Errorf(record.Invalid, "%s names more than %d fields", k.Kind, maxRules)
		}
		seen[k.Kind] = true
		for _, p := range append(slices.Clone(k.Only), k.Except...) {
			if p == "" || p != placeless(p) {
				return record.Errorf(record.Invalid, "%q names no field of a %s: write the path without the places in lists, such as documents.number", p, k.Kind)
			}
		}
	}
	return nil
}

// Index implements record.Body.
func (g *Agreement) Index(ix *record.Index) {
	ix.Title, ix.State = fmt.Sprintf("%s → %s: %s", g.From, g.To, g.Topic), g.State
	role := roleTo
	if g.Side == Theirs {
		role = roleFrom
	}
	ix.Mention(thingNode, g.Node, role, g.Node)
}

// InForce reports whether something may be sent under it at a time.
func (g *Agreement) InForce(now time.Time) bool {
	return g.Side == Ours && g.State == Agreed && now.Before(g.Until)
}

// rule gives what narrows it for a kind.
func (g *Agreement) rule(kind string) KindRule {
	for _, k := range g.Kinds {
		if k.Kind == kind {
			return k
		}
	}
	return KindRule{Kind: kind}
}

// placeless is a path without the places in lists: "documents.0.number" is "documents.number".
func placeless(path string) string {
	parts := strings.Split(path, ".")
	parts = slices.DeleteFunc(parts, func(p string) bool { return strings.Trim(p, "0123456789") == "" && p != "" })
	return strings.Join(parts, ".")
}

// covers reports whether one of the paths names a field.
func covers(paths []string, field string) bool {
	return slices.ContainsFunc(paths, func(p string) bool { return p == field || strings.HasPrefix(field, p+".") })
}
