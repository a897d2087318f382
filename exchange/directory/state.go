package directory

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// state is what a prefix of the log says. It depends on the leaves alone, never on a clock, so that everybody who has the
// same leaves believes the same.
type state struct {
	size      int64
	id        string // identity of the directory
	name      string
	quorum    int
	countries map[string]*country
	parties   map[string]*party
	people    map[string]*onDuty
	serials   map[string]int64  // last n by kind and subject
	owner     map[string]string // whose a key is, for ever
	left      map[string]int64  // leaf by which a country left
	epochs    []epoch           // who cosigns, from which size on
}

type country struct {
	code      string
	roots     []string
	authority Authority
	appointed int64 // leaf of the authority, from 1; 0 = none yet
}

// epoch is who cosigns checkpoints of at least from leaves.
type epoch struct {
	from      int64
	quorum    int
	witnesses map[string]string // key by country
}

// party is all that was ever said about a party.
type party struct {
	said    []said
	revoked []revoked
}

type said struct {
	leaf int64 // from 1
	n    int64
	Party
}

// revoked ends what was said from leaf from on and before leaf.
type revoked struct {
	leaf, from int64
	reason     string
	void       bool // the registrar's key was stolen, not the party's: the party may go on with its keys
}

type onDuty struct {
	leaf int64
	n    int64
	People
}

func newState() *state {
	return &state{countries: map[string]*country{}, parties: map[string]*party{}, people: map[string]*onDuty{}, serials: map[string]int64{}, owner: map[string]string{}, left: map[string]int64{}}
}

// clone makes a state that can be changed without changing this one. What lies behind pointers is replaced, never changed.
func (s *state) clone() *state {
	c := *s
	c.countries, c.parties, c.people = maps.Clone(s.countries), maps.Clone(s.parties), maps.Clone(s.people)
	c.serials, c.owner, c.left, c.epochs = maps.Clone(s.serials), maps.Clone(s.owner), maps.Clone(s.left), slices.Clip(s.epochs)
	return &c
}

// at gives who cosigns a checkpoint of a size.
func (s *state) at(size int64) epoch {
	for _, e := range slices.Backward(s.epochs) {
		if e.from <= size {
			return e
		}
	}
	return epoch{}
}

func (e epoch) verifiers() (out []note.Verifier) {
	for _, c := range slices.Sorted(maps.Keys(e.witnesses)) {
		if v, err := newVerifier(c+"/witness", e.witnesses[c], true); err == nil {
			out = append(out, v)
		}
	}
	return out
}

// turn writes down who cosigns from this leaf on.
func (s *state) turn() {
	e := epoch{s.size, s.quorum, map[string]string{}}
	for _, c := range s.countries {
		if c.appointed > 0 {
			e.witnesses[c.code] = c.authority.Witness
		}
	}
	s.epochs = append(s.epochs, e)
}

// apply adds one leaf. An error leaves the state unusable: clone before.
func (s *state) apply(data []byte) (err error) {
	st, text, err := parse(data)
	if err != nil {
		return err
	}
	if s.size == 0 {
		if st.Kind != KindGenesis {
			return fmt.Errorf("a directory begins with a genesis statement, not with %q", st.Kind)
		}
		s.size = 1
		return s.genesis(st, text)
	}
	if st.Kind == KindGenesis {
		return fmt.Errorf("a directory begins once")
	}
	if st.In != s.id {
		return fmt.Errorf("it was signed for another directory")
	}
	s.size++
	serial := string(st.Kind) + " " + st.Subject
	if want := s.serials[serial] + 1; st.N != want {
		return fmt.Errorf("it is number %d of the statements about %s, and number %d comes next: old ones do not count again", st.N, st.Subject, want)
	}
	s.serials[serial] = st.N
	switch st.Kind {
	case KindMembers:
		return s.members(st)
	case KindRoots:
		return s.newRoots(st)
	case KindAuthority:
		return s.appoint(st)
	case KindParty:
		return s.party(st)
	case KindPeople:
		return s.onDuty(st)
	case KindRevoke:
		return s.revoke(st)
	}
	return s.registered(st) // of a newer release: kept, passed on and not understood
}

// registered checks that a statement is signed by the registrar of its country, within its appointment.
func (s *state) registered(st Statement) error {
	c, err := s.country(st.Country)
	if err != nil {
		return err
	}
	if c.appointed == 0 {
		return fmt.Errorf("%s has appointed no registrar yet", c.code)
	}
	if st.At.Before(c.authority.Since) || !st.At.Before(c.authority.Until) {
		return fmt.Errorf("the registrar of %s is appointed from %s until %s, and this was signed at %s", c.code,
			day(c.authority.Since), day(c.authority.Until), day(st.At))
	}
	v, err := newVerifier(c.code+"/registrar", c.authority.Registrar, false)
	if err != nil {
		return err
	}
	_, _, err = openNote(st.Data, []note.Verifier{v})
	return err
}

func day(t time.Time) string { return t.UTC().Format("2006-01-02 15:04") }

// present is the newest statement that was not revoked, else the newest.
func (p *party) present() said {
	for _, x := range slices.Backward(p.said) {
		if p.gone(x.leaf) == nil {
			return x
		}
	}
	return p.said[len(p.said)-1]
}

// gone tells the first revocation that ended a statement; nil when none did.
func (p *party) gone(leaf int64) *revoked {
	for i := range p.revoked {
		if p.revoked[i].leaf > leaf && leaf >= p.revoked[i].from {
			return &p.revoked[i]
		}
	}
	return nil
}

// proved reports whether a party said the same keys with the same proof before: most statements are renewals, and checking keys
// is most of the work.
func (s *state) proved(p Party) bool {
	old := s.parties[p.ID]
	return old != nil && slices.ContainsFunc(old.said, func(x said) bool {
		return x.Proof == p.Proof && x.Type == p.Type && !slices.ContainsFunc(Uses, func(u Use) bool { return !slices.Equal(x.Keys.Of(u), p.Keys.Of(u)) })
	})
}

func (s *state) party(st Statement) error {
	if err := s.registered(st); err != nil {
		return err
	}
	p, err := body[Party](st)
	if err != nil {
		return err
	}
	if p.ID != st.Subject || p.Country != st.Country {
		return fmt.Errorf("the statement is about %s of %s and speaks of %s of %s", st.Subject, st.Country, p.ID, p.Country)
	}
	if err := p.checkPlace(); err != nil {
		return err
	}
	if !s.proved(p) {
		if err := p.checkKeys(s.id); err != nil {
			return err
		}
	}
	if err := s.under(p); err != nil {
		return err
	}
	old := s.parties[p.ID]
	if old == nil {
		old = &party{}
	} else if was := old.present(); was.Country != p.Country || was.Type != p.Type {
		return fmt.Errorf("%s is a %s of %s and stays one: choose another name", p.ID, was.Type, was.Country)
	}
	for _, k := range p.Keys.all() {
		if who, ok := s.owner[k]; ok && who != p.ID {
			return fmt.Errorf("%s brings a key that belongs to %s", p.ID, who)
		}
		for _, before := range old.said {
			if gone := old.gone(before.leaf); gone != nil && !gone.void && slices.Contains(before.Keys.all(), k) {
				return fmt.Errorf("%s brings a key that was revoked (%s): it needs new ones", p.ID, gone.reason)
			}
		}
		s.owner[k] = p.ID
	}
	s.parties[p.ID] = &party{append(slices.Clip(old.said), said{s.size, st.N, p}), old.revoked}
	return nil
}

// under checks that what a party belongs to is there, in the same country.
func (s *state) under(p Party) error {
	if p.Parent == "" {
		return nil
	}
	above := s.parties[p.Parent]
	if above == nil {
		return fmt.Errorf("%s belongs to %s, which nobody has introduced", p.ID, p.Parent)
	}
	if x := above.present(); x.Country != p.Country || p.Type == Outpost && x.Type != Node {
		return fmt.Errorf("%s cannot belong to %s, a %s of %s", p.ID, p.Parent, x.Type, x.Country)
	}
	return nil
}

func (s *state) about(st Statement) (*party, error) {
	p := s.parties[st.Subject]
	if p == nil || p.present().Country != st.Country {
		return nil, fmt.Errorf("%s has no party %q", st.Country, st.Subject)
	}
	return p, nil
}

func (s *state) onDuty(st Statement) error {
	if err := s.registered(st); err != nil {
		return err
	}
	if _, err := s.about(st); err != nil {
		return err
	}
	p, err := body[People](st)
	if err != nil {
		return err
	}
	if err := p.check(); err != nil {
		return err
	}
	s.people[st.Subject] = &onDuty{s.size, st.N, p}
	return nil
}

// revoke is signed by the registrar, or by two root keys when the registrar cannot be trusted or reached.
func (s *state) revoke(st Statement) error {
	p, err := s.about(st)
	if err != nil {
		return err
	}
	r, err := body[Revocation](st)
	if err != nil {
		return err
	}
	if strings.TrimSpace(r.Reason) == "" || len(r.Reason) > maxText {
		return fmt.Errorf("a revocation says why, in at most %d bytes", maxText)
	}
	if byRegistrar := s.registered(st); byRegistrar != nil {
		c, err := s.country(st.Country)
		if err != nil {
			return err
		}
		_, by, err := openNote(st.Data, rootVerifiers(c.code, c.roots))
		if err != nil || signedBy(by, c.code, c.roots) < RootQuorum {
			return byRegistrar
		}
	}
	s.parties[st.Subject] = &party{p.said, append(slices.Clip(p.revoked), revoked{leaf: s.size, reason: r.Reason})}
	delete(s.people, st.Subject)
	return nil
}
