package listcsv

import "strings"

// Table is a list that was cut into cells elsewhere: a sheet of a spreadsheet.
type Table struct {
	File  string
	Sheet string
	Rows  []Line // the header first; Number is the row in the sheet, from 1
}

// ReadTable reads a list of the agency's own as Read does; what is wrong is told by sheet and cell. The error is an *Error;
// then there is no list.
func ReadTable(t Table) (List, error) {
	s := reader{file: t.File, sheet: t.Sheet, required: []string{"id", "name"}, seen: map[string]int{}}
	if len(t.Rows) == 0 {
		return List{}, &Error{File: t.File, Sheet: t.Sheet, Problem: "the sheet is empty", Remedy: "give a sheet whose first row names the columns id and name"}
	}
	head := t.Rows[0]
	s.header(head.Cells)
	for _, c := range s.required {
		if _, ok := s.at[c]; !ok {
			e := s.missing(c, head.Cells, nil)
			e.Sheet, e.Line = t.Sheet, head.Number
			return List{}, e
		}
	}
	for _, row := range t.Rows[1:] {
		cells := make([]string, len(row.Cells))
		for i, c := range row.Cells {
			cells[i] = cell(c)
		}
		for len(cells) > s.width && cells[len(cells)-1] == "" {
			cells = cells[:len(cells)-1]
		}
		if len(cells) > s.width {
			return List{}, &Error{File: t.File, Sheet: t.Sheet, Line: row.Number, Cell: CellName(row.Number, s.width),
				Problem: "a cell stands beyond the last title", Remedy: "give the column a title or empty it"}
		}
		if strings.Join(cells, "") != "" {
			s.row(row.Number, cells)
		}
	}
	if len(s.bad) > 0 {
		first := *s.bad[0]
		for _, b := range s.bad[1:] {
			if b.Line != first.Line {
				first.More = append(first.More, b.Line)
			}
		}
		return List{}, &first
	}
	return s.list, nil
}

// Titles says which of the known columns a row of titles names, by their place.
func Titles(cells []string) map[string]int {
	at := map[string]int{}
	for i, t := range cells {
		if name, ok := column(cell(t)); ok {
			if _, twice := at[name]; !twice {
				at[name] = i
			}
		}
	}
	return at
}

// placed adds sheet and cell to an error about a column.
func (s *reader) placed(e *Error, column string) *Error {
	if s.sheet == "" {
		return e
	}
	e.Sheet = s.sheet
	if i, ok := s.at[column]; ok {
		e.Cell = CellName(e.Line, i)
	}
	return e
}

// CellName is the name of a cell: row from 1, column from 0. CellName(5, 2) is "C5".
func CellName(row, column int) string {
	name := ""
	for n := column + 1; n > 0; n = (n - 1) / 26 {
		name = string(rune('A'+(n-1)%26)) + name
	}
	digits := ""
	for n := row; n > 0; n /= 10 {
		digits = string(rune('0'+n%10)) + digits
	}
	return name + digits
}
