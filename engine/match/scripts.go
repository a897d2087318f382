package match

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// cyrillic to internal letters (c = ch, x = sh). Russian, Kazakh, Kyrgyz, Tajik,
// Uzbek, Ukrainian, Turkmen (before 1993), Azerbaijani, Tatar, Bashkir, Serbian.
// Sources: ICAO Doc 9303-3 section 6 table 6-B; BGN/PCGN tables of the single
// languages; ж, җ, ҷ and дж are one letter here because passports mix them.
var cyrillic = map[rune]string{
	'а': "a", 'б': "b", 'в': "v", 'г': "g", 'д': "d", 'е': "e", 'ё': "io", 'ж': "j", 'з': "z", 'и': "i",
	'й': "i", 'к': "k", 'л': "l", 'м': "m", 'н': "n", 'о': "o", 'п': "p", 'р': "r", 'с': "s", 'т': "t",
	'у': "u", 'ф': "f", 'х': "h", 'ц': "ts", 'ч': "c", 'ш': "x", 'щ': "x", 'ъ': "", 'ы': "i", 'ь': "",
	'э': "e", 'ю': "iu", 'я': "ia", 'і': "i", 'ї': "i", 'є': "e", 'ґ': "g", 'ә': "a", 'ғ': "g", 'қ': "k",
	'ң': "n", 'ө': "o", 'ұ': "u", 'ү': "u", 'һ': "h", 'ў': "u", 'ҳ': "h", 'ҷ': "j", 'ӣ': "i", 'ӯ': "u",
	'җ': "j", 'ҝ': "g", 'ҹ': "j", 'ҡ': "k", 'ҙ': "z", 'ҫ': "s", 'ј': "i", 'љ': "l", 'њ': "n", 'ћ': "c",
	'ђ': "j", 'џ': "j", 'ӑ': "a", 'ӗ': "e", 'ҥ': "n", 'ӊ': "n", 'ҕ': "g",
	'ѣ': "e", 'ѳ': "f", 'ѵ': "i", 'ӏ': "",
}

// cyrillicMain gives the internal canonical form of a Cyrillic word. A word that
// can only be Palladius (чж, цз) goes through pinyin: Чжан and Zhang are one.
func cyrillicMain(piece string) string {
	lower := strings.ToLower(piece)
	if strings.Contains(lower, "чж") || strings.Contains(lower, "цз") {
		if py, ok := palladiusToPinyin(lower); ok {
			return latinMain(py)
		}
	}
	return settle(cyrillicLetters(lower))
}

// cyrillicLetters transliterates a lower-case word. ё is yo at the beginning
// and after a vowel (Ёрмат, Боёзов, Бахтиёр) and e after a consonant, where
// Russian texts seldom write the dots (Королёв).
func cyrillicLetters(lower string) string {
	var b strings.Builder
	b.Grow(len(lower))
	var last rune
	for _, r := range lower {
		switch s, ok := cyrillic[r]; {
		case r == 'ё' && last != 0 && !strings.ContainsRune("аеёиоуыэюяўӯәөүұі", last):
			b.WriteString("e")
		case (r == 'е' || r == 'э') && (last == 'е' || last == 'э'): // ее is not the English ee
		case ok:
			b.WriteString(s)
		case r < utf8.RuneSelf: // a stray Latin look-alike inside a Cyrillic word
			if isLetter(r) {
				b.WriteString(reduceLatin(string(r)))
			}
		case unicode.Is(unicode.Cyrillic, r) && unicode.IsLetter(r):
			b.WriteRune(r)
		default:
			b.WriteString(reduceLatin(latinBase(r)))
		}
		last = r
	}
	return b.String()
}

// arabic letters of Arabic, Persian, Dari, Pashto, Urdu, Uyghur to internal
// letters. Capitals are letters that several sounds share and that only the
// comparison can settle:
//
//	A alef (any vowel)     W waw (u, o, v)      Y ye (i, e, y)    H final he, te marbuta (a, h, t)
//	E ayn (any vowel, no)  T the (s, t)         Z zal, zad, za (z, d)
//	Q qaf (k, g)           G ghayn (g, k)
var arabic = map[rune]byte{
	'ا': 'A', 'أ': 'A', 'إ': 'A', 'آ': 'A', 'ٱ': 'A', 'ب': 'b', 'پ': 'p', 'ت': 't', 'ٹ': 't', 'ټ': 't',
	'ث': 'T', 'ج': 'j', 'چ': 'c', 'ح': 'h', 'خ': 'h', 'ځ': 'Z', 'څ': 's', 'د': 'd', 'ڈ': 'd', 'ډ': 'd',
	'ذ': 'Z', 'ر': 'r', 'ړ': 'r', 'ڑ': 'r', 'ز': 'z', 'ژ': 'j', 'ږ': 'j', 'س': 's', 'ش': 'x', 'ښ': 'x',
	'ص': 's', 'ض': 'Z', 'ط': 't', 'ظ': 'Z', 'ع': 'E', 'غ': 'G', 'ف': 'f', 'ق': 'Q', 'ک': 'k', 'ك': 'k',
	'گ': 'g', 'ګ': 'g', 'ل': 'l', 'م': 'm', 'ن': 'n', 'ڼ': 'n', 'ں': 'n', 'ڭ': 'n', 'ه': 'h', 'ھ': 'h',
	'ہ': 'h', 'ة': 'H', 'ۀ': 'H', 'ۃ': 'H', 'و': 'W', 'ؤ': 'W', 'ۇ': 'W', 'ۆ': 'W', 'ۈ': 'W', 'ۋ': 'W',
	'ی': 'Y', 'ي': 'Y', 'ى': 'Y', 'ئ': 'Y', 'ې': 'Y', 'ۍ': 'Y', 'ے': 'Y', 'ە': 'H',
}

// arabicLetters writes an Arabic-script word in internal letters; vowel signs,
// hamza, tatweel and joiners vanish; final he is H.
func arabicLetters(piece string) string {
	b := make([]byte, 0, len(piece)/2)
	for _, r := range piece {
		if c, ok := arabic[r]; ok {
			b = append(b, c)
		} else if c, ok := cyrillic[unicode.ToLower(r)]; ok {
			b = append(b, c...)
		} else if r < utf8.RuneSelf && isLetter(r) {
			b = append(b, reduceLatin(string(unicode.ToLower(r)))...)
		}
	}
	if n := len(b); n > 1 && b[n-1] == 'h' {
		b[n-1] = 'H'
	}
	if n := len(b); n > 3 && string(b[n-3:]) == "llH" { // Allah: one l, as doubled letters are in Latin forms
		b = append(b[:n-2], 'H')
	}
	return string(b)
}

// splitArticle cuts the article from an Arabic word and the name from عبد ال...:
// الراوي gives "Al", "rAWY"; عبدالرحمن gives "Ebd", "Al", "rhmn".
func splitArticle(letters string) []string {
	if _, known := arabicNames[letters]; known {
		return []string{letters}
	}
	if rest, ok := strings.CutPrefix(letters, "EbdAl"); ok && len(rest) >= 3 {
		return []string{"Ebd", "Al", rest}
	}
	if rest, ok := strings.CutPrefix(letters, "Al"); ok && len(rest) >= 3 {
		return []string{"Al", rest}
	}
	return []string{letters}
}

// arabicMain gives the internal canonical form: by the table of common names
// with their vowels, else letter by letter.
func arabicMain(letters string) string {
	if latin, ok := arabicNames[letters]; ok {
		return latinMain(latin)
	}
	return settle(arabicPlain(letters))
}

// arabicPlain replaces the shared letters by their likeliest sound.
func arabicPlain(letters string) string {
	b := make([]byte, 0, len(letters))
	for i := 0; i < len(letters); i++ {
		switch c := letters[i]; c {
		case 'A':
			b = append(b, 'a')
		case 'E':
			if i == 0 {
				b = append(b, 'a')
			}
		case 'W':
			if i == 0 || i+1 < len(letters) && letters[i+1] == 'A' || letters[i-1] == 'A' {
				b = append(b, 'v')
			} else {
				b = append(b, 'u')
			}
		case 'Y':
			b = append(b, 'i')
		case 'H':
			b = append(b, 'a')
		case 'T':
			b = append(b, 's')
		case 'Z':
			b = append(b, 'z')
		case 'Q':
			b = append(b, 'k')
		case 'G':
			b = append(b, 'g')
		default:
			b = append(b, c)
		}
	}
	return string(b)
}
