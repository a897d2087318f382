//go:build unix

package sqlite

import (
	"os"
	"syscall"
)

// lockFile takes the lock of the operating system; it goes with the process, however that ends.
func lockFile(f *os.File) error {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}
