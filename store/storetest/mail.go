package storetest

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"sarhad/record"
)

// Mailbox is an empty store whose record.Mail is tested. Succeed makes it go on as another life, as a restore does.
type Mailbox struct {
	Store   record.Store
	Clock   *Clock
	Succeed func(incarnation string)
}

// RunMail proves that a store keeps the contract of record.Mail. Records are only put, erased and masked.
func RunMail(t *testing.T, open func(*testing.T) Mailbox) {
	for _, c := range []struct {
		name string
		test func(*mailScene)
	}{
		{"a message is numbered and named", dispatched},
		{"numbers have no gaps under rollback", numbersGapless},
		{"another life numbers from 1 and keeps what waits", anotherLife},
		{"a message never goes backwards", neverBackwards},
		{"nobody acknowledges what was sent to another", othersReceipt},
		{"sealing drops the content", sealing},
		{"what is due is given until it was tried", due},
		{"what is late and what expired is found", lateAndExpired},
		{"who sends says so in an act, who carries need not", actsOfMail},
		{"only a machine carries, and only it sees contents", onlyMachines},
		{"a message arrives exactly once by sender and id", exactlyOnce},
		{"what cannot be read is kept by its id", keptUnreadable},
		{"arrivals are settled once", settledOnce},
		{"gaps are ranges", gapsAreRanges},
		{"what the peer says it sent is missing too", gapsAtTheEnd},
		{"receipts are owed once, the last word counts", receiptsOwed},
		{"peers are remembered", peersKept},
		{"erasing a record takes its mail along", erasingMail},
		{"masking a record takes its mail along", maskingMail},
		{"sealed bytes stay their time, rows theirs", pruning},
		{"files go on from where they were", freightMoves},
		{"backlogs count what waits", backlogsCount},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(&mailScene{t, open(t)}) })
	}
}

type mailScene struct {
	*testing.T
	Mailbox
}

func (s *mailScene) ok(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *mailScene) kind(what string, err error, want record.ErrorKind) {
	s.Helper()
	if got := record.KindOf(err); got != want {
		s.Fatalf("%s: error kind %q (%v), want %q", what, got, err, want)
	}
}

// act runs fn as a machine with an act; carry without one.
func (s *mailScene) act(fn func(record.Tx) error) {
	s.Helper()
	s.ok(s.Store.Update(machine(), func(tx record.Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "test"})
	}))
}

func (s *mailScene) carry(fn func(record.Tx) error) {
	s.Helper()
	s.ok(s.Store.Update(machine(), fn))
}

func (s *mailScene) send(d record.Dispatch) record.Dispatch {
	s.Helper()
	if d.To == "" {
		d.To = "node-b"
	}
	if d.Lane == "" {
		d.Lane = record.Routine
	}
	if d.Kind == "" {
		d.Kind = "test"
	}
	s.act(func(tx record.Tx) error { return tx.Dispatch(&d) })
	return d
}

func (s *mailScene) advance(step record.Step) (moved bool) {
	s.Helper()
	s.carry(func(tx record.Tx) (err error) {
		moved, err = tx.Advance(step)
		return err
	})
	return moved
}

func (s *mailScene) seal(d record.Dispatch) {
	s.Helper()
	if !s.advance(record.Step{ID: d.ID, State: record.DispatchSealed, Wire: append([]byte("sealed "), d.ID[:]...)}) {
		s.Fatalf("message %s was not sealed", d.ID)
	}
}

func (s *mailScene) out(q record.DispatchQuery) (list []record.Dispatch) {
	s.Helper()
	s.ok(s.Store.View(machine(), func(tx record.Tx) (err error) {
		list, err = tx.Dispatches(q)
		return err
	}))
	return list
}

func (s *mailScene) one(id record.ID) record.Dispatch {
	s.Helper()
	list := s.out(record.DispatchQuery{ID: id, Full: true, Service: true})
	if len(list) != 1 {
		s.Fatalf("%d messages have the id %s", len(list), id)
	}
	return list[0]
}

func (s *mailScene) in(q record.ArrivalQuery) (list []record.Arrival) {
	s.Helper()
	s.ok(s.Store.View(machine(), func(tx record.Tx) (err error) {
		list, err = tx.Arrivals(q)
		return err
	}))
	return list
}

// arrive stores one message of node-b.
func (s *mailScene) arrive(seq int64, change ...func(*record.Arrival)) (a record.Arrival, fresh bool) {
	s.Helper()
	a = record.Arrival{ID: numbered(seq), From: "node-b", Lane: record.Routine, Seq: seq, Incarnation: "life-b", Kind: "test", Content: []byte("content"), Kept: []byte("kept"), Sent: s.Clock.Now()}
	for _, f := range change {
		f(&a)
	}
	s.carry(func(tx record.Tx) (err error) {
		fresh, err = tx.Arrive(&a)
		return err
	})
	return a, fresh
}

// numbered is an id that a test can write down.
func numbered(n int64) (id record.ID) {
	copy(id[:], fmt.Sprintf("%016d", n))
	return id
}

func (s *mailScene) gaps() (text string) {
	s.Helper()
	s.ok(s.Store.View(machine(), func(tx record.Tx) error {
		gaps, err := tx.Gaps("node-b")
		for _, g := range gaps {
			text += fmt.Sprintf("%s %s %d-%d; ", g.Lane, g.Incarnation, g.First, g.Last)
		}
		return err
	}))
	return text
}

func (s *mailScene) equal(what string, got, want any) {
	s.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		s.Fatalf("%s: got %v, want %v", what, got, want)
	}
}

func dispatched(s *mailScene) {
	about := numbered(7)
	until := s.Clock.Now().Add(time.Hour)
	a := s.send(record.Dispatch{Content: []byte("hello"), About: about, Expires: until})
	b := s.send(record.Dispatch{})
	c := s.send(record.Dispatch{Lane: record.Flash})
	d := s.send(record.Dispatch{To: "node-c"})
	s.equal("numbers in the lane of a pair", []int64{a.Seq, b.Seq, c.Seq, d.Seq}, []int64{1, 2, 1, 1})
	if a.ID == b.ID || a.ID[6]>>4 != 4 || a.Number >= b.Number {
		s.Errorf("ids %s and %s, numbers %d and %d", a.ID, b.ID, a.Number, b.Number)
	}
	got := s.one(a.ID)
	if string(got.Content) != "hello" || got.About != about || !got.Expires.Equal(until) || got.State != record.DispatchQueued || !got.Queued.Equal(s.Clock.Now()) || got.Incarnation == "" {
		s.Errorf("it is kept as %+v", got)
	}
	s.equal("about the record", len(s.out(record.DispatchQuery{About: about})), 1)
	s.equal("to node-b, newest first", s.out(record.DispatchQuery{To: "node-b", Newest: true, Limit: 1})[0].ID, c.ID)
	for what, bad := range map[string]record.Dispatch{"no addressee": {Lane: record.Flash, Kind: "k"}, "no kind": {To: "node-b", Lane: record.Flash}, "no lane": {To: "node-b", Kind: "k", Lane: "slow"},
		"too long": {To: "node-b", Kind: "k", Lane: record.Bulk, Content: make([]byte, record.MaxContent+1)}} {
		s.kind(what, s.Store.Update(machine(), func(tx record.Tx) error { return tx.Dispatch(&bad) }), record.Invalid)
	}
}

func numbersGapless(s *mailScene) {
	for i := range 9 {
		err := s.Store.Update(machine(), func(tx record.Tx) error {
			d := record.Dispatch{To: "node-b", Lane: record.Flash, Kind: "test", Content: []byte("x")}
			if err := tx.Dispatch(&d); err != nil {
				return err
			}
			if i%3 == 1 {
				return errStop
			}
			return tx.Audit(record.Act{Action: "test"})
		})
		if i%3 != 1 {
			s.ok(err)
		}
	}
	var seqs []int64
	for _, d := range s.out(record.DispatchQuery{To: "node-b"}) {
		seqs = append(seqs, d.Seq)
	}
	s.equal("numbers", seqs, []int64{1, 2, 3, 4, 5, 6})
	s.ok(s.Store.View(machine(), func(tx record.Tx) error {
		p, err := tx.Peer("node-b")
		s.equal("next", p.Next[record.Flash], 7)
		return err
	}))
}

func anotherLife(s *mailScene) {
	a, b := s.send(record.Dispatch{Content: []byte("a")}), s.send(record.Dispatch{Content: []byte("b")})
	s.seal(a)
	s.Succeed("life-2")
	c := s.send(record.Dispatch{})
	s.equal("in the new life", []any{c.Seq, c.Incarnation}, []any{1, "life-2"})
	x, y := s.one(a.ID), s.one(b.ID)
	s.equal("what waited keeps its names", []any{x.ID, x.Seq, x.Incarnation, x.State, x.Due, y.Seq, y.Incarnation, y.State},
		[]any{a.ID, a.Seq, a.Incarnation, record.DispatchSealed, true, b.Seq, b.Incarnation, record.DispatchQueued})
	if a.Incarnation == c.Incarnation {
		s.Error("both lives have one name")
	}
	s.ok(s.Store.View(machine(), func(tx record.Tx) error {
		p, err := tx.Peer("node-b")
		s.equal("given in the former life", p.Given, []record.LaneLast{{Lane: record.Routine, Incarnation: a.Incarnation, Last: 2}})
		return err
	}))
	old := s.out(record.DispatchQuery{To: "node-b", Lane: record.Routine, Incarnation: a.Incarnation, First: 2})
	s.equal("of the former life from 2", len(old), 1)
}

func neverBackwards(s *mailScene) {
	order := []record.DispatchState{record.DispatchSealed, record.DispatchAccepted, record.DispatchDelivered, record.DispatchOpened}
	finals := []record.DispatchState{record.DispatchRefused, record.DispatchExpired, record.DispatchRecalled}
	for skip := range order { // any state may be left out
		d := s.send(record.Dispatch{Content: []byte("x")})
		for i, st := range order {
			if i < skip {
				continue
			}
			if !s.advance(record.Step{ID: d.ID, State: st, Wire: []byte("w"), Receipt: []byte("receipt " + string(st))}) {
				s.Fatalf("%s did not follow", st)
			}
			for _, before := range order[:i+1] {
				if s.advance(record.Step{ID: d.ID, State: before, Wire: []byte("other")}) || s.one(d.ID).State != st || string(s.one(d.ID).Wire) == "other" {
					s.Fatalf("%s followed %s", before, st)
				}
			}
		}
		for _, f := range finals {
			if s.advance(record.Step{ID: d.ID, State: f}) || s.one(d.ID).State != record.DispatchOpened {
				s.Fatalf("%s followed opened", f)
			}
		}
		got := s.one(d.ID)
		if string(got.Receipt) != "receipt opened" || got.Delivered.IsZero() || got.Closed.IsZero() || got.Content != nil {
			s.Fatalf("in the end it is %+v", got)
		}
	}
	d := s.send(record.Dispatch{})
	s.seal(d)
	s.advance(record.Step{ID: d.ID, State: record.DispatchExpired, Problem: "too late"})
	if got := s.one(d.ID); got.Wire != nil || got.Problem != "too late" {
		s.Errorf("expired is %+v", got)
	}
	s.advance(record.Step{ID: d.ID, State: record.DispatchDelivered, Receipt: []byte("late")})
	if got := s.one(d.ID); got.State != record.DispatchExpired || got.Delivered.IsZero() || string(got.Receipt) != "late" {
		s.Errorf("expired, and delivered after all, is %+v", got)
	}
	s.kind("no state", s.Store.Update(machine(), func(tx record.Tx) error {
		_, err := tx.Advance(record.Step{ID: d.ID, State: "lost"})
		return err
	}), record.Internal)
}

func othersReceipt(s *mailScene) {
	d := s.send(record.Dispatch{})
	for _, step := range []record.Step{{ID: d.ID, To: "node-c", State: record.DispatchOpened}, {ID: numbered(1), State: record.DispatchOpened}} {
		s.kind("a receipt of a stranger", s.Store.Update(machine(), func(tx record.Tx) error {
			_, err := tx.Advance(step)
			return err
		}), record.NotFound)
	}
	s.equal("state", s.one(d.ID).State, record.DispatchQueued)
}

func sealing(s *mailScene) {
	d := s.send(record.Dispatch{Content: []byte("secret")})
	s.equal("to seal", len(s.out(record.DispatchQuery{State: record.DispatchQueued, To: "node-b", Lane: record.Routine})), 1)
	s.seal(d)
	got := s.one(d.ID)
	if got.Content != nil || !bytes.HasPrefix(got.Wire, []byte("sealed")) || !got.Due {
		s.Errorf("sealed is %+v", got)
	}
	s.equal("to seal", len(s.out(record.DispatchQuery{State: record.DispatchQueued, To: "node-b", Lane: record.Routine})), 0)
}

func due(s *mailScene) {
	d, late := s.send(record.Dispatch{}), s.send(record.Dispatch{Lane: record.Bulk})
	list := func() int { return len(s.out(record.DispatchQuery{Due: true, To: "node-b", Lane: record.Routine})) }
	s.equal("before it is sealed", list(), 0)
	s.seal(d)
	s.seal(late)
	s.equal("sealed", list(), 1)
	s.advance(record.Step{ID: d.ID, Tried: true, State: record.DispatchAccepted})
	s.equal("accepted", list(), 0)
	got := s.one(d.ID)
	s.equal("tries", []any{got.Tries, got.Tried.Equal(s.Clock.Now()), got.Accepted.Equal(s.Clock.Now())}, []any{1, true, true})
	s.advance(record.Step{ID: d.ID, Again: true})
	s.equal("again", list(), 1)
	s.equal("again changes no state", s.one(d.ID).State, record.DispatchAccepted)
	s.advance(record.Step{ID: d.ID, Tried: true, State: record.DispatchAccepted})
	s.equal("tried again", []any{list(), s.one(d.ID).Tries}, []any{0, 2})
	queued := s.send(record.Dispatch{})
	s.advance(record.Step{ID: queued.ID, Again: true})
	s.equal("what has no bytes yet", list(), 0)
	svc := record.Dispatch{To: "node-b", Lane: record.Routine, Kind: "relay", Service: true}
	s.carry(func(tx record.Tx) error { return tx.Dispatch(&svc) })
	s.equal("a service message has no number", svc.Seq, 0)
	s.seal(svc)
	s.equal("it is due", list(), 1)
	s.advance(record.Step{ID: svc.ID, Tried: true, State: record.DispatchAccepted})
	if got := s.one(svc.ID); got.Closed.IsZero() {
		s.Errorf("nobody answers it, and it is %+v", got)
	}
	s.equal("lists leave it out", len(s.out(record.DispatchQuery{To: "node-b"})), 3)
}

func lateAndExpired(s *mailScene) {
	a := s.send(record.Dispatch{Expires: s.Clock.Now().Add(time.Hour)})
	b := s.send(record.Dispatch{Expires: s.Clock.Now().Add(2 * time.Hour)})
	c := s.send(record.Dispatch{})
	for _, d := range []record.Dispatch{b, a, c} {
		s.seal(d)
		s.advance(record.Step{ID: d.ID, Tried: true, State: record.DispatchAccepted})
		s.Clock.Tick(time.Minute)
	}
	ids := func(q record.DispatchQuery) (out []int64) {
		for _, d := range s.out(q) {
			out = append(out, d.Seq)
		}
		return out
	}
	s.equal("late, longest ago first", ids(record.DispatchQuery{TriedBefore: s.Clock.Now().Add(-time.Minute)}), []int64{2, 1})
	s.equal("expired, soonest first", ids(record.DispatchQuery{ExpiredBy: s.Clock.Now().Add(3 * time.Hour)}), []int64{1, 2})
	s.equal("expired by half past", ids(record.DispatchQuery{ExpiredBy: s.Clock.Now().Add(90 * time.Minute)}), []int64{1})
	s.advance(record.Step{ID: a.ID, State: record.DispatchDelivered})
	s.advance(record.Step{ID: b.ID, State: record.DispatchExpired})
	s.equal("late", ids(record.DispatchQuery{TriedBefore: s.Clock.Now().Add(time.Hour)}), []int64{3})
	s.equal("expired", ids(record.DispatchQuery{ExpiredBy: s.Clock.Now().Add(3 * time.Hour)}), []int64{1})
	s.equal("delivered", ids(record.DispatchQuery{To: "node-b", Delivered: true}), []int64{1})
	s.equal("delivered and not closed", ids(record.DispatchQuery{To: "node-b", Unclosed: true}), []int64{1})
	s.advance(record.Step{ID: a.ID, State: record.DispatchOpened})
	s.equal("opened", ids(record.DispatchQuery{To: "node-b", Unclosed: true}), []int64(nil))
}

func actsOfMail(s *mailScene) {
	send := func(tx record.Tx) error {
		return tx.Dispatch(&record.Dispatch{To: "node-b", Lane: record.Flash, Kind: "k"})
	}
	s.kind("sending without an act", s.Store.Update(machine(), send), record.Internal)
	s.equal("kept", len(s.out(record.DispatchQuery{})), 0)
	s.kind("shipping without an act", s.Store.Update(machine(), func(tx record.Tx) error { return tx.Ship(parcelOf(1)) }), record.Internal)
	s.carry(func(tx record.Tx) error {
		return tx.Dispatch(&record.Dispatch{To: "node-b", Lane: record.Flash, Kind: "k", Service: true})
	})
	s.arrive(1)
	s.kind("writing while reading", s.Store.View(machine(), send), record.Internal)
}

func onlyMachines(s *mailScene) {
	r := s.put("closed")
	d := s.send(record.Dispatch{Content: []byte("secret"), About: r.ID})
	s.arrive(1, func(a *record.Arrival) { a.About = r.ID })
	who := officer("nothing")
	for what, fn := range map[string]func(record.Tx) error{
		"Advance": func(tx record.Tx) error {
			_, err := tx.Advance(record.Step{ID: d.ID, State: record.DispatchOpened})
			return err
		},
		"Arrive": func(tx record.Tx) error {
			_, err := tx.Arrive(&record.Arrival{ID: numbered(2), From: "node-b", Lane: record.Flash})
			return err
		},
		"Settle":  func(tx record.Tx) error { _, err := tx.Settle(1, record.ArrivalDone, ""); return err },
		"Skip":    func(tx record.Tx) error { return tx.Skip(record.Gap{From: "node-b", First: 1, Last: 2}) },
		"SetPeer": func(tx record.Tx) error { return tx.SetPeer(record.Peer{Name: "node-b"}) },
		"Owe": func(tx record.Tx) error {
			return tx.Owe(record.Receipt{To: "node-b", ID: numbered(1), State: record.DispatchOpened})
		},
		"a service message": func(tx record.Tx) error {
			return tx.Dispatch(&record.Dispatch{To: "node-b", Lane: record.Flash, Kind: "k", Service: true})
		},
	} {
		s.kind(what+" by a person", s.Store.Update(who, fn), record.Forbidden)
	}
	s.ok(s.Store.View(who, func(tx record.Tx) error {
		out, err := tx.Dispatches(record.DispatchQuery{Full: true})
		s.ok(err)
		in, err := tx.Arrivals(record.ArrivalQuery{Full: true})
		s.ok(err)
		if len(out) != 1 || len(in) != 1 || out[0].Content != nil || !out[0].About.IsZero() || in[0].Content != nil || in[0].Kept != nil || !in[0].About.IsZero() {
			s.Errorf("a person sees %+v and %+v", out, in)
		}
		return nil
	}))
}
