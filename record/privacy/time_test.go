package privacy

import (
	"context"
	"testing"
	"time"

	"sarhad/record"
	"sarhad/store/storetest"
)

// TestAWrongClockStops proves that a leap of more than a day, forwards or back, stops the clocks, that neither acts under the
// wrong clock nor a restart nor the right time start them again, and that a person's word does.
func TestAWrongClockStops(t *testing.T) {
	for name, leap := range map[string]time.Duration{"forwards": 400 * 24 * time.Hour, "a day and a minute": 24*time.Hour + time.Minute, "back": -25 * time.Hour} {
		s := newScene(t)
		s.policy("test.note", Rule{Name: "e", Action: Erase, After: "PT1H"})
		s.ok(s.c.Begin(context.Background()))
		s.clock.Tick(23 * time.Hour)
		if rep := s.run(); rep.Stopped != nil {
			t.Fatalf("%s: stopped within a day", name)
		}
		old := s.put(&storetest.Note{Title: "A"})
		s.clock.Tick(leap)
		s.put(&storetest.Note{Title: "B"}) // somebody signs in under the wrong clock: the newest act agrees with it
		for range 2 {
			if rep := s.run(); rep.Stopped == nil || rep.Erased != 0 || s.get(old) == nil {
				t.Fatalf("%s: %+v", name, rep)
			}
		}
		again := s.restarted()
		s.clock.Tick(-leap)
		if rep, err := again.Run(context.Background()); err != nil || rep.Stopped == nil {
			t.Errorf("%s: started again by itself: %+v %v", name, rep, err)
		}
		over, err := s.c.Overview(context.Background())
		s.ok(err)
		if over.Stopped == nil || over.Stopped.Wall.Sub(over.Stopped.Trusted) != leap {
			t.Errorf("%s: the overview says %+v", name, over.Stopped)
		}
		s.kind("confirmed by an analyst", s.c.ConfirmTime(person("analyst", "a"), "because"), record.Forbidden)
		s.kind("confirmed without a word", s.c.ConfirmTime(person("supervisor", "b"), " "), record.Invalid)
		s.ok(s.c.ConfirmTime(person("supervisor", "b"), "battery replaced, clock set by radio"))
		s.clock.Tick(2 * time.Hour)
		if rep := s.run(); rep.Stopped != nil || rep.Erased == 0 || s.get(old) != nil {
			t.Errorf("%s: confirmed, and %+v", name, rep)
		}
	}
}

// TestAnOldDirectoryTrustsItsLastAct proves that a directory that never had a trusted time is not started by a wrong clock.
func TestAnOldDirectoryTrustsItsLastAct(t *testing.T) {
	s := newScene(t)
	s.put(&storetest.Note{Title: "A"})
	s.clock.Tick(72 * time.Hour)
	s.ok(s.c.Begin(context.Background()))
	if rep := s.run(); rep.Stopped == nil {
		t.Errorf("three days after the last act: %+v", rep)
	}
}
