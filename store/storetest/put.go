package storetest

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sarhad/record"
)

// same compares records; an empty and a nil slice say the same.
func (s *scene) same(what string, got, want any) {
	s.Helper()
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		s.Fatalf("%s (-want +got):\n%s", what, d)
	}
}

func roundTrip(s *scene) {
	r := note(Note{Title: "ASKAROV ALI", Texts: []string{"Алматы"}})
	r.Key, r.Occurred, r.Expires = "k-1", day(3), day(30)
	r.Grading = record.Grading{Scheme: "6x6", Source: "B", Information: "2"}
	r.Handling.Codes, r.Handling.Releasable = []string{"H2", "H1"}, []string{"customs"}
	s.put(r)
	if r.ID.IsZero() || r.Seq == 0 || r.Revision.Number != 1 || r.Raw == nil {
		s.Fatalf("Put did not fill the record: %+v", r)
	}
	s.view(machine(), func(tx record.Tx) error {
		got, err := tx.Get(r.ID)
		s.ok(err)
		s.same("by id", got, r)
		got, err = tx.ByKey("test.note", "k-1")
		s.ok(err)
		s.same("by key", got, r)
		return nil
	})
	s.view(machine(), func(tx record.Tx) error {
		page, err := tx.List(record.Query{Full: true})
		s.ok(err)
		want := record.Row{Seq: r.Seq, ID: r.ID, Kind: r.Kind, Version: 1, Revision: 1, Key: "k-1", Title: "ASKAROV ALI",
			Scope: r.Scope(), Occurred: r.Occurred, Changed: r.Received, Expires: r.Expires, Record: r}
		s.same("in a list", page.Rows, []record.Row{want})
		return nil
	})
}

func times(s *scene) {
	almaty := time.FixedZone("Almaty", 5*3600)
	r := note(Note{Title: "x"})
	r.Occurred = time.Date(2026, 10, 5, 1, 2, 3, 987654321, almaty)
	s.put(r)
	want := time.Date(2026, 10, 4, 20, 2, 3, 987000000, time.UTC)
	if !r.Occurred.Equal(want) || r.Occurred.Location() != time.UTC {
		s.Fatalf("Occurred is %v, want %v", r.Occurred, want)
	}
	if now := s.Clock.Now(); !r.Created.Equal(now) || !r.Received.Equal(now) {
		s.Fatalf("Created %v, Received %v, want %v", r.Created, r.Received, now)
	}
}

func rawKept(s *scene) {
	raw := []byte("{ \"title\":\"ODD  SPACES\",\n\"unknown field\":[1,2]}\t")
	r := note(Note{})
	r.Body, r.Raw = nil, raw
	s.put(r)
	s.view(machine(), func(tx record.Tx) error {
		got, err := tx.Get(r.ID)
		s.ok(err)
		if string(got.Raw) != string(raw) {
			s.Fatalf("the bytes came back as %q", got.Raw)
		}
		if n, ok := got.Body.(*Note); !ok || n.Title != "ODD  SPACES" {
			s.Fatalf("the typed view is %#v", got.Body)
		}
		return nil
	})
	s.same("its title", s.titles(machine(), record.Query{}), []string{"ODD  SPACES"})
}

func unknownKind(s *scene) {
	r := note(Note{})
	r.Kind, r.Version, r.Body, r.Raw = "elsewhere.thing", 7, nil, []byte{0, 1, 0xff, '{'}
	s.put(r)
	s.view(machine(), func(tx record.Tx) error {
		page, err := tx.List(record.Query{Kinds: []string{"elsewhere.thing"}, Full: true})
		s.ok(err)
		if len(page.Rows) != 1 || page.Rows[0].Title != "" || page.Rows[0].State != "" {
			s.Fatalf("listed as %+v", page.Rows)
		}
		if got := page.Rows[0].Record; got.Body != nil || string(got.Raw) != string(r.Raw) {
			s.Fatalf("came back as %#v with bytes %v", got.Body, got.Raw)
		}
		return nil
	})
}

func unreadable(s *scene) {
	r := note(Note{})
	r.Body, r.Raw = nil, []byte(`{"title": 5`)
	s.put(r)
	s.view(machine(), func(tx record.Tx) error {
		got, err := tx.Get(r.ID)
		s.ok(err)
		if got.Body != nil || string(got.Raw) != string(r.Raw) {
			s.Fatalf("came back as %#v with bytes %q", got.Body, got.Raw)
		}
		return nil
	})
}

func staleBytes(s *scene) {
	r := s.put(note(Note{Title: "before"}))
	err := s.Store.Update(machine(), func(tx record.Tx) error {
		r, err := tx.Get(r.ID)
		s.ok(err)
		r.Body.(*Note).Title = "after"
		return tx.Put(r)
	})
	s.kind("a body changed under its bytes", err, record.Internal)
}

func invalidBody(s *scene) {
	err := s.Store.Update(machine(), func(tx record.Tx) error { return tx.Put(note(Note{Bad: true})) })
	s.kind("our own bad body", err, record.Invalid)
	r := note(Note{})
	r.Body, r.Raw = nil, []byte(`{"bad":true}`)
	s.put(r) // from elsewhere it is kept
	r = note(Note{})
	r.Handling.Marking = "top secret"
	err = s.Store.Update(machine(), func(tx record.Tx) error { return tx.Put(r) })
	s.kind("a marking above the ceiling", err, record.Invalid)
}

func revisions(s *scene) {
	first := s.put(note(Note{Title: "one"}))
	was := *first
	s.Clock.Tick(time.Hour)
	second := s.revise(first.ID, func(r *record.Record, n *Note) { n.Title = "two" })
	if second.Revision.Number != 2 || second.Revision.Former != was.Hash() {
		s.Fatalf("revision is %+v, want 2 after %s", second.Revision, was.Hash())
	}
	if !second.Created.Equal(was.Created) || !second.Received.After(was.Received) || second.Seq <= was.Seq {
		s.Fatalf("created %v received %v seq %d after %v %v %d", second.Created, second.Received, second.Seq, was.Created, was.Received, was.Seq)
	}
	s.view(machine(), func(tx record.Tx) error {
		all, err := tx.Revisions(first.ID)
		s.ok(err)
		s.same("revisions", all, []*record.Record{second, &was})
		return nil
	})
	s.same("the list", s.titles(machine(), record.Query{}), []string{"two"})
	// An unchanged body is a revision all the same: whether that is wanted is for rooms to say.
	third := s.revise(first.ID, func(*record.Record, *Note) {})
	if third.Revision.Number != 3 {
		s.Fatalf("revision %d, want 3", third.Revision.Number)
	}
}

func staleRevision(s *scene) {
	r := s.put(note(Note{Title: "one"}))
	old := *r
	s.revise(r.ID, func(r *record.Record, n *Note) { n.Title = "two" })
	s.kind("putting revision 1 again", s.Store.Update(machine(), func(tx record.Tx) error { return tx.Put(&old) }), record.Conflict)
	fresh := note(Note{Title: "twin"})
	fresh.ID = r.ID
	s.kind("a new record under a used id", s.Store.Update(machine(), func(tx record.Tx) error { return tx.Put(fresh) }), record.Conflict)
	ghost := note(Note{Title: "ghost"})
	ghost.ID, ghost.Revision.Number = record.ID{1}, 4
	s.kind("a revision of nothing", s.Store.Update(machine(), func(tx record.Tx) error { return tx.Put(ghost) }), record.NotFound)
}

func keyed(key, title string) *record.Record {
	r := note(Note{Title: title})
	r.Key = key
	return r
}

func keys(s *scene) {
	a, b := s.put(keyed("a", "A")), s.put(keyed("b", "B"))
	s.kind("a key twice", s.Store.Update(machine(), func(tx record.Tx) error { return tx.Put(keyed("a", "C")) }), record.Conflict)
	m := memo(Note{Title: "M"})
	m.Key = "a"
	s.put(m) // another kind may use it
	err := s.Store.Update(machine(), func(tx record.Tx) error {
		r, err := tx.Get(b.ID)
		s.ok(err)
		r.Key = "a"
		return tx.Put(r)
	})
	s.kind("taking another record's key", err, record.Conflict)
	s.revise(a.ID, func(r *record.Record, n *Note) { n.Title, r.Key = "A2", "moved" })
	s.put(keyed("a", "D")) // the key is free now
	s.view(machine(), func(tx record.Tx) error {
		for key, want := range map[string]string{"moved": "A2", "a": "D", "b": "B"} {
			r, err := tx.ByKey("test.note", key)
			s.ok(err)
			if got := r.Body.(*Note).Title; got != want {
				s.Errorf("key %s gives %s, want %s", key, got, want)
			}
		}
		_, err := tx.ByKey("test.note", "never")
		s.kind("an unknown key", err, record.NotFound)
		_, err = tx.ByKey("never.heard", "a")
		s.kind("an unknown kind", err, record.NotFound)
		return nil
	})
}

// refusedPut goes on after a refused Put in the same act: what was refused must leave no trace.
func refusedPut(s *scene) {
	s.put(keyed("a", "A"))
	bad := keyed("a", "again")
	s.update(func(tx record.Tx) error {
		s.kind("a key twice", tx.Put(bad), record.Conflict)
		return tx.Put(keyed("b", "B"))
	})
	if !bad.ID.IsZero() || bad.Raw != nil || bad.Revision.Number != 0 {
		s.Fatalf("a refused record was filled: %+v", bad)
	}
	s.same("stored", s.titles(machine(), record.Query{Oldest: true}), []string{"A", "B"})
	if head := s.head(); head != 2 {
		s.Fatalf("the sequence stands at %d after two records", head)
	}
}

func noActor(s *scene) {
	never := func(record.Tx) error { s.Error("it ran"); return nil }
	for name, call := range map[string]func(context.Context, func(record.Tx) error) error{
		"View": s.Store.View, "Update": s.Store.Update, "Bulk": s.Store.Bulk} {
		s.kind(name, call(context.Background(), never), record.Forbidden)
	}
}

func viewWrites(s *scene) {
	r := s.put(note(Note{Title: "x"}))
	s.view(machine(), func(tx record.Tx) error {
		_, erase := tx.Erase(r.ID)
		for name, err := range map[string]error{"Put": tx.Put(note(Note{})), "Erase": erase,
			"Audit": tx.Audit(record.Act{Action: "x"}), "SetCursor": tx.SetCursor("x", 1)} {
			s.kind(name, err, record.Internal)
		}
		return nil
	})
}

func rollback(s *scene) {
	s.put(note(Note{Title: "before", Mentions: []record.Mention{mention("phone", "77010000001")}}))
	for i, end := range []func() error{func() error { return errStop }, func() error { panic(errStop) }} {
		func() {
			defer func() { _ = recover() }()
			err := s.Store.Update(machine(), func(tx record.Tx) error {
				r := note(Note{Title: "never", State: fmt.Sprintf("state-%d", i), Mentions: []record.Mention{mention("phone", "77010000009")}, Texts: []string{"никогда"}})
				r.Handling.Topic = fmt.Sprintf("topic-%d", i)
				s.ok(tx.Put(r))
				s.ok(tx.Audit(record.Act{Action: "test"}))
				s.ok(tx.SetCursor("c", 1))
				return end()
			})
			if err != errStop {
				s.Errorf("Update gave %v", err)
			}
		}()
	}
	s.same("records", s.titles(machine(), record.Query{}), []string{"before"})
	s.same("by its words", s.titles(machine(), record.Query{Text: "никогда"}), []string(nil))
	s.same("by its thing", s.titles(machine(), record.Query{Thing: record.Thing{Type: "phone", Key: "77010000009"}}), []string(nil))
	// What was undone can be done again: nothing remembers numbers that were never given.
	again := note(Note{Title: "now", State: "state-0", Mentions: []record.Mention{mention("phone", "77010000009")}, Texts: []string{"никогда"}})
	again.Handling.Topic = "topic-0"
	s.put(again)
	s.same("by state", s.titles(machine(), record.Query{States: []string{"state-0"}}), []string{"now"})
	s.same("by topic", s.titles(machine(), record.Query{Topics: []string{"topic-0"}}), []string{"now"})
	s.same("by its thing", s.titles(officer("topic-0"), record.Query{Thing: record.Thing{Type: "phone", Key: "77010000009"}}), []string{"now"})
	if rows := s.acts(); len(rows) != 2 || rows[1].Number != 2 {
		s.Fatalf("acts after two undone ones: %+v", rows)
	}
}

func tooManyRows(s *scene) {
	many := make([]record.Mention, 4096)
	for i := range many {
		many[i] = mention("phone", fmt.Sprint(i))
	}
	err := s.Store.Update(machine(), func(tx record.Tx) error { return tx.Put(note(Note{Mentions: many})) })
	s.kind("4096 mentions", err, record.Invalid)
	if !strings.Contains(record.MessageOf(err), "4095") {
		s.Errorf("the sentence does not name the limit: %s", record.MessageOf(err))
	}
	s.put(note(Note{Title: "full", Mentions: many[:4095]}))
	s.same("by the last", s.titles(machine(), record.Query{Thing: many[4094].Thing}), []string{"full"})
	dims := make([]record.Dim, 9)
	err = s.Store.Update(machine(), func(tx record.Tx) error {
		return tx.Put(note(Note{Measures: []record.Measure{{Name: "m", Dims: dims}}}))
	})
	s.kind("nine dimensions", err, record.Invalid)
}

func mention(typ, key string) record.Mention {
	return record.Mention{Thing: record.Thing{Type: typ, Key: key}, Role: "subject", Label: key}
}
