package hit

import (
	"context"
	"testing"

	"sarhad/engine/match"
	"sarhad/record"
	"sarhad/store/sqlite"
	"sarhad/store/storetest"
)

// TestListedFollowTheJournal proves that nobody stays in memory who was erased or masked, and that a set that is built anew
// reads no journal of years.
func TestListedFollowTheJournal(t *testing.T) {
	clock := storetest.NewClock()
	store, err := sqlite.Open(context.Background(), sqlite.Config{Dir: t.TempDir(), Types: storetest.Types(), Fold: match.Fold, Now: clock.Now, Node: "n",
		Allow: func(record.Actor, record.Scope) bool { return true }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	ctx := record.WithActor(context.Background(), record.Machine("test", "POL"))
	act := func(fn func(record.Tx) error) {
		t.Helper()
		if err := store.Update(ctx, func(tx record.Tx) error {
			if err := fn(tx); err != nil {
				return err
			}
			return tx.Audit(record.Act{Action: "test"})
		}); err != nil {
			t.Fatal(err)
		}
	}
	put := func(name string) *record.Record {
		t.Helper()
		r := &record.Record{Kind: "test.note", Version: 1, Owner: record.Owner{Agency: "POL"}, Handling: record.Handling{Marking: "internal", Topic: "watchlist"},
			Body: &storetest.Note{Title: name, Persons: []record.Person{{Role: record.RoleListed, Names: []record.Name{{Full: name}}, Born: []string{"1980-01-01"},
				Listing: &record.Listing{List: "own", Entry: name, Active: true, Fingerprint: "f"}}}}}
		act(func(tx record.Tx) error { return tx.Put(r) })
		return r
	}
	s := &listedSet{}
	refresh := func() {
		t.Helper()
		if err := s.refresh(ctx, store); err != nil {
			t.Fatal(err)
		}
	}
	found := func(name string) int {
		return len(s.search(query("", Facts{Names: []record.Name{{Full: name}}, Born: []string{"1980-01-01"}}), 0.5, clock.Now()))
	}

	one, two, three := put("ERGASHEV BOTIR"), put("KARIMOVA DILNOZA"), put("SATTOROV JAMSHED")
	refresh()
	if found("ERGASHEV BOTIR") != 1 || found("KARIMOVA DILNOZA") != 1 {
		t.Fatal("the listed are not found: the test proves nothing")
	}
	act(func(tx record.Tx) error { _, err := tx.Erase(one.ID); return err })
	act(func(tx record.Tx) error {
		return tx.Mask(two.ID, record.Masking{Policy: "p", Redact: func(*record.Record) ([]byte, error) { return []byte("{}"), nil }})
	})
	refresh()
	if found("ERGASHEV BOTIR") != 0 || found("KARIMOVA DILNOZA") != 0 || found("SATTOROV JAMSHED") != 1 {
		t.Errorf("erased %d, masked %d, left %d", found("ERGASHEV BOTIR"), found("KARIMOVA DILNOZA"), found("SATTOROV JAMSHED"))
	}
	if len(s.people) != 1 || len(s.pending) != 1 || len(s.touched) != 1 {
		t.Errorf("still in memory: %d people, %d pending, %d touched", len(s.people), len(s.pending), len(s.touched))
	}
	s = &listedSet{}
	refresh()
	if s.forgot != 2 || len(s.people) != 1 || found(three.Body.(*storetest.Note).Title) != 1 {
		t.Errorf("built anew: journal at %d, %d people", s.forgot, len(s.people))
	}
}
