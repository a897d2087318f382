package listxlsx

import (
	"encoding/xml"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"sarhad/format/listcsv"
)

// maxColumns is where sheets end (ECMA-376: XFD); lists have a dozen.
const maxColumns = 16_384

// dates are the columns in which a number is a date.
var dates = []string{"born", "valid until"}

// rawCell is a cell as it is stored.
type rawCell struct {
	Ref     string  `xml:"r,attr"`
	Type    string  `xml:"t,attr"`
	Style   int     `xml:"s,attr"`
	Value   string  `xml:"v"`
	Formula *string `xml:"f"`
	Inline  *inline `xml:"is"`
}

// inline is a text that stands in its cell.
type inline struct{ text string }

// UnmarshalXML implements xml.Unmarshaler.
func (i *inline) UnmarshalXML(d *xml.Decoder, _ xml.StartElement) (err error) {
	i.text, err = text(d)
	return err
}

// reading is a sheet being read.
type reading struct {
	*book
	sheet  sheet
	rows   []listcsv.Line
	row    int
	hidden int
	titles map[string]int // of the row of titles, once it was found
	before []listcsv.Line // rows above the titles
	isDate map[int]bool   // columns
}

// table reads a sheet. If it has titles the table begins with them, else with its first row.
func (b *book) table(s sheet) (listcsv.Table, string, error) {
	r := &reading{book: b, sheet: s, isDate: map[int]bool{}}
	err := b.elements(s.part, func(d *xml.Decoder, e xml.StartElement) error {
		switch e.Name.Local {
		case "row":
			return r.readRow(d, e)
		case "mergeCell":
			return r.merged(attr(e, "ref"))
		}
		return nil
	})
	if err != nil {
		return listcsv.Table{}, "", refused(b.file, err)
	}
	rows := r.rows
	if r.titles == nil {
		rows = r.before
	}
	remark := ""
	if r.hidden > 0 {
		remark = fmt.Sprintf("%s, sheet “%s”: %d hidden rows were read like the others", b.file, clean(s.name), r.hidden)
	}
	return listcsv.Table{File: b.file, Sheet: s.name, Rows: rows}, remark, nil
}

func (r *reading) readRow(d *xml.Decoder, start xml.StartElement) error {
	r.row++
	if n, err := strconv.Atoi(attr(start, "r")); err == nil {
		if n < r.row {
			return r.tell(r.sheet, r.row, -1, "save the list anew", "the rows of the sheet stand in no order")
		}
		r.row = n
	}
	if truth(attr(start, "hidden")) {
		r.hidden++
	}
	var cells []string
	next := 0
	for {
		t, err := d.Token()
		if err != nil {
			return err
		}
		if _, ok := t.(xml.EndElement); ok { // of the row: cells are read whole
			break
		}
		e, ok := t.(xml.StartElement)
		if !ok {
			continue
		}
		if e.Name.Local != "c" {
			if err := d.Skip(); err != nil {
				return err
			}
			continue
		}
		var c rawCell
		if err := d.DecodeElement(&c, &e); err != nil {
			return err
		}
		column := next
		if at, ok := columnOf(c.Ref); ok {
			column = at
		}
		if column < len(cells) || column >= maxColumns {
			return r.tell(r.sheet, r.row, -1, "save the list anew", "the cells of the row stand in no order")
		}
		value, err := r.value(c, column)
		if err != nil {
			return err
		}
		for len(cells) < column {
			cells = append(cells, "")
		}
		cells = append(cells, value)
		next = column + 1
	}
	r.add(cells)
	return nil
}

// add keeps a row, and finds the titles among the first ones.
func (r *reading) add(cells []string) {
	if strings.TrimSpace(strings.Join(cells, "")) == "" {
		return
	}
	line := listcsv.Line{Number: r.row, Cells: cells}
	if r.titles != nil {
		r.rows = append(r.rows, line)
		return
	}
	if len(r.before) >= titleRows {
		return
	}
	r.before = append(r.before, line)
	if titles := titlesOf(listcsv.Table{Rows: []listcsv.Line{line}}); titles != nil {
		r.titles, r.rows = titles, []listcsv.Line{line}
		for _, d := range dates {
			if i, ok := titles[d]; ok {
				r.isDate[i] = true
			}
		}
	}
}

// known says whether a column counts: until the titles are found, none does.
func (r *reading) known(column int) bool {
	for _, i := range r.titles {
		if i == column {
			return true
		}
	}
	return false
}

// value is what a cell says.
func (r *reading) value(c rawCell, column int) (string, error) {
	known := r.known(column)
	if known && c.Formula != nil {
		return "", r.tell(r.sheet, r.row, column, "copy the column and paste it as values", "the cell holds a formula, which is not evaluated here")
	}
	switch c.Type {
	case "s":
		i, err := strconv.Atoi(c.Value)
		if err != nil || i < 0 || i >= len(r.texts) {
			return "", r.tell(r.sheet, r.row, column, "save the list anew", "the cell points to a text that is not there")
		}
		return r.texts[i], nil
	case "inlineStr":
		if c.Inline != nil {
			return c.Inline.text, nil
		}
		return "", nil
	case "str", "d":
		return c.Value, nil
	case "b":
		return map[string]string{"1": "true"}[c.Value], nil
	case "e":
		if known {
			return "", r.tell(r.sheet, r.row, column, "mend the cell", "the cell holds an error value")
		}
		return "", nil
	}
	return r.number(c, column, known)
}

// mostDigits is how many digits of a number a spreadsheet keeps; the others it makes zero.
const mostDigits = 15

func (r *reading) number(c rawCell, column int, known bool) (string, error) {
	text := strings.TrimSpace(c.Value)
	if text == "" {
		return "", nil
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(n, 0) || math.IsNaN(n) {
		return "", r.tell(r.sheet, r.row, column, "mend the cell", "the cell holds a number that is none")
	}
	if !known {
		return text, nil
	}
	if r.isDate[column] {
		return r.date(c, n, column)
	}
	if math.Abs(n) >= math.Pow10(mostDigits) {
		return "", r.tell(r.sheet, r.row, column, "format the column as text and type the number again",
			"the number has more than %d digits, of which a spreadsheet keeps %d", mostDigits, mostDigits)
	}
	return strconv.FormatFloat(n, 'f', -1, 64), nil
}

// quoted is what a number format shows as it stands: "text", \x, [Red].
var quoted = regexp.MustCompile(`"[^"]*"|\\.|\[[^\]]*\]`)

// date reads a number in a column of dates: by its format a day, a month or a year since 1900 (or 1904); without a format of
// dates only what can be nothing but a year.
func (r *reading) date(c rawCell, n float64, column int) (string, error) {
	format := ""
	if c.Style >= 0 && c.Style < len(r.formats) {
		format = strings.ToLower(quoted.ReplaceAllString(r.formats[c.Style], ""))
	}
	if !strings.Contains(format, "y") && !strings.Contains(format, "d") {
		if n == math.Trunc(n) && n >= 1850 && n <= 2100 {
			return strconv.Itoa(int(n)), nil
		}
		return "", r.tell(r.sheet, r.row, column, "format the column as a date, or write 1972-09-07 as text", "the number in the cell is no date")
	}
	first, shift := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC), 0
	switch {
	case r.from1904:
		first = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	case n < 60: // before the 29th of February 1900, which spreadsheets believe in
		shift = 1
	}
	const lastDay = 2_958_465 // 9999-12-31
	if n < 1 || n > lastDay {
		return "", r.tell(r.sheet, r.row, column, "write 1972-09-07 as text", "the number in the cell is no date")
	}
	day := first.AddDate(0, 0, int(n)+shift)
	switch {
	case strings.Contains(format, "d"):
		return day.Format(time.DateOnly), nil
	case strings.Contains(format, "m"):
		return day.Format("2006-01"), nil
	}
	return day.Format("2006"), nil
}

// merged refuses merged cells from the titles on: only the first of them has a value, whatever is shown.
func (r *reading) merged(ref string) error {
	if r.titles == nil {
		return nil
	}
	_, last, ok := strings.Cut(ref, ":")
	if !ok {
		return nil
	}
	row, err := strconv.Atoi(strings.TrimLeft(last, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
	if err != nil || row < r.rows[0].Number {
		return nil
	}
	where := "cells of the list"
	if firstRow, err := strconv.Atoi(strings.TrimLeft(strings.SplitN(ref, ":", 2)[0], "ABCDEFGHIJKLMNOPQRSTUVWXYZ")); err == nil && firstRow <= r.rows[0].Number {
		where = "cells of the titles"
	}
	return &listcsv.Error{File: r.file, Sheet: r.sheet.name, Cell: clean(ref), Problem: where + " are merged, so that only the first has a value", Remedy: "split them and fill each in"}
}

// columnOf is the column of a cell's name, from 0.
func columnOf(ref string) (int, bool) {
	n := 0
	for _, c := range ref {
		if c < 'A' || c > 'Z' {
			break
		}
		if n = n*26 + int(c-'A') + 1; n > maxColumns {
			return maxColumns, true
		}
	}
	return n - 1, n > 0
}
