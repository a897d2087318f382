package bus_test

import (
	"strings"
	"testing"
	"time"

	"sarhad/internal/bus"
	"sarhad/record"
)

// follow gives a line's changes of one lane.
func follow(lane record.Lane) (chan bus.State, func(*bus.LineConfig)) {
	c := make(chan bus.State, 256)
	return c, func(cfg *bus.LineConfig) {
		cfg.Changed = func(s bus.State) {
			if s.Lane == lane {
				c <- s
			}
		}
	}
}

func awaitState(t testing.TB, c chan bus.State, what string, ok func(bus.State) bool) bus.State {
	t.Helper()
	end := time.After(20 * time.Second)
	for {
		select {
		case s := <-c:
			if ok(s) {
				return s
			}
		case <-end:
			t.Fatalf("not %s in time", what)
		}
	}
}

func up(s bus.State) bool   { return s.Up }
func down(s bus.State) bool { return !s.Up }

// TestDirectoryChanges proves that a node that joins can send at once, that one which is revoked is cut off at once and its
// messages are refused, that a rotated key works and the old one does not, and that nobody else's connection is touched.
func TestDirectoryChanges(t *testing.T) {
	t.Parallel()
	a, b, c := newIdentity(t, "almaty-1"), newIdentity(t, "osh-1"), newIdentity(t, "khujand-1")
	w := newWorld(t, nil, a, b)
	bystander, watch := follow(record.Flash)
	lineA := w.line(a, watch)
	awaitState(t, bystander, "up", up)
	lineB := w.line(b, nil)

	// Join.
	if err := w.hub.SetNodes([]bus.Node{a.Node, b.Node, c.Node}); err != nil {
		t.Fatal(err)
	}
	states, watchC := follow(record.Flash)
	lineC := w.line(c, watchC)
	awaitState(t, states, "up", up)
	id := newID(t)
	publish(t, lineC, record.Flash, id, wire("osh-1", record.Flash, id, time.Time{}, "first word"))
	if got := take(t, lineB, record.Flash); !strings.HasSuffix(got, "first word") {
		t.Errorf("got %q", got)
	}

	// Rotate: both keys while they change over, then the new one only.
	next := newIdentity(t, "khujand-1")
	both := bus.Node{ID: c.ID, Keys: append(c.Keys, next.Keys...), Pins: append(c.Pins, next.Pins...)}
	if err := w.hub.SetNodes([]bus.Node{a.Node, b.Node, both}); err != nil {
		t.Fatal(err)
	}
	select {
	case s := <-states:
		t.Errorf("a second key cut the line: %+v", s)
	default:
	}
	if err := w.hub.SetNodes([]bus.Node{a.Node, b.Node, next.Node}); err != nil {
		t.Fatal(err)
	}
	awaitState(t, states, "down", down)
	awaitState(t, states, "refused", func(s bus.State) bool {
		return strings.Contains(s.Problem, "certificate") || strings.Contains(s.Problem, "line key")
	})
	lineC.Close()
	lineNext := w.line(next, nil)
	id = newID(t)
	publish(t, lineNext, record.Flash, id, wire("osh-1", record.Flash, id, time.Time{}, "with the new key"))
	if got := take(t, lineB, record.Flash); !strings.HasSuffix(got, "with the new key") {
		t.Errorf("got %q", got)
	}

	// Revoke.
	if err := w.hub.SetNodes([]bus.Node{a.Node, b.Node}); err != nil {
		t.Fatal(err)
	}
	id = newID(t)
	publish(t, lineB, record.Flash, id, wire("khujand-1", record.Flash, id, time.Time{}, "too late"))
	w.said.await(t, &w.said.refused, "osh-1 flash "+id.String(), "knows no node", "khujand-1")
	if n := w.hub.Lines(); n["khujand-1"] != 0 {
		t.Errorf("the revoked node has %d lines", n["khujand-1"])
	}
	if err := w.hub.Forget(t.Context(), "osh-1"); record.KindOf(err) != record.Conflict {
		t.Errorf("forgot a present node: %v", err)
	}
	if err := w.hub.Forget(t.Context(), "khujand-1"); err != nil {
		t.Error(err)
	}

	// Nobody else noticed.
	select {
	case s := <-bystander:
		t.Errorf("the line of a bystander changed: %+v", s)
	default:
	}
	id = newID(t)
	publish(t, lineA, record.Flash, id, wire("osh-1", record.Flash, id, time.Time{}, "undisturbed"))
	if got := take(t, lineB, record.Flash); !strings.HasSuffix(got, "undisturbed") {
		t.Errorf("got %q", got)
	}
}

// TestDirectoryOutlivesTheHub proves that what waits for a node that joined later is there after a restart of the hub.
func TestDirectoryOutlivesTheHub(t *testing.T) {
	t.Parallel()
	a, b := newIdentity(t, "almaty-1"), newIdentity(t, "osh-1")
	w := newWorld(t, nil, a)
	if err := w.hub.SetNodes([]bus.Node{a.Node, b.Node}); err != nil {
		t.Fatal(err)
	}
	id := newID(t)
	publish(t, w.line(a, nil), record.Bulk, id, wire("osh-1", record.Bulk, id, time.Time{}, "kept"))
	w.said.await(t, &w.said.accepted, id.String())
	w.hub.Close()
	w.cfg.Nodes = append(w.cfg.Nodes, b.Node)
	w.start()
	if got := take(t, w.line(b, nil), record.Bulk); !strings.HasSuffix(got, "kept") {
		t.Errorf("got %q", got)
	}
}

// TestSetNodesRefuses proves that a directory that cannot be meant changes nothing.
func TestSetNodesRefuses(t *testing.T) {
	t.Parallel()
	a, b := newIdentity(t, "almaty-1"), newIdentity(t, "osh-1")
	w := newWorld(t, nil, a)
	shared := b.Node
	shared.Keys = a.Keys
	bad := b.Node
	bad.Keys = []string{"UNKEY"}
	for name, nodes := range map[string][]bus.Node{
		"a key of two":   {a.Node, shared},
		"a node twice":   {a.Node, a.Node},
		"no NKey":        {a.Node, bad},
		"a strange name": {{ID: "a.>"}},
		"no name":        {{}},
	} {
		if err := w.hub.SetNodes(nodes); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	line := w.line(a, nil)
	id := newID(t)
	publish(t, line, record.Flash, id, wire("almaty-1", record.Flash, id, time.Time{}, "still here"))
	take(t, line, record.Flash)
}
