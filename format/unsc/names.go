package unsc

import (
	"regexp"
	"strings"
	"unicode"
)

var (
	// scriptNote announces a spelling in original script within an alias or its note.
	scriptNote = regexp.MustCompile(`(?is)\(?(?:original script|in arabic|in russian|in cyrillic)\s*:(.+)$`)
	bracketed  = regexp.MustCompile(`\(([^()]*)\)`)
	closing    = regexp.MustCompile(`\s*\)?[\s,]*$`)
	latinWord  = regexp.MustCompile(`[A-Za-z][a-z]{2}`)
	bornTail   = regexp.MustCompile(`(?i),?\s+born (?:in|on)\b.*$`)
	formerNote = regexp.MustCompile(`(?i)\b(?:previously|formerly) (?:listed|known)|^f\.k\.a\.?$`)
)

// names gathers every spelling. Texts are as the mender left them (control characters in the
// private use area); lossy says that scripts must be rebuilt, which is known only when the whole
// file has been read.
func (raw rawEntry) names(lossy bool) []Name {
	var out []Name
	if primary := plain(strings.Join([]string{raw.First, raw.Second, raw.Third, raw.Fourth}, " ")); primary != "" {
		out = append(out, Name{Full: primary, Kind: "primary", Original: !isLatin(primary)})
	}
	for _, s := range raw.Script {
		out = append(out, inScript(s, Name{Kind: "primary"}, lossy)...)
	}
	for _, a := range append(raw.Aliases, raw.EntAliases...) {
		out = append(out, a.names(lossy)...)
	}
	return distinct(out)
}

// inScript returns the names of a text that is in its original script by the publisher's word.
func inScript(text string, proto Name, lossy bool) []Name {
	if lossy {
		restored, changed, ok := restoreScript(text)
		if !ok {
			return nil
		}
		text, proto.Restored = restored, changed
	}
	return split(text, proto)
}

func split(text string, proto Name) []Name {
	var out []Name
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ';' || r == '؛' }) {
		if part = trimName(part); strings.ContainsFunc(part, unicode.IsLetter) {
			n := proto
			n.Full, n.Original = part, !isLatin(part)
			n.Restored = proto.Restored && n.Original
			out = append(out, n)
		}
	}
	return out
}

func (a rawAlias) names(lossy bool) []Name {
	proto := Name{Kind: "alias"}
	switch q := strings.ToLower(plain(a.Quality)); {
	case q == "good" || q == "low":
		proto.Quality = q
	case formerNote.MatchString(q):
		proto.Kind = "former"
	}
	if formerNote.MatchString(a.Note) || formerNote.MatchString(a.Name) {
		proto.Kind = "former"
	}
	var scripts []Name
	text := bornTail.ReplaceAllString(a.Name, "")
	for _, source := range []string{text, a.Note} {
		for _, m := range scriptNote.FindAllStringSubmatch(source, -1) {
			inner := m[1]
			if strings.HasPrefix(m[0], "(") {
				inner = strings.TrimSuffix(strings.TrimSpace(inner), ")")
			}
			scripts = append(scripts, inScript(inner, proto, lossy)...)
		}
	}
	text = scriptNote.ReplaceAllString(text, "")
	if lossy {
		if t, changed := restoreAlias(text); changed {
			proto.Restored = true
			text = t
		}
	}
	if lossy && !proto.Restored && isRemains(text) {
		return scripts
	}
	if strings.Count(text, "(") > strings.Count(text, ")") {
		text += ")" // the publisher forgot it
	}
	// A spelling in another script in brackets is a name; "(previously listed as)", "(Butaev)" are remarks.
	outer := isLatin(text[:upTo(text, '(')])
	for _, m := range bracketed.FindAllStringSubmatch(text, -1) {
		if strings.ContainsFunc(m[1], unicode.IsLetter) && isLatin(m[1]) != outer {
			scripts = append(scripts, split(m[1], proto)...)
		}
	}
	return append(split(bracketed.ReplaceAllString(text, " "), proto), scripts...)
}

// restoreAlias rebuilds an alias that is wholly in another script or carries such a spelling, or
// a Latin one, in its last brackets. It asks for more than restoreScript, because nobody says
// that this alias is in another script.
func restoreAlias(text string) (string, bool) {
	text = strings.TrimSpace(text)
	if t, changed := restoreUndeclared(text); changed && !latinWord.MatchString(text) {
		return t, true
	}
	// A bracket may be a cut letter too: the division counts where one side is cut and the other not.
	body := closing.ReplaceAllString(text, "")
	for i := len(body); ; {
		if i = strings.LastIndex(body[:i], " ("); i <= 0 {
			return text, false
		}
		outer, outerCut := restoreUndeclared(body[:i])
		inner, innerCut := restoreUndeclared(body[i+2:])
		if outerCut != innerCut {
			return outer + " (" + inner + ")", true
		}
	}
}

func restoreUndeclared(text string) (string, bool) {
	marks, all, letters := 0, 0, 0
	for _, r := range text {
		if r > ' ' {
			all++
		}
		if r > ' ' && r < 'A' && r != '-' && r != '.' || r >= 0x80 {
			marks++
		}
		if r >= 'A' && r <= 'O' {
			letters++
		}
	}
	// In cut Arabic and Cyrillic more than a third are digits and marks; Latin names have few.
	if marks*3 < all || marks < 2 || letters == 0 {
		return text, false
	}
	if t, changed, ok := restoreScript(text); ok && changed {
		return t, true
	}
	return text, false
}

// isRemains says whether an alias is what is left of a script that cannot be rebuilt: no Latin word,
// and signs that no name has or more letters beyond ASCII than within.
func isRemains(s string) bool {
	ascii, beyond, signs := 0, 0, 0
	for _, r := range s {
		switch {
		case r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z':
			ascii++
		case isKeptControl(r) && r-control >= 0x80 && !strings.ContainsRune("‘’“”–—", []rune(plain(string(r)) + " ")[0]),
			r > 0xA0 && r < 0xC0 && !strings.ContainsRune("ª°´·º", r):
			signs++
		case r >= 0xC0 && !isKeptControl(r):
			beyond++
		}
	}
	return !latinWord.MatchString(s) && (signs > 0 || beyond > ascii)
}

func upTo(s string, c byte) int {
	if i := strings.IndexByte(s, c); i > 0 {
		return i
	}
	return len(s)
}

// isLatin says whether the letters of s are mostly Latin.
func isLatin(s string) bool {
	latin, other := 0, 0
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Latin, r):
			latin++
		case unicode.IsLetter(r):
			other++
		}
	}
	return latin >= other
}

func trimName(s string) string { return strings.Trim(plain(s), " ,“”\"") }

// distinct leaves out repeated spellings; the first, which is the better graded, stays.
func distinct(in []Name) []Name {
	seen := map[string]bool{}
	var out []Name
	for _, n := range in {
		if !seen[n.Full] {
			seen[n.Full] = true
			out = append(out, n)
		}
	}
	return out
}
