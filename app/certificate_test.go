package app_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sarhad/app"
	"sarhad/record"
)

// read gives the one PEM block of a file in keys/.
func readKey(t *testing.T, dir, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "keys", name))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(b)
	return block.Bytes
}

// TestAuthorityVouchesForNothingElse proves that who steals the authority's key can pose as this node and as nobody else: a
// certificate it signs for another name or address is refused by every verifier of RFC 5280.
func TestAuthorityVouchesForNothingElse(t *testing.T) {
	for _, c := range []struct {
		hosts, good, bad []string
	}{
		{[]string{"node.test"}, []string{"node.test", "sub.node.test"}, []string{"evil.example", "nodextest", "test", "192.0.2.1", "2001:db8::1"}},
		{[]string{"192.0.2.7"}, []string{"192.0.2.7"}, []string{"node.test", "192.0.2.8", "2001:db8::1"}},
		{[]string{"2001:db8::7", "node.test"}, []string{"2001:db8::7", "node.test"}, []string{"2001:db8::8", "192.0.2.7", "other.test"}},
	} {
		dir := t.TempDir()
		if _, err := app.Init(t.Context(), dir, app.Setup{Role: "node", Country: "KZ"}); err != nil {
			t.Fatal(err)
		}
		if _, err := app.MakeTLS(dir, c.hosts, time.Now()); err != nil {
			t.Fatal(err)
		}
		ca, err := x509.ParseCertificate(readKey(t, dir, "ca.crt"))
		if err != nil {
			t.Fatal(err)
		}
		caKey, err := x509.ParsePKCS8PrivateKey(readKey(t, dir, "ca.key"))
		if err != nil {
			t.Fatal(err)
		}
		pool := x509.NewCertPool()
		pool.AddCert(ca)
		forge := func(host string) error {
			leaf := &x509.Certificate{SerialNumber: big.NewInt(7), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
				KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
			if ip := net.ParseIP(host); ip != nil {
				leaf.IPAddresses = []net.IP{ip}
			} else {
				leaf.DNSNames = []string{host}
			}
			key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			der, err := x509.CreateCertificate(rand.Reader, leaf, ca, key.Public(), caKey)
			if err != nil {
				t.Fatal(err)
			}
			parsed, err := x509.ParseCertificate(der)
			if err != nil {
				t.Fatal(err)
			}
			_, err = parsed.Verify(x509.VerifyOptions{Roots: pool, DNSName: host})
			return err
		}
		for _, host := range c.good {
			if err := forge(host); err != nil {
				t.Errorf("authority of %v, certificate of %s: %v", c.hosts, host, err)
			}
		}
		for _, host := range c.bad {
			if forge(host) == nil {
				t.Errorf("the authority of %v vouches for %s", c.hosts, host)
			}
		}
		if !ca.PermittedDNSDomainsCritical || !ca.MaxPathLenZero {
			t.Errorf("authority of %v: a verifier that does not know constraints would take it", c.hosts)
		}
	}
}

// turned is a clock that a test turns.
type turned struct {
	mu sync.Mutex
	at time.Time
}

func (c *turned) now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.at }

func (c *turned) turn(by time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.at = c.at.Add(by) }

// logged is a log that a test reads.
type logged struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) { l.mu.Lock(); defer l.mu.Unlock(); return l.b.Write(p) }

func (l *logged) has(text string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Contains(l.b.String(), text)
}

// TestCertificateIsRenewedWhileRunning proves that a running node takes a new certificate without a restart, keeps the former
// one while the new one is half written, speaks HTTP/2, and warns before the end in log and on the administrator's screen.
func TestCertificateIsRenewedWhileRunning(t *testing.T) {
	dir, clock, said := t.TempDir(), &turned{at: time.Now()}, &logged{}
	if _, err := app.Init(t.Context(), dir, app.Setup{Role: "node", Country: "KZ"}); err != nil {
		t.Fatal(err)
	}
	started := clock.now().Add(-380 * 24 * time.Hour) // 17 days are left of 397
	if _, err := app.MakeTLS(dir, []string{"localhost"}, started); err != nil {
		t.Fatal(err)
	}
	a, err := app.New(t.Context(), dir, app.Options{Log: slog.New(slog.NewTextHandler(said, nil)), HTTP: "127.0.0.1:0", Now: clock.now})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Stop()
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	ca, err := os.ReadFile(filepath.Join(dir, "keys", "ca.crt"))
	if err != nil {
		t.Fatal(err)
	}
	pool.AppendCertsFromPEM(ca)
	serial := func() (string, string) {
		t.Helper()
		conn, err := tls.Dial("tcp", "127.0.0.1:"+port(a), &tls.Config{RootCAs: pool, ServerName: "localhost", NextProtos: []string{"h2", "http/1.1"}})
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		return conn.ConnectionState().PeerCertificates[0].SerialNumber.String(), conn.ConnectionState().NegotiatedProtocol
	}
	first, proto := serial()
	if proto != "h2" {
		t.Errorf("negotiated %q, want h2", proto)
	}
	until(t, "the log warns", func() bool { return said.has("the certificate ends soon") })
	if end, soon := a.CertificateEnds(); !soon || end.Sub(clock.now()) > 18*24*time.Hour {
		t.Errorf("ends %s, soon %v", end, soon)
	}

	cert := filepath.Join(dir, "keys", "server.crt")
	if err := os.WriteFile(cert, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	clock.turn(time.Minute)
	if now, _ := serial(); now != first {
		t.Error("a half-written certificate took the place of the good one")
	}
	if !said.has("cannot be read; the former one stays in force") {
		t.Error("nothing says that the new certificate cannot be read")
	}
	if _, err := app.MakeTLS(dir, []string{"localhost"}, clock.now()); err != nil {
		t.Fatal(err)
	}
	clock.turn(time.Minute)
	if now, _ := serial(); now == first {
		t.Error("the node still serves the former certificate")
	}
	if _, soon := a.CertificateEnds(); soon {
		t.Error("the renewed certificate ends soon")
	}
}

// TestServeRefusesTheNetworkWithoutTLS proves that nobody reaches a node from another machine in the clear.
func TestServeRefusesTheNetworkWithoutTLS(t *testing.T) {
	dir := t.TempDir()
	if _, err := app.Init(t.Context(), dir, app.Setup{Role: "node", Country: "KZ"}); err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:0", "node.test:0"} {
		a, err := app.New(t.Context(), dir, app.Options{Log: slog.New(slog.DiscardHandler), HTTP: address})
		if err != nil {
			t.Fatal(err)
		}
		if err := a.Start(t.Context()); record.KindOf(err) != record.Invalid || !strings.Contains(record.MessageOf(err), "TLS") {
			t.Errorf("%s: %v", address, err)
		}
		if err := a.Stop(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestPasskeysAreBoundToNamesOfTheCertificate proves that passkeys are offered at the node's own names over TLS and nowhere
// else: a page that relays to the node under a name of its own gets none.
func TestPasskeysAreBoundToNamesOfTheCertificate(t *testing.T) {
	dir := t.TempDir()
	if _, err := app.Init(t.Context(), dir, app.Setup{Role: "node", Country: "KZ"}); err != nil {
		t.Fatal(err)
	}
	if _, err := app.MakeTLS(dir, []string{"node.test", "localhost", "127.0.0.1"}, time.Now()); err != nil {
		t.Fatal(err)
	}
	a, err := app.New(t.Context(), dir, app.Options{Log: slog.New(slog.DiscardHandler), HTTP: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Stop()
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	for host, want := range map[string]int{"node.test": 200, "localhost": 200, "127.0.0.1": 422, "evil.example": 422} {
		req, err := http.NewRequest("POST", "https://127.0.0.1:"+port(a)+"/api/passkey", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		req.Host = host + ":" + port(a)
		req.Header.Set("Origin", "https://"+req.Host)
		req.Header.Set("Content-Type", "application/json")
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("at %s: %d, want %d", host, res.StatusCode, want)
		}
	}
}
