package edtf

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Years outside these are not dates of birth of anybody alive: they are other calendars (Hijri
// 1402, Buddhist 2516) or mistakes, and must not be taken for Gregorian years.
const (
	minYear = 1850
	maxYear = 2100
)

var months = map[string]int{
	"jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6,
	"jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12,
}

var (
	isoDate     = regexp.MustCompile(`^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?$`)
	timeSuffix  = regexp.MustCompile(`^(\d{4}-\d{2}-\d{2})(?:T.*|Z|[+-]\d{2}:\d{2})$`)
	dayFirst    = regexp.MustCompile(`^(\d{1,2})[./](\d{1,2})[./](\d{4})$`)
	monthFirst  = regexp.MustCompile(`^(\d{1,2})[./](\d{4})$`)
	dayMonth    = regexp.MustCompile(`^(?:(\d{1,2})(?:st|nd|rd|th)? )?([A-Za-z]{3,9})\.?,? (\d{4})$`)
	monthDay    = regexp.MustCompile(`^([A-Za-z]{3,9})\.? (\d{1,2}),? (\d{4})$`)
	approximate = regexp.MustCompile(`(?i)^(?:approximately|approx\.?|about|around|circa|ca?\.)\s+`)
	between     = regexp.MustCompile(`(?i)^between (.+) and (.+)$`)
	yearsRange  = regexp.MustCompile(`^(\d{4})\s*[-–/]\s*(\d{4})$`)
	endsInYear  = regexp.MustCompile(`(\d{4})$`)
	monthOnly   = regexp.MustCompile(`^([A-Za-z]{3,9})\.?$`)
)

// FromText reads one date of birth as an English-language list, or a Russian form with numbers
// only (day first), writes it. The second result is false when the text is not understood.
func FromText(text string) (string, bool) {
	s := strings.Trim(strings.Join(strings.Fields(text), " "), ".,; ")
	if s == "" {
		return "", false
	}
	if m := between.FindStringSubmatch(s); m != nil {
		return fromEnds(m[1], m[2])
	}
	if cut := approximate.FindString(s); cut != "" {
		return approximately(s[len(cut):])
	}
	if rest, ok := strings.CutSuffix(s, "~"); ok {
		return approximately(rest)
	}
	if m := yearsRange.FindStringSubmatch(s); m != nil {
		return fromEnds(m[1], m[2])
	}
	for _, sep := range []string{" to ", "/", "–"} {
		if a, b, ok := strings.Cut(s, sep); ok && !dayFirst.MatchString(s) && !monthFirst.MatchString(s) {
			return fromEnds(a, b)
		}
	}
	return simple(s)
}

// Valid says whether s is in the part of EDTF that this package writes.
func Valid(s string) bool {
	if a, b, ok := strings.Cut(s, "/"); ok {
		return Valid(a) && Valid(b) && strings.TrimSuffix(a, "~") <= strings.TrimSuffix(b, "~")
	}
	m := isoDate.FindStringSubmatch(strings.TrimSuffix(s, "~"))
	if m == nil || len(m[2]) == 1 || len(m[3]) == 1 {
		return false
	}
	_, ok := build(m[1], atoi(m[2]), atoi(m[3]))
	return ok
}

// Interval joins two ends. An interval that is exactly one year or one month is written as that
// year or month, and one of whole years as years: 1973-01-01/1973-12-31 is 1973. The second
// result is false when an end is not valid or the interval runs backwards.
func Interval(from, to string) (string, bool) {
	if from == to {
		return from, Valid(from)
	}
	if y, ok := strings.CutSuffix(from, "-01-01"); ok && strings.HasSuffix(to, "-12-31") {
		return Interval(y, strings.TrimSuffix(to, "-12-31"))
	}
	s := from + "/" + to
	return s, Valid(s)
}

func approximately(text string) (string, bool) {
	s, ok := FromText(text)
	if !ok || strings.ContainsAny(s, "/~") {
		return s, ok // an interval is a statement of doubt already
	}
	return s + "~", true
}

// fromEnds reads "Aug." and "Sep. 1977": the first end may leave out the year of the second.
func fromEnds(a, b string) (string, bool) {
	a, b = strings.TrimSpace(a), strings.TrimSpace(b)
	to, ok := simple(b)
	if !ok {
		return "", false
	}
	from, ok := simple(a)
	if !ok {
		year := endsInYear.FindString(b)
		if year == "" {
			return "", false
		}
		if from, ok = simple(a + " " + year); !ok {
			return "", false
		}
	}
	return Interval(from, to)
}

func simple(s string) (string, bool) {
	s = strings.Trim(s, " ,")
	if m := timeSuffix.FindStringSubmatch(s); m != nil {
		s = m[1]
	}
	if m := isoDate.FindStringSubmatch(s); m != nil {
		return build(m[1], atoi(m[2]), atoi(m[3]))
	}
	if m := dayFirst.FindStringSubmatch(s); m != nil {
		return build(m[3], atoi(m[2]), atoi(m[1]))
	}
	if m := monthFirst.FindStringSubmatch(s); m != nil {
		return build(m[2], atoi(m[1]), 0)
	}
	if m := dayMonth.FindStringSubmatch(s); m != nil {
		return build(m[3], monthNumber(m[2]), atoi(m[1]))
	}
	if m := monthDay.FindStringSubmatch(s); m != nil {
		return build(m[3], monthNumber(m[1]), atoi(m[2]))
	}
	return "", false
}

// Month adds a month named in English to a year: Month("1977", "Sep.") is 1977-09.
func Month(year, name string) (string, bool) {
	m := monthOnly.FindStringSubmatch(strings.TrimSpace(name))
	if m == nil {
		return "", false
	}
	return build(year, monthNumber(m[1]), 0)
}

func monthNumber(name string) int {
	if len(name) < 3 {
		return -1
	}
	n, ok := months[strings.ToLower(name[:3])]
	if !ok || !strings.HasPrefix(strings.ToLower(time.Month(n).String()), strings.ToLower(name)) && !strings.EqualFold(name, "sept") {
		return -1
	}
	return n
}

// build checks the parts; month and day 0 are "not stated".
func build(year string, month, day int) (string, bool) {
	y := atoi(year)
	switch {
	case y < minYear || y > maxYear || month < 0 || month > 12 || day < 0 || day > 31 || month == 0 && day != 0:
		return "", false
	case month == 0:
		return year, true
	case day == 0:
		return fmt.Sprintf("%s-%02d", year, month), true
	case time.Date(y, time.Month(month), day, 0, 0, 0, 0, time.UTC).Day() != day:
		return "", false
	}
	return fmt.Sprintf("%s-%02d-%02d", year, month, day), true
}

func atoi(s string) int {
	n, _ := strconv.Atoi(s) // only digits matched by the expressions above come here
	return n
}
