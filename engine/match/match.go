package match

// Name is one name of a person in any script. Parts are used when Surname or
// Given is known; otherwise Full is taken apart ("SURNAME, Given" as well as
// running order).
type Name struct{ Full, Surname, Given, Patronymic string }

// Document is an identity document: Type is free ("P", "passport", "national
// id"), Number as printed, Issuer an ICAO 9303-3 section 5 code ("KAZ").
type Document struct{ Type, Number, Issuer string }

// Person is what matching may know of a traveller or of a listed person.
// Protected attributes (religion, ethnicity, politics, health, sexual life)
// have no field here and must never get one.
type Person struct {
	ID            string
	Names         []Name
	Born          []string // EDTF subset: 1972-09-07, 1972-09, 1972, 1958/1963, 1958~, 1972-XX-XX, 00 as unknown
	Sex           string   // "M", "F", "X" or ""
	Nationalities []string // ICAO 9303-3 codes
	Documents     []Document
}

// Reason is one piece of evidence for or against.
type Reason struct {
	Field     string  // name | born | sex | nationality | document
	Agreement string  // same | similar | different | unknown
	Query     string  // what the traveller's side says, original spelling
	Listed    string  // what the listed side says
	Text      string  // one short English sentence for an officer
	Code      string  // stable machine code ("born.year-only"), see Codes
	Weight    float64 // contribution in log-odds (natural logarithm), negative lowers the score
}

// TokenPair says what became of one name token in the alignment.
type TokenPair struct {
	Query, Listed string  // original tokens, "" where one side has none
	Role          string  // surname | given | patronymic | particle | unknown
	How           string  // same | romanization | spelling | typo | initial | joined | missing | extra | different
	Weight        float64 // share of the name's agreement, 0..1; negative for what speaks against
	Similarity    float64 // 0..1
}

// Match is a listed person found for a query, with everything that led there.
type Match struct {
	ID      string
	Name    string  // the listed name that matched, in its original spelling
	Score   float64 // 0..1
	Reasons []Reason
	Tokens  []TokenPair
}

// Options of a search; the zero value means the named defaults.
type Options struct {
	Threshold float64 // least score reported; 0 = DefaultThreshold, negative = report all candidates
	Limit     int     // most matches reported; 0 = DefaultLimit
}
