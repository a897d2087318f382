package paxlst

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"sarhad/format/edifact"
)

// ErrNoMessage is the error for an interchange that holds no PAXLST.
var ErrNoMessage = errors.New("no PAXLST message found")

// Limits a message: what a damaged file can make us keep is bounded, persons are not.
const (
	maxUnknown  = 2000
	maxProblems = 1000
)

// Parser reads messages. The zero value is ready.
type Parser struct {
	// Now gives the reference date for two-digit years of a message that has no date of its own; time.Now if nil.
	Now func() time.Time
}

// Parse reads every message of r; name is what Message.File says. The messages read before an error are returned
// with it. Errors: one wrapping edifact.ErrNoInterchange or ErrNoMessage when there was nothing to read, a
// reading error otherwise. Everything else is a Problem of a message.
func Parse(r io.Reader, name string) ([]Message, error) {
	var all []Message
	err := Scan(r, name, func(m Message) error {
		all = append(all, m)
		return nil
	})
	return all, err
}

// Scan is Parse for files of any length: it calls each for every message in order and stops at its error.
func Scan(r io.Reader, name string, each func(Message) error) error {
	return Parser{}.Scan(r, name, each)
}

// Scan is the function Scan with the options of p.
func (p Parser) Scan(r io.Reader, name string, each func(Message) error) error {
	if p.Now == nil {
		p.Now = time.Now
	}
	s := scan{Parser: p, rd: edifact.NewReader(r), name: name, each: each}
	for {
		seg, err := s.rd.Next()
		problems := s.rd.Problems()
		if err != nil {
			return s.end(err, problems)
		}
		if err := s.segment(seg, problems); err != nil {
			return err
		}
	}
}

// scan is the reading of one file.
type scan struct {
	Parser
	rd   *edifact.Reader
	name string
	each func(Message) error

	m     *builder // the message being read, nil before the first
	room  scratch
	held  []edifact.Problem // of an envelope whose message is to come
	skip  bool              // inside a message of another type
	other []string          // the types passed over
	sent  int
}

// segment sorts a segment into its message.
func (s *scan) segment(seg *edifact.Segment, problems []edifact.Problem) error {
	switch seg.Tag {
	case "UNB", "UNH":
		if err := s.flush(problems); err != nil {
			return err
		}
		s.skip = false
		if seg.Tag == "UNH" {
			s.open(seg)
		}
		return nil
	case "UNG", "UNE", "UNZ":
		s.report(problems)
		return nil
	}
	if s.skip {
		return nil
	}
	if s.m == nil {
		s.open(nil)
	}
	s.report(problems)
	if seg.Tag != "UNT" {
		s.m.add(seg)
	}
	return nil
}

// flush ends the message being read. Problems raised by the segment that ends it are its own, but for those of
// the envelope that begins.
func (s *scan) flush(problems []edifact.Problem) error {
	for _, p := range problems {
		if s.m == nil || p.Code == edifact.BadUNA || p.Code == edifact.MissingUNB {
			s.held = append(s.held, p)
		} else {
			s.m.problem(p)
		}
	}
	if s.m == nil {
		return nil
	}
	m := s.m.finish(s.rd.Charset())
	s.room = s.m.scratch
	s.room.reset()
	s.m = nil
	s.sent++
	return s.each(m)
}

func (s *scan) report(problems []edifact.Problem) {
	if s.m == nil {
		s.held = append(s.held, problems...)
		return
	}
	for _, p := range problems {
		s.m.problem(p)
	}
}

// open begins a message at UNH, or without one.
func (s *scan) open(unh *edifact.Segment) {
	h := s.rd.Message
	if unh == nil {
		h = edifact.MessageHeader{}
	}
	if unh != nil && edifact.Word(h.Type, otherTypes) {
		s.skip = true
		s.other = append(s.other, h.Type)
		return
	}
	s.m = newBuilder(s.room, s.name, s.Now, s.rd.Interchange, s.rd.Group, h)
	s.report(s.held)
	s.held = nil
	if unh != nil {
		s.m.header(unh)
		if h.Type != Format {
			s.m.problemAt(unh, UnknownType, "UNH names the message type %q; it was read as PAXLST", h.Type)
		}
	}
	for _, t := range s.other {
		s.m.problem(edifact.Problem{Code: OtherMessage, Text: fmt.Sprintf("a message of type %s before this one is no passenger list and was passed over; import it with its own reader", t)})
	}
	s.other = nil
}

// end is called with the error that ends the file.
func (s *scan) end(err error, problems []edifact.Problem) error {
	s.report(problems)
	if flushed := s.flush(nil); flushed != nil {
		return flushed
	}
	switch {
	case err != io.EOF:
		return fmt.Errorf("%s: %w", s.name, err)
	case s.sent == 0 && len(s.other) > 0:
		return fmt.Errorf("%s: %w: the interchange holds %s; import it with its own reader", s.name, ErrNoMessage, strings.Join(s.other, ", "))
	case s.sent == 0:
		return fmt.Errorf("%s: %w: the interchange from %q has no message (UNH) in it; ask the carrier to send it again", s.name, ErrNoMessage, s.rd.Interchange.Sender)
	}
	return nil
}

// value is a component, blanks trimmed.
func value(s *edifact.Segment, element, component int) string {
	v := s.Value(element, component)
	if v != "" && (v[0] == ' ' || v[len(v)-1] == ' ') {
		v = strings.TrimSpace(v)
	}
	return v
}

// code is a component that is a code: trimmed, in capitals.
func code(s *edifact.Segment, element, component int) string {
	v := value(s, element, component)
	for i := 0; i < len(v); i++ {
		if v[i] >= 'a' && v[i] <= 'z' || v[i] >= 0x80 {
			return strings.ToUpper(v)
		}
	}
	return v
}

// integer reads a count.
func integer(s string) (int, bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil && n >= 0 && n < 1_000_000
}
