package privacy

import (
	"regexp"
	"strconv"
	"time"

	"sarhad/record"
)

// Period is a duration of ISO 8601 in years, months, days and hours: "PT72H", "P30D", "P6M", "P5Y". "" is none.
type Period string

var period = regexp.MustCompile(`^P(?:(\d{1,3})Y)?(?:(\d{1,3})M)?(?:(\d{1,4})D)?(?:T(\d{1,5})H)?$`)

func (p Period) parts() (years, months, days, hours int, ok bool) {
	m := period.FindStringSubmatch(string(p))
	if m == nil || m[1]+m[2]+m[3]+m[4] == "" {
		return 0, 0, 0, 0, false
	}
	n := func(s string) int {
		v, _ := strconv.Atoi(s) // digits, or nothing: 0
		return v
	}
	return n(m[1]), n(m[2]), n(m[3]), n(m[4]), true
}

// Valid reports whether the period can be read.
func (p Period) Valid() bool {
	_, _, _, _, ok := p.parts()
	return ok
}

// From is the end of the period that begins at t; t itself for a period that cannot be read is never asked for, because a
// policy with one is refused.
func (p Period) From(t time.Time) time.Time {
	y, m, d, h, _ := p.parts()
	return t.AddDate(y, m, d).Add(time.Duration(h) * time.Hour)
}

// monthSlack is by how much counting months forwards and backwards can differ.
const monthSlack = 4 * 24 * time.Hour

// before is a time that everything due at now began before; some of what began before it may not be due.
func (p Period) before(now time.Time) time.Time {
	y, m, d, h, _ := p.parts()
	at := now.AddDate(-y, -m, -d).Add(-time.Duration(h) * time.Hour)
	if y+m > 0 {
		at = at.Add(monthSlack)
	}
	return at.Add(time.Millisecond) // the end of a query is outside
}

// shorter reports whether p ends before q.
func (p Period) shorter(q Period) bool {
	from := time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)
	return p.From(from).Before(q.From(from))
}

func (p Period) check(what string) error {
	if !p.Valid() {
		return record.Errorf(record.Invalid, "%s: %q is no period; write PT72H for 72 hours, P30D for 30 days, P6M, P5Y", what, string(p))
	}
	return nil
}
