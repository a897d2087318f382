package app_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"sarhad/app"
	"sarhad/exchange/directory"
	"sarhad/exchange/envelope"
	"sarhad/record"
)

// rekey makes new keys for a node, as sarhad node rekey does, and has its registrar sign them.
func (n *netOf) rekey(name, registrar string) {
	n.t.Helper()
	a := n.apps[name]
	g, err := a.NodeKeys().Make()
	if err != nil {
		n.t.Fatal(err)
	}
	s, err := g.Signer(name)
	if err != nil {
		n.t.Fatal(err)
	}
	d, err := a.Directory(n.t.Context())
	if err != nil {
		n.t.Fatal(err)
	}
	me, err := d.Party(name)
	if err != nil {
		n.t.Fatal(err)
	}
	p := me.Party
	p.Keys = g.Public
	file, err := directory.NewRequest(time.Now(), d.Identity(), "", p, s)
	if err != nil {
		n.t.Fatal(err)
	}
	q, err := directory.ReadRequest(file)
	if err != nil {
		n.t.Fatal(err)
	}
	ctx := record.WithActor(n.t.Context(), record.Machine("test", ""))
	r, err := n.apps[registrar].Registrar(ctx)
	if err != nil {
		n.t.Fatal(err)
	}
	if err := r.Approve(ctx, q); err != nil {
		n.t.Fatal(err)
	}
}

// knows reports whether a node's directory calls a seal key of another current.
func (n *netOf) knows(at, of, key string) bool {
	d, err := n.apps[at].Directory(n.t.Context())
	return err == nil && d.KeyState(of, key) == "current"
}

// TestKeysChangeWhileANodeServes proves that a serving node takes new keys up when its registrar has signed them, though it enters with the
// old ones until then; that what was sealed to the old keys is read; and that after the overlap the old keys are gone from the disk
// while the archive still opens what came by them.
func TestKeysChangeWhileANodeServes(t *testing.T) {
	n := newNet(t, [2]string{"KAZ", "kaz-centre"}, [2]string{"UZB", "uzb-centre"}, [2]string{"UZB", "uzb-second"})
	until(t, "the second node to be in", func() bool { return n.apps["hub"].Network.Entered()["uzb-second"] == 3 })
	before := n.say("kaz-centre", "uzb-second", record.Routine, "before the change")
	until(t, "the first message to be there", func() bool { return n.state("kaz-centre", before).State == record.DispatchDelivered })

	// Two messages for a node that is away: sealed to its old keys, they wait at the hub while the directory learns of new ones.
	n.rekey("uzb-second", "uzb-centre")
	keys, err := n.apps["uzb-second"].NodeKeys().All()
	if err != nil || len(keys) != 2 {
		t.Fatalf("%d generations: %v", len(keys), err)
	}
	n.stop("uzb-second")
	old := n.say("kaz-centre", "uzb-second", record.Routine, "to the old key")
	until(t, "the hub to have it", func() bool { return n.state("kaz-centre", old).State == record.DispatchAccepted })
	for _, at := range []string{"hub", "kaz-centre"} {
		until(t, at+" to know the new keys", func() bool { return n.knows(at, "uzb-second", keys[1].Public.Seal[0]) })
	}
	n.start("uzb-second") // its own directory may not know yet: it enters with its old keys
	until(t, "the node to work with its new keys", func() bool { return n.apps["uzb-second"].Network.Generation() == keys[1].Name })
	until(t, "the message to the old key to be there", func() bool { return n.state("kaz-centre", old).State == record.DispatchDelivered })
	fresh := n.say("kaz-centre", "uzb-second", record.Routine, "to the new key")
	until(t, "the message to the new key to be there", func() bool { return n.state("kaz-centre", fresh).State == record.DispatchDelivered })
	back := n.say("uzb-second", "kaz-centre", record.Routine, "signed with the new key")
	until(t, "the answer to be there", func() bool { return n.state("uzb-second", back).State == record.DispatchDelivered })

	file := func(g string) string { return filepath.Join(n.dirs["uzb-second"], "keys", "transport-"+g+".key") }
	if _, err := os.Stat(file(keys[0].Name)); err != nil {
		t.Errorf("the old keys went before their time: %v", err)
	}
	n.stop("uzb-second")
	n.startWith("uzb-second", func(o *app.Options) { o.Now = func() time.Time { return time.Now().Add(15 * 24 * time.Hour) } })
	until(t, "the old keys to be destroyed", func() bool { _, err := os.Stat(file(keys[0].Name)); return os.IsNotExist(err) })
	if _, err := os.Stat(file(keys[1].Name)); err != nil {
		t.Errorf("the present keys: %v", err)
	}
	net := n.apps["uzb-second"].Network
	read := map[string]bool{}
	for _, a := range n.arrivals("uzb-second", "kaz-centre", "test") {
		_, c, _, err := envelope.OpenKept(a.Kept, []envelope.Opener{net.ArchiveKey()}, net.Verify())
		if err != nil {
			t.Errorf("the archive does not open %s: %v", a.ID, err)
		}
		read[string(c.Body)] = true
	}
	if !read["before the change"] || !read["to the old key"] || !read["to the new key"] {
		t.Errorf("in the archive: %v", read)
	}
}
