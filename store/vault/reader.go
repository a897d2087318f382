package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"

	"sarhad/record"
)

// Reader reads an attachment from any place. Only whole chunks that answer to their names are read from; the first that
// does not ends it with an error for the person.
type Reader struct {
	v     *Vault
	a     record.Attachment
	at    int64
	have  int // number of the chunk in memory
	chunk []byte
}

// Open gives a reader, after a look that every chunk is there and that the first one opens: what is missing is said before
// the first byte.
func (v *Vault) Open(a record.Attachment) (io.ReadSeeker, error) {
	missing, err := v.Has(a.Chunks)
	if err != nil {
		return nil, err
	}
	r := &Reader{v: v, a: a, have: -1}
	if missing != "" {
		_, err := v.chunk(missing)
		return nil, err
	}
	return r, r.load(0)
}

// Small gives the rendition of an attachment.
func (v *Vault) Small(a record.Attachment) ([]byte, error) {
	if a.Small == nil {
		return nil, record.Errorf(record.NotFound, "there is no small picture of this file")
	}
	return v.chunk(a.Small.Chunk)
}

func (r *Reader) load(n int) error {
	if n == r.have {
		return nil
	}
	chunk, err := r.v.chunk(r.a.Chunks[n])
	if err != nil {
		return err
	}
	if want := min(int64(r.a.ChunkSize), r.a.Size-int64(n)*int64(r.a.ChunkSize)); int64(len(chunk)) != want {
		return record.Errorf(record.Internal, "a part of this file is not as long as the record says: restore record and file from the backup")
	}
	r.chunk, r.have = chunk, n
	return nil
}

// Read implements io.Reader.
func (r *Reader) Read(p []byte) (int, error) {
	if r.at >= r.a.Size {
		return 0, io.EOF
	}
	n := int(r.at / int64(r.a.ChunkSize))
	if err := r.load(n); err != nil {
		return 0, err
	}
	got := copy(p, r.chunk[r.at-int64(n)*int64(r.a.ChunkSize):])
	r.at += int64(got)
	return got, nil
}

// Seek implements io.Seeker.
func (r *Reader) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += r.at
	case io.SeekEnd:
		offset += r.a.Size
	}
	if offset < 0 {
		return 0, errors.New("vault: a place before the beginning")
	}
	r.at = offset
	return offset, nil
}

// Sums are the plain checksums of a file, SHA-256 in hexadecimal: what a laboratory or a court compares.
type Sums struct {
	Content string `json:"content"`        // of what is kept
	Came    string `json:"came,omitempty"` // of the file as it came, where something was taken out of it
}

// sealer encrypts checksums. They stand in the envelope, and in the clear they would tell whether a known file is here.
func (k *Keys) sealer() (cipher.AEAD, error) {
	m := hmac.New(sha256.New, k.name)
	m.Write([]byte("sarhad sums 1"))
	block, err := aes.NewCipher(m.Sum(nil))
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

func (v *Vault) sealSums(s Sums, hash string) (string, error) {
	aead, err := v.cfg.Keys.sealer()
	if err != nil {
		return "", err
	}
	nonce := make([]byte, aead.NonceSize())
	if _, err := io.ReadFull(v.cfg.Rand, nonce); err != nil {
		return "", err
	}
	text, err := json.Marshal(s)
	if err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(aead.Seal(nonce, nonce, text, []byte(hash))), nil
}

// Sums opens the checksums of an attachment.
func (v *Vault) Sums(a record.Attachment) (content, came string, err error) {
	aead, err := v.cfg.Keys.sealer()
	if err != nil {
		return "", "", err
	}
	b, err := base64.StdEncoding.DecodeString(a.Sums)
	if err == nil && len(b) < aead.NonceSize() {
		err = io.ErrUnexpectedEOF
	}
	var s Sums
	if err == nil {
		if b, err = aead.Open(nil, b[:aead.NonceSize()], b[aead.NonceSize():], []byte(a.Hash)); err == nil {
			err = json.Unmarshal(b, &s)
		}
	}
	if err == nil {
		sum, e := hex.DecodeString(s.Content)
		if e != nil || v.cfg.Keys.hashOf(sum) != a.Hash {
			err = errors.New("checksum and hash do not belong together")
		}
	}
	if err != nil {
		return "", "", &record.Error{Kind: record.Internal, Message: "the checksums of this file cannot be opened: they are damaged or of another node", Err: err}
	}
	return s.Content, s.Came, nil
}
