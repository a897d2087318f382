package privacy

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"sarhad/record"
)

// KindPolicy is the kind of a policy record. Its key is COUNTRY/SUBJECT.
const KindPolicy = "privacy.policy"

// SubjectAudit is the subject of the policy about the log itself.
const SubjectAudit = "audit"

// What a rule does when its period is over.
const (
	Erase    = "erase"
	Mask     = "mask"
	Nameless = "nameless"
	Strip    = "strip" // the log only
)

// What a period is counted from.
const (
	FromOccurred = "occurred" // when it happened; when it was made, if nobody said
	FromChanged  = "changed"  // the later of that and of the last revision: for what is closed by a decision
)

// Policy is what the law of a country wants of one kind of record. Version 1.
type Policy struct {
	Country   string    `json:"country" class:"plain"` // ISO 3166 alpha-3
	Subject   string    `json:"subject" class:"plain"` // kind of record, or SubjectAudit
	Legal     string    `json:"legal,omitempty" class:"plain"`
	LegalRu   string    `json:"legal_ru,omitempty" class:"plain"` // the same in Russian
	Since     time.Time `json:"since" class:"plain"`              // when it was signed
	Rules     []Rule    `json:"rules" class:"plain"`
	Signature string    `json:"signature" class:"plain"` // signature lines of a signed note over text()
}

// Rule is one clock.
type Rule struct {
	Name    string      `json:"name"`
	Action  string      `json:"action"`
	From    string      `json:"from"`
	After   Period      `json:"after"`
	Minors  Period      `json:"minors,omitempty"` // for records that name a person under Adult at the event
	Adult   int         `json:"adult,omitempty"`  // years; 0 = 18
	States  []string    `json:"states,omitempty"` // only in these; none = in any
	With    []Condition `json:"with,omitempty"`   // each must have a child
	Without []Condition `json:"without,omitempty"`
	Least   Period      `json:"least,omitempty"` // the law leaves room for After from here
	Most    Period      `json:"most,omitempty"`  // to here
}

// Condition asks for children of a record.
type Condition struct {
	Kind   string   `json:"kind"`
	States []string `json:"states,omitempty"` // none = in any
}

// Kind implements record.Body.
func (*Policy) Kind() string { return KindPolicy }

// Version implements record.Body.
func (*Policy) Version() int { return 1 }

// Key names the policy among records.
func (p *Policy) Key() string { return p.Country + "/" + p.Subject }

// Index implements record.Body.
func (p *Policy) Index(ix *record.Index) { ix.Title, ix.State = p.Key(), "active" }

// Validate implements record.Body.
func (p *Policy) Validate() error {
	if p.Country == "" || p.Subject == "" || len(p.Rules) == 0 {
		return record.Errorf(record.Invalid, "a policy needs a country, a subject (a kind of record, or audit) and rules")
	}
	names := map[string]bool{}
	for i := range p.Rules {
		r := &p.Rules[i]
		if names[r.Name] {
			return record.Errorf(record.Invalid, "the policy %s has two rules called %q", p.Key(), r.Name)
		}
		names[r.Name] = true
		if err := r.check(p); err != nil {
			return err
		}
	}
	return nil
}

func (r *Rule) check(p *Policy) error {
	where := p.Key() + "#" + r.Name
	switch {
	case r.Name == "":
		return record.Errorf(record.Invalid, "a rule of the policy %s has no name", p.Key())
	case (r.Action == Strip) != (p.Subject == SubjectAudit) || !slices.Contains([]string{Erase, Mask, Nameless, Strip}, r.Action):
		return record.Errorf(record.Invalid, "%s: the action is erase, mask or nameless for records and strip for the audit, not %q", where, r.Action)
	case r.From != FromOccurred && r.From != FromChanged:
		return record.Errorf(record.Invalid, "%s: a period is counted from occurred or from changed, not from %q", where, r.From)
	}
	for _, q := range []struct {
		what   string
		period Period
		needed bool
	}{{"after", r.After, true}, {"minors", r.Minors, false}, {"least", r.Least, false}, {"most", r.Most, false}} {
		if q.needed || q.period != "" {
			if err := q.period.check(where + ", " + q.what); err != nil {
				return err
			}
		}
	}
	switch {
	case r.Least != "" && r.After.shorter(r.Least), r.Most != "" && r.Most.shorter(r.After):
		return record.Errorf(record.Invalid, "%s: %s lies outside what the law leaves open, from %s to %s", where, r.After, r.Least, r.Most)
	case r.Minors != "" && r.After.shorter(r.Minors):
		return record.Errorf(record.Invalid, "%s: minors are kept no longer than adults; %s is longer than %s", where, r.Minors, r.After)
	}
	for _, c := range append(slices.Clone(r.With), r.Without...) {
		if c.Kind == "" {
			return record.Errorf(record.Invalid, "%s: a condition needs the kind of the child", where)
		}
	}
	return nil
}

// text is what is signed.
func (p Policy) text() (string, error) {
	p.Signature, p.Since = "", p.Since.UTC()
	b, err := json.Marshal(&p)
	return "sarhad privacy policy 1\n" + string(b) + "\n", err
}

// sign puts the node's signature on the policy.
func (p *Policy) sign(signer note.Signer) error {
	text, err := p.text()
	if err != nil {
		return err
	}
	signed, err := note.Sign(&note.Note{Text: text}, signer)
	if err != nil {
		return err
	}
	_, p.Signature, _ = strings.Cut(string(signed), "\n\n")
	return nil
}

// verify checks the signature.
func (p *Policy) verify(verifiers note.Verifiers) error {
	text, err := p.text()
	if err != nil {
		return err
	}
	if p.Signature == "" {
		return record.Errorf(record.Invalid, "the policy %s is not signed: it moves nothing; set it again with 'sarhad privacy policy set'", p.Key())
	}
	if _, err := note.Open([]byte(text+"\n"+p.Signature), verifiers); err != nil {
		return &record.Error{Kind: record.Invalid, Err: err, Message: "the policy " + p.Key() +
			" is not what this node signed: it moves nothing; find out who changed it, then set it again with 'sarhad privacy policy set'"}
	}
	return nil
}
