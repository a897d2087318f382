package hit

import (
	"time"

	"sarhad/record"
	"sarhad/record/access"
)

// KindInstruction is the kind of an instruction record.
const KindInstruction = "screening.instruction"

// States of an instruction.
const (
	Waiting   = "waiting"   // decided, may still be undone; the booth does not see it
	Open      = "open"      // at the booth
	Withdrawn = "withdrawn" // taken back
	// Acknowledged and Closed as for a hit.
)

// Instruction asks the officers of a place to do something when a person arrives, and keeps what came of it. Version 1.
type Instruction struct {
	Hit       record.ID `json:"hit" class:"plain"`
	Subject   record.ID `json:"subject" class:"plain"`
	Person    Facts     `json:"person" class:"identity"`
	Passage   Passage   `json:"passage" class:"plain"`
	Action    string    `json:"action" class:"sensitive"` // vocab "instruction"
	Text      string    `json:"text,omitempty" class:"text"`
	Why       []Reason  `json:"why" class:"identity"`
	List      string    `json:"list" class:"sensitive"`
	Severity  string    `json:"severity" class:"plain"`
	Contact   string    `json:"contact,omitempty" class:"source"`
	State     string    `json:"state" class:"plain"`
	Doubt     string    `json:"doubt,omitempty" class:"plain"` // the facts changed since: ask the analyst before acting
	IssuedBy  Claim     `json:"issued_by" class:"plain"`
	Effective time.Time `json:"effective" class:"plain"` // when it leaves for the booth
	Taken     *Claim    `json:"taken,omitempty" class:"plain"`
	Outcome   *Outcome  `json:"outcome,omitempty" class:"plain"`
	Steps     []Step    `json:"steps,omitempty" class:"plain"`
}

// Outcome is what came of an instruction, in the booth officer's word.
type Outcome struct {
	Code    string    `json:"code" class:"plain"` // vocab "outcome"
	Note    string    `json:"note,omitempty" class:"text"`
	By      string    `json:"by" class:"plain"`
	Display string    `json:"display" class:"plain"`
	At      time.Time `json:"at" class:"plain"`
}

// Kind implements record.Body.
func (*Instruction) Kind() string { return KindInstruction }

// Version implements record.Body.
func (*Instruction) Version() int { return 1 }

// Validate implements record.Body.
func (in *Instruction) Validate() error {
	switch {
	case in.Action == "":
		return record.Errorf(record.Invalid, "choose what the booth is to do: second line, discreet check, detain, refuse entry or information")
	case in.Passage.To == "":
		return record.Errorf(record.Invalid, "the traveller's place of arrival is not known, so no booth can be told; confirm without an instruction and note whom you told")
	case in.Hit.IsZero() || in.IssuedBy.By == "":
		return record.Errorf(record.Invalid, "an instruction needs the hit it follows from and the officer who gave it")
	}
	return nil
}

// Index implements record.Body. The person is mentioned, not said: who was found by screening is not screened again.
func (in *Instruction) Index(ix *record.Index) {
	ix.Title = in.Person.Name()
	ix.State = in.State
	for _, d := range in.Person.Documents {
		ix.Mention(record.ThingDocument, record.DocumentKey(d.Issuer, d.Number), "travel document", d.Number)
	}
	ix.Mention(record.ThingVoyage, in.Passage.Key, "arrives on", in.Passage.Label)
	ix.Mention(record.ThingPlace, in.Passage.To, "addressed to", in.Passage.To)
	if !in.Passage.Arrives.IsZero() {
		ix.Events = append(ix.Events, record.Event{Kind: "instruction", At: in.Passage.Arrives, Place: in.Passage.To})
	}
	outcome := ""
	if in.Outcome != nil {
		outcome = in.Outcome.Code
	}
	ix.Measures = append(ix.Measures, record.Measure{Name: "instructions", Value: 1, Unit: "1", At: in.IssuedBy.At, Dims: []record.Dim{
		{Name: "action", Value: in.Action}, {Name: "place", Value: in.Passage.To}, {Name: "state", Value: in.State}, {Name: "outcome", Value: outcome},
	}})
	ix.Text(in.Person.Name(), in.Person.Native(), in.Passage.Label)
}

// Order is what an analyst asks the booth to do.
type Order struct {
	Action string // vocab "instruction"
	Text   string // in the analyst's own words, may be empty
	// Signature is the analyst's under this decision; the hit must still be what was signed. nil where none is asked for.
	Signature *record.Signature
}

func (r *Room) instruct(hit *record.Record, h *Hit, a record.Actor, o Order) *record.Record {
	now := r.Now().UTC()
	handling := record.Handling{Marking: hit.Handling.Marking, TLP: hit.Handling.TLP, Codes: hit.Handling.Codes, Topic: access.Instruction}
	in := &Instruction{
		Hit: hit.ID, Subject: h.Subject, Person: h.Traveller, Passage: h.Passage, Action: o.Action, Text: o.Text,
		Why: h.Reasons, List: h.Entry.List, Severity: h.Entry.Severity, Contact: h.Entry.Contact, State: Waiting,
		IssuedBy: Claim{a.User, a.Display, now}, Effective: now.Add(UndoFor),
	}
	in.Steps = []Step{{At: now, By: a.User, Display: a.Display, Act: "instruct", Reason: o.Action}}
	return &record.Record{
		Kind: KindInstruction, Version: 1, Writer: r.Node,
		Owner: record.Owner{Agency: hit.Owner.Agency, Officer: a.User},
		// No place yet: what may still be undone is not for the booth. It gets its place when it leaves.
		Handling: handling,
		Basis:    record.Basis{Purpose: "confirmed match", Case: hit.ID.String()},
		Origin:   record.Origin{Parents: []record.ID{hit.ID}},
		Occurred: h.Passage.Arrives,
		Body:     in,
	}
}
