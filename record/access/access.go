package access

import (
	"slices"
	"strings"

	"sarhad/record"
)

// Reach is how far a rule goes.
type Reach int

const (
	Nowhere   Reach = iota // no record
	OwnPlace               // records addressed to the officer's place
	OwnAgency              // records that the officer's agency owns
	WholeNode              // every record of the node that no compartment closes
)

// String gives the word the matrix prints.
func (r Reach) String() string {
	return [...]string{"-", "place", "agency", "node"}[r]
}

// Actions. Read covers lists, search, counts and every other way to learn of a record.
const (
	Read    = "read"
	Import  = "import"  // bring files in
	Decide  = "decide"  // confirm or dismiss a hit
	Oversee = "oversee" // take over what somebody else holds
	Carry   = "act"     // carry out an instruction and report
	Change  = "change"  // settings of a list, a user, the node; an exhibit that must go
	Ask     = "ask"     // request that a masked record be opened
	Create  = "create"  // make a record by hand
	Correct = "correct" // decide what others propose to correct
	Export  = "export"  // take records out, as a file or on paper
	Share   = "share"   // send records to another agency under an agreement
)

// Topics of the ground floor. A room names its own; the table must have it before anybody can read it.
const (
	Passenger   = "passenger"
	Watchlist   = "watchlist"
	Hit         = "hit"
	Instruction = "instruction"
	Clearance   = "clearance"
	Evidence    = "evidence"
	Audit       = "audit"
	Users       = "users"
	Request     = "request"   // what persons ask about themselves
	Oversight   = "oversight" // questions to officers, planted records
	Privacy     = "privacy"   // policies, holds and unmaskings: never the records they are about
	Exports     = "export"    // the register of what was taken out: never the records themselves
	Sharing     = "sharing"   // agreements, who holds what of whom, alarms: never the records themselves
	Network     = "network"   // how the line and the other nodes stand, what waits, whom to call: never contents
)

// House reports the topics of the node's own housekeeping. Their records say how this node is run and are meaningless, or
// nobody's business, elsewhere.
func House(topic string) bool {
	switch topic {
	case Audit, Users, Privacy, Request, Oversight, Exports, Sharing, Network:
		return true
	}
	return false
}

// Rule lets a role do an action with records of a topic, as far as the reach goes.
type Rule struct {
	Role, Action, Topic string
	Reach               Reach
}

// table is the whole of it. A role, action and topic that do not stand here are not allowed.
var table = []Rule{
	{"border", Read, Instruction, OwnPlace},
	{"border", Carry, Instruction, OwnPlace},

	{"analyst", Read, Passenger, OwnAgency},
	{"analyst", Import, Passenger, OwnAgency},
	{"analyst", Read, Watchlist, OwnAgency},
	{"analyst", Import, Watchlist, OwnAgency},
	{"analyst", Read, Hit, OwnAgency},
	{"analyst", Decide, Hit, OwnAgency},
	{"analyst", Read, Instruction, OwnAgency},
	{"analyst", Read, Clearance, OwnAgency},
	{"analyst", Ask, Privacy, OwnAgency},
	{"analyst", Read, Evidence, OwnAgency},
	{"analyst", Create, Evidence, OwnAgency},

	{"supervisor", Read, Passenger, OwnAgency},
	{"supervisor", Import, Passenger, OwnAgency},
	{"supervisor", Correct, Passenger, OwnAgency},
	{"supervisor", Read, Watchlist, OwnAgency},
	{"supervisor", Import, Watchlist, OwnAgency},
	{"supervisor", Change, Watchlist, OwnAgency},
	{"supervisor", Correct, Watchlist, OwnAgency},
	{"supervisor", Read, Hit, OwnAgency},
	{"supervisor", Decide, Hit, OwnAgency},
	{"supervisor", Oversee, Hit, OwnAgency},
	{"supervisor", Correct, Hit, OwnAgency},
	{"supervisor", Read, Instruction, OwnAgency},
	{"supervisor", Read, Clearance, OwnAgency},
	{"supervisor", Read, Request, OwnAgency},
	{"supervisor", Decide, Request, OwnAgency},
	{"supervisor", Oversee, Request, OwnAgency},
	{"supervisor", Read, Privacy, OwnAgency},
	{"supervisor", Change, Privacy, OwnAgency}, // holds, erasing, the time, and the unit's word to unmasking
	{"supervisor", Read, Evidence, OwnAgency},
	{"supervisor", Create, Evidence, OwnAgency},
	{"supervisor", Change, Evidence, OwnAgency},

	{"analyst", Export, Passenger, OwnAgency},
	{"analyst", Export, Watchlist, OwnAgency},
	{"analyst", Export, Hit, OwnAgency},
	{"supervisor", Export, Passenger, OwnAgency},
	{"supervisor", Export, Watchlist, OwnAgency},
	{"supervisor", Export, Hit, OwnAgency},
	{"supervisor", Read, Exports, OwnAgency},
	{"supervisor", Decide, Exports, OwnAgency}, // is the second person
	{"oversight", Read, Exports, WholeNode},

	{"supervisor", Share, Passenger, OwnAgency},
	{"supervisor", Share, Watchlist, OwnAgency},
	{"supervisor", Share, Hit, OwnAgency},
	{"supervisor", Share, Evidence, OwnAgency},
	{"supervisor", Read, Sharing, OwnAgency},
	{"supervisor", Change, Sharing, OwnAgency}, // drafts and ends agreements, recalls
	{"supervisor", Decide, Sharing, OwnAgency}, // agrees as the second person, decides on floods and on onward sharing
	{"supervisor", Ask, Sharing, OwnAgency},    // the owner of a record to share it with somebody else
	{"analyst", Ask, Sharing, OwnAgency},
	{"oversight", Read, Sharing, WholeNode},

	// Oversight reads what officers did, never the case itself: subjects appear by their heading only, and that look is
	// an act of its own.
	{"oversight", Read, Audit, WholeNode},
	{"oversight", Read, Oversight, WholeNode},
	{"oversight", Decide, Oversight, WholeNode},
	{"oversight", Read, Request, WholeNode},
	{"oversight", Oversee, Request, WholeNode},
	{"oversight", Read, Privacy, WholeNode},
	{"oversight", Decide, Privacy, WholeNode}, // opens what the unit agreed to

	// The line is the node's: no agency's. What the others may know of it stands in the bar.
	{"supervisor", Read, Network, WholeNode},
	{"supervisor", Carry, Network, WholeNode}, // tries again, ends what could not be read, clears a fork
	{"admin", Read, Network, WholeNode},
	{"admin", Carry, Network, WholeNode},

	{"admin", Read, Users, WholeNode},
	{"admin", Change, Users, WholeNode},
}

// Allow reports whether the actor may do the action with a record of this scope.
func Allow(a record.Actor, action string, s record.Scope) bool {
	if a.Machine {
		return true
	}
	if _, ok := record.MarkingLevel(s.Marking); !ok {
		return false
	}
	reach := reachOf(a, action, s.Topic)
	if !within(a, reach, s) && !released(a, action, reach, s) {
		return false
	}
	owner := a.Agency == s.Agency
	if s.Case != "" { // no register says who works on which case yet, and nobody assigns themselves
		return false
	}
	if s.TLP == "red" && !owner {
		return false
	}
	return owner || s.Releasable == "" || slices.Contains(strings.Fields(s.Releasable), a.Agency)
}

// released reports whether another agency's record is open to the actor because it names the actor's agency as one it may go
// to. It opens reading and nothing else, in topics that the actor reads throughout the own agency.
func released(a record.Actor, action string, reach Reach, s record.Scope) bool {
	return action == Read && reach == OwnAgency && !House(s.Topic) && a.Agency != "" &&
		slices.Contains(strings.Fields(s.Releasable), a.Agency)
}

func within(a record.Actor, reach Reach, s record.Scope) bool {
	switch reach {
	case WholeNode:
		return true
	case OwnAgency:
		return a.Agency != "" && a.Agency == s.Agency
	case OwnPlace:
		return a.Place != "" && a.Place == s.Place
	}
	return false
}

// May reports whether the actor may do the action with some record of the topic: whether to show the door at all.
func May(a record.Actor, action, topic string) bool {
	return a.Machine || reachOf(a, action, topic) > Nowhere
}

// Check is May as an error that tells the person.
func Check(a record.Actor, action, topic string) error {
	if May(a, action, topic) {
		return nil
	}
	return record.Errorf(record.Forbidden, "your role may not %s in %s; ask your supervisor if your work needs it", action, topic)
}

// Doors lists everything the actor's roles open, as "action:topic".
func Doors(a record.Actor) []string {
	out := []string{}
	for _, r := range table {
		door := r.Action + ":" + r.Topic
		if slices.Contains(a.Roles, r.Role) && !slices.Contains(out, door) {
			out = append(out, door)
		}
	}
	return out
}

func reachOf(a record.Actor, action, topic string) Reach {
	best := Nowhere
	for _, r := range table {
		if r.Action == action && r.Topic == topic && slices.Contains(a.Roles, r.Role) {
			best = max(best, r.Reach)
		}
	}
	return best
}

// Rules gives the table, in its order.
func Rules() []Rule { return slices.Clone(table) }

// Matrix is the table by topic and action, for people.
type Matrix struct {
	Roles []string    `json:"roles"`
	Rows  []MatrixRow `json:"rows"`
}

// MatrixRow is one topic and action with the reach of each role, in the order of Matrix.Roles.
type MatrixRow struct {
	Topic  string   `json:"topic"`
	Action string   `json:"action"`
	Cells  []string `json:"cells"`
}

// TheMatrix gives the table as a matrix.
func TheMatrix() Matrix {
	var m Matrix
	at := map[[2]string]int{}
	for _, r := range table {
		if !slices.Contains(m.Roles, r.Role) {
			m.Roles = append(m.Roles, r.Role)
		}
	}
	for _, r := range table {
		key := [2]string{r.Topic, r.Action}
		i, ok := at[key]
		if !ok {
			i = len(m.Rows)
			at[key] = i
			cells := slices.Repeat([]string{Nowhere.String()}, len(m.Roles))
			m.Rows = append(m.Rows, MatrixRow{r.Topic, r.Action, cells})
		}
		m.Rows[i].Cells[slices.Index(m.Roles, r.Role)] = r.Reach.String()
	}
	slices.SortStableFunc(m.Rows, func(a, b MatrixRow) int { return strings.Compare(a.Topic, b.Topic) })
	return m
}
