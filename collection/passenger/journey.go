package passenger

import (
	"slices"
	"strings"
	"time"

	"sarhad/format/paxlst"
	"sarhad/record"
	"sarhad/record/vocab"
)

// KindJourney is the kind of a journey record.
const KindJourney = "passenger.journey"

// States of a journey besides Expected and Cancelled.
const (
	OnBoard    = "on-board"     // the carrier closed the flight with this person on it
	NotOnBoard = "not-on-board" // the carrier closed the flight without this person
)

// Journey is one person on the legs of one message. Version 1.
type Journey struct {
	Surname     string `json:"surname,omitempty" class:"identity" proposable:"yes"`
	Given       string `json:"given,omitempty" class:"identity" proposable:"yes"`
	Sex         string `json:"sex,omitempty" class:"identity" proposable:"yes"`         // M, F, X
	Born        string `json:"born,omitempty" class:"identity" proposable:"yes"`        // ISO 8601, may end early
	Nationality string `json:"nationality,omitempty" class:"identity" proposable:"yes"` // ICAO 9303 alpha-3 where the code is known
	Residence   string `json:"residence,omitempty" class:"identity" proposable:"yes"`
	BirthPlace  string `json:"birth_place,omitempty" class:"identity" proposable:"yes"`
	Role        string `json:"role" class:"plain"` // passenger, crew, transit
	State       string `json:"state" class:"plain"`

	Documents []record.Document `json:"documents,omitempty" class:"identity" proposable:"yes"`
	Booking   string            `json:"booking,omitempty" class:"identity" proposable:"yes"`
	Ticket    string            `json:"ticket,omitempty" class:"identity" proposable:"yes"`
	Seat      string            `json:"seat,omitempty" class:"plain" proposable:"yes"`
	Bags      *int              `json:"bags,omitempty" class:"plain"`
	BagTags   []string          `json:"bag_tags,omitempty" class:"plain"`
	Contacts  []Contact         `json:"contacts,omitempty" class:"identity" proposable:"yes"`
	Address   string            `json:"address,omitempty" class:"identity" proposable:"yes"`
	Verified  string            `json:"verified,omitempty" class:"plain"` // GEI: did the carrier check the document
	UniqueRef string            `json:"unique_ref,omitempty" class:"identity"`

	Legs    []Leg  `json:"legs" class:"plain"`
	Embark  string `json:"embark,omitempty" class:"plain"`
	Debark  string `json:"debark,omitempty" class:"plain"`
	Cleared string `json:"cleared,omitempty" class:"plain"` // airport of border clearance

	BagWeight   string `json:"bag_weight,omitempty" class:"plain"` // "28 KGM"
	Employment  string `json:"employment,omitempty" class:"plain"` // function of a crew member
	GovRef      string `json:"gov_ref,omitempty" class:"identity"`
	CustomerRef string `json:"customer_ref,omitempty" class:"identity"`

	AsOf     string    `json:"as_of,omitempty" class:"plain"` // when the newest message about the person was prepared
	Heard    []Told    `json:"heard" class:"plain"`           // the messages that spoke of the person, in the order they came
	Problems []Problem `json:"problems,omitempty" class:"plain"`
	Raw      []string  `json:"raw,omitempty" class:"text"` // the person's segments as they came with the newest message; earlier ones stand in earlier revisions
}

// Told is that one message spoke of the person.
type Told struct {
	Message  string `json:"message"`        // Source.Key
	List     string `json:"list,omitempty"` // what ties the parts of one list together
	Part     int    `json:"part,omitempty"` // of a list in parts
	Function string `json:"function,omitempty"`
	Mark     string `json:"mark" class:"identity"` // hash of the person's segments
}

// Leg is one voyage of the journey.
type Leg struct {
	Key     string    `json:"key"`
	Label   string    `json:"label"`
	From    string    `json:"from,omitempty"`
	To      string    `json:"to,omitempty"`
	Departs time.Time `json:"departs,omitzero"`
	Arrives time.Time `json:"arrives,omitzero"`

	DepartsLocal string `json:"departs_local,omitempty"` // as Voyage.DepartsLocal
	ArrivesLocal string `json:"arrives_local,omitempty"`
}

// Contact is a telephone (TE), fax (FX) or e-mail (EM).
type Contact struct {
	Kind  string `json:"kind"`
	Value string `json:"value"`
}

// Name is the full name, surname first, without a title.
func (j *Journey) Name() string {
	if name := j.fullName(); name != "" {
		return name
	}
	return "(no name)"
}

func (j *Journey) fullName() string { return strings.TrimSpace(j.Surname + " " + untitled(j.Given)) }

// titles are what hosts write behind the given names, as bookings have it.
var titles = []string{"MR", "MRS", "MS", "MISS", "MSTR", "MISTER", "MASTER", "DR", "PROF", "CHD", "INF"}

// untitled takes a title from the end of given names, unless it is all there is.
func untitled(given string) string {
	if i := strings.LastIndexByte(given, ' '); i > 0 && slices.Contains(titles, strings.ToUpper(given[i+1:])) {
		return strings.TrimSpace(given[:i])
	}
	return given
}

// Kind implements record.Body.
func (*Journey) Kind() string { return KindJourney }

// Version implements record.Body.
func (*Journey) Version() int { return 1 }

// Validate implements record.Body. A journey may lack anything a carrier forgot: nobody is refused.
func (j *Journey) Validate() error {
	if j.Role == "" || j.State == "" {
		return record.Errorf(record.Invalid, "a journey needs a role and a state")
	}
	return nil
}

// Index implements record.Body.
func (j *Journey) Index(ix *record.Index) {
	ix.Title, ix.State = j.Name(), j.State
	onBoardAs := termWord(vocab.TravellerRoles, j.Role)
	person := record.Person{Role: onBoardAs, Sex: j.Sex, Documents: j.Documents}
	if name := j.fullName(); name != "" {
		person.Names = []record.Name{{Full: name, Surname: j.Surname, Given: untitled(j.Given), Quality: "primary"}}
	}
	if j.Born != "" {
		person.Born = []string{j.Born}
	}
	if j.Nationality != "" {
		person.Nationalities = []string{j.Nationality}
	}
	ix.Persons = append(ix.Persons, person)
	at := j.starts()
	holder := record.Thing{}
	for _, d := range j.Documents {
		role := "travel document"
		if d.Type == "V" {
			role = "visa"
		}
		doc := ix.Mention(record.ThingDocument, record.DocumentKey(d.Issuer, d.Number), role, d.Number)
		if holder.Key == "" {
			holder = doc
		} else {
			ix.Link(holder, doc, "same holder", at)
		}
	}
	carrier := ""
	for i, l := range j.Legs {
		voyage := ix.Mention(record.ThingVoyage, l.Key, onBoardAs, l.Label)
		ix.Link(holder, voyage, "travels on", l.Departs)
		if j.Seat != "" {
			ix.Mention(record.ThingSeat, l.Key+"/"+j.Seat, "seat", j.Seat)
		}
		if carrier == "" {
			carrier, _, _ = strings.Cut(l.Label, " ")
		}
		from := l.From
		if i > 0 { // a person departs once, and arrives at every stop
			from, l.Departs = "", time.Time{}
		}
		ix.Events = append(ix.Events, legEvents(from, l.To, l.Departs, l.Arrives)...)
	}
	if j.Booking != "" {
		ix.Link(holder, ix.Mention(record.ThingBooking, carrier+"/"+j.Booking, "booking", j.Booking), "booked as", at)
	}
	j.indexContacts(ix, holder, at)
	ix.Measures = append(ix.Measures, record.Measure{Name: "travellers", Value: 1, Unit: "1", At: at, Dims: j.dims(carrier)})
	if j.Bags != nil {
		ix.Measures = append(ix.Measures, record.Measure{Name: "bags", Value: float64(*j.Bags), Unit: "1", At: at, Dims: j.dims(carrier)})
	}
	ix.Text(j.Surname, j.Given, j.Booking, j.Seat, j.Address, j.UniqueRef, j.Ticket, j.BirthPlace)
	for _, d := range j.Documents {
		ix.Text(d.Number)
	}
}

func (j *Journey) indexContacts(ix *record.Index, holder record.Thing, at time.Time) {
	for _, c := range j.Contacts {
		switch c.Kind {
		case "TE":
			digits := strings.Map(func(r rune) rune {
				if r >= '0' && r <= '9' {
					return r
				}
				return -1
			}, c.Value)
			if len(digits) < 5 { // an extension is nobody's number
				continue
			}
			ix.Link(holder, ix.Mention(record.ThingPhone, digits, "contact", c.Value), "reached at", at)
		case "EM":
			ix.Link(holder, ix.Mention(record.ThingEmail, strings.ToLower(c.Value), "contact", c.Value), "reached at", at)
		}
	}
}

func (j *Journey) dims(carrier string) []record.Dim {
	return []record.Dim{{Name: "role", Value: termWord(vocab.TravellerRoles, j.Role)}, {Name: "nationality", Value: countryWord(j.Nationality)},
		{Name: "sex", Value: termWord(vocab.Sexes, j.Sex)}, {Name: "from", Value: placeWord(j.from())}, {Name: "to", Value: placeWord(j.to())},
		{Name: "carrier", Value: carrierWord(carrier)}}
}

func (j *Journey) from() string {
	if j.Embark != "" || len(j.Legs) == 0 {
		return j.Embark
	}
	return j.Legs[0].From
}

func (j *Journey) to() string {
	if j.Debark != "" || len(j.Legs) == 0 {
		return j.Debark
	}
	return j.Legs[len(j.Legs)-1].To
}

// starts is the first known moment of the journey.
func (j *Journey) starts() time.Time {
	for _, l := range j.Legs {
		if !l.Departs.IsZero() {
			return l.Departs
		}
		if !l.Arrives.IsZero() {
			return l.Arrives
		}
	}
	return time.Time{}
}

// ends is the last known arrival.
func (j *Journey) ends() time.Time {
	for _, l := range slices.Backward(j.Legs) {
		if !l.Arrives.IsZero() {
			return l.Arrives
		}
	}
	return j.starts()
}

// journeyOf reads a person of a message who travels on the given voyages.
func journeyOf(t paxlst.Traveller, voyages []*Voyage, state string) *Journey {
	d := t.Details
	j := &Journey{
		Surname: t.Surname, Given: t.Given, Sex: t.Sex, Born: t.Born, Nationality: state3(t.Nationality), Residence: state3(t.Residence),
		BirthPlace: strings.TrimSpace(d.BirthPlace + " " + d.BirthCountry), Role: string(t.Role), State: state, Booking: t.Booking, Ticket: d.Ticket,
		Seat: strings.ToUpper(t.Seat), Bags: t.Bags, Address: address(d.Address), Verified: d.Verified, UniqueRef: d.UniqueRef,
		Embark: d.Embark, Debark: d.Debark, Cleared: d.Cleared, BagWeight: d.BagWeight, Employment: d.Employment, GovRef: d.GovRef,
		CustomerRef: d.CustomerRef, Raw: d.Segments,
	}
	for _, doc := range t.Documents {
		if n := documentNumber(doc.Number); n != "" {
			j.Documents = append(j.Documents, record.Document{Type: doc.Type, Number: n, Issuer: state3(doc.Issuer), Expires: doc.Expires})
		}
	}
	for _, c := range d.Contacts {
		j.Contacts = append(j.Contacts, Contact{c.Kind, c.Value})
	}
	for _, b := range d.BagTags {
		j.BagTags = append(j.BagTags, b.First)
	}
	for _, v := range travelled(voyages, d.Embark, d.Debark) {
		if v.Key() != "" {
			j.Legs = append(j.Legs, Leg{v.Key(), v.Label(), v.From, v.To, v.Departs, v.Arrives, v.DepartsLocal, v.ArrivesLocal})
		}
	}
	return j
}

// documentNumber is a number as people read it to each other: capitals, no blanks, hyphens or fillers. Keys are made by
// record.DocumentKey.
func documentNumber(s string) string {
	return strings.ToUpper(strings.NewReplacer(" ", "", "-", "", "<", "").Replace(s))
}

// travelled picks the legs between where a person gets on and off; all of them when that is not said or does not fit.
func travelled(all []*Voyage, embark, debark string) []*Voyage {
	first, last := 0, len(all)
	if i := slices.IndexFunc(all, func(v *Voyage) bool { return embark != "" && v.From == embark }); i >= 0 {
		first = i
	}
	if i := slices.IndexFunc(all[first:], func(v *Voyage) bool { return debark != "" && v.To == debark }); i >= 0 {
		last = first + i + 1
	}
	return all[first:last]
}

// state3 gives the alpha-3 code of a country sent in any form travel documents know ("KZ", "D"); else what came.
func state3(code string) string {
	if code == "" {
		return ""
	}
	if c, ok := vocab.Country(code); ok {
		return c.Alpha3
	}
	return code
}

func address(a paxlst.Address) string {
	var parts []string
	for _, p := range []string{a.Street, a.City, a.Region, a.Postcode, a.Country} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, ", ")
}
