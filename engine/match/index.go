package match

import (
	"math"
	"slices"
)

// Index is an immutable snapshot of listed persons. It may be searched from any
// number of goroutines.
type Index struct {
	people   []*prepared
	ordinals map[string]int32 // id to position; persons without id are not in it
	lexemes  []*lexeme
	numbers  map[*lexeme]uint32 // lexeme to position
	byKey    postings           // skeleton key to lexemes
	byJoint  postings           // key of two joined words to names
	carriers [][]uint32         // lexeme to names
	names    []nameRef          // all names of all persons
	weights  []float32          // whole weight of a name's words
	years    [][2]int16         // person: first and last possible year of birth, 0 where unknown
	byPaper  map[string][]int32 // confusable document number to persons
	freq     *frequencies       // what the list says about how common words are
	scratch  scratchPool
}

// nameRef points at one name.
type nameRef struct {
	person int32
	name   int32
}

// postings maps keys to ascending numbers, packed in one slice.
type postings struct {
	spans map[uint64][2]uint32
	items []uint32
}

func (p *postings) of(key uint64) []uint32 {
	s := p.spans[key]
	return p.items[s[0]:s[1]]
}

// keyed is one posting before packing.
type keyed struct {
	key  uint64
	item uint32
}

func pack(list []keyed) postings {
	slices.SortFunc(list, func(a, b keyed) int {
		switch {
		case a.key < b.key:
			return -1
		case a.key > b.key:
			return 1
		}
		return int(a.item) - int(b.item)
	})
	p := postings{spans: make(map[uint64][2]uint32, len(list)/2), items: make([]uint32, 0, len(list))}
	for i := 0; i < len(list); {
		from, key := uint32(len(p.items)), list[i].key
		for ; i < len(list) && list[i].key == key; i++ {
			if n := len(p.items); n == int(from) || p.items[n-1] != list[i].item {
				p.items = append(p.items, list[i].item)
			}
		}
		p.spans[key] = [2]uint32{from, uint32(len(p.items))}
	}
	return p
}

// frequencies counts in how many persons' names a word (by skeleton) occurs, and
// corrects the fixed table of common names.
type frequencies struct {
	count  map[uint64]int
	people int
}

// priorPeople is how many persons the fixed table weighs as much as: a list of
// that size is believed half.
const priorPeople = 500

func (f *frequencies) info(l *lexeme) float64 {
	share := (float64(f.count[l.freqKey]) + priorPeople*math.Exp(-l.prior)) / float64(f.people+priorPeople)
	return math.Min(-math.Log(share), 10)
}

// New builds a snapshot. Of several persons with one ID the last counts. The
// people are not kept; strings of them are.
func New(people []Person) *Index { return build(people, nil) }

// build uses the frequencies given, or counts its own.
func build(people []Person, freq *frequencies) *Index {
	ix := &Index{ordinals: make(map[string]int32, len(people)), byPaper: map[string][]int32{}, freq: freq}
	last := make(map[string]int, len(people))
	for i, p := range people {
		if p.ID != "" {
			last[p.ID] = i
		}
	}
	lx := lexicon{}
	for i, p := range people {
		if p.ID != "" && last[p.ID] != i {
			continue
		}
		at := int32(len(ix.people))
		if p.ID != "" {
			ix.ordinals[p.ID] = at
		}
		pr := prepare(p, lx, nil)
		ix.people = append(ix.people, pr)
		ix.years = append(ix.years, yearsOf(pr.born))
		for _, d := range pr.documents {
			ix.byPaper[d.confusable] = append(ix.byPaper[d.confusable], at)
		}
	}
	ix.number(lx)
	if ix.freq == nil {
		ix.freq = ix.count()
	}
	ix.post()
	return ix
}

// number gives every lexeme that occurs a position.
func (ix *Index) number(lx lexicon) {
	ix.numbers = make(map[*lexeme]uint32, len(lx))
	for _, p := range ix.people {
		for i := range p.names {
			for _, t := range p.names[i].tokens {
				if _, ok := ix.numbers[t.lex]; !ok {
					ix.numbers[t.lex] = uint32(len(ix.lexemes))
					ix.lexemes = append(ix.lexemes, t.lex)
				}
			}
		}
	}
}

func (ix *Index) count() *frequencies {
	f := &frequencies{count: make(map[uint64]int, len(ix.lexemes)), people: len(ix.people)}
	seen := map[uint64]bool{}
	for _, p := range ix.people {
		clear(seen)
		for i := range p.names {
			for _, t := range p.names[i].tokens {
				if !seen[t.lex.freqKey] {
					seen[t.lex.freqKey] = true
					f.count[t.lex.freqKey]++
				}
			}
		}
	}
	return f
}

// post fills all postings.
func (ix *Index) post() {
	info := make([]float64, len(ix.lexemes))
	for i, l := range ix.lexemes {
		info[i] = ix.freq.info(l)
	}
	ix.carriers = make([][]uint32, len(ix.lexemes))
	var joints []keyed
	for at, p := range ix.people {
		for i := range p.names {
			n, ref := &p.names[i], uint32(len(ix.names))
			ix.names = append(ix.names, nameRef{int32(at), int32(i)})
			weight := 0.0
			n.weigh(func(l *lexeme) float64 { return info[ix.numbers[l]] })
			for i := range n.tokens {
				t := &n.tokens[i]
				k := ix.numbers[t.lex]
				t.number = k
				if c := ix.carriers[k]; len(c) == 0 || c[len(c)-1] != ref {
					ix.carriers[k] = append(c, ref)
				}
				weight += t.weight
			}
			ix.weights = append(ix.weights, float32(weight))
			for _, j := range n.joints {
				for _, k := range j.keys {
					joints = append(joints, keyed{k, ref})
				}
			}
		}
	}
	var keys []keyed
	for i, l := range ix.lexemes {
		for _, k := range l.keys {
			keys = append(keys, keyed{k, uint32(i)})
		}
		for _, k := range l.near {
			keys = append(keys, keyed{k, uint32(i)})
		}
	}
	ix.byKey, ix.byJoint = pack(keys), pack(joints)
}

// Len is the number of persons in the snapshot.
func (ix *Index) Len() int { return len(ix.people) }
