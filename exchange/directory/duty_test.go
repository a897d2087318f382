package directory_test

import (
	"testing"
	"time"

	"sarhad/exchange/directory"
)

// TestOnDuty proves who can be called when: by the zone of the officer, over midnight and over Sunday, and that hours which no
// program reads are unknown, never wrong.
func TestOnDuty(t *testing.T) {
	monday := func(hour, minute int) time.Time { return time.Date(2026, 11, 23, hour, minute, 0, 0, time.UTC) } // Asia/Almaty: +5
	for _, c := range []struct {
		hours     string
		at        time.Time
		on, known bool
	}{
		{"24/7", monday(3, 0), true, true},
		{"Mo-Fr 09:00-18:00", monday(4, 0), true, true},
		{"Mo-Fr 09:00-18:00", monday(3, 59), false, true},
		{"Mo-Fr 09:00-18:00", monday(13, 0), false, true},
		{"Mo-Fr 09:00-18:00", monday(-24, 0).Add(6 * time.Hour), false, true}, // Sunday
		{"20:00-08:00", monday(16, 0), true, true},
		{"20:00-08:00", monday(3, 30), false, true},
		{"Su 20:00-08:00", monday(1, 0), true, true}, // of Sunday's night
		{"Mo 20:00-08:00", monday(1, 0), false, true},
		{"Fr-Mo 00:00-24:00", monday(1, 0), true, true},
		{"Sa,Su 10:00-14:00; Mo 05:00-07:00", monday(1, 0), true, true},
		{"by arrangement", monday(1, 0), false, false},
		{"пн-пт 09:00-18:00", monday(4, 0), false, false},
		{"Mo-Fr 9-18", monday(4, 0), false, false},
		{"", monday(4, 0), false, false},
	} {
		on, known := directory.Person{Hours: c.hours, Zone: "Asia/Almaty"}.OnDuty(c.at)
		if on != c.on || known != c.known {
			t.Errorf("%q at %s: on duty %v, known %v", c.hours, c.at, on, known)
		}
	}
	if _, known := (directory.Person{Hours: "09:00-18:00", Zone: "Asia/Nowhere"}).OnDuty(monday(4, 0)); known {
		t.Error("a zone that does not exist counts")
	}
}
