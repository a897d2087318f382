package export

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"sarhad/engine/match"
	"sarhad/record"
	"sarhad/record/access"
	"sarhad/store/sqlite"
	"sarhad/store/storetest"
)

// paper is a body with a field of every class.
type paper struct {
	Subject string   `json:"subject" class:"plain"`
	Names   []string `json:"names" class:"identity"`
	Reason  string   `json:"reason,omitempty" class:"sensitive"`
	Teller  string   `json:"teller,omitempty" class:"source"`
	Remarks string   `json:"remarks,omitempty" class:"text"`
	Number  string   `json:"number,omitempty" class:"home"`
}

func (*paper) Kind() string    { return "test.paper" }
func (*paper) Version() int    { return 1 }
func (*paper) Validate() error { return nil }
func (p *paper) Index(ix *record.Index) {
	ix.Title = strings.Join(p.Names, " ")
}

type scene struct {
	*testing.T
	room  *Room
	store *sqlite.Store
	clock *storetest.Clock
	ids   []record.ID
}

func machine() context.Context {
	return record.WithActor(context.Background(), record.Machine("test", "PIU"))
}

func as(role, user, agency string) context.Context {
	return record.WithActor(context.Background(), record.Actor{User: user, Display: strings.ToUpper(user), Agency: agency, Roles: []string{role},
		Purpose: record.Purpose{Kind: "duty", Text: "duty of the post"}})
}

func officer() context.Context { return as("analyst", "anna", "PIU") }
func chief() context.Context   { return as("supervisor", "boss", "PIU") }

func newScene(t *testing.T, papers int) *scene {
	t.Helper()
	s := &scene{T: t, clock: storetest.NewClock()}
	var err error
	s.store, err = sqlite.Open(context.Background(), sqlite.Config{Dir: t.TempDir(), Fold: match.Fold, Now: s.clock.Now, Node: "node-a",
		Types: record.NewTypes(append(Bodies(), func() record.Body { return &paper{} })...),
		Allow: func(a record.Actor, sc record.Scope) bool { return access.Allow(a, access.Read, sc) }})
	s.ok(err)
	t.Cleanup(func() { s.ok(s.store.Close()) })
	s.room = &Room{Store: s.store, Node: "node-a", Now: s.clock.Now}
	s.ok(s.store.Update(machine(), func(tx record.Tx) error {
		s.ids = nil
		for i := range papers {
			r := s.paper(fmt.Sprint("paper ", i), access.Passenger, "PIU")
			if err := tx.Put(r); err != nil {
				return err
			}
			s.ids = append(s.ids, r.ID)
		}
		return tx.Audit(record.Act{Action: "create"})
	}))
	return s
}

func (s *scene) paper(subject, topic, agency string) *record.Record {
	return &record.Record{Kind: "test.paper", Version: 1, Writer: "node-a", Owner: record.Owner{Agency: agency},
		Handling: record.Handling{Marking: "official", Topic: topic},
		Body:     &paper{Subject: subject, Names: []string{"TESTOV Askar", "Тестов Аскар"}, Reason: "=cmd", Teller: "a friend", Remarks: "long story", Number: "720907300012"}}
}

func (s *scene) put(r *record.Record) record.ID {
	s.Helper()
	s.ok(s.store.Update(machine(), func(tx record.Tx) error {
		return errors.Join(tx.Put(r), tx.Audit(record.Act{Action: "create"}))
	}))
	return r.ID
}

func (s *scene) ok(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *scene) is(err error, kind record.ErrorKind) {
	s.Helper()
	if record.KindOf(err) != kind {
		s.Fatalf("want %s, got %v", kind, err)
	}
}

func (s *scene) wish(codes ...string) Wish {
	w := Wish{Form: CSV, Lang: "en", View: "records", IDs: s.ids}
	for _, c := range codes {
		w.Columns = append(w.Columns, Column{Code: c})
	}
	return w
}

func plainly(sh Sheet) ([]byte, error) {
	var b strings.Builder
	fmt.Fprintln(&b, sh.Number, sh.Copy, sh.At, sh.Marking, sh.Asked.Display)
	for _, row := range sh.Cells {
		fmt.Fprintln(&b, strings.Join(row, "|"))
	}
	return []byte(b.String()), nil
}

// acts gives the actions of the log, oldest first.
func (s *scene) acts() []string {
	s.Helper()
	rows, err := s.store.AuditRows(machine(), 0, 1000)
	s.ok(err)
	var out []string
	for _, r := range rows {
		out = append(out, r.Action)
	}
	return out
}

// TestAlone proves that a small list without strict columns goes out by the officer alone, with number, hash and act.
func TestAlone(t *testing.T) {
	s := newScene(t, 3)
	e, err := s.room.Ask(officer(), s.wish(ColumnTitle, "subject", "names"))
	s.ok(err)
	if e.State != Agreed || e.Second || e.Number != 1 || e.Rows != 3 || e.Marking != "official" || e.Purpose.Text != "duty of the post" {
		t.Fatalf("%+v", e)
	}
	sheet, data, err := s.room.Take(officer(), e.ID, plainly)
	s.ok(err)
	if !strings.Contains(string(data), "paper 0|TESTOV Askar; Тестов Аскар") || strings.Contains(string(data), "friend") {
		t.Errorf("%s", data)
	}
	if c := sheet.Copies; len(c) != 1 || c[0].Hash != hashOf(data) || c[0].Rows != 3 || c[0].Number != 1 {
		t.Errorf("%+v", c)
	}
	again, err := s.room.Again(officer(), e.ID, 1, plainly)
	s.ok(err)
	if string(again) != string(data) {
		t.Error("the same copy is not the same")
	}
	if got := strings.Join(s.acts(), " "); got != "create export-free export export" {
		t.Errorf("the log says %s", got)
	}
	second, err := s.room.Ask(officer(), s.wish("subject"))
	s.ok(err)
	if second.Number != 2 {
		t.Errorf("number %d", second.Number)
	}
}

// TestSecondPerson proves who must agree: for many rows and for each strict class, always a supervisor of the agency, never
// who asked.
func TestSecondPerson(t *testing.T) {
	s := newScene(t, 2)
	for _, column := range []string{"teller", "remarks", "number"} {
		e, err := s.room.Ask(officer(), s.wish("subject", column))
		s.ok(err)
		if e.State != Requested || !e.Second {
			t.Errorf("%s: %+v", column, e.State)
		}
		_, _, err = s.room.Take(officer(), e.ID, plainly)
		s.is(err, record.Conflict)
	}
	e, err := s.room.Ask(chief(), s.wish("teller"))
	s.ok(err)
	for _, c := range []struct {
		who  context.Context
		kind record.ErrorKind
	}{{officer(), record.NotFound}, {chief(), record.Forbidden}, {as("supervisor", "other", "CUSTOMS"), record.NotFound}, {as("oversight", "eye", "BODY"), record.Forbidden}, {as("admin", "root", "PIU"), record.NotFound}} {
		_, err := s.room.Decide(c.who, e.ID, true, "", nil)
		s.is(err, c.kind)
	}
	_, err = s.room.Decide(as("supervisor", "deputy", "PIU"), e.ID, false, " ", nil)
	s.is(err, record.Invalid)
	e, err = s.room.Decide(as("supervisor", "deputy", "PIU"), e.ID, true, "", nil)
	s.ok(err)
	if e.State != Agreed || e.Decided.User != "deputy" {
		t.Errorf("%+v", e)
	}
	_, err = s.room.Decide(as("supervisor", "deputy", "PIU"), e.ID, false, "late", nil)
	s.is(err, record.Conflict)
	_, _, err = s.room.Take(as("supervisor", "deputy", "PIU"), e.ID, plainly)
	s.is(err, record.Forbidden) // agreeing is not taking
	_, data, err := s.room.Take(chief(), e.ID, plainly)
	s.ok(err)
	if !strings.Contains(string(data), "a friend") {
		t.Errorf("%s", data)
	}
	refused, err := s.room.Ask(officer(), s.wish("number"))
	s.ok(err)
	_, err = s.room.Decide(chief(), refused.ID, false, "no need", nil)
	s.ok(err)
	_, _, err = s.room.Take(officer(), refused.ID, plainly)
	s.is(err, record.Conflict)
}

// TestManyRows proves the two limits of rows.
func TestManyRows(t *testing.T) {
	s := newScene(t, Limit+1)
	e, err := s.room.Ask(officer(), s.wish("subject"))
	s.ok(err)
	if e.State != Requested {
		t.Errorf("%d rows went out alone", e.Rows)
	}
	w := s.wish("subject")
	w.IDs = s.ids[:Limit]
	e, err = s.room.Ask(officer(), w)
	s.ok(err)
	if e.State != Agreed {
		t.Errorf("%d rows wait", e.Rows)
	}
	w.IDs = make([]record.ID, MaxRows+1)
	_, err = s.room.Ask(officer(), w)
	s.is(err, record.Invalid)
}

// TestReach proves that nothing out of reach goes out: of another agency, of a topic without the right, or out of reach
// since the agreement.
func TestReach(t *testing.T) {
	s := newScene(t, 1)
	foreign, booth := s.put(s.paper("foreign", access.Passenger, "CUSTOMS")), s.put(s.paper("booth", access.Instruction, "PIU"))
	a, err := record.ActorFrom(officer())
	s.ok(err)
	s.ok(s.store.View(officer(), func(tx record.Tx) error {
		p, err := s.room.Preview(tx, a, []record.ID{s.ids[0], foreign, booth})
		if len(p.IDs) != 1 || p.Left != 1 || p.Marking != "official" {
			t.Errorf("%+v", p)
		}
		return err
	}))
	w := s.wish("subject")
	w.IDs = []record.ID{s.ids[0], foreign}
	_, err = s.room.Ask(officer(), w)
	s.is(err, record.Conflict)
	w.IDs = []record.ID{booth}
	_, err = s.room.Ask(officer(), w)
	s.is(err, record.Forbidden)
	_, err = s.room.Ask(as("border", "guard", "PIU"), s.wish("subject"))
	s.is(err, record.Conflict)
	e, err := s.room.Ask(officer(), s.wish("subject"))
	s.ok(err)
	s.ok(s.store.Update(machine(), func(tx record.Tx) error {
		r, err := tx.Get(s.ids[0])
		if err != nil {
			return err
		}
		r.Owner.Agency, r.Raw = "CUSTOMS", nil
		return errors.Join(tx.Put(r), tx.Audit(record.Act{Action: "revise"}))
	}))
	_, _, err = s.room.Take(officer(), e.ID, plainly)
	s.is(err, record.Conflict)
	nobody, err := record.ActorFrom(officer())
	s.ok(err)
	nobody.Purpose = record.Purpose{}
	_, err = s.room.Ask(record.WithActor(context.Background(), nobody), s.wish("subject"))
	s.is(err, record.NoPurpose)
}

// TestWindows proves that a request and an agreement run out.
func TestWindows(t *testing.T) {
	s := newScene(t, 1)
	free, err := s.room.Ask(officer(), s.wish("subject"))
	s.ok(err)
	asked, err := s.room.Ask(officer(), s.wish("number"))
	s.ok(err)
	s.clock.Tick(Window)
	_, _, err = s.room.Take(officer(), free.ID, plainly)
	s.is(err, record.Conflict)
	_, err = s.room.Decide(chief(), asked.ID, true, "", nil)
	s.ok(err)
	_, _, err = s.room.Take(officer(), asked.ID, plainly)
	s.ok(err)
	late, err := s.room.Ask(officer(), s.wish("number"))
	s.ok(err)
	s.clock.Tick(RequestFor)
	_, err = s.room.Decide(chief(), late.ID, true, "", nil)
	s.is(err, record.Conflict)
}

// TestChanged proves that a printed copy is shown again only as it was, and that a field which came in later with a stricter
// class does not slip out.
func TestChanged(t *testing.T) {
	s := newScene(t, 1)
	w := s.wish("subject")
	w.Form = Print
	e, err := s.room.Ask(officer(), w)
	s.ok(err)
	_, _, err = s.room.Take(officer(), e.ID, plainly)
	s.ok(err)
	s.ok(s.store.Update(machine(), func(tx record.Tx) error {
		r, err := tx.Get(s.ids[0])
		if err != nil {
			return err
		}
		r.Body.(*paper).Subject, r.Raw = "another", nil
		return errors.Join(tx.Put(r), tx.Audit(record.Act{Action: "revise"}))
	}))
	_, err = s.room.Again(officer(), e.ID, 1, plainly)
	s.is(err, record.Conflict)
	_, err = s.room.Again(officer(), e.ID, 2, plainly)
	s.is(err, record.NotFound)
	_, err = s.room.Again(chief(), e.ID, 1, plainly)
	s.is(err, record.Forbidden)
	if got := strings.Join(s.acts(), " "); got != "create export-free print revise" {
		t.Errorf("the log says %s", got)
	}
}

// TestErased proves that erasing a record marks every export that holds it, once, whatever interrupted the follower, and that
// the copies are out until somebody says that they are destroyed.
func TestErased(t *testing.T) {
	s := newScene(t, 3)
	both, err := s.room.Ask(officer(), s.wish("subject"))
	s.ok(err)
	w := s.wish("subject")
	w.IDs = s.ids[1:]
	other, err := s.room.Ask(officer(), w)
	s.ok(err)
	for range 2 {
		_, _, err = s.room.Take(officer(), both.ID, plainly)
		s.ok(err)
	}
	s.ok(s.store.Update(machine(), func(tx record.Tx) error {
		_, err := tx.Erase(s.ids[0])
		return errors.Join(err, tx.Audit(record.Act{Action: "erase", Subject: s.ids[0]}))
	}))
	for range 2 {
		s.ok(s.room.Follow(context.Background()))
	}
	s.ok(s.store.Update(machine(), func(tx record.Tx) error { return tx.SetCursor(CursorErasures, 0) }))
	s.ok(s.room.Follow(context.Background()))

	all, next, err := s.room.Register(chief(), false, nil, "", 0)
	s.ok(err)
	if len(all) != 2 || next != "" {
		t.Fatalf("%d exports", len(all))
	}
	found := map[record.ID]Entry{}
	for _, e := range all {
		found[e.ID] = e
	}
	e := found[both.ID]
	if len(e.Gone) != 1 || e.Gone[0].ID != s.ids[0].String() || e.Gone[0].What != record.ErasureErase || e.Out() != 2 || !e.MustGo(s.clock.Now()) {
		t.Errorf("%+v", e.Gone)
	}
	if e.Asked.Display != "ANNA" || e.Number != 1 {
		t.Errorf("the register does not say who holds copy %d: %+v", e.Number, e.Asked)
	}
	if o := found[other.ID]; len(o.Gone) != 0 || o.MustGo(s.clock.Now()) {
		t.Errorf("%+v", o.Gone)
	}
	_, _, err = s.room.Take(officer(), both.ID, plainly)
	s.is(err, record.Conflict)
	_, err = s.room.Destroyed(as("analyst", "else", "PIU"), both.ID, 1)
	s.is(err, record.NotFound)
	_, err = s.room.Destroyed(officer(), both.ID, 1)
	s.ok(err)
	_, err = s.room.Destroyed(officer(), both.ID, 1)
	s.is(err, record.Conflict)
	e, err = s.room.Destroyed(chief(), both.ID, 2)
	s.ok(err)
	if e.MustGo(s.clock.Now()) {
		t.Error("nothing is out any more")
	}
}

// TestMustGo proves that a copy must go when its time is over, though nothing was erased.
func TestMustGo(t *testing.T) {
	s := newScene(t, 1)
	e, err := s.room.Ask(officer(), s.wish("subject"))
	s.ok(err)
	_, _, err = s.room.Take(officer(), e.ID, plainly)
	s.ok(err)
	s.clock.Tick(DestroyAfter - time.Second)
	all, _, err := s.room.Register(officer(), true, nil, "", 0)
	s.ok(err)
	if all[0].MustGo(s.clock.Now()) || !all[0].MustGo(s.clock.Now().Add(time.Second)) {
		t.Error("the time of a copy is not kept")
	}
}

// TestRegister proves who sees what of the register.
func TestRegister(t *testing.T) {
	s := newScene(t, 1)
	_, err := s.room.Ask(officer(), s.wish("subject"))
	s.ok(err)
	_, err = s.room.Ask(as("analyst", "else", "PIU"), s.wish("subject"))
	s.ok(err)
	for name, c := range map[string]struct {
		who  context.Context
		own  bool
		want int
	}{"own": {officer(), true, 1}, "supervisor": {chief(), false, 2}, "oversight": {as("oversight", "eye", "BODY"), false, 2},
		"another agency": {as("supervisor", "x", "CUSTOMS"), false, 0}} {
		got, _, err := s.room.Register(c.who, c.own, nil, "", 0)
		s.ok(err)
		if len(got) != c.want {
			t.Errorf("%s: %d exports", name, len(got))
		}
	}
	_, _, err = s.room.Register(officer(), false, nil, "", 0)
	s.is(err, record.Forbidden)
	if _, next, err := s.room.Register(chief(), false, nil, "", 1); err != nil || next == "" {
		t.Errorf("no next page: %v", err)
	}
}

// TestUnknownBody proves that a body this program does not know goes out as a whole and only by two people.
func TestUnknownBody(t *testing.T) {
	s := newScene(t, 0)
	s.ids = []record.ID{s.put(&record.Record{Kind: "test.new", Version: 3, Owner: record.Owner{Agency: "PIU"},
		Handling: record.Handling{Marking: "internal", Topic: access.Passenger}, Raw: []byte(`{"a":"secret"}`)})}
	e, err := s.room.Ask(officer(), s.wish(ColumnKind, ColumnRaw))
	s.ok(err)
	if e.State != Requested || e.Columns[1].Class != record.FreeText {
		t.Errorf("%+v", e)
	}
	_, err = s.room.Ask(officer(), s.wish("a"))
	s.is(err, record.Invalid)
}
