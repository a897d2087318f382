package relay_test

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"
	"time"

	"sarhad/exchange/relay"
	"sarhad/exchange/relay/relaytest"
	"sarhad/record"
)

// beat injects a heartbeat of b as a hostile hub could have kept it.
func (w *world) beat(life string, number int64, clock time.Time) {
	w.Helper()
	content, err := json.Marshal(map[string]any{"number": number, "life": life, "clock": clock, "version": "9", "lanes": map[string]any{"routine": map[string]any{"sent": number}}})
	if err != nil {
		w.Fatal(err)
	}
	id := record.ID{byte(number), life[len(life)-1], byte(clock.Unix())}
	wire, err := relaytest.Seal("b")(context.Background(), record.Dispatch{To: "a", Lane: record.Routine, ID: id, Kind: relay.KindHeartbeat, Content: content})
	if err != nil {
		w.Fatal(err)
	}
	w.hub.Inject("a", record.Routine, wire)
	time.Sleep(2 * time.Second)
}

// TestHeartbeatTellsHowThingsStand proves what a partner learns within a minute, and that nothing of it shows in the size.
func TestHeartbeatTellsHowThingsStand(t *testing.T) {
	sizes := map[int]int{}
	var heard []record.Peer
	play(t, func(w *world) {
		w.hub.Seen = func(to string, _ record.Lane, wire []byte) bool {
			if bytes.Contains(wire, []byte(relay.KindHeartbeat)) {
				sizes[len(wire)]++
			}
			return true
		}
		defer w.a.run()()
		defer w.b.run()()
		for range 20 {
			w.a.send("b", record.Flash, "x")
		}
		time.Sleep(10 * time.Minute)
		p := w.b.status().Partners[0]
		if p.Version != "1" || len(p.Reads) != 1 || p.Skew > time.Second || p.Skew < -time.Second || p.Peer.Directory != "head of a" || p.Peer.Reported != "checkpoint of a" || p.Peer.Lanes[record.Flash].Sent != 20 {
			t.Errorf("b knows of a %+v", p)
		}
		if p := w.a.status().Partners[0]; p.Peer.Lanes[record.Flash].Got != 20 || p.Peer.Lanes[record.Flash].Missing != 0 || p.Delay <= 0 || p.Delay > time.Second {
			t.Errorf("a knows of b %+v", p)
		}
		if len(heard) < 8 || heard[0].Directory == "" {
			t.Errorf("heartbeats were told %d times", len(heard))
		}
	}, func(node string, c *relay.Config) {
		c.Partners = func() []string { return []string{map[string]string{"a": "b", "b": "a"}[node]} }
		c.Head, c.Checkpoint = func(record.Peer) string { return "head of " + node }, func() string { return "checkpoint of " + node }
		if node == "b" {
			c.Heard = func(p record.Peer) { heard = append(heard, p) }
		}
	})
	if len(sizes) != 1 {
		t.Errorf("heartbeats have the sizes %v", sizes)
	}
}

// TestHubReplaysAHeartbeat proves that an old heartbeat changes nothing, of this life or of a former one, and does not make a silent
// peer seem alive.
func TestHubReplaysAHeartbeat(t *testing.T) {
	play(t, func(w *world) {
		defer w.a.run()()
		began := time.Now()
		w.beat("life-1", 5, began)
		w.beat("life-1", 6, began.Add(time.Minute))
		w.beat("life-2", 1, began.Add(time.Hour))
		seen := w.a.status().Partners[0]
		if seen.Peer.Incarnation != "life-2" || seen.Peer.Beat != 1 {
			t.Fatalf("known is %+v", seen.Peer)
		}
		time.Sleep(time.Hour)
		for _, replay := range []struct {
			life   string
			number int64
			clock  time.Time
		}{{"life-2", 1, began.Add(time.Hour)}, {"life-1", 6, began.Add(time.Minute)}, {"life-1", 7, began.Add(2 * time.Minute)}} {
			w.beat(replay.life, replay.number, replay.clock)
			p := w.a.status().Partners[0]
			if p.Peer.Incarnation != "life-2" || p.Peer.Beat != 1 || !p.LastSeen.Equal(seen.LastSeen) {
				t.Errorf("after %+v known is %+v", replay, p.Peer)
			}
		}
		w.beat("life-2", 2, began.Add(2*time.Hour))
		if p := w.a.status().Partners[0]; p.Peer.Beat != 2 || !p.LastSeen.After(seen.LastSeen) {
			t.Errorf("a new heartbeat did not count: %+v", p.Peer)
		}
	})
}

// TestHubReplaysAMessage proves that an old message is known, and does not make a silent peer seem alive.
func TestHubReplaysAMessage(t *testing.T) {
	play(t, func(w *world) {
		var kept []byte
		w.hub.Seen = func(to string, _ record.Lane, wire []byte) bool {
			if bytes.Contains(wire, []byte("precious")) {
				kept = wire
			}
			return true
		}
		stop := w.a.run()
		defer w.b.run()()
		d := w.a.send("b", record.Routine, "precious")
		w.becomes(w.a, d.ID, record.DispatchOpened, time.Second)
		stop()
		time.Sleep(time.Hour)
		seen := w.b.status().Partners[0].LastSeen
		for range 3 {
			w.hub.Inject("b", record.Routine, kept)
			w.hub.Inject("b", record.Flash, kept)
			time.Sleep(time.Minute)
		}
		if n := w.b.store.Records()[d.ID.String()]; n != 1 {
			t.Errorf("it was taken up %d times", n)
		}
		if p := w.b.status().Partners[0]; !p.LastSeen.Equal(seen) {
			t.Errorf("last seen moved from %v to %v", seen, p.LastSeen)
		}
	})
}

// TestNonsenseIsLeft proves that a service message that makes no sense stops nothing.
func TestNonsenseIsLeft(t *testing.T) {
	play(t, func(w *world) {
		defer w.b.run()()
		n := byte(0)
		for _, kind := range []string{relay.KindReceipt, relay.KindAsk, relay.KindGone, relay.KindHeartbeat, relay.KindPiece, relay.KindHave, relay.KindHow, "relay.tomorrow"} {
			for _, content := range []string{"", "nonsense", "\x00\x02{}", "{}", `{"ranges":[{"lane":"flash","life":"x","first":-1,"last":9007199254740993},{"lane":"no","life":"b-life-1","first":1,"last":9007199254740990}]}`,
				`{"ids":["00000000-0000-4000-8000-000000000001"]}`, `{"number":-1,"life":"x"}`, `{"file":"00000000-0000-4000-8000-000000000001","have":[{"first":9,"end":2}]}`} {
				n++
				wire, _ := relaytest.Seal("a")(context.Background(), record.Dispatch{To: "b", Lane: record.Routine, ID: record.ID{9, n}, Kind: kind, Content: []byte(content)})
				w.hub.Inject("b", record.Routine, wire)
			}
		}
		time.Sleep(time.Minute)
		defer w.a.run()()
		d := w.a.send("b", record.Routine, "x")
		w.becomes(w.a, d.ID, record.DispatchOpened, time.Minute)
		if w.hub.Waiting() != 0 {
			t.Errorf("%d envelopes come again and again", w.hub.Waiting())
		}
	})
}
