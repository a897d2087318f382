package relay_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sarhad/exchange/relay"
	"sarhad/exchange/relay/relaytest"
	"sarhad/record"
)

// world is a hub and two nodes in a bubble. Nothing runs before start.
type world struct {
	*testing.T
	hub  *relaytest.Hub
	a, b *post
}

// play runs a test in a bubble.
func play(t *testing.T, fn func(w *world), change ...func(node string, c *relay.Config)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		hub := relaytest.NewHub(1, relaytest.Faults{MostDelay: 10 * time.Millisecond})
		make := func(name string) *post {
			return newPost(t, name, hub.Bearer(name), seldom, func(c *relay.Config) {
				for _, f := range change {
					f(name, c)
				}
			})
		}
		fn(&world{t, hub, make("a"), make("b")})
	})
}

func (w *world) state(p *post, id record.ID, want record.DispatchState) {
	w.Helper()
	if got := p.one(id).State; got != want {
		w.Fatalf("message %s is %s, want %s", id, got, want)
	}
}

func (w *world) becomes(p *post, id record.ID, want record.DispatchState, most time.Duration) {
	w.Helper()
	p.until(fmt.Sprintf("message %s becomes %s", id, want), most, func() bool { return p.one(id).State == want })
}

func TestMessageIsDeliveredOpenedAndTold(t *testing.T) {
	play(t, func(w *world) {
		defer w.a.run()()
		d := w.a.send("b", record.Routine, "hello")
		w.becomes(w.a, d.ID, record.DispatchAccepted, time.Second)
		if got := w.a.one(d.ID); got.Content != nil || got.Wire == nil {
			t.Errorf("accepted, it is %+v", got)
		}
		defer w.b.run()()
		w.becomes(w.a, d.ID, record.DispatchOpened, time.Second)
		time.Sleep(time.Second)
		if told := w.a.hints(); len(told) == 0 || told[len(told)-1].State != record.DispatchOpened {
			t.Errorf("the sender was told %+v", told)
		}
		if got := w.a.one(d.ID); !strings.Contains(string(got.Receipt), d.ID.String()) {
			t.Errorf("the receipt is %q", got.Receipt)
		}
		if n := w.hub.Waiting(); n != 0 {
			t.Errorf("%d envelopes lie at the hub", n)
		}
	})
}

func TestRefusalOfAHandlerReachesTheSender(t *testing.T) {
	play(t, func(w *world) {
		w.b.relay.Handle("test", func(context.Context, record.Tx, record.Arrival) (bool, error) {
			return false, record.Errorf(record.Forbidden, "there is no agreement with you about this")
		})
		defer w.a.run()()
		defer w.b.run()()
		d := w.a.send("b", record.Flash, "x")
		w.becomes(w.a, d.ID, record.DispatchRefused, 2*time.Second)
		if got := w.a.one(d.ID).Problem; got != "there is no agreement with you about this" {
			t.Errorf("the reason is %q", got)
		}
	})
}

// TestHandlerThatCannotIsTriedAgain proves that it is undone and tried later, is shown, and holds up nobody else's message. A panic
// is no more than that.
func TestHandlerThatCannotIsTriedAgain(t *testing.T) {
	play(t, func(w *world) {
		tries := 0
		var when []time.Time
		w.b.relay.Handle("test", func(_ context.Context, tx record.Tx, a record.Arrival) (bool, error) {
			if string(a.Content) == "hard" {
				when = append(when, time.Now())
				if err := tx.Put(&record.Record{Kind: "half", Key: "half"}); err != nil {
					return false, err
				}
				if tries++; tries == 2 {
					panic("a fault")
				}
				if tries < 4 {
					return false, record.Errorf(record.Unavailable, "the vault is locked")
				}
			}
			return true, tx.Audit(record.Act{Action: "take"})
		})
		defer w.a.run()()
		defer w.b.run()()
		hard := w.a.send("b", record.Routine, "hard")
		easy := w.a.send("b", record.Routine, "easy")
		w.becomes(w.a, easy.ID, record.DispatchOpened, 500*time.Millisecond)
		if st := w.b.status(); len(st.Stuck) != 1 || st.Stuck[0].Why != "the vault is locked" || st.Stuck[0].ID != hard.ID {
			t.Errorf("stuck is %+v", st.Stuck)
		}
		w.becomes(w.a, hard.ID, record.DispatchOpened, time.Minute)
		if n := w.b.store.Records()["half"]; n != 1 || tries != 4 {
			t.Errorf("after %d tries there are %d records", tries, n)
		}
		if when[3].Sub(when[2]) < 2*when[1].Sub(when[0])-time.Millisecond {
			t.Errorf("it was tried at %v: the waits do not grow", when)
		}
		if st := w.b.status(); len(st.Stuck) != 0 {
			t.Errorf("stuck is still %+v", st.Stuck)
		}
	})
}

// TestSettledMeanwhile proves that what somebody else settled while it waited is not taken up.
func TestSettledMeanwhile(t *testing.T) {
	play(t, func(w *world) {
		tries := 0
		w.b.relay.Handle("test", func(context.Context, record.Tx, record.Arrival) (bool, error) {
			tries++
			return false, record.Errorf(record.Unavailable, "not now")
		})
		defer w.a.run()()
		defer w.b.run()()
		d := w.a.send("b", record.Routine, "x")
		w.b.until("it is stuck", time.Second, func() bool { return len(w.b.status().Stuck) == 1 })
		w.b.act(func(tx record.Tx) error {
			list, err := tx.Arrivals(record.ArrivalQuery{From: "a", ID: d.ID})
			if err == nil {
				_, err = tx.Settle(list[0].Number, record.ArrivalDone, "")
			}
			return err
		})
		before := tries
		time.Sleep(time.Hour)
		if tries != before || len(w.b.status().Stuck) != 0 {
			t.Errorf("it was handed over %d times more", tries-before)
		}
	})
}

// TestWhatNobodyUnderstandsWaits proves law 1: a kind without a handler stays, delivered, until a program comes that knows it.
func TestWhatNobodyUnderstandsWaits(t *testing.T) {
	play(t, func(w *world) {
		defer w.a.run()()
		stop := w.b.run()
		d := w.a.send("b", record.Routine, "x", func(d *record.Dispatch) { d.Kind = "of tomorrow" })
		w.becomes(w.a, d.ID, record.DispatchDelivered, time.Second)
		stop()
		taken := false
		w.b.relay.Handle("of tomorrow", func(_ context.Context, tx record.Tx, a record.Arrival) (bool, error) {
			taken = string(a.Content) == "x"
			return true, nil
		})
		defer w.b.run()()
		w.becomes(w.a, d.ID, record.DispatchOpened, time.Minute)
		if !taken {
			t.Error("it was not taken up")
		}
	})
}

// TestWrongKeys proves that what cannot be opened is kept as it came, acknowledged, and shown, that it holds nothing up, and that
// the sender is told where it is sure who that is.
func TestWrongKeys(t *testing.T) {
	var known atomic.Bool
	play(t, func(w *world) {
		defer w.a.run()()
		defer w.b.run()()
		bad := w.a.send("b", record.Routine, "for a former key")
		good := w.a.send("b", record.Routine, "good")
		w.becomes(w.a, good.ID, record.DispatchOpened, time.Second)
		time.Sleep(time.Minute)
		if st := w.b.status(); st.Unreadable != 1 || w.hub.Waiting() != 0 {
			t.Errorf("%d are unreadable, %d lie at the hub", st.Unreadable, w.hub.Waiting())
		}
		err := w.b.store.View(machine(), func(tx record.Tx) error {
			list, err := tx.Arrivals(record.ArrivalQuery{State: record.ArrivalUnreadable, Full: true})
			if len(list) != 1 || !strings.Contains(string(list[0].Kept), "for a former key") || list[0].ID != bad.ID || list[0].Problem != "no key opens it" {
				t.Errorf("kept is %+v", list)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
		w.state(w.a, bad.ID, record.DispatchAccepted)
		known.Store(true)
		told := w.a.send("b", record.Routine, "for a former key")
		w.becomes(w.a, told.ID, record.DispatchRefused, time.Minute)
	}, func(node string, c *relay.Config) {
		open := c.Open
		c.Open = func(ctx context.Context, wire []byte) (record.Arrival, error) {
			a, err := open(ctx, wire)
			if string(a.Content) != "for a former key" {
				return a, err
			}
			out := record.Arrival{ID: a.ID, Lane: a.Lane}
			if known.Load() {
				out.From = a.From
			}
			return out, record.Errorf(record.Invalid, "no key opens it")
		}
	})
}

// TestMessageThatStopsTheStore proves that what a store refuses for good is kept as it came and holds up nobody, and that a kind of
// the relay's own is not sent for a room.
func TestMessageThatStopsTheStore(t *testing.T) {
	play(t, func(w *world) {
		defer w.a.run()()
		defer w.b.run()()
		for _, bad := range []string{"long from", "big seq", "no lane", "poison"} {
			w.a.send("b", record.Routine, bad)
		}
		good := w.a.send("b", record.Routine, "good")
		w.becomes(w.a, good.ID, record.DispatchOpened, time.Second)
		time.Sleep(time.Minute)
		if st := w.b.status(); st.Unreadable != 4 || w.hub.Waiting() != 0 {
			t.Errorf("%d are unreadable, %d lie at the hub", st.Unreadable, w.hub.Waiting())
		}
		own := w.a.send("b", record.Routine, "x", func(d *record.Dispatch) { d.Kind = relay.KindReceipt })
		w.becomes(w.a, own.ID, record.DispatchRefused, time.Second)
	}, func(node string, c *relay.Config) {
		open := c.Open
		c.Open = func(ctx context.Context, wire []byte) (record.Arrival, error) {
			a, err := open(ctx, wire)
			switch string(a.Content) {
			case "long from":
				a.From = strings.Repeat("x", 41)
			case "big seq":
				a.Seq = 1 << 60
			case "no lane":
				a.Lane = "none"
			case "poison":
				a.From, a.State = "mallory", record.ArrivalUnreadable // Open never says so: the store cannot take it in the name of somebody
				a.ID = record.ID{}
			}
			return a, err
		}
	})
}

// TestFullDisk proves that what cannot be stored is not acknowledged, and comes again when there is room.
func TestFullDisk(t *testing.T) {
	play(t, func(w *world) {
		defer w.a.run()()
		var full atomic.Bool
		full.Store(true)
		w.b.store.Step = func(bool) error {
			if full.Load() {
				return record.Errorf(record.Unavailable, "the disk of this node is full")
			}
			return nil
		}
		defer w.b.run()()
		d := w.a.send("b", record.Flash, "x")
		time.Sleep(10 * time.Minute)
		if w.hub.Waiting() == 0 || w.b.has(d.ID) {
			t.Fatal("it was acknowledged without being stored")
		}
		full.Store(false)
		w.becomes(w.a, d.ID, record.DispatchOpened, 2*time.Minute)
	})
}

// TestWhatTheHubLosesIsSentAgain proves that a gap is asked for, and that a last message without successor is missed too.
func TestWhatTheHubLosesIsSentAgain(t *testing.T) {
	play(t, func(w *world) {
		var lose atomic.Bool
		lose.Store(true)
		w.hub.Seen = func(_ string, _ record.Lane, wire []byte) bool {
			return !lose.Load() || !strings.Contains(string(wire), "lost")
		}
		defer w.a.run()()
		defer w.b.run()()
		one := w.a.send("b", record.Routine, "lost in the middle")
		two := w.a.send("b", record.Routine, "after it")
		three := w.a.send("b", record.Bulk, "lost at the end")
		w.becomes(w.a, two.ID, record.DispatchOpened, time.Second) // a gap holds nothing back
		time.Sleep(2 * time.Minute)
		gaps := w.b.status().Partners[0].Gaps
		if len(gaps) != 2 {
			t.Errorf("the gaps are %+v", gaps)
		}
		lose.Store(false)
		w.becomes(w.a, one.ID, record.DispatchOpened, 5*time.Minute)
		w.becomes(w.a, three.ID, record.DispatchOpened, 5*time.Minute)
		if got := w.a.one(one.ID); got.Tries < 2 {
			t.Errorf("it was handed over %d times", got.Tries)
		}
		if gaps := w.b.status().Partners[0].Gaps; len(gaps) != 0 {
			t.Errorf("the gaps are %+v", gaps)
		}
	})
}

// TestWhatIsGoneIsSaid proves that a gap that nobody can fill any more ends, and is counted.
func TestWhatIsGoneIsSaid(t *testing.T) {
	play(t, func(w *world) {
		w.hub.Seen = func(_ string, _ record.Lane, wire []byte) bool { return !strings.Contains(string(wire), "lost") }
		r := record.Record{Kind: "note"}
		w.a.act(func(tx record.Tx) error { return tx.Put(&r) })
		defer w.a.run()()
		defer w.b.run()()
		lost := w.a.send("b", record.Routine, "lost", func(d *record.Dispatch) { d.About = r.ID })
		w.a.send("b", record.Routine, "after it")
		w.becomes(w.a, lost.ID, record.DispatchAccepted, time.Second)
		w.a.act(func(tx record.Tx) error { _, err := tx.Erase(r.ID); return err }) // its bytes are nowhere now
		w.b.until("the gap ends", 10*time.Minute, func() bool {
			p := w.b.status().Partners
			return len(p) == 1 && len(p[0].Gaps) == 0 && p[0].Gone == 1
		})
		w.becomes(w.a, lost.ID, record.DispatchRecalled, time.Hour)
		if got := w.a.one(lost.ID); got.Problem == "" || w.b.has(lost.ID) {
			t.Errorf("it is %+v", got)
		}
	})
}

// TestRestoredReceiverGetsWhatItLacks proves that sealed bytes are kept after delivery for a peer that comes back from a backup.
func TestRestoredReceiverGetsWhatItLacks(t *testing.T) {
	play(t, func(w *world) {
		defer w.a.run()()
		stop := w.b.run()
		first := w.a.send("b", record.Routine, "in the backup")
		w.becomes(w.a, first.ID, record.DispatchOpened, time.Second)
		backup := w.b.store.Backup()
		second, third := w.a.send("b", record.Routine, "after the backup"), w.a.send("b", record.Flash, "after the backup")
		w.becomes(w.a, second.ID, record.DispatchOpened, time.Second)
		w.becomes(w.a, third.ID, record.DispatchOpened, time.Second)
		time.Sleep(3 * 24 * time.Hour)
		stop()
		w.b.store.Restore(backup, "b-life-2")
		defer w.b.run()()
		w.b.until("it has all", 10*time.Minute, func() bool { return len(w.b.store.Records()) == 3 })
		time.Sleep(time.Hour)
		for id, n := range w.b.store.Records() {
			if n != 1 {
				t.Errorf("%s was taken up %d times", id, n)
			}
		}
		w.a.until("it is seen that the peer lives anew", 5*time.Minute, func() bool { return w.a.status().Partners[0].Peer.Incarnation == "b-life-2" })
	})
}

// TestRestoredSenderSendsUnderTheOldName proves that what has no receipt in the backup goes again under its old id and number, that
// new messages number from 1 in the new life, and that the addressee takes nothing up twice.
func TestRestoredSenderSendsUnderTheOldName(t *testing.T) {
	play(t, func(w *world) {
		stop := w.a.run()
		w.hub.Cut("b", true)
		old := w.a.send("b", record.Routine, "old")
		backup := w.a.store.Backup()
		forgotten := w.a.send("b", record.Routine, "after the backup")
		w.becomes(w.a, forgotten.ID, record.DispatchAccepted, time.Second)
		stop()
		w.a.store.Restore(backup, "a-life-2")
		defer w.a.run()()
		fresh := w.a.send("b", record.Routine, "new")
		defer w.b.run()()
		w.hub.Cut("b", false)
		w.becomes(w.a, old.ID, record.DispatchOpened, time.Minute)
		w.becomes(w.a, fresh.ID, record.DispatchOpened, time.Minute)
		now := w.a.one(old.ID)
		if now.Seq != old.Seq || now.Incarnation != "a-life-1" || fresh.Seq != 1 || fresh.Incarnation != "a-life-2" {
			t.Errorf("the old one is number %d of %s, the new one %d of %s", now.Seq, now.Incarnation, fresh.Seq, fresh.Incarnation)
		}
		time.Sleep(time.Hour)
		for id, n := range w.b.store.Records() {
			if n != 1 {
				t.Errorf("%s was taken up %d times", id, n)
			}
		}
		if len(w.b.store.Records()) != 3 || len(w.b.status().Partners[0].Gaps) != 0 {
			t.Errorf("taken up: %v, gaps: %v", w.b.store.Records(), w.b.status().Partners[0].Gaps)
		}
	})
}

func TestExpiryIsTold(t *testing.T) {
	play(t, func(w *world) {
		defer w.a.run()()
		d := w.a.send("b", record.Routine, "until noon", func(d *record.Dispatch) { d.Expires = time.Now().Add(time.Hour) })
		time.Sleep(59 * time.Minute)
		w.state(w.a, d.ID, record.DispatchAccepted)
		w.becomes(w.a, d.ID, record.DispatchExpired, 2*time.Minute)
		time.Sleep(time.Second)
		if told := w.a.hints(); len(told) != 1 || told[0].State != record.DispatchExpired || told[0].Problem == "" {
			t.Errorf("told was %+v", told)
		}
	})
}

// TestPeerWithoutKeyHoldsUpNobody proves that what cannot be sealed waits, says why, and goes when there is a key.
func TestPeerWithoutKeyHoldsUpNobody(t *testing.T) {
	var missing atomic.Bool
	missing.Store(true)
	play(t, func(w *world) {
		defer w.a.run()()
		defer w.b.run()()
		waits := w.a.send("c", record.Routine, "x")
		d := w.a.send("b", record.Routine, "x")
		w.becomes(w.a, d.ID, record.DispatchOpened, time.Second)
		st := w.a.status()
		if len(st.Partners) != 2 || st.Partners[1].Why != "there is no key of c" || st.Partners[1].Waiting[record.Routine] != 1 || !st.Oldest.Equal(waits.Queued) || st.Waiting != 1 {
			t.Errorf("the status is %+v", st)
		}
		missing.Store(false)
		w.becomes(w.a, waits.ID, record.DispatchAccepted, 2*time.Minute)
		if st := w.a.status(); st.Partners[1].Why != "" || st.Partners[1].Away[record.Routine] != 1 {
			t.Errorf("the status is %+v", st.Partners[1])
		}
	}, func(node string, c *relay.Config) {
		seal := c.Seal
		c.Seal = func(ctx context.Context, d record.Dispatch) ([]byte, error) {
			if d.To == "c" && missing.Load() {
				return nil, record.Errorf(record.NotFound, "there is no key of c")
			}
			return seal(ctx, d)
		}
	})
}

// blocking is a bearer that takes nothing in some lanes and never answers.
type blocking struct {
	relay.Bearer
	lanes map[record.Lane]bool
}

func (b blocking) Publish(ctx context.Context, lane record.Lane, id record.ID, wire []byte) error {
	if b.lanes[lane] {
		<-ctx.Done()
		return ctx.Err()
	}
	return b.Bearer.Publish(ctx, lane, id, wire)
}

func TestLanesDoNotWaitForEachOther(t *testing.T) {
	for _, stuck := range record.Lanes {
		play(t, func(w *world) {
			defer w.a.run()()
			defer w.b.run()()
			w.a.ship("b", "film", 1<<20)
			for range 200 {
				w.a.send("b", stuck, "waits")
			}
			for _, l := range record.Lanes {
				if l == stuck {
					continue
				}
				d := w.a.send("b", l, "goes")
				w.a.until(string(l)+" goes while "+string(stuck)+" is stuck", time.Second, func() bool { return w.b.has(d.ID) })
			}
		}, func(node string, c *relay.Config) {
			if node == "a" {
				c.Bearer = blocking{c.Bearer, map[record.Lane]bool{stuck: true}}
			}
		})
	}
}

// TestReceiptsShareMessages proves that a burst costs few receipts, and that receipts get no receipts.
func TestReceiptsShareMessages(t *testing.T) {
	play(t, func(w *world) {
		count := map[string]int{}
		w.hub.Seen = func(to string, _ record.Lane, wire []byte) bool {
			for _, k := range []string{relay.KindReceipt, "test"} {
				if strings.Contains(string(wire), k) {
					count[to+" "+k]++
				}
			}
			return true
		}
		defer w.a.run()()
		var last record.Dispatch
		for range 500 {
			last = w.a.send("b", record.Routine, "test")
		}
		w.becomes(w.a, last.ID, record.DispatchAccepted, time.Minute)
		defer w.b.run()()
		w.becomes(w.a, last.ID, record.DispatchOpened, time.Minute)
		time.Sleep(time.Second)
		if n := count["a "+relay.KindReceipt]; n == 0 || n > 60 {
			t.Errorf("500 messages brought %d receipts", n)
		}
		if n := count["b "+relay.KindReceipt]; n != 0 {
			t.Errorf("receipts brought %d receipts", n)
		}
		for range 3 {
			w.becomes(w.a, last.ID, record.DispatchOpened, time.Second)
		}
		for _, d := range w.a.store.Dispatches() {
			if d.State != record.DispatchOpened {
				t.Fatalf("number %d is %s", d.Seq, d.State)
			}
		}
	})
}

// TestReceiptOfAStranger proves that only the addressee acknowledges.
func TestReceiptOfAStranger(t *testing.T) {
	play(t, func(w *world) {
		defer w.a.run()()
		d := w.a.send("b", record.Routine, "x")
		w.becomes(w.a, d.ID, record.DispatchAccepted, time.Second)
		forge := func(from, state string) {
			wire, _ := relaytest.Seal(from)(context.Background(), record.Dispatch{To: "a", Lane: record.Routine, ID: record.ID{byte(len(from)), byte(len(state))}, Kind: relay.KindReceipt,
				Content: []byte(`{"receipts":[{"id":"` + d.ID.String() + `","state":"` + state + `"}]}`)})
			w.hub.Inject("a", record.Routine, wire)
			time.Sleep(time.Second)
		}
		forge("mallory", "opened")
		w.state(w.a, d.ID, record.DispatchAccepted)
		forge("b", "recalled") // not a word that a receipt can say
		w.state(w.a, d.ID, record.DispatchAccepted)
		forge("b", "delivered")
		w.state(w.a, d.ID, record.DispatchDelivered)
	})
}

// TestBulkCap proves that bulk and routine keep to the cap together, and flash does not wait for it.
func TestBulkCap(t *testing.T) {
	play(t, func(w *world) {
		defer w.a.run()()
		defer w.b.run()()
		w.a.ship("b", "picture", 200_000)
		began := time.Now()
		time.Sleep(5 * time.Second)
		d := w.a.send("b", record.Flash, strings.Repeat("x", 50_000))
		w.a.until("flash", 200*time.Millisecond, func() bool { return w.b.has(d.ID) })
		w.b.until("the picture", time.Minute, func() bool { w.b.mu.Lock(); defer w.b.mu.Unlock(); return len(w.b.files) == 1 })
		if took := time.Since(began); took < 19*time.Second || took > 30*time.Second {
			t.Errorf("200 KB at 10 KB/s took %v", took)
		}
	}, func(node string, c *relay.Config) { c.BulkCap = 10_000 })
}

func TestNewRefusesWhatIsMissing(t *testing.T) {
	if _, err := relay.New(relay.Config{Node: "a"}); record.KindOf(err) != record.Internal {
		t.Errorf("a relay without a store: %v", err)
	}
}
