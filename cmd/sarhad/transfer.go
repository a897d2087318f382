package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"sarhad/app"
	"sarhad/record"
	"sarhad/record/oversight"
	"sarhad/record/transfer"
)

type exportCmd struct {
	dirFlag
	Kind          []string `help:"Only records of this kind; repeat for more." placeholder:"passenger.journey"`
	Since         int64    `help:"Only what was stored after this change number, which the export before said." xor:"period"`
	From          string   `help:"Only what happened at or after this time: 2026-11-24 or RFC 3339." xor:"period"`
	To            string   `help:"Only what happened before this time."`
	WithRevisions bool     `help:"Former revisions too."`
	For           string   `help:"Node or agency that it is for: opens what is releasable to it."`
	Whole         bool     `help:"Hold nothing back: only to move one's own data to another machine of this node."`
}

// Run writes one line for each revision to stdout.
func (c *exportCmd) Run(e *env) error {
	if err := e.purposed(); err != nil { // what leaves the node wants one, running or not
		return err
	}
	sel := transfer.Selection{Purpose: e.purpose, Kinds: c.Kind, Since: record.Seq(c.Since), WithRevisions: c.WithRevisions, For: c.For, Whole: c.Whole, Planted: oversight.Canaries}
	var err error
	if sel.From, err = day(c.From); err != nil {
		return err
	}
	if sel.To, err = day(c.To); err != nil {
		return err
	}
	return withNode(e, c.Dir, func(a *app.App) error {
		sel.Node = a.Config.Name
		told, err := transfer.Export(e.ctx, a.Store, sel, e.out)
		if err != nil {
			return err
		}
		e.say("%s of %s. The next export goes on with --since %d.", count(told.Lines, "revision"), count(told.Records, "record"), told.Until)
		for _, why := range slices.Sorted(maps.Keys(told.LeftOut)) {
			e.say("%s left out: %s.", count(told.LeftOut[why], "revision"), leftOut[why])
		}
		return nil
	})
}

// leftOut says why, in words.
var leftOut = map[string]string{
	transfer.LeftCase:       "in the compartment of a case",
	transfer.LeftTLP:        "TLP:RED or TLP:AMBER+STRICT, for their agency only",
	transfer.LeftReleasable: "released to others than --for names",
	transfer.LeftCodes:      "handling code H3, or H2 of another owner; ask the owner",
	transfer.LeftHome:       "with what never leaves its owner's node",
	transfer.LeftHouse:      "about how this node is run",
	transfer.LeftUnknown:    "in a version that this program cannot judge",
}

// day reads a time of the command line; "" is the zero time.
func day(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	for _, form := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(form, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, record.Errorf(record.Invalid, "%q is no time: write 2026-11-24 or 2026-11-24T08:00:00Z", s)
}

type handCmd struct {
	dirFlag
	To     string `required:"" help:"Name of the node that takes it."`
	Reason string `required:"" help:"Why: stands in the signed act."`
	Record string `arg:"" help:"Id of the record."`
}

// Run signs the hand-over with the key of this node and stores it; the next export takes it along.
func (c *handCmd) Run(e *env) error {
	id, err := record.ParseID(c.Record)
	if err != nil {
		return err
	}
	return withNode(e, c.Dir, func(a *app.App) error {
		if _, err := a.HandOver(e.ctx, id, c.To, c.Reason); err != nil {
			return err
		}
		fmt.Fprintf(e.out, "Record %s is revised by %s from now on.\n", id, c.To)
		return nil
	})
}

// importRecords stores a file of records if it is one; done is false for any other file.
func (c *importCmd) importRecords(e *env, a *app.App, name string) (done bool, err error) {
	f, err := e.files.Open(name)
	if err != nil {
		return false, nil // the caller says so
	}
	defer f.Close()
	r := bufio.NewReader(f)
	head, err := r.Peek(64)
	if err != nil && !errors.Is(err, io.EOF) || !transfer.IsRecords(head) {
		return false, nil
	}
	src := transfer.Source{File: filepath.Base(name), Node: a.Config.Name, Own: c.Whole}
	res, err := transfer.Import(e.ctx, a.Store, src, r)
	if err != nil {
		return true, err
	}
	for _, p := range res.Problems {
		e.problem("%s, line %d: %s", res.File, p.Line, p.Text)
	}
	if res.Refused > len(res.Problems) {
		e.problem("%s: and %s", res.File, count(res.Refused-len(res.Problems), "more line"))
	}
	if c.JSON {
		return true, e.json(res)
	}
	fmt.Fprintf(e.out, "%s: %s (%d new, %d revised, %d earlier, %d unchanged, %d kept aside, %d refused)\n",
		res.File, count(res.Lines, "revision"), res.New, res.Revised, res.Earlier, res.Unchanged, res.Aside, res.Refused)
	return true, nil
}
