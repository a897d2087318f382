package api

import (
	"testing"

	"sarhad/engine/match"
	"sarhad/screening/hit"
)

// TestEveryReasonHasWords proves that an officer reads every kind of evidence in both languages.
func TestEveryReasonHasWords(t *testing.T) {
	for _, code := range match.Codes() {
		if s := reasons[code]; s.en == "" || s.ru == "" {
			t.Errorf("reason %q has no words in both languages", code)
		}
	}
}

// TestLeaningsHaveWords proves the same of what the machine thinks, for each way evidence can lie.
func TestLeaningsHaveWords(t *testing.T) {
	agreements := []string{"same", "similar", "different", "unknown"}
	for _, name := range agreements {
		for _, born := range agreements {
			for _, sex := range agreements {
				for _, nation := range agreements {
					for _, doc := range agreements {
						h := &hit.Hit{Reasons: []hit.Reason{{Field: "name", Agreement: name}, {Field: "born", Agreement: born, Code: "born." + born},
							{Field: "sex", Agreement: sex}, {Field: "nationality", Agreement: nation}, {Field: "document", Agreement: doc}}}
						if v := leaningOf(h); v.TextEn == "" || v.TextRu == "" || v.Leans == "" {
							t.Fatalf("leaning %q has no words", v.Code)
						}
					}
				}
			}
		}
	}
}
