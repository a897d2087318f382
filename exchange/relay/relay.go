package relay

import (
	"context"
	"io"
	"log/slog"
	"slices"
	"sync"
	"time"

	"sarhad/record"
)

// Bearer takes sealed envelopes to the other side and brings those for us. Lanes are independent of each other.
type Bearer interface {
	// Publish returns when the far side has the envelope on disk. It is safe to repeat. An error means that nobody knows.
	Publish(ctx context.Context, lane record.Lane, id record.ID, wire []byte) error
	// Fetch waits for at least one envelope, or for the end of ctx.
	Fetch(ctx context.Context, lane record.Lane, n int) ([]Delivery, error)
}

// Delivery is one envelope that came. Ack acknowledges it, and no other; without it, it comes again.
type Delivery struct {
	Wire []byte
	Ack  func(context.Context) error
}

// Config of a relay. Node, Store, Bearer, Seal and Open are required.
type Config struct {
	Node   string
	Store  record.Store
	Bearer Bearer

	// Seal makes the envelope of a message for its addressee. NotFound, Forbidden and Unavailable mean "not now": there is no key
	// of the addressee, say. The message waits, and the reason is shown.
	Seal func(ctx context.Context, d record.Dispatch) (wire []byte, err error)
	// Open verifies and opens an envelope. Unavailable means "not now": it comes again. Any other error means that it cannot be
	// read; of the Arrival that comes with it, ID and Lane are believed as far as they are set, and From only if the signature
	// of that node was verified: it is told. Kept may be left out of service messages, see IsService.
	Open func(ctx context.Context, wire []byte) (record.Arrival, error)

	// Hub says whether a node is a hub, whose word about what it carries is believed; nil = nobody is.
	Hub func(node string) bool

	// Direct hands an envelope to its addressee without the bearer, a twin on the same network; false = it goes to the bearer. It
	// does not count as the line. nil = there is none.
	Direct func(ctx context.Context, wire []byte) bool
	// Arrived is called in the act that stores a message for the first time; its error undoes the act. Not for service messages.
	Arrived func(tx record.Tx, a record.Arrival) error

	// Addressee reads the header of an envelope: whom it is for. It is for Import alone; nil = all in the folder is for us.
	Addressee func(wire []byte) (string, error)

	// Partners are the nodes that get heartbeats; nil = those that were ever written to or heard of.
	Partners func() []string
	// Head and Checkpoint are told with each heartbeat: the head of our directory, with what proves to this peer that it contains
	// the head that the peer showed last, and our newest audit checkpoint.
	Head       func(peer record.Peer) string
	Checkpoint func() string
	// Heard is told of each heartbeat that is newer than the last, after it was stored: to compare directories, say.
	Heard func(record.Peer)
	// Told is told of each message of ours that was delivered or closed, after that was stored. It is a hint and may be lost in
	// a crash: the outbox is the truth.
	Told func(record.Dispatch)

	// Source opens a file that we send, by its Freight.Ref; nil = files are not sent.
	Source func(ctx context.Context, f record.Freight) (Source, error)
	// Admit says whether a file may come in, before its first byte is kept; nil = all may. Its error is told the sender.
	Admit func(record.Freight) error
	// ToldFile is told of each file of ours that the receiver took or refused, like Told.
	ToldFile func(record.Freight)
	// TookFile is told of each file of a peer that was taken up or refused here, after that was stored.
	TookFile func(record.Freight)
	// Staging is the directory in which files that come in are put together; "" = files are refused.
	Staging string

	Version string   // of this program
	Reads   []string // kinds and versions that it reads
	BulkCap int64    // most bytes per second that bulk and routine put on the line together; 0 = no cap

	Now    func() time.Time // nil = time.Now
	Rand   io.Reader        // nil = crypto/rand
	Log    *slog.Logger     // nil = nothing is logged
	Timing Timing
}

// Source is a file that is sent.
type Source interface {
	io.ReaderAt
	io.Closer
}

// Handler takes an arrival up in the act tx, and says so in an Act if it changes records. opened tells the sender that it was
// opened; where an officer has to open it first, it is false, and Opened is called in the officer's act.
//
// Invalid, Forbidden, NotFound and NoPurpose refuse the message: the sender gets the sentence of the error. Every other error
// undoes the act, is shown, and it is tried again later.
type Handler func(ctx context.Context, tx record.Tx, a record.Arrival) (opened bool, err error)

// FileHandler takes a file up that arrived whole and sound, at path; it moves or copies it, and may be called again for the
// same Freight after a crash. The act tx closes the freight. Errors are as with Handler. When it returns nil, path is removed
// after the act.
type FileHandler func(ctx context.Context, tx record.Tx, f record.Freight, path string) error

// Relay is the engine of one node.
type Relay struct {
	cfg      Config
	handlers map[string]Handler
	files    map[string]FileHandler

	lanes  map[record.Lane]*lane
	bucket bucket
	wakes  map[string]chan struct{}

	mu      sync.Mutex
	stuck   map[int64]*stuck // arrivals whose handler could not take them
	hows    map[string]asking
	gaps    map[record.Gap]*asked
	waits   map[string]problem // why a peer's messages cannot be sealed
	since   time.Time          // the line works since; zero = it does not
	down    time.Time          // the line fails since
	counted counts
	ships   map[record.ID]*shipping // files that go out
	said    map[record.ID]time.Time // when we last said what we have of a file
	fstuck  map[record.ID]*stuck    // files whose handler could not take them
	beats   map[string]time.Time    // when a heartbeat last went to a peer
}

// lane is what one lane knows in memory.
type lane struct {
	name   record.Lane
	window *window
	mu     sync.Mutex
	held   map[string]hold // peers whose messages failed, until when
}

type hold struct {
	until time.Time
	tries int
}

type problem struct {
	text  string
	since time.Time
}

type counts struct{ unreadable, again int64 }

// New makes a relay. Handlers are registered before Run.
func New(cfg Config) (*Relay, error) {
	if cfg.Node == "" || cfg.Store == nil || cfg.Bearer == nil || cfg.Seal == nil || cfg.Open == nil {
		return nil, record.Errorf(record.Internal, "a relay needs a node, a store, a bearer, and how to seal and open")
	}
	cfg.defaults()
	r := &Relay{cfg: cfg, handlers: map[string]Handler{}, files: map[string]FileHandler{}, lanes: map[record.Lane]*lane{}, wakes: map[string]chan struct{}{},
		stuck: map[int64]*stuck{}, gaps: map[record.Gap]*asked{}, waits: map[string]problem{},
		hows: map[string]asking{}, ships: map[record.ID]*shipping{}, said: map[record.ID]time.Time{}, fstuck: map[record.ID]*stuck{}, beats: map[string]time.Time{}}
	r.bucket = bucket{rate: float64(cfg.BulkCap), now: cfg.Now}
	for _, l := range record.Lanes {
		r.lanes[l] = &lane{name: l, window: newWindow(l), held: map[string]hold{}}
		for _, part := range []string{"seal", "publish", "takeup"} {
			r.wakes[part+" "+string(l)] = make(chan struct{}, 1)
		}
	}
	for _, part := range []string{"receipts", "freight", "whole", "beat"} {
		r.wakes[part] = make(chan struct{}, 1)
	}
	return r, nil
}

// Handle registers who takes up arrivals of a kind.
func (r *Relay) Handle(kind string, h Handler) { r.handlers[kind] = h }

// HandleFile registers who takes up files of a kind.
func (r *Relay) HandleFile(kind string, h FileHandler) { r.files[kind] = h }

// Run carries until ctx ends. It returns when nothing of it runs any more.
func (r *Relay) Run(ctx context.Context) {
	ctx = record.WithActor(ctx, record.Machine("relay", ""))
	var wg sync.WaitGroup
	for _, l := range record.Lanes {
		wg.Go(func() { r.loop(ctx, "seal "+string(l), func() time.Duration { return r.sealLane(ctx, r.lanes[l]) }) })
		wg.Go(func() {
			r.loop(ctx, "publish "+string(l), func() time.Duration { return r.publishLane(ctx, r.lanes[l]) })
		})
		wg.Go(func() { r.fetchLane(ctx, l) })
		wg.Go(func() {
			t := &taking{lane: l}
			r.loop(ctx, "takeup "+string(l), func() time.Duration { return r.takeUp(ctx, t) })
		})
	}
	wg.Go(func() { r.loop(ctx, "receipts", func() time.Duration { return r.sendReceipts(ctx) }) })
	wg.Go(func() { r.every(ctx, r.cfg.Timing.Sweep, r.sweep) })
	wg.Go(func() { r.loop(ctx, "beat", func() time.Duration { return r.beatAll(ctx) }) })
	wg.Go(func() { r.loop(ctx, "freight", func() time.Duration { return r.sendFreight(ctx) }) })
	wg.Go(func() { r.loop(ctx, "whole", func() time.Duration { return r.takeFiles(ctx) }) })
	wg.Wait()
}

// Wake tells that something was dispatched in these lanes, or shipped; without a lane it may be any. It never waits. Without it,
// it is found within Timing.Poll.
func (r *Relay) Wake(lanes ...record.Lane) {
	if len(lanes) == 0 {
		lanes = record.Lanes
		r.wake("receipts")
	}
	for _, l := range lanes {
		r.wake("seal " + string(l))
	}
	if slices.Contains(lanes, record.Bulk) {
		r.wake("freight")
	}
}

// LineUp tells that the line works again: what waited because of failures is tried at once.
func (r *Relay) LineUp() {
	for _, l := range r.lanes {
		l.mu.Lock()
		clear(l.held)
		l.mu.Unlock()
		r.wake("publish " + string(l.name))
	}
	r.wake("freight")
	r.mu.Lock()
	clear(r.beats) // everybody hears that we are back
	r.mu.Unlock()
	r.wake("beat")
}

func (r *Relay) wake(part string) {
	select {
	case r.wakes[part] <- struct{}{}:
	default:
	}
}

// loop runs fn when it is woken, or after the time that fn gave; 0 = Timing.Poll. fn does all that there is to do.
func (r *Relay) loop(ctx context.Context, part string, fn func() time.Duration) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.wakes[part]:
		case <-timer.C:
		}
		next := fn()
		if next <= 0 || next > r.cfg.Timing.Poll {
			next = r.cfg.Timing.Poll
		}
		timer.Reset(next)
	}
}

// every runs fn now, and then again and again.
func (r *Relay) every(ctx context.Context, d time.Duration, fn func(context.Context)) {
	for {
		fn(ctx)
		if sleep(ctx, d) != nil {
			return
		}
	}
}

func (r *Relay) view(ctx context.Context, fn func(record.Tx) error) error {
	return r.cfg.Store.View(ctx, fn)
}

func (r *Relay) update(ctx context.Context, fn func(record.Tx) error) error {
	return r.cfg.Store.Update(ctx, fn)
}

// note stores bookkeeping that comes about again when a power failure takes it away: a message is sealed or published once more under
// its id, a receipt is asked for again. So nobody waits for the disk. In the flash lane it goes before bulk imports all the same.
func (r *Relay) note(ctx context.Context, l record.Lane, fn func(record.Tx) error) error {
	if l == record.Flash {
		return r.update(ctx, fn)
	}
	return r.cfg.Store.Bulk(ctx, fn)
}

// failed logs what stopped a part; the end of the program is no failure.
func (r *Relay) failed(ctx context.Context, part string, err error) {
	if err == nil || ctx.Err() != nil {
		return
	}
	r.cfg.Log.Warn("relay: a part failed and is tried again", "part", part, "err", err)
}

// line notes whether the line works.
func (r *Relay) line(ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.cfg.Now()
	switch {
	case ok && r.since.IsZero():
		r.since, r.down = now, time.Time{}
	case !ok && r.down.IsZero():
		r.down, r.since = now, time.Time{}
	}
}
