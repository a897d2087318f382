package envelope

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/bits"

	"sarhad/record"
)

// MaxFile is the longest file, some hours of film: at 64 kbit/s it would take a week.
const MaxFile = 4 << 30

// minFile is what the shortest file is padded to.
const minFile = 4 * kb

// File is what the addressees of a large file need to find, check and open it. It travels as Content.Body, sealed to each of
// them; the ciphertext is made once and goes in pieces of any length, which need no seal of their own.
type File struct {
	Key    OpenKey           // made for this file alone
	Size   int64             // bytes, as the officer sees it
	Sealed int64             // bytes of ciphertext
	Hash   [sha256.Size]byte // SHA-256 of the ciphertext; names it while it is on its way
}

// fileForm is a File as a body.
type fileForm struct {
	_       struct{} `cbor:",toarray"`
	Version uint64
	Suite   string
	Key     string // as the age tool writes it
	Size    uint64
	Sealed  uint64
	Hash    []byte
}

// Marshal writes the file's key and measures, for a message. It holds the secret: it goes nowhere but into Seal.
func (f File) Marshal() []byte {
	return marshal(fileForm{
		Version: Version, Suite: f.Key.Suite(), Key: f.Key.Secret(), Size: uint64(f.Size), Sealed: uint64(f.Sealed), Hash: f.Hash[:],
	})
}

// ParseFile reads what Marshal wrote.
func ParseFile(body []byte) (File, error) {
	if err := readVersion(body); err != nil {
		return File{}, err
	}
	var form fileForm
	if err := unmarshal(body, &form); err != nil {
		return File{}, refuse(err, "the key of a file is not in the agreed form: ask the sender to send the file again")
	}
	if form.Suite != SealAge {
		return File{}, refuse(ErrSuite, "a file is sealed with %.40q, which this node cannot open: update it", form.Suite)
	}
	key, err := ParseOpenKey(form.Key)
	if err != nil || key.Secret() != form.Key {
		return File{}, refuse(ErrForm, "the key of a file is damaged: ask the sender to send the file again")
	}
	if form.Size > MaxFile || len(form.Hash) != sha256.Size || form.Sealed < form.Size ||
		form.Sealed > uint64(sealedMost(int64(form.Size))) {
		return File{}, refuse(ErrForm, "the measures of a file cannot be right: ask the sender to send the file again")
	}
	return File{Key: key, Size: int64(form.Size), Sealed: int64(form.Sealed), Hash: [sha256.Size]byte(form.Hash)}, nil
}

// sealedMost is how long the ciphertext of a file of that length can be.
func sealedMost(size int64) int64 {
	n := paddedFile(size)
	return n + n/256 + 16*kb
}

// paddedFile is the length a file is padded to with zeros, so that its exact length, by which a known file would be found,
// does not show: Padmé, at most 12 % longer (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and Communication
// with PURBs", PETS 2019, section 4). The classes of messages would cost ten photographs minutes on a thin line.
func paddedFile(size int64) int64 {
	if size <= minFile {
		return minFile
	}
	exponent := bits.Len64(uint64(size)) - 1
	free := exponent - bits.Len(uint(exponent))
	mask := int64(1)<<free - 1
	return (size + mask) &^ mask
}

// SealFile encrypts src to dst once, to a key made for it, whoever will get it. The caller makes dst durable before the File
// leaves in a message. A file longer than MaxFile is Invalid; dst then holds a useless beginning.
func SealFile(dst io.Writer, src io.Reader) (File, error) {
	key, err := NewOpenKey()
	if err != nil {
		return File{}, err
	}
	sum := sha256.New()
	count := &counter{w: io.MultiWriter(dst, sum)}
	w, err := key.Public().Seal(count)
	if err != nil {
		return File{}, err
	}
	size, err := io.Copy(w, io.LimitReader(src, MaxFile+1))
	if err != nil {
		return File{}, err
	}
	if size > MaxFile {
		return File{}, record.Errorf(record.Invalid, "this file is longer than %d GB: send it in parts", MaxFile>>30)
	}
	if _, err := io.CopyN(w, zeros{}, paddedFile(size)-size); err != nil {
		return File{}, err
	}
	if err := w.Close(); err != nil {
		return File{}, err
	}
	return File{Key: key, Size: size, Sealed: count.n, Hash: [sha256.Size]byte(sum.Sum(nil))}, nil
}

// CheckFile reports whether src holds the whole ciphertext, unchanged and in order: its length and hash are as signed. A piece
// that is missing or out of place is ErrDamaged.
func CheckFile(src io.ReaderAt, f File) error {
	sum := sha256.New()
	n, err := io.Copy(sum, io.NewSectionReader(src, 0, f.Sealed+1))
	if err != nil {
		return err
	}
	switch {
	case n < f.Sealed:
		return refuse(ErrDamaged, "the file is not whole yet: %d of %d bytes are here", n, f.Sealed)
	case n > f.Sealed:
		return refuse(ErrDamaged, "the file is longer than its sender said: ask for it again")
	case [sha256.Size]byte(sum.Sum(nil)) != f.Hash:
		return refuse(ErrDamaged, "the file was damaged or changed on the way: ask for it again")
	}
	return nil
}

// OpenFile checks the whole ciphertext, then decrypts it to dst. On an error dst may hold an authentic beginning, which the
// caller throws away. Nothing is written when CheckFile would refuse.
func OpenFile(dst io.Writer, src io.ReaderAt, f File) error {
	if err := CheckFile(src, f); err != nil {
		return err
	}
	damaged := func(err error) error {
		return refuse(because(ErrDamaged, err), "the file cannot be opened though it is whole: its sender made it wrongly")
	}
	r, err := f.Key.Open(io.NewSectionReader(src, 0, f.Sealed))
	if err != nil {
		return damaged(err)
	}
	out := &counter{w: dst}
	if _, err := io.CopyN(out, r, f.Size); err != nil {
		if out.err != nil {
			return fmt.Errorf("write opened file: %w", out.err)
		}
		return damaged(err)
	}
	rest := &blank{}
	n, err := io.Copy(rest, r)
	if err != nil || n != paddedFile(f.Size)-f.Size {
		return damaged(err)
	}
	return nil
}

// counter counts what is written and keeps the error of who writes.
type counter struct {
	w   io.Writer
	n   int64
	err error
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	c.err = err
	return n, err
}

// zeros never ends.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// blank takes zeros only.
type blank struct{}

func (*blank) Write(p []byte) (int, error) {
	for i, b := range p {
		if b != 0 {
			return i, errors.New("padding that is not zero")
		}
	}
	return len(p), nil
}
