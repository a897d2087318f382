package oversight

import (
	"time"

	"sarhad/record"
)

// KindQuestion is the kind of a question.
const KindQuestion = "oversight.question"

// States of a question.
const (
	Asked    = "asked"
	Answered = "answered"
	Judged   = "judged"
)

// Signs, of the vocabulary "oversight-signs".
const (
	Draw      = "draw"
	PlantedOn = "canary"
	Self      = "self"
	Relative  = "relative"
	OwnSearch = "own-search"
	Night     = "night"
	Quick     = "quick"
	Many      = "many"
	Idle      = "idle"
	Words     = "words"
)

// AnswerDays is how long an officer has: two shifts and a free day.
const AnswerDays = 3

// maxActs is how many acts one question names; those after it only move Last and More.
const maxActs = 100

// Fact is one piece of why the question was asked, in codes and figures: no names.
type Fact struct {
	Code  string `json:"code" class:"plain"`
	Value string `json:"value" class:"plain"`
}

// Reply is what the officer answered.
type Reply struct {
	Text string    `json:"text" class:"text"`
	At   time.Time `json:"at" class:"plain"`
	Odd  []string  `json:"odd,omitempty" class:"plain"` // short, repeated: what oversight may want to look at
}

// Judgement is what oversight thinks of it.
type Judgement struct {
	Verdict string    `json:"verdict" class:"sensitive"` // vocabulary "oversight-judgements"
	Reason  string    `json:"reason" class:"text"`
	By      string    `json:"by" class:"plain"`
	Display string    `json:"display" class:"plain"`
	At      time.Time `json:"at" class:"plain"`
}

// Question is one question to one officer. Version 1.
type Question struct {
	Sign    string     `json:"sign" class:"sensitive"`
	Acts    []int64    `json:"acts" class:"plain"`           // numbers in the log
	More    int        `json:"more,omitempty" class:"plain"` // acts after those
	Upto    int64      `json:"upto" class:"plain"`           // number of the newest act that was taken in
	User    string     `json:"user" class:"plain"`           // asked
	Agency  string     `json:"agency" class:"plain"`
	Role    string     `json:"role,omitempty" class:"plain"`
	Place   string     `json:"place,omitempty" class:"plain"`
	Subject record.ID  `json:"subject,omitzero" class:"plain"`
	Facts   []Fact     `json:"facts,omitempty" class:"plain"`
	First   time.Time  `json:"first" class:"plain"`
	Last    time.Time  `json:"last" class:"plain"`
	At      time.Time  `json:"at" class:"plain"` // asked
	Due     time.Time  `json:"due" class:"plain"`
	State   string     `json:"state" class:"plain"`
	Reply   *Reply     `json:"reply,omitempty" class:"text"`
	Judged  *Judgement `json:"judged,omitempty" class:"sensitive"`
}

// Kind implements record.Body.
func (*Question) Kind() string { return KindQuestion }

// Version implements record.Body.
func (*Question) Version() int { return 1 }

// Validate implements record.Body.
func (q *Question) Validate() error {
	if q.Sign == "" || q.User == "" || q.State == "" || len(q.Acts) == 0 && q.Sign != Idle && q.Sign != Words {
		return record.Errorf(record.Invalid, "a question needs a sign, an officer and the acts it is about")
	}
	return nil
}

// thingOfficer is a user as a thing, so that the questions to one officer are found. Key: user id.
const thingOfficer = "officer"

// Index implements record.Body.
func (q *Question) Index(ix *record.Index) {
	ix.Title, ix.State = q.Sign, q.State
	ix.Mention(thingOfficer, q.User, "asked", "")
	ix.Measures = append(ix.Measures, record.Measure{Name: "questions", Value: 1, Unit: "1", At: q.At, Dims: []record.Dim{
		{Name: "sign", Value: q.Sign}, {Name: "unit", Value: q.Agency}, {Name: "state", Value: q.State}, {Name: "verdict", Value: q.verdict()}}})
}

func (q *Question) verdict() string {
	if q.Judged == nil {
		return ""
	}
	return q.Judged.Verdict
}

// Overdue reports whether the officer should have answered by now.
func (q *Question) Overdue(now time.Time) bool { return q.State == Asked && now.After(q.Due) }

// KindCanary is the kind of the mark of a planted record.
const KindCanary = "oversight.canary"

// States of a canary.
const (
	Planted = "planted"
	Retired = "retired"
)

// Canary marks a record as planted. Nothing else in the store does. Version 1.
type Canary struct {
	Record  record.ID `json:"record" class:"sensitive"`
	Why     string    `json:"why" class:"text"`
	By      string    `json:"by" class:"plain"`
	Display string    `json:"display" class:"plain"`
	At      time.Time `json:"at" class:"plain"`
	State   string    `json:"state" class:"plain"`
}

// Kind implements record.Body.
func (*Canary) Kind() string { return KindCanary }

// Version implements record.Body.
func (*Canary) Version() int { return 1 }

// Validate implements record.Body.
func (c *Canary) Validate() error {
	if c.Record.IsZero() || c.By == "" || c.State == "" {
		return record.Errorf(record.Invalid, "a canary needs the record it marks, who planted it and a state")
	}
	return nil
}

// Index implements record.Body. The mark is no child of the record and mentions nothing of it.
func (c *Canary) Index(ix *record.Index) { ix.Title, ix.State = "canary", c.State }

// Bodies lists the bodies of this room for record.NewTypes.
func Bodies() []func() record.Body {
	return []func() record.Body{func() record.Body { return &Question{} }, func() record.Body { return &Canary{} }}
}

// House implements record.HouseBody.
func (*Question) House() {}

// House implements record.HouseBody.
func (*Canary) House() {}
