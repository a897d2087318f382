package app

import (
	"context"
	"time"

	"golang.org/x/mod/sumdb/note"

	"sarhad/record"
	"sarhad/record/proposal"
)

// nodeKeys gives the keys that sign for a node: this node's own. The directory of nodes brings those of others.
func (a *App) nodeKeys(node string) note.Verifiers {
	if node != a.Config.Name || a.keys == nil {
		return nil
	}
	_, own, err := a.keys.Log()
	if err != nil {
		return nil
	}
	return own
}

// HandOver gives a record to another node: the signed act is stored beside it and in the log, and from now on only that node
// revises it.
func (a *App) HandOver(ctx context.Context, id record.ID, to, reason string) (out *record.Record, err error) {
	signer, _, err := a.keys.Log()
	if err != nil {
		return nil, err
	}
	err = a.Store.Update(ctx, func(tx record.Tx) error {
		r, err := tx.Get(id)
		if err != nil {
			return err
		}
		if out, err = proposal.HandOver(r, to, reason, a.opt.Now().UTC().Truncate(time.Second), signer); err != nil {
			return err
		}
		if err := tx.Put(out); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "hand-over", Topic: r.Handling.Topic, Subject: id, Count: 1})
	})
	return out, err
}
