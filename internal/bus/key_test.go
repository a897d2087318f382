package bus_test

import (
	"crypto/rand"
	"crypto/tls"
	"errors"
	"testing"
	"time"

	"sarhad/internal/bus"
	"sarhad/record"
)

// TestKeysOpenTheLine proves that the keys that init makes let a node in, and that broken ones are named before anything starts.
func TestKeysOpenTheLine(t *testing.T) {
	t.Parallel()
	seed, public, err := bus.NewKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	certPEM, keyPEM, err := bus.NewCertificate("almaty-1", time.Now(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := tls.X509KeyPair(certPEM, keyPEM)
	if err != nil {
		t.Fatal(err)
	}
	a := identity{bus.Node{ID: "almaty-1", Keys: []string{public}, Pins: []string{bus.Pin(cert.Leaf)}}, seed, cert}
	w := newWorld(t, nil, a)
	line, id := w.line(a, nil), newID(t)
	publish(t, line, record.Flash, id, wire("almaty-1", record.Flash, id, time.Time{}, "in"))
	take(t, line, record.Flash)

	if again, err := bus.PublicKey(seed); err != nil || again != public || !bus.ValidKey(public) {
		t.Errorf("public half %q of %q, %v", again, public, err)
	}
	if _, err := bus.PublicKey([]byte("SU")); record.KindOf(err) != record.Invalid {
		t.Errorf("half a seed: %v", err)
	}
	if bus.ValidKey(string(seed)) || bus.ValidKey("") {
		t.Error("a seed counts as a public key")
	}
	for name, c := range map[string]bus.LineConfig{
		"no name": {Seed: seed, Ways: []bus.Way{w.way()}, Rand: rand.Reader},
		"no way":  {Node: "almaty-1", Seed: seed, Rand: rand.Reader},
		"no seed": {Node: "almaty-1", Ways: []bus.Way{w.way()}, Rand: rand.Reader},
	} {
		if _, err := bus.Dial(c); record.KindOf(err) != record.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := bus.NewKey(dry{}); err == nil {
		t.Error("a key without randomness")
	}
}

type dry struct{}

func (dry) Read([]byte) (int, error) { return 0, errors.New("no randomness") }
