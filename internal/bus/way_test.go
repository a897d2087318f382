package bus_test

import (
	"bufio"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"sarhad/internal/bus"
	"sarhad/record"
)

// proxy is a small HTTP proxy that tunnels CONNECT to one target. It can be told to refuse.
type proxy struct {
	addr    string
	tunnels atomic.Int32
	answer  atomic.Value // string: said instead of a tunnel
	auth    string
}

func newProxy(t *testing.T, target, auth string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{addr: l.Addr().String(), auth: auth}
	p.answer.Store("")
	var all sync.WaitGroup
	t.Cleanup(func() { l.Close(); all.Wait() })
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { p.serve(c, target) })
		}
	})
	return p
}

func (p *proxy) serve(c net.Conn, target string) {
	defer c.Close()
	in := bufio.NewReader(c)
	r, err := http.ReadRequest(in)
	if err != nil {
		return
	}
	if a := p.answer.Load().(string); a != "" {
		io.WriteString(c, a)
		return
	}
	if r.Method != http.MethodConnect || r.Host != "hub.example:443" || r.Header.Get("Proxy-Authorization") != p.auth {
		io.WriteString(c, "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
		return
	}
	out, err := net.Dial("tcp", target)
	if err != nil {
		io.WriteString(c, "HTTP/1.1 502 Bad Gateway\r\n\r\n")
		return
	}
	defer out.Close()
	p.tunnels.Add(1)
	io.WriteString(c, "HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n")
	go func() { io.Copy(out, in); out.Close() }()
	io.Copy(c, out)
}

// TestWebSocketThroughProxy proves that a node behind a proxy that lets only web traffic out reaches the hub, after TCP did not work, and
// that its certificate counts there as well.
func TestWebSocketThroughProxy(t *testing.T) {
	t.Parallel()
	a, b := newIdentity(t, "almaty-1"), newIdentity(t, "osh-1")
	w := newWorld(t, nil, a, b)
	p := newProxy(t, w.hub.WebSocketAddr(), "Basic "+base64.StdEncoding.EncodeToString([]byte("post:secret")))
	shut := bus.Way{Address: freePort(t)}
	states, watch := follow(record.Flash)
	behind := dial(t, a, w.cert, []bus.Way{shut, {Address: "hub.example:443", WebSocket: true, Proxy: p.addr, ProxyUser: "post:secret"}}, watch)
	s := awaitState(t, states, "up", up)
	if s.Way != "wss hub.example:443 through "+p.addr || strings.Contains(s.Way, "secret") {
		t.Errorf("way %q", s.Way)
	}
	direct := dial(t, b, w.cert, []bus.Way{{Address: w.hub.WebSocketAddr(), WebSocket: true}}, nil)
	for _, lane := range record.Lanes {
		id := newID(t)
		sent := wire("osh-1", lane, id, time.Time{}, strings.Repeat("through ", 10_000))
		publish(t, behind, lane, id, sent)
		if got := take(t, direct, lane); got != string(sent) {
			t.Errorf("%s: %d bytes came of %d", lane, len(got), len(sent))
		}
	}
	if p.tunnels.Load() < 3 {
		t.Errorf("%d tunnels", p.tunnels.Load())
	}
	stolen := b
	stolen.cert = a.cert
	states, watch = follow(record.Bulk)
	dial(t, stolen, w.cert, []bus.Way{{Address: w.hub.WebSocketAddr(), WebSocket: true}}, watch)
	awaitState(t, states, "refused", func(s bus.State) bool { return strings.Contains(s.Problem, "does not know this node's line key") })
}

// TestProxySaysWhy proves that what a proxy answers reaches the duty officer in words.
func TestProxySaysWhy(t *testing.T) {
	t.Parallel()
	a := newIdentity(t, "almaty-1")
	w := newWorld(t, nil, a)
	p := newProxy(t, w.hub.WebSocketAddr(), "")
	for answer, want := range map[string]string{
		"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n": "wants a name and a password",
		"HTTP/1.1 403 Forbidden\r\n\r\n":                     `does not let us through to hub.example:443: it says "403 Forbidden"`,
		"SSH-2.0-OpenSSH\r\n\r\n":                            "does not answer as a proxy",
		strings.Repeat("x", 40_000):                          "does not answer as a proxy",
	} {
		p.answer.Store(answer)
		states, watch := follow(record.Flash)
		l := dial(t, a, w.cert, []bus.Way{{Address: "hub.example:443", WebSocket: true, Proxy: p.addr}}, watch)
		awaitState(t, states, want, func(s bus.State) bool { return strings.Contains(s.Problem, want) })
		l.Close()
	}
}

// TestLineComesBack proves that a line finds the hub again when it was away, says so, and that a Publish and a Fetch that
// began before simply go on.
func TestLineComesBack(t *testing.T) {
	t.Parallel()
	a := newIdentity(t, "almaty-1")
	address := freePort(t)
	w := newWorld(t, func(c *bus.HubConfig) { c.Listen = address }, a)
	states, watch := follow(record.Flash)
	line := w.line(a, watch)
	awaitState(t, states, "up", up)
	got := make(chan string, 1)
	go func() {
		m, err := line.Fetch(t.Context(), record.Flash, 1)
		if err != nil {
			got <- err.Error()
			return
		}
		got <- string(m[0].Wire)
	}()
	w.hub.Close()
	s := awaitState(t, states, "down", down)
	if s.Since.IsZero() || s.Problem == "" {
		t.Errorf("state %+v", s)
	}
	id := newID(t)
	done := make(chan error, 1)
	go func() {
		done <- line.Publish(t.Context(), record.Flash, id, wire("almaty-1", record.Flash, id, time.Time{}, "patience"))
	}()
	w.start()
	awaitState(t, states, "up", up)
	if err := <-done; err != nil {
		t.Error(err)
	}
	if text := <-got; !strings.HasSuffix(text, "patience") {
		t.Errorf("got %q", text)
	}
}

// TestNewestConnectionWins proves that what a cut line left at the hub does not swallow messages: the node's new connection
// takes its place.
func TestNewestConnectionWins(t *testing.T) {
	t.Parallel()
	a := newIdentity(t, "almaty-1")
	w := newWorld(t, nil, a)
	old, _, err := w.raw(a, "flash")
	if err != nil {
		t.Fatal(err)
	}
	gone := make(chan struct{})
	old.SetClosedHandler(func(*nats.Conn) { close(gone) })
	states, watch := follow(record.Flash)
	w.line(a, watch)
	awaitState(t, states, "up", up)
	select {
	case <-gone:
	case <-time.After(10 * time.Second):
		t.Error("the old connection is still there")
	}
	if n := w.hub.Lines()["almaty-1"]; n > 3 {
		t.Errorf("%d lines", n)
	}
}
