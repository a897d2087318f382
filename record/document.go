package record

import (
	"strings"
	"unicode"
)

// DocumentNumber is the number of a document as keys have it, however it was written: upper case, without white space,
// hyphens and dashes (U+002D, U+2010 to U+2015, U+2212), slashes, dots and the filler "<" of machine-readable zones (ICAO
// Doc 9303-3 section 4.3). Every other sign is kept: letters of any script, "№", brackets. "" when nothing is left.
//
// This is document key 1, and it is frozen: stored keys, and the keyed hashes of clearances, are made of it.
// testdata/document-key-1.json holds vectors for whoever computes it elsewhere. Another rule is another function beside it.
func DocumentNumber(number string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '-', r == '/', r == '.', r == '<', r >= '\u2010' && r <= '\u2015', r == '\u2212', unicode.IsSpace(r):
			return -1
		}
		return r
	}, strings.ToUpper(number))
}

// DocumentKey is the key of a ThingDocument: the issuer, a colon, the number by DocumentNumber; the issuer is cleaned in the
// same way and may be unknown ("KAZ:N01234567", ":N01234567"). Without a number there is no key and it is "", so that
// documents whose number nobody knows are not one document. Document key 1, frozen; see DocumentNumber.
func DocumentKey(issuer, number string) string {
	number = DocumentNumber(number)
	if number == "" {
		return ""
	}
	return DocumentNumber(issuer) + ":" + number
}
