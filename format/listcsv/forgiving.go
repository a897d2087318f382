package listcsv

import (
	"encoding/csv"
	"errors"
	"io"
	"strings"
)

// Line is one row of a table: the number of its first line, from 1, and its cells, trimmed.
type Line struct {
	Number int
	Cells  []string
}

// maxJoined is how many lines one row may take where a text in quotation marks goes over line ends; a mark that
// is not closed by then was a letter of a name (O"BRIEN), and swallows nobody.
const maxJoined = 8

// Lines reads a table of which no row may be lost, the header included: a row whose quotation marks do not fit is
// read as it stands and reported. The last result is about the file as a whole: binary data, or a line without end.
func Lines(r io.Reader, file string, delimiter rune) ([]Line, []*Error, error) {
	data, err := io.ReadAll(&lineGuard{src: toUTF8(r), file: file})
	if err != nil {
		var own *Error
		if errors.As(err, &own) {
			return nil, nil, own
		}
		return nil, nil, &Error{File: file, Problem: "the file cannot be read", Remedy: "check the disk and try again", Err: err}
	}
	var out []Line
	var bad []*Error
	text := strings.Split(string(data), "\n")
	width := 0
	for at := 0; at < len(text); {
		if strings.Trim(text[at], " \t\r") == "" {
			at++
			continue
		}
		cells, used, whole := rowAt(text[at:], delimiter, width)
		if !whole {
			bad = append(bad, &Error{File: file, Line: at + 1, Problem: "the quotation marks of the row do not fit, so it was read as it stands",
				Remedy: `double a quotation mark inside a text ("")`})
		}
		if width == 0 {
			width = len(cells)
		}
		for i := range cells {
			cells[i] = cell(cells[i])
		}
		out = append(out, Line{Number: at + 1, Cells: cells})
		at += used
	}
	return out, bad, nil
}

// rowAt reads the row that begins on the first line; width is that of the header, 0 for the header itself. whole
// tells that its quotation marks fit.
func rowAt(lines []string, delimiter rune, width int) (cells []string, used int, whole bool) {
	for n := 1; n <= min(maxJoined, len(lines)); n++ {
		cells, err := cut(strings.Join(lines[:n], "\n"), delimiter, false)
		if err == nil && (n == 1 || len(cells) == width) {
			return cells, n, true
		}
		if err == nil || !strings.Contains(lines[0], `"`) {
			break
		}
	}
	cells, err := cut(lines[0], delimiter, true)
	if plain := strings.Split(lines[0], string(delimiter)); err != nil || len(cells) != width && len(plain) == width {
		for i := range plain { // a mark that nothing closes has taken the next cells in
			plain[i] = strings.Trim(strings.TrimSpace(plain[i]), `"`)
		}
		cells = plain
	}
	return cells, 1, false
}

func cut(text string, delimiter rune, lazy bool) ([]string, error) {
	c := csv.NewReader(strings.NewReader(text))
	c.Comma, c.LazyQuotes, c.FieldsPerRecord = delimiter, lazy, -1
	return c.Read()
}

// forgiving reads the rows of a table of travellers.
func (s *reader) forgiving(r io.Reader, delimiter rune) error {
	lines, bad, err := Lines(r, s.file, delimiter)
	if err != nil {
		return err
	}
	s.bad = bad
	for _, l := range lines {
		switch {
		case s.at == nil:
			s.header(l.Cells)
		case strings.Join(l.Cells, "") != "":
			s.row(l.Number, l.Cells)
		}
	}
	return nil
}
