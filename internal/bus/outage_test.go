package bus_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sarhad/internal/bus"
	"sarhad/record"
)

// asHub makes this test binary a hub: see TestMain.
const asHub = "-sarhad-test-hub"

// child is what a hub in a process of its own is told on its standard input, which then stays open while it lives.
type child struct {
	Dir, Listen string
	Cert, Key   []byte
	Nodes       []bus.Node
}

func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == asHub {
		if err := runChild(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func runChild() error {
	in := bufio.NewReader(os.Stdin)
	var c child
	line, err := in.ReadBytes('\n')
	if err != nil {
		return err
	}
	if err := json.Unmarshal(line, &c); err != nil {
		return err
	}
	key, err := x509.ParseECPrivateKey(c.Key)
	if err != nil {
		return err
	}
	hub, err := bus.Start(context.Background(), bus.HubConfig{
		Name: "child", Dir: c.Dir, Listen: c.Listen, Certificate: tls.Certificate{Certificate: [][]byte{c.Cert}, PrivateKey: key},
		Nodes: c.Nodes, Route: route, Log: slog.New(slog.DiscardHandler), Now: time.Now, Rand: rand.Reader,
	})
	if err != nil {
		return err
	}
	fmt.Println("ready")
	_, _ = io.Copy(io.Discard, in) // until the test is over, however it ends
	hub.Close()
	return nil
}

// process is a hub in a process of its own.
type process struct {
	cmd *exec.Cmd
	in  io.WriteCloser
}

func startProcess(t testing.TB, c child) *process {
	t.Helper()
	cmd := exec.Command(os.Args[0], asHub)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := in.Write(append(b, '\n')); err != nil {
		t.Fatal(err)
	}
	if s, err := bufio.NewReader(out).ReadString('\n'); err != nil || s != "ready\n" {
		t.Fatalf("the hub's process says %q, %v", s, err)
	}
	return &process{cmd, in}
}

// kill is kill -9, and waits until the process is gone.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// tally counts what a receiver got.
type tally struct {
	mu     sync.Mutex
	got    map[string]int
	enough chan struct{}
	want   int
}

func newTally(want int) *tally {
	return &tally{got: map[string]int{}, enough: make(chan struct{}), want: want}
}

// receive fetches until ctx ends: stores, then acknowledges, as an inbox does.
func (c *tally) receive(ctx context.Context, l *bus.Line, lane record.Lane) {
	for {
		msgs, err := l.Fetch(ctx, lane, 32)
		if err != nil {
			return
		}
		for _, m := range msgs {
			id := strings.SplitN(string(m.Wire), "|", 4)[2]
			c.mu.Lock()
			c.got[id]++
			if c.got[id] == 1 && len(c.got) == c.want {
				close(c.enough)
			}
			c.mu.Unlock()
			_ = m.Ack(ctx) // else it comes again
		}
	}
}

func (c *tally) unique() (ids, deliveries int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, n := range c.got {
		deliveries += n
	}
	return len(c.got), deliveries
}

// TestKillHubWhilePublishing proves with a real process that kill -9 of the hub, three times under load, loses nothing of 2,000
// messages, and that the ids at the receiver are those that were sent, each once after the inbox's rule.
func TestKillHubWhilePublishing(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("kills processes")
	}
	const n = 2000
	a, b := newIdentity(t, "almaty-1"), newIdentity(t, "osh-1")
	cert := selfSigned(t, "hub")
	key, err := x509.MarshalECPrivateKey(cert.PrivateKey.(*ecdsa.PrivateKey))
	if err != nil {
		t.Fatal(err)
	}
	c := child{Dir: t.TempDir(), Listen: freePort(t), Cert: cert.Certificate[0], Key: key, Nodes: []bus.Node{a.Node, b.Node}}
	p := startProcess(t, c)
	defer func() { p.kill() }()
	ways := []bus.Way{{Address: c.Listen}}
	from, to := dial(t, a, cert, ways, nil), dial(t, b, cert, ways, nil)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	got := newTally(n)
	go got.receive(ctx, to, record.Routine)

	var sent atomic.Int64
	marks := map[int64]chan struct{}{n / 4: make(chan struct{}), n / 2: make(chan struct{}), 3 * n / 4: make(chan struct{})}
	ids := make(chan record.ID, n)
	for range n {
		ids <- newID(t)
	}
	close(ids)
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for id := range ids {
				if err := from.Publish(ctx, record.Routine, id, wire("osh-1", record.Routine, id, time.Time{}, strings.Repeat("x", 500))); err != nil {
					t.Error(err)
					return
				}
				if mark := marks[sent.Add(1)]; mark != nil {
					close(mark)
				}
			}
		})
	}
	for _, at := range []int64{n / 4, n / 2, 3 * n / 4} {
		select {
		case <-marks[at]:
		case <-ctx.Done():
			t.Fatal("too slow")
		}
		p.kill()
		p = startProcess(t, c)
	}
	all.Wait()
	select {
	case <-got.enough:
	case <-ctx.Done():
	}
	unique, deliveries := got.unique()
	t.Logf("sent %d, received %d ids in %d deliveries", sent.Load(), unique, deliveries)
	if unique != n {
		t.Errorf("%d of %d came", unique, n)
	}
}
