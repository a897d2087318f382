package sqlite

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"sarhad/record"
	"sarhad/store/storetest"
)

func TestOneProcessOwnsADirectory(t *testing.T) {
	s, _ := open(t)
	_, err := Open(context.Background(), s.cfg)
	if record.KindOf(err) != record.Unavailable {
		t.Fatalf("a second owner: %v", err)
	}
	for _, want := range []string{s.cfg.Dir, "in use by process", "stop"} {
		if !strings.Contains(record.MessageOf(err), want) {
			t.Errorf("the sentence %q does not say %q", record.MessageOf(err), want)
		}
	}
	must(t, s.Close())
	again, err := Open(context.Background(), s.cfg)
	must(t, err)
	must(t, again.Close())
	must(t, again.Close()) // twice is fine
}

func TestOpenAgain(t *testing.T) {
	s, _ := open(t)
	a := put(t, s, note(storetest.Note{Title: "a", State: "new"}))
	b := put(t, s, note(storetest.Note{Title: "b"}))
	act(t, s, func(tx record.Tx) error { _, err := tx.Erase(b.ID); return err })
	must(t, s.SetSetting(context.Background(), "colour", "green"))
	life := s.Incarnation()
	must(t, s.Close())
	s, err := Open(context.Background(), s.cfg)
	must(t, err)
	defer s.Close()
	if s.Incarnation() != life || life == "" {
		t.Errorf("the incarnation was %q and is %q", life, s.Incarnation())
	}
	if v, err := s.Setting(context.Background(), "colour"); v != "green" || err != nil {
		t.Errorf("the setting is %q, %v", v, err)
	}
	if v, err := s.Setting(context.Background(), "unset"); v != "" || err != nil {
		t.Errorf("a setting never set is %q, %v", v, err)
	}
	if err := s.SetSetting(context.Background(), ".index.at", "0"); record.KindOf(err) != record.Invalid {
		t.Errorf("a setting of the store was taken: %v", err)
	}
	c := put(t, s, note(storetest.Note{Title: "c", State: "new"}))
	if c.Seq != 3 {
		t.Errorf("after an erased number 2 the next is %d", c.Seq)
	}
	must(t, s.View(machine(), func(tx record.Tx) error {
		got, err := tx.Get(a.ID)
		must(t, err)
		if got.Body.(*storetest.Note).Title != "a" {
			t.Errorf("it came back as %+v", got.Body)
		}
		n, err := tx.Count(record.Query{States: []string{"new"}, Topics: []string{"passenger"}}, 10)
		if n != 2 {
			t.Errorf("%d records of the old and the new life, want 2", n)
		}
		return err
	}))
}

func TestReadOnlyBesideTheOwner(t *testing.T) {
	s, _ := open(t)
	put(t, s, note(storetest.Note{Title: "a"}))
	cfg := s.cfg
	cfg.ReadOnly = true
	r, err := Open(context.Background(), cfg)
	must(t, err)
	put(t, s, note(storetest.Note{Title: "b"}))
	must(t, r.View(machine(), func(tx record.Tx) error {
		n, err := tx.Count(record.Query{}, 10)
		if n != 2 {
			t.Errorf("the reader sees %d records", n)
		}
		return err
	}))
	ctx := record.WithActor(context.Background(), record.Actor{User: "u", Agency: "police", Roles: []string{"passenger"}})
	must(t, r.View(ctx, func(tx record.Tx) error {
		n, err := tx.Count(record.Query{}, 10)
		if n != 2 {
			t.Errorf("an officer sees %d records", n)
		}
		return err
	}))
	if err := r.Update(machine(), func(record.Tx) error { t.Error("it ran"); return nil }); record.KindOf(err) != record.Forbidden {
		t.Errorf("writing: %v", err)
	}
	must(t, r.Close())
	must(t, s.Close())
	if r, err = Open(context.Background(), cfg); err != nil { // nobody owns it now
		t.Fatal(err)
	}
	defer r.Close()
	if tree, err := r.AuditTree(context.Background()); tree.Rows != 2 || tree.Incarnation != s.Incarnation() || err != nil {
		t.Errorf("the log of a stopped node is %+v, %v", tree, err)
	}
	cfg.Dir = t.TempDir()
	if _, err := Open(context.Background(), cfg); record.KindOf(err) != record.Invalid || !strings.Contains(err.Error(), "no data directory") {
		t.Errorf("an empty directory: %v", err)
	}
}

func TestClosedStore(t *testing.T) {
	s, _ := open(t)
	must(t, s.Close())
	never := func(record.Tx) error { t.Error("it ran"); return nil }
	for name, err := range map[string]error{"View": s.View(machine(), never), "Update": s.Update(machine(), never)} {
		if record.KindOf(err) != record.Unavailable {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCancelled(t *testing.T) {
	s, _ := open(t)
	ctx, cancel := context.WithCancel(machine())
	err := s.Update(ctx, func(tx record.Tx) error {
		must(t, tx.Put(note(storetest.Note{Title: "a"})))
		cancel()
		return tx.Audit(record.Act{Action: "test"})
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("an act whose caller went away: %v", err)
	}
	if err := s.View(ctx, func(tx record.Tx) error { _, err := tx.List(record.Query{}); return err }); !errors.Is(err, context.Canceled) {
		t.Errorf("a read whose caller went away: %v", err)
	}
	put(t, s, note(storetest.Note{Title: "b"}))
	must(t, s.View(machine(), func(tx record.Tx) error {
		if h, err := tx.Head(); h != 1 || err != nil {
			t.Errorf("the sequence stands at %d, %v", h, err)
		}
		return nil
	}))
}

// TestManyClasses opens more classes than stand literally in a query.
func TestManyClasses(t *testing.T) {
	s, _ := open(t)
	const classes = 1300
	must(t, s.Bulk(machine(), func(tx record.Tx) error {
		for i := range classes {
			r := note(storetest.Note{Title: fmt.Sprint(i), Texts: []string{"слово"}})
			r.Handling.Releasable = []string{fmt.Sprint("node-", i)}
			if i%2 == 0 {
				r.Handling.Topic = "hit"
			}
			if err := tx.Put(r); err != nil {
				return err
			}
		}
		return tx.Audit(record.Act{Action: "import", Count: classes})
	}))
	officer := record.WithActor(context.Background(), record.Actor{User: "u", Agency: "police", Roles: []string{"passenger", "hit"}})
	few := record.WithActor(context.Background(), record.Actor{User: "u", Agency: "police", Roles: []string{"hit"}})
	count := func(tx record.Tx, q record.Query) int {
		n, err := tx.Count(q, 10_000)
		must(t, err)
		return n
	}
	for range 3 { // each time more classes, on every reader
		for range DefaultReaders + 1 {
			var want int
			must(t, s.View(machine(), func(tx record.Tx) error { want = count(tx, record.Query{}); return nil }))
			must(t, s.View(officer, func(tx record.Tx) error {
				if all, text := count(tx, record.Query{}), count(tx, record.Query{Text: "слово"}); all != want || text != want {
					t.Errorf("an officer of everything sees %d and %d of %d", all, text, want)
				}
				if n := count(tx, record.Query{Topics: []string{"hit"}}); n != want/2 {
					t.Errorf("of one topic %d of %d", n, want/2)
				}
				return nil
			}))
			must(t, s.View(few, func(tx record.Tx) error {
				if n := count(tx, record.Query{}); n != want/2 {
					t.Errorf("an officer of half sees %d of %d", n, want/2)
				}
				return nil
			}))
		}
		err := s.Update(officer, func(tx record.Tx) error { // classes of an act that fails are granted in vain
			r := note(storetest.Note{Title: "x", Texts: []string{"слово"}})
			r.Handling.Releasable = []string{"never"}
			before := count(tx, record.Query{})
			must(t, tx.Put(r))
			if n := count(tx, record.Query{}); n != before+1 {
				t.Errorf("an act sees %d of its own records", n-before)
			}
			return errors.New("stop")
		})
		if err == nil {
			t.Fatal("the act did not fail")
		}
		must(t, s.Update(officer, func(tx record.Tx) error {
			for i := range 2 {
				r := note(storetest.Note{Title: "y", Texts: []string{"слово"}})
				r.Handling.Releasable, r.Handling.Codes = []string{fmt.Sprint(count(tx, record.Query{}))}, []string{"H1"}
				r.Handling.Topic = []string{"hit", "passenger"}[i]
				must(t, tx.Put(r))
			}
			return tx.Audit(record.Act{Action: "test"})
		}))
	}
}

// TestForgetAccess proves that a changed rule takes effect when the app says so.
func TestForgetAccess(t *testing.T) {
	allowed := false
	s, _ := open(t, func(c *Config) { c.Allow = func(record.Actor, record.Scope) bool { return allowed } })
	put(t, s, note(storetest.Note{Title: "a"}))
	officer := record.WithActor(context.Background(), record.Actor{User: "u"})
	see := func() (n int) {
		must(t, s.View(officer, func(tx record.Tx) (err error) { n, err = tx.Count(record.Query{}, 10); return err }))
		return n
	}
	if see() != 0 {
		t.Fatal("seen without a right")
	}
	allowed = true
	s.ForgetAccess()
	if see() != 1 {
		t.Fatal("not seen with a right")
	}
}

// TestPeopleGoFirst queues acts of both sorts behind a running one and looks at their order.
func TestPeopleGoFirst(t *testing.T) {
	s, _ := open(t)
	var mu sync.Mutex
	var order []string
	var wait sync.WaitGroup
	start := func(name string, run func(context.Context, func(record.Tx) error) error) {
		wait.Go(func() {
			must(t, run(machine(), func(tx record.Tx) error {
				mu.Lock()
				order = append(order, name)
				mu.Unlock()
				return nil
			}))
		})
	}
	waiting := func(people, bulk int) {
		for {
			s.queue.mu.Lock()
			p, b := len(s.queue.people), len(s.queue.bulk)
			s.queue.mu.Unlock()
			if p == people && b == bulk {
				return
			}
		}
	}
	must(t, s.Update(machine(), func(record.Tx) error {
		start("bulk 1", s.Bulk)
		waiting(0, 1)
		start("bulk 2", s.Bulk)
		waiting(0, 2)
		start("person 1", s.Update)
		waiting(1, 2)
		start("person 2", s.Update)
		waiting(2, 2)
		ctx, cancel := context.WithCancel(machine())
		wait.Go(func() {
			if err := s.Update(ctx, func(record.Tx) error { t.Error("it ran"); return nil }); !errors.Is(err, context.Canceled) {
				t.Errorf("who went away while waiting: %v", err)
			}
		})
		waiting(3, 2)
		cancel()
		waiting(2, 2)
		return nil
	}))
	wait.Wait()
	if got := strings.Join(order, ", "); got != "person 1, person 2, bulk 1, bulk 2" {
		t.Errorf("the order was %s", got)
	}
}

// TestReadersWhileWriting reads consistent states while acts and imports go on.
func TestReadersWhileWriting(t *testing.T) {
	s, _ := open(t)
	var wait sync.WaitGroup
	done := make(chan struct{})
	for w := range 2 {
		wait.Go(func() {
			run := s.Update
			if w == 1 {
				run = s.Bulk
			}
			for i := range 60 {
				err := run(machine(), func(tx record.Tx) error {
					for j := range 3 { // three at a time
						r := note(storetest.Note{Title: fmt.Sprint(w, i, j), Texts: []string{"слово"}, Mentions: []record.Mention{{Thing: record.Thing{Type: "phone", Key: "1"}}}})
						r.Handling.Place = fmt.Sprint(i % 9)
						if err := tx.Put(r); err != nil {
							return err
						}
					}
					return tx.Audit(record.Act{Action: "test"})
				})
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	var readers sync.WaitGroup
	for range 3 {
		readers.Go(func() {
			ctx := record.WithActor(context.Background(), record.Actor{User: "u", Agency: "police", Roles: []string{"passenger"}})
			for {
				select {
				case <-done:
					return
				default:
				}
				err := s.View(ctx, func(tx record.Tx) error {
					n, err := tx.Count(record.Query{}, 1000)
					if err != nil {
						return err
					}
					text, err := tx.Count(record.Query{Text: "слово"}, 1000)
					if err != nil {
						return err
					}
					head, err := tx.Head()
					if n%3 != 0 || n != text || int(head) != n {
						t.Errorf("a state with %d records, %d texts, head %d", n, text, head)
					}
					return err
				})
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wait.Wait()
	close(done)
	readers.Wait()
}
