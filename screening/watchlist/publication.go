package watchlist

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"

	"sarhad/format/listcsv"
	"sarhad/format/listxlsx"
	"sarhad/format/ofac"
	"sarhad/format/unsc"
	"sarhad/record"
)

// Formats of a publication.
const (
	FormatUN   = "un-xml"
	FormatOFAC = "ofac-csv"
	FormatOwn  = "csv"

	FormatSheet = "xlsx" // an own list as a spreadsheet
)

// Own says whether lists of a format are kept by the agency itself.
func Own(format string) bool { return format == FormatOwn || format == FormatSheet }

// Ids of the lists that have a publisher of their own.
const (
	UNList   = "un-sc"
	OFACList = "ofac-sdn"
)

// sniffLen is how much of a file is looked at to learn its format.
const sniffLen = 16 << 10

// File is one file of a list.
type File struct {
	Name string // for messages and, of own lists, for the id of the list
	Data io.Reader
}

// Publication is one issue of one list, parsed.
type Publication struct {
	List      string // id
	Title     string
	Publisher string
	Format    string
	Effect    string // the legal effect that the list starts with here
	Published time.Time
	Version   string
	Files     []string
	FileHash  string // SHA-256 of the first file, hexadecimal
	Lossy     bool
	Entries   []*Entry
	Problems  []string
}

// Hash names what the publication says; equal publications say the same.
func (p *Publication) Hash() string {
	prints := make([]string, len(p.Entries))
	for i, e := range p.Entries {
		prints[i] = e.Fingerprint
	}
	slices.Sort(prints)
	return hashOf(append(prints, p.List))
}

// Open parses files by their paths, see Parse.
func Open(paths ...string) ([]*Publication, error) {
	files := make([]File, len(paths))
	for i, p := range paths {
		f, err := os.Open(p)
		if err != nil {
			return nil, record.Errorf(record.Invalid, "%s: the file cannot be opened (%s); check the path and the rights to it.", p, reasonOf(err))
		}
		defer f.Close()
		files[i] = File{Name: filepath.Base(p), Data: f}
	}
	return Parse(files...)
}

func reasonOf(err error) string {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}

// Parse tells by their content what the files are and reads them all: the UN Security Council XML,
// OFAC's sdn.csv, alt.csv, add.csv and sdn_comments.csv (which make one publication, in whatever
// order), and own lists in CSV. The error is a *record.Error of kind Invalid in one sentence with
// file, place and remedy; then there is no publication at all.
func Parse(files ...File) ([]*Publication, error) {
	if len(files) == 0 {
		return nil, record.Errorf(record.Invalid, "no file was given; name the files of a list.")
	}
	var out []*Publication
	var sdn []ofac.File
	var sums []*summer
	for _, f := range files {
		br := bufio.NewReaderSize(f.Data, sniffLen)
		head, _ := br.Peek(sniffLen)
		s := newSummer(br)
		var p *Publication
		var err error
		switch format(head, f.Name) {
		case FormatOFAC:
			sdn, sums = append(sdn, ofac.File{Name: f.Name, Data: s}), append(sums, s)
			continue
		case FormatUN:
			p, err = parseUN(s, f.Name)
		case FormatOwn:
			p, err = parseOwn(s, f.Name)
		case FormatSheet:
			p, err = parseSheet(s, f.Name)
		default:
			return nil, record.Errorf(record.Invalid, "%s: this is neither the UN Security Council list (XML), nor a file of the OFAC SDN list (sdn.csv, alt.csv, add.csv), nor an own list (CSV or XLSX whose first line names the columns id and name); give one of these.", f.Name)
		}
		if err != nil {
			return nil, invalid(err)
		}
		p.Files, p.FileHash = []string{f.Name}, s.sum()
		out = append(out, p)
	}
	if len(sdn) > 0 {
		p, err := parseOFAC(sdn)
		if err != nil {
			return nil, invalid(err)
		}
		p.FileHash = sums[0].sum()
		out = append(out, p)
	}
	for _, p := range out {
		for _, e := range p.Entries {
			e.Seal()
		}
	}
	return out, nil
}

// format tells what a file is by its beginning. A file that is broken from the first line on is
// told by its name, so that the parser that was meant can say what is wrong with it.
func format(head []byte, name string) string {
	if looksXML(head) {
		return FormatUN
	}
	if listxlsx.Sniff(head) {
		return FormatSheet
	}
	if _, ok := ofac.Sniff(head); ok {
		return FormatOFAC
	}
	if listcsv.Sniff(head) {
		return FormatOwn
	}
	name = strings.ToLower(filepath.Base(name))
	switch {
	case slices.Contains([]string{"sdn.csv", "alt.csv", "add.csv", "sdn_comments.csv"}, name):
		return FormatOFAC
	case strings.HasSuffix(name, ".xlsx"):
		return FormatSheet
	case strings.HasSuffix(name, ".xml"):
		return FormatUN
	case strings.HasSuffix(name, ".csv"), strings.HasSuffix(name, ".txt"), strings.HasSuffix(name, ".tsv"):
		return FormatOwn
	}
	return ""
}

func looksXML(head []byte) bool {
	for _, bom := range []string{"\xEF\xBB\xBF", "\xFF\xFE", "\xFE\xFF"} {
		head = bytes.TrimPrefix(head, []byte(bom))
	}
	head = bytes.TrimLeft(head, " \t\r\n\x00")
	return len(head) > 0 && head[0] == '<'
}

// invalid makes the formats' sentences an error of the record layer.
func invalid(err error) error {
	var un *unsc.Error
	var of *ofac.Error
	var own *listcsv.Error
	if errors.As(err, &un) || errors.As(err, &of) || errors.As(err, &own) {
		return &record.Error{Kind: record.Invalid, Message: err.Error()}
	}
	return err
}

// slug makes an id of a file name: "Own list (2026).csv" is "own-list-2026".
func slug(name string) string {
	name = strings.TrimSuffix(filepath.Base(name), filepath.Ext(name))
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if len(words) == 0 {
		return "own"
	}
	return strings.Join(words, "-")
}

// summer hashes what is read through it.
type summer struct {
	io.Reader
	src  io.Reader
	hash interface {
		io.Writer
		Sum([]byte) []byte
	}
}

func newSummer(r io.Reader) *summer {
	h := sha256.New()
	return &summer{Reader: io.TeeReader(r, h), src: r, hash: h}
}

// sum is the hash of the whole file: what a parser left unread is read.
func (s *summer) sum() string {
	_, _ = io.Copy(s.hash, s.src) // an unreadable rest would have stopped the parser
	return hex.EncodeToString(s.hash.Sum(nil))
}
