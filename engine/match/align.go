package match

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// How missing words count, as a share of their weight.
const (
	missingPatronymic = 0.06 // most documents leave it out
	missingUnknown    = 0.38 // one more link in an Arabic or Persian chain of names
	missingPart       = 0.50 // a surname or a given name that one side lacks
	conflictFactor    = 1.25 // both sides have a word that the other does not: another person
)

// rarity gives the information of a word in nats.
type rarity func(*lexeme) float64

func priorRarity(l *lexeme) float64 { return l.prior }

// pairing is one aligned pair: q and l index tokens, joined ones cover two.
type pairing struct {
	q, l         int
	qWide, lWide bool
	sim          float64
	weight       float64
	how          string
}

// alignment is the best order-free assignment of two names.
type alignment struct {
	pairs      []pairing
	agreement  float64 // 0..1, what of the weight agrees
	denom      float64
	info       float64 // nats of the agreeing words
	words      int     // agreeing words that are more than an initial
	loose      []int   // unmatched tokens of q
	looseL     []int   // of l
	penQ, penL float64 // penalty per weight of unmatched words
}

// weigh fills information and weight of every word of a name.
func (p *parsedName) weigh(r rarity) {
	for i := range p.tokens {
		t := &p.tokens[i]
		t.info = r(t.lex)
		t.weight = roleWeight[t.role] * (0.75 + 0.25*math.Min(t.info, 10)/plainInfo)
	}
}

// aligner aligns names with buffers that it keeps; the zero value is ready. What
// it returns is valid until the next call, keep copies it.
type aligner struct {
	memo    *memo // nil: every similarity is computed
	options []pairing
	pairs   []pairing
	loose   [2][maxTokens]int
}

// keep copies what align returned out of the buffers.
func (a alignment) keep() alignment {
	a.pairs, a.loose, a.looseL = slices.Clone(a.pairs), slices.Clone(a.loose), slices.Clone(a.looseL)
	return a
}

// similarity looks into the memo where one word is the query's and the other
// the index's.
func (al *aligner) similarity(x, y *nameToken) (float64, string) {
	if al.memo == nil || x.slot == 0 && y.slot == 0 {
		return similarity(x.lex, y.lex)
	}
	if x.slot == 0 {
		x, y = y, x
	}
	return al.memo.similarity(x, y.lex, y.number)
}

// align pairs the words of two names greedily by gain; ties fall to the earlier
// word, so callers that need symmetry pass the names in a fixed order.
func (al *aligner) align(q, l *parsedName) alignment {
	al.pairOptions(q, l)
	slices.SortStableFunc(al.options, func(a, b pairing) int {
		return cmp.Or(cmp.Compare(b.sim*b.weight, a.sim*a.weight), cmp.Compare(b.sim, a.sim))
	})
	a := alignment{pairs: al.pairs[:0]}
	var usedQ, usedL [maxTokens + 1]bool
	for _, p := range al.options {
		if usedQ[p.q] || usedL[p.l] || p.qWide && usedQ[p.q+1] || p.lWide && usedL[p.l+1] {
			continue
		}
		usedQ[p.q], usedL[p.l] = true, true
		if p.qWide {
			usedQ[p.q+1] = true
		}
		if p.lWide {
			usedL[p.l+1] = true
		}
		a.pairs = append(a.pairs, p)
	}
	al.pairs = a.pairs
	a.loose, a.looseL = al.loose[0][:0], al.loose[1][:0]
	a.sum(q, l, usedQ[:], usedL[:])
	return a
}

// pairOptions fills the options. The smaller role and the more frequent word
// decide the weight, so that a patronymic met by a word of unknown role stays cheap.
func (al *aligner) pairOptions(q, l *parsedName) {
	options := al.options[:0]
	var bestQ, bestL [maxTokens]float64
	wide := len(q.tokens) != len(l.tokens)
	for i := range q.tokens {
		for j := range l.tokens {
			sim, how := al.similarity(&q.tokens[i], &l.tokens[j])
			if sim < minPair {
				wide = true
				continue
			}
			bestQ[i], bestL[j] = math.Max(bestQ[i], sim), math.Max(bestL[j], sim)
			w := math.Min(q.tokens[i].weight, l.tokens[j].weight)
			if how == "initial" {
				w *= 0.5
			}
			options = append(options, pairing{q: i, l: j, sim: sim, weight: w, how: how})
		}
	}
	if wide {
		options = joinedOptions(options, q, l, &bestQ, &bestL)
	}
	al.options = options
}

// joinedSimilarity is what two words must reach to be one word of the other side;
// settledSimilarity what keeps a word that has found its like from being joined.
const (
	joinedSimilarity  = 0.85
	settledSimilarity = 0.93
)

// joinedOptions pairs two neighbouring words of one side with one of the other.
func joinedOptions(out []pairing, q, l *parsedName, bestQ, bestL *[maxTokens]float64) []pairing {
	for _, jq := range q.joints {
		for j, t := range l.tokens {
			if bestL[j] >= settledSimilarity {
				continue
			}
			if sim := jointSimilarity(jq.forms, t.lex); sim >= joinedSimilarity {
				w := q.tokens[jq.at].weight + q.tokens[jq.at+1].weight
				out = append(out, pairing{q: jq.at, l: j, qWide: true, sim: sim, weight: w, how: "joined"})
			}
		}
	}
	for _, jl := range l.joints {
		for i, t := range q.tokens {
			if bestQ[i] >= settledSimilarity {
				continue
			}
			if sim := jointSimilarity(jl.forms, t.lex); sim >= joinedSimilarity {
				w := l.tokens[jl.at].weight + l.tokens[jl.at+1].weight
				out = append(out, pairing{q: i, l: jl.at, lWide: true, sim: sim, weight: w, how: "joined"})
			}
		}
	}
	return out
}

func jointSimilarity(joined []form, l *lexeme) float64 {
	best := 0.0
	for _, j := range joined {
		for _, f := range l.forms {
			if j.arabic == f.arabic && (len(j.s) > len(f.s)+3 || len(f.s) > len(j.s)+3) {
				continue
			}
			best = math.Max(best, formSimilarity(j, f))
		}
	}
	return best
}

// sum adds up what agrees, what is loose on both sides (conflict) and what only
// one side has (surplus).
func (a *alignment) sum(q, l *parsedName, usedQ, usedL []bool) {
	var agree, total float64
	for _, p := range a.pairs {
		agree += p.weight * p.sim
		total += p.weight
		if p.how == "initial" {
			continue
		}
		a.info += p.sim * p.sim * pairInfo(q, l, p)
		if q.tokens[p.q].role != rolePatronymic || l.tokens[p.l].role != rolePatronymic {
			a.words++
			if p.qWide || p.lWide {
				a.words++
			}
		}
	}
	var sumQ, sumL, costQ, costL float64
	a.loose, sumQ, costQ = looseTokens(a.loose, q, usedQ)
	a.looseL, sumL, costL = looseTokens(a.looseL, l, usedL)
	conflict := math.Min(sumQ, sumL) * 2 * conflictFactor
	surplus := 0.0
	if sumQ > sumL {
		surplus = (sumQ - sumL) * costQ / sumQ
	} else if sumL > sumQ {
		surplus = (sumL - sumQ) * costL / sumL
	}
	a.denom = total + conflict + surplus
	if a.denom > 0 {
		a.agreement = agree / a.denom
		if both := sumQ + sumL; both > 0 {
			a.penQ = (conflict + surplus) / both / a.denom
			a.penL = a.penQ
		}
	}
}

func pairInfo(q, l *parsedName, p pairing) float64 {
	side := func(n *parsedName, at int, wide bool) float64 {
		if wide {
			return n.tokens[at].info + n.tokens[at+1].info
		}
		return n.tokens[at].info
	}
	a, b := side(q, p.q, p.qWide), side(l, p.l, p.lWide)
	if p.qWide {
		return a
	}
	if p.lWide {
		return b
	}
	return math.Min(a, b)
}

func looseTokens(loose []int, n *parsedName, used []bool) (_ []int, weight, cost float64) {
	for i := range n.tokens {
		t := &n.tokens[i]
		if used[i] {
			continue
		}
		loose = append(loose, i)
		w := t.weight
		weight += w
		switch t.role {
		case rolePatronymic:
			cost += w * missingPatronymic
		case roleUnknown:
			cost += w * missingUnknown
		default:
			cost += w * missingPart
		}
	}
	return loose, weight, cost
}

// tokenPairs writes the alignment for people, in the order of q's words.
func (a *alignment) tokenPairs(q, l *parsedName) []TokenPair {
	out := make([]TokenPair, 0, len(q.tokens)+len(l.tokens))
	byQ := slices.Clone(a.pairs)
	slices.SortFunc(byQ, func(x, y pairing) int { return cmp.Compare(x.q, y.q) })
	for _, p := range byQ {
		tp := TokenPair{Query: q.text(p.q, p.qWide), Listed: l.text(p.l, p.lWide), How: p.how, Similarity: round(p.sim)}
		tp.Role = pairRole(q.tokens[p.q].role, l.tokens[p.l].role).String()
		if tp.How == "romanization" && strings.EqualFold(tp.Query, tp.Listed) {
			tp.How = "same"
		}
		tp.Weight = round(p.weight * p.sim / a.denom)
		out = append(out, tp)
	}
	for _, i := range a.loose {
		t := q.tokens[i]
		out = append(out, TokenPair{Query: t.raw, Role: t.role.String(), How: "extra", Weight: -round(a.penQ * t.weight)})
	}
	for _, i := range a.looseL {
		t := l.tokens[i]
		out = append(out, TokenPair{Listed: t.raw, Role: t.role.String(), How: "missing", Weight: -round(a.penL * t.weight)})
	}
	return appendParticles(out, q.particles, l.particles)
}

func appendParticles(out []TokenPair, q, l []nameToken) []TokenPair {
	used := make([]bool, len(l))
next:
	for _, t := range q {
		for j, u := range l {
			if !used[j] && t.lex.main() == u.lex.main() {
				used[j] = true
				out = append(out, TokenPair{Query: t.raw, Listed: u.raw, Role: "particle", How: "same", Similarity: 1})
				continue next
			}
		}
		out = append(out, TokenPair{Query: t.raw, Role: "particle", How: "extra"})
	}
	for j, u := range l {
		if !used[j] {
			out = append(out, TokenPair{Listed: u.raw, Role: "particle", How: "missing"})
		}
	}
	return out
}

func (p *parsedName) text(at int, wide bool) string {
	if wide {
		return p.tokens[at].raw + " " + p.tokens[at+1].raw
	}
	return p.tokens[at].raw
}

func pairRole(a, b role) role {
	switch {
	case a == b || b == roleUnknown:
		return a
	case a == roleUnknown:
		return b
	}
	return min(a, b) // surname before given before patronymic
}

func round(x float64) float64 { return math.Round(x*1000) / 1000 }
