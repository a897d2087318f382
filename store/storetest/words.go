package storetest

import (
	"fmt"
	"time"

	"sarhad/record"
)

func links(s *scene) {
	p := func(k string) record.Thing { return record.Thing{Type: "person", Key: k} }
	link := func(from, to, rel string) record.Link {
		return record.Link{From: p(from), To: p(to), Rel: rel, At: day(2)}
	}
	a := s.put(note(Note{Title: "a", Links: []record.Link{link("1", "2", "knows"), link("3", "1", "owns"), link("1", "1", "is")}}))
	b := s.put(note(Note{Title: "b", Links: []record.Link{link("2", "1", "knows"), link("2", "3", "knows")}}))
	found := func(r *record.Record, l record.Link) record.FoundLink {
		return record.FoundLink{Link: l, Record: r.ID, Seq: r.Seq}
	}
	for _, c := range []struct {
		name string
		q    record.LinkQuery
		want []record.FoundLink
	}{
		{"both directions, newest first, itself once", record.LinkQuery{Thing: p("1")},
			[]record.FoundLink{found(b, link("2", "1", "knows")), found(a, link("1", "1", "is")), found(a, link("3", "1", "owns")), found(a, link("1", "2", "knows"))}},
		{"by relation", record.LinkQuery{Thing: p("1"), Rels: []string{"owns", "is", "never"}},
			[]record.FoundLink{found(a, link("1", "1", "is")), found(a, link("3", "1", "owns"))}},
		{"limited", record.LinkQuery{Thing: p("1"), Limit: 2}, []record.FoundLink{found(b, link("2", "1", "knows")), found(a, link("1", "1", "is"))}},
		{"an unknown relation", record.LinkQuery{Thing: p("1"), Rels: []string{"never"}}, nil},
		{"an unknown thing", record.LinkQuery{Thing: p("9")}, nil},
	} {
		s.view(machine(), func(tx record.Tx) error {
			got, err := tx.Links(c.q)
			s.ok(err)
			s.same(c.name, got, c.want)
			return nil
		})
	}
}

func events(s *scene) {
	ala := record.Event{Kind: "arrival", At: day(1), Place: "ALA", Lat: 43.35, Lon: 77.04, Located: true}
	ist := record.Event{Kind: "departure", At: day(2), Place: "IST", Lat: 41.26, Lon: 28.74, Located: true}
	null := record.Event{Kind: "crossing", At: day(3), Lat: 0, Lon: 0, Located: true}
	east := record.Event{Kind: "crossing", At: day(4), Lat: -17, Lon: 179.95, Located: true}
	west := record.Event{Kind: "crossing", At: day(5), Lat: -17, Lon: -179.95, Located: true}
	nowhere := record.Event{Kind: "arrival", At: day(6), Place: "ALA"}
	never := record.Event{Kind: "seizure", Place: "KRG"}
	r := s.put(note(Note{Title: "all", Events: []record.Event{ala, ist, null, east, west, nowhere, never}}))
	box := func(south, w, north, e float64) *record.Box {
		return &record.Box{South: south, West: w, North: north, East: e}
	}
	for _, c := range []struct {
		name string
		q    record.EventQuery
		want []record.Event
	}{
		{"everything, newest first, undated last", record.EventQuery{}, []record.Event{nowhere, west, east, null, ist, ala, never}},
		{"a kind", record.EventQuery{Kinds: []string{"arrival"}}, []record.Event{nowhere, ala}},
		{"an unknown kind", record.EventQuery{Kinds: []string{"never"}}, nil},
		{"a place", record.EventQuery{Place: "ALA"}, []record.Event{nowhere, ala}},
		{"a place in a period", record.EventQuery{Place: "ALA", To: day(2)}, []record.Event{ala}},
		{"an unknown place", record.EventQuery{Place: "XXX"}, nil},
		{"a period", record.EventQuery{From: day(2), To: day(4)}, []record.Event{null, ist}},
		{"a small box", record.EventQuery{Box: box(43, 76.5, 44, 77.5)}, []record.Event{ala}},
		{"a box of no size", record.EventQuery{Box: box(43.35, 77.04, 43.35, 77.04)}, []record.Event{ala}},
		{"just beside it", record.EventQuery{Box: box(43.36, 77.04, 43.4, 77.1)}, nil},
		{"a wide box", record.EventQuery{Box: box(-10, 0, 60, 100)}, []record.Event{null, ist, ala}},
		{"across the 180th meridian", record.EventQuery{Box: box(-20, 179, -10, -179)}, []record.Event{west, east}},
		{"the world", record.EventQuery{Box: box(-90, -180, 90, 180)}, []record.Event{west, east, null, ist, ala}},
		{"a box turned over", record.EventQuery{Box: box(44, 76, 43, 78)}, nil},
		{"limited", record.EventQuery{Limit: 2}, []record.Event{nowhere, west}},
	} {
		s.view(machine(), func(tx record.Tx) error {
			got, err := tx.Events(c.q)
			s.ok(err)
			var want []record.FoundEvent
			for _, e := range c.want {
				want = append(want, record.FoundEvent{Event: e, Record: r.ID, Seq: r.Seq})
			}
			s.same(c.name, got, want)
			return nil
		})
	}
}

func measures(s *scene) {
	m := func(value float64, at time.Time, dims ...record.Dim) record.Measure {
		return record.Measure{Name: "travellers", Value: value, Unit: "1", At: at, Dims: dims}
	}
	from := func(v string) record.Dim { return record.Dim{Name: "from", Value: v} }
	to := func(v string) record.Dim { return record.Dim{Name: "to", Value: v} }
	s.put(note(Note{Measures: []record.Measure{m(3, day(1), from("IST"), to("ALA")), m(4, day(2), to("ALA"), from("DXB")), m(5, day(3), from("IST"))}}),
		note(Note{Measures: []record.Measure{m(7, day(4), from("IST"), to("NQZ")), {Name: "mass", Value: 100, Unit: "kg"}}}))
	cell := func(sum float64, n int, by ...string) record.Cell { return record.Cell{By: by, Sum: sum, Count: n} }
	for _, c := range []struct {
		name string
		q    record.MeasureQuery
		want []record.Cell
	}{
		{"in all", record.MeasureQuery{Name: "travellers"}, []record.Cell{cell(19, 4)}},
		{"by one", record.MeasureQuery{Name: "travellers", By: []string{"from"}}, []record.Cell{cell(4, 1, "DXB"), cell(15, 3, "IST")}},
		{"by two, one not said", record.MeasureQuery{Name: "travellers", By: []string{"to", "from"}},
			[]record.Cell{cell(5, 1, "", "IST"), cell(4, 1, "ALA", "DXB"), cell(3, 1, "ALA", "IST"), cell(7, 1, "NQZ", "IST")}},
		{"by something nobody said", record.MeasureQuery{Name: "travellers", By: []string{"colour"}}, []record.Cell{cell(19, 4, "")}},
		{"where", record.MeasureQuery{Name: "travellers", Where: []record.Dim{from("IST")}}, []record.Cell{cell(15, 3)}},
		{"where, by", record.MeasureQuery{Name: "travellers", Where: []record.Dim{from("IST")}, By: []string{"to"}},
			[]record.Cell{cell(5, 1, ""), cell(3, 1, "ALA"), cell(7, 1, "NQZ")}},
		{"where nobody said so", record.MeasureQuery{Name: "travellers", Where: []record.Dim{{Name: "colour", Value: "red"}}}, nil},
		{"a period", record.MeasureQuery{Name: "travellers", From: day(2), To: day(4)}, []record.Cell{cell(9, 2)}},
		{"another measure", record.MeasureQuery{Name: "mass"}, []record.Cell{cell(100, 1)}},
		{"an unknown measure", record.MeasureQuery{Name: "never"}, nil},
	} {
		s.view(machine(), func(tx record.Tx) error {
			got, err := tx.Measures(c.q)
			s.ok(err)
			s.same(c.name, got, c.want)
			return nil
		})
	}
	s.view(machine(), func(tx record.Tx) error {
		_, err := tx.Measures(record.MeasureQuery{Name: "travellers", By: []string{"a", "b", "c", "d"}})
		s.kind("by four", err, record.Invalid)
		return nil
	})
}

func traveller(name string) record.Person {
	return record.Person{Role: "passenger", Names: []record.Name{{Full: name}}, Born: []string{"1990-05"}, Sex: "F", Nationalities: []string{"KAZ"},
		Documents: []record.Document{{Type: "P", Number: "N1", Issuer: "KAZ"}}}
}

func listed(name string, active bool) record.Person {
	p := traveller(name)
	p.Role, p.Listing = "listed", &record.Listing{List: "test", Entry: "1", Active: active, Fingerprint: "f", Severity: "high", ValidUntil: day(30)}
	return p
}

func persons(s *scene) {
	a := s.put(note(Note{Persons: []record.Person{traveller("a0"), listed("a1", true), traveller("a2")}}))
	b := s.put(note(Note{Persons: []record.Person{traveller("b0"), traveller("b1"), traveller("b2")}}))
	s.put(note(Note{Persons: []record.Person{traveller("old")}}))
	c := s.head()
	s.view(machine(), func(tx record.Tx) error {
		rows, err := tx.Changes(c-1, 1)
		s.ok(err)
		s.Cleanup(func() {})
		c = rows[0].Seq
		return nil
	})
	var gone record.ID
	s.view(machine(), func(tx record.Tx) error {
		rows, err := tx.Changes(c-1, 1)
		s.ok(err)
		gone = rows[0].ID
		return nil
	})
	s.revise(gone, func(r *record.Record, n *Note) { n.Persons = []record.Person{traveller("new")} })
	read := func(isListed bool, after record.Seq, limit int) (out []string) {
		s.view(machine(), func(tx record.Tx) error {
			got, err := tx.Persons(isListed, after, limit)
			s.ok(err)
			for _, p := range got {
				out = append(out, fmt.Sprintf("%s/%d", p.Names[0].Full, p.N))
			}
			return nil
		})
		return out
	}
	s.same("the others", read(false, 0, 100), []string{"a0/0", "a2/2", "b0/0", "b1/1", "b2/2", "new/0"})
	s.same("listed", read(true, 0, 100), []string{"a1/1"})
	s.same("after the first record", read(false, a.Seq, 100), []string{"b0/0", "b1/1", "b2/2", "new/0"})
	s.same("a limit inside a record stops before it", read(false, 0, 3), []string{"a0/0", "a2/2"})
	s.same("a limit smaller than a record gives it whole", read(false, a.Seq, 2), []string{"b0/0", "b1/1", "b2/2"})
	s.same("a limit at the end of a record", read(false, a.Seq, 3), []string{"b0/0", "b1/1", "b2/2"})
	s.view(machine(), func(tx record.Tx) error {
		got, err := tx.Persons(true, 0, 1)
		s.ok(err)
		s.same("a listed person comes whole", got, []record.FoundPerson{{Person: listed("a1", true), Record: a.ID, Seq: a.Seq, N: 1}})
		for after, want := range map[record.Seq]int{0: 6, a.Seq: 4, b.Seq: 1, s.headIn(tx): 0} {
			if n, err := tx.Behind(after); n != want || err != nil {
				s.Errorf("behind after %d: %d, %v, want %d", after, n, err, want)
			}
		}
		return nil
	})
}

func (s *scene) headIn(tx record.Tx) record.Seq {
	s.Helper()
	h, err := tx.Head()
	s.ok(err)
	return h
}

func sequence(s *scene) {
	if h := s.head(); h != 0 {
		s.Fatalf("an empty store's sequence stands at %d", h)
	}
	var moments []time.Time
	for i := range 5 {
		moments = append(moments, s.Clock.Tick(time.Minute))
		s.put(note(Note{Title: fmt.Sprint(i)}))
	}
	first := s.titles(machine(), record.Query{Oldest: true, Limit: 1})
	if len(first) != 5 {
		s.Fatalf("listed %v", first)
	}
	var id record.ID
	s.view(machine(), func(tx record.Tx) error {
		rows, err := tx.Changes(1, 1)
		s.ok(err)
		id = rows[0].ID
		for i, m := range moments {
			for d, want := range map[time.Duration]record.Seq{-time.Millisecond: record.Seq(i), 0: record.Seq(i + 1), time.Second: record.Seq(i + 1)} {
				if got, err := tx.SeqAt(m.Add(d)); got != want || err != nil {
					s.Errorf("the sequence at moment %d%+v: %d, %v, want %d", i, d, got, err, want)
				}
			}
		}
		return nil
	})
	s.Clock.Tick(time.Minute)
	s.revise(id, func(r *record.Record, n *Note) { n.Title = "1b" })
	s.view(machine(), func(tx record.Tx) error {
		rows, err := tx.Changes(0, 100)
		s.ok(err)
		var got []string
		for _, r := range rows {
			got = append(got, fmt.Sprintf("%d %s until %d", r.Seq, r.Title, r.Until))
		}
		s.same("changes, superseded ones included", got, []string{"1 0 until 0", "2 1 until 6", "3 2 until 0", "4 3 until 0", "5 4 until 0", "6 1b until 0"})
		rows, err = tx.Changes(4, 1)
		s.ok(err)
		if len(rows) != 1 || rows[0].Seq != 5 {
			s.Errorf("after 4: %+v", rows)
		}
		if at, err := tx.Cursor("never"); at != 0 || err != nil {
			s.Errorf("an unknown cursor stands at %d, %v", at, err)
		}
		return nil
	})
	s.ok(s.Store.Update(machine(), func(tx record.Tx) error { return tx.SetCursor("c", 4) }))
	s.ok(s.Store.Update(machine(), func(tx record.Tx) error { return tx.SetCursor("c", 6) }))
	s.kind("beyond the end", s.Store.Update(machine(), func(tx record.Tx) error { return tx.SetCursor("c", 7) }), record.Internal)
	log := record.LogCursor + "c" // counts acts, of which there is one more than changes now
	s.ok(s.Store.Update(machine(), func(tx record.Tx) error { return tx.Audit(record.Act{Action: "look"}) }))
	s.ok(s.Store.Update(machine(), func(tx record.Tx) error { return tx.SetCursor(log, 7) }))
	s.kind("beyond the log", s.Store.Update(machine(), func(tx record.Tx) error { return tx.SetCursor(log, 1<<40) }), record.Internal)
	s.view(machine(), func(tx record.Tx) error {
		if at, err := tx.Cursor("c"); at != 6 || err != nil {
			s.Errorf("the cursor stands at %d, %v", at, err)
		}
		return nil
	})
	s.update(func(tx record.Tx) error { // an erased number is not given again
		_, err := tx.Erase(id)
		return err
	})
	if r := s.put(note(Note{Title: "next"})); r.Seq != 7 {
		s.Errorf("after erasing number 6 the next is %d", r.Seq)
	}
	s.view(machine(), func(tx record.Tx) error {
		if got, err := tx.SeqAt(moments[1].Add(time.Second)); got < 1 || got > 2 || err != nil {
			s.Errorf("the sequence beside an erased number: %d, %v", got, err)
		}
		return nil
	})
}

func erasing(s *scene) {
	thing := func(k string) []record.Mention {
		return []record.Mention{mention("phone", k), mention("phone", "shared")}
	}
	parent := s.put(note(Note{Title: "parent", Texts: []string{"родитель"}, Mentions: thing("p"), Persons: []record.Person{traveller("P")},
		Links: []record.Link{{From: mention("phone", "p").Thing, To: mention("phone", "far").Thing, Rel: "calls"}}, Events: []record.Event{{Kind: "call", At: day(1)}},
		Measures: []record.Measure{{Name: "calls", Value: 1}}}))
	s.revise(parent.ID, func(r *record.Record, n *Note) { n.Title = "parent again" })
	with := func(title string, parents ...record.ID) *record.Record {
		r := memo(Note{Title: title, Texts: []string{"ребёнок"}, Mentions: thing(title)})
		r.Origin.Parents = parents
		return r
	}
	child := s.put(with("child", parent.ID))
	grandchild := with("grandchild", child.ID)
	grandchild.Handling.Case = "C-1" // not to be read by whoever erases
	s.put(grandchild)
	other := s.put(with("other"))
	var gone []record.ID
	s.ok(s.Store.Update(officer("passenger"), func(tx record.Tx) (err error) {
		if gone, err = tx.Erase(parent.ID); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "erase", Subject: parent.ID})
	}))
	s.same("what went along", gone, []record.ID{child.ID, grandchild.ID})
	s.view(machine(), func(tx record.Tx) error { // the journal names each of them, in order
		var ids []record.ID
		lines, err := tx.Erasures(0, 0)
		for i, l := range lines {
			if ids = append(ids, l.ID); l.Number != int64(i+1) || l.What != record.ErasureErase || l.At.IsZero() {
				s.Errorf("line %d of the journal of erasures: %+v", i, l)
			}
		}
		s.same("the journal of erasures", ids, []record.ID{parent.ID, child.ID, grandchild.ID})
		if head, err := tx.ErasureHead(); head != 3 || err != nil {
			s.Errorf("the journal ends at %d: %v", head, err)
		}
		rest, _ := tx.Erasures(2, 0)
		s.same("the rest of the journal", len(rest), 1)
		return err
	})
	s.same("left", s.titles(machine(), record.Query{}), []string{"other"})
	s.same("by text", s.titles(machine(), record.Query{Text: "родитель"}), []string(nil))
	s.same("by the shared thing", s.titles(machine(), record.Query{Thing: mention("phone", "shared").Thing}), []string{"other"})
	s.view(machine(), func(tx record.Tx) error {
		for _, id := range []record.ID{parent.ID, child.ID, grandchild.ID} {
			_, err := tx.Get(id)
			s.kind("an erased record", err, record.NotFound)
			_, err = tx.Revisions(id)
			s.kind("an erased record's revisions", err, record.NotFound)
		}
		rows, err := tx.Changes(0, 100)
		s.ok(err)
		l, err := tx.Links(record.LinkQuery{Thing: mention("phone", "far").Thing})
		s.ok(err)
		e, err := tx.Events(record.EventQuery{})
		s.ok(err)
		m, err := tx.Measures(record.MeasureQuery{Name: "calls"})
		s.ok(err)
		p, err := tx.Persons(false, 0, 10)
		s.ok(err)
		if len(rows) != 1 || len(l)+len(e)+len(m)+len(p) > 0 {
			s.Errorf("left: %d changes, %d links, %d events, %d cells, %d persons", len(rows), len(l), len(e), len(m), len(p))
		}
		if _, err := tx.List(record.Query{AsOf: other.Seq}); err != nil {
			s.Error(err)
		}
		return nil
	})
	_, err := func() (ids []record.ID, err error) {
		err = s.Store.Update(officer("nothing"), func(tx record.Tx) (err error) { ids, err = tx.Erase(other.ID); return err })
		return ids, err
	}()
	s.kind("erasing what one may not read", err, record.NotFound)
	s.put(with("child")) // its things can come again
	s.same("by a thing that went and came", s.titles(machine(), record.Query{Thing: mention("phone", "child").Thing}), []string{"child"})
}
