package vault

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"syscall"

	"sarhad/record"
)

// writeWhole writes a file that is there whole or not at all, however the program or the machine ends.
func writeWhole(name string, data []byte) (err error) {
	var random [8]byte // two may write the same chunk at once
	if _, err := rand.Read(random[:]); err != nil {
		return err
	}
	fresh := name + "." + hex.EncodeToString(random[:]) + newSuffix
	f, err := os.OpenFile(fresh, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(fresh))
		}
	}()
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(fresh, name); err != nil {
		return err
	}
	return syncDir(filepath.Dir(name))
}

// syncDir makes a new name last. Windows has no such call: NTFS keeps names in its own journal.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// explain turns what the system says into a sentence where a person can do something about it.
func explain(err error) error {
	if errors.Is(err, syscall.ENOSPC) {
		return &record.Error{Kind: record.Unavailable, Message: "the disk of this node is full: this part of the file was not stored; tell the administrator to make room, then go on", Err: err}
	}
	return err
}
