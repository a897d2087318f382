package vault

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"filippo.io/age"

	"sarhad/record"
)

const (
	// ChunkSize is how many bytes a chunk holds: what a weak line carries in a minute, so that little is sent twice, and few
	// enough files for a video.
	ChunkSize = 1 << 20

	chunksDir  = "attachments"
	uploadsDir = "uploads"
	newSuffix  = ".new" // of a file that is not whole yet
)

// Config of a vault. Dir and Keys are required.
type Config struct {
	Dir  string // data directory
	Keys *Keys
	// Unnamed gives those of the chunks that no record names; see Follow.
	Unnamed func(ctx context.Context, names []string) ([]string, error)
	// Bytes counts what records carry: of files that a user brought, and of everybody's; see Follow.
	Bytes func(ctx context.Context, user string) (mine, all int64, err error)

	// Open reads what a file holds; nil = in this process. Quarantined reads it in another one.
	Open Opener

	Limits Limits
	Now    func() time.Time // nil = time.Now
	Rand   io.Reader        // ids and nonces; nil = crypto/rand
	Log    *slog.Logger     // nil = slog.Default
}

// Vault is the attachments of one data directory. It is safe for concurrent use. One process owns the directory.
type Vault struct {
	cfg Config

	mu      sync.Mutex // guards what follows, and that nothing is deleted between a look and a pin
	pins    map[string]int
	uploads map[record.ID]*upload
	later   map[string]bool // chunks that could not be deleted yet

	drawing sync.Mutex // one file is opened at a time: each may take MaxDecoded
}

// Open opens the vault of a data directory and takes up the uploads that were under way.
func Open(cfg Config) (_ *Vault, err error) {
	defer record.Wrap(&err, "vault.Open")
	if cfg.Dir == "" || cfg.Keys == nil {
		return nil, record.Errorf(record.Internal, "a vault needs a directory and keys")
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Rand == nil {
		cfg.Rand = rand.Reader
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	cfg.Limits = cfg.Limits.OrDefaults()
	v := &Vault{cfg: cfg, pins: map[string]int{}, uploads: map[record.ID]*upload{}, later: map[string]bool{}}
	for _, dir := range []string{chunksDir, uploadsDir} {
		if err := os.MkdirAll(filepath.Join(cfg.Dir, dir), 0o700); err != nil {
			return nil, err
		}
	}
	if err := v.clearHalf(); err != nil {
		return nil, err
	}
	return v, v.loadUploads()
}

// Follow says who knows what records name. It must be called before Collect, and cannot be in Config when the store itself
// is opened with the vault.
func (v *Vault) Follow(unnamed func(ctx context.Context, names []string) ([]string, error), sum func(ctx context.Context, user string) (mine, all int64, err error)) {
	v.cfg.Unnamed, v.cfg.Bytes = unnamed, sum
}

// nameOf is the name of a chunk: a keyed hash of its content.
func (k *Keys) nameOf(content []byte) string {
	m := hmac.New(sha256.New, k.name)
	m.Write([]byte("sarhad chunk 1\x00"))
	m.Write(content)
	return hex.EncodeToString(m.Sum(nil))
}

// hashOf is the keyed hash of a whole file, of its SHA-256.
func (k *Keys) hashOf(sum []byte) string {
	m := hmac.New(sha256.New, k.name)
	m.Write([]byte("sarhad file 1\x00"))
	m.Write(sum)
	return hex.EncodeToString(m.Sum(nil))
}

func (v *Vault) path(name string) string { return filepath.Join(v.cfg.Dir, chunksDir, name[:2], name) }

// pin keeps chunks from being deleted until unpin.
func (v *Vault) pin(names ...string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, n := range names {
		v.pins[n]++
	}
}

func (v *Vault) unpin(names ...string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.unpinLocked(names...)
}

func (v *Vault) unpinLocked(names ...string) {
	for _, n := range names {
		if v.pins[n]--; v.pins[n] <= 0 {
			delete(v.pins, n)
		}
	}
}

// store puts a chunk on the disk and gives its name, pinned: the caller unpins it. A chunk that is there already is looked
// at, and mended where it is damaged.
func (v *Vault) store(content []byte) (name string, err error) {
	if len(content) == 0 || len(content) > ChunkSize {
		return "", record.Errorf(record.Internal, "a chunk of %d bytes", len(content))
	}
	name = v.cfg.Keys.nameOf(content)
	v.pin(name)
	defer func() {
		if err != nil {
			v.unpin(name)
		}
	}()
	if _, err := v.chunk(name); err == nil {
		return name, nil
	}
	sealed, err := v.cfg.Keys.seal(content)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(v.path(name)), 0o700); err != nil {
		return "", explain(err)
	}
	return name, explain(writeWhole(v.path(name), sealed))
}

// chunk reads a chunk and holds it against its name.
func (v *Vault) chunk(name string) ([]byte, error) {
	sealed, err := os.ReadFile(v.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &record.Error{Kind: record.Internal, Err: err, Message: "a part of this file is missing on the disk: restore it from the backup; nothing else is harmed"}
	}
	if err != nil {
		return nil, err
	}
	content, err := v.cfg.Keys.open(sealed)
	if err == nil && v.cfg.Keys.nameOf(content) != name {
		err = errors.New("the content has another hash")
	}
	if err != nil {
		return nil, &record.Error{Kind: record.Internal, Err: fmt.Errorf("chunk %s: %w", name, err),
			Message: "a part of this file is damaged on the disk: restore it from the backup; nothing of the damaged part was shown"}
	}
	return content, nil
}

// Has implements the store's look for chunks before a record names them.
func (v *Vault) Has(names []string) (missing string, err error) {
	for _, name := range names {
		if _, err := os.Stat(v.path(name)); errors.Is(err, fs.ErrNotExist) {
			return name, nil
		} else if err != nil {
			return "", err
		}
	}
	return "", nil
}

// seal encrypts for the node itself.
func (k *Keys) seal(content []byte) ([]byte, error) {
	var out bytes.Buffer
	out.Grow(len(content) + 4096)
	w, err := age.Encrypt(&out, k.recipient)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func (k *Keys) open(sealed []byte) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(sealed), k.identity)
	if err != nil {
		return nil, err
	}
	out := bytes.NewBuffer(make([]byte, 0, len(sealed)))
	_, err = out.ReadFrom(r)
	return out.Bytes(), err
}
