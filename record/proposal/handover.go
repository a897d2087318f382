package proposal

import (
	"time"

	"golang.org/x/mod/sumdb/note"

	"sarhad/record"
)

// Handover is the body of record.handover@1: the signed word of a record's writer that another node writes it from now on. It
// is a child of the record it hands over.
type Handover struct {
	Target    record.ID `json:"target" class:"plain"`
	Revision  string    `json:"revision" class:"plain"` // hash of the revision it was signed for
	From      string    `json:"from" class:"plain"`
	To        string    `json:"to" class:"plain"`
	Reason    string    `json:"reason" class:"text"`
	At        time.Time `json:"at" class:"plain"`        // UTC, seconds
	Signature string    `json:"signature" class:"plain"` // signed note over record.Handover.Text
}

// Kind implements record.Body.
func (*Handover) Kind() string { return record.KindHandover }

// Version implements record.Body.
func (*Handover) Version() int { return 1 }

// Validate implements record.Body.
func (h *Handover) Validate() error {
	switch {
	case h.Target.IsZero() || h.Revision == "" || h.From == "" || h.To == "" || h.From == h.To:
		return record.Errorf(record.Invalid, "a hand-over names the record, its present revision, the node that gives and another that takes")
	case h.Reason == "":
		return record.Errorf(record.Invalid, "a hand-over needs a reason")
	case h.Signature == "":
		return record.Errorf(record.Invalid, "a hand-over is signed by the node that gives")
	}
	return nil
}

// Index implements record.Body.
func (h *Handover) Index(ix *record.Index) { ix.Title = h.From + " - " + h.To }

// Handover implements record.HandoverBody.
func (h *Handover) Handover() (record.Handover, string) {
	return record.Handover{Target: h.Target, Revision: h.Revision, From: h.From, To: h.To, Reason: h.Reason, At: h.At}, h.Signature
}

// HandOver makes the record that gives a record to another node, signed by the key of this node. Put it: the next revision is
// then the other node's to write.
func HandOver(r *record.Record, to, reason string, at time.Time, signer note.Signer) (*record.Record, error) {
	h := &Handover{Target: r.ID, Revision: r.Hash(), From: r.Writer, To: to, Reason: reason, At: at.UTC().Truncate(time.Second)}
	said, _ := h.Handover()
	signed, err := note.Sign(&note.Note{Text: said.Text()}, signer)
	if err != nil {
		return nil, err
	}
	h.Signature = string(signed)
	handling := r.Handling
	return &record.Record{Kind: record.KindHandover, Version: 1, Key: r.ID.String() + "/" + h.Revision, Writer: r.Writer,
		Owner: record.Owner{Agency: r.Owner.Agency}, Handling: handling, Occurred: h.At,
		Origin: record.Origin{Parents: []record.ID{r.ID}}, Body: h}, nil
}

// Verifier makes what the store asks before it believes a hand-over. keys gives the verifiers of a node; nil when nobody
// vouches for any key of it, and then the hand-over waits. Other nodes' keys come from the directory of nodes.
func Verifier(keys func(node string) note.Verifiers) func(record.Handover, string) error {
	return func(h record.Handover, signature string) error {
		known := keys(h.From)
		if known == nil {
			return record.Errorf(record.Unavailable, "no key of %s is known here: its hand-over waits", h.From)
		}
		n, err := note.Open([]byte(signature), known)
		if err != nil || n.Text != h.Text() {
			return &record.Error{Kind: record.Invalid, Message: "the hand-over is not what " + h.From + " signed", Err: err}
		}
		return nil
	}
}
