package vault

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sarhad/record"
)

// collectAtOnce is how many chunks are looked at while nothing can be pinned: a few milliseconds.
const collectAtOnce = 200

// Drop implements sqlite.Chunks: it deletes chunks that no record names, but for those an upload holds.
func (v *Vault) Drop(names []string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, name := range names {
		v.deleteLocked(name)
	}
}

// deleteLocked deletes a chunk that nobody names, unless it is pinned.
func (v *Vault) deleteLocked(name string) bool {
	if v.pins[name] > 0 {
		return false
	}
	err := os.Remove(v.path(name))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		v.later[name] = true // on Windows somebody may be reading it
		v.cfg.Log.Error("vault: a chunk could not be deleted; it is tried again", "chunk", name, "err", err)
		return false
	}
	delete(v.later, name)
	return err == nil
}

// dropUnnamed deletes those of the chunks that no record names and nobody holds. Look and deletion are one step: who pins a
// chunk meanwhile waits, finds it gone and stores it anew; who named it in a record did so before giving up the pin.
func (v *Vault) dropUnnamed(names []string) (deleted int) {
	for len(names) > 0 {
		part := names[:min(len(names), collectAtOnce)]
		names = names[len(part):]
		deleted += v.dropPart(part)
	}
	return deleted
}

func (v *Vault) dropPart(names []string) (deleted int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.cfg.Unnamed == nil {
		return 0 // nobody knows what records name: nothing is deleted
	}
	var free []string
	for _, name := range names {
		if v.pins[name] == 0 {
			free = append(free, name)
		}
	}
	if len(free) == 0 {
		return 0
	}
	unnamed, err := v.cfg.Unnamed(context.Background(), free)
	if err != nil {
		for _, name := range free {
			v.later[name] = true
		}
		v.cfg.Log.Error("vault: what records name is not known now; chunks are deleted later", "chunks", len(free), "err", err)
		return 0
	}
	for _, name := range unnamed {
		if v.deleteLocked(name) {
			deleted++
		}
	}
	return deleted
}

// Collected is what Collect found.
type Collected struct {
	Expired int // uploads that nobody went on with
	Orphans int // chunks that nobody named
}

// Collect lets uploads expire and deletes orphans that are older than grace. Before anything came in, at the start of the
// node, grace may be 0.
func (v *Vault) Collect(ctx context.Context, grace time.Duration) (c Collected, err error) {
	defer record.Wrap(&err, "vault.Collect")
	now := v.cfg.Now()
	if c.Expired, err = v.expire(ctx, now); err != nil {
		return c, err
	}
	v.mu.Lock()
	later := make([]string, 0, len(v.later))
	for name := range v.later {
		later = append(later, name)
	}
	v.mu.Unlock()
	c.Orphans = v.dropUnnamed(later)
	folders, err := os.ReadDir(filepath.Join(v.cfg.Dir, chunksDir))
	if err != nil {
		return c, err
	}
	for _, folder := range folders {
		if err := ctx.Err(); err != nil {
			return c, err
		}
		old, err := v.old(filepath.Join(v.cfg.Dir, chunksDir, folder.Name()), now.Add(-grace))
		if err != nil {
			return c, err
		}
		c.Orphans += v.dropUnnamed(old)
	}
	return c, nil
}

// old gives the chunks of a folder that were written at or before a time.
func (v *Vault) old(folder string, before time.Time) (names []string, err error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if len(e.Name()) == 64 && !info.ModTime().After(before) {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// clearHalf removes what was half written when the program was killed. Only before anything comes in.
func (v *Vault) clearHalf() error {
	for _, dir := range []string{chunksDir, uploadsDir} {
		err := filepath.WalkDir(filepath.Join(v.cfg.Dir, dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, newSuffix) {
				return err
			}
			return os.Remove(path)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// expire throws away uploads that nobody went on with.
func (v *Vault) expire(ctx context.Context, now time.Time) (n int, err error) {
	v.mu.Lock()
	var old []*upload
	for _, u := range v.uploads {
		if !u.shown.Expires.IsZero() && !now.Before(u.shown.Expires) {
			old = append(old, u)
		}
	}
	v.mu.Unlock()
	for _, u := range old {
		select {
		case u.busy <- struct{}{}:
		default:
			continue // somebody goes on with it at this moment
		}
		if !u.gone && !now.Before(u.Touched.Add(Expire)) {
			v.drop(u)
			n++
		}
		u.give()
	}
	return n, v.clearUnreadable(now)
}

// clearUnreadable removes files of uploads that could not be read at the start, when they are as old as any that expires.
func (v *Vault) clearUnreadable(now time.Time) error {
	dir := filepath.Join(v.cfg.Dir, uploadsDir)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, e := range entries {
		id, _ := record.ParseID(e.Name())
		info, err := e.Info()
		if err != nil || v.uploads[id] != nil || strings.HasSuffix(e.Name(), newSuffix) || now.Sub(info.ModTime()) < Expire {
			continue
		}
		if err := os.Remove(filepath.Join(dir, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// Run collects at the start, without grace, since what a killed program left is nobody's, and then every Sweep until ctx
// ends.
func (v *Vault) Run(ctx context.Context) {
	grace := time.Duration(0)
	tick := time.NewTicker(Sweep)
	defer tick.Stop()
	for {
		c, err := v.Collect(ctx, grace)
		if err != nil && ctx.Err() == nil {
			v.cfg.Log.Error("vault: orphans could not be collected", "err", err)
		}
		if c != (Collected{}) {
			v.cfg.Log.Info("vault: collected", "expired", c.Expired, "orphans", c.Orphans)
		}
		grace = Grace
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
