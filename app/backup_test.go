package app_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sarhad/app"
	"sarhad/collection/passenger"
	"sarhad/record"
	"sarhad/record/privacy"
	"sarhad/screening/hit"
	"sarhad/screening/watchlist"
	"sarhad/store/backup"
	"sarhad/web/api"
)

// saved is a node with a set of backups and what left the machine: the recovery key and the keys of the node.
type saved struct {
	t        *testing.T
	dir, set string
	identity string
	keys     app.KeyExport
	flights  int
}

func save(t *testing.T) *saved {
	t.Helper()
	s := &saved{t: t, dir: filepath.Join(t.TempDir(), "node"), set: filepath.Join(t.TempDir(), "set")}
	_, err := app.Init(t.Context(), s.dir, app.Setup{Role: "node", Country: "KZ", Admin: "first", Secret: func(what, secret string) {
		if what == app.SecretRecovery {
			s.identity = secret
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	command(t, s.dir, func(ctx context.Context, a *app.App) {
		if s.keys, err = a.ExportKeys(ctx, false); err != nil {
			t.Fatal(err)
		}
	})
	return s
}

// arrive takes in a message of one traveller, an invented person, on a flight of tonight.
func (s *saved) arrive(ctx context.Context, a *app.App, surname, given, born, document string) {
	s.t.Helper()
	s.flights++
	now := time.Now().UTC()
	day, stamp := now.Format("060102"), now.Format("20060102")[2:]
	text := fmt.Sprintf("UNA:+.? 'UNB+UNOA:4+TESTAIR+KZBORDER+%s:0900+%d'UNH+1+PAXLST:D:15B:UN:IATA'BGM+745'NAD+MS+++TEST DESK'"+
		"TDT+20+Z0%d+++Z0'LOC+125+IST'DTM+189:%s1200:201'LOC+87+ALA'DTM+232:%s1900:201'"+
		"NAD+FL+++%s:%s'ATT+2++M'DTM+329:%s'NAT+2+UZB'DOC+P+%s'LOC+91+UZB'CNT+42:1'UNT+16+1'UNZ+1+%d'",
		day, s.flights, 100+s.flights, stamp, stamp, surname, given, born, document, s.flights)
	receipt, err := api.TakeIn(ctx, a.Passengers, fmt.Sprintf("z0%d.edi", s.flights), []byte(text))
	if err != nil {
		s.t.Fatal(err)
	}
	if receipt.Accepted != 1 {
		s.t.Fatalf("%s: %+v", surname, receipt)
	}
}

func (s *saved) backup(ctx context.Context, a *app.App) backup.Result {
	s.t.Helper()
	res, err := a.Backup(ctx, app.BackupOptions{Dir: s.set})
	if err != nil {
		s.t.Fatal(err)
	}
	return res
}

// elsewhere is another machine: all it has are the set, the recovery key and the keys of the node.
func (s *saved) elsewhere() app.RestoreOptions {
	return app.RestoreOptions{From: s.set, Identity: s.identity, Keys: s.keys.Sealed, Words: s.keys.Words, Dir: filepath.Join(s.t.TempDir(), "new"),
		Log: slog.New(slog.DiscardHandler)}
}

func (s *saved) restore(o app.RestoreOptions) app.Restored {
	s.t.Helper()
	out, err := app.Restore(s.t.Context(), o)
	if err != nil {
		s.t.Fatal(err)
	}
	return out
}

func journey(t *testing.T, ctx context.Context, a *app.App, surname string) (id record.ID) {
	t.Helper()
	err := a.Store.View(ctx, func(tx record.Tx) error {
		page, err := tx.List(record.Query{Kinds: []string{passenger.KindJourney}, Text: surname})
		if err == nil && len(page.Rows) == 1 {
			id = page.Rows[0].ID
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func erase(t *testing.T, ctx context.Context, a *app.App, id record.ID) {
	t.Helper()
	err := a.Store.Update(ctx, func(tx record.Tx) error {
		if _, err := tx.Erase(id); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "erase", Subject: id})
	})
	if err != nil {
		t.Fatal(err)
	}
}

func hitsOf(t *testing.T, ctx context.Context, a *app.App) (out []record.Row) {
	t.Helper()
	err := a.Store.View(ctx, func(tx record.Tx) error {
		page, err := tx.List(record.Query{Kinds: []string{hit.KindHit}, Limit: record.MaxLimit, Full: true})
		out = page.Rows
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

const lookAlike = "id,name,born,nationality,sex,documents,reason,severity,instruction\n" +
	"e1,Karimov Jasur,1980-02-03,UZB,M,,invented,high,second-line\n"

var dutyAnalyst = record.Actor{User: "analyst", Display: "The analyst", Agency: "KAZ-PIU", Roles: []string{"analyst"}, Purpose: record.Purpose{Kind: "duty", Text: "test"}}

// TestRestoredOnAnotherMachine proves the whole promise: a backup made while the node serves is restored on another machine
// with nothing but the set, the recovery key and the keys. What was erased after the backup stays erased; the log goes on under
// a new incarnation that is accepted, and what the old machine signed later is told as what it is; accounts sign in; readers
// of the sequence go on; a dismissed traveller stays dismissed.
func TestRestoredOnAnotherMachine(t *testing.T) {
	s := save(t)
	a := node(t, s.dir)
	ctx := record.WithActor(t.Context(), record.Machine("test", ""))
	list := watchlist.Source{Files: []watchlist.File{{Name: "own.csv", Data: strings.NewReader(lookAlike)}}, Title: "Own", Node: a.Config.Name, Agency: app.Agency("KAZ")}
	if _, err := watchlist.Import(ctx, a.Store, list); err != nil {
		t.Fatal(err)
	}
	s.arrive(ctx, a, "KARIMOV", "JASUR", "800203", "ZZ0000001")
	s.arrive(ctx, a, "QUANYSHBEKOV", "ERZHIGIT", "910405", "ZZ7654321")
	until(t, "the look-alike is found", func() bool { return len(hitsOf(t, ctx, a)) == 1 })
	as := record.WithActor(t.Context(), dutyAnalyst)
	h := hitsOf(t, ctx, a)[0].ID
	if _, err := a.Hits.Claim(as, h); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Hits.Dismiss(as, h, "birth-date", ""); err != nil {
		t.Fatal(err)
	}
	if res := s.backup(ctx, a); res.Number != 1 || res.New == 0 || res.Kept != 1 {
		t.Errorf("the first backup: %+v", res)
	}
	if left := inFiles(t, s.set, "QUANYSHBEKOV", "ZZ7654321", "KARIMOV", "Karimov Jasur"); len(left) > 0 {
		t.Errorf("in the set in the clear: %v", left)
	}

	// After the backup: an erasure, and acts that only the old machine knows of.
	erase(t, ctx, a, journey(t, ctx, a, "QUANYSHBEKOV"))
	until(t, "the erasure is in the set", func() bool {
		files, _ := filepath.Glob(filepath.Join(s.set, "erasures-*.journal"))
		b, err := os.ReadFile(files[0])
		return err == nil && bytes.Count(b, []byte("\n")) == 2
	})
	s.arrive(ctx, a, "LATER", "TEST", "910405", "ZZ0000009")
	if err := a.Stop(); err != nil {
		t.Fatal(err)
	}
	old := verified(t, s.dir)

	o := s.elsewhere()
	out := s.restore(o)
	if out.Number != 1 || out.Erased != 1 || !out.Audit.OK() || len(out.Audit.Lives) != 1 || out.Audit.Lives[0].Lost != 0 || out.Former == out.New {
		t.Fatalf("restored: %+v", out)
	}
	if left := inFiles(t, o.Dir, "QUANYSHBEKOV", "ERZHIGIT", "ZZ7654321"); len(left) > 0 {
		t.Errorf("what was erased after the backup came back: %v", left)
	}
	if len(inFiles(t, o.Dir, "KARIMOV")) == 0 {
		t.Error("the search finds nobody at all")
	}
	later, err := filepath.Glob(filepath.Join(s.dir, "checkpoints", "*.txt"))
	if err != nil {
		t.Fatal(err)
	}
	b, err := app.New(t.Context(), o.Dir, app.Options{Log: slog.New(slog.DiscardHandler), ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	rep, err := b.VerifyAudit(t.Context(), later)
	if err != nil || !rep.OK() || rep.Lives[0].Lost != old.Size-rep.Lives[0].Until || rep.Lives[0].Lost < 2 {
		t.Errorf("with the checkpoints of the old machine (%d acts): %+v %v", old.Size, rep, err)
	}
	b.Stop()
	goesOn(t, s, o.Dir)
}

// goesOn proves that a restored node lives.
func goesOn(t *testing.T, s *saved, dir string) {
	t.Helper()
	a := node(t, dir)
	defer a.Stop()
	ctx := record.WithActor(t.Context(), record.Machine("test", ""))
	signIn(t, a, "analyst").get("/hits", nil)
	s.flights = 50
	s.arrive(ctx, a, "KARIMOV", "JASUR", "800203", "ZZ0000001") // the same passport as the dismissed one
	s.arrive(ctx, a, "KARIMOV", "JASUR", "800203", "ZZ0000002") // another one
	until(t, "the next travellers are screened", func() bool {
		st, err := a.Events.Status(ctx)
		return err == nil && st.Unscreened == 0 && len(hitsOf(t, ctx, a)) >= 2
	})
	open := 0
	for _, row := range hitsOf(t, ctx, a) {
		if row.State == "new" {
			open++
		}
	}
	if open != 1 {
		t.Errorf("%d open hits after the restore, want the one with another passport: the clearance is lost, or screening is", open)
	}
	if err := a.Sequencer.Close(ctx); err != nil {
		t.Fatal(err)
	}
	if rep, err := a.VerifyAudit(ctx, nil); err != nil || !rep.OK() {
		t.Errorf("the log goes on: %v %v", rep.Findings, err)
	}
	var journal []byte
	until(t, "the journal goes on", func() bool {
		journal, _ = os.ReadFile(filepath.Join(dir, backup.JournalFile))
		return bytes.Count(journal, []byte("\n")) == 2
	})
}

// TestNoRestoreWithoutItsJournal proves that a missing, cut or changed journal refuses the restore, that the way around it is
// loud, and that a journal from elsewhere helps.
func TestNoRestoreWithoutItsJournal(t *testing.T) {
	s := save(t)
	command(t, s.dir, func(ctx context.Context, a *app.App) {
		s.arrive(ctx, a, "QUANYSHBEKOV", "ERZHIGIT", "910405", "ZZ7654321")
		s.backup(ctx, a)
		erase(t, ctx, a, journey(t, ctx, a, "QUANYSHBEKOV"))
		s.backup(ctx, a)
	})
	files, _ := filepath.Glob(filepath.Join(s.set, "erasures-*.journal"))
	whole, err := os.ReadFile(files[0])
	if err != nil || bytes.Count(whole, []byte("\n")) != 2 {
		t.Fatalf("%q %v", whole, err)
	}
	first := bytes.IndexByte(whole, '\n') + 1
	for _, c := range []struct {
		name, want string
		text       []byte
	}{
		{"missing", "is missing", nil},
		{"cut off", "is cut off", whole[:first]},
		{"changed", "line 2 was changed", bytes.Replace(whole, []byte(" erase "), []byte(" keep1 "), 1)},
		{"broken off", "breaks off", whole[:len(whole)-7]},
	} {
		if c.text == nil {
			err = os.Remove(files[0])
		} else {
			err = os.WriteFile(files[0], c.text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		o := s.elsewhere()
		o.Number = 1
		_, err := app.Restore(t.Context(), o)
		if err == nil || !strings.Contains(record.MessageOf(err), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
		if _, err := os.Stat(o.Dir); err == nil {
			t.Errorf("%s: a refused restore made the directory", c.name)
		}
		o.WithoutJournal = true
		if out := s.restore(o); !strings.Contains(out.Journal, c.want) || len(inFiles(t, o.Dir, "ZZ7654321")) == 0 {
			t.Errorf("%s: without the journal: %+v", c.name, out)
		}
		o = s.elsewhere()
		o.Number, o.Journals = 1, []string{filepath.Join(s.dir, backup.JournalFile)}
		if out := s.restore(o); out.Erased != 1 || len(inFiles(t, o.Dir, "ZZ7654321")) > 0 {
			t.Errorf("%s: with the journal of the directory: %+v", c.name, out)
		}
	}
}

// TestRestoreRefuses proves the sentences for what goes wrong, and that nothing is written over.
func TestRestoreRefuses(t *testing.T) {
	s := save(t)
	command(t, s.dir, func(ctx context.Context, a *app.App) { s.backup(ctx, a) })
	other, _, err := backup.NewRecovery()
	if err != nil {
		t.Fatal(err)
	}
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "mine"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, want string
		set        func(*app.RestoreOptions)
	}{
		{"no set", "holds no backups", func(o *app.RestoreOptions) { o.From = full }},
		{"no recovery key", "recovery key is missing", func(o *app.RestoreOptions) { o.Identity = "" }},
		{"mistyped recovery key", "this is no recovery key", func(o *app.RestoreOptions) { o.Identity = strings.Replace(o.Identity, "Q", "P", 2) }},
		{"another recovery key", "not the recovery key of these backups", func(o *app.RestoreOptions) { o.Identity = other }},
		{"wrong words", "not the words", func(o *app.RestoreOptions) { o.Words = "lusab lusab" }},
		{"no such backup", "holds no backup 7", func(o *app.RestoreOptions) { o.Number = 7 }},
		{"not empty", "is not empty", func(o *app.RestoreOptions) { o.Dir = full }},
	} {
		o := s.elsewhere()
		c.set(&o)
		_, err := app.Restore(t.Context(), o)
		if err == nil || !strings.Contains(record.MessageOf(err), c.want) || strings.Contains(err.Error(), s.identity[30:50]) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if b, err := os.ReadFile(filepath.Join(full, "mine")); err != nil || string(b) != "x" {
		t.Error("a directory that was not empty was touched")
	}
	if files, _ := os.ReadDir(full); len(files) != 1 {
		t.Errorf("%d files in the directory that was not empty", len(files))
	}
}

// TestBackupHoldsNoKey proves that no key of the node is in a backup, also when it is decrypted, and that the recovery secret is
// nowhere on the machine.
func TestBackupHoldsNoKey(t *testing.T) {
	s := save(t)
	command(t, s.dir, func(ctx context.Context, a *app.App) { s.backup(ctx, a) })
	if left := inFiles(t, filepath.Dir(s.dir), s.identity[20:60], s.keys.Words); len(left) > 0 {
		t.Errorf("a secret that was printed is on the machine: %v", left)
	}
	o := s.elsewhere()
	s.restore(o)
	secrets, err := backup.ReadKeys(filepath.Join(s.dir, "keys"), "", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(o.Dir, "keys")); err != nil { // they came with their own file
		t.Fatal(err)
	}
	for name, b := range secrets.Files {
		text := strings.TrimSpace(string(b))
		if strings.HasSuffix(name, ".key") && len(inFiles(t, o.Dir, text[len(text)-40:])) > 0 {
			t.Errorf("%s is in the backup of the data", name)
		}
	}
}

// TestOldDirectoryIsToldWhatToDo proves that a directory of an older program gets a clear sentence, and a recovery key once.
func TestOldDirectoryIsToldWhatToDo(t *testing.T) {
	s := save(t)
	if err := os.Remove(filepath.Join(s.dir, "keys", "recovery.pub")); err != nil {
		t.Fatal(err)
	}
	command(t, s.dir, func(ctx context.Context, a *app.App) {
		_, err := a.Backup(ctx, app.BackupOptions{Dir: s.set})
		if err == nil || !strings.Contains(record.MessageOf(err), "sarhad node keys make") {
			t.Errorf("without a recovery key: %v", err)
		}
		told := func(_, secret string) { s.identity = secret }
		if _, err := a.MakeMissingKeys(privacy.Phrases{Unit: "north-lantern-6021", Oversight: "quiet-harbour-9385"}, told); err != nil {
			t.Fatal(err)
		}
		if _, err := a.MakeMissingKeys(privacy.Phrases{}, told); err == nil {
			t.Error("the recovery key was made twice")
		}
		s.backup(ctx, a)
	})
	s.restore(s.elsewhere())
}
