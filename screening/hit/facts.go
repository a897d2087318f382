package hit

import (
	"strings"
	"time"
	"unicode"

	"sarhad/engine/match"
	"sarhad/record"
	"sarhad/record/vocab"
)

// Facts is a person as one side of a comparison states them.
type Facts struct {
	Role          string            `json:"role,omitempty" class:"plain"`
	Names         []record.Name     `json:"names" class:"identity"`
	Born          []string          `json:"born,omitempty" class:"identity"`
	Sex           string            `json:"sex,omitempty" class:"identity"`
	Nationalities []string          `json:"nationalities,omitempty" class:"identity"`
	Documents     []record.Document `json:"documents,omitempty" class:"identity"`
}

func factsOf(p record.Person) Facts {
	return Facts{Role: p.Role, Names: p.Names, Born: p.Born, Sex: p.Sex, Nationalities: p.Nationalities, Documents: p.Documents}
}

// Name is the first name in Latin letters, or the first there is.
func (f Facts) Name() string {
	for _, n := range f.Names {
		if latin(n.Full) {
			return n.Full
		}
	}
	return f.first()
}

// Native is the first name in another script than Latin; "" when there is none besides Name.
func (f Facts) Native() string {
	for _, n := range f.Names {
		if n.Full != "" && !latin(n.Full) && n.Full != f.Name() {
			return n.Full
		}
	}
	return ""
}

func (f Facts) first() string {
	if len(f.Names) == 0 {
		return ""
	}
	return f.Names[0].Full
}

func latin(s string) bool {
	for _, r := range s {
		if unicode.IsLetter(r) {
			return unicode.Is(unicode.Latin, r)
		}
	}
	return false
}

// query turns a person word into what the matcher compares.
func query(id string, f Facts) match.Person {
	p := match.Person{ID: id, Born: f.Born, Sex: f.Sex, Nationalities: f.Nationalities}
	for _, n := range f.Names {
		p.Names = append(p.Names, match.Name{Full: n.Full, Surname: n.Surname, Given: n.Given, Patronymic: n.Patronymic})
	}
	for _, d := range f.Documents {
		p.Documents = append(p.Documents, match.Document{Type: d.Type, Number: d.Number, Issuer: d.Issuer})
	}
	return p
}

// Passage is the voyage a person arrives on, as the words of the record tell it.
type Passage struct {
	Key     string    `json:"key,omitempty" class:"plain"`   // of the voyage thing
	Label   string    `json:"label,omitempty" class:"plain"` // "ZZ 204"
	From    string    `json:"from,omitempty" class:"plain"`
	To      string    `json:"to,omitempty" class:"plain"`
	Arrives time.Time `json:"arrives,omitzero" class:"plain"`
	Seat    string    `json:"seat,omitempty" class:"identity"`
	Booking string    `json:"booking,omitempty" class:"identity"`
}

func (p Passage) same(q Passage) bool {
	if !p.Arrives.Equal(q.Arrives) {
		return false
	}
	p.Arrives, q.Arrives = time.Time{}, time.Time{}
	return p == q
}

// passageOf picks where the person has to be met: the last arrival at a place of this country, else the last arrival.
func passageOf(ix *record.Index, home func(place string) bool) Passage {
	var p Passage
	atHome := false
	for _, e := range ix.Events {
		if e.Kind != record.EventArrival {
			continue
		}
		if h := home != nil && home(e.Place); h || !atHome {
			atHome = atHome || h
			p.To, p.Arrives = place(e.Place), e.At
		}
	}
	for _, m := range ix.Mentions {
		switch m.Type {
		case record.ThingVoyage:
			_, route, _ := cutLast(m.Key, "/")
			from, to, _ := strings.Cut(route, "-")
			if p.Label == "" || p.To != "" && place(to) == p.To {
				p.Key, p.Label, p.From = m.Key, m.Label, from
				if p.To == "" {
					p.To = place(to)
				}
			}
		case record.ThingSeat:
			if p.Seat == "" {
				p.Seat = m.Label
			}
		case record.ThingBooking:
			if p.Booking == "" {
				p.Booking = m.Key
			}
		}
	}
	return p
}

// place gives the code of a known airport or crossing point, "" for anything else: it decides which booth reads, so it is
// never a carrier's word.
func place(code string) string {
	if a, ok := vocab.Airport(code); ok {
		return a.IATA
	}
	if c, ok := vocab.Crossing(code); ok {
		return c.Code
	}
	return ""
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}
