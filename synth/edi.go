package synth

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"sarhad/record/vocab"
)

// habit is how a carrier's system writes PAXLST. The package writes its messages itself, and not through format/paxlst,
// for two reasons: that one writes the guide's form, while carriers have habits; and a reader tested with its own writer
// proves little.
type habit struct {
	version   string // of the message, "D.05B"
	una       bool   // UNA first
	group     bool   // UNG and UNE
	typeB     bool   // inside a Type-B telegram
	wrapLines bool   // a line end after every segment
	parts     bool   // long lists in parts of a hundred persons
	several   bool   // passengers and crew in one interchange
	noCount   bool   // no CNT
	titles    bool   // MR and MRS after the given name
}

// partSize is the number of persons in a part where lists are sent in parts.
const partSize = 100

// Message is one file of passenger messages.
type Message struct {
	Name    string // file name; sorts by arrival
	Body    []byte
	Flight  *Flight
	Persons int
}

// Messages writes the messages of all flights, history first, each in its carrier's manner.
func (r *Region) Messages() []Message {
	var out []Message
	for _, f := range r.Flights {
		var passengers, crew []*Traveller
		for _, t := range f.Travellers {
			if t.Role == RoleCrew {
				crew = append(crew, t)
			} else {
				passengers = append(passengers, t)
			}
		}
		name := fmt.Sprintf("%s_%s%s_%s", f.Arrival().Arrives.Format("20060102T1504Z"), f.Carrier.Code, f.Number, f.Arrival().To)
		add := func(kind string, lists ...list) {
			m := Message{Name: name + "_" + kind + ".edi", Flight: f, Body: r.interchange(f, kind, lists)}
			for _, l := range lists {
				m.Persons += len(l.persons)
			}
			out = append(out, m)
		}
		all, cabin := list{"745", "42", passengers}, list{"250", "41", crew}
		if f.Carrier.habit.several {
			add("all", all, cabin)
			continue
		}
		add("pax", all)
		add("crew", cabin)
	}
	return out
}

// list is one list of persons under a BGM code, with the code of its count.
type list struct {
	document, count string
	persons         []*Traveller
}

// writer counts segments while it writes them.
type writer struct {
	bytes.Buffer
	end string
	n   int
}

func (w *writer) segment(format string, args ...any) {
	fmt.Fprintf(&w.Buffer, format, args...)
	w.WriteString(w.end)
	w.n++
}

// interchange writes lists from UNB to UNZ, dressed as the carrier does.
func (r *Region) interchange(f *Flight, kind string, lists []list) []byte {
	h := f.Carrier.habit
	w := &writer{end: "'"}
	if h.wrapLines {
		w.end = "'\r\n"
	}
	prepared := f.Legs[0].Departs.Add(-40 * time.Minute)
	stamp := prepared.Format("060102:1504")
	ref := f.Carrier.Code + f.Number + prepared.Format("0102") + strings.ToUpper(kind[:1])
	sender, receiver := f.Carrier.Code+"APIS", r.Home+"APIS"
	if h.una {
		w.segment("UNA:+.? ")
	}
	w.segment("UNB+UNOA:4+%s+%s+%s+%s++APIS", sender, receiver, stamp, ref)
	if h.group {
		version, release, _ := strings.Cut(h.version, ".")
		w.segment("UNG+PAXLST+%s+%s+%s+%s+UN+%s:%s", sender, receiver, stamp, ref, version, release)
	}
	messages := 0
	for _, l := range lists {
		parts := [][]*Traveller{l.persons}
		if h.parts {
			parts = chunks(l.persons)
		}
		for i, persons := range parts {
			messages++
			part := ""
			if len(parts) > 1 {
				part = fmt.Sprintf("+%s+%02d", ref, i+1)
				switch i {
				case 0:
					part += ":C"
				case len(parts) - 1:
					part += ":F"
				}
			}
			r.message(w, f, l, persons, messages, part)
		}
	}
	if h.group {
		w.segment("UNE+%d+%s", messages, ref)
		messages = 1
	}
	w.segment("UNZ+%d+%s", messages, ref)
	if h.typeB {
		head := fmt.Sprintf("\x01QD %sXAPI\r\n.%sRM%s %s\r\n\x02", f.Arrival().To, f.Legs[0].From, f.Carrier.Code, prepared.Format("021504"))
		return []byte(head + w.String() + "\r\n\x03")
	}
	return w.Bytes()
}

func chunks(persons []*Traveller) [][]*Traveller {
	var out [][]*Traveller
	for len(persons) > partSize {
		out = append(out, persons[:partSize])
		persons = persons[partSize:]
	}
	return append(out, persons)
}

// message writes one message, UNH to UNT.
func (r *Region) message(w *writer, f *Flight, l list, persons []*Traveller, number int, part string) {
	h := f.Carrier.habit
	start := w.n
	ref := fmt.Sprintf("PAX%03d", number)
	version, release, _ := strings.Cut(h.version, ".")
	w.segment("UNH+%s+PAXLST:%s:%s:UN:IATA%s", ref, version, release, part)
	w.segment("BGM+%s", l.document)
	w.segment("NAD+MS+++%s OPERATIONS", strings.ToUpper(f.Carrier.Name))
	w.segment("COM+999 00 000 0200:TE+999 00 000 0201:FX")
	for _, leg := range f.Legs {
		w.segment("TDT+20+%s%s+++%s", f.Carrier.Code, f.Number, f.Carrier.Code)
		from, to := "125", "87"
		if len(f.Legs) > 1 {
			from, to = "92", "92"
		}
		w.segment("LOC+%s+%s", from, leg.From)
		w.segment("DTM+189:%s:201", wall(leg.From, leg.Departs))
		w.segment("LOC+%s+%s", to, leg.To)
		w.segment("DTM+232:%s:201", wall(leg.To, leg.Arrives))
	}
	for _, t := range persons {
		r.person(w, f, t)
	}
	if !h.noCount {
		count := len(l.persons)
		if l.document == "745" {
			count += f.miscount
		}
		w.segment("CNT+%s:%d", l.count, count)
	}
	w.segment("UNT+%d+%s", w.n-start+1, ref)
}

// person writes the segments of one person, in the guide's order.
func (r *Region) person(w *writer, f *Flight, t *Traveller) {
	qualifier := map[string]string{RolePassenger: "FL", RoleCrew: "FM", RoleTransit: "DDU"}[t.Role]
	w.segment("NAD+%s+++%s:%s", qualifier, t.Surname, t.Given)
	if t.Sex != "" {
		w.segment("ATT+2++%s", t.Sex)
	}
	if t.Born != "" {
		w.segment("DTM+329:%s", short(t.Born))
	}
	if t.Bags > 0 {
		w.segment("MEA+CT++:%d", t.Bags)
	}
	w.segment("GEI+4+173")
	w.segment("LOC+22+%s", f.Arrival().To)
	w.segment("LOC+174+%s", t.Residence)
	w.segment("LOC+178+%s", t.Embark)
	w.segment("LOC+179+%s", t.Debark)
	if f.Carrier.habit.version >= "D.12B" && t.BirthPlace != "" {
		w.segment("LOC+180+:::%s %s", strings.ToUpper(strings.ReplaceAll(t.BirthPlace, "'", "")), t.Person.Nationality)
	}
	w.segment("NAT+2+%s", t.Nationality)
	if t.Booking != "" {
		w.segment("RFF+AVF:%s", t.Booking)
	}
	w.segment("RFF+ABO:%s", t.Ref)
	if t.Seat != "" {
		w.segment("RFF+SEA:%s", t.Seat)
	}
	if t.Document != nil {
		w.segment("DOC+%s:110:111+%s", t.Document.Type, t.Document.Number)
		w.segment("DTM+36:%s", short(t.Document.Expires))
		w.segment("LOC+91+%s", t.Document.Issuer)
	}
}

// short writes an ISO date as YYMMDD, as most carriers do.
func short(iso string) string { return strings.ReplaceAll(iso, "-", "")[2:] }

// wall gives the clock on the wall of an airport, as messages carry it.
func wall(airport string, at time.Time) string {
	if a, ok := vocab.Airport(airport); ok {
		if loc, err := a.Location(); err == nil {
			at = at.In(loc)
		}
	}
	return at.Format("0601021504")
}
