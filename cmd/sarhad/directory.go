package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"sarhad/app"
	"sarhad/exchange/directory"
	prints "sarhad/exchange/directory/words"
	"sarhad/internal/local"
	"sarhad/record"
)

// actDirectory is the action of an act on the directory of the network.
const actDirectory = "directory"

// whoCmd is sarhad directory.
type whoCmd struct {
	Show      whoShowCmd      `cmd:"" help:"Print who is in the directory, with whom to call."`
	People    whoPeopleCmd    `cmd:"" help:"Print officers on duty and their telephones."`
	Verify    whoVerifyCmd    `cmd:"" help:"Check every statement and the cosignatures anew, offline."`
	Export    whoExportCmd    `cmd:"" help:"Print the directory as a bundle for another node."`
	Import    whoImportCmd    `cmd:"" help:"Take a bundle up."`
	Fork      whoForkCmd      `cmd:"" help:"Show the proof that somebody shows two directories; --clear ends the alarm."`
	Introduce whoIntroduceCmd `cmd:"" help:"Sign a statement about a country, an agency or a topic, as registrar."`
	Staff     whoStaffCmd     `cmd:"" help:"Sign who is on duty at a party, as registrar."`
	Draft     whoDraftCmd     `cmd:"" help:"Print what waits for cosignatures, for the witnesses of the countries."`
	Cosign    whoCosignCmd    `cmd:"" help:"Check a draft and print this country's cosignature, as witness."`
	Join      whoJoinCmd      `cmd:"" help:"Put a draft and its cosignatures together, take the bundle up and print it."`
	Begin     whoBeginCmd     `cmd:"" help:"Say to which directory this node belongs, by its genesis statement."`
	Keys      whoKeysCmd      `cmd:"" help:"Make the keys of registrar and witness on this node and print their public halves."`
	Appoint   whoAppointCmd   `cmd:"" help:"Draft the statement by which a root appoints registrar and witness."`
	Members   whoMembersCmd   `cmd:"" help:"Draft a statement that changes the countries or the quorum."`
	Add       whoAddCmd       `cmd:"" help:"Add signed statements to the log, where they wait for cosignatures."`
	Root      whoRootCmd      `cmd:"" help:"The three keys of a country: make, sign, genesis, replace."`
}

// withDirectory opens the directory of a node for a command, and writes what was done into the log.
func withDirectory(e *env, dir, verb string, fn func(a *app.App, d *directory.Directory) error) error {
	return withHouse(e, dir, func(a *app.App) error {
		d, err := a.Directory(e.ctx)
		if err != nil {
			return err
		}
		if err := e.noted(a, verb); err != nil {
			return err
		}
		return fn(a, d)
	})
}

// noted writes an act on the directory into the log before it is done.
func (e *env) noted(a *app.App, verb string) error {
	return a.Store.Update(e.ctx, func(tx record.Tx) error {
		return tx.Audit(record.Act{Action: actDirectory, Topic: verb})
	})
}

type whoShowCmd struct {
	dirFlag
	jsonFlag
	Lang string `default:"en" enum:"en,ru,own" help:"Language of names: ${enum}."`
}

func (c *whoShowCmd) Run(e *env) error {
	return withDirectory(e, c.Dir, "show", func(_ *app.App, d *directory.Directory) error {
		if c.JSON {
			return e.json(d.Parties())
		}
		return d.WriteText(e.out, c.Lang, e.now())
	})
}

type whoPeopleCmd struct {
	dirFlag
	jsonFlag
	Party string `arg:"" optional:"" help:"Of this party only."`
	Lang  string `default:"en" enum:"en,ru,own" help:"Language of names: ${enum}."`
}

func (c *whoPeopleCmd) Run(e *env) error {
	return withDirectory(e, c.Dir, "people", func(_ *app.App, d *directory.Directory) error {
		all := d.Parties()
		if c.Party != "" {
			one, err := d.Party(c.Party)
			if err != nil {
				return err
			}
			all = []directory.Entry{one}
		}
		if c.JSON {
			people := map[string][]directory.Person{}
			for _, p := range all {
				if len(p.People) > 0 {
					people[p.ID] = p.People
				}
			}
			return e.json(people)
		}
		w := tabwriter.NewWriter(e.out, 0, 4, 2, ' ', 0)
		for _, p := range all {
			for _, x := range p.People {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", p.ID, x.Role, x.Names.In(c.Lang), strings.Join(x.Phones, ", "),
					strings.TrimSpace(x.Hours+" "+x.Zone), strings.Join(x.Languages, ", "))
			}
		}
		return w.Flush()
	})
}

type whoVerifyCmd struct {
	dirFlag
	jsonFlag
}

func (c *whoVerifyCmd) Run(e *env) error {
	return withDirectory(e, c.Dir, "verify", func(_ *app.App, d *directory.Directory) error {
		if err := d.Reload(e.ctx); err != nil {
			return err
		}
		rep, err := d.Verify()
		if err != nil {
			return err
		}
		e.failed = rep.Fork
		if c.JSON {
			return e.json(rep)
		}
		fmt.Fprintf(e.out, "%d statements about %d parties hold; cosigned by %s; %d wait for cosignatures.\nroot %s\n", rep.Size, rep.Parties, strings.Join(rep.Cosigned, ", "), rep.Waiting, rep.Root)
		if rep.Freshness != "" {
			fmt.Fprintln(e.out, "!", rep.Freshness)
		}
		return nil
	})
}

type whoExportCmd struct {
	dirFlag
	From int64 `help:"How many statements the other node has."`
}

func (c *whoExportCmd) Run(e *env) error {
	return withDirectory(e, c.Dir, "export", func(_ *app.App, d *directory.Directory) error {
		b, err := d.Missing(e.ctx, c.From)
		return e.bundle(b, err)
	})
}

// bundle prints a bundle or draft.
func (e *env) bundle(b directory.Bundle, err error) error {
	if err != nil {
		return err
	}
	data, err := b.Encode()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.out, "%s\n", data)
	return err
}

type whoImportCmd struct {
	dirFlag
	File []string `arg:"" type:"existingfile" help:"Bundles."`
}

func (c *whoImportCmd) Run(e *env) error {
	return withDirectory(e, c.Dir, "import", func(_ *app.App, d *directory.Directory) error {
		for _, name := range c.File {
			data, err := local.ReadFile(e.files, name)
			if err != nil {
				return err
			}
			t, err := d.Take(e.ctx, data)
			if err != nil {
				return err
			}
			fmt.Fprintf(e.out, "%d new statements, %d in all\n", t.New, t.Size)
		}
		return nil
	})
}

type whoForkCmd struct {
	dirFlag
	Clear  bool   `help:"Three countries were asked by telephone, and this node has the right directory."`
	Reason string `help:"Whom you asked, for the log; without names of persons."`
}

func (c *whoForkCmd) Run(e *env) error {
	return withDirectory(e, c.Dir, "fork", func(a *app.App, d *directory.Directory) error {
		f := d.Fork()
		if f == nil {
			fmt.Fprintln(e.out, "There is one directory as far as this node knows.")
			return nil
		}
		e.failed = !c.Clear
		if c.Clear {
			if strings.TrimSpace(c.Reason) == "" {
				return record.Errorf(record.Invalid, "say with --reason which countries you asked")
			}
			act := record.Act{Action: actDirectory, Topic: "fork cleared", Reason: c.Reason}
			if err := a.Store.Update(e.ctx, func(tx record.Tx) error { return tx.Audit(act) }); err != nil {
				return err
			}
			if _, err := d.ClearFork(e.ctx); err != nil {
				return err
			}
		}
		return e.json(f)
	})
}

type whoIntroduceCmd struct {
	dirFlag
	Type   string `required:"" enum:"country,agency,topic" help:"What it is: ${enum}. Machines are invited (sarhad node invite)."`
	ID     string `arg:"" help:"Country UZB, agency UZB-PIU, topic in small letters."`
	Parent string `help:"Country of an agency; taken from its id when absent."`
	namesFlags
}

// namesFlags are what a party is called.
type namesFlags struct {
	En  string `help:"Name in English."`
	Ru  string `help:"Name in Russian."`
	Own string `help:"Name in the language of the country."`
}

func (n namesFlags) names(or string) directory.Names {
	out := directory.Names{En: n.En, Ru: n.Ru, Own: n.Own}
	if out.En == "" {
		out.En = or
	}
	if out.Ru == "" {
		out.Ru = out.En
	}
	return out
}

func (c *whoIntroduceCmd) Run(e *env) error {
	return withDirectory(e, c.Dir, "introduce", func(a *app.App, _ *directory.Directory) error {
		r, err := a.Registrar(e.ctx)
		if err != nil {
			return err
		}
		if c.Type == string(directory.Agency) && c.Parent == "" {
			c.Parent = a.Config.Country
		}
		err = r.Introduce(e.ctx, directory.Party{ID: c.ID, Type: directory.Type(c.Type), Country: a.Config.Country, Parent: c.Parent, Names: c.names(c.ID)})
		return e.waits(err, c.ID)
	})
}

// waits says that a statement was signed and what happens to it.
func (e *env) waits(err error, what string) error {
	if err == nil {
		fmt.Fprintf(e.out, "The statement about %s is signed. It counts when a quorum of countries has cosigned it.\n", what)
	}
	return err
}

type whoStaffCmd struct {
	dirFlag
	Party string `arg:"" help:"The party."`
	File  string `arg:"" type:"existingfile" help:"JSON list of officers: role (focal, duty, deputy), names (en, ru, own), phones (+...), hours, zone, languages, deputy."`
}

func (c *whoStaffCmd) Run(e *env) error {
	data, err := local.ReadFile(e.files, c.File)
	if err != nil {
		return err
	}
	var people []directory.Person
	if err := json.Unmarshal(data, &people); err != nil {
		return &record.Error{Kind: record.Invalid, Err: err, Message: fmt.Sprintf("%s is no list of officers: %v", c.File, err)}
	}
	for _, p := range people {
		if _, err := time.LoadLocation(p.Zone); err != nil {
			return record.Errorf(record.Invalid, "%q is no time zone; write one such as Asia/Tashkent", p.Zone)
		}
	}
	return withDirectory(e, c.Dir, "staff", func(a *app.App, _ *directory.Directory) error {
		r, err := a.Registrar(e.ctx)
		if err != nil {
			return err
		}
		return e.waits(r.Staff(e.ctx, c.Party, people), c.Party)
	})
}

type whoDraftCmd struct {
	dirFlag
	From int64 `help:"How many statements the witnesses have."`
}

func (c *whoDraftCmd) Run(e *env) error {
	return withDirectory(e, c.Dir, "draft", func(_ *app.App, d *directory.Directory) error {
		b, err := d.Draft(c.From)
		return e.bundle(b, err)
	})
}

type whoCosignCmd struct {
	dirFlag
	File string `arg:"" type:"existingfile" help:"The draft."`
}

func (c *whoCosignCmd) Run(e *env) error {
	return withDirectory(e, c.Dir, "cosign", func(a *app.App, d *directory.Directory) error {
		data, err := local.ReadFile(e.files, c.File)
		if err != nil {
			return err
		}
		w, err := a.Witness(e.ctx)
		if err != nil {
			return err
		}
		word, err := w.Cosign(e.ctx, data)
		if err != nil {
			return err
		}
		_, err = e.out.Write(word)
		return err
	})
}

type whoJoinCmd struct {
	dirFlag
	Draft    string   `arg:"" type:"existingfile" help:"The draft."`
	Cosigned []string `arg:"" type:"existingfile" help:"What the witnesses printed."`
}

func (c *whoJoinCmd) Run(e *env) error {
	return withDirectory(e, c.Dir, "join", func(_ *app.App, d *directory.Directory) error {
		data, err := local.ReadFile(e.files, c.Draft)
		if err != nil {
			return err
		}
		b, err := directory.ReadBundle(data)
		if err != nil {
			return err
		}
		var lines [][]byte
		for _, name := range c.Cosigned {
			line, err := local.ReadFile(e.files, name)
			if err != nil {
				return err
			}
			lines = append(lines, line)
		}
		if b, err = directory.Join(b, lines...); err != nil {
			return err
		}
		if data, err = b.Encode(); err != nil {
			return err
		}
		t, err := d.Take(e.ctx, data)
		if err != nil {
			return err
		}
		e.say("%d new statements count, %d in all", t.New, t.Size)
		return e.bundle(b, nil)
	})
}

type whoBeginCmd struct {
	dirFlag
	File string `arg:"" type:"existingfile" help:"The genesis statement, signed by two root keys of each country."`
	Keep bool   `help:"This node keeps the log: the statement waits here for cosignatures."`
}

func (c *whoBeginCmd) Run(e *env) error {
	return withDirectory(e, c.Dir, "begin", func(_ *app.App, d *directory.Directory) error {
		data, err := local.ReadFile(e.files, c.File)
		if err != nil {
			return err
		}
		id, err := directory.IdentityOf(data)
		if err != nil {
			return err
		}
		if err := d.Pin(e.ctx, id); err != nil {
			return err
		}
		if c.Keep {
			if err := d.Propose(e.ctx, data); err != nil {
				return err
			}
		}
		p := prints.Of("genesis", id)
		fmt.Fprintf(e.out, "This node belongs to the directory\n  %s\n  %s\n  %s\nCompare the words with the other countries by telephone.\n", id, p, p.In("ru"))
		return nil
	})
}

type whoKeysCmd struct{ dirFlag }

// application is what a country's root appoints.
type application struct {
	Country   string `json:"country"`
	Registrar string `json:"registrar"`
	Witness   string `json:"witness"`
}

func (c *whoKeysCmd) Run(e *env) error {
	return withDirectory(e, c.Dir, "keys", func(a *app.App, _ *directory.Directory) error {
		registrar, witness, err := a.MakeCountryKeys(e.ctx)
		if err != nil {
			return err
		}
		return e.json(application{a.Config.Country, registrar, witness})
	})
}

type whoAppointCmd struct {
	dirFlag
	File     string `arg:"" type:"existingfile" help:"What sarhad directory keys printed on the registrar's node."`
	Days     int    `default:"730" help:"For how many days; two years at most."`
	VoidFrom int64  `help:"First statement of the log from which what the former registrar signed counts no more: for a stolen key."`
	Reason   string `help:"Why, when a former one is replaced."`
}

func (c *whoAppointCmd) Run(e *env) error {
	data, err := local.ReadFile(e.files, c.File)
	if err != nil {
		return err
	}
	var a application
	if err := json.Unmarshal(data, &a); err != nil {
		return &record.Error{Kind: record.Invalid, Err: err, Message: c.File + " is not what sarhad directory keys prints"}
	}
	return withDirectory(e, c.Dir, "appoint", func(_ *app.App, d *directory.Directory) error {
		since := e.now()
		return e.draft(d.DraftAuthority(a.Country, directory.Authority{Registrar: a.Registrar, Witness: a.Witness, Since: since, Until: since.AddDate(0, 0, c.Days),
			VoidFrom: c.VoidFrom, Reason: c.Reason}))
	})
}

// draft prints the draft of a statement.
func (e *env) draft(text []byte, err error) error {
	if err == nil {
		_, err = e.out.Write(text)
	}
	return err
}

type whoMembersCmd struct {
	dirFlag
	Quorum int      `required:"" help:"Countries that must cosign: more than half."`
	Keep   []string `required:"" help:"Countries that stay, KAZ,KGZ ..."`
	Join   []string `type:"existingfile" help:"Root files (*.root) of countries that join."`
}

func (c *whoMembersCmd) Run(e *env) error {
	g := directory.Genesis{Quorum: c.Quorum}
	for _, code := range c.Keep {
		g.Countries = append(g.Countries, directory.Member{Country: code})
	}
	for _, name := range c.Join {
		m, err := readRoot(e, name)
		if err != nil {
			return err
		}
		g.Countries = append(g.Countries, m)
	}
	return withDirectory(e, c.Dir, "members", func(_ *app.App, d *directory.Directory) error {
		return e.draft(d.DraftMembers(g))
	})
}

type whoAddCmd struct {
	dirFlag
	File []string `arg:"" type:"existingfile" help:"Signed statements."`
}

func (c *whoAddCmd) Run(e *env) error {
	return withDirectory(e, c.Dir, "add", func(_ *app.App, d *directory.Directory) error {
		for _, name := range c.File {
			data, err := local.ReadFile(e.files, name)
			if err != nil {
				return err
			}
			if err := d.Propose(e.ctx, data); err != nil {
				return err
			}
		}
		fmt.Fprintf(e.out, "%d statements wait for cosignatures.\n", len(d.Waiting()))
		return nil
	})
}
