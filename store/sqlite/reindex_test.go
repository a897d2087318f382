package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"sort"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sarhad/engine/match"
	"sarhad/record"
	"sarhad/store/storetest"
)

// indexed reads the whole index in words, so that two of them can be compared whatever numbers they gave.
var indexed = []struct{ name, query string }{
	{"entity", `SELECT ty.code, e.key FROM entity e JOIN term ty ON ty.id = e.type`},
	{"mention", `SELECT m.k, ty.code, e.key, ro.code, m.label, m.vis, m.until FROM mention m JOIN entity e ON e.eid = m.eid
		JOIN term ty ON ty.id = e.type JOIN term ro ON ro.id = m.role`},
	{"link", `SELECT l.k, a.key, b.key, re.code, l.t, l.vis, l.until FROM link l JOIN entity a ON a.eid = l.src JOIN entity b ON b.eid = l.dst
		JOIN term re ON re.id = l.rel`},
	{"event", `SELECT e.k, e.t, ki.code, pl.code, e.lat, e.lon, e.cell, e.vis, e.until FROM event e JOIN term ki ON ki.id = e.kind JOIN term pl ON pl.id = e.place`},
	{"measure", `SELECT m.k, na.code, m.value, un.code, m.t, m.vis, m.until, (SELECT group_concat(s.dim || '=' || v.code, ',') FROM slot s JOIN term v ON v.id =
		CASE s.slot WHEN 0 THEN m.d1 WHEN 1 THEN m.d2 WHEN 2 THEN m.d3 ELSE m.d4 END WHERE s.name = m.name ORDER BY s.dim) FROM measure m JOIN term na ON na.id = m.name JOIN term un ON un.id = m.unit`},
	{"person", `SELECT k, listed, vis, until, CAST(person AS TEXT) FROM person`},
	{"txt", `SELECT vid, words, latin FROM txt`},
	{"fts", `SELECT rowid FROM fts WHERE fts MATCH '"общее" OR "beta" *'`},
	{"record", `SELECT r.vid, r.until, st.code, r.title FROM record r LEFT JOIN term st ON st.id = r.state`},
}

func dumpIndex(t *testing.T, s *Store) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	must(t, s.reading(context.Background(), func(r *session) error {
		for _, q := range indexed {
			err := r.each(context.Background(), q.query, nil, func(rows *sql.Rows) error {
				columns, _ := rows.Columns()
				values := make([]any, len(columns))
				for i := range values {
					values[i] = new(any)
				}
				if err := rows.Scan(values...); err != nil {
					return err
				}
				var words []string
				for _, v := range values {
					words = append(words, fmt.Sprint(*v.(*any)))
				}
				out[q.name] = append(out[q.name], strings.Join(words, " | "))
				return nil
			})
			if err != nil {
				return fmt.Errorf("%s: %w", q.name, err)
			}
			sort.Strings(out[q.name])
		}
		return nil
	}))
	return out
}

// population fills a store with records, revisions and erasures.
func population(t *testing.T, s *Store, rng *rand.Rand, n int) {
	t.Helper()
	var ids []record.ID
	for i := range n {
		thing := func() record.Thing {
			return record.Thing{Type: []string{"phone", "person"}[rng.IntN(2)], Key: fmt.Sprint("K", rng.IntN(n/2+1))}
		}
		body := storetest.Note{Title: fmt.Sprintf("Жумабаев %d", i), State: []string{"", "new", "done"}[rng.IntN(3)], Texts: []string{"общее слово", fmt.Sprint("beta", i%7)},
			Mentions: []record.Mention{{Thing: thing(), Role: "a", Label: "l"}, {Thing: thing(), Role: "b"}},
			Persons:  []record.Person{{Role: "passenger", Names: []record.Name{{Full: "N"}}}},
			Links:    []record.Link{{From: thing(), To: thing(), Rel: "r"}},
			Events:   []record.Event{{Kind: "call", Place: "ALA", Lat: float64(i % 50), Lon: 7, Located: i%2 == 0}},
			Measures: []record.Measure{{Name: "m", Value: float64(i), Unit: "1", Dims: []record.Dim{{Name: fmt.Sprint("d", i%3), Value: fmt.Sprint(i % 5)}}}}}
		switch {
		case len(ids) > 5 && rng.IntN(4) == 0:
			act(t, s, func(tx record.Tx) error {
				r, err := tx.Get(ids[rng.IntN(len(ids))])
				must(t, err)
				r.Raw, r.Body = nil, &body
				return tx.Put(r)
			})
		case len(ids) > 5 && rng.IntN(8) == 0:
			j := rng.IntN(len(ids))
			act(t, s, func(tx record.Tx) error { _, err := tx.Erase(ids[j]); return err })
			ids = append(ids[:j], ids[j+1:]...)
		default:
			ids = append(ids, put(t, s, note(body)).ID)
		}
	}
}

func TestReindexEqualsStoring(t *testing.T) {
	s, _ := open(t)
	population(t, s, rand.New(rand.NewPCG(5, 6)), 150)
	want := dumpIndex(t, s)
	if len(want["mention"]) < 100 || len(want["fts"]) < 50 {
		t.Fatalf("the population is too small: %d mentions, %d texts", len(want["mention"]), len(want["fts"]))
	}
	check := func(name string) {
		t.Helper()
		if d := cmp.Diff(want, dumpIndex(t, s)); d != "" {
			t.Fatalf("%s (-stored +reindexed):\n%s", name, d)
		}
		if n, err := s.ToReindex(context.Background()); n != 0 || err != nil {
			t.Fatalf("%s: %d revisions are left, %v", name, n, err)
		}
	}
	var steps []int
	must(t, s.Reindex(context.Background(), func(done, total int) { steps = append(steps, done, total) }))
	check("in place")
	if len(steps) < 4 || steps[0] != 0 || steps[len(steps)-2] != steps[len(steps)-1] {
		t.Errorf("progress was %v", steps)
	}

	// A program with another index opens the directory.
	must(t, s.writing(context.Background(), false, func(w *session) error { return w.set(context.Background(), setIndexVersion, "0") }))
	must(t, s.Close())
	again, err := Open(context.Background(), s.cfg)
	must(t, err)
	defer again.Close()
	s = again
	if got := dumpIndex(t, s); len(got["mention"]) > 0 {
		t.Fatal("the index of another version was kept")
	}
	if n, err := s.ToReindex(context.Background()); n == 0 || err != nil {
		t.Fatalf("nothing to reindex: %d, %v", n, err)
	}
	must(t, s.Reindex(context.Background(), nil))
	check("from nothing")
}

// TestReindexGoesOn breaks a reindex off and stores between its acts.
func TestReindexGoesOn(t *testing.T) {
	s, _ := open(t)
	rng := rand.New(rand.NewPCG(7, 8))
	population(t, s, rng, 60)
	after, err := s.beginReindex(context.Background())
	must(t, err)
	must(t, s.writing(context.Background(), false, func(w *session) error {
		return w.set(context.Background(), setReindexed, "20") // as if it had been broken off at 20
	}))
	must(t, s.change(machine(), true, func(rt record.Tx) error { _, _, err := rt.(*tx).reindexSome(after); return err }))
	population(t, s, rng, 60)
	want := dumpIndex(t, s)
	must(t, s.Close())
	s, err = Open(context.Background(), s.cfg)
	must(t, err)
	defer s.Close()
	must(t, s.Reindex(context.Background(), nil))
	if d := cmp.Diff(want, dumpIndex(t, s)); d != "" {
		t.Fatalf("(-stored +reindexed):\n%s", d)
	}
}

// TestReindexLearns proves that a kind which was unknown is indexed once a program knows it.
func TestReindexLearns(t *testing.T) {
	s, _ := open(t, func(c *Config) { c.Types = record.NewTypes() })
	r := note(storetest.Note{})
	r.Body, r.Raw = nil, []byte(`{"title":"learned","state":"new","texts":["слово"],"mentions":[{"type":"phone","key":"1","role":"x","label":"1"}]}`)
	put(t, s, r)
	must(t, s.Close())
	cfg := s.cfg
	cfg.Types, cfg.Fold = storetest.Types(), match.Fold
	s, err := Open(context.Background(), cfg)
	must(t, err)
	defer s.Close()
	must(t, s.Reindex(context.Background(), nil))
	must(t, s.View(machine(), func(tx record.Tx) error {
		for _, q := range []record.Query{{Text: "слово"}, {Thing: record.Thing{Type: "phone", Key: "1"}}, {States: []string{"new"}}} {
			page, err := tx.List(q)
			must(t, err)
			if len(page.Rows) != 1 || page.Rows[0].Title != "learned" {
				t.Errorf("%+v finds %+v", q, page.Rows)
			}
		}
		return nil
	}))
}

// anotherIndex closes a store and opens it as a program with another index does.
func anotherIndex(t *testing.T, s *Store) *Store {
	t.Helper()
	must(t, s.writing(context.Background(), false, func(w *session) error { return w.set(context.Background(), setIndexVersion, "0") }))
	must(t, s.Close())
	again, err := Open(context.Background(), s.cfg)
	must(t, err)
	t.Cleanup(func() { must(t, again.Close()) })
	return again
}

// TestHalfAnIndexNamesNobody proves that nobody is screened against half an index, and that who waits is counted.
func TestHalfAnIndexNamesNobody(t *testing.T) {
	s, _ := open(t)
	someone := storetest.Note{Title: "x", Persons: []record.Person{{Role: "passenger", Names: []record.Name{{Full: "N"}}}}}
	const stored, seen = 60, 20 // the screening cursor stands at seen
	for range stored {
		put(t, s, note(someone))
	}
	act(t, s, func(tx record.Tx) error { // a former revision has nobody to screen
		page, err := tx.List(record.Query{Limit: 1, Full: true})
		must(t, err)
		r := page.Rows[0].Record
		r.Raw, r.Body = nil, &someone
		return tx.Put(r)
	})
	s = anotherIndex(t, s)
	check := func(when string, want int) {
		t.Helper()
		must(t, s.View(machine(), func(tx record.Tx) error {
			for _, listed := range []bool{true, false} {
				if got, err := tx.Persons(listed, 0, 100); record.KindOf(err) != record.Unavailable {
					t.Errorf("%s: %d persons, %v", when, len(got), err)
				}
			}
			if n, err := tx.Behind(seen); n != want || err != nil {
				t.Errorf("%s: %d are behind, %v, want %d", when, n, err, want)
			}
			if n, err := tx.Behind(stored + 1); n != 0 || err != nil {
				t.Errorf("%s: %d are behind one that has seen all, %v", when, n, err)
			}
			return nil
		}))
	}
	check("nothing is indexed", stored-seen)
	must(t, s.change(machine(), true, func(rt record.Tx) error {
		x := rt.(*tx)
		for vid := int64(1); vid <= 30; vid++ {
			must(t, x.reindexOne(vid, 1, nil))
		}
		return x.ses.set(x.ctx, setReindexed, "30")
	}))
	check("half is indexed", stored-seen)
	must(t, s.Reindex(context.Background(), nil))
	must(t, s.View(machine(), func(tx record.Tx) error {
		if got, err := tx.Persons(false, 0, 100); len(got) != stored || err != nil {
			t.Errorf("%d persons in a whole index, %v", len(got), err)
		}
		n, err := tx.Behind(seen)
		if n != stored-seen {
			t.Errorf("%d are behind", n)
		}
		return err
	}))
}

func TestAnEmptyStoreNeedsNoReindex(t *testing.T) {
	s, _ := open(t)
	s = anotherIndex(t, s)
	must(t, s.View(machine(), func(tx record.Tx) error { _, err := tx.Persons(true, 0, 10); return err }))
	must(t, s.reading(context.Background(), func(r *session) error {
		if at, err := r.setting(context.Background(), setReindexed); at != "" || err != nil {
			t.Errorf("a reindex of nothing stands at %q, %v", at, err)
		}
		return nil
	}))
}
