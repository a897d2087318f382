package local

import (
	"net"
	"os/user"
	"strconv"

	"golang.org/x/sys/unix"
)

// peer tells which account is at the other end (unix(7), SO_PEERCRED).
func peer(conn net.Conn) (uid int, name string, known bool) {
	u, ok := conn.(*net.UnixConn)
	if !ok {
		return 0, "", false
	}
	raw, err := u.SyscallConn()
	if err != nil {
		return 0, "", false
	}
	var cred *unix.Ucred
	var failed error
	if err := raw.Control(func(fd uintptr) { cred, failed = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED) }); err != nil || failed != nil {
		return 0, "", false
	}
	uid = int(cred.Uid)
	name = "uid-" + strconv.Itoa(uid)
	if account, err := user.LookupId(strconv.Itoa(uid)); err == nil {
		name = account.Username
	}
	return uid, name, true
}
