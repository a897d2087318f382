package request

import (
	"slices"
	"strings"
	"time"

	"sarhad/record"
	"sarhad/record/access"
)

// Kind is the kind of a request. It ends in "closed"; the clocks of privacy count from there.
const Kind = "privacy.request"

// Topic is what requests are about in the access table.
const Topic = access.Request

// States of a request, in the order of its life.
const (
	Received  = "received"
	Proven    = "proven" // identity proven
	Searching = "searching"
	Drafted   = "drafted"
	Approved  = "approved"
	Answered  = "answered"
	Refused   = "refused"
	Closed    = "closed"
)

// What a person asks for; vocabulary "request-kinds".
const (
	Access      = "access"
	Correction  = "correction"
	Deletion    = "deletion"
	Restriction = "restriction"
	Complaint   = "complaint"
)

// What the reply tells of a record; vocabulary "request-answers".
const (
	Given    = "given"    // everything about the person
	Partly   = "partly"   // some classes of fields, with a ground for the rest
	Withheld = "withheld" // that there is something, not what, with a ground
	Silent   = "silent"   // neither confirmed nor denied
)

// How a record was found.
const (
	ByDocument  = "document"
	ByName      = "name"
	ByClearance = "clearance"
	ByParent    = "parent" // made from a record that was found
)

// Asked is who asks, with the facts as they were given. Dates are ISO 8601, countries ICAO 9303 alpha-3.
type Asked struct {
	Names         []record.Name     `json:"names" class:"identity"`
	Born          string            `json:"born,omitempty" class:"identity"`
	Sex           string            `json:"sex,omitempty" class:"identity"`
	Nationalities []string          `json:"nationalities,omitempty" class:"identity"`
	Documents     []record.Document `json:"documents,omitempty" class:"identity"`
	Address       string            `json:"address,omitempty" class:"identity"` // where the reply goes
	By            string            `json:"by,omitempty" class:"identity"`      // a representative, with the power of attorney
}

// Person gives the facts that the search compares.
func (a Asked) Person() record.Person {
	p := record.Person{Names: a.Names, Sex: a.Sex, Nationalities: a.Nationalities, Documents: a.Documents}
	if a.Born != "" {
		p.Born = []string{a.Born}
	}
	return p
}

// Step is one thing that was done, by whom.
type Step struct {
	At      time.Time `json:"at" class:"plain"`
	By      string    `json:"by" class:"plain"` // user id
	Display string    `json:"display,omitempty" class:"plain"`
	Act     string    `json:"act" class:"plain"`
	Note    string    `json:"note,omitempty" class:"text"`
}

// Proof is how the person's identity was proven; vocabulary "identity-proofs".
type Proof struct {
	How  string    `json:"how" class:"plain"`
	Note string    `json:"note,omitempty" class:"text"`
	By   string    `json:"by" class:"plain"`
	At   time.Time `json:"at" class:"plain"`
}

// Reason is one piece of evidence that a record speaks of the person: the words of engine/match.
type Reason struct {
	Field     string  `json:"field" class:"plain"`
	Agreement string  `json:"agreement" class:"plain"`
	Code      string  `json:"code" class:"plain"`
	Asked     string  `json:"asked,omitempty" class:"identity"`
	Found     string  `json:"found,omitempty" class:"identity"`
	Weight    float64 `json:"weight" class:"plain"` // log-odds, natural logarithm
}

// Opinion is whether a record speaks of the person, as an officer sees it.
type Opinion struct {
	Same   bool      `json:"same" class:"sensitive"`
	Reason string    `json:"reason" class:"text"`
	By     string    `json:"by" class:"plain"`
	At     time.Time `json:"at" class:"plain"`
}

// Answer is what the reply tells of a record.
type Answer struct {
	What    string         `json:"what" class:"sensitive"`
	Classes []record.Class `json:"classes,omitempty" class:"plain"` // of a partial answer: what is told
	Ground  string         `json:"ground,omitempty" class:"sensitive"`
	Until   string         `json:"until,omitempty" class:"sensitive"` // the ground holds until this day, ISO 8601; "" = open
	Note    string         `json:"note,omitempty" class:"text"`       // inside the agency; never printed
	By      string         `json:"by" class:"plain"`
	At      time.Time      `json:"at" class:"plain"`
}

// Found is a record that may speak of the person.
type Found struct {
	Record   record.ID `json:"record" class:"plain"`
	Person   int       `json:"person" class:"plain"` // which person of the record, from 0; -1 = none is named
	Kind     string    `json:"kind" class:"plain"`
	Revision int       `json:"revision" class:"plain"` // that was searched
	How      []string  `json:"how" class:"sensitive"`
	Score    float64   `json:"score,omitempty" class:"sensitive"` // 0..1, of the name search
	Why      []Reason  `json:"why,omitempty" class:"sensitive"`
	Opinion  *Opinion  `json:"opinion,omitempty" class:"sensitive"`
	Answer   *Answer   `json:"answer,omitempty" class:"sensitive"`
}

// Told reports whether the reply has to say something of the record.
func (f Found) Told() bool { return f.Opinion != nil && f.Opinion.Same }

// Search is that somebody searched.
type Search struct {
	At      time.Time `json:"at" class:"plain"`
	By      string    `json:"by" class:"plain"`
	Persons int       `json:"persons" class:"plain"` // compared
	Clears  int       `json:"clears" class:"plain"`  // clearances whose hash was computed anew
	Cut     bool      `json:"cut,omitempty" class:"plain"`
}

// Extension is the one time that the clock may be lengthened.
type Extension struct {
	At     time.Time `json:"at" class:"plain"`
	By     string    `json:"by" class:"plain"`
	Reason string    `json:"reason" class:"text"`
	Was    time.Time `json:"was" class:"plain"`
}

// Draft is the reply that waits for a second person.
type Draft struct {
	At      time.Time `json:"at" class:"plain"`
	By      string    `json:"by" class:"plain"`
	Refuse  bool      `json:"refuse,omitempty" class:"sensitive"`
	Ground  string    `json:"ground,omitempty" class:"sensitive"` // of a refusal as a whole; vocabulary "request-grounds"
	Words   string    `json:"words,omitempty" class:"text"`       // printed above the records
	Hash    string    `json:"hash" class:"plain"`                 // of what the records said, so that approval is of what was read
	Waiting string    `json:"waiting,omitempty" class:"plain"`    // what somebody else still does: correct, erase, restrict
}

// Request is one request of one person. Version 1.
type Request struct {
	Number       string     `json:"number" class:"plain"` // to cite: day, a dash, which of the day
	Asks         string     `json:"asks" class:"plain"`
	Channel      string     `json:"channel" class:"plain"`
	Lang         string     `json:"lang" class:"plain"` // of the reply
	Country      string     `json:"country" class:"plain"`
	Person       Asked      `json:"person" class:"identity"`
	Words        string     `json:"words,omitempty" class:"text"`
	Received     time.Time  `json:"received" class:"plain"`
	AckDue       time.Time  `json:"ack_due" class:"plain"`
	Due          time.Time  `json:"due" class:"plain"`
	State        string     `json:"state" class:"plain"`
	Assigned     string     `json:"assigned,omitempty" class:"plain"` // user id
	AssignedName string     `json:"assigned_name,omitempty" class:"plain"`
	Acknowledged time.Time  `json:"acknowledged,omitzero" class:"plain"`
	Escalated    time.Time  `json:"escalated,omitzero" class:"plain"`
	Proof        *Proof     `json:"proof,omitempty" class:"plain"`
	Extension    *Extension `json:"extension,omitempty" class:"plain"`
	Search       *Search    `json:"search,omitempty" class:"plain"`
	Found        []Found    `json:"found,omitempty" class:"sensitive"`
	Draft        *Draft     `json:"draft,omitempty" class:"sensitive"`
	ApprovedBy   *Step      `json:"approved,omitempty" class:"plain"`
	Answered     time.Time  `json:"answered,omitzero" class:"plain"`
	Closed       time.Time  `json:"closed,omitzero" class:"plain"`
	Steps        []Step     `json:"steps" class:"plain"`
}

// Kind implements record.Body.
func (*Request) Kind() string { return Kind }

// Version implements record.Body.
func (*Request) Version() int { return 1 }

// Validate implements record.Body.
func (r *Request) Validate() error {
	if r.Number == "" || r.State == "" || r.Asks == "" || r.Received.IsZero() || r.Due.IsZero() {
		return record.Errorf(record.Invalid, "a request needs a number, what is asked, when it came and when it is due")
	}
	return nil
}

// Index implements record.Body. It says no person and no document: who asks is neither screened nor found by others.
func (r *Request) Index(ix *record.Index) {
	ix.Title, ix.State = r.Number, r.State
	ix.Text(r.Number)
	for _, n := range r.Person.Names {
		ix.Text(n.Full)
	}
	ix.Measures = append(ix.Measures, record.Measure{Name: "requests", Value: 1, Unit: "1", At: r.Received,
		Dims: []record.Dim{{Name: "asks", Value: r.Asks}, {Name: "state", Value: r.State}}})
}

// Open reports whether the person still waits for an answer.
func (r *Request) Open() bool {
	return !slices.Contains([]string{Answered, Refused, Closed}, r.State)
}

// Late reports whether the answer, or the acknowledgement, should have left by now.
func (r *Request) Late(now time.Time) bool {
	return r.Open() && (now.After(r.Due) || r.Acknowledged.IsZero() && now.After(r.AckDue))
}

// at gives the place of a found record; -1 when it was not found.
func (r *Request) at(id record.ID) int {
	return slices.IndexFunc(r.Found, func(f Found) bool { return f.Record == id })
}

// Waiting are the found records that nobody has decided on: whether they are the person, or what is told of them.
func (r *Request) Waiting() (n int) {
	for _, f := range r.Found {
		if f.Opinion == nil || f.Told() && f.Answer == nil {
			n++
		}
	}
	return n
}

func (r *Request) step(a record.Actor, now time.Time, act, note string) {
	r.Steps = append(r.Steps, Step{At: now, By: a.User, Display: a.Display, Act: act, Note: note})
}

// clean brings what was typed into the form in which it is kept, and says what is missing.
func (a *Asked) clean() error {
	names := a.Names[:0:0]
	for _, n := range a.Names {
		n.Surname, n.Given, n.Patronymic = strings.TrimSpace(n.Surname), strings.TrimSpace(n.Given), strings.TrimSpace(n.Patronymic)
		n.Full = strings.Join(strings.Fields(n.Full), " ")
		if n.Full == "" {
			n.Full = strings.Join(strings.Fields(n.Surname+" "+n.Given+" "+n.Patronymic), " ")
		}
		if n.Full != "" {
			names = append(names, n)
		}
	}
	if len(names) == 0 {
		return record.Errorf(record.Invalid, "write the name of the person who asks, in the script of their document")
	}
	a.Names = names
	if a.Born != "" {
		if _, err := time.Parse(time.DateOnly, a.Born); err != nil && len(a.Born) != 4 && len(a.Born) != 7 {
			return record.Errorf(record.Invalid, "the birth date %.20q is not a date: year-month-day is expected, or as much of it as is known", a.Born)
		}
	}
	docs := a.Documents[:0:0]
	for _, d := range a.Documents {
		if d.Number = record.DocumentNumber(d.Number); d.Number != "" {
			d.Issuer = strings.ToUpper(strings.TrimSpace(d.Issuer))
			docs = append(docs, d)
		}
	}
	a.Documents = docs
	return nil
}

// House implements record.HouseBody.
func (*Request) House() {}
