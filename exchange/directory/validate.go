package directory

import (
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"
)

// maxText is what a name or an address may have, in bytes.
const maxText = 300

func plainName(s string) bool {
	for i, r := range s {
		letter := r >= 'a' && r <= 'z'
		if !letter && (i == 0 || (r != '-' && (r < '0' || r > '9'))) {
			return false
		}
	}
	return s != "" && len(s) <= 40
}

func countryCode(s string) bool {
	return len(s) == 3 && strings.IndexFunc(s, func(r rune) bool { return r < 'A' || r > 'Z' }) < 0
}

func agencyCode(s, country string) bool {
	rest, ok := strings.CutPrefix(s, country+"-")
	return ok && rest != "" && len(s) <= 40 && strings.IndexFunc(rest, func(r rune) bool {
		return (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-'
	}) < 0
}

func (n Names) check() error {
	for _, s := range []string{n.En, n.Ru} {
		if s == "" || len(s) > maxText {
			return fmt.Errorf("names in English and Russian must be there, at most %d bytes each", maxText)
		}
	}
	if len(n.Own) > maxText {
		return fmt.Errorf("the own name has more than %d bytes", maxText)
	}
	return nil
}

// check says what is wrong with a party in itself, in a directory.
func (p Party) check(in string) error {
	if err := p.checkPlace(); err != nil {
		return err
	}
	return p.checkKeys(in)
}

func (p Party) checkPlace() error {
	ok := false
	switch p.Type {
	case Country:
		ok = countryCode(p.ID) && p.ID == p.Country && p.Parent == ""
	case Agency:
		ok = agencyCode(p.ID, p.Country) && p.Parent == p.Country
	case Node, Hub:
		ok = plainName(p.ID) && agencyCode(p.Parent, p.Country)
	case Outpost:
		ok = plainName(p.ID) && plainName(p.Parent)
	case Topic:
		ok = plainName(p.ID)
	}
	if !ok || !countryCode(p.Country) {
		return fmt.Errorf("%s %q of %q under %q: such a name or place does not exist", p.Type, p.ID, p.Country, p.Parent)
	}
	if err := p.Names.check(); err != nil {
		return err
	}
	if err := life(p.Since, p.Until, PartyLife); err != nil {
		return err
	}
	return p.checkReach()
}

func (p Party) checkKeys(in string) error {
	if !p.Type.HasKeys() {
		if len(p.Keys.all()) > 0 {
			return fmt.Errorf("a %s has no keys", p.Type)
		}
		return nil
	}
	if len(p.Keys.all()) > 20 {
		return fmt.Errorf("%s has %d keys; 20 are the most", p.ID, len(p.Keys.all()))
	}
	for _, u := range Uses {
		keys, err := p.Keys.parse(u)
		if err != nil {
			return err
		}
		if u == UseTLS || u == UseLog {
			continue
		}
		if !slices.ContainsFunc(keys, func(k Key) bool { return k.Suite == suiteOf[u] }) {
			return fmt.Errorf("%s has no key for %s of suite %s", p.ID, u, suiteOf[u])
		}
	}
	return proven(in, p.ID, p.Keys, p.Proof)
}

// checkReach checks addresses, topics and kinds.
func (p Party) checkReach() error {
	if p.Type != Hub && (len(p.Addresses) > 0 || p.CA != "") {
		return fmt.Errorf("only a hub is called by others, so %s has no address", p.ID)
	}
	if len(p.Addresses) > 10 || len(p.Topics) > 50 || len(p.Reads) > 200 {
		return fmt.Errorf("%s has too many addresses, topics or kinds", p.ID)
	}
	for _, a := range p.Addresses {
		rest := strings.TrimPrefix(a, "wss://")
		if host, port, err := net.SplitHostPort(rest); err != nil || host == "" || port == "" || len(a) > maxText {
			return fmt.Errorf("%q is no address: write host:port or wss://host:port", a)
		}
	}
	if p.CA != "" {
		der, err := base64.StdEncoding.Strict().DecodeString(p.CA)
		if err == nil {
			_, err = x509.ParseCertificate(der)
		}
		if err != nil {
			return fmt.Errorf("the certificate to pin for %s is damaged", p.ID)
		}
	}
	for _, t := range p.Topics {
		if !plainName(t) {
			return fmt.Errorf("%q is no topic", t)
		}
	}
	for kind, versions := range p.Reads {
		if kind == "" || len(kind) > 80 || len(versions) > 50 {
			return fmt.Errorf("%q is no kind of record", kind)
		}
	}
	return nil
}

// life checks a period.
func life(since, until time.Time, most time.Duration) error {
	if since.IsZero() || !until.After(since) || until.Sub(since) > most {
		return fmt.Errorf("from %s until %s: the longest life here is %d days", since.UTC().Format(time.RFC3339), until.UTC().Format(time.RFC3339), most/(24*time.Hour))
	}
	return nil
}

func (p People) check() error {
	if len(p.People) == 0 || len(p.People) > MaxPeople {
		return fmt.Errorf("%d people; from one to %d are possible", len(p.People), MaxPeople)
	}
	for _, x := range p.People {
		if err := x.check(p.People); err != nil {
			return err
		}
	}
	return life(p.Since, p.Until, PartyLife)
}

func (p Person) check(all []Person) error {
	if !slices.Contains([]string{RoleFocal, RoleDuty, RoleDeputy}, p.Role) {
		return fmt.Errorf("%q is no role of an officer: focal, duty or deputy are", p.Role)
	}
	if err := p.Names.check(); err != nil {
		return err
	}
	if len(p.Phones) == 0 || len(p.Phones) > 5 {
		return fmt.Errorf("%s has %d telephones; one to five are possible", p.Names.En, len(p.Phones))
	}
	for _, n := range p.Phones {
		digits, ok := strings.CutPrefix(n, "+")
		if !ok || len(digits) < 7 || len(digits) > 15 || digits[0] == '0' || strings.Trim(digits, "0123456789") != "" {
			return fmt.Errorf("%q is no telephone number as ITU-T E.164 writes it: + and up to 15 digits", n)
		}
	}
	if len(p.Hours) > 100 || len(p.Languages) > 10 || strings.Contains(p.Zone, "..") || len(p.Zone) > 50 {
		return fmt.Errorf("hours, zone or languages of %s are too long", p.Names.En)
	}
	if p.Hours != "" && p.Zone == "" {
		return fmt.Errorf("the hours of %s need a time zone, such as Asia/Almaty", p.Names.En)
	}
	if p.Deputy != "" && !slices.ContainsFunc(all, func(o Person) bool { return o.Names.En == p.Deputy }) {
		return fmt.Errorf("the deputy %q of %s is not in the list", p.Deputy, p.Names.En)
	}
	return nil
}

// maxCountries keeps the signatures under a genesis, two of each, within what a note may have.
const maxCountries = 45

func (g Genesis) check() error {
	n := len(g.Countries)
	if n < 1 || n > maxCountries || 2*g.Quorum <= n || g.Quorum > n {
		return fmt.Errorf("a quorum of %d of %d countries: more than half and at most all must cosign, else two halves could go separate ways", g.Quorum, n)
	}
	seen, keys := map[string]bool{}, map[string]bool{}
	for _, m := range g.Countries {
		if !countryCode(m.Country) || seen[m.Country] {
			return fmt.Errorf("%q is no country, or stands there twice", m.Country)
		}
		seen[m.Country] = true
		if len(m.Roots) == 0 {
			continue
		}
		if err := checkRoots(m.Roots); err != nil {
			return fmt.Errorf("%s: %w", m.Country, err)
		}
		for _, k := range m.Roots {
			if keys[k] {
				return fmt.Errorf("%s has a root key that another country has too", m.Country)
			}
			keys[k] = true
		}
	}
	return nil
}

// RootKeys is how many keys a root has, RootQuorum how many sign.
const (
	RootKeys   = 3
	RootQuorum = 2
)

func checkRoots(roots []string) error {
	if len(roots) != RootKeys {
		return fmt.Errorf("a root has %d keys, not %d", RootKeys, len(roots))
	}
	for i, k := range roots {
		if _, err := ParseEd25519(k); err != nil {
			return err
		}
		if slices.Contains(roots[:i], k) {
			return fmt.Errorf("the three keys of a root are three different ones")
		}
	}
	return nil
}

func (a Authority) check() error {
	for _, k := range []string{a.Registrar, a.Witness} {
		if _, err := ParseEd25519(k); err != nil {
			return err
		}
	}
	if a.Registrar == a.Witness {
		return fmt.Errorf("registrar and witness need a key each")
	}
	if a.VoidFrom < 0 || len(a.Reason) > maxText {
		return fmt.Errorf("void_from or reason cannot be so")
	}
	return life(a.Since, a.Until, AuthorityLife)
}
