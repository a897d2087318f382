package vault

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"

	"github.com/gabriel-vasile/mimetype"

	"sarhad/record"
	"sarhad/record/attach"
)

// look is what was seen in a complete file.
type look struct {
	Type  string `json:"type"`
	Place bool   `json:"place,omitempty"` // it tells where it was made
	Dirty bool   `json:"dirty,omitempty"` // and that cannot be taken out here
}

const (
	// maxPicture is the largest picture that is opened: one in memory, with what is made of it. What is larger is kept as it
	// came, on purpose.
	maxPicture = 64 << 20
	// maxMovie bounds the part of a video that tells about it. Phones write some hundred kB.
	maxMovie = 16 << 20
)

// sniff tells the type of a file from its first bytes, without parameters.
func sniff(head []byte) string {
	if isShort(head) {
		return "text/plain"
	}
	kind, _, _ := strings.Cut(mimetype.Detect(head).String(), ";")
	return kind
}

// isShort reports whether a file is a few words: too little to be anything else.
func isShort(head []byte) bool {
	return len(head) < 4 && !bytes.ContainsFunc(head, func(r rune) bool { return r < ' ' && r != '\n' && r != '\r' && r != '\t' })
}

// look finds out what a complete file is and what it tells. A picture that is a bomb is an Invalid error.
func (v *Vault) look(u *upload) (look, error) {
	head, err := v.chunk(u.Chunks[0])
	if err != nil {
		return look{}, err
	}
	l := look{Type: sniff(head), Dirty: false}
	switch {
	case attach.Tells(l.Type):
		l.Dirty = true
	case attach.GroupOf(l.Type) == attach.Picture:
		if u.Size > maxPicture {
			l.Dirty = attach.Cleanable(l.Type)
			return l, nil
		}
		content, err := v.content(u.Chunks)
		if err != nil {
			return l, err
		}
		if err := fits(content); err != nil {
			return l, err
		}
		if attach.Cleanable(l.Type) {
			_, told, err := clean(l.Type, content)
			l.Place, l.Dirty = told.place, err != nil
		}
	case attach.GroupOf(l.Type) == attach.Video:
		if l.Place, err = v.movieTells(u); err != nil {
			return l, err
		}
		l.Dirty = l.Place
	}
	return l, nil
}

// content gives chunks as one.
func (v *Vault) content(names []string) ([]byte, error) {
	var out []byte
	for _, name := range names {
		chunk, err := v.chunk(name)
		if err != nil {
			return nil, err
		}
		out = append(out, chunk...)
	}
	return out, nil
}

// places are how a movie says where it was made: QuickTime user data, 3GPP TS 26.244 section 8.2, Apple metadata keys.
var places = [][]byte{[]byte("\xa9xyz"), []byte("loci"), []byte("location.ISO6709")}

// movieTells looks for a place in the movie box of an MP4 or QuickTime file (ISO/IEC 14496-12 section 8.2). Other
// containers and broken ones tell nothing that we could find.
func (v *Vault) movieTells(u *upload) (bool, error) {
	r := &Reader{v: v, a: record.Attachment{Size: u.Size, ChunkSize: ChunkSize, Chunks: u.Chunks}, have: -1}
	for at := int64(0); at+8 <= u.Size; {
		var head [16]byte
		if _, err := r.Seek(at, io.SeekStart); err != nil {
			return false, err
		}
		n, err := io.ReadFull(r, head[:])
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			return false, err
		}
		size, skip := int64(binary.BigEndian.Uint32(head[:4])), int64(8)
		switch {
		case size == 1 && n == 16:
			size, skip = int64(binary.BigEndian.Uint64(head[8:])), 16
		case size == 0:
			size = u.Size - at
		}
		if size < skip || size > u.Size-at {
			return false, nil
		}
		if string(head[4:8]) == "moov" {
			box := make([]byte, min(size, maxMovie))
			if _, err := r.Seek(at, io.SeekStart); err != nil {
				return false, err
			}
			if _, err := io.ReadFull(r, box); err != nil {
				return false, err
			}
			for _, p := range places {
				if bytes.Contains(box, p) {
					return true, nil
				}
			}
		}
		at += size
	}
	return false, nil
}
