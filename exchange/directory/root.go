package directory

import (
	"context"
	"fmt"
	"strings"
	"time"

	"sarhad/record"
)

// Sign adds a signature to a draft of a statement, or to a statement that lacks one. What it says is the caller's to show
// before.
func Sign(data []byte, signers ...*Signer) ([]byte, error) {
	if _, err := Parse(data); err != nil {
		return nil, invalid("nothing is signed: %v", err)
	}
	return signNote(data, signers...)
}

// RootSigner is one of the three keys of a country's root.
func RootSigner(country string, seed []byte) (*Signer, error) {
	return NewSigner(rootName(country), seed)
}

// RegistrarSigner signs statements about a country's parties.
func RegistrarSigner(country string, seed []byte) (*Signer, error) {
	return NewSigner(country+"/registrar", seed)
}

// WitnessSigner cosigns checkpoints.
func WitnessSigner(country string, seed []byte) (*Signer, error) {
	return NewSigner(country+"/witness", seed)
}

// DraftGenesis makes the first statement of a directory: two root keys of each country sign it.
func DraftGenesis(g Genesis, at time.Time) ([]byte, error) {
	if err := g.check(); err != nil {
		return nil, invalid("%v", err)
	}
	if !plainName(g.Name) {
		return nil, invalid("%q is no name for a directory: small letters, digits and hyphens are", g.Name)
	}
	return draft(Statement{At: at, Kind: KindGenesis, N: 1, Subject: g.Name}, g)
}

// IdentityOf is the identity of the directory that a genesis statement begins.
func IdentityOf(genesis []byte) (string, error) {
	s, text, err := parse(genesis)
	if err == nil && s.Kind != KindGenesis {
		err = fmt.Errorf("it is a statement of the kind %q", s.Kind)
	}
	if err != nil {
		return "", invalid("this is no genesis statement: %v", err)
	}
	return identity(text), nil
}

// Founder is a country at the beginning of a directory.
type Founder struct {
	Country            string
	Roots              []*Signer // three; two of them sign
	Registrar, Witness string    // public keys, to be appointed for AuthorityLife
}

// Found begins a directory where all roots lie in one hand, as in demonstrations and tests: genesis and appointments wait in the
// log of this node for the cosignatures of the witnesses. A real directory begins at a ceremony.
func (d *Directory) Found(ctx context.Context, name string, quorum int, founders []Founder) error {
	g := Genesis{Name: name, Quorum: quorum}
	for _, f := range founders {
		m := Member{Country: f.Country}
		for _, s := range f.Roots {
			m.Roots = append(m.Roots, s.Public())
		}
		g.Countries = append(g.Countries, m)
	}
	text, err := DraftGenesis(g, d.now())
	if err != nil {
		return err
	}
	for _, f := range founders {
		if text, err = Sign(text, f.Roots[:RootQuorum]...); err != nil {
			return err
		}
	}
	if err := d.Propose(ctx, text); err != nil {
		return err
	}
	for _, f := range founders {
		since := d.now()
		text, err := d.DraftAuthority(f.Country, Authority{Registrar: f.Registrar, Witness: f.Witness, Since: since, Until: since.Add(AuthorityLife)})
		if err == nil {
			text, err = Sign(text, f.Roots[:RootQuorum]...)
		}
		if err == nil {
			err = d.Propose(ctx, text)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// DraftMembers changes countries and quorum: two root keys each of as many countries as the present quorum sign it, and two of
// each country that joins.
func (d *Directory) DraftMembers(g Genesis) ([]byte, error) {
	if err := g.check(); err != nil {
		return nil, invalid("%v", err)
	}
	g.Name = ""
	return d.draft(KindMembers, d.Name(), "", g)
}

// DraftRoots gives a country a new root: two old and two new keys sign it.
func (d *Directory) DraftRoots(country string, r Roots) ([]byte, error) {
	if err := checkRoots(r.Roots); err != nil {
		return nil, invalid("%v", err)
	}
	return d.draft(KindRoots, country, country, r)
}

// DraftAuthority appoints registrar and witness of a country: two root keys sign it.
func (d *Directory) DraftAuthority(country string, a Authority) ([]byte, error) {
	a.Since, a.Until = a.Since.UTC().Truncate(time.Second), a.Until.UTC().Truncate(time.Second)
	if err := a.check(); err != nil {
		return nil, invalid("%v", err)
	}
	return d.draft(KindAuthority, country, country, a)
}

// DraftRevocation ends the keys of a party: the registrar signs it, or two root keys.
func (d *Directory) DraftRevocation(party, reason string) ([]byte, error) {
	e, err := d.Party(party)
	if err != nil {
		return nil, err
	}
	if reason = strings.TrimSpace(reason); reason == "" || len(reason) > maxText {
		return nil, invalid("say why %s is revoked, in at most %d bytes and without names of persons", party, maxText)
	}
	return d.draft(KindRevoke, party, e.Country, Revocation{reason})
}

// DraftParty introduces a party, or says something new about it.
func (d *Directory) DraftParty(p Party) ([]byte, error) {
	p.Since, p.Until = p.Since.UTC().Truncate(time.Second), p.Until.UTC().Truncate(time.Second)
	if err := p.check(d.Identity()); err != nil {
		return nil, invalid("%v", err)
	}
	return d.draft(KindParty, p.ID, p.Country, p)
}

// DraftPeople says who is on duty at a party.
func (d *Directory) DraftPeople(party string, p People) ([]byte, error) {
	e, err := d.latest(party)
	if err != nil {
		return nil, err
	}
	p.Since, p.Until = p.Since.UTC().Truncate(time.Second), p.Until.UTC().Truncate(time.Second)
	if err := p.check(); err != nil {
		return nil, invalid("%v", err)
	}
	return d.draft(KindPeople, party, e.Country, p)
}

// latest is the present statement about a party, also when it waits for cosignatures.
func (d *Directory) latest(id string) (Party, error) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	st := d.state
	if d.tail != nil {
		st = d.tail
	}
	if p := st.parties[id]; p != nil {
		return p.present().Party, nil
	}
	_, err := d.find(id)
	return Party{}, err
}

// draft numbers a statement after those that count and those that wait.
func (d *Directory) draft(kind Kind, subject, country string, body any) ([]byte, error) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	st := d.state
	if d.tail != nil {
		st = d.tail
	}
	if st.size == 0 {
		return nil, record.Errorf(record.Unavailable, "this node has no directory yet")
	}
	return draft(Statement{At: d.now(), In: st.id, Kind: kind, Subject: subject, Country: country, N: st.serials[string(kind)+" "+subject] + 1}, body)
}
