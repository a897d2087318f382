package app_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sarhad/app"
	"sarhad/internal/config"
	"sarhad/record"
)

// TestTLS proves that a node with its own authority serves https to a browser that trusts it, to nobody else, and that the
// authority cannot vouch for other hosts.
func TestTLS(t *testing.T) {
	dir := t.TempDir()
	if _, err := app.Init(t.Context(), dir, app.Setup{Role: "node", Country: "KZ"}); err != nil {
		t.Fatal(err)
	}
	for _, bad := range [][]string{nil, {"https://node"}, {"*.example"}, {""}} {
		if _, err := app.MakeTLS(dir, bad, time.Now()); record.KindOf(err) != record.Invalid {
			t.Errorf("hosts %q: %v", bad, err)
		}
	}
	made, err := app.MakeTLS(dir, []string{"localhost", "127.0.0.1"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	again, err := app.MakeTLS(dir, []string{"localhost", "127.0.0.1"}, time.Now())
	if err != nil || again.Fingerprint != made.Fingerprint {
		t.Errorf("the authority was made anew for the same names: %v", err)
	}
	a, err := app.New(t.Context(), dir, app.Options{Log: slog.New(slog.NewTextHandler(io.Discard, nil)), HTTP: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Stop()
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	pem, err := os.ReadFile(made.CA)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	trusting := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}}
	res, err := trusting.Get(a.URL() + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != 200 || res.ProtoMajor != 2 {
		t.Errorf("%s %s, want 200 over HTTP/2", res.Proto, res.Status)
	}
	if _, err := http.Get(a.URL() + "/healthz"); !errors.As(err, new(*tls.CertificateVerificationError)) {
		t.Errorf("a browser that does not know the authority: %v", err)
	}
	leaf := res.TLS.PeerCertificates[0]
	if _, err := leaf.Verify(x509.VerifyOptions{Roots: pool, DNSName: "localhost"}); err != nil {
		t.Errorf("localhost: %v", err)
	}
	block := x509.NewCertPool()
	block.AppendCertsFromPEM(pem)
	other, err := app.MakeTLS(dir, []string{"node.test"}, time.Now())
	if err != nil || other.Fingerprint == made.Fingerprint {
		t.Errorf("other names need another authority: %v", err)
	}
	server, err := os.ReadFile(filepath.Join(dir, "keys", "server.crt"))
	if err != nil || !strings.Contains(string(server), "CERTIFICATE") {
		t.Fatal(err)
	}
	settings, err := os.ReadFile(filepath.Join(dir, config.FileName))
	if err != nil || strings.Contains(string(settings), dir) {
		t.Errorf("the settings name where they stand, so a copy is no node of its own: %v\n%s", err, settings)
	}
	c, err := config.Load(dir)
	if err != nil || !c.TLS() || config.CheckListen("0.0.0.0:8443", c.TLS()) != nil {
		t.Errorf("with certificates the node may be reached from others: %+v, %v", c, err)
	}
}
