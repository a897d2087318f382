package listxlsx

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"sarhad/format/listcsv"
)

const columnsOf = "id,name,aliases,born,nationality,sex,documents,reason,severity,instruction,contact,valid_until"

// book1 makes a spreadsheet; fill may do with it what a person does.
func made(t testing.TB, fill func(f *excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	fill(f)
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func row(t testing.TB, f *excelize.File, sheet string, n int, cells ...any) {
	t.Helper()
	if err := f.SetSheetRow(sheet, fmt.Sprint("A", n), &cells); err != nil {
		t.Fatal(err)
	}
}

func titles(t testing.TB, f *excelize.File, sheet string, n int) {
	t.Helper()
	var cells []any
	for c := range strings.SplitSeq(columnsOf, ",") {
		cells = append(cells, c)
	}
	row(t, f, sheet, n, cells...)
}

func read(data []byte) (listcsv.List, error) {
	return Read(bytes.NewReader(data), int64(len(data)), "own.xlsx")
}

// TestRead proves that a sheet as agencies keep it says the same as CSV: titles under a heading, real dates, numbers as
// numbers, texts in pieces.
func TestRead(t *testing.T) {
	data := made(t, func(f *excelize.File) {
		must := func(err error) {
			if err != nil {
				t.Fatal(err)
			}
		}
		must(f.SetSheetName("Sheet1", "О списке"))
		row(t, f, "О списке", 1, "Список отдела", 7)
		_, err := f.NewSheet("Лица")
		must(err)
		row(t, f, "Лица", 1, "Розыск, ноябрь 2026")
		titles(t, f, "Лица", 3)
		row(t, f, "Лица", 4, 17, "MINSIZOV, Askar", "Аскар Минсизов; Asqar Minsiz", time.Date(1972, 9, 7, 0, 0, 0, 0, time.UTC), "KAZ", "M",
			"P:N01234567:KAZ", "court order 1", "high", "second-line", "duty officer", time.Date(2027, 12, 31, 0, 0, 0, 0, time.UTC))
		row(t, f, "Лица", 6, "A-2", "Ҳеҷкас Дарвеш", nil, 1958, "Tajikistan", nil, 720907300012)
		row(t, f, "Лица", 7, "A-3", "Nobody Atall", nil, "1958/1963")
		month, err := f.NewStyle(&excelize.Style{CustomNumFmt: new("mm.yyyy")})
		must(err)
		row(t, f, "Лица", 8, "A-4", "Nobody Second", nil, 26549)
		must(f.SetCellStyle("Лица", "D8", "D8", month))
		must(f.SetCellRichText("Лица", "B9", []excelize.RichTextRun{{Text: "NO"}, {Text: "BODY Third", Font: &excelize.Font{Bold: true}}}))
		must(f.SetCellValue("Лица", "A9", "A-5"))
		_, err = f.NewSheet("Архив")
		must(err)
		must(f.SetSheetVisible("Архив", false))
		must(f.SetRowVisible("Лица", 7, false))
	})
	if !Sniff(data) {
		t.Error("not recognised")
	}
	l, err := read(data)
	if err != nil {
		t.Fatal(err)
	}
	want := []listcsv.Row{
		{ID: "17", Name: "MINSIZOV, Askar", Aliases: []string{"Аскар Минсизов", "Asqar Minsiz"}, Born: []string{"1972-09-07"}, Nationality: []string{"KAZ"}, Sex: "M",
			Documents: []listcsv.Document{{Type: "P", Number: "N01234567", Issuer: "KAZ"}}, Reason: "court order 1", Severity: "high", Instruction: "second-line",
			Contact: "duty officer", ValidUntil: "2027-12-31", Line: 4},
		{ID: "A-2", Name: "Ҳеҷкас Дарвеш", Born: []string{"1958"}, Nationality: []string{"Tajikistan"}, Documents: []listcsv.Document{{Number: "720907300012"}}, Line: 6},
		{ID: "A-3", Name: "Nobody Atall", Born: []string{"1958/1963"}, Line: 7},
		{ID: "A-4", Name: "Nobody Second", Born: []string{"1972-09"}, Line: 8},
		{ID: "A-5", Name: "NOBODY Third", Line: 9},
	}
	for i := range want {
		want[i].Sheet = "Лица"
	}
	if d := cmp.Diff(want, l.Rows); d != "" {
		t.Error(d)
	}
	if got := strings.Join(l.Problems, "|"); !strings.Contains(got, "1 hidden rows") {
		t.Error(got)
	}
}

// TestErrors proves that each fault is told by sheet and cell, and that there is no list then.
func TestErrors(t *testing.T) {
	list := func(fill func(f *excelize.File)) []byte {
		return made(t, func(f *excelize.File) {
			titles(t, f, "Sheet1", 1)
			row(t, f, "Sheet1", 2, "A-1", "Nobody", nil, nil, nil, nil, nil, nil, nil, nil, nil, nil)
			fill(f)
		})
	}
	set := func(cell string, v any) []byte {
		return list(func(f *excelize.File) {
			if err := f.SetCellValue("Sheet1", cell, v); err != nil {
				t.Fatal(err)
			}
		})
	}
	for name, c := range map[string]struct {
		data []byte
		says string
	}{
		"formula":        {list(func(f *excelize.File) { _ = f.SetCellFormula("Sheet1", "B2", `HYPERLINK("http://x","Nobody")`) }), "own.xlsx, sheet “Sheet1”, cell B2: the cell holds a formula"},
		"no name":        {set("B2", ""), "cell B2: the row has no name"},
		"twice":          {list(func(f *excelize.File) { row(t, f, "Sheet1", 3, "A-1", "Somebody") }), "cell A3: the id \"A-1\" stands here a second time"},
		"bad date":       {set("D2", "31.02.1970"), "cell D2: the date of birth"},
		"number as date": {set("D2", 26549), "cell D2: the number in the cell is no date"},
		"long number":    {set("G2", 1234567890123456), "cell G2: the number has more than 15 digits"},
		"bad sex":        {set("F2", "yes"), "cell F2: the sex"},
		"no title":       {set("M2", "x"), "cell M2: a cell stands beyond the last title"},
		"merged titles":  {list(func(f *excelize.File) { _ = f.MergeCell("Sheet1", "H1", "I1") }), "cell H1:I1: cells of the titles are merged"},
		"merged rows":    {list(func(f *excelize.File) { row(t, f, "Sheet1", 3, "A-2", "Nobody"); _ = f.MergeCell("Sheet1", "B2", "B3") }), "cell B2:B3: cells of the list are merged"},
		"no header":      {made(t, func(f *excelize.File) { row(t, f, "Sheet1", 1, "pc", "amount") }), `sheet “Sheet1”, row 1: the column "id" is missing`},
		"empty":          {made(t, func(*excelize.File) {}), "the sheet is empty"},
		"many":           {list(func(f *excelize.File) { row(t, f, "Sheet1", 3, "A-2"); row(t, f, "Sheet1", 4, "A-3") }), "cell B3: the row has no name; fill it in (also bad: row 4)"},
		"no spreadsheet": {[]byte("PK\x03\x04"), "no ZIP archive"},
		"other archive":  {zipped(t, map[string]string{"a.txt": "x"}), "the archive is no spreadsheet"},
		"macros":         {zipped(t, map[string]string{"xl/workbook.xml": "<a/>", "xl/vbaProject.bin": "x"}), "holds macros"},
		"entities":       {zipped(t, map[string]string{"xl/workbook.xml": `<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>`}), "declares a document type"},
		"bomb":           {zipped(t, map[string]string{"xl/workbook.xml": "<a>" + strings.Repeat(" ", 5<<20) + "</a>"}), "more than 200 times"},
		"embedded":       {zipped(t, map[string]string{"xl/workbook.xml": "<a/>", "xl/embeddings/a.xlsx": "x"}), "archive itself"},
		"broken":         {zipped(t, map[string]string{"xl/workbook.xml": "<a>"}), "the spreadsheet is broken"},
	} {
		l, err := read(c.data)
		var e *listcsv.Error
		if !errors.As(err, &e) || !strings.Contains(e.Error(), c.says) || !strings.HasPrefix(e.Error(), "own.xlsx") || len(l.Rows) > 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func zipped(t testing.TB, parts map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, text := range parts {
		p, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(p, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// FuzzSheet proves that any sheet is rows with an id of their own and a name, or an *Error.
func FuzzSheet(f *testing.F) {
	f.Add(`<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c><c t="inlineStr"><is><t>name</t></is></c></row><row><c><v>1</v></c><c t="s"><v>0</v></c></row></sheetData>`)
	f.Fuzz(func(t *testing.T, sheet string) {
		l, err := read(zipped(t, map[string]string{
			"xl/workbook.xml":            `<workbook xmlns:r="r"><sheets><sheet name="a" r:id="x"/></sheets></workbook>`,
			"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="x" Target="worksheets/a.xml"/></Relationships>`,
			"xl/worksheets/a.xml":        sheet,
			"xl/sharedStrings.xml":       `<sst><si><t>Nobody</t></si></sst>`,
		}))
		var e *listcsv.Error
		if err != nil && !errors.As(err, &e) {
			t.Fatal(err)
		}
		for _, r := range l.Rows {
			if r.ID == "" || r.Name == "" {
				t.Fatalf("%+v", r)
			}
		}
	})
}
