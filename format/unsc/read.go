package unsc

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"sarhad/format/xmlguard"
)

// The elements of the schema that carry entries, and its root.
const (
	rootElement       = "CONSOLIDATED_LIST"
	individualElement = "INDIVIDUAL"
	entityElement     = "ENTITY"
)

// Read reads one publication. file is the name for messages. The error is an *Error.
func Read(r io.Reader, file string) (List, error) {
	text, err := toUTF8(r, file)
	if err != nil {
		return List{}, err
	}
	m := newMender(text, file)
	dec := xml.NewDecoder(xmlguard.NewReader(m, xmlguard.Limits{}))
	dec.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // toUTF8 did it
	s := reader{file: file, dec: dec, seen: map[string]int{}}
	if err := s.run(); err != nil {
		return List{}, s.explain(err)
	}
	s.list.Lossy = m.lossy()
	s.list.Problems = append(m.problems(), s.list.Problems...)
	for i, raw := range s.names {
		s.list.Entries[i].Names = raw.names(s.list.Lossy)
		if len(s.list.Entries[i].Names) == 0 {
			return List{}, &Error{File: file, Line: s.list.Entries[i].Line, Remedy: remedyReport,
				Problem: "entry " + quote(orElse(s.list.Entries[i].Reference, s.list.Entries[i].DataID)) + " has no name"}
		}
	}
	s.reportScripts()
	return s.list, nil
}

type reader struct {
	file string
	dec  *xml.Decoder
	list List
	open string // the entry being read, for the message about a file that ends in it
	line int    // where that entry begins
	seen map[string]int
	// names keeps what names are made of until it is known whether the file is lossy.
	names []rawEntry
}

func (s *reader) run() error {
	rooted := false
	for {
		tok, err := s.dec.Token()
		if err == io.EOF {
			if !rooted {
				return &Error{File: s.file, Problem: "the file holds no XML element, so it is not the UN list", Remedy: remedyXML}
			}
			return nil
		}
		if err != nil {
			return err
		}
		start, ok := tok.(xml.StartElement)
		if !ok {
			continue
		}
		name := start.Name.Local
		switch {
		case !rooted && name != rootElement:
			line, _ := s.dec.InputPos()
			return &Error{File: s.file, Line: line, Problem: "the first element is <" + strings.Trim(quote(name), "“”") + ">, not <" + rootElement + ">", Remedy: remedyXML}
		case !rooted:
			rooted = true
			s.root(start)
		case name == individualElement, name == entityElement:
			if err := s.entry(start); err != nil {
				return err
			}
		}
	}
}

func (s *reader) root(start xml.StartElement) {
	for _, a := range start.Attr {
		if a.Name.Local != "dateGenerated" {
			continue
		}
		s.list.Version = a.Value
		for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", time.DateOnly} {
			if t, err := time.Parse(layout, a.Value); err == nil {
				s.list.Published = t.UTC()
				break
			}
		}
	}
}

func (s *reader) entry(start xml.StartElement) error {
	s.line, _ = s.dec.InputPos()
	s.open = start.Name.Local
	var raw rawEntry
	if err := s.dec.DecodeElement(&raw, &start); err != nil {
		return err
	}
	e := raw.entry(start.Name.Local)
	e.Line = s.line
	s.open = ""
	id := e.Reference
	if id == "" {
		id = e.DataID
	}
	switch {
	case id == "":
		return &Error{File: s.file, Line: s.line, Problem: "an entry has neither a REFERENCE_NUMBER nor a DATAID, so it cannot be told from others", Remedy: remedyReport}
	case s.seen[id] > 0:
		return &Error{File: s.file, Line: s.line, Problem: fmt.Sprintf("entry %s stands here a second time (first on line %d)", quote(id), s.seen[id]), Remedy: remedyReport}
	}
	s.seen[id] = s.line
	s.list.Entries = append(s.list.Entries, e)
	s.names = append(s.names, rawEntry{First: raw.First, Second: raw.Second, Third: raw.Third, Fourth: raw.Fourth,
		Script: raw.Script, Aliases: raw.Aliases, EntAliases: raw.EntAliases})
	return nil
}

// explain turns what the decoder says into a sentence.
func (s *reader) explain(err error) error {
	var own *Error
	if errors.As(err, &own) {
		return own
	}
	line, _ := s.dec.InputPos()
	var hostile *xmlguard.Error
	if errors.As(err, &hostile) {
		return &Error{File: s.file, Line: line, Err: err, Problem: hostile.Problem, Remedy: "do not import it, and " + remedyAgain}
	}
	var syntax *xml.SyntaxError
	if errors.As(err, &syntax) {
		line = syntax.Line
	}
	in := ""
	if s.open != "" {
		in = fmt.Sprintf(" within the <%s> that begins on line %d", s.open, s.line)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || syntax != nil && strings.Contains(syntax.Msg, "unexpected EOF") {
		return &Error{File: s.file, Line: line, Err: err, Problem: "the file ends" + orElse(in, " before </"+rootElement+">") + ", so it was cut short", Remedy: remedyAgain}
	}
	if syntax != nil && strings.Contains(syntax.Msg, "entity") {
		return &Error{File: s.file, Line: line, Err: err, Problem: "the text uses an entity that is not part of XML" + in, Remedy: "do not import it, and " + remedyAgain}
	}
	msg := "the XML is broken"
	if syntax != nil {
		msg += " (" + strings.Trim(quote(syntax.Msg), "“”") + ")"
	}
	return &Error{File: s.file, Line: line, Err: err, Problem: msg + in, Remedy: remedyAgain}
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// reportScripts says how many names in original script were rebuilt.
func (s *reader) reportScripts() {
	n := 0
	for _, e := range s.list.Entries {
		for _, name := range e.Names {
			if name.Restored {
				n++
			}
		}
	}
	if n > 0 {
		s.list.Problems = append(s.list.Problems, fmt.Sprintf(
			"%s has lost its letters beyond Latin-1: %d names in Arabic or Cyrillic script were rebuilt, names in other scripts are missing; import an undamaged publication when there is one", s.file, n))
	}
}
