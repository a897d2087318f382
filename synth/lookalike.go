package synth

import (
	"fmt"
	"slices"
	"time"
)

// resemblance is one way in which an innocent comes to look like somebody listed, and how a person tells them apart.
// Each leaves at least two differences on the page. The weights favour those that a careful matcher cannot rule out; a few
// are there that it should (another sex, another father), and then no hit is the right answer.
type resemblance struct {
	code    string
	weight  int
	lists   []string
	peoples []string // empty: anybody on that list
	reason  string   // the dismissal reason an analyst would give
	make    func(r *Region, d dice, e *Entry, t *Person)
	en, ru  string
}

var resemblances = []resemblance{
	{"year-only", 36, []string{ListNational, ListUN, ListOFAC}, nil, "document", makeYearOnly,
		"The list has only the year of birth. The nationality is another and the document is not the listed one.",
		"В списке только год рождения. Гражданство другое, документ не тот, что в списке."},
	{"other-sex", 4, []string{ListOFAC}, []string{"punjabi", "turkish", "chinese", "korean"}, "sex", makeOtherSex,
		"The name is borne by men and women; the listed person is of the other sex, and the document differs.",
		"Имя бывает и мужским, и женским; в списке лицо другого пола, документ не совпадает."},
	{"first-of-january", 18, []string{ListNational, ListUN}, nil, "birth-date", makeFirstOfJanuary,
		"The listed 1 January stands for an unknown day. The patronymic or nationality is another and the document differs.",
		"Записанное 1 января означает неизвестный день. Отчество или гражданство другое, документ не совпадает."},
	{"day-month", 14, []string{ListNational, ListOFAC}, nil, "birth-date", makeDayMonth,
		"Day and month are the other way round, but the nationality is another too and the document differs.",
		"День и месяц переставлены, но и гражданство другое, и документ не совпадает."},
	{"one-digit", 6, []string{ListNational, ListOFAC}, nil, "birth-date", makeOneDigit,
		"One digit of the birth date differs, and nationality and document differ too.",
		"Дата рождения отличается одной цифрой, не совпадают также гражданство и документ."},
	{"no-birth-date", 10, []string{ListNational, ListUN}, nil, "document", makeNoBirthDate,
		"The list has no birth date. Nationality and document both differ.",
		"В списке нет даты рождения. Не совпадают ни гражданство, ни документ."},
	{"interval", 12, []string{ListUN, ListOFAC}, nil, "document", makeInterval,
		"The list gives some years, and the traveller's falls among them. Nationality and document both differ.",
		"В списке указан промежуток лет, год рождения в него попадает. Не совпадают ни гражданство, ни документ."},
}

// planLookAlikes makes the listed persons whom innocents will resemble, and the innocents.
func (r *Region) planLookAlikes() {
	weights := make([]int, len(resemblances))
	for i, k := range resemblances {
		weights[i] = k.weight
	}
	again := min(4, r.LookAlikes/3)
	for i := range r.LookAlikes {
		d := newDice(r.Seed, fmt.Sprintf("look-alike/%d", i))
		kind := resemblances[d.weighted(weights)]
		list := pick(d, kind.lists)
		id := listMixes[list].draw(d)
		if len(kind.peoples) > 0 {
			id = pick(d, kind.peoples)
		}
		p := r.listed(d, id)
		if kind.code == "other-sex" {
			p.Given = unisex(d, id)
		}
		if kind.code == "day-month" {
			p.Born = swappable(d, p.Born)
		}
		e := r.enlist(d, list, p)
		e.Documents, e.BirthPlace, e.Aliases = []Document{p.Document}, p.BirthPlace, nil
		t := *p
		t.Document = r.fresh(d, p.Document)
		kind.make(r, d, e, &t)
		c := &planned{entry: e, traveller: &t, code: kind.code, reason: kind.reason, why: [2]string{kind.en, kind.ru}, again: i < again}
		if !t.Patronymic.empty() && (t.Patronymic.Native != p.Patronymic.Native || d.percent(20)) {
			c.given = joined(t.Given.latin(), t.Patronymic.latin())
		}
		r.cases = append(r.cases, c)
	}
}

func makeYearOnly(r *Region, d dice, e *Entry, t *Person) {
	e.Born = t.Born[:4]
	sameYear(d, t)
	r.foreign(d, t)
}

func makeOtherSex(r *Region, d dice, e *Entry, t *Person) {
	e.Born = t.Born[:4]
	sameYear(d, t)
	t.Sex = map[string]string{"M": "F", "F": "M"}[t.Sex]
}

func makeFirstOfJanuary(r *Region, d dice, e *Entry, t *Person) {
	e.Born = t.Born[:4] + "-01-01"
	for t.Born[5:] == "01-01" || t.Born == e.Person.Born {
		sameYear(d, t)
	}
	n := namings()[t.People]
	if len(n.russianM) == 0 || t.Patronymic.empty() || d.percent(75) {
		r.foreign(d, t)
		return
	}
	for t.Patronymic.Native == e.Person.Patronymic.Native {
		i := d.IntN(len(n.men))
		t.Patronymic = n.russianM[i]
		if t.Sex == "F" {
			t.Patronymic = n.russianF[i]
		}
	}
	if e.Patronymic == "" {
		e.Patronymic = e.Person.Patronymic.latin()
	}
}

func makeDayMonth(r *Region, d dice, e *Entry, t *Person) {
	t.Born = t.Born[:5] + t.Born[8:] + "-" + t.Born[5:7]
	r.foreign(d, t)
}

func makeOneDigit(r *Region, d dice, e *Entry, t *Person) {
	for t.Born == e.Person.Born {
		day := []byte(e.Person.Born)
		day[pick(d, []int{8, 9, 9})] = byte('0' + d.IntN(10)) // tens or units of the day
		if _, err := time.Parse(time.DateOnly, string(day)); err == nil {
			t.Born = string(day)
		}
	}
	r.foreign(d, t)
}

func makeNoBirthDate(r *Region, d dice, e *Entry, t *Person) {
	e.Born = ""
	sameYear(d, t)
	r.foreign(d, t)
}

func makeInterval(r *Region, d dice, e *Entry, t *Person) {
	e.Born = interval(t.Born, d)
	sameYear(d, t)
	r.foreign(d, t)
}

// sameYear moves a birth day within its year.
func sameYear(d dice, t *Person) {
	born, _ := time.Parse(time.DateOnly, t.Born)
	for old := t.Born; t.Born == old; {
		t.Born = date(time.Date(born.Year(), 1, 2, 0, 0, 0, 0, time.UTC).AddDate(0, 0, d.IntN(360)))
	}
}

// abroad is where people of the same name hold another passport.
var abroad = map[string][]string{
	"kazakh": {"RUS", "UZB", "CHN", "MNG"}, "kyrgyz": {"RUS", "KAZ", "TJK"}, "tajik": {"UZB", "RUS", "AFG"}, "uzbek": {"KAZ", "KGZ", "RUS", "TJK"},
	"turkmen": {"UZB", "TUR", "AFG"}, "russian": {"KAZ", "BLR", "UKR", "KGZ"}, "tatar": {"KAZ", "UZB"}, "azeri": {"RUS", "GEO", "TUR"},
	"persian": {"DEU", "TUR", "GBR"}, "dari": {"PAK", "DEU", "IRN"}, "pashto": {"PAK", "ARE"}, "arab": {"ARE", "QAT", "JOR"},
	"turkish": {"DEU", "AZE"}, "uyghur": {"KAZ", "TUR"}, "chinese": {"SGP", "MYS"}, "korean": {"KAZ", "USA"}, "hindi": {"GBR", "USA"},
	"punjabi": {"GBR", "CAN"}, "urdu": {"GBR", "ARE"}, "german": {"AUT", "CHE"}, "english": {"AUS", "CAN"},
}

// foreign gives a person another nationality than the listed one, with its passport.
func (r *Region) foreign(d dice, t *Person) {
	r.naturalise(d, t, pick(d, abroad[t.People]))
	t.Document = r.fresh(d, t.Document)
}

// unisex draws a given name that men and women of a people both bear.
func unisex(d dice, id string) Name {
	n := namings()[id]
	var both []Name
	for _, m := range n.men {
		if slices.ContainsFunc(n.women, func(w Name) bool { return w.Native == m.Native }) {
			both = append(both, m)
		}
	}
	return pick(d, both)
}

// swappable moves a birth day to one that is also a month, and not its own.
func swappable(d dice, born string) string {
	month := d.between(1, 12)
	day := month
	for day == month {
		day = d.between(1, 12)
	}
	return fmt.Sprintf("%s-%02d-%02d", born[:4], month, day)
}
