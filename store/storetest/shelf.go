package storetest

import (
	"slices"
	"strings"
	"sync"
	"time"

	"sarhad/record"
)

// Shelf is where the chunks of attachments lie for a store under test: names without bytes. It tells what was dropped.
type Shelf struct {
	mu   sync.Mutex
	have map[string]bool
	gone []string
}

// NewShelf is an empty one.
func NewShelf() *Shelf { return &Shelf{have: map[string]bool{}} }

// Has gives the first of the names that is not there; "" when all are.
func (s *Shelf) Has(names []string) (missing string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range names {
		if !s.have[name] {
			return name, nil
		}
	}
	return "", nil
}

// Drop takes chunks off.
func (s *Shelf) Drop(names []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range names {
		delete(s.have, name)
		s.gone = append(s.gone, name)
	}
}

// dropped is what was taken off, in order of names.
func (s *Shelf) dropped() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := slices.Clone(s.gone)
	slices.Sort(out)
	return out
}

// file puts chunks on the shelf and gives an attachment that is made of them.
func (s *Shelf) file(n byte, name string, chunks ...string) record.Attachment {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range chunkNames(chunks...) {
		s.have[c] = true
	}
	return record.Attachment{ID: record.ID{0xa, n}, Name: name, Type: "image/jpeg", Size: int64(len(chunks)), Hash: chunks[0], Sums: "sealed", ChunkSize: 1,
		Chunks: chunkNames(chunks...), Added: time.Unix(0, 0).UTC(), By: "u-1"}
}

// chunkNames makes names of chunks of two letters.
func chunkNames(short ...string) (out []string) {
	for _, s := range short {
		out = append(out, strings.Repeat(s, 32))
	}
	return out
}
