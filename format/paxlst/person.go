package paxlst

import (
	"strings"

	"sarhad/format/edifact"
)

// openPerson is the state of the person being read.
type openPerson struct {
	tentative bool // its NAD qualifier is not one of the guide's
	evidence  bool // a segment followed that only persons have
	seen      edifact.Segment

	document bool     // a document stands open
	void     bool     // it was empty: what follows it is dropped with it
	early    Document // attributes that came before their document
}

func (b *builder) traveller() *Traveller { return &b.persons[len(b.persons)-1] }

// nad opens a person, or names a party of the header.
func (b *builder) nad(s *edifact.Segment) {
	b.closePerson()
	qualifier := code(s, 1, 0)
	role := roleOf(qualifier)
	known := role != ""
	if qualifier == sender {
		b.in = inHeader
		b.party(s)
		b.header(s)
		return
	}
	b.in = inPerson
	b.begins = append(b.begins, begin{raw: len(b.raw), document: len(b.documents), segment: s.Number})
	b.person = openPerson{tentative: !known, seen: *s}
	if !known {
		role = Passenger
	}
	b.persons = append(b.persons, Traveller{Role: role})
	t := b.traveller()
	t.Details.Segment, t.Details.Qualifier = s.Number, qualifier
	t.name(s)
	b.keep(s)
	if s.Elements() > 4 {
		t.Details.Address = Address{
			Street: joined(s, 5, 0, 4), City: value(s, 6, 0), Region: value(s, 7, 3), Postcode: value(s, 8, 0), Country: code(s, 9, 0),
		}
		first(&t.Details.Address.Region, value(s, 7, 0))
	}
}

// party names who reports: NAD C080, else the identifier in C082, else C058.
func (b *builder) party(s *edifact.Segment) {
	first(&b.Header.Party, joined(s, 4, 0, 5))
	first(&b.Header.Party, value(s, 2, 0))
	first(&b.Header.Party, joined(s, 3, 0, 5))
}

// name reads C080, or C058 when a host put the name there: surname, given names. C080 has five names; the sixth
// component is a format code.
func (t *Traveller) name(s *edifact.Segment) {
	e := 4
	if s.Components(4) == 0 {
		e = 3
	}
	t.Surname, t.Given = value(s, e, 0), joined(s, e, 1, 5)
	if t.Given == "" {
		if surname, given, ok := strings.Cut(t.Surname, "/"); ok { // as airlines write it: SMITH/JOHN
			t.Surname, t.Given = strings.TrimSpace(surname), strings.Join(strings.Fields(strings.ReplaceAll(given, "/", " ")), " ")
		}
	}
}

// joined is the components from to before, the empty ones left out, joined by a blank.
func joined(s *edifact.Segment, element, from, before int) string {
	all := ""
	for c := from; c < min(before, s.Components(element)); c++ {
		v := value(s, element, c)
		switch {
		case v == "":
		case all == "":
			all = v
		default:
			all += " " + v
		}
	}
	return all
}

// closePerson ends the person being read. One under an unknown qualifier without any sign of a person goes to
// the header.
func (b *builder) closePerson() {
	if b.in != inPerson {
		return
	}
	b.in = inHeader
	p := &b.person
	last := len(b.persons) - 1
	if p.tentative && !p.evidence {
		from := b.begins[last]
		b.Header.Segments = append(b.Header.Segments, b.raw[from.raw:]...)
		b.raw, b.documents = b.raw[:from.raw], b.documents[:from.document]
		b.persons, b.begins = b.persons[:last], b.begins[:last]
		return
	}
	if p.tentative {
		b.problemAt(&p.seen, UnknownQualifier, "a person stands under the qualifier %q, which the guide does not have; taken for a passenger", b.traveller().Details.Qualifier)
	}
	if t := b.traveller(); t.Surname == "" && t.Given == "" {
		b.problemAt(&p.seen, MissingName, "a person has no name; kept without")
	}
	if p.early != (Document{}) {
		b.problemAt(&p.seen, Orphan, "an attribute of a document of this person has no document (DOC) to stand under; kept with the person's segments")
	}
}

// attribute is a segment that belongs to a person.
func (b *builder) attribute(s *edifact.Segment) {
	if b.in != inPerson {
		if s.Tag != "FTX" && s.Tag != "GEI" { // those the header may have
			b.problemAt(s, Orphan, "a segment of a person stands under no person; kept with the header")
		}
		b.header(s)
		return
	}
	t, p := b.traveller(), &b.person
	switch s.Tag {
	case "ATT":
		p.evidence = true
		b.sex(t, s)
	case "MEA":
		b.measure(t, s)
	case "GEI":
		if code(s, 1, 0) == "4" {
			first(&t.Details.Verified, code(s, 2, 0))
		}
	case "NAT":
		p.evidence = true
		if q := code(s, 1, 0); q == "2" || q == "" {
			first(&t.Nationality, code(s, 2, 0))
			first(&t.Nationality, code(s, 2, 3))
		}
	case "DOC":
		p.evidence = true
		b.document(s)
	case "EMP":
		first(&t.Details.Employment, code(s, 2, 0))
	case "FTX":
		if code(s, 1, 0) == "BAG" {
			if tag := value(s, 4, 0); tag != "" {
				n, _ := integer(value(s, 4, 1))
				t.Details.BagTags = append(t.Details.BagTags, BagTag{First: tag, Count: n})
			}
		}
	}
	b.keep(s)
}

// sex is ATT+2: C956 9019, in C955 with some hosts. "U" is undisclosed, which is to say unknown.
func (b *builder) sex(t *Traveller, s *edifact.Segment) {
	if q := code(s, 1, 0); q != "2" && q != "" {
		return
	}
	v := code(s, 3, 0)
	first(&v, code(s, 2, 0))
	first(&v, code(s, 3, 3))
	switch v {
	case "M", "F", "X":
		first(&t.Sex, v)
	case "MALE", "FEMALE":
		first(&t.Sex, v[:1])
	case "U", "":
	default:
		b.problemAt(s, BadSex, "the sex is none of M, F, X, U; left open")
	}
}

// measure is MEA: CT checked bags, WT their weight with its unit.
func (b *builder) measure(t *Traveller, s *edifact.Segment) {
	v := value(s, 3, 1)
	switch code(s, 1, 0) {
	case "CT":
		first(&v, value(s, 3, 0))
		first(&v, value(s, 2, 0))
		if n, ok := integer(v); ok {
			t.Bags = &n
		} else if v != "" {
			b.problemAt(s, BadBags, "the number of bags is no number; left open")
		}
	case "WT":
		if v != "" {
			t.Details.BagWeight = strings.TrimSpace(v + " " + code(s, 3, 0))
		}
	}
}

// document opens a document and gives it what came before it.
func (b *builder) document(s *edifact.Segment) {
	p := &b.person
	d := p.early
	p.early = Document{}
	d.Type, d.Number = code(s, 1, 0), value(s, 2, 0)
	p.document = true
	if p.void = d == (Document{}); !p.void {
		b.documents = append(b.documents, d)
	}
}

// ofDocument sets an attribute of the open document, or keeps it for the next one.
func (b *builder) ofDocument(field func(*Document) *string, v string) {
	p := &b.person
	switch {
	case v == "" || p.document && p.void:
	case p.document && *field(&b.documents[len(b.documents)-1]) == "":
		*field(&b.documents[len(b.documents)-1]) = v
	default:
		first(field(&p.early), v)
	}
}

func issuer(d *Document) *string  { return &d.Issuer }
func expires(d *Document) *string { return &d.Expires }
func issued(d *Document) *string  { return &d.Issued }

// settle turns the dates of a person, kept as transmitted until the message had its reference date, to ISO 8601.
func (b *builder) settle(t *Traveller, segment int, ref civil) {
	fix := func(v *string, what string, century func(moment, civil) moment) {
		if *v == "" {
			return
		}
		text, format, _ := strings.Cut(*v, "\x00")
		m := readMoment(text, format)
		if m.valid {
			m = century(m, ref)
		}
		if !m.valid || !m.exists() {
			*v = ""
			b.problem(edifact.Problem{Segment: segment, Tag: "DTM", Code: BadDate,
				Text: "the date of " + what + " of this person is no date; left open"})
			return
		}
		m.clock = ""
		*v = m.String()
	}
	fix(&t.Born, "birth", moment.birth)
	for i := range t.Documents {
		fix(&t.Documents[i].Expires, "expiry of a document", moment.near)
		fix(&t.Documents[i].Issued, "issue of a document", moment.near)
	}
}
