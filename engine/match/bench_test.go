package match

import (
	"slices"
	"testing"
	"time"
)

func BenchmarkNew(b *testing.B) {
	_, people := region(5, 30_000)
	for b.Loop() {
		New(people)
	}
	b.ReportMetric(float64(30_000*b.N)/b.Elapsed().Seconds(), "persons/s")
}

func benchmarkSearch(b *testing.B, listed int, kinds []distortion) {
	truths, people := region(5, listed)
	ix := New(people)
	w := newWriter(6)
	queries := make([]Person, 2_000)
	for i := range queries {
		queries[i] = pick(w, kinds).apply(w, truths[w.IntN(len(truths))])
	}
	var took []time.Duration
	i := 0
	for b.Loop() {
		start := time.Now()
		ix.Search(queries[i%len(queries)], Options{})
		took = append(took, time.Since(start))
		i++
	}
	slices.Sort(took)
	b.ReportMetric(float64(len(took))/b.Elapsed().Seconds(), "names/s")
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
}

func BenchmarkSearch30k(b *testing.B)  { benchmarkSearch(b, 30_000, distortions) }
func BenchmarkSearch100k(b *testing.B) { benchmarkSearch(b, 100_000, distortions) }

func BenchmarkCompare(b *testing.B) {
	truths, people := region(5, 100)
	q := traveller(truths[0], icaoHabit)
	for b.Loop() {
		Compare(q, people[1])
	}
}

func BenchmarkFold(b *testing.B) {
	for b.Loop() {
		Fold("Жумабаев Ерлан Нурланович MOHAMMAD REZA AHMADI محمد رضا احمدی KC204")
	}
}
