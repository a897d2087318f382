package paxlst

import "sarhad/format/edifact"

// Format is the value of Message.Format.
const Format = "PAXLST"

// Message is one PAXLST message: the header, the legs and the persons. Its JSON form is the contract of
// `sarhad parse`; whatever else the message says stands under "extra".
type Message struct {
	File    string `json:"file"`
	Format  string `json:"format"`            // always "PAXLST"
	Version string `json:"version,omitempty"` // directory of UNH S009, "D.15B"

	// Voyages are the legs in the order of travel, one per take-off.
	Voyages []Voyage `json:"voyages"`
	// Travellers are the persons in the order of the message, one per NAD of a person, never fewer.
	Travellers []Traveller `json:"travellers"`
	// Problems is everything odd, in the order of the message.
	Problems []edifact.Problem `json:"problems"`

	Header Header `json:"extra,omitzero"`
}

// Header is what the envelope, BGM, RFF, the first NAD group and the counts say of a message.
type Header struct {
	// Document is BGM 1001: "745" passenger list, "250" crew list, "336" master crew list, "266" flight status.
	Document string `json:"document,omitempty"`
	// Function is BGM 1004 where the guide uses it for interactive API: "CP" change, "XR" cancel reservation,
	// "RP" reduction in party, "CL" flight close, "CLOB"/"CLNB" close with those on board / not on board.
	Function string `json:"function,omitempty"`
	// Purpose is BGM 1225, the standard's message function ("1" cancellation, "5" replace, "9" original).
	Purpose string `json:"purpose,omitempty"`
	// Reference and Revision are RFF+TN 1154 and 1056 (or 1060): one submission of a list keeps its reference.
	Reference string `json:"reference,omitempty"`
	Revision  string `json:"revision,omitempty"`

	// Ref is UNH 0062; CommonRef is UNH 0068, which ties the parts of one list together.
	Ref       string `json:"ref,omitempty"`
	CommonRef string `json:"commonRef,omitempty"`
	// Part is UNH S010 0070, 0 when absent; First and Last are 0073 "C" and "F". A list of one part is both.
	Part  int  `json:"part,omitempty"`
	First bool `json:"first,omitempty"`
	Last  bool `json:"last,omitempty"`

	// Sender and Recipient are UNB S002 and S003, Interchange UNB 0020, Prepared UNB S004 as "2013-06-20T09:00".
	Sender      string `json:"sender,omitempty"`
	Recipient   string `json:"recipient,omitempty"`
	Interchange string `json:"interchange,omitempty"`
	Prepared    string `json:"prepared,omitempty"`
	// Party is who reports (NAD+MS), name or identifier, Contacts how to reach them (COM).
	Party    string    `json:"party,omitempty"`
	Contacts []Contact `json:"contacts,omitempty"`

	// Passengers and Crew are the control totals CNT+42 and CNT+41; nil when absent.
	Passengers *int `json:"passengers,omitempty"`
	Crew       *int `json:"crew,omitempty"`

	// Charset is how bytes above 127 were read; "" for pure ASCII.
	Charset string `json:"charset,omitempty"`
	// Dropped counts segments whose text was removed because it may hold protected attributes (see doc.go).
	Dropped int `json:"dropped,omitempty"`
	// Segments are the header's segments as they came, decoded, without terminator.
	Segments []string `json:"-"`
}

// Contact is one COM component: Kind is 3155 ("TE" telephone, "FX" fax, "EM" e-mail).
type Contact struct {
	Kind  string `json:"kind"`
	Value string `json:"value"`
}

// Voyage is one leg. Times are wall time at the airport, "2013-06-21T09:00", a bare date when no time was given.
type Voyage struct {
	Carrier string `json:"carrier,omitempty"` // airline designator, "ZZ"; three letters when the carrier sent ICAO's
	Number  string `json:"number,omitempty"`  // flight number without carrier, as transmitted, "123"
	From    string `json:"from,omitempty"`    // IATA airport code
	To      string `json:"to,omitempty"`
	Departs string `json:"departs,omitempty"`
	Arrives string `json:"arrives,omitempty"`

	// DepartsZone and ArrivesZone are offsets from UTC, "+05:00", when the carrier sent one (DTM formats 205, 30x).
	DepartsZone string `json:"-"`
	ArrivesZone string `json:"-"`
	// Operator is TDT C040 when it differs from Carrier.
	Operator string `json:"-"`
	// Mode is TDT C220 8067 ("1" sea, "2" rail, "3" road, "4" or "40" air), "" when absent.
	Mode string `json:"-"`
}

// Role is what a person is on the voyage.
type Role string

// The roles; in transit covers crew (NAD+DDT) and passengers (NAD+DDU), Details.Qualifier tells which.
const (
	Passenger Role = "passenger"
	Crew      Role = "crew"
	Transit   Role = "transit"
)

// Traveller is one person of a message.
type Traveller struct {
	Surname     string `json:"surname,omitempty"`
	Given       string `json:"given,omitempty"`       // all given names joined by one space
	Sex         string `json:"sex,omitempty"`         // "M", "F", "X" (unspecified)
	Born        string `json:"born,omitempty"`        // "1972-09-07", "1972-09", "1972"
	Nationality string `json:"nationality,omitempty"` // as transmitted, upper case; the guide asks for ICAO 9303 alpha-3
	Residence   string `json:"residence,omitempty"`
	Role        Role   `json:"role"`

	Documents []Document `json:"documents,omitempty"`
	Booking   string     `json:"booking,omitempty"` // PNR locator, RFF+AVF
	Seat      string     `json:"seat,omitempty"`    // RFF+SEA
	Bags      *int       `json:"bags,omitempty"`    // checked bags, MEA+CT

	Details Details `json:"extra,omitzero"`
}

// Details is what a message says of a person beyond the contract of `sarhad parse`.
type Details struct {
	Segment      int       `json:"segment,omitempty"`      // place of this person's NAD in the message, UNH = 1
	Qualifier    string    `json:"qualifier,omitempty"`    // NAD 3035 as it came: "FL", "FM", "DDT", "DDU", other
	BirthPlace   string    `json:"birthPlace,omitempty"`   // LOC+180 place text
	BirthCountry string    `json:"birthCountry,omitempty"` // LOC+180 code
	Address      Address   `json:"address,omitzero"`
	Embark       string    `json:"embark,omitempty"`  // LOC+178, where this person's journey starts
	Debark       string    `json:"debark,omitempty"`  // LOC+179, where it ends
	Cleared      string    `json:"cleared,omitempty"` // LOC+22, airport of border clearance
	Contacts     []Contact `json:"contacts,omitempty"`
	UniqueRef    string    `json:"uniqueRef,omitempty"`   // RFF+ABO, the carrier's unique passenger reference
	Ticket       string    `json:"ticket,omitempty"`      // RFF+TKT / YZY
	GovRef       string    `json:"govRef,omitempty"`      // RFF+AEA, government agency reference
	CustomerRef  string    `json:"customerRef,omitempty"` // RFF+CR
	BagTags      []BagTag  `json:"bagTags,omitempty"`     // FTX+BAG
	BagWeight    string    `json:"bagWeight,omitempty"`   // MEA+WT, "28 KGM"
	Verified     string    `json:"verified,omitempty"`    // GEI+4: "173" verified by the carrier, "174" not
	Employment   string    `json:"employment,omitempty"`  // EMP, crew function
	Segments     []string  `json:"-"`                     // the person's segments as they came, decoded
}

// Address is the address of NAD C059 and after.
type Address struct {
	Street   string `json:"street,omitempty"`
	City     string `json:"city,omitempty"`
	Region   string `json:"region,omitempty"`
	Postcode string `json:"postcode,omitempty"`
	Country  string `json:"country,omitempty"`
}

// BagTag is one FTX+BAG: the first tag number and how many consecutive tags it stands for (0 when not said).
type BagTag struct {
	First string `json:"first"`
	Count int    `json:"count,omitempty"`
}

// Document is one travel document of a person.
type Document struct {
	Type    string `json:"type,omitempty"`    // DOC 1001 as transmitted: "P" passport, "V" visa, "I" identity card ...
	Number  string `json:"number,omitempty"`  // as transmitted
	Issuer  string `json:"issuer,omitempty"`  // LOC+91, alpha-3 by the guide
	Expires string `json:"expires,omitempty"` // DTM+36

	Issued string `json:"-"` // DTM+182
}
