package sqlite

import (
	"context"
	"testing"

	"sarhad/engine/match"
	"sarhad/store/storetest"
)

// open opens a new store for a test.
func open(t *testing.T, change ...func(*Config)) (*Store, *storetest.Clock) {
	t.Helper()
	clock := storetest.NewClock()
	cfg := Config{Dir: t.TempDir(), Types: storetest.Types(), Allow: storetest.Allow, Fold: match.Fold, Now: clock.Now, Node: "node-a", Handover: storetest.Believe}
	for _, f := range change {
		f(&cfg)
	}
	s, err := Open(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s, clock
}

func TestConformance(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Opened {
		s, clock := open(t)
		shelf := storetest.NewShelf()
		s.UseChunks(shelf)
		return storetest.Opened{Store: s, Clock: clock, Shelf: shelf}
	})
}
