package match

import (
	"math"
	"strings"
)

// minPair is the least similarity at which two words are taken for one; below
// it half of random surname pairs of equal length begin to pass.
const minPair = 0.64

// longestWord bounds the letters that are compared.
const longestWord = 40

// substitution holds the cost, in hundredths, of reading one letter for another.
// Sound confusions of the region's romanizations are cheap, all else costs 100.
// Vowels: Tajik and Uzbek o for Persian a, unstressed e/i, English u for a.
var substitution = func() (t [128][128]uint8) {
	for i := range t {
		for j := range t[i] {
			if i != j {
				t[i][j] = 100
			}
		}
	}
	set := func(pairs string, cost uint8) {
		for _, p := range strings.Fields(pairs) {
			t[p[0]][p[1]], t[p[1]][p[0]] = cost, cost
		}
	}
	set("ae ai ao au ei eo eu io iu ou", 30)
	set("ao ou", 14)
	set("ae ei", 20)
	set("uv", 25)
	set("zs ji", 30)
	set("kg kh gh td vf cx jg", 35)
	set("bp ov cj jz", 40)
	set("bv xj sx zd hx", 45)
	set("nm rl ts sc kc", 60)
	// Arabic script against vowelled letters, see the table in scripts.go.
	set("Aa", 0)
	set("Ao Ae", 2)
	set("Ai Au Ea Eo Eu Ei Ee", 5)
	set("Wu Wo Wv Yi Ye Hh Ha Ts Zz Qk Gg Yj", 0)
	set("He Tt Zd", 4)
	set("Ya Qg Gk Qh Gh Ht", 12)
	set("AE AH", 15)
	set("AY AW Ho Ve", 60)
	return t
}()

// letterCost is the cost of leaving a letter out, in hundredths.
func letterCost(s string, i int, otherArabic bool) int {
	switch c := s[i]; c {
	case 'a', 'e', 'i', 'o', 'u':
		if otherArabic {
			return 4
		}
		if c == 'i' && (i > 0 && isVowel(s[i-1]) || i+1 < len(s) && isVowel(s[i+1])) {
			return 18 // a glide: Faizulla, Fazulla; Maria, Mara costs more elsewhere
		}
		return 45
	case 'h':
		if i == len(s)-1 {
			return 8
		}
		return 45
	case 'A', 'E', 'H':
		return 12
	case 'W', 'Y':
		return 35
	case 'g':
		if i > 0 && s[i-1] == 'n' {
			return 25
		}
	}
	return 100
}

func swapCost(a, b byte) uint8 {
	if a < 128 && b < 128 {
		return substitution[a][b]
	}
	if a == b {
		return 0
	}
	return 100
}

// distance is an optimal string alignment distance with the costs above, in
// hundredths; beyond limit it stops and returns more than limit.
func distance(a, b form, limit int) int {
	s, t := a.s, b.s
	if len(s) > longestWord {
		s = s[:longestWord]
	}
	if len(t) > longestWord {
		t = t[:longestWord]
	}
	var rows [3][longestWord + 1]int
	var dropT [longestWord]int
	for j := range len(t) {
		dropT[j] = letterCost(t, j, a.arabic && !b.arabic)
	}
	before, prev, cur := &rows[0], &rows[1], &rows[2]
	for j := range len(t) {
		prev[j+1] = prev[j] + dropT[j]
	}
	for i := range len(s) {
		dropS := letterCost(s, i, b.arabic && !a.arabic)
		cur[0] = prev[0] + dropS
		best := cur[0]
		for j := range len(t) {
			d := min(prev[j]+int(swapCost(s[i], t[j])), prev[j+1]+dropS, cur[j]+dropT[j])
			if i > 0 && j > 0 && s[i] == t[j-1] && s[i-1] == t[j] {
				d = min(d, before[j-1]+70)
			}
			cur[j+1] = d
			best = min(best, d)
		}
		if best > limit {
			return limit + 1
		}
		before, prev, cur = prev, cur, before
	}
	return prev[len(t)]
}

// oneError is one typing error and a vowel, in hundredths; what comes on top of
// it is dearer, because two errors in one word are rarer than another word.
const oneError = 130

// formSimilarity maps the distance to 0..1 by the length of the longer word;
// words of up to three letters and words without vowels carry less, so that each
// letter counts more.
func formSimilarity(a, b form) float64 {
	if a.s == b.s {
		return 1 - a.cost - b.cost
	}
	length := float64(len(a.s)+len(b.s)) / 2
	switch {
	case a.arabic != b.arabic:
		length = float64(min(consonants(a.s), consonants(b.s)))
		if length < 2 {
			length = 1.5
		}
	case a.arabic:
		length = math.Max(2, length-0.5)
	case length <= 3:
		length /= 1.5
	}
	limit := int((1 - minPair) * 100 * length)
	d := distance(a, b, limit)
	if d > limit {
		return 0
	}
	if d > oneError {
		d += (d - oneError) * 4 / 5
	}
	sim := 1 - float64(d)/(100*length)
	if a.arabic != b.arabic {
		sim = math.Min(sim, 0.97)
	}
	return sim - a.cost - b.cost
}

func consonants(s string) int {
	n := 0
	for i := range len(s) {
		if c := s[i]; !isVowel(c) && c != 'A' && c != 'E' && c != 'Y' && c != 'H' {
			n++
		}
	}
	return n
}

// Similarities given by rule, not by letters.
const (
	clusterSimilarity = 0.975 // Yusuf, Joseph: one name in two traditions
	genderSimilarity  = 0.98  // Karimov, Karimova
	stemSimilarity    = 0.88  // Rahmonov, Rahmon, Rahmonzoda: one family by law or habit
	initialSimilarity = 0.80  // one letter agrees
	spellingFloor     = 0.90  // from here on only sound confusions, below it a typing error
)

// similarity of two words and how it came about ("" where below minPair).
func similarity(a, b *lexeme) (float64, string) {
	if a == b || a.main() == b.main() && a.main() != "" {
		return 1, "romanization"
	}
	if a.initial || b.initial {
		return initials(a, b)
	}
	best := 0.0
	for _, fa := range a.forms {
		for _, fb := range b.forms {
			best = math.Max(best, formSimilarity(fa, fb))
		}
	}
	if a.stem != "" && b.stem != "" && !a.fathers && !b.fathers { // -ova against -ova agrees by itself
		best = math.Min(best, 0.35*best+0.65*formSimilarity(form{s: a.stem}, form{s: b.stem}))
	}
	exact := best >= 0.97
	if s := stemsSimilarity(a, b); s > best {
		best, exact = s, false
	}
	if a.fathers != b.fathers {
		best -= 0.12 // Ivanov is not Ivanovich
	}
	if best < clusterSimilarity && shareCluster(a, b) {
		best, exact = clusterSimilarity, false
	}
	switch {
	case best < minPair:
		return 0, ""
	case exact:
		return best, "romanization"
	case best >= spellingFloor || best == stemSimilarity:
		return best, "spelling"
	}
	return best, "typo"
}

func initials(a, b *lexeme) (float64, string) {
	if a.main() == "" || b.main() == "" {
		return 0, ""
	}
	if x, y := a.main()[0], b.main()[0]; x == y || swapCost(x, y) <= 5 {
		return initialSimilarity, "initial"
	}
	return 0, ""
}

func stemsSimilarity(a, b *lexeme) float64 {
	switch {
	case a.stem != "" && b.stem != "":
		if a.fathers == b.fathers {
			s := formSimilarity(form{s: a.stem}, form{s: b.stem})
			if a.fathers {
				return s - 0.01
			}
			if s < 0.9 {
				return 0 // the ending is part of what makes surnames alike
			}
			if sameFamilyEnding(a.main(), b.main()) {
				return s - (1 - genderSimilarity)
			}
			return s - (1 - stemSimilarity)
		}
	case a.stem != "" && !a.fathers && (a.stem == b.main() || a.stem == strings.TrimRight(b.main(), "aoieu")):
		return stemSimilarity
	case b.stem != "" && !b.fathers && (b.stem == a.main() || b.stem == strings.TrimRight(a.main(), "aoieu")):
		return stemSimilarity
	}
	return 0
}

// sameFamilyEnding: both Russified (-ov, -ova) or both Persian (-zoda, -zade).
func sameFamilyEnding(a, b string) bool {
	persian := func(s string) bool { return strings.Contains(s[len(s)-min(5, len(s)):], "z") }
	return persian(a) == persian(b)
}

func shareCluster(a, b *lexeme) bool {
	for _, x := range a.clusters {
		for _, y := range b.clusters {
			if x == y {
				return true
			}
		}
	}
	return false
}
