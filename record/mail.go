package record

import "time"

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
	Seq         int64  // per To and Lane from 1 without gaps, within the Incarnation
	Incarnation string // life of this node's store
	Kind        string // of content: what the addressee's handler is found by, e.g. "edition"
	About       ID     // record it speaks of; zero = none. Erasing the record erases Content and Wire here
	Content     []byte // what the addressee gets to read; nil from DispatchSealed on
	Wire        []byte // the sealed envelope
	State       DispatchState
	Problem     string // why it was refused, in words for a person
	Receipt     []byte // the last signed receipt, as it came
	Tries       int    // how often it was handed to the bearer
	Queued      time.Time
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
	State       ArrivalState
	Problem     string
	Sent        time.Time // by the clock of the sender
	Arrived     time.Time // by ours
}
