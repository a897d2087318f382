package synth

import (
	"bytes"
	"strings"
	"testing"

	"sarhad/format/listcsv"
	"sarhad/format/ofac"
	"sarhad/format/paxlst"
	"sarhad/format/unsc"
	"sarhad/record/vocab"
)

// Every message is read back by format/paxlst with every person, in order, and every fact as sent. The two share no code,
// so this is a test of both.
func TestMessagesReadBack(t *testing.T) {
	r := small(t, Config{Seed: 21, FlightsPerDay: 70})
	persons, parts, telegrams, versions := 0, 0, 0, map[string]bool{}
	for _, m := range r.Messages() {
		got, err := paxlst.Parse(bytes.NewReader(m.Body), m.Name)
		if err != nil {
			t.Errorf("%s: %v", m.Name, err)
			continue
		}
		var back []paxlst.Traveller
		for _, g := range got {
			back = append(back, g.Travellers...)
			versions[g.Version] = true
			if g.Header.Part > 1 {
				parts++
			}
			checkVoyages(t, m, g)
		}
		if m.Body[0] == 1 {
			telegrams++
		}
		if len(back) != m.Persons {
			t.Errorf("%s: %d persons in, %d out", m.Name, m.Persons, len(back))
			continue
		}
		persons += len(back)
		sent := sentIn(m)
		for i := range back {
			checkPerson(t, m.Name, sent[i], back[i])
		}
	}
	if persons != r.Truth.Travellers {
		t.Errorf("%d persons on board, %d in the messages", r.Truth.Travellers, persons)
	}
	if parts == 0 || telegrams == 0 || len(versions) < 4 {
		t.Errorf("too little variety: %d further parts, %d telegrams, versions %v", parts, telegrams, versions)
	}
}

// sentIn gives the travellers of a file in the order of the file.
func sentIn(m Message) []*Traveller {
	var passengers, crew []*Traveller
	for _, tr := range m.Flight.Travellers {
		if tr.Role == RoleCrew {
			crew = append(crew, tr)
		} else {
			passengers = append(passengers, tr)
		}
	}
	switch {
	case strings.HasSuffix(m.Name, "_crew.edi"):
		return crew
	case strings.HasSuffix(m.Name, "_pax.edi"):
		return passengers
	}
	return append(passengers, crew...)
}

func checkPerson(t *testing.T, file string, sent *Traveller, got paxlst.Traveller) {
	t.Helper()
	if got.Surname != sent.Surname || got.Given != sent.Given || got.Sex != sent.Sex || got.Born != sent.Born || string(got.Role) != sent.Role ||
		got.Nationality != sent.Nationality || got.Residence != sent.Residence || got.Booking != sent.Booking || got.Seat != sent.Seat {
		t.Errorf("%s: sent %+v, read %+v", file, sent, got)
	}
	bags := 0
	if got.Bags != nil {
		bags = *got.Bags
	}
	if bags != sent.Bags {
		t.Errorf("%s %s: %d bags, read %d", file, sent.Ref, sent.Bags, bags)
	}
	if sent.Document == nil {
		if len(got.Documents) != 0 {
			t.Errorf("%s %s: a document out of nothing", file, sent.Ref)
		}
		return
	}
	want := paxlst.Document{Type: sent.Document.Type, Number: sent.Document.Number, Issuer: sent.Document.Issuer, Expires: sent.Document.Expires}
	if len(got.Documents) != 1 || got.Documents[0] != want {
		t.Errorf("%s %s: sent %+v, read %+v", file, sent.Ref, want, got.Documents)
	}
}

func checkVoyages(t *testing.T, m Message, got paxlst.Message) {
	t.Helper()
	if len(got.Voyages) != len(m.Flight.Legs) {
		t.Errorf("%s: %d legs, read %d", m.Name, len(m.Flight.Legs), len(got.Voyages))
		return
	}
	for i, l := range m.Flight.Legs {
		v := got.Voyages[i]
		from, _ := vocab.Airport(l.From)
		to, _ := vocab.Airport(l.To)
		there, _ := from.Location()
		here, _ := to.Location()
		const wallTime = "2006-01-02T15:04"
		if v.From != l.From || v.To != l.To || v.Carrier != m.Flight.Carrier.Code || v.Number != m.Flight.Number ||
			v.Departs != l.Departs.In(there).Format(wallTime) || v.Arrives != l.Arrives.In(here).Format(wallTime) {
			t.Errorf("%s leg %d: sent %+v, read %+v", m.Name, i, l, v)
		}
	}
}

// The agency's own list is read back row by row.
func TestNationalListReadsBack(t *testing.T) {
	r := small(t, Config{Seed: 22})
	list, err := listcsv.Read(bytes.NewReader(r.Lists.NationalCSV()), "national.csv")
	if err != nil || len(list.Problems) > 0 || len(list.Rows) != len(r.Lists.National) {
		t.Fatalf("%d of %d rows, %v, %v", len(list.Rows), len(r.Lists.National), list.Problems, err)
	}
	for i, e := range r.Lists.National {
		row := list.Rows[i]
		if row.ID != e.ID || strings.Join(row.Born, "") != e.Born || row.Sex != e.Sex || len(row.Documents) != len(e.Documents) || len(row.Aliases) != len(e.Aliases) {
			t.Errorf("row %+v of entry %s", row, e.ID)
		}
		if strings.ReplaceAll(row.Name, ",", "") != e.Name() {
			t.Errorf("name %q, want %q", row.Name, e.Name())
		}
		if _, ok := vocab.Lookup(vocab.Severities, row.Severity); !ok {
			t.Errorf("severity %q", row.Severity)
		}
		if _, ok := vocab.Lookup(vocab.Instructions, row.Instruction); !ok {
			t.Errorf("instruction %q", row.Instruction)
		}
	}
}

// The two dates of the UN list differ by what the truth says and by nothing else.
func TestUNListReadsBack(t *testing.T) {
	r := small(t, Config{Seed: 23})
	read := func(entries []*Entry, day string) map[string]unsc.Entry {
		l, err := unsc.Read(bytes.NewReader(r.Lists.UNXML(entries, day)), "un.xml")
		if err != nil || len(l.Entries) != len(entries)+len(entities) {
			t.Fatalf("%d of %d entries: %v", len(l.Entries), len(entries), err)
		}
		byRef := map[string]unsc.Entry{}
		for _, e := range l.Entries {
			byRef[e.Reference] = e
		}
		return byRef
	}
	after, before := read(r.Lists.UN, r.Lists.UNDate), read(r.Lists.UNBefore, r.Lists.UNBeforeDate)
	added, changed, removed := 0, 0, 0
	for ref, e := range after {
		old, ok := before[ref]
		switch {
		case !ok:
			added++
		case len(old.Documents) != len(e.Documents):
			changed++
		}
	}
	for ref := range before {
		if _, ok := after[ref]; !ok {
			removed++
		}
	}
	want := r.Truth.Lists[2]
	if added != want.Added || changed != want.Changed || removed != want.Removed || added*changed*removed == 0 {
		t.Errorf("added %d, changed %d, removed %d; the truth says %+v", added, changed, removed, want)
	}
	for _, e := range r.Lists.UN {
		got := after[e.ID]
		born := ""
		if len(got.Births) > 0 {
			born = got.Births[0].Date
		}
		original := false
		for _, n := range got.Names {
			original = original || n.Original && n.Full == e.Native
		}
		if born != e.Born || got.Sex != e.Sex || !original {
			t.Errorf("%s: born %q, want %q; sex %q; original script kept: %v", e.ID, born, e.Born, got.Sex, original)
		}
	}
}

// The OFAC files are read back with their remarks taken apart.
func TestOFACListReadsBack(t *testing.T) {
	r := small(t, Config{Seed: 24})
	sdn, alt, add := r.Lists.OFACFiles()
	l, err := ofac.Read(ofac.File{Name: "sdn.csv", Data: bytes.NewReader(sdn)}, ofac.File{Name: "alt.csv", Data: bytes.NewReader(alt)},
		ofac.File{Name: "add.csv", Data: bytes.NewReader(add)})
	if err != nil || len(l.Problems) > 0 || len(l.Entries) != len(r.Lists.OFAC)+len(entities) {
		t.Fatalf("%d entries, %v, %v", len(l.Entries), l.Problems, err)
	}
	for i, e := range r.Lists.OFAC {
		got := l.Entries[i]
		if got.ID != e.ID || strings.Join(got.Births, "") != e.Born || got.Sex != e.Sex || len(got.Documents) != len(e.Documents) || len(got.Names) != 1+len(e.Aliases) {
			t.Errorf("entry %s: %+v", e.ID, got)
			continue
		}
		if len(e.Documents) == 1 && (got.Documents[0].Number != e.Documents[0].Number || got.Documents[0].Issuer != countryName(e.Documents[0].Issuer)) {
			t.Errorf("entry %s: document %+v, want %+v", e.ID, got.Documents[0], e.Documents[0])
		}
		if code, ok := vocab.CountryByName(got.Nationalities[0]); !ok || code != e.Person.Nationality {
			t.Errorf("entry %s: nationality %q", e.ID, got.Nationalities[0])
		}
	}
}
