package synth

import (
	"fmt"
	"strings"
	"time"
)

// Document is a travel document.
type Document struct {
	Type    string // "P" passport, "I" identity card, "AC" crew member certificate
	Number  string
	Issuer  string // alpha-3
	Expires string // ISO date
}

// numberPatterns gives passport numbers their national look: '#' is a digit, anything else stands for itself. Where the
// national pattern allows it, the pattern is one that is never issued, so that no number can be somebody's:
//   - letters a country leaves out of its series (China: I and O after E; India: Q, X, Z; Germany: vowels; United Kingdom and
//     United States: numbers beginning 000);
//   - a series letter far beyond those in use (Z and ZZ in most countries; 99 where the series is two digits).
//
// "To our knowledge" holds for all of them; a country may open a series at any time.
var numberPatterns = map[string]string{
	"KAZ": "N99######", "KGZ": "ZX#######", "TJK": "99#######", "UZB": "ZZ#######", "TKM": "Z99#####", "RUS": "99#######",
	"BLR": "ZZ#######", "UKR": "ZZ######", "AZE": "Z99######", "ARM": "ZZ#######", "GEO": "00ZZ#####", "TUR": "Z99######",
	"IRN": "Z99######", "AFG": "Q99######", "PAK": "ZZ#######", "IND": "Q99#####", "CHN": "EI#######", "KOR": "Q99######",
	"MNG": "Z99#####", "SAU": "Z99######", "ARE": "Z99######", "DEU": "A99######", "GBR": "000######", "USA": "000######",
	"XXA": "ZS9######", "XXB": "ZR9######",
}

func (d dice) documentNumber(issuer string) string {
	pattern, ok := numberPatterns[issuer]
	if !ok {
		pattern = "ZZ#######"
	}
	var b strings.Builder
	for _, r := range pattern {
		if r == '#' {
			r = rune('0' + d.IntN(10))
		}
		b.WriteRune(r)
	}
	return b.String()
}

// passport draws a passport valid on the day; validity is five years for children and some states, ten otherwise.
func (d dice) passport(issuer string, born, on time.Time) Document {
	years := 10
	if on.Year()-born.Year() < 18 || issuer == "TJK" || issuer == "TKM" {
		years = 5
	}
	issued := d.day(on.AddDate(-years, 6, 0), on.AddDate(0, -1, 0))
	if issued.Before(born) {
		issued = on.AddDate(0, -1, 0)
	}
	return Document{Type: "P", Number: d.documentNumber(issuer), Issuer: issuer, Expires: date(issued.AddDate(years, 0, -1))}
}

// crewCertificate draws a crew member certificate.
func (d dice) crewCertificate(issuer string, on time.Time) Document {
	return Document{Type: "AC", Number: fmt.Sprintf("CMC%06d", d.IntN(1_000_000)), Issuer: issuer, Expires: date(on.AddDate(d.between(1, 4), d.IntN(12), 0))}
}
