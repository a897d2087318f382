package app_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"sarhad/internal/config"
	"sarhad/record"
)

// set changes the settings of a node that is not running.
func (n *netOf) set(name string, change func(*config.Config)) {
	n.t.Helper()
	c, err := config.Load(n.dirs[name])
	if err != nil {
		n.t.Fatal(err)
	}
	change(&c)
	if err := config.Write(n.dirs[name], c); err != nil {
		n.t.Fatal(err)
	}
}

// freeAddress is an address of this machine that nobody listens at.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// newTwins is a region of two countries, each with a node and an outpost; the outposts are twins on one local network.
func newTwins(t *testing.T) *netOf {
	n := newNet(t, [2]string{"KAZ", "kaz-centre"}, [2]string{"KAZ", "kaz-post@kaz-centre"}, [2]string{"UZB", "uzb-centre"}, [2]string{"UZB", "uzb-post@uzb-centre"})
	at := map[string]string{"kaz-post": freeAddress(t), "uzb-post": freeAddress(t)}
	for name, twin := range map[string]string{"kaz-post": "uzb-post", "uzb-post": "kaz-post"} {
		n.stop(name)
		n.set(name, func(c *config.Config) { c.RelayListen, c.RelayTwins = at[name], twin+"="+at[twin] })
		n.start(name)
		until(t, "the door of "+name+" to open", func() bool { return n.apps[name].Network.TwinAddr() != "" })
	}
	return n
}

// arrivals gives what came to a node, by sender and kind.
func (n *netOf) arrivals(at, from, kind string) (out []record.Arrival) {
	n.t.Helper()
	ctx := record.WithActor(n.t.Context(), record.Machine("test", ""))
	err := n.apps[at].Store.View(ctx, func(tx record.Tx) error {
		list, err := tx.Arrivals(record.ArrivalQuery{From: from, Kinds: []string{kind}, Full: true, Limit: record.MaxLimit})
		out = list
		return err
	})
	if err != nil {
		n.t.Fatal(err)
	}
	return out
}

// TestTwinsTalkWithoutTheHub proves that twin posts exchange messages directly while the hub is away, that receipts come back the same
// way, and that both nodes get their copy when the hub is back: once, under the name of who wrote it, whatever is repeated.
func TestTwinsTalkWithoutTheHub(t *testing.T) {
	n := newTwins(t)
	n.stop("hub")
	id := n.say("uzb-post", "kaz-post", record.Flash, "a lorry at the bridge")
	until(t, "the message to be there without a hub", func() bool { return n.state("uzb-post", id).State == record.DispatchDelivered })
	if got := n.arrivals("kaz-post", "uzb-post", "test"); len(got) != 1 || string(got[0].Content) != "a lorry at the bridge" {
		t.Fatalf("at the twin: %+v", got)
	}
	for _, centre := range []string{"kaz-centre", "uzb-centre"} {
		if got := n.arrivals(centre, "uzb-post", "test"); len(got) != 0 {
			t.Fatalf("%s has a copy without a hub", centre)
		}
	}
	n.start("hub")
	for _, centre := range []string{"kaz-centre", "uzb-centre"} {
		until(t, "the copy to be at "+centre, func() bool { return len(n.arrivals(centre, "uzb-post", "test")) == 1 })
	}
	theirs, ours := n.arrivals("kaz-centre", "uzb-post", "test")[0], n.arrivals("uzb-centre", "uzb-post", "test")[0]
	if theirs.ID != id || theirs.State != record.ArrivalNew || string(theirs.Content) != "a lorry at the bridge" || theirs.Kept == nil {
		t.Errorf("the copy of what came: %+v", theirs)
	}
	if ours.ID != id || ours.State != record.ArrivalDone || ours.Kept == nil {
		t.Errorf("the copy of what was sent: %+v", ours)
	}
	ctx := record.WithActor(t.Context(), record.Machine("test", ""))
	copies := n.arrivals("kaz-centre", "kaz-post", "copy")
	if len(copies) != 1 || copies[0].State != record.ArrivalDone {
		t.Fatalf("copies: %+v", copies)
	}
	// A crash may copy twice: the second changes nothing.
	line := `{"from":"uzb-post","to":"kaz-post","id":"` + id.String() + `","lane":"flash","kind":"test","sent":"2026-01-01T00:00:00Z"}` + "\n"
	forged := record.Dispatch{To: "uzb-centre", Lane: record.Bulk, Kind: "copy", Content: []byte(line + "another word")}
	err := n.apps["uzb-post"].Store.Update(ctx, func(tx record.Tx) error {
		if err := tx.Dispatch(&forged); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "test-send", Topic: "test"})
	})
	if err != nil {
		t.Fatal(err)
	}
	until(t, "the second copy to be taken up", func() bool { return n.state("uzb-post", forged.ID).State == record.DispatchOpened })
	if got := n.arrivals("uzb-centre", "uzb-post", "test"); len(got) != 1 {
		t.Errorf("copied twice: %+v", got)
	}
	// Who is no outpost of the node gives it no copies, and an outpost proves what it says others sent.
	for _, c := range []struct{ from, to, content, says string }{
		{"uzb-centre", "kaz-centre", line + "x", "is no outpost of kaz-centre"},
		{"kaz-post", "kaz-centre", strings.Replace(line, id.String(), record.ID{4}.String(), 1) + "invented", "form"},
	} {
		d := record.Dispatch{To: c.to, Lane: record.Bulk, Kind: "copy", Content: []byte(c.content)}
		err := n.apps[c.from].Store.Update(ctx, func(tx record.Tx) error {
			if err := tx.Dispatch(&d); err != nil {
				return err
			}
			return tx.Audit(record.Act{Action: "test-send", Topic: "test"})
		})
		if err != nil {
			t.Fatal(err)
		}
		until(t, "the copy of "+c.from+" to be refused", func() bool { return n.state(c.from, d.ID).State == record.DispatchRefused })
		if got := n.state(c.from, d.ID).Problem; !strings.Contains(got, c.says) {
			t.Errorf("refused with %q, which does not say %q", got, c.says)
		}
	}
	if got := n.arrivals("kaz-centre", "uzb-post", "test"); len(got) != 1 {
		t.Errorf("what an outpost invented was taken up: %+v", got)
	}
}

// TestTwinsFallBackToTheHub proves that a twin which is away costs nothing: messages go through the hub.
func TestTwinsFallBackToTheHub(t *testing.T) {
	n := newNet(t, [2]string{"KAZ", "kaz-post"}, [2]string{"UZB", "uzb-post"})
	n.stop("uzb-post")
	n.set("uzb-post", func(c *config.Config) { c.RelayTwins = "kaz-post=" + freeAddress(t) })
	n.start("uzb-post")
	id := n.say("uzb-post", "kaz-post", record.Flash, "over the hub")
	until(t, "the message to be there", func() bool { return n.state("uzb-post", id).State == record.DispatchDelivered })
}

// TestTheDoorOfTwinsIsShut proves who comes in at the door of a twin, and what is taken there: machines of the directory, envelopes
// for this node, and nothing long.
func TestTheDoorOfTwinsIsShut(t *testing.T) {
	n := newNet(t, [2]string{"KAZ", "kaz-post"}, [2]string{"UZB", "uzb-post"})
	n.stop("kaz-post")
	n.set("kaz-post", func(c *config.Config) { c.RelayListen = "127.0.0.1:0" })
	n.start("kaz-post")
	until(t, "the door to open", func() bool { return n.apps["kaz-post"].Network.TwinAddr() != "" })
	at := "https://" + n.apps["kaz-post"].Network.TwinAddr() + "/envelope"
	if _, err := knock(t, at, nil, []byte("x")); err == nil {
		t.Error("somebody without a certificate came in")
	}
	stranger := strangersCertificate(t)
	if _, err := knock(t, at, &stranger, []byte("x")); err == nil {
		t.Error("a stranger came in")
	}
	certificate := n.certificate("uzb-post")
	for _, c := range []struct {
		body   []byte
		status int
		says   string
	}{
		{[]byte("noise"), 422, "no envelope for kaz-post"},
		{make([]byte, 3<<20), 413, "at most"},
	} {
		got, err := knock(t, at, &certificate, c.body)
		if err != nil || got.status != c.status || !strings.Contains(got.said, c.says) {
			t.Errorf("%d bytes: %+v, %v; want %d %q", len(c.body), got, err, c.status, c.says)
		}
	}
	if bad := n.arrivals("kaz-post", "", ""); len(bad) != 0 {
		t.Errorf("noise was kept: %+v", bad)
	}
}

type answered struct {
	status int
	said   string
}

// knock posts to a door with a certificate.
func knock(t *testing.T, at string, certificate *tls.Certificate, body []byte) (answered, error) {
	t.Helper()
	c := &tls.Config{InsecureSkipVerify: true}
	if certificate != nil {
		c.Certificates = []tls.Certificate{*certificate}
	}
	transport := &http.Transport{TLSClientConfig: c}
	defer transport.CloseIdleConnections()
	res, err := (&http.Client{Transport: transport, Timeout: 10 * time.Second}).Post(at, "application/octet-stream", bytes.NewReader(body))
	if err != nil {
		return answered{}, err
	}
	defer res.Body.Close()
	said, err := io.ReadAll(res.Body)
	return answered{res.StatusCode, string(said)}, err
}

// certificate is the certificate of a node for its lines.
func (n *netOf) certificate(name string) tls.Certificate {
	n.t.Helper()
	all, err := n.apps[name].NodeKeys().All()
	if err != nil || len(all) == 0 {
		n.t.Fatalf("keys of %s: %v", name, err)
	}
	c, err := all[len(all)-1].Certificate()
	if err != nil {
		n.t.Fatal(err)
	}
	return c
}

func strangersCertificate(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "uzb-post"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, &tmpl, &tmpl, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}
