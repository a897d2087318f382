package app

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"path/filepath"
	"slices"

	"sarhad/exchange/directory"
	"sarhad/internal/config"
	"sarhad/record"
)

// Member is one node of a region that is set up on one machine: a demonstration, a test, a measurement.
type Member struct {
	Dir    string // made by Init
	Agency string // it belongs to: "" = the country's Agency
	Node   string // of an outpost: the node it belongs to
	Names  directory.Names
	People []directory.Person
	Topics []string
}

// MakeRegion introduces nodes to each other: a directory is begun by their countries, whose first node is registrar and witness, and
// every node is invited, accepted and approved in it. It does in one process, with root keys that nobody keeps, what countries do in a
// ceremony and over the telephone; it is never the way of a node in production. None of the nodes may be serving.
func MakeRegion(ctx context.Context, name string, members []Member, opt Options) (err error) {
	r := &regionMaker{ctx: record.WithActor(ctx, record.Machine("region", "")), opt: opt, first: map[string]*App{}, roots: map[string][]*directory.Signer{}}
	defer func() { err = errors.Join(err, r.close()) }()
	if err := r.open(members); err != nil {
		return err
	}
	if err := r.begin(name); err != nil {
		return err
	}
	if err := r.introduce(members); err != nil {
		return err
	}
	return r.join(members)
}

type regionMaker struct {
	ctx       context.Context
	opt       Options
	apps      []*App // of the members
	countries []string
	first     map[string]*App // registrar and witness, by country
	roots     map[string][]*directory.Signer
	keeper    *directory.Directory
}

func (r *regionMaker) close() (err error) {
	for _, a := range r.apps {
		err = errors.Join(err, a.Stop())
	}
	return err
}

// open opens the nodes and makes the keys of their countries.
func (r *regionMaker) open(members []Member) error {
	for _, m := range members {
		a, err := New(r.ctx, m.Dir, r.opt)
		if err != nil {
			return err
		}
		r.apps = append(r.apps, a)
		code := a.Config.Country
		if r.first[code] != nil {
			continue
		}
		r.first[code] = a
		r.countries = append(r.countries, code)
		if _, _, err := a.MakeCountryKeys(r.ctx); err != nil {
			return err
		}
		for range directory.RootKeys {
			seed := make([]byte, ed25519.SeedSize)
			if _, err := rand.Read(seed); err != nil {
				return err
			}
			root, err := directory.RootSigner(code, seed)
			if err != nil {
				return err
			}
			r.roots[code] = append(r.roots[code], root)
		}
	}
	return nil
}

// begin makes the genesis and appoints registrars and witnesses.
func (r *regionMaker) begin(name string) (err error) {
	if r.keeper, err = r.apps[0].Directory(r.ctx); err != nil {
		return err
	}
	var founders []directory.Founder
	for _, code := range r.countries {
		registrar, witness, err := r.first[code].CountryKeys()
		if err != nil {
			return err
		}
		founders = append(founders, directory.Founder{Country: code, Roots: r.roots[code], Registrar: registrar, Witness: witness})
	}
	if err := r.keeper.Found(r.ctx, name, len(r.countries)/2+1, founders); err != nil {
		return err
	}
	for _, a := range r.apps[1:] {
		d, err := a.Directory(r.ctx)
		if err != nil {
			return err
		}
		if err := d.Pin(r.ctx, r.keeper.Identity()); err != nil {
			return err
		}
	}
	return r.publish()
}

// publish has all countries cosign what waits, and gives it to every node.
func (r *regionMaker) publish() error {
	have, _ := r.keeper.Size()
	draft, err := r.keeper.Draft(have)
	if err != nil {
		return err
	}
	data, err := draft.Encode()
	if err != nil {
		return err
	}
	var words [][]byte
	for _, code := range r.countries {
		w, err := r.first[code].Witness(r.ctx)
		if err != nil {
			return err
		}
		word, err := w.Cosign(r.ctx, data)
		if err != nil {
			return err
		}
		words = append(words, word)
	}
	bundle, err := directory.Join(draft, words...)
	if err != nil {
		return err
	}
	if data, err = bundle.Encode(); err != nil {
		return err
	}
	for _, a := range r.apps {
		d, err := a.Directory(r.ctx)
		if err != nil {
			return err
		}
		if _, err := d.Take(r.ctx, data); err != nil {
			return err
		}
	}
	return nil
}

func (r *regionMaker) registrar(code string) (*directory.Registrar, error) {
	a := r.first[code]
	a.who.submit = r.keeper.Propose
	return a.Registrar(r.ctx)
}

// introduce says which countries and agencies there are.
func (r *regionMaker) introduce(members []Member) error {
	seen := map[string]bool{}
	say := func(p directory.Party) error {
		if seen[p.ID] {
			return nil
		}
		seen[p.ID] = true
		reg, err := r.registrar(p.Country)
		if err != nil {
			return err
		}
		return reg.Introduce(r.ctx, p)
	}
	for i, m := range members {
		code := r.apps[i].Config.Country
		agency := memberAgency(m, code)
		err := errors.Join(
			say(directory.Party{ID: code, Type: directory.Country, Country: code, Names: directory.Names{En: code, Ru: code}}),
			say(directory.Party{ID: agency, Type: directory.Agency, Country: code, Parent: code, Names: directory.Names{En: agency, Ru: agency}}))
		if err != nil {
			return err
		}
	}
	return r.publish()
}

func memberAgency(m Member, code string) string {
	if m.Agency != "" {
		return m.Agency
	}
	return Agency(code)
}

// join invites every node and approves it: nodes first, then the outposts that belong to them.
func (r *regionMaker) join(members []Member) error {
	for _, outposts := range []bool{false, true} {
		for i, m := range members {
			if (m.Node != "") == outposts {
				if err := r.joinOne(r.apps[i], m); err != nil {
					return err
				}
			}
		}
	}
	if err := r.publish(); err != nil {
		return err
	}
	return r.staff(members)
}

// staff says who is on duty, once every registrar knows the node.
func (r *regionMaker) staff(members []Member) error {
	for i, m := range members {
		if len(m.People) == 0 {
			continue
		}
		reg, err := r.registrar(r.apps[i].Config.Country)
		if err != nil {
			return err
		}
		if err := reg.Staff(r.ctx, r.apps[i].Config.Name, m.People); err != nil {
			return err
		}
	}
	return r.publish()
}

func (r *regionMaker) joinOne(a *App, m Member) error {
	reg, err := r.registrar(a.Config.Country)
	if err != nil {
		return err
	}
	kind := map[config.Role]directory.Type{config.Node: directory.Node, config.Outpost: directory.Outpost, config.Hub: directory.Hub}[a.Config.Role]
	parent := m.Node
	if parent == "" {
		parent = memberAgency(m, a.Config.Country)
	}
	nonce := make([]byte, 16)
	if _, err := rand.Read(nonce); err != nil {
		return err
	}
	file, _, err := reg.Invite(r.ctx, a.Config.Name, kind, parent, hex.EncodeToString(nonce))
	if err != nil {
		return err
	}
	invitation, err := directory.ReadInvitation(file)
	if err != nil {
		return err
	}
	keys, err := a.NodeKeys().Make()
	if err != nil {
		return err
	}
	signer, err := keys.Signer(a.Config.Name)
	if err != nil {
		return err
	}
	addresses, ca, err := hubAddress(a.Config)
	if err != nil {
		return err
	}
	request, err := invitation.Answer(r.opt.Now(), m.Names, keys.Public, m.Topics, Reads(), addresses, ca, signer)
	if err != nil {
		return err
	}
	q, err := directory.ReadRequest(request)
	if err != nil {
		return err
	}
	return reg.Approve(r.ctx, q)
}

// hubAddress is what a hub tells of itself: where it listens and the authority of its certificate.
func hubAddress(c config.Config) (addresses []string, ca string, err error) {
	if c.Role != config.Hub {
		return nil, "", nil
	}
	der, err := readPEM(filepath.Join(c.DataDir, keysDir, caCertFile))
	if err != nil {
		return nil, "", err
	}
	addresses = slices.DeleteFunc([]string{c.HubListen}, func(s string) bool { return s == "" })
	return addresses, base64.StdEncoding.EncodeToString(der), nil
}
