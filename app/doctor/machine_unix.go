//go:build unix

package doctor

import (
	"errors"
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

func ownerOfFile(path string) (owner string, known bool) {
	info, err := os.Lstat(path)
	if err != nil {
		return "", true
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return "", false
	}
	return strconv.Itoa(int(st.Uid)), true
}

func spaceOf(dir string) (s Space) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return Space{Err: err.Error()}
	}
	return Space{Free: int64(st.Bavail) * int64(st.Bsize)}
}

// alive reports whether a process has this number.
func alive(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}
