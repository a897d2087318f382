package sheet

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// live are texts that a spreadsheet program would evaluate.
var live = []string{`=1+1`, `+998901234567`, `-5`, `@SUM(A1)`, "\t=1", "\r=1", "\n=1", ` =1`, `"=1`, `'=1`, `“=1”`, "\u200b=1", "\ufeff=1", "\u00a0=1", `＝1`, `＋1`, `－1`, `＠A`,
	`|cmd`, `%1`, "\u2212" + `5`, `=HYPERLINK("http://x","y")`, `   "  =cmd|' /C calc'!A0`, "\x01=1", "«=1»"}

// TestDefuse proves that what could be evaluated is not, and that other texts stay as they are.
func TestDefuse(t *testing.T) {
	for _, s := range live {
		if got := Defuse(s); got != "'"+s {
			t.Errorf("%q became %q", s, got)
		}
	}
	for _, s := range []string{"", "TESTOV Askar", "a=b", "1972-09-07", "№ 5", `"quoted"`, " a", "Ҳеҷкас", "O'BRIEN", "…"} {
		if got := Defuse(s); got != s {
			t.Errorf("%q became %q", s, got)
		}
	}
}

func sample() Sheet {
	s := Sheet{Title: "Records: [all]", Mark: "FOR OFFICIAL USE · copy 7/1 · A. Testova & Co", About: [][2]string{{"officer", "=A. Testova"}}, Titles: []string{"name", "=title"}}
	for _, l := range live {
		s.Rows = append(s.Rows, []string{"x", l})
	}
	return s
}

// TestCSV proves that no cell of a CSV begins like a formula, titles and marking included, and what stands at both ends.
func TestCSV(t *testing.T) {
	for _, comma := range []rune{',', ';'} {
		data, err := sample().CSV(comma)
		if err != nil {
			t.Fatal(err)
		}
		body, ok := bytes.CutPrefix(data, []byte("\uFEFF"))
		if !ok || !bytes.Contains(body, []byte("\r\n")) {
			t.Error("no mark or no CR LF")
		}
		r := csv.NewReader(bytes.NewReader(body))
		r.Comma = comma
		rows, err := r.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) != len(live)+3 || !strings.Contains(rows[0][0], "copy 7/1") || rows[len(rows)-1][0] != rows[0][0] {
			t.Errorf("%q ... %q", rows[0], rows[len(rows)-1])
		}
		for _, row := range rows {
			for _, c := range row {
				if Defuse(c) != c && !strings.HasPrefix(c, "'") {
					t.Errorf("%q is live", c)
				}
			}
		}
		again, err := sample().CSV(comma)
		if err != nil || !bytes.Equal(again, data) {
			t.Error("the same table is not the same file")
		}
	}
}

// TestXLSX proves that every cell is a text as it was, that none is a formula, and that each printed page bears the marking.
func TestXLSX(t *testing.T) {
	data, err := sample().XLSX()
	if err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, name := range f.GetSheetList() {
		rows, err := f.GetRows(name)
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range rows {
			for k := range row {
				at, _ := excelize.CoordinatesToCellName(k+1, i+1)
				kind, err := f.GetCellType(name, at)
				if err != nil || kind != excelize.CellTypeInlineString && kind != excelize.CellTypeSharedString {
					t.Errorf("%s %s is of type %v, %v", name, at, kind, err)
				}
				if formula, _ := f.GetCellFormula(name, at); formula != "" {
					t.Errorf("%s %s holds %s", name, at, formula)
				}
			}
		}
		h, err := f.GetHeaderFooter(name)
		if err != nil || !strings.Contains(h.OddHeader, "FOR OFFICIAL USE · copy 7/1 · A. Testova && Co") || !strings.Contains(h.OddFooter, "FOR OFFICIAL USE") {
			t.Errorf("%s: %+v, %v", name, h, err)
		}
	}
	got, err := f.GetCellValue(f.GetSheetList()[0], "B3")
	if err != nil || got != live[0] {
		t.Errorf("%q", got)
	}
}
