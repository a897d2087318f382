package backup_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"sarhad/record"
	"sarhad/store/backup"
)

// parkAt tells a child what to do and where to stand still until it is killed: "backup|restore SET DATA ...".
const parkAt = "SARHAD_TEST_BACKUP_PARK"

func TestMain(m *testing.M) {
	if what := os.Getenv(parkAt); what != "" {
		park(strings.Split(what, "\n"))
	}
	os.Exit(m.Run())
}

// park works until half of the bytes are done, writes the file "parked" and stands still.
func park(args []string) {
	what, set, dir, parked, secret := args[0], args[1], args[2], args[3], args[4]
	fail := func(err error) {
		if err != nil {
			fmt.Fprintln(os.Stderr, "child:", err)
			os.Exit(3)
		}
	}
	half := func(done, total int64) {
		if done*2 > total {
			fail(os.WriteFile(parked, nil, 0o600))
			select {}
		}
	}
	identity, err := backup.ParseIdentity(secret)
	fail(err)
	if what == "restore" {
		fail(backup.Begin(dir))
		r := backup.Restore{Set: backup.Set{Dir: set}, Identity: identity, Key: backup.Key("0123456789abcdef"), Dir: dir, Progress: half}
		_, m, _, err := r.Pick()
		fail(err)
		fail(r.Files(context.Background(), m))
	}
	s, err := openStore(dir)
	fail(err)
	t := &testing.T{}
	opt := optionsOf(t, set, dir, args[5], args[6], args[7])
	opt.Progress = half
	_, err = backup.Write(context.Background(), s, opt)
	fail(err)
}

// killed runs a child until it stands still, and kills it.
func killed(t *testing.T, args ...string) {
	t.Helper()
	parked := filepath.Join(t.TempDir(), "parked")
	args = append(args[:3:3], append([]string{parked}, args[3:]...)...)
	child := exec.Command(os.Args[0], "-test.run=^$")
	child.Env = append(os.Environ(), parkAt+"="+strings.Join(args, "\n"))
	child.Stderr = os.Stderr
	must(t, child.Start())
	ended := make(chan struct{})
	go func() { _ = child.Wait(); close(ended) }()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(5 * time.Millisecond) { // asked again until it is so
		if _, err := os.Stat(parked); err == nil {
			break
		}
		select {
		case <-ended:
			t.Fatal("the child ended by itself")
		default:
		}
		if time.Now().After(deadline) {
			t.Fatal("the child never came half way")
		}
	}
	must(t, child.Process.Kill())
	<-ended
}

// TestKilledBackup proves that a backup that is killed half way leaves the former one whole and nothing in the clear, and that
// the next one goes on and sweeps up.
func TestKilledBackup(t *testing.T) {
	h := open(t)
	secret, recipient, err := backup.NewRecovery()
	must(t, err)
	h.identity, err = backup.ParseIdentity(secret)
	must(t, err)
	skey, vkey, err := note.GenerateKey(rand.Reader, "sarhad/test")
	must(t, err)
	now := h.opt.Now
	h.opt = optionsOf(t, h.opt.Set, h.dir, recipient, skey, vkey)
	h.opt.Now = now
	h.put("first", 100)
	h.backup()
	h.put("second", 200)
	must(t, h.s.Close())
	before := len(chunks(t, h.opt.Set))
	killed(t, "backup", h.opt.Set, h.dir, secret, recipient, skey, vkey)
	if len(chunks(t, h.opt.Set)) == before {
		t.Fatal("the child was killed before it wrote anything")
	}
	must(t, os.WriteFile(filepath.Join(h.opt.Set, "chunks", "half.age.new"), []byte("half"), 0o600)) // killed within a file
	set := backup.Set{Dir: h.opt.Set}
	headers, problems, err := set.Headers(h.opt.Verifiers)
	must(t, err)
	if len(headers) != 1 || len(problems) > 0 {
		t.Fatalf("after the kill: %+v %v", headers, problems)
	}
	dir, err := h.files(0)
	must(t, err)
	if n := records(t, dir); n != 100 {
		t.Errorf("the former backup holds %d records", n)
	}
	h.s, err = openStore(h.dir)
	must(t, err)
	t.Cleanup(func() { h.s.Close() })
	h.opt.Keep = 1
	h.backup()
	checked, err := set.Check(context.Background(), h.opt.Verifiers)
	must(t, err)
	if left := len(chunks(t, h.opt.Set)); !checked.OK() || left != checked.Chunks {
		t.Errorf("after the next backup: %+v, %d files lie there", checked, left)
	}
	dir, err = h.files(0)
	must(t, err)
	if n := records(t, dir); n != 300 {
		t.Errorf("the next backup holds %d records", n)
	}
}

// TestKilledRestore proves that a restore that is killed leaves a directory that says so.
func TestKilledRestore(t *testing.T) {
	h := open(t)
	secret, recipient, err := backup.NewRecovery()
	must(t, err)
	h.opt.Recipient = recipient
	h.put("first", 100)
	h.backup()
	dir := filepath.Join(t.TempDir(), "new")
	killed(t, "restore", h.opt.Set, dir, secret)
	if err := backup.Whole(dir); record.KindOf(err) != record.Conflict || !strings.Contains(record.MessageOf(err), "half restored") {
		t.Errorf("a directory whose restore was killed: %v", err)
	}
}
