package unsc

import (
	"bufio"
	"bytes"
	"io"
	"regexp"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
)

// sniffLen is how much of the file is looked at to learn its encoding: an XML declaration is
// shorter than this.
const sniffLen = 1024

var declared = regexp.MustCompile(`^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._:-]+)["']`)

// toUTF8 returns the file as UTF-8 text (as far as the bytes are any), without a byte-order mark.
func toUTF8(r io.Reader, file string) (io.Reader, error) {
	br := bufio.NewReaderSize(r, 64<<10)
	head, err := br.Peek(sniffLen)
	if err != nil && err != io.EOF {
		return nil, &Error{File: file, Problem: "the file cannot be read", Remedy: "check the disk and the rights to it", Err: err}
	}
	if len(bytes.TrimSpace(head)) == 0 {
		return nil, &Error{File: file, Problem: "the file is empty", Remedy: remedyAgain}
	}
	utf16 := func(e unicode.Endianness) io.Reader {
		return unicode.UTF16(e, unicode.UseBOM).NewDecoder().Reader(br)
	}
	switch {
	case bytes.HasPrefix(head, []byte{0xEF, 0xBB, 0xBF}):
		_, _ = br.Discard(3)
		return br, nil
	case bytes.HasPrefix(head, []byte{0xFF, 0xFE}):
		return utf16(unicode.LittleEndian), nil
	case bytes.HasPrefix(head, []byte{0xFE, 0xFF}):
		return utf16(unicode.BigEndian), nil
	case bytes.HasPrefix(head, []byte{'<', 0}):
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewDecoder().Reader(br), nil
	case bytes.HasPrefix(head, []byte{0, '<'}):
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewDecoder().Reader(br), nil
	}
	m := declared.FindSubmatch(head)
	if m == nil || strings.EqualFold(string(m[1]), "utf-8") {
		return br, nil
	}
	enc, err := htmlindex.Get(string(m[1]))
	if err != nil || strings.HasPrefix(strings.ToLower(string(m[1])), "utf-16") {
		return nil, &Error{File: file, Line: 1, Err: err,
			Problem: "the file says that its encoding is " + quote(string(m[1])) + ", which it is not or which is not known",
			Remedy:  "save it as UTF-8 and import it again"}
	}
	return decoded(enc, br), nil
}

func decoded(enc encoding.Encoding, r io.Reader) io.Reader { return enc.NewDecoder().Reader(r) }

// quote shows a piece of the file in a message: short, and with nothing that a terminal obeys.
func quote(s string) string {
	const most = 40
	var b strings.Builder
	for i, r := range []rune(s) {
		if i == most {
			b.WriteString("…")
			break
		}
		if r < ' ' || r == 0x7F || r == 0xFFFD || r >= 0xE000 && r <= 0xF8FF {
			r = '?'
		}
		b.WriteRune(r)
	}
	return "“" + b.String() + "”"
}
