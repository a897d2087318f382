package sqlite

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sarhad/engine/match"
	"sarhad/record"
	"sarhad/store/storetest"
)

func machine() context.Context {
	return record.WithActor(context.Background(), record.Machine("test", "police"))
}

// note makes a record of the test's own kind.
func note(n storetest.Note) *record.Record {
	return &record.Record{Kind: "test.note", Version: 1, Owner: record.Owner{Agency: "police"},
		Handling: record.Handling{Marking: "internal", Topic: "passenger"}, Body: &n}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// act runs fn with an audit row.
func act(t *testing.T, s *Store, fn func(record.Tx) error) {
	t.Helper()
	must(t, s.Update(machine(), func(tx record.Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "test"})
	}))
}

func put(t *testing.T, s *Store, r *record.Record) *record.Record {
	t.Helper()
	act(t, s, func(tx record.Tx) error { return tx.Put(r) })
	return r
}

// secret is a person who is in every word of a record, under a name that stands nowhere else.
func secret(i int) storetest.Note {
	name := []string{"Қуанышбеков Ержігіт", "Tleubergenova Aizhamal"}[i]
	key := strings.ToUpper(strings.ReplaceAll(name, " ", ""))
	thing := record.Thing{Type: "person", Key: key}
	return storetest.Note{Title: name, Texts: []string{"фамилия " + name},
		Mentions: []record.Mention{{Thing: thing, Role: "subject", Label: name}},
		Persons:  []record.Person{{Role: "passenger", Names: []record.Name{{Full: name}}}},
		Links:    []record.Link{{From: thing, To: record.Thing{Type: "phone", Key: key + "-PHONE"}, Rel: "uses"}},
		Events:   []record.Event{{Kind: "call", Place: "ALA"}}}
}

// traces are the forms a name can leave in a file.
func traces() (out []string) {
	for i := range 2 {
		n := secret(i)
		for _, w := range append(strings.Fields(n.Title), n.Mentions[0].Key) {
			out = append(out, w, strings.ToLower(w), strings.ToUpper(w), match.Fold(w))
		}
	}
	return out
}

// found gives the traces that stand in the files of a directory.
func found(t *testing.T, dir string) (out []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	must(t, err)
	for _, f := range files {
		b, err := os.ReadFile(f)
		must(t, err)
		for _, w := range traces() {
			if bytes.Contains(b, []byte(w)) {
				out = append(out, filepath.Base(f)+": "+w)
			}
		}
	}
	return out
}

func TestErasedBytesAreGone(t *testing.T) {
	s, _ := open(t)
	for i := range 300 { // others around them, so that pages are shared
		put(t, s, note(storetest.Note{Title: fmt.Sprintf("Other %d", i), Texts: []string{"обычная запись"},
			Mentions: []record.Mention{{Thing: record.Thing{Type: "phone", Key: fmt.Sprint(i % 40)}}}}))
	}
	a := put(t, s, note(secret(0)))
	act(t, s, func(tx record.Tx) error { // a former revision holds the name too
		r, err := tx.Get(a.ID)
		must(t, err)
		r.Raw = nil
		r.Body.(*storetest.Note).State = "seen"
		return tx.Put(r)
	})
	child := note(secret(1))
	child.Origin.Parents = []record.ID{a.ID}
	put(t, s, child)
	unread := note(storetest.Note{})
	unread.Kind, unread.Body, unread.Raw = "unknown.kind", nil, []byte(secret(0).Title)
	unread.Origin.Parents = []record.ID{child.ID}
	put(t, s, unread)
	must(t, s.wipe(context.Background())) // into the database file, where most records are when they are erased
	before := found(t, s.cfg.Dir)
	for _, w := range []string{secret(0).Title[:10], secret(1).Mentions[0].Key, match.Fold("Қуанышбеков")} {
		if !strings.Contains(strings.Join(before, "\n"), w) {
			t.Fatalf("the test finds %q nowhere before: %v", w, before)
		}
	}
	act(t, s, func(tx record.Tx) error {
		_, err := tx.Erase(a.ID)
		return err
	})
	if left := found(t, s.cfg.Dir); len(left) > 0 {
		t.Fatalf("after erasing still in the files:\n%s", strings.Join(left, "\n"))
	}
	must(t, s.View(machine(), func(tx record.Tx) error {
		n, err := tx.Count(record.Query{Text: "обычная"}, 1000)
		if n != 300 {
			t.Errorf("%d of the 300 others are found", n)
		}
		return err
	}))
}

// wipe empties the log, as the goroutine of the log does.
func (s *Store) wipe(ctx context.Context) error { return s.scrub(ctx) }

// TestErasedBytesGoWhenReadersEnd erases while somebody reads the older state.
func TestErasedBytesGoWhenReadersEnd(t *testing.T) {
	s, _ := open(t)
	a := put(t, s, note(secret(0)))
	must(t, s.View(machine(), func(tx record.Tx) error {
		if _, err := tx.Get(a.ID); err != nil { // the state is fixed by the first read
			return err
		}
		act(t, s, func(tx record.Tx) error {
			_, err := tx.Erase(a.ID)
			return err
		})
		if len(found(t, s.cfg.Dir)) == 0 {
			t.Error("the reader's state is gone under it")
		}
		_, err := tx.Get(a.ID)
		return err
	}))
	for deadline := time.Now().Add(20 * time.Second); ; {
		left := found(t, s.cfg.Dir)
		if len(left) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("long after the last reader still in the files: %v", left)
		}
	}
}
