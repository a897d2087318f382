package storetest

import (
	"encoding/json"
	"time"

	"sarhad/record"
)

func exactlyOnce(s *mailScene) {
	a, fresh := s.arrive(1)
	s.equal("the first", []any{fresh, a.Number > 0, a.State}, []any{true, true, record.ArrivalNew})
	s.Clock.Tick(time.Hour)
	if _, again := s.arrive(1, func(a *record.Arrival) { a.Content = []byte("other") }); again {
		s.Error("it arrived twice")
	}
	if _, fresh := s.arrive(1, func(a *record.Arrival) { a.From = "node-c" }); !fresh {
		s.Error("the id of another sender counted")
	}
	s.carry(func(tx record.Tx) error { _, err := tx.Settle(a.Number, record.ArrivalDone, ""); return err })
	if _, again := s.arrive(1); again {
		s.Error("what was taken up arrived again")
	}
	list := s.in(record.ArrivalQuery{From: "node-b", Full: true})
	s.equal("kept", []any{len(list), list[0].State, string(list[0].Kept), list[0].Content == nil, list[0].Arrived.Equal(a.Arrived)}, []any{1, record.ArrivalDone, "kept", true, true})
	s.equal("by its id", len(s.in(record.ArrivalQuery{From: "node-c", ID: numbered(1)})), 1)
	err := s.Store.Update(machine(), func(tx record.Tx) error {
		b := record.Arrival{ID: numbered(5), From: "node-b", Lane: record.Routine, Seq: 2, Incarnation: "life-b"}
		if _, err := tx.Arrive(&b); err != nil {
			return err
		}
		return errStop
	})
	if err == nil || len(s.in(record.ArrivalQuery{From: "node-b"})) != 1 || s.gaps() != "" {
		s.Error("what was rolled back arrived")
	}
}

func keptUnreadable(s *mailScene) {
	bad := func(a *record.Arrival) {
		*a = record.Arrival{ID: a.ID, Lane: record.Flash, State: record.ArrivalUnreadable, Problem: "no key", Kept: []byte("wire")}
	}
	if _, fresh := s.arrive(1, bad); !fresh {
		s.Error("it was not kept")
	}
	if _, fresh := s.arrive(1, bad); fresh {
		s.Error("it was kept twice")
	}
	list := s.in(record.ArrivalQuery{State: record.ArrivalUnreadable, Full: true})
	s.equal("kept", []any{len(list), string(list[0].Kept), list[0].Problem}, []any{1, "wire", "no key"})
	if _, fresh := s.arrive(1); !fresh {
		s.Error("what can be read now did not arrive because it could not be read before")
	}
}

func settledOnce(s *mailScene) {
	a, _ := s.arrive(1)
	s.arrive(2, func(a *record.Arrival) { a.Kind, a.Lane, a.Seq = "other", record.Flash, 1 })
	b, _ := s.arrive(3, func(a *record.Arrival) { a.Seq = 2 })
	s.equal("new", len(s.in(record.ArrivalQuery{State: record.ArrivalNew})), 3)
	s.equal("new in the lane", len(s.in(record.ArrivalQuery{State: record.ArrivalNew, Lane: record.Routine})), 2)
	s.equal("new of a kind", len(s.in(record.ArrivalQuery{State: record.ArrivalNew, Kinds: []string{"other", "x"}})), 1)
	s.equal("new after", len(s.in(record.ArrivalQuery{State: record.ArrivalNew, After: a.Number})), 2)
	settle := func(n int64, to record.ArrivalState, why string) (done bool) {
		s.carry(func(tx record.Tx) (err error) { done, err = tx.Settle(n, to, why); return err })
		return done
	}
	s.equal("settled", []bool{settle(a.Number, record.ArrivalRefused, "no agreement"), settle(a.Number, record.ArrivalDone, ""), settle(b.Number, record.ArrivalDone, ""), settle(99, record.ArrivalDone, "")},
		[]bool{true, false, true, false})
	list := s.in(record.ArrivalQuery{From: "node-b", Full: true})
	s.equal("the first", []any{list[0].State, list[0].Problem, list[0].Content == nil}, []any{record.ArrivalRefused, "no agreement", true})
	s.kind("settled as new", s.Store.Update(machine(), func(tx record.Tx) error { _, err := tx.Settle(b.Number, record.ArrivalNew, ""); return err }), record.Internal)
}

func gapsAreRanges(s *mailScene) {
	for _, n := range []int64{1, 2, 5, 9, 8, 3} {
		s.arrive(n)
	}
	s.equal("gaps", s.gaps(), "routine life-b 4-4; routine life-b 6-7; ")
	s.arrive(4)
	s.arrive(7)
	s.equal("fewer gaps", s.gaps(), "routine life-b 6-6; ")
	s.arrive(3, func(a *record.Arrival) { a.ID, a.Lane = numbered(103), record.Flash })
	s.arrive(2, func(a *record.Arrival) { a.ID, a.Incarnation = numbered(202), "life-c" })
	s.equal("by lane and life, urgent first", s.gaps(), "flash life-b 1-2; routine life-b 6-6; routine life-c 1-1; ")
	s.carry(func(tx record.Tx) error {
		s.ok(tx.Skip(record.Gap{From: "node-b", Lane: record.Flash, Incarnation: "life-b", First: 1, Last: 2}))
		return tx.Skip(record.Gap{From: "node-b", Lane: record.Routine, Incarnation: "life-b", First: 4, Last: 6})
	})
	s.equal("after what is gone", s.gaps(), "routine life-c 1-1; ")
	s.arrive(6)
	s.equal("what came after all changes nothing", s.gaps(), "routine life-c 1-1; ")
	for i := range int64(record.MaxGaps + 20) {
		s.arrive(1000+2*i, func(a *record.Arrival) { a.Lane = record.Bulk })
	}
	s.ok(s.Store.View(machine(), func(tx record.Tx) error {
		g, err := tx.Gaps("node-b")
		s.equal("at most", len(g), record.MaxGaps)
		return err
	}))
	s.arrive(500, func(a *record.Arrival) { a.Seq = 0 })
}

func gapsAtTheEnd(s *mailScene) {
	s.arrive(1)
	s.arrive(2, func(a *record.Arrival) { a.ID, a.Incarnation = numbered(99), "life-0" })
	s.carry(func(tx record.Tx) error {
		return tx.SetPeer(record.Peer{Name: "node-b", Incarnation: "life-b", Lanes: map[record.Lane]record.PeerLane{record.Routine: {Sent: 4}, record.Flash: {Sent: 2}}})
	})
	s.equal("gaps", s.gaps(), "flash life-b 1-2; routine life-0 1-1; routine life-b 2-4; ")
	s.arrive(4)
	s.equal("gaps", s.gaps(), "flash life-b 1-2; routine life-0 1-1; routine life-b 2-3; ")
	s.carry(func(tx record.Tx) error {
		p, err := tx.Peer("node-b")
		s.ok(err)
		p.Former = []record.LaneLast{{Lane: record.Routine, Incarnation: "life-0", Last: 4}, {Lane: record.Bulk, Incarnation: "life-x", Last: 1}}
		return tx.SetPeer(p)
	})
	s.equal("with former lives", s.gaps(), "flash life-b 1-2; routine life-0 1-1; routine life-b 2-3; routine life-0 3-4; bulk life-x 1-1; ")
}

func receiptsOwed(s *mailScene) {
	owe := func(to string, n int64, st record.DispatchState, why string) {
		s.carry(func(tx record.Tx) error {
			return tx.Owe(record.Receipt{To: to, Lane: record.Routine, ID: numbered(n), State: st, Problem: why})
		})
	}
	owed := func(to string, limit int) (out []record.Receipt) {
		s.ok(s.Store.View(machine(), func(tx record.Tx) (err error) { out, err = tx.Owed(to, record.Routine, limit); return err }))
		return out
	}
	owe("node-b", 1, record.DispatchDelivered, "")
	owe("node-b", 2, record.DispatchDelivered, "")
	owe("node-c", 1, record.DispatchRefused, "why")
	owe("node-b", 1, record.DispatchDelivered, "")
	s.arrive(1)
	first := owed("node-b", 10)
	s.equal("owed to b", len(first), 2)
	s.equal("owed at most", len(owed("node-b", 1)), 1)
	s.equal("owed to all", len(owed("", 10)), 3)
	owe("node-b", 1, record.DispatchOpened, "")
	owe("node-b", 1, record.DispatchDelivered, "")
	s.carry(func(tx record.Tx) error { return tx.Paid(first[0].Number, first[1].Number) }) // of the words from before
	left := owed("node-b", 10)
	s.equal("the later word stays", []any{len(left), left[0].State, left[0].ID}, []any{1, record.DispatchOpened, numbered(1)})
	s.equal("opened is remembered", s.in(record.ArrivalQuery{From: "node-b", ID: numbered(1)})[0].Opened.Equal(s.Clock.Now()), true)
	s.kind("an odd receipt", s.Store.Update(machine(), func(tx record.Tx) error {
		return tx.Owe(record.Receipt{To: "node-b", ID: numbered(1), State: record.DispatchSealed})
	}), record.Internal)
}

func peersKept(s *mailScene) {
	p := record.Peer{Name: "node-b", Heard: s.Clock.Now(), Incarnation: "life-b", Beat: 7, Beats: map[string]int64{"life-b": 7}, BeatAt: s.Clock.Now(), Skew: -3 * 24 * time.Hour, Version: "1.2", Reads: []string{"a@1"},
		Lanes: map[record.Lane]record.PeerLane{record.Flash: {Sent: 4, Got: 3, Missing: 1, Life: "life-a"}}, Gone: 2, Former: []record.LaneLast{{Lane: record.Bulk, Incarnation: "x", Last: 3}}, Our: 5, Directory: "9 root", Reported: "tree"}
	s.carry(func(tx record.Tx) error { return tx.SetPeer(p) })
	s.send(record.Dispatch{To: "node-c"})
	s.ok(s.Store.View(machine(), func(tx record.Tx) error {
		all, err := tx.Peers()
		s.ok(err)
		got, _ := json.Marshal(all[0])
		want, _ := json.Marshal(p)
		if len(all) != 2 || string(got) != string(want) || all[0].Name != "node-b" || all[1].Name != "node-c" || all[1].Next[record.Routine] != 2 || all[0].Next[record.Bulk] != 1 {
			s.Errorf("peers are %+v", all)
		}
		return nil
	}))
}
