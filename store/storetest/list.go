package storetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"sarhad/record"
)

func selectors(s *scene) {
	phone := record.Thing{Type: "phone", Key: "77010000001"}
	role := func(role string) record.Mention {
		return record.Mention{Thing: phone, Role: role, Label: "+7 701 000 00 01"}
	}
	a := note(Note{Title: "a", State: "new", Mentions: []record.Mention{role("owner"), role("caller")}})
	b := note(Note{Title: "b", State: "claimed", Mentions: []record.Mention{role("caller")}, Texts: []string{"зелёный чай"}})
	c := memo(Note{Title: "c", State: "new", Texts: []string{"green tea"}})
	d := note(Note{Title: "d", Mentions: []record.Mention{role("owner")}, Texts: []string{"зелёный"}})
	a.Occurred, b.Occurred, c.Occurred = day(4), day(2), day(3) // d did not say: it counts by when it was made, November 1
	b.Handling.Topic, d.Handling.Topic = "watchlist", "watchlist"
	s.put(a, b, c)
	d.Origin.Parents = []record.ID{a.ID, b.ID}
	s.put(d)
	e := note(Note{Title: "e"})
	e.Occurred, e.Origin.Parents = day(1), []record.ID{a.ID}
	s.put(e)
	for _, t := range []struct {
		name string
		q    record.Query
		want string
	}{
		{"everything", record.Query{}, "d a c b e"},
		{"oldest first", record.Query{Oldest: true}, "e b c a d"},
		{"a kind", record.Query{Kinds: []string{"test.memo"}}, "c"},
		{"kinds", record.Query{Kinds: []string{"test.memo", "test.note", "never.heard"}}, "d a c b e"},
		{"an unknown kind", record.Query{Kinds: []string{"never.heard"}}, ""},
		{"a state of any kind", record.Query{States: []string{"new"}}, "a c"},
		{"states of a kind", record.Query{Kinds: []string{"test.note"}, States: []string{"new", "claimed"}}, "a b"},
		{"states, oldest first", record.Query{States: []string{"new", "claimed"}, Oldest: true}, "b c a"},
		{"a topic", record.Query{Topics: []string{"watchlist"}}, "d b"},
		{"topics", record.Query{Topics: []string{"watchlist", "passenger"}}, "d a c b e"},
		{"an unknown topic", record.Query{Topics: []string{"nothing"}}, ""},
		{"a period", record.Query{From: day(2), To: day(4)}, "c b"},
		{"a period and a kind", record.Query{From: day(2), To: day(9), Kinds: []string{"test.note"}}, "a b"},
		{"a text, last learned first", record.Query{Text: "зелёный"}, "d b"},
		{"a text and a topic", record.Query{Text: "green", Topics: []string{"watchlist"}}, ""},
		{"a text and a state", record.Query{Text: "tea", States: []string{"new"}}, "c"},
		{"a thing, once for each record", record.Query{Thing: phone}, "d b a"},
		{"a thing, oldest first", record.Query{Thing: phone, Oldest: true}, "a b d"},
		{"a thing in a role", record.Query{Thing: phone, Role: "caller"}, "b a"},
		{"a thing in an unknown role", record.Query{Thing: phone, Role: "pilot"}, ""},
		{"an unknown thing", record.Query{Thing: record.Thing{Type: "phone", Key: "1"}}, ""},
		{"an unknown type", record.Query{Thing: record.Thing{Type: "ship", Key: "77010000001"}}, ""},
		{"a thing and a period", record.Query{Thing: phone, From: day(1), To: day(3)}, "b"},
		{"a parent", record.Query{Parent: a.ID}, "e d"},
		{"a parent and a text", record.Query{Parent: a.ID, Text: "зелёный"}, "d"},
		{"a parent and a thing", record.Query{Parent: b.ID, Thing: phone, Role: "owner"}, "d"},
		{"a thing and a text", record.Query{Thing: phone, Text: "чай"}, "b"},
		{"no children", record.Query{Parent: e.ID}, ""},
	} {
		if got := strings.Join(s.titles(machine(), t.q), " "); got != t.want {
			s.Errorf("%s: got %q, want %q", t.name, got, t.want)
		}
		t.q.Limit = 1
		if got := strings.Join(s.titles(machine(), t.q), " "); got != t.want {
			s.Errorf("%s, one a page: got %q, want %q", t.name, got, t.want)
		}
		s.view(machine(), func(tx record.Tx) error {
			n, err := tx.Count(t.q, 100)
			if want := len(strings.Fields(t.want)); n != want || err != nil {
				s.Errorf("%s: counted %d, %v, want %d", t.name, n, err, want)
			}
			return nil
		})
	}
}

// stablePages reads lists page by page while records are added, revised and moved between the pages.
func stablePages(s *scene) {
	rng := rand.New(rand.NewPCG(1, 2))
	phone := mention("phone", "77010000002")
	var all []*record.Record
	add := func(i int) {
		r := note(Note{Title: fmt.Sprintf("t%03d", i), State: "open", Mentions: []record.Mention{phone}, Texts: []string{"слово"}})
		r.Occurred = day(1 + rng.IntN(3)) // many at the same time
		all = append(all, s.put(r))
	}
	for i := range 40 {
		add(i)
	}
	for name, q := range map[string]record.Query{
		"all": {}, "oldest": {Oldest: true}, "kinds": {Kinds: []string{"test.note", "test.memo"}}, "state": {States: []string{"open"}},
		"thing": {Thing: phone.Thing}, "text": {Text: "сло"}, "text oldest": {Text: "слово", Oldest: true},
	} {
		q.Limit = 7
		want := s.titles(machine(), q)
		var got []string
		for page := (record.Page{Next: "first"}); page.Next != ""; q.Cursor = page.Next {
			s.view(machine(), func(tx record.Tx) (err error) {
				page, err = tx.List(q)
				return err
			})
			for _, r := range page.Rows {
				got = append(got, r.Title)
			}
			add(len(all))
			for range 5 {
				s.revise(all[rng.IntN(len(all))].ID, func(r *record.Record, n *Note) { n.State, r.Occurred = "open", day(1+rng.IntN(3)) })
			}
		}
		s.same("list "+name, got, want)
	}
}

func badCursors(s *scene) {
	for i := range 3 {
		s.put(note(Note{Title: fmt.Sprint(i), Texts: []string{"слово"}}))
	}
	s.view(machine(), func(tx record.Tx) error {
		page, err := tx.List(record.Query{Limit: 1})
		s.ok(err)
		_, err = tx.List(record.Query{Limit: 1, Text: "слово", Cursor: page.Next})
		s.kind("a cursor of another list", err, record.Invalid)
		for _, c := range []string{"x", "!!!!", page.Next + "AAAA", page.Next[:2], "dGhpcyBpcyBubyBjdXJzb3I"} {
			if _, err := tx.List(record.Query{Cursor: c}); record.KindOf(err) != record.Invalid {
				s.Errorf("cursor %q: %v", c, err)
			}
		}
		_, err = tx.List(record.Query{AsOf: -1})
		s.kind("a negative number", err, record.Invalid)
		page, err = tx.List(record.Query{Limit: 1 << 30})
		if err != nil || len(page.Rows) != 3 || page.Next != "" {
			s.Errorf("a huge limit: %d rows, %v", len(page.Rows), err)
		}
		return nil
	})
}

func counts(s *scene) {
	for i := range 12 {
		s.put(note(Note{Title: fmt.Sprint(i), State: "open", Texts: []string{"слово"}, Mentions: []record.Mention{mention("phone", "1")}}),
			memo(Note{Title: "m", State: "open"}))
	}
	s.view(machine(), func(tx record.Tx) error {
		for _, q := range []record.Query{{}, {Kinds: []string{"test.note", "test.memo"}}, {States: []string{"open"}}, {Text: "слово"}, {Thing: record.Thing{Type: "phone", Key: "1"}}} {
			n, err := tx.Count(q, 5)
			if n != 5 || err != nil {
				s.Errorf("%+v up to 5: %d, %v", q, n, err)
			}
		}
		if n, err := tx.Count(record.Query{}, 1000); n != 24 || err != nil {
			s.Errorf("all: %d, %v", n, err)
		}
		_, err := tx.Count(record.Query{}, 0)
		s.kind("no limit", err, record.Invalid)
		return nil
	})
}

// asKnownOn compares every read at a past number with what the same read gave then.
func asKnownOn(s *scene) {
	phone := mention("phone", "77010000003")
	body := func(i int) Note {
		return Note{Title: fmt.Sprintf("v%d", i), State: []string{"new", "done"}[i%2], Texts: []string{fmt.Sprintf("слово%d общее", i%3)},
			Mentions: []record.Mention{phone}, Links: []record.Link{{From: phone.Thing, To: record.Thing{Type: "person", Key: fmt.Sprint(i)}, Rel: "uses"}},
			Events:   []record.Event{{Kind: "call", At: day(1 + i), Place: "ALA"}},
			Measures: []record.Measure{{Name: "calls", Value: float64(i), Unit: "1", Dims: []record.Dim{{Name: "parity", Value: fmt.Sprint(i % 2)}}}}}
	}
	type reads struct {
		all, state, text, thing []string
		links                   []record.FoundLink
		events                  []record.FoundEvent
		cells                   []record.Cell
		count                   int
	}
	read := func(asOf record.Seq) (r reads) {
		r.all = s.titles(machine(), record.Query{AsOf: asOf, Limit: 2})
		r.state = s.titles(machine(), record.Query{AsOf: asOf, States: []string{"new"}})
		r.text = s.titles(machine(), record.Query{AsOf: asOf, Text: "слово1"})
		r.thing = s.titles(machine(), record.Query{AsOf: asOf, Thing: phone.Thing, Limit: 2})
		s.view(machine(), func(tx record.Tx) (err error) {
			r.links, err = tx.Links(record.LinkQuery{Thing: phone.Thing, AsOf: asOf})
			s.ok(err)
			r.events, err = tx.Events(record.EventQuery{AsOf: asOf})
			s.ok(err)
			r.cells, err = tx.Measures(record.MeasureQuery{Name: "calls", By: []string{"parity"}, AsOf: asOf})
			s.ok(err)
			r.count, err = tx.Count(record.Query{AsOf: asOf}, 100)
			return err
		})
		return r
	}
	var then []reads
	var at []record.Seq
	var ids []record.ID
	rng := rand.New(rand.NewPCG(3, 4))
	for i := range 12 {
		if i%3 == 0 {
			ids = append(ids, s.put(note(body(i))).ID)
		} else {
			s.revise(ids[rng.IntN(len(ids))], func(r *record.Record, n *Note) { *n = body(i) })
		}
		then, at = append(then, read(0)), append(at, s.head())
	}
	for i, want := range then {
		got := read(at[i])
		s.same(fmt.Sprintf("lists as known on %d", at[i]), [][]string{got.all, got.state, got.text, got.thing}, [][]string{want.all, want.state, want.text, want.thing})
		s.same("links", got.links, want.links)
		s.same("events", got.events, want.events)
		s.same("cells", got.cells, want.cells)
		s.same("count", got.count, want.count)
	}
}

// names are one name as different hands write it.
var names = []string{"Жумабаев", "Жұмабаев", "Zhumabaev", "Jumabaev", "Žumabaev"}

func scripts(s *scene) {
	for i, n := range names {
		s.put(note(Note{Title: fmt.Sprintf("%d", i), Texts: []string{n + " Серик"}}))
	}
	s.put(note(Note{Title: "other", Texts: []string{"Ахметов Серик"}}))
	for _, n := range append(slices.Clone(names), "жумабаев", "ZHUMABAEV", "Жумаб", "Zhumab") {
		got := s.titles(machine(), record.Query{Text: n, Oldest: true})
		s.same("looking for "+n, got, []string{"0", "1", "2", "3", "4"})
	}
	got := s.titles(machine(), record.Query{Text: "serik jumabaev"})
	s.same("two words in another script and order", got, []string{"4", "3", "2", "1", "0"})
}

func wordsFound(s *scene) {
	s.put(note(Note{Title: "one", Texts: []string{"красный чемодан", "KAZ:N01234567"}}),
		note(Note{Title: "two", Texts: []string{"красная сумка"}}),
		note(Note{Title: "three", Texts: []string{"Čemodan, Öl"}}))
	for q, want := range map[string]string{
		"чемодан": "three one", "крас": "two one", "крас чемодан": "", "красный чем": "one", "чемодан красный": "one", "сумка": "two",
		"KAZ:N01234567": "one", "n0123": "one", "KAZ N01": "one", "ol": "three", "нет": "", "...": "", "one": "one", "two": "two", "-- красный": "one",
	} {
		if got := strings.Join(s.titles(machine(), record.Query{Text: q}), " "); got != want {
			s.Errorf("%q finds %q, want %q", q, got, want)
		}
	}
}

func noSyntax(s *scene) {
	s.put(note(Note{Title: "x", Texts: []string{"обычный текст NOT near"}}))
	for _, q := range []string{`"`, `""`, `"abc`, `a" OR "b`, `*`, `(`, `) OR (`, `words:x`, `-x`, `^x`, `NEAR(a b)`, `AND`, `OR`, `NOT`, `a AND`, `{words}:x`,
		"a\x00b", "\xff\xfe", `'; DROP TABLE record; --`, strings.Repeat("а ", 300), strings.Repeat("(", 2000), "$1", "%", `\`} {
		s.view(machine(), func(tx record.Tx) error {
			if _, err := tx.List(record.Query{Text: q}); err != nil {
				s.Errorf("%.40q: %v", q, err)
			}
			if _, err := tx.Count(record.Query{Text: q}, 5); err != nil {
				s.Errorf("counting %.40q: %v", q, err)
			}
			return nil
		})
	}
	s.same("words that look like syntax", s.titles(machine(), record.Query{Text: "NOT near"}), []string{"x"})
	s.same("the record is still there", s.titles(machine(), record.Query{}), []string{"x"})
}

func closedPast(s *scene) {
	r := note(Note{Title: "named", Texts: []string{"тайное"}, Mentions: []record.Mention{mention("phone", "5")},
		Links:    []record.Link{{From: mention("phone", "5").Thing, To: mention("phone", "6").Thing, Rel: "calls"}},
		Events:   []record.Event{{Kind: "call", At: day(3)}},
		Measures: []record.Measure{{Name: "calls", Value: 1}}})
	s.put(r)
	open := s.head()
	s.Clock.Tick(time.Hour)
	s.revise(r.ID, func(r *record.Record, n *Note) { r.Handling.Case = "C-1" })
	s.put(note(Note{Title: "later"}))
	outside := officer("passenger")
	for name, q := range map[string]record.Query{"all": {}, "text": {Text: "тайное"}, "thing": {Thing: mention("phone", "5").Thing}} {
		q.AsOf = open
		s.same(name+" by an outsider", s.titles(outside, q), []string(nil))
		s.same(name+" by the machine", s.titles(machine(), q), []string{"named"})
	}
	s.view(outside, func(tx record.Tx) error {
		_, err := tx.Revisions(r.ID)
		s.kind("revisions", err, record.NotFound)
		l, err := tx.Links(record.LinkQuery{Thing: mention("phone", "5").Thing, AsOf: open})
		s.ok(err)
		e, err := tx.Events(record.EventQuery{AsOf: open})
		s.ok(err)
		m, err := tx.Measures(record.MeasureQuery{Name: "calls", AsOf: open})
		s.ok(err)
		rows, err := tx.Changes(0, 100)
		s.ok(err)
		if len(l)+len(e)+len(m) > 0 || len(rows) != 1 {
			s.Errorf("an outsider sees %d links, %d events, %d cells, %d changes", len(l), len(e), len(m), len(rows))
		}
		return nil
	})
}
