package doctor

import (
	"fmt"
	"strings"

	"sarhad/internal/quarantine"
)

// standing names the walls of a level, and what is missing of those that Linux has. The words are the kernel's own.
func standing(l quarantine.Level) (stand, missing string) {
	var have, lack []string
	for _, w := range []struct {
		name  string
		there bool
	}{{"rlimits", l.Limits}, {"no_new_privs", l.NoPrivs}, {"seccomp", l.Seccomp}, {fmt.Sprintf("Landlock %d", l.Landlock), l.Landlock > 0}} {
		if w.there {
			have = append(have, w.name)
		} else {
			lack = append(lack, strings.TrimSuffix(w.name, " 0"))
		}
	}
	if l.Job {
		have = append(have, "job object")
	}
	return strings.Join(have, ", "), strings.Join(lack, ", ")
}

// walls says what a file from outside could do if it took its reader over. Landlock is the second wall behind seccomp, which
// opens no file either: a kernel without it is told, and nothing must be done.
func walls(f Facts) []Finding {
	q := f.Quarantine
	stand, missing := standing(q.Level)
	pairs := []string{"walls", stand, "missing", missing}
	switch {
	case q.Err != "":
		return found("quarantine.broken", Bad, "The process that reads files from outside cannot be started: {err}. No file is taken in.",
			"Start the node again from the program file it was installed as; in a container allow it to start itself", "err", q.Err)
	case q.Level.Full() && q.Level.Landlock == 0:
		return found("quarantine.thin", OK, "Files from outside are read in a process that reaches neither files nor network ({walls}); the kernel lacks {missing}, the second wall.", "", pairs...)
	case q.Level.Full():
		return found("quarantine.full", OK, "Files from outside are read in a process that reaches neither files nor network ({walls}).", "", pairs...)
	case f.System == "windows":
		return found("quarantine.windows", Warn, "On Windows the process that reads files from outside is limited ({walls}), but not kept from files or network.",
			"Take in files of strangers at a node on Linux; here, run the service under an account of its own with no other rights", "walls", stand)
	case stand == "":
		return found("quarantine.none", Bad, "Nothing shuts in the process that reads files from outside: one that is made to do harm has the rights of the node.",
			"Run the node on Linux 5.13 or later, on amd64 or arm64; in a container allow the calls seccomp and prctl")
	}
	return found("quarantine.partial", Warn, "Of the walls around the process that reads files from outside stand: {walls}. Missing: {missing}.",
		"Run the node on Linux 5.13 or later, on amd64 or arm64; in a container allow the calls seccomp and prctl", pairs...)
}
