package doctor

import "golang.org/x/sys/windows"

func ownerOfFile(string) (owner string, known bool) { return "", false }

func spaceOf(dir string) Space {
	path, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return Space{Err: err.Error()}
	}
	var free uint64
	if err := windows.GetDiskFreeSpaceEx(path, &free, nil, nil); err != nil {
		return Space{Err: err.Error()}
	}
	return Space{Free: int64(free)}
}

// alive reports whether a process has this number and has not ended.
func alive(pid int) bool {
	h, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, uint32(pid))
	if err != nil {
		return false
	}
	defer func() { _ = windows.CloseHandle(h) }() // nothing follows from it
	var code uint32
	const stillActive = 259
	return windows.GetExitCodeProcess(h, &code) == nil && code == stillActive
}
