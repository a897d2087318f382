package request

import (
	"encoding/binary"
	"testing"

	"sarhad/record"
)

// TestPrune proves that a search lets the least sure findings go when it holds too many, and remembers that it did.
func TestPrune(t *testing.T) {
	s := searcher{found: map[record.ID]*Found{}}
	for n := range maxKept + 1 {
		var id record.ID
		binary.BigEndian.PutUint32(id[:], uint32(n+1))
		s.found[id] = &Found{Record: id, How: []string{ByName}, Score: float64(n) / maxKept}
		if n == 0 {
			s.found[id].How = []string{ByDocument}
		}
		if s.prune(); n < maxKept && (len(s.found) != n+1 || s.cut) {
			t.Fatalf("%d are held of %d", len(s.found), n+1)
		}
	}
	if len(s.found) != MaxFound || !s.cut {
		t.Fatalf("%d are held, cut %v", len(s.found), s.cut)
	}
	for _, f := range s.found {
		if f.How[0] != ByDocument && f.Score < float64(maxKept-MaxFound)/maxKept {
			t.Fatalf("score %g is held instead of a surer one", f.Score)
		}
	}
}
