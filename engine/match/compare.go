package match

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// Readings of the score. It is a logistic of summed evidence, not a frequency.
const (
	// DefaultThreshold of an alert: an identical frequent name without any birth
	// date just reaches it, a wrong birth year never does.
	DefaultThreshold = 0.75
	// StrongScore: from here on name and at least one independent fact agree, or
	// a very rare name agrees fully.
	StrongScore = 0.90
	// DefaultLimit of matches for one person; an officer reads no more.
	DefaultLimit = 10
)

// The name's evidence in nats: a full agreement of two frequent words (8 nats of
// information) gives nameBase, rarer or more words more, up to nameMost; what
// does not agree costs nameSlope per unit, steeper below nameKnee.
const (
	nameBase     = 1.20
	nameInfo     = 8.0
	namePerInfo  = 0.12
	nameLeast    = 1.22 // two agreeing words reach the threshold alone
	nameMost     = 2.30
	nameOneWord  = 0.85 // one agreeing word alone stays below it
	nameSlope    = 8.0
	nameKnee     = 0.80
	nameSteeper  = 13.0
	nameWorst    = -5.0
	sameText     = 0.985 // agreement from which a name counts as the same
	similarText  = 0.72
	missingEvery = -5.0 // no name to compare
)

// prepared is a person ready for comparison.
type prepared struct {
	id        string
	sex       string
	names     []parsedName
	born      []span
	nations   []string
	documents []document
}

func prepare(p Person, lx lexicon, r rarity) *prepared {
	out := &prepared{id: p.ID, sex: p.Sex, born: parseBorns(p.Born), nations: prepareNations(p.Nationalities),
		documents: prepareDocuments(p.Documents)}
	for _, n := range p.Names {
		if parsed := lx.parse(n); len(parsed.tokens) > 0 {
			if r != nil {
				parsed.weigh(r)
			}
			out.names = append(out.names, parsed)
		}
	}
	return out
}

// Compare explains one pair without any list: how frequent a name is comes from
// a fixed table. The score does not depend on the order of a and b.
func Compare(a, b Person) Match {
	q, l := prepare(a, nil, priorRarity), prepare(b, nil, priorRarity)
	return compare(q, l)
}

// nameFit is the best pair of names of two persons.
type nameFit struct {
	q, l    *parsedName
	swapped bool // aligned with l first, to keep the score symmetric
	alignment
	weight float64
	rank   float64 // orders low scores: weight without its lower bound, and what the agreeing words tell
}

// fitNames aligns two names in a fixed order, so that the result is symmetric.
func (al *aligner) fitNames(q, l *parsedName) nameFit {
	f := nameFit{q: q, l: l, swapped: orderKey(q, l) > 0}
	if f.swapped {
		f.alignment = al.align(l, q)
	} else {
		f.alignment = al.align(q, l)
	}
	weight := nameWeight(&f.alignment)
	f.weight, f.rank = math.Max(weight, nameWorst), weight+f.info
	return f
}

func orderKey(a, b *parsedName) int {
	if c := cmp.Compare(len(a.tokens), len(b.tokens)); c != 0 {
		return c
	}
	for i := range a.tokens {
		x, y := &a.tokens[i], &b.tokens[i]
		if c := cmp.Or(strings.Compare(x.lex.main(), y.lex.main()), cmp.Compare(x.role, y.role), strings.Compare(x.raw, y.raw)); c != 0 {
			return c
		}
	}
	return 0
}

func nameWeight(a *alignment) float64 {
	if a.words == 0 && len(a.pairs) == 0 {
		return 2 * nameWorst
	}
	base := nameBase + namePerInfo*(a.info-nameInfo)
	switch {
	case a.words >= 2:
		base = math.Min(math.Max(base, nameLeast), nameMost)
	default:
		base = math.Min(base, nameOneWord)
	}
	lack := 1 - a.agreement
	w := base - nameSlope*lack
	if a.agreement < nameKnee {
		w -= (nameSteeper - nameSlope) * (nameKnee - a.agreement)
	}
	return w
}

func compare(q, l *prepared) Match {
	var al aligner
	best := al.bestNames(q, l, nil)
	return conclude(q, l, best)
}

// bestNames tries every pair of names, or only the listed ones named.
func (al *aligner) bestNames(q, l *prepared, only []int) *nameFit {
	var best *nameFit
	try := func(n *parsedName) {
		for i := range q.names {
			f := al.fitNames(&q.names[i], n)
			if best == nil || f.weight > best.weight || f.weight == best.weight && f.agreement > best.agreement {
				f.alignment = f.keep()
				best = &f
			}
		}
	}
	if only == nil {
		for i := range l.names {
			try(&l.names[i])
		}
		return best
	}
	for _, i := range only {
		try(&l.names[i])
	}
	return best
}

// evidence sums everything but the name.
type evidence struct {
	born, sex, nation, doc Reason
	hasDoc                 bool
}

func weigh(q, l *prepared) evidence {
	e := evidence{born: bornReason(q, l), sex: compareSex(q.sex, l.sex), nation: compareNations(q.nations, l.nations)}
	e.doc, e.hasDoc = compareDocuments(q.documents, l.documents)
	return e
}

// score joins name and evidence; a shared document never falls below its floor.
func score(name float64, e *evidence) float64 {
	sum := name + e.born.Weight + e.sex.Weight + e.nation.Weight + e.doc.Weight
	s := 1 / (1 + math.Exp(-sum))
	if e.hasDoc && e.doc.Agreement == "same" {
		s = math.Max(s, documentFloor)
	}
	return s
}

func conclude(q, l *prepared, best *nameFit) Match {
	e := weigh(q, l)
	weight := missingEvery
	if best != nil {
		weight = best.weight
	}
	m := Match{ID: l.id, Score: round(score(weight, &e))}
	name := Reason{Field: "name", Agreement: "unknown", Code: "name.unknown", Text: "No name to compare", Weight: weight}
	if best == nil && len(l.names) > 0 {
		m.Name = l.names[0].full
	}
	if best != nil {
		m.Name, m.Tokens = best.l.full, best.tokens()
		name = best.reason()
	}
	m.Reasons = append(m.Reasons, name, e.born, e.sex, e.nation)
	if e.hasDoc {
		m.Reasons = append(m.Reasons, e.doc)
	}
	slices.SortStableFunc(m.Reasons, func(a, b Reason) int { return cmp.Compare(math.Abs(b.Weight), math.Abs(a.Weight)) })
	for i := range m.Reasons {
		m.Reasons[i].Weight = round(m.Reasons[i].Weight)
	}
	return m
}

// tokens explains the alignment from the query's side.
func (f *nameFit) tokens() []TokenPair {
	if !f.swapped {
		return f.tokenPairs(f.q, f.l)
	}
	a := f.alignment
	a.pairs = make([]pairing, len(f.pairs))
	for i, p := range f.pairs {
		p.q, p.l, p.qWide, p.lWide = p.l, p.q, p.lWide, p.qWide
		a.pairs[i] = p
	}
	a.loose, a.looseL, a.penQ, a.penL = f.looseL, f.loose, f.penL, f.penQ
	return a.tokenPairs(f.q, f.l)
}

// reason says in one sentence how the names agree.
func (f *nameFit) reason() Reason {
	r := Reason{Field: "name", Query: f.q.full, Listed: f.l.full, Weight: f.weight}
	how := map[string]int{}
	for _, p := range f.pairs {
		how[p.how]++
	}
	loose := len(f.loose) + len(f.looseL)
	switch {
	case f.agreement < similarText || len(f.pairs) == 0:
		r.Agreement, r.Code, r.Text = "different", "name.different", "Different name: "+r.Query+", listed "+r.Listed
	case strings.EqualFold(r.Query, r.Listed):
		r.Agreement, r.Code, r.Text = "same", "name.same", "Same name: "+r.Listed
	case how["typo"] > 0:
		r.Agreement, r.Code, r.Text = "similar", "name.typo", "Similar name with differing letters: "+r.Query+", listed "+r.Listed
	case how["initial"] > 0:
		r.Agreement, r.Code, r.Text = "similar", "name.initial", "Name agrees as far as the initial tells: "+r.Query+", listed "+r.Listed
	case loose > 0 && len(f.loose) > 0 && len(f.looseL) > 0:
		r.Agreement, r.Code, r.Text = "similar", "name.partial", "Part of the name agrees: "+r.Query+", listed "+r.Listed
	case loose > 0:
		r.Agreement, r.Code, r.Text = "similar", "name.shorter", "Name agrees, one side gives more names: "+r.Query+", listed "+r.Listed
	case how["spelling"] > 0 || how["joined"] > 0 || f.agreement < sameText:
		r.Agreement, r.Code, r.Text = "similar", "name.spelling", "Same name in another spelling: "+r.Query+", listed "+r.Listed
	default:
		r.Agreement, r.Code, r.Text = "same", "name.romanization", "Same name, written "+r.Query+" and listed "+r.Listed
	}
	return r
}
