package relaytest

import (
	"context"
	"crypto/rand"
	"io"
	"maps"
	"slices"
	"sync"
	"time"

	"sarhad/record"
)

// Store is record.Store in memory, of which record.Mail works, and Put, Get, Erase, Mask, Audit and cursors do what they must.
type Store struct {
	Now   func() time.Time                      // nil = time.Now
	Rand  io.Reader                             // nil = crypto/rand
	Allow func(record.Actor, record.Scope) bool // nil = everybody may read everything

	// Step is asked before an act begins and after it is committed, as the program would be killed there: an error ends
	// the call. nil = never.
	Step func(after bool) error

	mu    sync.Mutex
	state *state
}

// NewStore makes an empty store whose life has a name.
func NewStore(life string) *Store { return &Store{state: newState(life)} }

// Backup is the state of a store at some moment.
type Backup struct{ state *state }

// Backup takes one.
func (s *Store) Backup() Backup {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Backup{s.state.clone()}
}

// Restore brings a backup back under the name of another life.
func (s *Store) Restore(b Backup, life string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = b.state.clone()
	s.state.life = life
}

// Records gives how many records were put under each key.
func (s *Store) Records() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[string]int{}
	for _, r := range s.state.records {
		out[r.Key]++
	}
	return out
}

// Dispatches gives all messages of ours, service messages left out.
func (s *Store) Dispatches() (out []record.Dispatch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range s.state.dispatches.order {
		if d := s.state.dispatches.rows[n]; !d.Service {
			out = append(out, d)
		}
	}
	return out
}

type (
	pairLane struct {
		peer string
		lane record.Lane
		life string
	}
	peerID struct {
		peer string
		id   record.ID
	}
	freightKey struct {
		out  bool
		peer string
		id   record.ID
	}
	span struct{ first, last int64 }
)

// table is rows by ascending numbers that are never given twice.
type table[T any] struct {
	next  int64
	rows  map[int64]T
	order []int64
}

func newTable[T any]() table[T] { return table[T]{next: 1, rows: map[int64]T{}} }

func (t table[T]) clone() table[T] {
	return table[T]{t.next, maps.Clone(t.rows), slices.Clone(t.order)}
}

// state is everything. Slices in rows are never changed in place.
type state struct {
	life       string
	dispatches table[record.Dispatch]
	byID       map[record.ID]int64
	seqs       map[pairLane]int64
	arrivals   table[record.Arrival]
	known      map[peerID]int64
	spans      map[pairLane][]span
	owed       table[record.Receipt]
	owes       map[peerID]int64
	peers      map[string]record.Peer
	freight    map[freightKey]record.Freight
	records    map[record.ID]record.Record
	erased     map[record.ID]bool
	cursors    map[string]record.Seq
}

func newState(life string) *state {
	return &state{life: life, dispatches: newTable[record.Dispatch](), byID: map[record.ID]int64{}, seqs: map[pairLane]int64{}, arrivals: newTable[record.Arrival](),
		known: map[peerID]int64{}, spans: map[pairLane][]span{}, owed: newTable[record.Receipt](), owes: map[peerID]int64{}, peers: map[string]record.Peer{},
		freight: map[freightKey]record.Freight{}, records: map[record.ID]record.Record{}, erased: map[record.ID]bool{}, cursors: map[string]record.Seq{}}
}

func (s *state) clone() *state {
	return &state{s.life, s.dispatches.clone(), maps.Clone(s.byID), maps.Clone(s.seqs), s.arrivals.clone(), maps.Clone(s.known), maps.Clone(s.spans),
		s.owed.clone(), maps.Clone(s.owes), maps.Clone(s.peers), maps.Clone(s.freight), maps.Clone(s.records), maps.Clone(s.erased), maps.Clone(s.cursors)}
}

// View implements record.Store.
func (s *Store) View(ctx context.Context, fn func(record.Tx) error) error {
	actor, err := record.ActorFrom(ctx)
	if err != nil {
		return err
	}
	if s.Step != nil {
		if err := s.Step(false); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return fn(&tx{s: s, state: s.state, actor: actor})
}

// Update implements record.Store.
func (s *Store) Update(ctx context.Context, fn func(record.Tx) error) error {
	actor, err := record.ActorFrom(ctx)
	if err != nil {
		return err
	}
	if s.Step != nil {
		if err := s.Step(false); err != nil {
			return err
		}
	}
	if err := s.change(ctx, actor, fn); err != nil {
		return err
	}
	if s.Step != nil {
		return s.Step(true)
	}
	return nil
}

// Bulk implements record.Store.
func (s *Store) Bulk(ctx context.Context, fn func(record.Tx) error) error { return s.Update(ctx, fn) }

func (s *Store) change(ctx context.Context, actor record.Actor, fn func(record.Tx) error) (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now
	if s.Now != nil {
		now = s.Now
	}
	t := &tx{s: s, state: s.state, actor: actor, write: true, now: now().UTC().Truncate(time.Millisecond)}
	done := false
	defer func() {
		if !done {
			for i := len(t.undo) - 1; i >= 0; i-- {
				t.undo[i]()
			}
		}
	}()
	if err := fn(t); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if t.changed && !t.acted {
		return record.Errorf(record.Internal, "records were changed without a word about it")
	}
	done = true
	return nil
}

func (s *Store) random() io.Reader {
	if s.Rand != nil {
		return s.Rand
	}
	return rand.Reader
}

// tx is one transaction. Everything that is changed leaves behind how it is undone.
type tx struct {
	s              *Store
	state          *state
	actor          record.Actor
	write          bool
	now            time.Time
	undo           []func()
	changed, acted bool
}

func set[K comparable, V any](t *tx, m map[K]V, k K, v V) {
	old, had := m[k]
	t.undo = append(t.undo, func() {
		if had {
			m[k] = old
		} else {
			delete(m, k)
		}
	})
	m[k] = v
}

func unset[K comparable, V any](t *tx, m map[K]V, k K) {
	if old, had := m[k]; had {
		t.undo = append(t.undo, func() { m[k] = old })
		delete(m, k)
	}
}

// insert adds a row under the next number.
func insert[T any](t *tx, tab *table[T], row func(n int64) T) int64 {
	n, order := tab.next, tab.order
	t.undo = append(t.undo, func() { tab.next, tab.order = n, order })
	tab.next++
	tab.order = append(order, n)
	set(t, tab.rows, n, row(n))
	return n
}

func remove[T any](t *tx, tab *table[T], n int64) {
	order := tab.order
	t.undo = append(t.undo, func() { tab.order = order })
	i, _ := slices.BinarySearch(order, n)
	tab.order = slices.Concat(order[:i], order[i+1:])
	unset(t, tab.rows, n)
}

func (t *tx) mayWrite() error {
	if !t.write {
		return record.Errorf(record.Internal, "this transaction only reads")
	}
	return nil
}

func (t *tx) mayCarry() error {
	if err := t.mayWrite(); err != nil {
		return err
	}
	if !t.actor.Machine {
		return record.Errorf(record.Forbidden, "what waits and what came is moved by the relay, not by a person")
	}
	return nil
}
