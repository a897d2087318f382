package backup_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"golang.org/x/mod/sumdb/note"

	"sarhad/record"
	"sarhad/store/backup"
	"sarhad/store/sqlite"
	"sarhad/store/storetest"
)

// house is a data directory with a store and a set of backups.
type house struct {
	t        *testing.T
	s        *sqlite.Store
	dir      string
	identity age.Identity
	opt      backup.Options
	now      time.Time
}

func open(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, dir: t.TempDir(), now: time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC)}
	var err error
	if h.s, err = openStore(h.dir); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.s.Close() })
	h.write("sarhad.toml", "name = \"test\"\n")
	secret, recipient, err := backup.NewRecovery()
	must(t, err)
	h.identity, err = backup.ParseIdentity(secret)
	must(t, err)
	h.opt = options(t, filepath.Join(t.TempDir(), "set"), h.dir, recipient)
	h.opt.Now = func() time.Time { h.now = h.now.Add(time.Hour); return h.now }
	return h
}

func openStore(dir string) (*sqlite.Store, error) {
	return sqlite.Open(context.Background(), sqlite.Config{Dir: dir, Types: storetest.Types(), Node: "test",
		Allow: func(record.Actor, record.Scope) bool { return true }})
}

func options(t *testing.T, set, data, recipient string) backup.Options {
	t.Helper()
	skey, vkey, err := note.GenerateKey(rand.Reader, "sarhad/test")
	must(t, err)
	return optionsOf(t, set, data, recipient, skey, vkey)
}

func optionsOf(t *testing.T, set, data, recipient, skey, vkey string) backup.Options {
	t.Helper()
	signer, err := note.NewSigner(skey)
	must(t, err)
	verifier, err := note.NewVerifier(vkey)
	must(t, err)
	return backup.Options{Set: set, Data: data, Node: "test", Program: "dev", Recipient: recipient, Key: backup.Key("0123456789abcdef"),
		Signer: signer, Verifiers: note.VerifierList(verifier), Now: time.Now, ChunkBytes: 16 << 10}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (h *house) write(name, text string) {
	h.t.Helper()
	path := filepath.Join(h.dir, name)
	must(h.t, os.MkdirAll(filepath.Dir(path), 0o700))
	must(h.t, os.WriteFile(path, []byte(text), 0o600))
}

// put stores n notes.
func (h *house) put(name string, n int) {
	h.t.Helper()
	ctx := record.WithActor(context.Background(), record.Machine("test", "police"))
	for i := range n {
		must(h.t, h.s.Update(ctx, func(tx record.Tx) error {
			r := &record.Record{Kind: "test.note", Version: 1, Owner: record.Owner{Agency: "police"}, Handling: record.Handling{Marking: "internal", Topic: "passenger"},
				Body: &storetest.Note{Title: fmt.Sprintf("%s %d", name, i), Texts: []string{strings.Repeat(fmt.Sprintf("слово%d ", i), 40)}}}
			if err := tx.Put(r); err != nil {
				return err
			}
			return tx.Audit(record.Act{Action: "test"})
		}))
	}
}

func (h *house) backup() backup.Result {
	h.t.Helper()
	res, err := backup.Write(context.Background(), h.s, h.opt)
	must(h.t, err)
	return res
}

func (h *house) files(number int64) (dir string, err error) {
	h.t.Helper()
	dir = filepath.Join(h.t.TempDir(), "new")
	must(h.t, backup.Begin(dir))
	r := backup.Restore{Set: backup.Set{Dir: h.opt.Set}, Identity: h.identity, Key: h.opt.Key, Verifiers: h.opt.Verifiers, Dir: dir, Number: number}
	_, m, _, err := r.Pick()
	if err == nil {
		err = r.Files(context.Background(), m)
	}
	return dir, err
}

// records opens what was restored and counts.
func records(t *testing.T, dir string) int64 {
	t.Helper()
	s, err := openStore(dir)
	must(t, err)
	defer s.Close()
	faults, err := s.Integrity(context.Background())
	must(t, err)
	if len(faults) > 0 {
		t.Errorf("the restored database: %v", faults)
	}
	held, err := s.Holding(context.Background())
	must(t, err)
	return held.Records
}

func chunks(t *testing.T, set string) (out []string) {
	t.Helper()
	must(t, filepath.WalkDir(filepath.Join(set, "chunks"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			out = append(out, path)
		}
		return err
	}))
	return out
}

// TestUnchangedIsNotWrittenAgain proves that a second backup writes what changed and nothing else, that an attachment is not
// read again, and that both backups restore what they held.
func TestUnchangedIsNotWrittenAgain(t *testing.T) {
	h := open(t)
	h.put("first", 300)
	h.write("attachments/ab/abcdef", strings.Repeat("sealed ", 9000))
	for i := range 50 {
		h.write(fmt.Sprintf("checkpoints/log-%08d.txt", i), strings.Repeat(fmt.Sprint(i), 300))
	}
	first := h.backup()
	if first.Number != 1 || first.New != first.Chunks || first.Files != 52 {
		t.Fatalf("%+v", first)
	}
	if again := h.backup(); again.New != 0 || again.Written != 0 || again.Chunks != first.Chunks {
		t.Errorf("nothing changed: %+v", again)
	}
	h.write("attachments/ab/abcdef", strings.Repeat("SEALED ", 9000)) // never happens; whoever reads it again would notice
	h.put("second", 1)
	h.write(fmt.Sprintf("checkpoints/log-%08d.txt", 50), "the newest")
	some := h.backup()
	if some.New == 0 || some.New > first.Chunks/2 || some.Files != 53 {
		t.Errorf("one record and one checkpoint of 300: %+v, the first %+v", some, first)
	}
	for number, want := range map[int64]int64{1: 300, 3: 301} {
		dir, err := h.files(number)
		must(t, err)
		if n := records(t, dir); n != want {
			t.Errorf("backup %d holds %d records, want %d", number, n, want)
		}
		for name, text := range map[string]string{"sarhad.toml": "name = \"test\"\n", "checkpoints/log-00000007.txt": strings.Repeat("7", 300),
			"attachments/ab/abcdef": strings.Repeat("sealed ", 9000)} {
			if b, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(b) != text {
				t.Errorf("backup %d: %s is not what it was: %v", number, name, err)
			}
		}
	}
}

// TestOldBackupsGo proves that as many backups stay as were asked for, that nothing of the others is left and nothing that the
// rest needs goes.
func TestOldBackupsGo(t *testing.T) {
	h := open(t)
	h.opt.Keep = 2
	for i := range 4 {
		h.put("more", 40)
		if i == 2 {
			must(t, os.MkdirAll(filepath.Join(h.opt.Set, "chunks", "00"), 0o700))
			must(t, os.WriteFile(filepath.Join(h.opt.Set, "chunks", "00", strings.Repeat("0", 40)+".age"), []byte("left by one that was killed"), 0o600))
		}
		h.backup()
	}
	set := backup.Set{Dir: h.opt.Set}
	headers, problems, err := set.Headers(h.opt.Verifiers)
	must(t, err)
	if len(headers) != 2 || headers[0].Number != 3 || len(problems) > 0 {
		t.Fatalf("%+v %v", headers, problems)
	}
	checked, err := set.Check(context.Background(), h.opt.Verifiers)
	must(t, err)
	if !checked.OK() || checked.Backups != 2 || checked.Chunks != len(chunks(t, h.opt.Set)) {
		t.Errorf("%+v, and %d chunks lie there", checked, len(chunks(t, h.opt.Set)))
	}
	for number, want := range map[int64]int64{3: 120, 4: 160} {
		dir, err := h.files(number)
		must(t, err)
		if n := records(t, dir); n != want {
			t.Errorf("backup %d holds %d records, want %d", number, n, want)
		}
	}
}

// TestDamageIsNamed proves that every kind of damage is found, with and without the recovery key, that the file is named, and
// that the node can mend it.
func TestDamageIsNamed(t *testing.T) {
	for _, c := range []struct {
		name, want string
		harm       func(t *testing.T, file string, b []byte)
	}{
		{"a byte is changed", "is damaged", func(t *testing.T, file string, b []byte) { b[len(b)/2] ^= 1; must(t, os.WriteFile(file, b, 0o600)) }},
		{"cut off", "is damaged", func(t *testing.T, file string, b []byte) { must(t, os.WriteFile(file, b[:len(b)-9], 0o600)) }},
		{"missing", "is missing", func(t *testing.T, file string, _ []byte) { must(t, os.Remove(file)) }},
	} {
		h := open(t)
		h.put("first", 60)
		h.backup()
		all := chunks(t, h.opt.Set)
		file := all[len(all)/2]
		b, err := os.ReadFile(file)
		must(t, err)
		c.harm(t, file, b)
		checked, err := backup.Set{Dir: h.opt.Set}.Check(context.Background(), h.opt.Verifiers)
		must(t, err)
		if len(checked.Faults) != 1 || !strings.Contains(checked.Faults[0], file) || !strings.Contains(checked.Faults[0], c.want) {
			t.Errorf("%s: without the key: %v", c.name, checked.Faults)
		}
		if _, err := h.files(1); err == nil || !strings.Contains(record.MessageOf(err), file) || !strings.Contains(record.MessageOf(err), c.want) {
			t.Errorf("%s: with the key: %v", c.name, err)
		}
		h.opt.Recheck = true
		if res := h.backup(); res.New != 1 {
			t.Errorf("%s: mending wrote %d chunks", c.name, res.New)
		}
		for _, number := range []int64{1, 2} {
			dir, err := h.files(number)
			must(t, err)
			if n := records(t, dir); n != 60 {
				t.Errorf("%s: %d records in backup %d after mending", c.name, n, number)
			}
		}
	}
}

// TestForeignBackupIsRefused proves that a backup which somebody else wrote for the same recovery key is not restored: age says
// who may read, the signature who wrote.
func TestForeignBackupIsRefused(t *testing.T) {
	h := open(t)
	h.put("first", 3)
	h.backup()
	own := h.opt
	h.opt = options(t, own.Set, own.Data, own.Recipient)
	h.opt.Key = own.Key
	if res := h.backup(); res.Number != 2 || len(res.Problems) != 1 {
		t.Fatalf("%+v", res)
	}
	h.opt = own
	if _, err := h.files(0); err == nil || !strings.Contains(record.MessageOf(err), "not signed by the node") {
		t.Errorf("a backup of somebody else: %v", err)
	}
	if _, err := h.files(1); err != nil {
		t.Errorf("the node's own beside it: %v", err)
	}
}

// TestSetBelongsToOneNode proves that two nodes, or two recovery keys, do not mix in a directory.
func TestSetBelongsToOneNode(t *testing.T) {
	h := open(t)
	h.backup()
	other := h.opt
	other.Node = "other"
	if _, err := backup.Write(context.Background(), h.s, other); record.KindOf(err) != record.Conflict || !strings.Contains(record.MessageOf(err), "the node test") {
		t.Errorf("another node: %v", err)
	}
	other = h.opt
	_, recipient, err := backup.NewRecovery()
	must(t, err)
	other.Recipient = recipient
	if _, err := backup.Write(context.Background(), h.s, other); record.KindOf(err) != record.Conflict || !strings.Contains(record.MessageOf(err), "another recovery key") {
		t.Errorf("another recovery key: %v", err)
	}
}

// TestNothingInTheClear proves that neither content nor file modes tell anybody anything.
func TestNothingInTheClear(t *testing.T) {
	h := open(t)
	h.put("Qanysh", 20)
	h.backup()
	must(t, filepath.WalkDir(h.opt.Set, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		must(t, err)
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s may be read by others: %v", path, info.Mode())
		}
		if d.IsDir() {
			return nil
		}
		b, err := os.ReadFile(path)
		for _, word := range []string{"Qanysh", "qanysh", "слово", "test.note", "SQLite format"} {
			if bytes.Contains(b, []byte(word)) {
				t.Errorf("%s holds %q", path, word)
			}
		}
		return err
	}))
}

// TestHalfRestoredIsNotServed proves that a restore that broke off says so, and does not begin again over it.
func TestHalfRestoredIsNotServed(t *testing.T) {
	h := open(t)
	h.put("first", 60)
	h.backup()
	all := chunks(t, h.opt.Set)
	slices.Sort(all)
	must(t, os.Remove(all[0]))
	dir, err := h.files(1)
	if err == nil {
		t.Fatal("restored without a chunk")
	}
	if err := backup.Whole(dir); err == nil || !strings.Contains(record.MessageOf(err), "half restored") {
		t.Errorf("a directory of a broken restore: %v", err)
	}
	if err := backup.Begin(dir); err == nil || !strings.Contains(record.MessageOf(err), "half restored") {
		t.Errorf("a restore over it: %v", err)
	}
	must(t, backup.End(dir))
	must(t, backup.Whole(dir))
}
