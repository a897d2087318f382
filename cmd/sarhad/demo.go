package main

import (
	"fmt"
	"net"

	"sarhad/app"
	"sarhad/internal/config"
	"sarhad/record"
	"sarhad/synth"
	"sarhad/web/ui"
)

type demoCmd struct {
	Dir  string `default:"demo" type:"path" help:"Where the demonstration keeps its data."`
	HTTP string `default:":8080" help:"Port on this machine."`
}

func (c *demoCmd) Run(e *env) error {
	address := config.LocalAddress(c.HTTP)
	if _, _, err := net.SplitHostPort(address); err != nil {
		return record.Errorf(record.Invalid, "%q is no address: write a port, such as :8080", c.HTTP)
	}
	if err := e.alone(c.Dir); err != nil {
		return err
	}
	a, region, err := app.OpenDemo(e.ctx, c.Dir, app.Options{Log: e.log, Now: e.now, HTTP: address})
	if err != nil {
		return err
	}
	if err := a.Start(e.ctx); err != nil {
		return errorsJoin(err, a.Stop())
	}
	end := e.letIn(a, "demo")
	fmt.Fprintf(e.out, "Sarhad demonstration: invented people only.\n\n  http://localhost:%s\n\n", port(a.Addr()))
	for _, u := range app.DemoUsers() {
		fmt.Fprintf(e.out, "  %-11s %-12s %s\n", u.Role, u.Name, u.Password)
	}
	p := app.DemoPhrases()
	fmt.Fprintf(e.out, "\n  Phrases that open masked records: unit %s, oversight %s\n\n", p.Unit, p.Oversight)
	if !ui.Built() {
		e.say("This binary was built without the workbench; run make.")
	}
	played := make(chan error, 1)
	go func() { played <- a.PlayDemo(e.ctx, region, e.say) }()
	for {
		select {
		case <-e.ctx.Done():
			<-played
			end()
			return a.Stop()
		case err := <-played:
			if err != nil && e.ctx.Err() == nil {
				end()
				return errorsJoin(err, a.Stop())
			}
			played <- nil
			<-e.ctx.Done()
		}
	}
}

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

func (c *synthCmd) Run(e *env) error {
	r, err := synth.New(synth.Config{Now: e.now(), Seed: c.Seed, FlightsPerDay: c.Flights, Home: c.Home})
	if err != nil {
		return record.Errorf(record.Invalid, "%v", err)
	}
	if err := r.WriteDir(c.Dir); err != nil {
		return err
	}
	fmt.Fprintf(e.out, "%d flights, %d travellers, %d cases in %s; who is who stands in truth.json\n", r.Truth.Flights, r.Truth.Travellers, len(r.Truth.Cases), c.Dir)
	return nil
}
