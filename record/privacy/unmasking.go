package privacy

import (
	"slices"
	"strings"
	"time"

	"sarhad/record"
	"sarhad/record/access"
)

// KindUnmasking is the kind of a request to open a masked record.
const KindUnmasking = "privacy.unmasking"

// States of an unmasking. Requested and Agreed wait for somebody; only Opened can be read.
const (
	Requested = "requested"
	Agreed    = "agreed" // by the unit; waits for oversight
	Opened    = "opened"
	Declined  = "refused"
	Withdrawn = "withdrawn"
	// Ended as for a hold.
)

// OpenFor is how long an opened record can be read.
const OpenFor = 24 * time.Hour

// RequestFor is how long a request waits for both bodies before it ends by itself.
const RequestFor = 7 * 24 * time.Hour

// thingOfficer is the type of a thing that is a user of this node, roleRequester the role in which an unmasking mentions it.
const (
	thingOfficer  = "officer"
	roleRequester = "requester"
)

// Unmasking is the opening of one masked record for one case, by two people in sequence who are not the one who asks.
// Version 1.
type Unmasking struct {
	Target record.ID `json:"target" class:"plain"`
	Case   string    `json:"case" class:"plain"`
	Reason string    `json:"reason" class:"text"`
	Asked  Step      `json:"asked" class:"plain"`
	Agreed *Step     `json:"agreed,omitempty" class:"plain"` // by the unit
	Opened *Step     `json:"opened,omitempty" class:"plain"` // by oversight
	Closed *Step     `json:"closed,omitempty" class:"plain"` // ended, refused or withdrawn; By is "" when its time was over
	Until  time.Time `json:"until" class:"plain"`            // of waiting, then of reading
	State  string    `json:"state" class:"plain"`
	Why    string    `json:"why,omitempty" class:"text"` // of a refusal
}

// Step is who did something, and when.
type Step struct {
	By      string    `json:"by"` // user id
	Display string    `json:"display,omitempty"`
	At      time.Time `json:"at"`
}

// Kind implements record.Body.
func (*Unmasking) Kind() string { return KindUnmasking }

// Version implements record.Body.
func (*Unmasking) Version() int { return 1 }

// Validate implements record.Body.
func (u *Unmasking) Validate() error {
	switch {
	case u.Target.IsZero():
		return record.Errorf(record.Invalid, "say which record is to be opened")
	case strings.TrimSpace(u.Case) == "":
		return record.Errorf(record.Invalid, "a masked record is opened for a case: give its number")
	case strings.TrimSpace(u.Reason) == "":
		return record.Errorf(record.Invalid, "say why the case needs it")
	}
	return nil
}

// Index implements record.Body.
func (u *Unmasking) Index(ix *record.Index) {
	ix.Title, ix.State = u.Case, u.State
	ix.Mention(record.ThingRecord, u.Target.String(), "to open", u.Target.String())
	ix.Mention(thingOfficer, u.Asked.By, roleRequester, u.Asked.By)
}

// live are the states in which something is still to come.
func live() []string { return []string{Requested, Agreed, Opened} }

// Request is an unmasking as a list shows it.
type Request struct {
	ID record.ID `json:"id"`
	Unmasking
}

// May tells what an actor may do with the request now: agree, open, refuse, withdraw, read.
func (r *Request) May(a record.Actor, now time.Time) (out []string) {
	u := &r.Unmasking
	own := u.Asked.By == a.User
	if !u.Until.After(now) || !slices.Contains(live(), u.State) {
		return nil
	}
	waits := u.State == Requested || u.State == Agreed
	unit, oversight := access.May(a, access.Change, access.Privacy), access.May(a, access.Decide, access.Privacy)
	if u.State == Requested && unit && !u.took(a.User) {
		out = append(out, "agree")
	}
	if u.State == Agreed && oversight && !u.took(a.User) {
		out = append(out, "open")
	}
	if waits && (unit || oversight) && !own {
		out = append(out, "refuse")
	}
	if own {
		out = append(out, "withdraw")
	}
	if own && u.State == Opened {
		out = append(out, "read")
	}
	return out
}

// took reports whether somebody had a part in it already: no person stands in two places.
func (u *Unmasking) took(user string) bool {
	return u.Asked.By == user || u.Agreed != nil && u.Agreed.By == user || u.Opened != nil && u.Opened.By == user
}

func (u *Unmasking) must(states ...string) error {
	if slices.Contains(states, u.State) {
		return nil
	}
	return record.Errorf(record.Conflict, "this request is %s: %s", u.State, map[string]string{
		Requested: "the unit has not agreed yet", Agreed: "the unit agreed, oversight opens it now", Opened: "it can be read by who asked, until " + u.Until.UTC().Format("2006-01-02 15:04") + " UTC",
		Declined: "ask again with better reasons", Withdrawn: "ask again if it is needed", Ended: "ask again if the case still needs it"}[u.State])
}
