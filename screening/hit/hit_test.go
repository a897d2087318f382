package hit_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"sarhad/engine/match"
	"sarhad/record"
	"sarhad/record/access"
	"sarhad/screening/hit"
	"sarhad/store/sqlite"
)

// journey and entry are the smallest bodies that say a person; the room must not care what kind they are.
type journey struct {
	P       record.Person `json:"p" class:"identity"`
	Voyage  string        `json:"voyage" class:"plain"`
	Arrives time.Time     `json:"arrives" class:"plain"`
	Place   string        `json:"place,omitempty" class:"plain"` // "" = ALA
}

func (*journey) Kind() string    { return "test.journey" }
func (*journey) Version() int    { return 1 }
func (*journey) Validate() error { return nil }
func (j *journey) Index(ix *record.Index) {
	ix.Title = j.P.Names[0].Full
	ix.Persons = append(ix.Persons, j.P)
	ix.Mention(record.ThingVoyage, j.Voyage, "travels on", "ZZ 204")
	ix.Mention(record.ThingSeat, j.Voyage+"/12A", "seat", "12A")
	place := j.Place
	if place == "" {
		place = "ALA"
	}
	ix.Events = append(ix.Events, record.Event{Kind: record.EventArrival, At: j.Arrives, Place: place})
}

type entry struct {
	P record.Person `json:"p" class:"identity"`
}

func (*entry) Kind() string    { return "test.entry" }
func (*entry) Version() int    { return 1 }
func (*entry) Validate() error { return nil }
func (e *entry) Index(ix *record.Index) {
	ix.Title = e.P.Names[0].Full
	ix.Persons = append(ix.Persons, e.P)
}

// unit is a store, the room and a clock that stands still.
type unit struct {
	t     *testing.T
	store *sqlite.Store
	room  *hit.Room
	now   time.Time
	dir   string
}

func open(t *testing.T) *unit {
	t.Helper()
	u := &unit{t: t, now: time.Date(2026, 3, 1, 18, 0, 0, 0, time.UTC), dir: t.TempDir()}
	u.reopen()
	t.Cleanup(func() { u.store.Close() })
	return u
}

func (u *unit) reopen() {
	u.t.Helper()
	types := record.NewTypes(append(hit.Bodies(), func() record.Body { return &journey{} }, func() record.Body { return &entry{} })...)
	store, err := sqlite.Open(context.Background(), sqlite.Config{Dir: u.dir, Types: types, Node: "kz-node", Now: func() time.Time { return u.now },
		Allow: func(a record.Actor, s record.Scope) bool { return access.Allow(a, access.Read, s) }, Fold: match.Fold})
	if err != nil {
		u.t.Fatal(err)
	}
	u.store = store
	u.room = &hit.Room{Store: store, Node: "kz-node", ClearanceKey: []byte("0123456789abcdef0123456789abcdef"), Now: func() time.Time { return u.now },
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Home: func(p string) bool { return p == "ALA" }}
}

func as(user, role, place string) context.Context {
	agency := "KAZ-PIU"
	if role == "border" {
		agency = "KAZ-BORDER"
	}
	return record.WithActor(context.Background(), record.Actor{User: user, Display: user, Agency: agency, Place: place, Roles: []string{role},
		Purpose: record.Purpose{Kind: "duty", Text: "test"}})
}

func machine() context.Context {
	return record.WithActor(context.Background(), record.Machine("test", "KAZ-PIU"))
}

func (u *unit) put(kind, key, topic string, b record.Body) record.ID {
	u.t.Helper()
	var id record.ID
	err := u.store.Update(machine(), func(tx record.Tx) error {
		r, err := tx.ByKey(kind, key)
		if record.KindOf(err) == record.NotFound {
			r = &record.Record{Kind: kind, Version: 1, Key: key, Writer: "kz-node", Owner: record.Owner{Agency: "KAZ-PIU"},
				Handling: record.Handling{Marking: "official", Topic: topic}, Occurred: u.now.Add(3 * time.Hour)}
		} else if err != nil {
			return err
		}
		r.Body, r.Raw = b, nil
		if err := tx.Put(r); err != nil {
			return err
		}
		id = r.ID
		return tx.Audit(record.Act{Action: "put", Topic: topic, Count: 1})
	})
	if err != nil {
		u.t.Fatal(err)
	}
	return id
}

func (u *unit) list(key, name, born, fingerprint string) record.ID {
	return u.put("test.entry", key, access.Watchlist, &entry{record.Person{Role: record.RoleListed, Names: []record.Name{{Full: name}}, Born: []string{born}, Sex: "M", Nationalities: []string{"KAZ"},
		Listing: &record.Listing{List: "own", Entry: key, Active: true, Fingerprint: fingerprint, Severity: "high", Instruction: "second-line", Reason: "test"}}})
}

func (u *unit) arrive(key, name, born, doc string) record.ID {
	return u.put("test.journey", key, access.Passenger, &journey{Voyage: "ZZ204/2026-03-01/IST-ALA", Arrives: u.now.Add(3 * time.Hour),
		P: record.Person{Role: "passenger", Names: []record.Name{{Full: name}}, Born: []string{born}, Sex: "M", Nationalities: []string{"KAZ"},
			Documents: []record.Document{{Type: "P", Number: doc, Issuer: "KAZ"}}}})
}

func (u *unit) step() {
	u.t.Helper()
	if err := u.room.Step(machine()); err != nil {
		u.t.Fatal(err)
	}
}

func (u *unit) hits() []*record.Record {
	u.t.Helper()
	var out []*record.Record
	err := u.store.View(machine(), func(tx record.Tx) error {
		page, err := tx.List(record.Query{Kinds: []string{hit.KindHit}, Full: true, Oldest: true})
		for _, r := range page.Rows {
			out = append(out, r.Record)
		}
		return err
	})
	if err != nil {
		u.t.Fatal(err)
	}
	return out
}

func (u *unit) one() (record.ID, *hit.Hit) {
	u.t.Helper()
	all := u.hits()
	if len(all) != 1 {
		u.t.Fatalf("%d hits, want 1", len(all))
	}
	return all[0].ID, all[0].Body.(*hit.Hit)
}

func (u *unit) must(rec *record.Record, err error) *record.Record {
	u.t.Helper()
	if err != nil {
		u.t.Fatal(err)
	}
	return rec
}

func wantKind(t *testing.T, err error, kind record.ErrorKind) {
	t.Helper()
	if record.KindOf(err) != kind {
		t.Errorf("error %v is %q, want %q", err, record.KindOf(err), kind)
	}
}

// TestFromArrivalToOutcome proves the story of one hit: found on arrival, claimed, confirmed, sent after the time to undo,
// acknowledged at the booth, its outcome back on the hit.
func TestFromArrivalToOutcome(t *testing.T) {
	u := open(t)
	u.list("e1", "Жумабаев Айдар", "1984-05-12", "f1")
	u.arrive("j1", "ZHUMABAYEV AIDAR", "1984-05-12", "N01234567")
	u.arrive("j2", "SATPAYEVA DINARA", "1990-01-02", "N07654321")
	u.step()
	id, h := u.one()
	if h.State != hit.New || h.Passage.To != "ALA" || h.Passage.Seat != "12A" || h.Passage.From != "IST" || len(h.Reasons) == 0 {
		t.Fatalf("hit as found: %+v", h)
	}
	if lean := h.Lean(); lean.Leans != "same" {
		t.Errorf("same name and birth date lean %+v", lean)
	}

	analyst, booth := as("asel", "analyst", ""), as("bek", "border", "ALA")
	_, err := u.room.Confirm(analyst, id, "document", "", hit.Order{Action: "second-line"})
	wantKind(t, err, record.Conflict) // not claimed
	u.must(u.room.Claim(analyst, id))
	_, err = u.room.Confirm(analyst, id, "", "", hit.Order{Action: "second-line"})
	wantKind(t, err, record.Invalid) // no reason
	_, err = u.room.Confirm(analyst, id, "document", "", hit.Order{})
	wantKind(t, err, record.Invalid) // no instruction
	u.must(u.room.Confirm(analyst, id, "document", "seen before", hit.Order{Action: "second-line", Text: "Ask for the second passport"}))

	_, h = u.one()
	if h.State != hit.Confirmed || h.Instruction.IsZero() {
		t.Fatalf("after confirming: %s, instruction %s", h.State, h.Instruction)
	}
	_, err = u.room.Acknowledge(booth, h.Instruction)
	wantKind(t, err, record.NotFound) // not sent yet: the booth cannot even know of it
	u.now = u.now.Add(hit.UndoFor)
	u.step()
	_, err = u.room.Acknowledge(as("far", "border", "TAS"), h.Instruction)
	wantKind(t, err, record.NotFound) // another place
	_, err = u.room.Report(booth, h.Instruction, "nothing-found", "")
	wantKind(t, err, record.Conflict) // not acknowledged
	u.must(u.room.Acknowledge(booth, h.Instruction))
	u.step()
	if _, h = u.one(); h.State != hit.Acknowledged {
		t.Errorf("hit is %s after the booth acknowledged", h.State)
	}
	u.must(u.room.Report(booth, h.Instruction, "nothing-found", "papers in order"))
	u.step()
	_, h = u.one()
	if last := h.Steps[len(h.Steps)-1]; h.State != hit.Closed || last.Reason != "nothing-found" || last.Note != "papers in order" {
		t.Errorf("hit is %s, last step %+v", h.State, last)
	}
}

// TestOneOfficerAtATime proves that a claimed hit is closed to others but a supervisor.
func TestOneOfficerAtATime(t *testing.T) {
	u := open(t)
	u.list("e1", "Жумабаев Айдар", "1984-05-12", "f1")
	u.arrive("j1", "ZHUMABAYEV AIDAR", "1984-05-12", "N01234567")
	u.step()
	id, _ := u.one()
	u.must(u.room.Claim(as("asel", "analyst", ""), id))
	u.must(u.room.Claim(as("asel", "analyst", ""), id)) // again is no error
	for name, act := range map[string]func(context.Context, record.ID) (*record.Record, error){"claim": u.room.Claim, "release": u.room.Release,
		"dismiss": func(ctx context.Context, id record.ID) (*record.Record, error) {
			return u.room.Dismiss(ctx, id, "born", "")
		}} {
		_, err := act(as("olga", "analyst", ""), id)
		if record.KindOf(err) != record.Conflict || !strings.Contains(record.MessageOf(err), "asel") {
			t.Errorf("%s by another: %v; want a conflict that names who holds it", name, err)
		}
	}
	_, err := u.room.Claim(as("bek", "border", "ALA"), id)
	wantKind(t, err, record.NotFound)
	u.must(u.room.Claim(as("sup", "supervisor", ""), id))
	if _, h := u.one(); h.Claim.By != "sup" || h.Steps[len(h.Steps)-1].Act != "take-over" {
		t.Errorf("after the supervisor took over: %+v", h.Claim)
	}

	var wg sync.WaitGroup
	won := make(chan string, 8)
	u.must(u.room.Release(as("sup", "supervisor", ""), id))
	for i := range 8 {
		wg.Go(func() {
			user := fmt.Sprint("officer", i)
			if _, err := u.room.Claim(as(user, "analyst", ""), id); err == nil {
				won <- user
			}
		})
	}
	wg.Wait()
	if len(won) != 1 {
		t.Errorf("%d officers claimed the same hit", len(won))
	}
}

// TestDismissedStaysDismissed proves clearance: the same passport next month raises nothing; another passport, or a changed
// entry, does.
func TestDismissedStaysDismissed(t *testing.T) {
	u := open(t)
	u.list("e1", "Жумабаев Айдар", "1984", "f1")
	u.arrive("j1", "ZHUMABAYEV AIDAR", "1984-05-12", "N01234567")
	u.step()
	id, h := u.one()
	if !h.Clearable() {
		t.Fatal("a traveller with passport and birth date cannot be cleared")
	}
	analyst := as("asel", "analyst", "")
	u.must(u.room.Claim(analyst, id))
	u.must(u.room.Dismiss(analyst, id, "born", ""))

	u.now = u.now.Add(40 * 24 * time.Hour)
	u.arrive("j2", "ZHUMABAYEV AIDAR", "1984-05-12", "n 0123-4567")
	u.step()
	if n := len(u.hits()); n != 1 {
		t.Errorf("%d hits after the same passport came again, want the old one only", n)
	}
	u.arrive("j3", "ZHUMABAYEV AIDAR", "1984-05-12", "N09999999")
	u.step()
	if n := len(u.hits()); n != 2 {
		t.Errorf("%d hits after another passport, want 2", n)
	}
	u.list("e1", "Жумабаев Айдар", "1984", "f2")
	u.arrive("j4", "ZHUMABAYEV AIDAR", "1984-05-12", "N01234567")
	u.step()
	raised := false
	for _, r := range u.hits() {
		raised = raised || r.Body.(*hit.Hit).Entry.Fingerprint == "f2" && r.Body.(*hit.Hit).State == hit.New
	}
	if !raised {
		t.Error("a changed entry raised nothing")
	}
	if err := u.store.View(machine(), func(tx record.Tx) error {
		page, err := tx.List(record.Query{Kinds: []string{hit.KindClearance}, Full: true})
		for _, r := range page.Rows {
			if strings.Contains(string(r.Record.Raw), "01234567") || strings.Contains(strings.ToUpper(string(r.Record.Raw)), "ZHUMABAY") {
				t.Error("a clearance names the traveller")
			}
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// TestUndo proves that a decision can be taken back for ten seconds, with everything that followed from it, and no longer.
func TestUndo(t *testing.T) {
	u := open(t)
	u.list("e1", "Жумабаев Айдар", "1984-05-12", "f1")
	u.arrive("j1", "ZHUMABAYEV AIDAR", "1984-05-12", "N01234567")
	u.step()
	id, _ := u.one()
	analyst := as("asel", "analyst", "")
	u.must(u.room.Claim(analyst, id))
	u.must(u.room.Dismiss(analyst, id, "born", ""))
	u.must(u.room.Undo(analyst, id))
	u.arrive("j2", "ZHUMABAYEV AIDAR", "1984-05-12", "N01234567")
	u.step()
	if n := len(u.hits()); n != 2 {
		t.Errorf("%d hits: the clearance outlived the undo", n)
	}

	u.must(u.room.Confirm(analyst, id, "document", "", hit.Order{Action: "detain"}))
	_, err := u.room.Undo(as("olga", "analyst", ""), id)
	wantKind(t, err, record.Forbidden)
	u.now = u.now.Add(5 * time.Second)
	u.must(u.room.Undo(analyst, id))
	u.now = u.now.Add(time.Minute)
	u.step()
	if err := u.store.View(as("bek", "border", "ALA"), func(tx record.Tx) error {
		page, err := tx.List(record.Query{})
		if len(page.Rows) != 0 {
			t.Error("the booth sees a withdrawn instruction")
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	u.must(u.room.Confirm(analyst, id, "document", "", hit.Order{Action: "detain"}))
	u.now = u.now.Add(time.Minute)
	_, err = u.room.Undo(analyst, id)
	wantKind(t, err, record.Conflict)
}

// TestEachPersonOnce proves that screening follows the sequence: repeats, restarts and repeated messages raise nothing new.
func TestEachPersonOnce(t *testing.T) {
	u := open(t)
	u.list("e1", "Жумабаев Айдар", "1984-05-12", "f1")
	u.arrive("j1", "ZHUMABAYEV AIDAR", "1984-05-12", "N01234567")
	behind := func() (n int) {
		if err := u.store.View(machine(), func(tx record.Tx) error {
			at, err := tx.Cursor(hit.CursorScreening)
			if err == nil {
				n, err = tx.Behind(at)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := behind(); n != 1 {
		t.Errorf("%d stored and not screened, want 1", n)
	}
	u.step()
	u.step()
	if n := behind(); n != 0 {
		t.Errorf("%d stored and not screened after screening", n)
	}
	u.arrive("j1", "ZHUMABAYEV AIDAR", "1984-05-12", "N01234567") // the same message again, as a revision
	u.step()
	if err := u.store.Close(); err != nil {
		t.Fatal(err)
	}
	u.reopen()
	u.step()
	u.step()
	if id, h := u.one(); h.State != hit.New || len(h.Steps) != 1 {
		t.Errorf("hit %s has %d steps after repeats, want 1", id, len(h.Steps))
	}
}

// TestCorrectedTraveller proves that a correction changes the evidence under an open hit, and opens a dismissed one again.
func TestCorrectedTraveller(t *testing.T) {
	u := open(t)
	u.list("e1", "Жумабаев Айдар", "1984-05-12", "f1")
	u.arrive("j1", "ZHUMABAYEV AIDAR", "1984-05-12", "N01234567")
	u.step()
	id, before := u.one()
	u.arrive("j1", "ZHUMABAYEV AIDAR", "1961-11-30", "N01234567")
	u.step()
	_, after := u.one()
	if after.Score >= before.Score || after.State != hit.New {
		t.Errorf("score %.2f -> %.2f, state %s: a correction of the birth date was not taken up", before.Score, after.Score, after.State)
	}
	analyst := as("asel", "analyst", "")
	u.must(u.room.Claim(analyst, id))
	u.must(u.room.Dismiss(analyst, id, "born", ""))
	u.arrive("j1", "ZHUMABAYEV AIDAR", "1984-05-12", "N01234567")
	u.step()
	if _, h := u.one(); h.State != hit.New || h.Decision != nil {
		t.Errorf("hit is %s: it was dismissed on other facts and must be looked at again", h.State)
	}
}

// TestListAfterTraveller proves that a changed list is held against travellers already stored, and that removed entries
// match nobody.
func TestListAfterTraveller(t *testing.T) {
	u := open(t)
	u.arrive("j1", "ZHUMABAYEV AIDAR", "1984-05-12", "N01234567")
	u.step()
	u.list("e1", "Жумабаев Айдар", "1984-05-12", "f1")
	u.step()
	if _, h := u.one(); !h.Retro {
		t.Error("a hit from a changed list does not say so")
	}
	u.put("test.entry", "e1", access.Watchlist, &entry{record.Person{Role: record.RoleListed, Names: []record.Name{{Full: "Жумабаев Айдар"}}, Listing: &record.Listing{List: "own", Entry: "e1", Fingerprint: "f1"}}})
	u.arrive("j2", "ZHUMABAYEV AIDAR", "1984-05-12", "N07777777")
	u.step()
	if n := len(u.hits()); n != 1 {
		t.Errorf("%d hits: a removed entry still matches", n)
	}
}

// TestUrgency proves the order of the queue and when a hit is overdue.
func TestUrgency(t *testing.T) {
	now := time.Date(2026, 3, 1, 18, 0, 0, 0, time.UTC)
	make := func(severity string, score float64, in time.Duration) *hit.Hit {
		return &hit.Hit{State: hit.New, Score: score, Entry: hit.Entry{Severity: severity}, Passage: hit.Passage{Arrives: now.Add(in)}}
	}
	order := []*hit.Hit{
		make("critical", 0.9, 30*time.Minute),
		make("critical", 0.9, 5*time.Hour),
		make("high", 0.9, 2*time.Hour),
		make("medium", 0.9, time.Hour),
		make("medium", 0.9, -90*time.Minute),
		make("low", 0.8, 10*time.Hour),
	}
	for i := range len(order) - 1 {
		if order[i].Urgency(now) <= order[i+1].Urgency(now) {
			t.Errorf("hit %d (%.2f) does not come before hit %d (%.2f)", i, order[i].Urgency(now), i+1, order[i+1].Urgency(now))
		}
	}
	for in, want := range map[time.Duration]bool{46 * time.Minute: false, 45 * time.Minute: true, -time.Hour: true} {
		if got := make("low", 0.8, in).Overdue(now); got != want {
			t.Errorf("landing in %s: overdue %v, want %v", in, got, want)
		}
	}
	claimed := make("low", 0.8, time.Minute)
	claimed.State = hit.Claimed
	if claimed.Overdue(now) {
		t.Error("a claimed hit is overdue")
	}
}
