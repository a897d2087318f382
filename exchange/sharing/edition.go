package sharing

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"sarhad/record"
	"sarhad/record/access"
	"sarhad/record/oversight"
)

// Field is one value of a record, or one part of its envelope, and what becomes of it.
type Field struct {
	Path  string
	Class record.Class // "" = of the envelope
	Value string       // as the officer sees it here
	Goes  bool
	Why   Reason
}

// FileWord is a file of the record, and what becomes of it.
type FileWord struct {
	ID   record.ID
	Name string
	Type string
	Size int64
	Goes bool
	Why  Reason
}

// Reader is who will be able to read at a node: by the table of rights, for the edition as it will stand there.
type Reader struct {
	Agency string
	Role   string // vocab "roles"
	Place  string // only at this place; "" = throughout the agency
}

// Told is what one recipient would get, and why not more. It is what Preview shows and what Send sends.
type Told struct {
	To        Party
	Agency    string // that would get it; "" when nothing is agreed
	Agreement record.ID
	Legal     Text
	Updates   bool
	Until     time.Time
	Stays     []Reason // why the record does not go at all; empty = it goes
	Notes     []Reason // what holds for who gets it
	Readers   []Reader
	Hub       Reason
	Fields    []Field
	Envelope  []Field
	Files     []FileWord
	Number    int    // of the edition, from 1
	Hash      string // of the edition; "" when nothing goes

	edition *record.Record
	content string // hash of what it says, whichever edition it is
	prior   *Share
	row     *record.Record // of prior
}

// Goes reports whether something goes.
func (t *Told) Goes() bool { return len(t.Stays) == 0 && t.edition != nil }

// view is what one act looks up.
type view struct {
	r        *Room
	tx       record.Tx
	now      time.Time
	indexes  map[record.ID][]*record.Index
	canaries map[record.ID]bool
}

func (r *Room) view(tx record.Tx) *view {
	return &view{r: r, tx: tx, now: r.now(), indexes: map[record.ID][]*record.Index{}}
}

// tell makes the edition of a record for one node, and says why it is as it is. It is the one function that does.
func (v *view) tell(rec *record.Record, node string) (*Told, error) {
	out := &Told{Hub: because(HubNobody, "")}
	p, ok := v.r.party(node)
	out.To = p
	if !ok || p.Hub || node == v.r.Node {
		out.To.Node, out.Stays = node, []Reason{because(NoParty, node)}
		return out, nil
	}
	id, g, over, err := v.agreement(rec.Owner.Agency, rec.Handling.Topic, p)
	if err != nil {
		return nil, err
	}
	if out.row, out.prior, err = v.share(rec.ID, node); err != nil {
		return nil, err
	}
	if out.Stays, err = v.refusals(rec, p, g, out.prior); err != nil {
		return nil, err
	}
	switch {
	case g == nil && over:
		out.Stays = append(out.Stays, because(AgreementOver, ""))
	case g == nil:
		out.Stays = append(out.Stays, because(NoAgreement, ""))
	}
	if g == nil {
		g = &Agreement{} // every field stays, and the screen says why
	} else {
		out.Agency, out.Agreement, out.Legal, out.Updates, out.Until = g.To, id, g.Legal, g.Updates, g.Until
	}
	minor, err := v.minor(rec)
	if err != nil {
		return nil, err
	}
	if err := v.cut(rec, g, minor, out); err != nil {
		return nil, err
	}
	out.Notes = notes(rec.Handling)
	return out, nil
}

// refusals are the rules about a record as a whole.
func (v *view) refusals(rec *record.Record, p Party, g *Agreement, prior *Share) (out []Reason, err error) {
	add := func(when bool, code, ref string) {
		if when {
			out = append(out, because(code, ref))
		}
	}
	h := rec.Handling
	_, house := rec.Body.(record.HouseBody)
	add(house || access.House(h.Topic) || strings.HasPrefix(rec.Kind, "record."), HouseOnly, "")
	foreign := rec.Writer != v.r.Node
	add(foreign && slices.Contains(h.Codes, "H2"), OwnersWord, rec.Owner.Agency)
	add(foreign, Foreign, rec.Writer)
	add(h.TLP == "red", TooRed, "")
	add(h.TLP == "amber+strict", TooStrict, "")
	add(h.Case != "", Compartment, "")
	level, ok := record.MarkingLevel(h.Marking)
	most := record.MaxMarking
	if g != nil && g.Marking != "" {
		most = g.Marking
	}
	highest, _ := record.MarkingLevel(most)
	add(!ok || level > highest, TooHigh, h.Marking)
	add(len(h.Releasable) > 0 && !slices.ContainsFunc(h.Releasable, func(to string) bool { return to == p.Node || lives(p, to) }), NotReleased, p.Node)
	add(rec.Masked != nil, IsMasked, "")
	if v.canaries == nil {
		if v.canaries, err = oversight.Canaries(v.tx); err != nil {
			return nil, err
		}
	}
	add(v.canaries[rec.ID] || !rec.Expires.IsZero() && !v.now.Before(rec.Expires), NotOpen, "") // one word for both: who asks learns nothing of the first
	flight, err := v.refuge(rec)
	add(flight.from(p.Country, v.r.Country), Refuge, p.Country)
	add(prior != nil && prior.Asked != nil, GoneThere, "")
	return out, err
}

func notes(h record.Handling) (out []Reason) {
	add := func(when bool, code, ref string) {
		if when {
			out = append(out, because(code, ref))
		}
	}
	add(true, OnwardNot, "")
	add(slices.Contains(h.Codes, "H1"), CourtNot, "")
	add(slices.Contains(h.Codes, "H3"), FurtherWord, "")
	add(h.TLP == "amber", WithinOnly, "")
	return out
}

// word says whether a field of a body goes.
func word(g *Agreement, kind string, minor bool, path string, class record.Class) (bool, Reason) {
	rule, name := g.rule(kind), placeless(path)
	switch {
	case !class.Known():
		return false, because(Unclassed, "")
	case class == record.Home:
		return false, because(StaysHome, "")
	case class == record.Source:
		return false, because(StaysSource, "")
	case minor && (class == record.Identity || class == record.FreeText):
		return false, because(StaysMinor, "")
	case !slices.Contains(g.Classes, class):
		return false, because(NotAgreed, string(class))
	case covers(rule.Except, name):
		return false, because(Excluded, "")
	case len(rule.Only) > 0 && !covers(rule.Only, name):
		return false, because(NotListed, "")
	}
	return true, because(Goes, "")
}

// cut makes the edition: what of the body, of the envelope and of the files goes.
func (v *view) cut(rec *record.Record, g *Agreement, minor bool, out *Told) error {
	ed := &record.Record{ID: rec.ID, Kind: rec.Kind, Version: rec.Version, Writer: v.r.Node, Owner: record.Owner{Agency: rec.Owner.Agency},
		Grading: rec.Grading, Occurred: rec.Occurred, Created: rec.Created, Expires: rec.Expires, Edition: &record.Edition{Of: rec.Revision.Number}}
	ed.Handling = record.Handling{Marking: rec.Handling.Marking, TLP: rec.Handling.TLP, Topic: rec.Handling.Topic, Place: rec.Handling.Place,
		Releasable: []string{g.To}, Codes: slices.Clone(rec.Handling.Codes)}
	ed.Basis = record.Basis{Legal: g.Legal.En}
	some, err := cutBody(rec, g, minor, ed, out)
	if err != nil {
		return err
	}
	if err := v.cutEnvelope(rec, ed, out); err != nil {
		return err
	}
	v.cutFiles(rec, g, minor, out)
	if !some && len(out.Stays) == 0 {
		out.Stays = append(out.Stays, because(Nothing, ""))
	}
	if n := len(ed.Raw); n > MaxEdition { // its envelope is small
		out.Stays = append(out.Stays, because(TooLarge, strconv.Itoa(n)))
	}
	if len(out.Stays) > 0 {
		out.stay()
		return nil
	}
	ed.Revision = record.Revision{Number: 1}
	plain := *ed
	plain.Revision, plain.Edition = record.Revision{}, nil
	out.content = plain.Hash()
	if out.prior != nil && out.prior.Number > 0 {
		ed.Revision = record.Revision{Number: out.prior.Number + 1, Former: out.prior.Hash}
	}
	out.edition, out.Number, out.Hash = ed, ed.Revision.Number, ed.Hash()
	out.Readers = readers(ed, out.To)
	return nil
}

// stay says of everything that it stays, because the record does.
func (t *Told) stay() {
	why := t.Stays[0]
	for _, list := range [][]Field{t.Fields, t.Envelope} {
		for i := range list {
			if list[i].Goes {
				list[i].Goes, list[i].Why = false, why
			}
		}
	}
	for i := range t.Files {
		if t.Files[i].Goes {
			t.Files[i].Goes, t.Files[i].Why = false, why
		}
	}
}

// cutBody takes out of the body what stays, and reports whether something goes.
func cutBody(rec *record.Record, g *Agreement, minor bool, ed *record.Record, out *Told) (some bool, err error) {
	if rec.Body == nil {
		rule := g.rule(rec.Kind)
		whole := slices.Contains(g.Classes, record.Strictest) && len(rule.Only)+len(rule.Except) == 0 && !minor
		f := Field{Path: "", Class: record.Strictest, Value: fmt.Sprintf("%s@%d, %d bytes", rec.Kind, rec.Version, len(rec.Raw)), Goes: whole, Why: because(GoesWhole, "")}
		if !whole {
			f.Why = because(Unknown, "")
			out.Stays = append(out.Stays, f.Why)
		}
		out.Fields, ed.Raw = []Field{f}, slices.Clone(rec.Raw)
		return whole, nil
	}
	body := reflect.New(reflect.TypeOf(rec.Body).Elem()).Interface().(record.Body) // bodies are pointers to structs
	b, err := json.Marshal(rec.Body)
	if err == nil {
		err = json.Unmarshal(b, body)
	}
	if err != nil {
		return false, fmt.Errorf("copy of a %s: %w", rec.Kind, err)
	}
	err = record.RedactFields(body, func(f record.Field) bool {
		goes, why := word(g, rec.Kind, minor, f.Path, f.Class)
		out.Fields = append(out.Fields, Field{f.Path, f.Class, valueOf(f.Value), goes, why})
		some = some || goes
		return !goes
	})
	if err != nil {
		return false, err
	}
	ed.Kind, ed.Version = body.Kind(), body.Version()
	ed.Raw, err = json.Marshal(body)
	return some, err
}

// valueOf is a value as people read it.
func valueOf(v reflect.Value) string {
	switch x := v.Interface().(type) {
	case time.Time:
		return x.UTC().Format(time.RFC3339)
	case record.ID:
		return x.String()
	}
	return fmt.Sprint(v.Interface())
}

// cutEnvelope takes out of the envelope what stays. Of the parents those go that the recipient has: by them it erases what lies
// under another record with it.
func (v *view) cutEnvelope(rec, ed *record.Record, out *Told) error {
	add := func(path, value string, goes bool, code, ref string) {
		if value != "" {
			out.Envelope = append(out.Envelope, Field{Path: path, Value: value, Goes: goes, Why: because(code, ref)})
		}
	}
	h, o := rec.Handling, rec.Origin
	add("owner.agency", rec.Owner.Agency, true, GoesAlways, "")
	add("owner.officer", rec.Owner.Officer, false, StaysStaff, "")
	add("handling.marking", h.Marking, true, GoesAlways, "")
	add("handling.tlp", h.TLP, true, GoesAlways, "")
	add("handling.topic", h.Topic, true, GoesAlways, "")
	add("handling.place", h.Place, true, GoesAlways, "")
	add("handling.codes", strings.Join(h.Codes, " "), true, GoesAlways, "")
	add("handling.releasable", strings.Join(ed.Handling.Releasable, " "), true, Replaced, out.Agency)
	add("grading", strings.TrimSpace(rec.Grading.Scheme+" "+rec.Grading.Source+rec.Grading.Information), true, GoesAlways, "")
	add("basis.legal", ed.Basis.Legal, true, Replaced, ed.Basis.Legal)
	add("basis.purpose", rec.Basis.Purpose, false, StaysSource, "")
	add("basis.case", rec.Basis.Case, false, StaysSource, "")
	add("origin.message", o.Message, false, StaysSource, "")
	add("origin.form", o.Form, false, StaysSource, "")
	add("origin.file", o.File, false, StaysSource, "")
	add("origin.hash", o.Hash, false, StaysSource, "")
	add("key", rec.Key, false, StaysSource, "")
	add("occurred", moment(rec.Occurred), true, GoesAlways, "")
	add("created", moment(rec.Created), true, GoesAlways, "")
	add("expires", moment(rec.Expires), true, GoesAlways, "")
	for _, parent := range o.Parents {
		_, s, err := v.share(parent, out.To.Node)
		if err != nil {
			return err
		}
		if has := s != nil && s.Asked == nil; has {
			ed.Origin.Parents = append(ed.Origin.Parents, parent)
			add("origin.parents", parent.String(), true, GoesAlways, "")
		} else {
			add("origin.parents", parent.String(), false, NotShared, "")
		}
	}
	return nil
}

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// cutFiles says which files go. Anything may be in a file, so it is as strict as free text.
func (v *view) cutFiles(rec *record.Record, g *Agreement, minor bool, out *Told) {
	for _, f := range rec.Attachments {
		goes, why := word(g, rec.Kind, minor, "attachments", record.FreeText)
		if goes && v.r.SendFile == nil {
			goes, why = false, because(NoWay, "")
		}
		out.Files = append(out.Files, FileWord{f.ID, f.Name, f.Type, f.Size, goes, why})
	}
}

// readers asks the table of rights who will read the edition at its node.
func readers(ed *record.Record, p Party) (out []Reader) {
	scope := ed.Scope()
	seen := map[string]bool{}
	for _, agency := range p.Agencies {
		for _, rule := range access.Rules() {
			key := agency + " " + rule.Role
			if seen[key] {
				continue
			}
			anywhere := record.Actor{User: "reader", Agency: agency, Roles: []string{rule.Role}}
			there := anywhere
			there.Place = ed.Handling.Place
			switch {
			case access.Allow(anywhere, access.Read, scope):
				seen[key], out = true, append(out, Reader{agency, rule.Role, ""})
			case access.Allow(there, access.Read, scope):
				seen[key], out = true, append(out, Reader{agency, rule.Role, there.Place})
			}
		}
	}
	return out
}
