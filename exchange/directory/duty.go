package directory

import (
	"slices"
	"strings"
	"time"
)

// days are the names of days in Person.Hours, Monday first: as ISO 8601 counts them, in two letters of English.
var days = []string{"mo", "tu", "we", "th", "fr", "sa", "su"}

// OnDuty reports whether a person can be called at a time, by Hours and Zone. known is false when the hours are none, or cannot
// be read by a program: then a screen shows them as they stand.
//
// Hours are "24/7", or parts between semicolons, each "Mo-Fr 09:00-18:00", "Sa,Su 10:00-14:00" or "20:00-08:00" (every day; past midnight
// it belongs to the day on which it begins).
func (p Person) OnDuty(at time.Time) (on, known bool) {
	text := strings.TrimSpace(p.Hours)
	if text == "24/7" {
		return true, true
	}
	zone, err := time.LoadLocation(p.Zone)
	if text == "" || p.Zone == "" || err != nil {
		return false, false
	}
	local := at.In(zone)
	for part := range strings.SplitSeq(text, ";") {
		shift, ok := readShift(part)
		if !ok {
			return false, false
		}
		on = on || shift.covers(local)
	}
	return on, true
}

// shift is one part of the hours: on which days, from and to in minutes of the day.
type shift struct {
	on       [7]bool
	from, to int
}

func readShift(part string) (s shift, ok bool) {
	words := strings.Fields(part)
	switch len(words) {
	case 1:
		s.on = [7]bool{true, true, true, true, true, true, true}
	case 2:
		if s.on, ok = readDays(words[0]); !ok {
			return s, false
		}
	default:
		return s, false
	}
	from, to, ok := strings.Cut(words[len(words)-1], "-")
	if !ok {
		return s, false
	}
	if s.from, ok = minuteOf(from); !ok {
		return s, false
	}
	s.to, ok = minuteOf(to)
	return s, ok
}

func readDays(text string) (on [7]bool, ok bool) {
	for one := range strings.SplitSeq(strings.ToLower(text), ",") {
		first, last, ranged := strings.Cut(one, "-")
		if !ranged {
			last = first
		}
		a, b := slices.Index(days, first), slices.Index(days, last)
		if a < 0 || b < 0 {
			return on, false
		}
		for d := a; ; d = (d + 1) % 7 {
			on[d] = true
			if d == b {
				break
			}
		}
	}
	return on, true
}

func minuteOf(text string) (int, bool) {
	if text == "24:00" {
		return 24 * 60, true
	}
	t, err := time.Parse("15:04", text)
	return t.Hour()*60 + t.Minute(), err == nil
}

func (s shift) covers(local time.Time) bool {
	minute := local.Hour()*60 + local.Minute()
	today := (int(local.Weekday()) + 6) % 7
	if s.from < s.to {
		return s.on[today] && minute >= s.from && minute < s.to
	}
	return s.on[today] && minute >= s.from || s.on[(today+6)%7] && minute < s.to
}
