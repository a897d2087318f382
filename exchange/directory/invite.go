package directory

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"sarhad/exchange/directory/words"
	"sarhad/record"
)

// InviteLife is how long an invitation may be answered.
const InviteLife = 14 * 24 * time.Hour

// Invitation introduces a new machine to the directory. Its file is a note signed by the registrar; what is compared by
// telephone are the words of its identity, registrar key and node, because a file can be exchanged on its way.
type Invitation struct {
	At        time.Time `json:"at"`
	Until     time.Time `json:"until"`
	In        string    `json:"in"`   // identity of the directory
	Name      string    `json:"name"` // of the directory
	Country   string    `json:"country"`
	Registrar string    `json:"registrar"` // its key
	Parent    string    `json:"parent"`
	Node      string    `json:"node"`
	Type      Type      `json:"type"`
	Nonce     string    `json:"nonce"` // 16 random bytes, hexadecimal: one invitation, one answer
}

// Invited is an invitation as the registrar keeps it.
type Invited struct {
	Invitation
	Answered time.Time `json:"answered,omitzero"`
}

// Request is what a new machine answers, or an old one asks for when it changes keys. Its file is a note signed by the new sign key.
type Request struct {
	At    time.Time `json:"at"`
	In    string    `json:"in"`
	Nonce string    `json:"nonce,omitempty"` // of the invitation; none for a change of keys
	Party Party     `json:"party"`           // without since and until, which the registrar gives
}

// Invite makes an invitation and keeps it until it is answered.
func (r *Registrar) Invite(ctx context.Context, node string, kind Type, parent, nonce string) (file []byte, inv Invitation, err error) {
	if err := r.MayApprove(); err != nil {
		return nil, inv, err
	}
	ok := kind == Outpost && plainName(parent) || (kind == Node || kind == Hub) && agencyCode(parent, r.Country)
	if !plainName(node) || !ok {
		return nil, inv, invalid("%s %q under %q cannot be invited: a node or hub belongs to an agency such as %s-PIU, an outpost to a node", kind, node, parent, r.Country)
	}
	if parentOf, err := r.Directory.latest(parent); err != nil {
		return nil, inv, err
	} else if parentOf.Country != r.Country {
		return nil, inv, record.Errorf(record.Forbidden, "%s belongs to %s, not to %s", parent, parentOf.Country, r.Country)
	}
	if old, err := r.Directory.latest(node); err == nil && old.Country != r.Country {
		return nil, inv, record.Errorf(record.Conflict, "the name %s belongs to %s: choose another one", node, old.Country)
	}
	now := r.Now().UTC().Truncate(time.Second)
	inv = Invitation{At: now, Until: now.Add(InviteLife), In: r.Directory.Identity(), Name: r.Directory.Name(), Country: r.Country,
		Registrar: r.Signer.Public(), Parent: parent, Node: node, Type: kind, Nonce: nonce}
	if file, err = signJSON(inviteDomain, inv, r.Signer); err != nil {
		return nil, inv, err
	}
	return file, inv, r.keep(ctx, Invited{Invitation: inv})
}

func (r *Registrar) keep(ctx context.Context, i Invited) error {
	data, err := encode(i)
	if err != nil {
		return err
	}
	return r.Directory.store.SetDirectoryNote(ctx, noteInvite+i.Node, data)
}

// Invited gives the invitation of a node; NotFound when it was not invited.
func (r *Registrar) Invited(ctx context.Context, node string) (i Invited, err error) {
	data, err := r.Directory.store.DirectoryNote(ctx, noteInvite+node)
	if err == nil && data == nil {
		err = record.Errorf(record.NotFound, "%s was not invited by this registrar", node)
	}
	if err != nil {
		return i, err
	}
	return i, json.Unmarshal(data, &i)
}

func signJSON(domain string, v any, by *Signer) ([]byte, error) {
	body, err := marshal(v)
	if err != nil {
		return nil, err
	}
	return signNote([]byte(domain+"\n"+string(body)+"\n"), by)
}

// openJSON reads a note in its only form. The signature is checked by the key that key picks from what was read.
func openJSON[T any](domain string, data []byte, key func(T) (name, public string)) (out T, err error) {
	text, _, ok := splitNote(data)
	line, good := bytes.CutPrefix(text, []byte(domain+"\n"))
	line, end := bytes.CutSuffix(line, []byte("\n"))
	if !ok || !good || !end || len(data) > MaxStatement {
		return out, fmt.Errorf("it does not begin with %q", domain)
	}
	if err := canonical(line); err != nil {
		return out, err
	}
	if err := json.Unmarshal(line, &out); err != nil {
		return out, err
	}
	name, public := key(out)
	v, err := newVerifier(name, public, false)
	if err != nil {
		return out, err
	}
	_, _, err = openNote(data, []note.Verifier{v})
	return out, err
}

// ReadInvitation reads the file of an invitation. Whether it is genuine only the telephone tells: see Words.
func ReadInvitation(file []byte) (Invitation, error) {
	inv, err := openJSON(inviteDomain, file, func(i Invitation) (string, string) { return i.Country + "/registrar", i.Registrar })
	if err != nil {
		return inv, invalid("this is no invitation: %v", err)
	}
	return inv, nil
}

// Words are the fingerprint of an invitation, read out by the registrar: directory, registrar key, node and nonce.
func (i Invitation) Words() words.Print {
	return words.Of(inviteDomain, i.In, i.Registrar, i.Country, i.Node, i.Nonce)
}

// Answer makes the request of a new machine. sign signs with its new sign key.
func (i Invitation) Answer(now time.Time, names Names, k Keys, topics []string, reads map[string][]int, addresses []string, ca string, sign *Signer) ([]byte, error) {
	if !now.Before(i.Until) {
		return nil, record.Errorf(record.Conflict, "the invitation of %s ended at %s UTC: ask the registrar of %s for a new one", i.Node, day(i.Until), i.Country)
	}
	p := Party{ID: i.Node, Type: i.Type, Country: i.Country, Parent: i.Parent, Names: names, Keys: k, Topics: topics, Reads: reads, Addresses: addresses, CA: ca}
	return NewRequest(now, i.In, i.Nonce, p, sign)
}

// NewRequest asks the registrar to say something about this machine: without nonce, a change by a machine that is known, such as
// new keys. sign is the new sign key; it proves that the machine holds the keys.
func NewRequest(now time.Time, in, nonce string, p Party, sign *Signer) ([]byte, error) {
	var err error
	message := func(m []byte) ([]byte, error) { return noted{sign}.Sign(m) }
	if p.Proof, err = Prove(in, p.ID, p.Keys, message); err != nil {
		return nil, err
	}
	p.Since, p.Until = now.UTC().Truncate(time.Second), now.UTC().Truncate(time.Second).Add(PartyLife)
	if err := p.check(in); err != nil {
		return nil, invalid("%v", err)
	}
	named := &Signer{p.ID, sign.key}
	return signJSON(requestDomain, Request{At: now.UTC().Truncate(time.Second), In: in, Nonce: nonce, Party: p}, named)
}

// ReadRequest reads the file of a request.
func ReadRequest(file []byte) (Request, error) {
	r, err := openJSON(requestDomain, file, func(r Request) (string, string) {
		for _, k := range r.Party.Keys.Sign {
			if strings.HasPrefix(k, SuiteEd25519+":") {
				return r.Party.ID, k
			}
		}
		return r.Party.ID, ""
	})
	if err == nil {
		err = r.Party.check(r.In)
	}
	if err != nil {
		return r, invalid("this is no request of a node: %v", err)
	}
	return r, nil
}

// Words are the fingerprint of a request, read out by the new machine: all its keys, its name and the nonce.
func (r Request) Words() words.Print {
	return words.Of(append([]string{requestDomain, r.In, r.Party.ID, r.Nonce}, r.Party.Keys.all()...)...)
}

// Approve signs what a machine asks for, after its words were compared by telephone. An invitation is answered once. A machine that
// is known and current may ask without one.
func (r *Registrar) Approve(ctx context.Context, q Request) error {
	if err := r.MayApprove(); err != nil {
		return err
	}
	if q.In != r.Directory.Identity() || q.Party.Country != r.Country {
		return record.Errorf(record.Forbidden, "the request is for %s in another directory or country than this registrar's", q.Party.ID)
	}
	if q.Nonce == "" {
		return r.approveChange(ctx, q)
	}
	i, err := r.Invited(ctx, q.Party.ID)
	if err != nil {
		return err
	}
	switch {
	case i.Nonce != q.Nonce:
		return record.Errorf(record.Forbidden, "the request answers another invitation than the last one for %s", q.Party.ID)
	case !i.Answered.IsZero():
		return record.Errorf(record.Conflict, "the invitation for %s was answered at %s UTC: an invitation counts once; invite it again if it is really to change", q.Party.ID, day(i.Answered))
	case !r.Now().Before(i.Until):
		return record.Errorf(record.Conflict, "the invitation for %s ended at %s UTC: invite it again", q.Party.ID, day(i.Until))
	case i.Type != q.Party.Type || i.Parent != q.Party.Parent:
		return record.Errorf(record.Forbidden, "%s was invited as %s under %s, not as %s under %s", q.Party.ID, i.Type, i.Parent, q.Party.Type, q.Party.Parent)
	}
	if err := r.Introduce(ctx, q.Party); err != nil {
		return err
	}
	i.Answered = r.Now().UTC().Truncate(time.Second)
	return r.keep(ctx, i)
}

// approveChange signs a change of a machine that is known: its type and place stay.
func (r *Registrar) approveChange(ctx context.Context, q Request) error {
	e, err := r.Directory.Party(q.Party.ID)
	if err != nil {
		return err
	}
	if e.State != Current || e.Type != q.Party.Type || e.Parent != q.Party.Parent {
		return record.Errorf(record.Forbidden, "%s cannot ask for a change without an invitation: it is %s, a %s under %s. Invite it again", e.ID, e.State, e.Type, e.Parent)
	}
	return r.Introduce(ctx, q.Party)
}
