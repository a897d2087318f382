package backup

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"filippo.io/age"

	"sarhad/record"
)

// Manifest says what a backup is made of. It is encrypted: only who restores reads it.
type Manifest struct {
	Format      int       `json:"format"` // 1
	Node        string    `json:"node"`
	Number      int64     `json:"number"`
	At          time.Time `json:"at"`
	Program     string    `json:"program"`
	Incarnation string    `json:"incarnation"`
	Schema      int64     `json:"schema"` // newest migration of the database
	Head        int64     `json:"head"`   // of the change sequence
	AuditRows   int64     `json:"auditRows"`
	AuditSize   int64     `json:"auditSize"`
	Checkpoint  string    `json:"checkpoint"` // the last signed one; "" = none
	Journal     int64     `json:"journal"`    // newest line of the journal of erasures
	ChunkBytes  int       `json:"chunkBytes"` // of the clear, but for the last of a file

	Files []File `json:"files"` // sarhad.db first
	Pack  Pack   `json:"pack"`  // small files, one after another
}

// File is one file of the data directory.
type File struct {
	Path   string   `json:"path"` // with slashes, from the data directory
	Size   int64    `json:"size"` // bytes
	Chunks []string `json:"chunks"`
}

// Pack is small files one after another, cut into chunks together: a file of a few hundred bytes is not worth one of its own.
type Pack struct {
	Parts  []Part   `json:"parts"`
	Chunks []string `json:"chunks"`
}

// Part is one of them.
type Part struct {
	Path string `json:"path"`
	Size int64  `json:"size"`
}

const manifestFormat = 1

func (m *Manifest) seal(to age.Recipient) ([]byte, error) {
	text, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	return seal(text, to)
}

// Manifest decrypts the manifest of a backup and holds it against its header.
func (s Set) Manifest(h Header, identity age.Identity) (*Manifest, error) {
	b, err := os.ReadFile(s.manifest(h.Number))
	if err != nil {
		return nil, &record.Error{Kind: record.Invalid, Err: err, Message: fmt.Sprintf("the manifest of backup %d is missing: %s; restore an older backup with --number", h.Number, s.manifest(h.Number))}
	}
	if sum(b) != h.Manifest {
		return nil, record.Errorf(record.Invalid, "the manifest of backup %d is damaged: %s is not what was written; restore an older backup with --number", h.Number, s.manifest(h.Number))
	}
	text, err := open(b, identity)
	if err != nil {
		return nil, err
	}
	m := &Manifest{}
	if err := json.Unmarshal(text, m); err != nil {
		return nil, fmt.Errorf("manifest of backup %d: %w", h.Number, err)
	}
	if m.Format != manifestFormat || m.Node != h.Node || m.Number != h.Number {
		return nil, record.Errorf(record.Invalid, "backup %d is of format %d and of the node %s: this program reads format %d; use the program that wrote it (%s)",
			m.Number, m.Format, m.Node, manifestFormat, h.Program)
	}
	return m, nil
}

func seal(text []byte, to age.Recipient) ([]byte, error) {
	var out bytes.Buffer
	out.Grow(len(text) + 4096)
	w, err := age.Encrypt(&out, to)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(text); err != nil {
		return nil, err
	}
	err = w.Close()
	return out.Bytes(), err
}

// open decrypts; the wrong key is one sentence.
func open(b []byte, with age.Identity) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(b), with)
	if isNoMatch(err) {
		return nil, &record.Error{Kind: record.Forbidden, Err: err, Message: "this is not the recovery key of these backups: take the one that was printed when the node was made"}
	}
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}
