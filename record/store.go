package record

import (
	"context"
	"time"
)

// Store keeps records. Both calls need an actor in the context (WithActor).
//
// View runs fn on a consistent state; it sees only what the actor's scopes allow. Update runs fn as one act: record,
// index, audit row and cursors commit together or not at all; fn may be run again when the database asks for a retry, so
// it must not keep anything from a failed run. Bulk is Update for acts that nobody waits for: it lets interactive ones go
// first, and one call should take at most 50 ms.
type Store interface {
	View(ctx context.Context, fn func(Tx) error) error
	Update(ctx context.Context, fn func(Tx) error) error
	Bulk(ctx context.Context, fn func(Tx) error) error
}

// Tx is one transaction. It belongs to fn and must not be used after fn returned or from another goroutine.
type Tx interface {
	Reader
	Words
	Sequence
	Writer
	Masks
	Mail
}

// Reader reads records. What the actor may not read is NotFound.
type Reader interface {
	// Get gives the present revision.
	Get(id ID) (*Record, error)
	// ByKey gives the present revision of the record with this natural key.
	ByKey(kind, key string) (*Record, error)
	// List gives a page of records: by kind, state, period, text, thing or parent.
	List(q Query) (Page, error)
	// Count counts what List would give, up to limit; a result equal to limit means "at least".
	Count(q Query, limit int) (int, error)
	// Revisions gives all states of a record, newest first, bodies included.
	Revisions(id ID) ([]*Record, error)
	// Attached gives the attachment with this id and a present record that carries it.
	Attached(id ID) (*Record, Attachment, error)
}

// Words reads index rows across records.
type Words interface {
	Links(q LinkQuery) ([]FoundLink, error)
	Events(q EventQuery) ([]FoundEvent, error)
	Measures(q MeasureQuery) ([]Cell, error)
	// Persons gives the person words of present revisions after a sequence number, in order of the sequence: listed ones
	// or the others.
	Persons(listed bool, after Seq, limit int) ([]FoundPerson, error)
}

// Sequence is the change sequence. A machine part reads it after its own cursor, does its work and moves the cursor in
// the same Update: so nothing is skipped and nothing is done twice.
type Sequence interface {
	// Head is the newest number.
	Head() (Seq, error)
	// SeqAt is the newest number recorded at or before a time: "as known on".
	SeqAt(t time.Time) (Seq, error)
	// Changes gives the rows after a number, oldest first, superseded revisions included.
	Changes(after Seq, limit int) ([]Row, error)
	// Cursor gives the durable position of a reader; 0 when it never moved.
	Cursor(name string) (Seq, error)
	// SetCursor moves it. Needs an Update; no audit row.
	SetCursor(name string, at Seq) error
	// Erasures gives what was erased or masked after a number of the journal of erasures, oldest first. It is a sequence of
	// its own: an erasure leaves no row among the Changes.
	Erasures(after int64, limit int) ([]Erasure, error)
	// ErasureHead is the newest number of that journal.
	ErasureHead() (int64, error)
	// Behind counts the persons (not listed ones) in present revisions after a number: "stored but not yet screened".
	Behind(after Seq) (int, error)
}

// LogCursor begins the names of cursors that follow the log of acts instead of the changes: they count acts, by number.
const LogCursor = "log."

// Erasure is one line of the journal of erasures: what must be forgotten again wherever an older copy comes back. It holds
// no personal data.
type Erasure struct {
	Number int64     `json:"number"` // from 1, in commit order, no gaps; local to the store
	ID     ID        `json:"id"`
	What   string    `json:"what"` // ErasureErase, ErasureMask or ErasureNameless
	At     time.Time `json:"at"`   // UTC, milliseconds
}

// What an Erasure did.
const (
	ErasureErase    = "erase"    // record, revisions, index and attachments are gone
	ErasureMask     = "mask"     // what names a person is sealed, in all revisions
	ErasureNameless = "nameless" // what names a person is gone, in all revisions
)

// Writer writes. Every Update that puts or erases must say one Act at least, else it is refused at commit.
type Writer interface {
	// Put stores a new record (Revision.Number 0) or the next revision of a stored one, whose Revision.Number must be the
	// present one: otherwise Conflict. It fills ID, Revision, Raw, Created, Received and Seq, and indexes the body. What
	// another node writes is Forbidden here, and so is another Writer, unless a Handover says so.
	Put(r *Record) error
	// Receive stores a revision as another node, or an export, told it: byte for byte, under its own writer. It changes
	// nothing but Received and Seq. own lets revisions in that name this node as their writer. What cannot be placed is
	// Invalid, Forbidden or Conflict and leaves no trace; see Reception for what does not follow what is stored.
	Receive(r *Record, own bool) (Reception, error)
	// Erase removes a record, its revisions, its index rows and its children. What it took along is returned. Spared records
	// stay, and nothing is reached through them; the record itself cannot be spared.
	Erase(id ID, spare ...ID) ([]ID, error)
	// Audit adds one act.
	Audit(a Act) error
}

// Reception is what became of a received revision.
type Reception string

const (
	ReceivedNew     Reception = "new"     // the record was not known
	ReceivedNext    Reception = "next"    // it follows the present revision and replaces it
	ReceivedEarlier Reception = "earlier" // it goes before the first one that was stored
	ReceivedSame    Reception = "same"    // it is stored already

	// The revision could not be placed and was not stored: the caller keeps it aside.
	ReceivedFork   Reception = "fork"   // another revision of this number, or with another former, is stored
	ReceivedGap    Reception = "gap"    // revisions between are missing
	ReceivedWriter Reception = "writer" // it is by a node that the record was not handed over to
)

// Aside reports whether the revision was not stored because it does not follow what is stored.
func (r Reception) Aside() bool {
	return r == ReceivedFork || r == ReceivedGap || r == ReceivedWriter
}

// Query selects records. The zero value selects everything the actor may read, newest first.
type Query struct {
	Kinds  []string
	States []string
	Topics []string
	From   time.Time // Occurred at or after
	To     time.Time // Occurred before
	Text   string    // words to find, any script; the last one may be a beginning
	Thing  Thing     // records that mention it
	Role   string    // with Thing: in this role only
	Parent ID        // records made from it
	AsOf   Seq       // as known when the sequence stood there; 0 = now
	Oldest bool      // oldest first
	Full   bool      // with bodies: Row.Record is set
	Limit  int       // 0 = DefaultLimit, at most MaxLimit
	Cursor string    // Next of the page before
}

// Rows of one page.
const (
	DefaultLimit = 50  // when nobody says how many: a screen
	MaxLimit     = 500 // of one read, so that it stays short
)

// Row is the narrow part of a record that a list shows.
type Row struct {
	Seq      Seq
	Until    Seq // number of the revision that replaced it; 0 = present
	ID       ID
	Kind     string
	Version  int
	Revision int
	Key      string
	Title    string
	State    string
	Scope    Scope
	Occurred time.Time
	Changed  time.Time
	Expires  time.Time // of the envelope; zero = set by the clocks
	Masked   bool      // what names a person is sealed or gone
	Record   *Record   // only when asked for
}

// Page is a part of a list. Next is "" on the last page; it holds no personal data and stays valid while rows come in.
type Page struct {
	Rows []Row
	Next string
}

// LinkQuery asks for the links of a thing, both directions, newest first.
type LinkQuery struct {
	Thing Thing
	Rels  []string
	AsOf  Seq
	Limit int
}

// FoundLink is a link and the record that says it.
type FoundLink struct {
	Link
	Record ID
	Seq    Seq
}

// EventQuery asks for events in a period and, if Box is set, in a box of WGS 84 degrees.
type EventQuery struct {
	Kinds    []string
	Place    string
	From, To time.Time
	Box      *Box
	AsOf     Seq
	Limit    int
}

// Box is a rectangle of degrees; West may exceed East across the 180th meridian.
type Box struct{ South, West, North, East float64 }

// FoundEvent is an event and the record that says it.
type FoundEvent struct {
	Event
	Record ID
	Seq    Seq
}

// MeasureQuery sums a measure over cells of at most three dimensions.
type MeasureQuery struct {
	Name     string
	By       []string // names of dimensions
	Where    []Dim
	From, To time.Time
	AsOf     Seq
}

// Cell is one sum and how many measures went into it.
type Cell struct {
	By    []string // values in the order of MeasureQuery.By; "" = not said
	Sum   float64
	Count int
}

// FoundPerson is a person word and the record that says it.
type FoundPerson struct {
	Person
	Record ID
	Seq    Seq
	N      int // which person of the record, from 0
}
