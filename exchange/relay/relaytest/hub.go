package relaytest

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"sarhad/exchange/relay"
	"sarhad/record"
)

// Faults say what goes wrong at a hub, each as a probability from 0 to 1.
type Faults struct {
	Refuse    float64       // a publish fails and nothing is stored
	LoseWord  float64       // it is stored and the sender does not hear of it
	Lose      float64       // the hub says it has it and loses it
	Repeat    float64       // it is stored twice
	Reorder   float64       // it goes before others
	LoseAck   float64       // an acknowledgement is lost
	Corrupt   float64       // a byte is changed on the way
	MostDelay time.Duration // each step takes up to it
}

// Hub is a hub in memory, safe for many nodes. It forgets an envelope when its one delivery is acknowledged, and delivers it again
// after AckWait without it.
type Hub struct {
	AckWait time.Duration

	// Seen, if not nil, is told of each envelope that was stored, with the lock held. What it gives for false is not stored, though
	// the sender believes it.
	Seen func(to string, lane record.Lane, wire []byte) bool

	mu     sync.Mutex
	rnd    *rand.Rand
	faults Faults
	down   bool
	links  map[string]bool // nodes whose link is cut
	boxes  map[box]*queue
	change chan struct{} // closed when anything changed

	published, lost int
}

type box struct {
	to   string
	lane record.Lane
}

type queue struct{ list []*letter }

type letter struct {
	wire  []byte
	until time.Time // delivered and not acknowledged before then
}

// NewHub makes a hub whose faults follow a seed.
func NewHub(seed uint64, f Faults) *Hub {
	return &Hub{AckWait: 30 * time.Second, rnd: rand.New(rand.NewPCG(seed, 1)), faults: f, links: map[string]bool{}, boxes: map[box]*queue{}, change: make(chan struct{})}
}

// Heal ends all faults.
func (h *Hub) Heal() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.faults, h.down = Faults{}, false
	clear(h.links)
	h.changed()
}

// SetDown makes the hub unreachable for everybody, or reachable again.
func (h *Hub) SetDown(down bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.down = down
	h.changed()
}

// Cut cuts the link of a node, or mends it.
func (h *Hub) Cut(node string, cut bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.links[node] = cut
	h.changed()
}

// Waiting counts what lies at the hub.
func (h *Hub) Waiting() (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, q := range h.boxes {
		n += len(q.list)
	}
	return n
}

// Inject lays an envelope into a node's box, as a hostile hub can.
func (h *Hub) Inject(to string, lane record.Lane, wire []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	at := box{to, lane}
	if h.boxes[at] == nil {
		h.boxes[at] = &queue{}
	}
	h.boxes[at].list = append(h.boxes[at].list, &letter{wire: wire})
	h.changed()
}

// Burn loses everything that lies at the hub.
func (h *Hub) Burn() {
	h.mu.Lock()
	defer h.mu.Unlock()
	clear(h.boxes)
}

func (h *Hub) changed() {
	close(h.change)
	h.change = make(chan struct{})
}

// Bearer is a node's way to the hub.
func (h *Hub) Bearer(node string) relay.Bearer { return &bearer{h, node} }

type bearer struct {
	hub  *Hub
	node string
}

var errDown = errors.New("the hub cannot be reached")

func (h *Hub) chance(p float64) bool { return p > 0 && h.rnd.Float64() < p }

func (h *Hub) pause(ctx context.Context) error {
	h.mu.Lock()
	d := time.Duration(0)
	if h.faults.MostDelay > 0 {
		d = time.Duration(h.rnd.Int64N(int64(h.faults.MostDelay)))
	}
	h.mu.Unlock()
	if d == 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Publish implements relay.Bearer.
func (b *bearer) Publish(ctx context.Context, _ record.Lane, _ record.ID, wire []byte) error {
	h := b.hub
	if err := h.pause(ctx); err != nil {
		return err
	}
	to, lane, _, err := Header(wire)
	if err != nil {
		return err
	}
	lost, err := h.put(b.node, box{to, lane}, wire)
	if err != nil {
		return err
	}
	if err := h.pause(ctx); err != nil {
		return err
	}
	if lost {
		return errDown
	}
	return nil
}

func (h *Hub) put(from string, to box, wire []byte) (lost bool, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.down || h.links[from] || h.chance(h.faults.Refuse) {
		return false, errDown
	}
	h.published++
	if h.Seen != nil && !h.Seen(to.to, to.lane, wire) {
		h.lost++
		return false, nil
	}
	if h.chance(h.faults.Lose) {
		h.lost++
		return false, nil
	}
	copies := 1
	if h.chance(h.faults.Repeat) {
		copies = 2
	}
	q := h.boxes[to]
	if q == nil {
		q = &queue{}
		h.boxes[to] = q
	}
	if h.chance(h.faults.Corrupt) {
		wire = append([]byte(nil), wire...)
		wire[len(wire)-1-h.rnd.IntN(8)] ^= 1
	}
	for range copies {
		at := len(q.list)
		if h.chance(h.faults.Reorder) {
			at = h.rnd.IntN(at + 1)
		}
		q.list = append(q.list, nil)
		copy(q.list[at+1:], q.list[at:])
		q.list[at] = &letter{wire: wire}
	}
	h.changed()
	return h.chance(h.faults.LoseWord), nil
}

// Fetch implements relay.Bearer.
func (b *bearer) Fetch(ctx context.Context, lane record.Lane, n int) ([]relay.Delivery, error) {
	h := b.hub
	for {
		out, change, next := h.take(b.node, box{b.node, lane}, n)
		if len(out) > 0 {
			return out, h.pause(ctx)
		}
		var again <-chan time.Time
		var timer *time.Timer
		if next > 0 {
			timer = time.NewTimer(next)
			again = timer.C
		}
		select {
		case <-change:
		case <-again:
		case <-ctx.Done():
		}
		if timer != nil {
			timer.Stop()
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
}

// take gives what can be delivered now, else what to wait for.
func (h *Hub) take(node string, at box, n int) (out []relay.Delivery, change <-chan struct{}, next time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	q := h.boxes[at]
	if q == nil || h.down || h.links[node] {
		return nil, h.change, 0
	}
	now := time.Now()
	for _, l := range q.list {
		if l.until.After(now) {
			if wait := l.until.Sub(now); next == 0 || wait < next {
				next = wait
			}
			continue
		}
		if len(out) < n {
			l.until = now.Add(h.AckWait)
			out = append(out, relay.Delivery{Wire: l.wire, Ack: func(context.Context) error { return h.ack(node, at, l) }})
		}
	}
	return out, h.change, next
}

func (h *Hub) ack(node string, at box, l *letter) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.down || h.links[node] || h.chance(h.faults.LoseAck) {
		return errDown
	}
	q := h.boxes[at]
	if q == nil {
		return nil
	}
	for i, x := range q.list {
		if x == l {
			q.list = append(q.list[:i:i], q.list[i+1:]...)
			return nil
		}
	}
	return nil
}
