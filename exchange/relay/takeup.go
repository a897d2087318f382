package relay

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"sarhad/record"
)

// taking is how far one lane's arrivals were looked at.
type taking struct {
	lane  record.Lane
	after int64
}

// stuck is an arrival whose handler could not take it.
type stuck struct {
	arrival record.Arrival // without content
	tries   int
	next    time.Time
	since   time.Time
	why     string
}

// takeUp hands new arrivals of a lane to their handlers, and those again that could not be taken before.
func (r *Relay) takeUp(ctx context.Context, t *taking) (next time.Duration) {
	kinds := slices.Sorted(maps.Keys(r.handlers))
	if len(kinds) == 0 {
		return 0
	}
	for _, n := range r.stuckNow(t.lane) {
		if err := r.again(ctx, n); err != nil {
			r.failed(ctx, "takeup", err)
			return r.cfg.Timing.Handler
		}
	}
	for ctx.Err() == nil {
		var list []record.Arrival
		err := r.view(ctx, func(tx record.Tx) (err error) {
			list, err = tx.Arrivals(record.ArrivalQuery{State: record.ArrivalNew, Lane: t.lane, Kinds: kinds, After: t.after, Limit: batch})
			return err
		})
		if err != nil {
			r.failed(ctx, "takeup", err)
			return r.cfg.Timing.Handler
		}
		for _, a := range list {
			if err := r.takeOne(ctx, a); err != nil {
				r.failed(ctx, "takeup", err)
				return r.cfg.Timing.Handler
			}
			t.after = a.Number
		}
		if len(list) < batch {
			break
		}
	}
	return r.stuckNext(t.lane)
}

// errSettled ends the act of an arrival that was settled by somebody else meanwhile.
var errSettled = errors.New("settled already")

// takeOne hands one arrival to its handler. What it gives is a failure of the store: the arrival is to be tried again.
func (r *Relay) takeOne(ctx context.Context, a record.Arrival) error {
	err := r.handle(ctx, a)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	switch record.KindOf(err) {
	case "":
		r.unstick(a.Number)
		return nil
	case record.Invalid, record.Forbidden, record.NotFound, record.NoPurpose:
		r.cfg.Log.Info("relay: a message is refused", "peer", a.From, "id", a.ID, "kind", a.Kind, "err", err)
		if err := r.refuse(ctx, a, abridge(record.MessageOf(err))); err != nil {
			r.stick(a, err)
			return nil
		}
		r.unstick(a.Number)
		return nil
	}
	r.stick(a, err)
	return nil
}

// handle is the act of a handler. Nobody waits for it but in the flash lane: should a power failure take it away, the arrival is on the disk
// and is taken up once more.
func (r *Relay) handle(ctx context.Context, a record.Arrival) error {
	err := r.note(ctx, a.Lane, func(tx record.Tx) (err error) {
		list, err := tx.Arrivals(record.ArrivalQuery{From: a.From, ID: a.ID, Full: true})
		if err != nil {
			return &record.Error{Kind: record.Unavailable, Message: "the message could not be read from the store", Err: err}
		}
		if len(list) != 1 || list[0].State != record.ArrivalNew {
			return errSettled
		}
		if list[0].Content == nil {
			_, err := tx.Settle(a.Number, record.ArrivalDone, "what it speaks of was erased here before it was taken up")
			return err
		}
		opened, err := r.callHandler(ctx, tx, list[0])
		if err != nil {
			return err
		}
		if _, err := tx.Settle(a.Number, record.ArrivalDone, ""); err != nil {
			return unavailable(err)
		}
		if opened {
			return unavailable(tx.Owe(record.Receipt{To: a.From, Lane: receiptLane(a.Lane), ID: a.ID, State: record.DispatchOpened}))
		}
		return nil
	})
	if errors.Is(err, errSettled) {
		return nil
	}
	if err == nil {
		r.wake("receipts")
	}
	return err
}

// unavailable keeps an error of the store from being taken for a refusal of the handler.
func unavailable(err error) error {
	if err == nil {
		return nil
	}
	return &record.Error{Kind: record.Unavailable, Message: "the store could not keep what became of a message", Err: err}
}

// callHandler keeps a panic of a handler from stopping the lane.
func (r *Relay) callHandler(ctx context.Context, tx record.Tx, a record.Arrival) (opened bool, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &record.Error{Kind: record.Internal, Message: "the part that takes this message up failed", Err: fmt.Errorf("panic: %v", p)}
		}
	}()
	return r.handlers[a.Kind](ctx, tx, a)
}

// refuse settles an arrival as refused and tells the sender why.
func (r *Relay) refuse(ctx context.Context, a record.Arrival, why string) error {
	err := r.update(ctx, func(tx record.Tx) error {
		settled, err := tx.Settle(a.Number, record.ArrivalRefused, why)
		if err != nil || !settled {
			return err
		}
		return tx.Owe(record.Receipt{To: a.From, Lane: receiptLane(a.Lane), ID: a.ID, State: record.DispatchRefused, Problem: why})
	})
	if err == nil {
		r.wake("receipts")
	}
	return err
}

func (r *Relay) stick(a record.Arrival, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.cfg.Now()
	s := r.stuck[a.Number]
	if s == nil {
		s = &stuck{arrival: a, since: now}
		r.stuck[a.Number] = s
		r.cfg.Log.Warn("relay: a message could not be taken up and is tried again", "peer", a.From, "id", a.ID, "kind", a.Kind, "err", err)
	}
	s.tries++
	s.why, s.next = record.MessageOf(err), now.Add(doubled(r.cfg.Timing.Handler, s.tries, r.cfg.Timing.HandlerMost))
}

func (r *Relay) unstick(number int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.stuck, number)
}

// stuckNow gives the arrivals of a lane whose time has come, oldest first.
func (r *Relay) stuckNow(l record.Lane) (out []record.Arrival) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.cfg.Now()
	for _, n := range slices.Sorted(maps.Keys(r.stuck)) {
		if s := r.stuck[n]; s.arrival.Lane == l && !s.next.After(now) {
			out = append(out, s.arrival)
		}
	}
	return out
}

func (r *Relay) stuckNext(l record.Lane) (next time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.cfg.Now()
	for _, s := range r.stuck {
		if s.arrival.Lane == l {
			next = soonest(next, max(s.next.Sub(now), time.Millisecond))
		}
	}
	return next
}

func (r *Relay) again(ctx context.Context, a record.Arrival) error { return r.takeOne(ctx, a) }
