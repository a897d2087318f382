package paxlst

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// FuzzParse: any bytes; never panics, every message is of this format, its lists are never nil, persons keep
// their raw segments.
func FuzzParse(f *testing.F) {
	seeds(f, func(b []byte) { f.Add(b) })
	f.Add([]byte(message(head, flown, person, "DTM+329:XXXXXX", "DTM+36:0000", "DOC+P+1")))
	f.Add([]byte("NAD+FL+++A:B'DTM+329:8005'LOC+92+AAA'LOC+92+AAA'LOC+125+BBB'"))
	f.Fuzz(func(t *testing.T, in []byte) {
		all, _ := Parse(bytes.NewReader(in), "f")
		for _, m := range all {
			if m.Format != Format || m.Voyages == nil || m.Travellers == nil || m.Problems == nil {
				t.Fatalf("%+v", m)
			}
			for _, p := range m.Travellers {
				if len(p.Details.Segments) == 0 || p.Role == "" {
					t.Fatalf("%+v", p)
				}
			}
			Encode(m)
		}
	})
}

func seeds(f testing.TB, add func([]byte)) {
	files, _ := filepath.Glob("testdata/*.edi")
	for _, path := range files {
		b, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		add(b)
	}
}

// dialects are the service characters a mutation writes with: component, element, release, terminator, UNA.
var dialects = []struct {
	component, element, release, terminator string
	una                                     string
}{
	{":", "+", "?", "'", ""},
	{":", "+", "?", "'", "UNA:+.? '"},
	{":", "+", "?", "'", "UNA+:.? '"}, // UNA lies
	{":", "(", ")", "-", "UNA:(.) -"},
	{"*", ":", "!", "~", "UNA*:.!#~"},
	{":", "+", "?", "\n", "UNA:+.? \n"},
	{":", "+", "?", "'\r\n", "UNA:+.? '\r\n"},
}

// mutate reads program as steps of three bytes that reorder, drop, double and insert segments of a valid list,
// and returns the text with the number of persons it holds.
func mutate(segments []string, program []byte) (text string, persons int) {
	list := append([]string{}, segments...)
	dialect, width := dialects[0], 0
	for ; len(program) >= 3 && len(list) > 0; program = program[3:] {
		i, j := int(program[1])%len(list), int(program[2])%len(list)
		switch program[0] % 8 {
		case 0:
			list[i], list[j] = list[j], list[i]
		case 1:
			list = append(list[:i], list[i+1:]...)
		case 2:
			list = append(list[:i:i], append([]string{list[j]}, list[i:]...)...)
		case 3: // a group moves: what follows a NAD or TDT goes with it
			n := 1
			for i+n < len(list) && !strings.HasPrefix(list[i+n], "NAD") && !strings.HasPrefix(list[i+n], "UN") && !strings.HasPrefix(list[i+n], "TDT") {
				n++
			}
			group := append([]string{}, list[i:i+n]...)
			list = append(list[:i:i], list[i+n:]...)
			j = min(j, len(list))
			list = append(list[:j:j], append(group, list[j:]...)...)
		case 4:
			list = append(list[:i:i], append([]string{[]string{"XYZ+1:2+3", "NAD+FL", "NAD+FM+++A:B", "UNS+D", "NAD+ZZ+++C"}[j%5]}, list[i:]...)...)
		case 5:
			dialect = dialects[int(program[1])%len(dialects)]
		case 6:
			width = 5 + int(program[1])%80
		case 7:
			list = list[:i+1]
		}
	}
	var b strings.Builder
	for _, s := range list {
		if q := strings.SplitN(s+"++", "+", 3); q[0] == "NAD" && (q[1] == "FL" || q[1] == "FM" || q[1] == "DDU" || q[1] == "DDT") {
			persons++
		}
		for _, c := range s {
			switch string(c) {
			case ":":
				b.WriteString(dialect.component)
			case "+":
				b.WriteString(dialect.element)
			case dialect.component, dialect.element, dialect.release, dialect.terminator:
				b.WriteString(dialect.release + string(c))
			default:
				b.WriteRune(c)
			}
		}
		b.WriteString(dialect.terminator)
	}
	text = b.String()
	if width > 0 && dialect.terminator == "'" {
		var lines []string
		for len(text) > width {
			lines = append(lines, text[:width])
			text = text[width:]
		}
		text = strings.Join(append(lines, text), "\r\n")
	}
	return dialect.una + text, persons
}

// rich is a list with everything in it: two legs, passengers, crew, transit, several documents.
const rich = "UNB+UNOA:4+KCHOST+PIU+240310:0700+77'UNG+PAXLST+KCHOST+PIU+240310:0700+5+UN+D:12B'UNH+1+PAXLST:D:12B:UN:IATA'BGM+745'" +
	"RFF+TN:A1:::2'NAD+MS+++HOST'COM+1:TE'TDT+20+KC123+++KC'LOC+92+ALA'DTM+189:2403101000:201'LOC+92+TSE'DTM+232:2403101130:201'" +
	"TDT+20+KC124+++KC'LOC+92+TSE'DTM+189:2403101300:201'LOC+92+TAS'DTM+232:2403101500:201'" +
	"NAD+FL+++NUROV:ALIM'ATT+2++M'DTM+329:800101'MEA+CT++:1'LOC+178+ALA'LOC+179+TAS'NAT+2+UZB'RFF+AVF:AB12CD'DOC+P+N1'DTM+36:300101'LOC+91+UZB'DOC+V+V2'LOC+91+KAZ'" +
	"NAD+FM+++SEITOVA:AIDA'ATT+2++F'DTM+329:850505'DOC+P+N2'NAD+DDU+++KIM:SOO JIN'DTM+329:900909'DOC+P+K3'NAD+FL+++PAK:LI'" +
	"CNT+42:3'CNT+41:1'UNT+45+1'UNE+1+5'UNZ+1+77'"

// FuzzPersons: persons out = persons in, however a valid list is rearranged, cut at a segment, re-separated or wrapped.
func FuzzPersons(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{5, 3, 0})
	f.Add([]byte{3, 17, 7, 5, 5, 0})
	f.Add([]byte{1, 0, 0, 1, 0, 0, 1, 0, 0, 6, 12, 0})
	f.Add([]byte{7, 30, 0, 4, 9, 1, 2, 3, 20})
	f.Add([]byte{5, 2, 0, 4, 3, 4, 0, 0, 44})
	f.Fuzz(func(t *testing.T, program []byte) {
		if len(program) > 90 {
			return
		}
		checkPersons(t, program)
	})
}

func checkPersons(t *testing.T, program []byte) {
	t.Helper()
	segments := strings.Split(strings.TrimSuffix(rich, "'"), "'")
	text, want := mutate(segments, program)
	all, err := Parse(strings.NewReader(text), "f")
	got := 0
	for _, m := range all {
		for _, p := range m.Travellers {
			if roleOf(p.Details.Qualifier) != "" {
				got++
			}
		}
	}
	if got != want {
		t.Fatalf("%d persons out, %d in, error %v, of\n%s", got, want, err, text)
	}
}

// The same over many fixed programs, so that every run of the tests does it.
func TestPersonsOutArePersonsIn(t *testing.T) {
	x := uint32(88172645)
	for range 20_000 {
		program := make([]byte, 0, 30)
		for range 3 * (1 + x%9) {
			x ^= x << 13
			x ^= x >> 17
			x ^= x << 5
			program = append(program, byte(x>>9))
		}
		checkPersons(t, program)
	}
}

// What is encoded reads back the same.
func TestEncodeRoundTrip(t *testing.T) {
	count := 3
	made := Message{
		Format: Format, Version: "D.15B", File: "t",
		Header: Header{Document: "745", Function: "CP", Purpose: "9", Reference: "R1", Revision: "2", Ref: "7", CommonRef: "C9", Part: 1, First: true, Last: true,
			Sender: "KC:HOST", Recipient: "PIU", Interchange: "99", Prepared: "2024-03-10T07:00", Party: "HELP+DESK", Contacts: []Contact{{"TE", "1"}, {"EM", "A@B"}, {"FX", "2"}, {"TE", "3"}},
			Passengers: &count},
		Voyages: []Voyage{
			{Carrier: "KC", Number: "123", From: "ALA", To: "TSE", Departs: "2024-03-10T10:00", Arrives: "2024-03-10T11:30", Mode: "40", Operator: "HY"},
			{Carrier: "KC", Number: "124", From: "TSE", To: "TAS", Departs: "2024-03-10T12:30", Arrives: "2024-03-10", DepartsZone: "+05:00"},
		},
		Problems: nil,
		Travellers: []Traveller{
			{Surname: "O'HARA", Given: "ANN LEE", Sex: "F", Born: "1980-01-02", Nationality: "IRL", Residence: "UZB", Role: Passenger, Booking: "AB12", Seat: "1A", Bags: bags(0),
				Documents: []Document{{Type: "P", Number: "N:1", Issuer: "IRL", Expires: "2031-01-01", Issued: "2021-01-01"}, {Type: "V", Number: "V1", Expires: "2099-01-01"}},
				Details: Details{Qualifier: "FL", BirthPlace: "CORK", BirthCountry: "IRL", Address: Address{"1 HIGH ST", "CORK", "MUNSTER", "T12", "IRL"}, Embark: "ALA", Debark: "TAS",
					Cleared: "TAS", Contacts: []Contact{{"TE", "99"}}, UniqueRef: "U1", Ticket: "T1", GovRef: "G1", CustomerRef: "C1", BagTags: []BagTag{{"KC1", 2}, {"KC9", 0}}, BagWeight: "28 KGM", Verified: "173"}},
			{Surname: "ЖҰМАБАЕВ", Given: "Мағжан", Born: "1893", Role: Crew, Details: Details{Qualifier: "FM", Employment: "CR1"}},
			{Surname: "OLD", Born: "1920-05-06", Role: Transit, Details: Details{Qualifier: "DDU"}},
			{Surname: "MONTH", Born: "1999-05", Role: Transit, Details: Details{Qualifier: "DDT"}},
		},
	}
	got := one(t, string(Encode(made)))
	skip := cmp.Options{
		cmpopts.IgnoreFields(Message{}, "Problems"), cmpopts.IgnoreFields(Details{}, "Segments", "Segment"),
		cmpopts.IgnoreFields(Header{}, "Segments", "Charset"),
	}
	if diff := cmp.Diff(made, got, skip); diff != "" {
		t.Errorf("(-made +read):\n%s", diff)
	}
	if p := codes(got); p != CarrierMismatch+" "+CountMismatch { // three counted without the crew, as made
		t.Logf("problems %q", p)
	}
	again := Encode(got)
	if !bytes.Equal(again, Encode(made)) {
		t.Errorf("encoding is not stable:\n%s\n%s", again, Encode(made))
	}
	two := EncodeInterchange(made, made)
	all, err := Parse(bytes.NewReader(two), "t")
	if err != nil || len(all) != 2 {
		t.Errorf("%d messages of two, %v", len(all), err)
	}
}

// big is an interchange with n persons of the richness carriers send.
func big(n int) []byte {
	m := Message{Header: Header{Sender: "KCHOST", Recipient: "PIU", Prepared: "2024-03-10T07:00", Reference: "R"},
		Voyages: []Voyage{{Carrier: "KC", Number: "123", From: "ALA", To: "TAS", Departs: "2024-03-10T10:00", Arrives: "2024-03-10T11:30"}}}
	for i := range n {
		m.Travellers = append(m.Travellers, Traveller{Surname: "NUROV", Given: fmt.Sprintf("ALIM SAID %d", i), Sex: "M", Born: "1980-01-02", Nationality: "UZB", Residence: "UZB",
			Role: Passenger, Booking: "AB12CD", Seat: "12A", Bags: bags(1), Documents: []Document{{Type: "P", Number: fmt.Sprintf("N%07d", i), Issuer: "UZB", Expires: "2030-01-01"}},
			Details: Details{Embark: "ALA", Debark: "TAS", Cleared: "TAS", UniqueRef: fmt.Sprint(i)}})
	}
	return Encode(m)
}

// BenchmarkParse prints MB/s over lists of 180 persons, and persons a second.
func BenchmarkParse(b *testing.B) {
	text := bytes.Repeat(big(180), 200)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	persons := 0
	for b.Loop() {
		err := Scan(bytes.NewReader(text), "b", func(m Message) error {
			persons += len(m.Travellers)
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(persons)/b.Elapsed().Seconds(), "persons/s")
}
