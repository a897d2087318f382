package config

import (
	"net"
	"net/netip"
	"strconv"
	"strings"

	"sarhad/record"
)

// CheckListen refuses an address that other machines can reach when there is
// no TLS, and one that is no address. Loopback is 127.0.0.0/8, ::1 and the
// name localhost; another name is refused without TLS, since what it points to
// may change. An empty host means every interface.
func CheckListen(address string, tls bool) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return record.Errorf(record.Invalid, "%q is no address: write host and port, such as %q", address, DefaultHTTP)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 || strings.HasPrefix(port, "+") {
		return record.Errorf(record.Invalid, "%q has no port from 0 to 65535: write, for example, %q", address, DefaultHTTP)
	}
	if strings.ContainsAny(host, " \t\r\n/\\") {
		return record.Errorf(record.Invalid, "%q has a host that is no name or IP address: write, for example, %q", address, DefaultHTTP)
	}
	if tls || loopback(host) {
		return nil
	}
	return record.Errorf(record.Invalid, "%q would be reached from other machines without TLS: write %q for this machine only, or set tls_cert and tls_key (sarhad node tls makes them)",
		address, net.JoinHostPort("127.0.0.1", port))
}

func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.Unmap().IsLoopback()
}

// LocalAddress puts the loopback address before a bare port: ":8080" and
// "8080" become "127.0.0.1:8080". It is for commands that promise this machine
// only, whatever was typed; other addresses are returned as they are.
func LocalAddress(address string) string {
	port := strings.TrimPrefix(address, ":")
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return address
	}
	return net.JoinHostPort("127.0.0.1", port)
}
