package main

import (
	"fmt"

	"sarhad/app"
	"sarhad/app/doctor"
	"sarhad/internal/config"
)

type doctorCmd struct {
	dirFlag
	JSON bool `name:"json" help:"Print one JSON object."`
}

// Run looks at the machine and the directory beside a running node, without its lock. It ends with 1 when something must
// be done.
func (c *doctorCmd) Run(e *env) error {
	conf, err := config.Load(c.Dir)
	if err != nil {
		return err
	}
	a, err := app.New(e.ctx, c.Dir, app.Options{Log: e.log, Now: e.now, ReadOnly: true})
	if err == nil {
		defer func() { _ = a.Stop() }() // read only: nothing can be lost
	}
	all := doctor.Examine(app.Facts(e.ctx, conf, a, err, e.now()))
	worst := doctor.Worst(all)
	e.failed = worst == doctor.Bad
	if c.JSON {
		return e.json(struct {
			Worst    doctor.State     `json:"worst"`
			Findings []doctor.Finding `json:"findings"`
		}{worst, all})
	}
	for _, f := range all {
		fmt.Fprintf(e.out, "%-8s %-8s %s\n", f.State, f.Check, f.Means)
		if f.Do != "" {
			fmt.Fprintf(e.out, "%17s -> %s\n", "", f.Do)
		}
	}
	if e.failed {
		fmt.Fprintln(e.out, "Something must be done: what is \"bad\" above.")
	}
	return nil
}
