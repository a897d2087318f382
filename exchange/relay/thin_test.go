package relay_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sarhad/exchange/relay"
	"sarhad/exchange/relay/relaytest"
	"sarhad/record"
)

// post is a node in a test: a relay on a store in memory.
type post struct {
	t     *testing.T
	name  string
	store *relaytest.Store
	relay *relay.Relay
	cfg   relay.Config
	line  *relaytest.Line // if it has one

	mu    sync.Mutex
	taken map[record.ID]time.Time
	files map[record.ID]time.Time
	bytes map[record.ID][]byte
	told  []record.Dispatch
}

func machine() context.Context {
	return record.WithActor(context.Background(), record.Machine("test", ""))
}

// newPost makes a node that is not running.
func newPost(t *testing.T, name string, bearer relay.Bearer, change ...func(*relay.Config)) *post {
	t.Helper()
	p := &post{t: t, name: name, store: relaytest.NewStore(name + "-life-1"), taken: map[record.ID]time.Time{}, files: map[record.ID]time.Time{}, bytes: map[record.ID][]byte{}}
	cfg := relay.Config{Node: name, Store: p.store, Bearer: bearer, Seal: relaytest.Seal(name), Open: relaytest.Open(name), Staging: t.TempDir(), Version: "1", Reads: []string{"edition@1"},
		Source: p.source, Told: func(d record.Dispatch) { p.mu.Lock(); p.told = append(p.told, d); p.mu.Unlock() },
		Addressee: func(wire []byte) (string, error) { to, _, _, err := relaytest.Header(wire); return to, err }}
	for _, f := range change {
		f(&cfg)
	}
	p.cfg = cfg
	p.line, _ = cfg.Bearer.(*relaytest.Line)
	p.relay = p.engine()
	return p
}

// again makes a new engine on the same store, as after a crash.
func (p *post) again() *post {
	p.relay = p.engine()
	return p
}

func (p *post) engine() *relay.Relay {
	t := p.t
	t.Helper()
	r, err := relay.New(p.cfg)
	if err != nil {
		t.Fatal(err)
	}
	r.Handle("test", func(_ context.Context, tx record.Tx, a record.Arrival) (bool, error) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.taken[a.ID] = time.Now()
		if err := tx.Put(&record.Record{Kind: "taken", Key: a.ID.String()}); err != nil {
			return false, err
		}
		return true, tx.Audit(record.Act{Action: "take"})
	})
	r.HandleFile("file", func(_ context.Context, tx record.Tx, f record.Freight, path string) error {
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.files[f.ID], p.bytes[f.ID] = time.Now(), b
		if err := tx.Put(&record.Record{Kind: "file", Key: f.ID.String()}); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "take"})
	})
	return r
}

// run runs it until stop is called, or the test ends.
func (p *post) run() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		p.relay.Run(ctx)
	}()
	return sync.OnceFunc(func() {
		cancel()
		<-ended
	})
}

func (p *post) act(fn func(record.Tx) error) {
	p.t.Helper()
	err := p.store.Update(machine(), func(tx record.Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "test"})
	})
	if err != nil {
		p.t.Fatal(err)
	}
	p.relay.Wake()
}

func (p *post) send(to string, lane record.Lane, content string, change ...func(*record.Dispatch)) record.Dispatch {
	p.t.Helper()
	d := record.Dispatch{To: to, Lane: lane, Kind: "test", Content: []byte(content)}
	for _, f := range change {
		f(&d)
	}
	p.act(func(tx record.Tx) error { return tx.Dispatch(&d) })
	return d
}

// source gives the bytes that a freight's Ref names: its first letter, Size times, after Ref itself.
func (p *post) source(_ context.Context, f record.Freight) (relay.Source, error) {
	if f.Ref == "lost" {
		return nil, record.Errorf(record.NotFound, "no such file")
	}
	return repeated{f.Ref + "|", f.Size}, nil
}

// repeated is a file that says one thing again and again.
type repeated struct {
	what string
	size int64
}

func (r repeated) ReadAt(p []byte, at int64) (int, error) {
	for i := range p {
		if at+int64(i) >= r.size {
			return i, io.EOF
		}
		p[i] = r.what[(at+int64(i))%int64(len(r.what))]
	}
	return len(p), nil
}

func (repeated) Close() error { return nil }

// seldom keeps a test of hours from looking for work each second: rooms wake the relay.
func seldom(c *relay.Config) { c.Timing.Poll = time.Minute }

// hashOf gives the hash of a file; of a film that never gets there, any.
func hashOf(ref string, size int) [32]byte {
	if ref == "film" {
		return [32]byte{1}
	}
	return sha256.Sum256(content(ref, size))
}

func content(ref string, size int) []byte {
	b := bytes.Repeat([]byte(ref+"|"), size/len(ref)+1)
	return b[:size]
}

func (p *post) ship(to, ref string, size int) record.Freight {
	p.t.Helper()
	f := record.Freight{Peer: to, Kind: "file", Ref: ref, Size: int64(size), Hash: hashOf(ref, size)}
	p.act(func(tx record.Tx) error { return tx.Ship(&f) })
	return f
}

func (p *post) one(id record.ID) (d record.Dispatch) {
	p.t.Helper()
	err := p.store.View(machine(), func(tx record.Tx) error {
		list, err := tx.Dispatches(record.DispatchQuery{ID: id, Full: true})
		if len(list) == 1 {
			d = list[0]
		}
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return d
}

func (p *post) status() relay.Status {
	p.t.Helper()
	st, err := p.relay.Status(context.Background())
	if err != nil {
		p.t.Fatal(err)
	}
	return st
}

// until waits by the clock of the bubble.
func (p *post) until(what string, most time.Duration, ok func() bool) {
	p.t.Helper()
	for began := time.Now(); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Since(began) > most {
			p.t.Fatalf("%s: not within %s", what, most)
		}
	}
}

// hints gives what Config.Told was told.
func (p *post) hints() []record.Dispatch {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.told)
}

func (p *post) has(id record.ID) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.taken[id].IsZero()
}

const (
	trip     = 600 * time.Millisecond
	thinBits = 64_000
)

// TestFlashOvertakesOnAThinLine proves the figure of the issue: on a line of 64 kbit/s with a round trip of 600 ms and 5 % loss, up
// for 5 minutes of each hour, a flash message of 2 KB arrives within two round trips and 2 s of link-up while a film of 50 MB and
// a hundred routine messages are queued, and while they are under way.
func TestFlashOvertakesOnAThinLine(t *testing.T) {
	var first, later []time.Duration
	for seed := range uint64(6) {
		synctest.Test(t, func(t *testing.T) {
			hub := relaytest.NewHub(seed, relaytest.Faults{})
			line := relaytest.NewLine(hub.Bearer("post"), seed, trip, thinBits, 0.05)
			a, b := newPost(t, "post", line, seldom), newPost(t, "node", hub.Bearer("node"), seldom)
			defer a.run()()
			defer b.run()()
			a.ship("node", "film", 50<<20)
			for range 100 {
				a.send("node", record.Routine, strings.Repeat("r", 2<<10))
			}
			for range 2 {
				time.Sleep(55*time.Minute + time.Duration(seed)*137*time.Millisecond)
				waiting := a.send("node", record.Flash, strings.Repeat("f", 2<<10))
				time.Sleep(time.Minute)
				up := time.Now()
				line.SetUp(true)
				a.until("a flash message that waited", 20*time.Second, func() bool { return b.has(waiting.ID) })
				first = append(first, b.taken[waiting.ID].Sub(up))
				for range 8 {
					time.Sleep(17 * time.Second)
					d := a.send("node", record.Flash, strings.Repeat("f", 2<<10))
					a.until("a flash message among others", 20*time.Second, func() bool { return b.has(d.ID) })
					later = append(later, b.taken[d.ID].Sub(d.Queued))
				}
				time.Sleep(5*time.Minute - time.Since(up))
				line.SetUp(false)
			}
			if line.Bytes < 2*5*60*thinBits/8*6/10 {
				t.Errorf("only %d bytes went over the line: it was not kept busy", line.Bytes)
			}
		})
	}
	for what, list := range map[string][]time.Duration{"after link-up": first, "while the line is full": later} {
		slices.Sort(list)
		t.Logf("%s: median %v, 95 %% %v, worst %v of %d", what, list[len(list)/2], list[len(list)*95/100], list[len(list)-1], len(list))
		if p95 := list[len(list)*95/100]; p95 > 2*trip+2*time.Second {
			t.Errorf("%s: 95 %% of the flash messages arrived within %v; two round trips and 2 s are %v", what, p95, 2*trip+2*time.Second)
		}
		if worst := list[len(list)-1]; worst > 4*trip+2*time.Second { // a packet lost more than once
			t.Errorf("%s: the worst took %v", what, worst)
		}
	}
}

// TestIncidentWithTenPictures proves the other figure: an incident with ten renditions of 150 KB arrives in less than five minutes
// of link time on the same line, film or no film. 1.5 MB alone take 188 s at 64 kbit/s.
func TestIncidentWithTenPictures(t *testing.T) {
	for seed := range uint64(3) {
		synctest.Test(t, func(t *testing.T) {
			hub := relaytest.NewHub(seed, relaytest.Faults{})
			line := relaytest.NewLine(hub.Bearer("post"), seed, trip, thinBits, 0.05)
			a, b := newPost(t, "post", line, seldom), newPost(t, "node", hub.Bearer("node"), seldom)
			defer a.run()()
			defer b.run()()
			a.ship("node", "film", 50<<20)
			incident := a.send("node", record.Routine, strings.Repeat("i", 4<<10))
			var pictures []record.Freight
			for range 10 {
				pictures = append(pictures, a.ship("node", "picture", 150_000))
			}
			var linked time.Duration
			all := func() bool {
				b.mu.Lock()
				defer b.mu.Unlock()
				return len(b.files) == 10 && !b.taken[incident.ID].IsZero()
			}
			for linked < 10*time.Minute && !all() {
				time.Sleep(3 * time.Minute)
				line.SetUp(true)
				for up := 0; up < 5*60 && !all(); up++ { // up 5 minutes
					time.Sleep(time.Second)
					linked += time.Second
				}
				line.SetUp(false)
			}
			t.Logf("seed %d: %v of link time", seed, linked)
			if linked >= 5*time.Minute {
				t.Errorf("seed %d: it took %v of link time", seed, linked)
			}
			for _, f := range pictures {
				if !bytes.Equal(b.bytes[f.ID], content("picture", 150_000)) {
					t.Errorf("a picture came as %d bytes that are not those that were sent", len(b.bytes[f.ID]))
				}
			}
		})
	}
}
