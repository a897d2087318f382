package vault_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"sync"
	"testing"
	"time"

	"sarhad/record"
	"sarhad/record/attach"
	"sarhad/store/vault"
)

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
