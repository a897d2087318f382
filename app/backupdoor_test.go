package app_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sarhad/app"
	"sarhad/internal/config"
	"sarhad/record"
	"sarhad/record/audit"
	"sarhad/web/api"
)

func (s *saved) configure(set func(*config.Config)) {
	s.t.Helper()
	text, err := os.ReadFile(filepath.Join(s.dir, config.FileName))
	if err != nil {
		s.t.Fatal(err)
	}
	c, err := config.Parse(text)
	if err != nil {
		s.t.Fatal(err)
	}
	set(&c)
	if err := config.Write(s.dir, c); err != nil {
		s.t.Fatal(err)
	}
}

// TestBackupThroughTheDoor proves that an administrator, and nobody else, begins a backup from the screen, sees what became of
// it, and stands in the log with it.
func TestBackupThroughTheDoor(t *testing.T) {
	s := save(t)
	a := node(t, s.dir)
	admin := signIn(t, a, "admin")
	var state api.Backup
	admin.get("/backup", &state)
	if state.Configured || state.Number != 0 {
		t.Errorf("before: %+v", state)
	}
	if status, got := admin.send("POST", "/backup", "application/json", nil); status != 422 || !strings.Contains(string(got), "backup_dir") {
		t.Errorf("nobody said where to: %d %s", status, got)
	}
	if err := a.Stop(); err != nil {
		t.Fatal(err)
	}

	s.configure(func(c *config.Config) { c.BackupDir, c.BackupKeep = s.set, "1" })
	a = node(t, s.dir)
	defer a.Stop()
	for _, name := range []string{"analyst", "supervisor", "border", "oversight"} {
		b := signIn(t, a, name)
		for _, method := range []string{"GET", "POST"} {
			if status, _ := b.send(method, "/backup", "application/json", nil); status != 403 {
				t.Errorf("%s %s /backup: %d", name, method, status)
			}
		}
	}
	admin = signIn(t, a, "admin")
	for number := int64(1); number <= 2; number++ {
		admin.do("POST", "/backup", map[string]any{}, nil, 200)
		until(t, "the backup is made", func() bool { admin.get("/backup", &state); return !state.Running })
		if state.Number != number || state.Dir != s.set || state.Failed != "" || state.Bytes == 0 {
			t.Errorf("after: %+v", state)
		}
	}
	if headers, _ := filepath.Glob(filepath.Join(s.set, "backups", "*.txt")); len(headers) != 1 {
		t.Errorf("%d backups are kept, the settings say one", len(headers))
	}
	rows, err := a.Store.AskAudit(t.Context(), audit.Question{Actions: []string{"backup"}})
	if err != nil || len(rows) != 2 || rows[0].Role != "admin" {
		t.Errorf("the log says %+v %v", rows, err)
	}
}

// TestBackupByTheClock proves that a node whose settings name a time makes its backup without being asked, that a restored copy
// of it does not write into its set, and that it can be verified from there on.
func TestBackupByTheClock(t *testing.T) {
	s := save(t)
	s.configure(func(c *config.Config) { c.BackupDir, c.BackupAt = s.set, "02:30" })
	a := node(t, s.dir)
	until(t, "the first backup is made", func() bool { state, err := a.BackupState(); return err == nil && state.Number == 1 && !state.Running })
	if err := a.Stop(); err != nil {
		t.Fatal(err)
	}
	o := s.elsewhere()
	out := s.restore(o)
	if got := strings.Join(out.Settings, " "); got != "backup_dir backup_at" {
		t.Errorf("settings set back: %s", got)
	}
	if c, err := config.Load(o.Dir); err != nil || c.BackupDir != "" || c.BackupKeep != "14" {
		t.Errorf("%+v %v", c, err)
	}
	state, err := a.BackupState()
	if err != nil || state.VerifiedNumber != 0 {
		t.Errorf("before a trial: %+v %v", state, err)
	}
	tmp := t.TempDir()
	if err := os.MkdirAll(filepath.Join(tmp, "sarhad-trial-999999999-x", "node"), 0o700); err != nil { // left by one that was killed
		t.Fatal(err)
	}
	o.Now = func() time.Time { return time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC) }
	if out, err := app.TryRestore(t.Context(), tmp, o); err != nil || out.Number != 1 {
		t.Fatalf("%+v %v", out, err)
	}
	if left, _ := os.ReadDir(tmp); len(left) != 0 {
		t.Errorf("the trial left %v in the clear", left)
	}
	if state, err := a.BackupState(); err != nil || state.VerifiedNumber != 1 || !state.VerifiedAt.Equal(o.Now()) {
		t.Errorf("after a trial: %+v %v", state, err)
	}
}

// TestBrokenOffRestoreIsNotServed proves that a node does not start in a directory whose restore did not end.
func TestBrokenOffRestoreIsNotServed(t *testing.T) {
	s := save(t)
	command(t, s.dir, func(ctx context.Context, a *app.App) { s.backup(ctx, a) })
	o := s.elsewhere()
	ctx, cancel := context.WithCancel(t.Context())
	o.Progress = func(int64, int64) { cancel() }
	if _, err := app.Restore(ctx, o); err == nil {
		t.Fatal("restored though it was broken off")
	}
	for _, readOnly := range []bool{false, true} {
		_, err := app.New(t.Context(), o.Dir, app.Options{Log: slog.New(slog.DiscardHandler), ReadOnly: readOnly})
		if err == nil || !strings.Contains(record.MessageOf(err), "half restored") {
			t.Errorf("opened: %v", err)
		}
	}
}

// TestDiskIsAway proves that a disk that is not mounted is said, and that neither a backup nor a journal is written into the
// empty place that it leaves.
func TestDiskIsAway(t *testing.T) {
	s := save(t)
	command(t, s.dir, func(ctx context.Context, a *app.App) { s.backup(ctx, a) })
	if err := os.Rename(s.set, s.set+"-away"); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(s.set, 0o700); err != nil {
		t.Fatal(err)
	}
	command(t, s.dir, func(ctx context.Context, a *app.App) {
		if _, err := a.Backup(ctx, app.BackupOptions{Dir: s.set}); record.KindOf(err) != record.Unavailable || !strings.Contains(record.MessageOf(err), "mounted") {
			t.Errorf("the disk is away: %v", err)
		}
	})
	if left, _ := os.ReadDir(s.set); len(left) != 0 {
		t.Errorf("written into the empty place: %v", left)
	}
	if err := os.Remove(s.set); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(s.set+"-away", s.set); err != nil {
		t.Fatal(err)
	}
	command(t, s.dir, func(ctx context.Context, a *app.App) {
		if res := s.backup(ctx, a); res.Number != 2 {
			t.Errorf("the disk is back: %+v", res)
		}
	})
}
