// Package directorytest helps tests of the directory and of whoever uses it: a storage in memory, the suite that every storage must
// pass, and a region of countries that cosign. It must never be used by the program itself.
package directorytest

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"sarhad/record"
)

// Memory is a directory.Storage in memory.
type Memory struct {
	mu          sync.Mutex
	leaves      [][]byte
	known       []time.Time
	checkpoints map[int64][]byte
	notes       map[string][]byte
	Fail        error // when set, every write fails with it and changes nothing
}

// NewMemory makes an empty storage.
func NewMemory() *Memory {
	return &Memory{checkpoints: map[int64][]byte{}, notes: map[string][]byte{}}
}

// Copy is a backup of the storage as it stands.
func (m *Memory) Copy() *Memory {
	m.mu.Lock()
	defer m.mu.Unlock()
	return &Memory{leaves: slices.Clone(m.leaves), known: slices.Clone(m.known), checkpoints: maps.Clone(m.checkpoints), notes: maps.Clone(m.notes)}
}

// Leaves gives the leaves themselves, to be tampered with.
func (m *Memory) Leaves() [][]byte { return m.leaves }

// DirectoryLeaves implements directory.Log.
func (m *Memory) DirectoryLeaves(_ context.Context, from int64, limit int) (leaves [][]byte, known []time.Time, _ error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	from = min(max(0, from), int64(len(m.leaves)))
	to := min(from+int64(limit), int64(len(m.leaves)))
	return slices.Clone(m.leaves[from:to]), slices.Clone(m.known[from:to]), nil
}

// DirectoryCheckpoint implements directory.Log.
func (m *Memory) DirectoryCheckpoint(_ context.Context, atMost int64) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	best := int64(-1)
	for size := range m.checkpoints {
		if size <= atMost {
			best = max(best, size)
		}
	}
	return m.checkpoints[best], nil
}

// SaveDirectory implements directory.Log.
func (m *Memory) SaveDirectory(_ context.Context, from int64, leaves [][]byte, counting int, known time.Time, size int64, checkpoint []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.Fail != nil:
		return m.Fail
	case from < 0 || from > int64(len(m.leaves)) || counting > len(leaves):
		return record.Errorf(record.Conflict, "a statement of the directory would be skipped")
	case slices.ContainsFunc(m.known[from:], func(t time.Time) bool { return !t.IsZero() }):
		return record.Errorf(record.Conflict, "a statement that counts would be replaced")
	}
	m.leaves, m.known = slices.Clip(m.leaves[:from]), slices.Clip(m.known[:from])
	for i, leaf := range leaves {
		when := time.Time{}
		if i < counting {
			when = known.UTC().Truncate(time.Millisecond)
		}
		m.leaves, m.known = append(m.leaves, slices.Clone(leaf)), append(m.known, when)
	}
	if checkpoint != nil {
		m.checkpoints[size] = slices.Clone(checkpoint)
	}
	return nil
}

// DirectoryNote implements directory.Notes.
func (m *Memory) DirectoryNote(_ context.Context, key string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.notes[key]), nil
}

// SetDirectoryNote implements directory.Notes.
func (m *Memory) SetDirectoryNote(_ context.Context, key string, value []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.Fail != nil {
		return m.Fail
	}
	if value == nil {
		delete(m.notes, key)
		return nil
	}
	m.notes[key] = slices.Clone(value)
	return nil
}
