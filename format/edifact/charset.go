package edifact

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// Charset turns the bytes of one interchange into text.
type Charset struct {
	Name  string // "UTF-8", "ISO 8859-1", "KOI8-R" ...
	table *charmap.Charmap
}

// Decode returns s as UTF-8. Bytes that mean nothing become U+FFFD. ASCII is returned as it is, without a copy.
func (c *Charset) Decode(s string) string {
	if ascii(s) {
		return s
	}
	if c.table == nil {
		return strings.ToValidUTF8(s, "�")
	}
	b := make([]byte, 0, 2*len(s))
	for i := 0; i < len(s); i++ {
		b = utf8.AppendRune(b, c.table.DecodeByte(s[i]))
	}
	return string(b)
}

var (
	utf8Charset  = Charset{Name: "UTF-8"}
	latin1       = Charset{"ISO 8859-1", charmap.ISO8859_1}
	cyrillicSets = []Charset{
		{"CP1251", charmap.Windows1251},
		{"KOI8-R", charmap.KOI8R},
		{"ISO 8859-5", charmap.ISO8859_5},
		{"CP866", charmap.CodePage866},
	}
	// declared are the repertoires of UNB 0001 (ISO 9735-1 annex A). UNOA and UNOB are ASCII: whatever they
	// carry above 127 is decided by the bytes alone.
	declared = map[string]Charset{
		"UNOC": latin1,
		"UNOD": {"ISO 8859-2", charmap.ISO8859_2},
		"UNOE": {"ISO 8859-5", charmap.ISO8859_5},
		"UNOF": {"ISO 8859-7", charmap.ISO8859_7},
		"UNOG": {"ISO 8859-3", charmap.ISO8859_3},
		"UNOH": {"ISO 8859-4", charmap.ISO8859_4},
		"UNOI": {"ISO 8859-6", charmap.ISO8859_6},
		"UNOJ": {"ISO 8859-8", charmap.ISO8859_8},
		"UNOK": {"ISO 8859-9", charmap.ISO8859_9},
		"UNOL": {"ISO 8859-15", charmap.ISO8859_15},
		"UNOW": utf8Charset,
		"UNOY": utf8Charset,
	}
)

func ascii(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// ChooseCharset decides how sample is to be read: by what its bytes can be, then by the syntax identifier,
// since many carriers announce UNOA and send whatever their host speaks. nil when sample is ASCII.
//
// Order: text that is valid UTF-8 is UTF-8; text whose letters above 127 make up whole words, as in a
// non-Latin script, is one of the Cyrillic sets unless the identifier names another script; else the
// identifier; else ISO 8859-1.
func ChooseCharset(id, sample string) *Charset {
	good, bad, high := 0, 0, 0
	for i := 0; i < len(sample); {
		if sample[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(sample[i:])
		if r == utf8.RuneError && n == 1 {
			if i+3 < len(sample) { // a rune cut by the end of the sample is no evidence
				bad++
			}
		} else {
			good++
		}
		high += n
		i += n
	}
	if high == 0 {
		return nil
	}
	if good > 3*bad {
		return &utf8Charset
	}
	named, known := declared[id]
	otherScript := known && Word(id, "UNOF UNOI UNOJ")
	if foreign(sample)*10 >= high*7 && !otherScript {
		return cyrillic(id, sample)
	}
	if known && named.table != nil {
		return &named
	}
	return &latin1
}

// foreign counts the bytes above 127 in words of two letters and more without an ASCII letter: a Latin word with
// marks has one nearly always ("DVO\xd8\xc1K"), a Cyrillic one never.
func foreign(sample string) int {
	all := 0
	for i := 0; i < len(sample); {
		high, latin := 0, false
		for ; i < len(sample) && (sample[i] >= utf8.RuneSelf || isAlnum(sample[i])); i++ {
			if sample[i] >= utf8.RuneSelf {
				high++
			} else if sample[i] > '9' {
				latin = true
			}
		}
		if high > 1 && !latin {
			all += high
		}
		i++
	}
	return all
}

// cyrillic picks the Cyrillic set in which sample reads most like Russian words: frequent letters, and no
// small letter before a capital. A tie goes to what the identifier announces, then to the table's order.
func cyrillic(id, sample string) *Charset {
	best, most := &cyrillicSets[0], -1<<31
	for i := range cyrillicSets {
		c := &cyrillicSets[i]
		score := 0
		if id == "UNOE" && c.Name == "ISO 8859-5" {
			score = 4
		}
		previous := rune(' ')
		for j := 0; j < len(sample); j++ {
			if sample[j] < utf8.RuneSelf {
				previous = rune(sample[j])
				continue
			}
			r := c.table.DecodeByte(sample[j])
			score += letterWeight(r)
			if small(previous) && capital(r) {
				score -= 12
			}
			previous = r
		}
		if score > most {
			best, most = c, score
		}
	}
	return best
}

func small(r rune) bool   { return r >= 'а' && r <= 'я' || r == 'ё' }
func capital(r rune) bool { return r >= 'А' && r <= 'Я' || r == 'Ё' }

// russianWeights: letters of Russian text and names in three classes of frequency, by rank.
const (
	frequentLetters = "оеаинтсрвлкм"
	commonLetters   = "дпуяыьгзбйхжшюч"
)

func letterWeight(r rune) int {
	if capital(r) {
		r += 'а' - 'А'
	}
	switch {
	case strings.ContainsRune(frequentLetters, r):
		return 6
	case strings.ContainsRune(commonLetters, r):
		return 2
	case small(r):
		return -2
	case r == '№' || r == 'і' || r == 'І' || r == 'ї' || r == 'ў' || r == 'Ў':
		return 0
	}
	return -8
}
