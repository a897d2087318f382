package vault

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"sarhad/record"
	"sarhad/record/attach"
)

// state is what is known of an upload, as it lies on the disk: JSON, a line end and the tail, encrypted as one.
type state struct {
	ID      record.ID `json:"id"`
	User    string    `json:"user"`
	Name    string    `json:"name"`
	Size    int64     `json:"size"`
	SHA256  string    `json:"sha256,omitempty"` // told by the sender, then computed
	Began   time.Time `json:"began"`
	Touched time.Time `json:"touched"`
	Chunks  []string  `json:"chunks"`
	Hash    []byte    `json:"hash,omitempty"` // running SHA-256 over chunks and tail
	Done    bool      `json:"done,omitempty"`
	Look    look      `json:"look,omitzero"`
	Made    []string  `json:"made,omitempty"` // chunks made from it: cleaned content, rendition

	tail  []byte
	shown attach.Upload // as saved last; guarded by Vault.mu
}

func (s *state) offset() int64 {
	if s.Done {
		return s.Size
	}
	return s.stored() + int64(len(s.tail))
}

// stored is how much lies in chunks; the last chunk of a file is shorter than the others.
func (s *state) stored() int64 { return min(int64(len(s.Chunks))*ChunkSize, s.Size) }

func (s *state) public() attach.Upload {
	out := attach.Upload{ID: s.ID, Name: s.Name, Size: s.Size, Offset: s.offset(), Done: s.Done, Began: s.Began, Expires: s.Touched.Add(Expire)}
	if s.Done {
		out.Type, out.Group, out.Place, out.Dirty = s.Look.Type, attach.GroupOf(s.Look.Type), s.Look.Place, s.Look.Dirty
	}
	return out
}

func (v *Vault) uploadPath(id record.ID) string {
	return filepath.Join(v.cfg.Dir, uploadsDir, id.String())
}

// save puts an upload on the disk. Only who is busy with it may.
func (v *Vault) save(u *upload) error {
	text, err := json.Marshal(&u.state)
	if err != nil {
		return err
	}
	sealed, err := v.cfg.Keys.seal(append(append(text, '\n'), u.tail...))
	if err != nil {
		return err
	}
	if err := writeWhole(v.uploadPath(u.ID), sealed); err != nil {
		return explain(err)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	u.shown = u.public()
	return nil
}

// forget takes an upload out of memory without touching its chunks.
func (v *Vault) forget(u *upload) {
	v.mu.Lock()
	defer v.mu.Unlock()
	u.gone = true
	delete(v.uploads, u.ID)
}

// drop removes an upload and those of its chunks that nobody else names. Only who is busy with it may.
func (v *Vault) drop(u *upload) {
	if err := os.Remove(v.uploadPath(u.ID)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		v.cfg.Log.Error("vault: a file on its way could not be removed; it is tried again when it expires", "upload", u.ID, "err", err)
		return
	}
	v.forget(u)
	names := append(append([]string(nil), u.Chunks...), u.Made...)
	v.unpin(names...)
	v.dropUnnamed(names)
}

// loadUploads takes up what was under way when the program ended.
func (v *Vault) loadUploads() error {
	dir := filepath.Join(v.cfg.Dir, uploadsDir)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		u, err := v.loadUpload(filepath.Join(dir, e.Name()))
		if err != nil {
			// The sender begins again: a file half way in must not keep a node from starting.
			v.cfg.Log.Error("vault: a file on its way cannot be read and is left alone", "upload", e.Name(), "err", err)
			continue
		}
		v.uploads[u.ID] = u
		v.pin(append(append([]string(nil), u.Chunks...), u.Made...)...)
	}
	return nil
}

func (v *Vault) loadUpload(path string) (*upload, error) {
	sealed, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	text, err := v.cfg.Keys.open(sealed)
	if err != nil {
		return nil, err
	}
	head, tail, ok := bytes.Cut(text, []byte{'\n'})
	var s state
	if err := json.Unmarshal(head, &s); err != nil || !ok || s.ID.String() != filepath.Base(path) {
		return nil, fmt.Errorf("no state of an upload: %w", errors.Join(err))
	}
	s.tail = bytes.Clone(tail)
	s.shown = s.public()
	return newUpload(s), nil
}
