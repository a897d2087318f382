// Package xmlguard refuses XML that is made to fill a memory: entities that unfold, elements that nest without end, names,
// attributes and texts of many megabytes. It stands before a parser and passes on the bytes as they come; it parses nothing.
//
// Nouns: Reader (the guard), Limits, Error.
//
// Guarantees: a document type declaration ends the reading (the formats we read have none, and entities are declared
// nowhere else); so do depth, one tag and one text beyond their limits. What is let through is unchanged. Bytes are UTF-8 or
// another charset in which <, >, quotation marks, ! and ? are ASCII bytes; UTF-16 is to be decoded first.
//
// The package must never resolve anything, and never repairs what is broken: that is for the parser behind it.
// XML 1.0 (fifth edition) s.2.
package xmlguard

import (
	"bytes"
	"fmt"
	"io"
)

// Limits of one document. Zero means the default.
type Limits struct {
	Depth int // elements within each other
	Tag   int // bytes of one tag with its attributes, of one comment or processing instruction
	Text  int // bytes of one text between tags
}

// Defaults of Limits.
const (
	DefaultDepth = 100 // the deepest format we read has 12
	DefaultTag   = 64 << 10
	DefaultText  = 8 << 20 // a sheet's string; a list's comment has some kB
)

// Error says why a document is refused. It repeats nothing of it.
type Error struct {
	Problem string
	Offset  int64 // of the byte at which it was noticed
}

// Error implements error.
func (e *Error) Error() string { return fmt.Sprintf("%s (at byte %d)", e.Problem, e.Offset) }

// Reader guards a document while it is read.
type Reader struct {
	r      io.Reader
	limits Limits
	state  state
	quote  byte
	depth  int
	run    int
	at     int64
	last   [3]byte // the bytes before, the latest last
	start  []byte  // the beginning of the tag, as far as it tells what it is
	err    error
}

type state uint8

const (
	inText state = iota
	inTag        // <name ...>, </name>
	inComment
	inData        // <![CDATA[ ... ]]>
	inInstruction // <? ... ?>
)

// startLen is how much of a tag tells what it is: "<![CDATA[".
const startLen = 9

// NewReader guards r.
func NewReader(r io.Reader, l Limits) *Reader {
	if l.Depth == 0 {
		l.Depth = DefaultDepth
	}
	if l.Tag == 0 {
		l.Tag = DefaultTag
	}
	if l.Text == 0 {
		l.Text = DefaultText
	}
	return &Reader{r: r, limits: l}
}

// Read implements io.Reader. The error is an *Error or that of the reader behind.
func (g *Reader) Read(p []byte) (int, error) {
	if g.err != nil {
		return 0, g.err
	}
	n, err := g.r.Read(p)
	for i, c := range p[:n] {
		if problem := g.step(c); problem != "" {
			g.err = &Error{Problem: problem, Offset: g.at}
			return i, g.err
		}
		g.at++
	}
	return n, err
}

// step takes one byte; the answer is what is wrong.
func (g *Reader) step(c byte) string {
	g.run++
	switch g.state {
	case inText:
		if c == '<' {
			g.begin(inTag)
		} else if g.run > g.limits.Text {
			return fmt.Sprintf("a text in the XML is longer than %d MB", g.limits.Text>>20)
		}
		return ""
	case inData:
		if c == '>' && g.last[1] == ']' && g.last[2] == ']' {
			g.begin(inText)
		} else if g.run > g.limits.Text {
			return fmt.Sprintf("a text in the XML is longer than %d MB", g.limits.Text>>20)
		}
		g.push(c)
		return ""
	case inComment:
		if c == '>' && g.last[1] == '-' && g.last[2] == '-' && g.run > len("!---->")-1 {
			g.begin(inText)
		}
	case inInstruction:
		if c == '>' && g.last[2] == '?' {
			g.begin(inText)
		}
	default:
		if problem := g.tag(c); problem != "" {
			return problem
		}
	}
	if g.state != inText && g.run > g.limits.Tag {
		return fmt.Sprintf("a tag in the XML is longer than %d kB", g.limits.Tag>>10)
	}
	g.push(c)
	return ""
}

// tag takes a byte within < and >.
func (g *Reader) tag(c byte) string {
	if len(g.start) < startLen && g.quote == 0 {
		g.start = append(g.start, c)
		switch {
		case g.start[0] == '?':
			g.state = inInstruction
			return ""
		case bytes.Equal(g.start, []byte("!--")):
			g.state = inComment
			return ""
		case bytes.Equal(g.start, []byte("![CDATA[")):
			g.state, g.run, g.last = inData, 0, [3]byte{}
			return ""
		case g.start[0] == '!' && !bytes.HasPrefix([]byte("!--"), g.start) && !bytes.HasPrefix([]byte("![CDATA["), g.start):
			return "the XML declares a document type, in which entities can unfold without end"
		}
	}
	switch {
	case g.quote != 0:
		if c == g.quote {
			g.quote = 0
		}
	case (c == '"' || c == '\'') && g.start[0] != '/':
		g.quote = c
	case c == '>':
		switch {
		case g.start[0] == '/':
			g.depth--
		case g.last[2] != '/':
			if g.depth++; g.depth > g.limits.Depth {
				return fmt.Sprintf("the XML has more than %d elements within each other", g.limits.Depth)
			}
		}
		g.begin(inText)
	}
	return ""
}

func (g *Reader) begin(s state) {
	g.state, g.run, g.quote, g.start, g.last = s, 0, 0, g.start[:0], [3]byte{}
}

func (g *Reader) push(c byte) { g.last[0], g.last[1], g.last[2] = g.last[1], g.last[2], c }
