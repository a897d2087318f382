package app_test

import (
	"context"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"sarhad/app"
	"sarhad/collection/passenger"
	"sarhad/internal/quarantine"
	"sarhad/record"
	"sarhad/screening/hit"
	"sarhad/screening/watchlist"
	"sarhad/web/api"
)

// killDir tells a child of TestKill9 where to work.
const killDir = "SARHAD_TEST_KILL_DIR"

func TestMain(m *testing.M) {
	quarantine.Main(os.Args, app.Kinds())
	if dir := os.Getenv(killDir); dir != "" {
		takeInFor(dir)
	}
	if dir := os.Getenv(serveDir); dir != "" {
		serveFor(dir, os.Getenv(serveAt))
	}
	if dir := os.Getenv(netDir); dir != "" {
		carryFor(dir)
	}
	os.Exit(m.Run())
}

// takeInFor runs a node in dir and takes in all files of dir/in until somebody kills it. It never returns.
func takeInFor(dir string) {
	ctx := record.WithActor(context.Background(), record.Machine("test", ""))
	a, err := app.New(ctx, filepath.Join(dir, "node"), app.Options{Log: slog.New(slog.NewTextHandler(os.Stderr, nil)), HTTP: "127.0.0.1:0"})
	if err != nil {
		panic(err)
	}
	if err := a.Start(ctx); err != nil {
		panic(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "in", "*.edi"))
	if err != nil {
		panic(err)
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			panic(err)
		}
		if _, err := api.TakeIn(ctx, a.Passengers, filepath.Base(f), data); err != nil {
			panic(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "done"), nil, 0o600); err != nil {
		panic(err)
	}
	select {}
}

// TestKill9 proves that travellers accepted = stored = screened after kill -9 at any moment, and that no hit is raised twice.
func TestKill9(t *testing.T) {
	dir := t.TempDir()
	persons := prepareKill(t, dir)
	chance := rand.New(rand.NewPCG(1, 2))
	killed := 0
	for round := 0; ; round++ {
		if round > 40 {
			t.Fatal("the node never came to an end between the kills")
		}
		child := exec.Command(os.Args[0], "-test.run=^$")
		child.Env = append(os.Environ(), killDir+"="+dir)
		child.Stderr = os.Stderr
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		// A random moment on purpose: what is proven must hold at each of them.
		time.Sleep(time.Duration(150+chance.IntN(700)*(round+2)/2) * time.Millisecond)
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = child.Wait() // killed
		killed++
		if _, err := os.Stat(filepath.Join(dir, "done")); err == nil && killed >= 4 {
			break
		}
	}
	t.Logf("killed %d times", killed)
	settled(t, filepath.Join(dir, "node"), persons)
}

func prepareKill(t *testing.T, dir string) (persons int) {
	t.Helper()
	node := filepath.Join(dir, "node")
	if _, err := app.Init(t.Context(), node, app.Setup{Role: "node", Country: "KZ"}); err != nil {
		t.Fatal(err)
	}
	r := region(t)
	if err := os.MkdirAll(filepath.Join(dir, "in"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, m := range r.Messages() {
		persons += m.Persons
		if err := os.WriteFile(filepath.Join(dir, "in", m.Name), m.Body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	a, err := app.New(t.Context(), node, app.Options{Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Stop()
	ctx := record.WithActor(t.Context(), record.Machine("test", ""))
	national := filepath.Join(dir, "national.csv")
	if err := os.WriteFile(national, r.ListFiles()["national.csv"], 0o600); err != nil {
		t.Fatal(err)
	}
	lists, err := watchlist.Open(national)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := watchlist.Import(ctx, a.Store, watchlist.Source{Publication: lists[0], Node: a.Config.Name, Agency: app.Agency("KAZ")}); err != nil {
		t.Fatal(err)
	}
	return persons
}

// settled opens the node once more, lets screening finish, and counts.
func settled(t *testing.T, dir string, persons int) {
	t.Helper()
	a, err := app.New(t.Context(), dir, app.Options{Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Stop()
	ctx := record.WithActor(t.Context(), record.Machine("test", ""))
	if err := a.Hits.Step(ctx); err != nil {
		t.Fatal(err)
	}
	err = a.Store.View(ctx, func(tx record.Tx) error {
		stored, err := tx.Count(record.Query{Kinds: []string{passenger.KindJourney}}, 1_000_000)
		if err != nil {
			return err
		}
		if stored != persons {
			t.Errorf("%d travellers sent, %d stored", persons, stored)
		}
		at, err := tx.Cursor(hit.CursorScreening)
		if err != nil {
			return err
		}
		behind, err := tx.Behind(at)
		if behind != 0 {
			t.Errorf("%d stored and not screened", behind)
		}
		return oneHitEach(t, tx)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Sequencer.TakeIn(ctx); err != nil {
		t.Fatal(err)
	}
	rep, err := a.VerifyAudit(ctx, nil)
	if err != nil || !rep.OK() {
		t.Errorf("the log after the kills: %v %v", rep.Findings, err)
	}
}

// oneHitEach checks that no traveller has two hits with one entry.
func oneHitEach(t *testing.T, tx record.Tx) error {
	seen := map[string]bool{}
	q := record.Query{Kinds: []string{hit.KindHit}, Full: true, Limit: record.MaxLimit}
	for {
		page, err := tx.List(q)
		if err != nil {
			return err
		}
		for _, row := range page.Rows {
			h := row.Record.Body.(*hit.Hit)
			key := h.Subject.String() + h.Entry.List + h.Entry.Key
			if seen[key] {
				t.Errorf("two hits of one traveller with %s/%s", h.Entry.List, h.Entry.Key)
			}
			seen[key] = true
		}
		if page.Next == "" {
			if len(seen) == 0 {
				t.Error("no hit at all: the region has listed travellers")
			}
			return nil
		}
		q.Cursor = page.Next
	}
}
