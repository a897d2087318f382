package paxlst

import (
	"strings"
	"time"
)

// moment is a date or date-time as transmitted, in one form: [cc]yymmdd[hhmm] and an offset.
type moment struct {
	year          int // with century when full, else 0 to 99
	full          bool
	month, day    int // 0 when unknown
	clock         string
	zone          string
	valid, absent bool
}

// readMoment reads DTM C507: a value and its format (2379). Without format, or with one that contradicts the
// length, the length decides.
func readMoment(value, format string) moment {
	value = strings.TrimSpace(value)
	if value == "" {
		return moment{absent: true}
	}
	value, format = spelled(bare(value), format)
	digits, zone := splitZone(value)
	m := moment{zone: zone}
	switch strings.TrimSpace(format) {
	case "2": // ddmmyy
		if len(digits) == 6 {
			digits = digits[4:] + digits[2:4] + digits[:2]
		}
	case "3": // mmddyy
		if len(digits) == 6 {
			digits = digits[4:] + digits[:4]
		}
	case "4", "5": // ddmmccyy[hhmm]
		if len(digits) >= 8 {
			digits = digits[4:8] + digits[2:4] + digits[:2] + digits[8:]
		}
	}
	switch len(digits) {
	case 4:
		return m.date(digits, true, "")
	case 6:
		return m.date(digits, strings.TrimSpace(format) == "610", "")
	case 8:
		return m.date(digits, true, "")
	case 10:
		return m.date(digits[:6], false, digits[6:])
	case 12:
		if long := m.date(digits[:8], true, digits[8:12]); long.valid {
			return long
		}
		return m.date(digits[:6], false, digits[6:10]) // yymmddhhmmss, format 202
	case 14:
		return m.date(digits[:8], true, digits[8:12])
	}
	return moment{}
}

// months as travel documents and reservation systems write them.
const months = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC"

// spelled turns "07SEP72" and "07SEP1972", which some hosts copy from their reservations, into digits, year first.
func spelled(s, format string) (digits, as string) {
	if len(s) != 7 && len(s) != 9 || !allDigits(s[:2]) || !allDigits(s[5:]) {
		return s, format
	}
	at := strings.Index(months, strings.ToUpper(s[2:5]))
	if at < 0 || at%3 != 0 {
		return s, format
	}
	n := at/3 + 1
	return s[5:] + string([]byte{byte('0' + n/10), byte('0' + n%10)}) + s[:2], ""
}

// bare removes the marks of ISO 8601, which some hosts send: "2013-06-21T09:00".
func bare(s string) string {
	t := strings.IndexByte(s, 'T') // of a time, not of "UTC" or "OCT"
	timed := t >= 8 && t+1 < len(s) && s[t-1] <= '9' && s[t+1] >= '0' && s[t+1] <= '9'
	if strings.IndexByte(s, '-') != 4 && !timed {
		return s
	}
	date, clock, ok := s, "", timed
	if timed {
		date, clock = s[:t], s[t+1:]
	}
	date = strings.ReplaceAll(date, "-", "")
	if !ok {
		return date
	}
	clock = strings.ReplaceAll(clock, ":", "")
	return date + clock
}

// splitZone takes the offset of formats 205 (…+0500, …Z) and 303 (…UTC) from a value.
func splitZone(s string) (digits, zone string) {
	i := 0
	for i < len(s) && (s[i] >= '0' && s[i] <= '9' || i >= 2 && i < 8 && (s[i] == 'X' || s[i] == 'x')) {
		i++
	}
	digits, rest := s[:i], strings.TrimSpace(s[i:])
	switch {
	case rest == "":
	case strings.EqualFold(rest, "Z"), strings.EqualFold(rest, "UTC"), strings.EqualFold(rest, "GMT"):
		zone = "+00:00"
	case len(rest) >= 5 && (rest[0] == '+' || rest[0] == '-'):
		hm := strings.ReplaceAll(rest[1:], ":", "")
		if len(hm) == 4 && allDigits(hm) {
			zone = rest[:1] + hm[:2] + ":" + hm[2:]
		}
	case len(digits) >= 10 && len(rest) <= 5 && strings.Trim(rest, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") == "":
		// The name of a zone (format 303) is no offset: the same letters mean several; the wall time stands.
	default:
		return "", "" // no date at all
	}
	return digits, zone
}

// date fills m from ccyymmdd, ccyymm, ccyy or yymmdd. "00" and "XX" are unknown parts.
func (m moment) date(s string, full bool, clock string) moment {
	n := 2
	if full {
		n = 4
	}
	year, ok := number(s[:n])
	if !ok {
		return moment{}
	}
	m.year, m.full = year, full
	if len(s) >= n+2 {
		m.month, ok = number(s[n : n+2])
		if !ok || m.month > 12 {
			return moment{}
		}
	}
	if len(s) >= n+4 {
		m.day, ok = number(s[n+2 : n+4])
		if !ok || m.day > 31 || m.month == 0 && m.day != 0 {
			return moment{}
		}
	}
	if len(clock) >= 4 {
		h, ok1 := number(clock[:2])
		mm, ok2 := number(clock[2:4])
		if !ok1 || !ok2 || !allDigits(clock) || h > 24 || mm > 59 || h == 24 && mm > 0 {
			return moment{}
		}
		m.clock = clock[:4]
	}
	m.valid = true
	return m
}

// number reads two or four digits; "XX" is 0.
func number(s string) (int, bool) {
	if strings.EqualFold(s, "XX") {
		return 0, true
	}
	n := 0
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, true
}

func allDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// civil is a day for comparison: ccyymmdd as a number.
type civil int

func civilOf(t time.Time) civil {
	return civil(t.Year()*10000 + int(t.Month())*100 + t.Day())
}

// birth gives m the latest century that does not put the birth after ref.
func (m moment) birth(ref civil) moment {
	if m.full {
		return m
	}
	m.year += int(ref) / 1_000_000 * 100
	if civil(m.year*10000+max(m.month, 1)*100+max(m.day, 1)) > ref {
		m.year -= 100
	}
	m.full = true
	return m
}

// near gives m the century in which its year is nearest to ref's.
func (m moment) near(ref civil) moment {
	if m.full {
		return m
	}
	y := int(ref) / 10000
	m.year += y / 100 * 100
	switch {
	case m.year-y > 50:
		m.year -= 100
	case y-m.year >= 50:
		m.year += 100
	}
	m.full = true
	return m
}

// midnight turns the end of a day, 24:00, into the beginning of the next, so that times compare.
func (m moment) midnight() moment {
	if m.clock == "2400" {
		t := time.Date(m.year, time.Month(m.month), m.day+1, 0, 0, 0, 0, time.UTC)
		m.year, m.month, m.day, m.clock = t.Year(), int(t.Month()), t.Day(), "0000"
	}
	return m
}

// exists tells whether the calendar has the day.
func (m moment) exists() bool {
	if m.day == 0 {
		return true
	}
	t := time.Date(m.year, time.Month(m.month), m.day, 0, 0, 0, 0, time.UTC)
	return t.Day() == m.day
}

func (m moment) civil() civil { return civil(m.year*10000 + m.month*100 + m.day) }

// String is ISO 8601: "2013-06-21T09:00", "1972-09-07", "1972-09", "1972".
func (m moment) String() string {
	b := make([]byte, 0, 16)
	b = append(b, byte('0'+m.year/1000%10), byte('0'+m.year/100%10), byte('0'+m.year/10%10), byte('0'+m.year%10))
	if m.month == 0 {
		return string(b)
	}
	b = append(b, '-', byte('0'+m.month/10), byte('0'+m.month%10))
	if m.day == 0 {
		return string(b)
	}
	b = append(b, '-', byte('0'+m.day/10), byte('0'+m.day%10))
	if m.clock != "" {
		b = append(b, 'T')
		b = append(b, m.clock[:2]...)
		b = append(b, ':')
		b = append(b, m.clock[2:4]...)
	}
	return string(b)
}
