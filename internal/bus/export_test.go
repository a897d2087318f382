package bus

import (
	"context"

	"github.com/nats-io/nats.go/jetstream"

	"sarhad/record"
)

// Consumers gives the settings of both consumers of a node's lane, and tries to put one beside them that acknowledges all.
func (h *Hub) Consumers(ctx context.Context, node string, l record.Lane) (up, down jetstream.ConsumerConfig, ackAll error, err error) {
	r := h.router(node)
	select {
	case <-r.ready[l]:
	case <-ctx.Done():
		return up, down, nil, ctx.Err()
	}
	a, err := r.js.Consumer(ctx, upStream(l), durable)
	if err != nil {
		return up, down, nil, err
	}
	b, err := r.js.Consumer(ctx, downStream(l), durable)
	if err != nil {
		return up, down, nil, err
	}
	_, ackAll = r.js.CreateConsumer(ctx, downStream(l), jetstream.ConsumerConfig{Durable: "other", AckPolicy: jetstream.AckAllPolicy})
	return a.CachedInfo().Config, b.CachedInfo().Config, ackAll, nil
}

// SweepAge tells of what is about to be dropped, once.
func (h *Hub) SweepAge(ctx context.Context) { h.sweepAge(ctx, map[countKey]uint64{}) }

// Ready waits until all lanes of all nodes are open.
func (h *Hub) Ready(ctx context.Context) error {
	h.mu.RLock()
	defer h.mu.RUnlock()
	for _, r := range h.routers {
		for _, c := range r.ready {
			select {
			case <-c:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	return nil
}

// Leader reports whether this process leads a node's stream.
func (h *Hub) Leader(ctx context.Context, node string, l record.Lane) bool {
	s, err := h.router(node).js.Stream(ctx, upStream(l))
	return err == nil && s.CachedInfo().Cluster != nil && s.CachedInfo().Cluster.Leader == h.cfg.Name
}
