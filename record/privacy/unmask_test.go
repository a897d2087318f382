package privacy

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sarhad/record"
	"sarhad/record/audit"
)

// unmaskScene is a scene with keys of its own and one masked trip.
func unmaskScene(t *testing.T) (*scene, record.ID) {
	s := newScene(t)
	keys := filepath.Join(s.dir, "keys")
	s.ok(os.MkdirAll(keys, 0o700))
	var err error
	s.c.Keys, err = NewKeys(keys, phrases, 4)
	s.ok(err)
	s.policy("test.trip", Rule{Name: "m", Action: Mask, After: "PT24H"})
	id := s.put(&trip{Title: surname + " " + given, State: "seen", Texts: []string{given}})
	s.forward(1)
	if s.get(id).Masked == nil {
		t.Fatal("the trip is not masked")
	}
	return s, id
}

func working(name, caseNo string) context.Context {
	a, _ := record.ActorFrom(person("analyst", name))
	a.Purpose = record.Purpose{Kind: "case", Ref: caseNo, Text: "case"}
	return record.WithActor(context.Background(), a)
}

// TestUnmasking walks the whole life: two people in sequence who are not the one who asks, one case, one day, nothing in
// clear on the disk before, while and after.
func TestUnmasking(t *testing.T) {
	s, id := unmaskScene(t)
	analyst, boss, watch := person("analyst", "ann"), person("supervisor", "bo"), person("oversight", "wes")
	_, err := s.c.Ask(analyst, id, "", "why")
	s.kind("without a case", err, record.Invalid)
	_, err = s.c.Ask(boss, id, "C-7", "why")
	s.kind("a supervisor asks", err, record.Forbidden)
	req, err := s.c.Ask(analyst, id, "C-7", "the investigator needs it")
	s.ok(err)
	_, err = s.c.Ask(analyst, id, "C-8", "another")
	s.kind("a second request", err, record.Conflict)

	s.kind("oversight first", second(s.c.Open(watch, req.ID, phrases.Oversight, nil)), record.Conflict)
	s.kind("the analyst agrees", second(s.c.Agree(analyst, req.ID, phrases.Unit, nil)), record.Forbidden)
	s.kind("oversight agrees for the unit", second(s.c.Agree(watch, req.ID, phrases.Unit, nil)), record.Forbidden)
	both := record.Actor{User: "ann", Agency: "POL", Roles: []string{"supervisor", "oversight"}, Purpose: record.Purpose{Kind: "duty", Text: "test"}}
	s.kind("the same person with another role", second(s.c.Agree(record.WithActor(context.Background(), both), req.ID, phrases.Unit, nil)), record.Forbidden)
	for _, p := range []string{"", "wrong", phrases.Oversight} {
		s.kind("the phrase "+p, second(s.c.Agree(boss, req.ID, p, nil)), record.Invalid)
	}
	if got, err := s.c.Agree(boss, req.ID, " "+phrases.Unit+"\n", nil); err != nil || got.State != Agreed {
		t.Fatalf("%+v %v", got, err)
	}
	s.kind("agreed twice", second(s.c.Agree(person("supervisor", "bea"), req.ID, phrases.Unit, nil)), record.Conflict)
	both.User = "bo"
	s.kind("who agreed opens too", second(s.c.Open(record.WithActor(context.Background(), both), req.ID, phrases.Oversight, nil)), record.Forbidden)
	s.kind("the unit's phrase opens", second(s.c.Open(watch, req.ID, phrases.Unit, nil)), record.Invalid)
	tries, err := s.store.AskAudit(context.Background(), audit.Question{Actions: []string{"unmask-wrong"}})
	s.ok(err)
	if len(tries) != 4 {
		t.Errorf("%d wrong phrases are in the log, want 4", len(tries))
	}
	s.kind("read before it is open", third(s.c.Read(working("ann", "C-7"), req.ID)), record.Conflict)
	got, err := s.c.Open(watch, req.ID, phrases.Oversight, nil)
	s.ok(err)
	if got.State != Opened || !got.Until.Equal(s.clock.Now().Add(OpenFor)) {
		t.Fatalf("%+v", got)
	}

	rec, _, err := s.c.Read(working("ann", "C-7"), req.ID)
	s.ok(err)
	if !bytes.Contains(rec.Raw, []byte(surname)) || rec.ID != id || !strings.Contains(rec.Key, surname) {
		t.Errorf("read %s", rec.Raw)
	}
	s.kind("for another case", third(s.c.Read(working("ann", "C-8"), req.ID)), record.NoPurpose)
	s.kind("on duty", third(s.c.Read(analyst, req.ID)), record.NoPurpose)
	s.kind("somebody else", third(s.c.Read(working("eve", "C-7"), req.ID)), record.NotFound)
	for _, who := range []context.Context{boss, watch} {
		s.kind("who agreed or opened", third(s.c.Read(who, req.ID)), record.NotFound)
	}
	if s.get(id).Body.(*trip).Title != "" {
		t.Error("the record itself is in clear")
	}
	if left := inFiles(t, s.dir, surname, given); len(left) > 0 {
		t.Errorf("while it is open, in the files: %v", left)
	}
	key := s.c.Keys.lentFile(req.ID)
	if _, err := os.Stat(key); err != nil {
		t.Fatal("no key of its own: ", err)
	}
	box := s.box(req.ID)
	if len(box) == 0 {
		t.Fatal("nothing is kept")
	}

	s.clock.Tick(OpenFor - time.Minute)
	s.run()
	if _, _, err := s.c.Read(working("ann", "C-7"), req.ID); err != nil {
		t.Errorf("a minute before the end: %v", err)
	}
	s.clock.Tick(time.Minute)
	s.kind("at the end, before the clocks ran", third(s.c.Read(working("ann", "C-7"), req.ID)), record.Conflict)
	s.run()
	if _, err := os.Stat(key); !os.IsNotExist(err) {
		t.Error("the key outlives its day")
	}
	if len(s.box(req.ID)) != 0 {
		t.Error("what was opened outlives its day")
	}
	list, _, err := s.c.Requests(analyst, true, "", 0)
	s.ok(err)
	if len(list) != 1 || list[0].State != Ended || list[0].Closed == nil {
		t.Errorf("own requests: %+v", list)
	}
	s.ok(second(s.c.Ask(analyst, id, "C-7", "again")))
	s.unmaskings(1)
}

func third[A, B any](_ A, _ B, err error) error { return err }

func (s *scene) box(id record.ID) (b []byte) {
	s.Helper()
	err := s.store.View(machineCtx(), func(tx record.Tx) (err error) { b, err = tx.Box(id); return err })
	if err != nil && record.KindOf(err) != record.NotFound {
		s.Fatal(err)
	}
	return b
}

// unmaskings checks what the newest checkpoint counts, and that the log agrees.
func (s *scene) unmaskings(want int64) {
	s.Helper()
	s.ok(s.seq.Close(context.Background()))
	last, err := s.store.LastCheckpoint(context.Background())
	s.ok(err)
	c, err := audit.ReadCheckpoint(last.Text)
	s.ok(err)
	rep, err := audit.Verify(context.Background(), s.store, s.c.Verifiers, nil)
	s.ok(err)
	if c.Unmaskings != want || !rep.OK() {
		s.Errorf("the checkpoint counts %d unmaskings, want %d; %+v", c.Unmaskings, want, rep.Findings)
	}
}

// TestUnmaskingEnds proves that each other end of a request leaves nothing behind, also across a restart.
func TestUnmaskingEnds(t *testing.T) {
	s, id := unmaskScene(t)
	analyst, boss, watch := person("analyst", "ann"), person("supervisor", "bo"), person("oversight", "wes")
	ask := func() record.ID {
		t.Helper()
		req, err := s.c.Ask(analyst, id, "C-7", "the investigator needs it")
		s.ok(err)
		return req.ID
	}
	agreed := func() record.ID {
		id := ask()
		s.ok(second(s.c.Agree(boss, id, phrases.Unit, nil)))
		return id
	}
	opened := func() record.ID {
		id := agreed()
		s.ok(second(s.c.Open(watch, id, phrases.Oversight, nil)))
		return id
	}
	state := func(id record.ID) string { return s.get(id).Body.(*Unmasking).State }
	check := func(what string, id record.ID, want string) {
		t.Helper()
		if state(id) != want || len(s.box(id)) != 0 {
			t.Errorf("%s: %s, %d bytes beside it", what, state(id), len(s.box(id)))
		}
		if _, err := os.Stat(s.c.Keys.lentFile(id)); !os.IsNotExist(err) {
			t.Errorf("%s: its key is there", what)
		}
	}
	r := agreed()
	s.kind("refused without a reason", second(s.c.Refuse(watch, r, " ")), record.Invalid)
	s.kind("refused by who asked", second(s.c.Refuse(analyst, r, "no")), record.Forbidden)
	s.ok(second(s.c.Refuse(watch, r, "no ground")))
	check("refused by oversight", r, Declined)
	s.kind("opened after it was refused", second(s.c.Open(watch, r, phrases.Oversight, nil)), record.Conflict)
	r = ask()
	s.ok(second(s.c.Refuse(boss, r, "no ground")))
	check("refused by the unit", r, Declined)
	r = agreed()
	s.kind("withdrawn by another", second(s.c.Withdraw(boss, r)), record.NotFound)
	s.ok(second(s.c.Withdraw(analyst, r)))
	check("withdrawn", r, Withdrawn)
	r = opened()
	s.ok(second(s.c.Withdraw(analyst, r)))
	check("ended by who asked", r, Ended)
	r = opened()
	s.clock.Tick(OpenFor)
	s.ok(second(s.restarted().Run(context.Background())))
	check("ended by the clock after a restart", r, Ended)
	r = opened()
	s.clock.Tick(-25 * time.Hour) // a clock that was set back makes no longer day
	s.run()
	check("ended by stopped clocks", r, Ended)
	s.clock.Tick(25 * time.Hour)
	s.ok(s.c.ConfirmTime(machineCtx(), "test"))
	r = agreed()
	s.clock.Tick(20 * time.Hour)
	s.forward(7)
	check("nobody opened it", r, Ended)
	r = opened()
	s.ok(second(s.c.Erase(boss, id, "request 12", nil)))
	s.run()
	if s.get(r) != nil || s.get(id) != nil {
		t.Error("a request outlives its record")
	}
	if _, err := os.Stat(s.c.Keys.lentFile(r)); !os.IsNotExist(err) {
		t.Error("the key of an erased request is there")
	}
	s.unmaskings(4)
}

func TestKeysAreNotReplaced(t *testing.T) {
	dir := t.TempDir()
	none, err := LoadKeys(dir)
	must(t, err)
	if none.Ready() {
		t.Error("no keys are ready")
	}
	if _, err := none.Seal([]byte("x")); record.KindOf(err) != record.Unavailable {
		t.Errorf("sealed without keys: %v", err)
	}
	if _, err := NewKeys(dir, Phrases{"same", "same"}, 4); record.KindOf(err) != record.Invalid {
		t.Errorf("one phrase for both: %v", err)
	}
	if _, err := NewKeys(dir, phrases, 4); err != nil {
		t.Fatal(err)
	}
	before, _ := os.ReadFile(filepath.Join(dir, "unit.age"))
	if _, err := NewKeys(dir, phrases, 4); record.KindOf(err) != record.Conflict {
		t.Errorf("made again: %v", err)
	}
	after, _ := os.ReadFile(filepath.Join(dir, "unit.age"))
	if !bytes.Equal(before, after) {
		t.Error("keys were replaced")
	}
}

// TestMaskingWaitsForKeys proves that nothing is masked without keys, and that the clocks say so.
func TestMaskingWaitsForKeys(t *testing.T) {
	s := newScene(t)
	s.c.Keys = &Keys{Dir: t.TempDir()}
	s.policy("test.trip", Rule{Name: "m", Action: Mask, After: "PT24H"}, Rule{Name: "e", Action: Erase, After: "P3D"})
	id := s.put(&trip{Title: "A"})
	rep := s.forward(1)
	if len(rep.Waiting) != 1 || !strings.Contains(rep.Waiting[0], "node keys make") || s.get(id).Masked != nil {
		t.Errorf("%+v", rep)
	}
	if s.forward(2); s.get(id) != nil {
		t.Error("erasing waits for keys")
	}
}
