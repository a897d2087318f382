package attach

import (
	"path/filepath"
	"slices"
	"strings"

	"sarhad/record"
)

// programTypes are the media types, as sniffed, of what a machine would run.
var programTypes = []string{
	"application/vnd.microsoft.portable-executable", "application/x-msdownload", "application/x-elf", "application/x-executable",
	"application/x-sharedlib", "application/x-mach-binary", "application/jar", "application/java-archive", "application/vnd.android.package-archive",
	"application/x-ms-shortcut", "application/x-ms-installer", "application/vnd.debian.binary-package", "application/x-rpm",
}

// programNames are the endings by which Windows and Android run a file, whatever is in it.
var programNames = []string{
	".exe", ".dll", ".com", ".scr", ".msi", ".msp", ".bat", ".cmd", ".ps1", ".vbs", ".vbe", ".wsf", ".hta", ".cpl", ".lnk", ".pif", ".reg", ".jar", ".apk",
}

// Program refuses what would run on the machine of the next officer who opens it: by its name, or by its type when that is
// known. The error is Invalid and says what to do instead.
func Program(name, kind string) error {
	if slices.Contains(programTypes, kind) {
		return record.Errorf(record.Invalid, "this file is a program, and programs are not kept here: photograph what it shows, or seal the medium and describe it in words")
	}
	if ext := strings.ToLower(filepath.Ext(strings.TrimRight(name, " ."))); slices.Contains(programNames, ext) {
		return record.Errorf(record.Invalid, "by its name, %s, this file is a program, and programs are not kept here: photograph what it shows, or seal the medium and describe it in words", ext)
	}
	return nil
}
