package relay_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"sarhad/exchange/relay"
	"sarhad/exchange/relay/relaytest"
	"sarhad/record"
	"sarhad/store/sqlite"
)

// disk is a node on SQLite, as it runs at a post.
type disk struct {
	store *sqlite.Store
	relay *relay.Relay
	stop  func()

	mu    sync.Mutex
	taken map[record.ID]int
}

func newDisk(tb testing.TB, name string, hub *relaytest.Hub, dir string) *disk {
	tb.Helper()
	d := &disk{taken: map[record.ID]int{}}
	var err error
	d.store, err = sqlite.Open(context.Background(), sqlite.Config{Dir: dir, Types: record.NewTypes(), Node: name,
		Allow: func(record.Actor, record.Scope) bool { return true }})
	if err != nil {
		tb.Fatal(err)
	}
	d.start(tb, name, hub)
	return d
}

func (d *disk) start(tb testing.TB, name string, hub *relaytest.Hub) {
	tb.Helper()
	r, err := relay.New(relay.Config{Node: name, Store: d.store, Bearer: hub.Bearer(name), Seal: relaytest.Seal(name), Open: relaytest.Open(name),
		Timing: relay.Timing{Sweep: 500 * time.Millisecond, Beat: time.Second, Resend: 2 * time.Second, Ask: time.Second, AskAgain: 2 * time.Second, How: 2 * time.Second}})
	if err != nil {
		tb.Fatal(err)
	}
	r.Handle("test", func(_ context.Context, tx record.Tx, a record.Arrival) (bool, error) {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.taken[a.ID]++
		return true, tx.Audit(record.Act{Action: "take"})
	})
	d.relay = r
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		r.Run(ctx)
	}()
	d.stop = sync.OnceFunc(func() {
		cancel()
		<-ended
	})
}

func (d *disk) close(tb testing.TB) {
	d.stop()
	if err := d.store.Close(); err != nil {
		tb.Error(err)
	}
}

// send dispatches n messages, each in an act of its own, and gives their ids.
func (d *disk) send(tb testing.TB, to string, n int) (ids []record.ID) {
	tb.Helper()
	content := make([]byte, 2<<10)
	for range n {
		m := record.Dispatch{To: to, Lane: record.Routine, Kind: "test", Content: content}
		err := d.store.Update(machine(), func(tx record.Tx) error {
			if err := tx.Dispatch(&m); err != nil {
				return err
			}
			return tx.Audit(record.Act{Action: "send"})
		})
		if err != nil {
			tb.Fatal(err)
		}
		d.relay.Wake()
		ids = append(ids, m.ID)
	}
	return ids
}

// opened waits until all are opened, and gives how long each was on its way.
func (d *disk) opened(tb testing.TB, ids []record.ID, most time.Duration) (delays []time.Duration) {
	tb.Helper()
	end := time.Now().Add(most)
	for _, id := range slices.Backward(ids) { // the last one first: then the others are there at once
		for {
			var list []record.Dispatch
			err := d.store.View(machine(), func(tx record.Tx) (err error) {
				list, err = tx.Dispatches(record.DispatchQuery{ID: id})
				return err
			})
			if err != nil {
				tb.Fatal(err)
			}
			if len(list) == 1 && list[0].State == record.DispatchOpened {
				delays = append(delays, list[0].Delivered.Sub(list[0].Queued))
				break
			}
			if time.Now().After(end) {
				tb.Fatalf("message %s is %+v", id, list)
			}
			time.Sleep(time.Millisecond)
		}
	}
	return delays
}

// TestRelayOnDisk proves the same on SQLite: what is sent while the addressee is away, while the hub refuses and loses, and across a
// restart of either side, is taken up once.
func TestRelayOnDisk(t *testing.T) {
	hub := relaytest.NewHub(7, relaytest.Faults{Refuse: 0.1, LoseWord: 0.1, Lose: 0.05, Repeat: 0.1, LoseAck: 0.1, Reorder: 0.3, MostDelay: 5 * time.Millisecond})
	hub.AckWait = time.Second
	dirs := []string{t.TempDir(), t.TempDir()}
	a, b := newDisk(t, "a", hub, dirs[0]), newDisk(t, "b", hub, dirs[1])
	ids := a.send(t, "b", 40)
	b.stop()
	ids = append(ids, a.send(t, "b", 40)...)
	b.start(t, "b", hub)
	a.close(t)
	a = newDisk(t, "a", hub, dirs[0])
	defer a.close(t)
	defer b.close(t)
	ids = append(ids, a.send(t, "b", 20)...)
	time.AfterFunc(2*time.Second, hub.Heal)
	a.opened(t, ids, 60*time.Second)
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, id := range ids {
		if b.taken[id] != 1 {
			t.Errorf("%s was taken up %d times", id, b.taken[id])
		}
	}
}

// BenchmarkRelay sends messages of 2 KB from one node on SQLite to another, each in an act of its own, through a hub in memory, with
// every sync of the disk and all receipts, until the sender knows that they were opened.
func BenchmarkRelay(b *testing.B) {
	hub := relaytest.NewHub(1, relaytest.Faults{})
	from, to := newDisk(b, "from", hub, b.TempDir()), newDisk(b, "to", hub, b.TempDir())
	defer from.close(b)
	defer to.close(b)
	b.ResetTimer()
	ids := from.send(b, "to", b.N)
	delays := from.opened(b, ids, 10*time.Minute)
	b.StopTimer()
	slices.Sort(delays)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
	b.ReportMetric(float64(delays[len(delays)/2].Microseconds())/1000, "ms/p50")
	b.ReportMetric(float64(delays[len(delays)*99/100].Microseconds())/1000, "ms/p99")
}
