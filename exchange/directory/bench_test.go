package directory_test

import (
	"testing"

	"sarhad/exchange/directory"
	"sarhad/exchange/directory/directorytest"
)

// BenchmarkOpen checks a directory of some 1000 statements anew, as each start does: half renewals of nodes with all their keys.
func BenchmarkOpen(b *testing.B) {
	r := directorytest.NewRegion(b)
	kaz := r.Countries["KAZ"]
	m := r.Machine("kaz-piu", "1")
	r.Join("KAZ", "kaz-piu", m)
	r.Publish(kaz, "KAZ", "UZB", "TJK")
	size := 0
	for range 5 {
		for range 100 {
			for _, id := range []string{"kaz-piu", "KAZ-PIU"} {
				if _, err := kaz.Registrar.Renew(b.Context(), id); err != nil {
					b.Fatal(err)
				}
			}
		}
		r.Publish(kaz, "KAZ", "UZB", "TJK")
	}
	for _, leaf := range kaz.Store.Leaves() {
		size += len(leaf)
	}
	n := len(kaz.Store.Leaves())
	for b.Loop() {
		if _, err := directory.Open(b.Context(), kaz.Store, r.Now); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n), "statements")
	b.ReportMetric(float64(size)/float64(n), "bytes/statement")
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/float64(n), "us/statement")
}
