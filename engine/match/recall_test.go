package match

import (
	"testing"
	"time"
)

// TestRecallOfDistortedNames proves that listed persons who travel under
// distorted names are found, by kind of distortion, among 20,000 listed.
func TestRecallOfDistortedNames(t *testing.T) {
	const listed, tries = 20_000, 200
	truths, people := region(1, listed)
	start := time.Now()
	ix := New(people)
	t.Logf("index of %d persons, %d names in %v", ix.Len(), len(ix.names), time.Since(start).Round(time.Millisecond))
	w := newWriter(2)
	total, found := 0, 0
	for _, d := range distortions {
		hits, top := 0, 0
		for range tries {
			i := w.IntN(listed)
			q := d.apply(w, truths[i])
			for rank, m := range ix.Search(q, Options{Threshold: -1, Limit: 10}) {
				if m.ID == people[i].ID {
					top++
					if m.Score >= DefaultThreshold && rank < DefaultLimit {
						hits++
					}
				}
			}
		}
		recall := float64(hits) / tries
		t.Logf("%-30s recall %.3f  among the first ten %.3f", d.kind, recall, float64(top)/tries)
		if recall < d.floor {
			t.Errorf("%s: recall %.3f is under %.2f", d.kind, recall, d.floor)
		}
		total, found = total+tries, found+hits
	}
	t.Logf("all kinds: recall %.4f at threshold %.2f", float64(found)/float64(total), DefaultThreshold)
}

// TestInnocentTravellers proves that few strangers with a birth date raise an
// alert against listed persons with one.
func TestInnocentTravellers(t *testing.T) {
	const listed, strangers = 30_000, 10_000
	_, people := region(3, listed)
	ix := New(people)
	w := newWriter(4)
	alerts, nameOnly := 0, 0
	for i := range strangers {
		q := traveller(w.person(), pick(w, passportHabit))
		if m := ix.Search(q, Options{}); len(m) > 0 {
			alerts++
			if alerts <= 5 {
				t.Logf("%.3f %v born %v: %s %+v", m[0].Score, q.Names, q.Born, m[0].Name, m[0].Reasons)
			}
		}
		if i%10 != 0 {
			continue
		}
		q.Born = nil
		if m := ix.Search(q, Options{Limit: 1}); len(m) > 0 {
			nameOnly++
		}
	}
	t.Logf("%d listed, %d strangers: %d alerts with birth date; without one %d in each %d", listed, strangers, alerts, nameOnly, strangers/10)
	if alerts > 5 {
		t.Errorf("%d alerts per 10,000 strangers; at most 5 are allowed", alerts)
	}
}
