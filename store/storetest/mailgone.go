package storetest

import (
	"context"
	"fmt"
	"time"

	"sarhad/record"
)

// put stores a record, erase and mask forget it.
func (s *mailScene) put(title string) *record.Record {
	s.Helper()
	r := note(Note{Title: title})
	s.act(func(tx record.Tx) error { return tx.Put(r) })
	return r
}

func erasingMail(s *mailScene) {
	s.forgetting(func(tx record.Tx, id record.ID) error { _, err := tx.Erase(id); return err })
}

func maskingMail(s *mailScene) {
	s.forgetting(func(tx record.Tx, id record.ID) error {
		return tx.Mask(id, record.Masking{Policy: "p", Redact: redact, Seal: turned})
	})
}

func (s *mailScene) forgetting(forget func(record.Tx, record.ID) error) {
	r, other := s.put("one"), s.put("two")
	queued, sealed, accepted := s.send(record.Dispatch{About: r.ID, Content: []byte("c")}), s.send(record.Dispatch{About: r.ID}), s.send(record.Dispatch{About: r.ID})
	stays := s.send(record.Dispatch{About: other.ID, Content: []byte("c")})
	s.seal(sealed)
	s.seal(accepted)
	s.advance(record.Step{ID: accepted.ID, Tried: true, State: record.DispatchAccepted})
	s.advance(record.Step{ID: accepted.ID, Again: true})
	about := func(id record.ID) func(*record.Arrival) { return func(a *record.Arrival) { a.About = id } }
	s.arrive(1, about(r.ID))
	s.arrive(2, about(other.ID))
	f := parcelOf(1)
	f.About, f.Meta = r.ID, []byte("meta")
	s.act(func(tx record.Tx) error { return tx.Ship(f) })
	err := s.Store.Update(machine(), func(tx record.Tx) error {
		s.ok(forget(tx, r.ID))
		return errStop
	})
	if err == nil || string(s.one(queued.ID).Content) != "c" {
		s.Fatal("a forgetting that was rolled back forgot")
	}
	s.act(func(tx record.Tx) error { return forget(tx, r.ID) })
	for _, d := range []record.Dispatch{queued, sealed} {
		if got := s.one(d.ID); got.State != record.DispatchRecalled || got.Content != nil || got.Wire != nil || got.Due || got.Closed.IsZero() {
			s.Errorf("what waited is %+v", got)
		}
	}
	if got := s.one(accepted.ID); got.State != record.DispatchAccepted || got.Wire != nil || got.Due {
		s.Errorf("what had left is %+v", got)
	}
	if got := s.one(stays.ID); got.State != record.DispatchQueued || string(got.Content) != "c" {
		s.Errorf("of another record: %+v", got)
	}
	in := s.in(record.ArrivalQuery{From: "node-b", Full: true})
	s.equal("what came", []any{in[0].Content == nil, in[0].Kept == nil, in[0].State, string(in[1].Content), string(in[1].Kept)}, []any{true, true, record.ArrivalNew, "content", "kept"})
	s.ok(s.Store.View(machine(), func(tx record.Tx) error {
		got, err := tx.Freights(record.FreightQuery{ID: f.ID, Peer: "node-b", Out: true, Closed: true})
		s.equal("the file", []any{len(got), got[0].State, got[0].Meta == nil}, []any{1, record.FreightRecalled, true})
		return err
	}))
}

func pruning(s *mailScene) {
	old, open := s.send(record.Dispatch{}), s.send(record.Dispatch{})
	svc := record.Dispatch{To: "node-b", Lane: record.Routine, Kind: "relay", Service: true}
	s.carry(func(tx record.Tx) error { return tx.Dispatch(&svc) })
	for _, d := range []record.Dispatch{old, open, svc} {
		s.seal(d)
		s.advance(record.Step{ID: d.ID, Tried: true, State: record.DispatchAccepted})
	}
	s.advance(record.Step{ID: old.ID, State: record.DispatchOpened, Receipt: []byte("r")})
	prune := func(wires, rows time.Duration) {
		s.carry(func(tx record.Tx) error {
			_, err := tx.Prune(s.Clock.Now().Add(-wires), s.Clock.Now().Add(-rows), 0)
			return err
		})
	}
	s.Clock.Tick(24 * time.Hour)
	prune(7*24*time.Hour, 365*24*time.Hour)
	s.equal("after a day", []any{s.one(old.ID).Wire != nil, len(s.out(record.DispatchQuery{ID: svc.ID, Service: true}))}, []any{true, 0})
	s.Clock.Tick(7 * 24 * time.Hour)
	prune(7*24*time.Hour, 365*24*time.Hour)
	s.equal("after a week", []any{s.one(old.ID).Wire == nil, string(s.one(old.ID).Receipt), s.one(open.ID).Wire != nil}, []any{true, "r", true})
	s.Clock.Tick(365 * 24 * time.Hour)
	prune(7*24*time.Hour, 365*24*time.Hour)
	s.equal("after a year", []any{len(s.out(record.DispatchQuery{ID: old.ID})), s.one(open.ID).Wire != nil}, []any{0, true})
	if next := s.send(record.Dispatch{}); next.Seq != 3 || next.Number <= svc.Number {
		s.Errorf("the next message has the numbers %d and %d", next.Seq, next.Number)
	}
}

func parcelOf(n int64) *record.Freight {
	return &record.Freight{Peer: "node-b", Kind: "file", Ref: "ref", Size: 100 * n, Hash: [32]byte{byte(n)}}
}

func freightMoves(s *mailScene) {
	f, g := parcelOf(1), parcelOf(2)
	s.act(func(tx record.Tx) error {
		s.ok(tx.Ship(f))
		return tx.Ship(g)
	})
	list := func(ctx context.Context, q record.FreightQuery) (out []record.Freight) {
		s.ok(s.Store.View(ctx, func(tx record.Tx) (err error) { out, err = tx.Freights(q); return err }))
		return out
	}
	set := func(f record.Freight) (ok bool) {
		s.carry(func(tx record.Tx) (err error) { ok, err = tx.SetFreight(f); return err })
		return ok
	}
	s.equal("on their way", len(list(machine(), record.FreightQuery{Out: true, State: record.FreightMoving})), 2)
	s.equal("to a person", list(officer("x"), record.FreightQuery{Out: true})[0].Ref, "")
	f.Have, f.Sent, f.Rounds = []record.Span{{First: 0, End: 40}, {First: 60, End: 80}}, 90, 2
	s.equal("moved", set(*f), true)
	got := list(machine(), record.FreightQuery{Out: true, ID: f.ID, Peer: "node-b"})[0]
	s.equal("it stands", []any{got.Have, got.Sent, got.Rounds, got.Ref, got.Hash}, []any{f.Have, 90, 2, "ref", f.Hash})
	f.State, f.Problem = record.FreightRefused, "damaged"
	s.equal("closed", set(*f), true)
	f.State = record.FreightMoving
	s.equal("opened again", set(*f), false)
	s.equal("on their way", len(list(machine(), record.FreightQuery{Out: true})), 1)
	s.equal("all", len(list(machine(), record.FreightQuery{Out: true, Closed: true})), 2)
	in := *parcelOf(3)
	in.ID, in.State, in.Ref = numbered(3), record.FreightMoving, ""
	s.equal("one that comes in", []any{set(in), len(list(machine(), record.FreightQuery{})), len(list(machine(), record.FreightQuery{Out: true}))}, []any{true, 1, 1})
	unknown := *parcelOf(4)
	unknown.ID, unknown.State, unknown.Out = numbered(4), record.FreightMoving, true
	s.kind("one of ours that is unknown", s.Store.Update(machine(), func(tx record.Tx) error { _, err := tx.SetFreight(unknown); return err }), record.NotFound)
}

func backlogsCount(s *mailScene) {
	first := s.Clock.Now()
	a := s.send(record.Dispatch{})
	s.Clock.Tick(time.Minute)
	s.send(record.Dispatch{})
	b := s.send(record.Dispatch{})
	s.send(record.Dispatch{To: "node-c", Lane: record.Flash})
	s.seal(b)
	count := func() (text string) {
		s.ok(s.Store.View(machine(), func(tx record.Tx) error {
			list, err := tx.Backlogs()
			for _, b := range list {
				text += fmt.Sprintf("%s %s %s %d %v; ", b.To, b.Lane, b.State, b.Count, b.Oldest.Sub(first))
			}
			return err
		}))
		return text
	}
	s.equal("waiting", count(), "node-b routine queued 2 0s; node-b routine sealed 1 1m0s; node-c flash queued 1 1m0s; ")
	s.advance(record.Step{ID: a.ID, State: record.DispatchDelivered})
	s.equal("waiting", count(), "node-b routine queued 1 1m0s; node-b routine sealed 1 1m0s; node-c flash queued 1 1m0s; ")
}
