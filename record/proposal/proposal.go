package proposal

import (
	"strings"
	"time"

	"sarhad/record"
)

// Kinds of this package beside record.KindHandover.
const (
	KindProposal = "record.proposal"
	KindAnswer   = "record.answer"
)

// States of a proposal.
const (
	Open      = "open"    // somebody here decides it
	Waiting   = "waiting" // another node writes the record, and decides it
	Accepted  = "accepted"
	Refused   = "refused"
	Withdrawn = "withdrawn"
)

// Limits of one proposal.
const (
	MaxChanges = 50
	MaxValue   = 2000 // characters of a value
	MaxReason  = 1000 // characters of a reason
)

// Bodies lists the bodies of this package for record.NewTypes.
func Bodies() []func() record.Body {
	return []func() record.Body{
		func() record.Body { return &Handover{} },
		func() record.Body { return &Proposal{} },
		func() record.Body { return &Answer{} },
	}
}

// Proposal asks the writer of a record for a correction. It is a child of the record and handled like it.
type Proposal struct {
	Target   record.ID `json:"target" class:"plain"`
	Of       string    `json:"of" class:"plain"`       // kind of the record
	Revision int       `json:"revision" class:"plain"` // what it was based on
	Hash     string    `json:"hash" class:"plain"`     // of that revision
	Changes  []Change  `json:"changes" class:"text"`
	Reason   string    `json:"reason" class:"text"`
	By       string    `json:"by" class:"plain"` // user id
	Display  string    `json:"display" class:"plain"`
	At       time.Time `json:"at" class:"plain"` // UTC
	State    string    `json:"state" class:"plain"`
	Decision *Decision `json:"decision,omitempty" class:"plain"`
}

// Change is one field as it is and as it should be. The values are text as the API shows fields; times are RFC 3339 UTC.
type Change struct {
	Path  string       `json:"path" class:"plain"` // of record.Walk
	Class record.Class `json:"class" class:"plain"`
	From  string       `json:"from,omitempty" class:"text"` // anything may stand in it: as strict as the strictest
	To    string       `json:"to,omitempty" class:"text"`   // "" = there is nothing
}

// Decision is an officer's word about a proposal.
type Decision struct {
	Verdict string    `json:"verdict" class:"plain"` // Accepted, Refused, Withdrawn
	By      string    `json:"by" class:"plain"`
	Display string    `json:"display" class:"plain"`
	At      time.Time `json:"at" class:"plain"`
	Reason  string    `json:"reason,omitempty" class:"text"`
}

// Kind implements record.Body.
func (*Proposal) Kind() string { return KindProposal }

// Version implements record.Body.
func (*Proposal) Version() int { return 1 }

// Validate implements record.Body.
func (p *Proposal) Validate() error {
	switch {
	case p.Target.IsZero() || p.Hash == "":
		return record.Errorf(record.Invalid, "a proposal names the record and the revision it is about")
	case len(p.Changes) == 0:
		return record.Errorf(record.Invalid, "the proposal changes nothing: correct a field first")
	case len(p.Changes) > MaxChanges:
		return record.Errorf(record.Invalid, "the proposal changes %d fields; %d are the most", len(p.Changes), MaxChanges)
	}
	for _, c := range p.Changes {
		if len([]rune(c.To)) > MaxValue {
			return record.Errorf(record.Invalid, "%s has more than %d characters", c.Path, MaxValue)
		}
	}
	return checkReason(p.Reason)
}

func checkReason(reason string) error {
	switch {
	case strings.TrimSpace(reason) == "":
		return record.Errorf(record.Invalid, "say why: a reason is needed")
	case len([]rune(reason)) > MaxReason:
		return record.Errorf(record.Invalid, "the reason has more than %d characters", MaxReason)
	}
	return nil
}

// Index implements record.Body. Neither what is nor what should be is indexed: only the record itself says it.
func (p *Proposal) Index(ix *record.Index) {
	paths := make([]string, len(p.Changes))
	for i, c := range p.Changes {
		paths[i] = c.Path
	}
	ix.Title, ix.State = strings.Join(paths, ", "), p.State
}

// Answer is the decision of a record's writer about a proposal that another node made and writes. It is a child of both.
type Answer struct {
	Proposal record.ID `json:"proposal" class:"plain"`
	Target   record.ID `json:"target" class:"plain"`
	Decision Decision  `json:"decision" class:"plain"`
}

// Kind implements record.Body.
func (*Answer) Kind() string { return KindAnswer }

// Version implements record.Body.
func (*Answer) Version() int { return 1 }

// Validate implements record.Body.
func (a *Answer) Validate() error {
	if a.Proposal.IsZero() || a.Target.IsZero() || a.Decision.Verdict != Accepted && a.Decision.Verdict != Refused {
		return record.Errorf(record.Invalid, "an answer names the proposal, the record, and accepts or refuses")
	}
	return checkReason(a.Decision.Reason)
}

// Index implements record.Body.
func (a *Answer) Index(ix *record.Index) { ix.Title, ix.State = a.Decision.Verdict, a.Decision.Verdict }
