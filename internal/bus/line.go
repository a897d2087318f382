package bus

import (
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	"sarhad/record"
)

// Line is a node's connection to the hub: one for each lane, which never wait for each other. It connects by itself, for
// ever. Its methods may be called at the same time; Fetch once at a time for each lane.
type Line struct {
	cfg    LineConfig
	key    nkeys.KeyPair
	public string
	tls    *tls.Config
	lanes  map[record.Lane]*strand
	stop   context.CancelFunc
	done   sync.WaitGroup
	mu     sync.Mutex // guards random
	random *rand.Rand
}

// strand is one lane of a line.
type strand struct {
	line *Line
	lane record.Lane

	mu     sync.Mutex
	state  State
	link   *link         // nil while down
	up     chan struct{} // closed while up
	fetch  sync.Mutex    // one Fetch at a time
	reach  int           // which Way the next try takes
	thin   time.Duration // the last pause
	hurry  chan struct{} // another lane came up: try now
	window int
}

// link is one connection, from its making to its end.
type link struct {
	nc     *nats.Conn
	pull   *puller
	closed chan struct{}
}

// Dial starts a line. It returns at once: the first connection is made in the background. An error means that the
// configuration can never work.
func Dial(cfg LineConfig) (*Line, error) {
	if !validNode(cfg.Node) {
		return nil, record.Errorf(record.Invalid, "%q is no name of a node", cfg.Node)
	}
	if len(cfg.Ways) == 0 {
		return nil, record.Errorf(record.Invalid, "there is no address of a hub: name one")
	}
	key, err := nkeys.FromSeed(cfg.Seed)
	if err != nil {
		return nil, &record.Error{Kind: record.Invalid, Message: "the line key of this node cannot be read: is its file whole?", Err: err}
	}
	public, err := key.PublicKey()
	if err != nil || !nkeys.IsValidPublicUserKey(public) {
		return nil, record.Errorf(record.Invalid, "the line key of this node is no NKey of a user")
	}
	seed := make([]byte, 32)
	if _, err := cfg.Rand.Read(seed); err != nil {
		return nil, fmt.Errorf("bus: no randomness: %w", err)
	}
	l := &Line{
		cfg: cfg, key: key, public: public, lanes: map[record.Lane]*strand{},
		random: rand.New(rand.NewChaCha8([32]byte(seed))), // spreads tries of many nodes, no secret
		tls: &tls.Config{
			Certificates: []tls.Certificate{cfg.Certificate}, RootCAs: cfg.Roots, ServerName: cfg.ServerName, MinVersion: tls.VersionTLS13, Rand: cfg.Rand,
			ClientSessionCache: tls.NewLRUClientSessionCache(2 * len(record.Lanes)), // saves both certificates when a line comes back; pins are checked again
		},
	}
	ctx, stop := context.WithCancel(context.Background())
	l.stop = stop
	for _, lane := range record.Lanes {
		s := &strand{line: l, lane: lane, up: make(chan struct{}), hurry: make(chan struct{}, 1), state: State{Lane: lane, Since: cfg.Now().UTC()}}
		if lane == record.Bulk {
			s.window = cmp.Or(cfg.Window, DefaultBulkWindow)
		}
		l.lanes[lane] = s
	}
	for _, s := range l.lanes {
		l.done.Go(func() { s.run(ctx) })
	}
	return l, nil
}

// States are the lanes as they stand, most urgent first.
func (l *Line) States() []State {
	var out []State
	for _, lane := range record.Lanes {
		s := l.lanes[lane]
		s.mu.Lock()
		out = append(out, s.state)
		s.mu.Unlock()
	}
	return out
}

// Close ends the line orderly: what was handed over is written out, within two seconds, and answers that still come are not waited for.
// Messages that were fetched and not acknowledged come again.
func (l *Line) Close() {
	l.stop()
	l.done.Wait()
	l.key.Wipe()
}

// jitter gives a time between half and one and a half of d.
func (l *Line) jitter(d time.Duration) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return d/2 + time.Duration(l.random.Int64N(int64(d)))
}

// longest is the most that a lane waits between two tries: somebody stands at a barrier, or nobody does.
var longest = map[record.Lane]time.Duration{record.Flash: time.Second, record.Routine: 5 * time.Second, record.Bulk: 15 * time.Second}

// run keeps the lane connected until ctx ends.
func (s *strand) run(ctx context.Context) {
	for ctx.Err() == nil {
		s.giveWay(ctx)
		way := s.line.cfg.Ways[s.reach%len(s.line.cfg.Ways)]
		k, err := s.connect(ctx, way)
		if err != nil {
			s.reach++
			s.set(nil, way, err)
			s.thin = min(max(2*s.thin, 100*time.Millisecond), longest[s.lane])
			s.pause(ctx, s.line.jitter(s.thin))
			continue
		}
		s.thin = 0
		s.set(k, way, nil)
		for _, other := range s.line.lanes {
			select {
			case other.hurry <- struct{}{}:
			default:
			}
		}
		select {
		case <-k.closed:
			err := k.nc.LastError()
			s.set(nil, way, cmp.Or(err, errClosed))
			s.pause(ctx, s.line.jitter(50*time.Millisecond))
		case <-ctx.Done():
			s.set(nil, way, errors.New("closed"))
			_ = k.nc.FlushTimeout(2 * time.Second) // what cannot be written comes again
			k.nc.Close()
			<-k.closed
		}
	}
}

// headStart is how long a lane lets those that are more urgent connect first: three hand-shakes at a time take 1.5 s of a thin line
// that has just come up. It is no more than that, because one lane may be down for reasons of its own.
const headStart = 2 * time.Second

func (s *strand) giveWay(ctx context.Context) {
	t := time.NewTimer(headStart)
	defer t.Stop()
	for _, lane := range record.Lanes {
		if lane == s.lane {
			return
		}
		first := s.line.lanes[lane]
		first.mu.Lock()
		up := first.up
		first.mu.Unlock()
		select {
		case <-up:
		case <-t.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

func (s *strand) pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-s.hurry:
	case <-ctx.Done():
	}
}

// set says how the lane stands now, and tells who wants to know.
func (s *strand) set(k *link, way Way, err error) {
	s.mu.Lock()
	was := s.state
	if (k != nil) != (s.link != nil) {
		s.state.Since = s.line.cfg.Now().UTC()
	}
	switch {
	case k != nil && s.link == nil:
		close(s.up)
	case k == nil && s.link != nil:
		s.up = make(chan struct{})
	}
	s.link = k
	s.state.Up, s.state.Way, s.state.Problem = k != nil, "", ""
	if k != nil {
		s.state.Way = way.String()
	} else {
		s.state.Problem = problem(way, err)
	}
	now := s.state
	s.mu.Unlock()
	if now == was {
		return
	}
	if now.Up {
		s.line.cfg.Log.Info("line up", "lane", s.lane, "way", now.Way)
	} else if was.Up {
		s.line.cfg.Log.Warn("line down", "lane", s.lane, "err", err)
	}
	if s.line.cfg.Changed != nil {
		s.line.cfg.Changed(now)
	}
}

// problem says in words why there is no connection.
func problem(way Way, err error) string {
	var known *record.Error
	var pin *tls.CertificateVerificationError
	switch {
	case errors.As(err, &known):
		return known.Message
	case errors.Is(err, nats.ErrAuthorization):
		return "the hub at " + way.Address + " does not know this node's line key: has the directory taken it up, or was it revoked?"
	case errors.As(err, &pin):
		return "what answers at " + way.Address + " is not our hub: its certificate has another authority"
	case errors.Is(err, errClosed), err == nil:
		return "the connection to " + way.Address + " broke"
	}
	return "no connection by " + way.String() + ": " + err.Error()
}

// connect makes one connection with its subscription.
func (s *strand) connect(ctx context.Context, way Way) (*link, error) {
	k := &link{closed: make(chan struct{})}
	scheme := "tls://"
	if way.WebSocket {
		scheme = "wss://"
	}
	l, d := s.line, &dialer{ctx: ctx, way: way, window: s.window}
	opts := []nats.Option{
		nats.Name(string(s.lane)), nats.Secure(l.tls.Clone()), nats.Nkey(l.public, l.key.Sign), nats.CustomInboxPrefix(inbox(l.cfg.Node)),
		nats.NoReconnect(), nats.IgnoreDiscoveredServers(), nats.SkipHostLookup(), nats.NoEcho(),
		nats.SetCustomDialer(d),
		nats.Timeout(handTimeout), nats.FlusherTimeout(5 * time.Minute),
		nats.ClosedHandler(func(*nats.Conn) { close(k.closed) }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			l.cfg.Log.Warn("the hub objects", "lane", s.lane, "err", err)
		}),
	}
	if !way.WebSocket {
		opts = append(opts, nats.TLSHandshakeFirst())
	}
	switch s.lane {
	case record.Flash: // a dead line is known after half a minute
		opts = append(opts, nats.PingInterval(10*time.Second), nats.MaxPingsOutstanding(3))
	case record.Routine:
		opts = append(opts, nats.PingInterval(30*time.Second), nats.MaxPingsOutstanding(4))
	default: // an answer may stand behind 128 s of pieces; the system's own time-outs come first
		opts = append(opts, nats.PingInterval(time.Minute), nats.MaxPingsOutstanding(5))
	}
	nc, err := nats.Connect(scheme+way.Address, opts...)
	if err != nil {
		return nil, err
	}
	d.release()
	k.nc = nc
	if k.pull, err = newPuller(nc, downStream(s.lane)); err != nil {
		nc.Close()
		return nil, err
	}
	return k, nil
}

// current waits until the lane is up.
func (s *strand) current(ctx context.Context) (*link, error) {
	for {
		s.mu.Lock()
		k, up, why := s.link, s.up, s.state.Problem
		s.mu.Unlock()
		if k != nil {
			return k, nil
		}
		select {
		case <-up:
		case <-ctx.Done():
			return nil, &record.Error{Kind: record.Unavailable, Message: "the line to the hub is down: " + why, Err: ctx.Err()}
		}
	}
}

// Publish hands an envelope to the hub and returns nil when the hub has it on disk. It waits for the line and tries again until
// ctx ends; repeating it is safe, because the hub knows the id. Errors: unavailable when ctx ended, with why; invalid when
// the envelope is too large for this hub, which no try will mend.
func (l *Line) Publish(ctx context.Context, lane record.Lane, id record.ID, wire []byte) error {
	s := l.lanes[lane]
	if s == nil {
		return record.Errorf(record.Invalid, "%q is no lane", lane)
	}
	m := nats.NewMsg(upSubject(l.cfg.Node, lane))
	m.Data = wire
	m.Header.Set(nats.MsgIdHdr, id.String())
	var last error
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, 10*time.Second) {
		k, err := s.current(ctx)
		if err != nil {
			return cmpError(err, last)
		}
		if limit := k.nc.MaxPayload(); int64(len(wire)) > limit-headerRoom {
			return record.Errorf(record.Invalid, "a message of %d bytes is too large for this hub, which takes %d", len(wire), limit-headerRoom)
		}
		if last = s.try(ctx, k, m); last == nil {
			return nil
		}
		if err := wait(ctx, nil, l.jitter(pause)); err != nil {
			return cmpError(&record.Error{Kind: record.Unavailable, Message: "the hub has not taken the message", Err: err}, last)
		}
	}
}

// cmpError puts why the last try failed before the end of the context.
func cmpError(err, last error) error {
	if last == nil {
		return err
	}
	return &record.Error{Kind: record.Unavailable, Message: record.MessageOf(last), Err: errors.Join(err, last)}
}

// try is one attempt. It waits as long as the line needs for so many bytes at a quarter of 64 kbit/s, or until the line breaks.
func (s *strand) try(ctx context.Context, k *link, m *nats.Msg) error {
	ctx, cancel := context.WithTimeout(ctx, tryRoom+time.Duration(len(m.Data))*time.Second/tryRate)
	defer cancel()
	gone := make(chan struct{})
	defer close(gone)
	go func() {
		select {
		case <-k.closed:
			cancel()
		case <-gone:
		}
	}()
	answer, err := k.nc.RequestMsgWithContext(ctx, m)
	if errors.Is(err, nats.ErrNoResponders) {
		return &record.Error{Kind: record.Unavailable, Message: "the hub has no open stream for this node yet", Err: err}
	}
	if err != nil {
		return &record.Error{Kind: record.Unavailable, Message: "the hub has not answered: the line is slow or broke", Err: err}
	}
	return readAck(answer.Data)
}

const (
	tryRoom = 15 * time.Second
	tryRate = 2 << 10 // bytes a second
)

// readAck reads the hub's word about one message.
func readAck(b []byte) error {
	var ack struct {
		Stream string `json:"stream"`
		Seq    uint64 `json:"seq"`
		Error  *struct {
			Code        int    `json:"code"`
			Description string `json:"description"`
		} `json:"error"`
	}
	if err := json.Unmarshal(b, &ack); err != nil {
		return &record.Error{Kind: record.Unavailable, Message: "the hub's answer cannot be read", Err: err}
	}
	switch {
	case ack.Error != nil && fullWords(ack.Error.Description):
		return record.Errorf(record.Unavailable, "the hub is full of what this node sent before and it has not moved on yet")
	case ack.Error != nil:
		return record.Errorf(record.Unavailable, "the hub could not store the message: %s", ack.Error.Description)
	case ack.Stream == "" || ack.Seq == 0:
		return record.Errorf(record.Unavailable, "the hub's answer says nothing")
	}
	return nil
}

// Fetch waits for at least one message of the lane and gives up to n of those that are there. It ends with ctx only.
func (l *Line) Fetch(ctx context.Context, lane record.Lane, n int) ([]Message, error) {
	s := l.lanes[lane]
	if s == nil {
		return nil, record.Errorf(record.Invalid, "%q is no lane", lane)
	}
	s.fetch.Lock()
	defer s.fetch.Unlock()
	for {
		k, err := s.current(ctx)
		if err != nil {
			return nil, err
		}
		msgs, err := k.pull.next(ctx, k.closed, n)
		if len(msgs) > 0 {
			out := make([]Message, len(msgs))
			for i, m := range msgs {
				out[i] = Message{Wire: m.Data, Ack: func(context.Context) error { return s.ack(m.Reply) }}
			}
			return out, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil && !errors.Is(err, errClosed) {
			l.cfg.Log.Warn("fetch", "lane", lane, "err", err)
		}
		if err := wait(ctx, nil, 20*time.Millisecond); err != nil { // until set has seen the end of the link
			return nil, err
		}
	}
}

// ack goes over whatever connection there is now: the hub knows the message by the subject.
func (s *strand) ack(reply string) error {
	s.mu.Lock()
	k := s.link
	s.mu.Unlock()
	if k == nil {
		return record.Errorf(record.Unavailable, "the line is down: the message comes again")
	}
	return k.nc.Publish(reply, []byte("+ACK"))
}
