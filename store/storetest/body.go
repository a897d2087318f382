package storetest

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"sarhad/record"
	"sarhad/record/audit"
)

// Store is what a store offers to the app.
type Store interface {
	record.Store
	audit.Table
	audit.Asker
}

// Opened is an empty store, opened with Types(), Allow and Clock.Now, whose chunks of attachments lie on the shelf. It is
// closed by the test's Cleanup.
type Opened struct {
	Store Store
	Clock *Clock
	Shelf *Shelf
}

// Clock is a clock that a test moves.
type Clock struct {
	mu sync.Mutex
	at time.Time
}

// NewClock stands at a moment of invented people.
func NewClock() *Clock { return &Clock{at: time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC)} }

// Now is the clock's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// Tick moves the clock on.
func (c *Clock) Tick(d time.Duration) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
	return c.at
}

// Note is a body that says what it holds.
type Note struct {
	Title    string           `json:"title" class:"identity"`
	State    string           `json:"state,omitempty" class:"plain"`
	Mentions []record.Mention `json:"mentions,omitempty" class:"plain"`
	Persons  []record.Person  `json:"persons,omitempty" class:"identity"`
	Links    []record.Link    `json:"links,omitempty" class:"plain"`
	Events   []record.Event   `json:"events,omitempty" class:"plain"`
	Measures []record.Measure `json:"measures,omitempty" class:"plain"`
	Texts    []string         `json:"texts,omitempty" class:"text"`
	Bad      bool             `json:"bad,omitempty" class:"plain"` // is not valid
}

// Kind names the body.
func (*Note) Kind() string { return "test.note" }

// Version is the first one.
func (*Note) Version() int { return 1 }

// Validate refuses a bad note.
func (n *Note) Validate() error {
	if n.Bad {
		return record.Errorf(record.Invalid, "the note says of itself that it is bad")
	}
	return nil
}

// Index says what the note holds.
func (n *Note) Index(ix *record.Index) {
	*ix = record.Index{Title: n.Title, State: n.State, Mentions: n.Mentions, Persons: n.Persons, Links: n.Links,
		Events: n.Events, Measures: n.Measures, Texts: n.Texts}
}

// Memo is a second kind, with the same words.
type Memo struct{ Note }

// Kind names the body.
func (*Memo) Kind() string { return "test.memo" }

// Types are the bodies a store under test knows.
func Types() *record.Types {
	return record.NewTypes(func() record.Body { return &Note{} }, func() record.Body { return &Memo{} },
		func() record.Body { return &Slip{} }, func() record.Body { return &Slip2{} }, func() record.Body { return &Give{} })
}

// Allow is a rule of access with every part of an actor and of a scope in it: roles name topics, the agency opens its own
// case-free records at any place, others need the place and what is releasable to them; a compartment needs its case as
// the purpose.
func Allow(a record.Actor, s record.Scope) bool {
	if a.Machine {
		return true
	}
	if s.Case != "" && a.Purpose.Ref != s.Case {
		return false
	}
	if !slices.Contains(a.Roles, s.Topic) {
		return false
	}
	if s.Marking == "official" && a.Purpose.Kind == "free" {
		return false
	}
	if s.Agency == a.Agency {
		return a.Place == "" || s.Place == "" || a.Place == s.Place
	}
	return slices.Contains(strings.Fields(s.Releasable), a.Agency)
}

// errStop is what a test gives to break an act off.
var errStop = errors.New("stop")
