//go:build linux

package quarantine

import (
	"os"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// needed is what the Go runtime and a parser between two pipes call.
var needed = []uint32{
	unix.SYS_READ, unix.SYS_WRITE, unix.SYS_CLOSE, unix.SYS_LSEEK, unix.SYS_FSTAT,
	unix.SYS_MUNMAP, unix.SYS_MREMAP, unix.SYS_MADVISE, unix.SYS_BRK,
	unix.SYS_FUTEX, unix.SYS_SCHED_YIELD, unix.SYS_SCHED_GETAFFINITY, unix.SYS_NANOSLEEP, unix.SYS_CLOCK_NANOSLEEP,
	unix.SYS_CLOCK_GETTIME, unix.SYS_GETTIMEOFDAY, unix.SYS_GETRANDOM, unix.SYS_RESTART_SYSCALL,
	unix.SYS_RT_SIGACTION, unix.SYS_RT_SIGPROCMASK, unix.SYS_RT_SIGRETURN, unix.SYS_SIGALTSTACK,
	unix.SYS_GETPID, unix.SYS_GETTID, unix.SYS_SET_ROBUST_LIST, unix.SYS_RSEQ,
	unix.SYS_EPOLL_PWAIT, unix.SYS_EPOLL_CTL, unix.SYS_EXIT, unix.SYS_EXIT_GROUP,
}

// telling is what a parser never calls, so that a call says that somebody else is at work in it. The child ends at once.
// Opening a file is not among them, because libraries look for time zones and the like; it is only refused.
var telling = []uint32{
	unix.SYS_SOCKET, unix.SYS_SOCKETPAIR, unix.SYS_CONNECT, unix.SYS_BIND, unix.SYS_LISTEN, unix.SYS_SENDTO, unix.SYS_SENDMSG,
	unix.SYS_EXECVE, unix.SYS_EXECVEAT, unix.SYS_PTRACE, unix.SYS_PROCESS_VM_READV, unix.SYS_PROCESS_VM_WRITEV,
	unix.SYS_PIDFD_OPEN, unix.SYS_PIDFD_GETFD, unix.SYS_KILL, unix.SYS_BPF, unix.SYS_MOUNT, unix.SYS_UNSHARE, unix.SYS_SETNS,
	unix.SYS_IO_URING_SETUP, unix.SYS_KEYCTL, unix.SYS_ADD_KEY, unix.SYS_REQUEST_KEY, unix.SYS_USERFAULTFD,
	unix.SYS_PERF_EVENT_OPEN, unix.SYS_INIT_MODULE, unix.SYS_FINIT_MODULE, unix.SYS_MEMFD_CREATE,
}

// Instructions of the filter (linux/filter.h) and places of its input (struct seccomp_data).
const (
	load   = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS
	equal  = unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K
	atMost = unix.BPF_JMP | unix.BPF_JGE | unix.BPF_K
	hasBit = unix.BPF_JMP | unix.BPF_JSET | unix.BPF_K
	answer = unix.BPF_RET | unix.BPF_K

	atNumber, atArch, atArgs = 0, 4, 16

	allow  = unix.SECCOMP_RET_ALLOW
	end    = unix.SECCOMP_RET_KILL_PROCESS
	refuse = unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)
	lacks  = unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)

	x32 = 0x40000000 // numbers of another set of calls on amd64, by which a filter would be passed
)

// arches the filter is written for; elsewhere there is none.
var arches = map[string]uint32{"amd64": unix.AUDIT_ARCH_X86_64, "arm64": unix.AUDIT_ARCH_AARCH64}

// filter puts the filter on all threads.
func filter() error {
	arch, ok := arches[runtime.GOARCH]
	if !ok {
		return unix.ENOSYS
	}
	prog := filterFor(arch, uint32(os.Getpid()))
	set := unix.SockFprog{Len: uint16(len(prog)), Filter: &prog[0]}
	_, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&set)))
	runtime.KeepAlive(prog)
	if errno != 0 {
		return errno
	}
	return nil
}

// filterFor writes the filter for a processor and this process.
func filterFor(arch, pid uint32) []unix.SockFilter {
	do := func(code uint16, k uint32) unix.SockFilter { return unix.SockFilter{Code: code, K: k} }
	test := func(code uint16, k uint32, yes, no uint8) unix.SockFilter {
		return unix.SockFilter{Code: code, Jt: yes, Jf: no, K: k}
	}
	arg := func(n uint32) uint32 { return atArgs + 8*n } // its lower half, on little-endian machines
	p := []unix.SockFilter{
		do(load, atArch), test(equal, arch, 1, 0), do(answer, end),
		do(load, atNumber),
	}
	if arch == unix.AUDIT_ARCH_X86_64 {
		p = append(p, test(atMost, x32, 0, 1), do(answer, end))
	}
	// when: a call whose argument decides.
	when := func(call, argument uint32, code uint16, k, yes, no uint32) {
		p = append(p, test(equal, call, 0, 4), do(load, arg(argument)), test(code, k, 0, 1), do(answer, yes), do(answer, no))
	}
	when(unix.SYS_CLONE, 0, hasBit, unix.CLONE_THREAD, allow, end) // threads, no processes
	when(unix.SYS_MMAP, 2, hasBit, unix.PROT_EXEC, end, allow)     // no new code
	when(unix.SYS_MPROTECT, 2, hasBit, unix.PROT_EXEC, end, allow)
	when(unix.SYS_TGKILL, 0, equal, pid, allow, end) // signals to itself only
	p = append(p, test(equal, unix.SYS_CLONE3, 0, 1), do(answer, lacks))
	for _, call := range telling {
		p = append(p, test(equal, call, 0, 1), do(answer, end))
	}
	for _, call := range needed {
		p = append(p, test(equal, call, 0, 1), do(answer, allow))
	}
	return append(p, do(answer, refuse))
}
