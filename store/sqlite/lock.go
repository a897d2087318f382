package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"sarhad/record"
)

// lockName is the file in the data directory whose lock says that a process owns the directory. It holds the number of
// that process and stays behind; only the lock counts.
const lockName = "lock"

// ErrOwned is in the error of Open when another process owns the directory.
var ErrOwned = errors.New("the directory has an owner")

// lockDir makes this process the owner of a data directory.
func lockDir(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := lockFile(f); err != nil {
		who := make([]byte, 20)
		n, _ := f.Read(who)
		f.Close()
		return nil, &record.Error{Kind: record.Unavailable, Err: fmt.Errorf("%w: %w", ErrOwned, err), Message: fmt.Sprintf(
			"the data directory %s is in use by process %s: wait until that command ends, or stop that process first",
			dir, strings.TrimSpace(string(who[:n])))}
	}
	if err := f.Truncate(0); err != nil {
		f.Close()
		return nil, err
	}
	if _, err := f.WriteAt([]byte(fmt.Sprintf("%d\n", os.Getpid())), 0); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// closeToOthers makes the files of the database the account's alone, also those of an older program: whoever gets into the
// directory by mistake of somebody else shall still not read them. SQLite gives the write-ahead log the rights of the database.
func closeToOthers(dir string) error {
	f, err := os.OpenFile(filepath.Join(dir, fileName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Chmod(filepath.Join(dir, fileName+suffix), 0o600); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
