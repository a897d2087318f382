package record

import "time"

// Index is what a body says in words that everything outside its room understands. Title and State head the record in
// lists; the six words follow. Order within a word is kept.
type Index struct {
	Title string // one line a person recognises the record by; identity, so it goes when the record is masked
	State string // where in its life it is, in one word of the kind's vocabulary; "" = it has no life

	Mentions []Mention
	Persons  []Person
	Links    []Link
	Events   []Event
	Measures []Measure
	Texts    []string // to be found by, in any script
}

// Thing names something in the world by type and canonical key. Equal things are the same thing.
type Thing struct {
	Type string `json:"type"` // person, document, organisation, vehicle, phone, email, address, account, wallet, handle, parcel, voyage, booking, place, substance, list, entry
	Key  string `json:"key"`  // canonical: upper case, no spaces, issuer first where there is one ("KAZ:N01234567")
}

// Mention says that the record names a thing.
type Mention struct {
	Thing
	Role  string `json:"role"`  // "travel document", "carrier", "consignee" ...
	Label string `json:"label"` // as the record writes it
}

// Name is one name of a person in one script. Parts are empty when the source does not tell them apart.
type Name struct {
	Full       string `json:"full"`
	Surname    string `json:"surname,omitempty"`
	Given      string `json:"given,omitempty"`
	Patronymic string `json:"patronymic,omitempty"`
	Quality    string `json:"quality,omitempty"` // primary, alias, weak
}

// Document is a travel or identity document.
type Document struct {
	Type    string `json:"type,omitempty"`    // ICAO 9303 / UN 1001 code as transmitted: P, I, V ...
	Number  string `json:"number"`            // as transmitted, upper case, no spaces
	Issuer  string `json:"issuer,omitempty"`  // ICAO 9303 alpha-3
	Expires string `json:"expires,omitempty"` // ISO 8601 date
}

// Person is the facts that matching needs. Dates are ISO 8601 or EDTF level 1: 1972-09-07, 1972-09, 1972, 1958/1963,
// 1958~. Sex is M, F, X or "". Countries are ICAO 9303 alpha-3.
type Person struct {
	Role          string     `json:"role"` // passenger, crew, transit, listed, ...
	Names         []Name     `json:"names"`
	Born          []string   `json:"born,omitempty"`
	Sex           string     `json:"sex,omitempty"`
	Nationalities []string   `json:"nationalities,omitempty"`
	Documents     []Document `json:"documents,omitempty"`
	Listing       *Listing   `json:"listing,omitempty"` // set when a list names the person: others are screened against it
}

// Listing is what a list wants of whoever meets the person.
type Listing struct {
	List        string    `json:"list"`                  // id of the list, "un-sc"
	Entry       string    `json:"entry"`                 // the publisher's id of the entry
	Active      bool      `json:"active"`                // removed or expired entries stay recorded and match nobody
	Fingerprint string    `json:"fingerprint"`           // changes when the meaning of the entry does
	Severity    string    `json:"severity"`              // vocab "severity"
	Instruction string    `json:"instruction,omitempty"` // vocab "instruction": what the owner asks for
	Reason      string    `json:"reason,omitempty"`
	Contact     string    `json:"contact,omitempty"`
	ValidUntil  time.Time `json:"valid_until,omitzero"`
}

// Link joins two things the record mentions.
type Link struct {
	From Thing     `json:"from"`
	To   Thing     `json:"to"`
	Rel  string    `json:"rel"`
	At   time.Time `json:"at,omitzero"`
}

// Event happened, or is due, at a place and time. Lat and Lon are WGS 84 degrees, meaningful only when Located.
type Event struct {
	Kind    string    `json:"kind"` // arrival, departure, crossing, seizure ...
	At      time.Time `json:"at"`
	Place   string    `json:"place,omitempty"` // IATA code or crossing-point code
	Lat     float64   `json:"lat,omitempty"`
	Lon     float64   `json:"lon,omitempty"`
	Located bool      `json:"located,omitempty"`
}

// Measure counts something, with at most eight dimensions.
type Measure struct {
	Name  string    `json:"name"` // travellers, mass, value ...
	Value float64   `json:"value"`
	Unit  string    `json:"unit"` // 1, kg, KZT ...
	At    time.Time `json:"at,omitzero"`
	Dims  []Dim     `json:"dims,omitempty"`
}

// MaxDims is how many dimensions a measure can have.
const MaxDims = 8

// Dim is one dimension of a measure, in words of a vocabulary.
type Dim struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Mention adds a mention unless its key is empty.
func (ix *Index) Mention(typ, key, role, label string) Thing {
	t := Thing{typ, key}
	if key != "" {
		ix.Mentions = append(ix.Mentions, Mention{t, role, label})
	}
	return t
}

// Link adds a link unless one of its ends is empty.
func (ix *Index) Link(from, to Thing, rel string, at time.Time) {
	if from.Key != "" && to.Key != "" {
		ix.Links = append(ix.Links, Link{from, to, rel, at})
	}
}

// Text adds words to find the record by; empty ones are left out.
func (ix *Index) Text(words ...string) {
	for _, w := range words {
		if w != "" {
			ix.Texts = append(ix.Texts, w)
		}
	}
}
