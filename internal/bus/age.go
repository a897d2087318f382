package bus

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"sarhad/record"
)

// Nobody is dropped silently by age: a day before, the sender is told. At limits shorter than two days half of the time is left.
const (
	ageNotice = 24 * time.Hour
	ageSweep  = time.Hour
)

func (h *Hub) watchAge() {
	told := map[countKey]uint64{} // up to which number of a stream senders were told; after a start they are told again
	for wait(h.ctx, nil, ageSweep) == nil {
		h.sweepAge(h.ctx, told)
	}
}

// sweepAge tells senders of what is about to be dropped because nobody fetched it.
func (h *Hub) sweepAge(ctx context.Context, told map[countKey]uint64) {
	h.mu.RLock()
	routers := make([]*router, 0, len(h.routers))
	for _, r := range h.routers {
		routers = append(routers, r)
	}
	h.mu.RUnlock()
	for _, r := range routers {
		for _, l := range record.Lanes {
			key := countKey{r.node, string(l)}
			last, err := r.sweepAge(ctx, l, told[key])
			told[key] = last
			if err != nil && ctx.Err() == nil {
				h.cfg.Log.Warn("the age of what waits is not known", "node", r.node, "lane", l, "err", err)
			}
		}
	}
}

func (r *router) sweepAge(ctx context.Context, l record.Lane, told uint64) (uint64, error) {
	age := r.hub.limits[l].Age
	if age == 0 {
		return told, nil
	}
	due := r.hub.cfg.Now().Add(-age + min(ageNotice, age/2))
	stream, err := r.js.Stream(ctx, downStream(l))
	if err != nil {
		return told, err
	}
	state := stream.CachedInfo().State
	for seq := max(told+1, state.FirstSeq); seq <= state.LastSeq; seq++ {
		m, err := stream.GetMsg(ctx, seq)
		if errors.Is(err, jetstream.ErrMsgNotFound) { // acknowledged
			told = seq
			continue
		}
		if err != nil {
			return told, err
		}
		if m.Time.After(due) {
			return told, nil
		}
		if err := r.tellAge(ctx, l, m); err != nil {
			return told, err
		}
		told = seq
	}
	return told, nil
}

func (r *router) tellAge(ctx context.Context, l record.Lane, m *jetstream.RawStreamMsg) error {
	from, id := m.Header.Get(fromHeader), m.Header.Get(idHeader)
	reason := fmt.Sprintf("node %s has not fetched it since %s UTC; the hub keeps it until %s UTC", r.node,
		m.Time.UTC().Format("2006-01-02 15:04"), m.Time.Add(r.hub.limits[l].Age).UTC().Format("2006-01-02 15:04"))
	r.hub.stats.refused(from, l)
	if r.hub.cfg.Refused == nil {
		return nil
	}
	return r.hub.cfg.Refused(ctx, from, string(l), id, reason)
}
