package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"sarhad/app"
	"sarhad/internal/local"
	"sarhad/record"
	"sarhad/record/audit"
)

// typed is a command as somebody types it in a process of its own.
func typed(ctx context.Context, out, errs io.Writer, args ...string) *env {
	dir, err := os.Getwd()
	if err != nil {
		panic(err)
	}
	return &env{ctx: ctx, in: strings.NewReader(""), out: out, errs: errs, files: local.Disk{}, now: time.Now, args: args, dir: dir, account: "tester", host: "here"}
}

// ran runs a command that must end with a code, and gives what it said.
func ran(t *testing.T, want int, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if code := typed(t.Context(), &out, &errs, args...).command(); code != want {
		t.Fatalf("sarhad %s: %d, want %d\n%s%s", strings.Join(args, " "), code, want, &out, &errs)
	}
	return out.String() + errs.String()
}

// running starts a node that lets commands in.
func running(t *testing.T, dir string) *app.App {
	t.Helper()
	a, err := app.New(t.Context(), dir, app.Options{Log: slog.New(slog.DiscardHandler), HTTP: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	e := typed(t.Context(), io.Discard, io.Discard)
	e.log = slog.New(slog.DiscardHandler)
	end := e.letIn(a, "serve")
	t.Cleanup(func() {
		end()
		if err := a.Stop(); err != nil {
			t.Error(err)
		}
	})
	return a
}

func newNode(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "node")
	ran(t, exitFine, "init", "--country", "KZ", "--dir", dir)
	return dir
}

// flight is a message with n invented travellers.
func flight(n int) []byte {
	b := []byte("UNB+UNOA:4+ZZHOST+PIU+240310:0700+1'UNH+1+PAXLST:D:12B:UN:IATA'BGM+745'TDT+20+ZZ0001+++ZZ'LOC+125+TAS'DTM+189:2601010900:201'LOC+87+ALA'DTM+232:2601011100:201'")
	for i := range n {
		b = fmt.Appendf(b, "NAD+FL+++TESTOV%c%c%c:ANNA'ATT+2++F'DTM+329:800101'NAT+2+UZB'DOC+P+ZZ%07d'LOC+91+UZB'", 'A'+i/676%26, 'A'+i/26%26, 'A'+i%26, i)
	}
	return append(b, "UNT+0+1'UNZ+1+1'"...)
}

// TestCommandsSayWhoAndWhy proves that commands which show named data write an act with actor and purpose, in a process of
// their own and inside a node.
func TestCommandsSayWhoAndWhy(t *testing.T) {
	dir := newNode(t)
	show := [][]string{{"list", "show"}, {"user", "list"}}
	for _, c := range show {
		ran(t, exitFine, append(c, "--dir", dir)...)
	}
	a := running(t, dir)
	for _, c := range show {
		ran(t, exitUsage, append(c, "--dir", dir)...)
		ran(t, exitFine, append(c, "--dir", dir, "--purpose", "yearly check 7")...)
	}
	rows, err := a.Store.AskAudit(t.Context(), audit.Question{Actions: []string{"list"}, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range rows {
		user := r.User
		if strings.HasPrefix(user, "cli:") && r.Role == "" {
			user = "cli"
		}
		got = append(got, fmt.Sprintf("%s %s %d %s %q", user, r.Topic, r.Count, r.Purpose.Kind, r.Purpose.Text))
	}
	want := []string{`cli users 1 free "yearly check 7"`, `cli watchlist 0 free "yearly check 7"`,
		`cli users 1 duty "work at the machine of the node"`, `cli watchlist 0 duty "work at the machine of the node"`}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("acts\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if ids := rows[0].IDs; len(ids) != 64 {
		t.Errorf("the act does not say which users were listed: %q", ids)
	}
}

// TestPurposeIsOneLine proves that a purpose cannot break the log, and that bad ones are refused before anything is opened.
func TestPurposeIsOneLine(t *testing.T) {
	dir := newNode(t)
	for _, bad := range []string{"two\nlines", strings.Repeat("x", maxPurpose+1)} {
		if said := ran(t, exitProblems, "user", "list", "--dir", dir, "--purpose", bad); !strings.Contains(said, "one line") {
			t.Errorf("%.20q: %s", bad, said)
		}
	}
}

// TestCancelledCommandIsWhole proves that Ctrl+C during an import into a live node ends it there, leaves whole acts only, and
// that the same file again completes it.
func TestCancelledCommandIsWhole(t *testing.T) {
	const persons = 3000
	dir := newNode(t)
	a := running(t, dir)
	file := filepath.Join(t.TempDir(), "big.edi")
	if err := os.WriteFile(file, flight(persons), 0o600); err != nil {
		t.Fatal(err)
	}
	stored := func() (n int) {
		err := a.Store.View(record.WithActor(t.Context(), record.Machine("test", "")), func(tx record.Tx) (err error) {
			n, err = tx.Behind(0)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	ctx, cancel := context.WithCancel(t.Context())
	code := make(chan int)
	var errs bytes.Buffer
	go func() {
		code <- typed(ctx, io.Discard, &errs, "import", "--dir", dir, "--purpose", "test", file).command()
	}()
	for stored() == 0 {
		time.Sleep(time.Millisecond)
	}
	cancel()
	if got := <-code; got != exitSystem {
		t.Fatalf("cancelled import: %d\n%s", got, &errs)
	}
	part := stored()
	if part == 0 || part >= persons {
		t.Fatalf("%d persons stored: nothing was broken off", part)
	}
	want := fmt.Sprintf("%d persons accepted (%d new, 0 revised, %d unchanged)", persons, persons-part, part)
	if said := ran(t, exitFine, "import", "--dir", dir, "--purpose", "test", file); !strings.Contains(said, want) {
		t.Errorf("%s, want %s", said, want)
	}
	ran(t, exitFine, "audit", "verify", "--dir", dir)
}

// TestBrokenReindexIsFinished proves that a reindex of a live node that was broken off is brought to its end by the node:
// half an index would let nobody be screened until the next start.
func TestBrokenReindexIsFinished(t *testing.T) {
	dir := newNode(t)
	file := filepath.Join(t.TempDir(), "big.edi")
	if err := os.WriteFile(file, flight(600), 0o600); err != nil {
		t.Fatal(err)
	}
	ran(t, exitFine, "import", "--dir", dir, file)
	a := running(t, dir)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	e := typed(ctx, io.Discard, writerFunc(func(p []byte) { cancel() }), "reindex", "--dir", dir) // at the first word of progress
	if code := e.command(); code != exitSystem {
		t.Fatalf("the reindex was not broken off: %d", code)
	}
	for most, moved := -1, time.Now(); ; time.Sleep(5 * time.Millisecond) {
		left, err := a.Store.ToReindex(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if left == 0 {
			return
		}
		if left != most {
			most, moved = left, time.Now()
		}
		if time.Since(moved) > 20*time.Second {
			t.Fatalf("the node left its index half done: %d records wait", left)
		}
	}
}

type writerFunc func([]byte)

func (f writerFunc) Write(p []byte) (int, error) {
	f(p)
	return len(p), nil
}

// TestInsideIsForCommandsOfANode proves that what needs no node, makes one or is one does not run inside a node.
func TestInsideIsForCommandsOfANode(t *testing.T) {
	dir := newNode(t)
	a := running(t, dir)
	for _, args := range [][]string{{"serve", "--dir", dir}, {"demo", "--dir", dir + "2"}, {"init", "--country", "KZ", "--dir", dir + "3"}, {"parse", "/etc/passwd"}, {"access", "matrix"}} {
		var out bytes.Buffer
		e := typed(t.Context(), &out, &out, args...)
		e.inside = a
		if code := e.command(); code != exitProblems || !strings.Contains(out.String(), "inside one") {
			t.Errorf("%v: %d\n%s", args, code, &out)
		}
	}
}

// TestOneOwner proves that of two processes that start at once on one directory exactly one serves, and the other says who
// does.
func TestOneOwner(t *testing.T) {
	dir := newNode(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	type end struct {
		said string
		err  error
	}
	const racers = 3
	ends := make(chan end, racers)
	var all []*exec.Cmd
	var begun sync.WaitGroup
	for range racers {
		c := exec.Command(self)
		c.Args = []string{"sarhad", "serve", "--dir", dir, "--http", "127.0.0.1:0"}
		var said bytes.Buffer
		c.Stdout, c.Stderr = &said, &said
		all = append(all, c)
		begun.Add(1)
		go func() {
			err := c.Start()
			begun.Done()
			if err == nil {
				err = c.Wait()
			}
			ends <- end{said.String(), err}
		}()
	}
	begun.Wait()
	for range racers - 1 {
		e := <-ends
		if e.err == nil || !strings.Contains(e.said, "belongs to process") && !strings.Contains(e.said, "in use by process") {
			t.Errorf("a loser of the race: %v\n%s", e.err, e.said)
		}
	}
	for until := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if _, err := local.Ask(t.Context(), dir); err == nil {
			break
		}
		if time.Now().After(until) {
			t.Fatal("nobody won the race")
		}
	}
	for _, c := range all {
		_ = c.Process.Kill() // only the winner runs
	}
	if e := <-ends; !strings.Contains(e.said, "Serving http") {
		t.Errorf("the winner: %v\n%s", e.err, e.said)
	}
}

// TestPathsInsideAreTheClients proves that paths of a command inside a node begin at the working directory of whoever typed
// it, and that the node does not look whether they exist.
func TestPathsInsideAreTheClients(t *testing.T) {
	var c struct {
		To   string   `type:"path"`
		From []string `type:"existingfile"`
		Args []string `arg:"" optional:"" type:"path"`
	}
	e := &env{dir: "/home/tester"}
	p, err := kong.New(&c, e.mappers()...)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Parse([]string{"--to=out", "--from", "a", "--from", "/b", "x/../y", "-", "z"}); err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(c.To, c.From, c.Args)
	if want := "/home/tester/out[/home/tester/a /b] [/home/tester/y - /home/tester/z]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
