package relaytest

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"sarhad/exchange/relay"
	"sarhad/record"
)

// Line is a thin line between a node and a bearer, first in first out, shared by the lanes, each of which has a connection of its
// own: a lost packet costs that connection a round trip, as TCP sends it again, and holds up what comes after it there.
type Line struct {
	Bearer relay.Bearer
	Trip   time.Duration // round trip
	Bits   int64         // per second, each way
	Loss   float64       // of packets, 0 to 1

	mu     sync.Mutex
	rnd    *rand.Rand
	up     bool
	since  int // grows with each change
	change chan struct{}
	busy   [2]time.Time // there, back
	last   map[direction]time.Time
	Bytes  int64 // carried there
}

type direction struct {
	lane record.Lane
	way  int
}

// NewLine makes a line that is down.
func NewLine(b relay.Bearer, seed uint64, trip time.Duration, bits int64, loss float64) *Line {
	return &Line{Bearer: b, Trip: trip, Bits: bits, Loss: loss, rnd: rand.New(rand.NewPCG(seed, 4)), change: make(chan struct{}), last: map[direction]time.Time{}}
}

// SetUp connects the line or cuts it. What is under way when it is cut is lost.
func (l *Line) SetUp(up bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.up == up {
		return
	}
	l.up, l.busy = up, [2]time.Time{}
	l.since++
	clear(l.last)
	close(l.change)
	l.change = make(chan struct{})
}

// packet is what one packet of TCP carries, in bytes.
const packet = 1200

// carry waits until n bytes are at the other end. It fails when the line is cut before.
func (l *Line) carry(ctx context.Context, lane record.Lane, way, n int) error {
	l.mu.Lock()
	if !l.up {
		l.mu.Unlock()
		return errDown
	}
	since, change := l.since, l.change
	now := time.Now()
	if l.busy[way].Before(now) {
		l.busy[way] = now
	}
	l.busy[way] = l.busy[way].Add(time.Duration(int64(n) * 8 * int64(time.Second) / l.Bits))
	at := l.busy[way].Add(l.Trip / 2)
	for range n/packet + 1 {
		if l.rnd.Float64() < l.Loss {
			at = at.Add(l.Trip)
		}
	}
	k := direction{lane, way}
	if at.Before(l.last[k]) {
		at = l.last[k]
	}
	l.last[k] = at
	l.mu.Unlock()
	t := time.NewTimer(at.Sub(now))
	defer t.Stop()
	select {
	case <-t.C:
	case <-change:
		return errDown
	case <-ctx.Done():
		return ctx.Err()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.since != since {
		return errDown
	}
	if way == 0 {
		l.Bytes += int64(n)
	}
	return nil
}

// word is what an acknowledgement takes on the line, in bytes.
const word = 60

// Publish implements relay.Bearer.
func (l *Line) Publish(ctx context.Context, lane record.Lane, id record.ID, wire []byte) error {
	if err := l.carry(ctx, lane, 0, len(wire)); err != nil {
		return err
	}
	if err := l.Bearer.Publish(ctx, lane, id, wire); err != nil {
		return err
	}
	return l.carry(ctx, lane, 1, word)
}

// Fetch implements relay.Bearer.
func (l *Line) Fetch(ctx context.Context, lane record.Lane, n int) ([]relay.Delivery, error) {
	if err := l.await(ctx); err != nil {
		return nil, err
	}
	list, err := l.Bearer.Fetch(ctx, lane, n)
	if err != nil {
		return nil, err
	}
	size := 0
	for i, d := range list {
		size += len(d.Wire)
		list[i].Ack = func(ctx context.Context) error {
			if err := l.carry(ctx, lane, 0, word); err != nil {
				return err
			}
			return d.Ack(ctx)
		}
	}
	return list, l.carry(ctx, lane, 1, size)
}

func (l *Line) await(ctx context.Context) error {
	for {
		l.mu.Lock()
		up, change := l.up, l.change
		l.mu.Unlock()
		if up {
			return nil
		}
		select {
		case <-change:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
