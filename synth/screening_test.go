package synth

import (
	"bytes"
	"slices"
	"testing"

	"sarhad/engine/match"
	"sarhad/screening/watchlist"
)

// The promise of the demonstration, kept by the parts that have to keep it: all listed persons are found tonight, and about
// nine in ten hits are innocents.
func TestNineInTenHitsAreInnocent(t *testing.T) {
	for seed := range uint64(3) {
		r, err := New(Config{Now: night, Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		s := screener(t, r)
		cases := map[string]TruthCase{}
		for _, c := range r.Truth.Cases {
			cases[c.Document] = c
		}
		known, innocent, accidents := 0, 0, 0
		for _, f := range r.Tonight() {
			for _, tr := range f.Travellers {
				p := asked(tr)
				found := s.Screen(p, 0)
				if len(found) == 0 {
					continue
				}
				c, planned := cases[tr.Person.Document.Number]
				right := slices.ContainsFunc(found, func(m watchlist.Found) bool { return m.Entry.ID == c.Entry })
				switch {
				case planned && right && c.Kind == CaseKnown:
					known++
				case planned && right:
					innocent++
				default:
					accidents++
				}
			}
		}
		if known != r.Known {
			t.Errorf("seed %d: %d of %d listed travellers found", seed, known, r.Known)
		}
		share := float64(innocent+accidents) / float64(known+innocent+accidents)
		if share < 0.85 || share > 0.95 || accidents > 8 {
			t.Errorf("seed %d: %d listed, %d look-alikes, %d accidents: %.0f%% innocent, want about 90", seed, known, innocent, accidents, 100*share)
		}
	}
}

// asked is a traveller as screening sees one.
func asked(tr *Traveller) match.Person {
	p := match.Person{Names: []match.Name{{Surname: tr.Surname, Given: tr.Given}}, Sex: tr.Sex, Nationalities: []string{tr.Nationality}}
	if tr.Born != "" {
		p.Born = []string{tr.Born}
	}
	if tr.Document != nil {
		p.Documents = []match.Document{{Type: tr.Document.Type, Number: tr.Document.Number, Issuer: tr.Document.Issuer}}
	}
	return p
}

func screener(t *testing.T, r *Region) *watchlist.Screener {
	t.Helper()
	files := r.ListFiles()
	var all []*watchlist.Publication
	for _, names := range [][]string{{r.Lists.nationalFile()}, {r.Lists.unFile(r.Lists.UNDate)}, {"sdn.csv", "alt.csv", "add.csv"}} {
		var parts []watchlist.File
		for _, n := range names {
			parts = append(parts, watchlist.File{Name: n, Data: bytes.NewReader(files[n])})
		}
		list, err := watchlist.Parse(parts...)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, list...)
	}
	return watchlist.NewScreener(r.Now, all...)
}

// A region for a bench may be large, and its lists longer than there are names; it must still come to an end.
func TestLargeRegionEnds(t *testing.T) {
	r := small(t, Config{Seed: 1, FlightsPerDay: 220, HistoryDays: -1, National: 20_000, UN: 2000, OFAC: 5_000})
	if r.Truth.OnTonight < 20_000 || len(r.Lists.National) != 20_000 {
		t.Errorf("%d travellers, %d listed", r.Truth.OnTonight, len(r.Lists.National))
	}
}
