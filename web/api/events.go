package api

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"sarhad/internal/authn"
	"sarhad/record"
	"sarhad/record/access"
	"sarhad/screening/hit"
)

// Status is what every frame shows: what waits, and how far the machine is.
type Status struct {
	Unscreened  int       `json:"unscreened" doc:"persons stored but not yet held against the lists"`
	Seq         int64     `json:"seq" doc:"head of the change sequence"`
	OpenHits    int       `json:"openHits"`
	OverdueHits int       `json:"overdueHits"`
	Open        int       `json:"openInstructions"`
	Now         time.Time `json:"now"`
	Link        Line      `json:"link"`
}

// Line is the state of the line to the hub.
type Line struct {
	State   string `json:"state" enum:"standalone,online,offline"`
	Waiting int    `json:"waiting"`
}

// Events follows the change sequence and tells every open screen what changed, filtered by what its officer may read.
type Events struct {
	Store record.Store
	Now   func() time.Time
	Log   *slog.Logger
	Authn *authn.Service

	mu       sync.Mutex
	waiting  map[chan []record.Row]bool
	wakers   []chan<- struct{}
	statuses map[string]cachedStatus
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
	// eventPage bounds what is told at once; a screen that misses more reads its lists again.
	eventPage = 500
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
	var last record.Seq
	started := false
	tick := time.NewTicker(pulse)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		var rows []record.Row
		err := e.Store.View(ctx, func(tx record.Tx) error {
			head, err := tx.Head()
			if err != nil || head == last {
				return err
			}
			if !started || head-last > eventPage {
				last, started = max(head-1, 0), true
			}
			rows, err = tx.Changes(last, eventPage)
			return err
		})
		if err != nil {
			if ctx.Err() == nil {
				e.Log.Error("events: the sequence cannot be read", "err", err)
			}
			continue
		}
		if len(rows) > 0 {
			last = rows[len(rows)-1].Seq
			e.tell(rows)
		}
	}
}

func (e *Events) tell(rows []record.Row) {
	e.mu.Lock()
	defer e.mu.Unlock()
	clear(e.statuses)
	for c := range e.waiting {
		select {
		case c <- rows:
		default: // a slow screen reads its lists again when it wakes
		}
	}
	for _, c := range e.wakers {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

func (e *Events) subscribe() (chan []record.Row, func()) {
	c := make(chan []record.Row, 16)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.waiting == nil {
		e.waiting = map[chan []record.Row]bool{}
	}
	e.waiting[c] = true
	return c, func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		delete(e.waiting, c)
	}
}

// Status gives what waits, as far as the actor may count it.
func (e *Events) Status(ctx context.Context) (Status, error) {
	actor, err := record.ActorFrom(ctx)
	if err != nil {
		return Status{}, err
	}
	key := actor.Agency + "\x00" + actor.Place + "\x00" + strings.Join(actor.Roles, " ")
	now := e.Now()
	e.mu.Lock()
	old, ok := e.statuses[key]
	e.mu.Unlock()
	if ok && now.Sub(old.at) < statusAge {
		return old.Status, nil
	}
	s, err := e.status(ctx, actor, now)
	if err != nil {
		return s, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.statuses == nil {
		e.statuses = map[string]cachedStatus{}
	}
	e.statuses[key] = cachedStatus{s, now}
	return s, nil
}

func (e *Events) status(ctx context.Context, actor record.Actor, now time.Time) (Status, error) {
	s := Status{Now: now.UTC(), Link: Line{State: "standalone"}}
	machine := record.WithActor(ctx, record.Machine("status", ""))
	err := e.Store.View(machine, func(tx record.Tx) error {
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
	if err != nil || len(access.Doors(actor)) == 0 {
		return s, err
	}
	err = e.Store.View(ctx, func(tx record.Tx) error {
		var err error
		if access.May(actor, access.Read, access.Hit) {
			q := record.Query{Kinds: []string{hit.KindHit}, States: hit.OpenStates()}
			if s.OpenHits, err = tx.Count(q, maxQueue); err != nil {
				return err
			}
			// A hit's record occurs when its traveller arrives: overdue ones are a range of the same index.
			q.States, q.From, q.To = []string{hit.New}, time.Unix(1, 0), now.Add(hit.OverdueBefore+time.Millisecond)
			if s.OverdueHits, err = tx.Count(q, maxQueue); err != nil {
				return err
			}
		}
		s.Open, err = tx.Count(record.Query{Kinds: []string{hit.KindInstruction}, States: []string{hit.Open}}, 1000)
		return err
	})
	return s, err
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
			if _, err := a.Authn.Peek(ctx, authn.TokenFrom(ctx)); err != nil {
				send(w, "end", struct{}{})
				_ = flush.Flush() // the stream ends here either way
				return
			}
		case rows := <-changes:
			for _, row := range rows {
				if row.Until == 0 && access.Allow(actor, access.Read, row.Scope) {
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
