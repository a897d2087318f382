//go:build !linux && !windows

package bus

import "syscall"

// socketOptions leaves the system's buffers as they are: no post runs on such a system.
func socketOptions(int) func(network, address string, c syscall.RawConn) error { return nil }
