package local_test

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"sarhad/internal/local"
)

// strangerSocket and strangerToken tell a child of TestAnotherAccountIsRefused what to try.
const (
	strangerSocket = "SARHAD_TEST_SOCKET"
	strangerToken  = "SARHAD_TEST_TOKEN"
)

func TestMain(m *testing.M) {
	if socket := os.Getenv(strangerSocket); socket != "" {
		conn, err := net.Dial("unix", socket)
		if err != nil {
			panic(err)
		}
		if err := hello(conn, os.Getenv(strangerToken)); err != nil {
			panic(err)
		}
		answer, err := io.ReadAll(conn)
		if err != nil {
			panic(err)
		}
		os.Stdout.Write(answer)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func hello(conn net.Conn, token string) error {
	body, err := json.Marshal(local.Request{Args: []string{"x"}, Token: token})
	if err != nil {
		return err
	}
	_, err = conn.Write(append(binary.BigEndian.AppendUint32([]byte{'H'}, uint32(len(body))), body...))
	return err
}

func rawHello(t *testing.T, dir, token string) net.Conn {
	t.Helper()
	conn, err := net.Dial("unix", filepath.Join(dir, local.SocketName))
	if err != nil {
		t.Fatal(err)
	}
	if err := hello(conn, token); err != nil {
		t.Fatal(err)
	}
	return conn
}

func token(t *testing.T, dir string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "sarhad.token"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(b))
}

func firstFrame(t *testing.T, conn net.Conn) byte {
	t.Helper()
	b := make([]byte, 1)
	if _, err := io.ReadFull(conn, b); err != nil {
		t.Fatal(err)
	}
	return b[0]
}

// TestAnotherAccountIsRefused proves that on Linux the system's word counts: another account is refused although it reached
// the socket and knows the token.
func TestAnotherAccountIsRefused(t *testing.T) {
	dir := shortDir(t)
	serve(t, dir, func(context.Context, *local.Call) int {
		t.Error("a stranger's command runs")
		return 0
	})
	child := exec.Command(os.Args[0])
	if !asStranger(child) {
		t.Skip("only root can become another account, and only on Linux")
	}
	socket := filepath.Join(dir, local.SocketName)
	for _, path := range []string{dir, socket} { // let the stranger as far as the check
		if err := os.Chmod(path, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	copied := filepath.Join(dir, "child")
	program, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(copied, program, 0o755); err != nil {
		t.Fatal(err)
	}
	child.Path, child.Dir = copied, dir
	child.Env = append(os.Environ(), strangerSocket+"="+socket, strangerToken+"="+token(t, dir))
	out, err := child.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "takes commands from the account that runs it") {
		t.Errorf("%v: %q", err, out)
	}
}
