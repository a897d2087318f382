package paxlst

// Codes of the guide and of UN/EDIFACT directory D.15B that decide how a segment is read.

// roleOf is the role of a NAD 3035, "" when the guide does not have it for a person.
func roleOf(qualifier string) Role {
	switch qualifier {
	case "FL":
		return Passenger
	case "FM":
		return Crew
	case "DDU", "DDT":
		return Transit
	}
	return ""
}

// sender is the one NAD qualifier of the guide that is never a person's.
const sender = "MS"

// place says on which side of a leg a LOC 3227 stands.
type place byte

const (
	noPlace   place = iota
	departure       // 125 last place before the border, 5, 9
	arrival         // 87 first place after the border, 8, 11, 60
	routing         // 92 any stop of a progressive flight, 130, 61, 94; 22 where a carrier uses it so
)

func placeOf(loc string) place {
	switch loc {
	case "125", "5", "9", "76":
		return departure
	case "87", "8", "11", "60":
		return arrival
	case "92", "130", "61", "94":
		return routing
	}
	return noPlace
}

// Places of a person (3227).
const (
	locCleared   = "22"  // where this person is cleared by the border
	locIssuer    = "91"  // of a document
	locResidence = "174" // country
	locEmbark    = "178"
	locDebark    = "179"
	locBirth     = "180"

	personPlaces = locIssuer + " " + locResidence + " " + locEmbark + " " + locDebark + " " + locBirth
)

// timing says which end of a leg a DTM 2005 means.
type timing byte

const (
	noTime timing = iota
	departs
	arrives
)

// timingOf tells the end of a leg a DTM 2005 means; an estimate or an actual time never replaces a scheduled one.
func timingOf(dtm string) (end timing, scheduled bool) {
	switch dtm {
	case "189":
		return departs, true
	case "136", "133", "186":
		return departs, false
	case "232":
		return arrives, true
	case "132", "178":
		return arrives, false
	}
	return noTime, false
}

// Dates of a person and of a document (2005).
const (
	dtmBirth  = "329"
	dtmExpiry = "36"
	dtmIssue  = "182"
)

// otherTypes are messages that travel beside PAXLST and are not lists of persons; anything else is read as one.
const otherTypes = "CUSRES PNRGOV CONTRL APERAK GENRAL CUSCAR CUSREP PAXRES MEDPID"

// The codes this package uses in Problem.Code, beside those of package edifact.
const (
	OtherMessage     = "other-message"     // a message of another type was passed over
	UnknownType      = "unknown-type"      // UNH names no type we know; read as PAXLST
	UnknownQualifier = "unknown-qualifier" // a person under a NAD qualifier the guide does not have
	MissingName      = "missing-name"
	MissingVoyage    = "missing-voyage" // persons, but no leg
	MissingTDT       = "missing-tdt"    // places of a leg outside a TDT group
	MissingCarrier   = "missing-carrier"
	CarrierMismatch  = "carrier-mismatch"
	MissingPlace     = "missing-place" // a leg without departure or arrival
	BadDate          = "bad-date"
	BadSex           = "bad-sex"
	BadBags          = "bad-bags"
	CountMismatch    = "count-mismatch" // CNT counts other persons than came
	Orphan           = "orphan-segment" // a person's segment under no person
	TooManyUnknown   = "too-many-unknown"
	TooManyProblems  = "too-many-problems"
)
