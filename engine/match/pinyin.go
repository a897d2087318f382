package match

import "strings"

// Chinese names reach the region in two spellings: Hanyu Pinyin (GB/T 28039,
// passports) and the Palladius system (Russian texts). The tables below are
// systematic, so every syllable is built from initial and final.

var palladiusInitials = [][2]string{
	{"чж", "zh"}, {"цз", "z"}, {"ш", "sh"}, {"ч", "ch"}, {"б", "b"}, {"п", "p"}, {"м", "m"}, {"ф", "f"},
	{"д", "d"}, {"т", "t"}, {"н", "n"}, {"л", "l"}, {"г", "g"}, {"к", "k"}, {"х", "h"}, {"ж", "r"},
	{"ц", "c"}, {"с", "s"},
}

// finals: Palladius and pinyin after a consonant. Finals that begin with a soft
// vowel turn the sibilants z, c, s into j, q, x.
var palladiusFinals = []struct {
	cyr, pin string
	soft     bool
}{
	{"а", "a", false}, {"о", "uo", false}, {"э", "e", false}, {"ай", "ai", false}, {"эй", "ei", false},
	{"ао", "ao", false}, {"оу", "ou", false}, {"ань", "an", false}, {"энь", "en", false}, {"ан", "ang", false},
	{"эн", "eng", false}, {"ун", "ong", false}, {"и", "i", true}, {"ы", "i", false}, {"я", "ia", true},
	{"е", "ie", true}, {"яо", "iao", true}, {"ю", "iu", true}, {"янь", "ian", true}, {"инь", "in", true},
	{"ян", "iang", true}, {"ин", "ing", true}, {"юн", "iong", true}, {"у", "u", false}, {"уа", "ua", false},
	{"уай", "uai", false}, {"уй", "ui", false}, {"уэй", "ui", false}, {"уань", "uan", false}, {"унь", "un", false},
	{"уан", "uang", false}, {"юй", "u", true}, {"юэ", "ue", true}, {"юань", "uan", true}, {"юнь", "un", true},
}

var palladiusWhole = map[string]string{
	"а": "a", "о": "o", "э": "e", "ай": "ai", "ао": "ao", "оу": "ou", "ань": "an", "энь": "en", "ан": "ang", "эр": "er",
	"ва": "wa", "во": "wo", "вай": "wai", "вэй": "wei", "вань": "wan", "вэнь": "wen", "ван": "wang", "вэн": "weng", "у": "wu",
	"я": "ya", "е": "ye", "яо": "yao", "ю": "you", "янь": "yan", "инь": "yin", "ян": "yang", "ин": "ying", "юн": "yong",
	"юй": "yu", "юэ": "yue", "юань": "yuan", "юнь": "yun", "и": "yi",
	"бо": "bo", "по": "po", "мо": "mo", "фо": "fo",
}

// palladiusSyllables and pinyinSyllables are built once from the tables above.
var palladiusSyllables, pinyinSyllables = buildSyllables()

func buildSyllables() (map[string]string, map[string]bool) {
	syllables := make(map[string]string, 500)
	pinyin := make(map[string]bool, 500)
	for _, in := range palladiusInitials {
		for _, f := range palladiusFinals {
			initial := in[1]
			if f.soft {
				switch initial {
				case "z":
					initial = "j"
				case "c":
					initial = "q"
				case "s":
					initial = "x"
				}
			}
			syllables[in[0]+f.cyr] = initial + f.pin
			pinyin[initial+f.pin] = true
			if f.pin == "uo" { // ge, ke, he are гэ; bo is one letter; lo is rare
				pinyin[initial+"o"] = true
			}
		}
	}
	for cyr, py := range palladiusWhole {
		syllables[cyr] = py
		pinyin[py] = true
	}
	return syllables, pinyin
}

// palladiusToPinyin reads a whole lower-case Cyrillic word as one to three
// syllables; false if it is none.
func palladiusToPinyin(word string) (string, bool) {
	word = strings.ReplaceAll(word, "ъ", "")
	return parseSyllables([]rune(word), 3, func(s string) (string, bool) {
		py, ok := palladiusSyllables[s]
		return py, ok
	})
}

// isPinyin reports whether a plain Latin word reads as one to three syllables.
func isPinyin(word string) bool {
	_, ok := parseSyllables([]rune(word), 3, func(s string) (string, bool) { return s, pinyinSyllables[s] })
	return ok
}

// parseSyllables cuts the longest syllable first and backs up where that fails.
func parseSyllables(word []rune, most int, known func(string) (string, bool)) (string, bool) {
	if len(word) == 0 {
		return "", true
	}
	if most == 0 || len(word) > 6*most {
		return "", false
	}
	for n := min(6, len(word)); n > 0; n-- {
		py, ok := known(string(word[:n]))
		if !ok {
			continue
		}
		if rest, ok := parseSyllables(word[n:], most-1, known); ok {
			return py + rest, true
		}
	}
	return "", false
}

// pinyinForm brings a pinyin word to the internal letters that its Palladius
// spelling has too: q and c are ts, x is s, z and j are one, r is j.
func pinyinForm(word string) string {
	var b strings.Builder
	for i := 0; i < len(word); i++ {
		next := byte(0)
		if i+1 < len(word) {
			next = word[i+1]
		}
		switch c := word[i]; {
		case c == 'z' && next == 'h':
			b.WriteByte('j')
			i++
		case (c == 'c' || c == 's') && next == 'h':
			b.WriteByte(map[byte]byte{'c': 'c', 's': 'x'}[c])
			i++
		case c == 'q' || c == 'c':
			b.WriteString("ts")
		case c == 'x':
			b.WriteByte('s')
		case c == 'j' || c == 'z':
			b.WriteByte('z')
		case c == 'w':
			b.WriteByte('v')
		case c == 'y':
			b.WriteByte('i')
		default:
			b.WriteByte(c)
		}
	}
	return settle(b.String())
}
