package passenger

import (
	"strings"
	"time"

	"sarhad/format/paxlst"
	"sarhad/record"
	"sarhad/record/vocab"
)

// KindVoyage is the kind of a voyage record.
const KindVoyage = "passenger.voyage"

// Topic of what carriers send.
const Topic = "passenger"

// States of a voyage.
const (
	Expected  = "expected"
	ClosedOut = "closed" // the carrier closed the flight: who is on board is final
	Cancelled = "cancelled"
)

// Voyage is one leg. Times are UTC; the wall times at the airports stand beside them. Where the carrier sent a day without
// an hour the wall time is that day, and the moment its beginning (departure) or its end (arrival). Version 1.
type Voyage struct {
	Carrier      string    `json:"carrier,omitempty" class:"plain"` // airline designator
	Number       string    `json:"number,omitempty" class:"plain"`
	From         string    `json:"from,omitempty" class:"plain"` // IATA
	To           string    `json:"to,omitempty" class:"plain"`
	Departs      time.Time `json:"departs,omitzero" class:"plain"`
	Arrives      time.Time `json:"arrives,omitzero" class:"plain"`
	DepartsLocal string    `json:"departs_local,omitempty" class:"plain"` // "2026-11-22T21:40", or "2026-11-22" when no hour was sent
	ArrivesLocal string    `json:"arrives_local,omitempty" class:"plain"`
	ZoneAssumed  bool      `json:"zone_assumed,omitempty" class:"plain"` // an airport's zone is not known, UTC was taken
	State        string    `json:"state" class:"plain"`

	Passengers int       `json:"passengers" class:"plain"` // journeys stored for this voyage, without crew
	Crew       int       `json:"crew" class:"plain"`
	Sources    []Source  `json:"sources,omitempty" class:"plain"`
	Problems   []Problem `json:"problems,omitempty" class:"plain"`
	Raw        []string  `json:"raw,omitempty" class:"text"` // header segments of the newest message
}

// Source is one message that spoke of the voyage.
type Source struct {
	Key       string    `json:"key"` // of the message, told by its segments: the same message in another file is the same
	File      string    `json:"file" class:"source"`
	Hash      string    `json:"hash"` // SHA-256 of the file
	Ref       string    `json:"ref,omitempty"`
	Reference string    `json:"reference,omitempty"` // RFF+TN, with its revision
	Sender    string    `json:"sender,omitempty" class:"source"`
	Party     string    `json:"party,omitempty" class:"source"`    // who reports (NAD+MS)
	Prepared  string    `json:"prepared,omitempty"`                // as the sender wrote it, "2026-11-22T05:40"
	Contacts  []Contact `json:"contacts,omitempty" class:"source"` // of who reports
	Part      int       `json:"part,omitempty"`                    // of a list in parts
	Version   string    `json:"version,omitempty"`                 // "D.15B"
	Document  string    `json:"document,omitempty"`                // BGM 1001
	Function  string    `json:"function,omitempty"`
	Persons   int       `json:"persons"`
	Announced *int      `json:"announced,omitempty"` // control total, when sent
	Charset   string    `json:"charset,omitempty"`
	Dropped   int       `json:"dropped,omitempty"` // segments whose text may be protected and was not kept
	Received  time.Time `json:"received"`
}

// Problem is something odd in a message, without a word about a person.
type Problem struct {
	Segment int    `json:"segment"`
	Code    string `json:"code"`
	Text    string `json:"text"`
}

// Label is how people name the flight, "ZZ 204".
func (v *Voyage) Label() string { return strings.TrimSpace(v.Carrier + " " + v.Number) }

// Key names the voyage for all messages that speak of it: flight, local day of departure (of arrival when that is all
// that is known), route. "" when neither flight nor place is known.
func (v *Voyage) Key() string {
	if v.Carrier+v.Number+v.From+v.To == "" {
		return ""
	}
	day := v.DepartsLocal
	if day == "" {
		day = v.ArrivesLocal
	}
	return v.Carrier + strings.TrimLeft(v.Number, "0") + "/" + dayOf(day) + "/" + v.From + "-" + v.To
}

// Kind implements record.Body.
func (*Voyage) Kind() string { return KindVoyage }

// Version implements record.Body.
func (*Voyage) Version() int { return 1 }

// Validate implements record.Body. A voyage may lack anything a carrier forgot.
func (v *Voyage) Validate() error {
	if v.State == "" {
		return record.Errorf(record.Invalid, "voyage %s has no state", v.Key())
	}
	return nil
}

// Index implements record.Body.
func (v *Voyage) Index(ix *record.Index) {
	ix.Title = strings.TrimSpace(v.Label() + "  " + v.From + "-" + v.To)
	if v.Key() == "" {
		ix.Title = "?" // a list without a flight
	}
	ix.State = v.State
	self := ix.Mention(record.ThingVoyage, v.Key(), "voyage", v.Label())
	from := ix.Mention(record.ThingPlace, placeKey(v.From), "from", v.From)
	to := ix.Mention(record.ThingPlace, placeKey(v.To), "to", v.To)
	ix.Link(self, from, "leaves", v.Departs)
	ix.Link(self, to, "reaches", v.Arrives)
	ix.Events = append(ix.Events, legEvents(v.From, v.To, v.Departs, v.Arrives)...)
	route := []record.Dim{{Name: "carrier", Value: carrierWord(v.Carrier)}, {Name: "from", Value: placeWord(v.From)}, {Name: "to", Value: placeWord(v.To)}}
	ix.Measures = append(ix.Measures,
		record.Measure{Name: "voyages", Value: 1, Unit: "1", At: v.Arrives, Dims: route},
		record.Measure{Name: "persons announced", Value: float64(v.Passengers + v.Crew), Unit: "1", At: v.Arrives, Dims: route})
	ix.Text(v.Label(), v.Carrier+v.Number, v.From, v.To)
	for _, code := range []string{v.From, v.To} {
		if a, ok := vocab.Airport(code); ok {
			ix.Text(a.City("en"), a.City("ru"))
		}
	}
}

func legEvents(from, to string, departs, arrives time.Time) []record.Event {
	var out []record.Event
	for _, e := range []record.Event{{Kind: record.EventDeparture, At: departs, Place: from}, {Kind: record.EventArrival, At: arrives, Place: to}} {
		if e.At.IsZero() && e.Place == "" {
			continue
		}
		if a, ok := vocab.Airport(e.Place); ok {
			e.Lat, e.Lon, e.Located = a.Lat, a.Lon, true
		}
		e.Place = placeWord(e.Place)
		out = append(out, e)
	}
	return out
}

// voyageOf reads a leg of a message.
func voyageOf(l paxlst.Voyage) *Voyage {
	v := &Voyage{Carrier: l.Carrier, Number: l.Number, From: l.From, To: l.To, DepartsLocal: l.Departs, ArrivesLocal: l.Arrives, State: Expected}
	var known, knownToo bool
	v.Departs, known = moment(l.Departs, l.DepartsZone, l.From, dayBegins)
	v.Arrives, knownToo = moment(l.Arrives, l.ArrivesZone, l.To, dayEnds)
	v.Departs, v.Arrives = inOrder(v.Departs, v.Arrives, v.DepartsLocal, v.ArrivesLocal, v.To)
	v.ZoneAssumed = !known || !knownToo
	return v
}

// merge takes what a message says of the leg; what it does not say stays, and an older message only fills gaps.
func (v *Voyage) merge(n *Voyage, newer bool) {
	if replaces(v.DepartsLocal, n.DepartsLocal, newer) {
		v.Departs, v.DepartsLocal = n.Departs, n.DepartsLocal
	}
	if replaces(v.ArrivesLocal, n.ArrivesLocal, newer) {
		v.Arrives, v.ArrivesLocal = n.Arrives, n.ArrivesLocal
	}
	v.Departs, v.Arrives = inOrder(v.Departs, v.Arrives, v.DepartsLocal, v.ArrivesLocal, v.To)
	v.ZoneAssumed = n.ZoneAssumed
}

// advance moves the voyage on as a message tells it; a closed flight does not open again.
func (v *Voyage) advance(function string) {
	switch function {
	case "CL", "CLOB", "CLNB":
		v.State = ClosedOut
	case "CF":
		v.State = Cancelled
	}
}

// heard adds a source and its problems, unless the same message was heard before. newer tells whether no message heard
// before was prepared later.
func (v *Voyage) heard(s Source, problems []Problem, raw []string) (fresh, newer bool) {
	newer = true
	for _, o := range v.Sources {
		if o.Key == s.Key {
			return false, false
		}
		newer = newer && s.Prepared >= o.Prepared
	}
	v.Sources = append(v.Sources, s)
	v.Problems = append(v.Problems, problems...)
	if len(v.Problems) > maxProblems {
		v.Problems = v.Problems[len(v.Problems)-maxProblems:]
	}
	if len(raw) > 0 && newer || v.Raw == nil {
		v.Raw = raw
	}
	return true, newer
}

// maxProblems bounds what a voyage remembers of odd messages.
const maxProblems = 200
