package synth

import (
	"slices"
	"strings"
)

// practice is a way of writing a name in Latin letters. A person's papers may show several in the course of a life, and
// that is what a matcher has to cope with. These tables are this package's own: sharing them with the matcher would let
// it mark its own homework.
type practice int

const (
	practicePlain practice = iota
	practiceRussian
	practiceRussianOld
	practiceFrench
	practiceKazakh
	practiceTurkic
	practiceKyrgyz
	practiceTajik
	practiceUzbek
	practiceUzbekOld
	practiceTurkmen
	practiceAzeri
	practiceTurkish
	practiceGerman
)

// english is the base: what an English reader would write, and what most passports of the region write.
var english = map[rune]string{
	'а': "a", 'б': "b", 'в': "v", 'г': "g", 'д': "d", 'е': "e", 'ё': "yo", 'ж': "zh", 'з': "z", 'и': "i", 'й': "y", 'к': "k",
	'л': "l", 'м': "m", 'н': "n", 'о': "o", 'п': "p", 'р': "r", 'с': "s", 'т': "t", 'у': "u", 'ф': "f", 'х': "kh", 'ц': "ts",
	'ч': "ch", 'ш': "sh", 'щ': "shch", 'ъ': "", 'ы': "y", 'ь': "", 'э': "e", 'ю': "yu", 'я': "ya",
	'ә': "a", 'ғ': "g", 'қ': "k", 'ң': "n", 'ө': "o", 'ұ': "u", 'ү': "u", 'һ': "h", 'і': "i", // Kazakh, Kyrgyz
	'ӣ': "i", 'ӯ': "u", 'ҳ': "h", 'ҷ': "j", 'ў': "o", 'җ': "j", // Tajik, Uzbek, Turkmen
}

// departures is what each practice writes otherwise.
var departures = map[practice]map[rune]string{
	practiceRussian:    {'й': "i", 'ъ': "ie", 'ю': "iu", 'я': "ia", 'ё': "e"}, // Russian passports since 2013, after Doc 9303
	practiceRussianOld: {'ё': "e"},
	practiceFrench: { // Soviet passports and the first ones after them
		'ж': "j", 'у': "ou", 'ч': "tch", 'ш': "ch", 'щ': "chtch", 'ю': "iou", 'я': "ia", 'ё': "io", 'й': "i", 'ү': "ou", 'ұ': "ou", 'ӯ': "ou"},
	practiceKazakh:   {'ё': "e"},
	practiceTurkic:   {'ж': "j", 'қ': "q", 'ғ': "gh", 'х': "h", 'ң': "ng", 'й': "i", 'у': "u", 'ү': "u", 'ё': "yo"},
	practiceKyrgyz:   {'ж': "zh", 'ё': "e"},
	practiceTajik:    {'қ': "q", 'ғ': "gh", 'ҷ': "j", 'ж': "zh"},
	practiceUzbek:    {'ж': "j", 'х': "x", 'қ': "q", 'ғ': "g", 'ц': "s"},
	practiceUzbekOld: {'ж': "dj", 'ҳ': "kh", 'қ': "k", 'ғ': "g", 'ў': "u", 'ҷ': "dzh", 'ӯ': "u"}, // by way of Russian
	practiceTurkmen:  {'в': "w", 'ж': "z", 'ч': "c", 'ш': "s", 'х': "h", 'ё': "yo"},
	practiceAzeri:    {'ё': "o", 'х': "kh", 'ю': "u", 'я': "ya", 'г': "g"},
}

var (
	turkishFolds = strings.NewReplacer("Ş", "S", "ş", "s", "Ğ", "G", "ğ", "g", "İ", "I", "ı", "i", "Ö", "O", "ö", "o", "Ü", "U", "ü", "u", "Ç", "C", "ç", "c")
	germanFolds  = strings.NewReplacer("Ä", "Ae", "ä", "ae", "Ö", "Oe", "ö", "oe", "Ü", "Ue", "ü", "ue", "ß", "ss")
)

// others names the practices by which the same name may stand in an older or another country's paper.
func (p practice) others() []practice {
	switch p {
	case practiceRussian:
		return []practice{practiceRussianOld, practiceFrench}
	case practiceKazakh, practiceKyrgyz:
		return []practice{practiceTurkic, practiceRussian, practiceFrench}
	case practiceTajik:
		return []practice{practiceUzbekOld, practiceRussian}
	case practiceUzbek:
		return []practice{practiceUzbekOld, practiceRussian, practiceKazakh}
	case practiceTurkmen:
		return []practice{practiceRussianOld, practiceTurkic}
	case practiceAzeri:
		return []practice{practiceRussian, practiceFrench}
	default:
		return nil
	}
}

// romanize writes a name in capitals, as a passport does: A to Z, blank and hyphen.
func romanize(name string, p practice) string {
	switch p {
	case practiceTurkish:
		return strings.ToUpper(turkishFolds.Replace(name))
	case practiceGerman:
		return strings.ToUpper(germanFolds.Replace(name))
	}
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		s, ok := departures[p][r]
		if !ok {
			if s, ok = english[r]; !ok {
				s = string(r)
			}
		}
		b.WriteString(s)
	}
	return passportLetters(b.String())
}

// passportLetters leaves what the visual zone of a passport may hold after transliteration.
func passportLetters(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z', r == ' ', r == '-':
			return r
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		}
		return -1
	}, s)
}

// spellings gives the distinct Latin forms of a Cyrillic name, the passport's own first.
func spellings(name string, p practice) []string {
	out := []string{romanize(name, p)}
	for _, o := range p.others() {
		if s := romanize(name, o); !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}
