package nodekeys

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/nats-io/nkeys"

	"sarhad/exchange/directory/directorytest"
	"sarhad/record"
)

func set(t *testing.T, r *directorytest.Region) Set {
	return Set{Dir: t.TempDir(), Node: "uzb-post", Rand: rand.Reader, Now: r.Now}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// join brings a generation into the directory: by invitation, or, when the node is there, by a change.
func join(t *testing.T, r *directorytest.Region, g Generation) {
	t.Helper()
	sign, err := g.Signer("uzb-post")
	must(t, err)
	r.Join("UZB", "uzb-post", directorytest.Machine{Keys: g.Public, Sign: sign})
	r.Publish(r.Countries["KAZ"], "KAZ", "UZB", "TJK")
}

// TestTheFourKeysAreOnes proves that each secret half belongs to the public half in the statement.
func TestTheFourKeysAreOnes(t *testing.T) {
	r := directorytest.NewRegion(t)
	s := set(t, r)
	g, err := s.Make()
	must(t, err)
	join(t, r, g)
	d := r.Countries["UZB"].Directory
	keys, err := d.SealKeys("uzb-post")
	must(t, err)
	to, err := age.ParseHybridRecipient(keys[0].Public)
	must(t, err)
	var box bytes.Buffer
	w, err := age.Encrypt(&box, to)
	must(t, err)
	_, err = io.WriteString(w, "hello")
	must(t, errors.Join(err, w.Close()))
	opener, err := g.Opener()
	must(t, err)
	out, err := age.Decrypt(&box, opener)
	must(t, err)
	if text, _ := io.ReadAll(out); string(text) != "hello" {
		t.Errorf("%q", text)
	}
	line, err := nkeys.FromSeed([]byte(g.Line))
	must(t, err)
	if public, _ := line.PublicKey(); "nkey:"+public != g.Public.Line[0] {
		t.Error("the line key is another one")
	}
	cert, err := g.Certificate()
	must(t, err)
	leaf, err := x509.ParseCertificate(cert.Certificate[0])
	must(t, err)
	sum := sha256.Sum256(leaf.RawSubjectPublicKeyInfo)
	if "spki-sha256:"+base64.StdEncoding.EncodeToString(sum[:]) != g.Public.TLS[0] || leaf.Subject.CommonName != "uzb-post" {
		t.Error("the certificate is another one")
	}
	again, err := s.Current(d)
	if err != nil || again.Name != g.Name || again.Seal != g.Seal {
		t.Errorf("%v %v", again.Name, err)
	}
}

// TestRotation proves the life of old keys: nobody uses new ones before they count; old ones open until the inbox was
// sealed anew, and then they are gone from the disk.
func TestRotation(t *testing.T) {
	r := directorytest.NewRegion(t)
	s, d := set(t, r), r.Countries["UZB"].Directory
	first, err := s.Make()
	must(t, err)
	if _, err := s.Current(d); record.KindOf(err) != record.NotFound {
		t.Errorf("keys that nobody signed are used: %v", err)
	}
	join(t, r, first)
	second, err := s.Make()
	must(t, err)
	if g, err := s.Current(d); err != nil || g.Name != first.Name {
		t.Errorf("%v %v, want the first", g.Name, err)
	}
	join(t, r, second)
	if g, err := s.Current(d); err != nil || g.Name != second.Name {
		t.Errorf("%v %v, want the second", g.Name, err)
	}
	if st := d.KeyState("uzb-post", first.Public.Seal[0]); st != "old" {
		t.Errorf("state %q", st)
	}
	var resealed []string
	ready := errors.New("not yet")
	reseal := func(_ context.Context, g Generation) error {
		resealed = append(resealed, g.Name)
		return ready
	}
	gone, err := s.Sweep(t.Context(), d, reseal)
	if err != nil || len(gone)+len(resealed) > 0 {
		t.Errorf("swept while messages are under way: %v %v %v", gone, resealed, err)
	}
	r.Time = r.Time.Add(Overlap)
	r.Publish(r.Countries["KAZ"], "KAZ", "UZB", "TJK")
	if gone, err := s.Sweep(t.Context(), d, reseal); !errors.Is(err, ready) || len(gone) > 0 {
		t.Errorf("destroyed though the inbox was not sealed anew: %v %v", gone, err)
	}
	if all, _ := s.All(); len(all) != 2 {
		t.Fatalf("%d generations", len(all))
	}
	ready = nil
	gone, err = s.Sweep(t.Context(), d, reseal)
	if err != nil || len(gone) != 1 || gone[0] != first.Name {
		t.Errorf("%v %v", gone, err)
	}
	must(t, filepath.WalkDir(s.Dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if strings.Contains(string(data), first.Seal) || strings.Contains(string(data), base64.StdEncoding.EncodeToString(first.Sign)) {
			t.Errorf("%s still holds an old key", path)
		}
		return err
	}))
	if g, err := s.Current(d); err != nil || g.Name != second.Name {
		t.Errorf("the present keys are gone: %v", err)
	}
	third, err := s.Make()
	if err != nil || third.Name != "0003" {
		t.Errorf("%s %v", third.Name, err)
	}
}

// TestRevokedKeysAreSweptAtOnce proves that keys of a lost machine that came back do not wait for messages.
func TestRevokedKeysAreSweptAtOnce(t *testing.T) {
	r := directorytest.NewRegion(t)
	s, d := set(t, r), r.Countries["UZB"].Directory
	first, err := s.Make()
	must(t, err)
	join(t, r, first)
	must(t, r.Countries["UZB"].Registrar.Revoke(t.Context(), "uzb-post", "lost"))
	r.Publish(r.Countries["KAZ"], "KAZ", "UZB", "TJK")
	never := func(context.Context, Generation) error { return nil }
	if gone, err := s.Sweep(t.Context(), d, never); err != nil || len(gone) > 0 {
		t.Errorf("without a present generation nothing is certain: %v %v", gone, err)
	}
	second, err := s.Make()
	must(t, err)
	join(t, r, second)
	if gone, err := s.Sweep(t.Context(), d, never); err != nil || len(gone) != 1 || gone[0] != first.Name {
		t.Errorf("%v %v", gone, err)
	}
}

func TestDamagedKeysAreToldWhere(t *testing.T) {
	s := Set{Dir: t.TempDir(), Node: "x", Rand: rand.Reader, Now: func() time.Time { return time.Unix(1, 0) }}
	g, err := s.Make()
	must(t, err)
	must(t, os.WriteFile(s.file(g.Name), []byte("{}"), 0o600))
	if _, err := s.All(); record.KindOf(err) != record.Invalid || !strings.Contains(err.Error(), g.Name+".key is damaged") {
		t.Errorf("%v", err)
	}
	if info, _ := os.Stat(s.file(g.Name)); info.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/' {
		t.Errorf("others may read it: %v", info.Mode())
	}
}
