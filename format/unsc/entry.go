package unsc

import (
	"strings"

	"sarhad/format/edtf"
)

// rawEntry is INDIVIDUAL or ENTITY as the schema sc-sanctions.xsd has it.
type rawEntry struct {
	DataID       string        `xml:"DATAID"`
	First        string        `xml:"FIRST_NAME"`
	Second       string        `xml:"SECOND_NAME"`
	Third        string        `xml:"THIRD_NAME"`
	Fourth       string        `xml:"FOURTH_NAME"`
	Programme    string        `xml:"UN_LIST_TYPE"`
	Reference    string        `xml:"REFERENCE_NUMBER"`
	ListedOn     string        `xml:"LISTED_ON"`
	Script       []string      `xml:"NAME_ORIGINAL_SCRIPT"`
	Gender       string        `xml:"GENDER"`
	Comments     []string      `xml:"COMMENTS1"`
	Titles       []string      `xml:"TITLE>VALUE"`
	Designations []string      `xml:"DESIGNATION>VALUE"`
	Nationality  []string      `xml:"NATIONALITY>VALUE"`
	Nationality2 []string      `xml:"NATIONALITY2>VALUE"`
	Updated      []string      `xml:"LAST_DAY_UPDATED>VALUE"`
	Aliases      []rawAlias    `xml:"INDIVIDUAL_ALIAS"`
	EntAliases   []rawAlias    `xml:"ENTITY_ALIAS"`
	Addresses    []rawPlace    `xml:"INDIVIDUAL_ADDRESS"`
	EntAddresses []rawPlace    `xml:"ENTITY_ADDRESS"`
	BirthPlaces  []rawPlace    `xml:"INDIVIDUAL_PLACE_OF_BIRTH"`
	Births       []rawBirth    `xml:"INDIVIDUAL_DATE_OF_BIRTH"`
	Documents    []rawDocument `xml:"INDIVIDUAL_DOCUMENT"`
}

type rawAlias struct {
	Quality      string `xml:"QUALITY"`
	Name         string `xml:"ALIAS_NAME"`
	Note         string `xml:"NOTE"`
	Birth        string `xml:"DATE_OF_BIRTH"`
	BirthCity    string `xml:"CITY_OF_BIRTH"`
	BirthCountry string `xml:"COUNTRY_OF_BIRTH"`
}

type rawPlace struct {
	Street   string `xml:"STREET"`
	City     string `xml:"CITY"`
	Province string `xml:"STATE_PROVINCE"`
	Zip      string `xml:"ZIP_CODE"`
	Country  string `xml:"COUNTRY"`
	Note     string `xml:"NOTE"`
}

type rawBirth struct {
	Type string `xml:"TYPE_OF_DATE"`
	Date string `xml:"DATE"`
	Year string `xml:"YEAR"`
	From string `xml:"FROM_YEAR"`
	To   string `xml:"TO_YEAR"`
	Note string `xml:"NOTE"`
}

type rawDocument struct {
	Type    string `xml:"TYPE_OF_DOCUMENT"`
	Type2   string `xml:"TYPE_OF_DOCUMENT2"`
	Number  string `xml:"NUMBER"`
	Issuer  string `xml:"ISSUING_COUNTRY"`
	Issued  string `xml:"DATE_OF_ISSUE"`
	City    string `xml:"CITY_OF_ISSUE"`
	Country string `xml:"COUNTRY_OF_ISSUE"`
	Note    string `xml:"NOTE"`
}

func (raw rawEntry) entry(element string) Entry {
	e := Entry{
		Kind:         Individual,
		Reference:    plain(raw.Reference),
		DataID:       plain(raw.DataID),
		Programme:    plain(raw.Programme),
		Titles:       texts(raw.Titles),
		Designations: texts(raw.Designations),
		Nationality:  texts(append(raw.Nationality, raw.Nationality2...)),
		ListedOn:     day(raw.ListedOn),
		Comments:     strings.Join(texts(raw.Comments), "\n"),
	}
	if element == entityElement {
		e.Kind = Entity
	}
	switch strings.ToLower(plain(raw.Gender)) {
	case "male", "m":
		e.Sex = "M"
	case "female", "f":
		e.Sex = "F"
	}
	for _, u := range raw.Updated {
		if d := day(u); d != "" {
			e.Updated = append(e.Updated, d)
		}
	}
	for _, b := range raw.Births {
		if birth, ok := b.birth(); ok {
			e.Births = append(e.Births, birth)
		}
	}
	for _, a := range append(raw.Aliases, raw.EntAliases...) {
		a.addTo(&e)
	}
	e.BirthPlaces = append(e.BirthPlaces, places(raw.BirthPlaces)...)
	e.Addresses = places(append(raw.Addresses, raw.EntAddresses...))
	for _, d := range raw.Documents {
		if doc, ok := d.document(); ok {
			e.Documents = append(e.Documents, doc)
		}
	}
	return e
}

// addTo keeps the birth that is stated of an alias: it is evidence about the same person.
func (a rawAlias) addTo(e *Entry) {
	if text := plain(a.Birth); text != "" {
		b := Birth{}
		if d, ok := edtf.FromText(text); ok {
			b.Date = d
		} else {
			b.Text = text
		}
		e.Births = append(e.Births, b)
	}
	if p := (Place{City: plain(a.BirthCity), Country: plain(a.BirthCountry)}); p != (Place{}) {
		e.BirthPlaces = append(e.BirthPlaces, p)
	}
}

// birth reads one date. TYPE_OF_DATE is EXACT, APPROXIMATELY, BETWEEN or empty; the date stands
// in DATE, YEAR, FROM_YEAR and TO_YEAR, or only in the NOTE.
func (b rawBirth) birth() (Birth, bool) {
	kind, note := strings.ToUpper(plain(b.Type)), plain(b.Note)
	date, year, from, to := plain(b.Date), plain(b.Year), plain(b.From), plain(b.To)
	out := Birth{Text: note}
	ok := false
	switch {
	case date != "":
		out.Date, ok = edtf.FromText(date)
	case from != "" && to != "":
		out.Date, ok = edtf.Interval(from, to)
	case year != "":
		if out.Date, ok = edtf.Month(year, note); !ok {
			out.Date, ok = edtf.FromText(year)
		}
	case from+to != "":
		out.Date, ok = edtf.FromText(from + to)
		kind = "APPROXIMATELY"
	case note != "":
		if out.Date, ok = edtf.FromText(note); ok {
			out.Text = ""
		}
	default:
		return Birth{}, false
	}
	if !ok {
		out.Date = ""
		out.Text = strings.Join(texts([]string{date, year, from, to, note}), " ")
		return out, true
	}
	if kind == "APPROXIMATELY" && !strings.ContainsAny(out.Date, "/~") {
		out.Date += "~"
	}
	return out, true
}

func places(raw []rawPlace) []Place {
	var out []Place
	for _, r := range raw {
		p := Place{Street: plain(r.Street), City: plain(r.City), Province: plain(r.Province),
			Zip: plain(r.Zip), Country: plain(r.Country), Note: plain(r.Note)}
		if p != (Place{}) {
			out = append(out, p)
		}
	}
	return out
}

// day is the day of an xs:date, which may carry a zone ("2015-03-27-04:00").
func day(s string) string {
	d, ok := edtf.FromText(plain(s))
	if !ok {
		return ""
	}
	return d
}

// texts evens out white space and leaves out what is empty.
func texts(in []string) []string {
	var out []string
	for _, s := range in {
		if s = plain(s); s != "" && s != "na" {
			out = append(out, s)
		}
	}
	return out
}
