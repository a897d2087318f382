package synth

import (
	"strings"
	"sync"
	"unicode/utf8"
)

// Name is one part of a person's name: as its people write it, and as papers write it in Latin.
type Name struct {
	Native string
	// Latin holds at least one spelling in capitals; the first is that of the person's own passport.
	Latin []string
}

func (n Name) empty() bool { return n.Native == "" }

// latin gives the passport spelling, "" for no name.
func (n Name) latin() string {
	if len(n.Latin) == 0 {
		return ""
	}
	return n.Latin[0]
}

// naming is a people with its tables taken apart, ready to draw from.
type naming struct {
	people
	men, women         []Name
	familiesM          []Name
	familiesF          []Name
	fathersM, fathersF []Name // patronymics, one for each of men
	russianM, russianF []Name // patronymics in the Russian manner
}

var namings = sync.OnceValue(func() map[string]*naming {
	all := map[string]*naming{}
	for _, p := range cyrillicPeoples {
		all[p.id] = cyrillicNaming(p)
	}
	for _, p := range otherPeoples {
		n := &naming{people: p, men: parseNames(p.men, p.practice), women: parseNames(p.women, p.practice)}
		n.familiesM = parseNames(p.families, p.practice)
		n.familiesF = n.familiesM
		all[p.id] = n
	}
	return all
})

func cyrillicNaming(p people) *naming {
	n := &naming{people: p}
	cyrillic := func(s string) Name { return Name{Native: s, Latin: spellings(s, p.practice)} }
	for _, s := range strings.Fields(p.male) {
		n.men = append(n.men, cyrillic(s))
		n.russianM = append(n.russianM, cyrillic(russianPatronymic(s, "M")))
		n.russianF = append(n.russianF, cyrillic(russianPatronymic(s, "F")))
		switch p.kin {
		case kinKazakh:
			n.fathersM, n.fathersF = append(n.fathersM, cyrillic(s+"ұлы")), append(n.fathersF, cyrillic(s+"қызы"))
		case kinKyrgyz:
			n.fathersM, n.fathersF = append(n.fathersM, cyrillic(s+" уулу")), append(n.fathersF, cyrillic(s+" кызы"))
		case kinUzbek:
			n.fathersM, n.fathersF = append(n.fathersM, cyrillic(s+" ўғли")), append(n.fathersF, cyrillic(s+" қизи"))
		}
	}
	for _, s := range strings.Fields(p.female) {
		n.women = append(n.women, cyrillic(s))
	}
	for _, s := range strings.Fields(p.surnames) {
		n.familiesM = append(n.familiesM, cyrillic(s))
		n.familiesF = append(n.familiesF, cyrillic(feminine(s)))
	}
	return n
}

// parseNames reads "native=Latin/Other"; a name without "=" is Latin already and is folded by its practice.
func parseNames(table string, p practice) []Name {
	var out []Name
	for _, item := range strings.Fields(table) {
		native, latin, given := strings.Cut(item, "=")
		n := Name{Native: strings.ReplaceAll(native, "_", " ")}
		if !given {
			latin = romanizeLatin(native, p)
		}
		for _, s := range strings.Split(latin, "/") {
			n.Latin = append(n.Latin, passportLetters(strings.ReplaceAll(s, "_", " ")))
		}
		out = append(out, n)
	}
	return out
}

func romanizeLatin(s string, p practice) string {
	if p == practiceTurkish || p == practiceGerman {
		return romanize(s, p)
	}
	return s
}

// feminine gives a woman's form of a surname; surnames without one stay as they are.
func feminine(surname string) string {
	for _, end := range []string{"ов", "ев", "ёв", "ин"} {
		if strings.HasSuffix(surname, end) {
			return surname + "а"
		}
	}
	return surname
}

// Fathers whose patronymic does not follow the rule.
var oddPatronymics = map[string][2]string{
	"Илья": {"Ильич", "Ильинична"}, "Никита": {"Никитич", "Никитична"}, "Пётр": {"Петрович", "Петровна"},
	"Павел": {"Павлович", "Павловна"}, "Дмитрий": {"Дмитриевич", "Дмитриевна"}, "Георгий": {"Георгиевич", "Георгиевна"},
}

// russianPatronymic forms a patronymic in the Russian manner from a father's given name.
func russianPatronymic(father, sex string) string {
	woman := sex == "F"
	if odd, ok := oddPatronymics[father]; ok {
		if woman {
			return odd[1]
		}
		return odd[0]
	}
	last, size := utf8.DecodeLastRuneInString(father)
	stem, soft := father, "ович"
	switch {
	case strings.HasSuffix(father, "ий"):
		stem, soft = strings.TrimSuffix(father, "ий")+"ь", "евич"
	case strings.ContainsRune("йьея", last):
		stem, soft = father[:len(father)-size], "евич"
	case strings.ContainsRune("оуиӯ", last):
		soft = "евич"
	case last == 'ӣ':
		stem, soft = father[:len(father)-size]+"и", "евич"
	case last == 'а' || last == 'ы':
		stem, soft = father[:len(father)-size], "ович"
	}
	if woman {
		soft = strings.Replace(soft, "ич", "на", 1)
	}
	return stem + soft
}
