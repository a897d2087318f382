package bus

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"sarhad/record"
)

// Headers of the hub beside an envelope.
const (
	fromHeader = "Sarhad-From"
	idHeader   = "Sarhad-Id"
)

// routeBatch is how much the router takes at a time: one receipt covers it.
const routeBatch = 64

// routeWait is after what time another process of the hub takes over what one had in its hands.
const routeWait = 20 * time.Second

// ensureTry is how long one try to make the streams of a lane may take: a cluster that chooses its leader does not answer.
const ensureTry = 3 * time.Second

// router takes what one node sent to the streams of its addressees, lane by lane.
type router struct {
	hub    *Hub
	node   string
	nc     *nats.Conn
	js     jetstream.JetStream
	ctx    context.Context
	cancel context.CancelFunc
	done   sync.WaitGroup
	ready  map[record.Lane]chan struct{} // closed when the lane's streams are there
}

func (h *Hub) newRouter(node string) (*router, error) {
	nc, err := h.connect(node)
	if err != nil {
		return nil, err
	}
	js, err := jetstream.New(nc, jetstream.WithPublishAsyncTimeout(routeWait/2))
	if err != nil {
		nc.Close()
		return nil, fmt.Errorf("bus: router of node %s: %w", node, err)
	}
	r := &router{hub: h, node: node, nc: nc, js: js, ready: map[record.Lane]chan struct{}{}}
	r.ctx, r.cancel = context.WithCancel(h.ctx)
	for _, l := range record.Lanes {
		r.ready[l] = make(chan struct{})
		if _, err := nc.Subscribe(enterSubject(l), func(m *nats.Msg) {
			if string(m.Data) != h.cfg.Name {
				h.gate.elsewhere(node, string(l))
			}
		}); err != nil {
			nc.Close()
			return nil, fmt.Errorf("bus: router of node %s: %w", node, err)
		}
	}
	return r, nil
}

func (r *router) start() {
	for _, l := range record.Lanes {
		r.done.Go(func() { r.run(l) })
	}
}

func (r *router) close() {
	r.cancel()
	r.done.Wait()
	r.nc.Close()
}

// run serves one lane until the router is closed. What goes wrong is logged and tried again: a cluster may have no leader yet.
func (r *router) run(l record.Lane) {
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, 2*time.Second) {
		err := r.ensure(l)
		if err == nil {
			break
		}
		if pause > time.Second {
			r.hub.cfg.Log.Warn("the streams of a lane are not there yet", "node", r.node, "lane", l, "err", err)
		}
		if wait(r.ctx, nil, pause) != nil {
			return
		}
	}
	r.again(upStream(l))   // what the process before us had in its hands
	r.again(downStream(l)) // what it gave out
	close(r.ready[l])
	p, err := newPuller(r.nc, upStream(l))
	if err != nil {
		r.hub.cfg.Log.Error("a lane is not served", "node", r.node, "lane", l, "err", err)
		return
	}
	for {
		msgs, err := p.next(r.ctx, nil, routeBatch)
		if r.ctx.Err() != nil {
			return
		}
		if err != nil {
			r.hub.cfg.Log.Warn("a lane is not read", "node", r.node, "lane", l, "err", err)
			if wait(r.ctx, nil, time.Second) != nil {
				return
			}
			continue
		}
		r.batch(l, msgs)
	}
}

// ensure makes the two streams of a lane and their consumers, or brings them to the present limits.
func (r *router) ensure(l record.Lane) error {
	ctx, cancel := context.WithTimeout(r.ctx, ensureTry)
	defer cancel()
	lim := r.hub.limits[l]
	for _, s := range []struct {
		stream, subject string
		wait            time.Duration
		pending         int
	}{
		{upStream(l), upSubject(r.node, l), routeWait, 8 * routeBatch},
		{downStream(l), downSubject(r.node, l), lim.AckWait, lim.Pending},
	} {
		_, err := r.js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
			Name: s.stream, Subjects: []string{s.subject}, Storage: jetstream.FileStorage, Replicas: r.hub.replicas(),
			Retention: jetstream.WorkQueuePolicy, // what is acknowledged is forgotten
			Discard:   jetstream.DiscardNew, MaxBytes: lim.Bytes, MaxAge: lim.Age, MaxMsgSize: int32(r.hub.cfg.MaxMessage) + headerRoom,
			Duplicates: min(r.hub.cfg.Window, lim.Age),
			// A node chooses where the hub's answers go, so an answer can knock at the door for emptying a stream. The server
			// refuses an answer as a request today, because it is strict about JSON; these hold when it is not.
			DenyDelete: true, DenyPurge: true,
		})
		if err != nil {
			return fmt.Errorf("stream %s: %w", s.stream, err)
		}
		_, err = r.js.CreateOrUpdateConsumer(ctx, s.stream, jetstream.ConsumerConfig{
			Durable: durable, AckPolicy: jetstream.AckExplicitPolicy, AckWait: s.wait, MaxAckPending: s.pending, MaxDeliver: -1,
			Replicas: r.hub.replicas(),
		})
		if err != nil {
			return fmt.Errorf("consumer of stream %s: %w", s.stream, err)
		}
	}
	return nil
}

// again makes a stream give out at once what was given out and not acknowledged. A failure costs time only: AckWait.
func (r *router) again(stream string) {
	ctx, cancel := context.WithTimeout(r.ctx, 2*time.Second)
	defer cancel()
	if _, err := r.js.ResetConsumer(ctx, stream, durable); err != nil && r.ctx.Err() == nil {
		r.hub.cfg.Log.Warn("what was given out comes again only after its time", "node", r.node, "stream", stream, "err", err)
	}
}

func (h *Hub) replicas() int {
	if h.cfg.Cluster == nil {
		return 1
	}
	return max(1, h.cfg.Cluster.Replicas)
}

// step is what becomes of one message.
type step struct {
	msg    *nats.Msg
	to, id string
	size   int
	future jetstream.PubAckFuture
	reason string // refused, in words
	err    error  // try again later
}

// batch moves messages on, in order, and acknowledges each only when it is on disk for its addressee and the sender's
// receipt, or the refusal, is under way.
func (r *router) batch(l record.Lane, msgs []*nats.Msg) {
	steps := make([]*step, len(msgs))
	for i, m := range msgs {
		steps[i] = r.send(l, m)
	}
	var accepted []string
	var moved []*step
	for _, s := range steps {
		r.settle(s)
		switch {
		case s.err != nil:
			r.later(l, s)
		case s.reason != "":
			r.refuse(l, s)
		default:
			accepted = append(accepted, s.id)
			moved = append(moved, s)
		}
	}
	if len(moved) == 0 {
		return
	}
	if r.hub.cfg.Accepted != nil {
		if err := r.hub.cfg.Accepted(r.ctx, r.node, string(l), accepted); err != nil {
			for _, s := range moved {
				s.err = fmt.Errorf("receipt: %w", err)
				r.later(l, s)
			}
			return
		}
	}
	for _, s := range moved {
		r.hub.stats.routed(r.node, s.to, l, s.size)
		r.ack(s.msg, "+ACK")
	}
}

// send decides about one message and hands it to the addressee's stream.
func (r *router) send(l record.Lane, m *nats.Msg) *step {
	s := &step{msg: m, id: m.Header.Get(nats.MsgIdHdr), size: len(m.Data)}
	if len(s.id) > 64 {
		s.id = ""
	}
	to, lane, id, until, err := r.hub.cfg.Route(m.Data)
	switch {
	case err != nil:
		s.reason = "the hub cannot read its header: " + record.MessageOf(err)
		return s
	case s.id != "" && s.id != id:
		s.reason = "its header names another id than it was sent with"
		return s
	case lane != string(l):
		s.id, s.reason = id, "it came on lane "+string(l)+" and its header says "+lane
		return s
	}
	s.id, s.to = id, to
	now := r.hub.cfg.Now()
	if !until.IsZero() && !now.Before(until) {
		s.reason = "its time was over when it reached the hub: " + until.UTC().Format("2006-01-02 15:04") + " UTC"
		return s
	}
	s.future, s.reason, s.err = r.hub.forward(r.node, to, l, id, m.Data)
	return s
}

// forward hands an envelope to the stream of its addressee. The id counts within its sender: nobody can make the hub believe that
// it has another's message already.
func (h *Hub) forward(from, to string, l record.Lane, id string, wire []byte) (jetstream.PubAckFuture, string, error) {
	if !h.gate.knows(to) {
		return nil, "the hub's directory knows no node " + fmt.Sprintf("%.40q", to), nil
	}
	dest := h.router(to)
	if dest == nil { // it is just being taken up
		return nil, "", errNotOpen
	}
	select {
	case <-dest.ready[l]:
	default:
		return nil, "", errNotOpen
	}
	out := nats.NewMsg(downSubject(to, l))
	out.Data = wire
	out.Header.Set(nats.MsgIdHdr, from+"/"+id)
	out.Header.Set(fromHeader, from)
	out.Header.Set(idHeader, id)
	f, err := dest.js.PublishMsgAsync(out, jetstream.WithStallWait(5*time.Second))
	return f, "", err
}

// settle waits until the message is on disk, or known not to be.
func (r *router) settle(s *step) {
	if s.future == nil {
		return
	}
	select {
	case <-s.future.Ok():
	case err := <-s.future.Err():
		if isFull(err) {
			s.reason = fullReason(s.to)
			return
		}
		s.err = err
	case <-r.ctx.Done():
		s.err = errStopped
	}
}

func fullReason(to string) string {
	return "too much waits for node " + to + ": the hub keeps what it has and takes nothing new until the node fetches"
}

// retryPause is between two tries of what could not be moved; openPause while the addressee's stream opens after a start.
const (
	retryPause = time.Second
	openPause  = 100 * time.Millisecond
)

var errNotOpen = errors.New("the addressee's stream is not open yet")

func (r *router) later(l record.Lane, s *step) {
	r.hub.cfg.Log.Warn("a message waits", "node", r.node, "lane", l, "id", s.id, "err", s.err)
	r.hub.stats.retried(r.node, l)
	pause := retryPause
	if errors.Is(s.err, errNotOpen) {
		pause = openPause
	}
	r.ack(s.msg, fmt.Sprintf(`-NAK {"delay": %d}`, pause.Nanoseconds()))
}

func (r *router) refuse(l record.Lane, s *step) {
	if r.hub.cfg.Refused != nil {
		if err := r.hub.cfg.Refused(r.ctx, r.node, string(l), s.id, s.reason); err != nil {
			s.err = fmt.Errorf("notice of a refusal: %w", err)
			r.later(l, s)
			return
		}
	}
	r.hub.cfg.Log.Info("refused", "node", r.node, "lane", l, "id", s.id, "why", s.reason)
	r.hub.stats.refused(r.node, l)
	r.ack(s.msg, "+ACK")
}

// ack answers for one message. A lost answer is harmless: the message comes again and is known by its id.
func (r *router) ack(m *nats.Msg, word string) {
	if err := r.nc.Publish(m.Reply, []byte(word)); err != nil && r.ctx.Err() == nil {
		r.hub.cfg.Log.Warn("a message is acknowledged later", "node", r.node, "err", err)
	}
}

// Deliver puts an envelope of the hub itself, such as a receipt, into the stream of its addressee, and returns when it is
// on disk. Repeating it is safe. from is the hub's node id.
func (h *Hub) Deliver(ctx context.Context, from, to string, lane record.Lane, id string, wire []byte) error {
	f, reason, err := h.forward(from, to, lane, id, wire)
	if reason != "" {
		return record.Errorf(record.NotFound, "%s", reason)
	}
	if err != nil {
		return &record.Error{Kind: record.Unavailable, Message: "the hub cannot deliver to node " + to + " yet", Err: err}
	}
	select {
	case <-f.Ok():
		h.stats.routed(from, to, lane, len(wire))
		return nil
	case err := <-f.Err():
		if isFull(err) {
			return &record.Error{Kind: record.Unavailable, Message: fullReason(to), Err: err}
		}
		return &record.Error{Kind: record.Unavailable, Message: "the hub cannot store for node " + to, Err: err}
	case <-ctx.Done():
		return ctx.Err()
	}
}

// isFull tells a stream at its limit from other failures (error 10077 covers both).
func isFull(err error) bool {
	var e *jetstream.APIError
	return errors.As(err, &e) && fullWords(e.Description)
}

func fullWords(s string) bool {
	return strings.Contains(s, "maximum bytes exceeded") || strings.Contains(s, "maximum messages exceeded")
}

func isNotFound(err error) bool { return errors.Is(err, jetstream.ErrStreamNotFound) }
