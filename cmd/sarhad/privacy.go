package main

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"

	"sarhad/app"
	"sarhad/record"
	"sarhad/record/privacy"
)

type privacyCmd struct {
	Run         privacyRunCmd    `cmd:"" help:"Do what the clocks of the law say now; --dry-run only lists it."`
	Policy      privacyPolicyCmd `cmd:"" help:"Signed policies: what is kept how long."`
	Hold        privacyHoldCmd   `cmd:"" help:"Keep records from the clocks."`
	Erase       privacyEraseCmd  `cmd:"" help:"Erase a record and everything under it."`
	ConfirmTime privacyTimeCmd   `cmd:"" name:"confirm-time" help:"Say that the clock of this machine is right, after the clocks stopped."`
}

// jsonFlag prints JSON where a person would get a table.
type jsonFlag struct {
	JSON bool `name:"json" help:"Print JSON."`
}

type privacyRunCmd struct {
	dirFlag
	jsonFlag
	DryRun bool `name:"dry-run" help:"Say what a run would do, rule by rule, and change nothing."`
	List   bool `help:"With --dry-run: the records too, one a line."`
	Limit  int  `default:"100000" help:"Look at so many due records at most."`
}

// Run runs the clocks once, or says what a run would do; stopped clocks and refused policies cost exit code 1.
func (c *privacyRunCmd) Run(e *env) error {
	return withNode(e, c.Dir, func(a *app.App) error {
		if c.DryRun {
			return c.plan(e, a)
		}
		rep, err := a.Privacy.Run(e.ctx)
		if err != nil {
			return err
		}
		e.failed = rep.Stopped != nil || len(rep.Refused) > 0
		if c.JSON {
			return e.json(rep)
		}
		return e.printRun(rep)
	})
}

// planned is the list of a dry run.
type planned struct {
	Due     []privacy.Due     `json:"due"`
	Whole   bool              `json:"whole"` // false: there is more than the limit
	Stopped *privacy.Stopped  `json:"stopped,omitempty"`
	Refused []privacy.Refused `json:"refused"`
	Missing []string          `json:"missing"`
}

func (c *privacyRunCmd) plan(e *env, a *app.App) error {
	over, err := a.Privacy.Overview(e.ctx)
	if err != nil {
		return err
	}
	out := planned{Due: []privacy.Due{}, Stopped: over.Stopped, Refused: over.Refused, Missing: over.Missing}
	due, whole, err := a.Privacy.Plan(e.ctx, c.Limit)
	if err != nil {
		return err
	}
	out.Due, out.Whole = append(out.Due, due...), whole
	e.failed = out.Stopped != nil || len(out.Refused) > 0
	if c.JSON {
		return e.json(out)
	}
	if err := e.printPlan(out, over.Rules); err != nil {
		return err
	}
	if c.List {
		if err := e.printDue(out.Due); err != nil {
			return err
		}
	}
	if !whole {
		fmt.Fprintf(e.out, "There are more: only %s looked at. Count all with a larger --limit.\n", number(c.Limit, "record was", "records were"))
	}
	fmt.Fprintf(e.out, "%s due. Nothing was changed.", number(len(out.Due), "record is", "records are"))
	if len(out.Due) > 0 && !c.List {
		fmt.Fprint(e.out, " Which ones: --list.")
	}
	fmt.Fprintln(e.out)
	return e.printTrouble(out.Stopped, out.Refused, out.Missing)
}

func (e *env) printTrouble(stopped *privacy.Stopped, refused []privacy.Refused, missing []string) error {
	for _, r := range refused {
		fmt.Fprintf(e.out, "refused: %s: %s\n", r.Key, r.Why)
	}
	for _, m := range missing {
		fmt.Fprintf(e.out, "no policy for %s\n", m)
	}
	if stopped != nil {
		fmt.Fprintf(e.out, "The clocks are stopped since %s: the machine said %s, the last trusted time was %s. When the clock is right: sarhad privacy confirm-time --reason '...'\n",
			stopped.Since.Format(time.RFC3339), stopped.Wall.Format(time.RFC3339), stopped.Trusted.Format(time.RFC3339))
	}
	return nil
}

func (e *env) printRun(rep privacy.Report) error {
	fmt.Fprintf(e.out, "%d erased, %d masked, %d made nameless, %d went along, %d held, detail of %s taken out, %s ended\n",
		rep.Erased, rep.Masked, rep.Nameless, rep.Along, rep.Held, count(rep.Stripped, "act"), number(rep.Closed, "hold or unmasking", "holds and unmaskings"))
	for _, w := range rep.Waiting {
		fmt.Fprintf(e.out, "waiting: %s\n", w)
	}
	return e.printTrouble(rep.Stopped, rep.Refused, nil)
}

type privacyPolicyCmd struct {
	Show privacyPolicyShowCmd `cmd:"" help:"Print the policies of this node."`
	Set  privacyPolicySetCmd  `cmd:"" help:"Check, sign and set policies from a file."`
}

type privacyPolicyShowCmd struct {
	dirFlag
	jsonFlag
}

// Run prints the rules that move records; a policy without a valid signature costs exit code 1.
func (c *privacyPolicyShowCmd) Run(e *env) error {
	return withNode(e, c.Dir, func(a *app.App) error {
		have, err := a.Privacy.Policies(e.ctx)
		if err != nil {
			return err
		}
		e.failed = len(have.Refused) > 0
		if c.JSON {
			return e.json(have)
		}
		w := tabwriter.NewWriter(e.out, 0, 4, 2, ' ', 0)
		for _, p := range have.Valid {
			for _, r := range p.Rules {
				minors := ""
				if r.Minors != "" {
					minors = "minors " + string(r.Minors)
				}
				fmt.Fprintf(w, "%s#%s\t%s\t%s\tafter %s\t%s\n", p.Key(), r.Name, r.Action, r.After, r.From, minors)
			}
		}
		if err := w.Flush(); err != nil {
			return err
		}
		return e.printTrouble(nil, have.Refused, have.Missing)
	})
}

type privacyPolicySetCmd struct {
	dirFlag
	File string `arg:"" type:"existingfile" help:"JSON: one policy, or a list of them, as 'policy show --json' prints them."`
}

// Run signs policies with the log key; one that lies outside the law is refused, and those before it stay set.
func (c *privacyPolicySetCmd) Run(e *env) error {
	data, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	var all []privacy.Policy
	if err := json.Unmarshal(data, &all); err != nil {
		var one privacy.Policy
		if err := json.Unmarshal(data, &one); err != nil {
			return &record.Error{Kind: record.Invalid, Err: err, Message: fmt.Sprintf("%s is no policy: %v", c.File, err)}
		}
		all = []privacy.Policy{one}
	}
	return withNode(e, c.Dir, func(a *app.App) error {
		for _, p := range all {
			if err := a.Privacy.SetPolicy(e.ctx, p); err != nil {
				return err
			}
			fmt.Fprintf(e.out, "%s/%s is signed and set\n", a.Config.Country, p.Subject)
		}
		return nil
	})
}

type privacyHoldCmd struct {
	Add  privacyHoldAddCmd  `cmd:"" help:"Hold records, and everything under them."`
	List privacyHoldListCmd `cmd:"" help:"List holds."`
	End  privacyHoldEndCmd  `cmd:"" help:"End a hold."`
}

type privacyHoldAddCmd struct {
	dirFlag
	jsonFlag
	ID     []string `arg:"" help:"Records to hold."`
	Basis  string   `required:"" help:"Legal basis, such as the number of the order."`
	Until  string   `required:"" help:"Last day, 2027-12-31."`
	Reason string   `help:"In words."`
}

// Run holds records to the end of the day named.
func (c *privacyHoldAddCmd) Run(e *env) error {
	h := privacy.Hold{Basis: c.Basis, Reason: c.Reason}
	day, err := time.Parse(time.DateOnly, c.Until)
	if err != nil {
		return record.Errorf(record.Invalid, "%q is no day; write 2027-12-31", c.Until)
	}
	h.Until = day.Add(24 * time.Hour) // the day itself is held
	for _, text := range c.ID {
		id, err := record.ParseID(text)
		if err != nil {
			return err
		}
		h.Targets = append(h.Targets, id)
	}
	return withNode(e, c.Dir, func(a *app.App) error {
		made, err := a.Privacy.AddHold(e.ctx, h)
		if err != nil {
			return err
		}
		if c.JSON {
			return e.json(made)
		}
		fmt.Fprintf(e.out, "%s holds %s until %s\n", made.ID, count(len(made.Targets), "record"), c.Until)
		return nil
	})
}

type privacyHoldListCmd struct {
	dirFlag
	jsonFlag
	All bool `help:"Ended ones too."`
}

// Run prints the holds, page by page to the last.
func (c *privacyHoldListCmd) Run(e *env) error {
	state := privacy.Active
	if c.All {
		state = ""
	}
	return withNode(e, c.Dir, func(a *app.App) error {
		all := []privacy.Holding{}
		for cursor := ""; ; {
			page, next, err := a.Privacy.Holds(e.ctx, state, cursor, record.MaxLimit)
			if err != nil {
				return err
			}
			if all, cursor = append(all, page...), next; next == "" {
				break
			}
		}
		if c.JSON {
			return e.json(all)
		}
		for _, h := range all {
			fmt.Fprintf(e.out, "%s  %s  until %s  %s  %s\n", h.ID, h.State, h.Until.Format(time.DateOnly), h.Basis, count(len(h.Targets), "record"))
		}
		return nil
	})
}

type privacyHoldEndCmd struct {
	dirFlag
	ID string `arg:"" help:"The hold."`
}

// Run ends a hold; what is due goes with the next run, not now.
func (c *privacyHoldEndCmd) Run(e *env) error {
	id, err := record.ParseID(c.ID)
	if err != nil {
		return err
	}
	return withNode(e, c.Dir, func(a *app.App) error {
		if _, err := a.Privacy.EndHold(e.ctx, id); err != nil {
			return err
		}
		fmt.Fprintf(e.out, "%s has ended; what is due goes with the next run of the clocks\n", id)
		return nil
	})
}

type privacyEraseCmd struct {
	dirFlag
	jsonFlag
	ID     string `arg:"" help:"The record."`
	Reason string `help:"On what ground, without naming the person; it stays in the log."`
	DryRun bool   `name:"dry-run" help:"List what would go along and change nothing."`
}

// Run erases a record with everything under it; what is held stays and is named.
func (c *privacyEraseCmd) Run(e *env) error {
	id, err := record.ParseID(c.ID)
	if err != nil {
		return err
	}
	return withNode(e, c.Dir, func(a *app.App) error {
		took, err := a.Privacy.Preview(e.ctx, id)
		if err == nil && !c.DryRun {
			took, err = a.Privacy.Erase(e.ctx, id, c.Reason, nil)
		}
		if err != nil {
			return err
		}
		if c.JSON {
			return e.json(took)
		}
		for _, t := range took {
			what := "erased"
			if c.DryRun {
				what = "would go"
			}
			if t.Held != nil {
				what = heldBy(t.Held)
			}
			fmt.Fprintf(e.out, "%s  %s  %s\n", t.ID, t.Kind, what)
		}
		return nil
	})
}

type privacyTimeCmd struct {
	dirFlag
	Reason string `required:"" help:"How you know that the clock is right."`
}

// Run lets stopped clocks run again; whoever says so answers for it in the log.
func (c *privacyTimeCmd) Run(e *env) error {
	return withNode(e, c.Dir, func(a *app.App) error {
		if err := a.Privacy.ConfirmTime(e.ctx, c.Reason); err != nil {
			return err
		}
		fmt.Fprintf(e.out, "The clocks run again from %s.\n", e.now().UTC().Format(time.RFC3339))
		return nil
	})
}

func newPhrases() (p privacy.Phrases, err error) {
	for _, to := range []*string{&p.Unit, &p.Oversight} {
		if *to, err = privacy.NewPhrase(io.Reader(rand.Reader)); err != nil {
			return p, err
		}
	}
	return p, nil
}
