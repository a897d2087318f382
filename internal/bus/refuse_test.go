package bus_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sarhad/internal/bus"
	"sarhad/record"
)

// TestNothingIsDroppedSilently proves that whatever does not go on is told to its sender with the reason, once the hub has it.
func TestNothingIsDroppedSilently(t *testing.T) {
	t.Parallel()
	a, b := newIdentity(t, "almaty-1"), newIdentity(t, "osh-1")
	w := newWorld(t, nil, a, b)
	line := w.line(a, nil)
	past := time.Now().Add(-time.Hour)
	for _, c := range []struct {
		name   string
		wire   func(record.ID) []byte
		id     func(record.ID) string
		reason string
	}{
		{"unknown addressee", func(id record.ID) []byte { return wire("nowhere", record.Routine, id, time.Time{}, "") }, record.ID.String, `knows no node "nowhere"`},
		{"no header", func(record.ID) []byte { return []byte("noise") }, record.ID.String, "cannot read its header: "},
		{"another lane", func(id record.ID) []byte { return wire("osh-1", record.Flash, id, time.Time{}, "") }, record.ID.String, "it came on lane routine and its header says flash"},
		{"another id", func(record.ID) []byte { return wire("osh-1", record.Routine, newID(t), time.Time{}, "") }, record.ID.String, "names another id"},
		{"too late", func(id record.ID) []byte { return wire("osh-1", record.Routine, id, past, "") }, record.ID.String, "its time was over"},
	} {
		id := newID(t)
		publish(t, line, record.Routine, id, c.wire(id))
		w.said.await(t, &w.said.refused, "almaty-1 routine "+c.id(id), c.reason)
	}
	for _, n := range w.hub.Counts(t.Context()) {
		if n.Node == "almaty-1" && n.Lane == "routine" && (n.Refused != 5 || n.Sent != 0) {
			t.Errorf("counts %+v", n)
		}
	}
}

// TestFullStream proves that a full stream keeps what it has, that the sender is told, and that the lane goes on when the
// addressee has fetched.
func TestFullStream(t *testing.T) {
	t.Parallel()
	a, b := newIdentity(t, "almaty-1"), newIdentity(t, "osh-1")
	w := newWorld(t, func(c *bus.HubConfig) {
		c.Limits = bus.DefaultLimits()
		l := c.Limits[record.Routine]
		l.Bytes = 64 << 10
		c.Limits[record.Routine] = l
	}, a, b)
	line, body := w.line(a, nil), strings.Repeat("x", 10_000)
	ids := map[string]bool{}
	var last record.ID
	for range 8 {
		last = newID(t)
		publish(t, line, record.Routine, last, wire("osh-1", record.Routine, last, time.Time{}, body))
	}
	w.said.await(t, &w.said.refused, "almaty-1 routine "+last.String(), "too much waits for node osh-1")
	w.said.mu.Lock()
	accepted, refused := len(w.said.accepted), len(w.said.refused)
	w.said.mu.Unlock()
	if accepted+refused != 8 || accepted == 0 {
		t.Fatalf("%d accepted, %d refused of 8", accepted, refused)
	}
	to := w.line(b, nil)
	for range accepted {
		f := strings.SplitN(take(t, to, record.Routine), "|", 5)
		ids[f[2]] = true
	}
	if len(ids) != accepted {
		t.Errorf("%d of %d came", len(ids), accepted)
	}
	again := newID(t)
	publish(t, line, record.Routine, again, wire("osh-1", record.Routine, again, time.Time{}, body))
	if got := take(t, to, record.Routine); !strings.Contains(got, again.String()) {
		t.Errorf("got %.60q", got)
	}
}

// TestReceiptBeforeForgetting proves that the hub forgets a message of a sender only when its receipt, or the notice that it was
// refused, could be written; and that a full way in is told to the caller.
func TestReceiptBeforeForgetting(t *testing.T) {
	t.Parallel()
	a, b := newIdentity(t, "almaty-1"), newIdentity(t, "osh-1")
	var broken atomic.Bool
	broken.Store(true)
	var w *world
	w = newWorld(t, func(c *bus.HubConfig) {
		c.Limits = bus.DefaultLimits()
		c.Limits[record.Flash] = bus.Limits{Bytes: 20_000, Age: time.Hour, AckWait: time.Second, Pending: 4}
		accepted, refused := c.Accepted, c.Refused
		c.Accepted = func(ctx context.Context, from, lane string, ids []string) error {
			if broken.Load() {
				return errors.New("the disk of receipts is full")
			}
			return accepted(ctx, from, lane, ids)
		}
		c.Refused = func(ctx context.Context, from, lane, id, reason string) error {
			if broken.Load() {
				return errors.New("the disk of receipts is full")
			}
			return refused(ctx, from, lane, id, reason)
		}
	}, a, b)
	line, body := w.line(a, nil), strings.Repeat("x", 8000)
	first, lost := newID(t), newID(t)
	publish(t, line, record.Flash, first, wire("osh-1", record.Flash, first, time.Time{}, body))
	publish(t, line, record.Flash, lost, wire("nowhere", record.Flash, lost, time.Time{}, body))
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	third := newID(t)
	err := line.Publish(ctx, record.Flash, third, wire("osh-1", record.Flash, third, time.Time{}, body))
	if record.KindOf(err) != record.Unavailable || !strings.Contains(record.MessageOf(err), "full of what this node sent") {
		t.Errorf("into a full stream: %v", err)
	}
	broken.Store(false)
	w.said.await(t, &w.said.accepted, "almaty-1 flash "+first.String())
	w.said.await(t, &w.said.refused, "almaty-1 flash "+lost.String(), "knows no node")
}

// TestTooLarge proves that what no hub will take is refused at once, and does not cut the line.
func TestTooLarge(t *testing.T) {
	t.Parallel()
	a := newIdentity(t, "almaty-1")
	w := newWorld(t, func(c *bus.HubConfig) { c.MaxMessage = 10_000 }, a)
	line, id := w.line(a, nil), newID(t)
	err := line.Publish(soon(t), record.Bulk, id, make([]byte, 10_001))
	if record.KindOf(err) != record.Invalid || !strings.Contains(record.MessageOf(err), "too large") {
		t.Errorf("got %v", err)
	}
	body := wire("almaty-1", record.Bulk, id, time.Time{}, "")
	body = append(body, make([]byte, 10_000-len(body))...)
	publish(t, line, record.Bulk, id, body)
	take(t, line, record.Bulk)
}

// TestDeliver proves that the hub's own word reaches a node, and that it says what stands in its way.
func TestDeliver(t *testing.T) {
	t.Parallel()
	a := newIdentity(t, "almaty-1")
	w := newWorld(t, nil, a)
	id := newID(t)
	for range 2 {
		err := w.hub.Deliver(soon(t), "hub", "almaty-1", record.Routine, id.String(), []byte("receipt"))
		for record.KindOf(err) == record.Unavailable { // the lane opens
			err = w.hub.Deliver(soon(t), "hub", "almaty-1", record.Routine, id.String(), []byte("receipt"))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	line := w.line(a, nil)
	if got := take(t, line, record.Routine); got != "receipt" {
		t.Errorf("got %q", got)
	}
	for _, n := range w.hub.Counts(t.Context()) {
		if n.Node == "almaty-1" && n.Lane == "routine" && n.Waiting > 1 {
			t.Errorf("repeated: %+v", n)
		}
	}
	if err := w.hub.Deliver(t.Context(), "hub", "nowhere", record.Routine, id.String(), nil); record.KindOf(err) != record.NotFound {
		t.Errorf("to nobody: %v", err)
	}
}
