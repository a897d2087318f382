package app_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"sarhad/app"
	"sarhad/app/doctor"
	"sarhad/exchange/directory"
	"sarhad/record"
)

// figure gives a line of the figures of a node.
func (n *netOf) figure(at, line string) bool {
	n.t.Helper()
	res, err := http.Get("http://" + n.apps[at].Addr() + "/metrics")
	if err != nil {
		n.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		n.t.Fatal(err)
	}
	return strings.Contains(string(b), line)
}

// TestARevokedNodeIsOut proves that a node which was revoked is thrown out of the hub and does not enter again, that what it had signed
// before and nobody had received is refused, and that nothing is sealed to it; and that a node with a clock two days off is in and is
// shown to be off.
func TestARevokedNodeIsOut(t *testing.T) {
	n := newNet(t, [2]string{"KAZ", "kaz-centre"}, [2]string{"UZB", "uzb-centre"}, [2]string{"UZB", "uzb-second"})
	n.stop("uzb-second")
	n.startWith("uzb-second", func(o *app.Options) {
		o.Now = func() time.Time { return time.Now().Add(48 * time.Hour) }
		o.Timing = hasty()
	})
	id := n.say("uzb-second", "kaz-centre", record.Routine, "from a clock two days ahead")
	until(t, "a message of a node whose clock is off to be there", func() bool { return n.state("uzb-second", id).State == record.DispatchDelivered })
	until(t, "the clock to be seen", func() bool {
		st, err := n.apps["kaz-centre"].Network.Relay.Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range st.Partners {
			if p.Name == "uzb-second" && p.Skew > 47*time.Hour {
				return true
			}
		}
		return false
	})

	// A message that it signed well before, and that comes only after everybody knows better.
	ctx := record.WithActor(t.Context(), record.Machine("test", ""))
	n.stop("hub")
	late := n.say("uzb-second", "kaz-centre", record.Flash, "signed before")
	until(t, "it to be sealed", func() bool { return n.state("uzb-second", late).Wire != nil })
	wire := n.state("uzb-second", late).Wire
	if err := n.apps["uzb-second"].Store.Update(ctx, func(tx record.Tx) error {
		_, err := tx.Advance(record.Step{ID: late, State: record.DispatchRecalled})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	n.start("hub")
	until(t, "it to be in", func() bool { return n.apps["hub"].Network.Entered()["uzb-second"] == 3 })
	r, err := n.apps["uzb-centre"].Registrar(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Revoke(ctx, "uzb-second", "the machine was stolen"); err != nil {
		t.Fatal(err)
	}
	until(t, "everybody to know", func() bool {
		for _, at := range []string{"hub", "kaz-centre"} {
			d, err := n.apps[at].Directory(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if p, err := d.Party("uzb-second"); err != nil || p.State != directory.Revoked {
				return false
			}
		}
		return true
	})
	until(t, "it to be thrown out", func() bool { return n.apps["hub"].Network.Entered()["uzb-second"] == 0 })
	n.stop("uzb-second")
	n.start("uzb-second")
	again := n.say("uzb-second", "kaz-centre", record.Routine, "let me in")
	waits := n.say("kaz-centre", "uzb-second", record.Routine, "never")
	until(t, "the reason to be shown", func() bool {
		st, err := n.apps["kaz-centre"].Network.Relay.Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range st.Partners {
			if p.Name == "uzb-second" && strings.Contains(p.Why, "was revoked") {
				return true
			}
		}
		return false
	})
	if s := n.state("kaz-centre", waits).State; s != record.DispatchQueued {
		t.Errorf("a message to a revoked node is %s", s)
	}
	if in, s := n.apps["hub"].Network.Entered()["uzb-second"], n.state("uzb-second", again).State; in != 0 || s == record.DispatchAccepted || s == record.DispatchDelivered {
		t.Errorf("a revoked node has %d lines, and its message is %s", in, s)
	}
	before := len(n.arrivals("kaz-centre", "uzb-second", "test"))
	err = n.apps["kaz-centre"].Network.Relay.Accept(t.Context(), wire)
	if after := len(n.arrivals("kaz-centre", "uzb-second", "test")); record.KindOf(err) != record.Invalid || after != before {
		t.Errorf("what a revoked node signed: %v, %d arrivals before and %d after", err, before, after)
	}
}

// TestExpiredKeysSendNothing proves that a node whose directory is a month old sends nothing, loses nothing, and says so in doctor; and
// that figures tell how the network stands.
func TestExpiredKeysSendNothing(t *testing.T) {
	n := newNet(t, [2]string{"KAZ", "kaz-centre"}, [2]string{"UZB", "uzb-centre"})
	until(t, "the line to be up in the figures", func() bool { return n.figure("kaz-centre", `sarhad_network_line_up{lane="flash"} 1`) })
	n.stop("uzb-centre")
	n.say("kaz-centre", "uzb-centre", record.Routine, "waits")
	until(t, "what waits to be counted", func() bool {
		return n.figure("kaz-centre", `sarhad_network_waiting{lane="routine",peer="uzb-centre"} 1`)
	})
	n.stop("hub")
	n.stop("kaz-centre")
	later := func() time.Time { return time.Now().Add(31 * 24 * time.Hour) }
	n.startWith("kaz-centre", func(o *app.Options) { o.Now = later })
	id := n.say("kaz-centre", "uzb-centre", record.Flash, "a month later")
	until(t, "the reason to be shown", func() bool {
		st, err := n.apps["kaz-centre"].Network.Relay.Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range st.Partners {
			if p.Name == "uzb-centre" && p.Why != "" {
				return true
			}
		}
		return false
	})
	if d := n.state("kaz-centre", id); d.State != record.DispatchQueued || string(d.Content) != "a month later" {
		t.Errorf("%+v", d)
	}
	a := n.apps["kaz-centre"]
	codes := map[string]doctor.State{}
	for _, f := range doctor.Examine(app.Facts(t.Context(), a.Config, a, nil, later())) {
		codes[f.Code] = f.State
	}
	if codes["network.stale"] != doctor.Bad || codes["network.out"] != doctor.Bad {
		t.Errorf("doctor says %v", codes)
	}
}
