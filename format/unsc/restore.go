package unsc

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// A lossy publication kept only the lowest byte of every letter. Two scripts can be rebuilt from
// that, because their letters lie in one block: Arabic (U+0600) and Cyrillic (U+0400).
const (
	arabicBlock   = 0x600
	cyrillicBlock = 0x400
)

// restoreScript rebuilds a name in its original script from the lowest bytes of its letters. It
// returns the text itself when it is Latin, and false when nothing can be done.
func restoreScript(s string) (text string, restored, ok bool) {
	cut := lowestBytes(strings.TrimSpace(s))
	latin, letters, marks := 0, 0, 0
	for _, r := range cut {
		if r >= 'a' && r <= 'z' {
			latin++
		}
		if r > ' ' {
			letters++
		}
		if r > ' ' && r < 'A' || r > 'z' {
			marks++
		}
	}
	if letters == 0 {
		return "", false, false
	}
	if latin*3 >= letters || marks == 0 {
		return s, false, true
	}
	if t, ok := asCyrillic(cut); ok {
		return t, true, true
	}
	if t, ok := asArabic(cut); ok {
		return t, true, true
	}
	return "", false, false
}

// lowestBytes undoes the mender: control characters come back from the private use area, and two
// cut letters that happen to be one UTF-8 character become two again.
func lowestBytes(s string) []rune {
	var cut []rune
	for _, r := range s {
		switch {
		case isKeptControl(r):
			cut = append(cut, r-control)
		case r <= 0xFF:
			cut = append(cut, r)
		default:
			for _, c := range []byte(string(r)) {
				cut = append(cut, rune(c))
			}
		}
	}
	return cut
}

// vowels are the small Cyrillic vowels; a word of three letters has one, which tells Cyrillic from
// cut Arabic that happens to look like it.
const vowels = "аеиоуыэюя"

// asCyrillic accepts words of at most one capital (0x10-0x2F), at the beginning, and small letters
// (0x30-0x4F). The capital Er was cut to a space, the capital E to a hyphen: a text that begins
// small, or a word behind two spaces, has lost its Er.
func asCyrillic(cut []rune) (string, bool) {
	var b strings.Builder
	small := false // within a word
	for i, r := range cut {
		next := rune(0)
		if i+1 < len(cut) {
			next = cut[i+1]
		}
		nextSmall := isSmall(next)
		switch {
		case isSmall(r):
			if i == 0 {
				b.WriteRune(cyrillicBlock + 0x20)
			}
			small = true
			b.WriteRune(cyrillicBlock + r)
		case r == ' ' && nextSmall && i > 0 && cut[i-1] == ' ':
			b.WriteRune(cyrillicBlock + r)
		case r == '-' && small && !nextSmall, r == ' ', (r == '.' || r == ',') && small:
			b.WriteRune(r)
			small = false
		case r >= 0x10 && r <= 0x2F && nextSmall && !small:
			b.WriteRune(cyrillicBlock + r)
		default:
			return "", false
		}
	}
	words := strings.Fields(b.String())
	for _, w := range words {
		if letters := []rune(w); len(letters) >= 3 && !strings.ContainsAny(strings.ToLower(w), vowels) {
			return "", false
		}
	}
	return strings.Join(words, " "), true
}

func isSmall(r rune) bool { return r >= 0x30 && r <= 0x4F }

// persian are the letters beyond the basic ones that Persian, Dari and Urdu names are full of.
const persian = "پچژکگیےھہ"

// asArabic accepts text in which nearly all is letters of the Arabic block, the additional
// letters of Persian, Dari, Pashto and Urdu among them.
func asArabic(cut []rune) (string, bool) {
	var b strings.Builder
	good, bad, core := 0, 0, 0
	for i, r := range cut {
		switch a := arabicBlock + r; {
		case r == '-' && i > 0 && cut[i-1] == ' ' && i+1 < len(cut) && cut[i+1] == ' ':
			b.WriteRune(r) // a dash between words, no letter Hah
		case r == ' ' || r == '\t' || r == '\n' || r == '\r':
			b.WriteRune(' ')
		case r >= 0x4B && r <= 0x52 && (i == 0 || cut[i-1] == ' '):
			bad += 8 // no word begins with a vowel sign: these are Latin letters
		case r == 0x40, r >= 0x4B && r <= 0x52, r >= 0x21 && unicode.Is(unicode.Arabic, a) && unicode.IsLetter(a):
			// letters, the lengthening stroke, vowel signs
			b.WriteRune(a)
			good++
			if r < 0x4B || strings.ContainsRune(persian, a) {
				core++
			}
		default:
			bad++
		}
	}
	// Chinese and Korean cut to bytes lie anywhere; Arabic words are mostly of the basic letters.
	if good < 2 || bad*8 > good || core*3 < good*2 {
		return "", false
	}
	return strings.Join(strings.Fields(b.String()), " "), true
}

// plain turns what is left of control characters in a text into the punctuation it was cut from
// (U+2013 to U+201D: dashes and quotes) or nothing, and evens out white space.
func plain(s string) string {
	if strings.IndexFunc(s, isKeptControl) >= 0 {
		s = strings.Map(func(r rune) rune {
			if !isKeptControl(r) {
				return r
			}
			low := r - control
			if low >= 0x13 && low <= 0x1E {
				return 0x2000 + low
			}
			if win := charmap.Windows1252.DecodeByte(byte(low)); low >= 0x80 && win >= 0xA0 && win != utf8.RuneError {
				return win
			}
			return ' '
		}, s)
	}
	return strings.Join(strings.Fields(s), " ")
}

func isKeptControl(r rune) bool { return r >= control && r < control+0x100 }
