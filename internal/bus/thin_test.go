package bus_test

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sarhad/internal/bus"
	"sarhad/record"
)

// thin is a line of so many bytes a second and so much delay, in each direction, that all connections share packet by packet.
type thin struct {
	rate  int
	delay time.Duration
	mu    [2]sync.Mutex
	free  [2]time.Time // when the line has sent what stands in its queue
}

// slot waits for the line and says when the packet arrives.
func (s *thin) slot(direction, size int) time.Time {
	s.mu[direction].Lock()
	defer s.mu[direction].Unlock()
	if now := time.Now(); s.free[direction].Before(now) {
		s.free[direction] = now
	}
	s.free[direction] = s.free[direction].Add(time.Duration(size) * time.Second / time.Duration(s.rate))
	time.Sleep(time.Until(s.free[direction])) // a benchmark of a line is about time
	return s.free[direction].Add(s.delay)
}

type packet struct {
	at time.Time
	b  []byte
}

func (s *thin) pipe(direction int, from, to net.Conn) {
	defer to.Close()
	defer from.Close()
	queue := make(chan packet, 1024)
	go func() {
		defer close(queue)
		for {
			b := make([]byte, 1400)
			n, err := from.Read(b)
			if err != nil {
				return
			}
			queue <- packet{s.slot(direction, n), b[:n]}
		}
	}()
	for p := range queue {
		time.Sleep(time.Until(p.at))
		if _, err := to.Write(p.b); err != nil {
			break
		}
	}
	from.Close()
	for range queue {
	}
}

func (s *thin) listen(b *testing.B, target string) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			_ = in.(*net.TCPConn).SetReadBuffer(16 << 10)
			out, err := net.Dial("tcp", target)
			if err != nil {
				in.Close()
				continue
			}
			_ = out.(*net.TCPConn).SetReadBuffer(16 << 10)
			go s.pipe(0, in, out)
			go s.pipe(1, out, in)
		}
	}()
	return l.Addr().String()
}

// BenchmarkThinLine measures how long flash messages of 2 KB take, until they are at their addressee, from a node on 64 kbit/s and 600 ms
// (there and back) while pieces of 256 KB go the same way, and that the pieces get through without a break of the line.
func BenchmarkThinLine(b *testing.B) {
	x, y := newIdentity(b, "almaty-1"), newIdentity(b, "osh-1")
	w := newWorld(b, nil, x, y)
	line := &thin{rate: 8 << 10, delay: 300 * time.Millisecond}
	breaks := make(chan string, 100)
	started := time.Now()
	from := dial(b, x, w.cert, []bus.Way{{Address: line.listen(b, w.hub.Addr())}}, func(c *bus.LineConfig) {
		c.Changed = func(s bus.State) { breaks <- fmt.Sprint(time.Since(started).Round(time.Millisecond), " ", s) }
	})
	to := w.line(y, nil)
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() {
			id := newID(b)
			if err := from.Publish(b.Context(), record.Bulk, id, wire("osh-1", record.Bulk, id, time.Time{}, strings.Repeat("x", 256<<10))); err != nil {
				b.Error(err)
			}
		})
	}
	var took []time.Duration
	for range 10 {
		id := newID(b)
		began := time.Now()
		all.Go(func() {
			if err := from.Publish(b.Context(), record.Flash, id, wire("osh-1", record.Flash, id, time.Time{}, strings.Repeat("x", 2000))); err != nil {
				b.Error(err)
			}
		})
		got, err := to.Fetch(b.Context(), record.Flash, 1)
		if err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(began))
		_ = got[0].Ack(b.Context())
	}
	b.Logf("flash, first with the hand-shake: %v", took)
	all.Wait()
	for len(breaks) > 0 {
		b.Log(<-breaks)
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Milliseconds()), "flash-p50-ms")
	b.ReportMetric(time.Since(started).Seconds(), "bulk-s")
}
