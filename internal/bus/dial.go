package bus

import (
	"bufio"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"sarhad/record"
)

// Time-outs of making a connection. A try that hits the moment at which a line comes up must not sleep in the system's growing
// pauses between SYN packets (1, 2, 4 s ...), so it is short and made anew.
const (
	dialTimeout = 4 * time.Second
	handTimeout = 15 * time.Second // each step of the hand-shake: 4 KB at 600 ms with losses
)

// dialer makes the TCP connection of a way. It implements nats.CustomDialer.
type dialer struct {
	ctx    context.Context
	way    Way
	window int // socket buffers, bytes; 0 = the system's

	release func() bool // once connected: the end of ctx does not cut the connection any more, so that it can end orderly
}

// Dial ignores the address that it is given beside the way's: they are the same.
func (d *dialer) Dial(network, _ string) (net.Conn, error) {
	nd := net.Dialer{
		Timeout: dialTimeout, Control: socketOptions(d.window),
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 20 * time.Second, Interval: 10 * time.Second, Count: 4},
	}
	target := d.way.Address
	if d.way.Proxy != "" {
		target = d.way.Proxy
	}
	c, err := nd.DialContext(d.ctx, network, target)
	if err != nil {
		return nil, err
	}
	d.release = context.AfterFunc(d.ctx, func() { _ = c.SetDeadline(past) }) // a hand-shake under way ends with the line
	if d.way.Proxy == "" {
		return c, nil
	}
	if err := d.throughProxy(c); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// past is a deadline that is over: it ends every wait of a connection.
var past = time.Unix(1, 0)

// throughProxy asks for a tunnel (RFC 9110 section 9.3.6). Only an HTTP/1.1 status line with 2xx opens it.
func (d *dialer) throughProxy(c net.Conn) error {
	if err := c.SetDeadline(time.Now().Add(handTimeout)); err != nil {
		return err
	}
	ask := "CONNECT " + d.way.Address + " HTTP/1.1\r\nHost: " + d.way.Address + "\r\n"
	if d.way.ProxyUser != "" {
		ask += "Proxy-Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(d.way.ProxyUser)) + "\r\n"
	}
	if _, err := io.WriteString(c, ask+"\r\n"); err != nil {
		return err
	}
	status, err := readHead(c)
	if err != nil {
		return &record.Error{Kind: record.Unavailable, Message: "the proxy " + d.way.Proxy + " does not answer as a proxy", Err: err}
	}
	switch {
	case strings.HasPrefix(status, "407"):
		return record.Errorf(record.Unavailable, "the proxy %s wants a name and a password", d.way.Proxy)
	case !strings.HasPrefix(status, "2"):
		return record.Errorf(record.Unavailable, "the proxy %s does not let us through to %s: it says %.60q", d.way.Proxy, d.way.Address, status)
	}
	return c.SetDeadline(time.Time{})
}

// maxHead bounds what a proxy may say before the tunnel, bytes.
const maxHead = 16 << 10

// readHead reads up to the empty line, byte by byte, because what follows belongs to the tunnel. It gives the status.
func readHead(c io.Reader) (string, error) {
	var head []byte
	one := make([]byte, 1)
	for !strings.HasSuffix(string(head), "\r\n\r\n") {
		if len(head) > maxHead {
			return "", fmt.Errorf("more than %d bytes of header", maxHead)
		}
		if _, err := io.ReadFull(c, one); err != nil {
			return "", err
		}
		head = append(head, one[0])
	}
	first, err := bufio.NewReader(strings.NewReader(string(head))).ReadString('\n')
	if err != nil {
		return "", err
	}
	version, status, ok := strings.Cut(strings.TrimSpace(first), " ")
	if !ok || !strings.HasPrefix(version, "HTTP/1.") {
		return "", fmt.Errorf("no answer of HTTP: %.40q", first)
	}
	return status, nil
}
