package match

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Latin letters with marks that stand for a sound of their own. What is absent
// falls to its base letter. Sources: Turkmen alphabet of 1999 (ä ç ž ň ö ş ü ý);
// Uzbek of 1995 and 2019 drafts (ş ç õ ğ); Kazakh of 2021 (ä ö ü ū ğ ñ ş ı);
// Azerbaijani and Tatar ə; ISO 9:1995 and GOST 7.79 system A (ž č š ŝ û â);
// ALA-LC and DIN 31635 for Arabic (ḥ ṣ ǧ ġ ḫ š).
var latinLetters = map[rune]string{
	'ä': "a", 'ə': "a", 'ǝ': "a", 'æ': "a", 'ö': "o", 'ø': "o", 'œ': "o", 'ü': "u",
	'ý': "y", 'ÿ': "y", 'ı': "i", 'ž': "zh", 'ż': "zh", 'ź': "zh", 'ň': "n", 'ñ': "n", 'ŋ': "n",
	'ş': "sh", 'ș': "sh", 'š': "sh", 'ŝ': "sh", 'ś': "sh", 'ç': "ch", 'č': "ch", 'ć': "ch",
	'ğ': "g", 'ǵ': "g", 'ġ': "g", 'ģ': "g", 'ǧ': "j", 'ĵ': "j", 'đ': "d", 'ð': "d", 'ł': "l",
	'ß': "ss", 'þ': "t", 'ţ': "ts", 'ț': "ts", 'ḫ': "h", 'ẖ': "h", 'ḥ': "h", 'ħ': "h",
	'õ': "u", // Uzbek draft of 2021 for oʻ
}

// latinBase gives the plain letters of a marked Latin letter; letters of other
// scripts stay as they are.
func latinBase(r rune) string {
	if s, ok := latinLetters[r]; ok {
		return s
	}
	if unicode.Is(unicode.Mn, r) || isApostrophe(r) || isSilent(r) {
		return ""
	}
	if base, _ := utf8.DecodeRuneInString(norm.NFD.String(string(r))); base < utf8.RuneSelf && isLetter(base) {
		return string(unicode.ToLower(base))
	}
	if unicode.IsLetter(r) {
		return string(r)
	}
	return ""
}

// plainLatin lowers a Latin word and writes it in a-z; the apostrophe of Uzbek
// oʻ becomes u (as its Cyrillic ў does), all others vanish.
func plainLatin(piece string) string {
	b := make([]byte, 0, len(piece))
	var last rune
	for _, r := range piece {
		r = unicode.ToLower(r)
		switch {
		case r < utf8.RuneSelf && isLetter(r):
			b = append(b, byte(r))
		case isApostrophe(r):
			if last == 'o' && r != 'ʾ' && r != 'ʿ' {
				b[len(b)-1] = 'u'
			}
		case unicode.Is(unicode.Cyrillic, r): // a stray look-alike inside a Latin word
			if s, ok := cyrillic[r]; ok {
				b = append(b, spell(s)...)
			} else {
				b = append(b, latinBase(r)...)
			}
		default:
			b = append(b, latinBase(r)...)
		}
		last = r
	}
	return string(b)
}

// latinMain gives the internal canonical form of a Latin word.
func latinMain(piece string) string { return settle(reduceLatin(plainLatin(piece))) }

// Words in which x is ks; elsewhere x is kh (Uzbek and Kazakh Latin: Xusanov,
// Baxtiyor).
var ksWords = []string{"alex", "aleix", "maxi", "xeni", "oxan", "felix", "xavier", "xande", "axel", "rex", "pax", "dixon", "maxwel", "roxan"}

// reduceLatin rewrites what the canonical alphabet does not have: c q w x y,
// and the English ee. Sources: BGN/PCGN (ya, ye, yu, zh, kh, ts, ch, sh, shch),
// ICAO 9303-3 section 6 (ia, iu, ie; KH, TS, SHCH), French Soviet-era passports
// (dj, ou, tch, -eff left alone), German Duden (dsch, sch, tsch, -jew).
func reduceLatin(s string) string {
	if !strings.ContainsAny(s, "cqwxy") && !strings.Contains(s, "ee") {
		return s
	}
	ks := false
	if strings.Contains(s, "x") {
		for _, w := range ksWords {
			ks = ks || strings.Contains(s, w)
		}
	}
	var b strings.Builder
	b.Grow(len(s) + 2)
	for i := 0; i < len(s); {
		out, n := reduceAt(s, i, ks)
		b.WriteString(out)
		i += n
	}
	return b.String()
}

// reduceAt rewrites the letters at s[i:] and says how many were used.
func reduceAt(s string, i int, ks bool) (string, int) {
	rest := s[i:]
	switch s[i] {
	case 's':
		if strings.HasPrefix(rest, "sch") {
			return "x", 3
		}
	case 'c':
		return reduceC(rest)
	case 'q':
		return "k", 1
	case 'w':
		return "v", 1
	case 'x':
		if ks {
			return "ks", 1
		}
		return "h", 1
	case 'y':
		return reduceY(s, i)
	case 'e':
		if strings.HasPrefix(rest, "eye") {
			return "e", 3
		}
		if strings.HasPrefix(rest, "eev") || strings.HasPrefix(rest, "eew") {
			return "e", 2
		}
		if strings.HasPrefix(rest, "ee") {
			return "i", 2
		}
	}
	if isVowel(s[i]) && (rest[1:] == "jew" || rest[1:] == "jewa" || rest[1:] == "jeff") {
		if s[i] == 'e' {
			return "ev" + rest[4:], len(rest)
		}
		return string(s[i]) + "ev" + strings.TrimLeft(rest[3:], "wf"), len(rest)
	}
	return string(rest[:1]), 1
}

func reduceC(rest string) (string, int) {
	if len(rest) == 1 {
		return "k", 1
	}
	switch rest[1] {
	case 'h', 'z':
		return "c", 2
	case 'k', 'q':
		return "k", 2
	case 'e', 'i', 'y':
		return "s", 1
	}
	return "k", 1
}

func reduceY(s string, i int) (string, int) {
	rest := s[i:]
	switch {
	case strings.HasPrefix(rest, "yee"):
		return "i", 3
	case strings.HasPrefix(rest, "ye"):
		return "e", 2
	case i > 0 && !isVowel(s[i-1]) && s[i-1] != 'y' && (strings.HasPrefix(rest, "yov") || strings.HasPrefix(rest, "yow")):
		return "e", 2 // Korolyov
	}
	return "i", 1
}

func isVowel(c byte) bool { return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u' }

// pairs[a][b] is what the letters ab become, 0 where they stay. Every rule
// shortens, so settling ends, and it makes Fold idempotent.
var pairs = func() (t [128][128]byte) {
	for _, rule := range strings.Fields("shx sxx txc tcc scx xcx dxj djj zhj cjj khh ghg phf tht dhd ouu") {
		t[rule[0]][rule[1]] = rule[2]
	}
	return t
}()

// settle applies the rules of the canonical alphabet until nothing changes:
// doubled letters are one, pairs are rewritten, the glide of ie goes at the
// beginning and after a vowel. Each letter is pushed on what is settled already,
// so one pass is enough.
func settle(s string) string {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		out = push(out, s[i])
	}
	if n := len(out); n > 1 && out[n-1] == 'j' && (out[n-2] == 'e' || out[n-2] == 'i') { // Sergej
		out = push(out[:n-1], 'i')
	}
	return string(out)
}

func push(out []byte, c byte) []byte {
	for n := len(out); n > 0 && c < utf8.RuneSelf; n = len(out) {
		last := out[n-1]
		if last == c {
			return out
		}
		if last >= utf8.RuneSelf {
			break
		}
		if to := pairs[last][c]; to != 0 {
			out, c = out[:n-1], to
			continue
		}
		if c == 'e' && last == 'i' && (n == 1 || isVowel(out[n-2])) {
			out = out[:n-1]
			continue
		}
		break
	}
	return append(out, c)
}
