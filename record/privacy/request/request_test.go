package request_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"sarhad/engine/match"
	"sarhad/record"
	"sarhad/record/access"
	"sarhad/record/privacy/request"
	"sarhad/screening/hit"
	"sarhad/store/sqlite"
)

// journey is the smallest body with a field of each class.
type journey struct {
	P      record.Person   `json:"p" class:"identity"`
	Others []record.Person `json:"others,omitempty" class:"identity"`
	Flight string          `json:"flight" class:"plain"`
	By     string          `json:"by,omitempty" class:"plain"`
	Doubt  string          `json:"doubt,omitempty" class:"sensitive"`
	From   string          `json:"from,omitempty" class:"source"`
	Raw    string          `json:"raw,omitempty" class:"text"`
}

func (*journey) Kind() string    { return "test.journey" }
func (*journey) Version() int    { return 1 }
func (*journey) Validate() error { return nil }
func (j *journey) Index(ix *record.Index) {
	ix.Title = j.P.Names[0].Full
	ix.Text(j.P.Names[0].Full)
	for _, d := range j.P.Documents {
		ix.Text(d.Number)
	}
	for _, p := range append([]record.Person{j.P}, j.Others...) {
		ix.Persons = append(ix.Persons, p)
		for _, d := range p.Documents {
			ix.Mention(record.ThingDocument, record.DocumentKey(d.Issuer, d.Number), "travel document", d.Number)
		}
	}
}

// desk is a store, the rooms and a clock that stands still.
type desk struct {
	t     *testing.T
	store *sqlite.Store
	room  *request.Room
	hits  *hit.Room
	now   time.Time
}

func open(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	now := func() time.Time { return d.now }
	types := record.NewTypes(append(append(hit.Bodies(), request.Bodies()...), func() record.Body { return &journey{} })...)
	var err error
	d.store, err = sqlite.Open(t.Context(), sqlite.Config{Dir: t.TempDir(), Types: types, Node: "kz-node", Now: now, Fold: match.Fold,
		Allow: func(a record.Actor, s record.Scope) bool { return access.Allow(a, access.Read, s) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.store.Close() })
	d.hits = &hit.Room{Store: d.store, Node: "kz-node", ClearanceKey: []byte("0123456789abcdef0123456789abcdef"), Now: now,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	rules, err := request.AllRules()
	if err != nil {
		t.Fatal(err)
	}
	d.room = &request.Room{Store: d.store, Audit: d.store, Node: "kz-node", Country: "KAZ", Rules: rules, Now: now, Likeness: like, Cleared: d.hits.ClearancesOf,
		Officers: func(context.Context) ([]string, error) { return []string{"Dana Screener", "u-screener"}, nil }}
	return d
}

func like(asked record.Person) func(record.Person) (float64, []request.Reason) {
	index := match.New([]match.Person{person(asked)})
	return func(found record.Person) (float64, []request.Reason) {
		for _, m := range index.Search(person(found), match.Options{}) {
			return m.Score, []request.Reason{{Field: m.Reasons[0].Field, Agreement: m.Reasons[0].Agreement, Code: m.Reasons[0].Code}}
		}
		return 0, nil
	}
}

func person(p record.Person) match.Person {
	m := match.Person{ID: "1", Born: p.Born, Sex: p.Sex}
	for _, n := range p.Names {
		m.Names = append(m.Names, match.Name{Full: n.Full, Surname: n.Surname, Given: n.Given})
	}
	return m
}

func as(user, role string) context.Context {
	return record.WithActor(context.Background(), record.Actor{User: user, Display: user, Agency: "KAZ-PIU", Roles: []string{role},
		Purpose: record.Purpose{Kind: "duty", Text: "test"}})
}

func machine() context.Context {
	return record.WithActor(context.Background(), record.Machine("test", "KAZ-PIU"))
}

func (d *desk) put(topic, agency string, b record.Body, parents ...record.ID) record.ID {
	d.t.Helper()
	rec := &record.Record{Writer: "kz-node", Owner: record.Owner{Agency: agency}, Handling: record.Handling{Marking: "official", Topic: topic},
		Body: b, Origin: record.Origin{Parents: parents}, Basis: record.Basis{Purpose: "test purpose"}}
	err := d.store.Update(machine(), func(tx record.Tx) error {
		if err := tx.Put(rec); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "create", Topic: topic, Subject: rec.ID})
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return rec.ID
}

func someone(surname, given, born, passport string) record.Person {
	p := record.Person{Role: "passenger", Names: []record.Name{{Full: surname + " " + given, Surname: surname, Given: given}}, Born: []string{born}, Sex: "M"}
	if passport != "" {
		p.Documents = []record.Document{{Type: "P", Number: passport, Issuer: "UZB"}}
	}
	return p
}

var boss, eye = as("u-boss", "supervisor"), as("u-eye", "oversight")

func (d *desk) must(rec *record.Record, err error) *request.Request {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
	return rec.Body.(*request.Request)
}

// ask takes a request in and proves who asks.
func (d *desk) ask(p request.Asked) record.ID {
	d.t.Helper()
	rec, err := d.room.Create(boss, request.New{Asks: "access", Channel: "counter", Lang: "ru", Person: p})
	d.must(rec, err)
	d.must(d.room.Prove(boss, rec.ID, "document-seen", ""))
	return rec.ID
}

var asked = request.Asked{Names: []record.Name{{Full: "Ибрагимов Фаррух"}}, Born: "1984-05-17", Documents: []record.Document{{Type: "P", Number: "zz-1234567", Issuer: "uzb"}}}

func refused(t *testing.T, err error, kind record.ErrorKind, word string) {
	t.Helper()
	if record.KindOf(err) != kind || !strings.Contains(record.MessageOf(err), word) {
		t.Fatalf("got %q (%s), want a %s about %q", record.MessageOf(err), record.KindOf(err), kind, word)
	}
}

// TestSearchFindsThePerson proves that a request in Cyrillic finds a journey in Latin letters by name, one of another name by
// the document, what was made from a journey, and a clearance by its hash though the journey is long gone; and nobody else.
func TestSearchFindsThePerson(t *testing.T) {
	d := open(t)
	byName := d.put(access.Passenger, "KAZ-PIU", &journey{P: someone("IBRAGIMOV", "FARRUKH", "1984-05-17", "ZZ7777777"), Flight: "ZZ 1"})
	byDoc := d.put(access.Passenger, "KAZ-PIU", &journey{P: someone("QODIROV", "ANVAR", "1990-01-01", "ZZ1234567"), Flight: "ZZ 2"})
	other := d.put(access.Passenger, "KAZ-PIU", &journey{P: someone("PETROV", "IVAN", "1984-05-17", "ZZ8888888"), Flight: "ZZ 3"})
	theirs := d.put(access.Passenger, "KAZ-CUST", &journey{P: someone("IBRAGIMOV", "FARRUKH", "1984-05-17", "ZZ1234567"), Flight: "ZZ 4"})
	child := d.hit(byName, someone("IBRAGIMOV", "FARRUKH", "1984-05-17", "ZZ1234567"))
	gone := d.hit(d.put(access.Passenger, "KAZ-PIU", &journey{P: someone("GONE", "LONG", "1984-05-17", "ZZ1234567")}), someone("GONE", "LONG", "1984-05-17", "ZZ1234567"))
	clearance := d.dismissed(gone)
	stranger := someone("GONE", "TOO", "1984-05-17", "ZZ5555555")
	strangers := d.dismissed(d.hit(d.put(access.Passenger, "KAZ-PIU", &journey{P: stranger}), stranger))
	id := d.ask(asked)
	q := d.must(d.room.Search(boss, id))
	how := map[record.ID][]string{}
	for _, f := range q.Found {
		how[f.Record] = f.How
	}
	for _, want := range []struct {
		name string
		id   record.ID
		how  string
	}{
		{"by name across scripts", byName, request.ByName}, {"by document", byDoc, request.ByDocument},
		{"what was made from it", child, request.ByDocument}, {"by clearance", clearance, request.ByClearance},
	} {
		if !slices.Contains(how[want.id], want.how) {
			t.Errorf("%s: found by %v", want.name, how[want.id])
		}
	}
	if how[other] != nil || how[theirs] != nil || how[strangers] != nil {
		t.Errorf("another person (%v), another agency's record (%v) or a stranger's clearance (%v) was found", how[other], how[theirs], how[strangers])
	}
	if q.Search.Persons != 3 || q.Search.Clears != 2 {
		t.Errorf("searched %+v", *q.Search)
	}
	if q.Search.Cut || q.State != request.Searching {
		t.Errorf("state %s, %+v", q.State, q.Search)
	}
}

// TestSearchWithoutIssuer proves that a document is found by its number alone, when the person does not say who issued it.
func TestSearchWithoutIssuer(t *testing.T) {
	d := open(t)
	rec := d.put(access.Passenger, "KAZ-PIU", &journey{P: someone("OTHER", "NAME", "1990-01-01", "ZZ4444444"), Flight: "ZZ 1"})
	d.put(access.Passenger, "KAZ-PIU", &journey{P: someone("THIRD", "NAME", "1990-01-01", "ZZ44444445"), Flight: "ZZ 1"})
	q := d.must(d.room.Search(boss, d.ask(request.Asked{Names: []record.Name{{Full: "Кто-то Иной"}}, Documents: []record.Document{{Number: "zz 444 4444"}}})))
	if len(q.Found) != 1 || q.Found[0].Record != rec || q.Found[0].Person != 0 {
		t.Errorf("found %+v", q.Found)
	}
}

// hit puts a hit of a journey.
func (d *desk) hit(of record.ID, p record.Person) record.ID {
	return d.put(access.Hit, "KAZ-PIU", &hit.Hit{State: hit.New, Subject: of, Score: 0.9,
		Traveller: hit.Facts{Names: p.Names, Born: p.Born, Documents: p.Documents},
		Reasons:   []hit.Reason{{Field: "name", Agreement: "same", Code: "name.same", Listed: "THIRD PERSON"}},
		Entry: hit.Entry{List: "own", Key: "e1", Fingerprint: "f1", Matched: "THIRD PERSON",
			Facts: hit.Facts{Names: []record.Name{{Full: "THIRD PERSON"}}, Born: []string{"1970-01-01"}}}}, of)
}

// dismissed dismisses a hit, erases it with its journey, and gives the clearance that stays.
func (d *desk) dismissed(id record.ID) (clearance record.ID) {
	d.t.Helper()
	d.now = d.now.Add(time.Minute)
	analyst := as("u-screener", "analyst")
	if _, err := d.hits.Claim(analyst, id); err != nil {
		d.t.Fatal(err)
	}
	if _, err := d.hits.Dismiss(analyst, id, "birth-date", ""); err != nil {
		d.t.Fatal(err)
	}
	err := d.store.Update(machine(), func(tx record.Tx) error {
		rec, err := tx.Get(id)
		if err != nil {
			return err
		}
		page, err := tx.List(record.Query{Kinds: []string{hit.KindClearance}, Limit: 1}) // the newest
		if err != nil {
			return err
		}
		clearance = page.Rows[0].ID
		if _, err := tx.Erase(rec.Origin.Parents[0]); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "erase", Subject: rec.Origin.Parents[0]})
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return clearance
}

// through brings a request whose found records have an opinion and an answer up to a draft.
func (d *desk) decide(id, rec record.ID, ans request.Answer) {
	d.t.Helper()
	d.must(d.room.Opine(boss, id, rec, true, "same passport"))
	d.must(d.room.Decide(boss, id, rec, ans))
}

func told(t *testing.T, r *request.Reply, id record.ID) (request.Item, string) {
	t.Helper()
	for _, it := range r.Items {
		if it.ID == id.String() {
			b, err := json.Marshal(it)
			if err != nil {
				t.Fatal(err)
			}
			return it, string(b)
		}
	}
	t.Fatalf("the reply has no item of %s", id)
	return request.Item{}, ""
}

// TestReplyTellsByClass proves what a reply tells: never third persons, sources, officers or what nobody chose; and that who
// looked is counted by agency without names.
func TestReplyTellsByClass(t *testing.T) {
	d := open(t)
	me := someone("IBRAGIMOV", "FARRUKH", "1984-05-17", "ZZ1234567")
	j := &journey{P: me, Flight: "ZZ 204", By: "u-screener", Doubt: "nervous", From: "carrier desk", Raw: "NAD+FL"}
	alone := d.put(access.Passenger, "KAZ-PIU", j)
	shared := d.put(access.Passenger, "KAZ-PIU", &journey{P: me, Others: []record.Person{someone("THIRD", "PERSON", "1970-01-01", "ZZ9999999")}, Flight: "ZZ 205"})
	hitID := d.hit(alone, me)
	hidden := d.put(access.Passenger, "KAZ-PIU", &journey{P: me, Flight: "SECRET 1"})
	for i := range 3 {
		d.now = d.now.AddDate(0, 0, i)
		if err := d.store.Update(as("u-screener", "analyst"), func(tx record.Tx) error {
			return tx.Audit(record.Act{Action: "read", Topic: access.Passenger, Subject: alone, Count: 1})
		}); err != nil {
			t.Fatal(err)
		}
	}
	id := d.ask(asked)
	d.must(d.room.Search(boss, id))
	d.decide(id, alone, request.Answer{What: request.Given})
	d.decide(id, shared, request.Answer{What: request.Given})
	d.decide(id, hitID, request.Answer{What: request.Partly, Classes: []record.Class{record.Plain, record.Identity}, Ground: "third-persons"})
	d.decide(id, hidden, request.Answer{What: request.Silent, Ground: "investigation"})
	r, err := d.room.Reply(eye, id)
	if err != nil {
		t.Fatal(err)
	}
	one, text := told(t, r, alone)
	for _, want := range []string{"IBRAGIMOV", "ZZ1234567", "ZZ 204", "test purpose"} {
		if !strings.Contains(text, want) {
			t.Errorf("the person is not told %q", want)
		}
	}
	for _, never := range []string{"u-screener", "nervous", "carrier desk", "NAD+FL"} {
		if strings.Contains(text, never) {
			t.Errorf("the reply tells %q", never)
		}
	}
	if len(one.Looks) != 1 || one.Looks[0].Agency != "KAZ-PIU" || one.Looks[0].Count != 3 || one.Looks[0].Days != 3 {
		t.Errorf("looks: %+v", one.Looks)
	}
	for _, rec := range []record.ID{shared, hitID} {
		it, text := told(t, r, rec)
		if strings.Contains(text, "THIRD") || strings.Contains(text, "1970") || strings.Contains(text, "ZZ9999999") || it.Left == 0 {
			t.Errorf("a third person is told: %s", text)
		}
		if !strings.Contains(text, "ZZ1234567") {
			t.Errorf("the person's own document is missing: %s", text)
		}
	}
	if it, text := told(t, r, hidden); !r.Silent || len(it.Fields) > 0 || strings.Contains(text, "SECRET") {
		t.Errorf("what is neither confirmed nor denied is told: %s", text)
	}
}

// TestNothingIsToldUndecided proves the order of the work: no search before the identity, no answer without an opinion, no
// draft while records wait, partial answers with classes and ground, never a source.
func TestNothingIsToldUndecided(t *testing.T) {
	d := open(t)
	rec := d.put(access.Passenger, "KAZ-PIU", &journey{P: someone("IBRAGIMOV", "FARRUKH", "1984-05-17", "ZZ1234567")})
	created, err := d.room.Create(boss, request.New{Asks: "access", Channel: "post", Person: asked})
	if err != nil {
		t.Fatal(err)
	}
	id := created.ID
	_, err = d.room.Search(boss, id)
	refused(t, err, record.Conflict, "received")
	d.must(d.room.Prove(boss, id, "certified-copy", ""))
	d.must(d.room.Search(boss, id))
	_, err = d.room.Decide(boss, id, rec, request.Answer{What: request.Given})
	refused(t, err, record.Conflict, "say first")
	_, err = d.room.Opine(boss, id, rec, true, " ")
	refused(t, err, record.Invalid, "few words")
	_, err = d.room.Draft(boss, id, false, "", "", "")
	refused(t, err, record.Invalid, "1 of the found records")
	d.must(d.room.Opine(boss, id, rec, true, "same passport"))
	_, err = d.room.Draft(boss, id, false, "", "", "")
	refused(t, err, record.Invalid, "1 of the found records")
	for _, c := range []struct {
		ans  request.Answer
		word string
	}{
		{request.Answer{What: "whatever"}, "answer"},
		{request.Answer{What: request.Withheld}, "legal ground"},
		{request.Answer{What: request.Silent, Ground: "because"}, "legal ground"},
		{request.Answer{What: request.Partly, Ground: "source"}, "choose what"},
		{request.Answer{What: request.Partly, Ground: "source", Classes: []record.Class{record.Source}}, "never told"},
		{request.Answer{What: request.Withheld, Ground: "security", Until: "soon"}, "not a day"},
	} {
		_, err := d.room.Decide(boss, id, rec, c.ans)
		refused(t, err, record.Invalid, c.word)
	}
	_, err = d.room.Search(as("u-screener", "analyst"), id)
	refused(t, err, record.NotFound, "")
	_, err = d.room.Opine(eye, id, rec, true, "I think so")
	refused(t, err, record.Forbidden, "may not")
}

// TestSecondPerson proves that a reply leaves only after a second person in the role that the country names has read exactly
// this text, and not when a record changed or was erased since.
func TestSecondPerson(t *testing.T) {
	d := open(t)
	j := d.put(access.Passenger, "KAZ-PIU", &journey{P: someone("IBRAGIMOV", "FARRUKH", "1984-05-17", "ZZ1234567"), Flight: "ZZ 1"})
	id := d.ask(asked)
	d.must(d.room.Search(boss, id))
	d.decide(id, j, request.Answer{What: request.Given})
	q := d.must(d.room.Draft(boss, id, false, "", "", ""))
	_, err := d.room.Approve(boss, id, q.Draft.Hash)
	refused(t, err, record.Forbidden, "approved by: oversight")
	both := record.WithActor(context.Background(), record.Actor{User: "u-boss", Display: "b", Agency: "KAZ-PIU", Roles: []string{"oversight", "supervisor"}, Purpose: record.Purpose{Kind: "duty", Text: "t"}})
	_, err = d.room.Approve(both, id, q.Draft.Hash)
	refused(t, err, record.Forbidden, "second person")
	_, err = d.room.Approve(eye, id, "something else")
	refused(t, err, record.Conflict, "read it again")
	_, err = d.room.Answer(boss, id)
	refused(t, err, record.Conflict, "drafted")
	d.must(d.room.Approve(eye, id, q.Draft.Hash))
	err = d.store.Update(machine(), func(tx record.Tx) error {
		if _, err := tx.Erase(j); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "erase", Subject: j})
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.room.Answer(boss, id)
	refused(t, err, record.Conflict, "changed or erased")
	d.must(d.room.SendBack(eye, id, "the journey is gone"))
	q = d.must(d.room.Draft(boss, id, false, "", "", ""))
	r, err := d.room.Reply(eye, id)
	if err != nil {
		t.Fatal(err)
	}
	if it, text := told(t, r, j); it.Standing.Erased.IsZero() || len(it.Fields) > 0 {
		t.Errorf("the reply does not say that the record was erased: %s", text)
	}
	if r.Hash != q.Draft.Hash {
		t.Error("the reply that is read is not the one that was drafted")
	}
	d.must(d.room.Approve(eye, id, r.Hash))
	if q = d.must(d.room.Answer(boss, id)); q.State != request.Answered {
		t.Errorf("state %s", q.State)
	}
	rec, err := d.room.Close(boss, id, "")
	if q = d.must(rec, err); q.State != request.Closed || !rec.Expires.Equal(d.now.AddDate(3, 0, 0)) {
		t.Errorf("closed: %s, expires %s", q.State, rec.Expires)
	}
}

// TestClocks proves due dates by the rules, one extension with a reason, and that late requests are escalated once.
func TestClocks(t *testing.T) {
	d := open(t)
	rec, err := d.room.Create(boss, request.New{Asks: "access", Channel: "post", Person: asked})
	q := d.must(rec, err)
	if !q.Due.Equal(d.now.AddDate(0, 0, 30)) || !q.AckDue.Equal(d.now.AddDate(0, 0, 5)) {
		t.Errorf("due %s, acknowledgement %s", q.Due, q.AckDue)
	}
	if n, err := d.room.Escalate(machine()); n != 0 || err != nil {
		t.Errorf("escalated %d at once, %v", n, err)
	}
	d.now = d.now.AddDate(0, 0, 6)
	if !q.Late(d.now) {
		t.Error("nobody was acknowledged for six days, and it is not late")
	}
	if n, err := d.room.Escalate(machine()); n != 1 || err != nil {
		t.Errorf("escalated %d, %v", n, err)
	}
	if n, err := d.room.Escalate(machine()); n != 0 || err != nil {
		t.Errorf("escalated again: %d, %v", n, err)
	}
	_, err = d.room.Extend(boss, rec.ID, "")
	refused(t, err, record.Invalid, "why more time")
	q = d.must(d.room.Extend(boss, rec.ID, "the archive is at another post"))
	if !q.Due.Equal(q.Received.AddDate(0, 0, 60)) {
		t.Errorf("extended to %s", q.Due)
	}
	_, err = d.room.Extend(boss, rec.ID, "again")
	refused(t, err, record.Conflict, "once")
	again, err := d.room.Create(boss, request.New{Asks: "access", Channel: "post", Person: asked})
	if two := d.must(again, err); two.Number == q.Number {
		t.Errorf("two requests have the number %s", two.Number)
	}
}

// TestRefusal proves that a request can be refused before anything is searched, with a ground and a second person.
func TestRefusal(t *testing.T) {
	d := open(t)
	rec, err := d.room.Create(boss, request.New{Asks: "access", Channel: "post", Person: asked})
	d.must(rec, err)
	_, err = d.room.Draft(boss, rec.ID, true, "", "", "")
	refused(t, err, record.Invalid, "legal ground")
	q := d.must(d.room.Draft(boss, rec.ID, true, "identity-not-proven", "Come with your passport.", ""))
	d.must(d.room.Approve(eye, rec.ID, q.Draft.Hash))
	if q = d.must(d.room.Answer(boss, rec.ID)); q.State != request.Refused {
		t.Errorf("state %s", q.State)
	}
}

// TestAskingHasNoConsequences proves that a request is no person and no document for anybody else: who asks is not screened.
func TestAskingHasNoConsequences(t *testing.T) {
	d := open(t)
	rec, err := d.room.Create(boss, request.New{Asks: "access", Channel: "post", Person: asked})
	d.must(rec, err)
	if ix := rec.IndexOf(); len(ix.Persons)+len(ix.Mentions)+len(ix.Links) > 0 || strings.Contains(ix.Title, "Ибрагимов") {
		t.Errorf("a request speaks of a person: %+v", ix)
	}
	err = d.store.View(as("u-screener", "analyst"), func(tx record.Tx) error {
		page, err := tx.List(record.Query{Kinds: []string{request.Kind}})
		if len(page.Rows) > 0 {
			t.Error("an analyst sees who asked")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
