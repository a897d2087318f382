package match

import "strings"

type role uint8

const (
	roleUnknown role = iota
	roleSurname
	roleGiven
	rolePatronymic
	roleParticle
)

var roleNames = [...]string{"unknown", "surname", "given", "patronymic", "particle"}

// String gives the word that explanations show.
func (r role) String() string { return roleNames[r] }

// roleWeight: a surname is dear, a patronymic is left out by most documents, a
// particle says nothing.
var roleWeight = [...]float64{0.95, 1.0, 0.9, 0.35, 0}

// nameToken is one word at its place in a name.
type nameToken struct {
	raw    string
	lex    *lexeme
	role   role
	info   float64 // nats that agreeing in this word is worth
	weight float64 // share in the name: role and information
	slot   uint32  // of a query word: its row in the memo of similarities, from 1
	number uint32  // of a listed word: its position in the index
}

// parsedName is a name taken apart. tokens holds what is compared; particles
// what is only shown.
type parsedName struct {
	full      string
	tokens    []nameToken
	particles []nameToken
	joints    []joint
}

// joint is two neighbouring tokens read as one word (Abdul Rahman).
type joint struct {
	at    int // tokens[at] and tokens[at+1]
	forms []form
	keys  []uint64
}

// maxTokens bounds the words of a name that are compared; longer ones are cut,
// so that a hostile text cannot buy time.
const maxTokens = 14

// lexicon shares lexemes between names; nil means no sharing.
type lexicon map[string]*lexeme

func (lx lexicon) get(word string, kind script, lastGiven bool) *lexeme {
	key := word
	if lastGiven {
		key = "|" + word
	}
	if l, ok := lx[key]; ok {
		return l
	}
	l := newLexeme(word, kind, lastGiven)
	if lx != nil {
		lx[key] = l
	}
	return l
}

// parse takes a name apart. Part fields win over Full.
func (lx lexicon) parse(n Name) parsedName {
	p := parsedName{full: n.Full}
	if n.Surname == "" && n.Given == "" && n.Patronymic == "" {
		surname, given, parted := cutFull(n.Full)
		if parted {
			lx.addWords(&p, surname, roleSurname, false)
			lx.addWords(&p, given, roleGiven, true)
		} else {
			lx.addWords(&p, n.Full, roleUnknown, true)
		}
	} else {
		if p.full == "" {
			p.full = strings.Join(strings.Fields(n.Surname+" "+n.Given+" "+n.Patronymic), " ")
		}
		lx.addWords(&p, n.Surname, roleSurname, false)
		lx.addWords(&p, n.Given, roleGiven, true)
		lx.addWords(&p, n.Patronymic, rolePatronymic, false)
	}
	p.sortOut()
	p.addJoints()
	return p
}

// cutFull knows the written forms that part surname and given names: comma
// (list publishers), "<<" (machine readable zone, ICAO 9303-3 section 4.6) and
// "/" (reservation systems).
func cutFull(full string) (surname, given string, ok bool) {
	for _, sep := range []string{"<<", ",", "/"} {
		if a, b, found := strings.Cut(full, sep); found && strings.TrimSpace(a) != "" && strings.Trim(b, " <,/") != "" {
			return a, b, true
		}
	}
	return "", "", false
}

// maxWord is the bytes of a word that are read, for the same reason.
const maxWord = 2 * longestWord

func cutWord(w string) string {
	if len(w) <= maxWord {
		return w
	}
	return strings.ToValidUTF8(w[:maxWord], "")
}

func (lx lexicon) addWords(p *parsedName, text string, r role, given bool) {
	pieces := split(text)
	for i, w := range pieces {
		if len(p.tokens) > maxTokens-3 { // one word gives three at most
			return
		}
		w = cutWord(w)
		if scriptOf(w) == scriptArabic && !hasDigit(w) {
			parts := splitArticle(arabicLetters(w))
			raws := splitRaw(w, len(parts))
			for k, part := range parts {
				p.tokens = append(p.tokens, nameToken{raw: raws[k], lex: lx.get(part, scriptArabic, false), role: r})
			}
			continue
		}
		l := lx.get(w, scriptOf(w), given && i == len(pieces)-1)
		if l.main() != "" {
			p.tokens = append(p.tokens, nameToken{raw: w, lex: l, role: r})
		}
	}
}

// splitRaw cuts the original spelling as splitArticle cut the letters.
func splitRaw(w string, parts int) []string {
	rest, servant := strings.CutPrefix(w, "عبد")
	name, article := strings.CutPrefix(rest, "ال")
	switch {
	case parts == 3 && servant && article:
		return []string{"عبد", "ال", name}
	case parts == 2 && !servant && article:
		return []string{"ال", name}
	}
	raws := make([]string, max(parts, 1))
	for i := range raws {
		raws[i] = w
	}
	return raws
}

// sortOut separates particles and titles, recognises patronymics and surnames
// by their endings. A name that would be left with nothing keeps its words.
func (p *parsedName) sortOut() {
	all := p.tokens
	kept := make([]nameToken, 0, len(all))
	var particles []nameToken
	for i, t := range all {
		m := spell(t.lex.main())
		switch {
		case titles[m], isParticle(all, i, m):
			if kinship[m] && len(kept) > 0 && kept[len(kept)-1].role != roleSurname {
				kept[len(kept)-1].role = rolePatronymic
			}
			t.role = roleParticle
			particles = append(particles, t)
		default:
			if t.lex.fathers && t.role != roleSurname {
				t.role = rolePatronymic
			}
			kept = append(kept, t)
		}
	}
	if len(kept) < 2 && len(all) > len(kept) {
		kept, particles = keepWords(all)
	}
	p.tokens, p.particles = kept, particles
	p.settleRoles()
}

// keepWords treats particles as names (Bin, Le, An are), but never titles.
func keepWords(all []nameToken) (kept, particles []nameToken) {
	for _, t := range all {
		if m := spell(t.lex.main()); titles[m] {
			t.role = roleParticle
			particles = append(particles, t)
		} else {
			kept = append(kept, t)
		}
	}
	if len(kept) == 0 { // nothing but titles: then they are the name
		for i := range particles {
			particles[i].role = roleUnknown
		}
		return particles, nil
	}
	return kept, particles
}

func isParticle(all []nameToken, i int, m string) bool {
	if particles[m] {
		return true
	}
	if sound, ok := sunArticles[m]; ok && i+1 < len(all) {
		next := all[i+1].lex.main()
		return next != "" && next[0] == sound && len(next) > 2
	}
	return false
}

// settleRoles gives a patronymic full weight where it stands in for a surname
// (Asan uulu Bakyt), and calls a word with a surname ending a surname where
// nothing else is.
func (p *parsedName) settleRoles() {
	others, surname := 0, false
	for _, t := range p.tokens {
		if t.role != rolePatronymic {
			others++
		}
		surname = surname || t.role == roleSurname
	}
	for i := range p.tokens {
		t := &p.tokens[i]
		if t.role == rolePatronymic && others < 2 && len(p.tokens) <= 2 {
			t.role = roleUnknown
		}
		if t.role == roleUnknown && !surname && t.lex.stem != "" && !t.lex.fathers {
			t.role, surname = roleSurname, true
		}
	}
}

func (p *parsedName) addJoints() {
	for i := 0; i+1 < len(p.tokens); i++ {
		a, b := p.tokens[i].lex, p.tokens[i+1].lex
		if a.initial || b.initial {
			continue
		}
		j := joint{at: i}
		fa, fb := a.forms[len(a.forms)-1], b.forms[len(b.forms)-1]
		if fa.arabic && fb.arabic {
			j.add(form{s: fa.s + fb.s, arabic: true, cost: jointCost})
		}
		if !a.forms[0].arabic && !b.forms[0].arabic {
			plain := settle(a.main() + b.main())
			j.add(form{s: plain, cost: jointCost})
			if rest, ok := cutServant(plain); ok {
				j.add(form{s: rest, cost: jointCost})
			}
		}
		p.joints = append(p.joints, j)
	}
}

// jointCost keeps a word that is whole on both sides ahead of a joined one.
const jointCost = 0.02

func (j *joint) add(f form) {
	j.forms = append(j.forms, f)
	if !f.arabic {
		j.keys = append(j.keys, hashKey(skeleton(f.s)))
		return
	}
	for _, s := range arabicSkeletons(f.s) {
		j.keys = append(j.keys, hashKey(s))
	}
}

// cutServant brings the many spellings of Abd al-X (Abdul, Abdel, Abdur with
// doubled sun letter) to abd + X.
func cutServant(s string) (string, bool) {
	rest, ok := strings.CutPrefix(s, "abd")
	if !ok || len(rest) < 4 || !isVowel(rest[0]) {
		return s, false
	}
	rest = rest[1:]
	if rest[0] == 'l' && len(rest) > 3 {
		rest = rest[1:]
	}
	return "abd" + rest, true
}
