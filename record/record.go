package record

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"
)

// Seq is the change sequence: one number for each stored revision, in commit order. It is local to a store, never
// leaves the node and means nothing elsewhere. 0 is "before everything".
type Seq int64

// Owner is who answers for a record.
type Owner struct {
	Agency  string `json:"agency"`
	Officer string `json:"officer,omitempty"` // user id; "" when a machine wrote it
}

// Revision counts the states of a record. Number starts at 1; Former is the Hash of the state before, "" for the first.
type Revision struct {
	Number   int    `json:"number"`
	Former   string `json:"former,omitempty"`
	Proposal ID     `json:"proposal,omitzero"` // the proposal that the writer accepted with this revision
}

// Record is the envelope around one body. All times are UTC with millisecond precision.
type Record struct {
	ID       ID        `json:"id"`
	Kind     string    `json:"kind"`          // "room.noun", e.g. "passenger.journey"
	Version  int       `json:"version"`       // of the body's shape, from 1
	Key      string    `json:"key,omitempty"` // stable key given by the source, unique within the kind: makes a repeat safe
	Revision Revision  `json:"revision"`
	Writer   string    `json:"writer"` // the one node that may revise it
	Owner    Owner     `json:"owner"`
	Handling Handling  `json:"handling"`
	Grading  Grading   `json:"grading,omitzero"`
	Basis    Basis     `json:"basis,omitzero"`
	Origin   Origin    `json:"origin,omitzero"`
	Occurred time.Time `json:"occurred,omitzero"` // when it happened in the world
	Created  time.Time `json:"created"`           // when its first revision was made by its writer
	Received time.Time `json:"received"`          // when this node stored this revision
	Expires  time.Time `json:"expires,omitzero"`  // when it must go; zero = set by the clocks
	Masked   *Masked   `json:"masked,omitempty"`  // set when identity was taken out; only the store sets it

	// Attachments are the files it carries; who revises a record keeps them or leaves them out.
	Attachments []Attachment `json:"attachments,omitempty"`

	// Edition is set on what one recipient gets of a record; nil on the owner's own.
	Edition *Edition `json:"edition,omitempty"`

	// Raw is the body as received, byte for byte. Put fills it from Body when it is nil.
	Raw []byte `json:"-"`
	// Body is the typed view, upgraded to the present version of its kind; nil when this program does not know the kind or
	// the version.
	Body Body `json:"-"`
	// Envelope is the envelope as its writer wrote it, byte for byte, when it says more or says it otherwise than this
	// program would; nil when both are the same. It is covered by the hash. Only Receive takes it; Put carries on what it
	// does not know of the former revision.
	Envelope []byte `json:"-"`

	// Seq is set by the store.
	Seq Seq `json:"-"`
}

// Hash is SHA-256 over the envelope and the body bytes, hexadecimal. The next revision cites it. Of a masked record it is
// what it was before: nobody can compute it again.
func (r *Record) Hash() string {
	if r.Masked != nil {
		return r.Masked.Hash
	}
	h := sha256.New()
	h.Write(r.WrittenEnvelope())
	h.Write([]byte{0})
	h.Write(r.Raw)
	return hex.EncodeToString(h.Sum(nil))
}

// WrittenEnvelope is the envelope as its writer wrote it, one JSON object: what the hash covers and what goes to other nodes.
// Received is zero in it, because each node receives at its own time.
func (r *Record) WrittenEnvelope() []byte {
	if r.Envelope != nil {
		return r.Envelope
	}
	env := *r
	env.Received = time.Time{}
	b, err := json.Marshal(&env)
	if err != nil { // the envelope holds strings, numbers and times only
		panic("record: envelope cannot be written: " + err.Error())
	}
	return b
}

// IndexOf says what the record says in the six words. An unknown body says nothing; that is no error.
func (r *Record) IndexOf() *Index {
	ix := &Index{}
	if r.Body != nil {
		r.Body.Index(ix)
	}
	return ix
}

// Validate checks the envelope and the body. Bodies from elsewhere (unknown kinds) pass: they are kept as they are.
func (r *Record) Validate() error {
	if r.Kind == "" || r.Version < 1 {
		return Errorf(Invalid, "a record needs a kind and a version; got %q@%d", r.Kind, r.Version)
	}
	if r.Writer == "" || r.Owner.Agency == "" {
		return Errorf(Invalid, "a %s record needs a writer node and an owning agency", r.Kind)
	}
	if _, ok := MarkingLevel(r.Handling.Marking); !ok {
		return Errorf(Invalid, "marking %q is not accepted: use open, internal or %s; nothing above is kept here", r.Handling.Marking, MaxMarking)
	}
	if r.Handling.Topic == "" {
		return Errorf(Invalid, "a %s record needs a topic: it decides who may read it", r.Kind)
	}
	if err := checkAttachments(r.Attachments); err != nil {
		return err
	}
	if r.Body != nil {
		return r.Body.Validate()
	}
	return nil
}
