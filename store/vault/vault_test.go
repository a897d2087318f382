package vault_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sarhad/record"
	"sarhad/record/attach"
	"sarhad/store/sqlite"
	"sarhad/store/storetest"
	"sarhad/store/vault"
)

// scene is a data directory with store and vault, as a node has it.
type scene struct {
	*testing.T
	dir   string
	store *sqlite.Store
	vault *vault.Vault
	clock *storetest.Clock
	limit vault.Limits
	// opener is nil where files are opened in this process
	opener vault.Opener
}

const officer = "u-1"

func newScene(t *testing.T, limits ...vault.Limits) *scene {
	t.Helper()
	s := &scene{T: t, dir: t.TempDir(), clock: storetest.NewClock()}
	for _, l := range limits {
		s.limit = l
	}
	s.open()
	t.Cleanup(func() { s.store.Close() })
	return s
}

// open opens the directory, as after a start of the node.
func (s *scene) open() {
	s.Helper()
	var err error
	s.store, err = sqlite.Open(s.Context(), sqlite.Config{Dir: s.dir, Types: storetest.Types(), Allow: func(record.Actor, record.Scope) bool { return true }, Now: s.clock.Now, Node: "node-a"})
	s.ok(err)
	s.ok(os.MkdirAll(filepath.Join(s.dir, "keys"), 0o700))
	keys, err := vault.LoadKeys(s.dir, filepath.Join(s.dir, "keys"), true)
	s.ok(err)
	s.vault, err = vault.Open(vault.Config{Dir: s.dir, Keys: keys, Now: s.clock.Now, Log: slog.New(slog.DiscardHandler), Limits: s.limit, Open: s.opener})
	s.ok(err)
	s.vault.Follow(s.store.Unnamed, s.store.AttachedBytes)
	s.store.UseChunks(s.vault)
}

// again opens the directory anew without an orderly end of the vault, which is what a kill leaves.
func (s *scene) again() {
	s.Helper()
	s.ok(s.store.Close())
	s.open()
}

func (s *scene) ok(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *scene) kind(what string, err error, want record.ErrorKind) {
	s.Helper()
	if record.KindOf(err) != want {
		s.Fatalf("%s: %v, want %s", what, err, want)
	}
}

func (s *scene) begin(name string, content []byte) attach.Upload {
	s.Helper()
	u, err := s.vault.Begin(s.Context(), officer, attach.Begin{Name: name, Size: int64(len(content))})
	s.ok(err)
	return u
}

func (s *scene) upload(name string, content []byte) attach.Upload {
	s.Helper()
	u := s.begin(name, content)
	u, err := s.vault.Append(s.Context(), officer, u.ID, 0, bytes.NewReader(content), nil)
	s.ok(err)
	return u
}

// attached uploads a file and makes a record that carries it.
func (s *scene) attached(name string, content []byte) *record.Record {
	s.Helper()
	u := s.upload(name, content)
	a, err := s.vault.Finish(s.Context(), officer, u.ID, attach.Choice{})
	s.ok(err)
	r := s.put(a)
	s.ok(s.vault.Release(s.Context(), officer, u.ID))
	return r
}

func note(files ...record.Attachment) *record.Record {
	return &record.Record{Kind: "test.note", Version: 1, Owner: record.Owner{Agency: "police"},
		Handling: record.Handling{Marking: "internal", Topic: "passenger"}, Body: &storetest.Note{Title: "exhibit"}, Attachments: files}
}

func machine() context.Context {
	return record.WithActor(context.Background(), record.Machine("test", "police"))
}

func (s *scene) update(fn func(record.Tx) error) error {
	return s.store.Update(machine(), func(tx record.Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "test"})
	})
}

func (s *scene) put(files ...record.Attachment) *record.Record {
	s.Helper()
	r := note(files...)
	s.ok(s.update(func(tx record.Tx) error { return tx.Put(r) }))
	return r
}

func (s *scene) erase(id record.ID) {
	s.Helper()
	s.ok(s.update(func(tx record.Tx) error { _, err := tx.Erase(id); return err }))
}

func (s *scene) read(a record.Attachment) []byte {
	s.Helper()
	r, err := s.vault.Open(a)
	s.ok(err)
	b, err := io.ReadAll(r)
	s.ok(err)
	return b
}

// chunks gives the chunk files on the disk.
func (s *scene) chunks() []string {
	s.Helper()
	files, err := filepath.Glob(filepath.Join(s.dir, "attachments", "*", "*"))
	s.ok(err)
	return files
}

// holds gives the files of the data directory in which a text stands, and those whose path has it.
func (s *scene) holds(text []byte) (out []string) {
	s.Helper()
	s.ok(filepath.WalkDir(s.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if bytes.Contains(b, text) || strings.Contains(path, string(text)) {
			out = append(out, path)
		}
		return err
	}))
	return out
}

func noise(seed uint64, n int) []byte {
	var key [32]byte
	key[0] = byte(seed)
	out := make([]byte, n)
	_, _ = rand.NewChaCha8(key).Read(out)
	return out
}

// TestFileComesBack proves that what goes in comes out, whole and in parts, and that nothing of it lies there in the clear.
func TestFileComesBack(t *testing.T) {
	s := newScene(t)
	content := append([]byte("Удостоверение ZZ0042 "), noise(1, 2*vault.ChunkSize+12345)...)
	r := s.attached("Қуанышбеков протокол.bin", content)
	a := r.Attachments[0]
	if a.Name != "Қуанышбеков протокол.bin" || a.Size != int64(len(content)) || len(a.Chunks) != 3 || len(s.chunks()) != 3 {
		t.Fatalf("%+v, %d files", a, len(s.chunks()))
	}
	if !bytes.Equal(s.read(a), content) {
		t.Error("other bytes came back")
	}
	reader, err := s.vault.Open(a)
	s.ok(err)
	piece := make([]byte, 100)
	for _, at := range []int64{0, vault.ChunkSize - 50, vault.ChunkSize, 2 * vault.ChunkSize, a.Size - 100} {
		_, err := reader.Seek(at, io.SeekStart)
		s.ok(err)
		_, err = io.ReadFull(reader, piece)
		s.ok(err)
		if !bytes.Equal(piece, content[at:at+100]) {
			t.Errorf("at %d other bytes came back", at)
		}
	}
	for _, clear := range [][]byte{[]byte("ZZ0042"), content[3000:3064], content[len(content)-64:]} {
		if found := s.holds(clear); found != nil {
			t.Errorf("%q stands in the clear in %v", clear, found)
		}
	}
	sum := sha256.Sum256(content)
	got, _, err := s.vault.Sums(a)
	if err != nil || got != hex.EncodeToString(sum[:]) {
		t.Errorf("checksum %q, %v", got, err)
	}
	part := sha256.Sum256(content[:vault.ChunkSize])
	if found := s.holds([]byte(hex.EncodeToString(part[:]))); found != nil {
		t.Errorf("the checksum of a chunk can be looked for in %v", found)
	}
	if found := s.holds([]byte(got)); found != nil || strings.Contains(a.Hash+strings.Join(a.Chunks, ""), got) {
		t.Errorf("the checksum of a known file can be looked for in %v", found)
	}
}

// TestSameContentIsStoredOnce proves deduplication, and that erasing one of two records leaves the other's file.
func TestSameContentIsStoredOnce(t *testing.T) {
	s := newScene(t)
	content := noise(2, vault.ChunkSize+10)
	first, second := s.attached("a.bin", content), s.attached("b.bin", content)
	if n := len(s.chunks()); n != 2 {
		t.Fatalf("%d files for the same content twice, want 2", n)
	}
	if first.Attachments[0].Hash != second.Attachments[0].Hash {
		t.Error("the same content has two hashes")
	}
	s.erase(first.ID)
	if !bytes.Equal(s.read(second.Attachments[0]), content) {
		t.Error("erasing one record took the other's file")
	}
	s.erase(second.ID)
	if left := s.chunks(); len(left) > 0 {
		t.Errorf("nobody names them any more: %v", left)
	}
}

// TestErasedFileIsGone proves law 9 for attachments: chunks, rendition, name and references are gone with the act, former
// revisions and children included.
func TestErasedFileIsGone(t *testing.T) {
	s := newScene(t)
	parent := s.put()
	r := s.attached("Тлеубергенова.png", picture(t, 300, 200))
	if r.Attachments[0].Small == nil || len(s.chunks()) != 2 {
		t.Fatalf("no rendition: %+v", r.Attachments[0])
	}
	other := s.attached("former.bin", noise(3, 500))
	s.ok(s.update(func(tx record.Tx) error { // its file stands in the former revision only
		rec, err := tx.Get(other.ID)
		s.ok(err)
		rec.Attachments, rec.Origin.Parents = nil, []record.ID{parent.ID}
		return tx.Put(rec)
	}))
	s.ok(s.update(func(tx record.Tx) error {
		rec, err := tx.Get(r.ID)
		s.ok(err)
		rec.Origin.Parents = []record.ID{parent.ID}
		return tx.Put(rec)
	}))
	hash := r.Attachments[0].Hash
	if s.holds([]byte("Тлеубергенова")) == nil || s.holds([]byte(hash)) == nil {
		t.Fatal("the test looks for the wrong thing")
	}
	s.erase(parent.ID)
	if left := s.chunks(); len(left) > 0 {
		t.Errorf("chunks are still there: %v", left)
	}
	for _, trace := range []string{"Тлеубергенова", hash, "former.bin"} {
		if found := s.holds([]byte(trace)); found != nil {
			t.Errorf("%q still stands in %v", trace, found)
		}
	}
	if mine, all, err := s.store.AttachedBytes(t.Context(), officer); mine != 0 || all != 0 || err != nil {
		t.Errorf("%d and %d bytes are still counted, %v", mine, all, err)
	}
}

// TestDamageIsSaid proves that no changed byte goes out: a chunk that is broken, swapped or missing is a clear error, and
// the same content sent again mends it.
func TestDamageIsSaid(t *testing.T) {
	content := noise(4, vault.ChunkSize+5000)
	for name, harm := range map[string]func(s *scene, a record.Attachment){
		"a bit": func(s *scene, a record.Attachment) {
			path := chunkPath(s, a.Chunks[1])
			b, err := os.ReadFile(path)
			s.ok(err)
			b[len(b)-1000] ^= 1
			s.ok(os.WriteFile(path, b, 0o600))
		},
		"another chunk": func(s *scene, a record.Attachment) {
			b, err := os.ReadFile(chunkPath(s, s.attached("other", noise(5, 5000)).Attachments[0].Chunks[0]))
			s.ok(err)
			s.ok(os.WriteFile(chunkPath(s, a.Chunks[1]), b, 0o600))
		},
		"no chunk": func(s *scene, a record.Attachment) { s.ok(os.Remove(chunkPath(s, a.Chunks[1]))) },
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			a := s.attached("x", content).Attachments[0]
			harm(s, a)
			r, err := s.vault.Open(a)
			var got []byte
			if err == nil {
				got, err = io.ReadAll(r)
			}
			if err == nil || !strings.Contains(record.MessageOf(err), "backup") || len(got) > vault.ChunkSize || !bytes.HasPrefix(content, got) {
				t.Fatalf("%d bytes, %v", len(got), err)
			}
			s.upload("again", content)
			if !bytes.Equal(s.read(a), content) {
				t.Error("the same content does not mend it")
			}
		})
	}
}

func chunkPath(s *scene, name string) string {
	return filepath.Join(s.dir, "attachments", name[:2], name)
}

// TestRecordNeedsItsChunks proves that no record names what is not on the disk.
func TestRecordNeedsItsChunks(t *testing.T) {
	s := newScene(t)
	a := s.attached("x", noise(6, 10)).Attachments[0]
	a.Chunks = []string{strings.Repeat("ab", 32)}
	err := s.update(func(tx record.Tx) error { return tx.Put(note(a)) })
	s.kind("a chunk that nobody stored", err, record.Conflict)
	a.Chunks = []string{"../../keys/vault.key" + strings.Repeat("0", 44)}
	err = s.update(func(tx record.Tx) error { return tx.Put(note(a)) })
	s.kind("a path as a name", err, record.Invalid)
}

// TestAttached proves that a file is found by its id, through a present record only.
func TestAttached(t *testing.T) {
	s := newScene(t)
	r := s.attached("x", noise(7, 10))
	id := r.Attachments[0].ID
	s.ok(s.store.View(machine(), func(tx record.Tx) error {
		got, a, err := tx.Attached(id)
		if err == nil && (got.ID != r.ID || a.ID != id) {
			t.Errorf("%s %s", got.ID, a.ID)
		}
		return err
	}))
	s.ok(s.update(func(tx record.Tx) error {
		rec, err := tx.Get(r.ID)
		s.ok(err)
		rec.Attachments = nil
		return tx.Put(rec)
	}))
	err := s.store.View(machine(), func(tx record.Tx) error { _, _, err := tx.Attached(id); return err })
	s.kind("a file of a former revision", err, record.NotFound)
}

// TestKeysAreNotMadeBesideChunks proves that lost keys are said, not replaced.
func TestKeysAreNotMadeBesideChunks(t *testing.T) {
	s := newScene(t)
	s.attached("x", noise(8, 10))
	keys := filepath.Join(s.dir, "keys")
	info, err := os.Stat(filepath.Join(keys, "vault.age"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key has %v, %v", info.Mode(), err)
	}
	s.ok(os.Remove(filepath.Join(keys, "vault.age")))
	if _, err := vault.LoadKeys(s.dir, keys, true); record.KindOf(err) != record.NotFound || !strings.Contains(record.MessageOf(err), "restore") {
		t.Errorf("lost keys: %v", err)
	}
}
