package record

import (
	"slices"
	"strings"
)

// Handling says who may read a record and how it is treated. Marking is the national one and comes first; nothing above
// "official" (for official use) is accepted by this system.
type Handling struct {
	Marking    string   `json:"marking"`              // vocab "marking": open, internal, official
	TLP        string   `json:"tlp,omitempty"`        // Traffic Light Protocol 2.0: clear, green, amber, amber+strict, red
	Topic      string   `json:"topic"`                // what it is about, as the agreement register names it: passenger, watchlist, hit, instruction ...
	Place      string   `json:"place,omitempty"`      // airport or crossing point it is addressed to; "" = no place of its own
	Releasable []string `json:"releasable,omitempty"` // nodes, agencies or topics it may go to
	Codes      []string `json:"codes,omitempty"`      // handling codes H1 (not in court), H2 (no onward sharing), H3 (free text)
	Case       string   `json:"case,omitempty"`       // compartment: only officers of this case
}

// MaxMarking is the ceiling stated at entry: state secrets have systems of their own.
const MaxMarking = "official"

// markingLevel orders the national markings.
var markingLevel = map[string]int{"open": 0, "internal": 1, "official": 2}

// MarkingLevel gives the height of a marking; ok is false for one this system does not accept.
func MarkingLevel(marking string) (level int, ok bool) {
	level, ok = markingLevel[marking]
	return level, ok
}

// tlpLevel orders TLP 2.0 from free to strict; "" is no statement.
var tlpLevel = map[string]int{"": 0, "clear": 1, "green": 2, "amber": 3, "amber+strict": 4, "red": 5}

// Join gives the handling of what is made from two records: the stricter marking and TLP, every code, only whom both are
// released to. Topic, place and case are the maker's to set.
func (h Handling) Join(o Handling) Handling {
	out := Handling{Marking: h.Marking, TLP: h.TLP, Codes: append(slices.Clone(h.Codes), o.Codes...)}
	if markingLevel[o.Marking] > markingLevel[h.Marking] {
		out.Marking = o.Marking
	}
	if tlpLevel[o.TLP] > tlpLevel[h.TLP] {
		out.TLP = o.TLP
	}
	slices.Sort(out.Codes)
	out.Codes = slices.Compact(out.Codes)
	switch {
	case len(h.Releasable) == 0:
		out.Releasable = slices.Clone(o.Releasable)
	case len(o.Releasable) == 0:
		out.Releasable = slices.Clone(h.Releasable)
	default:
		for _, who := range h.Releasable {
			if slices.Contains(o.Releasable, who) {
				out.Releasable = append(out.Releasable, who)
			}
		}
		if len(out.Releasable) == 0 {
			out.Releasable = []string{"-"} // nobody in common: the owner alone
		}
	}
	return out
}

// Scope is the part of a record that decides who may read it. It is comparable; the store interns it to a small integer
// that stands in every index row.
type Scope struct {
	Node       string // writer node
	Agency     string // owning agency
	Marking    string
	TLP        string
	Topic      string
	Place      string
	Releasable string // sorted, space separated
	Codes      string // sorted, space separated
	Case       string
}

// Scope interns the readable part of the envelope.
func (r *Record) Scope() Scope {
	return Scope{
		Node: r.Writer, Agency: r.Owner.Agency, Marking: r.Handling.Marking, TLP: r.Handling.TLP,
		Topic: r.Handling.Topic, Place: r.Handling.Place, Releasable: joinSorted(r.Handling.Releasable),
		Codes: joinSorted(r.Handling.Codes), Case: r.Handling.Case,
	}
}

func joinSorted(words []string) string {
	words = slices.Clone(words)
	slices.Sort(words)
	return strings.Join(slices.Compact(words), " ")
}

// Grading keeps the judgement of source and information with the scheme and the code it came in. Never required.
type Grading struct {
	Scheme      string `json:"scheme,omitempty"`      // "6x6", "4x4", "5x5x5"; "" = not graded
	Source      string `json:"source,omitempty"`      // A-F
	Information string `json:"information,omitempty"` // 1-6
	Original    string `json:"original,omitempty"`    // the code as it came
}

// Basis is why the record may exist.
type Basis struct {
	Legal   string `json:"legal,omitempty"`   // legal basis, a key of the country's register
	Purpose string `json:"purpose,omitempty"` // why it was collected
	Case    string `json:"case,omitempty"`    // case number it was collected for
}

// Origin is where the record came from.
type Origin struct {
	Message string `json:"message,omitempty"` // reference of the message, e.g. the UNH reference inside its interchange
	Form    string `json:"form,omitempty"`    // form and version it was typed into
	File    string `json:"file,omitempty"`    // name of the file as it arrived
	Hash    string `json:"hash,omitempty"`    // SHA-256 of that file, hexadecimal
	Parents []ID   `json:"parents,omitempty"` // records it was made from; erasing a parent erases its children
}
