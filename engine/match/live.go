package match

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
)

// Live is a set of listed persons that changes while it is searched: searches
// read an atomic snapshot and never wait; writers wait for each other. What Put,
// Remove or Replace did is seen by every Search that begins after they return.
//
// Behind it are a few Index segments of falling size; a Put adds a small one and
// merges neighbours of like size, so that n changes cost O(n log n) in all. How
// common a word is comes from the list of the last Replace.
type Live struct {
	write sync.Mutex
	state atomic.Pointer[liveState]
}

type liveState struct {
	segments []segment
	freq     *frequencies
	size     int
}

// segment is a snapshot, the persons it was made from, and who of them is gone.
type segment struct {
	ix     *Index
	people []Person
	dead   []uint64 // bit set over ordinals
	gone   int
}

// mergeFactor: a segment is merged into its elder while that is not this many
// times larger.
const mergeFactor = 3

// NewLive starts with the people given.
func NewLive(people []Person) *Live {
	l := &Live{}
	l.Replace(people)
	return l
}

// Replace puts a new list in place of everything.
func (l *Live) Replace(people []Person) {
	kept := lastOfEach(people)
	ix := build(kept, nil)
	l.write.Lock()
	defer l.write.Unlock()
	l.state.Store(&liveState{segments: []segment{newSegment(ix, kept)}, freq: ix.freq, size: len(kept)})
}

// lastOfEach drops all but the last person of an ID, in order.
func lastOfEach(people []Person) []Person {
	last := make(map[string]int, len(people))
	for i, p := range people {
		last[p.ID] = i
	}
	kept := make([]Person, 0, len(people))
	for i, p := range people {
		if p.ID == "" || last[p.ID] == i {
			kept = append(kept, p)
		}
	}
	return kept
}

func newSegment(ix *Index, people []Person) segment {
	return segment{ix: ix, people: people, dead: make([]uint64, (len(people)+63)/64)}
}

// Put adds a person or replaces the one with the same ID.
func (l *Live) Put(p Person) {
	l.write.Lock()
	defer l.write.Unlock()
	next := l.current().without(p.ID)
	next.segments = append(next.segments, newSegment(build([]Person{p}, next.freq), []Person{p}))
	next.size++
	for n := len(next.segments); n > 1; n = len(next.segments) {
		a, b := next.segments[n-2], next.segments[n-1]
		if a.alive() > mergeFactor*b.alive() {
			break
		}
		people := append(a.living(), b.living()...)
		next.segments = append(next.segments[:n-2:n-2], newSegment(build(people, next.freq), people))
	}
	l.state.Store(next)
}

// Remove takes a person out; an unknown ID changes nothing.
func (l *Live) Remove(id string) {
	l.write.Lock()
	defer l.write.Unlock()
	l.state.Store(l.current().without(id))
}

// current is the state, also of a zero Live.
func (l *Live) current() *liveState {
	if s := l.state.Load(); s != nil {
		return s
	}
	return &liveState{freq: &frequencies{}}
}

// without copies the state and marks the person as gone.
func (s *liveState) without(id string) *liveState {
	next := &liveState{segments: slices.Clone(s.segments), freq: s.freq, size: s.size}
	if id == "" {
		return next
	}
	for i := range next.segments {
		g := &next.segments[i]
		if at, ok := g.ix.ordinals[id]; ok && !g.isDead(at) {
			g.dead = slices.Clone(g.dead)
			g.dead[at/64] |= 1 << (at % 64)
			g.gone++
			next.size--
		}
	}
	return next
}

func (g *segment) isDead(at int32) bool { return g.dead[at/64]&(1<<(at%64)) != 0 }
func (g *segment) alive() int           { return len(g.people) - g.gone }

func (g *segment) living() []Person {
	out := make([]Person, 0, g.alive())
	for i, p := range g.people {
		if !g.isDead(int32(i)) {
			out = append(out, p)
		}
	}
	return out
}

// Len is the number of persons.
func (l *Live) Len() int { return l.current().size }

// Search is Index.Search over the present set.
func (l *Live) Search(q Person, opt Options) []Match {
	opt = opt.defaults()
	state := l.current()
	prepared := prepareQuery(q, state.freq)
	var out []Match
	for _, g := range state.segments {
		out = append(out, g.ix.search(prepared, opt, g.isDead)...)
	}
	slices.SortStableFunc(out, func(a, b Match) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.ID, b.ID))
	})
	if len(out) > opt.Limit {
		out = out[:opt.Limit]
	}
	return out
}
