package sqlite

import (
	"context"
	"testing"

	"sarhad/engine/match"
	"sarhad/exchange/directory"
	"sarhad/exchange/directory/directorytest"
	"sarhad/store/storetest"
)

// TestDirectory proves that the directory of the network is kept as exchange/directory asks.
func TestDirectory(t *testing.T) {
	directorytest.Run(t, func(t *testing.T) directorytest.Opened {
		cfg := Config{Dir: t.TempDir(), Types: storetest.Types(), Allow: storetest.Allow, Fold: match.Fold, Now: storetest.NewClock().Now, Node: "node-a", Handover: storetest.Believe}
		s, err := Open(context.Background(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		o := directorytest.Opened{Storage: s}
		t.Cleanup(func() { _ = s.Close() }) // closed once again by Reopen's end: harmless
		o.Reopen = func() directory.Storage {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if s, err = Open(context.Background(), cfg); err != nil {
				t.Fatal(err)
			}
			return s
		}
		return o
	})
}
