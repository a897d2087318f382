package api

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"sarhad/internal/authn"
	"sarhad/record"
	"sarhad/record/access"
	"sarhad/screening/hit"
)

// Status is what every frame shows: what waits, and how far the machine is. Without a purpose of work every figure is 0.
type Status struct {
	Unscreened  int       `json:"unscreened" doc:"persons stored but not yet held against the lists; 0 for who may not read passengers"`
	Seq         int64     `json:"seq" doc:"head of the change sequence; 0 for who may not read passengers"`
	OpenHits    int       `json:"openHits"`
	OverdueHits int       `json:"overdueHits"`
	Open        int       `json:"openInstructions"`
	Now         time.Time `json:"now"`
	Link        Line      `json:"link"`
}

// The states of a Line.
const (
	LineStandalone = "standalone" // this node belongs to no network yet
	LineOnline     = "online"
	LinePartly     = "partly" // some lanes are up
	LineOffline    = "offline"
	LineHub        = "hub" // this node is one
)

// Line is the state of the line to the hub.
type Line struct {
	State   string    `json:"state" enum:"standalone,online,partly,offline,hub"`
	Waiting int       `json:"waiting" doc:"messages of ours that nobody delivered yet"`
	Oldest  time.Time `json:"oldest,omitzero" doc:"when the oldest of them was queued"`
	Since   time.Time `json:"since,omitzero" doc:"the line is up, or down, since"`
	Seen    time.Time `json:"seen,omitzero" doc:"when anything of another node last came"`
	Nodes   int       `json:"nodes,omitempty" doc:"of a hub: nodes that are connected"`
}

// Events follows the change sequence and tells every open screen what changed, filtered by what its officer may read.
type Events struct {
	Store record.Store
	Now   func() time.Time
	Log   *slog.Logger
	Authn *authn.Service
	Line  func(context.Context) (Line, error) // how the line to the hub stands; nil = there is none

	mu       sync.Mutex
	waiting  map[*listener]bool
	wakers   []chan<- struct{}
	statuses map[string]cachedStatus
}

// listener is one open screen. What it could not be told one by one it is told at once: read everything again.
type listener struct {
	rows   chan []record.Row
	missed chan struct{} // room for one: a second miss says nothing new
}

type cachedStatus struct {
	Status
	at time.Time
}

const (
	// pulse is how often the head of the sequence is read: quick enough to be "at once" for a person.
	pulse = 200 * time.Millisecond
	// statusAge is how old a shown status may be.
	statusAge = 2 * time.Second
	// statusEvery is how often a quiet screen hears that the line lives.
	statusEvery = 5 * time.Second
	// eventPage bounds what is told at once; what is more is told as "everything".
	eventPage = 500
	// manyStatuses bounds what is remembered between two changes.
	manyStatuses = 500
)

// Wake adds a channel that gets a signal whenever the sequence grew. It must have room for one.
func (e *Events) Wake(c chan<- struct{}) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.wakers = append(e.wakers, c)
}

// Run follows the sequence until ctx ends.
func (e *Events) Run(ctx context.Context) {
	ctx = record.WithActor(ctx, record.Machine("events", ""))
	at := record.Seq(-1)
	tick := time.NewTicker(pulse)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		next, err := e.follow(ctx, at)
		if err != nil && ctx.Err() == nil {
			e.Log.Error("events: the sequence cannot be read", "err", err)
		}
		at = next
	}
}

// follow tells what came after a number of the sequence and gives the next one; below 0 it only finds the head.
func (e *Events) follow(ctx context.Context, at record.Seq) (record.Seq, error) {
	var rows []record.Row
	var head record.Seq
	err := e.Store.View(ctx, func(tx record.Tx) error {
		var err error
		if head, err = tx.Head(); err != nil || at < 0 || head == at || head-at > eventPage {
			return err
		}
		rows, err = tx.Changes(at, eventPage)
		return err
	})
	switch {
	case err != nil:
		return at, err
	case at < 0:
		e.wake()
	case head != at:
		e.tell(rows, head-at > eventPage)
	}
	return head, nil
}

// tell gives the rows to every screen; with all set more happened than is told one by one.
func (e *Events) tell(rows []record.Row, all bool) {
	e.mu.Lock()
	clear(e.statuses)
	for l := range e.waiting {
		if !all {
			select {
			case l.rows <- rows:
				continue
			default: // a slow screen
			}
		}
		select {
		case l.missed <- struct{}{}:
		default:
		}
	}
	e.mu.Unlock()
	e.wake()
}

func (e *Events) wake() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, c := range e.wakers {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

func (e *Events) subscribe() (*listener, func()) {
	l := &listener{make(chan []record.Row, 16), make(chan struct{}, 1)}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.waiting == nil {
		e.waiting = map[*listener]bool{}
	}
	e.waiting[l] = true
	return l, func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		delete(e.waiting, l)
	}
}

// Streams is how many screens listen.
func (e *Events) Streams() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.waiting)
}

// Status gives what waits, as far as the actor may count it.
func (e *Events) Status(ctx context.Context) (Status, error) {
	actor, err := record.ActorFrom(ctx)
	if err != nil {
		return Status{}, err
	}
	now := e.Now()
	purposed := actor.Machine || actor.Purpose.Valid(now)
	key := strings.Join([]string{actor.Agency, actor.Place, strings.Join(actor.Roles, " "), strconv.FormatBool(purposed), actor.Purpose.Kind, actor.Purpose.Ref}, "\x00")
	e.mu.Lock()
	old, ok := e.statuses[key]
	e.mu.Unlock()
	if ok && now.Sub(old.at) < statusAge {
		return old.Status, nil
	}
	s := Status{Now: now.UTC(), Link: Line{State: LineStandalone}}
	if e.Line != nil {
		if s.Link, err = e.Line(ctx); err != nil {
			return s, err
		}
	}
	if purposed {
		err = e.count(ctx, actor, now, &s)
	}
	if err != nil {
		return s, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.statuses == nil || len(e.statuses) >= manyStatuses {
		e.statuses = map[string]cachedStatus{}
	}
	e.statuses[key] = cachedStatus{s, now}
	return s, nil
}

// count fills in what waits, each figure for who may read what it counts.
func (e *Events) count(ctx context.Context, actor record.Actor, now time.Time, s *Status) error {
	if access.May(actor, access.Read, access.Passenger) {
		if err := e.progress(ctx, s); err != nil {
			return err
		}
	}
	return e.Store.View(ctx, func(tx record.Tx) error {
		var err error
		if access.May(actor, access.Read, access.Hit) {
			q := record.Query{Kinds: []string{hit.KindHit}, States: hit.OpenStates()}
			if s.OpenHits, err = tx.Count(q, maxQueue); err != nil {
				return err
			}
			if s.OverdueHits, err = overdue(tx, now); err != nil {
				return err
			}
		}
		if access.May(actor, access.Read, access.Instruction) {
			s.Open, err = tx.Count(record.Query{Kinds: []string{hit.KindInstruction}, States: []string{hit.Open}}, 1000)
		}
		return err
	})
}

// progress says how far the machine is. It counts persons without reading them.
func (e *Events) progress(ctx context.Context, s *Status) error {
	return e.Store.View(record.WithActor(ctx, record.Machine("status", "")), func(tx record.Tx) error {
		head, err := tx.Head()
		if err != nil {
			return err
		}
		at, err := tx.Cursor(hit.CursorScreening)
		if err != nil {
			return err
		}
		s.Seq = int64(head)
		s.Unscreened, err = tx.Behind(at)
		return err
	})
}

// overdue counts the hits that hit.Overdue calls so. A hit's record occurs when its traveller arrives, so what arrives
// later is not even read.
func overdue(tx record.Reader, now time.Time) (n int, err error) {
	q := record.Query{Kinds: []string{hit.KindHit}, States: []string{hit.New}, To: now.Add(hit.OverdueBefore + time.Millisecond), Full: true, Limit: record.MaxLimit}
	for seen := 0; seen < maxQueue; {
		page, err := tx.List(q)
		if err != nil {
			return n, err
		}
		for _, row := range page.Rows {
			if h, ok := row.Record.Body.(*hit.Hit); ok && h.Overdue(now) {
				n++
			}
		}
		if seen += len(page.Rows); page.Next == "" {
			break
		}
		q.Cursor = page.Next
	}
	return n, nil
}

// stream is GET /api/events: server-sent events (WHATWG HTML section 9.2).
func (a *API) stream(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	actor, err := record.ActorFrom(ctx)
	if err != nil {
		writeProblem(w, err)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no")
	flush := http.NewResponseController(w)
	changes, stop := a.Events.subscribe()
	defer stop()
	tick := time.NewTicker(statusEvery)
	defer tick.Stop()
	for {
		if status, err := a.Events.Status(ctx); err == nil {
			send(w, "status", status)
		}
		if flush.Flush() != nil {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			// Roles, purpose and the session itself may have changed since: who listens is asked anew.
			sess, err := a.Authn.Peek(ctx, authn.TokenFrom(ctx))
			if err != nil {
				send(w, "end", struct{}{})
				_ = flush.Flush() // the stream ends here either way
				return
			}
			actor = sess.Actor(a.Now())
			ctx = record.WithActor(ctx, actor)
		case <-changes.missed:
			send(w, "change", change{Topic: "*", Kind: "*"})
		case rows := <-changes.rows:
			for _, row := range rows {
				if row.Until == 0 && actor.Purpose.Valid(a.Now()) && access.Allow(actor, access.Read, row.Scope) {
					send(w, "change", change{int64(row.Seq), row.Scope.Topic, row.Kind, row.ID.String(), row.State})
				}
			}
		}
	}
}

type change struct {
	Seq   int64  `json:"seq"`
	Topic string `json:"topic"`
	Kind  string `json:"kind"`
	ID    string `json:"id"`
	State string `json:"state"`
}

func send(w http.ResponseWriter, event string, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		return
	}
	fmt.Fprintf(w, "event: %s\ndata: %s\n\n", event, b)
}

// openHits gives all hits that wait for a decision and may be read; the queue orders them in memory, because urgency
// changes with the clock.
func openHits(tx record.Reader) ([]record.Row, error) {
	var out []record.Row
	q := record.Query{Kinds: []string{hit.KindHit}, States: hit.OpenStates(), Full: true, Limit: record.MaxLimit}
	for {
		page, err := tx.List(q)
		if err != nil {
			return nil, err
		}
		out = append(out, slices.DeleteFunc(page.Rows, func(r record.Row) bool { _, ok := r.Record.Body.(*hit.Hit); return !ok })...)
		if page.Next == "" || len(out) >= maxQueue {
			return out, nil
		}
		q.Cursor = page.Next
	}
}

// maxQueue bounds the queue held in memory for one answer. A unit with more open hits than this has another problem.
const maxQueue = 5000
