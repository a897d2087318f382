package listxlsx

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"sarhad/format/archive"
	"sarhad/format/listcsv"
)

// Limits of a spreadsheet.
const (
	maxUnfolded = 256 << 20
	maxPart     = 128 << 20 // one sheet; a list of 100,000 persons is 60 MB of XML
	titleRows   = 20        // how far down the titles may stand
)

// Sniff says whether a file that begins like this can be a spreadsheet.
func Sniff(head []byte) bool { return bytes.HasPrefix(head, []byte("PK\x03\x04")) }

// Read reads a list of the given size. file is the name for messages. The error is a *listcsv.Error; then there is no list.
func Read(r io.ReaderAt, size int64, file string) (listcsv.List, error) {
	b, err := open(r, size, file)
	if err != nil {
		return listcsv.List{}, err
	}
	var problems []string
	var first *listcsv.Table
	for _, s := range b.sheets {
		if s.hidden {
			problems = append(problems, fmt.Sprintf("%s: the sheet “%s” is hidden and was not read", file, clean(s.name)))
			continue
		}
		t, remark, err := b.table(s)
		if err != nil {
			return listcsv.List{}, err
		}
		if first == nil {
			first = &t
		}
		if titles := titlesOf(t); titles == nil {
			continue
		}
		l, err := listcsv.ReadTable(t)
		if err != nil {
			return listcsv.List{}, err
		}
		if remark != "" {
			problems = append(problems, remark)
		}
		l.Problems = append(problems, l.Problems...)
		return l, nil
	}
	if first == nil {
		return listcsv.List{}, &listcsv.Error{File: file, Problem: "the spreadsheet has no sheet that can be seen", Remedy: "show the sheet with the list and save it again"}
	}
	_, err = listcsv.ReadTable(*first) // says which column is missing
	if err == nil {
		err = &listcsv.Error{File: file, Problem: "no sheet has the titles id and name", Remedy: "give the list a row of titles"}
	}
	return listcsv.List{}, err
}

// titlesOf gives the known columns of a table if it is a list.
func titlesOf(t listcsv.Table) map[string]int {
	if len(t.Rows) == 0 {
		return nil
	}
	titles := listcsv.Titles(t.Rows[0].Cells)
	_, id := titles["id"]
	_, name := titles["name"]
	if !id || !name {
		return nil
	}
	return titles
}

// refused makes an error of the archive or its XML one of the list.
func refused(file string, err error) error {
	var own *listcsv.Error
	if errors.As(err, &own) {
		return own
	}
	problem := "the spreadsheet is broken"
	var a *archive.Error
	if errors.As(err, &a) {
		problem = a.Problem
	}
	if p := guarded(err); p != "" {
		problem = p
	}
	return &listcsv.Error{File: file, Problem: problem, Remedy: "save the list anew as .xlsx in a spreadsheet program, or as CSV, and import that", Err: err}
}

func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7F && r < 0xA0 {
			return '?'
		}
		return r
	}, s)
}
