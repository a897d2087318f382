package relaytest

import (
	"maps"
	"math"
	"slices"

	"sarhad/record"
)

// PeerNames implements record.Mail.
func (t *tx) PeerNames() ([]string, error) {
	names := map[string]bool{}
	for n := range t.state.peers {
		names[n] = true
	}
	for k := range t.state.seqs {
		names[k.peer] = true
	}
	for k := range t.state.spans {
		names[k.peer] = true
	}
	return slices.Sorted(maps.Keys(names)), nil
}

// Peers implements record.Mail.
func (t *tx) Peers() (out []record.Peer, err error) {
	names, _ := t.PeerNames()
	for _, n := range names {
		p, _ := t.Peer(n)
		out = append(out, p)
	}
	return out, nil
}

// Peer implements record.Mail.
func (t *tx) Peer(name string) (record.Peer, error) {
	p := t.state.peers[name]
	p.Beats, p.Lanes = maps.Clone(p.Beats), maps.Clone(p.Lanes)
	p.Name, p.Next = name, map[record.Lane]int64{}
	for _, l := range record.Lanes {
		p.Next[l] = t.state.seqs[pairLane{name, l, t.state.life}] + 1
	}
	for k, last := range t.state.seqs {
		if k.peer == name && k.life != t.state.life {
			p.Given = append(p.Given, record.LaneLast{Lane: k.lane, Incarnation: k.life, Last: last})
		}
	}
	slices.SortFunc(p.Given, func(a, b record.LaneLast) int {
		return compare(a.Incarnation, b.Incarnation, string(a.Lane), string(b.Lane))
	})
	return p, nil
}

// SetPeer implements record.Mail.
func (t *tx) SetPeer(p record.Peer) error {
	if err := t.mayCarry(); err != nil {
		return err
	}
	p.Beats, p.Lanes, p.Next, p.Given = maps.Clone(p.Beats), maps.Clone(p.Lanes), nil, nil
	set(t, t.state.peers, p.Name, p)
	return nil
}

// Gaps implements record.Mail.
func (t *tx) Gaps(from string) (out []record.Gap, err error) {
	p := t.state.peers[from]
	for _, lane := range record.Lanes {
		var lives []string
		for k := range t.state.spans {
			if k.peer == from && k.lane == lane {
				lives = append(lives, k.life)
			}
		}
		slices.Sort(lives)
		for _, life := range lives {
			end := int64(0)
			for _, s := range t.state.spans[pairLane{from, lane, life}] {
				if s.first > end+1 {
					out = append(out, record.Gap{From: from, Lane: lane, Incarnation: life, First: end + 1, Last: s.first - 1})
				}
				end = s.last
			}
		}
		for _, e := range p.Ends() {
			had := int64(0)
			if list := t.state.spans[pairLane{from, lane, e.Incarnation}]; len(list) > 0 {
				had = list[len(list)-1].last
			}
			if e.Lane == lane && e.Last > had {
				out = append(out, record.Gap{From: from, Lane: lane, Incarnation: e.Incarnation, First: had + 1, Last: e.Last})
			}
		}
	}
	return out[:min(len(out), record.MaxGaps)], nil
}

// Skip implements record.Mail.
func (t *tx) Skip(g record.Gap) error {
	if err := t.mayCarry(); err != nil {
		return err
	}
	if g.First < 1 || g.Last < g.First || g.Last == math.MaxInt64 {
		return record.Errorf(record.Internal, "a range of numbers runs from 1 upwards")
	}
	t.span(pairLane{g.From, g.Lane, g.Incarnation}, span{g.First, g.Last})
	return nil
}
