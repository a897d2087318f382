package api

import (
	"context"
	"testing"
	"time"

	"sarhad/record"
)

// sequence is a store of which only the change sequence is read.
type sequence struct {
	record.Store
	record.Tx
	head record.Seq
}

func (s *sequence) View(_ context.Context, fn func(record.Tx) error) error { return fn(s) }
func (s *sequence) Head() (record.Seq, error)                              { return s.head, nil }
func (s *sequence) Changes(after record.Seq, limit int) (out []record.Row, _ error) {
	for n := after + 1; n <= s.head && len(out) < limit; n++ {
		out = append(out, record.Row{Seq: n})
	}
	return out, nil
}

// TestNoChangeIsLost proves that a screen hears each change or that it has to read everything again: never neither.
func TestNoChangeIsLost(t *testing.T) {
	store := &sequence{head: 7}
	e := &Events{Store: store, Now: time.Now}
	woken := make(chan struct{}, 1)
	e.Wake(woken)
	screen, stop := e.subscribe()
	defer stop()
	at, err := e.follow(t.Context(), -1)
	if at != 7 || err != nil || len(screen.rows) != 0 || len(woken) != 1 {
		t.Fatalf("at the start: at %d, %v, %d told, %d woken", at, err, len(screen.rows), len(woken))
	}
	step := func(grow record.Seq) {
		t.Helper()
		store.head += grow
		if at, err = e.follow(t.Context(), at); at != store.head || err != nil {
			t.Fatalf("at %d of %d, %v", at, store.head, err)
		}
	}
	step(3)
	if rows := <-screen.rows; len(rows) != 3 || rows[0].Seq != 8 || len(screen.missed) != 0 {
		t.Errorf("three changes: %d told, %d missed", len(rows), len(screen.missed))
	}
	step(0)
	if len(screen.rows)+len(screen.missed) != 0 {
		t.Error("told of nothing")
	}
	step(eventPage)
	if rows := <-screen.rows; len(rows) != eventPage || len(screen.missed) != 0 {
		t.Errorf("a full page: %d told, %d missed", len(rows), len(screen.missed))
	}
	step(eventPage + 1)
	if len(screen.missed) != 1 {
		t.Fatal("a burst beyond a page was passed over in silence")
	}
	<-screen.missed
	for range cap(screen.rows) {
		step(1)
	}
	if len(screen.missed) != 0 {
		t.Error("a screen that is not behind was told to read everything")
	}
	step(1)
	step(1)
	if len(screen.missed) != 1 || len(screen.rows) != cap(screen.rows) {
		t.Error("a slow screen was not told that it missed something")
	}
}
