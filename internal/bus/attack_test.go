package bus_test

import (
	"crypto/tls"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	"sarhad/internal/bus"
	"sarhad/record"
)

// raw connects with a node's credentials and a client of the attacker's own.
func (w *world) raw(who identity, name string) (*nats.Conn, chan error, error) {
	w.t.Helper()
	pair, err := nkeys.FromSeed(who.seed)
	if err != nil {
		w.t.Fatal(err)
	}
	public, err := pair.PublicKey()
	if err != nil {
		w.t.Fatal(err)
	}
	said := make(chan error, 64)
	nc, err := nats.Connect("tls://"+w.hub.Addr(), nats.Name(name), nats.Nkey(public, pair.Sign), nats.NoReconnect(), nats.TLSHandshakeFirst(),
		nats.Secure(&tls.Config{Certificates: []tls.Certificate{who.cert}, RootCAs: pool(w.cert), ServerName: "hub.example"}),
		nats.CustomInboxPrefix("in."+who.ID), nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { said <- err }))
	if err == nil {
		w.t.Cleanup(nc.Close)
	}
	return nc, said, err
}

// TestNodeDoesOnlyItsOwn proves that with a node's own credentials nothing works but the list in doc.go, and that each attempt
// is denied, logged with the node's id and told.
func TestNodeDoesOnlyItsOwn(t *testing.T) {
	t.Parallel()
	mallory, victim := newIdentity(t, "mallory-1"), newIdentity(t, "osh-1")
	w := newWorld(t, nil, mallory, victim)
	id := newID(t)
	sender := w.line(victim, nil)
	publish(t, sender, record.Flash, id, wire("osh-1", record.Flash, id, time.Time{}, "to itself")) // something waits to be stolen
	w.said.await(t, &w.said.accepted, id.String())
	nc, said, err := w.raw(mallory, "flash")
	if err != nil {
		t.Fatal(err)
	}
	for _, subject := range []string{
		"up.osh-1.flash", "up.mallory-1.bulk", "up.mallory-1.flash.more", "down.mallory-1.flash", "down.osh-1.flash", "hub.x", "in.osh-1.x", "in.mallory-1.x",
		"$JS.API.INFO", "$JS.API.STREAM.NAMES", "$JS.API.STREAM.LIST", "$JS.API.STREAM.INFO.DOWN-flash",
		"$JS.API.STREAM.CREATE.MINE", "$JS.API.STREAM.UPDATE.DOWN-flash", "$JS.API.STREAM.PURGE.DOWN-flash", "$JS.API.STREAM.DELETE.DOWN-flash",
		"$JS.API.STREAM.MSG.GET.DOWN-flash", "$JS.API.STREAM.MSG.DELETE.DOWN-flash", "$JS.API.DIRECT.GET.DOWN-flash", "$JS.API.STREAM.SNAPSHOT.DOWN-flash",
		"$JS.API.CONSUMER.CREATE.DOWN-flash", "$JS.API.CONSUMER.CREATE.UP-flash.mine", "$JS.API.CONSUMER.DURABLE.CREATE.DOWN-flash.mine",
		"$JS.API.CONSUMER.DELETE.DOWN-flash.one", "$JS.API.CONSUMER.PAUSE.DOWN-flash.one", "$JS.API.CONSUMER.RESET.DOWN-flash.one",
		"$JS.API.CONSUMER.MSG.NEXT.UP-flash.one", "$JS.API.CONSUMER.MSG.NEXT.DOWN-bulk.one", "$JS.ACK.UP-flash.one.1.1.1.1.0", "$JS.ACK.DOWN-bulk.one.1.1.1.1.0",
		"$SYS.REQ.SERVER.PING", "$SYS.REQ.ACCOUNT.node-osh-1.INFO", "$SYS.REQ.USER.INFO", "$NRG.AE.x", "$JSC.R.x", "_INBOX.x",
	} {
		if err := nc.PublishRequest(subject, "in.mallory-1.r", nil); err != nil {
			t.Fatal(err)
		}
		expectDenied(t, w, said, subject)
	}
	for _, subject := range []string{">", "*", "$SYS.>", "up.>", "down.>", "up.mallory-1.flash", "down.mallory-1.flash", "in.>", "in.osh-1.>", "hub.>", "_INBOX.>", "$JS.>", "$JS.EVENT.>", "_R_.>"} {
		if _, err := nc.SubscribeSync(subject); err != nil {
			t.Fatal(err)
		}
		expectDenied(t, w, said, subject)
	}
	if !strings.Contains(w.log.String(), `msg=denied node=mallory-1`) {
		t.Errorf("the log does not name the node:\n%s", w.log)
	}
	if got := take(t, sender, record.Flash); !strings.HasSuffix(got, "to itself") {
		t.Errorf("what waited became %q", got)
	}
}

func expectDenied(t *testing.T, w *world, said chan error, subject string) {
	t.Helper()
	select {
	case err := <-said:
		if !errors.Is(err, nats.ErrPermissionViolation) || !strings.Contains(err.Error(), `"`+subject+`"`) {
			t.Errorf("%s: %v", subject, err)
		}
	case <-time.After(5 * time.Second):
		t.Errorf("%s was not denied", subject)
		return
	}
	w.said.await(t, &w.said.denied, "mallory-1: ", subject)
}

// TestAnswerKnocksAtNoDoor proves that a node cannot have the hub's answer to a message of its own empty a stream, or delete
// from one, by naming the door of that act as where the answer goes.
func TestAnswerKnocksAtNoDoor(t *testing.T) {
	t.Parallel()
	mallory, victim := newIdentity(t, "mallory-1"), newIdentity(t, "osh-1")
	w := newWorld(t, nil, mallory, victim)
	from := w.line(victim, nil)
	for range 5 {
		id := newID(t)
		publish(t, from, record.Routine, id, wire("mallory-1", record.Routine, id, time.Time{}, "evidence"))
		w.said.await(t, &w.said.accepted, id.String())
	}
	nc, _, err := w.raw(mallory, "routine")
	if err != nil {
		t.Fatal(err)
	}
	for _, door := range []string{"STREAM.PURGE.DOWN-routine", "STREAM.DELETE.DOWN-routine", "STREAM.MSG.DELETE.DOWN-routine", "CONSUMER.DELETE.DOWN-routine.one", "STREAM.UPDATE.DOWN-routine"} {
		id := newID(t)
		m := nats.NewMsg("up.mallory-1.routine")
		m.Header.Set(nats.MsgIdHdr, id.String())
		m.Data, m.Reply = wire("osh-1", record.Routine, id, time.Time{}, door), "$JS.API."+door
		if err := nc.PublishMsg(m); err != nil {
			t.Fatal(err)
		}
		w.said.await(t, &w.said.accepted, id.String())
	}
	nc.Close()
	line := w.line(mallory, nil)
	for n := range 5 {
		got, err := line.Fetch(soon(t), record.Routine, 1)
		if err != nil {
			t.Fatalf("%d of 5 messages are left: %v", n, err)
		}
		if !strings.HasSuffix(string(got[0].Wire), "evidence") {
			t.Errorf("message %d became %q", n, got[0].Wire)
		}
	}
}

// TestNobodyEntersAsAnother proves that a key enters only with a certificate of the same node, by a signature, on a lane.
func TestNobodyEntersAsAnother(t *testing.T) {
	t.Parallel()
	a, b, stranger := newIdentity(t, "almaty-1"), newIdentity(t, "osh-1"), newIdentity(t, "stranger")
	w := newWorld(t, nil, a, b)
	stolen := b
	stolen.cert = a.cert // the insider at Almaty holds the key of Osh
	if _, _, err := w.raw(stolen, "flash"); !errors.Is(err, nats.ErrAuthorization) {
		t.Errorf("another's certificate: %v", err)
	}
	w.said.await(t, &w.said.denied, "osh-1: ", "certificate of another")
	if _, _, err := w.raw(stranger, "flash"); err == nil {
		t.Error("a stranger came in")
	}
	w.said.await(t, &w.said.denied, ": a hand-shake: ", "does not know its certificate")
	known := stranger
	known.cert = a.cert
	if _, _, err := w.raw(known, "flash"); !errors.Is(err, nats.ErrAuthorization) {
		t.Errorf("a strange key: %v", err)
	}
	w.said.await(t, &w.said.denied, "almaty-1: ", "does not know")
	if _, _, err := w.raw(a, "express"); !errors.Is(err, nats.ErrAuthorization) {
		t.Errorf("a lane that is none: %v", err)
	}
	// Without the private half, the public key opens nothing.
	forged, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	_, err = nats.Connect("tls://"+w.hub.Addr(), nats.Name("flash"), nats.Nkey(a.Keys[0], forged.Sign), nats.NoReconnect(), nats.TLSHandshakeFirst(),
		nats.Secure(&tls.Config{Certificates: []tls.Certificate{a.cert}, RootCAs: pool(w.cert), ServerName: "hub.example"}))
	if !errors.Is(err, nats.ErrAuthorization) {
		t.Errorf("a forged signature: %v", err)
	}
	w.said.await(t, &w.said.denied, "without a signature")
}

// TestAnotherHubIsRefused proves that a node talks to nobody whose certificate has another authority than its hub's.
func TestAnotherHubIsRefused(t *testing.T) {
	t.Parallel()
	a := newIdentity(t, "almaty-1")
	w := newWorld(t, nil, a)
	states := make(chan bus.State, 64)
	dial(t, a, selfSigned(t, "hub"), []bus.Way{w.way()}, func(c *bus.LineConfig) { c.Changed = func(s bus.State) { states <- s } })
	s := <-states
	if s.Up || !strings.Contains(s.Problem, "is not our hub") {
		t.Errorf("state %+v", s)
	}
}

// TestNobodyBlocksAnothersMessage proves that an id counts within its sender: who sends something under the id of another's
// message first does not make the hub believe that it has that message.
func TestNobodyBlocksAnothersMessage(t *testing.T) {
	t.Parallel()
	a, mallory, b := newIdentity(t, "almaty-1"), newIdentity(t, "mallory-1"), newIdentity(t, "osh-1")
	w := newWorld(t, nil, a, mallory, b)
	id := newID(t)
	publish(t, w.line(mallory, nil), record.Flash, id, wire("osh-1", record.Flash, id, time.Time{}, "noise"))
	publish(t, w.line(a, nil), record.Flash, id, wire("osh-1", record.Flash, id, time.Time{}, "news"))
	to := w.line(b, nil)
	got := map[string]bool{}
	for range 2 {
		_, body, _ := strings.Cut(take(t, to, record.Flash), "||")
		got[body] = true
	}
	if !got["news"] {
		t.Errorf("got %v", got)
	}
}
