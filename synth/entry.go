package synth

import (
	"fmt"
	"strings"
	"time"
)

// Files of the three lists.
const (
	ListNational = "national"
	ListUN       = "un"
	ListOFAC     = "ofac"
)

// Entry is one invented person on one list, as listed.
type Entry struct {
	List       string
	ID         string // the publisher's identity: never used twice, never changed; UN: the reference number
	dataID     int    // UN only: number of the row in the publisher's database
	Person     *Person
	Surname    string
	Given      string
	Patronymic string
	Native     string // original script, UN only
	Aliases    []string
	Born       string // EDTF: day, year, interval or ""
	Sex        string
	BirthPlace string
	Documents  []Document
	Listed     string // ISO date
	Ground     ground
	Until      string // ISO date, national list only
}

// Name gives surname, given name and patronymic in that order.
func (e *Entry) Name() string { return joined(e.Surname, e.Given, e.Patronymic) }

// ground is why somebody is listed, what weight it has and what to do.
type ground struct{ ru, en, severity, instruction string }

var grounds = []ground{
	{"Розыск: мошенничество в особо крупном размере", "Wanted: large-scale fraud", "high", "detain"},
	{"Розыск: контрабанда наркотических средств", "Wanted: trafficking in narcotic drugs", "critical", "detain"},
	{"Розыск: незаконный оборот оружия", "Wanted: trafficking in firearms", "critical", "detain"},
	{"Запрет на въезд: нарушение правил пребывания", "Entry ban: overstay", "medium", "refuse-entry"},
	{"Запрет на въезд по решению суда", "Entry ban by a court", "high", "refuse-entry"},
	{"Документ заявлен утраченным", "Document reported lost", "medium", "second-line"},
	{"Возможная жертва торговли людьми: опросить отдельно", "Possible victim of trafficking: speak to the person alone", "high", "second-line"},
	{"Проверка по делу о контрабанде товаров", "Check in a case of smuggled goods", "medium", "second-line"},
	{"Негласное наблюдение: перевозка наличных", "Discreet surveillance: cash courier", "medium", "discreet-check"},
	{"Негласное наблюдение: организованная группа", "Discreet surveillance: organised group", "high", "discreet-check"},
	{"Ограничение на выезд: неисполненное решение суда", "Exit restriction: unpaid judgment", "low", "information"},
	{"Сообщить о пересечении границы", "Report the crossing", "low", "information"},
}

// Who is on which list.
var listMixes = map[string]mix{
	ListNational: parseMix("kazakh 34 russian 16 uzbek 16 kyrgyz 8 tajik 9 turkmen 3 azeri 3 tatar 2 turkish 2 dari 2 persian 1 chinese 2 uyghur 1 hindi 1"),
	ListUN:       parseMix("dari 26 pashto 24 arab 16 persian 10 tajik 6 uzbek 5 uyghur 5 urdu 4 korean 3 russian 1"),
	ListOFAC:     parseMix("russian 24 persian 16 chinese 10 turkish 7 arab 8 uzbek 6 kazakh 5 tajik 4 azeri 3 urdu 4 punjabi 3 korean 3 dari 4 pashto 3"),
}

// enlist puts a person on a list in that list's manner. How much of the birth date is known follows later.
func (r *Region) enlist(d dice, list string, p *Person) *Entry {
	e := &Entry{List: list, Person: p, Born: p.Born, Sex: p.Sex, Ground: pick(d, grounds),
		Listed: date(d.day(r.Now.AddDate(-9, 0, 0), r.Now.AddDate(0, -3, 0)))}
	switch list {
	case ListNational:
		e.ID = fmt.Sprintf("NL-%s-%05d", e.Listed[:4], len(r.Lists.National)+1)
		r.nationalName(d, e, p)
		e.Until = date(d.day(r.Now.AddDate(0, 2, 0), r.Now.AddDate(4, 0, 0)))
		r.Lists.National = append(r.Lists.National, e)
	case ListUN:
		e.ID, e.dataID = unID(len(r.Lists.UN) + 1)
		e.Surname, e.Given = pick(d, p.Surname.Latin), pick(d, p.Given.Latin)
		if d.percent(40) {
			e.Patronymic = p.Patronymic.latin()
		}
		e.Native, e.BirthPlace = p.NativeName(), p.BirthPlace
		r.alias(d, e, p, 45)
		r.Lists.UN = append(r.Lists.UN, e)
	case ListOFAC:
		e.ID = fmt.Sprintf("%d", 9_000_000+7*(len(r.Lists.OFAC)+1))
		e.Surname, e.Given = pick(d, p.Surname.Latin), title(pick(d, p.Given.Latin))
		if d.percent(50) && !p.Patronymic.empty() {
			e.Patronymic = title(p.Patronymic.latin())
		}
		e.BirthPlace = p.BirthPlace
		r.alias(d, e, p, 35)
		r.Lists.OFAC = append(r.Lists.OFAC, e)
	}
	return e
}

// unID gives reference and row number of the n-th person. SY is no committee's letters.
func unID(n int) (reference string, row int) { return fmt.Sprintf("SYi.%03d", n), 9_900_000 + n }

// nationalName writes Cyrillic where the papers begin in Cyrillic: half in the person's own spelling, half in Russian.
func (r *Region) nationalName(d dice, e *Entry, p *Person) {
	if len(namings()[p.People].male) == 0 {
		e.Surname, e.Given = p.Surname.latin(), p.Given.latin()
		if d.percent(40) {
			e.Aliases = append(e.Aliases, p.NativeName())
		}
		return
	}
	e.Surname, e.Given, e.Patronymic = p.Surname.Native, p.Given.Native, p.Patronymic.Native
	if d.percent(50) {
		e.Surname, e.Given, e.Patronymic = russified(e.Surname), russified(e.Given), russified(e.Patronymic)
	}
	if d.percent(25) {
		e.Aliases = append(e.Aliases, joined(pick(d, p.Surname.Latin), pick(d, p.Given.Latin)))
	}
}

// alias gives some entries another spelling or a nickname.
func (r *Region) alias(d dice, e *Entry, p *Person, percent int) {
	if d.percent(percent) {
		e.Aliases = append(e.Aliases, joined(pick(d, p.Surname.Latin), pick(d, p.Given.Latin)))
	}
	if d.percent(percent / 3) {
		n := namings()[p.People]
		given := n.men
		if p.Sex == "F" {
			given = n.women
		}
		e.Aliases = append(e.Aliases, joined(p.Surname.latin(), pick(d, given).latin()))
	}
}

var toRussian = strings.NewReplacer("Ә", "А", "ә", "а", "Ғ", "Г", "ғ", "г", "Қ", "К", "қ", "к", "Ң", "Н", "ң", "н", "Ө", "О", "ө", "о",
	"Ұ", "У", "ұ", "у", "Ү", "У", "ү", "у", "Һ", "Х", "һ", "х", "І", "И", "і", "и", "Ӣ", "И", "ӣ", "и", "Ӯ", "У", "ӯ", "у",
	"Ҳ", "Х", "ҳ", "х", "Ҷ", "Дж", "ҷ", "дж", "Ў", "У", "ў", "у", "Җ", "Дж", "җ", "дж")

// russified writes a Cyrillic name with Russian letters only, as a clerk with a Russian keyboard does.
func russified(s string) string { return toRussian.Replace(s) }

// title writes "ABDUL RAHIM" as "Abdul Rahim".
func title(s string) string {
	words := strings.Fields(strings.ToLower(s))
	for i, w := range words {
		words[i] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, " ")
}

// blur makes the listed birth date as vague as such dates are: most exact, a fifth only a year, the first of January
// where a form would not take less, some an interval, some nothing.
func (e *Entry) blur(d dice) {
	year := e.Person.Born[:4]
	switch chance := d.IntN(100); {
	case chance < 69:
	case chance < 89:
		e.Born = year
	case chance < 93:
		e.Born = year + "-01-01"
	case chance < 97:
		e.Born = interval(e.Person.Born, d)
	default:
		e.Born = ""
	}
}

// interval gives some years around a birth date.
func interval(born string, d dice) string {
	t, _ := time.Parse(time.DateOnly, born)
	first := t.Year() - d.between(1, 2)
	return fmt.Sprintf("%d/%d", first, first+d.between(3, 4))
}

// makeLists fills the three lists: those the truth needs first, the rest by chance, and then mixed so that the order on a
// list says nothing.
func (r *Region) makeLists() {
	r.planKnown()
	r.planLookAlikes()
	for _, part := range []struct {
		list string
		want int
		have func() int
	}{
		{ListNational, r.National, func() int { return len(r.Lists.National) }},
		{ListUN, r.UN, func() int { return len(r.Lists.UN) }},
		{ListOFAC, r.OFAC, func() int { return len(r.Lists.OFAC) }},
	} {
		d := newDice(r.Seed, "list/"+part.list)
		for part.have() < part.want {
			p := r.listed(d, listMixes[part.list].draw(d))
			e := r.enlist(d, part.list, p)
			e.blur(d)
			if d.percent(45) {
				e.Documents = []Document{p.Document}
			}
			if part.list == ListNational && d.percent(4) {
				e.Until = date(d.day(r.Now.AddDate(0, -8, 0), r.Now.AddDate(0, -1, 0)))
			}
		}
	}
	for _, list := range []*[]*Entry{&r.Lists.National, &r.Lists.UN, &r.Lists.OFAC} {
		d, l := newDice(r.Seed, "order"), *list
		d.Shuffle(len(l), func(i, j int) { l[i], l[j] = l[j], l[i] })
	}
	r.Lists.before(newDice(r.Seed, "un/before"), r.Now)
	r.remember()
}

// listed draws a person to be listed: an adult, mostly a man, with a document nobody else has.
func (r *Region) listed(d dice, id string) *Person {
	sex := "M"
	if d.percent(10) {
		sex = "F"
	}
	p := d.person(id, sex, r.Now, d.between(24, 66))
	p.Document = r.fresh(d, p.Document)
	return &p
}
