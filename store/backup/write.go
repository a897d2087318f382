package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"filippo.io/age"
	"golang.org/x/mod/sumdb/note"

	"sarhad/record"
	"sarhad/store/sqlite"
)

// Source gives one state of the database: sqlite.Store.
type Source interface {
	Snapshot(ctx context.Context, fn func(state sqlite.Snapshot, pages io.Reader) error) error
}

// Options of a backup. All are required but the last ones.
type Options struct {
	Set       string // directory of the backups; made when it is missing
	Data      string // data directory
	Node      string
	Program   string // version
	Recipient string // recovery key, as in keys/recovery.pub
	Key       Key
	Signer    note.Signer // the node's; Verifiers hold its public half
	Verifiers note.Verifiers
	Now       func() time.Time

	Settings   string                  // directory of sarhad.toml; "" = Data
	Journal    func() error            // brings the journal of erasures in the set up to date; nil = there is none
	Keep       int                     // backups that stay, this one included; 0 = all
	ChunkBytes int                     // 0 = DefaultChunkBytes; whole pages
	Recheck    bool                    // read every chunk that is there already, and write damaged ones anew
	Progress   func(done, total int64) // bytes of the database; nil = none
}

// Result is what a backup did.
type Result struct {
	Number  int64     `json:"number"`
	At      time.Time `json:"at"`
	Bytes   int64     `json:"bytes"`   // that it restores
	Chunks  int       `json:"chunks"`  // different ones
	New     int       `json:"new"`     // of them written now
	Written int64     `json:"written"` // encrypted bytes written now
	Files   int       `json:"files"`   // beside the database
	Journal int64     `json:"journal"` // newest line of the journal of erasures in it
	Kept    int       `json:"kept"`    // backups now in the set
	Removed int       `json:"removed"` // old backups that went
	Freed   int64     `json:"freed"`   // bytes that went with them, or were left by a backup that was broken off

	Problems []string `json:"problems,omitempty"` // older backups in the set that are damaged
}

const (
	databaseFile   = "sarhad.db"
	settingsFile   = "sarhad.toml"
	attachmentsDir = "attachments" // immutable files, named by what they hold
	packBelow      = 64 << 10      // smaller files are packed together
)

// always are the files and directories of a data directory that are truth and no secret. The keys have a ceremony of their own.
var always = []string{settingsFile, "checkpoints"}

// Write makes the next backup of the set. It either ends with a whole backup that was read back, or leaves the former ones as
// they were; the next one sweeps up. Only one may run at a time on a set.
func Write(ctx context.Context, src Source, opt Options) (res Result, err error) {
	defer record.Wrap(&err, "backup.Write(%s)", opt.Set)
	to, err := ParseRecipient(opt.Recipient)
	if err != nil {
		return res, err
	}
	if opt.ChunkBytes == 0 {
		opt.ChunkBytes = DefaultChunkBytes
	}
	set := Set{Dir: opt.Set}
	if err := set.claim(opt.Node, opt.Recipient); err != nil {
		return res, err
	}
	if _, err := set.sweep(); err != nil {
		return res, err
	}
	r := &run{opt: opt, set: set, to: to, files: map[string]fixed{}}
	known, err := r.known()
	if err != nil {
		return res, err
	}
	if r.m.Number, err = set.next(); err != nil {
		return res, err
	}
	r.w = newWriter(set, to, opt.Key, opt.ChunkBytes, known)
	r.w.recheck = opt.Recheck
	err = r.take(ctx, src)
	if err = errors.Join(err, r.w.close()); err != nil {
		return res, err
	}
	if err := r.w.readBack(ctx); err != nil {
		return res, err
	}
	if opt.Journal != nil { // what was erased until the snapshot was taken: the header will cite it
		if err := opt.Journal(); err != nil {
			return res, err
		}
	}
	if res, err = r.commit(); err != nil {
		return res, err
	}
	res.Problems = r.problems
	return res, r.retain(&res)
}

// run is a backup under way.
type run struct {
	opt      Options
	set      Set
	to       age.Recipient
	w        *writer
	m        Manifest
	files    map[string]fixed // immutable ones that the set has
	problems []string
	bytes    int64
}

// known gives the chunks that are in the set already. A backup whose list is damaged is named and not relied on.
func (r *run) known() (map[string]chunkRef, error) {
	headers, problems, err := r.set.Headers(r.opt.Verifiers)
	if err != nil {
		return nil, err
	}
	r.problems = problems
	known := map[string]chunkRef{}
	for _, h := range headers {
		c, err := r.set.contents(h)
		if err != nil {
			r.problems = append(r.problems, record.MessageOf(err))
			continue
		}
		for name, ref := range c.chunks {
			known[name] = ref
		}
		for path, f := range c.files {
			r.files[path] = f
		}
	}
	return known, nil
}

// take reads the database and then the files: an attachment is written before the record that names it, so none is missed.
func (r *run) take(ctx context.Context, src Source) error {
	m := &r.m
	m.Format, m.Node, m.Program, m.At, m.ChunkBytes = manifestFormat, r.opt.Node, r.opt.Program, r.opt.Now().UTC().Truncate(time.Second), r.opt.ChunkBytes
	err := src.Snapshot(ctx, func(state sqlite.Snapshot, pages io.Reader) error {
		m.Incarnation, m.Schema, m.Head, m.Journal = state.Incarnation, state.Schema, int64(state.Head), state.Journal
		m.AuditRows, m.AuditSize, m.Checkpoint = state.AuditRows, state.AuditSize, string(state.Checkpoint)
		total := state.Pages * int64(state.PageSize)
		names, size, err := r.w.stream(ctx, &counted{r: pages, total: total, tell: r.opt.Progress})
		if err != nil {
			return err
		}
		if size != total {
			return fmt.Errorf("the database gave %d bytes of %d", size, total)
		}
		m.Files = append(m.Files, File{databaseFile, size, names})
		r.bytes += size
		return nil
	})
	if err != nil {
		return err
	}
	return r.takeFiles(ctx)
}

// counted tells how far a stream is.
type counted struct {
	r           io.Reader
	done, total int64
	tell        func(done, total int64)
}

// Read reads on and tells how far it is.
func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.done += int64(n)
	if c.tell != nil && n > 0 {
		c.tell(c.done, c.total)
	}
	return n, err
}

// path is where a file of the backup lies.
func (r *run) path(rel string) string {
	if rel == settingsFile && r.opt.Settings != "" {
		return filepath.Join(r.opt.Settings, rel)
	}
	return filepath.Join(r.opt.Data, filepath.FromSlash(rel))
}

func (r *run) takeFiles(ctx context.Context) error {
	var small []string
	for _, top := range slices.Concat([]string{attachmentsDir}, always) {
		err := filepath.WalkDir(r.path(top), func(path string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil // nothing attached yet, or erased meanwhile
			}
			if err != nil || !d.Type().IsRegular() || strings.HasSuffix(path, newExt) {
				return err
			}
			rel, err := filepath.Rel(r.path(top), path)
			if err != nil {
				return err
			}
			rel = filepath.ToSlash(filepath.Join(top, rel))
			info, err := d.Info()
			switch {
			case errors.Is(err, fs.ErrNotExist):
				return nil
			case err != nil:
				return err
			case top != attachmentsDir && info.Size() < packBelow:
				small = append(small, rel)
				return nil
			}
			return r.takeFile(ctx, rel, info.Size(), top == attachmentsDir)
		})
		if err != nil {
			return err
		}
	}
	return r.pack(ctx, small)
}

// takeFile takes one file. One that never changes under its name is not read again while the set has it.
func (r *run) takeFile(ctx context.Context, rel string, size int64, immutable bool) error {
	if f, ok := r.files[rel]; ok && immutable && f.size == size && r.has(f.chunks) {
		for _, name := range f.chunks {
			r.w.list.add(name, r.w.known[name])
		}
		r.keep(rel, f, immutable)
		return nil
	}
	in, err := os.Open(r.path(rel))
	if errors.Is(err, fs.ErrNotExist) {
		return nil // erased meanwhile
	}
	if err != nil {
		return err
	}
	defer in.Close()
	names, n, err := r.w.stream(ctx, in)
	if err == nil {
		r.keep(rel, fixed{n, names}, immutable)
	}
	return err
}

func (r *run) keep(rel string, f fixed, immutable bool) {
	r.m.Files = append(r.m.Files, File{rel, f.size, f.chunks})
	r.bytes += f.size
	if immutable {
		r.w.list.files[rel] = f
	}
}

// has reports whether the set still has all of some chunks.
func (r *run) has(names []string) bool {
	for _, name := range names {
		ref, ok := r.w.known[name]
		if !ok {
			return false
		}
		if !r.w.sound(name, ref) {
			return false
		}
	}
	return true
}

// pack takes small files one after another. Checkpoints sort by number, so that the pack grows at its end and its first
// chunks stay.
func (r *run) pack(ctx context.Context, paths []string) error {
	slices.Sort(paths)
	in, out := io.Pipe()
	go func() {
		for _, rel := range paths {
			b, err := os.ReadFile(r.path(rel))
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err == nil {
				r.m.Pack.Parts = append(r.m.Pack.Parts, Part{rel, int64(len(b))})
				_, err = out.Write(b)
			}
			if err != nil {
				out.CloseWithError(err)
				return
			}
		}
		out.Close()
	}()
	names, size, err := r.w.stream(ctx, in)
	in.CloseWithError(err)
	r.m.Pack.Chunks = names
	r.bytes += size
	return err
}

// commit writes what makes it a backup; the header last.
func (r *run) commit() (res Result, err error) {
	sealed, err := r.m.seal(r.to)
	if err != nil {
		return res, err
	}
	list := r.w.list.text()
	h := Header{Node: r.m.Node, Number: r.m.Number, At: r.m.At, Incarnation: r.m.Incarnation, Program: r.m.Program, Journal: r.m.Journal,
		Bytes: r.bytes, Chunks: len(r.w.list.chunks), Written: r.w.written, List: sum(list), Manifest: sum(sealed)}
	signed, err := note.Sign(&note.Note{Text: h.text()}, r.opt.Signer)
	if err != nil {
		return res, err
	}
	for _, f := range []struct {
		name string
		data []byte
	}{{r.set.list(h.Number), list}, {r.set.manifest(h.Number), sealed}, {r.set.header(h.Number), signed}} {
		if err := writeWhole(f.name, f.data); err != nil {
			return res, err
		}
		if b, err := os.ReadFile(f.name); err != nil || sum(b) != sum(f.data) {
			return res, &record.Error{Kind: record.Unavailable, Err: err, Message: fmt.Sprintf("%s does not read back as it was written: the disk may be broken; use another", f.name)}
		}
	}
	syncDir(filepath.Join(r.set.Dir, backupsDir))
	return Result{Number: h.Number, At: h.At, Bytes: h.Bytes, Chunks: h.Chunks, New: len(r.w.fresh), Written: h.Written,
		Files: len(r.m.Files) - 1 + len(r.m.Pack.Parts), Journal: h.Journal}, nil
}
