package backup

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/age"
	"golang.org/x/mod/sumdb/note"

	"sarhad/record"
)

// halfFile stands in a directory while it is being restored. A directory with it is not served.
const halfFile = "RESTORE-NOT-FINISHED.txt"

const halfText = `A restore was begun in this directory and did not end. What is here is not whole: erased records may be in it.
Remove the directory and run 'sarhad restore' again.
`

// Whole refuses a directory in which a restore was broken off.
func Whole(dir string) error {
	if _, err := os.Stat(filepath.Join(dir, halfFile)); err == nil {
		return record.Errorf(record.Conflict, "%s is half restored: a restore was begun there and did not end. Remove the directory and run 'sarhad restore' again", dir)
	}
	return nil
}

// Begin makes an empty directory that says that it is half restored. One that holds anything is refused and left as it is.
func Begin(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if len(entries) > 0 {
		if err := Whole(dir); err != nil {
			return err
		}
		return record.Errorf(record.Conflict, "%s is not empty: a restore overwrites nothing; name a directory that is empty or not there", dir)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return err
	}
	if err := writeWhole(filepath.Join(dir, halfFile), []byte(halfText)); err != nil {
		return err
	}
	syncDir(dir)
	return nil
}

// End says that the directory is whole.
func End(dir string) error {
	err := os.Remove(filepath.Join(dir, halfFile))
	syncDir(dir)
	return err
}

// Restore is what a restore of files needs. All are required but the last.
type Restore struct {
	Set       Set
	Identity  age.Identity // the recovery key
	Key       Key
	Verifiers note.Verifiers
	Dir       string // begun with Begin

	Number   int64                   // 0 = the newest
	Progress func(done, total int64) // bytes; nil = none
}

// Pick finds the backup to restore and opens its manifest. It complains when a newer one is damaged.
func (r Restore) Pick() (Header, *Manifest, []Header, error) {
	headers, problems, err := r.Set.Headers(r.Verifiers)
	if err != nil {
		return Header{}, nil, nil, err
	}
	if len(headers) == 0 {
		return Header{}, nil, nil, record.Errorf(record.NotFound, "%s holds no backup that these keys signed %s", r.Set.Dir, strings.Join(problems, "; "))
	}
	if len(problems) > 0 && r.Number == 0 {
		return Header{}, nil, nil, record.Errorf(record.Invalid, "%s; choose another backup with --number, the newest that can be read is %d", strings.Join(problems, "\n"), headers[len(headers)-1].Number)
	}
	h := headers[len(headers)-1]
	if r.Number != 0 {
		found := false
		for _, one := range headers {
			if one.Number == r.Number {
				h, found = one, true
			}
		}
		if !found {
			return h, nil, nil, record.Errorf(record.NotFound, "%s holds no backup %d; it holds %d to %d", r.Set.Dir, r.Number, headers[0].Number, h.Number)
		}
	}
	m, err := r.Set.Manifest(h, r.Identity)
	return h, m, headers, err
}

// Files writes the files of a backup into the directory. Every chunk is held against its name; all that are missing or damaged
// are named, and then the restore fails.
func (r Restore) Files(ctx context.Context, m *Manifest) (err error) {
	defer record.Wrap(&err, "Files(%d)", m.Number)
	w := &unpacker{r: r}
	for _, f := range m.Files {
		w.total += f.Size
	}
	for _, f := range m.Files {
		if err := w.file(ctx, f); err != nil {
			return err
		}
	}
	if err := w.pack(ctx, m.Pack); err != nil {
		return err
	}
	if len(w.faults) == 0 {
		return nil
	}
	more := ""
	if w.more > 0 {
		more = fmt.Sprintf("\nand %d more", w.more)
	}
	return record.Errorf(record.Invalid, "backup %d cannot be restored whole:\n%s%s\nTry another backup with --number, or another copy of the set; 'sarhad backup --recheck' on the node writes damaged chunks anew",
		m.Number, strings.Join(w.faults, "\n"), more)
}

type unpacker struct {
	r           Restore
	done, total int64
	faults      []string
	more        int
}

func (u *unpacker) create(path string) (*os.File, error) {
	local := filepath.FromSlash(path)
	if !filepath.IsLocal(local) {
		return nil, record.Errorf(record.Invalid, "the backup names the file %q outside of the data directory: it was not written by this program", path)
	}
	name := filepath.Join(u.r.Dir, local)
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return nil, err
	}
	return os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
}

func (u *unpacker) file(ctx context.Context, f File) error {
	out, err := u.create(f.Path)
	if err != nil {
		return err
	}
	n, err := u.chunks(ctx, f.Path, f.Chunks, out)
	if err == nil && n != f.Size && len(u.faults) == 0 {
		err = record.Errorf(record.Invalid, "%s has %d bytes in the backup, %d are expected", f.Path, n, f.Size)
	}
	return errors.Join(err, out.Sync(), out.Close())
}

// chunks decrypts one after another into out, a few ahead of it.
func (u *unpacker) chunks(ctx context.Context, path string, names []string, out io.Writer) (n int64, err error) {
	type result struct {
		clear []byte
		err   error
	}
	const ahead = 4
	var queue []chan result
	next := 0
	for next < len(names) || len(queue) > 0 {
		for len(queue) < ahead && next < len(names) {
			c, name := make(chan result, 1), names[next]
			go func() {
				clear, err := u.r.Set.clear(name, u.r.Key, u.r.Identity)
				c <- result{clear, err}
			}()
			queue, next = append(queue, c), next+1
		}
		got := <-queue[0]
		queue = queue[1:]
		switch {
		case ctx.Err() != nil:
			return n, ctx.Err()
		case record.KindOf(got.err) == record.Invalid:
			u.fault(fmt.Sprintf("%s, part of %s", record.MessageOf(got.err), path))
			continue
		case got.err != nil:
			return n, got.err
		}
		if len(u.faults) == 0 { // else it fails anyway
			if _, err := out.Write(got.clear); err != nil {
				return n, err
			}
		}
		n += int64(len(got.clear))
		u.done += int64(len(got.clear))
		if u.r.Progress != nil {
			u.r.Progress(u.done, max(u.total, u.done))
		}
	}
	return n, nil
}

func (u *unpacker) fault(text string) {
	if len(u.faults) < maxFaults {
		u.faults = append(u.faults, text)
		return
	}
	u.more++
}

// pack writes the small files.
func (u *unpacker) pack(ctx context.Context, p Pack) error {
	in, out := io.Pipe()
	go func() {
		_, err := u.chunks(ctx, "the small files", p.Chunks, out)
		out.CloseWithError(err)
	}()
	r := bufio.NewReader(in)
	err := func() error {
		for _, part := range p.Parts {
			f, err := u.create(part.Path)
			if err != nil {
				return err
			}
			_, err = io.CopyN(f, r, part.Size)
			if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
				return err
			}
		}
		return nil
	}()
	_, rest := io.Copy(io.Discard, r) // until the other side has ended
	if len(u.faults) > 0 {
		return nil // told with the others
	}
	return errors.Join(err, rest)
}
