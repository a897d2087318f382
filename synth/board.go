package synth

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// party is the kinds of groups that travel under one booking, with weights.
var partyWeights = []int{56, 15, 14, 9, 6}

const (
	partyAlone = iota
	partyCouple
	partyFamily
	partyColleagues
	partyTour
)

// board fills the flights with passengers and crew.
func (r *Region) board() {
	for i, f := range r.Flights {
		d := newDice(r.Seed, fmt.Sprintf("board/%d/%s", i, f.Name()))
		low, high := 62, 158
		if distance(f.Legs[0].From, f.Arrival().To) > 3500 {
			low, high = 105, 215
		}
		for want := d.between(low, high); len(f.Travellers) < want; {
			r.party(d, f, want-len(f.Travellers))
		}
		r.crew(d, f)
	}
}

// party boards one booking of at most room persons.
func (r *Region) party(d dice, f *Flight, room int) {
	id, nationality := r.origins(d, f)
	kind, size := d.weighted(partyWeights), 1
	switch kind {
	case partyCouple:
		size = 2
	case partyFamily:
		size = d.between(3, 6)
	case partyColleagues:
		size = d.between(2, 4)
	case partyTour:
		size = d.between(6, 14)
	}
	size = min(size, room)
	booking := d.locator()
	var head *Person
	journey := r.journey(d, f)
	for i := range size {
		p := r.member(d, kind, i, id, nationality, head)
		if i == 0 {
			head = p
		}
		t := r.seatOn(d, f, p, booking)
		t.Embark, t.Debark, t.Role = journey.embark, journey.debark, journey.role
	}
}

// origins decides the people and the passport of a party: home citizens or the others on the route.
func (r *Region) origins(d dice, f *Flight) (id, nationality string) {
	if d.percent(f.homeShare) {
		return citizens[r.Home].draw(d), r.Home
	}
	id = f.mix.draw(d)
	return id, namings()[id].nationality
}

// member draws the i-th person of a party. Families share a surname and the children their father's patronymic.
func (r *Region) member(d dice, kind, i int, id, nationality string, head *Person) *Person {
	for try := 0; ; try++ {
		age, sex := d.adultAge(), d.sex()
		switch {
		case (kind == partyCouple || kind == partyFamily) && i == 0:
			sex, age = "M", d.between(24, 58)
		case kind == partyCouple || kind == partyFamily && i == 1:
			sex, age = "F", max(20, r.age(head)-d.between(-3, 7))
		case kind == partyFamily:
			age = d.IntN(max(1, min(17, r.age(head)-20)))
		}
		p := d.person(id, sex, r.Now, age)
		if head != nil && (kind == partyFamily || kind == partyCouple) {
			relate(d, &p, head, i)
		}
		if nationality != p.Nationality {
			r.naturalise(d, &p, nationality)
		}
		if try < patience && r.collides(&p) {
			continue
		}
		r.settle(d, &p)
		return &p
	}
}

// relate gives a wife and children the surname of the head, and the children his given name as patronymic.
func relate(d dice, p, head *Person, i int) {
	n := namings()[head.People]
	if n.familyFirst && i == 1 {
		return // wives keep their own
	}
	surnames := n.familiesM
	if p.Sex == "F" {
		surnames = n.familiesF
	}
	family := slices.IndexFunc(n.familiesM, func(m Name) bool { return m.Native == head.Surname.Native })
	if family >= 0 {
		p.Surname = surnames[family]
	}
	father := slices.IndexFunc(n.men, func(m Name) bool { return m.Native == head.Given.Native })
	if i == 1 || len(n.russianM) == 0 || father < 0 {
		return
	}
	if family < 0 { // the head has no surname but his father's name, so the children have his
		p.Surname, p.Patronymic = n.fathersM[father], Name{}
		if p.Sex == "F" {
			p.Surname = n.fathersF[father]
		}
		return
	}
	p.Patronymic = n.russianM[father]
	if p.Sex == "F" {
		p.Patronymic = n.russianF[father]
	}
}

// naturalise gives a person another country's passport, and its way of writing the name.
func (r *Region) naturalise(d dice, p *Person, nationality string) {
	p.Nationality, p.Residence = nationality, nationality
	born, _ := time.Parse(time.DateOnly, p.Born)
	p.Document = d.passport(nationality, born, r.Now)
	p.BirthPlace = pick(d, birthPlaces(nationality))
}

// settle adds what differs from person to person: residence abroad, the odd refugee or stateless person, and a document
// number that nobody else has.
func (r *Region) settle(d dice, p *Person) {
	switch chance := d.IntN(1000); {
	case chance < 60 && p.Nationality != "RUS" && strings.Contains("KAZ KGZ TJK UZB", p.Nationality):
		p.Residence = "RUS"
	case chance < 75:
		p.Residence = r.Home
	case chance == 999:
		p.Nationality, p.Document.Issuer = "XXB", "DEU"
		p.Document.Number = d.documentNumber("XXB")
	case chance == 998:
		p.Nationality, p.Document.Issuer = "XXA", r.Home
		p.Document.Number = d.documentNumber("XXA")
	}
	p.Document = r.fresh(d, p.Document)
}

func (r *Region) age(p *Person) int {
	born, _ := time.Parse(time.DateOnly, p.Born)
	return int(r.Now.Sub(born).Hours() / 24 / 365.2425)
}

type journey struct{ embark, debark, role string }

// journey says between which airports a party flies and whether it only changes planes here.
func (r *Region) journey(d dice, f *Flight) journey {
	j := journey{f.Legs[0].From, f.Arrival().To, RolePassenger}
	switch {
	case f.home == 1 && d.percent(40):
		j.embark = f.Legs[1].From
	case len(f.Legs) == 2 && f.home == 0 && d.percent(45):
		j.debark = f.Legs[1].To
		if d.percent(50) {
			j.role = RoleTransit
		}
	case d.percent(2):
		j.role = RoleTransit
	}
	return j
}

// seatOn puts a person on a flight as the carrier will report it.
func (r *Region) seatOn(d dice, f *Flight, p *Person, booking string) *Traveller {
	n := len(f.Travellers)
	doc := p.Document
	t := &Traveller{Person: p, Surname: p.Surname.latin(), Given: p.Given.latin(), Sex: p.Sex, Born: p.Born,
		Nationality: p.Nationality, Residence: p.Residence, Role: RolePassenger, Document: &doc, Booking: booking,
		Seat: fmt.Sprintf("%d%c", n/6+1, "ABCDEF"[n%6]), Bags: d.weighted([]int{25, 50, 20, 5}),
		Embark: f.Legs[0].From, Debark: f.Arrival().To, BirthPlace: p.BirthPlace}
	if !p.Patronymic.empty() && d.percent(15) {
		t.Given = joined(t.Given, p.Patronymic.latin())
	}
	if f.Carrier.habit.titles {
		t.Given += map[string]string{"M": " MR", "F": " MRS"}[p.Sex]
	}
	f.Travellers = append(f.Travellers, t)
	return t
}

// crew adds two in the cockpit and a cabin crew by the number of passengers, of the carrier's country.
func (r *Region) crew(d dice, f *Flight) {
	who, ok := citizens[f.Carrier.Country]
	if !ok {
		who = mix{[]string{crewPeople[f.Carrier.Country]}, []int{1}}
	}
	for i := range 2 + (len(f.Travellers)+49)/50 {
		sex := "F"
		if i < 2 || d.percent(30) {
			sex = "M"
		}
		p := d.person(who.draw(d), sex, r.Now, d.between(24, 54))
		for try := 0; try < patience && r.collides(&p); try++ {
			p = d.person(who.draw(d), sex, r.Now, d.between(24, 54))
		}
		if p.Nationality != f.Carrier.Country {
			r.naturalise(d, &p, f.Carrier.Country)
		}
		p.Document = r.fresh(d, p.Document)
		t := r.seatOn(d, f, &p, "")
		t.Role, t.Seat, t.Bags, t.Given = RoleCrew, "", 0, p.Given.latin()
		if d.percent(20) {
			doc := r.fresh(d, d.crewCertificate(f.Carrier.Country, r.Now))
			t.Document = &doc
		}
	}
}

var crewPeople = map[string]string{"RUS": "russian", "TUR": "turkish", "ARE": "arab", "CHN": "chinese", "AZE": "azeri", "IND": "hindi",
	"IRN": "persian", "DEU": "german", "KOR": "korean"}

// locator draws a booking reference of six letters and digits, without those that are read wrong.
func (d dice) locator() string {
	const letters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
	b := make([]byte, 6)
	for i := range b {
		b[i] = letters[d.IntN(len(letters))]
	}
	return string(b)
}
