package relay

import (
	"context"
	"time"

	"sarhad/record"
)

// sweep looks for what time asks for: messages without a receipt, expired ones, gaps, bytes that are kept long enough.
func (r *Relay) sweep(ctx context.Context) {
	for _, part := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"resend", r.resend},
		{"expire", r.expire},
		{"ask", r.askForGaps},
		{"how", r.askHow},
		{"prune", r.prune},
		{"staging", r.clearStaging},
	} {
		r.failed(ctx, part.name, part.do(ctx))
	}
	r.wake("receipts")
	for _, l := range record.Lanes {
		r.wake("takeup " + string(l))
	}
}

// resend makes messages due again that were accepted and have no receipt: soon if their addressee was heard since, which
// means that it should have them; late if it is silent, which means that they wait for it at the hub.
func (r *Relay) resend(ctx context.Context) error {
	now := r.cfg.Now()
	lanes := map[record.Lane]bool{}
	err := r.update(ctx, func(tx record.Tx) error {
		clear(lanes)
		late, err := tx.Dispatches(record.DispatchQuery{TriedBefore: now.Add(-r.cfg.Timing.Resend), Limit: record.MaxLimit})
		if err != nil {
			return err
		}
		heard := map[string]time.Time{}
		for _, d := range late {
			at, known := heard[d.To]
			if !known {
				p, err := tx.Peer(d.To)
				if err != nil {
					return err
				}
				at = p.Heard
				heard[d.To] = at
			}
			if !at.After(d.Tried) && now.Sub(d.Tried) < r.cfg.Timing.ResendBlind || d.Due {
				continue
			}
			if err := r.sendAgain(tx, d); err != nil {
				return err
			}
			lanes[d.Lane] = true
		}
		return nil
	})
	for l := range lanes {
		r.wake("publish " + string(l))
	}
	return err
}

// sendAgain makes an accepted message due; one whose bytes were erased ends as recalled: nobody knows whether it was delivered.
func (r *Relay) sendAgain(tx record.Tx, d record.Dispatch) error {
	step := record.Step{ID: d.ID, Again: true}
	if gone, err := wireGone(tx, d.ID); err != nil {
		return err
	} else if gone {
		step = record.Step{ID: d.ID, State: record.DispatchRecalled, Problem: "erased here after it left and before a receipt came"}
	}
	r.count(func(c *counts) { c.again++ })
	_, err := tx.Advance(step)
	return err
}

func (r *Relay) count(fn func(*counts)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	fn(&r.counted)
}

func wireGone(tx record.Tx, id record.ID) (bool, error) {
	full, err := tx.Dispatches(record.DispatchQuery{ID: id, Full: true})
	return err == nil && len(full) == 1 && full[0].Wire == nil && full[0].State != record.DispatchQueued, err
}

// expire ends what nobody needs any more, and tells who sent it.
func (r *Relay) expire(ctx context.Context) error {
	var told []record.ID
	err := r.update(ctx, func(tx record.Tx) error {
		told = nil
		list, err := tx.Dispatches(record.DispatchQuery{ExpiredBy: r.cfg.Now(), Limit: record.MaxLimit})
		if err != nil {
			return err
		}
		for _, d := range list {
			moved, err := tx.Advance(record.Step{ID: d.ID, State: record.DispatchExpired, Problem: "nobody took it in time"})
			if err != nil {
				return err
			}
			if moved && !d.Service {
				told = append(told, d.ID)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return r.tell(ctx, told)
}

// prune forgets what was kept long enough, in acts that are short.
func (r *Relay) prune(ctx context.Context) error {
	now := r.cfg.Now()
	for ctx.Err() == nil {
		n := 0
		err := r.cfg.Store.Bulk(ctx, func(tx record.Tx) (err error) {
			n, err = tx.Prune(now.Add(-r.cfg.Timing.KeepWire), now.Add(-r.cfg.Timing.KeepRow), record.MaxLimit)
			return err
		})
		if err != nil || n < record.MaxLimit {
			return err
		}
	}
	return nil
}
