package main

import (
	"fmt"
	"slices"
	"text/tabwriter"
	"time"

	"sarhad/app"
	"sarhad/exchange/relay"
	"sarhad/record"
)

// relayCmd is sarhad relay.
type relayCmd struct {
	Export relayExportCmd `cmd:"" help:"Write what waits for other nodes into a folder, on a USB stick say. Nobody but the addressees can read it."`
	Import relayImportCmd `cmd:"" help:"Take in what another node wrote into a folder. Twice changes nothing."`
	Status relayStatusCmd `cmd:"" help:"Print how messages stand with each node."`
}

type relayExportCmd struct {
	dirFlag
	jsonFlag
	Folder string `arg:"" type:"path" help:"The folder; it is made if it is not there."`
	To     string `help:"For this node only."`
}

// Run writes envelopes; the outbox stays as it is until receipts come.
func (c *relayExportCmd) Run(e *env) error {
	return withHouse(e, c.Dir, func(a *app.App) error {
		out, err := a.ExportDir(e.ctx, c.Folder, c.To)
		if err != nil {
			return err
		}
		if c.JSON {
			return e.json(out)
		}
		fmt.Fprintf(e.out, "%s, %d KB, in %s. They stay in the outbox until the receipts are back.\n", count(out.Count, "envelope"), (out.Bytes+1023)/1024, out.Dir)
		return nil
	})
}

type relayImportCmd struct {
	dirFlag
	jsonFlag
	Folder string `arg:"" type:"path" help:"The folder that was exported."`
}

// Run takes envelopes in. What was damaged on the way is named and costs exit code 1.
func (c *relayImportCmd) Run(e *env) error {
	return withHouse(e, c.Dir, func(a *app.App) error {
		out, err := a.ImportDir(e.ctx, c.Folder)
		if err != nil {
			return err
		}
		e.failed = len(out.Damaged)+out.Unreadable > 0
		if c.JSON {
			return e.json(out)
		}
		e.imported(out)
		return nil
	})
}

func (e *env) imported(out relay.Imported) {
	fmt.Fprintf(e.out, "%s: %d new, %d here already, %d receipts and the like, %d for other nodes, %d unreadable, %d damaged.\n",
		count(out.Files, "envelope"), out.New, out.Known, out.Service, out.Others, out.Unreadable, len(out.Damaged))
	for _, name := range out.Damaged {
		fmt.Fprintf(e.out, "damaged    %s\n", name)
	}
	if out.Unlisted > 0 || out.Indexes == 0 {
		fmt.Fprintln(e.out, "The folder was not copied to its end: export it once more, what came already changes nothing.")
	}
}

type relayStatusCmd struct {
	dirFlag
	jsonFlag
}

// Run prints a line for each node; names of nodes and numbers only.
func (c *relayStatusCmd) Run(e *env) error {
	return withHouse(e, c.Dir, func(a *app.App) error {
		r, err := a.Carrier(e.ctx)
		if err != nil {
			return err
		}
		st, err := r.Status(e.ctx)
		if err != nil {
			return err
		}
		if err := e.seen(a, "relay-status", "relay", len(st.Partners), ""); err != nil {
			return err
		}
		if c.JSON {
			return e.json(st)
		}
		e.status(st)
		return nil
	})
}

func (e *env) status(st relay.Status) {
	switch {
	case st.Waiting == 0:
		fmt.Fprint(e.out, "Nothing waits")
	default:
		fmt.Fprintf(e.out, "%d waiting, oldest %s", st.Waiting, ago(st.Oldest, st.At))
	}
	switch {
	case !st.LineDown.IsZero():
		fmt.Fprintf(e.out, "; line down since %s.\n", st.LineDown.UTC().Format("2006-01-02 15:04 UTC"))
	case !st.LineSince.IsZero():
		fmt.Fprintf(e.out, "; line up since %s.\n", st.LineSince.UTC().Format("2006-01-02 15:04 UTC"))
	default:
		fmt.Fprintln(e.out, "; the line is not open in this process.")
	}
	if st.Unreadable > 0 {
		fmt.Fprintf(e.out, "%d that came cannot be read: somebody should look at them.\n", st.Unreadable)
	}
	w := tabwriter.NewWriter(e.out, 0, 0, 2, ' ', 0)
	for _, p := range st.Partners {
		waiting, away := 0, 0
		for _, l := range slices.Clone(record.Lanes) {
			waiting, away = waiting+p.Waiting[l], away+p.Away[l]
		}
		fmt.Fprintf(w, "%s\t%d here\t%d at the hub\theard %s\t%s\n", p.Name, waiting, away, ago(p.LastSeen, st.At), p.Why)
	}
	_ = w.Flush() // the terminal may be gone
}

// ago is how long something is past, in words.
func ago(at, now time.Time) string {
	if at.IsZero() {
		return "never"
	}
	return now.Sub(at).Round(time.Second).String() + " ago"
}
