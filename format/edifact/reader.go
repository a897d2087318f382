package edifact

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

const (
	// blockSize is what is read at a time: small, since a value kept keeps its block.
	blockSize = 64 << 10
	// MaxSegment is the length at which a segment is cut: the longest a PAXLST can have is under 1 KiB, so more
	// than this without a terminator is damage, and memory must stay bounded.
	MaxSegment = 64 << 10
	// lookAhead is how much of an interchange is looked at to find its service characters.
	lookAhead = 4 << 10
	// headerSlack is how much text may stand before an interchange without a word: Type-B address and origin lines.
	headerSlack = 1 << 10
)

// ErrNoInterchange is the error for an input in which nothing is EDIFACT. The error returned wraps it and says
// how much was read, what the input looks like and what to do.
var ErrNoInterchange = errors.New("no EDIFACT interchange found")

// Reader reads the segments of a file in order, over any number of interchanges.
type Reader struct {
	// Interchange, Group and Message are what the last UNB, UNG and UNH said; zero when absent or closed.
	Interchange Interchange
	Group       Group
	Message     MessageHeader

	src   io.Reader
	buf   []byte
	block string // unread text starts at pos
	pos   int
	base  int64 // offset of block in the file
	eof   bool
	// What block holds anywhere, so that most segments need no second look.
	high     bool // a byte above 127
	lines    bool // a line end
	released bool // a release character

	syn      *Syntax
	charset  *Charset
	inside   bool // between the start of an interchange and its UNZ
	found    bool // an interchange was found at all
	first    string
	fault    error
	tagged   string // tag of the text read last
	seg      Segment
	problems []Problem
	book     book
}

// NewReader returns a Reader on src, which it reads in blocks to its end and does not close.
func NewReader(src io.Reader) *Reader {
	return &Reader{src: src, buf: make([]byte, blockSize)}
}

// Charset returns the name of the charset in use, "" while everything was ASCII.
func (r *Reader) Charset() string {
	if r.charset == nil {
		return ""
	}
	return r.charset.Name
}

// Syntax returns the service characters of the current interchange; the zero Syntax before the first.
func (r *Reader) Syntax() Syntax {
	if r.syn == nil {
		return Syntax{}
	}
	return *r.syn
}

// Problems returns what was met since the last call, in order, and forgets it.
func (r *Reader) Problems() []Problem {
	p := r.problems
	r.problems = nil
	return p
}

// Next returns the next segment, service segments included, UNA excepted. The Segment is overwritten by the next
// call, its strings stay valid. At the end it returns io.EOF; ErrNoInterchange when there was nothing to
// read; a reading error wrapped with its place. What came before an error was returned before.
func (r *Reader) Next() (*Segment, error) {
	for {
		if !r.inside && !r.goesOn() {
			if err := r.seek(); err != nil {
				r.book.end(r)
				return nil, err
			}
		}
		text, offset, err := r.text()
		if err != nil {
			r.book.end(r)
			return nil, err
		}
		if text == "" { // a new interchange begins here
			continue
		}
		r.book.fresh = false
		r.seg = Segment{Text: text, Tag: r.tagged, Offset: offset, syn: r.syn, charset: r.charset}
		r.seg.plain = (!r.high || ascii(text)) && (!r.released || r.syn.Release == 0 || strings.IndexByte(text, r.syn.Release) < 0)
		r.book.track(r, &r.seg)
		if r.seg.Tag == "" {
			r.problem(Garbage, "between two segments stands text that is none; it is kept as it came, nothing to do unless a value is missing")
		}
		if r.seg.Tag == "UNZ" {
			r.inside = false
		}
		return &r.seg, nil
	}
}

// problem reports on the current segment.
func (r *Reader) problem(code, text string) {
	r.problems = append(r.problems, Problem{
		Segment: r.seg.Number, Code: code, Tag: r.seg.Tag, Offset: r.seg.Offset,
		Text: fmt.Sprintf("%s (byte %d)", text, r.seg.Offset),
	})
}

// fill reads a block behind the unread text. It tells whether there is more text than before.
func (r *Reader) fill() bool {
	if r.eof {
		return false
	}
	n, err := io.ReadFull(r.src, r.buf)
	if err != nil {
		r.eof = true
		if err != io.EOF && err != io.ErrUnexpectedEOF {
			r.fault = err
		}
	}
	kept := r.block[r.pos:]
	fresh := string(r.buf[:n])
	if r.base == 0 && r.first == "" {
		r.first = strings.Clone(fresh[:min(len(fresh), 64)])
	}
	r.base += int64(r.pos)
	r.pos = 0
	r.block = kept + fresh
	r.high = r.high && kept != "" || !ascii(fresh)
	r.lines = r.lines && kept != "" || strings.IndexByte(fresh, '\n') >= 0 || strings.IndexByte(fresh, '\r') >= 0
	r.released = r.released && kept != "" || r.syn != nil && strings.IndexByte(fresh, r.syn.Release) >= 0
	if r.inside && r.charset == nil && r.high {
		r.charset = ChooseCharset(r.syn.ID, fresh)
	}
	return n > 0
}

// ahead makes sure that n bytes stand unread, or all there are.
func (r *Reader) ahead(n int) {
	for len(r.block)-r.pos < n && r.fill() {
	}
}

// goesOn tells whether segments of the same interchange follow its UNZ, and goes back to reading them.
func (r *Reader) goesOn() bool {
	if r.syn == nil {
		return false
	}
	r.ahead(lookBehind)
	var head []byte
	for i := r.pos; i < len(r.block) && len(head) < 4; i++ {
		if c := r.block[i]; !isFiller(c) && (c != r.syn.Terminator || len(head) > 0) {
			head = append(head, c)
		}
	}
	// A new interchange is looked for, since its characters may be others; one whose start is wrapped into lines reads on.
	r.inside = len(head) == 4 && head[3] == r.syn.Element && r.tag(string(head)) != "" &&
		(!hasFold(string(head), "UNA") && !hasFold(string(head), "UNB") || findStart(r.block[r.pos:min(len(r.block), r.pos+lookBehind)]) < 0)
	return r.inside
}

// seek goes to the next interchange and reads its service characters.
func (r *Reader) seek() error {
	skipped := 0
	for {
		i := -1
		if !r.found && r.base == 0 && r.pos == 0 {
			r.ahead(lookAhead)
			if i = bareStart(r.block); i < 0 && startAt(squeeze(r.window())) {
				i = 0
			}
		}
		if i < 0 {
			i = findStart(r.block[r.pos:])
		}
		if i >= 0 {
			skipped += i
			r.pos += i
			r.ahead(lookAhead)
			if startAt(r.block[r.pos:]) || bareStart(r.block[r.pos:]) == 0 || !r.found && r.base == 0 && r.pos == 0 {
				break
			}
			r.pos++
			continue
		}
		drop := max(0, len(r.block)-r.pos-lookBehind)
		skipped += drop
		r.pos += drop
		if !r.fill() {
			if r.fault != nil {
				return fmt.Errorf("reading failed after %d bytes: %w", r.base+int64(len(r.block)), r.fault)
			}
			if !r.found {
				return r.nothing()
			}
			return io.EOF
		}
	}
	r.begin()
	if skipped > headerSlack {
		r.problem(Garbage, fmt.Sprintf("%d bytes before the interchange are no EDIFACT and were passed over; check that the file is complete", skipped))
	}
	return nil
}

// lookBehind is kept when a block is passed over, so that a start on its edge is found.
const lookBehind = 80

// window is the text in which the service characters are looked for.
func (r *Reader) window() string { return r.block[r.pos:min(len(r.block), r.pos+lookAhead)] }

// squeeze removes line ends, for a start that was wrapped into lines itself.
func squeeze(s string) string { return strings.NewReplacer("\r", "", "\n", "").Replace(s) }

// begin reads UNA and the service characters at pos.
func (r *Reader) begin() {
	window := r.window()
	wrapped := !startAt(window) && bareStart(window) < 0
	if wrapped {
		window = squeeze(window)
	}
	syn, skip, bad := detect(window)
	if wrapped { // skip counts no line ends
		for i := 0; i < skip; i++ {
			for r.block[r.pos+i] == '\r' || r.block[r.pos+i] == '\n' {
				r.pos++
			}
		}
	}
	r.syn = &syn
	r.released = strings.IndexByte(r.block[r.pos:], syn.Release) >= 0
	r.seg = Segment{Offset: r.base + int64(r.pos), syn: &syn}
	r.pos += skip
	r.inside, r.found = true, true
	r.charset = nil
	if r.high {
		sample := r.block[r.pos:]
		if i := strings.Index(sample, "UNZ"+string(syn.Element)); i >= 0 {
			sample = sample[:i]
		}
		r.charset = ChooseCharset(syn.ID, sample)
	}
	if bad {
		r.seg.Tag = "UNA"
		r.problem(BadUNA, "UNA does not fit the text after it; the separators were taken from the text, ask the carrier to correct UNA")
	}
	r.book.begin(r, r.block[r.pos:])
}

// text returns the text of the next segment and its offset; "" when a new interchange begins instead.
func (r *Reader) text() (string, int64, error) {
	term := r.syn.Terminator
	for {
		for r.pos < len(r.block) && (isFiller(r.block[r.pos]) || r.block[r.pos] == term) {
			r.pos++
		}
		if r.pos < len(r.block) || !r.fill() {
			break
		}
	}
	if r.pos == len(r.block) {
		if r.fault != nil {
			return "", 0, fmt.Errorf("reading failed after %d bytes: %w", r.base+int64(r.pos), r.fault)
		}
		return "", 0, io.EOF
	}
	if r.restart() {
		return "", 0, nil
	}
	offset := r.base + int64(r.pos)
	n, end := r.length()
	text := r.block[r.pos : r.pos+n]
	next := r.pos + n
	if end {
		next++
	}
	if term == '\n' {
		text = strings.TrimRight(text, "\r")
	} else if r.lines && (strings.IndexByte(text, '\n') >= 0 || strings.IndexByte(text, '\r') >= 0) {
		var used int
		if text, used = r.unwrap(text); used < n {
			next = r.pos + used
			end = true
		}
	}
	if !end {
		text = strings.TrimRightFunc(text, func(c rune) bool { return c < 0x80 && isFiller(byte(c)) })
		r.unterminated(text, offset)
	}
	if r.tagged = r.tag(text); r.tagged == "" {
		if i := tagInside(text, r.syn.Element); i > 0 {
			r.seg = Segment{Number: r.seg.Number, Offset: offset}
			r.problem(Garbage, "text before a segment is no EDIFACT (a telegram header or damage) and was passed over")
			// Joined text may be shorter than what was read; the place is found again in the block.
			if at := tagInside(r.block[r.pos:next], r.syn.Element); at > 0 {
				r.pos += at
				return r.text()
			}
			text = text[i:]
			r.tagged = r.tag(text)
		}
	}
	r.pos = next
	return text, offset, nil
}

// restart begins a new interchange when UNA or UNB stands at pos and is not the one just begun.
func (r *Reader) restart() bool {
	if r.block[r.pos]|0x20 != 'u' {
		return false
	}
	r.ahead(16)
	s := r.block[r.pos:]
	fresh := r.book.fresh
	r.book.fresh = false
	if fresh || !hasFold(s, "UNA") && !hasFold(s, "UNB") {
		return false
	}
	r.ahead(lookAhead)
	if !startAt(r.block[r.pos:]) {
		return false
	}
	r.book.close(r, "UNB")
	r.begin()
	return true
}

// length returns the length of the segment at pos, and whether a terminator ends it. It reads on as needed.
func (r *Reader) length() (int, bool) {
	term, release := r.syn.Terminator, r.syn.Release
	from := 0
	for {
		i := strings.IndexByte(r.block[r.pos+from:], term)
		if i < 0 {
			from = len(r.block) - r.pos
			if from > MaxSegment {
				return MaxSegment, false
			}
			if !r.fill() {
				return from, false
			}
			continue
		}
		from += i
		s := r.block[r.pos : r.pos+from]
		odd := false
		for j := len(s) - 1; release != 0 && j >= 0 && s[j] == release; j-- {
			odd = !odd
		}
		switch {
		case from > MaxSegment:
			return MaxSegment, false
		case odd:
		case r.stray(s):
			r.seg = Segment{Number: r.seg.Number + 1, Offset: r.base + int64(r.pos), Tag: r.tag(s)}
			r.problem(StrayTerminator, "a terminator inside a name or text was not released; it was read as part of the text, ask the carrier to release it")
			r.seg.Number--
		default:
			return from, true
		}
		from++
	}
}

// stray tells whether the terminator after s is a letter of a name ("O'BRIEN", "ULUG'BEK") that the sender forgot
// to release: s is a name or free text, and what follows at once is no segment but ends soon.
func (r *Reader) stray(s string) bool {
	if len(s) < 4 || s[0]|0x20 != 'n' && s[0]|0x20 != 'f' || !hasFold(s, "NAD") && !hasFold(s, "FTX") {
		return false
	}
	at := len(s)
	if i := r.pos + at + 4; i < len(r.block) && r.block[i] == r.syn.Element && tagLike(r.block[i-3:]) {
		return false // the next segment follows at once, as nearly always
	}
	r.ahead(at + 64)
	rest := r.block[min(r.pos+at+1, len(r.block)):]
	if len(rest) < 2 || !isAlnum(rest[0]) && rest[0] < 0x80 || r.tag(rest[:min(len(rest), 5)]) != "" && rest[min(len(rest)-1, 3)] != r.syn.Component {
		return false // three letters and a component separator are the end of a name ("ULUG'BEK:SHER")
	}
	for i := 0; i < len(rest) && i < 48; i++ {
		switch c := rest[i]; {
		case c == r.syn.Terminator:
			return true
		case isAlnum(c) || c >= 0x80 || c == ' ' || c == '-' || c == '/' || c == r.syn.Component || c == r.syn.Element:
		default:
			return false
		}
	}
	return false
}

// unwrap joins a segment that was broken into lines. When a line begins with a known segment, the terminator
// before it was lost: then only the text up to there is returned, used is its length in the block.
func (r *Reader) unwrap(text string) (joined string, used int) {
	var b strings.Builder
	rest := text
	for {
		i := strings.IndexAny(rest, "\r\n")
		if i < 0 {
			b.WriteString(rest)
			return b.String(), len(text)
		}
		b.WriteString(rest[:i])
		for i < len(rest) && (rest[i] == '\r' || rest[i] == '\n') {
			i++
		}
		rest = rest[i:]
		tagged := strings.TrimLeftFunc(rest, func(c rune) bool { return c < 0x80 && isFiller(byte(c)) })
		if len(tagged) > 3 && tagged[3] == r.syn.Element && isKnownTag(tagged) && r.tag(b.String()) != "" {
			used = len(text) - len(tagged)
			r.seg = Segment{Number: r.seg.Number + 1, Offset: r.base + int64(r.pos), Tag: r.tag(b.String())}
			r.problem(MissingTerminator, "a segment has no terminator before the next one begins on a new line; it was ended there")
			r.seg.Number--
			return strings.TrimRight(b.String(), " "), used
		}
	}
}

// unterminated reports a segment that the end of the file or MaxSegment cut.
func (r *Reader) unterminated(text string, offset int64) {
	tag := r.tag(text)
	cut := Segment{Number: r.seg.Number + 1, Offset: offset, Tag: tag}
	saved := r.seg
	r.seg = cut
	switch {
	case len(text) >= MaxSegment:
		r.problem(Overlong, fmt.Sprintf("no segment terminator within %d bytes: the rest of the segment was passed over, check the file or ask for it again", MaxSegment))
		r.inside = false
	case tag != "UNZ":
		r.problem(Truncated, "the file ends inside a segment; what came before is kept, ask the carrier to send the list again")
		r.book.cut = true
	}
	r.seg = saved
}

// tag returns the tag at the beginning of text in capitals, "" when there is none: three letters or digits, a
// letter first, then the element separator, blanks before it, or nothing.
func (r *Reader) tag(text string) string {
	if len(text) < 3 || text[0]|0x20 < 'a' || text[0]|0x20 > 'z' || !isAlnum(text[1]) || !isAlnum(text[2]) {
		return ""
	}
	for i := 3; i < len(text); i++ {
		if c := text[i]; c == r.syn.Element || c == r.syn.Component || c == r.syn.Terminator {
			break
		} else if c != ' ' {
			return ""
		}
	}
	tag := text[:3]
	for i := range 3 {
		if tag[i] >= 'a' {
			return strings.ToUpper(tag)
		}
	}
	return tag
}

// tagInside returns where in text the first known segment begins after a line end or a control, or -1.
func tagInside(text string, element byte) int {
	for i := 1; i+3 < len(text); i++ {
		if text[i+3] == element && isFiller(text[i-1]) && isKnownTag(text[i:]) || isFiller(text[i-1]) && hasFold(text[i:], "UNA") && startAt(text[i:]) {
			return i
		}
	}
	return -1
}
