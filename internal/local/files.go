package local

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// Files is where a command reads and writes files. Names are as typed: a relative one begins at the working directory of
// whoever typed it. Errors are those of package os: errors.Is with fs.ErrNotExist and its neighbours works.
type Files interface {
	// Open opens a file for reading.
	Open(name string) (io.ReadCloser, error)
	// Create makes a new file that only its owner may read. One that is there already is fs.ErrExist.
	Create(name string) (io.WriteCloser, error)
}

// ReadFile reads a file whole.
func ReadFile(files Files, name string) ([]byte, error) {
	f, err := files.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}

// Disk is the Files of this process.
type Disk struct{}

// ErrDirectory is the error of opening a directory for reading.
var ErrDirectory = errors.New("it is a directory, not a file")

// Open implements Files.
func (Disk) Open(name string) (io.ReadCloser, error) {
	f, err := openFile(name)
	if err != nil {
		return nil, err // not a nil file in an interface
	}
	return f, nil
}

// openFile opens what is no directory: one would only fail at the first read, and in other words on each system.
func openFile(name string) (*os.File, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err == nil && info.IsDir() {
		f.Close()
		return nil, &fs.PathError{Op: "open", Path: name, Err: ErrDirectory}
	}
	return f, nil
}

// Create implements Files.
func (Disk) Create(name string) (io.WriteCloser, error) {
	return os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
}

// Words of reply.Err. What is none of them arrives as the text alone.
var faults = map[string]error{"not-exist": fs.ErrNotExist, "exist": fs.ErrExist, "permission": fs.ErrPermission, "end": io.EOF, "directory": ErrDirectory}

func fault(err error) reply {
	if err == nil {
		return reply{}
	}
	for word, e := range faults {
		if errors.Is(err, e) {
			return reply{Err: word}
		}
	}
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return reply{Err: "other", Text: err.Error()}
}

func (r reply) error() error {
	if r.Err == "" {
		return nil
	}
	if e := faults[r.Err]; e != nil {
		return e
	}
	return errors.New(r.Text)
}

// remote is the Files of a Call: every step is done by the client.
type remote struct {
	w       *wire
	ctx     context.Context
	replies chan []byte

	mu   sync.Mutex // one step at a time
	last int
}

func (r *remote) do(a ask, data []byte) ([]byte, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.ctx.Err(); err != nil {
		return nil, err
	}
	if err := r.w.sendJSON(frameAsk, a, data); err != nil {
		return nil, err
	}
	select {
	case <-r.ctx.Done():
		return nil, r.ctx.Err() // no later step can take this answer for its own: there is none
	case b := <-r.replies:
		head, rest, _ := bytes.Cut(b, []byte("\n"))
		var rep reply
		if err := json.Unmarshal(head, &rep); err != nil {
			return nil, err
		}
		return rest, rep.error()
	}
}

func (r *remote) open(op, name string) (*remoteFile, error) {
	r.mu.Lock()
	r.last++
	f := &remoteFile{r: r, id: r.last}
	r.mu.Unlock()
	if _, err := r.do(ask{Op: op, File: f.id, Path: name}, nil); err != nil {
		return nil, &fs.PathError{Op: op, Path: name, Err: err}
	}
	return f, nil
}

// Open implements Files.
func (r *remote) Open(name string) (io.ReadCloser, error) {
	f, err := r.open("open", name)
	if err != nil {
		return nil, err
	}
	return f, nil
}

// Create implements Files.
func (r *remote) Create(name string) (io.WriteCloser, error) {
	f, err := r.open("create", name)
	if err != nil {
		return nil, err
	}
	return f, nil
}

type remoteFile struct {
	r    *remote
	id   int
	done bool
}

// Read asks the typist's side for the next bytes; at the end of the file it asks no more.
func (f *remoteFile) Read(p []byte) (int, error) {
	if f.done {
		return 0, io.EOF
	}
	if len(p) == 0 {
		return 0, nil
	}
	b, err := f.r.do(ask{Op: "read", File: f.id, N: min(len(p), chunk)}, nil)
	if errors.Is(err, io.EOF) {
		f.done, err = true, io.EOF
	}
	return copy(p, b), err
}

// Write sends the bytes in pieces that fit into a frame; n is what the other side took.
func (f *remoteFile) Write(p []byte) (n int, err error) {
	for n < len(p) {
		part := p[n:min(len(p), n+chunk)]
		if _, err := f.r.do(ask{Op: "write", File: f.id}, part); err != nil {
			return n, err
		}
		n += len(part)
	}
	return n, nil
}

// Close closes the file on the typist's side and tells whether it was written whole.
func (f *remoteFile) Close() error {
	_, err := f.r.do(ask{Op: "close", File: f.id}, nil)
	return err
}

// drawer holds the client's files that the node works with.
type drawer struct {
	in    io.Reader
	named map[string]bool // absolute paths that the command line names
	dir   string
	open  map[int]*os.File
}

// newDrawer allows the paths that stand in the words of a command, alone or after "--flag=".
func newDrawer(in io.Reader, dir string, args []string) *drawer {
	d := &drawer{in: in, dir: dir, named: map[string]bool{}, open: map[int]*os.File{}}
	for _, a := range args {
		d.named[d.abs(a)] = true
		for i := range a {
			if a[i] == '=' {
				d.named[d.abs(a[i+1:])] = true
				break
			}
		}
	}
	return d
}

func (d *drawer) abs(path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(d.dir, path)
}

// serve answers one ask with a frame.
func (d *drawer) serve(w *wire, payload []byte) error {
	head, data, _ := bytes.Cut(payload, []byte("\n"))
	var a ask
	if err := json.Unmarshal(head, &a); err != nil {
		return err
	}
	out, err := d.do(a, data)
	if out == nil {
		out = []byte{}
	}
	return w.sendJSON(frameReply, fault(err), out)
}

func (d *drawer) do(a ask, data []byte) ([]byte, error) {
	switch a.Op {
	case "open", "create":
		path := d.abs(a.Path)
		if !d.named[path] {
			return nil, fmt.Errorf("the command line does not name it, so it stays closed: %w", fs.ErrPermission)
		}
		var f *os.File
		var err error
		if a.Op == "create" {
			f, err = os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		} else {
			f, err = openFile(path)
		}
		if err == nil {
			d.open[a.File] = f
		}
		return nil, err
	case "read":
		var from io.Reader = d.open[a.File]
		if a.File == 0 {
			from = d.in
		} else if d.open[a.File] == nil {
			return nil, fs.ErrClosed
		}
		b := make([]byte, max(1, min(a.N, chunk)))
		n, err := from.Read(b)
		if n > 0 {
			err = nil // an error after some bytes comes again with the next read
		}
		return b[:n], err
	case "write", "close":
		f := d.open[a.File]
		if f == nil {
			return nil, fs.ErrClosed
		}
		if a.Op == "write" {
			_, err := f.Write(data)
			return nil, err
		}
		delete(d.open, a.File)
		return nil, f.Close()
	}
	return nil, fmt.Errorf("%q is not understood: the node is newer than this program", a.Op)
}

func (d *drawer) close() {
	for _, f := range d.open {
		f.Close()
	}
}
