package app_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sarhad/app"
	"sarhad/exchange/directory"
	"sarhad/internal/config"
	"sarhad/record"
)

// netOf is a region of nodes in one process, with real TLS between them.
type netOf struct {
	t     *testing.T
	dirs  map[string]string
	names []string
	apps  map[string]*app.App
	mu    sync.Mutex
	hub   string
}

// newNet makes a hub and nodes, each "country name", or "country outpost@node", and starts them all.
func newNet(t *testing.T, nodes ...[2]string) *netOf {
	t.Helper()
	n := &netOf{t: t, dirs: map[string]string{}, apps: map[string]*app.App{}}
	root := t.TempDir()
	var members []app.Member
	for i, m := range append([][2]string{{"KAZ", "hub"}}, nodes...) {
		var parent string
		m[1], parent, _ = strings.Cut(m[1], "@")
		dir := filepath.Join(root, m[1])
		role := "node"
		if parent != "" {
			role = "outpost"
		}
		if i == 0 {
			role = "hub"
		}
		if _, err := app.Init(t.Context(), dir, app.Setup{Role: role, Country: m[0], Name: m[1]}); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			asHub(t, dir)
		}
		n.dirs[m[1]], n.names = dir, append(n.names, m[1])
		members = append(members, app.Member{Dir: dir, Node: parent, Names: directory.Names{En: m[1], Ru: m[1]}, Topics: []string{"drugs"}})
	}
	if err := app.MakeRegion(t.Context(), "region", members, app.Options{Now: time.Now, Log: slog.New(slog.DiscardHandler)}); err != nil {
		t.Fatal(err)
	}
	for _, name := range n.names {
		n.start(name)
	}
	t.Cleanup(func() {
		for i := len(n.names) - 1; i >= 0; i-- {
			n.stop(n.names[i])
		}
	})
	return n
}

// asHub gives a hub its certificate and its door.
func asHub(t *testing.T, dir string) {
	t.Helper()
	if _, err := app.MakeTLS(dir, []string{"localhost", "127.0.0.1"}, time.Now()); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	c.HubListen = freeAddress(t) // the same after a restart
	if err := config.Write(dir, c); err != nil {
		t.Fatal(err)
	}
}

func (n *netOf) start(name string) {
	n.t.Helper()
	n.startWith(name, func(*app.Options) {})
}

// startWith starts a node with other options.
func (n *netOf) startWith(name string, change func(*app.Options)) {
	n.t.Helper()
	opt := app.Options{HTTP: "127.0.0.1:0", Log: slog.New(slog.NewTextHandler(n.t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})).With("at", name), HubAt: n.hubAt}
	change(&opt)
	a, err := app.New(n.t.Context(), n.dirs[name], opt)
	if err == nil {
		err = a.Start(context.WithoutCancel(n.t.Context()))
	}
	if err != nil {
		n.t.Fatal(err)
	}
	n.apps[name] = a
	if name == "hub" {
		until(n.t, "the hub to open", func() bool { return a.Network.HubAddr() != "" })
		n.mu.Lock()
		n.hub = a.Network.HubAddr()
		n.mu.Unlock()
	}
}

func (n *netOf) hubAt() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.hub
}

func (n *netOf) stop(name string) {
	n.t.Helper()
	if a := n.apps[name]; a != nil {
		delete(n.apps, name)
		if err := a.Stop(); err != nil {
			n.t.Errorf("%s: %v", name, err)
		}
	}
}

// say queues a message of one node to another in an act, and gives its id.
func (n *netOf) say(from, to string, lane record.Lane, text string) record.ID {
	n.t.Helper()
	d := record.Dispatch{To: to, Lane: lane, Kind: "test", Content: []byte(text)}
	ctx := record.WithActor(n.t.Context(), record.Machine("test", ""))
	err := n.apps[from].Store.Update(ctx, func(tx record.Tx) error {
		if err := tx.Dispatch(&d); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "test-send", Topic: "test"})
	})
	if err != nil {
		n.t.Fatal(err)
	}
	return d.ID
}

// state tells how far a message came.
func (n *netOf) state(from string, id record.ID) (d record.Dispatch) {
	n.t.Helper()
	ctx := record.WithActor(n.t.Context(), record.Machine("test", ""))
	err := n.apps[from].Store.View(ctx, func(tx record.Tx) error {
		list, err := tx.Dispatches(record.DispatchQuery{ID: id, Full: true})
		if len(list) == 1 {
			d = list[0]
		}
		return err
	})
	if err != nil {
		n.t.Fatal(err)
	}
	return d
}

// TestMessagesCrossTheRegion proves that a message goes from node to node through a hub over real TLS, that a signed
// receipt comes back, and that what waits for a node that is away reaches it when it is back.
func TestMessagesCrossTheRegion(t *testing.T) {
	n := newNet(t, [2]string{"KAZ", "kaz-centre"}, [2]string{"UZB", "uzb-centre"}, [2]string{"TJK", "tjk-centre"})
	id := n.say("kaz-centre", "uzb-centre", record.Flash, "a word")
	until(t, "the message to be there", func() bool { return n.state("kaz-centre", id).State == record.DispatchDelivered })
	if d := n.state("kaz-centre", id); d.Receipt == nil || d.Content != nil {
		t.Errorf("the outbox keeps the content, or no receipt: %+v", d)
	}
	n.stop("tjk-centre")
	id = n.say("uzb-centre", "tjk-centre", record.Routine, "for later")
	until(t, "the hub to have it", func() bool { return n.state("uzb-centre", id).State == record.DispatchAccepted })
	n.start("tjk-centre")
	until(t, "the message to be there", func() bool { return n.state("uzb-centre", id).State == record.DispatchDelivered })
}

// TestANodeChangesItsKeys proves that a node whose keys are replaced is let in with its former ones until it has heard of that through
// the hub, goes on with the new ones, and gets what is sealed to them. The statement itself goes all the way: to the keeper of the log,
// to the witnesses, and back to everybody.
func TestANodeChangesItsKeys(t *testing.T) {
	n := newNet(t, [2]string{"UZB", "uzb-centre"}, [2]string{"TJK", "tjk-centre"})
	uzb := n.apps["uzb-centre"]
	ctx := record.WithActor(t.Context(), record.Machine("test", ""))
	d, err := uzb.Directory(ctx)
	if err != nil {
		t.Fatal(err)
	}
	id := n.say("tjk-centre", "uzb-centre", record.Routine, "before")
	until(t, "a message before", func() bool { return n.state("tjk-centre", id).State == record.DispatchDelivered })
	before, err := uzb.NodeKeys().Current(d)
	if err != nil {
		t.Fatal(err)
	}
	rekey(t, ctx, uzb, d)
	until(t, "the new keys to count at the node itself", func() bool {
		now, err := uzb.NodeKeys().Current(d)
		return err == nil && now.Name != before.Name
	})
	until(t, "the new keys to count at the sender", func() bool {
		other, err := n.apps["tjk-centre"].Directory(ctx)
		return err == nil && other.KeyState("uzb-centre", before.Public.Seal[0]) == "old"
	})
	id = n.say("tjk-centre", "uzb-centre", record.Routine, "after")
	until(t, "a message after", func() bool { return n.state("tjk-centre", id).State == record.DispatchDelivered })
}

// rekey makes new keys of a node, which is its own registrar, and has them approved.
func rekey(t *testing.T, ctx context.Context, a *app.App, d *directory.Directory) {
	t.Helper()
	entry, err := d.Party(a.Config.Name)
	if err != nil {
		t.Fatal(err)
	}
	next, err := a.NodeKeys().Make()
	if err != nil {
		t.Fatal(err)
	}
	signer, err := next.Signer(a.Config.Name)
	if err != nil {
		t.Fatal(err)
	}
	p := entry.Party
	p.Keys = next.Public
	request, err := directory.NewRequest(time.Now(), d.Identity(), "", p, signer)
	if err != nil {
		t.Fatal(err)
	}
	q, err := directory.ReadRequest(request)
	if err != nil {
		t.Fatal(err)
	}
	registrar, err := a.Registrar(ctx)
	if err == nil {
		err = registrar.Approve(ctx, q)
	}
	if err != nil {
		t.Fatal(err)
	}
}
