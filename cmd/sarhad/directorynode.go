package main

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"text/tabwriter"
	"time"

	"sarhad/app"
	"sarhad/exchange/directory"
	"sarhad/exchange/directory/nodekeys"
	prints "sarhad/exchange/directory/words"
	"sarhad/internal/local"
	"sarhad/record"
)

// nodeNetwork is the node in the network: the commands of a registrar, and accept and rekey of a node.
type nodeNetwork struct {
	Invite  nodeInviteCmd  `cmd:"" help:"Invite a new node, as registrar; prints the invitation."`
	Accept  nodeAcceptCmd  `cmd:"" help:"Accept an invitation on the new node: makes its keys and prints a request."`
	Approve nodeApproveCmd `cmd:"" help:"Sign what a node asks for, as registrar, after its words were compared by telephone."`
	List    nodeListCmd    `cmd:"" help:"List the nodes of the network and how long their keys hold."`
	Revoke  nodeRevokeCmd  `cmd:"" help:"End the keys of a node for good, as registrar: lost, stolen, closed."`
	Renew   nodeRenewCmd   `cmd:"" help:"Renew what is older than 20 days, or the named, for 30 days, as registrar."`
	Rekey   nodeRekeyCmd   `cmd:"" help:"Make new keys for this node and print the request to have them signed."`
}

// invitationFile is what a registrar hands over: the invitation, and the directory so far.
type invitationFile struct {
	Invitation string           `json:"invitation"`
	Directory  directory.Bundle `json:"directory"`
}

type nodeInviteCmd struct {
	dirFlag
	For    string `required:"" help:"Name of the new node: small letters, digits, hyphens."`
	Agency string `required:"" help:"Agency it belongs to, UZB-PIU; for an outpost, the node."`
	Type   string `default:"node" enum:"node,outpost,hub" help:"What it is: ${enum}."`
}

func (c *nodeInviteCmd) Run(e *env) error {
	return withDirectory(e, c.Dir, "invite", func(a *app.App, d *directory.Directory) error {
		r, err := a.Registrar(e.ctx)
		if err != nil {
			return err
		}
		nonce := make([]byte, 16)
		if _, err := rand.Read(nonce); err != nil {
			return err
		}
		note, inv, err := r.Invite(e.ctx, c.For, directory.Type(c.Type), c.Agency, hex.EncodeToString(nonce))
		if err != nil {
			return err
		}
		bundle, err := d.Missing(e.ctx, 0)
		if err != nil {
			return err
		}
		if err := e.json(invitationFile{string(note), bundle}); err != nil {
			return err
		}
		e.sayWords("Read these words to the people at "+c.For+" by telephone; they type them in:", inv.Words())
		e.say("The invitation may be answered until %s UTC.", inv.Until.Format("2006-01-02 15:04"))
		return nil
	})
}

func (e *env) sayWords(what string, p prints.Print) {
	fmt.Fprintf(e.errs, "%s\n  en: %s\n  ru: %s\n", what, p, p.In("ru"))
}

// heard compares what was typed with a print.
func heard(said, who string, p prints.Print) error {
	if said == "" {
		return record.Errorf(record.Invalid, "nothing was done: telephone %s, let them read their eight words, and type this command again with --words \"...\". Take the number from elsewhere, not from the file", who)
	}
	if err := p.Heard(said); err != nil {
		return record.Errorf(record.Forbidden, "nothing was done: %v", err)
	}
	return nil
}

type nodeAcceptCmd struct {
	dirFlag
	File    string   `arg:"" type:"existingfile" help:"The invitation."`
	Words   string   `help:"The eight words that the registrar read out by telephone, in English or Russian."`
	Topic   []string `help:"Topics that the node takes part in."`
	Address []string `help:"Of a hub: host:port or wss://host:port."`
	CA      string   `type:"existingfile" help:"Of a hub: its certificate authority, PEM."`
	namesFlags
}

func (c *nodeAcceptCmd) Run(e *env) error {
	data, err := local.ReadFile(e.files, c.File)
	if err != nil {
		return err
	}
	var file invitationFile
	if err := json.Unmarshal(data, &file); err != nil {
		return record.Errorf(record.Invalid, "%s is no invitation", c.File)
	}
	inv, err := directory.ReadInvitation([]byte(file.Invitation))
	if err != nil {
		return err
	}
	if err := heard(c.Words, "the registrar of "+inv.Country, inv.Words()); err != nil {
		return err
	}
	ca, err := c.certificate(e)
	if err != nil {
		return err
	}
	return withDirectory(e, c.Dir, "accept", func(a *app.App, d *directory.Directory) error {
		if a.Config.Name != inv.Node || a.Config.Country != inv.Country {
			return record.Errorf(record.Conflict, "the invitation is for %s of %s, and this node is %s of %s", inv.Node, inv.Country, a.Config.Name, a.Config.Country)
		}
		if err := c.take(e, d, inv, file.Directory); err != nil {
			return err
		}
		g, err := unsigned(a, d)
		if err != nil {
			return err
		}
		s, err := g.Signer(a.Config.Name)
		if err != nil {
			return err
		}
		request, err := inv.Answer(e.now(), c.names(inv.Node), g.Public, c.Topic, app.Reads(), c.Address, ca, s)
		return e.request(request, err)
	})
}

// take takes up the directory that came with an invitation: it must know the registrar who signed it.
func (c *nodeAcceptCmd) take(e *env, d *directory.Directory, inv directory.Invitation, b directory.Bundle) error {
	if err := d.Pin(e.ctx, inv.In); err != nil {
		return err
	}
	data, err := b.Encode()
	if err != nil {
		return err
	}
	if size, _ := d.Size(); size == 0 { // a node that is asked again has it
		if _, err := d.Take(e.ctx, data); err != nil {
			return err
		}
	}
	if d.Registrar(inv.Country) != inv.Registrar {
		return record.Errorf(record.Forbidden, "the invitation is signed by a key that %s has not appointed, or not any more", inv.Country)
	}
	return nil
}

func (c *nodeAcceptCmd) certificate(e *env) (string, error) {
	if c.CA == "" {
		return "", nil
	}
	data, err := local.ReadFile(e.files, c.CA)
	if err != nil {
		return "", err
	}
	block, _ := pem.Decode(data)
	if block == nil || block.Type != "CERTIFICATE" {
		return "", record.Errorf(record.Invalid, "%s holds no certificate in PEM form", c.CA)
	}
	return base64.StdEncoding.EncodeToString(block.Bytes), nil
}

// unsigned gives the newest generation of keys that no statement names yet, and makes one when there is none.
func unsigned(a *app.App, d *directory.Directory) (nodekeys.Generation, error) {
	set := a.NodeKeys()
	all, err := set.All()
	if err != nil {
		return nodekeys.Generation{}, err
	}
	if n := len(all); n > 0 && d.KeyState(a.Config.Name, all[n-1].Public.Sign[0]) == "" {
		return all[n-1], nil
	}
	return set.Make()
}

// request prints a request and its words.
func (e *env) request(file []byte, err error) error {
	if err != nil {
		return err
	}
	q, err := directory.ReadRequest(file)
	if err != nil {
		return err
	}
	if _, err := e.out.Write(file); err != nil {
		return err
	}
	e.sayWords("Send this request to the registrar, and read these words to them by telephone:", q.Words())
	return nil
}

type nodeApproveCmd struct {
	dirFlag
	File  string `arg:"" type:"existingfile" help:"The request."`
	Words string `help:"The eight words that the people at the node read out by telephone, in English or Russian."`
}

func (c *nodeApproveCmd) Run(e *env) error {
	data, err := local.ReadFile(e.files, c.File)
	if err != nil {
		return err
	}
	q, err := directory.ReadRequest(data)
	if err != nil {
		return err
	}
	if err := heard(c.Words, "the people at "+q.Party.ID, q.Words()); err != nil {
		return err
	}
	return withDirectory(e, c.Dir, "approve", func(a *app.App, _ *directory.Directory) error {
		r, err := a.Registrar(e.ctx)
		if err != nil {
			return err
		}
		return e.waits(r.Approve(e.ctx, q), q.Party.ID)
	})
}

type nodeListCmd struct {
	dirFlag
	jsonFlag
}

func (c *nodeListCmd) Run(e *env) error {
	return withDirectory(e, c.Dir, "list", func(_ *app.App, d *directory.Directory) error {
		machines := []directory.Entry{}
		for _, p := range d.Parties() {
			if p.Type.HasKeys() {
				machines = append(machines, p)
			}
		}
		if c.JSON {
			return e.json(machines)
		}
		w := tabwriter.NewWriter(e.out, 0, 4, 2, ' ', 0)
		for _, p := range machines {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\tuntil %s\t%s\n", p.ID, p.Type, p.Parent, p.State, p.Until.UTC().Format(time.DateOnly), p.Why)
		}
		return w.Flush()
	})
}

type nodeRevokeCmd struct {
	dirFlag
	Node   string `arg:"" help:"The node."`
	Reason string `required:"" help:"Why, without names of persons; every country reads it."`
}

func (c *nodeRevokeCmd) Run(e *env) error {
	return withDirectory(e, c.Dir, "revoke", func(a *app.App, _ *directory.Directory) error {
		r, err := a.Registrar(e.ctx)
		if err != nil {
			return err
		}
		return e.waits(r.Revoke(e.ctx, c.Node, c.Reason), c.Node)
	})
}

type nodeRenewCmd struct {
	dirFlag
	Node []string `arg:"" optional:"" help:"These only, whether they are due or not."`
}

func (c *nodeRenewCmd) Run(e *env) error {
	return withDirectory(e, c.Dir, "renew", func(a *app.App, _ *directory.Directory) error {
		r, err := a.Registrar(e.ctx)
		if err != nil {
			return err
		}
		done, err := r.Renew(e.ctx, c.Node...)
		for _, id := range done {
			fmt.Fprintf(e.out, "%s is renewed for 30 days, once cosigned\n", id)
		}
		if err == nil && len(done) == 0 {
			fmt.Fprintln(e.out, "Nothing is due.")
		}
		return err
	})
}

type nodeRekeyCmd struct{ dirFlag }

func (c *nodeRekeyCmd) Run(e *env) error {
	return withDirectory(e, c.Dir, "rekey", func(a *app.App, d *directory.Directory) error {
		me, err := d.Party(a.Config.Name)
		if err != nil {
			return err
		}
		g, err := unsigned(a, d)
		if err != nil {
			return err
		}
		s, err := g.Signer(a.Config.Name)
		if err != nil {
			return err
		}
		p := me.Party
		p.Keys, p.Reads = g.Public, app.Reads()
		request, err := directory.NewRequest(e.now(), d.Identity(), "", p, s)
		return e.request(request, err)
	})
}
