package listcsv

import (
	"fmt"
	"io"
	"strings"
)

// Row is one entry.
type Row struct {
	ID          string
	Name        string
	Aliases     []string
	Born        []string // EDTF, see package edtf
	Nationality []string // as written
	Sex         string   // "M", "F", "X" or ""
	Documents   []Document
	Reason      string
	Severity    string // as written
	Instruction string // as written
	Contact     string
	ValidUntil  string // ISO 8601 day or ""
	Line        int    // from 1
	Sheet       string // of a spreadsheet; "" = a text file
}

// Where says where the row stands, for a sentence.
func (r Row) Where() string {
	if r.Sheet != "" {
		return fmt.Sprintf("sheet “%s”, row %d", clip(r.Sheet), r.Line)
	}
	return fmt.Sprintf("line %d", r.Line)
}

// Document is one identity document.
type Document struct {
	Type   string // as written: "P", "passport" ...; "" = not said
	Number string
	Issuer string // as written; "" = not said
}

// List is a file that was understood.
type List struct {
	Rows []Row
	// Problems are remarks on the file, e.g. about columns that were left out.
	Problems []string
}

// Error is a broken file or row, said in one sentence for the person who imports it.
type Error struct {
	File    string
	Line    int    // from 1; 0 when the whole file is meant
	Sheet   string // of a spreadsheet; "" = a text file
	Cell    string // "C5" of a spreadsheet, if one is meant
	Problem string // what is wrong
	Remedy  string // what to do
	More    []int  // further bad lines
	Err     error  // the cause; may be nil
}

// moreLines is how many further bad lines a message names.
const moreLines = 10

// Error is one sentence: file and place, what is wrong, what to do.
func (e *Error) Error() string {
	place, unit := e.File, "line "
	if e.Line > 0 {
		place = fmt.Sprintf("%s, line %d", e.File, e.Line)
	}
	if e.Sheet != "" {
		place, unit = fmt.Sprintf("%s, sheet “%s”", e.File, clip(e.Sheet)), "row "
		switch {
		case e.Cell != "":
			place += ", cell " + e.Cell
		case e.Line > 0:
			place += fmt.Sprintf(", row %d", e.Line)
		}
	}
	s := fmt.Sprintf("%s: %s; %s", place, e.Problem, e.Remedy)
	if n := len(e.More); n > 0 {
		var lines []string
		for _, l := range e.More[:min(n, moreLines)] {
			lines = append(lines, fmt.Sprint(l))
		}
		s += " (also bad: " + unit + strings.Join(lines, ", ")
		if n > moreLines {
			s += fmt.Sprintf(" and %d others", n-moreLines)
		}
		s += ")"
	}
	return s + "."
}

// Unwrap gives the cause, for operators; nil when there is none.
func (e *Error) Unwrap() error { return e.Err }

// Read reads a list of the agency's own: every row needs an id of its own and a name. file is the
// name for messages. The error is an *Error; then there is no list.
func Read(r io.Reader, file string) (List, error) {
	list, bad, err := ReadRows(r, file, "id", "name")
	if err != nil {
		return List{}, err
	}
	if len(bad) > 0 {
		first := *bad[0]
		for _, b := range bad[1:] {
			if b.Line != first.Line {
				first.More = append(first.More, b.Line)
			}
		}
		return List{}, &first
	}
	return list, nil
}

// ReadRows reads rows as Read does but keeps the good ones beside the bad ones. required names the
// columns that must be there and filled. The last result is about the file as a whole.
func ReadRows(r io.Reader, file string, required ...string) (List, []*Error, error) {
	return readRows(r, reader{file: file, required: required, seen: map[string]int{}})
}

// ReadEverybody reads rows as Read does but keeps every one, without what is wrong with it: for
// travellers to be screened, of whom nobody may be lost. What is wrong is given beside them.
// required names the columns that must be there. The last result is about the file as a whole.
func ReadEverybody(r io.Reader, file string, required ...string) (List, []*Error, error) {
	return readRows(r, reader{file: file, required: required, keep: true, seen: map[string]int{}})
}

func readRows(r io.Reader, s reader) (List, []*Error, error) {
	if err := s.read(r); err != nil {
		return List{}, nil, err
	}
	return s.list, s.bad, nil
}
