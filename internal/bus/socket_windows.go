package bus

import (
	"syscall"

	"golang.org/x/sys/windows"
)

// socketOptions keeps bytes that nobody can recall out of the kernel: a message that goes first is behind little.
func socketOptions(window int) func(network, address string, c syscall.RawConn) error {
	return func(_, _ string, c syscall.RawConn) error {
		if window == 0 {
			return nil
		}
		var err error
		ctl := c.Control(func(fd uintptr) {
			if err = windows.SetsockoptInt(windows.Handle(fd), windows.SOL_SOCKET, windows.SO_SNDBUF, window); err == nil {
				err = windows.SetsockoptInt(windows.Handle(fd), windows.SOL_SOCKET, windows.SO_RCVBUF, window)
			}
		})
		if ctl != nil {
			return ctl
		}
		return err
	}
}
