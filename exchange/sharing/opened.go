package sharing

import (
	"context"

	"sarhad/record"
)

// Unread is a message with an edition that no officer has seen.
type Unread struct {
	Message record.ID   `json:"message"`
	Lane    record.Lane `json:"lane"`
}

// maxUnread is how many unread editions of one record are remembered: who wrote a hundred revisions of it since is told of the
// last ones only.
const maxUnread = 100

// came remembers the message of an edition until somebody reads it.
func (h *Holding) came(a record.Arrival) {
	if a.ID.IsZero() {
		return
	}
	h.Unread = append(h.Unread, Unread{a.ID, a.Lane})
	h.Unread = h.Unread[max(0, len(h.Unread)-maxUnread):]
}

// Opened tells the owner of a received record that an officer of the agency it is for reads it. The actor of ctx is that officer, and
// has read it; who reads for another agency, as oversight may, opens nothing. What is ours, or was opened before, is left as it is.
func (r *Room) Opened(ctx context.Context, id record.ID) (err error) {
	defer record.Wrap(&err, "sharing.Opened")
	actor, err := record.ActorFrom(ctx)
	if err != nil || actor.Machine {
		return err
	}
	machine := r.asMachine(ctx)
	unread := func(tx record.Tx) (*record.Record, *Holding, error) {
		rec, err := tx.Get(id)
		if err != nil || rec.Writer == r.Node {
			return nil, nil, absent(err)
		}
		row, h, err := r.view(tx).holding(id, rec.Writer)
		if err != nil || h == nil || len(h.Unread) == 0 || h.To != actor.Agency {
			return nil, nil, err
		}
		return row, h, nil
	}
	some := false
	if err := r.Store.View(machine, func(tx record.Tx) error { // most reads change nothing
		_, h, err := unread(tx)
		some = h != nil
		return err
	}); err != nil || !some {
		return err
	}
	return r.Store.Update(machine, func(tx record.Tx) error {
		row, h, err := unread(tx)
		if err != nil || h == nil {
			return err
		}
		for _, u := range h.Unread {
			if r.Open == nil {
				break
			}
			if err := r.Open(tx, h.From, u.Lane, u.Message); err != nil {
				return err
			}
		}
		n := len(h.Unread)
		h.Unread, h.Opened = nil, r.now()
		if err := put(tx, row); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "open-edition", Topic: h.Topic, Subject: id, Count: n})
	})
}

// absent lets a record that is not there pass.
func absent(err error) error {
	if record.KindOf(err) == record.NotFound {
		return nil
	}
	return err
}
