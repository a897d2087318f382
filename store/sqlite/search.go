package sqlite

import "strings"

// matchAll gives the FTS5 expression that finds every word of a text, as it is written or folded, the last one as a
// beginning. Each word is quoted, so nothing a person types is syntax. "" when there is no word in it.
func matchAll(typed string, fold func(string) string) string {
	var words []string
	for w := range strings.FieldsSeq(strings.ReplaceAll(typed, "\x00", " ")) {
		if strings.ContainsFunc(w, isWord) {
			words = append(words, w)
		}
	}
	out := make([]string, len(words))
	for i, w := range words {
		star := ""
		if i == len(words)-1 {
			star = " *"
		}
		out[i] = quote(w) + star
		if f := strings.Join(strings.FieldsFunc(fold(w), notWord), " "); f != "" && f != w {
			out[i] = "(" + out[i] + " OR " + quoteEach(f, star) + ")"
		}
	}
	return strings.Join(out, " AND ")
}

// quoteEach wants all the words a fold came apart into, wherever they stand: the folded text is no running text.
func quoteEach(folded, star string) string {
	words := strings.Fields(folded)
	for i, w := range words {
		words[i] = quote(w)
	}
	words[len(words)-1] += star
	if len(words) == 1 {
		return words[0]
	}
	return "(" + strings.Join(words, " AND ") + ")"
}

func quote(w string) string { return `"` + strings.ReplaceAll(w, `"`, `""`) + `"` }

func isWord(r rune) bool { return !notWord(r) }
