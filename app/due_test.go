package app

import (
	"testing"
	"time"
)

// TestDue proves when the daily backup is made: once after its time, by the clock of the machine, also when the node slept.
func TestDue(t *testing.T) {
	zone := time.FixedZone("ALMT", 5*3600)
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 3, day, hour, minute, 0, 0, zone) }
	for _, c := range []struct {
		name      string
		now, last time.Time
		want      bool
	}{
		{"never made", at(5, 12, 0), time.Time{}, true},
		{"before its time", at(5, 2, 29), at(4, 2, 31), false},
		{"at its time", at(5, 2, 30), at(4, 2, 31), true},
		{"made today", at(5, 9, 0), at(5, 2, 31).UTC(), false},
		{"made by hand yesterday evening", at(5, 2, 31), at(4, 22, 0), true},
		{"slept through it", at(5, 1, 0), at(3, 2, 31), true},
	} {
		if got := due(c.now, 2, 30, c.last); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
