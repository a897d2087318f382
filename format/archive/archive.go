// Package archive opens ZIP archives from outside and refuses those that are made to do harm: that unfold without end, that
// name files beyond their folder, that hold archives within archives. It is the one place where archives are opened: the
// sheets of a list, later exhibits and fillings.
//
// Nouns: Archive, Limits, Error.
//
// Guarantees: Open looks at the directory of the archive alone. Each and Read unfold under the limits, whatever the directory
// says of sizes; nothing is written to disk, and what is refused is refused as a whole. An Error is half a sentence for the
// person who brought the file; it shows names of files within the archive shortened and without what a terminal obeys.
//
// The package must never make a file. PKWARE APPNOTE.TXT 6.3.
package archive

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits of one archive. Zero means the default.
type Limits struct {
	Entries int   // files and folders
	Total   int64 // bytes of all files unfolded
	File    int64 // bytes of one file unfolded
	Ratio   int64 // unfolded to folded, of a file larger than ratioFrom
	Nested  bool  // archives within are let through, as they are; whoever opens them has to ask again
}

// Defaults of Limits.
const (
	DefaultEntries = 2000
	DefaultTotal   = 256 << 20 // as much as an upload may be
	DefaultFile    = 128 << 20
	DefaultRatio   = 200 // text and XML reach 50; a file of one letter over and over 1,000
	ratioFrom      = 1 << 20
)

// Error says why an archive is refused.
type Error struct {
	Problem string
	Err     error // the cause; may be nil
}

// Error implements error.
func (e *Error) Error() string { return e.Problem }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

func refuse(format string, args ...any) error { return &Error{Problem: fmt.Sprintf(format, args...)} }

// Archive is an open archive whose directory is sound.
type Archive struct {
	zip    *zip.Reader
	limits Limits
	left   int64 // of Limits.Total
}

// Open reads the directory of an archive of the given size. The error is an *Error.
func Open(r io.ReaderAt, size int64, l Limits) (*Archive, error) {
	if l.Entries == 0 {
		l.Entries = DefaultEntries
	}
	if l.Total == 0 {
		l.Total = DefaultTotal
	}
	if l.File == 0 {
		l.File = DefaultFile
	}
	if l.Ratio == 0 {
		l.Ratio = DefaultRatio
	}
	z, err := zip.NewReader(r, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, &Error{Problem: "the file is no ZIP archive, or it was cut short", Err: err}
	}
	a := &Archive{zip: z, limits: l, left: l.Total}
	return a, a.check()
}

// check judges the directory.
func (a *Archive) check() error {
	if n := len(a.zip.File); n > a.limits.Entries {
		return refuse("the archive holds %d files; %d are let in", n, a.limits.Entries)
	}
	var unfolded uint64
	seen := map[string]bool{}
	for _, f := range a.zip.File {
		if err := checkName(f, seen); err != nil {
			return err
		}
		if f.Flags&1 != 0 {
			return refuse("%s in the archive is locked with a password; send it unlocked", show(f.Name))
		}
		unfolded += min(f.UncompressedSize64, 1<<50)
		if f.UncompressedSize64 > uint64(a.limits.File) {
			return a.tooLarge(f)
		}
		if !a.limits.Nested && archiveName(f.Name) {
			return refuse("%s in the archive is an archive itself; send what it holds", show(f.Name))
		}
	}
	if unfolded > uint64(a.limits.Total) {
		return refuse("the archive unfolds to %d MB; %d MB are let in", unfolded>>20, a.limits.Total>>20)
	}
	return a.checkPlaces()
}

// checkPlaces refuses files that share bytes: a small archive can name the same bytes a thousand times.
func (a *Archive) checkPlaces() error {
	type span struct{ from, to int64 }
	var spans []span
	for _, f := range a.zip.File {
		from, err := f.DataOffset()
		if err != nil {
			return &Error{Problem: "the directory of the archive is broken", Err: err}
		}
		if f.CompressedSize64 > 0 {
			spans = append(spans, span{from, from + int64(f.CompressedSize64)})
		}
	}
	slices.SortFunc(spans, func(x, y span) int { return int(min(max(x.from-y.from, -1), 1)) })
	for i := 1; i < len(spans); i++ {
		if spans[i].from < spans[i-1].to {
			return refuse("files of the archive overlap, so that it unfolds to more than it holds")
		}
	}
	return nil
}

// checkName refuses names that lead out of the folder, or that two systems would understand differently.
func checkName(f *zip.File, seen map[string]bool) error {
	name := f.Name
	bad := name == "" || !utf8.ValidString(name) || strings.ContainsAny(name, "\\:\x00") || strings.HasPrefix(name, "/") ||
		strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7F })
	for part := range strings.SplitSeq(strings.TrimSuffix(name, "/"), "/") {
		bad = bad || part == ".." || part == "." || part == ""
	}
	if bad {
		return refuse("the archive names a file %s that would lie outside its folder", show(name))
	}
	if mode := f.Mode(); !mode.IsRegular() && !mode.IsDir() {
		return refuse("%s in the archive is no file but a link or a device", show(name))
	}
	key := strings.ToLower(path.Clean(name))
	if seen[key] {
		return refuse("the archive holds %s twice", show(name))
	}
	seen[key] = true
	return nil
}

func (a *Archive) tooLarge(f *zip.File) error {
	return refuse("%s in the archive unfolds to more than %d MB", show(f.Name), a.limits.File>>20)
}

var archiveEnds = []string{".zip", ".rar", ".7z", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".tar", ".cab", ".iso", ".jar", ".xlsx", ".xlsm", ".docx", ".pptx", ".odt", ".ods", ".apk", ".arj", ".lzh"}

func archiveName(name string) bool {
	return slices.Contains(archiveEnds, strings.ToLower(path.Ext(name)))
}

// magic are the first bytes of archives, whatever they are called.
var magic = [][]byte{[]byte("PK\x03\x04"), []byte("Rar!\x1a\x07"), []byte("7z\xbc\xaf\x27\x1c"), []byte("\x1f\x8b\x08"), []byte("\xfd7zXZ\x00"), []byte("BZh9"), []byte("MSCF")}

// Names gives the names of the files, without folders, in the order of the directory.
func (a *Archive) Names() []string {
	var out []string
	for _, f := range a.zip.File {
		if !f.Mode().IsDir() {
			out = append(out, f.Name)
		}
	}
	return out
}

// Each unfolds every file once and hands it to fn, which reads as much as it wants. The limits hold over all of them, and
// what fn leaves is unfolded too, so that the answer is about the whole archive. The error is an *Error or fn's.
func (a *Archive) Each(fn func(name string, r io.Reader) error) error {
	a.left = a.limits.Total
	for _, f := range a.zip.File {
		if f.Mode().IsDir() {
			continue
		}
		if err := a.unfold(f, fn); err != nil {
			return err
		}
	}
	return nil
}

// Read unfolds one file. The error is an *Error; it wraps fs.ErrNotExist if there is none of the name.
func (a *Archive) Read(name string) (data []byte, err error) {
	i := slices.IndexFunc(a.zip.File, func(f *zip.File) bool { return f.Name == name })
	if i < 0 {
		return nil, &Error{Problem: "the archive holds no " + show(name), Err: fs.ErrNotExist}
	}
	a.left = a.limits.Total
	err = a.unfold(a.zip.File[i], func(_ string, r io.Reader) error {
		var err error
		data, err = io.ReadAll(r)
		return err
	})
	return data, err
}

func (a *Archive) unfold(f *zip.File, fn func(string, io.Reader) error) error {
	r, err := f.Open()
	if err != nil {
		return &Error{Problem: show(f.Name) + " in the archive is folded in a way that is not known", Err: err}
	}
	defer func() { _ = r.Close() }() // read only
	m := &meter{r: r, archive: a, file: f}
	if err := fn(f.Name, m); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, m)
	return err
}

// meter counts what is unfolded.
type meter struct {
	r       io.Reader
	archive *Archive
	file    *zip.File
	n       int64
	head    []byte
	err     error
}

// Read implements io.Reader.
func (m *meter) Read(p []byte) (int, error) {
	if m.err != nil {
		return 0, m.err
	}
	n, err := m.r.Read(p)
	m.n += int64(n)
	m.archive.left -= int64(n)
	if want := len(magic[2]); len(m.head) < want {
		m.head = append(m.head, p[:min(n, want-len(m.head))]...)
	}
	l := m.archive.limits
	switch {
	case m.n > l.File:
		m.err = m.archive.tooLarge(m.file)
	case m.archive.left < 0:
		m.err = refuse("the archive unfolds to more than %d MB", l.Total>>20)
	case m.n > ratioFrom && m.n > l.Ratio*int64(m.file.CompressedSize64):
		m.err = refuse("%s in the archive unfolds to more than %d times its size, as no file of work does", show(m.file.Name), l.Ratio)
	case !l.Nested && slices.ContainsFunc(magic, func(b []byte) bool { return bytes.HasPrefix(m.head, b) }):
		m.err = refuse("%s in the archive is an archive itself; send what it holds", show(m.file.Name))
	case err != nil && err != io.EOF:
		m.err = &Error{Problem: show(m.file.Name) + " in the archive is broken", Err: err}
	}
	if m.err != nil {
		return 0, m.err
	}
	return n, err
}

// show is a name as a sentence can bear it.
func show(name string) string {
	const most = 40
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7F && r < 0xA0 || r == utf8.RuneError || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 {
			return '?'
		}
		return r
	}, name)
	if r := []rune(name); len(r) > most {
		name = string(r[:most]) + "…"
	}
	return "“" + name + "”"
}
