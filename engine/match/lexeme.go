package match

import (
	"math"
	"strings"
	"unicode"
)

// form is one reading of a word in internal letters. Alternative readings cost
// a little, so that the plain one wins where both fit.
type form struct {
	s      string
	cost   float64
	arabic bool // vowels are not written
}

// lexeme is a word with everything comparison and blocking need; it is shared
// by all names that contain the word and never changes.
type lexeme struct {
	forms    []form
	stem     string   // without patronymic, feminine and kinship endings; "" where none
	fathers  bool     // looks like a patronymic by its ending
	clusters []uint16 // lines of equivalents
	prior    float64  // nats before any list is seen
	initial  bool
	keys     []uint64 // skeleton keys, exact
	near     []uint64 // deletion neighbourhood of the main key
	freqKey  uint64   // key under which frequency is counted
}

func (l *lexeme) main() string { return l.forms[0].s }

// newLexeme reads a word. lastGiven allows a title glued at the end.
func newLexeme(word string, kind script, lastGiven bool) *lexeme {
	l := &lexeme{}
	switch {
	case kind == scriptArabic: // word is in internal Arabic letters already
		if main := arabicMain(word); arabicNames[word] != "" {
			l.forms = append(l.forms, form{s: main}, form{s: word, cost: 0.02, arabic: true})
		} else {
			l.forms = append(l.forms, form{s: word, arabic: true})
		}
	case hasDigit(word):
		l.forms = []form{{s: foldCode(word)}}
	case kind == scriptCyrillic:
		l.readCyrillic(word)
	default:
		l.readLatin(word, lastGiven)
	}
	l.finish()
	return l
}

func (l *lexeme) add(s string, cost float64) {
	if s == "" && len(l.forms) > 0 {
		return
	}
	for _, f := range l.forms {
		if f.s == s {
			return
		}
	}
	l.forms = append(l.forms, form{s: s, cost: cost})
}

func (l *lexeme) readCyrillic(word string) {
	lower := strings.ToLower(word)
	l.add(cyrillicMain(word), 0)
	if s, ok := cutServant(l.main()); ok {
		l.add(s, 0.01)
	}
	if py, ok := palladiusToPinyin(lower); ok {
		l.add(pinyinForm(py), 0.02)
		l.add(latinMain(py), 0.02)
	}
}

func (l *lexeme) readLatin(word string, lastGiven bool) {
	plain := plainLatin(word)
	l.add(settle(reduceLatin(plain)), 0)
	if strings.ContainsAny(plain, "xqzcjwy") && isPinyin(plain) {
		l.add(pinyinForm(plain), 0.02)
	}
	if strings.Contains(plain, "x") { // ks and kh both
		l.add(settle(reduceLatin(strings.ReplaceAll(plain, "x", "ks"))), 0.03)
	}
	if i := strings.IndexByte(plain, 'c'); i >= 0 && i+1 < len(plain) && isVowel(plain[i+1]) { // Turkish c
		l.add(settle(reduceLatin(strings.ReplaceAll(plain, "c", "j"))), 0.03)
	}
	if strings.Contains(plain, "oo") { // English oo; Kyrgyz oo is the main reading
		l.add(settle(reduceLatin(strings.ReplaceAll(plain, "oo", "u"))), 0.01)
	}
	if i := strings.IndexByte(plain, 'j'); i > 0 && isVowel(plain[i-1]) { // German and Polish j
		l.add(settle(reduceLatin(strings.ReplaceAll(plain, "j", "y"))), 0.03)
	}
	if rest, ok := strings.CutPrefix(plain, "al"); ok && len(rest) >= 4 && !isVowel(rest[0]) { // Alrawi
		l.add(settle(reduceLatin(rest)), 0.06)
	}
	if s, ok := cutServant(l.main()); ok {
		l.add(s, 0.01)
	}
	if !lastGiven || !isCapitals(word) {
		return
	}
	for _, t := range gluedTitles {
		if rest, ok := strings.CutSuffix(plain, t); ok && len(rest) >= 2 {
			l.add(settle(reduceLatin(rest)), 0.01)
			return
		}
	}
}

func isCapitals(s string) bool {
	for _, r := range s {
		if unicode.IsLower(r) {
			return false
		}
	}
	return true
}

func (l *lexeme) finish() {
	main := l.main()
	l.initial = len([]rune(main)) == 1
	if !l.forms[0].arabic {
		l.stem, l.fathers = stemOf(main)
	}
	l.prior = plainInfo
	for _, f := range l.forms {
		if f.arabic || f.cost > 0.03 {
			continue
		}
		l.clusters = append(l.clusters, clusterOf[f.s]...)
		if p, ok := priorOf[f.s]; ok {
			l.prior = math.Min(l.prior, p)
		}
	}
	l.addKeys()
}

// Endings in canonical letters. Patronymics: East Slavic -ovich/-evich/-ich and
// their feminines, Kazakh -uly/-kyzy, Uzbek -ogli/-qizi, Turkmen and Azerbaijani
// -ogly/-gyzy. Surnames: the feminine -ova/-eva/-ina/-aya; Tajik and Persian
// -zoda/-zade; and the Russified -ov/-ev that Tajikistan dropped (Rahmonov,
// Rahmon).
var (
	fatherEndings  = []string{"ovic", "evic", "ovna", "evna", "icna", "uli", "uulu", "ulu", "kizi", "gizi", "ogli", "ugli", "oglu", "oglo"}
	surnameEndings = []string{"zoda", "zade", "zadeh", "zada", "skaia", "ova", "eva", "ina", "ov", "ev", "of", "ef"}
)

// stemOf cuts one ending; the stem keeps at least three letters.
func stemOf(main string) (stem string, father bool) {
	for _, e := range fatherEndings {
		if rest, ok := strings.CutSuffix(main, e); ok && len(rest) >= 3 {
			return rest, true
		}
	}
	for _, e := range surnameEndings {
		if rest, ok := strings.CutSuffix(main, e); ok && len(rest) >= 3 {
			return rest, false
		}
	}
	return "", false
}

const maxKeys = 8 // exact keys of one word: readings of Arabic waw and shared letters multiply

func (l *lexeme) addKeys() {
	seen := map[uint64]bool{}
	add := func(list []uint64, k uint64) []uint64 {
		if seen[k] {
			return list
		}
		seen[k] = true
		return append(list, k)
	}
	var skeletons []string
	for _, f := range l.forms {
		if f.arabic {
			skeletons = append(skeletons, arabicSkeletons(f.s)...)
		} else {
			skeletons = append(skeletons, skeleton(f.s))
		}
	}
	l.freqKey = hashKey(skeletons[0])
	if l.fathers || strings.HasSuffix(l.main(), "zoda") || strings.HasSuffix(l.main(), "zade") {
		skeletons = append(skeletons, skeleton(l.stem))
	}
	for _, s := range skeletons {
		if s != "" && len(l.keys) < maxKeys {
			l.keys = add(l.keys, hashKey(s))
		}
	}
	for _, c := range l.clusters {
		l.keys = add(l.keys, hashKey("#"+string(rune('0'+c))))
	}
	most := min(len(skeletons), 4)
	for _, s := range skeletons[:most] {
		l.near = appendDeletions(l.near, s, add)
	}
}

// minDeletable: shorter skeletons have no neighbourhood; two letters would meet
// half the list.
const minDeletable = 4

func appendDeletions(near []uint64, s string, add func([]uint64, uint64) []uint64) []uint64 {
	if len(s) < minDeletable {
		return near
	}
	for i := range s {
		rest := i + 1
		if i > 0 && rest < len(s) && s[i-1] == s[rest] { // Sadrid without r is Sadid, whose skeleton has one d
			rest++
		}
		near = add(near, hashKey(s[:i]+s[rest:]))
	}
	return near
}

// skeletonClass folds letters that scripts and hearing confuse; vowels go, j
// stays because it is y to a German only.
var skeletonClass = func() (t [256]byte) {
	for i := range t {
		t[i] = byte(i)
	}
	for _, pair := range []string{"gk", "cx", "zs", "dt", "fv", "bp", "Qk", "Gk", "Ts", "Zs"} {
		t[pair[0]] = pair[1]
	}
	for _, v := range "aeiouAEYW" {
		t[v] = 0
	}
	return t
}()

// skeleton gives the consonant classes of an internal form; "a" stands for a
// vowel at the beginning, a final h is not heard.
func skeleton(s string) string {
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := skeletonClass[s[i]]
		switch {
		case c == 0 && i == 0:
			c = 'a'
		case c == 0, (c == 'h' || c == 'H') && i == len(s)-1:
			continue
		}
		if c == 's' && len(b) > 0 && b[len(b)-1] == 't' { // ts is one sound
			b[len(b)-1] = 's'
			continue
		}
		if c == 'k' && i == len(s)-1 && i > 1 && s[i] == 'g' && s[i-1] == 'n' { // ң is n or ng
			continue
		}
		if len(b) > 0 && b[len(b)-1] == c {
			continue
		}
		b = append(b, c)
	}
	return string(b)
}

// arabicSkeletons gives the skeletons a Latin spelling may have: waw may be a
// consonant, the shared letters have two sounds each.
func arabicSkeletons(s string) []string {
	readings := []string{""}
	for i := 0; i < len(s); i++ {
		var options []string
		switch c := s[i]; c {
		case 'W':
			options = []string{"u", "v"}
			if i == 0 {
				options = []string{"v", "u"}
			}
		case 'Z':
			options = []string{"z", "d"}
		case 'T':
			options = []string{"s", "t"}
		case 'Y':
			options = []string{"i"}
		case 'A', 'E':
			options = []string{"a"}
		default:
			options = []string{string(c)}
		}
		if len(readings)*len(options) > maxKeys {
			options = options[:1]
		}
		next := make([]string, 0, len(readings)*len(options))
		for _, o := range options {
			for _, r := range readings {
				next = append(next, r+o)
			}
		}
		readings = next
	}
	for i, r := range readings {
		readings[i] = skeleton(r)
	}
	return readings
}

// hashKey is FNV-1a over the key's letters.
func hashKey(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := 0; i < len(s); i++ {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}
