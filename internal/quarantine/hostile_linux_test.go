//go:build linux

package quarantine_test

import (
	"path/filepath"
	"strings"
	"testing"

	"fmt"
	"os"
	"syscall"
)

// mapShared asks for memory that a limit on private memory does not count.
func mapShared(n int) string {
	b, err := syscall.Mmap(-1, 0, n, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED|syscall.MAP_ANON)
	if err != nil {
		return "denied: " + err.Error()
	}
	return fmt.Sprint(len(b))
}

// signalParent asks whether the parent lives; signal 0 does nothing else.
func signalParent() error { return syscall.Kill(syscall.Getppid(), 0) }

// inode names a file.
func inode(info os.FileInfo) string {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	return fmt.Sprint(st.Dev, " ", st.Ino)
}

// stillOpen gives the open files that are the named one.
func stillOpen(name string) []int {
	var open []int
	for fd := range 256 {
		var st syscall.Stat_t
		if syscall.Fstat(fd, &st) == nil && fmt.Sprint(st.Dev, " ", st.Ino) == name {
			open = append(open, fd)
		}
	}
	return open
}

// TestInherited proves that a file which the parent forgot to mark is closed before the child reads.
func TestInherited(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "key"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	leak, err := syscall.Dup(int(f.Fd())) // not closed on exec
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(leak)
	got, err := run(t, tight, "around", identity(t, f))
	if err != nil || !strings.Contains(got[0], `"Open":null`) {
		t.Errorf("%q, %v", got, err)
	}
}

// kernelCan says whether this kernel knows filters of system calls.
func kernelCan() bool {
	_, err := os.Stat("/proc/sys/kernel/seccomp/actions_avail")
	return err == nil
}
