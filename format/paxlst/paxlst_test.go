package paxlst

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sarhad/format/edifact"
)

var update = flag.Bool("update", false, "rewrite golden files")

// The worked examples of the guide parse with every person, document and leg right.
func TestGuideExamples(t *testing.T) {
	files, err := filepath.Glob("testdata/*.edi")
	if err != nil || len(files) != 3 {
		t.Fatalf("%d examples, want 3 (%v)", len(files), err)
	}
	goldens(t, files)
}

// Messages as carriers really send them, each with one habit or one damage, keep every person, document and leg.
func TestCarrierMessages(t *testing.T) {
	files, err := filepath.Glob("testdata/carriers/*.edi")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d messages (%v)", len(files), err)
	}
	goldens(t, files)
}

// goldens compares what files parse to with the JSON beside them.
func goldens(t *testing.T, files []string) {
	t.Helper()
	for _, path := range files {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		all, err := Parse(f, filepath.Base(path))
		if err != nil {
			t.Fatal(err)
		}
		got, _ := json.MarshalIndent(all, "", "  ")
		golden := strings.TrimSuffix(path, ".edi") + ".json"
		if *update {
			if err := os.WriteFile(golden, append(got, '\n'), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(strings.TrimSpace(string(want)), string(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
}

// message wraps body segments into an interchange prepared on 2024-03-10.
func message(body ...string) string {
	all := strings.Join(body, "'")
	n := strings.Count(all, "'") - strings.Count(all, "?'") + 3
	return "UNB+UNOA:4+KCHOST+PIU+240310:0700+77'UNH+1+PAXLST:D:12B:UN:IATA'" + all + "'UNT+" + fmt.Sprint(n) + "+1'UNZ+1+77'"
}

const (
	head   = "BGM+745"
	flown  = "TDT+20+KC123+++KC'LOC+125+ALA'DTM+189:2403101000:201'LOC+87+TAS'DTM+232:2403101130:201"
	person = "NAD+FL+++NUROV:ALIM"
)

// one parses text that must hold one message.
func one(t testing.TB, text string) Message {
	t.Helper()
	all, err := Parse(strings.NewReader(text), "t")
	if err != nil || len(all) != 1 {
		t.Fatalf("%d messages, error %v, of\n%s", len(all), err, text)
	}
	return all[0]
}

func codes(m Message) string {
	var all []string
	for _, p := range m.Problems {
		all = append(all, p.Code)
	}
	return strings.Join(all, " ")
}

// Legs in every way they come.
func TestVoyages(t *testing.T) {
	plain := "KC 123 ALA 2024-03-10T10:00 TAS 2024-03-10T11:30"
	for _, c := range []struct{ name, body, want, problems string }{
		{"the guide's way", flown, plain, ""},
		{"number without carrier", strings.Replace(flown, "20+KC123", "20+123", 1), plain, ""},
		{"no carrier element", strings.Replace(flown, "+++KC", "", 1), plain, ""},
		{"carrier and a blank", strings.Replace(flown, "20+KC123", "20+KC 123", 1), plain, ""},
		{"lower case", strings.ToLower(flown), plain, ""},
		{"mode and carrier with a name", strings.Replace(flown, "KC123+++KC", "KC123+40++KC:AIR OF THE STEPPE", 1), plain, ""},
		{"carrier element is a name", strings.Replace(flown, "+++KC", "+++STEPPE AIR", 1), plain, ""},
		{"carrier of digit and letter", strings.NewReplacer("KC123", "7R12A", "+++KC", "").Replace(flown), "7R 12A ALA 2024-03-10T10:00 TAS 2024-03-10T11:30", ""},
		{"ICAO designator", strings.NewReplacer("KC123", "KZR123", "+++KC", "").Replace(flown), "KZR 123 ALA 2024-03-10T10:00 TAS 2024-03-10T11:30", ""},
		{"leading zeros stay", strings.Replace(flown, "KC123", "KC0123", 1), "KC 0123 ALA 2024-03-10T10:00 TAS 2024-03-10T11:30", ""},
		{"older codes of places", strings.NewReplacer("125", "5", "87+", "8+").Replace(flown), plain, ""},
		{"LOC+22 as departure", strings.Replace(flown, "125", "22", 1), plain, ""},
		{"arrival first", "TDT+20+KC123+++KC'LOC+87+TAS'DTM+232:2403101130:201'LOC+125+ALA'DTM+189:2403101000:201", plain, ""},
		{"arrival first, routing codes", "TDT+20+KC123+++KC'LOC+92+TAS'DTM+232:2403101130:201'LOC+92+ALA'DTM+189:2403101000:201", plain, ""},
		{"format 203", strings.NewReplacer("2403101", "202403101", ":201", ":203").Replace(flown), plain, ""},
		{"format 201, twelve digits", strings.NewReplacer("2403101", "202403101").Replace(flown), plain, ""},
		{"format 205 with an offset", strings.NewReplacer("2403101000:201", "202403101000?+0500:205").Replace(flown), plain, ""},
		{"no format", strings.ReplaceAll(flown, ":201", ""), plain, ""},
		{"format 303 with the name of a zone", strings.NewReplacer("2403101000:201", "202403101000UTC:303", "2403101130:201", "202403101130UZT:303").Replace(flown), plain, ""},
		{"midnight at the end of the day", strings.Replace(flown, "2403101130", "2403102400", 1), "KC 123 ALA 2024-03-10T10:00 TAS 2024-03-11T00:00", ""},
		{"an hour that is none", strings.Replace(flown, "2403101130", "2403102401", 1), "KC 123 ALA 2024-03-10T10:00 TAS ", BadDate},
		{"both places, then both times", "TDT+20+KC123+++KC'LOC+125+ALA'LOC+87+TAS'DTM+189:2403101000:201'DTM+232:2403101130:201", plain, ""},
		{"both places backwards, then both times", "TDT+20+KC123+++KC'LOC+87+TAS'LOC+125+ALA'DTM+189:2403101000:201'DTM+232:2403101130:201", plain, ""},
		{"both places by routing codes, then both times", "TDT+20+KC123+++KC'LOC+92+ALA'LOC+92+TAS'DTM+189:2403101000:201'DTM+232:2403101130:201", plain, ""},
		{"carrier without a flight", strings.Replace(flown, "KC123", "KC", 1), "KC  ALA 2024-03-10T10:00 TAS 2024-03-10T11:30", ""},
		{"a colon between date and time", strings.NewReplacer("2403101000:201", "20240310:1000:203").Replace(flown), plain, ""},
		{"day only", strings.NewReplacer("2403101000:201", "240310:101", "2403101130:201", "20240310:102").Replace(flown), "KC 123 ALA 2024-03-10 TAS 2024-03-10", ""},
		{"blanks in values", strings.NewReplacer("2403101000", " 2403101000 ", "ALA", " ALA ").Replace(flown), plain, ""},
		{"times before places", "TDT+20+KC123+++KC'DTM+189:2403101000:201'DTM+232:2403101130:201'LOC+125+ALA'LOC+87+TAS", plain, ""},
		{"an estimate beside the schedule", strings.Replace(flown, "DTM+189", "DTM+133:2403101015:201'DTM+189", 1), plain, ""},
		{"three places in one TDT", "TDT+20+KC123+++KC'LOC+92+ALA'DTM+189:2403101000:201'LOC+92+TSE'DTM+232:2403101130:201'DTM+189:2403101230:201'LOC+92+TAS'DTM+232:2403101400:201",
			"KC 123 ALA 2024-03-10T10:00 TSE 2024-03-10T11:30; KC 123 TSE 2024-03-10T12:30 TAS 2024-03-10T14:00", ""},
		{"four places in one TDT, the stop twice", "TDT+20+KC123+++KC'LOC+92+ALA'DTM+189:2403101000:201'LOC+92+TSE'DTM+232:2403101130:201'LOC+125+TSE'DTM+189:2403101230:201'LOC+87+TAS'DTM+232:2403101400:201",
			"KC 123 ALA 2024-03-10T10:00 TSE 2024-03-10T11:30; KC 123 TSE 2024-03-10T12:30 TAS 2024-03-10T14:00", ""},
		{"two TDT in the wrong order", "TDT+20+KC124+++KC'LOC+125+TSE'LOC+87+TAS'TDT+20+KC123+++KC'LOC+92+ALA'LOC+92+TSE", "KC 123 ALA  TSE ; KC 124 TSE  TAS ", ""},
		{"the same TDT twice", flown + "'" + flown, plain, ""},
		{"no TDT", "LOC+125+ALA'DTM+189:2403101000:201'LOC+87+TAS'DTM+232:2403101130:201", "  ALA 2024-03-10T10:00 TAS 2024-03-10T11:30", MissingTDT},
		{"no legs", "RFF+TN:1", "", MissingVoyage},
		{"no arrival", "TDT+20+KC123+++KC'LOC+125+ALA'DTM+189:2403101000:201", "KC 123 ALA 2024-03-10T10:00  ", MissingPlace},
		{"no departure", "TDT+20+KC123+++KC'LOC+87+TAS'DTM+232:2403101130:201", "KC 123   TAS 2024-03-10T11:30", MissingPlace},
		{"a time that is none", strings.Replace(flown, "2403101000", "2413451000", 1), "KC 123 ALA  TAS 2024-03-10T11:30", BadDate},
		{"no carrier anywhere", strings.NewReplacer("KC123", "123", "+++KC", "").Replace(flown), " 123 ALA 2024-03-10T10:00 TAS 2024-03-10T11:30", MissingCarrier},
		{"another carrier element", strings.Replace(flown, "+++KC", "+++HY", 1), plain, CarrierMismatch},
	} {
		for _, order := range []string{"legs first", "persons first"} {
			text := message(head, c.body, person)
			if order == "persons first" {
				text = message(head, person, c.body)
			}
			m := one(t, text)
			var got []string
			for _, v := range m.Voyages {
				got = append(got, fmt.Sprintf("%s %s %s %s %s %s", v.Carrier, v.Number, v.From, v.Departs, v.To, v.Arrives))
			}
			if s := strings.Join(got, "; "); s != c.want {
				t.Errorf("%s, %s: %q, want %q", c.name, order, s, c.want)
			}
			if p := codes(m); p != c.problems {
				t.Errorf("%s, %s: problems %q, want %q", c.name, order, p, c.problems)
			}
			if len(m.Travellers) != 1 {
				t.Errorf("%s, %s: %d persons", c.name, order, len(m.Travellers))
			}
		}
	}
}

func bags(n int) *int { return &n }

// What is said of a person, in every way it is said.
func TestTravellers(t *testing.T) {
	blank := Traveller{Surname: "NUROV", Given: "ALIM", Role: Passenger}
	with := func(f func(*Traveller)) Traveller {
		c := blank
		f(&c)
		return c
	}
	doc := func(d ...Document) Traveller { return with(func(p *Traveller) { p.Documents = d }) }
	for _, c := range []struct {
		name, segments string
		want           Traveller
		problems       string
	}{
		{"name only", person, blank, ""},
		{"three names", "NAD+FL+++NUROV:ALIM:SAID OGLY", with(func(p *Traveller) { p.Given = "ALIM SAID OGLY" }), ""},
		{"an empty name between", "NAD+FL+++NUROV::ALIM", blank, ""},
		{"name with a slash", "NAD+FL+++NUROV/ALIM", blank, ""},
		{"name in C058", "NAD+FL++NUROV:ALIM", blank, ""},
		{"surname only", "NAD+FL+++NUROV", with(func(p *Traveller) { p.Given = "" }), ""},
		{"released and unreleased apostrophes", "NAD+FL+++NUROV:ALIM O?'G'LI", with(func(p *Traveller) { p.Given = "ALIM O'G'LI" }), edifact.StrayTerminator + " " + edifact.BadSegmentCount},
		{"an unreleased apostrophe before three letters and given names", "NAD+FL+++NUROV'BEK:ALIM", with(func(p *Traveller) { p.Surname = "NUROV'BEK" }), edifact.StrayTerminator + " " + edifact.BadSegmentCount},
		{"no name", "NAD+FL", Traveller{Role: Passenger}, MissingName},
		{"crew", "NAD+FM+++NUROV:ALIM", with(func(p *Traveller) { p.Role = Crew }), ""},
		{"passenger in transit", "NAD+DDU+++NUROV:ALIM", with(func(p *Traveller) { p.Role = Transit }), ""},
		{"crew in transit", "NAD+DDT+++NUROV:ALIM", with(func(p *Traveller) { p.Role = Transit }), ""},
		{"lower case qualifier", "nad+fl+++NUROV:ALIM", blank, ""},
		{"unknown qualifier with a birth date", "NAD+QQ+++NUROV:ALIM'DTM+329:800101", with(func(p *Traveller) { p.Born = "1980-01-01" }), UnknownQualifier},
		{"sex", person + "'ATT+2++F", with(func(p *Traveller) { p.Sex = "F" }), ""},
		{"sex in C955", person + "'ATT+2+M", with(func(p *Traveller) { p.Sex = "M" }), ""},
		{"sex unspecified", person + "'ATT+2++x", with(func(p *Traveller) { p.Sex = "X" }), ""},
		{"sex undisclosed is unknown", person + "'ATT+2++U", blank, ""},
		{"sex that is none", person + "'ATT+2++Q", blank, BadSex},
		{"another attribute is nobody's business", person + "'ATT+9++M", blank, ""},
		{"born in this century", person + "'DTM+329:240309", with(func(p *Traveller) { p.Born = "2024-03-09" }), ""},
		{"born tomorrow is a century ago", person + "'DTM+329:240311", with(func(p *Traveller) { p.Born = "1924-03-11" }), ""},
		{"born, eight digits", person + "'DTM+329:19181203", with(func(p *Traveller) { p.Born = "1918-12-03" }), ""},
		{"born, format 102", person + "'DTM+329:19181203:102", with(func(p *Traveller) { p.Born = "1918-12-03" }), ""},
		{"born, format 2", person + "'DTM+329:031218:2", with(func(p *Traveller) { p.Born = "2018-12-03" }), ""},
		{"born, ISO", person + "'DTM+329:1980-05-06", with(func(p *Traveller) { p.Born = "1980-05-06" }), ""},
		{"born, day unknown", person + "'DTM+329:800500", with(func(p *Traveller) { p.Born = "1980-05" }), ""},
		{"born, month unknown", person + "'DTM+329:80XXXX", with(func(p *Traveller) { p.Born = "1980" }), ""},
		{"born, month in letters", person + "'DTM+329:07SEP72", with(func(p *Traveller) { p.Born = "1972-09-07" }), ""},
		{"born, month in letters and four digits", person + "'DTM+329:07oct1918", with(func(p *Traveller) { p.Born = "1918-10-07" }), ""},
		{"born, letters that are no month", person + "'DTM+329:07ANF72", blank, BadDate},
		{"born on no day", person + "'DTM+329:800231", blank, BadDate},
		{"born, letters", person + "'DTM+329:UNKNOWN", blank, BadDate},
		{"born, empty", person + "'DTM+329:", blank, ""},
		{"bags", person + "'MEA+CT++:2", with(func(p *Traveller) { p.Bags = bags(2) }), ""},
		{"bags without the colon", person + "'MEA+CT++2'MEA+WT++KGM:28", with(func(p *Traveller) { p.Bags = bags(2) }), ""},
		{"no bag", person + "'MEA+CT++:0", with(func(p *Traveller) { p.Bags = bags(0) }), ""},
		{"bags that are none", person + "'MEA+CT++:MANY", blank, BadBags},
		{"nationality, residence", person + "'LOC+174+uzb'NAT+2+kaz'NAT+1+RUS", with(func(p *Traveller) { p.Nationality, p.Residence = "KAZ", "UZB" }), ""},
		{"booking, seat", person + "'RFF+AVF:TYR123'RFF+SEA: 12A ", with(func(p *Traveller) { p.Booking, p.Seat = "TYR123", "12A" }), ""},
		{"one document", person + "'DOC+P+N1'DTM+36:300101'LOC+91+UZB", doc(Document{Type: "P", Number: "N1", Expires: "2030-01-01", Issuer: "UZB"}), ""},
		{"with list and agency", person + "'DOC+P:110:111+N1", doc(Document{Type: "P", Number: "N1"}), ""},
		{"two documents", person + "'DOC+P+N1'DTM+36:300101'LOC+91+UZB'DOC+V+V2'LOC+91+KAZ'DTM+182:240101",
			doc(Document{Type: "P", Number: "N1", Expires: "2030-01-01", Issuer: "UZB"}, Document{Type: "V", Number: "V2", Issuer: "KAZ", Issued: "2024-01-01"}), ""},
		{"attributes before their documents", person + "'LOC+91+UZB'DTM+36:300101'DOC+P+N1'LOC+91+KAZ'DOC+V+V2",
			doc(Document{Type: "P", Number: "N1", Expires: "2030-01-01", Issuer: "UZB"}, Document{Type: "V", Number: "V2", Issuer: "KAZ"}), ""},
		{"number only", person + "'DOC++N1", doc(Document{Number: "N1"}), ""},
		{"empty document and its empty attributes", person + "'DOC+P+N1'DTM+36:'DOC++'DTM+36:190919'LOC+91+", doc(Document{Type: "P", Number: "N1"}), ""},
		{"expired long ago", person + "'DOC+P+N1'DTM+36:990101", doc(Document{Type: "P", Number: "N1", Expires: "1999-01-01"}), ""},
		{"attributes without document", person + "'DTM+36:300101", blank, Orphan},
	} {
		m := one(t, message(head, flown, c.segments))
		if len(m.Travellers) != 1 {
			t.Errorf("%s: %d persons", c.name, len(m.Travellers))
			continue
		}
		got := m.Travellers[0]
		if len(got.Details.Segments) == 0 {
			t.Errorf("%s: no raw segments", c.name)
		}
		got.Details = Details{}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
		if p := codes(m); p != c.problems {
			t.Errorf("%s: problems %q, want %q", c.name, p, c.problems)
		}
	}
}

// Protected attributes leave no trace but their tag, wherever they stand; unknown segments stay whole.
func TestProtectedTextIsDropped(t *testing.T) {
	m := one(t, message(head, "FTX+AAI+++KOSHERWORD", flown, person, "FTX+BAG+++KC012345:2", "FTX+MED+++MEALWORD:DIABETESWORD",
		"ATT+9++CREEDWORD", "SSR+MOML+PRAYERWORD", "ZZA+1+STAYS"))
	var all strings.Builder
	json.NewEncoder(&all).Encode(m)
	for _, s := range append(m.Header.Segments, m.Travellers[0].Details.Segments...) {
		all.WriteString(s + "\n")
	}
	for _, word := range []string{"KOSHERWORD", "MEALWORD", "DIABETESWORD", "CREEDWORD", "PRAYERWORD"} {
		if strings.Contains(all.String(), word) {
			t.Errorf("%s was kept", word)
		}
	}
	for _, word := range []string{"KC012345", "ZZA+1+STAYS", "FTX+MED\n", "SSR\n"} {
		if !strings.Contains(all.String(), word) {
			t.Errorf("%q was not kept:\n%s", word, all.String())
		}
	}
	if m.Header.Dropped != 4 {
		t.Errorf("dropped %d, want 4", m.Header.Dropped)
	}
}

// Every segment is kept once, with the person or the header it stands under.
func TestSegmentsAreKept(t *testing.T) {
	body := []string{head, "RFF+TN:A1:::2", "NAD+MS+++HOST", "TDT+20+KC123+++KC", "LOC+125+ALA", "LOC+87+TAS",
		person, "ATT+2++M", "XYZ+1", "NAD+FL+++NUROVA:LOLA", "QQQ+2+A:B", "CNT+42:2"}
	m := one(t, message(body...))
	got := append([]string{}, m.Header.Segments[1:6+1]...)
	for _, p := range m.Travellers {
		got = append(got, p.Details.Segments...)
	}
	got = append(got, m.Header.Segments[7:]...)
	if diff := cmp.Diff(body, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if m.Header.Revision != "2" || m.Header.Reference != "A1" || m.Header.Party != "HOST" {
		t.Errorf("header %+v", m.Header)
	}
}

// Parts, functions and control totals.
func TestHeaders(t *testing.T) {
	unh := func(text, tail string) string {
		return strings.Replace(text, "PAXLST:D:12B:UN:IATA", "PAXLST:D:12B:UN:IATA"+tail, 1)
	}
	for _, c := range []struct {
		name, text  string
		part        int
		first, last bool
		problems    string
	}{
		{"a list of one part", message(head, flown, person), 0, true, true, ""},
		{"first of several, count of the whole", unh(message(head, flown, person, "CNT+42:300"), "+REF+01:C"), 1, true, false, ""},
		{"between", unh(message(head, flown, person, "CNT+42:300"), "+REF+02"), 2, false, false, ""},
		{"last of several", unh(message(head, flown, person, "CNT+42:300"), "+REF+03:F"), 3, false, true, ""},
		{"one, said to be first and last", unh(message(head, flown, person, "CNT+42:1"), "+REF+01:F"), 1, true, true, ""},
		{"too few came", message(head, flown, person, "CNT+42:2"), 0, true, true, CountMismatch},
		{"crew under the passengers' code", message("BGM+250", flown, "NAD+FM+++A:B", "CNT+42:1"), 0, true, true, ""},
		{"both totals", message(head, flown, "NAD+FM+++A:B", person, person, "CNT+42:2", "CNT+41:1"), 0, true, true, ""},
	} {
		m := one(t, c.text)
		if h := m.Header; h.Part != c.part || h.First != c.first || h.Last != c.last {
			t.Errorf("%s: part %d first %v last %v", c.name, h.Part, h.First, h.Last)
		}
		if p := codes(m); p != c.problems {
			t.Errorf("%s: problems %q, want %q", c.name, p, c.problems)
		}
	}
	m := one(t, message("BGM+266+CLNB", flown, person))
	if m.Header.Document != "266" || m.Header.Function != "CLNB" || m.Version != "D.12B" {
		t.Errorf("%+v", m.Header)
	}
	m = one(t, message("BGM+336+G", "TDT+20+KC01MCL+++KC", "LOC+188+XXX", "DTM+554:2403101000:201", "LOC+172+TST", "NAD+FM+++A:B"))
	if v := m.Voyages; len(v) != 1 || v[0].Number != "01MCL" || v[0].From+v[0].To != "" || codes(m) != "" {
		t.Errorf("master crew list: %+v %q", v, codes(m))
	}
}

// Other messages of the interchange are passed over and named; alone they are an error.
func TestOtherMessages(t *testing.T) {
	cusres := "UNH+9+CUSRES:D:05B:UN:IATA'BGM+962'UNT+3+9'"
	m := one(t, strings.Replace(message(head, flown, person), "UNH+1", cusres+"UNH+1", 1))
	if p := codes(m); !strings.Contains(p, OtherMessage) || len(m.Travellers) != 1 {
		t.Errorf("problems %q, %d persons", p, len(m.Travellers))
	}
	_, err := Parse(strings.NewReader("UNB+UNOA:4+A+B+240310:0700+77'"+cusres+"UNZ+1+77'"), "f.edi")
	if !errors.Is(err, ErrNoMessage) || !strings.Contains(err.Error(), "CUSRES") {
		t.Errorf("error %v", err)
	}
	_, err = Parse(strings.NewReader("Dear colleague"), "f.txt")
	if !errors.Is(err, edifact.ErrNoInterchange) || !strings.HasPrefix(err.Error(), "f.txt: ") {
		t.Errorf("error %v", err)
	}
	// A type that is only misspelt still loses nobody.
	m = one(t, strings.Replace(message(head, flown, person), "PAXLST", "PAXLTS", 1))
	if len(m.Travellers) != 1 || !strings.Contains(codes(m), UnknownType) {
		t.Errorf("%d persons, problems %q", len(m.Travellers), codes(m))
	}
}

// A message without any date is read with the parser's clock.
func TestCenturyWithoutDates(t *testing.T) {
	p := Parser{Now: func() time.Time { return time.Date(2024, 3, 10, 0, 0, 0, 0, time.UTC) }}
	text := "UNH+1+PAXLST:D:12B:UN'BGM+745'" + person + "'DTM+329:250101'UNT+5+1'"
	err := p.Scan(strings.NewReader(text), "t", func(m Message) error {
		if got := m.Travellers[0].Born; got != "1925-01-01" {
			t.Errorf("born %s", got)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Damage is told in sentences with place and remedy; the sentences are part of the product.
func TestProblemTexts(t *testing.T) {
	whole := message(head, flown, person, "ATT+2++M", "CNT+42:1")
	var b strings.Builder
	for _, c := range []struct{ name, text string }{
		{"truncated", whole[:strings.Index(whole, "ATT")+5]},
		{"cut after a segment", whole[:strings.Index(whole, "CNT")]},
		{"no flight", message(head, person, "CNT+42:3")},
		{"damaged UNA", "UNA+:.? '" + whole},
		{"nothing", "once upon a time"},
		{"empty", ""},
		{"no message", "UNB+UNOA:4+KCHOST+PIU+240310:0700+77'UNZ+0+77'"},
	} {
		all, err := Parse(strings.NewReader(c.text), "list.edi")
		fmt.Fprintf(&b, "%s:\n", c.name)
		for _, m := range all {
			for _, p := range m.Problems {
				fmt.Fprintf(&b, "  %d %s: %s\n", p.Segment, p.Code, p.Text)
			}
		}
		if err != nil {
			fmt.Fprintf(&b, "  error: %v\n", err)
		}
	}
	if *update {
		if err := os.WriteFile("testdata/problems.txt", []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/problems.txt")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
