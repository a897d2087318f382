package unsc

import (
	"regexp"
	"strings"
	"unicode"
)

var (
	// numberWord is what stands before the number when NUMBER holds a sentence: "passport No.".
	numberWord = regexp.MustCompile(`(?i:\bnumber|\bno\b\.?|\bn°|\bcode|№|:)[\s:.]*([A-Z]{0,8}[ /-]?\d[\w/.-]*(?:[ -]\d[\w/.-]*)*)`)
	// numberShape is a bare number: up to four letters, then digits with their separators.
	numberShape = regexp.MustCompile(`^[A-Za-z]{0,4}[ /.-]?\d[\w/.°-]*(?:[ -]+[\w/.-]*\d[\w/.-]*)*$`)
	// lastNumber needs five digits or more, so that a year is not taken for a number.
	lastNumber = regexp.MustCompile(`\b[A-Z]{0,3}[ /-]?\d[\w/-]{4,}`)
)

// passportWords and identityWords say which type a title means, in the languages the list uses.
var (
	passportWords = []string{"passport", "passeport", "pasaporte", "паспорт"}
	identityWords = []string{"identi", "national", "tazkira", "personalausweis", "social security", "ssn"}
)

func (d rawDocument) document() (Document, bool) {
	out := Document{
		Title:  plain(d.Type),
		Issuer: plain(d.Issuer),
		Issued: plain(d.Issued),
		Note:   plain(d.Note),
	}
	if t := plain(d.Type2); t != "" && !strings.EqualFold(t, out.Title) {
		out.Title = strings.TrimSpace(out.Title + " (" + t + ")")
	}
	if out.Issuer == "" {
		out.Issuer = plain(d.Country)
	}
	text := plain(d.Number)
	if text == "" {
		text = out.Note // the number of some documents stands in the remark only
	}
	if out.Number = documentNumber(text); out.Number == "" {
		out.Number = documentNumber(plain(d.Type2)) // "identification card (tazkira) number 4414"
	}
	out.Type = documentType(out.Title, plain(d.Number)+" "+out.Note)
	if plain(d.Number) != "" && out.Number != plain(d.Number) {
		out.Note = strings.TrimSpace(plain(d.Number) + " " + out.Note) // keep the words
	}
	if out.Number == "" && out.Note == "" {
		return Document{}, false
	}
	return out, true
}

// documentType believes the sentence around the number more than the column: the list files
// laissez-passers and driving licences under "Passport".
func documentType(title, sentence string) string {
	sentence, title = strings.ToLower(sentence), strings.ToLower(title)
	for _, w := range []string{"laissez", "licence", "license", "travel document", "military"} {
		if strings.Contains(sentence, w) {
			return ""
		}
	}
	for _, t := range []struct {
		code  string
		words []string
	}{{"P", passportWords}, {"I", identityWords}} {
		for _, w := range t.words {
			if strings.Contains(title, w) {
				return t.code
			}
		}
	}
	return ""
}

// documentNumber finds the number in "Libyan Passport No. 96/184442" or "D 000769".
func documentNumber(text string) string {
	text = strings.TrimSpace(strings.TrimPrefix(text, "SSN"))
	if i := strings.IndexByte(text, '('); i > 0 && !strings.Contains(text[i:], ") ") {
		text = strings.TrimSpace(text[:i]) // "403062567 (US)"
	}
	if before, _, ok := strings.Cut(text, ", "); ok {
		text = before // "R00005943, South Sudan"
	}
	if numberShape.MatchString(text) || text != "" && !strings.ContainsFunc(text, unicode.IsSpace) {
		return text
	}
	if m := numberWord.FindStringSubmatch(text); m != nil {
		return strings.Trim(m[1], " .")
	}
	if all := lastNumber.FindAllString(text, -1); len(all) > 0 {
		return strings.TrimSpace(all[len(all)-1])
	}
	return ""
}
