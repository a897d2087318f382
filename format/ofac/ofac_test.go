package ofac

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/text/encoding/unicode"
)

var update = flag.Bool("update", false, "write the golden files anew")

func text(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func files(t testing.TB, names ...string) []File {
	var out []File
	for _, n := range names {
		out = append(out, File{n, strings.NewReader(text(t, n))})
	}
	return out
}

// TestReadSample proves every column and every clause of the remarks that is understood, with the
// files in an odd order.
func TestReadSample(t *testing.T) {
	l, err := Read(files(t, "add.csv", "sdn_comments.csv", "alt.csv", "sdn.csv")...)
	if err != nil || len(l.Problems) > 0 {
		t.Fatal(err, l.Problems)
	}
	want := []Entry{{
		ID: "90001", Kind: Individual, Programmes: []string{"SAMPLE", "SAMPLE2"}, Title: "Quartermaster",
		Names: []Name{
			{Full: "MINSIZOV, Askar Temirovich", Surname: "MINSIZOV", Given: "Askar Temirovich", Kind: "primary"},
			{Full: "MINSIZ, Askar", Surname: "MINSIZ", Given: "Askar", Kind: "alias", Quality: "good"},
			{Full: "PREZHNIY, Askar", Surname: "PREZHNIY", Given: "Askar", Kind: "former", Quality: "good"},
			{Full: "THE CLERK", Kind: "alias", Quality: "low"},
			{Full: "MINSIZ, Asqar", Surname: "MINSIZ", Given: "Asqar", Kind: "former", Quality: "low"},
		},
		Births: []string{"1972-09-07", "1958~", "1958/1963"}, BirthTexts: []string{"Ramadan 1390"},
		BirthPlaces: []string{"Shymkent, Kazakhstan"}, Nationalities: []string{"Kazakhstan", "Russia"}, Sex: "M",
		Documents: []Document{
			{Type: "P", Title: "Passport", Number: "N01234567", Issuer: "Kazakhstan", Issued: "2015-05-05", Expires: "2025-11-10"},
			{Type: "P", Title: "Passport", Number: "K 754050"},
			{Type: "I", Title: "National ID No.", Number: "720907300012", Issuer: "Kazakhstan"},
			{Title: "NIT #", Number: "16215230-1", Issuer: "Colombia"},
		},
		Addresses: []Address{{Street: "1 Sample Road", City: "Almaty", Country: "Kazakhstan"}},
		LinkedTo:  []string{"NOWHERE TRADING HOUSE"}, Line: 1,
	}, {
		ID: "90002", Kind: Entity, Programmes: []string{"SAMPLE"}, Line: 2,
		Names: []Name{{Full: "NOWHERE TRADING HOUSE", Kind: "primary"}, {Full: "SOMEWHERE TRADING", Kind: "alias", Quality: "good"},
			{Full: "NTH", Kind: "alias", Quality: "low"}},
		Documents: []Document{{Title: "Registration Number", Number: "12-34"}},
		LinkedTo:  []string{"MINSIZOV, Askar Temirovich"},
	}, {
		ID: "90003", Kind: Vessel, Programmes: []string{"SAMPLE"}, Line: 3,
		Names:     []Name{{Full: "EXAMPLE STAR", Kind: "primary"}, {Full: "ANNA", Kind: "former", Quality: "low"}},
		Documents: []Document{{Title: "Vessel Registration Identification IMO", Number: "9404546"}},
		Ship:      Ship{"ZZ1234", "General Cargo", "2597", "1098", "Cuba", "Nowhere Lines S.A."},
	}, {
		ID: "90004", Kind: Aircraft, Programmes: []string{"SAMPLE"}, Line: 4,
		Names:     []Name{{Full: "ZZ-ABC", Kind: "primary"}},
		Documents: []Document{{Title: "Aircraft Manufacturer's Serial Number (MSN)", Number: "1023409321"}},
	}, {
		ID: "90005", Kind: Individual, Programmes: []string{"SAMPLE"}, Line: 5,
		Names: []Name{{Full: "SINGLENAME", Kind: "primary"}}, Births: []string{"1973"}, Sex: "F",
	}}
	if d := cmp.Diff(want, l.Entries, cmpopts.IgnoreFields(Entry{}, "Remarks"), cmpopts.EquateEmpty()); d != "" {
		t.Error(d)
	}
	if r := l.Entries[1].Remarks; !strings.HasSuffix(r, "a.k.a. 'NTH'; Linked To: MINSIZOV, Askar Temirovich.") {
		t.Errorf("continued remarks: %q", r)
	}
}

// TestForms: sdn.csv alone, other line ends, other encodings and a missing end mark read the same.
func TestForms(t *testing.T) {
	sdn := text(t, "sdn.csv")
	want, err := Read(files(t, "sdn.csv")...)
	if err != nil || len(want.Entries) != 5 {
		t.Fatal(err, len(want.Entries))
	}
	wide, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(sdn)
	if err != nil {
		t.Fatal(err)
	}
	for name, in := range map[string]string{
		"no end mark": strings.TrimSuffix(sdn, "\x1a"),
		"lf":          strings.ReplaceAll(sdn, "\r\n", "\n"),
		"bom":         "\uFEFF" + sdn,
		"utf-16":      wide,
		"bare -0-":    strings.ReplaceAll(sdn, "-0- ", "-0-"),
		"quoted -0-":  strings.ReplaceAll(sdn, "-0- ", `"-0-"`),
	} {
		got, err := Read(File{name, strings.NewReader(in)})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: %s", name, d)
		}
		if part, ok := Sniff([]byte(in)[:min(len(in), 4096)]); !ok || part != SDN {
			t.Errorf("%s: sniffed as %q", name, part)
		}
	}
	latin := strings.Replace(sdn, "SINGLENAME", "Jos\xe9", 1)
	if got, err := Read(File{"sdn.csv", strings.NewReader(latin)}); err != nil || got.Entries[4].Names[0].Full != "José" {
		t.Errorf("windows-1252: %v", err)
	}
	for name, want := range map[string]Part{"alt.csv": Alt, "add.csv": Addr, "sdn_comments.csv": Comments} {
		if part, ok := Sniff([]byte(text(t, name))); !ok || part != want {
			t.Errorf("%s sniffed as %q", name, part)
		}
	}
	for _, s := range []string{"", "id,name\n", "<xml>", "1,2,3,4,5,6,7,8,9,10,11,12\n", "\x00\x00"} {
		if part, ok := Sniff([]byte(s)); ok {
			t.Errorf("%q sniffed as %q", s, part)
		}
	}
}

func TestOrphansAreSaid(t *testing.T) {
	alt := strings.NewReader("77,1,\"aka\",\"NOBODY\",-0- \r\n")
	l, err := Read(append(files(t, "sdn.csv"), File{"alt.csv", alt})...)
	if err != nil || len(l.Problems) != 1 || !strings.HasPrefix(l.Problems[0], "1 of 1 rows of alt.csv belong to entries that sdn.csv does not have") {
		t.Errorf("%v %q", err, l.Problems)
	}
}

// TestBrokenFiles: each broken file is one clear sentence with place and remedy (golden).
func TestBrokenFiles(t *testing.T) {
	sdn, alt := text(t, "sdn.csv"), text(t, "alt.csv")
	one := func(name, in string) []File { return []File{{name, strings.NewReader(in)}} }
	cases := []struct {
		name string
		in   []File
	}{
		{"nothing", nil},
		{"empty", one("sdn.csv", "")},
		{"only the end mark", one("sdn.csv", "\x1a")},
		{"only alt.csv", one("alt.csv", alt)},
		{"sdn.csv twice", append(files(t, "sdn.csv"), File{"copy.csv", strings.NewReader(sdn)})},
		{"cut within a quoted text", one("sdn.csv", sdn[:strings.Index(sdn, "Registration Number")])},
		{"cut within a row", one("sdn.csv", sdn[:strings.Index(sdn, ",\"ZZ1234\"")])},
		{"header", one("sdn.csv", "id,name,aliases\n1,Nobody,\n")},
		{"wrong columns", one("sdn.csv", strings.Replace(sdn, "\"SINGLENAME\",", "", 1))},
		{"no number", one("sdn.csv", strings.Replace(sdn, "90005", "number", 1))},
		{"twice", one("sdn.csv", strings.Replace(sdn, "90005", "90004", 1))},
		{"no name", one("sdn.csv", strings.Replace(sdn, "\"SINGLENAME\"", "-0- ", 1))},
		{"unknown type", one("sdn.csv", strings.Replace(sdn, "\"aircraft\"", "\"planet\"", 1))},
		{"stray quote", one("sdn.csv", strings.Replace(sdn, "EXAMPLE STAR", "EXAMPLE \" STAR", 1))},
		{"binary", one("sdn.csv", "PK\x03\x04\x00\x00")},
		{"noise", one("sdn.csv", strings.Repeat("noise ", 300_000))},
		{"xml", one("sdn.csv", "<?xml version=\"1.0\"?>\n<sdnList>\n</sdnList>\n")},
	}
	var out strings.Builder
	for _, c := range cases {
		l, err := Read(c.in...)
		var own *Error
		if !errors.As(err, &own) || len(l.Entries) > 0 {
			t.Errorf("%s: error %v with %d entries", c.name, err, len(l.Entries))
			continue
		}
		fmt.Fprintf(&out, "%s:\n\t%v\n", c.name, err)
	}
	golden(t, "errors.txt", out.String())
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (run with -update if this is meant):\n%s", path, d)
	}
}

// FuzzRead: any bytes are entries with number and name or an *Error, and remarks are never lost.
func FuzzRead(f *testing.F) {
	f.Add([]byte(text(f, "sdn.csv")))
	f.Add([]byte("1,\"A, B\",\"individual\",\"X\",,,,,,,,\"DOB 31 Feb 1970; Passport ; a.k.a. ''; ;;\"\n\x1a"))
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := Read(File{"f", bytes.NewReader(b)})
		var own *Error
		if err != nil {
			if !errors.As(err, &own) || strings.ContainsAny(err.Error(), "\n\x00\x1b") {
				t.Fatalf("error for a person: %q", err)
			}
			return
		}
		for _, e := range l.Entries {
			if e.ID == "" || len(e.Names) == 0 || e.Names[0].Full == "" {
				t.Fatalf("entry without number or name: %+v", e)
			}
		}
	})
}
