package edifact

import (
	"fmt"
	"strconv"
	"strings"
)

// Interchange is UNB (ISO 9735-1 s.7.2). Values are trimmed.
type Interchange struct {
	SyntaxID      string // 0001 "UNOA"
	SyntaxVersion string // 0002 "4"
	Sender        string // 0004
	Recipient     string // 0010
	Date          string // 0017, yymmdd or ccyymmdd as transmitted
	Time          string // 0019, hhmm
	Ref           string // 0020 control reference
	Application   string // 0026 application reference, "APIS"
	Test          bool   // 0035
}

// Group is UNG.
type Group struct {
	Type    string // 0038 "PAXLST"
	Ref     string // 0048
	Release string // 0052 and 0054, "D:15B"
}

// MessageHeader is UNH (ISO 9735-1 s.7.5).
type MessageHeader struct {
	Ref       string // 0062
	Type      string // S009 0065 "PAXLST", upper case
	Version   string // 0052 "D"
	Release   string // 0054 "15B"
	Agency    string // 0051 "UN"
	Assigned  string // 0057 "IATA"
	CommonRef string // 0068 common access reference
	Sequence  string // S010 0070, number of this part
	Transfer  string // S010 0073, "C" first, "F" last
	Offset    int64
}

// book counts what the trailers will be asked about.
type book struct {
	fresh    bool // an interchange was just begun and its first segment is to come
	open     bool // between UNB and UNZ
	group    bool // between UNG and UNE
	message  bool // between UNH and UNT
	implicit bool // segments outside any message are being read as one
	cut      bool // the end of the file was already reported
	segments int  // of the message so far
	messages int  // of the group
	groups   int
	all      int // messages of the interchange
}

// begin starts an interchange at text.
func (b *book) begin(r *Reader, text string) {
	*b = book{fresh: true}
	r.Interchange, r.Group, r.Message = Interchange{}, Group{}, MessageHeader{}
	if !hasFold(text, "UNB") {
		r.problem(MissingUNB, "the interchange has no header (UNB): sender and reference are unknown, the rest was read; ask the carrier for the whole file")
	}
}

// track keeps the books with one segment and numbers it.
func (b *book) track(r *Reader, s *Segment) {
	if b.message && len(s.Tag) > 0 && s.Tag[0] != 'U' { // nearly all
		b.segments++
		s.Number = b.segments
		return
	}
	switch s.Tag {
	case "UNB", "UNG", "UNE", "UNZ":
		b.close(r, s.Tag)
	case "UNH":
		b.close(r, s.Tag)
		b.message, b.implicit, b.segments = true, false, 0
		b.messages++
		b.all++
	default:
		if !b.message && !b.implicit {
			b.implicit, b.segments = true, 0
			r.problem(MissingUNH, "segments stand outside any message (UNH is missing); they were read as a message of their own")
		}
	}
	if b.message || b.implicit {
		b.segments++
		s.Number = b.segments
	}
	switch s.Tag {
	case "UNB":
		b.open = true
		r.Interchange = Interchange{
			SyntaxID: val(s, 1, 0), SyntaxVersion: val(s, 1, 1), Sender: val(s, 2, 0), Recipient: val(s, 3, 0),
			Date: val(s, 4, 0), Time: val(s, 4, 1), Ref: val(s, 5, 0), Application: val(s, 7, 0), Test: val(s, 11, 0) == "1",
		}
	case "UNG":
		b.group, b.messages = true, 0
		b.groups++
		r.Group = Group{Type: strings.ToUpper(val(s, 1, 0)), Ref: val(s, 5, 0), Release: strings.ToUpper(val(s, 7, 0) + ":" + val(s, 7, 1))}
	case "UNH":
		r.Message = MessageHeader{
			Ref: val(s, 1, 0), Type: strings.ToUpper(val(s, 2, 0)), Version: strings.ToUpper(val(s, 2, 1)), Release: strings.ToUpper(val(s, 2, 2)),
			Agency: val(s, 2, 3), Assigned: val(s, 2, 4), CommonRef: val(s, 3, 0), Sequence: val(s, 4, 0),
			Transfer: strings.ToUpper(val(s, 4, 1)), Offset: s.Offset,
		}
	case "UNT":
		b.trailer(r, s, r.Message.Ref, BadSegmentCount, "segments", b.segments, b.segments)
		b.message, b.implicit = false, false
	case "UNE":
		b.trailer(r, s, r.Group.Ref, BadMessageCount, "messages", b.messages, b.messages)
		b.group = false
	case "UNZ":
		// The standard counts groups where there are groups; many carriers count messages.
		b.trailer(r, s, r.Interchange.Ref, BadMessageCount, "messages or groups", b.groups, b.all)
		b.open = false
	}
}

func val(s *Segment, element, component int) string {
	return strings.TrimSpace(s.Value(element, component))
}

// trailer compares the count and the reference of a trailer with what was met.
func (b *book) trailer(r *Reader, s *Segment, ref, code, what string, count, other int) {
	if s.Tag == "UNT" && b.implicit || s.Tag == "UNE" && !b.group || s.Tag == "UNZ" && !b.open {
		return // the header is missing, which was reported
	}
	said := val(s, 1, 0)
	if n, err := strconv.Atoi(said); err != nil || n != count && n != other {
		if other != count && count == 0 {
			count = other
		}
		r.problem(code, fmt.Sprintf("%s counts %q %s, %d came; all that came is kept, ask the carrier if something was cut", s.Tag, clip(said), what, count))
	}
	if got := val(s, 2, 0); got != ref {
		r.problem(BadReference, fmt.Sprintf("%s repeats the reference %q, its header says %q; check that the file was not put together from two", s.Tag, clip(got), clip(ref)))
	}
}

// clip keeps a damaged reference from filling a sentence.
func clip(s string) string {
	if len(s) > 40 {
		return strings.ToValidUTF8(s[:40], "") + "…"
	}
	return s
}

// close reports the trailers that are missing before a segment that cannot stand inside what is open.
func (b *book) close(r *Reader, before string) {
	if b.message && before != "UNT" {
		r.problem(MissingUNT, fmt.Sprintf("the message %q has no trailer (UNT) before the next %s; its persons are kept, ask the carrier if the list is complete", clip(r.Message.Ref), before))
	}
	b.message, b.implicit = false, false
	if before == "UNH" || before == "UNE" {
		return
	}
	if b.group {
		r.problem(MissingUNE, fmt.Sprintf("the group has no trailer (UNE) before the next %s; nothing was lost", before))
	}
	b.group = false
	if b.open && before == "UNB" {
		r.problem(MissingUNZ, "the interchange has no trailer (UNZ) before the next one; nothing was lost")
		b.open = false
	}
}

// end reports, once, what is still open at the end of the input.
func (b *book) end(r *Reader) {
	switch {
	case b.cut:
	case b.message:
		r.problem(Truncated, fmt.Sprintf("the file ends before the trailer (UNT) of message %q; what came is kept, ask the carrier to send the list again", clip(r.Message.Ref)))
	case b.group:
		r.problem(MissingUNE, "the file ends before the trailers of group and interchange (UNE, UNZ); the messages are complete")
	case b.open:
		r.problem(MissingUNZ, "the file ends before the trailer of the interchange (UNZ); the messages are complete")
	}
	*b = book{}
}
