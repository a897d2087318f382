package ofac

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// Part is one of the four files.
type Part string

// The parts and how many columns each has.
const (
	SDN      Part = "sdn"      // 12 columns
	Addr     Part = "add"      // 6
	Alt      Part = "alt"      // 5
	Comments Part = "comments" // 2
)

var partOfColumns = map[int]Part{12: SDN, 6: Addr, 5: Alt, 2: Comments}

// maxLine is the longest row: the longest real one has 3 kB. More is noise and must not fill the
// memory.
const maxLine = 1 << 20

// Sniff says which part a file is by its beginning (a few kilobytes are enough): how many columns
// the first row has, and that it begins with a number.
func Sniff(head []byte) (Part, bool) {
	r := newReader(toUTF8(bytes.NewReader(head)))
	row, err := r.Read()
	if err != nil && len(row) < 2 {
		return "", false
	}
	part, ok := partOfColumns[len(row)]
	return part, ok && isNumber(row[0]) && (part != Alt && part != Addr || isNumber(row[1])) && (part != SDN || known(row[2]))
}

// Read reads the files, in any order. The error is an *Error.
func Read(files ...File) (List, error) {
	s := reader{byID: map[string]int{}, names: map[Part]string{}, extra: map[Part][]row{}}
	for _, f := range files {
		if err := s.file(f); err != nil {
			return List{}, err
		}
	}
	if s.names[SDN] == "" {
		first := File{Name: "OFAC list"}
		if len(files) > 0 {
			first = files[0]
		}
		return List{}, &Error{File: first.Name, Problem: "sdn.csv is missing, and the other files only add to it", Remedy: "give sdn.csv together with alt.csv and add.csv"}
	}
	s.join()
	return s.list, nil
}

type row struct {
	line  int
	cells []string
}

type reader struct {
	list  List
	byID  map[string]int
	names map[Part]string // the file of each part
	extra map[Part][]row
}

func (s *reader) file(f File) error {
	r := newReader(&lineGuard{src: toUTF8(f.Data), file: f.Name})
	part := Part("")
	for {
		cells, err := r.Read()
		if err == io.EOF {
			break
		}
		line := 0
		if len(cells) > 0 {
			line, _ = r.FieldPos(0)
		}
		if err != nil && part == "" && !errors.As(err, new(*Error)) {
			return &Error{File: f.Name, Line: 1, Problem: "the first row is no row of the SDN list", Remedy: remedyForm, Err: err}
		}
		if err != nil {
			return explain(f.Name, err)
		}
		if len(cells) == 1 && strings.Trim(cells[0], "\x1a \x00") == "" {
			continue // the end mark, or an empty row
		}
		if part == "" {
			if part, err = s.begin(f.Name, line, cells); err != nil {
				return err
			}
		}
		if want := columns(part); len(cells) != want {
			return &Error{File: f.Name, Line: line, Remedy: remedyAgain,
				Problem: fmt.Sprintf("the row has %d columns where %d belong, so it is cut short or broken", len(cells), want)}
		}
		if !isNumber(cells[0]) {
			return &Error{File: f.Name, Line: line, Problem: "the row does not begin with OFAC's number of the entry", Remedy: remedyAgain}
		}
		if err := s.row(part, f.Name, line, cells); err != nil {
			return err
		}
	}
	if part == "" {
		return &Error{File: f.Name, Problem: "the file is empty", Remedy: remedyAgain}
	}
	return nil
}

// begin learns from the first row which part the file is.
func (s *reader) begin(name string, line int, cells []string) (Part, error) {
	part, ok := partOfColumns[len(cells)]
	if !ok || !isNumber(cells[0]) {
		return "", &Error{File: name, Line: line,
			Problem: fmt.Sprintf("the first row has %d columns and is of none of the files sdn.csv (12), add.csv (6), alt.csv (5), sdn_comments.csv (2)", len(cells)),
			Remedy:  remedyForm}
	}
	if former := s.names[part]; former != "" {
		return "", &Error{File: name, Problem: fmt.Sprintf("this is a second %s.csv, after %s", part, former), Remedy: "give each file once"}
	}
	s.names[part] = name
	return part, nil
}

func (s *reader) row(part Part, name string, line int, cells []string) error {
	out := make([]string, len(cells))
	for i, c := range cells {
		out[i] = cell(c)
	}
	if part != SDN {
		s.extra[part] = append(s.extra[part], row{line, out})
		return nil
	}
	if at, twice := s.byID[out[0]]; twice {
		return &Error{File: name, Line: line, Remedy: remedyAgain,
			Problem: fmt.Sprintf("entry %s stands here a second time (first on line %d)", out[0], s.list.Entries[at].Line)}
	}
	if out[1] == "" {
		return &Error{File: name, Line: line, Problem: "entry " + out[0] + " has no name", Remedy: remedyAgain}
	}
	kind, ok := kinds[out[2]]
	if !ok {
		return &Error{File: name, Line: line, Remedy: remedyAgain,
			Problem: fmt.Sprintf("entry %s is of the unknown type %s", out[0], strconv.QuoteToASCII(clip(out[2])))}
	}
	s.byID[out[0]] = len(s.list.Entries)
	s.list.Entries = append(s.list.Entries, Entry{
		ID: out[0], Kind: kind, Names: []Name{nameOf(out[1], kind, "primary", "")},
		Programmes: strings.FieldsFunc(out[3], func(r rune) bool { return r == '[' || r == ']' || r == ' ' }),
		Title:      out[4],
		Ship:       Ship{CallSign: out[5], Type: out[6], Tonnage: out[7], GrossTonnage: out[8], Flag: out[9], Owner: out[10]},
		Remarks:    out[11], Line: line,
	})
	return nil
}

var kinds = map[string]Kind{"": Entity, "entity": Entity, "individual": Individual, "vessel": Vessel, "aircraft": Aircraft}

func known(typ string) bool { _, ok := kinds[cell(typ)]; return ok }

// join puts the other files' rows to their entries and takes the remarks apart.
func (s *reader) join() {
	for _, part := range []Part{Comments, Alt, Addr} {
		orphans := 0
		for _, r := range s.extra[part] {
			i, ok := s.byID[r.cells[0]]
			if !ok {
				orphans++
				continue
			}
			s.list.Entries[i].add(part, r.cells)
		}
		if orphans > 0 {
			s.list.Problems = append(s.list.Problems, fmt.Sprintf(
				"%d of %d rows of %s belong to entries that %s does not have; the files may be of different days",
				orphans, len(s.extra[part]), s.names[part], s.names[SDN]))
		}
	}
	for i := range s.list.Entries {
		s.list.Entries[i].mine()
	}
}

func (e *Entry) add(part Part, c []string) {
	switch part {
	case Comments:
		e.Remarks += c[1] // the remarks break off within a word
	case Alt:
		kind := "alias"
		if c[2] == "fka" {
			kind = "former"
		}
		if c[3] != "" {
			e.Names = append(e.Names, nameOf(c[3], e.Kind, kind, "good"))
		}
	case Addr:
		a := Address{Street: c[2], City: c[3], Country: c[4], Note: c[5]}
		if a != (Address{}) {
			e.Addresses = append(e.Addresses, a)
		}
	}
}

func nameOf(full string, of Kind, kind, quality string) Name {
	n := Name{Full: full, Kind: kind, Quality: quality}
	if of == Individual {
		if surname, given, ok := strings.Cut(full, ", "); ok {
			n.Surname, n.Given = surname, given
		}
	}
	return n
}

func newReader(r io.Reader) *csv.Reader {
	c := csv.NewReader(r)
	c.FieldsPerRecord = -1
	c.ReuseRecord = true
	return c
}

func columns(p Part) int {
	for n, q := range partOfColumns {
		if q == p {
			return n
		}
	}
	return 0
}

// cell reads one cell: "-0-" is absent, bytes that are no UTF-8 are windows-1252.
func cell(s string) string {
	if !utf8.ValidString(s) {
		if d, err := charmap.Windows1252.NewDecoder().String(s); err == nil {
			s = d
		}
	}
	if s = strings.Join(strings.Fields(s), " "); s == "-0-" {
		return ""
	}
	return s
}

func isNumber(s string) bool {
	s = strings.TrimSpace(s)
	return s != "" && strings.Trim(s, "0123456789") == ""
}

func clip(s string) string {
	const most = 30
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

func explain(file string, err error) error {
	var own *Error
	if errors.As(err, &own) {
		return own
	}
	var p *csv.ParseError
	if !errors.As(err, &p) {
		return &Error{File: file, Problem: "the file cannot be read", Remedy: "check the disk and import it again", Err: err}
	}
	problem := "a text in quotation marks does not end where it should, so the row is broken or the file was cut short"
	return &Error{File: file, Line: p.Line, Problem: problem, Remedy: remedyAgain, Err: err}
}

// toUTF8 takes away a byte-order mark, and decodes UTF-16 that a spreadsheet saved.
func toUTF8(r io.Reader) io.Reader {
	br := bufio.NewReaderSize(r, 64<<10)
	head, _ := br.Peek(3)
	switch {
	case bytes.HasPrefix(head, []byte{0xEF, 0xBB, 0xBF}):
		_, _ = br.Discard(3)
	case bytes.HasPrefix(head, []byte{0xFF, 0xFE}), bytes.HasPrefix(head, []byte{0xFE, 0xFF}):
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Reader(br)
	}
	return br
}

// lineGuard refuses what is no text file before it fills the memory.
type lineGuard struct {
	src  io.Reader
	file string
	line int
	run  int
}

// Read implements io.Reader.
func (g *lineGuard) Read(p []byte) (int, error) {
	n, err := g.src.Read(p)
	for _, c := range p[:n] {
		g.run++
		switch {
		case c == '\n':
			g.line, g.run = g.line+1, 0
		case c == 0:
			return 0, &Error{File: g.file, Line: g.line + 1, Problem: "the file holds binary data", Remedy: remedyAgain}
		case g.run > maxLine:
			return 0, &Error{File: g.file, Line: g.line + 1, Problem: "a line is longer than a megabyte, so this is not the SDN list", Remedy: remedyAgain}
		}
	}
	return n, err
}

// unique leaves out repetitions and keeps the order of first mention.
func unique(in []string) []string {
	var out []string
	for _, s := range in {
		if s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}
