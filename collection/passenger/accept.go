package passenger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"sarhad/format/paxlst"
	"sarhad/record"
)

// BatchPersons is how many persons one act stores: far below 50 ms on the slowest disk measured.
const BatchPersons = 40

// DefaultMarking of what carriers send.
const DefaultMarking = record.MaxMarking

// Room takes messages in. All fields are required.
type Room struct {
	Store  record.Store
	Node   string
	Agency string
	Now    func() time.Time
}

// Bodies lists the bodies of this room for record.NewTypes.
func Bodies() []func() record.Body {
	return []func() record.Body{
		func() record.Body { return &Voyage{} },
		func() record.Body { return &Journey{} },
	}
}

// File names the file a message came in.
type File struct {
	Name string
	Hash string // SHA-256, hexadecimal
}

// Receipt is what became of one message. Accepted = New + Revised + Unchanged.
type Receipt struct {
	Voyages   []record.ID `json:"voyages"`
	Accepted  int         `json:"accepted"`
	New       int         `json:"new"`
	Revised   int         `json:"revised"`
	Unchanged int         `json:"unchanged"`
	Problems  []Problem   `json:"problems"`
}

// Accept takes one message in. It returns when everything is stored; an error leaves what was stored, and the same message
// again completes it. The receipt counts what was stored, also beside an error.
func (r *Room) Accept(ctx context.Context, file File, m paxlst.Message) (receipt Receipt, err error) {
	defer record.Wrap(&err, "passenger.Accept(%s)", m.Header.Ref)
	in := &intake{room: r, file: file, msg: m, key: messageKey(m), receipt: Receipt{Problems: problemsOf(m.Problems)}}
	for _, leg := range m.Voyages {
		in.voyages = append(in.voyages, voyageOf(leg))
	}
	if len(in.voyages) == 0 { // a list without a flight: its persons are kept all the same
		in.voyages = append(in.voyages, &Voyage{State: Expected})
	}
	in.read()
	if err := r.Store.Bulk(ctx, in.openVoyages); err != nil {
		return in.receipt, err
	}
	have, err := in.stored(ctx)
	if err != nil {
		return in.receipt, err
	}
	in.name(have)
	for start := 0; start < len(in.journeys); start += BatchPersons {
		end := min(start+BatchPersons, len(in.journeys))
		if err := r.Store.Bulk(ctx, func(tx record.Tx) error { return in.storeBatch(tx, start, end) }); err != nil {
			return in.receipt, err
		}
		in.add()
	}
	return in.receipt, r.Store.Bulk(ctx, in.closeVoyages)
}

// intake is one message on its way in.
type intake struct {
	room     *Room
	file     File
	msg      paxlst.Message
	key      string // messageKey
	voyages  []*Voyage
	ids      []record.ID // of voyages
	journeys []*Journey
	keys     []string  // of journeys' records
	fresh    []bool    // no stored journey was found: the key is new
	problems []Problem // of the message, not of one person
	receipt  Receipt
	batch    Receipt // of the act that runs; it may run twice
	touched  []record.ID
}

// read makes journeys of the persons.
func (in *intake) read() {
	state, h := in.state(), in.msg.Header
	told := Told{Message: in.key, List: listKey(h), Part: h.Part, Function: h.Function}
	for _, t := range in.msg.Travellers {
		j := journeyOf(t, in.voyages, state)
		told.Mark = hash(t.Details.Segments...)
		j.AsOf, j.Heard = h.Prepared, []Told{told}
		in.journeys = append(in.journeys, j)
	}
	in.problems = sortProblems(in.msg, in.journeys)
	for _, j := range in.journeys {
		j.doubt()
	}
}

// name finds the stored journey of each person, or makes a key for a new one.
func (in *intake) name(have []*stored) {
	in.keys = find(in.journeys, have)
	in.fresh = make([]bool, len(in.keys))
	taken := make(map[string]bool, len(have)+len(in.keys))
	for _, s := range have {
		taken[s.key] = true
	}
	for i, j := range in.journeys {
		if in.keys[i] == "" {
			in.keys[i] = newKey(in.firstVoyage(j), j, func(k string) bool { return taken[k] })
			in.fresh[i], taken[in.keys[i]] = true, true
		}
	}
}

// firstVoyage is the key of the voyage record a journey begins with.
func (in *intake) firstVoyage(j *Journey) string {
	if len(j.Legs) > 0 {
		return j.Legs[0].Key
	}
	return in.voyageKey(in.voyages[0])
}

// voyageKey is the key of a voyage's record: a voyage nothing is known of is one for each message.
func (in *intake) voyageKey(v *Voyage) string {
	if k := v.Key(); k != "" {
		return k
	}
	return "?/" + in.key
}

func (in *intake) envelope(kind, key string, parents []record.ID) *record.Record {
	return &record.Record{
		Kind: kind, Version: 1, Key: key, Writer: in.room.Node, Owner: record.Owner{Agency: in.room.Agency},
		Handling: record.Handling{Marking: DefaultMarking, Topic: Topic},
		Basis:    record.Basis{Purpose: "advance passenger information"},
		Origin:   record.Origin{Message: in.msg.Header.Ref, File: in.file.Name, Hash: in.file.Hash, Parents: parents},
	}
}

// audit says what an act wrote, if anything.
func (in *intake) audit(tx record.Tx) error {
	if len(in.touched) == 0 {
		return nil
	}
	all := make([]string, len(in.touched))
	for i, id := range in.touched {
		all[i] = id.String()
	}
	slices.Sort(all)
	sum := sha256.Sum256([]byte(strings.Join(all, "\n")))
	return tx.Audit(record.Act{Action: "import", Topic: Topic, Count: len(all), IDs: hex.EncodeToString(sum[:])})
}

// put writes a record and remembers it for the audit.
func (in *intake) put(tx record.Tx, rec *record.Record) error {
	if err := tx.Put(rec); err != nil {
		return err
	}
	in.touched = append(in.touched, rec.ID)
	return nil
}

// openVoyages finds or makes the voyages, so that journeys have parents.
func (in *intake) openVoyages(tx record.Tx) error {
	in.ids, in.receipt.Voyages, in.touched = nil, nil, nil
	for _, v := range in.voyages {
		key := in.voyageKey(v)
		rec, err := tx.ByKey(KindVoyage, key)
		if record.KindOf(err) == record.NotFound {
			rec = in.envelope(KindVoyage, key, nil)
			rec.Body, rec.Occurred = v, occurred(v)
			if err := in.put(tx, rec); err != nil {
				return err
			}
		} else if err != nil {
			return err
		}
		in.ids = append(in.ids, rec.ID)
	}
	in.receipt.Voyages = slices.Clone(in.ids)
	return in.audit(tx)
}

func occurred(v *Voyage) time.Time {
	if !v.Arrives.IsZero() {
		return v.Arrives
	}
	return v.Departs
}

// pageSize is how many stored journeys are read at once for comparing.
const pageSize = 250

// stored reads the journeys of the message's voyages.
func (in *intake) stored(ctx context.Context) ([]*stored, error) {
	var out []*stored
	seen := map[record.ID]bool{}
	for _, id := range in.ids {
		q := record.Query{Kinds: []string{KindJourney}, Parent: id, Full: true, Oldest: true, Limit: pageSize}
		for more := true; more; more = q.Cursor != "" {
			var page record.Page
			err := in.room.Store.View(ctx, func(tx record.Tx) (err error) {
				page, err = tx.List(q)
				return err
			})
			if err != nil {
				return nil, err
			}
			for _, row := range page.Rows {
				if row.Record == nil || seen[row.ID] || row.Record.Writer != in.room.Node { // what another node writes is not ours to revise
					continue
				}
				seen[row.ID] = true
				if body, ok := row.Record.Body.(*Journey); ok { // one of a newer program is left alone
					out = append(out, &stored{key: row.Key, body: body})
				}
			}
			q.Cursor = page.Next
		}
	}
	return out, nil
}

// state is what the message's function says of its persons (BGM 1004 of interactive API, BGM 1225).
func (in *intake) state() string {
	switch in.msg.Header.Function {
	case "CLOB", "CL":
		return OnBoard
	case "CLNB":
		return NotOnBoard
	case "XR", "CF":
		return Cancelled
	}
	if in.msg.Header.Purpose == "1" {
		return Cancelled
	}
	return Expected
}

func (in *intake) storeBatch(tx record.Tx, start, end int) error {
	in.batch, in.touched = Receipt{}, nil
	for i := start; i < end; i++ {
		if err := in.storeOne(tx, i); err != nil {
			return err
		}
	}
	return in.audit(tx)
}

// storeOne stores one person. A key that was new and is taken now was taken by another import since: by the same message,
// then the person is stored already; else the person gets the next ordinal.
func (in *intake) storeOne(tx record.Tx, i int) error {
	j, key := in.journeys[i], in.keys[i]
	rec, err := tx.ByKey(KindJourney, key)
	for n := 0; in.fresh[i] && err == nil && !toldBy(rec, in.key); n++ {
		tries := 0
		key = newKey(in.firstVoyage(j), j, func(k string) bool { tries++; return tries <= n+1 || slices.Contains(in.keys, k) })
		rec, err = tx.ByKey(KindJourney, key)
	}
	in.batch.Accepted++
	switch {
	case record.KindOf(err) == record.NotFound:
		in.batch.New++
		rec = in.envelope(KindJourney, key, in.parents(j))
		rec.Body, rec.Occurred = j, j.ends()
		return in.put(tx, rec)
	case err != nil:
		return err
	}
	old, ok := rec.Body.(*Journey)
	if !ok || !old.add(j) {
		in.batch.Unchanged++
		return nil
	}
	in.batch.Revised++
	parents := rec.Origin.Parents
	for _, p := range in.parents(j) {
		if !slices.Contains(parents, p) {
			parents = append(parents, p)
		}
	}
	rec.Origin, rec.Raw, rec.Occurred = in.envelope(KindJourney, key, parents).Origin, nil, old.ends()
	return in.put(tx, rec)
}

// toldBy tells whether a stored journey was told by a message.
func toldBy(rec *record.Record, message string) bool {
	j, ok := rec.Body.(*Journey)
	return ok && slices.ContainsFunc(j.Heard, func(t Told) bool { return t.Message == message })
}

// parents are the voyages the person is on; the first one for who is on none.
func (in *intake) parents(j *Journey) []record.ID {
	var out []record.ID
	for i, v := range in.voyages {
		if slices.ContainsFunc(j.Legs, func(l Leg) bool { return l.Key == v.Key() }) && !slices.Contains(out, in.ids[i]) {
			out = append(out, in.ids[i])
		}
	}
	if len(out) == 0 {
		out = in.ids[:1:1]
	}
	return out
}

func (in *intake) add() {
	r, b := &in.receipt, in.batch
	r.Accepted += b.Accepted
	r.New += b.New
	r.Revised += b.Revised
	r.Unchanged += b.Unchanged
}

// source is what the voyages remember of the message.
func (in *intake) source() Source {
	h := in.msg.Header
	s := Source{Key: in.key, File: in.file.Name, Hash: in.file.Hash, Ref: h.Ref, Reference: strings.TrimSuffix(h.Reference+"."+h.Revision, "."),
		Sender: h.Sender, Party: h.Party, Prepared: h.Prepared, Part: h.Part, Version: in.msg.Version, Document: h.Document,
		Function: h.Function, Persons: len(in.msg.Travellers), Announced: announced(h), Charset: h.Charset, Dropped: h.Dropped,
		Received: in.room.Now().UTC().Truncate(time.Millisecond)}
	for _, c := range h.Contacts {
		s.Contacts = append(s.Contacts, Contact{c.Kind, c.Value})
	}
	return s
}

// closeVoyages writes down what was heard and how many are on board now.
func (in *intake) closeVoyages(tx record.Tx) error {
	in.touched = nil
	source := in.source()
	for i, fresh := range in.voyages {
		rec, err := tx.Get(in.ids[i])
		if err != nil {
			return err
		}
		v, ok := rec.Body.(*Voyage)
		if !ok {
			continue // of a newer program: left alone
		}
		heard, newer := v.heard(source, in.problems, in.msg.Header.Segments)
		if !heard {
			continue
		}
		v.merge(fresh, newer)
		v.advance(in.msg.Header.Function)
		v.doubt()
		if err := v.count(tx, rec.ID); err != nil {
			return err
		}
		rec.Raw, rec.Occurred = nil, occurred(v)
		if err := in.put(tx, rec); err != nil {
			return err
		}
	}
	return in.audit(tx)
}

func announced(h paxlst.Header) *int {
	switch {
	case h.Passengers != nil && h.Crew != nil:
		sum := *h.Passengers + *h.Crew
		return &sum
	case h.Passengers != nil:
		return h.Passengers
	}
	return h.Crew
}

// maxOnBoard bounds a count: the largest airliner carries 850.
const maxOnBoard = 5000

// count asks the store who is on the voyage now.
func (v *Voyage) count(tx record.Reader, id record.ID) error {
	all, err := tx.Count(record.Query{Kinds: []string{KindJourney}, Parent: id}, maxOnBoard)
	if err != nil || v.Key() == "" { // a voyage nothing is known of is no thing to ask for
		v.Passengers = all
		return err
	}
	thing := record.Thing{Type: record.ThingVoyage, Key: v.Key()}
	v.Crew, err = tx.Count(record.Query{Kinds: []string{KindJourney}, Thing: thing, Role: record.RoleCrew}, maxOnBoard)
	v.Passengers = all - v.Crew
	return err
}
