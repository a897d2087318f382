package edifact

import "strings"

// Segment is one segment. Its strings share the memory of the block they were read from.
type Segment struct {
	Tag    string // upper case, "NAD"; "" when the text is no segment
	Text   string // as it came, without terminator, line wraps joined
	Number int    // place in its message, UNH = 1, as UNT counts; 0 outside a message
	Offset int64  // of its first byte from the start of the file

	syn     *Syntax
	charset *Charset // nil while every byte is ASCII
	plain   bool     // no release character and no byte above 127 in Text
}

// Value returns a component, decoded to UTF-8 and without release characters; element 0 is the tag, the first
// component is 0; of a repeated element the first occurrence. "" when it is absent. Blanks are kept.
func (s *Segment) Value(element, component int) string {
	if s.plain && s.syn.Repetition == 0 {
		return s.plainValue(element, component)
	}
	raw := s.element(element)
	if raw == "" {
		return ""
	}
	if s.syn.Repetition != 0 {
		raw, _ = s.cut(raw, s.syn.Repetition)
	}
	for range component {
		if _, raw = s.cut(raw, s.syn.Component); raw == "" {
			return ""
		}
	}
	raw, _ = s.cut(raw, s.syn.Component)
	return s.decode(raw)
}

// plainValue is Value in one pass, for the segments that need no decoding: nearly all.
func (s *Segment) plainValue(element, component int) string {
	t, es, cs := s.Text, s.syn.Element, s.syn.Component
	i := 0
	for ; element > 0; i++ {
		if i >= len(t) {
			return ""
		}
		if t[i] == es {
			element--
		}
	}
	for ; component > 0; i++ {
		if i >= len(t) || t[i] == es {
			return ""
		}
		if t[i] == cs {
			component--
		}
	}
	j := i
	for j < len(t) && t[j] != es && t[j] != cs {
		j++
	}
	return t[i:j]
}

// Components returns how many components an element has, 0 for an absent or empty one.
func (s *Segment) Components(element int) int {
	raw := s.element(element)
	n := 0
	for raw != "" {
		_, raw = s.cut(raw, s.syn.Component)
		n++
	}
	return n
}

// Elements returns how many elements follow the tag.
func (s *Segment) Elements() int {
	n := 0
	for raw := s.Text; ; n++ {
		i := s.index(raw, s.syn.Element)
		if i < 0 {
			return n
		}
		raw = raw[i+1:]
	}
}

// String returns the segment as it came, decoded to UTF-8, with its own service characters, without terminator.
func (s *Segment) String() string {
	if s.plain || s.charset == nil {
		return s.Text
	}
	return s.charset.Decode(s.Text)
}

// element returns the raw text of an element.
func (s *Segment) element(n int) string {
	raw := s.Text
	for range n {
		i := s.index(raw, s.syn.Element)
		if i < 0 {
			return ""
		}
		raw = raw[i+1:]
	}
	if i := s.index(raw, s.syn.Element); i >= 0 {
		raw = raw[:i]
	}
	return raw
}

func (s *Segment) cut(raw string, sep byte) (before, after string) {
	if i := s.index(raw, sep); i >= 0 {
		return raw[:i], raw[i+1:]
	}
	return raw, ""
}

// index is the place of the first sep in raw that is not released, or -1.
func (s *Segment) index(raw string, sep byte) int {
	if s.plain {
		for i := 0; i < len(raw); i++ {
			if raw[i] == sep {
				return i
			}
		}
		return -1
	}
	for i := 0; i < len(raw); i++ {
		switch raw[i] {
		case sep:
			return i
		case s.syn.Release:
			if s.syn.Release != 0 {
				i++
			}
		}
	}
	return -1
}

// decode removes release characters and turns the bytes into UTF-8.
func (s *Segment) decode(raw string) string {
	if s.plain {
		return raw
	}
	if r := s.syn.Release; r != 0 && strings.IndexByte(raw, r) >= 0 {
		b := make([]byte, 0, len(raw))
		for i := 0; i < len(raw); i++ {
			if raw[i] == r && i+1 < len(raw) {
				i++
			}
			b = append(b, raw[i])
		}
		raw = string(b)
	}
	if s.charset == nil {
		return raw
	}
	return s.charset.Decode(raw)
}
