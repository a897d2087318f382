// Package sheet writes tables for spreadsheet programs, so that what was typed by a stranger is a text there and nothing else.
//
// Nouns: Sheet (a table with what stands around it), Defuse.
//
// Guarantees: CSV is UTF-8 with a mark, rows end with CR LF, every cell that a program might take for a formula is defused
// (Defuse); the marking stands on the first and on the last row, so that neither end can be cut off unseen. XLSX has every
// cell typed as a text, never a formula or a link; the marking stands in header and footer of every printed page and on a
// sheet of its own. Control characters that XML does not know are shown as U+FFFD. The same Sheet gives the same CSV to the byte.
//
// What it does not do: a spreadsheet cannot be kept from being copied or changed; no protection of sheets is pretended.
//
// RFC 4180; ECMA-376. On formulas in CSV: OWASP, CSV Injection.
package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/xuri/excelize/v2"
)

// Sheet is a table.
type Sheet struct {
	Title  string      // of the sheet
	Mark   string      // marking, officer, time and number, one line
	About  [][2]string // what the copy is: name and value
	Titles []string    // of the columns
	Rows   [][]string
}

// begins are what a spreadsheet program takes for the beginning of a formula: with their full-width forms, the minus signs of
// Unicode and the pipe of DDE.
const begins = "=+-@|%＝＋－＠﹢﹣−"

// Defuse puts an apostrophe before a text that a spreadsheet program might evaluate: one that begins with a sign of a formula,
// also after spaces, quotation marks and signs that are not seen, or that begins with a tab or an end of line. Every export
// passes every cell of a CSV through it.
func Defuse(s string) string {
	if s == "" {
		return s
	}
	if strings.ContainsRune("\t\r\n\x00", rune(s[0])) {
		return "'" + s
	}
	rest := strings.TrimLeftFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || strings.ContainsRune(`"'`+"`´‘’‚‛“”„‟«»‹›＂＇", r)
	})
	if rest != "" && strings.ContainsRune(begins, []rune(rest)[0]) {
		return "'" + s
	}
	return s
}

// CSV writes the table with a comma or a semicolon between cells; programs set to Russian expect the semicolon.
func (s Sheet) CSV(comma rune) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("\uFEFF")
	w := csv.NewWriter(&b)
	w.Comma, w.UseCRLF = comma, true
	mark := make([]string, len(s.Titles))
	mark[0] = s.Mark
	for _, row := range append(append([][]string{mark, s.Titles}, s.Rows...), mark) {
		cells := make([]string, len(row))
		for i, c := range row {
			cells[i] = Defuse(printable(c))
		}
		if err := w.Write(cells); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

// printable replaces what no text has.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			return unicode.ReplacementChar
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// maxCell is what a cell of a spreadsheet holds (Excel's limit, in UTF-16 units; runes are never more).
const maxCell = 32_767

// text is a cell of XLSX.
func text(s string) string {
	s = printable(s)
	if r := []rune(s); len(r) > maxCell/2 {
		return string(r[:maxCell/2-1]) + "…"
	}
	return s
}

// maxHeader is how long the header of a page may be, with its codes.
const maxHeader = 255

// header is a line of the page header: & begins a code there and is doubled.
func header(s string) string {
	s = strings.ReplaceAll(strings.Join(strings.Fields(printable(s)), " "), "&", "&&")
	r := []rune(s)
	if len(r) > maxHeader-10 {
		r = r[:maxHeader-10]
	}
	if len(r) > 0 && r[0] >= '0' && r[0] <= '9' {
		return " " + string(r) // a digit after &C would be a font size
	}
	return string(r)
}

// XLSX writes the table as a spreadsheet.
func (s Sheet) XLSX() (data []byte, err error) {
	f := excelize.NewFile()
	defer func() { err = errors.Join(err, f.Close()) }()
	name := sheetName(s.Title)
	if err := f.SetSheetName("Sheet1", name); err != nil {
		return nil, err
	}
	if err := s.fill(f, name); err != nil {
		return nil, err
	}
	if err := s.page(f, name); err != nil {
		return nil, err
	}
	if err := s.about(f); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = f.Write(&b)
	return b.Bytes(), err
}

func (s Sheet) fill(f *excelize.File, name string) error {
	bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}, NumFmt: asText})
	if err != nil {
		return err
	}
	plain, err := f.NewStyle(&excelize.Style{NumFmt: asText})
	if err != nil {
		return err
	}
	width := max(1, len(s.Titles))
	rows := append(append([][]string{{s.Mark}, s.Titles}, s.Rows...), []string{s.Mark})
	for i, row := range rows {
		for k, c := range row {
			at, err := excelize.CoordinatesToCellName(k+1, i+1)
			if err != nil {
				return err
			}
			if err := f.SetCellStr(name, at, text(c)); err != nil {
				return err
			}
		}
	}
	last, err := excelize.ColumnNumberToName(width)
	if err != nil {
		return err
	}
	end := len(rows)
	return errors.Join(
		f.SetCellStyle(name, "A1", fmt.Sprint(last, end), plain),
		f.SetCellStyle(name, "A1", last+"2", bold),
		f.SetCellStyle(name, fmt.Sprint("A", end), fmt.Sprint(last, end), bold),
		f.SetColWidth(name, "A", last, columnWidth),
		f.SetPanes(name, &excelize.Panes{Freeze: true, YSplit: 2, TopLeftCell: "A3", ActivePane: "bottomLeft"}),
		f.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", RefersTo: fmt.Sprintf("'%s'!$1:$2", strings.ReplaceAll(name, "'", "''")), Scope: name}),
	)
}

const (
	asText      = 49 // the format "@": what is typed into a cell later stays a text, too
	columnWidth = 24 // letters
)

// page puts the marking on every printed page.
func (s Sheet) page(f *excelize.File, name string) error {
	landscape, a4 := "landscape", 9
	if err := f.SetPageLayout(name, &excelize.PageLayoutOptions{Orientation: &landscape, Size: &a4}); err != nil {
		return err
	}
	mark := "&C" + header(s.Mark)
	return f.SetHeaderFooter(name, &excelize.HeaderFooterOptions{OddHeader: mark, OddFooter: mark + "  &P / &N"})
}

// about adds a sheet that says what the copy is.
func (s Sheet) about(f *excelize.File) error {
	const name = "i"
	if _, err := f.NewSheet(name); err != nil {
		return err
	}
	for i, line := range s.About {
		for k, c := range line {
			at, err := excelize.CoordinatesToCellName(k+1, i+1)
			if err != nil {
				return err
			}
			if err := f.SetCellStr(name, at, text(c)); err != nil {
				return err
			}
		}
	}
	if err := f.SetColWidth(name, "A", "B", 40); err != nil {
		return err
	}
	return s.page(f, name)
}

// sheetName leaves out what a name of a sheet must not have.
func sheetName(s string) string {
	const most = 31
	s = strings.Trim(strings.Map(func(r rune) rune {
		if strings.ContainsRune(`:\/?*[]`, r) || r < ' ' {
			return ' '
		}
		return r
	}, s), " '")
	if r := []rune(s); len(r) > most {
		s = string(r[:most])
	}
	if s == "" || strings.EqualFold(s, "i") {
		return "1"
	}
	return s
}
