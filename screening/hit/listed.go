package hit

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"time"

	"sarhad/engine/match"
	"sarhad/record"
)

// listedSet is everybody whom a list names, ready to be searched. It is an index of the store: Refresh brings it up to
// date from the change sequence, a restart builds it anew.
type listedSet struct {
	mu     sync.RWMutex
	live   match.Live
	people map[string]listedPerson
	at     record.Seq // built from revisions up to here
	forgot int64      // line of the journal of erasures up to which nobody is kept who was erased

	pending []match.Person // changed and not yet held against stored travellers
	touched []touched      // new, changed or removed, and their hits not yet looked at again
}

// touched is an entry that changed in some way.
type touched struct {
	entry record.ID
	thing record.Thing
	seq   record.Seq
}

type listedPerson struct {
	record  record.ID
	seq     record.Seq
	facts   Facts
	listing record.Listing
}

const listedPage = 2000

// refresh reads the listed persons that changed. Those that are new or different wait in pending, to be held against
// travellers already stored.
func (s *listedSet) refresh(ctx context.Context, store record.Store) (err error) {
	defer record.Wrap(&err, "listed.refresh")
	s.mu.Lock()
	defer s.mu.Unlock()
	first := s.people == nil
	var changed []match.Person
	if err := s.forget(ctx, store, first); err != nil {
		return err
	}
	if first {
		s.people = map[string]listedPerson{}
	}
	for more := true; more; {
		var page []record.FoundPerson
		err = store.View(ctx, func(tx record.Tx) error {
			var err error
			page, err = tx.Persons(true, s.at, listedPage)
			return err
		})
		if err != nil {
			return err
		}
		more = len(page) == listedPage
		for _, p := range page {
			if q, ok := s.take(p, first); ok {
				changed = append(changed, q)
			}
			s.at = p.Seq
		}
		if more { // a record with several persons may be cut by the page: read its sequence again
			s.at--
			if page[0].Seq == page[len(page)-1].Seq {
				return record.Errorf(record.Internal, "one record lists more than %d persons", listedPage)
			}
		}
	}
	if first {
		s.live.Replace(changed)
	}
	s.pending = append(s.pending, changed...)
	return nil
}

// forget drops who was erased or masked. A set that is built now begins at the end of the journal: the store has nobody of
// before.
func (s *listedSet) forget(ctx context.Context, store record.Store, first bool) error {
	return store.View(ctx, func(tx record.Tx) error {
		head, err := tx.ErasureHead()
		if err != nil || first {
			s.forgot = head
			return err
		}
		for s.forgot < head {
			lines, err := tx.Erasures(s.forgot, listedPage)
			if err != nil || len(lines) == 0 {
				return err
			}
			gone := make(map[record.ID]bool, len(lines))
			for _, l := range lines {
				gone[l.ID], s.forgot = true, l.Number
			}
			s.drop(gone)
		}
		return nil
	})
}

func (s *listedSet) drop(gone map[record.ID]bool) {
	for id, l := range s.people {
		if gone[l.record] {
			delete(s.people, id)
			s.live.Remove(id)
			s.pending = slices.DeleteFunc(s.pending, func(p match.Person) bool { return p.ID == id })
		}
	}
	s.touched = slices.DeleteFunc(s.touched, func(t touched) bool { return gone[t.entry] })
}

func (s *listedSet) take(p record.FoundPerson, first bool) (match.Person, bool) {
	id := p.Record.String() + "/" + strconv.Itoa(p.N)
	if p.Listing != nil {
		s.touched = append(s.touched, touched{p.Record, record.Thing{Type: record.ThingEntry, Key: p.Listing.List + "/" + p.Listing.Entry}, p.Seq})
	}
	if p.Listing == nil || !p.Listing.Active {
		delete(s.people, id)
		if !first {
			s.live.Remove(id)
		}
		return match.Person{}, false
	}
	f := factsOf(p.Person)
	old, had := s.people[id]
	s.people[id] = listedPerson{record: p.Record, seq: p.Seq, facts: f, listing: *p.Listing}
	q := query(id, f)
	if !first {
		s.live.Put(q)
	}
	return q, !had || old.listing.Fingerprint != p.Listing.Fingerprint
}

// search gives the matches of a person with what the set knows of each.
func (s *listedSet) search(q match.Person, threshold float64, now time.Time) []foundMatch {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var out []foundMatch
	for _, m := range s.live.Search(q, match.Options{Threshold: threshold, Limit: searchPerPerson}) {
		l, ok := s.people[m.ID]
		if expired := !l.listing.ValidUntil.IsZero() && !now.Before(l.listing.ValidUntil); ok && !expired {
			out = append(out, foundMatch{l, m})
		}
	}
	return out
}

// searchPerPerson is how many matches are looked at, so that cleared and expired ones do not hide the others.
const searchPerPerson = 50

type foundMatch struct {
	listedPerson
	match match.Match
}

// get gives a listed person by entry record.
func (s *listedSet) get(entry record.ID) (match.Person, listedPerson, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	id := entry.String() + "/0"
	l, ok := s.people[id]
	return query(id, l.facts), l, ok
}

// upTo is the sequence number the set was built to.
func (s *listedSet) upTo() record.Seq {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.at
}

// due gives the persons that must be held against stored travellers: what changed since the last finished pass.
func (s *listedSet) due(done record.Seq) []match.Person {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var out []match.Person
	for _, p := range s.pending {
		if l, ok := s.people[p.ID]; ok && l.seq > done {
			out = append(out, p)
		}
	}
	return out
}

// settled says that a pass up to a sequence number is finished.
func (s *listedSet) settled(head record.Seq) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending = slices.DeleteFunc(s.pending, func(p match.Person) bool { return s.people[p.ID].seq <= head })
	s.touched = slices.DeleteFunc(s.touched, func(t touched) bool { return t.seq <= head })
}

// changedSince gives the entries whose hits must be looked at again.
func (s *listedSet) changedSince(done record.Seq) []touched {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.DeleteFunc(slices.Clone(s.touched), func(t touched) bool { return t.seq <= done })
}
