package relay

import (
	"context"
	"time"

	"sarhad/record"
)

// asked is what is remembered of a gap; its key is the gap without its end.
type asked struct {
	since time.Time
	next  time.Time
	tries int
	seen  bool // in the last sweep
}

// askLife is how long a question for missing numbers is worth sending.
const askLife = time.Hour

// answerMost bounds how many messages one question brings back, and serveMost how many ranges one holds.
const answerMost = 256

// askForGaps asks peers for numbers that are missing since some time.
func (r *Relay) askForGaps(ctx context.Context) error {
	now := r.cfg.Now()
	due := map[string][]record.Gap{}
	err := r.view(ctx, func(tx record.Tx) error {
		clear(due)
		names, err := tx.PeerNames()
		if err != nil {
			return err
		}
		r.mu.Lock()
		for _, a := range r.gaps {
			a.seen = false
		}
		r.mu.Unlock()
		for _, name := range names {
			gaps, err := tx.Gaps(name)
			if err != nil {
				return err
			}
			for _, g := range gaps {
				if r.gapDue(g, now) {
					due[name] = append(due[name], g)
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	r.mu.Lock()
	for k, a := range r.gaps {
		if !a.seen {
			delete(r.gaps, k)
		}
	}
	r.mu.Unlock()
	if len(due) == 0 {
		return nil
	}
	err = r.update(ctx, func(tx record.Tx) error {
		for name, gaps := range due {
			if err := r.serve(tx, name, record.Routine, KindAsk, rangesOf(gaps), askLife); err != nil {
				return err
			}
		}
		return nil
	})
	r.wake("seal " + string(record.Routine))
	return err
}

func rangesOf(gaps []record.Gap) (b ranges) {
	for _, g := range gaps {
		b.Ranges = append(b.Ranges, numbers{g.Lane, g.Incarnation, g.First, g.Last})
	}
	return b
}

// gapDue remembers a gap and tells whether it is to be asked for now.
func (r *Relay) gapDue(g record.Gap, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	k := g
	k.Last = 0
	a := r.gaps[k]
	if a == nil {
		a = &asked{since: now, next: now.Add(r.cfg.Timing.Ask)}
		r.gaps[k] = a
	}
	a.seen = true
	if a.next.After(now) {
		return false
	}
	a.tries++
	a.next = now.Add(doubled(r.cfg.Timing.AskAgain, a.tries, max(time.Hour, r.cfg.Timing.AskAgain)))
	return true
}

// asked answers a peer's question for numbers of ours: what is kept goes once more, what is not is said to be gone.
func (s *storing) asked(from string, b ranges) error {
	var gone ranges
	left := answerMost
	for _, n := range b.Ranges[:min(len(b.Ranges), record.MaxGaps)] {
		if !n.valid() || left <= 0 {
			continue
		}
		lost, err := s.answer(from, n, &left)
		if err != nil {
			return err
		}
		gone.Ranges = append(gone.Ranges, lost...)
	}
	if len(gone.Ranges) == 0 {
		return nil
	}
	s.woken["seal "+string(record.Routine)] = true
	return s.r.serve(s.tx, from, record.Routine, KindGone, gone, 7*24*time.Hour)
}

// answer makes due what is kept of a range, and gives the parts of it that are gone.
func (s *storing) answer(from string, n numbers, left *int) (gone []numbers, err error) {
	if n.Life == s.tx.Incarnation() {
		p, err := s.tx.Peer(from)
		if err != nil {
			return nil, err
		}
		n.Last = min(n.Last, p.Next[n.Lane]-1) // what was never given is not gone
	}
	lost := func(first, last int64) {
		if k := len(gone) - 1; k >= 0 && gone[k].Last == first-1 {
			gone[k].Last = last
		} else if first <= last {
			gone = append(gone, numbers{n.Lane, n.Life, first, last})
		}
	}
	at := n.First
	for at <= n.Last && *left > 0 && len(gone) < answerMost {
		list, err := s.tx.Dispatches(record.DispatchQuery{To: from, Lane: n.Lane, Incarnation: n.Life, First: at, Last: n.Last, Full: true, Limit: min(*left, 32)})
		if err != nil {
			return nil, err
		}
		if len(list) == 0 {
			lost(at, n.Last)
			return gone, nil
		}
		for _, d := range list {
			if d.Seq > at {
				lost(at, d.Seq-1)
			}
			at = d.Seq + 1
			*left--
			switch {
			case d.Wire == nil && d.State != record.DispatchQueued:
				lost(d.Seq, d.Seq)
			case d.Wire != nil && !d.Due && s.now.Sub(d.Tried) >= s.r.cfg.Timing.Ask: // not what is under way just now
				if _, err := s.tx.Advance(record.Step{ID: d.ID, Again: true}); err != nil {
					return nil, err
				}
				s.r.count(func(c *counts) { c.again++ })
				s.woken["publish "+string(n.Lane)] = true
			}
		}
	}
	return gone, nil
}

// gone notes what a peer can send no more: it is missing no longer, but counted.
func (s *storing) gone(from string, b ranges) error {
	p, err := s.tx.Peer(from)
	if err != nil {
		return err
	}
	missing, err := s.tx.Gaps(from)
	if err != nil {
		return err
	}
	for _, n := range b.Ranges[:min(len(b.Ranges), answerMost)] {
		if !n.valid() {
			continue
		}
		for _, g := range missing { // only what we know to be missing: a number that is still to come is not gone
			first, last := max(g.First, n.First), min(g.Last, n.Last)
			if g.Lane != n.Lane || g.Incarnation != n.Life || first > last {
				continue
			}
			p.Gone += last - first + 1
			if err := s.tx.Skip(record.Gap{From: from, Lane: n.Lane, Incarnation: n.Life, First: first, Last: last}); err != nil {
				return err
			}
		}
	}
	s.r.cfg.Log.Warn("relay: a peer can send some messages no more", "peer", from, "gone", p.Gone)
	return s.tx.SetPeer(p)
}

// asking is where the questions how messages stand are, for one peer.
type asking struct {
	after int64
	next  time.Time
}

// askHow asks peers about messages that were delivered long ago and neither opened nor refused: the word of it may be lost.
// They are asked about in turn, some each time.
func (r *Relay) askHow(ctx context.Context) error {
	now := r.cfg.Now()
	ask := map[string]howBody{}
	err := r.view(ctx, func(tx record.Tx) error {
		clear(ask)
		names, err := tx.PeerNames()
		if err != nil {
			return err
		}
		for _, name := range names {
			h := r.hows[name]
			if h.next.After(now) {
				continue
			}
			list, err := tx.Dispatches(record.DispatchQuery{Unclosed: true, To: name, After: h.after, Limit: answerMost})
			if err != nil {
				return err
			}
			var b howBody
			for _, d := range list {
				if h.after = d.Number; now.Sub(d.Delivered) >= r.cfg.Timing.How {
					b.IDs = append(b.IDs, d.ID)
				}
			}
			if len(list) < answerMost {
				h = asking{next: now.Add(r.cfg.Timing.How)}
			}
			r.hows[name] = h
			if len(b.IDs) > 0 {
				ask[name] = b
			}
		}
		return nil
	})
	if err != nil || len(ask) == 0 {
		return err
	}
	err = r.update(ctx, func(tx record.Tx) error {
		for name, b := range ask {
			if err := r.serve(tx, name, record.Routine, KindHow, b, askLife); err != nil {
				return err
			}
		}
		return nil
	})
	r.wake("seal " + string(record.Routine))
	return err
}
