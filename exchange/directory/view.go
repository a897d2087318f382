package directory

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"sarhad/record"
)

// Entry is a party as the directory stands, with what became of it.
type Entry struct {
	Party
	Leaf    int64  // its statement, from 1
	State   State  // as of now
	Why     string // when the state is not current: in words
	People  []Person
	Renewal time.Time // from when its registrar renews it
}

// State is whether a statement counts.
type State string

// The states.
const (
	Current State = "current"
	Early   State = "early"   // its time has not come
	Expired State = "expired" // nobody renewed it
	Revoked State = "revoked"
	Left    State = "left" // its country is no member any more
)

// Party gives a party; NotFound, in words, when nobody ever spoke of it.
func (d *Directory) Party(id string) (Entry, error) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	p, err := d.find(id)
	if err != nil {
		return Entry{}, err
	}
	return d.entry(p), nil
}

// Parties gives all parties, also those that do not count now: by country, type and id.
func (d *Directory) Parties() []Entry {
	d.mu.RLock()
	defer d.mu.RUnlock()
	var out []Entry
	for _, p := range d.state.parties {
		out = append(out, d.entry(p))
	}
	slices.SortFunc(out, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(a.Country, b.Country), cmp.Compare(slices.Index(Types, a.Type), slices.Index(Types, b.Type)), cmp.Compare(a.ID, b.ID))
	})
	return out
}

func (d *Directory) find(id string) (*party, error) {
	if p := d.state.parties[id]; p != nil {
		return p, nil
	}
	return nil, record.Errorf(record.NotFound, "%q is unknown: no country has spoken of it in the directory of this node", id)
}

func (d *Directory) entry(p *party) Entry {
	s := p.present()
	e := Entry{Party: s.Party, Leaf: s.leaf, Renewal: s.Since.Add(RenewFrom)}
	e.State, e.Why = d.judge(p, s, d.now())
	if on := d.state.people[s.ID]; on != nil && d.now().Before(on.Until.Add(PartyLife)) { // an old number is better than none, a very old one is not
		e.People = on.People.People
	}
	return e
}

// judge tells whether a statement counts at a time.
func (d *Directory) judge(p *party, s said, now time.Time) (State, string) {
	if gone := p.gone(s.leaf); gone != nil {
		return Revoked, fmt.Sprintf("%s was revoked: %s. This node knows it since %s UTC", s.ID, gone.reason, day(d.known[gone.leaf-1]))
	}
	switch {
	case d.state.countries[s.Country] == nil:
		return Left, fmt.Sprintf("%s belongs to %s, which is no member of the directory any more", s.ID, s.Country)
	case now.Add(Skew).Before(s.Since):
		return Early, fmt.Sprintf("%s counts from %s UTC on; compare the clock of this machine", s.ID, day(s.Since))
	case !now.Before(s.Until):
		return Expired, fmt.Sprintf("the keys of %s expired at %s UTC and %s has not renewed them: telephone its registrar", s.ID, day(s.Until), s.Country)
	}
	return Current, ""
}

// SealKeys gives the keys to seal to for a party now. It refuses, in words, when the party is unknown, revoked or expired, and
// when the directory is too old or forked to send by.
func (d *Directory) SealKeys(id string) ([]Key, error) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if f := d.fresh(d.now()); !f.Sends {
		return nil, record.Errorf(record.Unavailable, "nothing is sent: %s", f.Why)
	}
	return d.keys(id, UseSeal)
}

// Keys gives the present keys of a use: to admit a line, to know a certificate, to verify checkpoints.
func (d *Directory) Keys(id string, use Use) ([]Key, error) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.keys(id, use)
}

func (d *Directory) keys(id string, use Use) ([]Key, error) {
	p, err := d.find(id)
	if err != nil {
		return nil, err
	}
	s := p.present()
	if state, why := d.judge(p, s, d.now()); state != Current {
		return nil, record.Errorf(record.Forbidden, "%s", why)
	}
	return d.usable(s, use)
}

// usable gives the keys of suites that this release knows.
func (d *Directory) usable(s said, use Use) ([]Key, error) {
	keys, err := s.Keys.parse(use)
	keys = slices.DeleteFunc(keys, func(k Key) bool { return k.Suite != suiteOf[use] })
	if err == nil && len(keys) == 0 {
		return nil, record.Errorf(record.NotFound, "%s has no key for %s", s.ID, use)
	}
	return keys, err
}

// VerifyKeys gives the keys by which what a party signed is believed, when we received it at a time: those of its present
// statement and of former ones that had not expired then. After a revocation only what we had received before we knew
// stays valid, whatever date it bears: the date is written by who has the key. The age of the directory does not matter here;
// Fresh warns.
func (d *Directory) VerifyKeys(id string, receivedAt time.Time) ([]Key, error) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	p, err := d.find(id)
	if err != nil {
		return nil, err
	}
	var out []Key
	why := ""
	for _, s := range slices.Backward(p.said) {
		if ok, because := d.countedAt(p, s, receivedAt); !ok {
			if why == "" {
				why = because
			}
			continue
		}
		keys, err := d.usable(s, UseSign)
		if err != nil {
			return nil, err
		}
		for _, k := range keys {
			if !slices.Contains(out, k) {
				out = append(out, k)
			}
		}
	}
	if len(out) == 0 {
		return nil, record.Errorf(record.Forbidden, "%s", why)
	}
	return out, nil
}

func (d *Directory) countedAt(p *party, s said, at time.Time) (bool, string) {
	gone := p.gone(s.leaf)
	if gone != nil && !at.Before(d.known[gone.leaf-1]) {
		return false, fmt.Sprintf("%s was revoked (%s); this node knows it since %s UTC and received this at %s UTC, so it does not count", s.ID, gone.reason, day(d.known[gone.leaf-1]), day(at))
	}
	switch {
	case d.state.countries[s.Country] == nil && !at.Before(d.known[d.state.left[s.Country]-1]):
		return false, fmt.Sprintf("%s belongs to %s, which is no member of the directory any more", s.ID, s.Country)
	case at.Add(Skew).Before(s.Since):
		return false, fmt.Sprintf("the keys of %s count from %s UTC on, and this came at %s UTC", s.ID, day(s.Since), day(at))
	case !at.Before(s.Until):
		return false, fmt.Sprintf("the keys of %s expired at %s UTC, and this came at %s UTC: telephone its registrar", s.ID, day(s.Until), day(at))
	}
	return true, ""
}

// Reads gives the versions of kinds that a party can read; none when it is unknown or does not count.
func (d *Directory) Reads(id string) map[string][]int {
	e, err := d.Party(id)
	if err != nil || e.State != Current {
		return nil
	}
	return maps.Clone(e.Reads)
}

// KeyState tells of a key of a party by its text ("suite:public") whether it is in the present statement (current), in a former one (old),
// or was revoked. "" when the party never had it.
func (d *Directory) KeyState(id, text string) string {
	d.mu.RLock()
	defer d.mu.RUnlock()
	p := d.state.parties[id]
	if p == nil {
		return ""
	}
	present := p.present()
	for _, s := range slices.Backward(p.said) {
		if !slices.Contains(s.Keys.all(), text) {
			continue
		}
		if gone := p.gone(s.leaf); gone != nil && !gone.void {
			return "revoked"
		}
		if s.leaf == present.leaf {
			return "current"
		}
		return "old"
	}
	return ""
}

// Replaced tells since when this node knows that a key of a party is old; zero when it is not.
func (d *Directory) Replaced(id, text string) time.Time {
	d.mu.RLock()
	defer d.mu.RUnlock()
	p := d.state.parties[id]
	if p == nil || slices.Contains(p.present().Keys.all(), text) {
		return time.Time{}
	}
	for _, s := range slices.Backward(p.said) {
		if slices.Contains(s.Keys.all(), text) {
			for _, next := range p.said {
				if next.leaf > s.leaf {
					return d.known[next.leaf-1]
				}
			}
		}
	}
	return time.Time{}
}

// Freshness is how old the directory is, by the clocks of the countries that cosigned it.
type Freshness struct {
	Cosigned time.Time     // a quorum of countries had cosigned the newest checkpoint by then; zero without a directory
	Age      time.Duration // until now; never negative
	Warn     bool          // older than WarnAfter
	Sends    bool          // not older than StaleAfter, and not forked
	Why      string        // when Warn or not Sends: in words
}

// Fresh tells how old the newest cosigned checkpoint is at a time.
func (d *Directory) Fresh(now time.Time) Freshness {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.fresh(now)
}

func (d *Directory) fresh(now time.Time) (f Freshness) {
	if d.head.Size == 0 {
		return Freshness{Warn: true, Why: "this node has no directory yet: it was invited by nobody, or the first bundle has not come"}
	}
	f.Cosigned = cosignedAt(d.head, d.state.quorum)
	f.Age = max(0, now.Sub(f.Cosigned))
	f.Warn, f.Sends = f.Age > WarnAfter, f.Age <= StaleAfter && d.fork == nil
	switch {
	case d.fork != nil:
		f.Warn, f.Why = true, d.fork.words()
	case !f.Sends:
		f.Why = fmt.Sprintf("the directory is %d hours old, more than %d: keys may have been revoked meanwhile. Bring the line back, or a bundle by hand; receiving goes on", f.Age/time.Hour, StaleAfter/time.Hour)
	case f.Warn:
		f.Why = fmt.Sprintf("the directory is %d hours old; from %d hours on nothing is sent by it", f.Age/time.Hour, StaleAfter/time.Hour)
	}
	return f
}

// cosignedAt is when the quorum-th newest cosignature was given: fewer dishonest countries than a quorum cannot make an old
// directory look new.
func cosignedAt(c Checkpoint, quorum int) time.Time {
	times := make([]time.Time, len(c.By))
	for i, s := range c.By {
		times[i] = s.At
	}
	slices.SortFunc(times, func(a, b time.Time) int { return b.Compare(a) })
	if len(times) < quorum || quorum < 1 {
		return time.Time{}
	}
	return times[quorum-1]
}

// Members gives the countries and the quorum.
func (d *Directory) Members() (countries []string, quorum int) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return slices.Sorted(maps.Keys(d.state.countries)), d.state.quorum
}

// Name is the name of the directory.
func (d *Directory) Name() string {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.state.name
}

// Registrar is the key by which a country's registrar signs; "" when its root has appointed nobody.
func (d *Directory) Registrar(country string) string {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if c := d.state.countries[country]; c != nil {
		return c.authority.Registrar
	}
	return ""
}
