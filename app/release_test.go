package app_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"sarhad/app"
	"sarhad/record"
	"sarhad/record/access"
	"sarhad/record/transfer"
	"sarhad/screening/hit"
	"sarhad/store/sqlite"
)

const releases = "../testdata/releases"

// facts is what scripts/release-testdata says of a release's directory.
type facts struct {
	Release, Password, Dismissed, Confirmed, Instruction, ClaimedBeforeKill string
	Users                                                                   []string
	Hits, Records                                                           int
}

func unzip(t *testing.T, name string) []byte {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func write(t *testing.T, name string, b []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// unpackRelease gives a directory as a release left it.
func unpackRelease(t *testing.T, release string, killed bool) (dir string, f facts) {
	t.Helper()
	from, dir := filepath.Join(releases, release), t.TempDir()
	for _, name := range []string{"sarhad.toml", "keys/log.key", "keys/log.pub", "keys/clearance.key"} {
		b, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, name), b)
	}
	more, err := filepath.Glob(filepath.Join(from, "keys", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range more { // keys that later releases brought
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, "keys", filepath.Base(name)), b)
	}
	r := tar.NewReader(bytes.NewReader(unzip(t, filepath.Join(from, "checkpoints.tar.gz"))))
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Typeflag == tar.TypeReg {
			b, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(dir, "checkpoints", filepath.Base(h.Name)), b)
		}
	}
	if killed {
		from = filepath.Join(from, "killed")
		write(t, filepath.Join(dir, "sarhad.db-wal"), unzip(t, filepath.Join(from, "sarhad.db-wal.gz")))
	}
	write(t, filepath.Join(dir, "sarhad.db"), unzip(t, filepath.Join(from, "sarhad.db.gz")))
	b, err := os.ReadFile(filepath.Join(releases, release, "facts.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &f); err != nil {
		t.Fatal(err)
	}
	return dir, f
}

func eachRelease(t *testing.T, test func(t *testing.T, release string)) {
	t.Helper()
	all, err := os.ReadDir(releases)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, d := range all {
		if d.IsDir() {
			n++
			t.Run(d.Name(), func(t *testing.T) { test(t, d.Name()) })
		}
	}
	if n == 0 {
		t.Fatal("no release is kept in testdata/releases")
	}
}

// opened opens a node's directory without serving it.
func opened(t *testing.T, dir string) *app.App {
	t.Helper()
	a, err := app.New(t.Context(), dir, app.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Stop(); err != nil {
			t.Error(err)
		}
	})
	return a
}

func verify(t *testing.T, a *app.App) {
	t.Helper()
	rep, err := a.VerifyAudit(t.Context(), nil)
	if err != nil || !rep.OK() || rep.Size == 0 || rep.Checkpoints == 0 {
		t.Errorf("the log: %+v, %v", rep, err)
	}
}

// TestReleases proves that yesterday's database opens today: it migrates, its index is built anew, its log verifies, officers
// sign in, hits and what was decided on them are there, and the one who was dismissed is still cleared.
func TestReleases(t *testing.T) {
	eachRelease(t, func(t *testing.T, release string) {
		dir, f := unpackRelease(t, release, false)
		a := opened(t, dir)
		if err := a.Store.Reindex(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		verify(t, a)
		machine := record.WithActor(t.Context(), record.Machine("test", ""))
		var told bytes.Buffer // what is stored reads, and hashes, as it did then
		if _, err := transfer.Export(machine, a.Store, transfer.Selection{Node: a.Config.Name, Purpose: "test", WithRevisions: true, Whole: true}, &told); err != nil {
			t.Fatal(err)
		}
		if lines := unzip(t, filepath.Join(releases, release, "records.jsonl.gz")); !bytes.Equal(told.Bytes(), lines) || len(lines) == 0 {
			t.Errorf("the database tells %d bytes of records, and told %d when it was kept", told.Len(), len(lines))
		}
		states := map[string]string{}
		cleared := 0
		err := a.Store.View(machine, func(tx record.Tx) error {
			page, err := tx.List(record.Query{Kinds: []string{hit.KindHit}, Limit: 100})
			if err != nil {
				return err
			}
			for _, row := range page.Rows {
				states[row.ID.String()] = row.State
			}
			cleared, err = tx.Count(record.Query{Kinds: []string{hit.KindClearance}, Topics: []string{access.Clearance}}, 10)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(states) != f.Hits || states[f.Dismissed] != hit.Dismissed || cleared == 0 {
			t.Errorf("hits %v, want %d with %s dismissed; %d clearances", states, f.Hits, f.Dismissed, cleared)
		}
		if s := states[f.Confirmed]; s != hit.Acknowledged && s != hit.Instructed {
			t.Errorf("the confirmed hit is %q", s)
		}
		if err := a.Hits.Step(machine); err != nil { // screened again from where it stood: nobody who was told apart comes up anew
			t.Fatal(err)
		}
		if err := a.Store.View(machine, func(tx record.Tx) error {
			n, err := tx.Count(record.Query{Kinds: []string{hit.KindHit}}, 100)
			if n != f.Hits {
				t.Errorf("%d hits after another round of screening, want %d", n, f.Hits)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
}

// TestReleasesServe proves that officers of yesterday's node work with today's: they sign in and read what waits for them.
func TestReleasesServe(t *testing.T) {
	eachRelease(t, func(t *testing.T, release string) {
		dir, f := unpackRelease(t, release, true) // killed: the act in its log counts
		a, err := app.New(t.Context(), dir, app.Options{Log: slog.New(slog.DiscardHandler), HTTP: "127.0.0.1:0", Now: func() time.Time { return time.Now().AddDate(3, 0, 0) }})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := a.Stop(); err != nil {
				t.Error(err)
			}
		})
		if err := a.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		if f.Password != password {
			t.Fatalf("sign-ins of %s have another password than the tests", release)
		}
		analyst, booth := signIn(t, a, "analyst"), signIn(t, a, "border")
		var page struct {
			State       string
			Instruction *struct{ ID string }
			Compare     []struct{ Field string }
		}
		analyst.get("/hits/"+f.Confirmed, &page)
		if page.Instruction == nil || page.Instruction.ID != f.Instruction || len(page.Compare) == 0 {
			t.Errorf("the confirmed hit: %+v", page)
		}
		analyst.get("/hits/"+f.ClaimedBeforeKill, &page)
		if page.State != hit.Claimed {
			t.Errorf("the hit that was claimed before the kill is %q", page.State)
		}
		booth.do("POST", "/instructions/"+f.Instruction+"/outcome", map[string]any{"code": "nothing-found", "note": "papers in order"}, nil, 200)
		until(t, "the outcome reaches the hit", func() bool { analyst.get("/hits/"+f.Confirmed, &page); return page.State == hit.Closed })
	})
}

// TestReleasesRecords proves that what a release exported comes in today and goes out byte for byte the same.
func TestReleasesRecords(t *testing.T) {
	eachRelease(t, func(t *testing.T, release string) {
		lines := unzip(t, filepath.Join(releases, release, "records.jsonl.gz"))
		for name, node := range map[string]string{"the node's own": "uz-release", "another node": "kz-node"} {
			t.Run(name, func(t *testing.T) {
				s := emptyStore(t, node)
				ctx := record.WithActor(t.Context(), record.Machine("test", ""))
				src := transfer.Source{File: "records.jsonl", Node: node, Own: node == "uz-release"}
				for round, want := range []func(transfer.Result) int{
					func(r transfer.Result) int { return r.New + r.Revised },
					func(r transfer.Result) int { return r.Unchanged },
				} {
					res, err := transfer.Import(ctx, s, src, bytes.NewReader(lines))
					if err != nil || want(res) != res.Lines || res.Lines != bytes.Count(lines, []byte("\n")) {
						t.Fatalf("round %d: %+v, %v", round, res, err)
					}
				}
				var out bytes.Buffer
				told, err := transfer.Export(ctx, s, transfer.Selection{Node: node, Purpose: "test", WithRevisions: true, Whole: true}, &out)
				if err != nil || len(told.LeftOut) > 0 {
					t.Fatal(told, err)
				}
				if !bytes.Equal(out.Bytes(), lines) {
					t.Errorf("%d bytes went out of %d that came in", out.Len(), len(lines))
				}
			})
		}
	})
}

func emptyStore(t *testing.T, node string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), sqlite.Config{Dir: t.TempDir(), Types: app.Types(), Node: node,
		Allow: func(a record.Actor, s record.Scope) bool { return access.Allow(a, access.Read, s) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// TestReleasesAreSmall keeps the folder of a release small enough for ever.
func TestReleasesAreSmall(t *testing.T) {
	eachRelease(t, func(t *testing.T, release string) {
		var size int64
		err := filepath.WalkDir(filepath.Join(releases, release), func(_ string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			info, err := d.Info()
			size += info.Size()
			return err
		})
		if err != nil || size > 400<<10 {
			t.Errorf("%d bytes, %v; 400 kB are the most", size, err)
		}
	})
}
