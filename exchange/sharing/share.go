package sharing

import (
	"fmt"
	"strings"
	"time"

	"sarhad/record"
)

// KindShare is the kind of a share.
const KindShare = "sharing.share"

// States of a share.
const (
	Active       = "active"  // the recipient has it
	Asked        = "asked"   // to erase, and has not answered
	HeldThere    = "held"    // a hold keeps it there
	WaitingThere = "waiting" // a person there has to decide first
	RefusedThere = "refused" // a person there refused
	GoneState    = "gone"    // erased there
)

// What of an Ask.
const (
	AskRecall   = "recall" // a person asks
	AskErase    = "erase"  // the record is gone; as record.Erasure has it, like the next two
	AskMask     = "mask"
	AskNameless = "nameless"
)

// maxSent is how many editions a share remembers; its own revisions tell of those before.
const maxSent = 100

// Share is what one recipient has of one record of ours. It holds no word of the record, so it outlives it. Version 1.
type Share struct {
	Record    record.ID `json:"record" class:"plain"`
	Of        string    `json:"of" class:"plain"` // kind
	Topic     string    `json:"topic" class:"plain"`
	To        string    `json:"to" class:"plain"` // agency
	Node      string    `json:"node" class:"plain"`
	Agreement record.ID `json:"agreement" class:"plain"` // under which the last edition went
	Legal     Text      `json:"legal" class:"plain"`
	Purpose   string    `json:"purpose" class:"text"`
	Sent      Step      `json:"sent" class:"plain"` // who signed, last
	Onward    record.ID `json:"onward,omitzero" class:"plain"`

	Number   int       `json:"number" class:"plain"`   // of the last edition
	Hash     string    `json:"hash" class:"plain"`     // of it
	Revision int       `json:"revision" class:"plain"` // of ours that the recipient is up to date with
	Content  string    `json:"content" class:"plain"`  // hash of what the last edition says
	Editions []Sent    `json:"editions" class:"plain"` // the last ones
	Stale    *Reason   `json:"stale,omitempty" class:"plain"`
	State    string    `json:"state" class:"plain"`
	Asked    *Ask      `json:"asked,omitempty" class:"plain"`
	Answers  []Answer  `json:"answers,omitempty" class:"plain"`
	Changed  time.Time `json:"changed" class:"plain"`
}

// Sent is one edition that went out.
type Sent struct {
	Number  int       `json:"number"`
	Of      int       `json:"of"` // revision of ours
	Hash    string    `json:"hash"`
	At      time.Time `json:"at"`
	By      string    `json:"by,omitempty"` // user id; "" = an update that followed by itself
	Message record.ID `json:"message,omitzero"`
}

// Ask is that a holder was asked to erase.
type Ask struct {
	What    string    `json:"what" class:"plain"`
	By      *Step     `json:"by,omitempty" class:"plain"` // nil = it followed by itself
	Reason  string    `json:"reason,omitempty" class:"text"`
	At      time.Time `json:"at" class:"plain"`
	Message record.ID `json:"message,omitzero" class:"plain"`
}

// Answer is what a holder did. Times are UTC: At by the holder's clock, Came by ours.
type Answer struct {
	What   string    `json:"what" class:"plain"`             // erased, held, waiting, refused
	Basis  string    `json:"basis,omitempty" class:"plain"`  // of held: the legal basis
	Until  time.Time `json:"until,omitzero" class:"plain"`   // of held; zero = open
	Prints int       `json:"prints,omitempty" class:"plain"` // copies on paper that are out there
	Files  int       `json:"files,omitempty" class:"plain"`  // copies as files
	Kept   int       `json:"kept,omitempty" class:"plain"`   // records made of it that a hold keeps
	Reason string    `json:"reason,omitempty" class:"text"`  // of refused
	Own    bool      `json:"own,omitempty" class:"plain"`    // nobody asked: by the holder's own clocks
	At     time.Time `json:"at" class:"plain"`
	Came   time.Time `json:"came,omitzero" class:"plain"`
}

// Whats of an Answer.
const (
	SaysErased  = "erased"
	SaysHeld    = "held"
	SaysWaiting = "waiting"
	SaysRefused = "refused"
)

// Printed reports whether copies are out that the holder's erasing does not reach.
func (a Answer) Printed() bool { return a.Prints+a.Files > 0 }

// Kind implements record.Body.
func (*Share) Kind() string { return KindShare }

// Version implements record.Body.
func (*Share) Version() int { return 1 }

// House implements record.HouseBody.
func (*Share) House() {}

// Validate implements record.Body.
func (s *Share) Validate() error {
	if s.Record.IsZero() || s.Node == "" || s.To == "" || s.Number < 1 || s.Hash == "" || s.State == "" {
		return record.Errorf(record.Invalid, "a share names a record, its recipient and the edition")
	}
	return nil
}

// Index implements record.Body. Nothing of the record is told.
func (s *Share) Index(ix *record.Index) {
	ix.Title, ix.State = fmt.Sprintf("%s → %s, %d", s.Of, s.To, s.Number), s.State
	ix.Mention(record.ThingRecord, s.Record.String(), roleShared, "")
	ix.Mention(thingNode, s.Node, roleTo, s.Node)
	ix.Mention(record.ThingRecord, s.Agreement.String(), roleAgreement, "")
}

// Late reports whether the holder was asked long ago and has not answered to the end.
func (s *Share) Late(now time.Time) bool {
	return (s.State == Asked || s.State == WaitingThere) && s.Asked != nil && now.Sub(s.Asked.At) > Patience
}

func keyOf(id record.ID, node string) string { return id.String() + "/" + node }

// share gives what a node has of a record; nil when it never got anything.
func (v *view) share(id record.ID, node string) (*record.Record, *Share, error) {
	rec, err := v.tx.ByKey(KindShare, keyOf(id, node))
	if record.KindOf(err) == record.NotFound {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	s, _ := rec.Body.(*Share)
	return rec, s, nil
}

// sharesOf gives the shares of a record.
func sharesOf(tx record.Reader, id record.ID) (recs []*record.Record, err error) {
	q := record.Query{Kinds: []string{KindShare}, Thing: record.Thing{Type: record.ThingRecord, Key: id.String()}, Role: roleShared, Oldest: true}
	err = each(tx, q, func(rec *record.Record) error {
		if _, ok := rec.Body.(*Share); ok {
			recs = append(recs, rec)
		}
		return nil
	})
	return recs, err
}

func answered(what string) string {
	switch what {
	case SaysErased:
		return GoneState
	case SaysHeld:
		return HeldThere
	case SaysWaiting:
		return WaitingThere
	}
	return RefusedThere
}

// short cuts what a partner says to what is kept.
func short(s string) string {
	if r := []rune(strings.TrimSpace(s)); len(r) > MaxWords {
		return string(r[:MaxWords])
	}
	return strings.TrimSpace(s)
}
