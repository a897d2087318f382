package storebench

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"sarhad/record"
)

const (
	classes = 400
	words   = 30
	lexicon = 30_000 // different words
)

// item is the body of a made-up record.
type item struct {
	Name     string           `json:"name" class:"identity"`
	State    string           `json:"state" class:"plain"`
	Text     string           `json:"text" class:"text"`
	Things   []record.Thing   `json:"things" class:"plain"`
	Events   []record.Event   `json:"events" class:"plain"`
	Measures []record.Measure `json:"measures" class:"plain"`
}

// Kind and Version name the body.
func (*item) Kind() string { return "bench.item" }

// Version of the body.
func (*item) Version() int { return 1 }

// Validate accepts everything: we made it.
func (*item) Validate() error { return nil }

// Index says 6 mentions and 6 links between them.
func (b *item) Index(ix *record.Index) {
	ix.Title, ix.State = b.Name, b.State
	for i, t := range b.Things {
		ix.Mentions = append(ix.Mentions, record.Mention{Thing: t, Role: roles[i%len(roles)], Label: t.Key})
		ix.Links = append(ix.Links, record.Link{From: t, To: b.Things[(i+1)%len(b.Things)], Rel: relations[i%len(relations)]})
	}
	ix.Events, ix.Measures = b.Events, b.Measures
	ix.Text(b.Text)
}

var (
	types     = []string{"person", "document", "phone", "vehicle", "address", "voyage"}
	roles     = []string{"traveller", "travel document", "contact", "carrier"}
	relations = []string{"travels with", "holds", "calls"}
	places    = []string{"ALA", "NQZ", "TAS", "FRU", "DYU", "ASB", "IST", "DXB"}
	states    = []string{"", "", "", "", "", "", "new", "closed"} // most records have no life of their own
	officers  = []record.Actor{officer("wide"), officer("typical"), officer("narrow")}
)

func officer(name string) record.Actor {
	return record.Actor{User: name, Agency: "agency-0", Roles: []string{name}, Purpose: record.Purpose{Kind: "duty", Text: "measuring"}}
}

// allow opens some four fifths, a sixth and a hundredth of the records to the three officers.
func allow(a record.Actor, s record.Scope) bool {
	var class int
	if _, err := fmt.Sscanf(s.Place, "P%d", &class); err != nil {
		return a.Machine
	}
	switch a.Roles[0] {
	case "wide":
		return class%5 != 4
	case "typical":
		return class%7 == 3
	case "narrow":
		return class%18 == 17
	}
	return false
}

// generator makes records from a seed. Not for several goroutines.
type generator struct {
	seed    uint64
	rng     *rand.Rand
	class   *rand.Zipf
	hub     *rand.Zipf
	word    *rand.Zipf
	lexicon []string
	things  int
	made    int
}

func newGenerator(n int, seed uint64) *generator {
	rng := rand.New(rand.NewPCG(seed, 0x5a7a4d))
	g := &generator{seed: seed, rng: rng, class: rand.NewZipf(rng, 1.15, 4, classes-1), hub: rand.NewZipf(rng, 1.3, 2, uint64(n)),
		word: rand.NewZipf(rng, 1.1, 20, lexicon-1), things: 6 * n}
	letters := rand.New(rand.NewPCG(7, 7)) // the same words for every seed
	for range lexicon {
		g.lexicon = append(g.lexicon, invent(letters))
	}
	return g
}

var syllables = strings.Fields("ка ма ра та са на ла ба жу сер гү әл ди ос ур бек жан бай нұр кен тіл шы мо ри ве по го")

// invent makes a word of two to four syllables.
func invent(rng *rand.Rand) string {
	var b strings.Builder
	for range 2 + rng.IntN(3) {
		b.WriteString(syllables[rng.IntN(len(syllables))])
	}
	return b.String()
}

// begun is when the made-up world begins; it lasts a year.
var begun = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func (g *generator) record() *record.Record {
	g.made++
	at := begun.Add(time.Duration(g.rng.Int64N(365*86400)) * time.Second)
	b := &item{Name: g.lexicon[g.rng.IntN(lexicon)] + " " + g.lexicon[g.rng.IntN(lexicon)], State: states[g.rng.IntN(len(states))]}
	text := make([]string, words)
	for i := range text {
		text[i] = g.lexicon[g.word.Uint64()]
	}
	b.Text = strings.Join(text, " ")
	for i, t := range types {
		n := g.rng.IntN(g.things) // four that hardly anybody else has, two that many have
		if i < 2 {
			n = int(g.hub.Uint64())
		}
		b.Things = append(b.Things, record.Thing{Type: t, Key: fmt.Sprintf("KAZ:%07d", n)})
	}
	for i := range 1 + g.made%2 {
		b.Events = append(b.Events, record.Event{Kind: []string{"departure", "arrival"}[i], At: at.Add(time.Duration(i) * 4 * time.Hour), Place: places[g.rng.IntN(len(places))],
			Lat: 36 + 20*g.rng.Float64(), Lon: 46 + 40*g.rng.Float64(), Located: true})
	}
	for _, name := range []string{"travellers", "mass"} {
		m := record.Measure{Name: name, Value: float64(g.rng.IntN(100)), Unit: "1", At: at}
		for d := range 5 {
			m.Dims = append(m.Dims, record.Dim{Name: fmt.Sprintf("dim-%d", d), Value: fmt.Sprintf("value-%d", g.rng.IntN(20))})
		}
		b.Measures = append(b.Measures, m)
	}
	c := int(g.class.Uint64())
	return &record.Record{Kind: "bench.item", Version: 1, Key: fmt.Sprintf("%d-%d", g.seed, g.made), Owner: record.Owner{Agency: fmt.Sprintf("agency-%d", c%20)},
		Handling: record.Handling{Marking: "internal", Topic: []string{"passenger", "watchlist", "hit", "parcel"}[c%4], Place: fmt.Sprintf("P%d", c)}, Occurred: at, Body: b}
}

// list is a page as the workbench asks for it.
func list(g *generator, i int) record.Query {
	q := record.Query{Kinds: []string{"bench.item"}}
	switch i % 5 {
	case 1:
		q.States = []string{"new"}
	case 2:
		q.From = begun.Add(time.Duration(g.rng.IntN(300)) * 24 * time.Hour)
		q.To = q.From.Add(7 * 24 * time.Hour)
	case 3:
		q = record.Query{}
	case 4:
		q = record.Query{Thing: record.Thing{Type: types[0], Key: fmt.Sprintf("KAZ:%07d", g.hub.Uint64())}}
	}
	return q
}

// search is a word, two words or the beginning of one, frequent and rare ones.
func search(g *generator, i int) record.Query {
	word := func() string { return g.lexicon[g.word.Uint64()] }
	switch i % 3 {
	case 1:
		return record.Query{Text: word() + " " + word()}
	case 2:
		r := []rune(word())
		return record.Query{Text: string(r[:min(len(r), 4)])}
	}
	return record.Query{Text: word()}
}
