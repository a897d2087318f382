package paxlst

import (
	"bytes"
	"strconv"
	"strings"
)

// Encode writes m as an interchange of its own, UNA to UNZ, as the guide has it: two-digit years where they read
// back right, eight digits (format 102) where they do not. Text outside ASCII makes it UTF-8 under UNOY, else it
// is UNOA. Parse(Encode(m)) gives the same voyages, travellers and header values; Problems, Charset, Segments and
// the name of the file are not written. A missing Reference or Ref becomes "1".
func Encode(m Message) []byte { return EncodeInterchange(m) }

// EncodeInterchange writes several messages as one interchange; the first one's header names sender, recipient,
// interchange reference and preparation date. nil without a message.
func EncodeInterchange(messages ...Message) []byte {
	if len(messages) == 0 {
		return nil
	}
	var e encoder
	h := &messages[0].Header
	id := "UNOA"
	for i := range messages {
		if !plain(&messages[i]) {
			id = "UNOY"
		}
	}
	prepared := digits(h.Prepared)
	day, clock := prepared[:min(8, len(prepared))], prepared[min(8, len(prepared)):]
	if len(day) == 8 {
		day = day[2:]
	}
	ref := or(h.Interchange, "1")
	e.buf.WriteString("UNA:+.? '")
	e.segment("UNB", id+":4", esc(h.Sender), esc(h.Recipient), esc(day)+":"+esc(clock), esc(ref), "", "APIS")
	e.segment("UNG", Format, esc(h.Sender), esc(h.Recipient), esc(day)+":"+esc(clock), esc(ref), "UN", strings.ReplaceAll(esc(or(messages[0].Version, "D.15B")), ".", ":"))
	for i := range messages {
		e.message(&messages[i])
	}
	e.segment("UNE", strconv.Itoa(len(messages)), esc(ref))
	e.segment("UNZ", "1", esc(ref))
	return e.buf.Bytes()
}

type encoder struct {
	buf  bytes.Buffer
	n    int   // segments of the message
	ref  civil // from which the reader will tell centuries
	unb  bool
	head *Header
}

// segment writes a segment, trailing empty elements left out. Elements are escaped already.
func (e *encoder) segment(tag string, elements ...string) {
	n := len(elements)
	for n > 0 && strings.Trim(elements[n-1], ":") == "" {
		n--
	}
	e.buf.WriteString(tag)
	for _, v := range elements[:n] {
		e.buf.WriteByte('+')
		e.buf.WriteString(strings.TrimRight(v, ":"))
	}
	e.buf.WriteByte('\'')
	e.n++
}

func (e *encoder) message(m *Message) {
	h := &m.Header
	e.n, e.head = 0, h
	e.ref = m.referenceDate()
	version, release, _ := strings.Cut(or(m.Version, "D.15B"), ".")
	part := ""
	if h.Part > 0 {
		transfer := ""
		switch {
		case h.Last:
			transfer = "F"
		case h.First:
			transfer = "C"
		}
		part = twoDigits(h.Part) + ":" + transfer
	}
	ref := or(h.Ref, "1")
	e.segment("UNH", esc(ref), composite(Format, version, release, "UN", "IATA"), esc(h.CommonRef), part)
	e.segment("BGM", esc(or(h.Document, documentOf(m))), esc(h.Function), esc(h.Purpose))
	if h.Reference != "" {
		e.segment("RFF", composite("TN", h.Reference, "", "", h.Revision))
	}
	if h.Party != "" || len(h.Contacts) > 0 {
		e.segment("NAD", sender, "", "", esc(h.Party))
	}
	e.contacts(h.Contacts)
	for i := range m.Voyages {
		e.voyage(&m.Voyages[i], len(m.Voyages) > 1)
	}
	for i := range m.Travellers {
		e.traveller(&m.Travellers[i])
	}
	if h.Passengers != nil {
		e.segment("CNT", composite("42", strconv.Itoa(*h.Passengers)))
	}
	if h.Crew != nil {
		e.segment("CNT", composite("41", strconv.Itoa(*h.Crew)))
	}
	e.segment("UNT", strconv.Itoa(e.n+1), esc(ref))
}

// documentOf is the kind of list by who is on it.
func documentOf(m *Message) string {
	for i := range m.Travellers {
		if m.Travellers[i].Role != Crew {
			return "745"
		}
	}
	if len(m.Travellers) > 0 {
		return "250"
	}
	return "745"
}

// referenceDate is what the reader will take: the preparation date, else the first date of a leg.
func (m *Message) referenceDate() civil {
	dates := []string{m.Header.Prepared}
	for i := range m.Voyages {
		dates = append(dates, m.Voyages[i].Departs, m.Voyages[i].Arrives)
	}
	for _, d := range dates {
		if p := readMoment(digits(d), ""); p.valid {
			return p.near(20300101).civil()
		}
	}
	return 0
}

func (e *encoder) voyage(v *Voyage, several bool) {
	e.segment("TDT", "20", esc(v.Carrier+v.Number), esc(v.Mode), "", esc(or(v.Operator, v.Carrier)))
	from, to := "125", "87"
	if several {
		from, to = "92", "92"
	}
	end := func(loc, at, dtm, when, zone string) {
		if at != "" {
			e.segment("LOC", loc, esc(at))
		}
		if when != "" {
			e.segment("DTM", e.time(dtm, when, zone))
		}
	}
	if v.From == "" || v.To == "" { // the sides can only be told by their codes
		from, to = "125", "87"
	}
	end(from, v.From, "189", v.Departs, v.DepartsZone)
	end(to, v.To, "232", v.Arrives, v.ArrivesZone)
}

// time writes a wall time: 201 when the century reads back, else 203; 205 with an offset; 101 and 102 for a day.
func (e *encoder) time(what, when, zone string) string {
	d := digits(when)
	m := readMoment(d, "")
	short := m.valid && e.ref != 0 && moment{year: m.year % 100}.near(e.ref).year == m.year && m.clock != ""
	switch {
	case zone != "":
		return composite(what, d+strings.ReplaceAll(zone, ":", ""), "205")
	case short:
		return composite(what, d[2:], "201")
	case m.clock != "":
		return composite(what, d, "203")
	}
	return composite(what, d, "102")
}

// date writes a date of a person: yymmdd when it reads back, ccyymmdd otherwise.
func (e *encoder) date(what, iso string, century func(moment, civil) moment) {
	if iso == "" {
		return
	}
	d := digits(iso)
	for len(d) < 8 {
		d += "00"
	}
	m := readMoment(d, "")
	if m.valid && e.ref != 0 {
		if back := century(moment{year: m.year % 100, month: m.month, day: m.day}, e.ref); back.year == m.year {
			e.segment("DTM", composite(what, d[2:]))
			return
		}
	}
	e.segment("DTM", composite(what, d, "102"))
}

func (e *encoder) traveller(t *Traveller) {
	d := &t.Details
	qualifier := d.Qualifier
	if qualifier == "" {
		qualifier = map[Role]string{Passenger: "FL", Crew: "FM", Transit: "DDU"}[t.Role]
	}
	a := &d.Address
	region := ""
	if a.Region != "" {
		region = composite("", "", "", a.Region)
	}
	e.segment("NAD", esc(or(qualifier, "FL")), "", "", composite(t.Surname, t.Given), esc(a.Street), esc(a.City), region, esc(a.Postcode), esc(a.Country))
	if t.Sex != "" {
		e.segment("ATT", "2", "", esc(t.Sex))
	}
	e.date(dtmBirth, t.Born, moment.birth)
	if t.Bags != nil {
		e.segment("MEA", "CT", "", composite("", strconv.Itoa(*t.Bags)))
	}
	if weight, unit, _ := strings.Cut(d.BagWeight, " "); weight != "" {
		e.segment("MEA", "WT", "", composite(unit, weight))
	}
	if d.Verified != "" {
		e.segment("GEI", "4", esc(d.Verified))
	}
	for _, b := range d.BagTags {
		n := ""
		if b.Count > 0 {
			n = strconv.Itoa(b.Count)
		}
		e.segment("FTX", "BAG", "", "", composite(b.First, n))
	}
	for _, l := range []struct{ code, at string }{
		{locCleared, d.Cleared}, {locResidence, t.Residence}, {locEmbark, d.Embark}, {locDebark, d.Debark},
	} {
		if l.at != "" {
			e.segment("LOC", l.code, esc(l.at))
		}
	}
	if d.BirthCountry != "" || d.BirthPlace != "" {
		e.segment("LOC", locBirth, composite(d.BirthCountry, "", "", d.BirthPlace))
	}
	e.contacts(d.Contacts)
	if d.Employment != "" {
		e.segment("EMP", "1", composite(d.Employment, "110", "111"))
	}
	if t.Nationality != "" {
		e.segment("NAT", "2", esc(t.Nationality))
	}
	for _, r := range []struct{ code, v string }{
		{"AVF", t.Booking}, {"ABO", d.UniqueRef}, {"SEA", t.Seat}, {"AEA", d.GovRef}, {"CR", d.CustomerRef}, {"TKT", d.Ticket},
	} {
		if r.v != "" {
			e.segment("RFF", composite(r.code, r.v))
		}
	}
	for i := range t.Documents {
		e.document(&t.Documents[i])
	}
}

func (e *encoder) document(d *Document) {
	kind := ""
	if d.Type != "" {
		kind = composite(d.Type, "110", "111")
	}
	e.segment("DOC", kind, esc(d.Number))
	e.date(dtmExpiry, d.Expires, moment.near)
	e.date(dtmIssue, d.Issued, moment.near)
	if d.Issuer != "" {
		e.segment("LOC", locIssuer, esc(d.Issuer))
	}
}

// contacts writes COM, three to a segment.
func (e *encoder) contacts(all []Contact) {
	for len(all) > 0 {
		n := min(3, len(all))
		var elements []string
		for _, c := range all[:n] {
			elements = append(elements, composite(c.Value, c.Kind))
		}
		e.segment("COM", elements...)
		all = all[n:]
	}
}

// escaper releases the service characters, and keeps line ends out of values, where they would be read as wraps.
var escaper = strings.NewReplacer("?", "??", "+", "?+", ":", "?:", "'", "?'", "\r\n", " ", "\r", " ", "\n", " ")

func esc(s string) string {
	if strings.ContainsAny(s, "?+:'\r\n") {
		return escaper.Replace(s)
	}
	return s
}

func composite(parts ...string) string {
	for i := range parts {
		parts[i] = esc(parts[i])
	}
	return strings.TrimRight(strings.Join(parts, ":"), ":")
}

// digits removes the marks of ISO 8601.
func digits(iso string) string {
	return strings.NewReplacer("-", "", ":", "", "T", "").Replace(iso)
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func twoDigits(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}

// plain tells whether everything that Encode writes of m is ASCII.
func plain(m *Message) bool {
	ok := func(all ...string) bool {
		for _, s := range all {
			for i := 0; i < len(s); i++ {
				if s[i] >= 0x80 {
					return false
				}
			}
		}
		return true
	}
	contacts := func(all []Contact) bool {
		for _, c := range all {
			if !ok(c.Kind, c.Value) {
				return false
			}
		}
		return true
	}
	h := &m.Header
	if !ok(h.Party, h.Sender, h.Recipient, h.Reference, h.CommonRef, h.Ref, h.Interchange) || !contacts(h.Contacts) {
		return false
	}
	for i := range m.Travellers {
		t := &m.Travellers[i]
		d, a := &t.Details, &t.Details.Address
		if !ok(t.Surname, t.Given, t.Booking, t.Seat, t.Nationality, t.Residence, d.BirthPlace, d.BirthCountry, d.UniqueRef, d.GovRef, d.CustomerRef, d.Ticket,
			a.Street, a.City, a.Region, a.Postcode, a.Country) || !contacts(d.Contacts) {
			return false
		}
		for i := range t.Documents {
			if !ok(t.Documents[i].Type, t.Documents[i].Number, t.Documents[i].Issuer) {
				return false
			}
		}
	}
	return true
}
