package main

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"

	"sarhad/app"
	"sarhad/internal/config"
	"sarhad/record"
	"sarhad/synth"
	"sarhad/web/ui"
)

type demoCmd struct {
	Dir  string `default:"demo" type:"path" help:"Where the demonstration keeps its data."`
	HTTP string `default:":8080" help:"Port on this machine; the other places of the region take the ports after it."`

	Region bool `default:"true" negatable:"" help:"Start the region around it: a hub, five countries, two outposts."`
}

// Run serves the demonstration until it is interrupted; the region is played beside it.
func (c *demoCmd) Run(e *env) error {
	address := config.LocalAddress(c.HTTP)
	if _, _, err := net.SplitHostPort(address); err != nil {
		return record.Errorf(record.Invalid, "%q is no address: write a port, such as :8080", c.HTTP)
	}
	if err := e.alone(c.Dir); err != nil {
		return err
	}
	opt := app.Options{Log: e.log, Now: e.now, HTTP: address}
	if c.Region {
		opt.Around = app.NewDemoRegion(c.Dir)
	}
	a, region, err := app.OpenDemo(e.ctx, c.Dir, opt)
	if err != nil {
		return err
	}
	if err := a.Start(e.ctx); err != nil {
		return errorsJoin(err, a.Stop())
	}
	end := e.letIn(a, "demo")
	e.welcome(port(a.Addr()), c.Dir)
	if !ui.Built() {
		e.say("This binary was built without the workbench; run make.")
	}
	played := make(chan error, 1)
	go func() { played <- e.play(a, region, opt.Around) }()
	stop := func() error {
		end()
		err := a.Stop() // before the hub, so that its line ends in order
		if opt.Around != nil {
			err = errorsJoin(err, opt.Around.Stop())
		}
		return err
	}
	for {
		select {
		case <-e.ctx.Done():
			<-played
			return stop()
		case err := <-played:
			if err != nil && e.ctx.Err() == nil {
				return errorsJoin(err, stop())
			}
			played <- nil
			<-e.ctx.Done()
		}
	}
}

// play fills the main place, opens the others beside it, and lets messages come in until it is interrupted. The main place is
// there to click from the beginning; the others wait until it is filled, so that neither waits for the other.
func (e *env) play(a *app.App, region *synth.Region, around *app.DemoRegion) error {
	if err := a.FillDemo(e.ctx, region, e.say); err != nil {
		return err
	}
	var beside sync.WaitGroup
	defer beside.Wait()
	if around != nil {
		beside.Go(func() {
			err := around.Open(e.ctx, a)
			switch {
			case err == nil:
				e.places(around)
			case e.ctx.Err() == nil:
				e.log.Error("the region around the demonstration is not whole; this place works all the same", "err", err)
			}
		})
	}
	return a.PlayDemo(e.ctx, region, e.say)
}

// places says where the other places are.
func (e *env) places(around *app.DemoRegion) {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "\n  place\taddress\tsign in as")
	for _, p := range around.Places() {
		var names []string
		for _, u := range p.Users {
			if !slices.Contains(names, u.Name) {
				names = append(names, u.Name)
			}
		}
		as := strings.Join(names, ", ")
		if p.Node == around.Main() {
			as = "all of the above"
		}
		fmt.Fprintf(w, "  %s\t%s\t%s\n", p.Name.En, p.URL, as)
	}
	_ = w.Flush() // into memory
	fmt.Fprint(e.out, b.String()+demoRegionFirst)
}

const demoRegionFirst = `
  The region is up; the first page leads to every place, with the same passwords. Try: as supervisor, share a record with
  Uzbekistan and open it there. The line of Tajikistan is cut: see what waits in the queue, then join it on the first page.

`

// welcome says where the demonstration is, who to be, and what to try first.
func (e *env) welcome(port, dir string) {
	fmt.Fprintf(e.out, "Sarhad demonstration. All people, documents and airlines are invented.\n\n  http://localhost:%s\n\n", port)
	w := tabwriter.NewWriter(e.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "  role\tname\tpassword\twhat waits")
	for _, u := range app.DemoUsers() {
		fmt.Fprintf(w, "  %s\t%s\t%s\t%s\n", u.Role, u.Name, u.Password, demoWaits[u.Name])
	}
	_ = w.Flush() // nobody reads: the node serves all the same
	p := app.DemoPhrases()
	fmt.Fprintf(e.out, demoFirst, p.Unit, p.Oversight, dir)
}

// demoWaits is what each sign-in of the demonstration is for.
var demoWaits = map[string]string{
	"analyst":          "tonight's flights and hits, most urgent first",
	"border":           "instructions for the booth at Almaty (ALA)",
	"supervisor.night": "the second person, who agrees to what the first one drafts",
	"supervisor":       "overdue hits, decisions that were too fast",
	"oversight":        "who looked at whom and why; the log",
	"admin":            "users, lists, the state of the machine",
	"border.nqz":       "instructions for the booth at Astana (NQZ)",
	"analyst.late":     "a question of oversight to answer",
}

const demoFirst = `
  No one-time code is asked for. Where a decision is signed, type the same password once more.

  Try first: sign in as analyst, open the hit at the top, claim it and decide. When it arrives at ALA and you confirm it,
  the booth sees what to do: sign in as border in another browser. Then ask as oversight who looked at whom.

  To open a masked record, a supervisor enters the phrase of the unit, then oversight its own:
    unit       %s
    oversight  %s

  Commands work beside it: sarhad doctor --dir %s. Ctrl+C ends it.

`

func port(address string) string {
	_, p, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	return p
}

type synthCmd struct {
	Dir     string `arg:"" help:"Directory to write into."`
	Seed    uint64 `default:"1" help:"Chooses the region."`
	Flights int    `default:"60" help:"Flights tonight."`
	Home    string `default:"KAZ" help:"Country of the node."`
}

// Run writes the region of a seed: the same seed at the same time gives the same files.
func (c *synthCmd) Run(e *env) error {
	r, err := synth.New(synth.Config{Now: e.now(), Seed: c.Seed, FlightsPerDay: c.Flights, Home: c.Home})
	if err != nil {
		return record.Errorf(record.Invalid, "%v", err)
	}
	if err := r.WriteDir(c.Dir); err != nil {
		return err
	}
	fmt.Fprintf(e.out, "%s, %s, %s in %s; who is who stands in truth.json\n", count(r.Truth.Flights, "flight"), count(r.Truth.Travellers, "traveller"), count(len(r.Truth.Cases), "case"), c.Dir)
	return nil
}
