package doctor

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// diskOf tells what the directory lies on.
func diskOf(dir string) (d Disk) {
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return Disk{Err: err.Error()}
	}
	info, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return Disk{Err: err.Error()}
	}
	m, ok := mountOf(string(info), real)
	if !ok {
		return Disk{Err: "no mount is shown for " + real}
	}
	d.Device = m.Source
	device := m.Device
	var st unix.Stat_t
	if unix.Stat(m.Source, &st) == nil && st.Mode&unix.S_IFMT == unix.S_IFBLK { // btrfs and its like have a number of their own
		device = fmt.Sprintf("%d:%d", unix.Major(st.Rdev), unix.Minor(st.Rdev))
	} else if strings.HasPrefix(device, "0:") {
		d.Err = fmt.Sprintf("it is a file system of type %s on %s, whose disk is not shown", m.Type, m.Source)
		return d
	}
	if d.How, d.Encrypted, err = encryption(os.DirFS("/sys"), device); err != nil {
		d.Err = err.Error()
	}
	return d
}

// synced asks the kernel whether a time service keeps the clock (adjtimex(2), STA_UNSYNC). Asking needs no right.
func synced() string {
	var t unix.Timex
	state, err := unix.Adjtimex(&t)
	switch {
	case err != nil:
		return ""
	case state == unix.TIME_ERROR || t.Status&unix.STA_UNSYNC != 0:
		return "no"
	}
	return "yes"
}
