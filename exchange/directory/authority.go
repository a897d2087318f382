package directory

import (
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/note"
)

func rootName(c string) string { return c + "/root" }

func rootVerifiers(code string, roots []string) (out []note.Verifier) {
	for _, k := range roots {
		if v, err := newVerifier(rootName(code), k, false); err == nil {
			out = append(out, v)
		}
	}
	return out
}

// signedBy counts how many of the keys of a root signed.
func signedBy(by []note.Signature, code string, roots []string) (n int) {
	for _, v := range rootVerifiers(code, roots) {
		if slices.ContainsFunc(by, func(s note.Signature) bool { return s.Name == v.Name() && s.Hash == v.KeyHash() }) {
			n++
		}
	}
	return n
}

func (s *state) genesis(st Statement, text []byte) error {
	g, err := body[Genesis](st)
	if err != nil {
		return err
	}
	if err := g.check(); err != nil {
		return err
	}
	if !plainName(g.Name) || st.In != "" || st.N != 1 || st.Subject != g.Name {
		return fmt.Errorf("a genesis names the directory in small letters and is its number 1")
	}
	var known []note.Verifier
	for _, m := range g.Countries {
		if len(m.Roots) == 0 {
			return fmt.Errorf("%s has no root", m.Country)
		}
		known = append(known, rootVerifiers(m.Country, m.Roots)...)
	}
	_, by, err := openNote(st.Data, known)
	if err != nil {
		return err
	}
	for _, m := range g.Countries {
		if n := signedBy(by, m.Country, m.Roots); n < RootQuorum {
			return fmt.Errorf("%d of the three root keys of %s have signed; two must", n, m.Country)
		}
		s.countries[m.Country] = &country{code: m.Country, roots: m.Roots}
	}
	s.name, s.quorum, s.id = g.Name, g.Quorum, identity(text)
	s.turn()
	return nil
}

// members changes countries or quorum: two root keys each of as many of the present countries as the present quorum, and of
// each that joins.
func (s *state) members(st Statement) error {
	g, err := body[Genesis](st)
	if err != nil {
		return err
	}
	if err := g.check(); err != nil {
		return err
	}
	if st.Country != "" || st.Subject != s.name || g.Name != "" {
		return fmt.Errorf("members are of the directory %s", s.name)
	}
	var known []note.Verifier
	for _, c := range s.countries {
		known = append(known, rootVerifiers(c.code, c.roots)...)
	}
	for _, m := range g.Countries {
		if old := s.countries[m.Country]; (old == nil) == (len(m.Roots) == 0) {
			return fmt.Errorf("%s: who joins brings a root, who belongs already keeps its own", m.Country)
		}
		known = append(known, rootVerifiers(m.Country, m.Roots)...)
	}
	_, by, err := openNote(st.Data, known)
	if err != nil {
		return err
	}
	agreed := 0
	for _, c := range s.countries {
		if signedBy(by, c.code, c.roots) >= RootQuorum {
			agreed++
		}
	}
	if agreed < s.quorum {
		return fmt.Errorf("%d of the present countries agreed with two root keys each; %d must", agreed, s.quorum)
	}
	next := map[string]*country{}
	for _, m := range g.Countries {
		if next[m.Country] = s.countries[m.Country]; next[m.Country] != nil {
			continue
		}
		if signedBy(by, m.Country, m.Roots) < RootQuorum {
			return fmt.Errorf("%s joins without two signatures of its own root", m.Country)
		}
		next[m.Country] = &country{code: m.Country, roots: m.Roots}
	}
	for code := range s.countries {
		if next[code] == nil {
			s.left[code] = s.size
		}
	}
	s.countries, s.quorum = next, g.Quorum
	s.turn()
	return nil
}

func (s *state) country(code string) (*country, error) {
	if c := s.countries[code]; c != nil {
		return c, nil
	}
	return nil, fmt.Errorf("%q is no country of this directory", code)
}

func (s *state) newRoots(st Statement) error {
	c, err := s.country(st.Country)
	if err != nil {
		return err
	}
	r, err := body[Roots](st)
	if err == nil {
		err = checkRoots(r.Roots)
	}
	if err != nil {
		return err
	}
	for _, other := range s.countries {
		if other != c && slices.ContainsFunc(r.Roots, func(k string) bool { return slices.Contains(other.roots, k) }) {
			return fmt.Errorf("a new root key of %s belongs to %s", c.code, other.code)
		}
	}
	_, by, err := openNote(st.Data, rootVerifiers(c.code, union(c.roots, r.Roots)))
	switch {
	case err != nil:
		return err
	case st.Subject != c.code:
		return fmt.Errorf("a root is of its country")
	case signedBy(by, c.code, c.roots) < RootQuorum:
		return fmt.Errorf("a new root of %s must be signed by two keys of the old one", c.code)
	case signedBy(by, c.code, r.Roots) < RootQuorum:
		return fmt.Errorf("a new root of %s must be signed by two of its own keys too", c.code)
	}
	next := *c
	next.roots = r.Roots
	s.countries[c.code] = &next
	return nil
}

func union(a, b []string) []string {
	out := slices.Clone(a)
	for _, k := range b {
		if !slices.Contains(out, k) {
			out = append(out, k)
		}
	}
	return out
}

func (s *state) appoint(st Statement) error {
	c, err := s.country(st.Country)
	if err != nil {
		return err
	}
	a, err := body[Authority](st)
	if err == nil {
		err = a.check()
	}
	if err != nil {
		return err
	}
	_, by, err := openNote(st.Data, rootVerifiers(c.code, c.roots))
	if err != nil {
		return err
	}
	if st.Subject != c.code || signedBy(by, c.code, c.roots) < RootQuorum {
		return fmt.Errorf("registrar and witness of %s are appointed by two of its three root keys", c.code)
	}
	for _, other := range s.countries {
		if other != c && other.appointed > 0 && (other.authority.Witness == a.Witness || other.authority.Registrar == a.Registrar) {
			return fmt.Errorf("a key that %s appoints is the one of %s", c.code, other.code)
		}
	}
	if a.VoidFrom > 0 {
		s.void(c.code, a.VoidFrom, "what the registrar of "+c.code+" signed then counts no more: "+a.Reason)
	}
	next := *c
	next.authority, next.appointed = a, s.size
	s.countries[c.code] = &next
	s.turn()
	return nil
}

// void revokes what a country's former registrar said from a leaf on.
func (s *state) void(code string, from int64, reason string) {
	for id, p := range s.parties {
		last := p.said[len(p.said)-1]
		if last.Country == code && last.leaf >= from {
			s.parties[id] = &party{p.said, append(slices.Clip(p.revoked), revoked{s.size, from, reason, true})}
		}
	}
	for id, p := range s.people {
		if p.leaf >= from && s.parties[id].present().Country == code {
			delete(s.people, id)
		}
	}
}
