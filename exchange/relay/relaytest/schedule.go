package relaytest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"sarhad/exchange/relay"
	"sarhad/record"
)

// Counts is what happened in schedules, so that a test can see that it was what it meant to play.
type Counts struct {
	Sent, Taken, Refused, Crashes, Restores, Outages, HubLost, Gone int
}

// Add sums counts.
func (c *Counts) Add(o Counts) {
	c.Sent += o.Sent
	c.Taken += o.Taken
	c.Refused += o.Refused
	c.Crashes += o.Crashes
	c.Restores += o.Restores
	c.Outages += o.Outages
	c.HubLost += o.HubLost
	c.Gone += o.Gone
}

// node is one node of a schedule. It is killed by its store: from some step on, every call fails.
type node struct {
	name   string
	peer   string
	store  *Store
	hub    *Hub
	skew   time.Duration
	cancel context.CancelFunc
	ended  chan struct{}
	relay  *relay.Relay

	mu     sync.Mutex
	rnd    *rand.Rand
	steps  int // left until it is killed; 0 = it is not
	dead   bool
	killed chan struct{}
	lives  int
	backup *Backup
	unwell float64 // how often a handler or the store cannot
}

var errKilled = errors.New("killed")

func newNode(name, peer string, hub *Hub, seed uint64, skew time.Duration) *node {
	n := &node{name: name, peer: peer, hub: hub, skew: skew, rnd: rand.New(rand.NewPCG(seed, 2)), store: NewStore(name + "-life-1"), lives: 1}
	n.store.Rand = &seeded{rnd: rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8), byte(seed >> 16), byte(seed >> 24), name[0]})}
	n.store.Now = n.now
	n.store.Step = n.step
	return n
}

// seeded is randomness for many goroutines.
type seeded struct {
	mu  sync.Mutex
	rnd *rand.ChaCha8
}

func (s *seeded) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rnd.Read(p)
}

func (n *node) now() time.Time { return time.Now().Add(n.skew) }

// step is asked before and after each act.
func (n *node) step(bool) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.dead {
		return errKilled
	}
	if n.steps > 0 {
		if n.steps--; n.steps == 0 {
			n.dead = true
			n.cancel()
			close(n.killed)
			return errKilled
		}
	}
	if n.unwell > 0 && n.rnd.Float64() < n.unwell/4 {
		return record.Errorf(record.Unavailable, "the disk of this node is full")
	}
	return nil
}

// timing is quick where nobody looks and slow where a wait costs the test time.
func timing() relay.Timing {
	return relay.Timing{Poll: 10 * time.Minute, Sweep: 40 * time.Second, Beat: time.Minute, Resend: 2 * time.Minute, Ask: 30 * time.Second, AskAgain: time.Minute, ResendBlind: time.Hour, How: 3 * time.Minute}
}

// start starts the node; it is killed after some steps, 0 = never.
func (n *node) start(killAfter int) error {
	n.mu.Lock()
	n.dead, n.steps, n.killed = false, killAfter, make(chan struct{})
	n.mu.Unlock()
	r, err := relay.New(relay.Config{Node: n.name, Store: n.store, Bearer: n.hub.Bearer(n.name), Seal: Seal(n.name), Open: Open(n.name), Now: n.now, Rand: n.store.Rand,
		Partners: func() []string { return []string{n.peer} }, Timing: timing()})
	if err != nil {
		return err
	}
	r.Handle("test", n.take)
	n.relay = r
	ctx, cancel := context.WithCancel(context.Background())
	n.mu.Lock()
	n.cancel, n.ended = cancel, make(chan struct{})
	n.mu.Unlock()
	go func() {
		defer close(n.ended)
		r.Run(ctx)
	}()
	return nil
}

// stop kills the node where it is.
func (n *node) stop() {
	n.mu.Lock()
	if !n.dead {
		n.dead = true
		n.cancel()
	}
	n.mu.Unlock()
	<-n.ended
}

// take is the handler: it leaves one record for each message in the act.
func (n *node) take(_ context.Context, tx record.Tx, a record.Arrival) (bool, error) {
	n.mu.Lock()
	unwell := n.unwell > 0 && n.rnd.Float64() < n.unwell
	n.mu.Unlock()
	if unwell {
		return false, record.Errorf(record.Unavailable, "not now")
	}
	if string(a.Content) == "refuse" {
		return false, record.Errorf(record.Forbidden, "there is no agreement for this")
	}
	if err := tx.Put(&record.Record{Kind: "taken", Key: a.ID.String()}); err != nil {
		return false, err
	}
	return true, tx.Audit(record.Act{Action: "take"})
}

// send is an act of a room. It gives an error when the node is not running.
func (n *node) send(lane record.Lane, content string) error {
	ctx := record.WithActor(context.Background(), record.Machine("room", "a"))
	err := n.store.Update(ctx, func(tx record.Tx) error {
		if err := tx.Dispatch(&record.Dispatch{To: n.peer, Lane: lane, Kind: "test", Content: []byte(content)}); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "send"})
	})
	n.relay.Wake()
	return err
}

// Play plays one schedule inside a bubble of testing/synctest: two nodes that write to each other through a hub with faults, crash at
// any step, come back from older backups; then everything heals, and what was promised must be true. The error says what was not.
func Play(seed uint64) (c Counts, err error) {
	rnd := rand.New(rand.NewPCG(seed, 3))
	hub := NewHub(seed, someFaults(rnd))
	skew := time.Duration(0)
	if rnd.IntN(4) == 0 {
		skew = time.Duration(rnd.IntN(200)-100) * time.Hour
	}
	nodes := []*node{newNode("a", "b", hub, seed, 0), newNode("b", "a", hub, seed, skew)}
	defer func() {
		for _, n := range nodes {
			n.stop()
		}
		if err != nil {
			err = fmt.Errorf("schedule %d: %w", seed, err)
		}
	}()
	for _, n := range nodes {
		if rnd.IntN(3) == 0 {
			n.unwell = 0.3
		}
		if err := n.start(someSteps(rnd)); err != nil {
			return c, err
		}
	}
	for range 2 + rnd.IntN(8) {
		play(rnd, hub, nodes, &c)
	}
	hub.Heal()
	for _, n := range nodes {
		n.stop()
		n.unwell = 0
		if err := n.start(0); err != nil {
			return c, err
		}
	}
	c.HubLost = hub.lost
	return c, settle(nodes, &c)
}

func someFaults(rnd *rand.Rand) (f Faults) {
	for _, p := range []*float64{&f.Refuse, &f.LoseWord, &f.Lose, &f.Repeat, &f.Reorder, &f.LoseAck, &f.Corrupt} {
		if rnd.IntN(2) == 0 {
			*p = rnd.Float64() * 0.5
		}
	}
	f.MostDelay = time.Duration(rnd.IntN(2000)) * time.Millisecond
	return f
}

func someSteps(rnd *rand.Rand) int {
	if rnd.IntN(2) == 0 {
		return 0
	}
	return 1 + rnd.IntN(80)
}

// play does one thing and lets some time go by.
func play(rnd *rand.Rand, hub *Hub, nodes []*node, c *Counts) {
	n := nodes[rnd.IntN(len(nodes))]
	if b := n.store.Backup(); rnd.IntN(3) == 0 {
		n.backup = &b
	}
	switch rnd.IntN(10) {
	case 0:
		hub.SetDown(rnd.IntN(2) == 0)
		c.Outages++
	case 1:
		hub.Cut(n.name, rnd.IntN(2) == 0)
		c.Outages++
	case 2, 3:
		if n.backup == nil {
			break
		}
		n.stop()
		n.lives++
		n.store.Restore(*n.backup, fmt.Sprintf("%s-life-%d", n.name, n.lives))
		c.Restores++
		_ = n.start(someSteps(rnd))
	case 4:
		hub.Burn()
	default:
		for range 1 + rnd.IntN(4) {
			content := "content"
			if rnd.IntN(8) == 0 {
				content = "refuse"
			}
			_ = n.send(record.Lanes[rnd.IntN(3)], content)
		}
	}
	time.Sleep(time.Duration(rnd.IntN(20000)) * time.Millisecond)
	for _, n := range nodes {
		select {
		case <-n.killed:
			n.stop()
			c.Crashes++
			_ = n.start(someSteps(rnd))
		default:
		}
	}
}

// settle waits until both outboxes agree with both stores, and says what does not if that takes too long.
func settle(nodes []*node, c *Counts) error {
	var last error
	for range 600 {
		if last = agree(nodes, c); last == nil {
			return nil
		}
		time.Sleep(30 * time.Second)
	}
	return last
}

// agree checks the promises by ids: what stands in an outbox was taken up once by its addressee, or refused and not taken; nothing
// was taken twice; nothing waits.
func agree(nodes []*node, c *Counts) error {
	*c = Counts{Crashes: c.Crashes, Restores: c.Restores, Outages: c.Outages, HubLost: c.HubLost}
	for i, n := range nodes {
		taken := nodes[1-i].store.Records()
		for id, times := range taken {
			if times != 1 {
				return fmt.Errorf("%s took %s up %d times", n.peer, id, times)
			}
		}
		for _, d := range n.store.Dispatches() {
			c.Sent++
			id := d.ID.String()
			switch {
			case d.State == record.DispatchOpened && taken[id] == 1:
				c.Taken++
			case d.State == record.DispatchRefused && taken[id] == 0 && d.Problem == "there is no agreement for this":
				c.Refused++
			default:
				return fmt.Errorf("%s number %d (%s, %s) from %s is %s here and was taken up %d times there", d.Lane, d.Seq, d.Incarnation, id, n.name, d.State, taken[id])
			}
		}
		gone := 0
		err := n.store.View(record.WithActor(context.Background(), record.Machine("test", "")), func(tx record.Tx) error {
			gaps, err := tx.Gaps(n.peer)
			if len(gaps) > 0 {
				return fmt.Errorf("%s misses numbers of %s: %v", n.name, n.peer, gaps)
			}
			p, _ := tx.Peer(n.peer)
			gone = int(p.Gone)
			return err
		})
		if err != nil {
			return err
		}
		c.Gone += gone
	}
	return nil
}
