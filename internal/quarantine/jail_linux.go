//go:build linux

package quarantine

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"syscall"
	"time"

	"github.com/landlock-lsm/go-landlock/landlock"
	ll "github.com/landlock-lsm/go-landlock/landlock/syscall"
	"golang.org/x/sys/unix"
)

// attributes of the new process: a group of its own, so that Ctrl+C at the terminal is answered by the parent.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

func rootDir(string) string { return "/" }

// cage is what the parent holds around a child; here the child shuts itself in.
type cage struct{}

func enclose(*os.Process, Limits) (cage, error) { return cage{}, nil }
func (cage) shut() bool                         { return false }
func (cage) open()                              {}

// confine gives up, for all threads and for good, what a parser does not need. Limits that cannot be set are an error;
// what the kernel does not know is left out.
func confine(l Limits) (Level, error) {
	time.AfterFunc(time.Hour, func() {}).Stop() // has the runtime open what it needs for timers, before opening is refused
	if err := closeInherited(); err != nil {
		return Level{}, err
	}
	level := Level{}
	for _, err := range []error{
		limit(unix.RLIMIT_DATA, uint64(l.Memory)),
		limit(unix.RLIMIT_AS, addressSpace()+2*uint64(l.Memory)), // the runtime reserves more than it uses
		limit(unix.RLIMIT_CPU, uint64(l.CPU/time.Second)),
		limit(unix.RLIMIT_FSIZE, 0),
		limit(unix.RLIMIT_CORE, 0),
	} {
		if err != nil {
			return level, err
		}
	}
	level.Limits = true
	_ = unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0) // nobody of the same account looks in; not all kernels know it
	if err := ll.AllThreadsPrctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return level, fmt.Errorf("no_new_privs: %w", err)
	}
	level.NoPrivs = true
	if abi, err := ll.LandlockGetABIVersion(); err == nil && abi > 0 {
		if err := landlock.V8.BestEffort().Restrict(); err == nil {
			level.Landlock = abi
		}
	}
	if err := limit(unix.RLIMIT_NOFILE, 0); err != nil { // what is open stays open
		return level, err
	}
	switch err := filter(); {
	case err == nil:
		level.Seccomp = true
	case !errors.Is(err, unix.ENOSYS) && !errors.Is(err, unix.EINVAL):
		return level, fmt.Errorf("seccomp: %w", err)
	}
	return level, nil
}

// limit sets a limit for good. A limit of the machine that is narrower stays.
func limit(what int, most uint64) error {
	var now unix.Rlimit
	if err := unix.Getrlimit(what, &now); err != nil {
		return fmt.Errorf("limit %d: %w", what, err)
	}
	most = min(most, now.Max)
	soft := most
	if what == unix.RLIMIT_CPU {
		most++ // the soft one is said by a signal that we can tell, the hard one kills
		if most > now.Max {
			most = now.Max
		}
	}
	if err := unix.Setrlimit(what, &unix.Rlimit{Cur: soft, Max: most}); err != nil {
		return fmt.Errorf("limit %d: %w", what, err)
	}
	return nil
}

// addressSpace is how much this process has reserved already, in bytes.
func addressSpace() uint64 {
	const enough = 4 << 30
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return enough
	}
	var pages uint64
	if _, err := fmt.Sscan(string(b), &pages); err != nil {
		return enough
	}
	return pages * uint64(os.Getpagesize())
}

// closeInherited closes whatever came from the parent beside the three pipes: what this process opened itself is marked to
// close on exec, what was inherited cannot be.
func closeInherited() error {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return nil // no /proc: the parent marks its files to close on exec anyway
	}
	for _, e := range entries {
		fd, err := strconv.Atoi(e.Name())
		if err != nil || fd <= 2 {
			continue
		}
		flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
		if err != nil || flags&unix.FD_CLOEXEC != 0 {
			continue
		}
		if err := unix.Close(fd); err != nil {
			return err
		}
	}
	return nil
}

// signalled tells why the kernel ended a child.
func signalled(state *os.ProcessState, l Limits) Reason {
	ws, ok := state.Sys().(syscall.WaitStatus)
	if !ok || !ws.Signaled() {
		return ""
	}
	switch ws.Signal() {
	case unix.SIGSYS:
		return Reached
	case unix.SIGXCPU:
		return TooSlow
	case unix.SIGKILL: // not by us: the hard limit of processor time, or the machine ran out of memory
		if state.UserTime()+state.SystemTime() >= l.CPU {
			return TooSlow
		}
		return TooLarge
	}
	return ""
}
