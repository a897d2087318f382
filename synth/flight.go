package synth

import (
	"fmt"
	"math"
	"sort"
	"time"

	"sarhad/record/vocab"
)

// Carrier is an invented airline. The names belong to nobody. A designator ending in a zero is, to our knowledge, no
// passenger airline's in this region; designators are given out anew all the time, so a likeness means nothing.
type Carrier struct {
	Code, Name, Country string
	habit               habit
}

// Roles of a traveller, as in the vocabulary.
const (
	RolePassenger = "passenger"
	RoleCrew      = "crew"
	RoleTransit   = "transit"
)

// Leg is one hop of a flight; times are moments.
type Leg struct {
	From, To         string // IATA
	Departs, Arrives time.Time
}

// Flight is one arrival, with everybody on board.
type Flight struct {
	Carrier    Carrier
	Number     string // without the carrier, "417"
	Legs       []Leg
	Travellers []*Traveller // passengers, then crew
	History    bool         // before tonight
	home       int          // index of the leg that arrives in the home country
	mix        mix
	homeShare  int
	miscount   int // how many too few or many the count of the message says
}

// Arrival gives the leg that lands in the home country.
func (f *Flight) Arrival() Leg { return f.Legs[f.home] }

// Name gives carrier and number, "Q0 417".
func (f *Flight) Name() string { return f.Carrier.Code + " " + f.Number }

// Traveller is a person on a flight, as the carrier sends it.
type Traveller struct {
	Person         *Person // who it really is
	Surname, Given string  // as sent, in capitals
	Sex            string
	Born           string // ISO date, "" when the carrier left it out
	Nationality    string
	Residence      string
	Role           string
	Document       *Document // nil when the carrier left it out
	Booking        string
	Seat           string
	Bags           int
	Embark, Debark string // where the journey of this person on this flight begins and ends
	Ref            string // the carrier's unique passenger reference
	BirthPlace     string
	fixed          bool // part of the truth: not to be spoilt
}

var carriers = []Carrier{
	{"Q0", "Saiga Airlines", "KAZ", habit{version: "D.12B", group: true}},
	{"X0", "Nine Rivers Airways", "KAZ", habit{version: "D.05B", una: true, wrapLines: true}},
	{"U0", "Steppe Heron", "UZB", habit{version: "D.12B", typeB: true}},
	{"K0", "Ala-Too Swift", "KGZ", habit{version: "D.05B", noCount: true}},
	{"J0", "Pamir Lynx", "TJK", habit{version: "D.02B", una: true, titles: true}},
	{"W0", "Akhal Falcon Air", "TKM", habit{version: "D.05B", group: true}},
	{"F0", "Volga Kestrel", "RUS", habit{version: "D.02B", several: true}},
	{"H0", "Bosphorus Crane", "TUR", habit{version: "D.15B", group: true, una: true, parts: true}},
	{"I0", "Gulf Osprey", "ARE", habit{version: "D.15B", group: true, typeB: true, parts: true}},
	{"O0", "Tarim Swallow", "CHN", habit{version: "D.12B", wrapLines: true}},
	{"L0", "Caspian Tern", "AZE", habit{version: "D.05B", wrapLines: true, typeB: true}},
	{"E0", "Ganges Ibis", "IND", habit{version: "D.15B", group: true}},
	{"D0", "Khorasan Plover", "IRN", habit{version: "D.02B", noCount: true}},
	{"A0", "Rhine Lapwing", "DEU", habit{version: "D.15B", una: true, several: true}},
	{"N0", "Han River Egret", "KOR", habit{version: "D.12B", group: true, una: true}},
}

// Airports of the home countries, with weights: most arrivals are at the largest.
var homes = map[string]mix{
	"KAZ": parseMix("ALA 64 NQZ 20 CIT 6 SCO 4 GUW 4 AKX 2"),
	"UZB": parseMix("TAS 78 SKD 8 BHK 5 NMA 4 FEG 3 UGC 2"),
	"KGZ": parseMix("FRU 80 OSS 20"),
	"TJK": parseMix("DYU 74 LBD 22 KQT 4"),
	"TKM": parseMix("ASB 88 CRZ 8 MYP 4"),
}

// Who holds the passport of a home country.
var citizens = map[string]mix{
	"KAZ": parseMix("kazakh 72 russian 17 uzbek 4 uyghur 2 tatar 2 german 1 azeri 1 korean 1"),
	"UZB": parseMix("uzbek 84 russian 5 tajik 6 kazakh 3 korean 2"),
	"KGZ": parseMix("kyrgyz 77 uzbek 14 russian 7 uyghur 2"),
	"TJK": parseMix("tajik 88 uzbek 12"),
	"TKM": parseMix("turkmen 90 uzbek 7 russian 3"),
}

// origin is where flights come from: weight, share of home citizens in percent, and who the others are.
type origin struct {
	airport string
	weight  int
	home    int
	others  mix
}

var origins = []origin{
	{"IST", 11, 55, parseMix("turkish 60 german 8 english 6 azeri 6 kyrgyz 10 uzbek 10")},
	{"AYT", 4, 88, parseMix("turkish 80 russian 20")},
	{"SVO", 6, 45, parseMix("russian 75 tatar 8 azeri 4 tajik 6 uzbek 7")},
	{"DME", 5, 45, parseMix("russian 60 tatar 8 tajik 12 uzbek 15 kyrgyz 5")},
	{"ZIA", 2, 40, parseMix("russian 50 tajik 25 uzbek 25")},
	{"LED", 3, 45, parseMix("russian 80 uzbek 12 tajik 8")},
	{"OVB", 3, 45, parseMix("russian 78 kazakh 12 tajik 10")},
	{"SVX", 3, 45, parseMix("russian 72 tatar 14 tajik 14")},
	{"KZN", 2, 45, parseMix("russian 45 tatar 45 uzbek 10")},
	{"TAS", 6, 35, parseMix("uzbek 88 russian 6 korean 2 tajik 4")},
	{"SKD", 1, 30, parseMix("uzbek 78 tajik 22")},
	{"FRU", 3, 35, parseMix("kyrgyz 84 uzbek 8 russian 8")},
	{"OSS", 1, 30, parseMix("kyrgyz 65 uzbek 35")},
	{"DYU", 3, 30, parseMix("tajik 90 uzbek 6 dari 4")},
	{"LBD", 1, 30, parseMix("tajik 82 uzbek 18")},
	{"ASB", 1, 30, parseMix("turkmen 92 turkish 8")},
	{"ALA", 4, 25, parseMix("kazakh 78 russian 15 chinese 4 turkish 3")},
	{"NQZ", 2, 25, parseMix("kazakh 82 russian 15 turkish 3")},
	{"GYD", 3, 35, parseMix("azeri 88 turkish 8 russian 4")},
	{"TBS", 2, 45, parseMix("azeri 25 russian 50 turkish 25")},
	{"DXB", 7, 60, parseMix("hindi 22 urdu 20 arab 15 russian 18 english 10 dari 8 persian 7")},
	{"SHJ", 4, 60, parseMix("urdu 40 hindi 30 arab 20 dari 10")},
	{"AUH", 2, 60, parseMix("arab 40 hindi 30 urdu 20 english 10")},
	{"DOH", 2, 55, parseMix("arab 40 hindi 30 english 20 urdu 10")},
	{"JED", 2, 82, parseMix("arab 70 urdu 30")},
	{"URC", 4, 35, parseMix("chinese 72 uyghur 25 kazakh 3")},
	{"PEK", 2, 40, parseMix("chinese 95 korean 5")},
	{"XIY", 2, 30, parseMix("chinese 98 uyghur 2")},
	{"ICN", 3, 45, parseMix("korean 92 uzbek 8")},
	{"DEL", 4, 40, parseMix("hindi 70 punjabi 30")},
	{"ATQ", 1, 20, parseMix("punjabi 85 hindi 15")},
	{"ISB", 1, 20, parseMix("urdu 85 pashto 15")},
	{"LHE", 1, 20, parseMix("urdu 100 pashto 1")},
	{"KBL", 2, 10, parseMix("dari 62 pashto 38")},
	{"MHD", 1, 25, parseMix("persian 80 dari 20")},
	{"IKA", 2, 25, parseMix("persian 94 azeri 6")},
	{"FRA", 4, 55, parseMix("german 70 russian 15 english 10 turkish 5")},
	{"HKT", 2, 92, parseMix("russian 80 english 20")},
	{"BKK", 2, 88, parseMix("chinese 40 english 60")},
	{"MSQ", 1, 45, parseMix("russian 100 tatar 1")},
}

// schedule lays out the flights of tonight and of the days before.
func (r *Region) schedule() {
	for day := r.HistoryDays; day >= 0; day-- {
		from := r.Now.Add(-before).AddDate(0, 0, -day)
		n := r.FlightsPerDay
		if day > 0 {
			n = r.HistoryFlights
		}
		d := newDice(r.Seed, fmt.Sprintf("schedule/%d", day))
		numbers := map[string]bool{}
		for i := range n {
			slot := float64(before+after) * (float64(i) + d.Float64()) / float64(n)
			f := r.flight(d, from.Add(time.Duration(slot)), numbers)
			f.History = day > 0
			r.Flights = append(r.Flights, f)
		}
	}
	sort.SliceStable(r.Flights, func(i, j int) bool { return r.Flights[i].Arrival().Arrives.Before(r.Flights[j].Arrival().Arrives) })
}

// flight draws one arrival; a few come by way of another airport and a few fly on.
func (r *Region) flight(d dice, arrives time.Time, numbers map[string]bool) *Flight {
	arrives = arrives.Truncate(5 * time.Minute)
	to := homes[r.Home].draw(d)
	from := r.origin(d)
	f := &Flight{Carrier: r.carrier(d, from.airport), mix: from.others, homeShare: from.home}
	for f.Number == "" || numbers[f.Name()] {
		f.Number = fmt.Sprintf("%d", d.between(101, 989+8900*min(1, r.FlightsPerDay/200))) // four digits for large regions
	}
	numbers[f.Name()] = true
	switch kind := d.IntN(100); {
	case kind < 4: // by way of a stop abroad
		stop := r.origin(d)
		if stop.airport == from.airport {
			break
		}
		second := leg(stop.airport, to, arrives)
		f.Legs, f.home = []Leg{leg(from.airport, stop.airport, second.Departs.Add(-75*time.Minute)), second}, 1
		return f
	case kind < 8: // lands here, then flies on
		stop := r.origin(d)
		if stop.airport == from.airport {
			break
		}
		first := leg(from.airport, to, arrives)
		on := leg(to, stop.airport, arrives)
		block := on.Arrives.Sub(on.Departs)
		on.Departs, on.Arrives = arrives.Add(80*time.Minute), arrives.Add(80*time.Minute+block)
		f.Legs = []Leg{first, on}
		return f
	}
	f.Legs = []Leg{leg(from.airport, to, arrives)}
	return f
}

func (r *Region) origin(d dice) origin {
	for {
		weights := make([]int, len(origins))
		for i, o := range origins {
			weights[i] = o.weight
		}
		o := origins[d.weighted(weights)]
		if a, ok := vocab.Airport(o.airport); ok && a.Country != r.Home {
			return o
		}
	}
}

// carrier draws an airline of either end of the route; third countries fly rarely.
func (r *Region) carrier(d dice, from string) Carrier {
	a, _ := vocab.Airport(from)
	var list []Carrier
	for _, c := range carriers {
		if c.Country == r.Home || c.Country == a.Country {
			list = append(list, c)
		}
	}
	if len(list) == 0 || d.percent(4) {
		return pick(d, carriers)
	}
	return pick(d, list)
}

// leg fills in the departure: 780 km/h along the great circle, and 35 minutes for climb, approach and taxiing.
func leg(from, to string, arrives time.Time) Leg {
	block := time.Duration(distance(from, to)/780*float64(time.Hour)) + 35*time.Minute
	return Leg{From: from, To: to, Departs: arrives.Add(-block).Truncate(5 * time.Minute), Arrives: arrives}
}

// distance is the length of the great circle in kilometres.
func distance(from, to string) float64 {
	a, _ := vocab.Airport(from)
	b, _ := vocab.Airport(to)
	const rad = math.Pi / 180
	s := math.Pow(math.Sin((b.Lat-a.Lat)*rad/2), 2) +
		math.Cos(a.Lat*rad)*math.Cos(b.Lat*rad)*math.Pow(math.Sin((b.Lon-a.Lon)*rad/2), 2)
	return 2 * 6371 * math.Asin(math.Sqrt(s))
}
