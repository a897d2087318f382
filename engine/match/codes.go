package match

// Codes lists every Reason.Code there is, so that a user interface can prove that
// it has a translation for each. Codes are stable; new ones may be added.
func Codes() []string {
	return []string{
		"name.same", "name.romanization", "name.spelling", "name.typo", "name.initial", "name.shorter", "name.partial",
		"name.different", "name.unknown",
		"born.same", "born.new-year", "born.within", "born.near-range", "born.month-only", "born.year-only",
		"born.day-month-swapped", "born.one-digit", "born.year-digit", "born.same-year", "born.near-year", "born.other-year",
		"born.unknown",
		"sex.same", "sex.different", "sex.unknown",
		"nationality.same", "nationality.different", "nationality.unknown",
		"document.same", "document.same-number", "document.confusable", "document.other-issuer", "document.different",
	}
}
