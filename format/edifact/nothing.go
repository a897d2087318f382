package edifact

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// looks are the beginnings by which a file that is no EDIFACT is recognised, with what to do about it.
var looks = []struct{ prefix, what, remedy string }{
	{"\xff\xfe", "UTF-16 text", "save it as plain ASCII or UTF-8 and import it again"},
	{"\xfe\xff", "UTF-16 text", "save it as plain ASCII or UTF-8 and import it again"},
	{"U\x00N", "UTF-16 text", "save it as plain ASCII or UTF-8 and import it again"},
	{"\x00U\x00N", "UTF-16 text", "save it as plain ASCII or UTF-8 and import it again"},
	{"\xe4\xd5\xc1", "EBCDIC text", "have it transferred in text mode, so that it arrives as ASCII"},
	{"\xe4\xd5\xc2", "EBCDIC text", "have it transferred in text mode, so that it arrives as ASCII"},
	{"PK\x03\x04", "a ZIP archive or an Office file", "unpack it and import the message inside"},
	{"\x1f\x8b", "a gzip archive", "unpack it and import the message inside"},
	{"%PDF", "a PDF", "ask the carrier for the message itself, not its print"},
	{"<", "XML or HTML", "import it as the format it is, or ask the carrier for the EDIFACT message"},
	{"{", "JSON", "import it as the format it is, or ask the carrier for the EDIFACT message"},
	{"[", "JSON", "import it as the format it is, or ask the carrier for the EDIFACT message"},
}

// nothing is the error for an input without an interchange: place, what it looks like, remedy.
func (r *Reader) nothing() error {
	total := r.base + int64(len(r.block))
	if total == 0 {
		return fmt.Errorf("%w: the file is empty; ask the carrier to send it again", ErrNoInterchange)
	}
	what, remedy := "", ""
	begin := strings.TrimLeft(strings.TrimPrefix(r.first, "\ufeff"), " \t\r\n")
	for _, l := range looks {
		if strings.HasPrefix(begin, l.prefix) {
			what, remedy = l.what, l.remedy
			break
		}
	}
	if what == "" {
		what, remedy = "text", "check that it is the message the carrier sent"
		if !utf8.ValidString(r.first[:len(r.first)*3/4]) || strings.ContainsAny(r.first, "\x00\x05\x06\x0e\x0f") {
			what, remedy = "binary data", "check that it is the message the carrier sent and was not encrypted or damaged on the way"
		}
	}
	return fmt.Errorf("%w: no UNB, UNG or UNH from byte 0 to %d, the file begins like %s; %s", ErrNoInterchange, total, what, remedy)
}
