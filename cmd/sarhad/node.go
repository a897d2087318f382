package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"sarhad/app"
	"sarhad/internal/authn"
	"sarhad/record"
	"sarhad/record/vocab"
)

// dirFlag is the data directory of a node.
type dirFlag struct {
	Dir string `default:"." type:"path" help:"Data directory of the node."`
}

type initCmd struct {
	dirFlag
	Role    string `default:"node" enum:"outpost,node,hub" help:"What the node is: ${enum}."`
	Country string `required:"" help:"Country of the node, ISO 3166 (UZ or UZB)."`
	Name    string `help:"Name among the nodes, lower case; from country and role when absent."`
	HTTP    string `help:"Where browsers reach it, host:port." placeholder:"127.0.0.1:8080"`
	Admin   string `default:"admin" help:"Sign-in name of the first administrator."`
}

func (c *initCmd) Run(e *env) error {
	phrases, err := newPhrases()
	if err != nil {
		return err
	}
	password, err := app.Init(e.ctx, c.Dir, app.Setup{Role: c.Role, Country: c.Country, Name: c.Name, HTTP: c.HTTP, Admin: c.Admin, Now: e.now, Phrases: phrases})
	if err != nil {
		return err
	}
	fmt.Fprintf(e.out, "A node stands in %s.\nSign in as %s with the password %s; it must be changed at the first sign-in.\nStart it with: sarhad serve --dir %s\n",
		c.Dir, c.Admin, password, c.Dir)
	e.printPhrases(phrases)
	return nil
}

type serveCmd struct {
	dirFlag
	HTTP string `help:"Listen here instead of the address in the settings."`
}

func (c *serveCmd) Run(e *env) error {
	a, err := app.New(e.ctx, c.Dir, app.Options{Log: e.log, Now: e.now, HTTP: c.HTTP})
	if err != nil {
		return err
	}
	if err := a.Start(e.ctx); err != nil {
		return errorsJoin(err, a.Stop())
	}
	e.say("Serving %s. End it with Ctrl+C.", a.URL())
	<-e.ctx.Done()
	return a.Stop()
}

type auditCmd struct {
	Verify auditVerifyCmd `cmd:"" help:"Recompute the log offline and find every act that was changed or removed."`
}

type auditVerifyCmd struct {
	dirFlag
	Checkpoint []string `type:"existingfile" help:"Signed checkpoints kept elsewhere."`
	JSON       bool     `name:"json" help:"Print the report as JSON."`
}

func (c *auditVerifyCmd) Run(e *env) error {
	a, err := app.New(e.ctx, c.Dir, app.Options{Log: e.log, Now: e.now, ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { _ = a.Stop() }() // read only: nothing can be lost
	rep, err := a.VerifyAudit(e.ctx, c.Checkpoint)
	if err != nil {
		return err
	}
	e.failed = !rep.OK()
	if c.JSON {
		return e.json(rep)
	}
	fmt.Fprintf(e.out, "%d acts, %d in the log, %d waiting; %d signed checkpoints agree.\nroot %s\n", rep.Rows, rep.Size, rep.Waiting, rep.Checkpoints, rep.Root)
	for _, f := range rep.Findings {
		fmt.Fprintf(e.out, "%-10s %s\n", f.Kind, f.Text)
	}
	if rep.Truncated {
		fmt.Fprintln(e.out, "... and more")
	}
	if rep.OK() {
		fmt.Fprintln(e.out, "Nothing was changed or removed.")
	} else {
		fmt.Fprintln(e.out, "The log is not as it was written. Keep this directory as it is and tell the oversight body.")
	}
	return nil
}

type accessCmd struct {
	Matrix accessMatrixCmd `cmd:"" help:"Print roles x actions x topics with their reach."`
}

type accessMatrixCmd struct {
	JSON bool `name:"json" help:"Print JSON."`
}

func (c *accessMatrixCmd) Run(e *env) error { return e.matrix(c.JSON) }

type userCmd struct {
	Add      userAddCmd      `cmd:"" help:"Add a user; the first password is printed once."`
	List     userListCmd     `cmd:"" help:"List users."`
	Password userPasswordCmd `cmd:"" help:"Give a user a new first password."`
}

type userAddCmd struct {
	dirFlag
	Name    string   `arg:"" help:"Sign-in name."`
	Display string   `required:"" help:"Name on screens."`
	Role    []string `required:"" help:"Roles: border, analyst, supervisor, oversight, admin."`
	Agency  string   `help:"Agency; the node's own when absent."`
	Place   string   `help:"Airport or crossing point of a booth."`
	Lang    string   `default:"ru" enum:"en,ru" help:"Language of the screens."`
}

func (c *userAddCmd) Run(e *env) error {
	for _, r := range c.Role {
		if _, ok := vocab.Lookup(vocab.Roles, r); !ok {
			return record.Errorf(record.Invalid, "%q is no role; use border, analyst, supervisor, oversight or admin", r)
		}
	}
	return withNode(e, c.Dir, func(a *app.App) error {
		agency := c.Agency
		if agency == "" {
			agency = app.Agency(a.Config.Country)
		}
		password, err := a.Authn.NewPassword()
		if err != nil {
			return err
		}
		ctx := record.WithActor(e.ctx, operator())
		if _, err := a.Authn.CreateUser(ctx, c.Name, authn.Profile{Display: c.Display, Agency: agency, Place: c.Place, Roles: c.Role, Lang: c.Lang}, password, true); err != nil {
			return err
		}
		fmt.Fprintf(e.out, "%s signs in with %s; it must be changed at the first sign-in.\n", c.Name, password)
		return nil
	})
}

type userListCmd struct{ dirFlag }

func (c *userListCmd) Run(e *env) error {
	return withNode(e, c.Dir, func(a *app.App) error {
		users, err := a.Authn.ListUsers(e.ctx)
		w := bufio.NewWriter(e.out)
		for _, u := range users {
			state := ""
			if u.Disabled {
				state = "disabled"
			}
			fmt.Fprintf(w, "%-20s %-28s %-12s %-6s %s %s\n", u.Name, u.Display, u.Agency, u.Place, strings.Join(u.Roles, ","), state)
		}
		return errorsJoin(err, w.Flush())
	})
}

type userPasswordCmd struct {
	dirFlag
	Name string `arg:"" help:"Sign-in name."`
}

func (c *userPasswordCmd) Run(e *env) error {
	return withNode(e, c.Dir, func(a *app.App) error {
		u, err := a.Authn.UserByName(e.ctx, c.Name)
		if err != nil {
			return err
		}
		password, err := a.Authn.NewPassword()
		if err != nil {
			return err
		}
		if err := a.Authn.SetPassword(record.WithActor(e.ctx, operator()), u.ID, password); err != nil {
			return err
		}
		fmt.Fprintf(e.out, "%s signs in with %s; it must be changed at the first sign-in.\n", c.Name, password)
		return nil
	})
}

type reindexCmd struct{ dirFlag }

func (c *reindexCmd) Run(e *env) error {
	return withNode(e, c.Dir, func(a *app.App) error {
		last := -1
		err := a.Store.Reindex(e.ctx, func(done, total int) {
			if percent := done * 100 / max(total, 1); percent != last {
				last = percent
				e.say("%d of %d records, %d %%", done, total, percent)
			}
		})
		return err
	})
}

// withNode opens a node that is not running, for one command.
func withNode(e *env, dir string, fn func(*app.App) error) error {
	a, err := app.New(e.ctx, dir, app.Options{Log: e.log, Now: e.now})
	if err != nil {
		return err
	}
	return errorsJoin(fn(a), a.Stop())
}

// operator is who acts on the command line: whoever holds the directory. The audit says which account of the machine.
func operator() record.Actor {
	name := os.Getenv("USER")
	if name == "" {
		name = os.Getenv("USERNAME")
	}
	if name == "" {
		name = "unknown"
	}
	host, err := os.Hostname()
	if err != nil {
		host = "this machine"
	}
	a := record.Machine("command-line", "")
	a.User, a.Display = "operator:"+name, filepath.Base(name)+" at "+host
	a.Purpose.Text = "work at the machine of the node"
	return a
}

type nodeCmd struct {
	TLS  nodeTLSCmd  `cmd:"" name:"tls" help:"Make a certificate authority for this node and a certificate for its names."`
	Keys nodeKeysCmd `cmd:"" help:"Keys of unit and oversight."`
}

type nodeTLSCmd struct {
	dirFlag
	Host []string `required:"" help:"Host name or IP address that officers type into the browser; repeat for more."`
}

func (c *nodeTLSCmd) Run(e *env) error {
	made, err := app.MakeTLS(c.Dir, c.Host, e.now())
	if err != nil {
		return err
	}
	fmt.Fprintf(e.out, `The node has a certificate for %s until %s.

Set http = "0.0.0.0:8443" in %s to be reached from other machines, and start the node again.

Install %s on each officer's machine, and compare its fingerprint by telephone first:
  SHA-256 %s
It can vouch for the names above and for nothing else.

  Windows   as administrator: certutil -addstore Root ca.crt
  Android   Settings, Security, Encryption and credentials, Install a certificate, CA certificate
  Linux     copy to /usr/local/share/ca-certificates/ and run update-ca-certificates; Firefox has a store of its own

Keep ca.key off the network once everybody has the certificate: who has it can pose as this node.
`, strings.Join(c.Host, ", "), made.Until.Format("2006-01-02"), filepath.Join(c.Dir, "sarhad.toml"), made.CA, made.Fingerprint)
	return nil
}
