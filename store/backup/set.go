package backup

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"sarhad/record"
)

// Names in a set. Everything is made with mode 0600, directories with 0700.
const (
	setFile     = "sarhad-backup.txt" // says what this is, whose, and for which recovery key
	backupsDir  = "backups"           // NNNNNNNN.txt header, .list, .manifest.age
	chunksDir   = "chunks"            // by the first byte of the name
	headerExt   = ".txt"
	listExt     = ".list"
	manifestExt = ".manifest.age"
	chunkExt    = ".age"
	newExt      = ".new" // a file that is being written; what is left of one means nothing
)

// Set is a directory of backups of one node.
type Set struct{ Dir string }

func (s Set) header(n int64) string   { return s.of(n, headerExt) }
func (s Set) list(n int64) string     { return s.of(n, listExt) }
func (s Set) manifest(n int64) string { return s.of(n, manifestExt) }

func (s Set) of(n int64, ext string) string {
	return filepath.Join(s.Dir, backupsDir, fmt.Sprintf("%08d%s", n, ext))
}

func (s Set) chunk(name string) string {
	return filepath.Join(s.Dir, chunksDir, name[:2], name+chunkExt)
}

// owner is the text of the set's own file.
func owner(node, recipient string) string {
	sum := sha256.Sum256([]byte(recipient))
	return fmt.Sprintf(`This directory holds backups of a Sarhad node. They are encrypted: without the recovery key, which was printed
when the node was made, nobody can read them. Change nothing here by hand. To restore, on any machine:

    sarhad restore --from THIS-DIRECTORY --identity RECOVERY-KEY-FILE --keys NODE-KEYS-FILE --dir NEW-DIRECTORY

node %s
recovery key %s
`, node, hex.EncodeToString(sum[:8]))
}

// claim makes the directory the set of a node, or makes sure that it is.
func (s Set) claim(node, recipient string) error {
	for _, d := range []string{s.Dir, filepath.Join(s.Dir, backupsDir), filepath.Join(s.Dir, chunksDir)} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return &record.Error{Kind: record.Unavailable, Err: err, Message: fmt.Sprintf(
				"the backup cannot be written to %s: check that the disk is there and may be written to", s.Dir)}
		}
	}
	name, want := filepath.Join(s.Dir, setFile), owner(node, recipient)
	have, err := os.ReadFile(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return writeWhole(name, []byte(want))
	case err != nil:
		return err
	case string(have) == want:
		return nil
	case field(string(have), "node") != node:
		return record.Errorf(record.Conflict, "%s holds backups of the node %s, and this one is %s: give each node a directory of its own", s.Dir, field(string(have), "node"), node)
	}
	return record.Errorf(record.Conflict, "%s holds backups for another recovery key (%s): begin a new directory, and keep the old one with its key as long as its data may live",
		s.Dir, field(string(have), "recovery key"))
}

// Open finds the set in a directory.
func Open(dir string) (Set, error) {
	if _, err := os.Stat(filepath.Join(dir, setFile)); err != nil {
		return Set{}, &record.Error{Kind: record.NotFound, Err: err, Message: fmt.Sprintf(
			"%s holds no backups: it has no %s; name the directory that 'sarhad backup' wrote to", dir, setFile)}
	}
	return Set{Dir: dir}, nil
}

// Node is whose backups these are.
func (s Set) Node() string {
	text, err := os.ReadFile(filepath.Join(s.Dir, setFile))
	if err != nil {
		return ""
	}
	return field(string(text), "node")
}

// field gives the rest of the line that begins with a word.
func field(text, name string) string {
	for line := range strings.Lines(text) {
		if v, ok := strings.CutPrefix(line, name+" "); ok {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

// Headers gives the backups of the set, oldest first, and names what stands between them and cannot be read. With verifiers
// each must be signed by the node; nil takes their word.
func (s Set) Headers(verifiers note.Verifiers) (out []Header, problems []string, err error) {
	entries, err := os.ReadDir(filepath.Join(s.Dir, backupsDir))
	if err != nil {
		return nil, nil, err
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), headerExt) {
			continue
		}
		f := filepath.Join(s.Dir, backupsDir, e.Name())
		text, err := os.ReadFile(f)
		if err != nil {
			return nil, nil, err
		}
		h, err := readHeader(text, verifiers)
		if err == nil && s.header(h.Number) != f {
			err = fmt.Errorf("it says that it is backup %d", h.Number)
		}
		if err != nil {
			problems = append(problems, fmt.Sprintf("%s is damaged: %v", f, err))
			continue
		}
		out = append(out, h)
	}
	slices.SortFunc(out, func(a, b Header) int { return cmp.Compare(a.Number, b.Number) })
	return out, problems, nil
}

// next is the number of the next backup: above every file that is there, also what was left half written.
func (s Set) next() (int64, error) {
	entries, err := os.ReadDir(filepath.Join(s.Dir, backupsDir))
	var last int64
	for _, e := range entries {
		name, _, _ := strings.Cut(e.Name(), ".")
		if n, err := strconv.ParseInt(name, 10, 64); err == nil {
			last = max(last, n)
		}
	}
	return last + 1, err
}

// sweep removes what a backup that was killed left half written, and gives how many files.
func (s Set) sweep() (n int, err error) {
	err = filepath.WalkDir(s.Dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, newExt) {
			return err
		}
		n++
		return os.Remove(path)
	})
	return n, err
}

// writeWhole writes a file that is there whole or not at all, however the program ends.
func writeWhole(name string, data []byte) error { return write(name, data, true) }

func write(name string, data []byte, durable bool) error {
	f, err := os.OpenFile(name+newExt, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if durable {
		err = errors.Join(err, f.Sync())
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(name+newExt, name)
}

// syncFile makes a file durable that was written before.
func syncFile(name string) error {
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// syncDir makes the names in a directory durable where the system can.
func syncDir(dir string) {
	if d, err := os.Open(dir); err == nil {
		_ = d.Sync() // not to be had on Windows
		_ = d.Close()
	}
}

// sum is the SHA-256 of bytes, hexadecimal.
func sum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}
