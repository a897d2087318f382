package listcsv

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// maxLine is the longest line; more is noise and must not fill the memory.
const maxLine = 1 << 20

// headLen is how much of a file is looked at to find the header.
const headLen = 16 << 10

// columns are the known columns and the other titles that are accepted for them. Titles are
// compared in lower case with "_" and "-" as spaces.
var columns = map[string][]string{
	"id":          {"entry id", "number", "no", "№", "номер", "ид"},
	"name":        {"full name", "имя", "фио", "ф.и.о."},
	"aliases":     {"alias", "aka", "also known as", "псевдонимы", "другие имена"},
	"born":        {"birth date", "date of birth", "dob", "birthdate", "дата рождения"},
	"nationality": {"nationalities", "citizenship", "гражданство"},
	"sex":         {"gender", "пол"},
	"documents":   {"document", "passport", "документы", "документ", "паспорт"},
	"reason":      {"основание", "причина"},
	"severity":    {"важность"},
	"instruction": {"указание"},
	"contact":     {"контакт"},
	"valid until": {"valid to", "expires", "действует до"},
}

// Sniff says whether a file that begins like this has a header with an id and a name.
func Sniff(head []byte) bool {
	_, found, _ := header(head)
	return found["id"] && found["name"]
}

type reader struct {
	file     string
	sheet    string // of a spreadsheet
	required []string
	keep     bool // rows with something wrong are kept, without what is wrong
	list     List
	bad      []*Error
	seen     map[string]int // id -> line
	at       map[string]int // column -> index
	width    int
}

func (s *reader) read(r io.Reader) error {
	br := toUTF8(r)
	head, _ := br.Peek(headLen)
	if len(bytes.TrimSpace(head)) == 0 {
		return &Error{File: s.file, Problem: "the file is empty", Remedy: "export the list again"}
	}
	delimiter, found, titles := header(head)
	for _, c := range s.required {
		if !found[c] {
			return s.missing(c, titles, head)
		}
	}
	if s.keep {
		return s.forgiving(br, delimiter)
	}
	guard := &lineGuard{src: br, file: s.file}
	c := csv.NewReader(guard)
	c.Comma, c.FieldsPerRecord, c.ReuseRecord = delimiter, -1, true
	for {
		cells, err := c.Read()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return s.explain(err)
		}
		line, _ := c.FieldPos(0)
		if s.at == nil {
			s.header(cells)
			continue
		}
		if strings.TrimSpace(strings.Join(cells, "")) == "" {
			continue
		}
		for i := range cells {
			cells[i] = cell(cells[i])
		}
		if len(cells) < s.width && guard.endsOpen(c.InputOffset()) {
			return &Error{File: s.file, Line: line, Remedy: "export the list again",
				Problem: fmt.Sprintf("the last row has %d of %d columns and no line end, so the file was cut short", len(cells), s.width)}
		}
		s.row(line, cells)
	}
}

// header finds the delimiter that makes the most known columns of the first line.
func header(head []byte) (delimiter rune, found map[string]bool, titles []string) {
	line, _, _ := bytes.Cut(head, []byte("\n"))
	text := strings.TrimPrefix(strings.TrimRight(string(line), "\r"), "\uFEFF")
	if bytes.HasPrefix(head, []byte{0xFF, 0xFE}) || bytes.HasPrefix(head, []byte{0xFE, 0xFF}) {
		wide, _ := io.ReadAll(toUTF8(bytes.NewReader(head)))
		text, _, _ = strings.Cut(string(wide), "\n")
	}
	delimiter, best := ',', -1
	for _, d := range ",;\t" {
		c := csv.NewReader(strings.NewReader(text))
		c.Comma, c.LazyQuotes = d, true
		cells, err := c.Read()
		if err != nil {
			continue
		}
		known, raw := map[string]bool{}, make([]string, len(cells))
		for i, t := range cells {
			raw[i] = cell(t)
			if name, ok := column(raw[i]); ok {
				known[name] = true
			}
		}
		if len(known) > best {
			delimiter, best, found, titles = d, len(known), known, raw
		}
	}
	return delimiter, found, titles
}

func column(title string) (string, bool) {
	t := strings.Join(strings.Fields(strings.NewReplacer("_", " ", "-", " ").Replace(strings.ToLower(title))), " ")
	for name, others := range columns {
		if t == name || slices.Contains(others, t) {
			return name, true
		}
	}
	return "", false
}

func (s *reader) missing(name string, titles []string, head []byte) *Error {
	if line, _, _ := bytes.Cut(head, []byte("\n")); bytes.ContainsFunc(line, isControl) {
		return &Error{File: s.file, Line: 1, Problem: "the file holds binary data and is no text", Remedy: "save the sheet as CSV (UTF-8) and import that"}
	}
	const most = 12
	var shown []string
	for _, t := range titles[:min(len(titles), most)] {
		shown = append(shown, clip(t))
	}
	return &Error{File: s.file, Line: 1,
		Problem: fmt.Sprintf("the column %q is missing; the first line has: %s", strings.ReplaceAll(name, " ", "_"), strings.Join(shown, ", ")),
		Remedy:  "the first line must name the columns id,name,aliases,born,nationality,sex,documents,reason,severity,instruction,contact,valid_until (those you have)"}
}

// isControl: characters that no text has.
func isControl(r rune) bool { return r < ' ' && r != '\t' && r != '\r' }

func (s *reader) header(cells []string) {
	s.at, s.width = map[string]int{}, len(cells)
	var left []string
	for i, t := range cells {
		t = cell(strings.TrimPrefix(t, "\uFEFF"))
		name, ok := column(t)
		if _, twice := s.at[name]; !ok || twice {
			if t != "" {
				left = append(left, clip(t))
			}
			continue
		}
		s.at[name] = i
	}
	if len(left) > 0 {
		s.list.Problems = append(s.list.Problems, fmt.Sprintf("%s: columns left out: %s", s.file, strings.Join(left, ", ")))
	}
}

func (s *reader) explain(err error) error {
	var own *Error
	if errors.As(err, &own) {
		return own
	}
	var p *csv.ParseError
	if !errors.As(err, &p) {
		return &Error{File: s.file, Problem: "the file cannot be read", Remedy: "check the disk and import it again", Err: err}
	}
	return &Error{File: s.file, Line: p.StartLine, Err: p,
		Problem: "a text in quotation marks does not end where it should, so the row is broken or the file was cut short",
		Remedy:  `double a quotation mark inside a text ("") and import again`}
}

// cell reads one cell: bytes that are no UTF-8 are windows-1251.
func cell(s string) string {
	if !utf8.ValidString(s) {
		if d, err := charmap.Windows1251.NewDecoder().String(s); err == nil {
			s = d
		}
	}
	return strings.Join(strings.Fields(s), " ")
}

// clip shows a piece of the file in a message: short, and with nothing that a terminal obeys.
func clip(s string) string {
	const most = 30
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7F || r >= 0x80 && r < 0xA0 || r == utf8.RuneError {
			return '?'
		}
		return r
	}, s)
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

func toUTF8(r io.Reader) *bufio.Reader {
	br := bufio.NewReaderSize(r, 64<<10)
	head, _ := br.Peek(3)
	switch {
	case bytes.HasPrefix(head, []byte{0xEF, 0xBB, 0xBF}):
		_, _ = br.Discard(3)
	case bytes.HasPrefix(head, []byte{0xFF, 0xFE}), bytes.HasPrefix(head, []byte{0xFE, 0xFF}):
		return bufio.NewReaderSize(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Reader(br), 64<<10)
	}
	return br
}

// lineGuard refuses what is no text file before it fills the memory, and knows how the file ends.
type lineGuard struct {
	src  io.Reader
	file string
	line int
	run  int
	size int64
	last byte
	done bool
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
			return 0, &Error{File: g.file, Line: g.line + 1, Problem: "the file holds binary data and is no text", Remedy: "save the sheet as CSV (UTF-8) and import that"}
		case g.run > maxLine:
			return 0, &Error{File: g.file, Line: g.line + 1, Problem: "a line is longer than a megabyte, so this is no list", Remedy: "save the sheet as CSV (UTF-8) and import that"}
		}
		g.last = c
	}
	g.size += int64(n)
	g.done = g.done || err == io.EOF
	return n, err
}

// endsOpen says whether offset is the end of the file and its last line has no end.
func (g *lineGuard) endsOpen(offset int64) bool {
	return g.done && offset >= g.size && g.last != '\n' && g.last != '\r'
}
