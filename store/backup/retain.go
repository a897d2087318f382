package backup

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"sarhad/record"
)

// retain removes backups above the number to keep, oldest first, and every chunk that none of the others needs, also those a
// backup that was killed has left. While anything in the set cannot be read, chunks stay: they may be needed.
func (r *run) retain(res *Result) (err error) {
	defer record.Wrap(&err, "retain")
	headers, problems, err := r.set.Headers(r.opt.Verifiers)
	if err != nil {
		return err
	}
	for r.opt.Keep > 0 && len(headers) > r.opt.Keep {
		h := headers[0]
		headers = headers[1:]
		// The header first: without it the rest is no backup any more.
		for _, name := range []string{r.set.header(h.Number), r.set.list(h.Number), r.set.manifest(h.Number)} {
			if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
		res.Removed++
	}
	res.Kept = len(headers)
	needed := map[string]bool{}
	for _, h := range headers {
		c, err := r.set.contents(h)
		if err != nil {
			problems = append(problems, record.MessageOf(err))
			continue
		}
		for name := range c.chunks {
			needed[name] = true
		}
	}
	if len(problems) > 0 {
		return nil
	}
	return r.set.collect(needed, headers, res)
}

// collect removes chunks that nothing needs, and lists and manifests without a header.
func (s Set) collect(needed map[string]bool, headers []Header, res *Result) error {
	whole := map[string]bool{}
	for _, h := range headers {
		whole[s.list(h.Number)], whole[s.manifest(h.Number)] = true, true
	}
	remove := func(path string, d fs.DirEntry) error {
		if info, err := d.Info(); err == nil {
			res.Freed += info.Size()
		}
		return os.Remove(path)
	}
	err := filepath.WalkDir(filepath.Join(s.Dir, chunksDir), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if name, chunk := strings.CutSuffix(d.Name(), chunkExt); !chunk || needed[name] {
			return nil
		}
		return remove(path, d)
	})
	if err != nil {
		return err
	}
	return filepath.WalkDir(filepath.Join(s.Dir, backupsDir), func(path string, d fs.DirEntry, err error) error {
		ours := strings.HasSuffix(path, listExt) || strings.HasSuffix(path, manifestExt)
		if err != nil || d.IsDir() || !ours || whole[path] {
			return err
		}
		return remove(path, d)
	})
}
