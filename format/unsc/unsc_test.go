package unsc

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
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

var update = flag.Bool("update", false, "write the golden files anew")

func sample(t testing.TB) string {
	t.Helper()
	b, err := os.ReadFile("testdata/sample.xml")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func read(t testing.TB, text string) List {
	t.Helper()
	l, err := Read(strings.NewReader(text), "un.xml")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// TestReadSample proves every field of the sample, which has one of each oddity of the real list.
func TestReadSample(t *testing.T) {
	l := read(t, sample(t))
	if l.Lossy || len(l.Problems) > 0 || l.Published.Format("2006-01-02") != "2026-03-01" {
		t.Errorf("list = lossy %v, problems %v, published %v", l.Lossy, l.Problems, l.Published)
	}
	want := []Entry{{
		Kind: Individual, Reference: "ZZi.001", DataID: "9900001", Programme: "Samplestan",
		Names: []Name{
			{Full: "ASKAR MINSIZOV TEMIROVICH", Kind: "primary"},
			{Full: "Аскар Темирович Минсизов", Kind: "primary", Original: true},
			{Full: "Askar Minsiz", Kind: "alias", Quality: "good"},
			{Full: "Asqar Minsiz", Kind: "alias", Quality: "good"},
			{Full: "The Clerk", Kind: "alias", Quality: "low"},
			{Full: "Рамзан Писарь", Kind: "alias", Quality: "low", Original: true},
			{Full: "Asker Minsizoglu", Kind: "former", Quality: "good"},
		},
		Titles: []string{"Dr."}, Designations: []string{"Quartermaster", "Deputy of nobody"}, Sex: "M",
		Births:      []Birth{{Date: "1972-09-07"}, {Date: "1958~"}, {Date: "1973-11"}},
		Nationality: []string{"Kazakhstan", "Iran (Islamic Republic of)"},
		BirthPlaces: []Place{{Country: "Türkiye"}, {City: "Shymkent", Province: "Turkistan", Country: "Kazakhstan"}},
		Addresses:   []Place{{City: "Almaty", Country: "Kazakhstan", Note: "as of 2011"}},
		Documents: []Document{
			{Type: "P", Title: "Passport", Number: "N 01234567", Issuer: "Kazakhstan", Issued: "2001-05-06"},
			{Type: "I", Title: "National Identification Number", Number: "720907300012", Note: "Sample identity card number 720907300012 under name Minsiz"},
		},
		ListedOn: "2015-03-27", Updated: []string{"2016-10-13"},
		Comments: "Said to be the “quartermaster” of a group that does not exist. Father’s name is Temir & co.",
	}, {
		Kind: Individual, Reference: "ZZi.002", DataID: "9900002", Programme: "Samplestan",
		Names: []Name{
			{Full: "DARWESH HICH KAS", Kind: "primary"},
			{Full: "درویش هیچ کس", Kind: "primary", Original: true},
			{Full: "Darvish", Kind: "alias", Quality: "good"},
			{Full: "درويش بن فلان", Kind: "alias", Quality: "good", Original: true},
		},
		Births:      []Birth{{Date: "1958/1963", Text: "Approximately"}, {Text: "24/06/1402 (Hijri Calendar)"}},
		Nationality: []string{"Afghanistan"}, ListedOn: "2001-01-25",
	}, {
		Kind: Entity, Reference: "ZZe.001", DataID: "9900003", Programme: "Samplestan",
		Names: []Name{
			{Full: "NOWHERE TRADING HOUSE", Kind: "primary"},
			{Full: "Somewhere Trading", Kind: "former"},
		},
		Addresses: []Place{{Street: "1 Sample Road", City: "Nowhere", Country: "Samplestan"}}, ListedOn: "2002-01-11",
	}}
	if d := cmp.Diff(want, l.Entries, cmpopts.IgnoreFields(Entry{}, "Line"), cmpopts.EquateEmpty()); d != "" {
		t.Error(d)
	}
	if l.Entries[1].Line != 33 {
		t.Errorf("second entry on line %d", l.Entries[1].Line)
	}
}

// TestEncodings: however the same list is encoded, the same entries come out.
func TestEncodings(t *testing.T) {
	text := sample(t)
	want := read(t, text).Entries
	utf16 := func(e unicode.Endianness, bom unicode.BOMPolicy) string {
		s, err := unicode.UTF16(e, bom).NewEncoder().String(strings.Replace(text, "UTF-8", "UTF-16", 1))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for name, in := range map[string]string{
		"utf-8 with a mark":   "\uFEFF" + text,
		"utf-16le":            utf16(unicode.LittleEndian, unicode.UseBOM),
		"utf-16be":            utf16(unicode.BigEndian, unicode.UseBOM),
		"utf-16le, no mark":   utf16(unicode.LittleEndian, unicode.IgnoreBOM),
		"utf-16be, no mark":   utf16(unicode.BigEndian, unicode.IgnoreBOM),
		"crlf":                strings.ReplaceAll(text, "\n", "\r\n"),
		"cdata":               strings.ReplaceAll(strings.ReplaceAll(text, "Father’s name is Temir &amp; co.", "<![CDATA[Father’s name is Temir & co.]]>"), "  ", "\t"),
		"character reference": strings.ReplaceAll(text, "А", "&#x410;"),
		"comment":             strings.ReplaceAll(text, "<ENTITIES>", "<!-- a < b & c --><ENTITIES>"),
	} {
		l, err := Read(strings.NewReader(in), "un.xml")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if d := cmp.Diff(want, l.Entries, cmpopts.IgnoreFields(Entry{}, "Line")); d != "" || l.Lossy || len(l.Problems) > 0 {
			t.Errorf("%s: %s%v", name, d, l.Problems)
		}
	}
	// windows-1251 has no Arabic: the Cyrillic part of the list is enough to see that it is obeyed.
	cp, err := charmap.Windows1251.NewEncoder().String(`<?xml version="1.0" encoding="windows-1251"?><CONSOLIDATED_LIST><INDIVIDUALS><INDIVIDUAL><DATAID>1</DATAID><FIRST_NAME>Аскар</FIRST_NAME></INDIVIDUAL></INDIVIDUALS></CONSOLIDATED_LIST>`)
	if err != nil {
		t.Fatal(err)
	}
	if got := read(t, cp).Entries[0].Names[0]; got.Full != "Аскар" || !got.Original {
		t.Errorf("windows-1251: %+v", got)
	}
}

// cut does to a text what happened to the list of 2025: every letter keeps its lowest byte only.
func cut(text string) string {
	var b bytes.Buffer
	for _, r := range text {
		b.WriteByte(byte(r))
	}
	return b.String()
}

// TestLossyPublication: a list cut to lowest bytes is still read, and its names in Cyrillic and
// Arabic script come back, among them a name that begins with the Er that became a space, and
// letters that became "<" and "&".
func TestLossyPublication(t *testing.T) {
	extra := strings.Replace(sample(t), "<ALIAS_NAME>Askar Minsiz; Asqar Minsiz</ALIAS_NAME>",
		"<ALIAS_NAME>Hichkas (هيچ كس</ALIAS_NAME></INDIVIDUAL_ALIAS><INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY>"+
			"<ALIAS_NAME>Askar (original script: Цимом Шлюмщев)</ALIAS_NAME><NOTE>Original script: Абу аль-Мимов</NOTE>", 1)
	want := read(t, extra)
	// A Chinese alias cannot be rebuilt: its remains must not become a name.
	extra = strings.Replace(extra, "<ALIAS_NAME/>", "<ALIAS_NAME>華信船務 有限公司</ALIAS_NAME>", 1)
	got, err := Read(strings.NewReader(cut(extra)), "un.xml")
	if err != nil {
		t.Fatal(err)
	}
	if !got.Lossy || len(got.Problems) != 2 {
		t.Errorf("lossy %v, problems %q", got.Lossy, got.Problems)
	}
	if d := cmp.Diff(want.Entries, got.Entries, cmpopts.IgnoreFields(Entry{}, "Line", "Comments"), cmpopts.IgnoreFields(Name{}, "Restored")); d != "" {
		t.Error(d)
	}
	for _, n := range got.Entries[0].Names {
		if n.Original != n.Restored {
			t.Errorf("%q: original %v, restored %v", n.Full, n.Original, n.Restored)
		}
	}
	if got.Entries[0].Comments != want.Entries[0].Comments {
		t.Errorf("comment %q", got.Entries[0].Comments)
	}
}

// TestDamagedButWhole: a stray control character and a byte of another encoding do not make the
// letters of a whole file doubtful.
func TestDamagedButWhole(t *testing.T) {
	want := read(t, sample(t))
	got := read(t, strings.Replace(strings.Replace(sample(t), "Almaty", "Almaty\x02", 1), "Shymkent", "Shymk\xe9nt", 1))
	if got.Lossy || len(got.Problems) != 1 || got.Entries[0].BirthPlaces[1].City != "Shymként" {
		t.Errorf("lossy %v, problems %q, places %v", got.Lossy, got.Problems, got.Entries[0].BirthPlaces)
	}
	if d := cmp.Diff(want.Entries[0].Names, got.Entries[0].Names); d != "" {
		t.Error(d)
	}
}

// TestRestoreLeavesLatinAlone: what is no cut script is not turned into one.
func TestRestoreLeavesLatinAlone(t *testing.T) {
	for _, s := range []string{"JAMAAH SAMPLE", "KPE.018", "José", "(54) 11", "AL-A'LA", "O'BRIEN"} {
		if got, changed := restoreAlias(s); changed {
			t.Errorf("%q became %q", s, got)
		}
	}
	if got, _, ok := restoreScript("\u0091\u00d1\u00c3"); ok {
		t.Errorf("Chinese cut to bytes became %q", got)
	}
}

// TestBrokenFiles: each broken file is one clear sentence with place and remedy (golden).
func TestBrokenFiles(t *testing.T) {
	text := sample(t)
	at := strings.Index(text, "<THIRD_NAME>")
	bomb := `<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;">]>
<CONSOLIDATED_LIST><INDIVIDUALS/>&lol2;</CONSOLIDATED_LIST>`
	one := func(inner string) string {
		return "<CONSOLIDATED_LIST>\n<INDIVIDUALS>\n<INDIVIDUAL>" + inner + "</INDIVIDUAL>\n</INDIVIDUALS></CONSOLIDATED_LIST>"
	}
	cases := []struct{ name, in string }{
		{"empty", ""},
		{"blank", " \n\n"},
		{"cut within an entry", text[:at]},
		{"cut between entries", text[:strings.Index(text, "</INDIVIDUALS>")]},
		{"entity bomb", bomb},
		{"entity bomb in UTF-16", mustUTF16(t, bomb)},
		{"undeclared entity", strings.Replace(text, "&amp;", "&lol;", 1)},
		{"doctype within", strings.Replace(text, "<ENTITIES>", "<!DOCTYPE x SYSTEM 'file:///etc/passwd'><ENTITIES>", 1)},
		{"another document", "<!-- page -->\n<html><body>not found</body></html>"},
		{"csv", "id,name\n1,Nobody\n"},
		{"noise", strings.Repeat("noise \x00\xff", 300_000)},
		{"mixed-up tags", strings.Replace(text, "</GENDER>", "</GENDRE>", 1)},
		{"unknown encoding", `<?xml version="1.0" encoding="klingon-8"?><CONSOLIDATED_LIST/>`},
		{"no id", one("<FIRST_NAME>NOBODY</FIRST_NAME>")},
		{"no name", one("<REFERENCE_NUMBER>ZZi.009</REFERENCE_NUMBER>")},
		{"twice", strings.Replace(text, "ZZi.002", "ZZi.001", 1)},
	}
	var out strings.Builder
	for _, c := range cases {
		l, err := Read(strings.NewReader(c.in), "un.xml")
		var own *Error
		if !errors.As(err, &own) || len(l.Entries) > 0 {
			t.Errorf("%s: error %v with %d entries", c.name, err, len(l.Entries))
			continue
		}
		fmt.Fprintf(&out, "%s:\n\t%v\n", c.name, err)
	}
	golden(t, "errors.txt", out.String())
}

func mustUTF16(t *testing.T, s string) string {
	t.Helper()
	s, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(s)
	if err != nil {
		t.Fatal(err)
	}
	return s
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

// FuzzRead: any bytes are a list with identities and names or an *Error, never a panic, and
// what is read is not read differently the second time.
func FuzzRead(f *testing.F) {
	text := sample(f)
	for _, s := range []string{text, cut(text), text[:700], "\xff\xfe<\x00", "<CONSOLIDATED_LIST>", "<!DOCTYPE", "<CONSOLIDATED_LIST><INDIVIDUAL><DATAID>1</DATAID><FIRST_NAME>\x14>:C %0<0B>28G</FIRST_NAME></INDIVIDUAL></CONSOLIDATED_LIST>"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := Read(bytes.NewReader(b), "f")
		var own *Error
		if err != nil {
			if !errors.As(err, &own) || strings.ContainsAny(err.Error(), "\n\x00\x1b") {
				t.Fatalf("error for a person: %q", err)
			}
			return
		}
		for _, e := range l.Entries {
			if e.Reference+e.DataID == "" || len(e.Names) == 0 {
				t.Fatalf("entry without identity or name: %+v", e)
			}
			for _, n := range e.Names {
				if strings.ContainsFunc(n.Full, isKeptControl) {
					t.Fatalf("control character kept in %q", n.Full)
				}
			}
		}
	})
}
