package authn

import (
	"net/netip"
	"sync"
	"time"
)

// Rate says how many wrong tries in a row are let through and how fast they
// are forgiven. It is a leaking bucket: it can be full, never more than full,
// so the wait for the next try is never longer than Every and no lock is
// permanent.
type Rate struct {
	// Burst is how many tries fit.
	Burst int
	// Every is the time in which one try is forgiven.
	Every time.Duration
}

// Limits are the rates of sign-in.
type Limits struct {
	// Account counts tries for one sign-in name, known or not.
	Account Rate
	// Address counts tries from one IPv4 address or IPv6 /64 network.
	Address Rate
}

// DefaultLimits let a person with cold fingers try five times and then once
// in three minutes: 480 guesses a day for one name, which with the refused
// common passwords is hopeless. Twenty from one address leave room for an
// office behind one router at the change of shift.
var DefaultLimits = Limits{
	Account: Rate{Burst: 5, Every: 3 * time.Minute},
	Address: Rate{Burst: 20, Every: 30 * time.Second},
}

const (
	// maxBuckets bounds the memory a stranger can take by inventing names:
	// some 2 MB. When it is reached the emptiest buckets are forgotten first.
	maxBuckets = 20_000
	// trustFor is how long an address is remembered from which the user did
	// sign in. Tries from there have a bucket of their own, so that somebody
	// elsewhere who keeps the name locked does not lock its owner out.
	trustFor = 30 * 24 * time.Hour
)

// limiter keeps its counts in memory: a restart forgets them, and only an
// administrator can restart the node.
type limiter struct {
	limits Limits
	now    func() time.Time
	room   int // maxBuckets, smaller in tests

	mu      sync.Mutex
	buckets map[string]bucket
	trusted map[string]time.Time
}

// bucket is level wrong tries as of at, leaking since.
type bucket struct {
	level float64
	at    time.Time
}

func newLimiter(l Limits, now func() time.Time) *limiter {
	if l.Account == (Rate{}) {
		l.Account = DefaultLimits.Account
	}
	if l.Address == (Rate{}) {
		l.Address = DefaultLimits.Address
	}
	return &limiter{limits: l, now: now, room: maxBuckets, buckets: map[string]bucket{}, trusted: map[string]time.Time{}}
}

// try is one sign-in that has paid its place in both buckets.
type try struct {
	l             *limiter
	name, address string // keys of buckets
	trust         string // key of trusted
}

// take books one try for the name from the address before the password is
// looked at, so that many tries at once cannot pass together. wait > 0 means
// that the try is refused and how long until one would be let through; a
// refused try costs nothing.
func (l *limiter) take(name, address string) (t try, wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	t = try{l: l, name: "n " + name, address: "a " + address, trust: name + " " + address}
	if until, ok := l.trusted[t.trust]; ok && now.Before(until) {
		t.name = "t " + t.trust
	}
	wait = max(l.wait(t.address, l.limits.Address, now), l.wait(t.name, l.limits.Account, now))
	if wait > 0 {
		return t, wait
	}
	l.add(t.address, l.limits.Address, now, 1)
	l.add(t.name, l.limits.Account, now, 1)
	return t, 0
}

// passed gives the try back: the right person was there. With clear the
// account's bucket is emptied and the address remembered.
func (t try) passed(clear bool) {
	t.l.mu.Lock()
	defer t.l.mu.Unlock()
	now := t.l.now()
	t.l.add(t.address, t.l.limits.Address, now, -1)
	if !clear {
		t.l.add(t.name, t.l.limits.Account, now, -1)
		return
	}
	delete(t.l.buckets, t.name)
	if len(t.l.trusted) >= t.l.room {
		for k, until := range t.l.trusted {
			if !now.Before(until) {
				delete(t.l.trusted, k)
			}
		}
	}
	if len(t.l.trusted) < t.l.room {
		t.l.trusted[t.trust] = now.Add(trustFor)
	}
}

// level returns how full the bucket is now.
func (l *limiter) level(key string, r Rate, now time.Time) float64 {
	b, ok := l.buckets[key]
	if !ok {
		return 0
	}
	if b.at.After(now) { // the clock was set back: forgive from here, not from then
		b.at = now
		l.buckets[key] = b
	}
	leaked := float64(now.Sub(b.at)) / float64(r.Every)
	return max(0, b.level-leaked)
}

// wait returns how long until one more try fits, 0 when it fits now.
func (l *limiter) wait(key string, r Rate, now time.Time) time.Duration {
	over := l.level(key, r, now) + 1 - float64(r.Burst)
	if over <= 0 {
		return 0
	}
	return max(time.Duration(over*float64(r.Every)), 1)
}

func (l *limiter) add(key string, r Rate, now time.Time, n float64) {
	level := max(0, l.level(key, r, now)+n)
	if level == 0 {
		delete(l.buckets, key)
		return
	}
	if _, known := l.buckets[key]; !known && len(l.buckets) >= l.room {
		l.makeRoom(now)
	}
	l.buckets[key] = bucket{level: level, at: now}
}

// makeRoom drops the buckets that have leaked empty or, when none has, the
// emptiest one.
func (l *limiter) makeRoom(now time.Time) {
	longest := max(l.limits.Account.Every, l.limits.Address.Every)
	var least string
	var leastLevel float64
	for k, b := range l.buckets {
		level := b.level - float64(max(0, now.Sub(b.at)))/float64(longest)
		if level <= 0 {
			delete(l.buckets, k)
			continue
		}
		if least == "" || level < leastLevel {
			least, leastLevel = k, level
		}
	}
	if len(l.buckets) >= l.room {
		delete(l.buckets, least)
	}
}

// cleanAddress returns the IP address of a host:port or bare address as it is
// stored, and the key under which tries from there are counted: an IPv6
// subscriber has a whole /64 to try from. An address that cannot be read
// counts with all others that cannot be.
func cleanAddress(remote string) (address, key string) {
	a, err := netip.ParseAddr(remote)
	if err != nil {
		ap, err := netip.ParseAddrPort(remote)
		if err != nil {
			return "", "unknown"
		}
		a = ap.Addr()
	}
	a = a.Unmap().WithZone("")
	if a.Is4() {
		return a.String(), a.String()
	}
	p, err := a.Prefix(64)
	if err != nil {
		return a.String(), "unknown"
	}
	return a.String(), p.String()
}
