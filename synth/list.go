package synth

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
	"time"

	"sarhad/record/vocab"
)

// Lists are the three watchlists, and the older date of the UN one.
type Lists struct {
	National []*Entry
	UN       []*Entry
	UNBefore []*Entry
	OFAC     []*Entry

	UNDate, UNBeforeDate string // ISO dates of publication

	added, changed, removed int
	now                     time.Time
	altered                 map[*Entry]*Entry // UN: how an entry stood before
	bones                   map[string][]remembered
}

func (l *Lists) all() []*Entry { return slices.Concat(l.National, l.UN, l.OFAC) }

func (l *Lists) nationalFile() string      { return "national.csv" }
func (l *Lists) unFile(date string) string { return "un_consolidated_" + date + ".xml" }

// before makes the older date of the UN list: a few entries not there yet, a few that have gone since, a few that said
// less, and all of them in another order, which must not count as a change.
func (l *Lists) before(d dice, now time.Time) {
	l.now = now
	l.UNDate, l.UNBeforeDate = date(now.AddDate(0, 0, -6)), date(now.AddDate(0, 0, -71))
	l.altered = map[*Entry]*Entry{}
	n := len(l.UN)
	l.added, l.changed = min(6, n/4), min(5, n/4)
	old := slices.Clone(l.UN[l.added:])
	for _, e := range l.UN[:l.added] {
		e.Listed = date(now.AddDate(0, 0, -d.between(8, 60)))
	}
	for i := range l.changed {
		less := *old[i]
		less.Documents, less.BirthPlace = nil, ""
		if len(old[i].Documents) == 0 {
			old[i].Documents = []Document{old[i].Person.Document}
		}
		l.altered[old[i]] = &less
		old[i] = &less
	}
	l.removed = 3
	for i := range l.removed {
		p := d.person(listMixes[ListUN].draw(d), "M", now, d.between(40, 70))
		id, row := unID(len(l.UN) + 1 + i)
		gone := &Entry{List: ListUN, ID: id, dataID: row, Person: &p, Surname: p.Surname.latin(), Given: p.Given.latin(),
			Native: p.NativeName(), Born: p.Born, Sex: "M", Listed: date(now.AddDate(-5, 0, i))}
		old = append(old, gone)
	}
	d.Shuffle(len(old), func(i, j int) { old[i], old[j] = old[j], old[i] })
	l.UNBefore = old
}

// NationalCSV writes the agency's own list: UTF-8, comma, one row a person.
func (l *Lists) NationalCSV() []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Write(strings.Split("id,name,aliases,born,nationality,sex,documents,reason,severity,instruction,contact,valid_until", ","))
	for i, e := range l.National {
		var docs []string
		for _, doc := range e.Documents {
			docs = append(docs, doc.Type+":"+doc.Number+":"+doc.Issuer)
		}
		// The comma says which part is the surname; a third of the rows leave it out, as clerks do.
		name := e.Surname + ", " + joined(e.Given, e.Patronymic)
		if i%3 == 0 {
			name = e.Name()
		}
		w.Write([]string{e.ID, name, strings.Join(e.Aliases, ";"), e.Born, e.Person.Nationality, e.Sex, strings.Join(docs, ";"),
			e.Ground.ru, e.Ground.severity, e.Ground.instruction, contacts[i%len(contacts)], e.Until})
	}
	w.Flush()
	return b.Bytes()
}

// The numbers begin with a code that no country has.
var contacts = []string{"Дежурная часть, +999 00 000 0101", "Отдел розыска, +999 00 000 0102", "Ситуационный центр, +999 00 000 0103",
	"Дежурный следователь, +999 00 000 0104"}

// UNXML writes a list in the shape of the UN Security Council's consolidated list.
func (l *Lists) UNXML(entries []*Entry, published string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<CONSOLIDATED_LIST dateGenerated=\"%sT23:00:05.233Z\">\n  <INDIVIDUALS>\n", published)
	for _, e := range entries {
		l.individual(&b, e)
	}
	b.WriteString("  </INDIVIDUALS>\n  <ENTITIES>\n")
	for i, name := range entities {
		fmt.Fprintf(&b, "    <ENTITY>\n      <DATAID>%d</DATAID>\n      <VERSIONNUM>1</VERSIONNUM>\n      <FIRST_NAME>%s</FIRST_NAME>\n"+
			"      <UN_LIST_TYPE>Synthetic</UN_LIST_TYPE>\n      <REFERENCE_NUMBER>SYe.%03d</REFERENCE_NUMBER>\n      <LISTED_ON>2019-04-0%d</LISTED_ON>\n    </ENTITY>\n",
			9_950_001+i, name, i+1, i+1)
	}
	b.WriteString("  </ENTITIES>\n</CONSOLIDATED_LIST>\n")
	return b.Bytes()
}

var entities = []string{"NIGHT HERON TRADING HOUSE", "BLUE CISTERN FREIGHT", "SEVEN WELLS EXCHANGE", "PAPER LANTERN LOGISTICS"}

// individual writes one person. Empty elements stand where the real list has them.
func (l *Lists) individual(b *bytes.Buffer, e *Entry) {
	element := func(indent int, name, value string) {
		fmt.Fprintf(b, "%s<%s>%s</%s>\n", strings.Repeat("  ", indent), name, escape(value), name)
	}
	version, updated := "1", e.Listed
	if l.altered[e] != nil {
		version, updated = "2", date(l.now.AddDate(0, 0, -20))
	}
	b.WriteString("    <INDIVIDUAL>\n")
	element(3, "DATAID", fmt.Sprint(e.dataID))
	element(3, "VERSIONNUM", version)
	element(3, "FIRST_NAME", e.Given)
	if e.Patronymic != "" {
		element(3, "SECOND_NAME", e.Patronymic)
		element(3, "THIRD_NAME", e.Surname)
	} else {
		element(3, "SECOND_NAME", e.Surname)
	}
	element(3, "UN_LIST_TYPE", "Synthetic")
	element(3, "REFERENCE_NUMBER", e.ID)
	element(3, "LISTED_ON", e.Listed)
	if e.Native != "" {
		element(3, "NAME_ORIGINAL_SCRIPT", e.Native)
	}
	if e.Sex != "" {
		element(3, "GENDER", map[string]string{"M": "Male", "F": "Female"}[e.Sex])
	}
	element(3, "COMMENTS1", e.Ground.en+".")
	fmt.Fprintf(b, "      <NATIONALITY>\n        <VALUE>%s</VALUE>\n      </NATIONALITY>\n", escape(countryName(e.Person.Nationality)))
	fmt.Fprintf(b, "      <LIST_TYPE>\n        <VALUE>UN List</VALUE>\n      </LIST_TYPE>\n      <LAST_DAY_UPDATED>\n        <VALUE>%s</VALUE>\n      </LAST_DAY_UPDATED>\n", updated)
	for i, a := range e.Aliases {
		fmt.Fprintf(b, "      <INDIVIDUAL_ALIAS>\n        <QUALITY>%s</QUALITY>\n        <ALIAS_NAME>%s</ALIAS_NAME>\n      </INDIVIDUAL_ALIAS>\n", []string{"Good", "Low"}[i%2], escape(a))
	}
	if len(e.Aliases) == 0 {
		b.WriteString("      <INDIVIDUAL_ALIAS>\n        <QUALITY/>\n        <ALIAS_NAME/>\n      </INDIVIDUAL_ALIAS>\n")
	}
	unBirth(b, e.Born)
	place := e.BirthPlace
	fmt.Fprintf(b, "      <INDIVIDUAL_PLACE_OF_BIRTH>\n        <CITY>%s</CITY>\n        <COUNTRY>%s</COUNTRY>\n      </INDIVIDUAL_PLACE_OF_BIRTH>\n", escape(place), escape(countryName(e.Person.Nationality)))
	for _, doc := range e.Documents {
		fmt.Fprintf(b, "      <INDIVIDUAL_DOCUMENT>\n        <TYPE_OF_DOCUMENT>Passport</TYPE_OF_DOCUMENT>\n        <NUMBER>%s</NUMBER>\n        <ISSUING_COUNTRY>%s</ISSUING_COUNTRY>\n      </INDIVIDUAL_DOCUMENT>\n", doc.Number, escape(countryName(doc.Issuer)))
	}
	if len(e.Documents) == 0 {
		b.WriteString("      <INDIVIDUAL_DOCUMENT/>\n")
	}
	b.WriteString("      <SORT_KEY/>\n      <SORT_KEY_LAST_MOD/>\n    </INDIVIDUAL>\n")
}

func unBirth(b *bytes.Buffer, born string) {
	b.WriteString("      <INDIVIDUAL_DATE_OF_BIRTH>\n")
	from, to, between := strings.Cut(born, "/")
	switch {
	case between:
		fmt.Fprintf(b, "        <TYPE_OF_DATE>BETWEEN</TYPE_OF_DATE>\n        <FROM_YEAR>%s</FROM_YEAR>\n        <TO_YEAR>%s</TO_YEAR>\n", from, to)
	case len(born) == 4:
		fmt.Fprintf(b, "        <TYPE_OF_DATE>EXACT</TYPE_OF_DATE>\n        <YEAR>%s</YEAR>\n", born)
	case born != "":
		fmt.Fprintf(b, "        <TYPE_OF_DATE>EXACT</TYPE_OF_DATE>\n        <DATE>%s</DATE>\n", born)
	}
	b.WriteString("      </INDIVIDUAL_DATE_OF_BIRTH>\n")
}

func escape(s string) string {
	var b bytes.Buffer
	xml.EscapeText(&b, []byte(s))
	return b.String()
}

// OFACFiles writes the trio in the shape of OFAC's SDN list: no heading, "-0- " for nothing, CR LF, SUB at the end.
func (l *Lists) OFACFiles() (sdn, alt, add []byte) {
	var s, a, d bytes.Buffer
	akas := 0
	for i, e := range l.OFAC {
		name := e.Surname + ", " + joined(e.Given, e.Patronymic)
		fmt.Fprintf(&s, "%s,%s,\"individual\",\"SYNTHETIC\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,%s\r\n", e.ID, quoted(name), quoted(ofacRemarks(e)))
		for _, aka := range e.Aliases {
			akas++
			surname, given, _ := strings.Cut(aka, " ")
			fmt.Fprintf(&a, "%s,%d,\"aka\",%s,-0- \r\n", e.ID, 700_000+akas, quoted(strings.TrimSuffix(surname+", "+title(given), ", ")))
		}
		fmt.Fprintf(&d, "%s,%d,-0- ,%s,%s,-0- \r\n", e.ID, 800_000+i, quoted(e.BirthPlace), quoted(countryName(e.Person.Nationality)))
	}
	for i, name := range entities {
		fmt.Fprintf(&s, "%d,%s,-0- ,\"SYNTHETIC\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \r\n", 9_900_001+i, quoted(name))
	}
	for _, b := range []*bytes.Buffer{&s, &a, &d} {
		b.WriteByte(0x1a)
	}
	return s.Bytes(), a.Bytes(), d.Bytes()
}

func ofacRemarks(e *Entry) string {
	var parts []string
	from, to, between := strings.Cut(e.Born, "/")
	switch t, err := time.Parse(time.DateOnly, e.Born); {
	case err == nil:
		parts = append(parts, "DOB "+t.Format("02 Jan 2006"))
	case between:
		parts = append(parts, "DOB "+from+" to "+to)
	case e.Born != "":
		parts = append(parts, "DOB "+e.Born)
	}
	country := countryName(e.Person.Nationality)
	parts = append(parts, "POB "+e.BirthPlace+", "+country, "nationality "+country)
	parts = append(parts, "Gender "+map[string]string{"M": "Male", "F": "Female"}[e.Sex])
	for _, doc := range e.Documents {
		parts = append(parts, fmt.Sprintf("Passport %s (%s)", doc.Number, countryName(doc.Issuer)))
	}
	return strings.Join(parts, "; ") + "."
}

func quoted(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

func countryName(code string) string {
	if s, ok := vocab.Country(code); ok {
		return s.En
	}
	return code
}
