package passenger_test

import (
	"strings"
	"testing"
	"time"

	"sarhad/collection/passenger"
	"sarhad/record"
)

// counted gives every word of an index that is kept for ever: what is counted by, grouped by or filtered by.
func counted(b record.Body) map[string]string {
	ix := &record.Index{}
	b.Index(ix)
	out := map[string]string{"state": ix.State}
	for _, m := range ix.Mentions {
		out["role "+m.Role] = m.Role
		out["type "+m.Type] = m.Type
	}
	for _, p := range ix.Persons {
		out["person role"] = p.Role
	}
	for _, l := range ix.Links {
		out["link "+l.Rel] = l.Rel
	}
	for _, e := range ix.Events {
		out["event "+e.Kind] = e.Kind
		out["place of "+e.Kind] = e.Place
	}
	for _, m := range ix.Measures {
		for _, d := range m.Dims {
			out[m.Name+" "+d.Name] = d.Value
		}
	}
	return out
}

// Only words of a vocabulary are counted by. What a carrier made up is "unknown" there, and nothing stays nothing.
func TestOnlyWordsAreCounted(t *testing.T) {
	at := time.Date(2024, 3, 10, 5, 0, 0, 0, time.UTC)
	const odd = "SECRETNATION PERSON"
	bags := 1
	journey := func(s string) *passenger.Journey {
		return &passenger.Journey{Surname: odd, Role: s, State: passenger.Expected, Sex: s, Nationality: s, Residence: s, Embark: s, Debark: s, Bags: &bags,
			Documents: []record.Document{{Number: "N1", Type: s}, {Number: "N2"}}, Seat: odd, Booking: odd, Contacts: []passenger.Contact{{Kind: "EM", Value: odd}, {Kind: odd, Value: odd}},
			Legs: []passenger.Leg{{Key: "K/" + s, Label: strings.ReplaceAll(s, " ", "-") + " 1", From: s, To: s, Departs: at, Arrives: at}}}
	}
	voyage := func(s string) *passenger.Voyage {
		return &passenger.Voyage{Carrier: s, Number: "1", From: s, To: s, Departs: at, Arrives: at, State: passenger.Expected}
	}
	for _, b := range []record.Body{journey(odd), voyage(odd)} {
		got := counted(b)
		for where, word := range got {
			if strings.Contains(word, "SECRET") {
				t.Errorf("%s: %s = %q", b.Kind(), where, word)
			}
		}
		for _, where := range []string{"place of departure", "place of arrival", "person role", "travellers role", "travellers nationality", "travellers sex",
			"travellers from", "travellers to", "travellers carrier", "bags carrier", "voyages carrier", "voyages from", "persons announced to"} {
			if word, ok := got[where]; ok && word != "unknown" {
				t.Errorf("%s: %s = %q, want unknown", b.Kind(), where, word)
			}
		}
	}
	for where, word := range counted(journey("")) {
		if word == "unknown" {
			t.Errorf("nothing was sent, and %s is unknown", where)
		}
	}
	for _, c := range []struct{ where, sent, want string }{
		{"travellers nationality", "KAZ", "KAZ"}, {"travellers nationality", "KZ", "KAZ"}, {"travellers nationality", "XXA", "XXA"}, {"travellers nationality", "ZQZ", "unknown"},
		{"travellers sex", "M", "M"}, {"travellers sex", "X", "X"}, {"travellers sex", "Female", "unknown"}, {"travellers sex", "f", "unknown"},
		{"travellers role", "crew", "crew"}, {"travellers role", "Crew", "unknown"},
		{"travellers from", "ALA", "ALA"}, {"travellers from", "UAAA", "ALA"}, {"travellers from", "  ala  ", "ALA"}, {"travellers to", "KZ-KG-01", "KZ-KG-01"}, {"travellers to", "QQQ", "unknown"},
		{"place of arrival", "TAS", "TAS"}, {"place of arrival", "QQQ", "unknown"},
		{"travellers carrier", "KC", "KC"}, {"travellers carrier", "Q0", "Q0"}, {"travellers carrier", "KZR", "KZR"}, {"travellers carrier", "KZRX", "unknown"},
		{"travellers carrier", "K", "unknown"}, {"travellers carrier", "kc", "unknown"}, {"travellers carrier", "КС", "unknown"}, {"travellers carrier", "123", "unknown"},
	} {
		if got := counted(journey(c.sent))[c.where]; got != c.want {
			t.Errorf("%s of %q is %q, want %q", c.where, c.sent, got, c.want)
		}
	}
	// The body keeps what was sent, and an unknown airport can still be asked for.
	ix := &record.Index{}
	voyage("QQQ").Index(ix)
	if ix.Mentions[1].Thing != (record.Thing{Type: record.ThingPlace, Key: "QQQ"}) {
		t.Errorf("mentions %+v", ix.Mentions)
	}
}

// What a carrier sends for a nationality, a sex or an airport goes the whole way: kept in the body, "unknown" to be counted.
func TestOddWordsOfAMessage(t *testing.T) {
	n := open(t)
	n.accept(message{flight: strings.Replace(flight, "ALA", "QQQ", 1), persons: []string{strings.Replace(nurov, "NAT+2+UZB", "NAT+2+ATLANTIS ISLE", 1)}}.String())
	j := n.one()
	got := counted(j)
	if !strings.Contains(j.Nationality, "ATLANTIS") || got["travellers nationality"] != "unknown" || got["travellers from"] != "unknown" || got["travellers to"] != "TAS" ||
		got["travellers carrier"] != "KC" || j.Legs[0].From != "QQQ" {
		t.Errorf("journey %+v, counted %v", j, got)
	}
}
