package bus_test

import (
	"crypto/ecdsa"
	"crypto/x509"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sarhad/internal/bus"
	"sarhad/record"
)

// benchPair is a hub in a process of its own and two nodes in this one.
func benchPair(b *testing.B) (from, to *bus.Line) {
	b.Helper()
	x, y, cert := newIdentity(b, "almaty-1"), newIdentity(b, "osh-1"), selfSigned(b, "hub")
	key, err := x509.MarshalECPrivateKey(cert.PrivateKey.(*ecdsa.PrivateKey))
	if err != nil {
		b.Fatal(err)
	}
	c := child{Dir: b.TempDir(), Listen: freePort(b), Cert: cert.Certificate[0], Key: key, Nodes: []bus.Node{x.Node, y.Node}}
	p := startProcess(b, c)
	b.Cleanup(p.kill)
	ways := []bus.Way{{Address: c.Listen}}
	return dial(b, x, cert, ways, nil), dial(b, y, cert, ways, nil)
}

// BenchmarkThreeHops measures one message of 2 KB at a time from Publish to Fetch: sender, hub, addressee, with fsync in both streams.
func BenchmarkThreeHops(b *testing.B) {
	from, to := benchPair(b)
	body := strings.Repeat("x", 2000)
	var took []time.Duration
	for range b.N {
		id := newID(b)
		sent := wire("osh-1", record.Flash, id, time.Time{}, body)
		began := time.Now()
		done := make(chan error, 1)
		go func() { done <- from.Publish(b.Context(), record.Flash, id, sent) }()
		got, err := to.Fetch(b.Context(), record.Flash, 1)
		if err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(began))
		if err := got[0].Ack(b.Context()); err != nil {
			b.Fatal(err)
		}
		if err := <-done; err != nil {
			b.Fatal(err)
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}

// BenchmarkStream measures messages of 2 KB a second over the three hops, 32 on the way at a time.
func BenchmarkStream(b *testing.B) {
	from, to := benchPair(b)
	got := newTally(b.N)
	go got.receive(b.Context(), to, record.Routine)
	ids := make(chan record.ID, b.N)
	for range b.N {
		ids <- newID(b)
	}
	close(ids)
	body := strings.Repeat("x", 2000)
	b.ResetTimer()
	var all sync.WaitGroup
	for range 32 {
		all.Go(func() {
			for id := range ids {
				if err := from.Publish(b.Context(), record.Routine, id, wire("osh-1", record.Routine, id, time.Time{}, body)); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	<-got.enough
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msgs/s")
}

// BenchmarkIdleLine measures what connected lines cost in the heap and in stacks, each of three lanes.
func BenchmarkIdleLine(b *testing.B) {
	x, cert := newIdentity(b, "almaty-1"), selfSigned(b, "hub")
	key, err := x509.MarshalECPrivateKey(cert.PrivateKey.(*ecdsa.PrivateKey))
	if err != nil {
		b.Fatal(err)
	}
	c := child{Dir: b.TempDir(), Listen: freePort(b), Cert: cert.Certificate[0], Key: key, Nodes: []bus.Node{x.Node}}
	all := []identity{x}
	for i := range 20 {
		n := newIdentity(b, fmt.Sprintf("node-%d", i))
		all, c.Nodes = append(all, n), append(c.Nodes, n.Node)
	}
	p := startProcess(b, c)
	b.Cleanup(p.kill)
	for range b.N {
		before := resident()
		ups := make(chan struct{}, 1000)
		var lines []*bus.Line
		for _, n := range all {
			lines = append(lines, dial(b, n, cert, []bus.Way{{Address: c.Listen}}, func(cfg *bus.LineConfig) {
				cfg.Changed = func(s bus.State) {
					if s.Up {
						ups <- struct{}{}
					}
				}
			}))
		}
		for range 3 * len(all) {
			<-ups
		}
		b.ReportMetric(float64(resident()-before)/float64(len(all))/1024, "KB/line")
		for _, l := range lines {
			l.Close()
		}
	}
}

// resident is what the program holds from the system and has not given back, after a collection.
func resident() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}
