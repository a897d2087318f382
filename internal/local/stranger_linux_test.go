package local_test

import (
	"os"
	"os/exec"
	"syscall"
)

// asStranger makes a command run under the account nobody.
func asStranger(c *exec.Cmd) bool {
	const nobody = 65534
	c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	return os.Geteuid() == 0
}
