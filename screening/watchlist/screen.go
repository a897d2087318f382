package watchlist

import (
	"time"

	"sarhad/engine/match"
)

// MaxMatches is how many matches a screening gives at most.
const MaxMatches = 10

// Screener searches publications without any store.
type Screener struct {
	index   *match.Index
	entries map[string]*Entry
	effects map[string]string
}

// Found is one listed person that may be the one asked for.
type Found struct {
	Entry  *Entry
	Effect string // legal effect of the list, as it starts
	match.Match
}

// NewScreener makes an index of the persons of publications, without those whose validity has
// ended. Of two publications of one list the newer one counts.
func NewScreener(now time.Time, publications ...*Publication) *Screener {
	newest := map[string]*Publication{}
	for _, p := range publications {
		if other := newest[p.List]; other == nil || !p.Published.Before(other.Published) {
			newest[p.List] = p
		}
	}
	s := &Screener{entries: map[string]*Entry{}, effects: map[string]string{}}
	var people []match.Person
	for _, p := range publications {
		if newest[p.List] != p {
			continue
		}
		s.effects[p.List] = p.Effect
		for _, e := range p.Entries {
			if e.Screened(now) {
				s.entries[e.Key()] = e
				people = append(people, e.Match())
			}
		}
	}
	s.index = match.New(people)
	return s
}

// Len is how many persons are searched.
func (s *Screener) Len() int { return len(s.entries) }

// Screen finds the listed persons for a traveller, best first, at most MaxMatches. threshold is
// the least score, 0 to 1; 0 means the engine's default.
func (s *Screener) Screen(traveller match.Person, threshold float64) []Found {
	var out []Found
	for _, m := range s.index.Search(traveller, match.Options{Threshold: threshold, Limit: MaxMatches}) {
		e := s.entries[m.ID]
		out = append(out, Found{Entry: e, Effect: s.effects[e.List], Match: m})
	}
	return out
}
