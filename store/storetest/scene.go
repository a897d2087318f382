package storetest

import (
	"context"
	"testing"
	"time"

	"sarhad/record"
)

// scene is a store with short words for what tests do.
type scene struct {
	*testing.T
	Opened
}

func newScene(t *testing.T, open func(*testing.T) Opened) *scene {
	t.Helper()
	return &scene{t, open(t)}
}

// machine is who stores when the test is not about who.
func machine() context.Context {
	return record.WithActor(context.Background(), record.Machine("test", "police"))
}

// officer is a person who may read the given topics of police.
func officer(topics ...string) context.Context {
	return record.WithActor(context.Background(), person(topics...))
}

func person(topics ...string) record.Actor {
	return record.Actor{User: "u-1", Display: "Officer One", Agency: "police", Roles: topics,
		Purpose: record.Purpose{Kind: "duty", Text: "evening shift"}}
}

// note makes a record around a note.
func note(n Note) *record.Record {
	return &record.Record{Kind: "test.note", Version: 1, Writer: "node-a", Owner: record.Owner{Agency: "police"},
		Handling: record.Handling{Marking: "internal", Topic: "passenger"}, Body: &n}
}

func memo(n Note) *record.Record {
	r := note(n)
	r.Kind, r.Body = "test.memo", &Memo{n}
	return r
}

// update runs an act as a machine, with its audit row.
func (s *scene) update(fn func(record.Tx) error) {
	s.Helper()
	s.ok(s.Store.Update(machine(), func(tx record.Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "test"})
	}))
}

// put stores records, each in an act of its own, and gives the last one back.
func (s *scene) put(records ...*record.Record) *record.Record {
	s.Helper()
	for _, r := range records {
		s.update(func(tx record.Tx) error { return tx.Put(r) })
	}
	return records[len(records)-1]
}

// revise changes the note of a stored record.
func (s *scene) revise(id record.ID, change func(*record.Record, *Note)) (out *record.Record) {
	s.Helper()
	s.update(func(tx record.Tx) error {
		r, err := tx.Get(id)
		if err != nil {
			return err
		}
		change(r, r.Body.(*Note))
		r.Raw = nil
		out = r
		return tx.Put(r)
	})
	return out
}

// view reads as somebody.
func (s *scene) view(ctx context.Context, fn func(record.Tx) error) {
	s.Helper()
	s.ok(s.Store.View(ctx, fn))
}

func (s *scene) ok(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *scene) kind(what string, err error, want record.ErrorKind) {
	s.Helper()
	if got := record.KindOf(err); got != want {
		s.Fatalf("%s: error kind %q (%v), want %q", what, got, err, want)
	}
}

// titles lists what a query gives, page by page.
func (s *scene) titles(ctx context.Context, q record.Query) (out []string) {
	s.Helper()
	for {
		var page record.Page
		s.view(ctx, func(tx record.Tx) (err error) {
			page, err = tx.List(q)
			return err
		})
		for _, r := range page.Rows {
			out = append(out, r.Title)
		}
		if page.Next == "" {
			return out
		}
		q.Cursor = page.Next
	}
}

// head is the newest number.
func (s *scene) head() (seq record.Seq) {
	s.Helper()
	s.view(machine(), func(tx record.Tx) (err error) {
		seq, err = tx.Head()
		return err
	})
	return seq
}

func day(d int) time.Time { return time.Date(2026, 10, d, 12, 0, 0, 0, time.UTC) }
