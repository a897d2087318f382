package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sarhad/app"
	"sarhad/format/listcsv"
	"sarhad/format/paxlst"
	"sarhad/internal/local"
	"sarhad/internal/quarantine"
	"sarhad/record"
	"sarhad/record/access"
	"sarhad/screening/watchlist"
	"sarhad/web/api"
)

type parseCmd struct {
	Format string   `default:"auto" enum:"auto,paxlst" help:"Format of the files: ${enum}."`
	Extra  bool     `help:"Add what a message says beyond the contract, under \"extra\"."`
	Files  []string `arg:"" name:"file" help:"Files to read; - is standard input."`
}

// Run prints one JSON object for each message. A file that cannot be read is said on stderr and costs exit code 1; the
// others are read.
func (c *parseCmd) Run(e *env) error {
	w := bufio.NewWriter(e.out)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, name := range c.Files {
		f := io.NopCloser(e.in)
		if name != "-" {
			var err error
			if f, err = e.files.Open(name); err != nil {
				e.problem("%s", unreadable(name, err))
				continue
			}
		}
		var wrote error
		err := paxlst.Scan(f, name, func(m paxlst.Message) error {
			if !c.Extra {
				m = bare(m)
			}
			wrote = enc.Encode(m)
			return wrote
		})
		f.Close()
		if wrote != nil {
			return wrote
		}
		if err != nil {
			e.problem("%v", err)
		}
	}
	return w.Flush()
}

// bare leaves out what stands under "extra".
func bare(m paxlst.Message) paxlst.Message {
	m.Header = paxlst.Header{}
	m.Travellers = slices.Clone(m.Travellers)
	for i := range m.Travellers {
		m.Travellers[i].Details = paxlst.Details{}
	}
	return m
}

// problem says what is wrong with an input; the command goes on and ends with 1.
func (e *env) problem(format string, args ...any) {
	e.failed = true
	fmt.Fprintf(e.errs, "sarhad: "+format+"\n", args...)
}

func unreadable(name string, err error) string {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Sprintf("%s: there is no such file; check the path.", name)
	}
	if errors.Is(err, local.ErrDirectory) {
		return fmt.Sprintf("%s is a directory; name the files in it one after another, or by a pattern that your shell fills in, such as %s.", name, filepath.Join(name, "*"))
	}
	return fmt.Sprintf("%s: the file cannot be opened: %v", name, err)
}

type importCmd struct {
	dirFlag
	JSON  bool     `name:"json" help:"Print one JSON object for each file."`
	Whole bool     `help:"Records: take this node's own back, which it does not know any more."`
	Files []string `arg:"" name:"file" help:"Files of passenger messages, or of exported records."`
}

// Run stores messages and records; the content tells which. For messages it prints a receipt for each file: accepted persons = new + revised + unchanged.
func (c *importCmd) Run(e *env) error {
	return withNode(e, c.Dir, func(a *app.App) error {
		for _, name := range c.Files {
			if done, err := c.importRecords(e, a, name); err != nil {
				return err
			} else if done {
				continue
			}
			data, err := local.ReadFile(e.files, name)
			if err != nil {
				e.problem("%s", unreadable(name, err))
				continue
			}
			res, err := api.TakeInBy(e.ctx, a.Intake(), a.Passengers, filepath.Base(name), data)
			if quarantine.ReasonOf(err) != "" {
				e.problem("%s", record.MessageOf(err))
				continue
			}
			if err != nil {
				return err
			}
			if res.Error != "" {
				e.problem("%s", res.Error)
			}
			if c.JSON {
				if err := e.json(res); err != nil {
					return err
				}
				continue
			}
			fmt.Fprintf(e.out, "%s: %s, %s accepted (%d new, %d revised, %d unchanged), %s, %s\n",
				res.File, count(res.Messages, "message"), count(res.Accepted, "person"), res.New, res.Revised, res.Unchanged, count(len(res.Voyages), "voyage"), count(len(res.Problems), "problem"))
		}
		return a.Store.Sync(e.ctx)
	})
}

type listCmd struct {
	Import listImportCmd `cmd:"" help:"Import publications: UN XML, OFAC sdn/alt/add.csv, own CSV or XLSX."`
	Show   listShowCmd   `cmd:"" help:"Show the lists of a node."`
	Effect listEffectCmd `cmd:"" help:"Change the legal effect of a list in this country."`
}

type listImportCmd struct {
	dirFlag
	Title   string   `help:"Title of an own list."`
	Effect  string   `enum:"binding,national,information," default:"" help:"Legal effect of a new list: ${enum}."`
	Force   bool     `help:"Import even when a large part of the list would be removed, or when a newer publication is stored."`
	Preview bool     `help:"Say what would change and change nothing."`
	JSON    bool     `name:"json" help:"Print one JSON object for each list."`
	Files   []string `arg:"" name:"file" help:"Files of the lists."`
}

// Run imports the files that belong together as one publication; a broken file changes nothing.
func (c *listImportCmd) Run(e *env) error {
	return withNode(e, c.Dir, func(a *app.App) error {
		all, err := a.Intake().Open(e.ctx, e.files.Open, c.Files...)
		if err != nil {
			return err
		}
		for _, p := range all {
			d, err := watchlist.Import(e.ctx, a.Store, watchlist.Source{Publication: p, Node: a.Config.Name, Agency: app.Agency(a.Config.Country),
				Title: c.Title, Effect: c.Effect, Force: c.Force, Preview: c.Preview, Now: e.now})
			if err != nil {
				return err
			}
			if c.JSON {
				if err := e.json(d); err != nil {
					return err
				}
				continue
			}
			fmt.Fprintf(e.out, "%s: %s, %d added, %d changed, %d removed, %d unchanged\n", d.List, number(len(p.Entries), "entry", "entries"), d.Added, d.Changed, d.Removed, d.Unchanged)
			for _, text := range d.Problems {
				e.say("%s: %s", d.List, text)
			}
		}
		return nil
	})
}

type listShowCmd struct {
	dirFlag
	JSON bool `name:"json" help:"Print JSON."`
}

// Run prints the lists; that they were shown is an act in the log.
func (c *listShowCmd) Run(e *env) error {
	return withNode(e, c.Dir, func(a *app.App) error {
		all, err := watchlist.Lists(e.ctx, a.Store)
		if err != nil {
			return err
		}
		if err := e.seen(a, "list", access.Watchlist, len(all), ""); err != nil {
			return err
		}
		if c.JSON {
			return e.json(all)
		}
		if len(all) == 0 {
			fmt.Fprintln(e.out, "No list yet. Import one: sarhad list import FILE...")
		}
		for _, l := range all {
			published := "-"
			if !l.Current.Published.IsZero() {
				published = l.Current.Published.Format("2006-01-02")
			}
			fmt.Fprintf(e.out, "%-20s %-12s %15s %15s  published %s  %s\n", l.ID, l.Effect, number(l.Counts.Active, "entry", "entries"), count(l.Counts.Persons, "person"), published, l.Title)
		}
		return nil
	})
}

type listEffectCmd struct {
	dirFlag
	List   string `arg:"" help:"Id of the list."`
	Effect string `arg:"" enum:"binding,national,information" help:"${enum}"`
}

// Run changes what a match with the list obliges to in this country; who did it stands in the log.
func (c *listEffectCmd) Run(e *env) error {
	return withHouse(e, c.Dir, func(a *app.App) error {
		return watchlist.SetEffect(e.ctx, a.Store, c.List, c.Effect)
	})
}

// csvRows reads a CSV with a header into maps; columns in any order. No row is lost, a damaged one is reported.
func (e *env) csvRows(name string, required ...string) ([]map[string]string, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, record.Errorf(record.Invalid, "%s", unreadable(name, err))
	}
	defer f.Close()
	first, _, _ := strings.Cut(peek(f), "\n")
	delimiter := ','
	for _, d := range ";\t" {
		if strings.Count(first, string(d)) > strings.Count(first, string(delimiter)) {
			delimiter = d
		}
	}
	all, bad, err := listcsv.Lines(f, name, delimiter)
	if err != nil {
		return nil, &record.Error{Kind: record.Invalid, Message: err.Error(), Err: err}
	}
	for _, b := range bad {
		e.problem("%v", b)
	}
	if len(all) == 0 {
		return nil, record.Errorf(record.Invalid, "%s: the file is empty; its first line must name the columns %s.", name, strings.Join(required, ","))
	}
	head := map[string]int{}
	for i, h := range all[0].Cells {
		head[strings.ToLower(h)] = i
	}
	for _, want := range required {
		if _, ok := head[want]; !ok {
			return nil, record.Errorf(record.Invalid, "%s, line 1: the column %q is missing; found %s.", name, want, strings.Join(all[0].Cells, ","))
		}
	}
	out := make([]map[string]string, 0, len(all)-1)
	for _, line := range all[1:] {
		row := map[string]string{}
		for h, i := range head {
			if i < len(line.Cells) {
				row[h] = line.Cells[i]
			}
		}
		out = append(out, row)
	}
	return out, nil
}

// peek returns the beginning of a file and goes back to it; a pipe is not looked at.
func peek(f *os.File) string {
	head := make([]byte, 4<<10)
	n, _ := f.ReadAt(head, 0)
	return string(head[:n])
}
