package passenger_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"sarhad/collection/passenger"
	"sarhad/record"
)

func utc(s string) time.Time {
	t, err := time.Parse("2006-01-02T15:04", s)
	if err != nil {
		panic(err)
	}
	return t
}

// leg writes a flight with the times as given: "2403101000:201" or "20240310:102".
func leg(from, departs, to, arrives string) string {
	return "TDT+20+KC123+++KC'LOC+125+" + from + "'DTM+189:" + departs + "'LOC+87+" + to + "'DTM+232:" + arrives + "'"
}

// Of a day without an hour the flight leaves at the beginning and has arrived at the end, by the clock of the place; the
// day stays a day, nobody lands before leaving, and the problem says what was assumed. Almaty is at UTC+5 and Honolulu at
// UTC-10, Tokyo at UTC+9.
func TestDayWithoutHour(t *testing.T) {
	for _, c := range []struct {
		name, flight                                 string
		departsLocal, arrivesLocal, departs, arrives string
		missing                                      bool
	}{
		{"hours at both ends", leg("ALA", "202403101000:203", "TAS", "202403101130:203"), "2024-03-10T10:00", "2024-03-10T11:30", "2024-03-10T05:00", "2024-03-10T06:30", false},
		{"arrival", leg("ALA", "202403101000:203", "TAS", "20240310:102"), "2024-03-10T10:00", "2024-03-10", "2024-03-10T05:00", "2024-03-10T18:59", true},
		{"departure", leg("ALA", "20240310:102", "TAS", "202403101130:203"), "2024-03-10", "2024-03-10T11:30", "2024-03-09T19:00", "2024-03-10T06:30", true},
		{"both", leg("ALA", "20240310:102", "TAS", "20240310:102"), "2024-03-10", "2024-03-10", "2024-03-09T19:00", "2024-03-10T18:59", true},
		{"unknown airport: UTC", leg("ALA", "202403101000:203", "QQQ", "20240310:102"), "2024-03-10T10:00", "2024-03-10", "2024-03-10T05:00", "2024-03-10T23:59", true},
		{"says it arrives on a day that is over", leg("HNL", "202403102200:203", "NRT", "20240310:102"), "2024-03-10T22:00", "2024-03-10", "2024-03-11T08:00", "2024-03-11T14:59", true},
		{"says it leaves on the day after it arrives", leg("ALA", "20240311:102", "TAS", "202403102200:203"), "2024-03-11", "2024-03-10T22:00", "2024-03-10T17:00", "2024-03-10T17:00", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := open(t)
			n.accept(message{flight: c.flight, persons: []string{nurov}}.String())
			rec := n.records(passenger.KindVoyage)[0]
			v, l := rec.Body.(*passenger.Voyage), n.one().Legs[0]
			if v.DepartsLocal != c.departsLocal || v.ArrivesLocal != c.arrivesLocal || l.DepartsLocal != c.departsLocal || l.ArrivesLocal != c.arrivesLocal {
				t.Errorf("wall times %q %q, of the leg %q %q", v.DepartsLocal, v.ArrivesLocal, l.DepartsLocal, l.ArrivesLocal)
			}
			if !v.Departs.Equal(utc(c.departs)) || !v.Arrives.Equal(utc(c.arrives)) || !l.Arrives.Equal(v.Arrives) || !rec.Occurred.Equal(v.Arrives) {
				t.Errorf("departs %s arrives %s, of the leg %s, occurred %s", v.Departs, v.Arrives, l.Arrives, rec.Occurred)
			}
			if v.Arrives.Before(v.Departs) {
				t.Error("lands before it leaves")
			}
			missing := 0
			for _, p := range v.Problems {
				if p.Code == "time-missing" && p.Text != "" {
					missing++
				}
			}
			if (missing == 1) != c.missing || missing > 1 {
				t.Errorf("problems %+v", v.Problems)
			}
		})
	}
}

// An hour is not lost to a later message that has only the day, and fills the day also when it comes late; another day moves
// the flight.
func TestHourIsKept(t *testing.T) {
	hour := message{ref: "1", persons: []string{nurov}}
	day := message{ref: "2", persons: []string{nurov}, flight: leg("ALA", "202403101000:203", "TAS", "20240310:102")}
	moved := message{ref: "3", at: "0900", persons: []string{nurov}, flight: leg("ALA", "202403101000:203", "TAS", "20240311:102")}
	at := func(m message, clock string) message { m.at = clock; return m }
	for _, c := range []struct {
		name    string
		told    []message
		local   string
		arrives string
		missing bool
	}{
		{"the day after the hour", []message{at(hour, "0700"), at(day, "0800")}, "2024-03-10T11:30", "2024-03-10T06:30", false},
		{"the hour after the day", []message{at(day, "0700"), at(hour, "0800")}, "2024-03-10T11:30", "2024-03-10T06:30", false},
		{"the hour late", []message{at(day, "0800"), at(hour, "0700")}, "2024-03-10T11:30", "2024-03-10T06:30", false},
		{"moved to a day", []message{at(hour, "0700"), moved}, "2024-03-11", "2024-03-11T18:59", true},
		{"moved, then heard of as it was", []message{moved, at(hour, "0700")}, "2024-03-11", "2024-03-11T18:59", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := open(t)
			for i, m := range c.told {
				m.persons = []string{strings.Replace(nurov, "ALIM", "ALIM"+strings.Repeat("I", i), 1)}
				n.accept(m.String())
			}
			v, l := n.records(passenger.KindVoyage)[0].Body.(*passenger.Voyage), n.one().Legs[0]
			if v.ArrivesLocal != c.local || !v.Arrives.Equal(utc(c.arrives)) || l.ArrivesLocal != c.local || !l.Arrives.Equal(v.Arrives) {
				t.Errorf("arrives %q %s, leg %q %s", v.ArrivesLocal, v.Arrives, l.ArrivesLocal, l.Arrives)
			}
			if got := slices.ContainsFunc(v.Problems, func(p passenger.Problem) bool { return p.Code == "time-missing" }); got != c.missing {
				t.Errorf("problems %+v", v.Problems)
			}
		})
	}
}

// A document must be good on the day of arrival as the calendar at the place of arrival has it, not the one in Greenwich.
func TestDocumentExpiresByLocalDay(t *testing.T) {
	for _, c := range []struct {
		name, flight, expires string
		expired               bool
	}{
		{"early morning in Almaty is yesterday in UTC", leg("IST", "202403092100:203", "ALA", "202403100230:203"), "240309", true},
		{"the last day", leg("IST", "202403092100:203", "ALA", "202403100230:203"), "240310", false},
		{"late evening in Honolulu is tomorrow in UTC", leg("NRT", "202403102300:203", "HNL", "202403102200:203"), "240310", false},
		{"a day without an hour, far west", leg("NRT", "202403102300:203", "HNL", "20240310:102"), "240310", false},
		{"a day without an hour, the day before", leg("IST", "202403092100:203", "ALA", "20240310:102"), "240309", true},
		{"no arrival: the day of departure", "TDT+20+KC123+++KC'LOC+125+ALA'DTM+189:202403100200:203'LOC+87+TAS'", "240309", true},
		{"no times at all", "TDT+20+KC123+++KC'LOC+125+ALA'LOC+87+TAS'", "010101", false},
	} {
		n := open(t)
		n.accept(message{flight: c.flight, persons: []string{strings.Replace(nurov, "300101", c.expires, 1)}}.String())
		if got := slices.ContainsFunc(n.one().Problems, func(p passenger.Problem) bool { return p.Code == "document-expired" }); got != c.expired {
			t.Errorf("%s: expired %v, want %v: %+v", c.name, got, c.expired, n.one().Problems)
		}
	}
	// A leg stored without wall times is judged by the clock of its airport.
	j := passenger.Journey{Legs: []passenger.Leg{{To: "ALA", Arrives: utc("2024-03-09T21:30")}}}
	if got := passenger.ArrivalDay(&j); got != "2024-03-10" {
		t.Errorf("arrives on %s", got)
	}
}

// A document is the same thing however its number was written, and the body keeps what was sent.
func TestOneKeyOfADocument(t *testing.T) {
	n := open(t)
	n.accept(message{persons: []string{strings.Replace(nurov, "DOC+P+N1", "DOC+P+n 12/34.5-6<", 1)}}.String())
	ix := &record.Index{}
	n.one().Index(ix)
	if !slices.ContainsFunc(ix.Mentions, func(m record.Mention) bool {
		return m.Thing == record.Thing{Type: record.ThingDocument, Key: record.DocumentKey("UZB", "N123456")} && m.Label == "N12/34.56"
	}) || n.one().Documents[0].Number != "N12/34.56" {
		t.Errorf("mentions %+v, documents %+v", ix.Mentions, n.one().Documents)
	}
	again := strings.NewReplacer("DOC+P+N1", "DOC+P+N12 3456", "ALIM", "ALIMJON", "RFF+AVF:AB12CD'", "").Replace(nurov)
	n.want("written otherwise", n.accept(message{ref: "2", at: "0800", persons: []string{again}}.String()), 0, 1, 0)
	// A number of signs only names nothing.
	ix = &record.Index{}
	(&passenger.Journey{Documents: []record.Document{{Issuer: "UZB", Number: "/."}}}).Index(ix)
	if len(ix.Mentions) != 0 {
		t.Errorf("mentions %+v", ix.Mentions)
	}
}
