package bus

import (
	"context"
	"maps"
	"sync"
	"time"

	"sarhad/record"
)

// Count is what the hub counts about one lane of one node since its start. It knows sizes, never contents.
type Count struct {
	Node          string // "" = unknown
	Lane          string // "" for Denied
	Sent, SentB   int64  // messages and bytes that were moved on from the node
	Came, CameB   int64  // that were put into its stream
	Refused       int64  // messages of the node that were refused
	Retried       int64  // tries that did not succeed and are made again
	Denied        int64  // attempts at what is not allowed
	Waiting       int64  // messages in the node's stream now
	WaitingB      int64  // their bytes
	Unrouted      int64  // messages of the node that were not moved on yet
	Fetched       int64  // of Waiting: fetched and not acknowledged yet
	Redelivered   int64  // of Fetched: more than once
	StreamMissing bool   // the streams are not there yet, or have no leader
}

type countKey struct{ node, lane string }

type stats struct {
	mu     sync.Mutex
	counts map[countKey]*Count
	since  time.Time // start of the minute of
	minute map[string]int
}

func (s *stats) add(node, lane string, f func(*Count)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.counts[countKey{node, lane}]
	if c == nil {
		c = &Count{Node: node, Lane: lane}
		s.counts[countKey{node, lane}] = c
	}
	f(c)
}

func (s *stats) routed(from, to string, l record.Lane, size int) {
	s.add(from, string(l), func(c *Count) { c.Sent++; c.SentB += int64(size) })
	s.add(to, string(l), func(c *Count) { c.Came++; c.CameB += int64(size) })
}
func (s *stats) refused(from string, l record.Lane) {
	s.add(from, string(l), func(c *Count) { c.Refused++ })
}
func (s *stats) retried(from string, l record.Lane) {
	s.add(from, string(l), func(c *Count) { c.Retried++ })
}

// deny counts, and gives the number of the node's denials in this minute.
func (s *stats) deny(node string, now time.Time) int {
	s.add(node, "", func(c *Count) { c.Denied++ })
	s.mu.Lock()
	defer s.mu.Unlock()
	if m := now.Truncate(time.Minute); !m.Equal(s.since) {
		s.since = m
		clear(s.minute)
	}
	s.minute[node]++
	return s.minute[node]
}

// Counts gives the figures of all nodes and lanes, in no order, for metrics and the queue screen.
func (h *Hub) Counts(ctx context.Context) []Count {
	h.mu.RLock()
	routers := maps.Clone(h.routers)
	h.mu.RUnlock()
	for id := range routers {
		for _, l := range record.Lanes {
			h.stats.add(id, string(l), func(*Count) {})
		}
	}
	h.stats.mu.Lock()
	out := make([]Count, 0, len(h.stats.counts))
	for _, c := range h.stats.counts {
		out = append(out, *c)
	}
	h.stats.mu.Unlock()
	for i := range out {
		if r := routers[out[i].Node]; r != nil && out[i].Lane != "" {
			r.measure(ctx, record.Lane(out[i].Lane), &out[i])
		}
	}
	return out
}

func (r *router) measure(ctx context.Context, l record.Lane, c *Count) {
	c.StreamMissing = true
	up, err := r.js.Stream(ctx, upStream(l))
	if err != nil {
		return
	}
	down, err := r.js.Stream(ctx, downStream(l))
	if err != nil {
		return
	}
	one, err := r.js.Consumer(ctx, downStream(l), durable)
	if err != nil {
		return
	}
	c.StreamMissing = false
	c.Unrouted = int64(up.CachedInfo().State.Msgs)
	c.Waiting, c.WaitingB = int64(down.CachedInfo().State.Msgs), int64(down.CachedInfo().State.Bytes)
	c.Fetched, c.Redelivered = int64(one.CachedInfo().NumAckPending), int64(one.CachedInfo().NumRedelivered)
}
