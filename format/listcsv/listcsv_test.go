package listcsv

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
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

var update = flag.Bool("update", false, "write the golden files anew")

func own(t testing.TB) string {
	t.Helper()
	b, err := os.ReadFile("testdata/own.csv")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

var rows = []Row{
	{ID: "A-1", Name: "MINSIZOV, Askar", Aliases: []string{"Аскар Минсизов", "Asqar Minsiz"}, Born: []string{"1972-09-07"},
		Nationality: []string{"KAZ"}, Sex: "M", Documents: []Document{{"P", "N01234567", "KAZ"}, {"", "720907300012", "KAZ"}},
		Reason: "court order 1", Severity: "high", Instruction: "second-line", Contact: "duty officer, +7 000", ValidUntil: "2027-12-31", Line: 2},
	{ID: "A-2", Name: "Ҳеҷкас Дарвеш", Born: []string{"1958/1963", "1958~"}, Nationality: []string{"Tajikistan", "Узбекистан"},
		Documents: []Document{{"", "AB123456", ""}}, Line: 3},
	{ID: "A-3", Name: "Nobody Atall", Born: []string{"1980-09-07"}, Nationality: []string{"UZB"}, Sex: "F",
		Documents: []Document{{"passport", "FA 0000001", ""}}, Severity: "critical", Instruction: "detain", ValidUntil: "2026-12-31", Line: 4},
}

// TestForms: the same rows come out of every form a spreadsheet may save.
func TestForms(t *testing.T) {
	text := own(t)
	tabs := strings.ReplaceAll(strings.ReplaceAll(text, `"MINSIZOV, Askar"`, "MINSIZOV@ Askar"), `"duty officer, +7 000"`, "duty officer@ +7 000")
	tabs = strings.ReplaceAll(strings.ReplaceAll(tabs, ",", "\t"), "@", ",")
	bars := strings.ReplaceAll(strings.ReplaceAll(tabs, ";", "|"), "\t", ";")
	wide, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(tabs)
	if err != nil {
		t.Fatal(err)
	}
	for name, in := range map[string]string{
		"as written": text, "mark": "\uFEFF" + text, "crlf": strings.ReplaceAll(text, "\n", "\r\n"), "blank lines": strings.ReplaceAll(text, "\n", "\n\n"),
		"tabs": tabs, "semicolons": bars, "utf-16": wide, "no last line end": strings.TrimSuffix(text, "\n"),
		"other titles": strings.Replace(text, "id,name,aliases,born", "№,ФИО,AKA,Date of Birth", 1),
	} {
		l, err := Read(strings.NewReader(in), "own.csv")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if name == "blank lines" {
			for i := range l.Rows {
				l.Rows[i].Line = i + 2
			}
		}
		if d := cmp.Diff(rows, l.Rows); d != "" || len(l.Problems) > 0 {
			t.Errorf("%s: %s %v", name, d, l.Problems)
		}
		if !Sniff([]byte(in)) {
			t.Errorf("%s: not recognised", name)
		}
	}
}

func TestCyrillicCodePage(t *testing.T) {
	in, err := charmap.Windows1251.NewEncoder().String("пол;дата рождения;фио;номер;замечание\nм;07.09.1972;Минсизов Аскар;1;да\n")
	if err != nil {
		t.Fatal(err)
	}
	l, err := Read(strings.NewReader(in), "own.csv")
	if err != nil {
		t.Fatal(err)
	}
	want := List{Rows: []Row{{ID: "1", Name: "Минсизов Аскар", Born: []string{"1972-09-07"}, Sex: "M", Line: 2}},
		Problems: []string{"own.csv: columns left out: замечание"}}
	if d := cmp.Diff(want, l); d != "" {
		t.Error(d)
	}
}

func TestDocumentForms(t *testing.T) {
	for in, want := range map[string]Document{
		"P:N1:KAZ": {"P", "N1", "KAZ"}, "P:KAZ:N1": {"P", "N1", "KAZ"}, "KAZ:N1": {"", "N1", "KAZ"},
		"P:N1": {"P", "N1", ""}, "ID: N1": {"ID", "N1", ""}, "N1": {"", "N1", ""}, " p : n1 : uzb ": {"p", "n1", "uzb"},
	} {
		if got := document(in); got != want {
			t.Errorf("%q: %+v", in, got)
		}
	}
}

// TestReadRowsKeepsTheGood: good rows do not suffer from one bad line.
func TestReadRowsKeepsTheGood(t *testing.T) {
	in := "name,born,document,id\nGood One,1970,KAZ:1,1\n,1970,,2\nBad Date,soon,,3\nGood Two,,,\n"
	l, bad, err := ReadRows(strings.NewReader(in), "in.csv", "name")
	if err != nil || len(l.Rows) != 2 || len(bad) != 2 || bad[0].Line != 3 || bad[1].Line != 4 {
		t.Errorf("%v %v %v", l.Rows, bad, err)
	}
}

// TestReadEverybody: travellers to be screened are not lost because of one bad line, nor is a row itself.
func TestReadEverybody(t *testing.T) {
	for _, c := range []struct{ name, in, rows, bad string }{
		{"good", "name,born,id\nGood One,1970,1\nGood Two,,\n", "1 Good One 1970| Good Two ", ""},
		{"columns in another order", "BORN;Name\n1970;Good One\n", " Good One 1970", ""},
		{"no name", "name,born,id\n,1970,2\nGood Two,,\n", "2  1970| Good Two ", "2"},
		{"bad date", "name,born,id\nBad Date,soon,3\n", "3 Bad Date ", "2"},
		{"same id twice", "id,name\n7,One Person\n7,Another Person\n", "7 One Person |7 Another Person ", "3"},
		{"a cell too many", "id,name\n7,One Person,x\n", "7 One Person ", "2"},
		{"a quotation mark in a name", "id,name\n7,O\"BRIEN JOHN\n8,Next One\n", "7 O\"BRIEN JOHN |8 Next One ", "2"},
		{"a quotation mark that nothing closes", "id,name\n7,\"Open Mark\n8,Next One\n9,Last One\n", "7 Open Mark |8 Next One |9 Last One ", "2"},
		{"a mark that nothing closes before other cells", "name,id,born\n\"Open Mark,7,1970\nNext One,8,\n", "7 Open Mark 1970|8 Next One ", "2"},
		{"marks within marks", "id,name\n7,\"ANN \"X\" TEST\"\n8,Next One\n", "7 ANN \"X\" TEST |8 Next One ", "2"},
		{"a text over two lines", "id,name\n7,\"Two\nLines\"\n8,Next One\n", "7 Two Lines |8 Next One ", ""},
		{"cut short", "id,name,born\n7,One Person,1970\n8,Last", "7 One Person 1970|8 Last ", ""},
	} {
		l, bad, err := ReadEverybody(strings.NewReader(c.in), "in.csv", "name")
		var rows, lines []string
		for _, r := range l.Rows {
			rows = append(rows, strings.Join([]string{r.ID, r.Name, strings.Join(r.Born, ";")}, " "))
		}
		for _, b := range bad {
			lines = append(lines, fmt.Sprint(b.Line))
		}
		if got := strings.Join(rows, "|"); err != nil || got != c.rows || strings.Join(lines, " ") != c.bad {
			t.Errorf("%s: rows %q, bad lines %q, error %v", c.name, got, lines, err)
		}
	}
}

// TestBrokenFiles: each broken file is one clear sentence with place and remedy (golden).
func TestBrokenFiles(t *testing.T) {
	text := own(t)
	head := "id,name,aliases,born,nationality,sex,documents\n"
	cases := []struct{ name, in string }{
		{"empty", ""},
		{"no header", "A-1,Nobody,,1970\n"},
		{"missing column", "name,born\nNobody,1970\n"},
		{"other columns", "pc;amount\n1;2\n"},
		{"no id", head + ",Nobody\n"},
		{"no name", head + "A-1,\n"},
		{"twice", head + "A-1,Nobody\nA-2,Nobody\nA-1,Somebody\n"},
		{"bad date", head + "A-1,Nobody,,31.02.1970\n"},
		{"bad sex", head + "A-1,Nobody,,,,yes\n"},
		{"bad validity", "id,name,valid_until\n1,Nobody,2027\n"},
		{"many bad rows", head + strings.Repeat("A,\n", 20)},
		{"too many cells", head + "A-1,Nobody, Atall,x,,,,,,\n"},
		{"cut short", text[:strings.Index(text, ",2027")]},
		{"cut within quotes", text[:strings.Index(text, " officer")]},
		{"stray quote", head + "A-1,No\"body\n"},
		{"spreadsheet", "PK\x03\x04\x14\x00\x06\x00"},
		{"binary later", head + "A-1,\x00\n"},
		{"noise", strings.Repeat("noise ", 300_000)},
		{"noise after a header", head + strings.Repeat("noise ", 300_000)},
		{"terminal codes", "\x1b[31mred,\x07\nx\n"},
	}
	var out strings.Builder
	for _, c := range cases {
		l, err := Read(strings.NewReader(c.in), "own.csv")
		var e *Error
		if !errors.As(err, &e) || len(l.Rows) > 0 {
			t.Errorf("%s: error %v with %d rows", c.name, err, len(l.Rows))
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

// FuzzRead: any bytes are rows with an id of their own and a name, or an *Error.
func FuzzRead(f *testing.F) {
	f.Add([]byte(own(f)))
	f.Add([]byte("\xff\xfei\x00d\x00"))
	f.Add([]byte("id;name;documents\n1;\xcc\xe8;::;:\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := Read(bytes.NewReader(b), "f")
		var e *Error
		if err != nil {
			if !errors.As(err, &e) || strings.ContainsAny(err.Error(), "\n\x00\x1b") {
				t.Fatalf("error for a person: %q", err)
			}
			return
		}
		ids := map[string]bool{}
		for _, r := range l.Rows {
			if r.ID == "" || r.Name == "" || ids[r.ID] || r.Line < 2 {
				t.Fatalf("bad row %+v", r)
			}
			ids[r.ID] = true
		}
	})
}
