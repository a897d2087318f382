package doctor

import (
	"fmt"
	"io/fs"
	"strings"
)

// Mount is the line of /proc/self/mountinfo that a path lies on (proc_pid_mountinfo(5)).
type Mount struct {
	Device string // major:minor
	Point  string
	Type   string
	Source string
}

// mountOf finds the mount of an absolute path without symbolic links: the longest mount point above it, the last of equals.
func mountOf(mountinfo, path string) (best Mount, ok bool) {
	for _, line := range strings.Split(mountinfo, "\n") {
		left, right, cut := strings.Cut(line, " - ")
		l, r := strings.Fields(left), strings.Fields(right)
		if !cut || len(l) < 6 || len(r) < 2 {
			continue
		}
		m := Mount{Device: l[2], Point: unescape(l[4]), Type: r[0], Source: unescape(r[1])}
		above := m.Point == "/" || path == m.Point || strings.HasPrefix(path, m.Point+"/")
		if above && len(m.Point) >= len(best.Point) {
			best, ok = m, true
		}
	}
	return best, ok
}

// unescape undoes the octal escapes of mountinfo.
func unescape(s string) string {
	return strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace(s)
}

// depth bounds a walk through devices under devices.
const depth = 8

// encryption tells what protects a block device, from sys (the file system /sys): a device-mapper crypt device in it or
// below it protects; of several devices below, such as a mirror's, all must.
func encryption(sys fs.FS, device string) (how string, encrypted bool, err error) {
	return under(sys, device, depth)
}

func under(sys fs.FS, device string, left int) (how string, encrypted bool, err error) {
	if left == 0 {
		return "", false, fmt.Errorf("device %s lies on too many others", device)
	}
	base := "dev/block/" + device
	if _, err := fs.Stat(sys, base); err != nil {
		return "", false, fmt.Errorf("the system does not show device %s", device)
	}
	if uuid, err := fs.ReadFile(sys, base+"/dm/uuid"); err == nil {
		if kind, ok := strings.CutPrefix(strings.TrimSpace(string(uuid)), "CRYPT-"); ok {
			kind, _, _ = strings.Cut(kind, "-")
			return kind, true, nil
		}
	}
	slaves, err := fs.ReadDir(sys, base+"/slaves")
	if err != nil || len(slaves) == 0 {
		return "", false, nil
	}
	for _, s := range slaves {
		number, err := fs.ReadFile(sys, base+"/slaves/"+s.Name()+"/dev")
		if err != nil {
			return "", false, err
		}
		if how, encrypted, err = under(sys, strings.TrimSpace(string(number)), left-1); err != nil || !encrypted {
			return how, encrypted, err
		}
	}
	return how, true, nil
}
