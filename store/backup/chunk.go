package backup

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"filippo.io/age"

	"sarhad/record"
)

const (
	// DefaultChunkBytes is 16 pages. One new record touches some 40 pages all over the database, so that smaller chunks copy
	// less; each is a file and has a header of age of 1.6 KB. The benchmark compares.
	DefaultChunkBytes = 64 << 10
	// nameBytes of the keyed hash make a name: 160 bits do not meet by chance.
	nameBytes = 20
)

// Key makes names of chunks and signs of the journal. It is made of a secret of the node and tells nothing of it; whoever
// lacks it cannot tell from a name what a chunk holds.
type Key []byte

func (k Key) hash() hash.Hash { return hmac.New(sha256.New, k) }

func (k Key) name(clear []byte) string {
	h := k.hash()
	h.Write([]byte("chunk\x00"))
	h.Write(clear)
	return hex.EncodeToString(h.Sum(nil)[:nameBytes])
}

// writer writes chunks into a set, those that are not there yet, some at once.
type writer struct {
	set     Set
	to      age.Recipient
	key     Key
	size    int
	known   map[string]chunkRef // of all backups in the set
	recheck bool                // read what is known
	list    *contents           // of this backup

	todo chan job
	wait sync.WaitGroup
	free sync.Pool

	mu      sync.Mutex
	err     error
	dirs    map[string]bool
	fresh   []string // names written now
	written int64    // encrypted bytes written now
	read    int64    // clear bytes read
}

type job struct {
	name  string
	clear *[]byte
	n     int
}

func newWriter(set Set, to age.Recipient, key Key, size int, known map[string]chunkRef) *writer {
	w := &writer{set: set, to: to, key: key, size: size, known: known, list: newContents(), todo: make(chan job), dirs: map[string]bool{}}
	w.free.New = func() any { b := make([]byte, size); return &b }
	for range min(runtime.GOMAXPROCS(0), 8) {
		w.wait.Go(w.work)
	}
	return w
}

// stream cuts what r gives into chunks and gives their names and how many bytes it was.
func (w *writer) stream(ctx context.Context, r io.Reader) (names []string, size int64, err error) {
	for {
		if err := errors.Join(ctx.Err(), w.failed()); err != nil {
			return nil, 0, err
		}
		buf := w.free.Get().(*[]byte)
		n, err := io.ReadFull(r, *buf)
		if n > 0 {
			size += int64(n)
			names = append(names, w.put(buf, n))
		} else {
			w.free.Put(buf)
		}
		switch {
		case err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF):
			return names, size, nil
		case err != nil:
			return nil, 0, err
		}
	}
}

// put hands a chunk on to be written unless it is in the set.
func (w *writer) put(buf *[]byte, n int) string {
	name := w.key.name((*buf)[:n])
	w.mu.Lock()
	w.read += int64(n)
	_, mine := w.list.chunks[name]
	ref, there := w.known[name]
	if !mine && there {
		there = w.sound(name, ref)
	}
	switch {
	case mine:
	case there:
		w.list.add(name, ref)
	default:
		w.list.add(name, chunkRef{}) // until it is written
	}
	w.mu.Unlock()
	if mine || there {
		w.free.Put(buf)
		return name
	}
	w.todo <- job{name, buf, n}
	return name
}

// sound reports whether a known chunk is still there; what was lost or cut off since is written again.
func (w *writer) sound(name string, ref chunkRef) bool {
	if w.recheck {
		return w.set.check(name, ref) == nil
	}
	info, err := os.Stat(w.set.chunk(name))
	return err == nil && info.Size() == ref.size
}

func (w *writer) work() {
	for j := range w.todo {
		ref, err := w.write(j.name, (*j.clear)[:j.n])
		w.free.Put(j.clear)
		w.mu.Lock()
		w.list.chunks[j.name] = ref
		w.fresh = append(w.fresh, j.name)
		w.written += ref.size
		if w.err == nil {
			w.err = err
		}
		w.mu.Unlock()
	}
}

func (w *writer) write(name string, clear []byte) (ref chunkRef, err error) {
	if w.failed() != nil {
		return ref, nil
	}
	sealed, err := seal(clear, w.to)
	if err != nil {
		return ref, err
	}
	file := w.set.chunk(name)
	dir := filepath.Dir(file)
	w.mu.Lock()
	if !w.dirs[dir] {
		err = os.MkdirAll(dir, 0o700)
		w.dirs[dir] = err == nil
	}
	w.mu.Unlock()
	if err != nil {
		return ref, err
	}
	// Not synced yet: until the header is there it is in no list, and whatever a power failure leaves of it is written anew.
	return chunkRef{sum(sealed), int64(len(sealed))}, write(file, sealed, false)
}

func (w *writer) failed() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

// close waits until everything is written and durable.
func (w *writer) close() error {
	close(w.todo)
	w.wait.Wait()
	if w.err != nil {
		return w.err
	}
	names := make(chan string)
	var wait sync.WaitGroup
	for range syncers {
		wait.Go(func() {
			for name := range names {
				if err := syncFile(w.set.chunk(name)); err != nil {
					w.mu.Lock()
					w.err = err
					w.mu.Unlock()
				}
			}
		})
	}
	for _, name := range w.fresh {
		names <- name
	}
	close(names)
	wait.Wait()
	for d := range w.dirs {
		syncDir(d)
	}
	syncDir(filepath.Join(w.set.Dir, chunksDir))
	return w.err
}

// syncers wait for the disk at once: it serves many at the price of one.
const syncers = 16

// readBack reads what was written now and compares.
func (w *writer) readBack(ctx context.Context) error {
	for _, name := range w.fresh {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := w.set.check(name, w.list.chunks[name]); err != nil {
			return &record.Error{Kind: record.Unavailable, Err: err, Message: fmt.Sprintf(
				"what was just written to %s does not read back: the disk may be broken. The former backups are as they were; use another disk", w.set.Dir)}
		}
	}
	return nil
}

// check reads a chunk as it lies in the set and holds it against the list. Its errors name the file.
func (s Set) check(name string, ref chunkRef) error {
	b, err := os.ReadFile(s.chunk(name))
	switch {
	case errors.Is(err, os.ErrNotExist):
		return record.Errorf(record.Invalid, "the chunk %s is missing", s.chunk(name))
	case err != nil:
		return &record.Error{Kind: record.Invalid, Err: err, Message: fmt.Sprintf("the chunk %s cannot be read: %v", s.chunk(name), err)}
	case int64(len(b)) != ref.size:
		return record.Errorf(record.Invalid, "the chunk %s is damaged: it has %d bytes, %d were written", s.chunk(name), len(b), ref.size)
	case sum(b) != ref.sum:
		return record.Errorf(record.Invalid, "the chunk %s is damaged: its bytes are not those that were written", s.chunk(name))
	}
	return nil
}

// clear reads and decrypts a chunk and holds it against its name, which only who has the key of the node can make. A chunk
// that was written anew since, because it was damaged, has another sum and the same name.
func (s Set) clear(name string, key Key, with age.Identity) ([]byte, error) {
	b, err := os.ReadFile(s.chunk(name))
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, record.Errorf(record.Invalid, "the chunk %s is missing", s.chunk(name))
	case err != nil:
		return nil, &record.Error{Kind: record.Invalid, Err: err, Message: fmt.Sprintf("the chunk %s cannot be read: %v", s.chunk(name), err)}
	}
	text, err := open(b, with)
	if record.KindOf(err) == record.Forbidden {
		return nil, err
	}
	if err != nil || key.name(text) != name {
		return nil, &record.Error{Kind: record.Invalid, Err: err, Message: fmt.Sprintf("the chunk %s is damaged: its bytes are not those that were written", s.chunk(name))}
	}
	return text, nil
}
