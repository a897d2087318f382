package config

import (
	"fmt"
	"net"
	"strconv"
	"strings"

	"sarhad/record"
)

// Way is one way to the hub.
type Way struct {
	Address   string // host:port
	WebSocket bool   // wss, for networks that let only web traffic out
}

// Ways gives the ways to the hub of valid settings, in the order in which they are tried; none: the directory says them.
func (c Config) Ways() []Way {
	ways, _ := ParseWays(c.HubWays) // Validate has looked
	return ways
}

// ParseWays reads "tcp HOST:PORT, wss HOST:PORT".
func ParseWays(text string) (out []Way, err error) {
	for part := range strings.SplitSeq(text, ",") {
		words := strings.Fields(part)
		if len(words) == 0 {
			continue
		}
		if len(words) != 2 || words[0] != "tcp" && words[0] != "wss" || !hostPort(words[1], 1) {
			return nil, record.Errorf(record.Invalid, "%q is no way to a hub: write \"tcp HOST:PORT\" or \"wss HOST:PORT\"", strings.TrimSpace(part))
		}
		out = append(out, Way{words[1], words[0] == "wss"})
	}
	return out, nil
}

// Twins gives the address of each twin by the name of its node, of valid settings.
func (c Config) Twins() map[string]string {
	twins, _ := parseTwins(c.RelayTwins) // Validate has looked
	return twins
}

// parseTwins reads "uzb-post=192.168.1.7:7443, kaz-post=twin.example:7443".
func parseTwins(text string) (out map[string]string, ok bool) {
	out = map[string]string{}
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		node, address, _ := strings.Cut(part, "=")
		node, address = strings.TrimSpace(node), strings.TrimSpace(address)
		if node == "" || !plainName(node) || !hostPort(address, 1) || out[node] != "" {
			return nil, false
		}
		out[node] = address
	}
	return out, true
}

// Peers are the processes of a hub of three, this one too.
func (c Config) Peers() (out []string) {
	for part := range strings.SplitSeq(c.HubPeers, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// BulkRate is the most that files may take of the line, bytes a second; 0 = all of it.
func (c Config) BulkRate() int64 {
	n, _ := kbits(c.HubBulk)
	return n
}

// mostKbits is ten gigabits: what is more is a slip of the finger.
const mostKbits = 10_000_000

// kbits reads kilobits a second and gives bytes a second; "" is 0.
func kbits(text string) (int64, bool) {
	n, ok := countOf(text, mostKbits)
	return int64(n) * 1000 / 8, ok
}

// hostPort reports whether text is host:port with a port from low to 65535.
func hostPort(text string, low int) bool {
	host, port, err := net.SplitHostPort(text)
	n, e := strconv.Atoi(port)
	return err == nil && e == nil && n >= low && n <= 65535 && !strings.ContainsAny(host, " \t/\\")
}

func (c Config) networkProblems(add func(key, text string)) {
	if _, err := ParseWays(c.HubWays); err != nil {
		add("hub_ways", `has a way that cannot be read: write "tcp hub.example:4222, wss hub.example:443"`)
	}
	if c.HubProxy != "" && !hostPort(c.HubProxy, 1) {
		add("hub_proxy", `must be host and port of the proxy, such as "proxy.example:3128"`)
	}
	if _, ok := kbits(c.HubBulk); !ok {
		add("hub_bulk", fmt.Sprintf(`must be kilobits a second in quotes from "1" to "%d"; "" for all of the line`, mostKbits))
	}
	for _, s := range []struct{ key, value string }{{"hub_listen", c.HubListen}, {"hub_websocket", c.HubWebSocket}, {"relay_listen", c.RelayListen}} {
		if s.value != "" && !hostPort(s.value, 0) {
			add(s.key, `must be host and port, such as ":4222"`)
		}
	}
	if twins, ok := parseTwins(c.RelayTwins); !ok || twins[c.Name] != "" {
		add("relay_twins", `must name each twin once, another node than this, and where it listens: "uzb-post=192.168.1.7:7443"`)
	}
	for _, peer := range c.Peers() {
		if !hostPort(peer, 1) {
			add("hub_peers", `must be addresses with commas between, such as "hub-1:6222, hub-2:6222, hub-3:6222"`)
			break
		}
	}
	if (c.HubCluster == "") != (c.HubPeers == "") || c.HubCluster != "" && !hostPort(c.HubCluster, 1) {
		add("hub_cluster", `and hub_peers go together: where this process listens, such as ":6222", and the addresses of all three`)
	}
	if c.Role != Hub && (c.HubListen != "" || c.HubWebSocket != "") {
		add("hub_listen", `and hub_websocket are for a hub: a node opens no port to the network, it calls the hub`)
	}
	if c.Role == Hub && c.HubListen == "" && c.HubWebSocket != "" {
		add("hub_listen", `is missing: a hub listens for TCP too, on another port than for the web`)
	}
}
