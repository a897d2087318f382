package synth

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// planned is one case of the truth before its traveller has a flight.
type planned struct {
	entry     *Entry
	traveller *Person
	known     bool
	code      string   // recipe or kind
	distorted []string // what was done to a listed person's name
	surname   string   // as sent, where it differs from the passport's
	given     string
	reason    string // dismissal reason, a code of the vocabulary
	why       [2]string
	again     bool // was dismissed on an earlier journey
}

// recipe is one way in which a listed person's papers come to differ from the listing.
type recipe struct {
	code    string
	list    string
	peoples []string
	same    bool // travels on the listed document
	steps   []string
}

// Steps of a recipe.
const (
	stepScript   = "script"       // the list writes another script
	stepSpelling = "romanization" // another practice of writing Latin
	stepOrder    = "order"        // surname and given name changed places
	stepTypo     = "typo"         // one letter
	stepDropped  = "patronymic-dropped"
	stepJoined   = "joined" // given names written as one word
	stepAlias    = "alias"  // travels under a listed alias
)

var recipes = []recipe{
	{"cyrillic-list", ListNational, []string{"kazakh"}, false, []string{stepScript, stepSpelling, stepDropped}},
	{"arabic-list", ListUN, []string{"dari", "pashto"}, true, []string{stepScript, stepSpelling}},
	{"order", ListNational, []string{"uzbek"}, false, []string{stepScript, stepOrder, stepDropped}},
	{"typo", ListOFAC, []string{"russian", "azeri"}, false, []string{stepSpelling, stepTypo, stepDropped}},
	{"alias", ListNational, []string{"tajik"}, true, []string{stepScript, stepAlias, stepSpelling}},
	{"pinyin", ListOFAC, []string{"uyghur"}, true, []string{stepSpelling, stepOrder}},
	{"two-spellings", ListUN, []string{"persian", "arab"}, false, []string{stepScript, stepSpelling, stepTypo}},
	{"joined", ListNational, []string{"russian", "uzbek"}, false, []string{stepScript, stepJoined}},
}

var stepsRu = map[string]string{stepScript: "другая письменность", stepSpelling: "другая латинская запись",
	stepOrder: "фамилия и имя переставлены", stepTypo: "опечатка", stepDropped: "без отчества", stepJoined: "имена слитно",
	stepAlias: "под другим именем из списка"}

// planKnown makes the listed persons who will travel.
func (r *Region) planKnown() {
	for i := range r.Known {
		d := newDice(r.Seed, fmt.Sprintf("known/%d", i))
		rec := recipes[i%len(recipes)]
		p := r.listed(d, pick(d, rec.peoples))
		e := r.enlist(d, rec.list, p)
		e.Ground = grounds[i%6] // the graver half: something will have to be done about it
		e.Documents = []Document{p.Document}
		travel := *p
		if !rec.same {
			travel.Document = r.fresh(d, p.Document)
			if d.percent(50) {
				e.Documents = nil
			}
		}
		c := &planned{entry: e, traveller: &travel, known: true, code: rec.code, distorted: rec.steps}
		c.surname, c.given = distort(d, e, p, rec.steps)
		c.why = whyKnown(rec, e)
		r.cases = append(r.cases, c)
	}
}

// distort gives the name a listed person travels under.
func distort(d dice, e *Entry, p *Person, steps []string) (surname, given string) {
	surname, given = p.Surname.latin(), p.Given.latin()
	patronymic, givens := p.Patronymic.latin(), p.Given.Latin
	for _, step := range steps {
		switch step {
		case stepAlias:
			n := namings()[p.People]
			list := n.men
			if p.Sex == "F" {
				list = n.women
			}
			alias := pick(d, list)
			e.Aliases = append(e.Aliases, joined(e.Surname, russified(alias.Native)))
			given, givens = alias.latin(), alias.Latin
		case stepSpelling:
			surname, given = otherSpelling(d, p.Surname.Latin, surname, e.Surname), otherSpelling(d, givens, given, e.Given)
		case stepTypo:
			surname = typo(d, surname)
		case stepJoined:
			given, patronymic = strings.ReplaceAll(given+patronymic, " ", ""), ""
		case stepOrder:
			surname, given = given, surname
		}
	}
	if patronymic != "" && !slices.Contains(steps, stepDropped) && !slices.Contains(steps, stepOrder) && d.percent(50) {
		given = joined(given, patronymic)
	}
	return surname, given
}

// otherSpelling picks a spelling that is neither the passport's nor the listed one; where there is none, it writes a vowel
// otherwise.
func otherSpelling(d dice, all []string, not, listed string) string {
	rest := slices.DeleteFunc(slices.Clone(all), func(s string) bool { return s == not || strings.EqualFold(s, listed) })
	if len(rest) > 0 {
		return pick(d, rest)
	}
	for _, swap := range [][2]string{{"OO", "U"}, {"EE", "I"}, {"U", "OU"}, {"I", "EE"}, {"Y", "I"}} {
		if strings.Contains(not, swap[0]) {
			return strings.Replace(not, swap[0], swap[1], 1)
		}
	}
	return not
}

// typo makes one slip of the hand: never in the first letter, where people look.
func typo(d dice, s string) string {
	if len(s) < 5 {
		return s + s[len(s)-1:]
	}
	i := d.between(2, len(s)-2)
	switch d.IntN(3) {
	case 0:
		return s[:i] + s[i+1:]
	case 1:
		return s[:i] + s[i:i+1] + s[i:]
	default:
		if s[i] == s[i-1] {
			return s[:i] + s[i+1:]
		}
		return s[:i-1] + s[i:i+1] + s[i-1:i] + s[i+1:]
	}
}

func whyKnown(rec recipe, e *Entry) [2]string {
	en := "Birth date, sex and nationality agree in full"
	ru := "Полностью совпадают дата рождения, пол и гражданство"
	if rec.same {
		en, ru = "The travel document is the listed one, and the birth date agrees", "Проездной документ тот же, что в списке, дата рождения совпадает"
	}
	var steps []string
	for _, s := range rec.steps {
		steps = append(steps, stepsRu[s])
	}
	return [2]string{en + "; the name differs only in how it is written (" + strings.Join(rec.steps, ", ") + ").",
		ru + "; имя отличается только написанием (" + strings.Join(steps, ", ") + ")."}
}

// plant puts the planned travellers on flights and writes down the truth.
func (r *Region) plant() {
	var past []*Flight
	for _, f := range r.Flights {
		if f.History {
			past = append(past, f)
		}
	}
	for i, c := range r.cases {
		d := newDice(r.Seed, fmt.Sprintf("plant/%d", i))
		lo, hi := -2*time.Hour, 16*time.Hour
		if c.known {
			lo, hi = 90*time.Minute, 10*time.Hour
		}
		flights := r.Tonight()
		if c.known && i%4 != 3 { // most at the main airport, where the booth of a demonstration stands
			flights = r.toMainAirport(flights)
		}
		f := r.flightFor(d, flights, c.traveller, r.Now.Add(lo), r.Now.Add(hi))
		t := r.plantOn(d, f, c)
		k := r.truthCase(c, f, t)
		if c.again && len(past) > 0 {
			old := r.flightFor(d, past, c.traveller, time.Time{}, r.Now)
			r.plantOn(d, old, c)
			k.DismissedBefore, k.EarlierFlight, k.EarlierArrival = true, old.Name(), old.Arrival().Arrives
		}
		r.Truth.Cases = append(r.Truth.Cases, k)
	}
}

func (r *Region) toMainAirport(flights []*Flight) []*Flight {
	var out []*Flight
	for _, f := range flights {
		if f.Arrival().To == homes[r.Home].peoples[0] {
			out = append(out, f)
		}
	}
	if len(out) == 0 {
		return flights
	}
	return out
}

// flightFor finds a flight in a window, if possible one on which the person's people travel.
func (r *Region) flightFor(d dice, flights []*Flight, p *Person, from, to time.Time) *Flight {
	var likely, possible []*Flight
	for _, f := range flights {
		if f.Carrier.habit.titles {
			continue
		}
		at := f.Arrival().Arrives
		if at.Before(from) || at.After(to) {
			continue
		}
		possible = append(possible, f)
		if slices.Contains(f.mix.peoples, p.People) || p.Nationality == r.Home {
			likely = append(likely, f)
		}
	}
	switch {
	case len(likely) > 0:
		return pick(d, likely)
	case len(possible) > 0:
		return pick(d, possible)
	}
	return pick(d, flights)
}

// plantOn seats a planned traveller somewhere among the other passengers.
func (r *Region) plantOn(d dice, f *Flight, c *planned) *Traveller {
	t := r.seatOn(d, f, c.traveller, d.locator())
	t.fixed = true
	t.Given = c.traveller.Given.latin()
	if c.surname != "" {
		t.Surname = c.surname
	}
	if c.given != "" {
		t.Given = c.given
	}
	last := len(f.Travellers) - 1
	at := d.IntN(last)
	for f.Travellers[at].Role != RolePassenger {
		at = d.IntN(last)
	}
	f.Travellers[at], f.Travellers[last] = f.Travellers[last], f.Travellers[at]
	return t
}
