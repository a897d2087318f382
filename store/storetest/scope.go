package storetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"sarhad/record"
)

// scopes compares every read of random actors with a naive pass over random records: what Allow allows, no more, no less.
func scopes(s *scene) {
	rng := rand.New(rand.NewPCG(11, 12))
	pick := func(from ...string) string { return from[rng.IntN(len(from))] }
	hub := mention("phone", "hub")
	var all []*record.Record // present revisions
	random := func(i int) *record.Record {
		n := Note{Title: fmt.Sprintf("r%03d", i), State: pick("new", "done"), Texts: []string{"слово " + pick("раз", "два")}, Mentions: []record.Mention{hub},
			Links:    []record.Link{{From: hub.Thing, To: record.Thing{Type: "person", Key: fmt.Sprint(i)}, Rel: "uses"}},
			Events:   []record.Event{{Kind: "call", At: day(1 + rng.IntN(20)), Place: "ALA", Lat: 43, Lon: 77, Located: true}},
			Measures: []record.Measure{{Name: "calls", Value: float64(i + 1), Dims: []record.Dim{{Name: "half", Value: pick("1", "2")}}}},
			Persons:  []record.Person{traveller(fmt.Sprint(i))}}
		r := note(n)
		if rng.IntN(2) == 0 {
			r = memo(n)
		}
		mark(rng, r)
		r.Key, r.Occurred = fmt.Sprint("key", i), day(1+rng.IntN(20))
		if len(all) > 0 && rng.IntN(3) == 0 {
			r.Origin.Parents = []record.ID{all[0].ID}
		}
		return r
	}
	for i := range 120 {
		all = append(all, s.put(random(i)))
	}
	for range 40 { // revisions, some under another handling
		i := rng.IntN(len(all))
		s.update(func(tx record.Tx) error {
			r, err := tx.Get(all[i].ID)
			s.ok(err)
			if rng.IntN(2) == 0 {
				mark(rng, r)
			}
			all[i] = r
			return tx.Put(r)
		})
	}
	for range 40 {
		a := record.Actor{User: pick("u-1", "u-2"), Agency: pick("police", "customs", "border"), Place: pick("", "", "ALA", "NQZ"),
			Purpose: record.Purpose{Kind: pick("case", "free"), Ref: pick("", "C-1", "C-2"), Text: "work"}}
		for _, topic := range []string{"passenger", "watchlist", "hit"} {
			if rng.IntN(2) == 0 {
				a.Roles = append(a.Roles, topic)
			}
		}
		s.readsOf(a, all, hub.Thing)
	}
}

// mark gives a record a random handling.
func mark(rng *rand.Rand, r *record.Record) {
	pick := func(from ...string) string { return from[rng.IntN(len(from))] }
	r.Owner.Agency = pick("police", "customs", "border")
	r.Handling = record.Handling{Marking: pick("open", "internal", "official"), Topic: pick("passenger", "watchlist", "hit"),
		Place: pick("", "ALA", "NQZ"), Case: pick("", "", "", "C-1", "C-2"), TLP: pick("", "amber")}
	for _, other := range []string{"police", "customs", "border"} {
		if rng.IntN(3) == 0 {
			r.Handling.Releasable = append(r.Handling.Releasable, other)
		}
	}
}

// readsOf checks every read of one actor against the naive answer.
func (s *scene) readsOf(a record.Actor, all []*record.Record, hub record.Thing) {
	s.Helper()
	ctx := record.WithActor(context.Background(), a)
	var allowed []string
	sum, ids, noteOf := 0.0, map[record.ID]bool{}, func(r *record.Record) *Note {
		if m, ok := r.Body.(*Memo); ok {
			return &m.Note
		}
		return r.Body.(*Note)
	}
	want := func(also func(*record.Record, *Note) bool) (out []string) {
		for _, r := range all {
			if Allow(a, r.Scope()) && also(r, noteOf(r)) {
				out = append(out, noteOf(r).Title)
			}
		}
		slices.Sort(out)
		return out
	}
	allowed = want(func(r *record.Record, n *Note) bool { sum += n.Measures[0].Value; ids[r.ID] = true; return true })
	for _, c := range []struct {
		q    record.Query
		also func(*record.Record, *Note) bool
	}{
		{record.Query{}, func(*record.Record, *Note) bool { return true }},
		{record.Query{Kinds: []string{"test.memo"}}, func(r *record.Record, n *Note) bool { return r.Kind == "test.memo" }},
		{record.Query{States: []string{"new"}}, func(r *record.Record, n *Note) bool { return n.State == "new" }},
		{record.Query{Topics: []string{"hit", "passenger"}}, func(r *record.Record, n *Note) bool { return r.Handling.Topic != "watchlist" }},
		{record.Query{From: day(5), To: day(9)}, func(r *record.Record, n *Note) bool {
			return !r.Occurred.Before(day(5)) && r.Occurred.Before(day(9))
		}},
		{record.Query{Text: "слово раз"}, func(r *record.Record, n *Note) bool { return n.Texts[0] == "слово раз" }},
		{record.Query{Thing: hub}, func(*record.Record, *Note) bool { return true }},
		{record.Query{Thing: hub, Topics: []string{"hit"}, Text: "два"}, func(r *record.Record, n *Note) bool {
			return r.Handling.Topic == "hit" && n.Texts[0] == "слово два"
		}},
		{record.Query{Parent: all[0].ID}, func(r *record.Record, n *Note) bool { return len(r.Origin.Parents) > 0 }},
	} {
		c.q.Limit = 13
		expect := want(c.also)
		got := s.titles(ctx, c.q)
		slices.Sort(got)
		s.same(fmt.Sprintf("%+v lists %+v", a, c.q), got, expect)
		s.view(ctx, func(tx record.Tx) error {
			n, err := tx.Count(c.q, 1000)
			s.ok(err)
			s.same("count", n, len(expect))
			return nil
		})
	}
	s.view(ctx, func(tx record.Tx) error {
		for _, r := range all {
			_, err := tx.Get(r.ID)
			s.same("Get", err == nil, ids[r.ID])
			_, err = tx.ByKey(r.Kind, r.Key)
			s.same("ByKey", err == nil, ids[r.ID])
			if !ids[r.ID] {
				s.kind("ByKey", err, record.NotFound)
			}
			revs, err := tx.Revisions(r.ID)
			s.same("Revisions", err == nil, ids[r.ID])
			for _, v := range revs {
				s.same("a revision's scope", Allow(a, v.Scope()), true)
			}
		}
		s.wordsOf(tx, a, all, ids, hub, sum, len(allowed))
		return nil
	})
}

func (s *scene) wordsOf(tx record.Tx, a record.Actor, all []*record.Record, ids map[record.ID]bool, hub record.Thing, sum float64, n int) {
	s.Helper()
	links, err := tx.Links(record.LinkQuery{Thing: hub})
	s.ok(err)
	events, err := tx.Events(record.EventQuery{})
	s.ok(err)
	box, err := tx.Events(record.EventQuery{Box: &record.Box{South: 42.9, West: 76.9, North: 43.1, East: 77.1}})
	s.ok(err)
	place, err := tx.Events(record.EventQuery{Place: "ALA", From: day(1)})
	s.ok(err)
	people, err := tx.Persons(false, 0, 1000)
	s.ok(err)
	behind, err := tx.Behind(0)
	s.ok(err)
	s.same("how many", []int{len(links), len(events), len(box), len(place), len(people), behind}, []int{n, n, n, n, n, n})
	for _, l := range links {
		s.same("a link's record", ids[l.Record], true)
	}
	for _, e := range append(append(events, box...), place...) {
		s.same("an event's record", ids[e.Record], true)
	}
	for _, p := range people {
		s.same("a person's record", ids[p.Record], true)
	}
	cells, err := tx.Measures(record.MeasureQuery{Name: "calls", By: []string{"half"}})
	s.ok(err)
	total, count := 0.0, 0
	for _, c := range cells {
		total, count = total+c.Sum, count+c.Count
	}
	s.same("the sum", []float64{total, float64(count)}, []float64{sum, float64(n)})
	changes, err := tx.Changes(0, 1000)
	s.ok(err)
	present := 0
	for _, c := range changes {
		s.same("a change's scope", Allow(a, c.Scope), true)
		s.same("a change's record", ids[c.ID], true)
		if c.Until == 0 {
			present++
		}
	}
	s.same("present changes", present, n)
}
