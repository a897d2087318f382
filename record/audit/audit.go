package audit

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"sarhad/record"
)

// Row is an act as the store keeps it.
type Row struct {
	record.Act
	Salt []byte    // 16 random bytes, made when the act was written; none when detail was stripped
	Leaf tlog.Hash // in the tree; zero until the sequencer took it
}

// LeafOf is the leaf of a row: RFC 6962 leaf hash over SHA-256(salt || JSON of the act).
func LeafOf(act record.Act, salt []byte) (tlog.Hash, error) {
	body, err := json.Marshal(act)
	if err != nil {
		return tlog.Hash{}, err
	}
	sum := sha256.Sum256(append(append(make([]byte, 0, len(salt)+len(body)), salt...), body...))
	return tlog.RecordHash(sum[:]), nil
}

// Tree is the state of the log.
type Tree struct {
	Size        int64  // leaves; leaf n (from 0) is act number n+1
	Rows        int64  // acts written; Rows - Size wait for the sequencer
	Incarnation string // name of this life of the log
}

// Table is where a store keeps the rows and the stored hashes of the tree (tlog.StoredHashIndex gives the positions).
type Table interface {
	// AuditTree tells how far the log is.
	AuditTree(ctx context.Context) (Tree, error)
	// AuditRows gives rows with a number above after, ascending.
	AuditRows(ctx context.Context, after int64, limit int) ([]Row, error)
	// AuditStrips tells what was stripped of the rows after from, up to to, by number and act.
	AuditStrips(ctx context.Context, from, to int64) ([]Strip, error)
	// CountActs counts the acts of an action with numbers up to one.
	CountActs(ctx context.Context, action string, upTo int64) (int64, error)
	// GrowTree stores the leaves of the next rows and the hashes that follow from them, in one transaction; Conflict
	// unless the tree has that size now.
	GrowTree(ctx context.Context, size int64, leaves, hashes []tlog.Hash) error
	// TreeHashes reads stored hashes by position; one that is not there is an error.
	TreeHashes(ctx context.Context, positions []int64) ([]tlog.Hash, error)
	// Checkpoints gives signed checkpoints with a number above after, ascending.
	Checkpoints(ctx context.Context, after int64, limit int) ([]Signed, error)
	// LastCheckpoint gives the newest; the zero value when nothing was signed yet.
	LastCheckpoint(ctx context.Context) (Signed, error)
	// AddCheckpoint adds one, numbered after the newest.
	AddCheckpoint(ctx context.Context, text []byte) error
}

// Signed is a checkpoint as the store keeps it. Numbers begin at 1 and have no gaps: the newest one's is how many there are.
type Signed struct {
	Number int64
	Text   []byte // signed note; ReadCheckpoint reads it
}

// Question is what oversight asks of the rows. Zero fields ask nothing.
type Question struct {
	User      string
	Subject   record.ID
	Case      string // purpose reference
	Actions   []string
	From, To  time.Time
	TookUnder time.Duration // decisions faster than this
	Before    int64         // numbers below: the page before
	Limit     int           // 0 = 50
}

// Asker answers oversight, newest first.
type Asker interface {
	AskAudit(ctx context.Context, q Question) ([]Row, error)
	// Purposes counts the rows of a period by stated purpose, most repeated first. A zero to is now, a zero from is
	// PurposePeriod earlier: the log grows for years.
	Purposes(ctx context.Context, from, to time.Time, limit int) ([]PurposeCount, error)
}

// PurposePeriod is how far back purposes are counted when nobody says from when.
const PurposePeriod = 30 * 24 * time.Hour

// PurposeCount is how often a purpose was given.
type PurposeCount struct {
	Kind, Ref, Text string
	Count           int
	Users           int
	Last            time.Time
}
