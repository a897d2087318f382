package hit

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"sarhad/engine/match"
	"sarhad/record"
	"sarhad/record/access"
)

// KindHit is the kind of a hit record.
const KindHit = "screening.hit"

// roleListed is the role in which a hit mentions its entry.
const roleListed = "listed as"

// States of a hit. Open ones wait for an officer.
const (
	New          = "new"
	Claimed      = "claimed"
	Confirmed    = "confirmed"
	Dismissed    = "dismissed"
	Instructed   = "instructed"
	Acknowledged = "acknowledged"
	Closed       = "closed"
)

// OpenStates are the states that wait for a decision.
func OpenStates() []string { return []string{New, Claimed} }

// DecidedStates are the states after it.
func DecidedStates() []string {
	return []string{Confirmed, Dismissed, Instructed, Acknowledged, Closed}
}

// Hit is one possible match. Version 1.
type Hit struct {
	Subject   record.ID `json:"subject" class:"plain"` // record that names the person
	Person    int       `json:"person" class:"plain"`  // which person of it, from 0
	Traveller Facts     `json:"traveller" class:"identity"`
	Passage   Passage   `json:"passage" class:"plain"`
	Entry     Entry     `json:"entry" class:"plain"`

	Score   float64  `json:"score" class:"plain"` // 0..1, of engine/match
	Reasons []Reason `json:"reasons" class:"identity"`
	Tokens  []Token  `json:"tokens" class:"identity"`
	Retro   bool     `json:"retro,omitempty" class:"plain"` // found when the list changed, not on arrival of the message
	Doubt   string   `json:"doubt,omitempty" class:"plain"` // why a decision should be looked at again; "" = nothing changed since

	State       string    `json:"state" class:"plain"`
	Claim       *Claim    `json:"claim,omitempty" class:"plain"`
	Decision    *Decision `json:"decision,omitempty" class:"plain"`
	Instruction record.ID `json:"instruction,omitzero" class:"plain"`
	Steps       []Step    `json:"steps,omitempty" class:"plain"`
}

// Entry is the list entry as it stood when the hit was found.
type Entry struct {
	Record      record.ID `json:"record" class:"plain"`
	List        string    `json:"list" class:"plain"`
	Key         string    `json:"key" class:"plain"` // publisher's id
	Fingerprint string    `json:"fingerprint" class:"plain"`
	Matched     string    `json:"matched" class:"identity"` // the listed name that matched
	Facts       Facts     `json:"facts" class:"identity"`
	Severity    string    `json:"severity" class:"plain"`
	Instruction string    `json:"instruction,omitempty" class:"plain"`
	Reason      string    `json:"reason,omitempty" class:"sensitive"`
	Contact     string    `json:"contact,omitempty" class:"source"`
	ValidUntil  time.Time `json:"valid_until,omitzero" class:"plain"`
	Restricted  bool      `json:"restricted,omitempty" class:"plain"` // the owner tells the rest: call the contact
}

// Reason is one piece of evidence, strongest first. Weight is in natural log-odds, negative against a match.
type Reason struct {
	Field     string  `json:"field"`
	Agreement string  `json:"agreement"`
	Query     string  `json:"query,omitempty"`
	Listed    string  `json:"listed,omitempty"`
	Code      string  `json:"code"`
	Text      string  `json:"text"`
	Weight    float64 `json:"weight"`
}

// Token is one aligned pair of name tokens.
type Token struct {
	Query      string  `json:"query,omitempty"`
	Listed     string  `json:"listed,omitempty"`
	Role       string  `json:"role,omitempty"`
	How        string  `json:"how"`
	Weight     float64 `json:"weight"`
	Similarity float64 `json:"similarity"`
}

// Claim says who holds a hit.
type Claim struct {
	By      string    `json:"by" class:"plain"` // user id
	Display string    `json:"display" class:"plain"`
	At      time.Time `json:"at" class:"plain"`
}

// Decision is an officer's word about a hit.
type Decision struct {
	By      string        `json:"by" class:"plain"`
	Display string        `json:"display" class:"plain"`
	At      time.Time     `json:"at" class:"plain"`
	Verdict string        `json:"verdict" class:"plain"` // Confirmed or Dismissed
	Reason  string        `json:"reason" class:"plain"`  // vocab "confirmreason" or "dismissreason"
	Note    string        `json:"note,omitempty" class:"text" proposable:"yes"`
	Took    time.Duration `json:"took" class:"plain"` // from claim to decision
	Cleared []string      `json:"cleared,omitempty" class:"plain"`
}

// Step is one line of a history.
type Step struct {
	At      time.Time `json:"at" class:"plain"`
	By      string    `json:"by" class:"plain"`
	Display string    `json:"display" class:"plain"`
	Act     string    `json:"act" class:"plain"` // found, claim, release, take-over, confirm, dismiss, undo, evidence, reopen, send, acknowledge, outcome, withdraw
	Reason  string    `json:"reason,omitempty" class:"plain"`
	Note    string    `json:"note,omitempty" class:"text"`
}

// Kind implements record.Body.
func (*Hit) Kind() string { return KindHit }

// Version implements record.Body.
func (*Hit) Version() int { return 1 }

// Validate implements record.Body.
func (h *Hit) Validate() error {
	switch {
	case h.Subject.IsZero() || h.Entry.List == "" || h.Entry.Key == "":
		return record.Errorf(record.Invalid, "a hit needs the record of the person and the list entry it is about")
	case h.Score < 0 || h.Score > 1:
		return record.Errorf(record.Invalid, "a score lies between 0 and 1, not at %g", h.Score)
	case len(h.Reasons) == 0:
		return record.Errorf(record.Invalid, "a hit must explain itself: it has no reason")
	}
	return nil
}

// Index implements record.Body.
func (h *Hit) Index(ix *record.Index) {
	ix.Title = h.Traveller.Name()
	ix.State = h.State
	entry := ix.Mention(record.ThingEntry, h.Entry.List+"/"+h.Entry.Key, roleListed, h.Entry.Matched)
	ix.Mention(record.ThingList, h.Entry.List, "list", h.Entry.List)
	for _, d := range h.Traveller.Documents {
		doc := ix.Mention(record.ThingDocument, record.DocumentKey(d.Issuer, d.Number), "travel document", d.Number)
		ix.Link(doc, entry, "possible match", h.Passage.Arrives)
	}
	ix.Mention(record.ThingVoyage, h.Passage.Key, "arrives on", h.Passage.Label)
	ix.Mention(record.ThingBooking, h.Passage.Booking, "booking", h.Passage.Booking)
	if !h.Passage.Arrives.IsZero() {
		ix.Events = append(ix.Events, record.Event{Kind: "hit", At: h.Passage.Arrives, Place: h.Passage.To})
	}
	ix.Measures = append(ix.Measures, record.Measure{Name: "hits", Value: 1, Unit: "1", At: h.Passage.Arrives, Dims: []record.Dim{
		{Name: "list", Value: h.Entry.List}, {Name: "severity", Value: h.Entry.Severity},
		{Name: "state", Value: h.State}, {Name: "place", Value: h.Passage.To},
	}})
	ix.Text(h.Traveller.Name(), h.Traveller.Native(), h.Entry.Matched, h.Passage.Label)
}

// evidence is what a hit rests on; when it changes, what was decided on it is looked at again.
func (h *Hit) evidence() string {
	b, err := json.Marshal(struct {
		T Facts
		F string
		S float64
	}{h.Traveller, h.Entry.Fingerprint, h.Score})
	if err != nil { // plain strings and numbers
		panic("hit: " + err.Error())
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func (h *Hit) step(a record.Actor, at time.Time, act, reason, note string) {
	h.Steps = append(h.Steps, Step{At: at, By: a.User, Display: a.Display, Act: act, Reason: reason, Note: note})
}

// keyOf names the hit of one person of one record with one entry.
func keyOf(subject record.ID, person int, list, entry string) string {
	h := sha256.New()
	h.Write(subject[:])
	h.Write([]byte{byte(person), byte(person >> 8)})
	h.Write([]byte(list + "\x00" + entry))
	return hex.EncodeToString(h.Sum(nil))
}

// found makes the body of a new hit.
func found(subject record.ID, n int, traveller Facts, p Passage, l listedPerson, m match.Match) *Hit {
	h := &Hit{Subject: subject, Person: n, Traveller: traveller, Passage: p, State: New,
		Entry: Entry{Record: l.record, List: l.listing.List, Key: l.listing.Entry, Fingerprint: l.listing.Fingerprint,
			Facts: l.facts, Severity: l.listing.Severity, Instruction: l.listing.Instruction, Reason: l.listing.Reason,
			Contact: l.listing.Contact, ValidUntil: l.listing.ValidUntil}}
	h.explain(m)
	return h
}

func (h *Hit) explain(m match.Match) {
	h.Score, h.Entry.Matched = m.Score, m.Name
	h.Reasons, h.Tokens = nil, nil
	for _, r := range m.Reasons {
		h.Reasons = append(h.Reasons, Reason{r.Field, r.Agreement, r.Query, r.Listed, r.Code, r.Text, r.Weight})
	}
	for _, t := range m.Tokens {
		h.Tokens = append(h.Tokens, Token{t.Query, t.Listed, t.Role, t.How, t.Weight, t.Similarity})
	}
}

// envelope is the record around a hit: owned by the agency that owns the traveller's data.
func (r *Room) envelope(h *Hit, agency string, handling record.Handling) *record.Record {
	handling.Topic, handling.Place = access.Hit, h.Passage.To
	return &record.Record{
		Kind: KindHit, Version: 1, Key: keyOf(h.Subject, h.Person, h.Entry.List, h.Entry.Key),
		Writer: r.Node, Owner: record.Owner{Agency: agency}, Handling: handling,
		Basis:    record.Basis{Purpose: "screening of arrivals against " + h.Entry.List},
		Origin:   record.Origin{Parents: []record.ID{h.Subject}},
		Occurred: h.Passage.Arrives,
		Body:     h,
	}
}
