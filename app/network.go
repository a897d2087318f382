package app

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"sarhad/exchange/directory"
	"sarhad/exchange/relay"
	"sarhad/internal/bus"
	"sarhad/internal/config"
	"sarhad/record"
)

// stagingDir is where large files that come in are put together.
const stagingDir = "staging"

// Network is what joins a serving node to the others: the directory, the relay, and the line to the hub or the hub itself. A node
// that no directory knows keeps what it dispatches until one does.
type Network struct {
	Relay *relay.Relay

	a       *App
	dir     *directory.Directory
	talk    *directory.Talk
	said    chan said // messages about the directory, taken up outside of acts
	denials chan denial
	look    chan struct{}
	twins   *twins // on the same local network
	files   *files // of shared records

	mu     sync.Mutex
	keys   transport
	line   *bus.Line       // nil before the directory knows our keys
	left   context.Context // ends when line is left for another
	leave  func()
	hub    *bus.Hub // nil on what is no hub
	broken string   // why the line or the hub could not be opened, in words
	paused bool     // see Pause
	told   accepted
}

// said is a message of another node about the directory.
type said struct {
	from string
	body []byte
}

// makeNetwork makes the network of a node that is about to serve; nothing is opened yet.
func (a *App) makeNetwork(ctx context.Context) error {
	d, err := a.Directory(ctx)
	if err != nil {
		return err
	}
	n := &Network{a: a, dir: d, said: make(chan said, 64), denials: make(chan denial, 64), look: make(chan struct{}, 1), paused: a.opt.Cut}
	n.talk = &directory.Talk{Directory: d}
	n.twins, n.files = newTwins(n), &files{a: a, at: map[record.ID]*readFile{}}
	n.Relay, err = relay.New(relay.Config{
		Node: a.Config.Name, Store: a.Store, Bearer: bearer{n}, Seal: n.seal, Open: n.open, Addressee: addressee, Direct: n.twins.hand, Arrived: n.copyIn, Source: a.source, Admit: a.admit, ToldFile: n.toldFile, TookFile: func(f record.Freight) { n.files.forget(context.Background(), f.ID) },
		Partners: n.partners, Head: n.head, Checkpoint: a.newestCheckpoint, Heard: n.heard, Hub: n.isHub,
		Staging: filepath.Join(a.Config.DataDir, stagingDir), Version: Version, Reads: readsList(),
		BulkCap: a.Config.BulkRate(), Now: a.opt.Now, Rand: rand.Reader, Log: a.opt.Log, Timing: a.opt.Timing,
	})
	if err != nil {
		return err
	}
	n.Relay.Handle(directory.MessageKind, n.takeSaid)
	n.Relay.Handle(copyKind, n.takeCopy)
	n.Relay.HandleFile(fileKind, n.files.take)
	n.takeShared()
	for kind, h := range a.opt.Handlers {
		n.Relay.Handle(kind, h)
	}
	a.who.submit = n.submit
	a.Network = n
	return nil
}

// run joins the network as soon as the directory knows this node, and stays in it until ctx ends.
func (n *Network) run(ctx context.Context) {
	n.dir.OnChange(n.wake)
	var parts sync.WaitGroup
	parts.Go(func() { n.Relay.Run(ctx) })
	parts.Go(func() { n.upkeep(ctx) })
	parts.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-n.a.mailed.some:
				n.Relay.Wake(n.a.mailed.take()...)
			}
		}
	})
	for tick := time.NewTicker(upkeepEvery); ; {
		n.open1(ctx)
		select {
		case <-ctx.Done():
			tick.Stop()
			n.close()
			parts.Wait()
			return
		case <-n.look:
		case <-tick.C:
		}
	}
}

func (n *Network) wake() { signal(n.look) }

// signal wakes whoever waits at a channel of one place; it never waits itself.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// open1 opens what is not open yet and follows the directory.
func (n *Network) open1(ctx context.Context) {
	if n.dir.Identity() == "" {
		return
	}
	err := n.loadKeys()
	if err == nil && n.a.Config.Role == config.Hub && n.a.Config.HubListen != "" {
		err = n.openHub(ctx)
	}
	if err == nil {
		err = errors.Join(n.twins.listen(ctx), n.openLine())
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	was := n.broken
	n.broken = ""
	if err != nil && ctx.Err() == nil {
		n.broken = record.MessageOf(err)
		if was != n.broken {
			n.a.opt.Log.Warn("network: not joined yet", "err", err)
		}
	}
}

func (n *Network) close() {
	n.twins.close()
	n.mu.Lock()
	defer n.mu.Unlock()
	n.drop()
	if n.hub != nil {
		n.hub.Close()
	}
	n.hub = nil
}

// openLine connects to the hub; new keys, another address or another authority of the hub make a new line.
func (n *Network) openLine() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.paused {
		return nil
	}
	cfg, err := n.lineConfig()
	if err != nil {
		return err
	}
	as := fmt.Sprintf("%s %v %x", n.keys.current.Name, cfg.Ways, n.keys.authority)
	if n.line != nil && n.keys.line == as {
		return nil
	}
	line, err := bus.Dial(cfg)
	if err != nil {
		return err
	}
	n.drop()
	n.line, n.keys.line = line, as
	n.left, n.leave = context.WithCancel(context.Background())
	return nil
}

// drop closes the line, and lets go who waits at it: they would wait for ever.
func (n *Network) drop() {
	if n.line != nil {
		n.leave()
		n.line.Close()
	}
	n.line = nil
}

// lineConfig says how the hub is reached: as the settings say, else as the directory does.
func (n *Network) lineConfig() (cfg bus.LineConfig, err error) {
	certificate, err := n.keys.current.Certificate()
	if err != nil {
		return cfg, err
	}
	cfg = bus.LineConfig{Node: n.a.Config.Name, Seed: []byte(n.keys.current.Line), Certificate: certificate,
		Log: n.a.opt.Log, Now: n.a.opt.Now, Rand: rand.Reader,
		Changed: func(s bus.State) {
			if s.Up {
				n.Relay.LineUp()
			}
		}}
	if cfg.Ways, cfg.Roots, err = n.ways(); err != nil {
		return cfg, err
	}
	return cfg, nil
}

// bearer gives the relay the line as far as it is open.
type bearer struct{ n *Network }

var errNoLine = record.Errorf(record.Unavailable, "there is no line to a hub yet: the directory does not know this node, or names no hub")

var errNoWay = record.Errorf(record.Unavailable, "neither the twin nor the hub answers")

// up reports whether the line to the hub works in a lane.
func (n *Network) up(lane record.Lane) bool {
	n.mu.Lock()
	line := n.line
	n.mu.Unlock()
	return line != nil && slices.ContainsFunc(line.States(), func(s bus.State) bool { return s.Lane == lane && s.Up })
}

// lineNow gives the line, and a context that ends with ctx or when the line is left for one with newer keys.
func (b bearer) lineNow(ctx context.Context) (line *bus.Line, until context.Context, done func(), err error) {
	b.n.mu.Lock()
	defer b.n.mu.Unlock()
	if b.n.line == nil {
		return nil, ctx, nil, errNoLine
	}
	until, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(b.n.left, cancel)
	return b.n.line, until, func() { stop(); cancel() }, nil
}

func (b bearer) Publish(ctx context.Context, lane record.Lane, id record.ID, wire []byte) error {
	line, ctx, done, err := b.lineNow(ctx)
	if err != nil {
		return err
	}
	defer done()
	if to, err := addressee(wire); err == nil && b.n.twins.at[to] != "" && !b.n.up(lane) {
		return errNoWay // waiting for the line would keep it from the twin
	}
	return line.Publish(ctx, lane, id, wire)
}

func (b bearer) Fetch(ctx context.Context, lane record.Lane, n int) ([]relay.Delivery, error) {
	line, until, done, err := b.lineNow(ctx)
	if err != nil { // nothing comes before there is a line
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(time.Second):
			return nil, nil
		}
	}
	defer done()
	came, err := line.Fetch(until, lane, n)
	if err != nil && ctx.Err() == nil && until.Err() != nil {
		return nil, nil // there is another line now
	}
	out := make([]relay.Delivery, len(came))
	for i, m := range came {
		out[i] = relay.Delivery{Wire: m.Wire, Ack: m.Ack}
	}
	return out, err
}

// partners are the machines that the directory knows beside this one.
func (n *Network) partners() (out []string) {
	for _, p := range n.dir.Parties() {
		if machine(p) && p.ID != n.a.Config.Name {
			out = append(out, p.ID)
		}
	}
	return out
}

// machine reports whether a party counts now and has keys to talk with.
func machine(p directory.Entry) bool {
	return p.State == directory.Current && talks(p)
}

// talks reports whether a party is a machine.
func talks(p directory.Entry) bool {
	return p.Type == directory.Node || p.Type == directory.Outpost || p.Type == directory.Hub
}

func (n *Network) isHub(id string) bool {
	p, err := n.dir.Party(id)
	return err == nil && p.Type == directory.Hub
}

// head is the head of our directory for a heartbeat, with the proof that it contains the one that the peer showed last.
func (n *Network) head(peer record.Peer) string {
	if n.dir.Identity() == "" {
		return ""
	}
	var shown directory.Head
	_ = json.Unmarshal([]byte(peer.Directory), &shown) // one that cannot be read proves nothing
	h, err := n.dir.Head(shown.Size())
	if err != nil {
		return ""
	}
	text, err := json.Marshal(h)
	if err != nil {
		return ""
	}
	return string(text)
}

// newestCheckpoint is the text of the newest checkpoint of the log of acts, so that other nodes can later say what it was.
func (a *App) newestCheckpoint() string {
	c, err := a.Store.LastCheckpoint(context.Background())
	if err != nil {
		return ""
	}
	return string(c.Text)
}

// readsList says which kinds and versions this program reads, as "kind@version".
func readsList() (out []string) {
	for _, b := range Types().Each() {
		out = append(out, fmt.Sprintf("%s@%d", b.Kind(), b.Version()))
	}
	slices.Sort(out)
	return out
}

// HubAddr is where this hub takes nodes in, host:port; "" when it is none, or not open.
func (n *Network) HubAddr() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.hub == nil {
		return ""
	}
	return config.LocalAddress(n.hub.Addr())
}

// Entered counts the connections of each node at this hub; nil when it is none.
func (n *Network) Entered() map[string]int {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.hub == nil {
		return nil
	}
	return n.hub.Lines()
}

// mailed gathers in which lanes something was dispatched since somebody looked.
type mailed struct {
	some  chan struct{}
	mu    sync.Mutex
	lanes []record.Lane
}

func newMailed() *mailed { return &mailed{some: make(chan struct{}, 1)} }

func (m *mailed) add(lanes []record.Lane) {
	m.mu.Lock()
	for _, l := range lanes {
		if !slices.Contains(m.lanes, l) {
			m.lanes = append(m.lanes, l)
		}
	}
	m.mu.Unlock()
	signal(m.some)
}

func (m *mailed) take() (lanes []record.Lane) {
	m.mu.Lock()
	defer m.mu.Unlock()
	lanes, m.lanes = m.lanes, nil
	return lanes
}
