package edifact

import "strings"

// Syntax is the service characters of one interchange (ISO 9735-1 s.7). A zero byte means "not used".
type Syntax struct {
	Component  byte // between components of an element, ':'
	Element    byte // between elements of a segment, '+'
	Decimal    byte // decimal mark, '.'
	Release    byte // takes the meaning from the next character, '?'
	Repetition byte // between repetitions of an element; only when UNA names it, since carriers who announce
	// syntax 4 without UNA use '*' as a letter ("APIS*ABE")
	Terminator byte // ends a segment, '\''

	ID      string // syntax identifier of UNB S001, "UNOA"; "" when unknown
	Version string // syntax version number, "4"
}

// DefaultSyntax is what ISO 9735 means without UNA (levels UNOA and UNOC and after).
func DefaultSyntax() Syntax {
	return Syntax{Component: ':', Element: '+', Decimal: '.', Release: '?', Terminator: '\''}
}

// unaLen is the fixed length of UNA with its six characters.
const unaLen = 9

// knownTags are the segments whose tag, followed by the element separator, is taken for the start of a segment
// when terminators are missing or damaged. They are those of PAXLST and the service segments.
const knownTags = " UNA UNB UNG UNH UNT UNE UNZ UNS BGM RFF NAD CTA COM TDT LOC DTM ATT MEA GEI FTX NAT DOC CNT EMP AUT CPI QTY PDI TVL ERP ERC "

func isKnownTag(s string) bool {
	if len(s) < 3 {
		return false
	}
	var up [5]byte
	up[0], up[4] = ' ', ' '
	for i := range 3 {
		c := s[i]
		if c >= 'a' && c <= 'z' {
			c -= 'a' - 'A'
		}
		if c < 'A' || c > 'Z' {
			return false
		}
		up[i+1] = c
	}
	return strings.Contains(knownTags, string(up[:]))
}

func isAlnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// isFiller tells the characters that stand between segments and mean nothing: line ends, blanks and the
// transmission controls of Type-B (SOH, STX, ETX, EOT, ETB, NUL, SUB).
func isFiller(c byte) bool {
	return isSpace(c) || c == 0 || c >= 1 && c <= 4 || c == 0x17 || c == 0x1a
}

// canSeparate tells whether c may serve as a separator: printable and no letter, or an information separator.
func canSeparate(c byte) bool {
	return c > ' ' && c < 0x7f && !isAlnum(c) || c >= 0x1c && c <= 0x1f
}

func hasFold(s, tag string) bool { return len(s) >= len(tag) && strings.EqualFold(s[:len(tag)], tag) }

// startAt tells whether a place where reading can begin stands at the beginning of s: UNA, UNB, UNG, UNH, or,
// when the envelope is lost, BGM, TDT+20 or the NAD of a person.
func startAt(s string) bool {
	switch {
	case len(s) < 6:
		return false
	case hasFold(s, "UNA"):
		return afterUNA(s) > 0
	case !canSeparate(s[3]):
		return false
	case hasFold(s, "UNB"):
		return unbAt(s)
	case hasFold(s, "UNG"), hasFold(s, "UNH"):
		return typeAt(s)
	case hasFold(s, "BGM"), hasFold(s, "TDT"):
		i := 4
		for i < len(s) && i < 8 && s[i] >= '0' && s[i] <= '9' {
			i++
		}
		return i > 5 && i < len(s) && !isAlnum(s[i])
	case hasFold(s, "NAD"):
		i := 4
		for i < len(s) && i < 8 && isAlnum(s[i]) {
			i++
		}
		return (i == len(s) || s[i] == s[3] || canSeparate(s[i])) && Word(s[4:i], "FL FM DDT DDU MS")
	}
	return false
}

// afterUNA returns where the segment after UNA begins, 0 when none does. UNA may be damaged or cut to its tag; a
// segment other than a header is only believed in its proper place.
func afterUNA(s string) int {
	gap := 0
	for 3+gap < len(s) && (s[3+gap] == '\r' || s[3+gap] == '\n') {
		gap++
	}
	for i := 0; i <= 10 && 3+gap+i+3 < len(s); i++ {
		rest := s[3+gap+i:]
		header := hasFold(rest, "UNB") || hasFold(rest, "UNG") || hasFold(rest, "UNH")
		if canSeparate(rest[3]) && (header && (i == 0 || !isAlnum(s[3+gap])) || i >= 5 && (rest[3] == s[3+gap+1] || rest[3] == s[3+gap]) && tagLike(rest)) {
			return 3 + gap + i
		}
	}
	return 0
}

// Word tells whether w, in either case, is one of the blank-separated words of list.
func Word(w, list string) bool {
	for len(list) > 0 {
		word, rest, _ := strings.Cut(list, " ")
		if strings.EqualFold(word, w) {
			return true
		}
		list = rest
	}
	return false
}

// unbAt: UNB, separator, a syntax identifier of four characters, something that is none.
func unbAt(s string) bool {
	n := 0
	for i := 4; i < len(s) && i < 20; i++ {
		switch {
		case isAlnum(s[i]):
			n++
		case s[i] == '\r' || s[i] == '\n':
		default:
			return n == 4 && canSeparate(s[i])
		}
	}
	return false
}

// typeAt: UNG or UNH, and a message type of six letters within the first elements.
func typeAt(s string) bool {
	run := 0
	for i := 4; i < len(s) && i < 64; i++ {
		c := s[i]
		switch {
		case c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z':
			run++
		case (run == 6 || run == 7) && canSeparate(c) && (s[i-run-1] == s[3]):
			return true
		default:
			run = 0
		}
	}
	return false
}

// tagLike tells whether s begins with what can be a tag: a letter and two letters or digits.
func tagLike(s string) bool {
	return len(s) >= 3 && (s[0]|0x20 >= 'a' && s[0]|0x20 <= 'z') && isAlnum(s[1]) && isAlnum(s[2])
}

// bareStart returns where a file begins that has lost its whole envelope: any segment in default syntax, with a
// known one after it, wrapped into lines or not. -1 when it does not begin so.
func bareStart(s string) int {
	at := 0
	for at < len(s) && isFiller(s[at]) {
		at++
	}
	if len(s) < at+6 {
		return -1
	}
	s = squeeze(s[at:min(len(s), at+lookAhead)])
	if len(s) < 6 || s[3] != '+' || !tagLike(s) {
		return -1
	}
	for i := 4; i+3 < len(s); i++ {
		if s[i-1] == '\'' && s[i+3] == '+' && isKnownTag(s[i:]) {
			return at
		}
	}
	return -1
}

// findStart returns where the next start stands in s, or -1.
func findStart(s string) int {
	for i := 0; i+6 <= len(s); i++ { // six: the shortest start is NAD+FL
		switch s[i] | 0x20 {
		case 'u':
			if s[i+1]|0x20 != 'n' {
				continue
			}
		case 'b', 't', 'n':
			if !canSeparate(s[i+3]) {
				continue
			}
		default:
			continue
		}
		// UNA and UNB are sure enough to be found even when the line end before them was lost.
		sure := s[i+2]|0x20 == 'a' || s[i+2]|0x20 == 'b'
		if (i == 0 || sure || !isAlnum(s[i-1])) && startAt(s[i:]) {
			return i
		}
	}
	return -1
}

// detect reads the service characters from the start of an interchange. It returns the syntax, the length of
// UNA with what follows it up to the next segment (0 without UNA), and whether UNA is damaged.
func detect(s string) (syn Syntax, skip int, badUNA bool) {
	syn = DefaultSyntax()
	una := ""
	if hasFold(s, "UNA") {
		if skip = afterUNA(s); skip == 0 {
			return syn, 0, true
		}
		una = strings.Trim(s[3:skip], "\r\n")
		if blank := strings.TrimRight(una, " "); len(una) > unaLen-3 && len(blank) <= unaLen-3 {
			una = una[:unaLen-3] // blanks between UNA and UNB
		}
		s = s[skip:]
	}
	if len(s) < 4 || !canSeparate(s[3]) {
		return syn, 0, true
	}
	syn.Element = s[3]
	known := syn.fromHeader(s)
	if una == "" {
		syn.Terminator = terminator(s, syn.Element, syn.Terminator)
		return syn, skip, skip > 0
	}
	if !known && canSeparate(una[0]) && una[0] != syn.Element {
		syn.Component = una[0]
	}
	declared := byte(0)
	if len(una) >= unaLen-3 {
		if c := una[2]; canSeparate(c) {
			syn.Decimal = c
		}
		syn.Release = 0
		if c := una[3]; canSeparate(c) && c != syn.Element && c != syn.Component {
			syn.Release = c
		}
		if c := una[4]; canSeparate(c) && c != syn.Element && c != syn.Component && c != syn.Release {
			syn.Repetition = c
		}
		declared = una[5]
	} else if len(una) == unaLen-4 { // the terminator is a line end, or one character is lost
		declared = una[4]
	}
	if declared == 0 || declared == syn.Element || declared == syn.Component || isAlnum(declared) || declared == ' ' {
		declared = syn.Terminator
	}
	syn.Terminator = terminator(s, syn.Element, declared)
	if syn.Terminator == syn.Release {
		syn.Release = 0
	}
	if syn.Terminator == syn.Repetition {
		syn.Repetition = 0
	}
	lineEnd := syn.Terminator == '\n' && len(una) == unaLen-4
	badUNA = !lineEnd && (len(una) != unaLen-3 || una[0] != syn.Component || una[1] != syn.Element || una[5] != syn.Terminator)
	return syn, skip, badUNA
}

// fromHeader takes the component separator, the syntax identifier and its version from UNB, or the component
// separator from the message type of UNH. It tells whether the component separator was found.
func (syn *Syntax) fromHeader(s string) bool {
	i := 4
	switch {
	case hasFold(s, "UNB"):
		var id []byte
		for ; i < len(s) && len(id) < 4; i++ {
			if isAlnum(s[i]) {
				id = append(id, s[i])
			}
		}
		syn.ID = strings.ToUpper(string(id))
		for i < len(s) && (s[i] == '\r' || s[i] == '\n') {
			i++
		}
		if i < len(s) && canSeparate(s[i]) && s[i] != syn.Element {
			syn.Component = s[i]
			if v := strings.TrimLeft(s[i+1:], "\r\n"); v != "" && isAlnum(v[0]) {
				syn.Version = v[:1]
			}
			return true
		}
	case hasFold(s, "UNH"):
		rest := s[i:min(len(s), 80)]
		if e := strings.IndexByte(rest, syn.Element); e >= 0 {
			rest = rest[e+1:]
			n := 0
			for n < len(rest) && isAlnum(rest[n]) {
				n++
			}
			if n < len(rest) && canSeparate(rest[n]) && rest[n] != syn.Element {
				syn.Component = rest[n]
				return true
			}
		}
	}
	return false
}

// enoughVotes ends the vote early: a short message has twelve segments, damage seldom hits five alike.
const enoughVotes = 6

// terminator finds the segment terminator by vote: what stands before the tags that are known.
func terminator(s string, element, fallback byte) byte {
	var votes [256]int
	for i := 4; i+3 < len(s); i++ {
		if s[i+3] != element || !isKnownTag(s[i:]) {
			continue
		}
		j := i - 1
		for j > 0 && isFiller(s[j]) {
			j--
		}
		switch {
		case canSeparate(s[j]):
			if votes[s[j]]++; votes[s[j]] >= enoughVotes && s[j] != element {
				return s[j]
			}
		case j < i-1 && strings.ContainsAny(s[j+1:i], "\r\n"):
			votes['\n']++
		}
	}
	best, n := fallback, votes[fallback]
	for c, v := range votes {
		// The element separator is voted for by values that look like tags ("+NAD+"), never a terminator.
		if v > n && byte(c) != element {
			best, n = byte(c), v
		}
	}
	return best
}
