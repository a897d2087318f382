package ofac

import (
	"regexp"
	"strings"

	"sarhad/format/edtf"
)

var (
	quotedAlias = regexp.MustCompile(`^(?:alt\. )?([afn])\.k\.a\.,? ['"](.+?)['"]?$`)
	country     = regexp.MustCompile(`^(?:alt\. )?(?:nationality|citizen) (?:possibly )?(.+)$`)
	validity    = regexp.MustCompile(`\s+(issued|expires)\s+(\d{1,2} [A-Z][a-z]{2} \d{4}|[A-Z][a-z]{2} \d{4}|\d{4})`)
	issuerTail  = regexp.MustCompile(`^(.*?)\s*\(([^()]*[A-Za-z][^()]*)\)?$`)
)

// documentTitles are the words that begin a document in the remarks, with its type. Longer ones
// come first where one begins with another. What begins with no word of these is no document.
var documentTitles = []struct{ title, code string }{
	{"Diplomatic Passport", "P"}, {"Stateless Person Passport", "P"}, {"Passport", "P"},
	{"National ID No.", "I"}, {"National Foreign ID Number", "I"}, {"Personal ID Card", "I"},
	{"Identification Number", "I"}, {"Turkish Identification Number", "I"}, {"Citizen's Card Number", "I"},
	{"Cedula No.", "I"}, {"Cedula de Ciudadania", "I"}, {"D.N.I.", "I"}, {"C.U.R.P.", "I"}, {"CURP", "I"},
	{"C.U.I.", "I"}, {"C.I.", "I"}, {"N.I.E.", "I"}, {"I.F.E.", "I"}, {"Kenyan ID No.", "I"}, {"Bosnian Personal ID No.", "I"},
	{"British National Overseas Passport", "P"}, {"Tazkira National ID Card", "I"}, {"CNP (Personal Numerical Code)", "I"},
	{"Numero de Identidad", "I"}, {"Tarjeta de Identidad", "I"}, {"Credencial electoral", "I"}, {"SSN", "I"},
	{"Residency Number", ""}, {"Immigration No.", ""}, {"Refugee ID Card", ""}, {"Travel Document Number", ""},
	{"Stateless Person ID Card", ""}, {"Driver's License No.", ""}, {"Seafarer's Identification Document", ""},
	{"VisaNumberID", ""}, {"Birth Certificate Number", ""}, {"Electoral Registry No.", ""},
	{"Cartilla de Servicio Militar Nacional", ""}, {"Matricula Mercantil No", ""}, {"Pilot License Number", ""},
	{"Military Registration Number", ""}, {"R.F.C.", ""}, {"RFC", ""}, {"NIT #", ""}, {"RUC #", ""}, {"RIF #", ""},
	{"Tax ID No.", ""}, {"Italian Fiscal Code", ""}, {"Personal Identification Number", "I"},
	{"Vessel Registration Identification IMO", ""}, {"MMSI", ""}, {"Registration ID", ""}, {"Registration Number", ""},
	{"Business Registration Number", ""}, {"Company Number", ""}, {"Organization Code", ""}, {"V.A.T. Number", ""},
	{"Aircraft Manufacturer's Serial Number (MSN)", ""}, {"Aircraft Tail Number", ""},
}

// mine takes the remarks apart. They are clauses divided by semicolons, closed by a full stop.
func (e *Entry) mine() {
	for clause := range strings.SplitSeq(strings.TrimSuffix(e.Remarks, "."), ";") {
		if clause = strings.TrimSpace(clause); clause != "" {
			e.clause(clause)
		}
	}
	e.Births, e.BirthTexts = unique(e.Births), unique(e.BirthTexts)
	e.BirthPlaces, e.Nationalities, e.LinkedTo = unique(e.BirthPlaces), unique(e.Nationalities), unique(e.LinkedTo)
}

func (e *Entry) clause(c string) {
	bare := strings.TrimPrefix(c, "alt. ")
	if m := quotedAlias.FindStringSubmatch(c); m != nil {
		kind := "alias"
		if m[1] == "f" {
			kind = "former"
		}
		e.Names = append(e.Names, nameOf(m[2], e.Kind, kind, "low"))
		return
	}
	if m := country.FindStringSubmatch(c); m != nil {
		e.Nationalities = append(e.Nationalities, m[1])
		return
	}
	word, rest, _ := strings.Cut(bare, " ")
	switch word {
	case "DOB":
		if d, ok := edtf.FromText(rest); ok {
			e.Births = append(e.Births, d)
		} else {
			e.BirthTexts = append(e.BirthTexts, rest)
		}
		return
	case "POB":
		e.BirthPlaces = append(e.BirthPlaces, rest)
		return
	case "Gender":
		switch rest {
		case "Male":
			e.Sex = "M"
		case "Female":
			e.Sex = "F"
		}
		return
	}
	if name, ok := strings.CutPrefix(bare, "Linked To: "); ok {
		e.LinkedTo = append(e.LinkedTo, name)
		return
	}
	if d, ok := document(bare); ok {
		e.Documents = append(e.Documents, d)
	}
}

// document reads "Passport K05145380 (Hong Kong) issued 05 May 2015 expires 10 Nov 2025".
func document(c string) (Document, bool) {
	for _, t := range documentTitles {
		rest, ok := strings.CutPrefix(c, t.title)
		if !ok || rest == "" || rest[0] != ' ' && rest[0] != '.' {
			continue
		}
		d := Document{Type: t.code, Title: t.title}
		for _, m := range validity.FindAllStringSubmatch(rest, -1) {
			day, _ := edtf.FromText(m[2])
			if m[1] == "issued" {
				d.Issued = day
			} else {
				d.Expires = day
			}
		}
		rest = strings.Trim(validity.ReplaceAllString(rest, ""), " .#")
		rest = strings.TrimPrefix(rest, "No. ")
		if m := issuerTail.FindStringSubmatch(rest); m != nil && strings.ContainsAny(m[1], "0123456789") {
			rest, d.Issuer = m[1], strings.TrimRight(m[2], ". ")
		}
		d.Number = strings.Trim(rest, " #")
		return d, d.Number != "" && strings.ContainsAny(d.Number, "0123456789")
	}
	return Document{}, false
}
