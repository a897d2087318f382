package match

import (
	"strings"
	"testing"
)

// Every line folds to one token.
var foldsTogether = []string{
	"Жумабаев Жұмабаев Zhumabaev Jumabaev Žumabaev Dzhumabayev Djoumabaev Dschumabajew ЖУМАБАЕВ jumabaev",
	"Сергеев Sergeev Sergeyev Sergejew",
	"Юлия Yuliya Iuliia Yulia",
	"Юсуф Yusuf Iusuf Yousuf",
	"Карим Karim Kareem Qarim",
	"Файзуллохон FAIZULLOKHON Fayzullokhon Fayzulloxon",
	"Абдуллоев Abdulloev ABDULLOYEV Abdulloyev",
	"Ўктам Oʻktam O'ktam O‘ktam O`ktam",
	"Ғулом Gʻulom G'ulom Gulom Ğulom",
	"Чжан Zhang",
	"Щукин Shchukin Šukin Schukin",
	"Қазақ Qazaq Kazak",
	"Мырат Myrat Mırat Mirat",
	"Öwezgeldi Овезгелди Ovezgeldi",
	"Ҷамшед Jamshed Dzhamshed Җамшед",
	"Королёв Королев Korolyov Korolev",
	"Бахтиёр Bakhtiyor Baxtiyor Bahtiyor",
	"Хусейн Husein Khusein Huseyn",
	"Ерлан Yerlan Erlan",
	"Şahin Шахин Shakhin Shahin",
	"محمد Muhammad Мухаммад",
}

// TestFoldBringsSpellingsTogether proves that the spellings of one name become
// one search token.
func TestFoldBringsSpellingsTogether(t *testing.T) {
	for _, line := range foldsTogether {
		words := strings.Fields(line)
		want := Fold(words[0])
		for _, w := range words {
			if got := Fold(w); got != want {
				t.Errorf("Fold(%s) = %q, but Fold(%s) = %q", w, got, words[0], want)
			}
		}
	}
}

// TestFoldKeepsApart proves that Fold is not so coarse that names merge.
func TestFoldKeepsApart(t *testing.T) {
	for _, line := range []string{
		"Karimov Kasimov Karimova Salimov Halimov", "Ali Alia Eli Oli", "Rustam Ruslan", "Zhang Zhao Chang Shang",
		"Марат Мурат Мират", "Иванов Ивановский", "Nur Nar", "Hasan Kasan",
	} {
		seen := map[string]string{}
		for _, w := range strings.Fields(line) {
			if other, ok := seen[Fold(w)]; ok {
				t.Errorf("%s and %s fold to the same %q", other, w, Fold(w))
			}
			seen[Fold(w)] = w
		}
	}
}

// TestFoldGolden fixes the form of codes, digits, articles and foreign scripts.
func TestFoldGolden(t *testing.T) {
	for in, want := range map[string]string{
		"KC204":                    "kc204",
		"kc-204 / АВ1234567":       "kc 204 av1234567",
		"٢٠٢٥":                     "2025",
		"الراوي":                   "al ravi",
		"عبدالرحمن":                "abd al rahman",
		"IVANOV<<IVAN<IVANOVICH<<": "ivanov ivan ivanovich",
		"  ":                       "",
		"王小明":                      "王小明",
		"Чингиз Айтматов":          "chingiz aitmatov",
	} {
		if got := Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

// FuzzFold proves that folding never panics and is idempotent on any text.
func FuzzFold(f *testing.F) {
	for _, line := range foldsTogether {
		f.Add(line)
	}
	for _, s := range []string{"Ишхан sch tsch dzh ieie ejew yee", "ﷲ ﻣﺤﻤﺪ", "İIıi", "o'g'li", "\xff\xfe", "ϒ ẞ ǅ ﬁ", "A\u0301\u0300", "e\u200ce", "Сшхан", "ФЃ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := Fold(s)
		if twice := Fold(once); twice != once {
			t.Errorf("Fold(%q) = %q, folded again %q", s, once, twice)
		}
	})
}

// TestPalladius proves the table on names in both spellings.
func TestPalladius(t *testing.T) {
	for cyr, want := range map[string]string{
		"чжан": "zhang", "цзиньпин": "jinping", "сяомин": "xiaoming", "цянь": "qian", "чжоу": "zhou", "хуан": "huang",
		"гоцян": "guoqiang", "сюй": "xu", "люй": "lu", "ван": "wang", "юань": "yuan", "шэнь": "shen", "жэнь": "ren",
	} {
		if got, ok := palladiusToPinyin(cyr); !ok || got != want {
			t.Errorf("%s = %q, %v; want %q", cyr, got, ok, want)
		}
	}
	if _, ok := palladiusToPinyin("жумабаев"); ok {
		t.Error("a Kazakh surname was read as Chinese")
	}
}

// TestHostileText proves that long senseless text costs time in proportion to
// its length: 400 kB must be done within the test's patience, which anything
// quadratic is not.
func TestHostileText(t *testing.T) {
	for _, unit := range []string{"o'", "sh", "ie", "чж", "tsch", "مح", "a ", "x", "é", "жz", "王", "1"} {
		long := strings.Repeat(unit, 200_000)
		Fold(long)
		Compare(full(long), full(long+" Ivanov"))
		New([]Person{full(long)}).Search(full(long), Options{})
	}
}
