package match

import (
	"slices"
	"strings"
)

// Weights of the remaining evidence in nats (see born.go for dates).
const (
	sexSame         = 0.1  // half of all strangers agree
	sexDifferent    = -2.1 // strong, but a typing error happens
	nationSame      = 0.35 // weak: most travellers of a flight share it
	nationDifferent = -0.4 // mild: people change and hold several
	docSame         = 6.0  // number and issuer: one booklet
	docNoIssuer     = 4.5  // number equal, an issuer not given
	docConfusable   = 3.0  // equal but for letters that machines and eyes confuse
	docOtherIssuer  = 0.5  // number equal, issued by different states: mostly chance
)

// A shared document is reported whatever the name says, because a stolen or
// lent document is itself the finding.
const documentFloor = 0.80

// minDocument is the least length of a number that identifies anything.
const minDocument = 5

// document is a prepared document.
type document struct {
	number, confusable, issuer, text string
}

func prepareDocuments(list []Document) []document {
	var out []document
	for _, d := range list {
		n := foldNumber(d.Number)
		if len(n) < minDocument {
			continue
		}
		issuer := strings.ToUpper(strings.TrimSpace(d.Issuer))
		out = append(out, document{n, confusable(n), issuer, strings.TrimSpace(d.Number + " " + issuer)})
	}
	return out
}

// foldNumber keeps letters and digits in plain upper case; Cyrillic letters that
// look like Latin ones are taken for them, as in passport series.
func foldNumber(s string) string {
	var b strings.Builder
	for _, r := range strings.ToUpper(s) {
		if i := strings.IndexRune("АВЕКМНОРСТУХІ", r); i >= 0 {
			r = rune("ABEKMHOPCTYXI"[i/2])
		}
		if r < 128 && isLetter(r) {
			b.WriteByte(byte(r))
			continue
		}
		if isLetter(r) {
			b.WriteString(strings.ToUpper(foldCode(string(r))))
		}
	}
	return b.String()
}

// confusable maps signs that optical reading and eyes confuse (ICAO 9303-3
// section 4.9, OCR-B pairs) to one of them.
func confusable(number string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case 'O', 'Q', 'D':
			return '0'
		case 'I', 'L':
			return '1'
		case 'Z':
			return '2'
		case 'S':
			return '5'
		case 'G':
			return '6'
		case 'B':
			return '8'
		}
		return r
	}, number)
}

// compareDocuments gives the best pair, and false where nothing can be compared.
func compareDocuments(a, b []document) (Reason, bool) {
	best, found := Reason{}, false
	for _, x := range a {
		for _, y := range b {
			if r := judgeDocument(x, y); !found || r.Weight > best.Weight {
				best, found = r, true
			}
		}
	}
	return best, found
}

func judgeDocument(x, y document) Reason {
	r := Reason{Field: "document", Query: x.text, Listed: y.text}
	sameIssuer := x.issuer == y.issuer && x.issuer != ""
	noIssuer := x.issuer == "" || y.issuer == ""
	switch {
	case x.number == y.number && sameIssuer:
		r.Code, r.Agreement, r.Weight = "document.same", "same", docSame
		r.Text = "Same document: " + x.text
	case x.number == y.number && noIssuer:
		r.Code, r.Agreement, r.Weight = "document.same-number", "same", docNoIssuer
		r.Text = "Same document number " + x.number + "; an issuer is not given"
	case x.confusable == y.confusable && (sameIssuer || noIssuer):
		r.Code, r.Agreement, r.Weight = "document.confusable", "similar", docConfusable
		r.Text = "Document " + x.text + ", listed " + y.text + ": equal but for signs that are easily confused"
	case x.number == y.number:
		r.Code, r.Agreement, r.Weight = "document.other-issuer", "similar", docOtherIssuer
		r.Text = "Same document number, but issued by " + x.issuer + " and listed for " + y.issuer
	default:
		r.Code, r.Agreement = "document.different", "different"
		r.Text = "No document in common; people change passports"
	}
	return r
}

func compareSex(a, b string) Reason {
	a, b = strings.ToUpper(a), strings.ToUpper(b)
	r := Reason{Field: "sex", Query: a, Listed: b}
	known := func(s string) bool { return s == "M" || s == "F" }
	switch {
	case !known(a) || !known(b):
		r.Agreement, r.Code, r.Text = "unknown", "sex.unknown", "Sex is not known on both sides"
	case a == b:
		r.Agreement, r.Code, r.Text, r.Weight = "same", "sex.same", "Same sex: "+a, sexSame
	default:
		r.Agreement, r.Code, r.Text, r.Weight = "different", "sex.different", "Sex "+a+", listed "+b, sexDifferent
	}
	return r
}

func prepareNations(list []string) []string {
	var out []string
	for _, n := range list {
		if n = strings.ToUpper(strings.TrimSpace(n)); n != "" && n != "XXX" && n != "UNK" {
			out = append(out, n)
		}
	}
	return out
}

func compareNations(a, b []string) Reason {
	r := Reason{Field: "nationality", Query: strings.Join(a, ", "), Listed: strings.Join(b, ", ")}
	if len(a) == 0 || len(b) == 0 {
		r.Agreement, r.Code, r.Text = "unknown", "nationality.unknown", "Nationality is not known on both sides"
		return r
	}
	for _, n := range a {
		if slices.Contains(b, n) {
			r.Agreement, r.Code, r.Weight = "same", "nationality.same", nationSame
			r.Text = "Same nationality: " + n
			return r
		}
	}
	r.Agreement, r.Code, r.Weight = "different", "nationality.different", nationDifferent
	r.Text = "Nationality " + r.Query + ", listed " + r.Listed
	return r
}

func bornReason(a, b *prepared) Reason {
	if v, ok := compareBorn(a.born, b.born); ok {
		return v.reason()
	}
	return Reason{Field: "born", Agreement: "unknown", Code: "born.unknown", Text: "Birth date is not known on both sides",
		Query: bornText(a.born), Listed: bornText(b.born)}
}

func bornText(list []span) string {
	var out []string
	for _, s := range list {
		out = append(out, s.text)
	}
	return strings.Join(out, ", ")
}
