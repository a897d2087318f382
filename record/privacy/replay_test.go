package privacy

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"sarhad/engine/match"
	"sarhad/record"
	"sarhad/record/access"
	"sarhad/store/sqlite"
	"sarhad/store/storetest"
)

// TestReplay proves that a restored backup forgets again: what was erased and masked since, and nothing that a hold kept.
func TestReplay(t *testing.T) {
	s := newScene(t)
	top := s.put(named("TOP"))
	held := s.put(named("HELD"), top)
	low := s.put(named("LOW"), top)
	masked := s.put(&trip{Title: "MASKED"})
	nameless := s.put(&trip{Title: "SECRETOVA"})
	stays := s.put(named("STAYS"))
	must(t, s.store.Sync(context.Background()))
	backup := t.TempDir()
	copyStore(t, s, backup)

	_, err := s.c.AddHold(person("supervisor", "b"), Hold{Targets: []record.ID{held}, Basis: "order", Until: s.clock.Now().AddDate(1, 0, 0)})
	s.ok(err)
	s.ok(second(s.c.Erase(person("supervisor", "b"), top, "request 1", nil)))
	s.update(func(tx record.Tx) error { return tx.Mask(masked, s.c.Masking("p", false)) })
	s.update(func(tx record.Tx) error { return tx.Mask(nameless, s.c.Masking("p", true)) })
	var lines []record.Erasure
	s.ok(s.store.View(machineCtx(), func(tx record.Tx) (err error) { lines, err = tx.Erasures(0, 100); return err }))

	bodies := append(Bodies(), func() record.Body { return &storetest.Note{} }, func() record.Body { return &trip{} })
	old, err := sqlite.Open(context.Background(), sqlite.Config{Dir: backup, Types: record.NewTypes(bodies...), Fold: match.Fold, Now: s.clock.Now, Node: "node-a",
		Allow: func(a record.Actor, sc record.Scope) bool { return access.Allow(a, access.Read, sc) }})
	s.ok(err)
	defer old.Close()
	rep, err := Replay(context.Background(), old, &Keys{}, lines)
	s.ok(err)
	if rep.Erased != 1 || rep.Gone != 1 || rep.Waiting != 1 || rep.Nameless != 1 || rep.Lines != 4 {
		t.Errorf("without keys: %+v", rep)
	}
	rep, err = Replay(context.Background(), old, s.c.Keys, lines)
	s.ok(err)
	if rep.Masked != 1 || rep.Erased != 0 {
		t.Errorf("with keys: %+v", rep)
	}
	s.store = old
	for id, want := range map[record.ID]string{top: "gone", low: "gone", held: "clear", stays: "clear", masked: "masked", nameless: "masked"} {
		got := "clear"
		if r := s.get(id); r == nil {
			got = "gone"
		} else if r.Masked != nil {
			got = "masked"
		}
		if got != want {
			t.Errorf("%s is %s, want %s", id, got, want)
		}
	}
	if left := inFiles(t, backup, "SECRETOVA"); len(left) > 0 {
		t.Errorf("in the restored files: %v", left)
	}
}

// copyStore copies the files of a quiet store.
func copyStore(t *testing.T, s *scene, to string) {
	t.Helper()
	for _, name := range []string{"sarhad.db", "sarhad.db-wal"} {
		b, err := os.ReadFile(filepath.Join(s.dir, name))
		if os.IsNotExist(err) {
			continue
		}
		must(t, err)
		must(t, os.WriteFile(filepath.Join(to, name), b, 0o600))
	}
}
