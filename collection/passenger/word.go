package passenger

import (
	"sarhad/record/vocab"
)

// unknown stands in the index where a carrier wrote something that is no word of a vocabulary. The words of the index that
// are counted and grouped by are kept for ever, so nothing that a carrier made up may become one; what was sent stands in
// the record's body and goes with it.
const unknown = "unknown"

// countryWord is the alpha-3 code of a country.
func countryWord(code string) string {
	if code == "" {
		return ""
	}
	if c, ok := vocab.Country(code); ok {
		return c.Alpha3
	}
	return unknown
}

// placeWord is the IATA code of an airport, or the code of a crossing point.
func placeWord(code string) string {
	if code == "" {
		return ""
	}
	if a, ok := vocab.Airport(code); ok {
		return a.IATA
	}
	if c, ok := vocab.Crossing(code); ok {
		return c.Code
	}
	return unknown
}

// termWord is a code of a small vocabulary, written exactly so.
func termWord(vocabulary, code string) string {
	if code == "" {
		return ""
	}
	if t, ok := vocab.Lookup(vocabulary, code); ok && t.Code == code {
		return code
	}
	return unknown
}

// placeKey names a place as a thing. Things go with the last record that mentions them, so a code that is not known may stand.
func placeKey(code string) string {
	if w := placeWord(code); w != unknown {
		return w
	}
	return code
}

// carrierWord is an airline designator: two or three capitals and digits, not digits alone (IATA Resolution 762, ICAO Doc
// 8585).
func carrierWord(designator string) string {
	if designator == "" {
		return ""
	}
	letters := 0
	for _, r := range designator {
		switch {
		case r >= 'A' && r <= 'Z':
			letters++
		case r < '0' || r > '9':
			return unknown
		}
	}
	if letters == 0 || len(designator) < 2 || len(designator) > 3 {
		return unknown
	}
	return designator
}
