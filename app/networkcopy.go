package app

import (
	"bytes"
	"context"
	"encoding/json"
	"time"

	"sarhad/exchange/directory"
	"sarhad/exchange/envelope"
	"sarhad/exchange/relay"
	"sarhad/record"
)

// copyKind is the kind of the message by which an outpost gives its node what it exchanged with a twin.
const copyKind = "copy"

// copyHead is the first line of such a message, JSON; the bytes follow it: of what came, the statement with the signatures of its
// sender; of what went out, the content.
type copyHead struct {
	From  string      `json:"from"`
	To    string      `json:"to"`
	ID    record.ID   `json:"id"`
	Lane  record.Lane `json:"lane"`
	Kind  string      `json:"kind"`
	About record.ID   `json:"about,omitzero"`
	Sent  time.Time   `json:"sent"`
	Left  int         `json:"left,omitempty"` // the bytes were left out because a message cannot carry so many; how many there are
}

// copyRoom is what the first line of a copy may take.
const copyRoom = 2 << 10

// ownNode is the node that this outpost belongs to; "" when this is none.
func (n *Network) ownNode() string {
	p, err := n.dir.Party(n.a.Config.Name)
	if err != nil || p.Type != directory.Outpost {
		return ""
	}
	return p.Parent
}

// copied reports whether messages exchanged with a machine are copied to our node: with the twins of the settings, which are spoken to
// without the hub and without the node.
func (n *Network) copied(peer string) bool {
	return n.twins.at[peer] != "" && peer != n.ownNode()
}

// copyOut queues a copy of what goes to a twin, before it is sealed: afterwards nobody here can read it. A crash may copy twice.
func (n *Network) copyOut(ctx context.Context, d record.Dispatch) error {
	own := n.ownNode()
	if own == "" || relay.IsService(d.Kind) || d.Kind == copyKind || d.Kind == directory.MessageKind || !n.copied(d.To) {
		return nil
	}
	return n.a.Store.Update(n.machine(ctx), func(tx record.Tx) error {
		return queueCopy(tx, own, copyHead{From: n.a.Config.Name, To: d.To, ID: d.ID, Lane: d.Lane, Kind: d.Kind, About: d.About, Sent: d.Queued}, d.Content)
	})
}

// copyIn queues a copy of what came from a twin, in the act that stores it.
func (n *Network) copyIn(tx record.Tx, a record.Arrival) error {
	own := n.ownNode()
	if own == "" || a.Kind == copyKind || a.Kind == directory.MessageKind || !n.copied(a.From) {
		return nil
	}
	return queueCopy(tx, own, copyHead{From: a.From, To: n.a.Config.Name, ID: a.ID, Lane: a.Lane, Kind: a.Kind, About: a.About, Sent: a.Sent}, a.Signed)
}

// queueCopy puts a copy on the bulk lane, where it holds nothing up.
func queueCopy(tx record.Tx, to string, h copyHead, content []byte) error {
	if len(content) > record.MaxContent-copyRoom {
		h.Left, content = len(content), nil
	}
	line, err := json.Marshal(h)
	if err != nil {
		return err
	}
	d := &record.Dispatch{To: to, Lane: record.Bulk, Kind: copyKind, About: h.About, Content: append(append(line, '\n'), content...)}
	if err := tx.Dispatch(d); err != nil {
		return err
	}
	return tx.Audit(record.Act{Action: "relay-copy", Topic: "relay", Subject: h.About, Count: 1})
}

// takeCopy takes up what an outpost of ours exchanged with a twin, once by sender and id, whether it came before as a copy or by
// another way. What came to the outpost is proven by its sender's signature and handed on to whatever takes up its kind; what the
// outpost sent is its word already, and is kept.
func (n *Network) takeCopy(_ context.Context, tx record.Tx, a record.Arrival) (opened bool, err error) {
	p, err := n.dir.Party(a.From)
	if err != nil || p.Type != directory.Outpost || p.Parent != n.a.Config.Name {
		return false, record.Errorf(record.Forbidden, "%s is no outpost of %s: only an outpost gives its own node copies", a.From, n.a.Config.Name)
	}
	line, content, _ := bytes.Cut(a.Content, []byte{'\n'})
	var h copyHead
	if err := json.Unmarshal(line, &h); err != nil || h.ID.IsZero() || relay.IsService(h.Kind) || h.Kind == copyKind || h.Kind == "" || len(h.Kind) > 100 || h.From == "" || len(h.From) > 40 {
		return false, record.Errorf(record.Invalid, "the copy does not say rightly what it is a copy of")
	}
	out := record.Arrival{ID: h.ID, From: h.From, Lane: h.Lane, Kind: h.Kind, About: h.About, Sent: h.Sent, State: record.ArrivalDone, Kept: a.Kept, Problem: "copy of " + a.From}
	switch {
	case h.Left > 0 && h.From != a.From: // nothing proves it: it is only told
		return false, record.Errorf(record.Invalid, "message %s of %s has %d bytes, which no copy can carry: get it from %s by hand", h.ID, h.From, h.Left, a.From)
	case h.From != a.From:
		if h.To != a.From {
			return false, record.Errorf(record.Forbidden, "%s gives a copy of what was neither from it nor for it", a.From)
		}
		if out, err = n.proven(h, content); err != nil {
			return false, err
		}
	}
	_, err = tx.Arrive(&out)
	return true, err
}

// proven opens the copy of a message that came to an outpost; its sender's signature must count.
func (n *Network) proven(h copyHead, signed []byte) (out record.Arrival, err error) {
	k, err := n.transport()
	if err != nil {
		return out, err
	}
	_, c, err := envelope.ReadSigned(signed, n.verify())
	if err != nil {
		return out, err
	}
	if c.From != h.From || c.To != h.To || c.ID != h.ID || c.Kind != h.Kind {
		return out, record.Errorf(record.Forbidden, "the copy says of message %s what its sender did not sign", h.ID)
	}
	out = record.Arrival{ID: c.ID, From: c.From, Lane: c.Lane, Incarnation: c.Incarnation, Kind: c.Kind, About: c.About, Content: c.Body, Sent: c.Sent}
	out.Kept, err = envelope.Reseal(signed, k.archive.Public())
	return out, err // without a number: those are of the way to the outpost
}
