package record

// Types of things and kinds of events that more than one room says. The comment gives the form of the key; two rooms
// that speak of the same thing must write the same key. Rooms may add types of their own.
const (
	ThingDocument = "document" // ISSUER:NUMBER by DocumentKey and by nothing else; issuer ICAO 9303 alpha-3 or "" ("KAZ:N01234567", ":N01234567")
	ThingVoyage   = "voyage"   // CARRIER+NUMBER/local date of departure/FROM-TO ("ZZ204/2026-11-22/IST-ALA"); label "ZZ 204"
	ThingBooking  = "booking"  // CARRIER/LOCATOR ("ZZ/GJO3RT")
	ThingSeat     = "seat"     // voyage key/SEAT; label is the seat ("12A")
	ThingPhone    = "phone"    // E.164 without "+" when the country is known, else digits
	ThingEmail    = "email"    // lower case
	ThingList     = "list"     // id of the list ("un-sc")
	ThingEntry    = "entry"    // list id/publisher's id ("un-sc/QDi.001")
	ThingPlace    = "place"    // IATA code or crossing-point code
	ThingRecord   = "record"   // id of a record, canonical form: what one record says of another by name ("held", "proves")

	EventDeparture = "departure" // a voyage leaves a place, or a person leaves on it (first place of the person's journey)
	EventArrival   = "arrival"   // a voyage reaches a place; for a person each place of arrival in travel order, the last is where the person gets off

	RolePassenger = "passenger"
	RoleCrew      = "crew"
	RoleTransit   = "transit"
	RoleListed    = "listed"

	// RoleProtected marks the persons of a record as refugees, stateless or asking for asylum: the role of the person itself,
	// or of whatever a body mentions as the mark. See vocab.State.Protected for the codes that documents carry.
	RoleProtected = "protected"
)
