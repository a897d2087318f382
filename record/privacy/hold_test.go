package privacy

import (
	"context"
	"os"
	"testing"
	"time"

	"sarhad/record"
)

func mkdir() (string, error) { return os.MkdirTemp("", "sarhad-privacy-test-*") }

func TestMain(m *testing.M) {
	code := m.Run()
	os.RemoveAll(keysOf().Dir)
	os.Exit(code)
}

// TestHoldsKeep proves that a hold keeps a record and everything under it from erasing and masking, answers with basis and
// end, and that what should have gone goes when it ends.
func TestHoldsKeep(t *testing.T) {
	s := newScene(t)
	s.policy("test.note", Rule{Name: "m", Action: Mask, After: "PT24H"}, Rule{Name: "e", Action: Erase, After: "P5D"})
	top := s.put(named("TOP"))
	held := s.put(named("HELD"), top)
	under := s.put(named("UNDER"), held)
	aside := s.put(named("ASIDE"), top)
	boss := person("supervisor", "boss")
	until := s.clock.Now().AddDate(0, 0, 8)
	for name, h := range map[string]Hold{
		"no basis": {Targets: []record.ID{held}, Until: until}, "no end": {Targets: []record.ID{held}, Basis: "order 1"},
		"no target": {Basis: "order 1", Until: until}, "an end in the past": {Targets: []record.ID{held}, Basis: "order 1", Until: s.clock.Now()},
	} {
		_, err := s.c.AddHold(boss, h)
		s.kind(name, err, record.Invalid)
	}
	_, err := s.c.AddHold(person("analyst", "a"), Hold{Targets: []record.ID{held}, Basis: "order 1", Until: until})
	s.kind("an analyst's hold", err, record.Forbidden)
	hold, err := s.c.AddHold(boss, Hold{Targets: []record.ID{held}, Basis: "order 1", Until: until, Reason: "for the court"})
	s.ok(err)
	s.clock.Tick(25 * time.Hour / 2)
	s.clock.Tick(23 * time.Hour / 2)
	due, _, err := s.c.Plan(context.Background(), 10)
	s.ok(err)
	answered := 0
	for _, d := range due {
		if d.Held != nil && d.Held.Basis == "order 1" && d.Held.Until.Equal(until) && d.Held.Hold == hold.ID {
			answered++
		}
	}
	if len(due) != 4 || answered != 2 {
		t.Errorf("%d due, %d of them held: %+v", len(due), answered, due)
	}
	s.run()
	for id, masked := range map[record.ID]bool{top: true, aside: true, held: false, under: false} {
		if r := s.get(id); (r.Masked != nil) != masked {
			t.Errorf("%s: masked %v, want %v", r.Key, r.Masked != nil, masked)
		}
	}
	_, err = s.c.Erase(boss, held, "request of the person", nil)
	s.kind("erasing what is held", err, record.Conflict)
	_, err = s.c.Erase(boss, under, "request of the person", nil)
	s.kind("erasing what lies under it", err, record.Conflict)
	took, err := s.c.Preview(boss, top)
	s.ok(err)
	if len(took) != 3 || len(spared(took)) != 1 { // what lies under the held one is not gone through
		t.Errorf("a preview: %+v", took)
	}
	s.forward(4) // the fifth day: all are due for erasing
	if s.get(top) != nil || s.get(aside) != nil || s.get(held) == nil || s.get(under) == nil {
		t.Error("not exactly what is held is left")
	}
	s.kind("an analyst ends it", second(s.c.EndHold(person("analyst", "a"), hold.ID)), record.NotFound)
	s.forward(2)
	if s.get(held) == nil {
		t.Error("gone before the hold ended")
	}
	s.forward(2) // its time is over by itself
	if s.get(held) != nil || s.get(under) != nil || s.get(hold.ID) != nil {
		t.Error("what was held outlives its hold and its parent")
	}
}

func second[T any](_ T, err error) error { return err }

// TestEndingAHold proves that a person ends it too, and that a hold outlives no parent that another hold keeps.
func TestEndingAHold(t *testing.T) {
	s := newScene(t)
	s.policy("test.note", Rule{Name: "e", Action: Erase, After: "P1D"})
	top := s.put(named("TOP"))
	low := s.put(&trip{Title: "LOW"}, top) // of a kind that no rule knows: it goes with its parent or not at all
	boss := person("supervisor", "boss")
	until := s.clock.Now().AddDate(1, 0, 0)
	one, err := s.c.AddHold(boss, Hold{Targets: []record.ID{low}, Basis: "one", Until: until})
	s.ok(err)
	two, err := s.c.AddHold(boss, Hold{Targets: []record.ID{low}, Basis: "two", Until: until})
	s.ok(err)
	s.forward(1)
	if s.get(top) != nil || s.get(low) == nil {
		t.Fatal("not exactly what is held is left")
	}
	_, err = s.c.EndHold(boss, one.ID)
	s.ok(err)
	s.kind("ending it again", second(s.c.EndHold(boss, one.ID)), record.Conflict)
	s.run()
	if s.get(low) == nil {
		t.Error("gone, though the second hold still keeps it")
	}
	list, _, err := s.c.Holds(boss, Active, "", 0)
	s.ok(err)
	if len(list) != 1 || list[0].ID != two.ID {
		t.Errorf("active holds: %+v", list)
	}
	_, err = s.c.EndHold(boss, two.ID)
	s.ok(err)
	s.run()
	if s.get(low) != nil {
		t.Error("it outlives its last hold")
	}
}

// TestNothingIsForgottenWithoutAnIndex proves that while the index is rebuilt, when holds cannot be found, nothing goes.
func TestNothingIsForgottenWithoutAnIndex(t *testing.T) {
	s := newScene(t)
	s.policy("test.note", Rule{Name: "e", Action: Erase, After: "PT1H"})
	id := s.put(named("A"))
	left := 3
	s.c.Whole = func(context.Context) (int, error) { return left, nil }
	s.clock.Tick(2 * time.Hour)
	s.kind("a run", second(s.c.Run(context.Background())), record.Unavailable)
	s.kind("a person's word", second(s.c.Erase(person("supervisor", "b"), id, "request 1", nil)), record.Unavailable)
	if s.get(id) == nil {
		t.Error("erased while holds could not be found")
	}
	left = 0
	if s.run(); s.get(id) != nil {
		t.Error("not erased when the index was whole")
	}
}
