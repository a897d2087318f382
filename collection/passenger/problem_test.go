package passenger

import (
	"testing"

	"sarhad/record/vocab"
)

// TestProblemsHaveLabels proves that an officer reads every doubt of this room in both languages.
func TestProblemsHaveLabels(t *testing.T) {
	for _, code := range append(append([]string{"missing-count"}, voyageDoubts...), doubts...) {
		if term, ok := vocab.Lookup(vocab.Problems, code); !ok || term.En == "" || term.Ru == "" {
			t.Errorf("problem %q has no label", code)
		}
	}
}
