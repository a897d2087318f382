package match

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// bruteForce scores every person of the index.
func bruteForce(ix *Index, q Person, threshold float64) []Match {
	p := prepareQuery(q, ix.freq)
	var out []Match
	for _, l := range ix.people {
		if m := compare(p, l); m.Score >= threshold {
			out = append(out, m)
		}
	}
	slices.SortFunc(out, func(a, b Match) int { return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.ID, b.ID)) })
	return out
}

// TestIndexEqualsBruteForce proves that blocking loses next to nothing that a
// full comparison would report, and scores what it finds alike.
func TestIndexEqualsBruteForce(t *testing.T) {
	const listed, tries = 3_000, 120
	truths, people := region(21, listed)
	ix := New(people)
	w := newWriter(22)
	want, missed := 0, 0
	for range tries {
		q := pick(w, distortions).apply(w, truths[w.IntN(listed)])
		got := map[string]float64{}
		for _, m := range ix.Search(q, Options{Limit: listed}) {
			got[m.ID] = m.Score
		}
		all := bruteForce(ix, q, DefaultThreshold)
		if len(got) > len(all)+1 {
			t.Errorf("the index reports %d, a full comparison %d", len(got), len(all))
		}
		for _, m := range all {
			want++
			s, ok := got[m.ID]
			if !ok {
				if m.Score > DefaultThreshold+0.002 {
					missed++
					t.Logf("missed %.3f %+v -> %s", m.Score, q.Names, m.Name)
				}
			} else if d := s - m.Score; d > 0.002 || d < -0.002 {
				t.Errorf("%s: index %.3f, full comparison %.3f", m.ID, s, m.Score)
			}
		}
	}
	t.Logf("%d matches of a full comparison, %d missed by the index", want, missed)
	if float64(missed) > 0.01*float64(want) {
		t.Errorf("%d of %d missed; at most one in a hundred is allowed", missed, want)
	}
}

// TestDocumentFindsWithoutName proves the document key of the index.
func TestDocumentFindsWithoutName(t *testing.T) {
	_, people := region(23, 500)
	people[7].Documents = []Document{{Number: "AA0012345", Issuer: "UZB"}}
	ix := New(people)
	for _, number := range []string{"AA0012345", "aa 0012345", "АА0012345", "AAOO12345"} {
		got := ix.Search(Person{Names: []Name{{Full: "NOBODY ELSE"}}, Documents: []Document{{Number: number, Issuer: "UZB"}}}, Options{Threshold: 0.1})
		if len(got) == 0 || got[0].ID != people[7].ID {
			t.Errorf("%s: found %+v", number, got)
		}
	}
}

// TestSearchIsRepeatable proves order and stability of the answer.
func TestSearchIsRepeatable(t *testing.T) {
	truths, people := region(25, 2_000)
	ix := New(people)
	q := traveller(truths[3], icaoHabit)
	q.Born = nil
	first := ix.Search(q, Options{Threshold: 0.2})
	for range 5 {
		if again := ix.Search(q, Options{Threshold: 0.2}); !slices.EqualFunc(first, again, func(a, b Match) bool { return a.ID == b.ID && a.Score == b.Score }) {
			t.Fatalf("two answers: %+v / %+v", first, again)
		}
	}
	if !slices.IsSortedFunc(first, func(a, b Match) int { return cmp.Compare(b.Score, a.Score) }) || len(first) > DefaultLimit {
		t.Errorf("not best first or too many: %+v", first)
	}
}

// TestWithoutThreshold proves that a search without threshold shows whoever is
// nearest, however little agrees, in the order in which the words that agree are rare.
func TestWithoutThreshold(t *testing.T) {
	ix := New([]Person{
		{ID: "all", Names: []Name{{Full: "Fayzullin Botir"}}},
		{ID: "rare", Names: []Name{{Full: "Fayzullin Qodirjon Sharofovich Tursunov"}}},
		{ID: "common", Names: []Name{{Full: "Ahmad Botir Ergashev Nodirov"}}},
		{ID: "double", Names: []Name{{Full: "Sadruddinov Zokir Olimov Komil"}}},
		{ID: "none", Names: []Name{{Full: "Pak Viktor"}}},
	})
	for _, c := range []struct{ query, want string }{
		{"FAYZULLIN BOTIR", "all rare common"},
		{"AHMAD FAYZULLIN", "all rare common"},
		{"SADUDDINOV AKBAR", "double"}, // one letter between two alike
		{"NOBODY ATALL", ""},
	} {
		var got []string
		for _, m := range ix.Search(Person{Names: []Name{{Full: c.query}}}, Options{Threshold: -1}) {
			got = append(got, m.ID)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: %q, want %q", c.query, s, c.want)
		}
		for _, m := range ix.Search(Person{Names: []Name{{Full: c.query}}}, Options{}) {
			if m.Score < DefaultThreshold {
				t.Errorf("%s: %s with %.3f at the default threshold", c.query, m.ID, m.Score)
			}
		}
	}
}

// TestEmpty proves that nothing found in nothing is no error.
func TestEmpty(t *testing.T) {
	var live Live
	if got := New(nil).Search(full("Ivanov Ivan"), Options{}); len(got) != 0 {
		t.Error(got)
	}
	if got := live.Search(full("Ivanov Ivan"), Options{}); len(got) != 0 || live.Len() != 0 {
		t.Error(got)
	}
	if got := New([]Person{{ID: "1"}, {ID: "2", Names: []Name{{Full: "<<< ''"}}}}).Search(Person{}, Options{}); len(got) != 0 {
		t.Error(got)
	}
}

// TestLive proves that changes are seen by the next search and that many of
// them end in the same set as a new list.
func TestLive(t *testing.T) {
	truths, people := region(27, 600)
	live := NewLive(people[:300])
	find := func(i int) bool {
		q := traveller(truths[i], englishHabit)
		return slices.ContainsFunc(live.Search(q, Options{}), func(m Match) bool { return m.ID == people[i].ID })
	}
	if !find(10) || find(400) {
		t.Fatal("the first list is not what is searched")
	}
	for i := 300; i < 600; i++ {
		live.Put(people[i])
		if i%37 == 0 && !find(i) {
			t.Fatalf("person %d put but not found", i)
		}
	}
	if live.Len() != 600 || len(live.state.Load().segments) > 8 {
		t.Errorf("%d persons in %d segments", live.Len(), len(live.state.Load().segments))
	}
	for i := 0; i < 600; i += 2 {
		live.Remove(people[i].ID)
	}
	live.Remove("nobody")
	for i := range 600 {
		if find(i) != (i%2 == 1) {
			t.Fatalf("person %d: wrong after removal", i)
		}
	}
	changed := people[1]
	changed.Names = []Name{{Full: "Completely Different"}}
	live.Put(changed)
	if find(1) || live.Len() != 300 {
		t.Errorf("a replaced person still answers; %d persons", live.Len())
	}
	live.Replace(people[:10])
	if live.Len() != 10 || find(11) || !find(1) {
		t.Error("Replace left something behind")
	}
}

// TestLiveUnderLoad searches while others write; meant for go test -race.
func TestLiveUnderLoad(t *testing.T) {
	truths, people := region(29, 300)
	live := NewLive(people[:200])
	var wg sync.WaitGroup
	for n := range 3 {
		wg.Go(func() {
			for i := range 60 {
				at := (n*97 + i) % 200
				found := slices.ContainsFunc(live.Search(traveller(truths[at], icaoHabit), Options{}), func(m Match) bool { return m.ID == people[at].ID })
				if !found {
					t.Errorf("person %d vanished", at)
				}
			}
		})
	}
	wg.Go(func() {
		for i := 200; i < 300; i++ {
			live.Put(people[i])
			live.Remove(people[i-1].ID + "x")
		}
	})
	wg.Wait()
}
