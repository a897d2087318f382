package quarantine_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"sarhad/internal/quarantine"
	"sarhad/record"
)

// hostile are parsers that do what a file might make one do. They exist in this test only.
var hostile = quarantine.Kinds{
	"lines": func(in io.Reader, out *quarantine.Out) error {
		s := bufio.NewScanner(in)
		for s.Scan() {
			if err := out.Line(s.Text()); err != nil {
				return err
			}
		}
		return s.Err()
	},
	"count": func(in io.Reader, out *quarantine.Out) error {
		n, err := io.Copy(io.Discard, in)
		return errors.Join(err, out.Line(n))
	},
	"memory": func(_ io.Reader, out *quarantine.Out) error {
		var held [][]byte
		for range 64 { // 4 GB
			b := make([]byte, 64<<20)
			for i := 0; i < len(b); i += 4096 {
				b[i] = 1
			}
			held = append(held, b)
		}
		return out.Line(len(held))
	},
	"shared memory": func(_ io.Reader, out *quarantine.Out) error {
		return out.Line(mapShared(4 << 30))
	},
	"stack": func(_ io.Reader, out *quarantine.Out) error { return out.Line(deep(1)) },
	"spin": func(io.Reader, *quarantine.Out) error {
		for {
			runtime.Gosched()
		}
	},
	"sleep": func(io.Reader, *quarantine.Out) error { return forever() },
	"hold": func(_ io.Reader, out *quarantine.Out) error {
		_, err := os.Stdout.WriteString("{}\n{}\n")
		return errors.Join(err, forever())
	},
	"mute":     func(io.Reader, *quarantine.Out) error { return errors.Join(os.Stdout.Close(), forever()) },
	"panic":    func(in io.Reader, _ *quarantine.Out) error { b, _ := io.ReadAll(in); panic(string(b)) },
	"nil":      func(io.Reader, *quarantine.Out) error { var p *int; *p = 1; return nil },
	"error":    func(_ io.Reader, out *quarantine.Out) error { _ = out.Line("half"); return errors.New("no") },
	"exit":     func(_ io.Reader, out *quarantine.Out) error { os.Exit(3); return nil },
	"halfline": func(io.Reader, *quarantine.Out) error { _, err := os.Stdout.WriteString(`"broken`); return err },
	"line": func(_ io.Reader, out *quarantine.Out) error {
		return out.Line(strings.Repeat("x", 8<<20))
	},
	"flood": func(_ io.Reader, out *quarantine.Out) error {
		for {
			if err := out.Line(strings.Repeat("x", 1000)); err != nil {
				return err
			}
		}
	},
	"read": func(in io.Reader, out *quarantine.Out) error {
		path, _ := io.ReadAll(in)
		_, err := os.ReadFile(string(path))
		return out.Line(fmt.Sprint(err))
	},
	"write": func(in io.Reader, out *quarantine.Out) error {
		path, _ := io.ReadAll(in)
		return out.Line(fmt.Sprint(os.WriteFile(string(path), []byte("x"), 0o666)))
	},
	"connect": func(in io.Reader, out *quarantine.Out) error {
		addr, _ := io.ReadAll(in)
		_, err := net.Dial("tcp", string(addr))
		return out.Line(fmt.Sprint(err))
	},
	"exec": func(_ io.Reader, out *quarantine.Out) error {
		_, err := os.StartProcess("/bin/true", nil, &os.ProcAttr{})
		return out.Line(fmt.Sprint(err))
	},
	"signal": func(in io.Reader, out *quarantine.Out) error { return out.Line(fmt.Sprint(signalParent())) },
	"around": func(in io.Reader, out *quarantine.Out) error {
		about, _ := io.ReadAll(in)
		return out.Line(around{Env: os.Environ(), Open: stillOpen(string(about))})
	},
}

// around is what a child sees of the world.
type around struct {
	Env  []string
	Open []int // files that are the one asked about
}

func forever() error {
	time.Sleep(time.Hour) // in the child, which is killed long before
	return nil
}

//go:noinline
func deep(n int) int {
	var room [1024]byte
	return deep(n+1) + int(room[n%1024])
}

func TestMain(m *testing.M) {
	quarantine.Main(os.Args, hostile)
	os.Exit(m.Run())
}

// tight are limits under which a test does not last long.
var tight = quarantine.Cell{Limits: quarantine.Limits{Memory: 256 << 20, CPU: time.Second, Wait: 3 * time.Second, Line: 1 << 20, Output: 16 << 20}}

func run(t *testing.T, c quarantine.Cell, kind, input string) ([]string, error) {
	t.Helper()
	var got []string
	err := c.Run(t.Context(), kind, "letter.edi", strings.NewReader(input), func(line []byte) error {
		got = append(got, string(line))
		return nil
	})
	return got, err
}

// TestLines proves that what a parser writes comes out whole and in order, however much, and that a slow reader loses nothing.
func TestLines(t *testing.T) {
	var in strings.Builder
	for i := range 100_000 {
		fmt.Fprintln(&in, i)
	}
	n := 0
	err := quarantine.Cell{}.Run(t.Context(), "lines", "a", strings.NewReader(in.String()), func(line []byte) error {
		if want := fmt.Sprintf("%q", fmt.Sprint(n)); string(line) != want {
			t.Fatalf("line %d is %s", n, line)
		}
		n++
		return nil
	})
	if err != nil || n != 100_000 {
		t.Errorf("%d lines, %v", n, err)
	}
}

// TestHostile proves that whatever a file makes its parser do ends with its own sentence, and that the next file is read.
func TestHostile(t *testing.T) {
	victim := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(victim, []byte("secret"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		kind, says string
		reason     quarantine.Reason
	}{
		{"memory", "more than 256 MB of memory", quarantine.TooLarge},
		{"stack", "more than 256 MB of memory", quarantine.TooLarge},
		{"sleep", "longer than 1 s", quarantine.TooSlow},
		{"line", "larger than 1 MB", quarantine.TooLong},
		{"flood", "unfolds to more than 16 MB", quarantine.TooMuch},
		{"panic", "broke on it", quarantine.Crashed},
		{"nil", "broke on it", quarantine.Crashed},
		{"error", "broke on it", quarantine.Crashed},
		{"exit", "broke on it", quarantine.Crashed},
	} {
		t.Run(c.kind, func(t *testing.T) {
			t.Parallel()
			_, err := run(t, tight, c.kind, "TESTOV ASKAR "+victim)
			var person *record.Error
			if !errors.As(err, &person) || person.Kind != record.Invalid {
				t.Fatalf("no error for a person: %v", err)
			}
			if quarantine.ReasonOf(err) != c.reason {
				t.Errorf("the reason is %q, not %q: %v", quarantine.ReasonOf(err), c.reason, err)
			}
			if !strings.HasPrefix(person.Message, "letter.edi was not taken in, nor any part of it") || !strings.Contains(person.Message, c.says) {
				t.Errorf("it says: %s", person.Message)
			}
			if strings.Contains(err.Error(), "TESTOV") {
				t.Errorf("the error repeats the file: %v", err)
			}
			if got, err := run(t, tight, "lines", "next\n"); err != nil || len(got) != 1 {
				t.Errorf("the next file is not read: %v, %v", got, err)
			}
		})
	}
}

// TestProcessorTime proves that the time of the processor is limited, however patient the parent is.
func TestProcessorTime(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	c := quarantine.Cell{Limits: quarantine.Limits{CPU: time.Second, Wait: time.Hour}}
	err := c.Run(ctx, "spin", "letter.edi", strings.NewReader(""), func([]byte) error { return nil })
	if quarantine.ReasonOf(err) != quarantine.TooSlow || !strings.Contains(record.MessageOf(err), "longer than 1 s") {
		t.Errorf("got %v", err)
	}
}

// TestBrokenOff proves that a line without an end is no line.
func TestBrokenOff(t *testing.T) {
	if got, _ := run(t, tight, "halfline", ""); len(got) != 0 {
		t.Errorf("got %q", got)
	}
}

// TestMute proves that a child that closes its output and stays is ended.
func TestMute(t *testing.T) {
	if testing.Short() {
		t.Skip("takes the last breath of a child, 2 s")
	}
	t.Parallel()
	if _, err := run(t, tight, "mute", ""); quarantine.ReasonOf(err) != quarantine.TooSlow {
		t.Errorf("got %v", err)
	}
}

// TestShutIn proves, where the kernel can do it, that a parser reaches neither files nor network nor other processes, and
// sees nothing of the node: no environment, no directory, no open file.
func TestShutIn(t *testing.T) {
	level, err := tight.Probe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Log(level)
	if !kernelCan() {
		t.Skip("this kernel cannot shut a process in: ", level)
	}
	if !level.Full() {
		t.Fatal("this kernel could shut a process in, but: ", level)
	}
	dir := t.TempDir()
	secret := filepath.Join(dir, "key")
	if err := os.WriteFile(secret, []byte("secret"), 0o666); err != nil {
		t.Fatal(err)
	}
	held, err := os.Open(secret) // by the parent, while children start
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	refused := func(kind, input string) {
		t.Helper()
		got, err := run(t, tight, kind, input)
		if err != nil || len(got) != 1 || !strings.Contains(got[0], "not permitted") && !strings.Contains(got[0], "denied") {
			t.Errorf("%s: %q, %v", kind, got, err)
		}
	}
	refused("read", secret)
	refused("write", filepath.Join(dir, "new"))
	refused("shared memory", "")

	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for kind, input := range map[string]string{"connect": l.Addr().String(), "exec": "", "signal": ""} {
		got, err := run(t, tight, kind, input)
		if quarantine.ReasonOf(err) != quarantine.Reached || len(got) != 0 {
			t.Errorf("%s: %q, %v", kind, got, err)
		}
		if !strings.Contains(record.MessageOf(err), "tried to reach the network or another program") {
			t.Errorf("%s says: %v", kind, record.MessageOf(err))
		}
	}

	got, err := run(t, tight, "around", identity(t, held))
	if err != nil {
		t.Fatal(err)
	}
	var a around
	if err := json.Unmarshal([]byte(got[0]), &a); err != nil {
		t.Fatal(err)
	}
	if len(a.Env) != 0 || len(a.Open) != 0 {
		t.Errorf("a child sees %+v", a)
	}
}

// TestCancel proves that a cancelled reading ends at once, with the error of its context.
func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	began := time.Now()
	err := quarantine.Cell{Limits: quarantine.Limits{Wait: 12 * time.Second}}.Run(ctx, "hold", "a", strings.NewReader(""), func([]byte) error { cancel(); return nil })
	if !errors.Is(err, context.Canceled) || time.Since(began) > 10*time.Second {
		t.Errorf("got %v after %v", err, time.Since(began))
	}
	if err := (quarantine.Cell{}).Run(ctx, "lines", "a", strings.NewReader(""), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("a child was started for nobody: %v", err)
	}
}

// TestSinkError proves that the reader's own error comes back as it is.
func TestSinkError(t *testing.T) {
	full := errors.New("disk full")
	err := quarantine.Cell{}.Run(t.Context(), "flood", "a", strings.NewReader(""), func([]byte) error { return full })
	if err != full {
		t.Errorf("got %v", err)
	}
}

// identity names an open file so that a child can look for it among its own.
func identity(t *testing.T, f *os.File) string {
	t.Helper()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	return inode(info)
}

type broken struct{ io.Reader }

func (b broken) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err == io.EOF {
		err = errors.New("the disk is gone")
	}
	return n, err
}

// TestBrokenInput proves that a file of which the rest cannot be read is not taken for a shorter one.
func TestBrokenInput(t *testing.T) {
	err := quarantine.Cell{}.Run(t.Context(), "count", "letter.edi", broken{strings.NewReader("half of it")}, func([]byte) error { return nil })
	if record.KindOf(err) != record.Unavailable {
		t.Errorf("got %v", err)
	}
}

// TestUnwanted proves that a parser need not read its file to the end.
func TestUnwanted(t *testing.T) {
	got, err := run(t, tight, "around", strings.Repeat("x", 4<<20))
	if err != nil || len(got) != 1 {
		t.Errorf("%q, %v", got, err)
	}
}

// TestUnknownKind proves that a parser that does not exist is our fault, not the file's.
func TestUnknownKind(t *testing.T) {
	if _, err := run(t, tight, "none", ""); record.KindOf(err) != record.Internal || quarantine.ReasonOf(err) != quarantine.Stranger {
		t.Errorf("got %v", err)
	}
}

// TestManyAtOnce proves that cells do not disturb each other.
func TestManyAtOnce(t *testing.T) {
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			in := bytes.Repeat([]byte("x"), i*100_000)
			err := quarantine.Cell{}.Run(t.Context(), "count", "a", bytes.NewReader(in), func(line []byte) error {
				if string(line) != fmt.Sprint(len(in)) {
					t.Errorf("%d bytes became %s", len(in), line)
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}
