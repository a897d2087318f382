package paxlst

import (
	"fmt"
	"strings"
	"time"

	"sarhad/format/edifact"
)

// context is whose segments are being read.
type context byte

const (
	inHeader context = iota
	inLeg
	inPerson
)

// builder puts one message together, segment by segment.
type builder struct {
	Message
	now  func() time.Time
	in   context
	legs []leg
	unb  moment // preparation of the interchange

	scratch
	person openPerson

	unknown  int
	suppress int // problems beyond maxProblems
	cnt      []count
}

// scratch is room used by one message after the other. Persons lie side by side in it, so that a message needs
// few allocations; begins holds where each person's share starts. finish copies out what the message keeps.
type scratch struct {
	persons   []Traveller
	raw       []string
	documents []Document
	begins    []begin
}

// reset makes room and lets go of the last message's text.
func (s *scratch) reset() {
	clear(s.persons)
	clear(s.raw)
	clear(s.documents)
	s.persons, s.raw, s.documents, s.begins = s.persons[:0], s.raw[:0], s.documents[:0], s.begins[:0]
}

type begin struct{ raw, document, segment int }

type count struct {
	what    string
	n       int
	segment int
	offset  int64
}

func newBuilder(room scratch, name string, now func() time.Time, in edifact.Interchange, group edifact.Group, h edifact.MessageHeader) *builder {
	b := &builder{now: now, scratch: room}
	b.File, b.Format = name, Format
	b.Voyages, b.Problems = []Voyage{}, []edifact.Problem{}
	switch {
	case h.Release != "":
		b.Version = h.Version + "." + h.Release
	case len(group.Release) > 1:
		b.Version = strings.Replace(group.Release, ":", ".", 1)
	}
	b.unb = readMoment(in.Date+in.Time, "")
	if !b.unb.valid {
		b.unb = readMoment(in.Date, "")
	}
	if b.unb.valid && !b.unb.full { // advance passenger information is younger than 1980
		b.unb = b.unb.near(20300101)
	}
	b.Header = Header{
		Sender: in.Sender, Recipient: in.Recipient, Interchange: in.Ref,
		Ref: h.Ref, CommonRef: h.CommonRef,
	}
	if b.unb.valid {
		b.Header.Prepared = b.unb.String()
	}
	if n, ok := integer(h.Sequence); ok {
		b.Header.Part = n
	}
	b.Header.First = h.Transfer == "C" || b.Header.Part <= 1
	b.Header.Last = h.Transfer == "F" || h.Transfer == "" && b.Header.Part <= 1
	return b
}

// add takes one segment between UNH and UNT.
func (b *builder) add(s *edifact.Segment) {
	switch s.Tag {
	case "BGM":
		b.in = inHeader
		b.Header.Document, b.Header.Function, b.Header.Purpose = code(s, 1, 0), code(s, 2, 0), code(s, 3, 0)
		b.header(s)
	case "NAD":
		b.nad(s)
	case "TDT":
		b.closePerson()
		b.in = inLeg
		b.legs = append(b.legs, newLeg(s))
		b.header(s)
	case "LOC":
		b.loc(s)
	case "DTM":
		b.dtm(s)
	case "ATT", "MEA", "GEI", "NAT", "DOC", "EMP", "FTX":
		b.attribute(s)
	case "RFF":
		b.reference(s)
	case "COM":
		b.contact(s)
	case "CNT":
		b.closePerson()
		b.in = inHeader
		b.control(s)
		b.header(s)
	case "UNS", "AUT":
		b.closePerson()
		b.in = inHeader
		b.header(s)
	default:
		b.strange(s)
	}
}

// strange keeps a segment nobody knows where it stood.
func (b *builder) strange(s *edifact.Segment) {
	b.unknown++
	switch {
	case b.unknown > maxUnknown:
		if b.unknown == maxUnknown+1 {
			b.problemAt(s, TooManyUnknown, "more than %d segments are unknown; the further ones are not kept, see the file itself", maxUnknown)
		}
	case b.in == inPerson:
		b.keep(s)
	default:
		b.header(s)
	}
}

// header keeps a segment with the header.
func (b *builder) header(s *edifact.Segment) {
	b.Header.Segments = append(b.Header.Segments, b.spared(s))
}

// keep keeps a segment with the person.
func (b *builder) keep(s *edifact.Segment) { b.raw = append(b.raw, b.spared(s)) }

// spared is the text of a segment without what may be a protected attribute (see the package comment): free text,
// attributes other than the sex, and what may tell health, religion or the like: special service and other service
// information as some hosts copy it from bookings, special requirements, personal characteristics.
func (b *builder) spared(s *edifact.Segment) string {
	switch s.Tag {
	case "FTX":
		if code(s, 1, 0) == "BAG" {
			return s.String()
		}
	case "ATT":
		if q := code(s, 1, 0); q == "2" || q == "" {
			return s.String()
		}
	case "SSR", "OSI", "SPR", "IHC", "HLT":
		b.Header.Dropped++
		return s.Tag
	default:
		return s.String()
	}
	b.Header.Dropped++
	return s.Tag + string(separator) + code(s, 1, 0)
}

// separator joins tag and qualifier of a segment whose text was dropped.
const separator = '+'

// reference is RFF, of the person or of the message.
func (b *builder) reference(s *edifact.Segment) {
	what, v := code(s, 1, 0), value(s, 1, 1)
	if b.in == inPerson {
		t := b.traveller()
		switch what {
		case "AVF":
			first(&t.Booking, v)
		case "SEA":
			first(&t.Seat, v)
		case "ABO":
			first(&t.Details.UniqueRef, v)
		case "AEA":
			first(&t.Details.GovRef, v)
		case "CR":
			first(&t.Details.CustomerRef, v)
		case "TKT", "YZY":
			first(&t.Details.Ticket, v)
		}
		b.keep(s)
		return
	}
	if what == "TN" {
		first(&b.Header.Reference, v)
		for c := 2; c < 5; c++ {
			first(&b.Header.Revision, value(s, 1, c))
		}
	}
	b.header(s)
}

// first sets a value that is not set yet.
func first(to *string, v string) {
	if *to == "" {
		*to = v
	}
}

// contact is COM: up to three numbers, each with its kind. Some hosts leave out the kind.
func (b *builder) contact(s *edifact.Segment) {
	var list []Contact
	for e := 1; e <= s.Elements() && e <= 9; e++ {
		if v := value(s, e, 0); v != "" {
			list = append(list, Contact{Kind: code(s, e, 1), Value: v})
		}
	}
	if b.in == inPerson {
		t := b.traveller()
		t.Details.Contacts = append(t.Details.Contacts, list...)
		b.keep(s)
		return
	}
	b.Header.Contacts = append(b.Header.Contacts, list...)
	b.header(s)
}

// control is CNT: 42 passengers, 41 crew (guide s.4.24).
func (b *builder) control(s *edifact.Segment) {
	what := code(s, 1, 0)
	n, ok := integer(value(s, 1, 1))
	if !ok || what != "41" && what != "42" {
		return
	}
	if what == "42" {
		b.Header.Passengers = &n
	} else {
		b.Header.Crew = &n
	}
	b.cnt = append(b.cnt, count{what, n, s.Number, s.Offset})
}

// problem adds p, up to maxProblems.
func (b *builder) problem(p edifact.Problem) {
	if len(b.Problems) >= maxProblems {
		b.suppress++
		return
	}
	b.Problems = append(b.Problems, p)
}

// problemAt reports on a segment. The text must not repeat what the segment says of a person.
func (b *builder) problemAt(s *edifact.Segment, code, format string, args ...any) {
	b.problem(edifact.Problem{
		Segment: s.Number, Tag: s.Tag, Code: code, Offset: s.Offset,
		Text: fmt.Sprintf(format, args...) + fmt.Sprintf(" (%s, byte %d)", s.Tag, s.Offset),
	})
}

// finish resolves what needed the whole message.
func (b *builder) finish(charset string) Message {
	b.closePerson()
	b.Header.Charset = charset
	ref := b.order()
	b.Travellers = append(make([]Traveller, 0, len(b.persons)), b.persons...)
	raw := append(make([]string, 0, len(b.raw)), b.raw...)
	documents := append(make([]Document, 0, len(b.documents)), b.documents...)
	for i := range b.Travellers {
		from := b.begins[i]
		to := begin{raw: len(b.raw), document: len(b.documents)}
		if i+1 < len(b.begins) {
			to = b.begins[i+1]
		}
		t := &b.Travellers[i]
		t.Details.Segments = raw[from.raw:to.raw:to.raw]
		if to.document > from.document {
			t.Documents = documents[from.document:to.document:to.document]
		}
		b.settle(t, from.segment, ref)
	}
	b.counts()
	if b.suppress > 0 {
		b.Problems = append(b.Problems, edifact.Problem{Code: TooManyProblems,
			Text: fmt.Sprintf("%d further problems are not listed; the file is badly damaged, ask the carrier to send it again", b.suppress)})
	}
	return b.Message
}

// counts compares the control totals with the persons that came. A part of a list cannot be compared.
func (b *builder) counts() {
	if !b.Header.First || !b.Header.Last {
		return
	}
	passengers, crew := 0, 0
	for i := range b.Travellers {
		if t := &b.Travellers[i]; t.Role == Crew || t.Details.Qualifier == "DDT" {
			crew++
		} else {
			passengers++
		}
	}
	for _, c := range b.cnt {
		came, whom := passengers, "passengers"
		if c.what == "41" {
			came, whom = crew, "crew"
		}
		// Some hosts count everybody under either code.
		if c.n != came && c.n != passengers+crew {
			b.problem(edifact.Problem{Segment: c.segment, Tag: "CNT", Code: CountMismatch, Offset: c.offset,
				Text: fmt.Sprintf("the list counts %d %s, %d came; all that came are kept, ask the carrier for the rest (CNT, byte %d)", c.n, whom, came, c.offset)})
		}
	}
}
