package app_test

import (
	"bytes"
	"context"
	"database/sql"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"sarhad/app"
	"sarhad/internal/authn"
	"sarhad/record"
	"sarhad/record/audit"
	"sarhad/screening/hit"
	"sarhad/screening/watchlist"
	"sarhad/web/api"
)

// command does something with a node that is not running, as one command does.
func command(t *testing.T, dir string, fn func(context.Context, *app.App)) {
	t.Helper()
	a, err := app.New(t.Context(), dir, app.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	fn(record.WithActor(t.Context(), record.Machine("test", "")), a)
	if err := a.Stop(); err != nil {
		t.Fatal(err)
	}
}

// verified is what `sarhad audit verify` says.
func verified(t *testing.T, dir string) audit.Report {
	t.Helper()
	a, err := app.New(t.Context(), dir, app.Options{Log: slog.New(slog.DiscardHandler), ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Stop()
	rep, err := a.VerifyAudit(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

// behindItsBack changes the database of a node as somebody with the file would.
func behindItsBack(t *testing.T, dir, query string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, "sarhad.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	res, err := db.Exec(query)
	if err != nil {
		t.Fatal(err)
	}
	if n, _ := res.RowsAffected(); n == 0 {
		t.Fatalf("%s changed nothing", query)
	}
}

func user(t *testing.T, ctx context.Context, a *app.App, name string) {
	t.Helper()
	p := authn.Profile{Display: "Invented " + name, Agency: "KAZ-PIU", Roles: []string{"analyst"}, Lang: "en"}
	if _, err := a.Authn.CreateUser(ctx, name, p, password, false); err != nil {
		t.Fatal(err)
	}
}

// TestEveryOrderlyEndIsSigned proves that a single command leaves nothing unsigned, that a node that was killed is no
// tampering, and that another incarnation is.
func TestEveryOrderlyEndIsSigned(t *testing.T) {
	dir := t.TempDir()
	if _, err := app.Init(t.Context(), dir, app.Setup{Role: "node", Country: "KZ", Admin: "first"}); err != nil {
		t.Fatal(err)
	}
	expect := func(when string, checkpoints int, waiting int64) {
		t.Helper()
		if rep := verified(t, dir); !rep.OK() || rep.Checkpoints != checkpoints || rep.Waiting != waiting || rep.Size == 0 {
			t.Fatalf("%s: %+v", when, rep)
		}
		files, _ := filepath.Glob(filepath.Join(dir, "checkpoints", "*.txt"))
		if len(files) != checkpoints {
			t.Fatalf("%s: %d checkpoints were written out, want %d", when, len(files), checkpoints)
		}
	}
	expect("init", 1, 0)
	command(t, dir, func(ctx context.Context, a *app.App) { user(t, ctx, a, "one") })
	expect("a command that writes", 2, 0)
	command(t, dir, func(context.Context, *app.App) {})
	expect("a command that reads", 2, 0)
	command(t, dir, func(ctx context.Context, a *app.App) {
		user(t, ctx, a, "two")
		expect("killed now", 2, 1)
		files, _ := filepath.Glob(filepath.Join(dir, "checkpoints", "*2.txt"))
		if err := os.Remove(files[0]); err != nil { // and before the last one was written out
			t.Fatal(err)
		}
		if err := os.WriteFile(files[0]+".new", []byte("half a che"), 0o600); err != nil {
			t.Fatal(err)
		}
		if rep := verified(t, dir); !rep.OK() {
			t.Errorf("killed while a checkpoint was written out: %v", rep.Findings)
		}
	})
	expect("the next end", 3, 0)

	behindItsBack(t, dir, `UPDATE setting SET value = '00000000-0000-7000-8000-000000000000' WHERE key = '.incarnation'`)
	if rep := verified(t, dir); len(rep.Findings) != 1 || rep.Findings[0].Kind != "checkpoint" {
		t.Errorf("another incarnation: %v", rep.Findings)
	}
	behindItsBack(t, dir, `DELETE FROM checkpoint`)
	command(t, dir, func(ctx context.Context, a *app.App) { user(t, ctx, a, "three") })
	if rep := verified(t, dir); rep.OK() || rep.Checkpoints != 1 {
		t.Errorf("another incarnation that the node went on with: %+v", rep)
	}
}

// TestScreeningWaitsForTheIndex proves that a program with another index rebuilds it before anybody is screened: every
// listed traveller is found, and nothing is called screened before.
func TestScreeningWaitsForTheIndex(t *testing.T) {
	dir := t.TempDir()
	if _, err := app.Init(t.Context(), dir, app.Setup{Role: "node", Country: "KZ"}); err != nil {
		t.Fatal(err)
	}
	r := region(t)
	persons := 0
	command(t, dir, func(ctx context.Context, a *app.App) {
		for _, m := range r.Messages() {
			if _, err := api.TakeIn(ctx, a.Passengers, m.Name, m.Body); err != nil {
				t.Fatal(err)
			}
			persons += m.Persons
		}
		national := watchlist.File{Name: "national.csv", Data: bytes.NewReader(r.ListFiles()["national.csv"])}
		src := watchlist.Source{Files: []watchlist.File{national}, Title: "National watchlist", Node: a.Config.Name, Agency: app.Agency("KAZ")}
		if _, err := watchlist.Import(ctx, a.Store, src); err != nil {
			t.Fatal(err)
		}
	})
	behindItsBack(t, dir, `UPDATE setting SET value = '0' WHERE key = '.index.version'`)

	var told lines
	a, err := app.New(t.Context(), dir, app.Options{Log: slog.New(slog.NewTextHandler(&told, nil)), HTTP: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Stop()
	ctx := record.WithActor(t.Context(), record.Machine("test", ""))
	status := func() int {
		s, err := a.Events.Status(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return s.Unscreened
	}
	if n := status(); n < persons {
		t.Errorf("before the index is rebuilt %d wait to be screened, of %d", n, persons)
	}
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	until(t, "everybody is screened", func() bool { return status() == 0 })
	err = a.Store.View(ctx, func(tx record.Tx) error {
		page, err := tx.List(record.Query{Kinds: []string{hit.KindHit}, Full: true, Limit: record.MaxLimit})
		if len(page.Rows) < 3 {
			t.Errorf("%d hits from 3 listed travellers and 12 look-alikes", len(page.Rows))
		}
		for _, row := range page.Rows {
			if row.Record.Body.(*hit.Hit).Retro {
				t.Errorf("hit %s was found by the list afterwards: its traveller had been screened against an empty one", row.ID)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if log := told.String(); !strings.Contains(log, "building anew") || strings.Contains(log, "step failed") {
		t.Errorf("the log says\n%s", log)
	}
}

// lines is a log that several parts write.
type lines struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

var _ io.Writer = (*lines)(nil)
