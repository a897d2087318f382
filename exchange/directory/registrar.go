package directory

import (
	"context"
	"slices"
	"strings"
	"time"

	"sarhad/record"
)

// Registrar signs what is said about the parties of one country and hands it to Submit: Directory.Propose where this node keeps the
// log, else a message to the node that does.
type Registrar struct {
	Country   string
	Signer    *Signer
	Directory *Directory
	Now       func() time.Time
	Submit    func(ctx context.Context, statement []byte) error
}

// Introduce signs a statement about a party for 30 days from now. Keys of a new machine come from a request (Approve).
func (r *Registrar) Introduce(ctx context.Context, p Party) error {
	p.Since = r.Now()
	p.Until = p.Since.Add(PartyLife)
	text, err := r.Directory.DraftParty(p)
	return r.sign(ctx, text, err)
}

// Staff signs who is on duty at a party, for 30 days from now.
func (r *Registrar) Staff(ctx context.Context, party string, people []Person) error {
	since := r.Now()
	text, err := r.Directory.DraftPeople(party, People{people, since, since.Add(PartyLife)})
	return r.sign(ctx, text, err)
}

// Revoke ends the keys of a party.
func (r *Registrar) Revoke(ctx context.Context, party, reason string) error {
	text, err := r.Directory.DraftRevocation(party, reason)
	return r.sign(ctx, text, err)
}

func (r *Registrar) sign(ctx context.Context, text []byte, err error) error {
	if err != nil {
		return err
	}
	signed, err := Sign(text, r.Signer)
	if err != nil {
		return err
	}
	return r.Submit(ctx, signed)
}

// Renew renews what is due: statements about this country's parties and their people that are older than RenewFrom and neither
// revoked nor ended on purpose. It tells for whom. Nobody needs to be asked: a party proves its keys once, and who should not
// be renewed is revoked.
func (r *Registrar) Renew(ctx context.Context, only ...string) (done []string, err error) {
	for _, due := range r.due(only) {
		if due.people == nil {
			err = r.Introduce(ctx, due.party)
		} else {
			err = r.Staff(ctx, due.party.ID, due.people)
		}
		if err != nil {
			return done, err
		}
		if !slices.Contains(done, due.party.ID) {
			done = append(done, due.party.ID)
		}
	}
	return done, nil
}

type due struct {
	party  Party
	people []Person // nil = the party itself
}

func (r *Registrar) due(only []string) (out []due) {
	d := r.Directory
	d.mu.RLock()
	defer d.mu.RUnlock()
	st := d.state
	if d.tail != nil {
		st = d.tail
	}
	now := r.Now()
	for _, id := range sortedParties(st) {
		p := st.parties[id]
		s := p.present()
		if s.Country != r.Country || p.gone(s.leaf) != nil || len(only) > 0 && !slices.Contains(only, id) {
			continue
		}
		if len(only) > 0 || !now.Before(s.Since.Add(RenewFrom)) {
			out = append(out, due{party: s.Party})
		}
		if on := st.people[id]; on != nil && (len(only) > 0 || !now.Before(on.Since.Add(RenewFrom))) {
			out = append(out, due{s.Party, on.People.People})
		}
	}
	return out
}

func sortedParties(st *state) []string {
	out := make([]string, 0, len(st.parties))
	for id := range st.parties {
		out = append(out, id)
	}
	slices.SortFunc(out, strings.Compare)
	return out
}

// MayApprove says whether this signer is the country's registrar as the directory stands.
func (r *Registrar) MayApprove() error {
	d := r.Directory
	d.mu.RLock()
	defer d.mu.RUnlock()
	st := d.state
	if d.tail != nil {
		st = d.tail
	}
	c := st.countries[r.Country]
	if c == nil || c.appointed == 0 || c.authority.Registrar != r.Signer.Public() {
		return record.Errorf(record.Forbidden, "this node is not the registrar of %s: its root has appointed nobody, or somebody else", r.Country)
	}
	return nil
}
