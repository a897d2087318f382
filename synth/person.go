package synth

import (
	"slices"
	"strings"
	"time"
)

// Person is an invented human being.
type Person struct {
	People      string // naming tradition, "kazakh"; decides nothing but the name
	Surname     Name
	Given       Name
	Patronymic  Name // empty where the people has none
	Sex         string
	Born        string // ISO date
	Nationality string
	Residence   string
	BirthPlace  string // a city, in English
	Document    Document
}

// NativeName gives the name as its people write it: surname, given name, patronymic.
func (p Person) NativeName() string {
	return joined(p.Surname.Native, p.Given.Native, p.Patronymic.Native)
}

// LatinName gives the name as the passport has it: surname, given name, patronymic.
func (p Person) LatinName() string {
	return joined(p.Surname.latin(), p.Given.latin(), p.Patronymic.latin())
}

func joined(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " ")
}

// People draws n persons whose passports are valid at the given time, in the mix of a regional airport. It is cheap
// enough for benchmarks: millions in seconds. Names repeat as they do in life.
func People(seed uint64, now time.Time, n int) []Person {
	d := newDice(seed, "people")
	out := make([]Person, n)
	for i := range out {
		out[i] = d.person(regionMix.draw(d), d.sex(), now, d.adultAge())
	}
	return out
}

// mix is peoples with weights.
type mix struct {
	peoples []string
	weights []int
}

func (m mix) draw(d dice) string { return m.peoples[d.weighted(m.weights)] }

// parseMix reads "kazakh 40 russian 25".
func parseMix(s string) mix {
	var m mix
	fields := strings.Fields(s)
	for i := 0; i+1 < len(fields); i += 2 {
		w := 0
		for _, r := range fields[i+1] {
			w = w*10 + int(r-'0')
		}
		m.peoples, m.weights = append(m.peoples, fields[i]), append(m.weights, w)
	}
	return m
}

var regionMix = parseMix("kazakh 30 russian 16 uzbek 15 kyrgyz 9 tajik 7 turkmen 4 tatar 2 azeri 3 turkish 4 chinese 3 uyghur 1 hindi 2 punjabi 1 korean 1 persian 1 dari 1 german 1 english 1")

func (d dice) sex() string {
	if d.percent(54) {
		return "M"
	}
	return "F"
}

func (d dice) adultAge() int {
	return 18 + d.IntN(22) + d.IntN(24) + d.IntN(14) // 18 to 75, most about forty
}

// person draws somebody of a people, a sex and an age in whole years.
func (d dice) person(id, sex string, now time.Time, age int) Person {
	n := namings()[id]
	p := Person{People: id, Sex: sex, Nationality: n.nationality, Residence: n.nationality}
	family := d.IntN(len(n.familiesM))
	father := -1
	if len(n.russianM) > 0 {
		father = d.IntN(len(n.men))
	}
	n.name(d, &p, family, father)
	year := now.AddDate(-age-1, 0, 1)
	born := year.AddDate(0, 0, d.IntN(365))
	p.Born = date(born)
	p.BirthPlace = pick(d, birthPlaces(p.Nationality))
	p.Document = d.passport(p.Nationality, born, now)
	return p
}

// name gives a person a family's surname, a given name of the sex and the father's patronymic.
func (n *naming) name(d dice, p *Person, family, father int) {
	if p.Sex == "F" {
		p.Surname, p.Given = n.familiesF[family], pick(d, n.women)
	} else {
		p.Surname, p.Given = n.familiesM[family], pick(d, n.men)
	}
	if father < 0 {
		return
	}
	russian := n.kin == kinRussian || n.kin == kinNone || d.percent(n.russianKin)
	switch {
	case russian && p.Sex == "F":
		p.Patronymic = n.russianF[father]
	case russian:
		p.Patronymic = n.russianM[father]
	case p.Sex == "F":
		p.Patronymic = n.fathersF[father]
	default:
		p.Patronymic = n.fathersM[father]
	}
	if !russian && n.kin == kinKyrgyz { // the father's name stands where others have a surname
		p.Surname, p.Patronymic = p.Patronymic, Name{}
	}
}

var birthPlaceTable = map[string]string{
	"KAZ": "Almaty,Shymkent,Karaganda,Taraz,Aktobe,Pavlodar,Kyzylorda,Semey,Atyrau,Astana", "KGZ": "Bishkek,Osh,Jalal-Abad,Karakol,Naryn,Talas",
	"TJK": "Dushanbe,Khujand,Bokhtar,Kulob,Istaravshan,Panjakent", "UZB": "Tashkent,Samarkand,Bukhara,Andijan,Fergana,Namangan,Nukus,Termez",
	"TKM": "Ashgabat,Mary,Turkmenabat,Dashoguz,Balkanabat", "RUS": "Moscow,Kazan,Omsk,Novosibirsk,Samara,Ufa,Yekaterinburg,Astrakhan,Orenburg",
	"AZE": "Baku,Ganja,Sumgait,Lankaran", "TUR": "Istanbul,Ankara,Konya,Izmir,Trabzon,Kayseri", "IRN": "Tehran,Mashhad,Isfahan,Tabriz,Shiraz",
	"AFG": "Kabul,Herat,Mazar-i-Sharif,Kandahar,Kunduz,Jalalabad", "PAK": "Lahore,Karachi,Peshawar,Faisalabad,Sialkot",
	"IND": "Delhi,Mumbai,Jaipur,Amritsar,Lucknow,Ludhiana", "CHN": "Urumqi,Kashgar,Lanzhou,Xi'an,Chengdu,Beijing,Wuhan", "KOR": "Seoul,Busan,Daegu,Incheon",
	"SAU": "Riyadh,Jeddah,Dammam", "DEU": "Berlin,Hamburg,Frankfurt,Dresden", "GBR": "London,Leeds,Bristol,Glasgow",
}

func birthPlaces(nationality string) []string {
	if s, ok := birthPlaceTable[nationality]; ok {
		return strings.Split(s, ",")
	}
	return []string{"Almaty"}
}
