//go:build !linux && !windows

package quarantine

import (
	"os"
	"syscall"
)

func attributes() *syscall.SysProcAttr { return nil }

func rootDir(string) string { return "/" }

// cage is what the parent holds around a child; here nothing.
type cage struct{}

func enclose(*os.Process, Limits) (cage, error) { return cage{}, nil }
func (cage) shut() bool                         { return false }
func (cage) open()                              {}

// confine: nothing is known of this system.
func confine(Limits) (Level, error) { return Level{}, nil }

func signalled(*os.ProcessState, Limits) Reason { return "" }
