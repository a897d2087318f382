package bus_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nkeys"

	"sarhad/internal/bus"
	"sarhad/record"
)

// identity is what a node has in its keys directory.
type identity struct {
	bus.Node
	seed []byte
	cert tls.Certificate
}

func newIdentity(t testing.TB, id string) identity {
	t.Helper()
	pair, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	seed, err := pair.Seed()
	if err != nil {
		t.Fatal(err)
	}
	public, err := pair.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	cert := selfSigned(t, id)
	return identity{bus.Node{ID: id, Keys: []string{public}, Pins: []string{bus.Pin(cert.Leaf)}}, seed, cert}
}

// selfSigned makes a certificate for a name and for this machine. It is its own authority.
func selfSigned(t testing.TB, name string) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{"hub.example"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, form, form, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

func pool(c tls.Certificate) *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(c.Leaf)
	return p
}

// wire is an envelope of the tests: to|lane|id|until|body.
func wire(to string, lane record.Lane, id record.ID, until time.Time, body string) []byte {
	end := ""
	if !until.IsZero() {
		end = until.Format(time.RFC3339)
	}
	return fmt.Appendf(nil, "%s|%s|%s|%s|%s", to, lane, id, end, body)
}

func route(wire []byte) (to, lane, id string, until time.Time, err error) {
	f := strings.SplitN(string(wire), "|", 5)
	if len(f) != 5 {
		return "", "", "", time.Time{}, errors.New("it has no header")
	}
	if f[3] != "" {
		if until, err = time.Parse(time.RFC3339, f[3]); err != nil {
			return "", "", "", time.Time{}, err
		}
	}
	return f[0], f[1], f[2], until, nil
}

func newID(t testing.TB) record.ID {
	t.Helper()
	id, err := record.NewID(time.Now(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// notes collects what a hub says to its owner.
type notes struct {
	mu                        sync.Mutex
	accepted, refused, denied []string
	changed                   chan struct{}
}

func (n *notes) add(list *[]string, lines ...string) {
	n.mu.Lock()
	*list = append(*list, lines...)
	close(n.changed)
	n.changed = make(chan struct{})
	n.mu.Unlock()
}

// await waits until a line of a list has all words.
func (n *notes) await(t testing.TB, list *[]string, words ...string) string {
	t.Helper()
	end := time.After(15 * time.Second)
	for {
		n.mu.Lock()
		for _, line := range *list {
			if containsAll(line, words) {
				n.mu.Unlock()
				return line
			}
		}
		have, changed := strings.Join(*list, "\n"), n.changed
		n.mu.Unlock()
		select {
		case <-changed:
		case <-end:
			t.Fatalf("nobody said %q; what was said:\n%s", words, have)
		}
	}
}

func containsAll(line string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(line, w) {
			return false
		}
	}
	return true
}

// world is one hub and what it said.
type world struct {
	t    testing.TB
	hub  *bus.Hub
	cfg  bus.HubConfig
	cert tls.Certificate
	said *notes
	log  *lines
}

// lines is a log that a test reads.
type lines struct {
	mu  sync.Mutex
	all strings.Builder
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.String()
}

func newWorld(t testing.TB, change func(*bus.HubConfig), nodes ...identity) *world {
	t.Helper()
	w := &world{t: t, cert: selfSigned(t, "hub"), said: &notes{changed: make(chan struct{})}, log: &lines{}}
	w.cfg = bus.HubConfig{
		Name: "hub-1", Dir: t.TempDir(), Listen: "127.0.0.1:0", WebSocket: "127.0.0.1:0", Certificate: w.cert, Route: route,
		Accepted: func(_ context.Context, from, lane string, ids []string) error {
			for _, id := range ids {
				w.said.add(&w.said.accepted, from+" "+lane+" "+id)
			}
			return nil
		},
		Refused: func(_ context.Context, from, lane, id, reason string) error {
			w.said.add(&w.said.refused, from+" "+lane+" "+id+" "+reason)
			return nil
		},
		Denied: func(node, what string) { w.said.add(&w.said.denied, node+": "+what) },
		Log:    slog.New(slog.NewTextHandler(w.log, nil)), Now: time.Now, Rand: rand.Reader,
	}
	for _, n := range nodes {
		w.cfg.Nodes = append(w.cfg.Nodes, n.Node)
	}
	if change != nil {
		change(&w.cfg)
	}
	w.start()
	t.Cleanup(func() { w.hub.Close() })
	return w
}

func (w *world) start() {
	w.t.Helper()
	hub, err := bus.Start(w.t.Context(), w.cfg)
	if err != nil {
		w.t.Fatal(err)
	}
	w.hub = hub
}

func (w *world) way() bus.Way { return bus.Way{Address: w.hub.Addr()} }

func (w *world) line(who identity, change func(*bus.LineConfig)) *bus.Line {
	w.t.Helper()
	return dial(w.t, who, w.cert, []bus.Way{w.way()}, change)
}

func dial(t testing.TB, who identity, hub tls.Certificate, ways []bus.Way, change func(*bus.LineConfig)) *bus.Line {
	t.Helper()
	cfg := bus.LineConfig{
		Node: who.ID, Seed: who.seed, Certificate: who.cert, Roots: pool(hub), ServerName: "hub.example", Ways: ways,
		Log: slog.New(slog.DiscardHandler), Now: time.Now, Rand: rand.Reader,
	}
	if change != nil {
		change(&cfg)
	}
	l, err := bus.Dial(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l
}

func soon(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func publish(t testing.TB, l *bus.Line, lane record.Lane, id record.ID, wire []byte) {
	t.Helper()
	if err := l.Publish(soon(t), lane, id, wire); err != nil {
		t.Fatal(err)
	}
}

// take fetches one message and acknowledges it.
func take(t testing.TB, l *bus.Line, lane record.Lane) string {
	t.Helper()
	got, err := l.Fetch(soon(t), lane, 1)
	if err != nil || len(got) != 1 {
		t.Fatalf("fetch: %d messages, %v", len(got), err)
	}
	if err := got[0].Ack(t.Context()); err != nil {
		t.Fatal(err)
	}
	return string(got[0].Wire)
}

func freePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
