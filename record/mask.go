package record

import "time"

// Masked stands on the envelope of a record whose identity was taken out. Bodies, keys and words of all its revisions say
// no more who it was; the originals are sealed, unless the record was made nameless.
type Masked struct {
	At     time.Time `json:"at"`     // UTC, milliseconds
	Policy string    `json:"policy"` // rule that did it, "KAZ/passenger.journey#masked"
	Hash   string    `json:"hash"`   // Hash of the revision as it was: the chain of revisions holds
}

// Masking says how a record is masked.
type Masking struct {
	Policy string
	// Redact gives the bytes of the body that stay. The record it is given is a copy.
	Redact func(*Record) ([]byte, error)
	// Seal encrypts the original. nil makes the record nameless: nothing of the original is kept, and what an earlier
	// masking sealed goes.
	Seal func(plain []byte) ([]byte, error)
}

// Masks is the part of a transaction that forgets without erasing.
type Masks interface {
	// Mask takes identity out of all revisions of one record, in place: bodies are replaced, keys go, the index is written
	// from what stays, and the originals are kept sealed. The record's place in the change sequence and its hashes stay. A
	// masked record that is masked again stays as it is, unless it becomes nameless. Children are the caller's business.
	Mask(id ID, m Masking) error
	// Sealed gives the sealed original of the present revision; NotFound when there is none.
	Sealed(id ID) ([]byte, error)
	// Box keeps sealed bytes beside a record, outside its revisions; nil removes them, and they go with the record.
	SetBox(id ID, box []byte) error
	// Box gives them; NotFound when there are none.
	Box(id ID) ([]byte, error)
	// Strip takes detail out of the audit for good and writes the act that answers for it. It gives how many rows it took
	// and whether it must be called again.
	Strip(s Stripping) (n int, more bool, err error)
	// FreeWords gives the different texts of purposes that are no duty, in their order after one.
	FreeWords(after string, limit int) ([]string, error)
	// Expired gives present records whose Expires is at or before a time, soonest first.
	Expired(at time.Time, limit int) ([]Row, error)
}

// Stripping says which detail leaves the audit. The leaf of a stripped row stays in the log; its salt goes with the
// detail, so that nobody can try whether a guess fits the leaf. Rows that are not in the log yet are left for the next time.
type Stripping struct {
	// Before takes everything but number, time and action from acts before it.
	Before time.Time
	// Subjects takes the free words of purposes from acts about these records, and from every act that was done with the
	// same words. Who looked, when and at which id stays. Duties and Words are no free words.
	Subjects []ID
	Texts    []string // and from every act that was done with exactly these words
	Words    []string // texts of purposes that the program itself writes
	Reason   string   // code for the act: a rule, "erased"
	Limit    int      // rows in one act; 0 = StripRows
}

// StripRows keeps one act of stripping below 50 ms.
const StripRows = 500

// ActStrip is the action of the act that answers for stripped rows: its Count says how many, its IDs is the SHA-256,
// hexadecimal, over number, leaf and hash of what was left of each, ascending. It is never stripped itself.
const ActStrip = "strip"
