package bus

import (
	"context"
	"net"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// TestKernelHoldsLittle proves that the sockets of the bulk lane have small buffers, and that no lane piles up in the kernel what is
// not sent, or waits for a dead line longer than a minute.
func TestKernelHoldsLittle(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, window := range []int{0, DefaultBulkWindow} {
		d := &dialer{ctx: context.Background(), way: Way{Address: l.Addr().String()}, window: window}
		c, err := d.Dial("tcp", "")
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		raw, err := c.(syscall.Conn).SyscallConn()
		if err != nil {
			t.Fatal(err)
		}
		get := func(level, name int) (v int) {
			if err := raw.Control(func(fd uintptr) { v, err = unix.GetsockoptInt(int(fd), level, name) }); err != nil {
				t.Fatal(err)
			}
			return v
		}
		if v := get(unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT); v != notSentLow {
			t.Errorf("window %d: unsent up to %d", window, v)
		}
		if v := get(unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT); v != userTimeout {
			t.Errorf("window %d: dead after %d ms", window, v)
		}
		if out, in := get(unix.SOL_SOCKET, unix.SO_SNDBUF), get(unix.SOL_SOCKET, unix.SO_RCVBUF); window > 0 && (out > window || in > window) {
			t.Errorf("window %d: buffers of %d and %d", window, out, in)
		}
	}
}
