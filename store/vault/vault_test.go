package vault_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

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
	s.vault, err = vault.Open(vault.Config{Dir: s.dir, Keys: keys, Now: s.clock.Now, Log: slog.New(slog.DiscardHandler), Limits: s.limit})
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

// broken is a line that ends after some bytes.
type broken struct{ r io.Reader }

func (b broken) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// TestUploadGoesOn proves that a file survives broken lines and restarts, loses and doubles no byte, and says where it stands
// to who goes on from elsewhere. What lies there meanwhile is encrypted, the name too.
func TestUploadGoesOn(t *testing.T) {
	s := newScene(t)
	content := append([]byte("Тайное начало файла"), noise(9, 3*vault.ChunkSize)...)
	u := s.begin("Ержігіт.bin", content)
	ctx := t.Context()
	for i, to := range []int{100, 5000, vault.ChunkSize, vault.ChunkSize + 1, 2*vault.ChunkSize + 77} {
		got, err := s.vault.Append(ctx, officer, u.ID, u.Offset, broken{bytes.NewReader(content[u.Offset:to])}, nil)
		s.kind("a broken line", err, record.Unavailable)
		if got.Offset != int64(to) {
			t.Fatalf("after %d bytes it stands at %d", to, got.Offset)
		}
		if i%2 == 0 {
			s.again()
		}
		if u, err = s.vault.State(ctx, officer, u.ID); err != nil || u.Offset != int64(to) {
			t.Fatalf("after %d bytes and a restart it stands at %d, %v", to, u.Offset, err)
		}
		for _, clear := range []string{"Тайное начало", "Ержігіт"} {
			if found := s.holds([]byte(clear)); found != nil {
				t.Fatalf("%q stands in the clear in %v", clear, found)
			}
		}
	}
	_, err := s.vault.Append(ctx, officer, u.ID, 10, bytes.NewReader(content[10:]), nil)
	var wrong *attach.WrongOffset
	if !errors.As(err, &wrong) || wrong.Offset != u.Offset || record.KindOf(err) != record.Conflict {
		t.Fatalf("a wrong offset: %v", err)
	}
	_, err = s.vault.Append(ctx, "u-2", u.ID, u.Offset, bytes.NewReader(content[u.Offset:]), nil)
	s.kind("somebody else", err, record.NotFound)
	_, err = s.vault.Finish(ctx, officer, u.ID, attach.Choice{})
	s.kind("half a file", err, record.Conflict)
	u, err = s.vault.Append(ctx, officer, u.ID, u.Offset, bytes.NewReader(content[u.Offset:]), nil)
	if err != nil || !u.Done {
		t.Fatalf("%+v, %v", u, err)
	}
	a, err := s.vault.Finish(ctx, officer, u.ID, attach.Choice{})
	s.ok(err)
	if r := s.put(a); !bytes.Equal(s.read(r.Attachments[0]), content) {
		t.Error("other bytes came back")
	}
}

// TestChecksumIsHeld proves that a file which arrived otherwise than it was sent is refused whole.
func TestChecksumIsHeld(t *testing.T) {
	s := newScene(t)
	content := noise(10, 1000)
	sum := sha256.Sum256(content)
	begin := func() attach.Upload {
		u, err := s.vault.Begin(t.Context(), officer, attach.Begin{Name: "x", Size: 1000, SHA256: hex.EncodeToString(sum[:])})
		s.ok(err)
		return u
	}
	u := begin()
	other := bytes.Clone(content)
	other[500] ^= 1
	_, err := s.vault.Append(t.Context(), officer, u.ID, 0, bytes.NewReader(other), nil)
	s.kind("another file", err, record.Invalid)
	if left := s.chunks(); len(left) > 0 || len(s.vault.List(officer)) > 0 {
		t.Errorf("something of it stayed: %v", left)
	}
	_, err = s.vault.Append(t.Context(), officer, begin().ID, 0, bytes.NewReader(content), nil)
	s.ok(err)
	u = s.begin("long", content)
	u, err = s.vault.Append(t.Context(), officer, u.ID, 0, bytes.NewReader(append(bytes.Clone(content), 1)), nil)
	s.kind("a byte too much", err, record.Invalid)
	if u.Offset != 1000 {
		t.Errorf("what was said to come stands at %d", u.Offset)
	}
}

// stuck is a line that has died without a word: a read of it ends only when somebody ends it.
type stuck struct {
	first []byte
	begun chan struct{}
	ended chan struct{}
	once  sync.Once
}

func (b *stuck) Read(p []byte) (int, error) {
	if n := copy(p, b.first); n > 0 {
		b.first = b.first[n:]
		return n, nil
	}
	b.once.Do(func() { close(b.begun) })
	<-b.ended
	return 0, io.ErrUnexpectedEOF
}

// TestDeadLineIsTakenOver proves that who comes back on a new line does not wait for the old one.
func TestDeadLineIsTakenOver(t *testing.T) {
	s := newScene(t)
	content := noise(11, 1000)
	u := s.begin("x", content)
	line := &stuck{first: content[:300], begun: make(chan struct{}), ended: make(chan struct{})}
	old := make(chan error, 1)
	go func() {
		_, err := s.vault.Append(context.Background(), officer, u.ID, 0, line, func() { close(line.ended) })
		old <- err
	}()
	<-line.begun
	u, err := s.vault.State(t.Context(), officer, u.ID)
	if err != nil || u.Offset != 300 {
		t.Fatalf("the new line hears %d, %v", u.Offset, err)
	}
	s.kind("the old line", <-old, record.Unavailable)
	u, err = s.vault.Append(t.Context(), officer, u.ID, 300, bytes.NewReader(content[300:]), nil)
	if err != nil || !u.Done {
		t.Fatalf("%+v, %v", u, err)
	}
}

// TestLimits proves each limit, with a sentence that says what to do.
func TestLimits(t *testing.T) {
	s := newScene(t, vault.Limits{File: 1000, User: 2500, Node: 4000, Uploads: 3})
	try := func(user string, size int64) error {
		_, err := s.vault.Begin(t.Context(), user, attach.Begin{Name: "x", Size: size})
		return err
	}
	s.kind("an empty file", try(officer, 0), record.Invalid)
	s.kind("a large file", try(officer, 1001), record.Invalid)
	s.attached("a", noise(12, 1000)) // stored
	s.ok(try(officer, 1000))         // on its way
	s.kind("more than the officer may", try(officer, 501), record.Conflict)
	s.ok(try("u-2", 1000))
	s.ok(try("u-2", 900))
	s.kind("more than the node has", try("u-3", 101), record.Unavailable)
	s.ok(try("u-3", 1))
	s.ok(try("u-3", 1))
	s.ok(try("u-3", 1))
	s.kind("too many at once", try("u-3", 1), record.Conflict)
}

// TestCollect proves that orphans and forgotten uploads go, and nothing that somebody names or is bringing.
func TestCollect(t *testing.T) {
	s := newScene(t)
	named := s.attached("named", noise(13, 100)).Attachments[0]
	under := noise(14, vault.ChunkSize+100)
	u := s.begin("on its way", under)
	u, err := s.vault.Append(t.Context(), officer, u.ID, 0, bytes.NewReader(under[:vault.ChunkSize]), nil)
	s.ok(err)
	names, release, err := s.vault.Put(noise(15, 100)) // of a program that is killed before it names it
	s.ok(err)
	half := chunkPath(s, names[0]) + ".0011.new"
	s.ok(os.WriteFile(half, []byte("half"), 0o600))
	collect := func(grace time.Duration) vault.Collected {
		c, err := s.vault.Collect(t.Context(), grace)
		s.ok(err)
		return c
	}
	s.clock.Tick(time.Now().Sub(s.clock.Now()) + time.Minute) // files have the system's time
	u, err = s.vault.Append(t.Context(), officer, u.ID, u.Offset, bytes.NewReader(under[u.Offset:u.Offset+1]), nil)
	s.ok(err)
	if c := collect(0); c.Orphans != 0 {
		t.Errorf("%d chunks went that somebody holds", c.Orphans)
	}
	_ = release // never called: the kill
	s.again()
	if c := collect(time.Hour); c.Orphans != 0 {
		t.Errorf("%d orphans went before they were old", c.Orphans)
	}
	if c := collect(0); c.Orphans != 1 || c.Expired != 0 {
		t.Errorf("collected %+v, want the one orphan", c)
	}
	if _, err := os.Stat(half); err == nil {
		t.Error("half a chunk is still there")
	}
	u, err = s.vault.Append(t.Context(), officer, u.ID, u.Offset, bytes.NewReader(under[u.Offset:]), nil)
	if err != nil || !u.Done {
		t.Fatalf("the upload cannot go on: %+v, %v", u, err)
	}
	a, err := s.vault.Finish(t.Context(), officer, u.ID, attach.Choice{})
	s.ok(err)
	r := s.put(a)
	s.clock.Tick(vault.Expire)
	if c := collect(0); c.Expired != 1 || c.Orphans != 0 || len(s.vault.List(officer)) != 0 {
		t.Errorf("collected %+v, want the one upload", c)
	}
	if !bytes.Equal(s.read(r.Attachments[0]), under) || len(s.read(named)) != 100 {
		t.Error("what records name was collected")
	}
}

// TestCollectAgainstUploads lets uploads, records, erasures and the collector run against each other over the same content:
// no record ever names a chunk that is gone.
func TestCollectAgainstUploads(t *testing.T) {
	s := newScene(t)
	s.clock.Tick(time.Now().Sub(s.clock.Now()) + 24*time.Hour) // every chunk is older than any grace
	content := noise(16, 3000)
	stop := make(chan struct{})
	var collector, work sync.WaitGroup
	collector.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			if _, err := s.vault.Collect(context.Background(), 0); err != nil {
				t.Error(err)
			}
		}
	})
	for range 3 {
		work.Go(func() {
			for range 15 {
				if err := s.comeAndGo(content); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	work.Wait()
	close(stop)
	collector.Wait()
	if left := s.chunks(); len(left) > 0 {
		t.Errorf("nobody names them: %v", left)
	}
}

// comeAndGo uploads, names, reads and erases.
func (s *scene) comeAndGo(content []byte) error {
	ctx := context.Background()
	u, err := s.vault.Begin(ctx, officer, attach.Begin{Name: "x", Size: int64(len(content))})
	if err != nil {
		return err
	}
	if _, err = s.vault.Append(ctx, officer, u.ID, 0, bytes.NewReader(content), nil); err != nil {
		return err
	}
	a, err := s.vault.Finish(ctx, officer, u.ID, attach.Choice{})
	if err != nil {
		return err
	}
	r := note(a)
	if err := s.update(func(tx record.Tx) error { return tx.Put(r) }); err != nil {
		return err
	}
	if err := s.vault.Release(ctx, officer, u.ID); err != nil {
		return err
	}
	reader, err := s.vault.Open(a)
	if err != nil {
		return err
	}
	if b, err := io.ReadAll(reader); err != nil || !bytes.Equal(b, content) {
		return errors.Join(errors.New("a record names what is gone"), err)
	}
	return s.update(func(tx record.Tx) error { _, err := tx.Erase(r.ID); return err })
}
