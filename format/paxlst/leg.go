package paxlst

import (
	"slices"
	"strings"

	"sarhad/format/edifact"
)

// leg is a TDT group being read.
type leg struct {
	carrier, number, operator, mode string

	seen  edifact.Segment
	stops []stop
	own   stop // times given without a place
	loose bool // places that stood outside a TDT group
}

// stop is a place of a leg with the times there.
type stop struct {
	side          place
	at            string
	arrives, left when
}

// when is a time as transmitted.
type when struct {
	value, format string
	scheduled     bool
}

// newLeg reads TDT: 8028 carrier and flight number, C220 mode, C040 carrier (C222 with some hosts).
func newLeg(s *edifact.Segment) leg {
	l := leg{seen: *s, mode: code(s, 3, 0)}
	named := code(s, 5, 0)
	if i := strings.IndexFunc(named, func(r rune) bool { return !(r >= 'A' && r <= 'Z' || r >= '0' && r <= '9') }); i >= 0 || len(named) > 3 {
		named = "" // a name, not a designator
	}
	l.carrier, l.number = flight(code(s, 2, 0), named)
	if l.carrier != named {
		l.operator = named
	}
	return l
}

// flight takes "ZZ123" apart. named is the carrier told elsewhere; it wins where the text can be read with it.
func flight(text, named string) (carrier, number string) {
	text = strings.Join(strings.Fields(text), "")
	text = strings.TrimLeft(text, "-/")
	if text == named && isDesignator(named) && strings.Trim(named, "0123456789") != "" { // a master crew list names no flight
		return named, ""
	}
	if named != "" && strings.HasPrefix(text, named) && len(text) > len(named) {
		return named, strings.TrimLeft(text[len(named):], "-/")
	}
	for _, n := range []int{2, 3} { // IATA designators have two characters, ICAO's three letters
		if len(text) <= n || !isDesignator(text[:n]) {
			continue
		}
		rest := strings.TrimLeft(text[n:], "-/")
		if rest != "" && rest[0] >= '0' && rest[0] <= '9' {
			return text[:n], rest
		}
	}
	return named, text
}

// isDesignator: two characters with a letter among them (IATA Resolution 762), or three letters.
func isDesignator(s string) bool {
	letters := 0
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] >= 'A' && s[i] <= 'Z':
			letters++
		case s[i] < '0' || s[i] > '9':
			return false
		}
	}
	return len(s) == 2 && letters > 0 || len(s) == 3 && letters == 3
}

// loc is LOC, of a leg, a person or a document.
func (b *builder) loc(s *edifact.Segment) {
	what := code(s, 1, 0)
	side := placeOf(what)
	if b.in == inPerson && side == noPlace {
		b.personLoc(what, s)
		b.keep(s)
		return
	}
	if b.in == inLeg && what == locCleared { // some hosts give the departure so
		side = routing
	}
	if side != noPlace {
		if at := code(s, 2, 0); at != "" {
			l := b.openLeg(s)
			l.stops = append(l.stops, stop{side: side, at: at})
		}
	} else if edifact.Word(what, personPlaces) {
		b.problemAt(s, Orphan, "a place of a person stands under no person; kept with the header")
	}
	b.header(s)
}

// openLeg is the leg that a place or time belongs to: the last TDT's, or a loose one.
func (b *builder) openLeg(s *edifact.Segment) *leg {
	if b.in != inLeg {
		b.closePerson()
		b.in = inLeg
		if n := len(b.legs); n == 0 || len(b.legs[n-1].stops) >= 2 {
			b.legs = append(b.legs, leg{loose: true, seen: *s})
		}
	}
	return &b.legs[len(b.legs)-1]
}

func (b *builder) personLoc(what string, s *edifact.Segment) {
	t := b.traveller()
	v := code(s, 2, 0)
	switch what {
	case locResidence:
		first(&t.Residence, v)
		first(&t.Residence, code(s, 2, 3))
		b.person.evidence = true
	case locIssuer:
		first(&v, code(s, 2, 3))
		b.ofDocument(issuer, v)
	case locEmbark:
		first(&t.Details.Embark, v)
		b.person.evidence = true
	case locDebark:
		first(&t.Details.Debark, v)
		b.person.evidence = true
	case locCleared:
		first(&t.Details.Cleared, v)
	case locBirth:
		first(&t.Details.BirthCountry, v)
		first(&t.Details.BirthPlace, value(s, 2, 3))
		b.person.evidence = true
	}
}

// dtm is DTM, of a leg, a person or a document.
func (b *builder) dtm(s *edifact.Segment) {
	what, v, format := code(s, 1, 0), value(s, 1, 1), value(s, 1, 2)
	if len(format) == 4 && allDigits(format) { // "20241120:1430:203": a colon between date and time
		v, format = v+format, value(s, 1, 3)
	}
	if end, scheduled := timingOf(what); end != noTime && b.in != inPerson {
		l := b.openLeg(s)
		at := &l.own
		if n := len(l.stops); n > 0 {
			at = &l.stops[n-1]
		}
		w := &at.left
		if end == arrives {
			w = &at.arrives
		}
		if v != "" && (w.value == "" || scheduled && !w.scheduled) {
			*w = when{v, format, scheduled}
		}
		b.header(s)
		return
	}
	if b.in != inPerson {
		if edifact.Word(what, dtmBirth+" "+dtmExpiry+" "+dtmIssue) {
			b.problemAt(s, Orphan, "a date of a person stands under no person; kept with the header")
		}
		b.header(s)
		return
	}
	if v != "" && format != "" {
		v += "\x00" + format
	}
	switch what {
	case dtmBirth:
		first(&b.traveller().Born, v)
		b.person.evidence = true
	case dtmExpiry:
		b.ofDocument(expires, v)
	case dtmIssue:
		b.ofDocument(issued, v)
	}
	b.keep(s)
}

// order makes the voyages out of the legs, in the order of travel, and returns the reference date.
func (b *builder) order() civil {
	ref := b.referenceDate()
	for i := range b.legs {
		for _, v := range b.voyages(&b.legs[i], ref) {
			if !slices.Contains(b.Voyages, v) {
				b.Voyages = append(b.Voyages, v)
			}
		}
	}
	chain(b.Voyages)
	if len(b.Voyages) == 0 && len(b.persons) > 0 {
		b.problem(edifact.Problem{Code: MissingVoyage, Text: "the list names no flight (TDT): its persons are kept, but nobody can tell where they arrive; ask the carrier"})
	}
	return ref
}

// referenceDate is the date from which centuries are told: the interchange's, else the first of a leg, else today.
func (b *builder) referenceDate() civil {
	if b.unb.valid {
		return b.unb.civil()
	}
	for i := range b.legs {
		for _, s := range append(b.legs[i].stops, b.legs[i].own) {
			for _, w := range []when{s.left, s.arrives} {
				if m := readMoment(w.value, w.format); m.valid {
					return m.near(20300101).civil()
				}
			}
		}
	}
	return civilOf(b.now())
}

// voyages makes one voyage per take-off of a leg.
func (b *builder) voyages(l *leg, ref civil) []Voyage {
	l.merge()
	blank := Voyage{Carrier: l.carrier, Number: l.number, Operator: l.operator, Mode: l.mode}
	b.judge(l)
	var all []Voyage
	switch n := len(l.stops); n {
	case 0:
		all = []Voyage{blank}
	case 1:
		v := blank
		if s := &l.stops[0]; s.side == arrival || s.side == routing && s.left.value == "" && s.arrives.value != "" {
			v.To = s.at
			v.Arrives, v.ArrivesZone = b.time(l, s.arrives, ref)
		} else {
			v.From = s.at
			v.Departs, v.DepartsZone = b.time(l, s.left, ref)
		}
		all = []Voyage{v}
	default:
		for i := range n - 1 {
			v := blank
			from, to := &l.stops[i], &l.stops[i+1]
			v.From, v.To = from.at, to.at
			v.Departs, v.DepartsZone = b.time(l, from.left, ref)
			v.Arrives, v.ArrivesZone = b.time(l, to.arrives, ref)
			all = append(all, v)
		}
	}
	head, tail := &all[0], &all[len(all)-1]
	if head.Departs == "" {
		head.Departs, head.DepartsZone = b.time(l, l.own.left, ref)
	}
	if tail.Arrives == "" {
		tail.Arrives, tail.ArrivesZone = b.time(l, l.own.arrives, ref)
	}
	return all
}

// judge reports what is odd about a leg.
func (b *builder) judge(l *leg) {
	switch {
	case l.loose:
		b.problemAt(&l.seen, MissingTDT, "places or times of a leg stand outside a TDT group; read as a leg without flight number")
	case l.carrier == "" && l.number == "":
		b.problemAt(&l.seen, MissingCarrier, "the leg names neither carrier nor flight")
	case l.carrier == "":
		b.problemAt(&l.seen, MissingCarrier, "the flight %q names no carrier", l.number)
	case l.operator != "":
		b.problemAt(&l.seen, CarrierMismatch, "the flight number says %s, the carrier element %s; the flight number was followed", l.carrier, l.operator)
	}
	// A master crew list (BGM 336) reports to places (LOC 188, 172) and flies nowhere.
	if len(l.stops) < 2 && !l.loose && b.Header.Document != "336" {
		b.problemAt(&l.seen, MissingPlace, "the leg has %d of its two places", len(l.stops))
	}
}

// time turns a time as transmitted into wall time and offset.
func (b *builder) time(l *leg, w when, ref civil) (wall, zone string) {
	m := readMoment(w.value, w.format)
	if m.absent {
		return "", ""
	}
	if m.valid {
		m = m.near(ref)
	}
	if !m.valid || m.day == 0 || !m.exists() {
		b.problemAt(&l.seen, BadDate, "a time of this leg is no date; left open")
		return "", ""
	}
	m = m.midnight()
	return m.String(), m.zone
}

// merge puts the stops of a leg in order and joins arrival and departure at one place.
func (l *leg) merge() {
	s := l.stops
	if n := len(s); n == 2 {
		backwards := s[0].side == arrival && s[1].side == departure ||
			s[0].side == s[1].side && s[0].left.value == "" && s[0].arrives.value != "" && s[1].left.value != ""
		if backwards {
			s[0], s[1] = s[1], s[0]
		}
	} else if n > 2 && (s[0].left.value == "" && s[0].arrives.value != "" || s[n-1].arrives.value == "" && s[n-1].left.value != "") {
		slices.SortStableFunc(s, func(a, b stop) int { return strings.Compare(a.sort(), b.sort()) })
	}
	l.share()
	out := s[:0]
	for _, next := range s {
		if n := len(out); n > 0 && out[n-1].at == next.at && (out[n-1].left.value == "" || next.arrives.value == "") {
			if out[n-1].left.value == "" {
				out[n-1].left = next.left
			}
			if out[n-1].arrives.value == "" {
				out[n-1].arrives = next.arrives
			}
			continue
		}
		out = append(out, next)
	}
	l.stops = out
}

// share gives the times of a leg of two places to the place they belong to, for hosts that send both places first
// and both times after them: a departure cannot be at the end of a leg, nor an arrival at its beginning.
func (l *leg) share() {
	if len(l.stops) != 2 {
		return
	}
	from, to := &l.stops[0], &l.stops[1]
	sided := from.side == departure && to.side == arrival
	if from.left.value == "" && to.left.value != "" && (sided || from.arrives.value == "" && to.arrives.value != "") {
		from.left, to.left = to.left, when{}
	}
	if to.arrives.value == "" && from.arrives.value != "" && sided {
		to.arrives, from.arrives = from.arrives, when{}
	}
}

// sort is the time by which stops are put in order.
func (s *stop) sort() string {
	if s.arrives.value != "" {
		return s.arrives.value
	}
	return s.left.value
}

// chain puts voyages in the order they are flown, when each but one begins where another one ends.
func chain(v []Voyage) {
	if len(v) < 2 {
		return
	}
	ordered := true
	for i := 1; i < len(v); i++ {
		ordered = ordered && v[i].From == v[i-1].To
	}
	if ordered {
		return
	}
	from := make(map[string]int, len(v))
	to := make(map[string]bool, len(v))
	for i := range v {
		if _, twice := from[v[i].From]; twice || v[i].From == "" || v[i].To == "" {
			return
		}
		from[v[i].From] = i
		to[v[i].To] = true
	}
	at := -1
	for i := range v {
		if !to[v[i].From] {
			if at >= 0 {
				return // two beginnings
			}
			at = i
		}
	}
	out := make([]Voyage, 0, len(v))
	for ok := at >= 0; ok && len(out) < len(v); at, ok = from[v[at].To] {
		out = append(out, v[at])
	}
	if len(out) == len(v) {
		copy(v, out)
	}
}
