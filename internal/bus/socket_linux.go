package bus

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// Limits of what stands in our kernel: what is written and not sent, bytes, and for how long sent bytes may stay
// unacknowledged, milliseconds, before the connection counts as dead.
const (
	notSentLow  = 16 << 10
	userTimeout = 60_000
)

// socketOptions keeps bytes that nobody can recall out of the kernel: a message that goes first is behind little, and a
// line that broke is known soon.
func socketOptions(window int) func(network, address string, c syscall.RawConn) error {
	return func(_, _ string, c syscall.RawConn) error {
		var err error
		set := func(fd uintptr, level, name, value int) {
			if e := unix.SetsockoptInt(int(fd), level, name, value); e != nil && err == nil {
				err = e
			}
		}
		ctl := c.Control(func(fd uintptr) {
			set(fd, unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, notSentLow)
			set(fd, unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, userTimeout)
			if window > 0 {
				set(fd, unix.SOL_SOCKET, unix.SO_SNDBUF, window/2) // Linux doubles what it is given
				set(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, window/2)
			}
		})
		if ctl != nil {
			return ctl
		}
		return err
	}
}
