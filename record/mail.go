package record

import (
	"fmt"
	"io"
	"time"
)

// Lane is how urgent a message is. Lanes never wait for each other.
type Lane string

// The lanes, most urgent first.
const (
	Flash   Lane = "flash"   // somebody waits at a barrier
	Routine Lane = "routine" // records, enquiries, receipts
	Bulk    Lane = "bulk"    // files, and what was asked for again
)

// Lanes are all lanes, most urgent first.
var Lanes = []Lane{Flash, Routine, Bulk}

// DispatchState is how far a message of ours came. It never goes back.
type DispatchState string

// The states of a Dispatch in their order; the last four end it.
const (
	DispatchQueued    DispatchState = "queued"    // Content is set
	DispatchSealed    DispatchState = "sealed"    // Wire is set, Content is gone: only the addressee can read it
	DispatchAccepted  DispatchState = "accepted"  // the hub, or the twin, has it on disk
	DispatchDelivered DispatchState = "delivered" // the addressee's node has it on disk
	DispatchOpened    DispatchState = "opened"    // it was taken up there, by an officer where one is needed
	DispatchRefused   DispatchState = "refused"   // the addressee says why in Problem
	DispatchExpired   DispatchState = "expired"   // nobody took it in time; the sender is told
	DispatchRecalled  DispatchState = "recalled"  // erased here before it left
)

// Dispatch is one message of this node to one other: from the act that says so to the signed receipt of who got it. Times are
// UTC, milliseconds.
type Dispatch struct {
	Number      int64  // local, in order of queueing
	ID          ID     // random (UUID version 4, RFC 9562 section 5.4): the hub sees it and learns nothing from it
	To          string // node
	Lane        Lane
	Seq         int64  // per To and Lane from 1 without gaps, within the Incarnation; 0 = a Service message
	Incarnation string // life of this node's store
	Kind        string // of content: what the addressee's handler is found by, e.g. "edition"
	About       ID     // record it speaks of; zero = none. Erasing the record erases Content and Wire here
	Content     []byte // what the addressee gets to read; nil from DispatchSealed on
	Wire        []byte // the sealed envelope
	State       DispatchState
	Problem     string // why it was refused, in words for a person
	Receipt     []byte // the last signed receipt, as it came
	Tries       int    // how often it was handed to the bearer
	Due         bool   // Wire is to be handed to the bearer, for the first time or again
	Service     bool   // of the relay itself, such as a receipt: it has no number and gets no receipt
	Queued      time.Time
	Tried       time.Time // last handed to the bearer
	Accepted    time.Time
	Delivered   time.Time
	Closed      time.Time // opened, refused, expired or recalled
	Expires     time.Time // after it nobody needs the message any more; zero = never
}

// ArrivalState is what became of a message that came.
type ArrivalState string

// The states of an Arrival.
const (
	ArrivalNew        ArrivalState = "new"        // stored, not taken up yet
	ArrivalDone       ArrivalState = "done"       // taken up
	ArrivalRefused    ArrivalState = "refused"    // Problem says why; the sender was told
	ArrivalUnreadable ArrivalState = "unreadable" // could not be opened or verified: kept as it came, for a person to look at
)

// Arrival is one message of another node, exactly once by From and ID. Times are UTC, milliseconds.
type Arrival struct {
	Number      int64  // local, in order of arrival
	ID          ID     // of the message, as its header says
	From        string // node that signed it; "" while unreadable
	Lane        Lane
	Seq         int64
	Incarnation string
	Kind        string
	About       ID
	Content     []byte // as signed; nil when it was taken up
	Kept        []byte // content and signatures, sealed to this node's archive key; nil when erased
	Signed      []byte // content and signatures in clear, only on the way in: it is not stored
	State       ArrivalState
	Problem     string
	Sent        time.Time // by the clock of the sender
	Arrived     time.Time // by ours
	Opened      time.Time // the sender was owed the word that it was opened; zero = not yet
}

// MaxContent is how long the content of one message can be, in bytes. What is longer goes as Freight: a flash message waits
// for no message that is longer than this.
const MaxContent = 512 << 10

// Final reports whether the state ends a Dispatch.
func (s DispatchState) Final() bool { return s.Rank() > DispatchDelivered.Rank() }

// Rank is the place of a state in its order, from 1; the last four are equal. What is no state has 0.
func (s DispatchState) Rank() int {
	switch s {
	case DispatchQueued:
		return 1
	case DispatchSealed:
		return 2
	case DispatchAccepted:
		return 3
	case DispatchDelivered:
		return 4
	case DispatchOpened, DispatchRefused, DispatchExpired, DispatchRecalled:
		return 5
	}
	return 0
}

// Mail is what waits to be sent and what came. Except for Dispatch, Ship and the lists, it is the relay's: only a machine may
// call it. Nothing here needs an act but Dispatch and Ship, which send data: who calls them says so in an Act of the same
// Update. Service messages need none.
//
// To who is no machine the lists tell nothing of contents: Content, Wire, Receipt, Kept, Meta and Ref are nil, and About is zero
// unless the actor may read that record.
//
// Erasing or masking a record takes along, in the same act, Content, Wire, Kept and Meta of whatever is About it, out and in.
// What had not left yet is recalled. So a message that tells others of an erasure is dispatched after Erase.
type Mail interface {
	// Dispatch queues a message. It fills Number, ID, Seq, Incarnation, State and Queued. To, Lane, Kind and Content are
	// required; About, Expires and Service are the caller's too. A rolled back act takes the number back.
	Dispatch(d *Dispatch) error
	// Dispatches gives messages of ours in the order that the query says.
	Dispatches(q DispatchQuery) ([]Dispatch, error)
	// Advance moves a message on; a step back changes nothing and gives false. See Step.
	Advance(s Step) (bool, error)
	// Backlogs counts what is not delivered yet.
	Backlogs() ([]Backlog, error)

	// Arrive stores a message that came and gives true, or false when one of this From and ID is stored already. It fills
	// Number and Arrived, and State where it is "". A readable one with a number closes its gap.
	Arrive(a *Arrival) (bool, error)
	// Arrivals gives messages that came, oldest first.
	Arrivals(q ArrivalQuery) ([]Arrival, error)
	// Settle ends an arrival that is new (or unreadable, once a person looked) as done or refused; Content goes. It gives
	// false when the arrival was settled before.
	Settle(number int64, to ArrivalState, problem string) (bool, error)

	// Owe notes a receipt that the peer is to get; a later state of the same message takes the place of an earlier one. That it was
	// opened is remembered with the arrival.
	Owe(r Receipt) error
	// Owed gives receipts not sent yet, in the order they were owed: of one peer and lane, or of all.
	Owed(to string, lane Lane, limit int) ([]Receipt, error)
	// Paid takes receipts away that are in a message now. One that was replaced meanwhile stays.
	Paid(numbers ...int64) error

	// PeerNames gives the nodes we heard of or write to, ascending.
	PeerNames() ([]string, error)
	// Peers gives what is known of them.
	Peers() ([]Peer, error)
	// Peer gives it of one; a Peer with nothing but a name when it was never heard.
	Peer(name string) (Peer, error)
	// SetPeer stores what is known of a peer. Next is not stored.
	SetPeer(p Peer) error
	// Gaps gives the numbers of a peer that are missing, most urgent lane first, at most MaxGaps ranges: those between
	// numbers that came, in every incarnation, and those behind them that the peer says it sent.
	Gaps(from string) ([]Gap, error)
	// Skip notes numbers that will never come: the peer says they are gone.
	Skip(g Gap) error
	// Prune forgets the sealed bytes of what was delivered or closed before one time, and the rows closed before another;
	// service messages go at once when they are closed. It gives how many rows it changed, at most limit of each.
	Prune(wires, rows time.Time, limit int) (int, error)

	// Ship queues a large file. It fills ID, State and Since. Peer, Kind, Ref, Size and Hash are required.
	Ship(f *Freight) error
	// Freights gives large files on their way, oldest first.
	Freights(q FreightQuery) ([]Freight, error)
	// SetFreight stores how far a file of either direction came; one coming in that is not known is made. What is closed is
	// not opened again: then it gives false.
	SetFreight(f Freight) (bool, error)

	// Incarnation is the name of this life of the store.
	Incarnation() string
}

// Step is how a Dispatch moves on. It names the message by its ID. To, where it is set, must be the addressee: nobody
// acknowledges what was sent to somebody else (NotFound). State "" changes no state.
//
// To DispatchSealed it takes Wire, drops Content and makes the message due; to DispatchAccepted it is due no more; a final state
// or DispatchDelivered takes it out of the queue. What is reported of a message whose end is known already, sets only Delivered
// and Receipt, where they are missing.
type Step struct {
	ID      ID
	To      string
	State   DispatchState
	Wire    []byte
	Problem string
	Receipt []byte // the signed receipt that says so; kept once however many messages it is about
	Tried   bool   // it was just handed to the bearer
	Again   bool   // hand Wire to the bearer once more; needs Wire and changes no state
}

// DispatchQuery selects messages of ours; what is zero selects nothing out. The first of ID, About, Due, TriedBefore, ExpiredBy,
// Delivered, Unclosed and Incarnation that is set decides the order; else it is by Number.
type DispatchQuery struct {
	ID          ID
	About       ID            // by Number
	Due         bool          // to be handed to the bearer, by Number; needs To and Lane
	TriedBefore time.Time     // accepted, not delivered, and last tried before; longest ago first
	ExpiredBy   time.Time     // open ones whose Expires is at or before; soonest first
	Delivered   bool          // newest Delivered first; needs To
	Unclosed    bool          // delivered and neither opened nor refused, by Number; needs To
	Incarnation string        // with To, Lane, First and Last (0 = no end): by Seq
	First, Last int64         //
	State       DispatchState // queued, sealed and accepted need To and Lane or nothing else
	To          string        //
	Lane        Lane          //
	After       int64         // Number; not with TriedBefore, ExpiredBy, Delivered
	Newest      bool          // newest Number first; only with To or nothing else
	Before      int64         // Number; with Newest
	Service     bool          // service messages too
	Full        bool          // with Content, Wire and Receipt
	Limit       int           // 0 = DefaultLimit, at most MaxLimit
}

// Backlog counts messages of ours for one peer and lane in one state before DispatchDelivered.
type Backlog struct {
	To     string
	Lane   Lane
	State  DispatchState
	Count  int
	Oldest time.Time // Queued of the oldest
}

// ArrivalQuery selects messages that came; what is zero selects nothing out.
type ArrivalQuery struct {
	From  string
	ID    ID
	About ID
	State ArrivalState
	Lane  Lane
	Kinds []string
	After int64 // Number
	Full  bool  // with Content and Kept
	Limit int   // 0 = DefaultLimit, at most MaxLimit

	Newest bool  // newest Number first
	Before int64 // Number; with Newest
}

// Receipt is a word that a peer is to get about a message of its.
type Receipt struct {
	Number  int64
	To      string
	Lane    Lane // the receipt travels in
	ID      ID   // of the message
	State   DispatchState
	Problem string // why it is refused, in words for a person
}

// Peer is what is known of another node.
type Peer struct {
	Name        string            `json:"-"`
	Heard       time.Time         `json:"heard"`       // anything readable, by our clock
	Incarnation string            `json:"incarnation"` // of its store, the newest that it told
	Beat        int64             `json:"beat"`        // number of the last heartbeat of that incarnation
	Beats       map[string]int64  `json:"beats"`       // of each incarnation
	BeatAt      time.Time         `json:"beat_at"`     // when that heartbeat was made, by its clock
	BeatHeard   time.Time         `json:"beat_heard"`  // and came, by ours
	Skew        time.Duration     `json:"skew"`        // its clock minus ours, as the last heartbeat told it; the way is in it
	Version     string            `json:"version"`     // of its program
	Reads       []string          `json:"reads"`       // kinds and versions that it reads
	Lanes       map[Lane]PeerLane `json:"lanes"`       // what it says
	Gone        int64             `json:"gone"`        // numbers it said it can send no more
	Reported    string            `json:"reported"`    // its newest audit checkpoint, as it came
	Directory   string            `json:"directory"`   // head of its directory, as it came
	Former      []LaneLast        `json:"former"`      // what it gave in former incarnations, as far as it says
	Our         int64             `json:"our"`         // number of our last heartbeat to it
	Next        map[Lane]int64    `json:"-"`           // next Seq of ours to it
	Given       []LaneLast        `json:"-"`           // last Seq of ours to it in former incarnations, by incarnation and lane
}

// LaneLast is the last number given in a lane in one incarnation.
type LaneLast struct {
	Lane        Lane   `json:"lane"`
	Incarnation string `json:"life"`
	Last        int64  `json:"last"`
}

// Ends gives the last numbers that the peer says it sent, in its present incarnation and in former ones.
func (p Peer) Ends() (out []LaneLast) {
	for _, l := range Lanes {
		if sent := p.Lanes[l].Sent; sent > 0 {
			out = append(out, LaneLast{l, p.Incarnation, sent})
		}
	}
	for _, f := range p.Former {
		if f.Incarnation != p.Incarnation {
			out = append(out, f)
		}
	}
	return out
}

// PeerLane is what a peer says of one lane.
type PeerLane struct {
	Sent    int64  `json:"sent"`    // highest number it gave to a message for us, in its Incarnation
	Got     int64  `json:"got"`     // highest number of ours it has, in our present incarnation
	Missing int64  `json:"missing"` // how many below that it lacks
	Life    string `json:"life"`    // our incarnation that Got speaks of
}

// Gap is a range of missing numbers of a peer, both ends included.
type Gap struct {
	From        string
	Lane        Lane
	Incarnation string
	First, Last int64
}

// MaxGaps bounds what Gaps tells at once.
const MaxGaps = 64

// FreightState is how far a large file came.
type FreightState string

// The states of a Freight; the last three close it.
const (
	FreightMoving   FreightState = "moving"   // pieces are under way
	FreightWhole    FreightState = "whole"    // all here and its hash is right; a handler has to take it
	FreightDone     FreightState = "done"     // taken up by the receiver
	FreightRefused  FreightState = "refused"  // Problem says why
	FreightRecalled FreightState = "recalled" // erased here
)

// Closed reports whether nothing more happens to the file.
func (s FreightState) Closed() bool {
	return s == FreightDone || s == FreightRefused || s == FreightRecalled
}

// Freight is a large file between this node and another: ciphertext, encrypted once, moving in pieces in the bulk lane. Times
// are UTC, milliseconds.
type Freight struct {
	ID      ID // random
	Peer    string
	Out     bool   // from us to the peer
	Kind    string // what the receiver's handler is found by
	About   ID     // record it belongs to; erasing it recalls the file
	Ref     string // where the sender has the bytes; it is never sent
	Meta    []byte // for the handler, at most MaxFreightMeta bytes; it travels sealed, like the pieces
	Size    int64
	Hash    [32]byte // SHA-256 of the bytes
	Have    []Span   // what the receiver has of it, ascending, apart; outgoing: as it last said
	Sent    int64    // outgoing: how far it was handed over in this round
	Rounds  int      // outgoing: how often it was sent anew because something was missing
	State   FreightState
	Problem string
	Since   time.Time
	Moved   time.Time // last change
}

// MaxFreightMeta is the most that goes along with each piece of a file.
const MaxFreightMeta = 1 << 10

// Span is a range of bytes: from First, up to but without End.
type Span struct {
	First int64 `json:"first"`
	End   int64 `json:"end"`
}

// FreightQuery selects large files.
type FreightQuery struct {
	ID     ID     // with Peer and Out it names one
	Peer   string // "" = all
	Out    bool
	State  FreightState // "" = all
	Closed bool         // closed ones too, when State is ""
	Limit  int          // 0 = DefaultLimit, at most MaxLimit
}

// NewRandomID makes an identifier that tells nothing: a UUID version 4 (RFC 9562 section 5.4). It fails only when random does.
func NewRandomID(random io.Reader) (ID, error) {
	var id ID
	if _, err := io.ReadFull(random, id[:]); err != nil {
		return ID{}, fmt.Errorf("random id: no randomness: %w", err)
	}
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	return id, nil
}

// Check tells what is wrong with a message that is to be queued; an Invalid error.
func (d *Dispatch) Check() error {
	switch {
	case d.To == "" || len(d.To) > 40 || d.Kind == "" || len(d.Kind) > 100:
		return Errorf(Invalid, "a message names the node it goes to and its kind")
	case d.Lane != Flash && d.Lane != Routine && d.Lane != Bulk:
		return Errorf(Invalid, "%.20q is no lane: flash, routine and bulk are", string(d.Lane))
	case len(d.Content) > MaxContent:
		return Errorf(Invalid, "the message has %d bytes; %d are the most: send it as a file", len(d.Content), MaxContent)
	}
	return nil
}

// Check tells what is wrong with a file that is to be shipped; an Invalid error.
func (f *Freight) Check() error {
	switch {
	case f.Peer == "" || len(f.Peer) > 40 || f.Kind == "" || len(f.Kind) > 100 || f.Out && f.Ref == "":
		return Errorf(Invalid, "a file names the node it goes to, its kind and where it lies")
	case f.Size <= 0 || f.Hash == [32]byte{}:
		return Errorf(Invalid, "a file that is sent has a size and a hash")
	case len(f.Meta) > MaxFreightMeta:
		return Errorf(Invalid, "what goes along with a file has %d bytes; %d are the most", len(f.Meta), MaxFreightMeta)
	}
	return nil
}
