package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/mod/sumdb/note"

	"sarhad/record"
	"sarhad/store/backup"
)

const trialPrefix = "sarhad-trial-"

// TryRestore restores into a temporary directory under tmp ("" = the system's), proves what can be proved, and removes it. What
// lies there meanwhile is the whole node in the clear: tmp must be on a disk that may hold it. A sound trial is noted in the set.
func TryRestore(ctx context.Context, tmp string, o RestoreOptions) (out Restored, err error) {
	defer record.Wrap(&err, "TryRestore")
	if tmp == "" {
		tmp = os.TempDir()
	}
	if err := sweepTrials(tmp); err != nil {
		return out, err
	}
	dir, err := os.MkdirTemp(tmp, fmt.Sprintf("%s%d-", trialPrefix, os.Getpid()))
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	o.Dir = filepath.Join(dir, "node")
	if out, err = Restore(ctx, o); err != nil {
		return out, err
	}
	if !out.Audit.OK() || o.Now == nil {
		return out, nil
	}
	set, err := backup.Open(o.From)
	if err != nil {
		return out, err
	}
	if err := set.Verified(out.Number, o.Now()); err != nil && o.Log != nil {
		o.Log.Warn("backup: the trial cannot be noted in the set", "err", err)
	}
	return out, nil
}

// sweepTrials removes what a trial that was killed has left.
func sweepTrials(tmp string) error {
	entries, err := os.ReadDir(tmp)
	if err != nil {
		return err
	}
	for _, e := range entries {
		rest, ours := strings.CutPrefix(e.Name(), trialPrefix)
		number, _, _ := strings.Cut(rest, "-")
		pid, err := strconv.Atoi(number)
		if !ours || err != nil || !e.IsDir() || alive(pid) {
			continue
		}
		if err := os.RemoveAll(filepath.Join(tmp, e.Name())); err != nil && !errors.Is(err, os.ErrPermission) { // another user's
			return err
		}
	}
	return nil
}

// alive reports whether a process runs.
func alive(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false // on Windows that says it
	}
	defer p.Release()
	if runtime.GOOS == "windows" {
		return true
	}
	err = p.Signal(syscall.Signal(0))
	return err == nil || errors.Is(err, os.ErrPermission)
}

// CheckBackups reads a set without the recovery key. keysDir, if not "", is the keys directory of the node, whose signature is
// then asked for.
func CheckBackups(ctx context.Context, from, keysDir string) (node string, out backup.Checked, err error) {
	set, err := backup.Open(from)
	if err != nil {
		return "", out, err
	}
	var verifiers note.Verifiers
	if keysDir != "" {
		keys, err := LoadKeys(keysDir)
		if err != nil {
			return "", out, err
		}
		if _, verifiers, err = keys.Log(); err != nil {
			return "", out, err
		}
	}
	out, err = set.Check(ctx, verifiers)
	return set.Node(), out, err
}
