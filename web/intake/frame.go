package intake

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"

	"sarhad/internal/quarantine"
)

// File is one file from outside.
type File struct {
	Name string // for sentences, and of own lists for the id of the list
	Data io.Reader
}

// chunk is how much of a file goes over at once.
const chunk = 64 << 10

// maxName is longer than any file system's names.
const maxName = 4 << 10

// framed gives files one after the other: the length of the name and the name, then pieces with their lengths, an empty one
// at the end of each file. Lengths are four bytes, most significant first.
type framed struct {
	files []File
	open  bool         // the name of the first file is given
	ready bytes.Buffer // made and not yet read
	piece []byte
}

// Read implements io.Reader.
func (f *framed) Read(p []byte) (int, error) {
	for f.ready.Len() == 0 {
		if len(f.files) == 0 {
			return 0, io.EOF
		}
		if err := f.fill(); err != nil {
			return 0, err
		}
	}
	return f.ready.Read(p)
}

// fill makes the next piece.
func (f *framed) fill() error {
	if !f.open {
		f.open = true
		name := f.files[0].Name
		f.add([]byte(name[:min(len(name), maxName)]))
		return nil
	}
	if f.piece == nil {
		f.piece = make([]byte, chunk)
	}
	n, err := io.ReadFull(f.files[0].Data, f.piece)
	if n > 0 {
		f.add(f.piece[:n])
	}
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		f.add(nil)
		f.files, f.open, err = f.files[1:], false, nil
	}
	return err
}

func (f *framed) add(b []byte) {
	var n [4]byte
	binary.BigEndian.PutUint32(n[:], uint32(len(b)))
	f.ready.Write(n[:])
	f.ready.Write(b)
}

// frames reads in the child what framed wrote.
type frames struct{ r *bufio.Reader }

// next gives the next file; its data must be read before the next call. io.EOF when there is none.
func (f frames) next() (File, error) {
	n, err := f.length()
	if err != nil {
		return File{}, err
	}
	if n > maxName {
		return File{}, errors.New("intake: the name of a file is too long")
	}
	name := make([]byte, n)
	if _, err := io.ReadFull(f.r, name); err != nil {
		return File{}, err
	}
	return File{Name: string(name), Data: &pieces{frames: f}}, nil
}

func (f frames) length() (int, error) {
	var n [4]byte
	_, err := io.ReadFull(f.r, n[:])
	return int(binary.BigEndian.Uint32(n[:])), err
}

// pieces is the data of one file.
type pieces struct {
	frames
	left int
	done bool
}

// Read implements io.Reader.
func (p *pieces) Read(b []byte) (int, error) {
	if p.left == 0 && !p.done {
		n, err := p.length()
		if err != nil {
			return 0, io.ErrUnexpectedEOF
		}
		p.left, p.done = n, n == 0
	}
	if p.done {
		return 0, io.EOF
	}
	n, err := p.r.Read(b[:min(len(b), p.left)])
	p.left -= n
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// Reader reads files from outside. The zero value is ready.
type Reader struct {
	Cell quarantine.Cell
}
