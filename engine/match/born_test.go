package match

import (
	"slices"
	"testing"
)

// TestParseBorn proves what is read of EDTF and of the forms passports have.
func TestParseBorn(t *testing.T) {
	for in, want := range map[string]span{
		"1972-09-07":  {year: 1972, to: 1972, month: 9, day: 7},
		"1972-09":     {year: 1972, to: 1972, month: 9},
		"1972":        {year: 1972, to: 1972},
		"1972-00-00":  {year: 1972, to: 1972},
		"1972-XX-XX":  {year: 1972, to: 1972},
		"1972-09-XX":  {year: 1972, to: 1972, month: 9},
		"1972-01-01":  {year: 1972, to: 1972, month: 1, day: 1, newYear: true},
		"1958~":       {year: 1958, to: 1958, approx: true},
		"1958/1963":   {year: 1958, to: 1963},
		"1958~/1963~": {year: 1958, to: 1963, approx: true},
	} {
		got, ok := parseBorn(in)
		got.text = ""
		if !ok || got != want {
			t.Errorf("%s: %+v, %v", in, got, ok)
		}
	}
	for _, in := range []string{"", "unknown", "72-09-07", "1972-09-07-01", "1963/1958", "/1958", "99999", "1372"} {
		if got, ok := parseBorn(in); ok {
			t.Errorf("%q was read as %+v", in, got)
		}
	}
}

// TestJudgeBornIsSymmetric proves it over a grid of dates, and that every verdict
// has a published code and a sentence.
func TestJudgeBornIsSymmetric(t *testing.T) {
	dates := []string{"1972-09-07", "1972-07-09", "1972-09-08", "1972-01-01", "1973-09-07", "1972-09", "1972", "1972~",
		"1970/1975", "1974", "1990-09-07", "1992-09-07", "1976-01-01", "1972-10", "1927-09-07", "1971-01-01"}
	for _, a := range dates {
		for _, b := range dates {
			x, _ := parseBorn(a)
			y, _ := parseBorn(b)
			one, two := judgeBorn(x, y), judgeBorn(y, x)
			if one.weight != two.weight || one.code != two.code {
				t.Errorf("%s | %s: %s %v, the other way %s %v", a, b, one.code, one.weight, two.code, two.weight)
			}
			if !slices.Contains(Codes(), one.code) || one.reason().Text == "" {
				t.Errorf("%s | %s: code %s", a, b, one.code)
			}
			if a == b && one.weight < 0 {
				t.Errorf("%s against itself weighs %v", a, one.weight)
			}
		}
	}
}
