package sqlite

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sarhad/record"
	"sarhad/store/storetest"
)

func TestMailConformance(t *testing.T) {
	storetest.RunMail(t, func(t *testing.T) storetest.Mailbox {
		s, clock := open(t)
		return storetest.Mailbox{Store: s, Clock: clock, Succeed: func(name string) {
			must(t, s.Succeed(machine(), name, record.Act{Action: "restore"}))
		}}
	})
}

// TestMailPlans proves that no question of the relay or of the queue screen reads the whole outbox or sorts it.
func TestMailPlans(t *testing.T) {
	s, _ := open(t)
	now := time.Now()
	out := func(q record.DispatchQuery) *builder {
		b, err := dispatches(q)
		must(t, err)
		return b
	}
	plain := func(query string, args ...any) *builder {
		b := &builder{args: args}
		b.WriteString(query)
		return b
	}
	id := record.ID{1}
	for _, c := range []struct {
		name, want string
		b          *builder
	}{
		{"to seal", "INDEX dispatch_queue (state=? AND peer=? AND lane=? AND number>?)", out(record.DispatchQuery{State: record.DispatchQueued, To: "b", Lane: record.Flash, After: 5})},
		{"to publish", "INDEX dispatch_due (peer=? AND lane=? AND number>?)", out(record.DispatchQuery{Due: true, To: "b", Lane: record.Flash, After: 5})},
		{"late", "INDEX dispatch_tried (tried<?)", out(record.DispatchQuery{TriedBefore: now})},
		{"expired", "INDEX dispatch_expires (expires<?)", out(record.DispatchQuery{ExpiredBy: now})},
		{"about a record", "INDEX dispatch_about (about=?)", out(record.DispatchQuery{About: id})},
		{"delay", "INDEX dispatch_delivered (peer=? AND delivered>?)", out(record.DispatchQuery{To: "b", Delivered: true})},
		{"asked for again", "INDEX dispatch_seq (peer=? AND lane=? AND life=? AND seq>? AND seq<?)", out(record.DispatchQuery{To: "b", Lane: record.Flash, Incarnation: "x", First: 2, Last: 5})},
		{"to one peer", "INDEX dispatch_peer (peer=?)", out(record.DispatchQuery{To: "b", Newest: true})},
		{"by id", "INDEX dispatch_id (id=?)", out(record.DispatchQuery{ID: id})},
		{"not closed", "INDEX dispatch_unclosed (peer=? AND number>?)", out(record.DispatchQuery{Unclosed: true, To: "b", After: 4})},
		{"backlogs", "COVERING INDEX dispatch_waiting", plain(backlogs)},
		{"new in a lane", "INDEX arrival_lane (lane=? AND number>?)", arrivals(record.ArrivalQuery{State: record.ArrivalNew, Lane: record.Bulk, Kinds: []string{"a", "b"}, After: 3})},
		{"new", "INDEX arrival_new (number>?)", arrivals(record.ArrivalQuery{State: record.ArrivalNew, After: 3})},
		{"unreadable", "INDEX arrival_unreadable", arrivals(record.ArrivalQuery{State: record.ArrivalUnreadable})},
		{"known already", "INDEX arrival_id (peer=? AND id=?)", arrivals(record.ArrivalQuery{From: "b", ID: id})},
		{"came about a record", "INDEX arrival_about (about=?)", arrivals(record.ArrivalQuery{About: id})},
		{"of one peer", "INDEX arrival_peer (peer=?)", arrivals(record.ArrivalQuery{From: "b"})},
		{"a gap", "PRIMARY KEY (peer=? AND lane=? AND life=? AND first>? AND first<?)", plain(spansTouched, "b", "flash", "x", 5, 3)},
		{"files", "INDEX freight_state (out=? AND state=?)", freights(record.FreightQuery{Out: true, State: record.FreightMoving})},
		{"old wires", "INDEX dispatch_wire (settled<?)", plain(prunes(now, now)[1].query, now.UnixMilli(), 5)},
		{"old rows", "INDEX dispatch_settled (settled<?)", plain(prunes(now, now)[2].query, now.UnixMilli(), 5)},
		{"recall", "INDEX dispatch_about (about=?)", plain(forgets[0].query, id[:], 1)},
		{"forget what came", "INDEX arrival_about (about=?)", plain(forgets[2].query, id[:])},
	} {
		must(t, s.reading(context.Background(), func(r *session) error {
			steps, err := (&tx{s: s, ses: r, ctx: context.Background()}).explain(c.b)
			must(t, err)
			if !strings.Contains(steps, c.want) || strings.Contains(steps, "SCAN d\n") || strings.Contains(steps, "SCAN a\n") ||
				strings.Contains(steps, "TEMP B-TREE FOR ORDER") && c.name != "files" {
				t.Errorf("%s: want %q in\n%s", c.name, c.want, steps)
			}
			return nil
		}))
	}
}

// TestSpansAreCompact proves that numbers that came without gaps are one row, in whatever order they came.
func TestSpansAreCompact(t *testing.T) {
	s, _ := open(t)
	act(t, s, func(tx record.Tx) error {
		for i := range int64(101) {
			n := i*37%101 + 1
			if _, err := tx.Arrive(&record.Arrival{ID: record.ID{1, byte(n)}, From: "b", Lane: record.Flash, Seq: n, Incarnation: "x"}); err != nil {
				return err
			}
		}
		return nil
	})
	must(t, s.reading(context.Background(), func(r *session) error {
		var n, last int
		err := r.one(context.Background(), `SELECT count(*), max(last) FROM arrival_span`, nil, &n, &last)
		if n != 1 || last != 101 {
			t.Errorf("%d rows up to %d", n, last)
		}
		return err
	}))
}

// TestForgottenMailIsInNoFile proves law 9 for what was queued, sealed and kept: after the record is erased or masked, a byte
// search of the data directory finds nothing.
func TestForgottenMailIsInNoFile(t *testing.T) {
	for name, forget := range map[string]func(record.Tx, record.ID) error{
		"erase": func(tx record.Tx, id record.ID) error { _, err := tx.Erase(id); return err },
		"mask": func(tx record.Tx, id record.ID) error {
			return tx.Mask(id, record.Masking{Policy: "p", Redact: func(*record.Record) ([]byte, error) { return []byte("{}"), nil },
				Seal: func([]byte) ([]byte, error) { return []byte("box"), nil }})
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := open(t)
			r := put(t, s, note(storetest.Note{Title: "x"}))
			secret := func(what string) []byte {
				return append([]byte("SEKRETOV-"+what+"-"), bytes.Repeat([]byte("SEKRETOV"), 3000)...) // on overflow pages too
			}
			act(t, s, func(tx record.Tx) error {
				must(t, tx.Dispatch(&record.Dispatch{To: "b", Lane: record.Flash, Kind: "k", About: r.ID, Content: secret("CONTENT")}))
				d := record.Dispatch{To: "b", Lane: record.Flash, Kind: "k", About: r.ID}
				must(t, tx.Dispatch(&d))
				if _, err := tx.Advance(record.Step{ID: d.ID, State: record.DispatchSealed, Wire: secret("WIRE")}); err != nil {
					return err
				}
				f := &record.Freight{Peer: "b", Kind: "file", Ref: "SEKRETOV-REF", Meta: []byte("SEKRETOV-META"), About: r.ID, Size: 1, Hash: [32]byte{1}}
				must(t, tx.Ship(f))
				_, err := tx.Arrive(&record.Arrival{ID: record.ID{9}, From: "b", Lane: record.Flash, Seq: 1, About: r.ID, Content: secret("ARRIVED"), Kept: secret("KEPT")})
				return err
			})
			must(t, s.wipe(context.Background()))
			if n := secrets(t, s.cfg.Dir); n < 6 {
				t.Fatalf("before, the secret stands in %d places", n)
			}
			act(t, s, func(tx record.Tx) error { return forget(tx, r.ID) })
			if n := secrets(t, s.cfg.Dir); n != 0 {
				t.Errorf("after, the secret stands in %d places", n)
			}
		})
	}
}

func secrets(t *testing.T, dir string) (n int) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	must(t, err)
	for _, f := range files {
		b, err := os.ReadFile(f)
		must(t, err)
		n += bytes.Count(b, []byte("SEKRETOV"))
	}
	return n
}
