package match

import (
	"cmp"
	"slices"
	"sync"
)

// Budgets of one query. They bound the time on hostile or very frequent names;
// with 100,000 persons ordinary names stay far below them.
const (
	maxWordsPerToken = 4_000  // listed words compared with one word of the query
	maxCarriers      = 60_000 // names touched through the words found, rarest first
	maxScored        = 250    // persons scored in full, the best covered first
)

// scratch is the working memory of one search.
type scratch struct {
	aligner aligner
	seen    []uint32 // lexeme: stamp of the token that met it
	stamp   uint32
	sums    []float32 // name: weight met so far
	tokens  []uint32  // name: stamp of the last token counted
	touched []uint32  // names with a sum
}

// memo keeps the similarities of query words with listed words for one search.
type memo struct {
	size  int
	stamp uint32
	rows  [maxSlots][]cell
}

type cell struct {
	stamp uint32
	sim   float32
	how   uint8 // position in hows
}

// hows are the words of similarity.
var hows = []string{"", "romanization", "spelling", "typo", "initial"}

// maxSlots is how many words of a query are remembered; more are computed anew.
const maxSlots = 24

func (m *memo) similarity(t *nameToken, l *lexeme, number uint32) (float64, string) {
	if t.slot == 0 || t.slot > maxSlots {
		return similarity(t.lex, l)
	}
	row := &m.rows[t.slot-1]
	if *row == nil {
		*row = make([]cell, m.size)
	}
	c := &(*row)[number]
	if c.stamp != m.stamp {
		sim, how := similarity(t.lex, l)
		*c = cell{m.stamp, float32(sim), uint8(slices.Index(hows, how))}
	}
	return float64(c.sim), hows[c.how]
}

type scratchPool struct{ sync.Pool }

func (ix *Index) borrow() *scratch {
	s, _ := ix.scratch.Get().(*scratch)
	if s == nil {
		s = &scratch{seen: make([]uint32, len(ix.lexemes)), sums: make([]float32, len(ix.names)), tokens: make([]uint32, len(ix.names))}
		s.aligner.memo = &memo{size: len(ix.lexemes)}
	}
	s.aligner.memo.stamp++
	return s
}

func (ix *Index) giveBack(s *scratch) {
	for _, n := range s.touched {
		s.sums[n] = 0
	}
	s.touched = s.touched[:0]
	if s.stamp > 1<<31 {
		clear(s.seen)
		clear(s.tokens)
		s.stamp = 0
	}
	ix.scratch.Put(s)
}

// Search returns the listed persons whose score reaches the threshold, best
// first, ties by ID. It never blocks and does not change the index.
func (ix *Index) Search(q Person, opt Options) []Match {
	return ix.search(prepareQuery(q, ix.freq), opt.defaults(), nil)
}

func (o Options) defaults() Options {
	if o.Threshold == 0 {
		o.Threshold = DefaultThreshold
	}
	if o.Limit <= 0 {
		o.Limit = DefaultLimit
	}
	return o
}

// prepareQuery numbers the words of a query for the memo.
func prepareQuery(q Person, freq *frequencies) *prepared {
	p := prepare(q, lexicon{}, freq.info)
	slots := map[*lexeme]uint32{}
	for i := range p.names {
		for j := range p.names[i].tokens {
			t := &p.names[i].tokens[j]
			if slots[t.lex] == 0 {
				slots[t.lex] = uint32(len(slots) + 1)
			}
			t.slot = slots[t.lex]
		}
	}
	return p
}

// fit is a person scored but not yet explained. rank orders those whose scores are alike because they are all low.
type fit struct {
	person int32
	score  float64
	rank   float64
	best   *nameFit
}

// search skips persons for which dead is true.
func (ix *Index) search(q *prepared, opt Options, dead func(int32) bool) []Match {
	s := ix.borrow()
	defer ix.giveBack(s)
	// Covers are measured at the default threshold: below it they would lose names that reach the one asked for.
	all := opt.Threshold < DefaultThreshold
	candidates := ix.candidates(s, q, all)
	fits := make([]fit, 0, 16)
	for person, names := range candidates {
		if dead != nil && dead(person) {
			continue
		}
		l := ix.people[person]
		best := s.aligner.bestNames(q, l, names)
		weight := missingEvery
		if best != nil {
			weight = best.weight
		}
		e := weighQuick(q, l)
		if sum := round(score(weight, &e)); sum >= opt.Threshold {
			f := fit{person: person, score: sum, best: best}
			if opt.Threshold < 0 && best != nil {
				f.rank = best.rank
			}
			fits = append(fits, f)
		}
	}
	slices.SortFunc(fits, func(a, b fit) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(b.rank, a.rank), cmp.Compare(ix.people[a.person].id, ix.people[b.person].id), cmp.Compare(a.person, b.person))
	})
	if len(fits) > opt.Limit {
		fits = fits[:opt.Limit]
	}
	out := make([]Match, 0, len(fits))
	for _, f := range fits {
		out = append(out, conclude(q, ix.people[f.person], f.best))
	}
	return out
}

// candidates gives the persons worth scoring with their names that were met;
// no names means: look at all of them.
func (ix *Index) candidates(s *scratch, q *prepared, all bool) map[int32][]int {
	out := map[int32][]int{}
	for _, d := range q.documents {
		for _, p := range ix.byPaper[d.confusable] {
			out[p] = nil
		}
	}
	for i := range q.names {
		ix.collect(s, &q.names[i], q, all, out)
	}
	return out
}

// hit is a listed word met by a word of the query.
type hit struct {
	lexeme uint32
	sim    float64
}

// collect adds the candidates of one name of the query.
func (ix *Index) collect(s *scratch, n *parsedName, q *prepared, all bool, out map[int32][]int) {
	total := 0.0
	weights := make([]float64, len(n.tokens))
	hits := make([][]hit, len(n.tokens))
	order := make([]int, len(n.tokens))
	for i, t := range n.tokens {
		order[i] = i
		weights[i] = t.weight
		total += weights[i]
		hits[i] = ix.wordsLike(s, &n.tokens[i])
	}
	loads := make([]int, len(hits))
	for i, list := range hits {
		for _, h := range list {
			loads[i] += len(ix.carriers[h.lexeme])
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(loads[a], loads[b]) })
	budget := maxCarriers
	for _, i := range order {
		s.stamp++
		for _, h := range hits[i] {
			if budget -= len(ix.carriers[h.lexeme]); budget < 0 {
				break
			}
			s.addAll(ix.carriers[h.lexeme], float32(weights[i]*h.sim))
		}
		for _, k := range slices.Concat(n.tokens[i].lex.keys, n.tokens[i].lex.near) {
			s.addAll(ix.byJoint.of(k), float32(2*weights[i]))
		}
	}
	for _, j := range n.joints {
		s.stamp++
		for _, k := range j.keys {
			for _, lex := range ix.byKey.of(k) {
				if jointSimilarity(j.forms, ix.lexemes[lex]) >= joinedSimilarity {
					s.addAll(ix.carriers[lex], float32(weights[j.at]+weights[j.at+1]))
				}
			}
		}
	}
	ix.choose(s, total, q, all, out)
	for _, name := range s.touched {
		s.sums[name] = 0
	}
	s.touched = s.touched[:0]
}

// addAll adds w to names, once per stamp.
func (s *scratch) addAll(names []uint32, w float32) {
	for _, n := range names {
		if s.tokens[n] == s.stamp {
			continue
		}
		s.tokens[n] = s.stamp
		if s.sums[n] == 0 {
			s.touched = append(s.touched, n)
		}
		s.sums[n] += w
	}
}

// wordsLike finds the listed words similar to one of the query, most similar first.
func (ix *Index) wordsLike(s *scratch, t *nameToken) []hit {
	s.stamp++
	var hits []hit
	left := maxWordsPerToken
	look := func(keys []uint64) {
		for _, k := range keys {
			for _, at := range ix.byKey.of(k) {
				if s.seen[at] == s.stamp {
					continue
				}
				s.seen[at] = s.stamp
				if left--; left < 0 {
					return
				}
				if sim, _ := s.aligner.memo.similarity(t, ix.lexemes[at], at); sim >= minPair {
					hits = append(hits, hit{at, sim})
				}
			}
		}
	}
	look(t.lex.keys)
	look(t.lex.near)
	slices.SortFunc(hits, func(a, b hit) int { return cmp.Or(cmp.Compare(b.sim, a.sim), cmp.Compare(a.lexeme, b.lexeme)) })
	return hits
}

// Shares of the shorter name's weight that must be met before a name is scored.
// Less than minCover never reaches the default threshold; without a birth date,
// or with another one, the name must carry more by itself.
const (
	minCover      = 0.33
	minCoverAlone = 0.60
	minCoverOther = 0.72
	otherYears    = 3 // years apart from which the dates speak against
)

func leastCover(a, b [2]int16) float32 {
	switch {
	case a[0] == 0 || b[0] == 0:
		return minCoverAlone
	case max(a[0], b[0])-min(a[1], b[1]) > otherYears:
		return minCoverOther
	}
	return minCover
}

// yearsOf gives the first and last possible year of several dates.
func yearsOf(born []span) (y [2]int16) {
	for _, s := range born {
		if y[0] == 0 || int16(s.year) < y[0] {
			y[0] = int16(s.year)
		}
		y[1] = max(y[1], int16(s.to))
	}
	return y
}

// choose keeps the best covered names; a birth date that agrees counts as part
// of the cover, so that a distorted name with the right date is not crowded out.
// all keeps names whatever their cover, for a search without threshold.
func (ix *Index) choose(s *scratch, total float64, q *prepared, all bool, out map[int32][]int) {
	type chosen struct {
		name  uint32
		cover float32
	}
	var list []chosen
	born := yearsOf(q.born)
	for _, n := range s.touched {
		least := min(float32(total), ix.weights[n])
		if !all && (s.sums[n] < minCover*least || s.sums[n] < leastCover(born, ix.years[ix.names[n].person])*least) {
			continue
		}
		cover := s.sums[n] / max(float32(total), ix.weights[n])
		if len(q.born) > 0 {
			if v, ok := compareBorn(q.born, ix.people[ix.names[n].person].born); ok {
				cover += float32(v.weight) * 0.12
			}
		}
		list = append(list, chosen{n, cover})
	}
	if len(list) > maxScored {
		slices.SortFunc(list, func(a, b chosen) int { return cmp.Or(cmp.Compare(b.cover, a.cover), cmp.Compare(a.name, b.name)) })
		list = list[:maxScored]
	}
	for _, c := range list {
		ref := ix.names[c.name]
		if names, ok := out[ref.person]; ok && names == nil {
			continue
		}
		if names := out[ref.person]; !slices.Contains(names, int(ref.name)) {
			out[ref.person] = append(names, int(ref.name))
		}
	}
}

// weighQuick is weigh without texts.
func weighQuick(q, l *prepared) evidence {
	var e evidence
	if v, ok := compareBorn(q.born, l.born); ok {
		e.born.Weight = v.weight
	}
	e.sex.Weight = compareSex(q.sex, l.sex).Weight
	e.nation.Weight = compareNations(q.nations, l.nations).Weight
	e.doc, e.hasDoc = compareDocuments(q.documents, l.documents)
	return e
}
