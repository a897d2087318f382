package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"sarhad/internal/config"
	"sarhad/record"
	"sarhad/record/vocab"
	"sarhad/web/api"
)

const (
	// demoAround is where the other places keep their data, each in a folder with the name of its node.
	demoAround = "region"
	// demoTold lies there when the region is whole: introduced, filled and its story told up to now.
	demoTold = "TOLD"
	// demoCut is the setting of a node whose line somebody cut.
	demoCut = "demo.cut"
)

// DemoRegion is the region around the main node of a demonstration: a hub, five countries and two twin outposts, all in this
// process, each with a data folder and a door of its own, and real TLS between them.
type DemoRegion struct {
	dir string // of the demonstration
	opt Options

	mu   sync.Mutex
	hub  string          // where the hub listens, chosen once
	main *App            // nil before Open
	apps map[string]*App // of the other places, as they come up
	open []*App          // of the other places, in the order in which they were opened
}

// NewDemoRegion prepares the region of a demonstration in a directory. It goes into Options.Around of the main node; Open starts it.
func NewDemoRegion(dir string) *DemoRegion {
	return &DemoRegion{dir: dir, apps: map[string]*App{}}
}

// demoHalfMade reports whether a main node belongs to a region that was not finished, or is gone: then everything is made anew.
func demoHalfMade(dir string) bool {
	_, key := os.Stat(filepath.Join(dir, keysDir, registrarKeyFile))
	_, told := os.Stat(filepath.Join(dir, demoAround, demoTold))
	return key == nil && told != nil
}

func (d *DemoRegion) home(node string) string { return filepath.Join(d.dir, demoAround, node) }

// hubAt is where the hub listens: as before when the port is free, else at another one.
func (d *DemoRegion) hubAt() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.hub != "" {
		return d.hub
	}
	d.hub = "127.0.0.1:0"
	if c, err := config.Load(d.home(demoHub)); err == nil && c.HubListen != "" {
		d.hub = c.HubListen
	}
	d.hub = free(d.hub)
	return d.hub
}

// free gives an address of this machine where nobody listens: this one, or another port.
func free(address string) string {
	l, err := net.Listen("tcp", address)
	if err != nil {
		if l, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			return address // who listens there will say what is wrong
		}
	}
	_ = l.Close() // nobody connected
	return l.Addr().String()
}

// Open makes the region where it is not there yet, starts its nodes and tells its story, while the main node serves. Its errors
// leave the main node as it is. Stop ends it, also after an error.
func (d *DemoRegion) Open(ctx context.Context, main *App) error {
	d.mu.Lock()
	d.main = main
	d.opt = main.opt
	d.opt.Log = slog.New(onlyErrors{main.opt.Log.Handler()})
	d.mu.Unlock()
	_, err := os.Stat(filepath.Join(d.dir, demoAround, demoTold))
	told := err == nil
	if !told {
		if err := os.RemoveAll(filepath.Join(d.dir, demoAround)); err != nil {
			return err
		}
		if err := d.make(ctx); err != nil {
			return err
		}
	}
	if err := d.openAll(ctx, told); err != nil || told {
		return err
	}
	if err := d.tell(ctx); err != nil {
		return err
	}
	return writeWhole(filepath.Join(d.dir, demoAround, demoTold), []byte(d.opt.Now().UTC().Format(time.RFC3339)+"\n"))
}

// onlyErrors leaves out what only says that a line was cut, which is what a visitor wants to see on the screens.
type onlyErrors struct{ slog.Handler }

// Enabled implements slog.Handler.
func (h onlyErrors) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelError && h.Handler.Enabled(ctx, l)
}

// WithAttrs implements slog.Handler.
func (h onlyErrors) WithAttrs(a []slog.Attr) slog.Handler { return onlyErrors{h.Handler.WithAttrs(a)} }

// WithGroup implements slog.Handler.
func (h onlyErrors) WithGroup(name string) slog.Handler { return onlyErrors{h.Handler.WithGroup(name)} }

// make makes the data folders.
func (d *DemoRegion) make(ctx context.Context) error {
	for _, c := range demoPlaces {
		if c.node == demoMain {
			continue
		}
		if _, err := Init(ctx, d.home(c.node), Setup{Role: string(c.role), Country: c.country, Name: c.node, Now: d.opt.Now}); err != nil {
			return err
		}
	}
	_, err := MakeTLS(d.home(demoHub), []string{"localhost", "127.0.0.1"}, d.opt.Now())
	return err
}

// openAll starts the nodes, after introducing them to each other when they are new.
func (d *DemoRegion) openAll(ctx context.Context, told bool) error {
	if err := d.hubListens(d.hubAt()); err != nil {
		return err
	}
	var members []Member
	opened := map[string]*App{}
	for i, c := range demoPlaces {
		a := d.main
		if c.node != demoMain {
			var err error
			if a, err = d.opened(ctx, c, i); err != nil {
				return err
			}
			opened[c.node] = a
		}
		members = append(members, Member{App: a, Agency: c.agency, Called: c.called, Node: c.parent, Names: c.names, People: c.people, Topics: []string{"drugs"}})
	}
	if !told {
		slices.SortStableFunc(members, func(x, y Member) int { return isMain(y) - isMain(x) }) // speaks for Kazakhstan
		if err := MakeRegion(ctx, "demonstration", members, d.opt); err != nil {
			return err
		}
	}
	for _, c := range demoPlaces {
		a := opened[c.node]
		if a == nil {
			continue
		}
		if !told {
			if err := a.demoOffice(ctx, c); err != nil {
				return err
			}
		}
		if err := d.start(ctx, a); err != nil {
			return err
		}
		d.mu.Lock()
		d.apps[c.node] = a
		d.mu.Unlock()
	}
	return nil
}

// hubListens writes into the settings of the hub where it takes nodes in.
func (d *DemoRegion) hubListens(at string) error {
	text, err := os.ReadFile(filepath.Join(d.home(demoHub), config.FileName))
	if err != nil {
		return err
	}
	c, err := config.Parse(text) // paths as they stand there, so that the directory can be moved
	if err != nil || c.HubListen == at {
		return err
	}
	c.HubListen = at
	return config.Write(d.home(demoHub), c)
}

func isMain(m Member) int {
	if m.App.Config.Name == demoMain {
		return 1
	}
	return 0
}

// opened opens a node that is not started yet.
func (d *DemoRegion) opened(ctx context.Context, c demoCast, place int) (*App, error) {
	opt := d.opt
	opt.Demo, opt.Agency, opt.HubAt, opt.PlainDoor = c.users(), c.agency, d.hubAt, true
	opt.HTTP = d.door(place)
	a, err := New(ctx, d.home(c.node), opt)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.node, err)
	}
	cut, err := a.Store.Setting(ctx, demoCut)
	if err != nil {
		return nil, errors.Join(err, a.Stop())
	}
	a.opt.Cut = cut != ""
	d.mu.Lock()
	d.open = append(d.open, a)
	d.mu.Unlock()
	return a, nil
}

// door is where a place is reached: the ports after the main one's, or free ones beside a free one.
func (d *DemoRegion) door(place int) string {
	_, asked, _ := net.SplitHostPort(d.main.opt.HTTP)
	port, err := strconv.Atoi(asked)
	if err != nil || port == 0 || port+len(demoPlaces) > 65535 {
		return "127.0.0.1:0"
	}
	return free(net.JoinHostPort("127.0.0.1", strconv.Itoa(port+max(place, 1))))
}

// start starts a node; a port that was taken meanwhile is left to whoever has it.
func (d *DemoRegion) start(ctx context.Context, a *App) error {
	err := a.Start(ctx)
	if record.KindOf(err) == record.Unavailable {
		a.opt.HTTP = "127.0.0.1:0"
		err = a.Start(ctx)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", a.Config.Name, err)
	}
	return nil
}

// Stop ends all nodes but the main one.
func (d *DemoRegion) Stop() (err error) {
	d.mu.Lock()
	open := d.open
	d.open, d.apps = nil, map[string]*App{}
	d.mu.Unlock()
	for _, a := range slices.Backward(open) { // the hub last
		err = errors.Join(err, a.Stop())
	}
	return err
}

// Main is the name of the main node.
func (*DemoRegion) Main() string { return demoMain }

// Node gives a node of the region that is up, the main one too; nil when it is not.
func (d *DemoRegion) Node(name string) *App {
	d.mu.Lock()
	defer d.mu.Unlock()
	if name == demoMain {
		return d.main
	}
	return d.apps[name]
}

// around is the region as the doors of a node know it; nil when it stands alone.
func (a *App) around() api.Region {
	if a.opt.Around == nil {
		return nil
	}
	return a.opt.Around
}

// Places implements api.Region.
func (d *DemoRegion) Places() []api.DemoPlace {
	out := make([]api.DemoPlace, 0, len(demoPlaces))
	for _, c := range demoPlaces {
		state, _ := vocab.Country(c.country)
		p := api.DemoPlace{Node: c.node, Name: api.PartyName{En: c.names.En, Ru: c.names.Ru}, Country: state.Alpha2, Role: string(c.role), Users: c.users()}
		if a := d.Node(c.node); a != nil {
			_, port, _ := net.SplitHostPort(a.Addr())
			p.URL = "http://localhost:" + port
			if c.role != config.Hub {
				p.Line = lineOf(a.Network)
			}
		}
		out = append(out, p)
	}
	return out
}

func lineOf(n *Network) string {
	switch {
	case n.Paused():
		return api.LineCut
	case n.Joined():
		return api.LineUp
	}
	return api.LineDown
}

// SetLine implements api.Region. It is remembered over a restart.
func (d *DemoRegion) SetLine(ctx context.Context, node string, cut bool) error {
	a := d.Node(node)
	switch {
	case node == demoHub:
		return record.Errorf(record.Invalid, "the hub has no line to cut: cut that of a node")
	case a == nil && slices.ContainsFunc(demoPlaces, func(c demoCast) bool { return c.node == node }):
		return record.Errorf(record.Unavailable, "%s is not up yet: try again in a moment", node)
	case a == nil:
		return record.Errorf(record.NotFound, "there is no node %q in this demonstration", node)
	}
	word := ""
	if cut {
		word = "yes"
	}
	if err := a.Store.SetSetting(record.WithActor(ctx, record.Machine("demo", "")), demoCut, word); err != nil {
		return err
	}
	if cut {
		a.Network.Pause()
	} else {
		a.Network.Resume()
	}
	a.opt.Log.Info("demonstration: line", "node", node, "cut", cut)
	return nil
}
