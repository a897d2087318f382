package sharing

import (
	"context"
	"fmt"
	"time"

	"sarhad/record"
)

// KindHolding is the kind of a holding.
const KindHolding = "sharing.holding"

// States of a holding.
const (
	Kept    = "kept"    // we have it
	Held    = "held"    // it should go, and a hold keeps it
	Waiting = "waiting" // it should go, and a person decides about the flood it came with
	Gone    = "gone"    // it is erased, or never came before it had to go
)

// Holding is what we have of one record of another node. It holds no word of the record and outlives it. Version 1.
type Holding struct {
	Record    record.ID `json:"record" class:"plain"`
	Of        string    `json:"of,omitempty" class:"plain"` // kind
	Topic     string    `json:"topic,omitempty" class:"plain"`
	Owner     string    `json:"owner,omitempty" class:"plain"` // agency
	From      string    `json:"from" class:"plain"`            // node
	To        string    `json:"to,omitempty" class:"plain"`    // agency of ours
	Agreement record.ID `json:"agreement,omitzero" class:"plain"`
	Legal     Text      `json:"legal,omitzero" class:"plain"`
	Purpose   string    `json:"purpose,omitempty" class:"text"`
	Number    int       `json:"number,omitempty" class:"plain"` // of the newest edition
	Revision  int       `json:"revision,omitempty" class:"plain"`
	First     time.Time `json:"first,omitzero" class:"plain"` // when the first came, UTC
	Last      time.Time `json:"last,omitzero" class:"plain"`
	Files     []File    `json:"files,omitempty" class:"text"`
	Unread    []Unread  `json:"unread,omitempty" class:"plain"` // messages with editions that no officer has seen yet
	Opened    time.Time `json:"opened,omitzero" class:"plain"`  // when an officer last read an edition for the first time, UTC

	State  string    `json:"state" class:"plain"`
	Wanted *Wanted   `json:"wanted,omitempty" class:"plain"` // the owner wants it erased
	Alarm  record.ID `json:"alarm,omitzero" class:"plain"`
	Said   *Answer   `json:"said,omitempty" class:"plain"` // our last answer
}

// Wanted is that the owner wants a record erased.
type Wanted struct {
	What   string    `json:"what" class:"plain"` // as Ask.What
	Reason string    `json:"reason,omitempty" class:"text"`
	At     time.Time `json:"at" class:"plain"` // when it came, UTC
}

// Kind implements record.Body.
func (*Holding) Kind() string { return KindHolding }

// Version implements record.Body.
func (*Holding) Version() int { return 1 }

// House implements record.HouseBody.
func (*Holding) House() {}

// Validate implements record.Body.
func (h *Holding) Validate() error {
	if h.Record.IsZero() || h.From == "" || h.State == "" {
		return record.Errorf(record.Invalid, "a holding names a record and the node it came from")
	}
	return nil
}

// Index implements record.Body. Nothing of the record is told.
func (h *Holding) Index(ix *record.Index) {
	ix.Title, ix.State = fmt.Sprintf("%s ← %s", h.Of, h.From), h.State
	ix.Mention(record.ThingRecord, h.Record.String(), roleReceived, "")
	ix.Mention(thingNode, h.From, roleFrom, h.From)
	if h.Wanted != nil {
		ix.Mention(thingNode, h.From, roleAsked, h.From)
	}
}

// Have is a holding with the id of its record.
type Have struct {
	ID record.ID
	Holding
}

// holding gives what we have of a record of a node; nil when nothing ever came.
func (v *view) holding(id record.ID, node string) (*record.Record, *Holding, error) {
	rec, err := v.tx.ByKey(KindHolding, keyOf(id, node))
	if record.KindOf(err) == record.NotFound {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	h, _ := rec.Body.(*Holding)
	return rec, h, nil
}

// HoldingOf gives what the register says of a received record, for who reads it; nil when it did not come by a share.
func (r *Room) HoldingOf(ctx context.Context, id record.ID) (out *Have, err error) {
	_, all, err := r.elevated(ctx)
	if err != nil {
		return nil, err
	}
	if err := r.Store.View(ctx, func(tx record.Tx) error { _, err := tx.Get(id); return err }); err != nil {
		return nil, err
	}
	err = r.Store.View(all, func(tx record.Tx) error {
		rec, err := tx.Get(id)
		if err != nil {
			return err
		}
		row, h, err := r.view(tx).holding(id, rec.Writer)
		if h != nil {
			out = &Have{row.ID, *h}
		}
		return err
	})
	return out, err
}

// Received is a record of a partner as the actor reads it, with what the register says of it.
type Received struct {
	Have
	Record *record.Record
}

// Received gives a page of what came from partners and is here, newest first: of one node, or of all. What the actor may not read
// is left out, so a page may be short and still have a next one.
func (r *Room) Received(ctx context.Context, from, cursor string, limit int) (out []Received, next string, err error) {
	defer record.Wrap(&err, "sharing.Received")
	_, all, err := r.elevated(ctx)
	if err != nil {
		return nil, "", err
	}
	q := record.Query{Kinds: []string{KindHolding}, States: []string{Kept, Held, Waiting}, Full: true, Cursor: cursor, Limit: limit}
	if from != "" {
		q.Thing, q.Role = record.Thing{Type: thingNode, Key: from}, roleFrom
	}
	var have []Have
	err = r.Store.View(all, func(tx record.Tx) error {
		have = nil
		page, err := tx.List(q)
		next = page.Next
		for _, row := range page.Rows {
			if h, ok := row.Record.Body.(*Holding); ok {
				have = append(have, Have{row.ID, *h})
			}
		}
		return err
	})
	if err != nil {
		return nil, "", err
	}
	err = r.Store.View(ctx, func(tx record.Tx) error {
		out = []Received{}
		for _, h := range have {
			rec, err := tx.Get(h.Record)
			if record.KindOf(err) == record.NotFound {
				continue
			}
			if err != nil {
				return err
			}
			out = append(out, Received{h, rec})
		}
		return nil
	})
	return out, next, err
}
