package relay

import (
	"context"
	"errors"
	"sync"
	"time"

	"sarhad/record"
)

// batch is how many messages of one peer go through one act; enough to share a sync of the disk, few enough for other peers.
const batch = 64

// peers gives the nodes that something may wait for, those of this lane whose messages failed just now left out, and when the
// first of these is tried again.
func (r *Relay) peers(tx record.Tx, l *lane) (names []string, next time.Duration, err error) {
	all, err := tx.PeerNames()
	if err != nil {
		return nil, 0, err
	}
	now := r.cfg.Now()
	for _, name := range all {
		wait := time.Duration(0)
		if l != nil {
			wait = l.holds(name, now)
		}
		if wait > 0 {
			next = soonest(next, wait)
			continue
		}
		names = append(names, name)
	}
	return names, next, nil
}

// soonest gives the shorter of two waits, of which 0 is none.
func soonest(a, b time.Duration) time.Duration {
	if a <= 0 || b > 0 && b < a {
		return b
	}
	return a
}

func (l *lane) holds(peer string, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.held[peer].until.Sub(now)
}

func (l *lane) failed(peer string, now time.Time, wait func(tries int) time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	h := l.held[peer]
	if h.until.After(now) {
		return // of the same moment
	}
	h.tries++
	h.until = now.Add(wait(h.tries))
	l.held[peer] = h
}

func (l *lane) worked(peer string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.held, peer)
}

// sealLane seals what is queued in a lane, until nothing is left that can be.
func (r *Relay) sealLane(ctx context.Context, l *lane) (next time.Duration) {
	for ctx.Err() == nil {
		list, err := r.queued(ctx, l.name)
		if err != nil {
			r.failed(ctx, "seal", err)
			return r.cfg.Timing.RoutineRetry
		}
		steps := make([]record.Step, 0, len(list))
		refused := map[string]error{}
		for _, d := range list {
			if refused[d.To] != nil {
				continue
			}
			if IsService(d.Kind) && !d.Service {
				steps = append(steps, record.Step{ID: d.ID, State: record.DispatchRefused, Problem: "messages of this kind are the relay's own"})
				continue
			}
			wire, err := r.cfg.Seal(ctx, d)
			if err != nil {
				refused[d.To] = err
				continue
			}
			steps = append(steps, record.Step{ID: d.ID, State: record.DispatchSealed, Wire: wire})
		}
		r.waiting(ctx, list, refused)
		if len(refused) > 0 {
			next = soonest(next, r.cfg.Timing.RetryMost)
		}
		if len(steps) == 0 {
			return next
		}
		if err := r.advance(ctx, l.name, steps); err != nil {
			r.failed(ctx, "seal", err)
			return r.cfg.Timing.RoutineRetry
		}
		r.wake("publish " + string(l.name))
		if len(list) < batch { // no peer can have more; what came meanwhile woke us
			return next
		}
	}
	return 0
}

// waiting remembers why messages of a peer cannot be sealed, for the queue screen.
func (r *Relay) waiting(ctx context.Context, list []record.Dispatch, refused map[string]error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, d := range list {
		err := refused[d.To]
		if err == nil {
			delete(r.waits, d.To)
			continue
		}
		p, known := r.waits[d.To]
		if !known && ctx.Err() == nil {
			p.since = r.cfg.Now()
			r.cfg.Log.Warn("relay: messages cannot be sealed and wait", "peer", d.To, "err", err)
		}
		p.text = record.MessageOf(err)
		r.waits[d.To] = p
	}
}

// queued gives what is to be sealed in a lane, some of each peer.
func (r *Relay) queued(ctx context.Context, l record.Lane) (list []record.Dispatch, err error) {
	err = r.view(ctx, func(tx record.Tx) error {
		list = nil
		names, _, err := r.peers(tx, nil)
		for _, p := range names {
			if err != nil {
				break
			}
			var some []record.Dispatch
			some, err = tx.Dispatches(record.DispatchQuery{State: record.DispatchQueued, To: p, Lane: l, Service: true, Full: true, Limit: batch})
			list = append(list, some...)
		}
		return err
	})
	return list, err
}

// publishLane hands over what is due in a lane, until nothing is left that can be.
func (r *Relay) publishLane(ctx context.Context, l *lane) time.Duration {
	for ctx.Err() == nil {
		list, more, next, err := r.due(ctx, l)
		if err != nil {
			r.failed(ctx, "publish", err)
			return r.cfg.Timing.FlashRetry
		}
		if len(list) == 0 {
			return next
		}
		steps := r.publishAll(ctx, l, list)
		if len(steps) == 0 {
			continue
		}
		if err := r.advance(ctx, l.name, steps); err != nil {
			r.failed(ctx, "publish", err)
			return r.cfg.Timing.FlashRetry // they go once more, under the same ids
		}
		if !more && len(steps) == len(list) {
			return next
		}
	}
	return 0
}

// due gives what is to be published in a lane, peers in turn, as much as fits into the window; more tells that there is more.
func (r *Relay) due(ctx context.Context, l *lane) (list []record.Dispatch, more bool, next time.Duration, err error) {
	var of [][]record.Dispatch
	err = r.view(ctx, func(tx record.Tx) error {
		var names []string
		of, more = nil, false
		names, next, err = r.peers(tx, l)
		if err != nil {
			return err
		}
		for _, p := range names {
			some, err := tx.Dispatches(record.DispatchQuery{Due: true, To: p, Lane: l.name, Full: true, Limit: maxFlight})
			if err != nil {
				return err
			}
			more = more || len(some) == maxFlight
			if len(some) > 0 {
				of = append(of, some)
			}
		}
		return nil
	})
	list, cut := inTurn(of, l.window.bytes())
	return list, more || cut, next, err
}

// inTurn takes one message of each peer, then the next, as long as the bytes last; the first one goes however long it is.
func inTurn(of [][]record.Dispatch, bytes int) (list []record.Dispatch, cut bool) {
	for i := 0; ; i++ {
		some := false
		for _, peer := range of {
			if i >= len(peer) {
				continue
			}
			if bytes -= len(peer[i].Wire); len(list) == maxFlight || bytes < 0 && len(list) > 0 {
				return list, true
			}
			list, some = append(list, peer[i]), true
		}
		if !some {
			return list, false
		}
	}
}

// publishAll hands messages over at once, and gives the steps of those that the far side has.
func (r *Relay) publishAll(ctx context.Context, l *lane, list []record.Dispatch) (steps []record.Step) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	sent := 0
	for _, d := range list {
		sent += len(d.Wire)
	}
	full := sent*2 >= l.window.bytes()
	for _, d := range list {
		if l.name != record.Flash && r.bucket.take(ctx, len(d.Wire)) != nil {
			break
		}
		wg.Go(func() {
			began := r.cfg.Now()
			err := r.publish(ctx, l.name, d.ID, d.Wire)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				l.failed(d.To, r.cfg.Now(), func(tries int) time.Duration { return r.cfg.Timing.retry(l.name, tries) })
				return
			}
			if full {
				l.window.took(r.cfg.Now().Sub(began))
			}
			l.worked(d.To)
			steps = append(steps, record.Step{ID: d.ID, State: record.DispatchAccepted, Tried: true})
		})
	}
	wg.Wait()
	return steps
}

func (r *Relay) publish(ctx context.Context, l record.Lane, id record.ID, wire []byte) error {
	ctx, cancel := context.WithTimeout(ctx, r.cfg.Timing.Publish)
	defer cancel()
	if r.cfg.Direct != nil && r.cfg.Direct(ctx, wire) {
		return nil
	}
	err := r.cfg.Bearer.Publish(ctx, l, id, wire)
	if err == nil || !errors.Is(err, context.Canceled) {
		r.line(err == nil)
	}
	return err
}

// advance stores steps of messages in one act. What is gone meanwhile is left out.
func (r *Relay) advance(ctx context.Context, l record.Lane, steps []record.Step) error {
	return r.note(ctx, l, func(tx record.Tx) error {
		for _, s := range steps {
			if _, err := tx.Advance(s); err != nil && record.KindOf(err) != record.NotFound {
				return err
			}
		}
		return nil
	})
}

// Accepted tells that the hub signed a receipt for a message: it has it on disk. It is for receipts that come apart from the answer
// to Publish; signed is kept with the message. An id that is not ours is NotFound.
func (r *Relay) Accepted(ctx context.Context, id record.ID, signed []byte) (err error) {
	defer record.Wrap(&err, "relay.Accepted(%s)", id)
	ctx = record.WithActor(ctx, record.Machine("relay", ""))
	return r.update(ctx, func(tx record.Tx) error {
		_, err := tx.Advance(record.Step{ID: id, State: record.DispatchAccepted, Receipt: signed, Tried: true})
		return err
	})
}
