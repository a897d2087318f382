package bus_test

import (
	"testing"
	"time"

	"sarhad/record"
)

// TestThreeHops proves that what a node hands over in each lane reaches its addressee once, byte for byte, and that the hub's
// owner is told what was accepted.
func TestThreeHops(t *testing.T) {
	t.Parallel()
	a, b := newIdentity(t, "almaty-1"), newIdentity(t, "osh-1")
	w := newWorld(t, nil, a, b)
	from, to := w.line(a, nil), w.line(b, nil)
	for _, lane := range record.Lanes {
		id := newID(t)
		sent := wire("osh-1", lane, id, time.Time{}, "a word for Osh")
		publish(t, from, lane, id, sent)
		publish(t, from, lane, id, sent) // a repetition is known
		if got := take(t, to, lane); got != string(sent) {
			t.Errorf("%s: %q came, %q was sent", lane, got, sent)
		}
		w.said.await(t, &w.said.accepted, "almaty-1 "+string(lane)+" "+id.String())
		second := newID(t)
		publish(t, from, lane, second, wire("osh-1", lane, second, time.Time{}, "next"))
		if got := take(t, to, lane); got != string(wire("osh-1", lane, second, time.Time{}, "next")) {
			t.Errorf("%s: %q came again, or out of turn", lane, got)
		}
	}
	for _, s := range from.States() {
		if !s.Up || s.Way != "tcp "+w.hub.Addr() || s.Since.Location() != time.UTC {
			t.Errorf("state %+v", s)
		}
	}
	if n := w.hub.Lines(); n["almaty-1"] != 3 || n["osh-1"] != 3 {
		t.Errorf("lines %v", n)
	}
}
