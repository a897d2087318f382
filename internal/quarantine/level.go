package quarantine

import (
	"fmt"
	"strings"
)

// Level is how well a child is shut in.
type Level struct {
	Limits   bool `json:"limits"`   // memory, processor time, files
	NoPrivs  bool `json:"noPrivs"`  // it can gain no rights by starting a program
	Landlock int  `json:"landlock"` // ABI of the kernel's Landlock, 0 = none
	Seccomp  bool `json:"seccomp"`  // it may call only what a parser needs
	Job      bool `json:"job"`      // Windows: it stands in a job object
}

// Full says that a child can reach neither file nor network nor another process, whatever it is made to do.
func (l Level) Full() bool { return l.Limits && l.NoPrivs && l.Seccomp }

// String is a line for the administrator.
func (l Level) String() string {
	var has []string
	add := func(ok bool, what string) {
		if ok {
			has = append(has, what)
		}
	}
	add(l.Limits, "limits")
	add(l.NoPrivs, "no new rights")
	add(l.Landlock > 0, fmt.Sprintf("Landlock %d", l.Landlock))
	add(l.Seccomp, "seccomp")
	add(l.Job, "job object")
	switch {
	case len(has) == 0:
		return "a process of its own and nothing more"
	case l.Full():
		return "full: " + strings.Join(has, ", ")
	}
	return "partial: " + strings.Join(has, ", ")
}

// and takes over what a child says of itself.
func (l Level) and(of Level) Level {
	of.Job = of.Job || l.Job
	return of
}
