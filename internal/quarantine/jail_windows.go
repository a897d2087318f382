//go:build windows

package quarantine

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
)

// attributes of the new process: no window, no Ctrl+C from the parent's console.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{HideWindow: true, CreationFlags: windows.CREATE_NEW_PROCESS_GROUP | windows.CREATE_NO_WINDOW}
}

func rootDir(program string) string { return filepath.VolumeName(program) + `\` }

// cage is the job object around a child. Whoever closes it kills the child.
type cage struct{ job windows.Handle }

// enclose puts the child into a job of its own.
func enclose(p *os.Process, l Limits) (cage, error) {
	job, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return cage{}, fmt.Errorf("job object: %w", err)
	}
	c := cage{job}
	const tick = 100 // nanoseconds
	limits := windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION{
		BasicLimitInformation: windows.JOBOBJECT_BASIC_LIMIT_INFORMATION{
			PerProcessUserTimeLimit: l.CPU.Nanoseconds() / tick,
			ActiveProcessLimit:      1,
			LimitFlags: windows.JOB_OBJECT_LIMIT_ACTIVE_PROCESS | windows.JOB_OBJECT_LIMIT_PROCESS_MEMORY | windows.JOB_OBJECT_LIMIT_JOB_MEMORY |
				windows.JOB_OBJECT_LIMIT_PROCESS_TIME | windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | windows.JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION,
		},
		ProcessMemoryLimit: uintptr(l.Memory),
		JobMemoryLimit:     uintptr(l.Memory),
	}
	desk := windows.JOBOBJECT_BASIC_UI_RESTRICTIONS{UIRestrictionsClass: windows.JOB_OBJECT_UILIMIT_DESKTOP | windows.JOB_OBJECT_UILIMIT_DISPLAYSETTINGS |
		windows.JOB_OBJECT_UILIMIT_EXITWINDOWS | windows.JOB_OBJECT_UILIMIT_GLOBALATOMS | windows.JOB_OBJECT_UILIMIT_HANDLES |
		windows.JOB_OBJECT_UILIMIT_READCLIPBOARD | windows.JOB_OBJECT_UILIMIT_SYSTEMPARAMETERS | windows.JOB_OBJECT_UILIMIT_WRITECLIPBOARD}
	if _, err := windows.SetInformationJobObject(job, windows.JobObjectExtendedLimitInformation, uintptr(unsafe.Pointer(&limits)), uint32(unsafe.Sizeof(limits))); err != nil {
		c.open()
		return cage{}, fmt.Errorf("limits of the job object: %w", err)
	}
	if _, err := windows.SetInformationJobObject(job, windows.JobObjectBasicUIRestrictions, uintptr(unsafe.Pointer(&desk)), uint32(unsafe.Sizeof(desk))); err != nil {
		c.open()
		return cage{}, fmt.Errorf("limits of the job object: %w", err)
	}
	h, err := windows.OpenProcess(windows.PROCESS_SET_QUOTA|windows.PROCESS_TERMINATE, false, uint32(p.Pid))
	if err != nil {
		c.open()
		return cage{}, fmt.Errorf("job object: %w", err)
	}
	defer func() { _ = windows.CloseHandle(h) }()
	if err := windows.AssignProcessToJobObject(job, h); err != nil {
		c.open()
		return cage{}, fmt.Errorf("job object: %w", err)
	}
	return c, nil
}

func (c cage) shut() bool { return c.job != 0 }

func (c cage) open() {
	if c.job != 0 {
		_ = windows.CloseHandle(c.job) // the child has ended, or ends now
	}
}

// confine: on this system the parent's job object does it.
func confine(Limits) (Level, error) { return Level{Limits: true}, nil }

// signalled tells why the system ended a child.
func signalled(state *os.ProcessState, l Limits) Reason {
	const notEnoughQuota = 1816 // ERROR_NOT_ENOUGH_QUOTA: the job's time is over
	if uint32(state.ExitCode()) == notEnoughQuota {
		return TooSlow
	}
	return ""
}
