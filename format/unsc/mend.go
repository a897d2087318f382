package unsc

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"unicode/utf8"
)

const (
	// maxRun is the longest stretch without any tag. The longest comment in the list has some
	// 5 kB; a megabyte without a tag is noise, and must not fill the memory.
	maxRun = 1 << 20
	// lookahead is how far behind a "<" or "&" its end must be seen.
	lookahead = 64
	// control is where control characters are kept until the text they stand in is known: in
	// the private use area, which no letter of any script uses.
	control = 0xE000
)

// mender makes well-formed text of what damaged publications contain, byte by byte: bytes that
// are no UTF-8 are read as windows-1252 in the end, control characters are moved to the private use area,
// "<" and "&" that begin no markup become text. Line numbers stay as they are. A document type
// is refused.
type mender struct {
	src  *bufio.Reader
	file string
	line int
	run  int
	out  bytes.Buffer
	err  error
	// until is what ends the comment or CDATA section that is being copied, and tail its last bytes.
	until string
	tail  []byte

	invalid, controls, strays int // how much was mended
	wide                      int // good characters of two bytes or more
}

func newMender(r io.Reader, file string) *mender {
	return &mender{src: bufio.NewReaderSize(r, 64<<10), file: file, line: 1}
}

// Read implements io.Reader.
func (m *mender) Read(p []byte) (int, error) {
	for m.out.Len() < len(p) && m.err == nil {
		m.err = m.step()
	}
	if m.out.Len() > 0 {
		return m.out.Read(p)
	}
	return 0, m.err
}

func (m *mender) step() error {
	c, err := m.src.ReadByte()
	if err == io.EOF {
		return io.EOF
	}
	if err != nil {
		return &Error{File: m.file, Line: m.line, Problem: "the file cannot be read further", Remedy: "check the disk and import it again", Err: err}
	}
	if m.run++; m.run > maxRun {
		return &Error{File: m.file, Line: m.line, Problem: "a megabyte passes without any tag, so this is not the UN list", Remedy: remedyXML}
	}
	if m.until != "" {
		m.verbatim(c)
	}
	switch {
	case c == '<' && m.until == "":
		return m.tag()
	case c == '&' && m.until == "":
		if !m.entity() {
			m.strays++
			m.out.WriteString("&amp;")
			return nil
		}
	case c == '\n':
		m.line++
	case c < ' ' && c != '\t' && c != '\r', c == 0x7F:
		m.controls++
		m.out.WriteRune(control + rune(c))
		return nil
	case c >= utf8.RuneSelf:
		m.rune(c)
		return nil
	}
	m.out.WriteByte(c)
	return nil
}

// rune writes the character that begins with c, or c alone read as windows-1252.
func (m *mender) rune(c byte) {
	rest, _ := m.src.Peek(utf8.UTFMax - 1)
	buf := append([]byte{c}, rest...)
	r, size := utf8.DecodeRune(buf)
	switch {
	case r == utf8.RuneError && size <= 1:
		m.invalid++
		if r = rune(c); c < 0xA0 {
			r = control + rune(c) // windows-1252 punctuation, or the lowest byte of a letter
		}
	case r == 0xFFFE || r == 0xFFFF: // no characters, and XML 1.0 refuses them
		r = utf8.RuneError
		fallthrough
	default:
		_, _ = m.src.Discard(size - 1)
		m.wide++
	}
	m.out.WriteRune(r)
}

// tag decides whether the "<" just read begins markup. Cut Cyrillic letters look like "<0B852" or
// "<A8<": markup has a name of two or more characters with a letter beyond "O" (the letters that
// a cut Cyrillic text can show end there), closed by ">", "/" or a space.
func (m *mender) tag() error {
	next, _ := m.src.Peek(lookahead)
	if len(next) > 0 && next[0] == '!' {
		if !bytes.HasPrefix(next, []byte("!--")) && !bytes.HasPrefix(next, []byte("![CDATA[")) {
			return &Error{File: m.file, Line: m.line,
				Problem: "the file declares a document type (<!DOCTYPE>), which the UN list never does and which can be used for an attack",
				Remedy:  "do not import it, and " + remedyAgain}
		}
	} else if len(next) > 0 && next[0] != '?' && !beginsElement(next) {
		m.strays++
		m.out.WriteString("&lt;")
		return nil
	}
	m.run = 0
	switch {
	case bytes.HasPrefix(next, []byte("!--")):
		m.until = "-->"
	case bytes.HasPrefix(next, []byte("![CDATA[")):
		m.until = "]]>"
	}
	m.tail = m.tail[:0]
	m.out.WriteByte('<')
	return nil
}

// verbatim notices the end of a comment or CDATA section, in which "<" and "&" are text.
func (m *mender) verbatim(c byte) {
	if m.tail = append(m.tail, c); len(m.tail) > len(m.until) {
		m.tail = append(m.tail[:0], m.tail[1:]...)
	}
	if string(m.tail) == m.until {
		m.until = ""
	}
}

func beginsElement(b []byte) bool {
	b = bytes.TrimPrefix(b, []byte("/"))
	telling := false
	for i, c := range b {
		switch {
		case c >= 'P' && c <= 'Z', c >= 'a' && c <= 'z', c == '_':
			telling = true
		case c >= 'A' && c <= 'O', i > 0 && (c >= '0' && c <= '9' || c == '.' || c == '-' || c == ':'):
		case c == '>' || c == '/' || c == ' ' || c == '\t' || c == '\n' || c == '\r':
			return telling && i >= 2
		default:
			return false
		}
	}
	return telling // cut off within a name: the decoder says so
}

// entity says whether the "&" just read begins a reference; whether it is one that XML knows is
// the decoder's question.
func (m *mender) entity() bool {
	next, _ := m.src.Peek(lookahead)
	for i, c := range next {
		switch {
		case c == ';':
			return i > 0
		case c == '#' && i == 0, c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', i > 0 && c >= '0' && c <= '9':
		default:
			return false
		}
	}
	return false
}

// lossy: control characters stand where typographic quotes and capital Cyrillic letters were. Two
// cut letters are a good character now and then; a whole file has many and hardly a bad byte.
func (m *mender) lossy() bool { return m.controls > 0 && m.controls+m.invalid > m.wide }

func (m *mender) problems() []string {
	var out []string
	if m.invalid+m.controls+m.strays > 0 {
		out = append(out, fmt.Sprintf("%s is damaged: %d bytes are not UTF-8, %d are control characters, %d are stray < or &; they were read as well as they can be",
			m.file, m.invalid, m.controls, m.strays))
	}
	return out
}
