package authn

import (
	"fmt"
	"testing"
	"time"
)

func TestCleanAddress(t *testing.T) {
	for _, c := range []struct{ remote, address, key string }{
		{"192.0.2.7:51000", "192.0.2.7", "192.0.2.7"},
		{"192.0.2.7", "192.0.2.7", "192.0.2.7"},
		{"[::ffff:192.0.2.7]:1", "192.0.2.7", "192.0.2.7"},
		{"[2001:db8:1:2:3:4:5:6]:443", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
		{"[fe80::1%eth0]:443", "fe80::1", "fe80::/64"},
		{"@", "", "unknown"}, // a unix socket
		{"", "", "unknown"},
		{"evil\nline", "", "unknown"},
	} {
		address, key := cleanAddress(c.remote)
		if address != c.address || key != c.key {
			t.Errorf("%q: %q %q, want %q %q", c.remote, address, key, c.address, c.key)
		}
	}
}

// A stranger who invents names takes bounded memory, and cannot thereby wipe
// out the count of the name under attack.
func TestLimiterIsBounded(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	l := newLimiter(Limits{}, func() time.Time { return now })
	l.room = 500
	for range 5 {
		l.take("victim", "192.0.2.1")
	}
	for i := range 2 * l.room {
		l.take(fmt.Sprintf("name%d", i), fmt.Sprintf("2001:db8:%x::/64", i))
	}
	if n := len(l.buckets); n > l.room {
		t.Errorf("%d buckets, want at most %d", n, l.room)
	}
	if _, wait := l.take("victim", "192.0.2.2"); wait == 0 {
		t.Error("the count of the attacked name was forgotten")
	}
	now = now.Add(time.Hour)
	l.take("late", "192.0.2.3")
	if n := len(l.buckets); n > 3 {
		t.Errorf("%d buckets after an hour of quiet", n)
	}
}

func TestBucketLeaks(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	l := newLimiter(Limits{Account: Rate{Burst: 2, Every: time.Minute}}, func() time.Time { return now })
	for i, c := range []struct {
		after time.Duration
		wait  time.Duration
	}{
		{0, 0}, {0, 0}, {0, time.Minute}, {30 * time.Second, 30 * time.Second}, {30 * time.Second, 0}, {0, time.Minute},
		{10 * time.Minute, 0}, {0, 0}, {0, time.Minute}, {-time.Hour, time.Minute}, // a clock set back forgives nothing
		{time.Minute, 0}, // but it does not lock until it is right again either
	} {
		now = now.Add(c.after)
		if _, wait := l.take("n", fmt.Sprint(i)); wait != c.wait {
			t.Errorf("step %d: wait %s, want %s", i, wait, c.wait)
		}
	}
}
