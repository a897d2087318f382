package directory

import (
	"slices"
	"time"

	"sarhad/record"
)

// EntryOverlap is how long a replaced key still opens doors, from when this node knew that it was replaced: a machine learns that its new
// keys count by what comes through the door, and an outpost comes seldom.
const EntryOverlap = 14 * 24 * time.Hour

// EntryKeys gives the keys by which a machine may enter now: those of its present statement, and those it replaced lately, unless they
// expired or were revoked. They admit; nothing is sealed to them and nothing that they sign is believed.
func (d *Directory) EntryKeys(id string, use Use) ([]Key, error) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	out, err := d.keys(id, use)
	if err != nil {
		return nil, err
	}
	p, now := d.state.parties[id], d.now()
	for i, s := range p.said[:max(len(p.said)-1, 0)] {
		if state, _ := d.judge(p, s, now); state != Current || now.Sub(d.known[p.said[i+1].leaf-1]) >= EntryOverlap {
			continue
		}
		keys, err := d.usable(s, use)
		if record.KindOf(err) == record.NotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, k := range keys {
			if !slices.Contains(out, k) {
				out = append(out, k)
			}
		}
	}
	return out, nil
}
