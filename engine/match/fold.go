package match

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// script of a token, decided by its letters.
type script uint8

const (
	scriptOther script = iota
	scriptLatin
	scriptCyrillic
	scriptArabic
)

// Fold returns the canonical search form of a text in any script: canonical
// tokens in lower-case ASCII letters and digits, separated by one space, in the
// order of the text. Spellings of one name fold to one token (Жумабаев,
// Жұмабаев, Zhumabaev, Jumabaev, Žumabaev, Dzhumabayev, Djoumabaev all give
// "jumabaev"). A token that holds a digit is only transliterated and lowered
// ("KC204" gives "kc204"), so that numbers can be found by prefix. Letters of
// scripts without a table stay as they are.
//
// Fold is idempotent. It is a search form, not a key for exchange: it may
// improve between releases, after which an index of folded text is rebuilt.
func Fold(text string) string {
	out := foldOnce(text)
	for range maxRefold { // scripts mixed within a word may need another round
		if isASCII(out) {
			break
		}
		again := foldOnce(out)
		if again == out {
			break
		}
		out = again
	}
	return out
}

// maxRefold bounds the rounds; each one only drops or replaces letters.
const maxRefold = 8

func foldOnce(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	for _, piece := range split(text) {
		for _, token := range foldPiece(piece) {
			if b.Len() > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(token)
		}
	}
	return b.String()
}

// foldPiece gives the canonical tokens of one word: mostly one; the Arabic
// article becomes a token of its own, as it is in Latin spellings (al-Rawi).
func foldPiece(piece string) []string {
	if hasDigit(piece) {
		return []string{foldCode(piece)}
	}
	switch scriptOf(piece) {
	case scriptArabic:
		var out []string
		for _, part := range splitArticle(arabicLetters(piece)) {
			if s := spell(arabicMain(part)); s != "" {
				out = append(out, s)
			}
		}
		return out
	case scriptCyrillic:
		if s := spell(cyrillicMain(piece)); s != "" {
			return []string{s}
		}
		return nil
	}
	if len(piece) <= maxCode && strings.IndexFunc(piece, notConsonant) < 0 {
		return []string{foldCode(piece)}
	}
	if s := spell(latinMain(piece)); s != "" {
		return []string{s}
	}
	return nil
}

// maxCode: Latin words of so few consonants are codes (KC, TK, PDF), not names,
// and stay as they are, so that "KC 204" and "KC204" begin alike.
const maxCode = 3

func notConsonant(r rune) bool {
	return r >= utf8.RuneSelf || strings.ContainsRune("aeiouyAEIOUY'`", r)
}

// spell writes an internal form (c = ch, x = sh) in public letters.
func spell(internal string) string {
	if !strings.ContainsAny(internal, "cx") {
		return internal
	}
	var b strings.Builder
	for i := 0; i < len(internal); i++ {
		switch internal[i] {
		case 'c':
			b.WriteString("ch")
		case 'x':
			b.WriteString("sh")
		default:
			b.WriteByte(internal[i])
		}
	}
	return b.String()
}

// split cuts a text into words of letters, marks, digits and inner apostrophes.
// Hyphens, dots, the MRZ filler "<" and the zero-width non-joiner separate.
func split(text string) []string {
	if !isASCII(text) {
		text = norm.NFKC.String(text)
	}
	var out []string
	start := -1
	for i, r := range text {
		inside := isLetter(r) || (start >= 0 && (isApostrophe(r) || unicode.Is(unicode.Mn, r) || isSilent(r)))
		switch {
		case inside && start < 0:
			start = i
		case !inside && start >= 0:
			out = append(out, text[start:i])
			start = -1
		}
	}
	if start >= 0 {
		out = append(out, text[start:])
	}
	return out
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func isLetter(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
	}
	if isApostrophe(r) || isSilent(r) || r == utf8.RuneError {
		return false
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}

// isSilent reports characters that shape a word without being heard: tatweel,
// joiners, direction marks, soft hyphen.
func isSilent(r rune) bool {
	return r == 'ـ' || r != '\u200c' && unicode.Is(unicode.Cf, r)
}

// isApostrophe reports every sign used for the apostrophe of oʻ and gʻ, for the
// soft sign and for ʿayn and hamza in Latin script.
func isApostrophe(r rune) bool {
	switch r {
	case '\'', '`', '´', '‘', '’', '‛', '′', 'ʹ', 'ʻ', 'ʼ', 'ʽ', 'ʾ', 'ʿ', 'ˈ', 'ˊ', 'ˋ', '＇', 'ꞌ':
		return true
	}
	return false
}

func hasDigit(s string) bool {
	for _, r := range s {
		if unicode.IsDigit(r) {
			return true
		}
	}
	return false
}

// foldCode writes a token that holds digits: letters one by one, no rules.
func foldCode(s string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(s) {
		switch {
		case r < utf8.RuneSelf:
			if isLetter(r) {
				b.WriteByte(byte(r))
			}
		case unicode.IsDigit(r):
			b.WriteByte(byte('0' + digitValue(r)))
		default:
			if c, ok := cyrillic[r]; ok {
				b.WriteString(spell(c))
			} else if a, ok := arabic[r]; ok {
				b.WriteString(spell(arabicPlain(string(a))))
			} else {
				b.WriteString(latinBase(r))
			}
		}
	}
	return b.String()
}

// digitValue: every Unicode decimal digit block is ten code points in order.
func digitValue(r rune) int {
	n := 0
	for n < 9 && unicode.IsDigit(r-1) && !(r >= 0x1D7CE && r <= 0x1D7FF) {
		r--
		n++
	}
	if r >= 0x1D7CE && r <= 0x1D7FF {
		return int(r-0x1D7CE) % 10
	}
	return n
}

func scriptOf(piece string) script {
	for _, r := range piece {
		switch {
		case r < utf8.RuneSelf:
			if isLetter(r) {
				return scriptLatin
			}
		case unicode.Is(unicode.Cyrillic, r):
			return scriptCyrillic
		case unicode.Is(unicode.Arabic, r):
			return scriptArabic
		case unicode.Is(unicode.Latin, r):
			return scriptLatin
		}
	}
	return scriptOther
}
