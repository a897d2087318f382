package local_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sarhad/internal/local"
	"sarhad/record"
)

// serve runs a server whose commands are fn.
func serve(t *testing.T, dir string, fn func(context.Context, *local.Call) int) *local.Server {
	t.Helper()
	s, err := local.Listen(local.Config{Dir: dir, Temp: t.TempDir(), Info: local.Info{PID: 7, Doing: "serve"}, Run: fn, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// shortDir is a data directory whose socket has room in its own path, whatever the temporary directory is called.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "s")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// TestCommandRunsInside proves that words, directory, purpose, files, standard input, both outputs and the exit code of a
// command are the same inside the node.
func TestCommandRunsInside(t *testing.T) {
	dir, work := shortDir(t), t.TempDir()
	big := bytes.Repeat([]byte("0123456789abcdef"), 50_000) // several frames
	if err := os.WriteFile(filepath.Join(work, "in.txt"), big, 0o600); err != nil {
		t.Fatal(err)
	}
	serve(t, dir, func(_ context.Context, c *local.Call) int {
		in, err := local.ReadFile(c.Files, "in.txt")
		if err != nil || !bytes.Equal(in, big) {
			t.Errorf("read %d bytes, %v", len(in), err)
		}
		typed, err := io.ReadAll(c.In)
		if err != nil || string(typed) != "typed" {
			t.Errorf("standard input %q, %v", typed, err)
		}
		out, err := c.Files.Create("out.txt")
		if err != nil {
			t.Error(err)
			return 9
		}
		_, err = out.Write(in)
		if err = errors.Join(err, out.Close()); err != nil {
			t.Error(err)
		}
		if _, err := c.Files.Create("out.txt"); !errors.Is(err, fs.ErrExist) {
			t.Errorf("made a file twice: %v", err)
		}
		if _, err := c.Files.Open("none.txt"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("a missing file: %v", err)
		}
		fmt.Fprint(c.Out, strings.Join(c.Args, "|"), c.Dir, c.Purpose)
		fmt.Fprint(c.Err, "progress")
		if c.Token != "" {
			t.Error("the command sees the token")
		}
		return 4
	})
	var out, errs bytes.Buffer
	var info local.Info
	code, err := local.Run(t.Context(), dir, local.Request{Args: []string{"x", "in.txt", "--out=out.txt", "none.txt"}, Dir: work, Purpose: "why"},
		local.Streams{In: strings.NewReader("typed"), Out: &out, Err: &errs}, func(i local.Info) { info = i })
	if err != nil || code != 4 || info.PID != 7 {
		t.Errorf("code %d, %+v, %v", code, info, err)
	}
	if want := "x|in.txt|--out=out.txt|none.txt" + work + "why"; out.String() != want || errs.String() != "progress" {
		t.Errorf("out %q, want %q; err %q", out.String(), want, errs.String())
	}
	if got, err := os.ReadFile(filepath.Join(work, "out.txt")); err != nil || !bytes.Equal(got, big) {
		t.Errorf("wrote %d bytes, %v", len(got), err)
	}
	if s, err := os.Stat(filepath.Join(work, "out.txt")); err != nil || s.Mode().Perm()&0o077 != 0 {
		t.Errorf("others may read what was written: %v, %v", s.Mode(), err)
	}
}

// TestClientOpensOnlyWhatWasTyped proves that a node in foreign hands reads nothing through a client but what its command
// line names: root's client would open everything.
func TestClientOpensOnlyWhatWasTyped(t *testing.T) {
	dir, work := shortDir(t), t.TempDir()
	for _, name := range []string{"named", "secret"} {
		if err := os.WriteFile(filepath.Join(work, name), []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	serve(t, dir, func(_ context.Context, c *local.Call) int {
		for _, name := range []string{"secret", filepath.Join(work, "secret"), "named/../secret", "/etc/passwd"} {
			if b, err := local.ReadFile(c.Files, name); !errors.Is(err, fs.ErrPermission) {
				t.Errorf("the client opened %s: %q, %v", name, b, err)
			}
			if _, err := c.Files.Create(name + ".new"); !errors.Is(err, fs.ErrPermission) {
				t.Errorf("the client made %s: %v", name, err)
			}
		}
		for _, name := range []string{"named", "./named", filepath.Join(work, "named")} {
			if b, err := local.ReadFile(c.Files, name); err != nil || string(b) != "named" {
				t.Errorf("%s: %q, %v", name, b, err)
			}
		}
		return 0
	})
	if _, err := local.Run(t.Context(), dir, local.Request{Args: []string{"x", "named"}, Dir: work}, local.Streams{Out: io.Discard, Err: io.Discard}, nil); err != nil {
		t.Error(err)
	}
}

// TestCancelAndDeathEndTheCommand proves that Ctrl+C and the death of the client end the context of the command, also of one
// that waits for standard input, and that the client hears the last word after Ctrl+C.
func TestCancelAndDeathEndTheCommand(t *testing.T) {
	for _, reads := range []bool{false, true} {
		dir := shortDir(t)
		began, ended := make(chan struct{}), make(chan error, 1)
		s := serve(t, dir, func(ctx context.Context, c *local.Call) int {
			close(began)
			if reads {
				_, err := c.In.Read(make([]byte, 1))
				if !errors.Is(err, context.Canceled) {
					t.Errorf("read: %v", err)
				}
			}
			<-ctx.Done()
			ended <- ctx.Err()
			fmt.Fprint(c.Out, "last word")
			return 3
		})
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			<-began
			cancel()
		}()
		silent, keyboard := io.Pipe()
		defer keyboard.Close()
		var out bytes.Buffer
		code, err := local.Run(ctx, dir, local.Request{Args: []string{"x"}}, local.Streams{In: silent, Out: &out, Err: io.Discard}, nil)
		if err != nil || code != 3 || out.String() != "last word" {
			t.Errorf("after Ctrl+C: code %d, %q, %v", code, out.String(), err)
		}
		<-ended
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}

	dir := shortDir(t)
	began, ended := make(chan struct{}), make(chan struct{})
	serve(t, dir, func(ctx context.Context, _ *local.Call) int {
		close(began)
		<-ctx.Done()
		close(ended)
		return 0
	})
	conn := rawHello(t, dir, token(t, dir))
	<-began
	conn.Close() // as a client that was killed
	<-ended
}

// TestCloseEndsCommands proves that a node that stops ends what runs in it, waits for it, leaves no socket behind, and that
// the client is told.
func TestCloseEndsCommands(t *testing.T) {
	dir := shortDir(t)
	began, done := make(chan struct{}), false
	s := serve(t, dir, func(ctx context.Context, _ *local.Call) int {
		close(began)
		<-ctx.Done()
		done = true
		return 3
	})
	told := make(chan error, 1)
	go func() {
		code, err := local.Run(context.Background(), dir, local.Request{Args: []string{"x"}}, local.Streams{Out: io.Discard, Err: io.Discard}, nil)
		if err == nil && code != 3 {
			err = fmt.Errorf("code %d", code)
		}
		told <- err
	}()
	<-began
	if err := s.Close(); err != nil || !done {
		t.Errorf("closed before the command ended (%v), %v", !done, err)
	}
	if err := <-told; err != nil {
		t.Error(err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	if _, err := local.Ask(t.Context(), dir); !errors.Is(err, local.ErrNobody) {
		t.Errorf("somebody answers after Close: %v", err)
	}
}

// TestOnlyTheOwnerGetsIn proves that the token is asked for, and that socket and token are the owner's alone.
func TestOnlyTheOwnerGetsIn(t *testing.T) {
	dir := shortDir(t)
	serve(t, dir, func(context.Context, *local.Call) int {
		t.Error("a stranger's command runs")
		return 0
	})
	for _, wrong := range []string{"", "x", strings.Repeat("0", 64)} {
		conn := rawHello(t, dir, wrong)
		if what := firstFrame(t, conn); what != 'N' {
			t.Errorf("token %q: answered with %c", wrong, what)
		}
		conn.Close()
	}
	for _, name := range []string{local.SocketName, "sarhad.token"} {
		if s, err := os.Stat(filepath.Join(dir, name)); err != nil || s.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, s.Mode(), err)
		}
	}
	conn, err := net.Dial("unix", filepath.Join(dir, local.SocketName))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte{'H', 0xff, 0xff, 0xff, 0xff}); err != nil { // a frame of 4 GiB
		t.Fatal(err)
	}
	if what := firstFrame(t, conn); what != 'N' {
		t.Errorf("an endless hello: answered with %c", what)
	}
}

// TestLongPathHasAPointer proves that a directory whose path is too long for a socket is reached all the same, through a
// directory of its own that nobody else may enter.
func TestLongPathHasAPointer(t *testing.T) {
	dir := filepath.Join(t.TempDir(), strings.Repeat("long-name/", 12))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	s := serve(t, dir, func(_ context.Context, c *local.Call) int {
		fmt.Fprint(c.Out, "here")
		return 0
	})
	var out bytes.Buffer
	if code, err := local.Run(t.Context(), dir, local.Request{Args: []string{"x"}}, local.Streams{Out: &out, Err: io.Discard}, nil); err != nil || code != 0 || out.String() != "here" {
		t.Errorf("code %d, %q, %v", code, out.String(), err)
	}
	path, err := os.ReadFile(filepath.Join(dir, "sarhad.sock.path"))
	if err != nil {
		t.Fatal(err)
	}
	room := filepath.Dir(strings.TrimSpace(string(path)))
	if st, err := os.Stat(room); err != nil || st.Mode().Perm() != 0o700 {
		t.Errorf("%s: %v", room, err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	if _, err := os.Stat(room); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("left behind: %s", room)
	}
}

// TestFaultOfACommandStaysItsOwn proves that a command that breaks does not take the node along, and that too many are
// refused with a sentence.
func TestFaultOfACommandStaysItsOwn(t *testing.T) {
	dir := shortDir(t)
	hold := make(chan struct{})
	running := make(chan struct{}, local.DefaultCalls)
	serve(t, dir, func(_ context.Context, c *local.Call) int {
		if c.Args[0] == "broken" {
			panic("a fault")
		}
		running <- struct{}{}
		<-hold
		return 0
	})
	run := func(word string) (int, string, error) {
		var errs bytes.Buffer
		code, err := local.Run(context.Background(), dir, local.Request{Args: []string{word}}, local.Streams{Out: io.Discard, Err: &errs}, nil)
		return code, errs.String(), err
	}
	if code, said, err := run("broken"); err != nil || code != 3 || !strings.Contains(said, "the node goes on") {
		t.Errorf("broken command: code %d, %q, %v", code, said, err)
	}
	done := make(chan error, local.DefaultCalls)
	for range local.DefaultCalls {
		go func() {
			_, _, err := run("hold")
			done <- err
		}()
	}
	for range local.DefaultCalls {
		<-running
	}
	if _, _, err := run("one too many"); record.KindOf(err) != record.Unavailable || !strings.Contains(record.MessageOf(err), "wait until one ends") {
		t.Errorf("one too many: %v", err)
	}
	if _, err := local.Ask(t.Context(), dir); err != nil {
		t.Errorf("who is there cannot be asked while the node is busy: %v", err)
	}
	close(hold)
	for range local.DefaultCalls {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// TestNobodyThere proves that a socket left by a killed node, or none, is told from a node, and that the next node takes the
// place over.
func TestNobodyThere(t *testing.T) {
	dir := shortDir(t)
	if _, err := local.Ask(t.Context(), dir); !errors.Is(err, local.ErrNobody) {
		t.Errorf("an empty directory: %v", err)
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(dir, local.SocketName)})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	l.Close()
	if err := os.WriteFile(filepath.Join(dir, "sarhad.token"), []byte("old\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := local.Ask(t.Context(), dir); !errors.Is(err, local.ErrNobody) {
		t.Errorf("a socket without a node: %v", err)
	}
	serve(t, dir, nil)
	if _, err := local.Ask(t.Context(), dir); err != nil {
		t.Errorf("the next node: %v", err)
	}
}
