package match

import (
	"strconv"
	"strings"
)

// span is a birth date as far as it is known (EDTF, ISO 8601-2 level 1 and 2
// subset). month and day are 0 where unknown; an interval has to > year.
type span struct {
	year, to   int
	month, day int
	approx     bool
	newYear    bool // 1 January of an exact date: often stands for "day unknown"
	text       string
}

// parseBorn reads one date; false where it says nothing. Both 00 and XX mean
// unknown; "~", "?" and "%" approximate.
func parseBorn(text string) (span, bool) {
	s := span{text: strings.TrimSpace(text)}
	v := s.text
	if from, to, ok := strings.Cut(v, "/"); ok {
		a, okA := parseBorn(from)
		b, okB := parseBorn(to)
		if !okA || !okB || b.year < a.year {
			return span{}, false
		}
		s.year, s.to = a.year, b.year
		s.approx = a.approx || b.approx
		return s, true
	}
	if trimmed := strings.TrimRight(v, "~?%"); trimmed != v {
		v, s.approx = trimmed, true
	}
	parts := strings.Split(v, "-")
	if len(parts) > 3 || len(parts[0]) != 4 {
		return span{}, false
	}
	year, err := strconv.Atoi(parts[0])
	if err != nil || year < 1850 || year > 2200 {
		return span{}, false
	}
	s.year, s.to = year, year
	if len(parts) > 1 {
		s.month = bounded(parts[1], 12)
	}
	if len(parts) > 2 && s.month > 0 {
		s.day = bounded(parts[2], 31)
	}
	s.newYear = s.month == 1 && s.day == 1
	return s, true
}

func bounded(text string, most int) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return 0
	}
	return n
}

// firm reports a full date that can contradict another.
func (s span) firm() bool {
	return s.day > 0 && !s.approx && !s.newYear && s.to == s.year
}

// Weights of birth date evidence in nats. An exact date is shared by one
// stranger in 15,000, but strangers are many; the rest is set so that a rare
// name with another year stays below the threshold, and a year alone cannot
// carry a wrong name over it.
const (
	bornExact      = 2.4
	bornSwapped    = 1.5
	bornDigit      = -0.2
	bornMonth      = 1.5
	bornNewYear    = 0.6
	bornYear       = 0.3
	bornRange      = 0.2
	bornNearRange  = -0.8
	bornSameYear   = -1.6
	bornNearYear   = -2.1
	bornOtherDigit = -2.2
	bornOtherYear  = -3.4
)

// bornVerdict is what one pair of dates says. Text takes the query's and the
// listed date.
type bornVerdict struct {
	code, agreement string
	weight          float64
	a, b            span
}

// compareBorn takes the best pair of two lists: agreeing evidence never lowers.
func compareBorn(a, b []span) (bornVerdict, bool) {
	var best bornVerdict
	found := false
	for _, x := range a {
		for _, y := range b {
			if v := judgeBorn(x, y); !found || v.weight > best.weight {
				best, found = v, true
			}
		}
	}
	return best, found
}

func judgeBorn(x, y span) bornVerdict {
	v := bornVerdict{a: x, b: y}
	set := func(code, agreement string, w float64) bornVerdict {
		v.code, v.agreement, v.weight = code, agreement, w
		return v
	}
	gap := max(0, max(x.year, y.year)-min(x.to, y.to))
	vague := x.approx || y.approx || x.to != x.year || y.to != y.year
	switch {
	case vague && gap == 0:
		return set("born.within", "similar", bornRange)
	case vague && gap <= 2:
		return set("born.near-range", "similar", bornNearRange)
	case vague && gap > 2:
		return set("born.other-year", "different", bornOtherYear)
	case x.day > 0 && y.day > 0 && x.year == y.year && x.month == y.month && x.day == y.day:
		if x.newYear {
			return set("born.new-year", "similar", bornNewYear)
		}
		return set("born.same", "same", bornExact)
	case x.firm() && y.firm():
		return judgeFirm(v, set, gap)
	case gap == 0 && x.month > 0 && y.month > 0 && x.month == y.month && (x.day == 0 || y.day == 0) && !x.newYear && !y.newYear:
		return set("born.month-only", "similar", bornMonth)
	case gap == 0 && x.month > 0 && y.month > 0 && x.month != y.month && !x.newYear && !y.newYear:
		return set("born.same-year", "different", bornSameYear)
	case gap == 0:
		return set("born.year-only", "similar", bornYear)
	case gap == 1:
		return set("born.near-range", "similar", bornNearRange)
	case gap <= 3:
		return set("born.near-year", "different", bornNearYear)
	}
	return set("born.other-year", "different", bornOtherYear)
}

// judgeFirm compares two full dates that differ.
func judgeFirm(v bornVerdict, set func(string, string, float64) bornVerdict, gap int) bornVerdict {
	x, y := v.a, v.b
	switch {
	case gap == 0 && x.month == y.day && x.day == y.month:
		return set("born.day-month-swapped", "similar", bornSwapped)
	case oneDigit(x, y) && gap <= 3:
		return set("born.one-digit", "similar", bornDigit)
	case gap == 0:
		return set("born.same-year", "different", bornSameYear)
	case oneDigit(x, y):
		return set("born.year-digit", "different", bornOtherDigit)
	case gap <= 3:
		return set("born.near-year", "different", bornNearYear)
	}
	return set("born.other-year", "different", bornOtherYear)
}

// oneDigit: exactly one digit of YYYYMMDD differs, or two neighbours of it are
// exchanged within year, month or day.
func oneDigit(x, y span) bool {
	a, b := digits(x), digits(y)
	differ, first := 0, -1
	for i := range a {
		if a[i] != b[i] {
			if differ++; first < 0 {
				first = i
			}
		}
	}
	inField := first != 3 && first != 5 && first < 7
	if differ == 2 && inField && a[first] == b[first+1] && a[first+1] == b[first] {
		return true
	}
	return differ == 1
}

func digits(s span) (d [8]byte) {
	n := s.year*10000 + s.month*100 + s.day
	for i := 7; i >= 0; i-- {
		d[i] = byte(n % 10)
		n /= 10
	}
	return d
}

func parseBorns(list []string) []span {
	var out []span
	for _, t := range list {
		if s, ok := parseBorn(t); ok {
			out = append(out, s)
		}
	}
	return out
}

// reason writes the verdict for an officer.
func (v bornVerdict) reason() Reason {
	r := Reason{Field: "born", Agreement: v.agreement, Query: v.a.text, Listed: v.b.text, Code: v.code, Weight: v.weight}
	switch v.code {
	case "born.same":
		r.Text = "Born " + v.a.text + ", as listed"
	case "born.new-year":
		r.Text = "Both born " + v.a.text + "; 1 January often stands for an unknown day"
	case "born.within":
		r.Text = "Born " + v.a.text + ", which fits the listed " + v.b.text
	case "born.near-range":
		r.Text = "Born " + v.a.text + ", close to the listed " + v.b.text
	case "born.month-only":
		r.Text = "Born " + v.a.text + ", listed " + v.b.text + ": year and month agree"
	case "born.year-only":
		r.Text = yearOnlyText(v.a, v.b)
	case "born.day-month-swapped":
		r.Text = "Born " + v.a.text + ", listed " + v.b.text + ": day and month are exchanged"
	case "born.one-digit":
		r.Text = "Born " + v.a.text + ", listed " + v.b.text + ": one digit differs"
	case "born.year-digit":
		r.Text = "Born " + v.a.text + ", listed " + v.b.text + ": one digit differs, but years apart"
	case "born.same-year":
		r.Text = "Born " + v.a.text + ", listed " + v.b.text + ": same year, another day"
	default:
		r.Text = "Born " + v.a.text + ", listed " + v.b.text + ": different"
	}
	return r
}

func yearOnlyText(a, b span) string {
	year := strconv.Itoa(a.year)
	switch {
	case b.month == 0:
		return "Born " + a.text + ", listed with the year " + year + " only"
	case b.newYear:
		return "Born " + a.text + ", listed " + b.text + ": the year agrees, 1 January may stand for an unknown day"
	case a.newYear:
		return "Born " + a.text + ", where 1 January may stand for an unknown day, listed " + b.text + ": the year agrees"
	}
	return "Born in the year " + year + " (day not given), listed " + b.text
}
