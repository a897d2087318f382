package synth

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"sarhad/record/vocab"
)

// findings pairs every case with the traveller and the entry it names.
func findings(t *testing.T, r *Region, each func(c TruthCase, f *Flight, tr *Traveller, e *Entry)) {
	t.Helper()
	entries := map[string]*Entry{}
	for _, e := range r.Lists.all() {
		if entries[e.List+e.ID] != nil {
			t.Errorf("%s %s occurs twice", e.List, e.ID)
		}
		entries[e.List+e.ID] = e
	}
	for _, c := range r.Truth.Cases {
		e := entries[c.List+c.Entry]
		found := 0
		for _, f := range r.Tonight() {
			for _, tr := range f.Travellers {
				if tr.Document != nil && tr.Document.Number == c.Document {
					found++
					if e == nil || f.Name() != c.Flight || !f.Arrival().Arrives.Equal(c.Arrives) || tr.Surname != c.Surname || tr.Born != c.Born {
						t.Errorf("case %s: flight %s, traveller %s %s, entry %v do not fit", c.Document, f.Name(), tr.Surname, tr.Born, e)
						continue
					}
					each(c, f, tr, e)
				}
			}
		}
		if found != 1 {
			t.Errorf("case %s is on %d of tonight's flights", c.Document, found)
		}
	}
}

// Listed persons travel with their listed birth date, under a name that is not written as listed.
func TestKnownPersonsAreThere(t *testing.T) {
	for seed := range uint64(6) {
		r := small(t, Config{Seed: seed, Known: 16, FlightsPerDay: 40})
		main := 0
		findings(t, r, func(c TruthCase, f *Flight, tr *Traveller, e *Entry) {
			if c.Kind != CaseKnown {
				return
			}
			if tr.Born != e.Born || tr.Sex != e.Sex || tr.Nationality != e.Person.Nationality {
				t.Errorf("seed %d, %s: born %s sex %s of %s, listed %s %s %s", seed, c.How, tr.Born, tr.Sex, tr.Nationality, e.Born, e.Sex, e.Person.Nationality)
			}
			if tr.Surname == strings.ToUpper(e.Surname) && tr.Given == strings.ToUpper(e.Given) {
				t.Errorf("seed %d, %s: %s %s travels under the listed name", seed, c.How, tr.Surname, tr.Given)
			}
			same := slices.ContainsFunc(e.Documents, func(d Document) bool { return d.Number == tr.Document.Number })
			rec := recipes[slices.IndexFunc(recipes, func(x recipe) bool { return x.code == c.How })]
			if same != rec.same {
				t.Errorf("seed %d, %s: listed document %v, want %v", seed, c.How, same, rec.same)
			}
			if at := f.Arrival().Arrives.Sub(r.Now); at < 90*time.Minute || at > 10*time.Hour {
				t.Errorf("seed %d: lands in %v, want one and a half to ten hours", seed, at)
			}
			if c.To == "ALA" {
				main++
			}
		})
		if main < 8 {
			t.Errorf("seed %d: only %d of 16 land at the main airport", seed, main)
		}
	}
}

// An innocent differs in at least two things that stand on the page, the document being one of them; and is yet so alike
// that a matcher cannot throw the pair out: the birth years never exclude each other.
func TestLookAlikesCanBeToldApart(t *testing.T) {
	kinds := map[string]int{}
	for seed := range uint64(6) {
		r := small(t, Config{Seed: seed, LookAlikes: 120, FlightsPerDay: 30})
		findings(t, r, func(c TruthCase, f *Flight, tr *Traveller, e *Entry) {
			if c.Kind != CaseLookAlike {
				return
			}
			kinds[c.How]++
			if len(e.Documents) != 1 || e.Documents[0].Number == tr.Document.Number {
				t.Errorf("seed %d, %s: the document does not tell them apart", seed, c.How)
			}
			differ := 0
			for _, d := range []bool{
				tr.Sex != e.Sex,
				tr.Nationality != e.Person.Nationality,
				len(e.Born) == 10 && tr.Born != e.Born,
				e.Patronymic != "" && strings.Contains(tr.Given, " ") && !strings.HasSuffix(tr.Given, e.Person.Patronymic.latin()),
			} {
				if d {
					differ++
				}
			}
			if differ == 0 || (c.How == "day-month" || c.How == "one-digit" || c.How == "first-of-january") && differ < 2 {
				t.Errorf("seed %d, %s: %s %s %s %s against %s %s: %d differences beside the document", seed, c.How, tr.Surname, tr.Given, tr.Born, tr.Nationality,
					e.Name(), e.Born, differ)
			}
			if len(e.Born) >= 4 && !strings.Contains(e.Born, "/") && e.Born[:4] != tr.Born[:4] {
				t.Errorf("seed %d, %s: birth years %s and %s", seed, c.How, e.Born, tr.Born)
			}
			if from, to, ok := strings.Cut(e.Born, "/"); ok && (tr.Born[:4] < from || tr.Born[:4] > to) {
				t.Errorf("seed %d: %s is not within %s", seed, tr.Born, e.Born)
			}
			if bones(tr.Surname) != bones(e.Person.Surname.latin()) {
				t.Errorf("seed %d, %s: surname %s is not like %s", seed, c.How, tr.Surname, e.Surname)
			}
			if _, ok := vocab.Lookup(vocab.DismissalReasons, c.Reason); !ok || c.WhyEn == "" || c.WhyRu == "" {
				t.Errorf("%s: reason %q without words", c.How, c.Reason)
			}
		})
	}
	for _, k := range resemblances {
		if kinds[k.code] == 0 {
			t.Errorf("no case of %s", k.code)
		}
	}
}

// Whoever was dismissed before came earlier on the same passport.
func TestDismissedBefore(t *testing.T) {
	r := small(t, Config{Seed: 12})
	again := 0
	for _, c := range r.Truth.Cases {
		if !c.DismissedBefore {
			continue
		}
		again++
		found := false
		for _, f := range r.Flights {
			for _, tr := range f.Travellers {
				found = found || f.History && f.Name() == c.EarlierFlight && tr.Document != nil && tr.Document.Number == c.Document
			}
		}
		if !found || c.Kind != CaseLookAlike || !c.EarlierArrival.Before(r.Now) {
			t.Errorf("%s: earlier journey on %s at %v not found", c.Document, c.EarlierFlight, c.EarlierArrival)
		}
	}
	if again != 4 {
		t.Errorf("%d dismissed before, want 4", again)
	}
}

// Nobody but the planned shares the bones of a listed name and a birth year near the listed one.
func TestNoAccidents(t *testing.T) {
	r := small(t, Config{Seed: 13, FlightsPerDay: 40})
	planned := map[string]bool{}
	for _, c := range r.Truth.Cases {
		planned[c.Document] = true
	}
	for _, f := range r.Flights {
		for _, tr := range f.Travellers {
			if !planned[tr.Person.Document.Number] && r.collides(tr.Person) {
				t.Errorf("%s on %s looks listed by accident", tr.Person.LatinName(), f.Name())
			}
		}
	}
}

// The known fault of every spoilt person is really there, and nobody of the truth is spoilt.
func TestProblemsAreAsSaid(t *testing.T) {
	r := small(t, Config{Seed: 14, FlightsPerDay: 60})
	byRef := map[string]*Traveller{}
	for _, f := range r.Flights {
		for _, tr := range f.Travellers {
			byRef[f.Name()+tr.Ref+f.Arrival().Arrives.String()] = tr
			if tr.fixed && (tr.Born == "" || tr.Document == nil || tr.Sex == "" || tr.Document.Expires < date(r.Now)) {
				t.Errorf("%s is part of the truth and spoilt", tr.Ref)
			}
		}
	}
	seen := map[string]int{}
	for _, p := range r.Truth.Problems {
		seen[p.Code]++
		if _, ok := vocab.Lookup(vocab.Problems, p.Code); !ok {
			t.Errorf("problem %q is not in the vocabulary", p.Code)
		}
		tr := byRef[p.Flight+p.Ref+p.Arrives.String()]
		switch p.Code {
		case "missing-birth-date":
			if tr.Born != "" {
				t.Errorf("%s has a birth date", p.Ref)
			}
		case "missing-document":
			if tr.Document != nil {
				t.Errorf("%s has a document", p.Ref)
			}
		case "document-expired":
			if tr.Document.Expires >= date(p.Arrives) {
				t.Errorf("%s: document valid until %s", p.Ref, tr.Document.Expires)
			}
		}
	}
	for _, code := range strings.Fields("missing-birth-date missing-document missing-sex document-expired unknown-country count-mismatch missing-count") {
		if seen[code] == 0 {
			t.Errorf("no %s", code)
		}
	}
}

// The truth is JSON and can be read back.
func TestTruthIsJSON(t *testing.T) {
	r := small(t, Config{Seed: 1})
	raw, err := json.Marshal(r.Truth)
	if err != nil {
		t.Fatal(err)
	}
	var back Truth
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	again, _ := json.Marshal(back)
	if !bytes.Equal(raw, again) || len(back.Cases) != 77 {
		t.Errorf("%d cases came back, or other ones", len(back.Cases))
	}
}
