// Package edifact reads UN/EDIFACT interchanges (ISO 9735, syntax versions 1 to 4) the way they really arrive:
// behind Type-B telegram headers, with a damaged or missing UNA, wrapped into lines, cut off, in any charset.
//
// Nouns:
//   - Syntax: the six service characters of one interchange, taken from UNA (ISO 9735-1 s.7.1) and checked
//     against the text that follows; what the text does wins over what UNA says.
//   - Segment: one segment, with its place in the file; Value(element, component) decodes lazily.
//   - Reader: the segments of a file in order, with the bookkeeping of UNB/UNG/UNH/UNT/UNE/UNZ.
//   - Problem: something odd that did not stop the reading: where, a code for machines, a sentence for people.
//   - Charset: how bytes above 127 become text, decided from the syntax identifier and then from the bytes.
//
// Guarantees: segments come in file order and none is dropped; values are substrings of the block read (no copy)
// unless a release character, a line wrap or a non-ASCII byte forces one; memory is bounded by one block plus
// one segment (MaxSegment) whatever the input; never panics. An input without any interchange gives one error,
// ErrNoInterchange, whose text says what was read and what to do.
//
// It knows no message type, keeps no state between interchanges and must never guess values: it repairs the
// envelope (separators, wraps, terminators), never the contents.
package edifact
