package relay

import (
	"context"
	"slices"
	"time"

	"sarhad/record"
)

// maxFormer bounds what is told of former incarnations: four of them, in all lanes. It is for a peer that was itself restored
// from a backup older than the succession.
const maxFormer = 12

// beatAll sends a heartbeat to each partner whose turn it is, and gives when the next one is due. They are not queued: one that cannot
// go now is worth nothing later.
func (r *Relay) beatAll(ctx context.Context) (next time.Duration) {
	partners, err := r.partners(ctx)
	if err != nil {
		r.failed(ctx, "heartbeat", err)
		return r.cfg.Timing.Beat
	}
	var worst error
	for _, name := range partners {
		wait, err := r.beatWait(ctx, name)
		if err == nil && wait <= 0 {
			err = r.beatOne(ctx, name)
			wait = r.cfg.Timing.Beat
			r.mu.Lock()
			r.beats[name] = r.cfg.Now()
			r.mu.Unlock()
		}
		if err != nil {
			worst, wait = err, r.cfg.Timing.Beat
		}
		if next = soonest(next, wait); ctx.Err() != nil {
			return next
		}
	}
	r.failed(ctx, "heartbeat", worst)
	return soonest(next, r.cfg.Timing.Beat)
}

// beatWait is how long a peer still waits for its next heartbeat. One that is silent gets fewer and fewer, an hour apart at most: they
// wait for it at the hub, and whoever comes back over a thin line needs it for something better.
func (r *Relay) beatWait(ctx context.Context, name string) (wait time.Duration, err error) {
	now := r.cfg.Now()
	r.mu.Lock()
	last, beaten := r.beats[name]
	r.mu.Unlock()
	if !beaten {
		return 0, nil
	}
	every := r.cfg.Timing.Beat
	err = r.view(ctx, func(tx record.Tx) error {
		p, err := tx.Peer(name)
		if silent := now.Sub(p.Heard); !p.Heard.IsZero() && silent > 3*every {
			every = min(max(every, silent/4), r.cfg.Timing.BeatMost)
		}
		return err
	})
	return last.Add(every).Sub(now), err
}

func (r *Relay) partners(ctx context.Context) (names []string, err error) {
	if r.cfg.Partners != nil {
		return r.cfg.Partners(), nil
	}
	err = r.view(ctx, func(tx record.Tx) (err error) {
		names, err = tx.PeerNames()
		return err
	})
	return names, err
}

func (r *Relay) beatOne(ctx context.Context, name string) error {
	var b beatBody
	err := r.update(ctx, func(tx record.Tx) error {
		p, err := tx.Peer(name)
		if err != nil {
			return err
		}
		p.Our++
		if b, err = r.compose(tx, p); err != nil {
			return err
		}
		return tx.SetPeer(p)
	})
	if err != nil {
		return err
	}
	content, err := b.pad()
	if err != nil {
		return err
	}
	return r.post(ctx, record.Dispatch{To: name, Lane: record.Routine, Kind: KindHeartbeat, Content: content, Incarnation: b.Life})
}

// compose says how things stand with a peer.
func (r *Relay) compose(tx record.Tx, p record.Peer) (b beatBody, err error) {
	b = beatBody{Number: p.Our, Life: tx.Incarnation(), Clock: r.cfg.Now().UTC(), Version: r.cfg.Version, Reads: r.cfg.Reads,
		Lanes: map[record.Lane]beatLane{}, Head: r.cfg.Head(p), Checkpoint: r.cfg.Checkpoint(),
		Former: p.Given[max(0, len(p.Given)-maxFormer):]}
	for _, l := range record.Lanes {
		lane := beatLane{Sent: p.Next[l] - 1, Life: p.Incarnation}
		for _, st := range []record.DispatchState{record.DispatchQueued, record.DispatchSealed} { // all before the first that waits
			waits, err := tx.Dispatches(record.DispatchQuery{State: st, To: p.Name, Lane: l, Limit: record.MaxLimit})
			if err != nil {
				return b, err
			}
			if i := slices.IndexFunc(waits, func(d record.Dispatch) bool { return d.Incarnation == b.Life }); i >= 0 {
				lane.Sent = min(lane.Sent, waits[i].Seq-1)
			}
		}
		b.Lanes[l] = lane
	}
	return b, r.composeGot(tx, p, &b)
}

// composeGot says what is here of the peer's present incarnation, as far as its own last heartbeat tells.
func (r *Relay) composeGot(tx record.Tx, p record.Peer, b *beatBody) error {
	gaps, err := tx.Gaps(p.Name)
	if err != nil {
		return err
	}
	for _, l := range record.Lanes {
		lane := b.Lanes[l]
		lane.Got = p.Lanes[l].Sent
		for _, g := range gaps {
			if g.Lane != l || g.Incarnation != p.Incarnation {
				continue
			}
			if g.Last == lane.Got {
				lane.Got = g.First - 1
			} else {
				lane.Missing += g.Last - g.First + 1
			}
		}
		b.Lanes[l] = lane
	}
	return nil
}

// post seals and publishes a message that is not queued.
func (r *Relay) post(ctx context.Context, d record.Dispatch) (err error) {
	if d.ID, err = record.NewRandomID(r.cfg.Rand); err != nil {
		return err
	}
	d.Service, d.Queued = true, r.cfg.Now()
	if d.Expires.IsZero() {
		d.Expires = d.Queued.Add(postLife)
	}
	wire, err := r.cfg.Seal(ctx, d)
	if err != nil {
		return err
	}
	if d.Lane != record.Flash {
		if err := r.bucket.take(ctx, len(wire)); err != nil {
			return err
		}
	}
	return r.publish(ctx, d.Lane, d.ID, wire)
}

// postLife is how long the hub keeps a heartbeat or a piece for who is away.
const postLife = 24 * time.Hour

// beat takes in a heartbeat. One that is not newer than the last of its incarnation is a replay, and counts for nothing.
func (s *storing) beat(from string, b beatBody) error {
	p, err := s.tx.Peer(from)
	if err != nil {
		return err
	}
	last, known := p.Beats[b.Life]
	if b.Life == "" || b.Number <= last {
		s.r.cfg.Log.Warn("relay: a heartbeat is not newer than the last and is left", "peer", from, "number", b.Number)
		return nil
	}
	if p.Beats == nil {
		p.Beats = map[string]int64{}
	}
	p.Beats[b.Life] = b.Number
	if b.Life != p.Incarnation && known && !b.Clock.After(p.BeatAt) {
		return s.tx.SetPeer(p) // of a former life, held back on the way
	}
	p.Incarnation, p.Beat, p.BeatAt, p.BeatHeard, p.Heard = b.Life, b.Number, b.Clock.UTC(), s.now, s.now
	p.Skew, p.Version, p.Reads, p.Reported, p.Directory = b.Clock.Sub(s.now), b.Version, b.Reads, b.Checkpoint, b.Head
	p.Lanes = map[record.Lane]record.PeerLane{}
	for _, l := range record.Lanes {
		x := b.Lanes[l]
		p.Lanes[l] = record.PeerLane{Sent: min(max(x.Sent, 0), 1<<53), Got: x.Got, Missing: x.Missing, Life: x.Life}
	}
	p.Former = b.Former[:min(len(b.Former), maxFormer)]
	s.beats = append(s.beats, p)
	return s.tx.SetPeer(p)
}
