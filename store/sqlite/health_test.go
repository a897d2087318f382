package sqlite

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"sarhad/store/storetest"
)

// TestHealth proves that the figures an administrator sees are those of the store, and that they can be read beside its
// owner.
func TestHealth(t *testing.T) {
	s, clock := open(t)
	for _, on := range []time.Duration{0, time.Hour, -time.Hour} { // at last the clock is set back
		clock.Tick(on)
		put(t, s, note(storetest.Note{Title: "one"}))
	}
	beside, err := Open(t.Context(), Config{Dir: s.cfg.Dir, Types: s.cfg.Types, Allow: s.cfg.Allow, Now: s.cfg.Now, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer beside.Close()
	h, err := beside.Health(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if h.Schema != h.KnownSchema || h.Schema < 3 || h.Index != indexVersion || h.KnownIndex != indexVersion || h.ToReindex != 0 {
		t.Errorf("versions: %+v", h)
	}
	if h.Head != 3 || h.WeekAgo != 0 || h.Acts != 3 || h.Sequenced != 0 || h.Backwards != 1 || h.WaitingSince.IsZero() {
		t.Errorf("figures: %+v", h)
	}
	if len(h.Kinds) != 1 || h.Kinds[0].Oldest != 1 || h.Kinds[0].Newest != 1 || h.Database == 0 || h.WAL == 0 {
		t.Errorf("what is stored: %+v", h)
	}
}

// TestFilesAreOurs proves that nobody else may read the database, also one that an older program made.
func TestFilesAreOurs(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the directory's access list decides")
	}
	s, _ := open(t)
	db := filepath.Join(s.cfg.Dir, fileName)
	for _, path := range []string{db, db + "-wal", db + "-shm"} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(db, 0o644); err != nil {
		t.Fatal(err)
	}
	again, err := Open(t.Context(), s.cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if info, err := os.Stat(db); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("an old database stays open to others: %v, %v", info.Mode(), err)
	}
}
