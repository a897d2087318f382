package main

import (
	"bufio"
	"fmt"
	"path/filepath"
	"strings"

	"sarhad/app"
	"sarhad/internal/authn"
	"sarhad/internal/config"
	"sarhad/record"
	"sarhad/record/access"
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

// Run makes the node and prints its secrets, each as a sheet for its keeper; nothing of them stays.
func (c *initCmd) Run(e *env) error {
	if err := e.alone(c.Dir); err != nil {
		return err
	}
	phrases, err := newPhrases()
	if err != nil {
		return err
	}
	var told []sheet
	secret := func(what, secret string) { told = append(told, secretSheets(what, secret)...) }
	password, err := app.Init(e.ctx, c.Dir, app.Setup{Role: c.Role, Country: c.Country, Name: c.Name, HTTP: c.HTTP, Admin: c.Admin, Now: e.now,
		Secret: secret, Phrases: phrases})
	if err != nil {
		return err
	}
	conf, err := config.Load(c.Dir)
	if err != nil {
		return err
	}
	fmt.Fprintf(e.out, initSteps, c.Dir, c.Dir, c.Dir, c.Admin)
	all := []sheet{{"First password", "the administrator, until the first sign-in; it must be changed there.", "the sign-in as " + c.Admin + ".", password}}
	all = append(append(all, phraseSheets(phrases)...), told...)
	e.sheets(conf.Name, all...)
	return nil
}

// initSteps is what is next, before the sheets, which are cut away from it.
const initSteps = `A node stands in %s.

  1. Print this page, cut it at the lines, and give each sheet to its keeper: they are shown now and never again.
  2. Take the keys of the node out, for the same safes as the recovery key: sarhad node keys export --dir %s FILE
  3. Start the node: sarhad serve --dir %s
     and sign in as %s.

`

type serveCmd struct {
	dirFlag
	HTTP string `help:"Listen here instead of the address in the settings."`
}

// Run serves until it is interrupted, and lets commands in meanwhile.
func (c *serveCmd) Run(e *env) error {
	if err := e.alone(c.Dir); err != nil {
		return err
	}
	a, err := app.New(e.ctx, c.Dir, app.Options{Log: e.log, Now: e.now, HTTP: c.HTTP})
	if err != nil {
		return err
	}
	if err := a.Start(e.ctx); err != nil {
		return errorsJoin(err, a.Stop())
	}
	end := e.letIn(a, "serve")
	e.say("Serving %s. End it with Ctrl+C.", a.URL())
	<-e.ctx.Done()
	end()
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

// Run reads beside a running node, without its lock; what was changed or removed costs exit code 1.
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
	fmt.Fprintf(e.out, "%s, %d in the log, %d waiting; %s; %s.\nroot %s\n", count(rep.Rows, "act"), rep.Size, rep.Waiting,
		number(rep.Checkpoints, "signed checkpoint agrees", "signed checkpoints agree"), number(rep.Signatures, "signature of an officer holds", "signatures of officers hold"), rep.Root)
	for _, l := range rep.Lives {
		fmt.Fprintf(e.out, "%-10s %s\n", "restored", l.Text)
	}
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

// Run prints the table that every door asks; it needs no node.
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

// Run makes an account with a first password that is printed once and must be changed.
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
		if _, err := a.Authn.CreateUser(e.ctx, c.Name, authn.Profile{Display: c.Display, Agency: agency, Place: c.Place, Roles: c.Role, Lang: c.Lang}, password, true); err != nil {
			return err
		}
		fmt.Fprintf(e.out, "%s signs in with %s; it must be changed at the first sign-in.\n", c.Name, password)
		return nil
	})
}

type userListCmd struct{ dirFlag }

// Run prints the accounts; that they were shown is an act in the log.
func (c *userListCmd) Run(e *env) error {
	return withNode(e, c.Dir, func(a *app.App) error {
		users, err := a.Authn.ListUsers(e.ctx)
		if err != nil {
			return err
		}
		if err := e.seen(a, "list", access.Users, len(users), userIDs(users)); err != nil {
			return err
		}
		w := bufio.NewWriter(e.out)
		for _, u := range users {
			state := ""
			if u.Disabled {
				state = "disabled"
			}
			fmt.Fprintf(w, "%-20s %-28s %-12s %-6s %s %s\n", u.Name, u.Display, u.Agency, u.Place, strings.Join(u.Roles, ","), state)
		}
		return w.Flush()
	})
}

func userIDs(users []authn.User) string {
	var ids []record.ID
	for _, u := range users {
		if id, err := record.ParseID(u.ID); err == nil {
			ids = append(ids, id)
		}
	}
	return record.HashIDs(ids)
}

type userPasswordCmd struct {
	dirFlag
	Name string `arg:"" help:"Sign-in name."`
}

// Run replaces a forgotten password; sessions that are open end.
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
		if err := a.Authn.SetPassword(e.ctx, u.ID, password); err != nil {
			return err
		}
		fmt.Fprintf(e.out, "%s signs in with %s; it must be changed at the first sign-in.\n", c.Name, password)
		return nil
	})
}

type reindexCmd struct{ dirFlag }

// Run builds the index anew from the bodies; broken off, a running node finishes it.
func (c *reindexCmd) Run(e *env) error {
	return withHouse(e, c.Dir, func(a *app.App) error {
		if err := e.seen(a, "reindex", "", 0, ""); err != nil {
			return err
		}
		last := -1
		err := a.Store.Reindex(e.ctx, func(done, total int) {
			if percent := done * 100 / max(total, 1); percent != last {
				last = percent
				e.say("%d of %s, %d %%", done, count(total, "record"), percent)
			}
		})
		if err != nil && e.inside != nil {
			a.FinishIndex() // half an index serves nobody: the node goes on where this command ended
		}
		return err
	})
}

type nodeCmd struct {
	Keys keysCmd    `cmd:"" help:"The secrets of the node: make, export, import."`
	TLS  nodeTLSCmd `cmd:"" name:"tls" help:"Make a certificate authority for this node and a certificate for its names."`

	nodeNetwork // in the network: invite, accept, approve ...
}

type nodeTLSCmd struct {
	dirFlag
	Host []string `help:"Host name or IP address that officers type into the browser; repeat for more. Without it the present certificate is renewed for its names."`
}

// Run makes or renews the certificate and says how machines come to trust it.
func (c *nodeTLSCmd) Run(e *env) error {
	made, err := app.MakeTLS(c.Dir, c.Host, e.now())
	if err != nil {
		return err
	}
	fmt.Fprintf(e.out, installSteps, strings.Join(made.Hosts, ", "), made.Until.Format("2006-01-02"), filepath.Join(c.Dir, "sarhad.toml"), made.CA, made.Fingerprint)
	return nil
}

// installSteps is what stands between a certificate and officers who can use it. The guide has the same in Russian.
const installSteps = `The node has a certificate for %s until %s.

Set http = "0.0.0.0:8443" in %s to be reached from other machines, and start the node once again. A running
node reads a renewed certificate by itself within a minute, and warns in its log 30 days before one ends. To renew it, run
sarhad node tls again; without --host it keeps the names.

Install %s on each officer's machine, and compare its fingerprint by telephone first:
  SHA-256 %s
It can vouch for the names above and for nothing else.

Windows, one machine, as administrator:
  certutil -addstore -f Root ca.crt
  or: double click ca.crt, Install Certificate, Local Machine, Place all certificates in the following store, Browse,
  Trusted Root Certification Authorities, OK, Next, Finish.
Windows, a whole domain: Group Policy Management, Computer Configuration, Policies, Windows Settings, Security Settings,
  Public Key Policies, Trusted Root Certification Authorities, right click, Import, ca.crt; then gpupdate /force.
Firefox on Windows follows the system when security.enterprise_roots.enabled is true (about:config).

Android 11 and later: copy ca.crt to the phone. Settings, Security and privacy, More security settings, Encryption and
  credentials, Install a certificate, CA certificate, Install anyway, choose ca.crt. Chrome trusts it; Firefox only when
  Settings, About Firefox, five taps on the logo, then Settings, Secret settings, Use third party CA certificates is on.

Linux: copy it to /usr/local/share/ca-certificates/ and run update-ca-certificates; Chromium and Firefox have stores of
  their own: Settings, Certificates, Authorities, Import.

To check: open https://HOST:8443 in the browser. There must be no warning.
Passkeys work at a host name, not at an IP address.

Keep ca.key off the network once everybody has the certificate, and bring it back to renew: who has it can pose as this node.
`
