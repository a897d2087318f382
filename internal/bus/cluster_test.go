package bus_test

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"sarhad/internal/bus"
	"sarhad/record"
)

// TestThreeProcesses proves that a hub of three processes loses nothing when the one that leads a stream goes down under load, that
// a node comes in at another one, that the third process catches up, and that a stranger does not join the cluster.
func TestThreeProcesses(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("three servers")
	}
	const n = 300
	a, b := newIdentity(t, "almaty-1"), newIdentity(t, "osh-1")
	hub, peers := selfSigned(t, "hub"), []tls.Certificate{selfSigned(t, "p1"), selfSigned(t, "p2"), selfSigned(t, "p3")}
	var pins, routes, listens []string
	for _, p := range peers {
		pins = append(pins, bus.Pin(p.Leaf))
		routes, listens = append(routes, freePort(t)), append(listens, freePort(t))
	}
	config := func(i int) bus.HubConfig {
		return bus.HubConfig{
			Name: fmt.Sprintf("hub-%d", i+1), Dir: t.TempDir(), Listen: listens[i], Certificate: hub, Nodes: []bus.Node{a.Node, b.Node}, Route: route,
			Cluster: &bus.Cluster{Name: "caricc", Listen: routes[i], Routes: routes, Certificate: peers[i], Pins: pins, Replicas: 3},
			Log:     slog.New(slog.DiscardHandler), Now: time.Now, Rand: rand.Reader,
		}
	}
	log := &lines{}
	began := time.Now()
	mark := func(what string) { t.Log(what, time.Since(began).Round(time.Millisecond)) }
	hubs, configs := make([]*bus.Hub, 3), []bus.HubConfig{config(0), config(1), config(2)}
	configs[0].Log = slog.New(slog.NewTextHandler(log, nil))
	start := func(i int) {
		h, err := bus.Start(t.Context(), configs[i])
		if err != nil {
			t.Fatal(err)
		}
		hubs[i] = h
	}
	for i := range hubs {
		start(i)
	}
	defer func() {
		for _, h := range hubs {
			h.Close()
		}
	}()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	mark("started")
	for _, h := range hubs {
		if err := h.Ready(ctx); err != nil {
			t.Fatal(err)
		}
	}
	stranger(t, config(0), log)
	mark("stranger")

	var ways []bus.Way
	for _, l := range listens {
		ways = append(ways, bus.Way{Address: l})
	}
	from, to := dial(t, a, hub, ways, nil), dial(t, b, hub, ways[1:], nil)
	got := newTally(n)
	go got.receive(ctx, to, record.Routine)
	var all sync.WaitGroup
	half := make(chan struct{}, n)
	for w := range 4 {
		all.Go(func() {
			for i := w; i < n; i += 4 {
				id := newID(t)
				if err := from.Publish(ctx, record.Routine, id, wire("osh-1", record.Routine, id, time.Time{}, strings.Repeat("x", 500))); err != nil {
					t.Error(err)
					return
				}
				half <- struct{}{}
			}
		})
	}
	for range n / 3 {
		<-half
	}
	leader := 0
	for i, h := range hubs {
		if h.Leader(ctx, "almaty-1", record.Routine) {
			leader = i
		}
	}
	mark("half")
	hubs[leader].Close()
	mark("down")
	all.Wait()
	mark("sent")
	start(leader)
	mark("restarted")
	select {
	case <-got.enough:
	case <-ctx.Done():
	}
	mark("got")
	joins(t, hubs, hub, ways, []bus.Node{a.Node, b.Node}, to)
	mark("joined")
	unique, deliveries := got.unique()
	t.Logf("hub-%d went down; %d of %d ids came in %d deliveries", leader+1, unique, n, deliveries)
	if unique != n {
		t.Errorf("%d of %d came", unique, n)
	}
}

// joins has a node join while the three run, process after process, and send.
func joins(t *testing.T, hubs []*bus.Hub, cert tls.Certificate, ways []bus.Way, there []bus.Node, to *bus.Line) {
	t.Helper()
	c := newIdentity(t, "khujand-1")
	for _, h := range hubs {
		if err := h.SetNodes(append(there, c.Node)); err != nil {
			t.Fatal(err)
		}
	}
	id := newID(t)
	publish(t, dial(t, c, cert, ways, nil), record.Flash, id, wire("osh-1", record.Flash, id, time.Time{}, "new here"))
	if got := take(t, to, record.Flash); !strings.HasSuffix(got, "new here") {
		t.Errorf("got %q", got)
	}
}

// stranger tries to join with a certificate that is not one of the three, and with the pins of the three.
func stranger(t *testing.T, c bus.HubConfig, log *lines) {
	t.Helper()
	foreign := selfSigned(t, "p4")
	c.Name, c.Dir, c.Listen, c.Nodes = "hub-4", t.TempDir(), "127.0.0.1:0", nil
	c.Cluster = &bus.Cluster{Name: "caricc", Listen: "127.0.0.1:0", Routes: c.Cluster.Routes[:1], Certificate: foreign, Pins: append([]string{bus.Pin(foreign.Leaf)}, c.Cluster.Pins...), Replicas: 3}
	h, err := bus.Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	end := time.After(10 * time.Second)
	for !strings.Contains(log.String(), "does not know its certificate (key "+bus.Pin(foreign.Leaf)[:16]) {
		select {
		case <-end:
			t.Errorf("nobody refused the stranger:\n%s", log)
			return
		case <-time.After(20 * time.Millisecond):
		}
	}
}
