package bus

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log/slog"
	"time"

	"sarhad/record"
)

// Node is one party that may enter: a row of what the directory says at present.
type Node struct {
	ID   string   // as in internal/config: a-z, 0-9, hyphens, a letter first, 1 to 40
	Keys []string // public NKeys ("U..."); two while one takes the place of the other
	Pins []string // SPKI hashes of client certificates as Pin gives them; a key enters only with a pin of the same node
}

// Route reads the header of an envelope and nothing else: the addressee's node, the lane, the message's id and until when
// it may be delivered (zero = no end). Its error goes to the sender in words.
type Route func(wire []byte) (to, lane, id string, until time.Time, err error)

// Limits bound what the hub keeps for one lane of one node, in one direction, and how much is under way at a time.
type Limits struct {
	Bytes   int64         // a full stream refuses what is new and keeps what it has
	Age     time.Duration // what nobody fetched for so long is dropped; the sender is told a day before
	AckWait time.Duration // what was fetched and not acknowledged for so long is given out again
	Pending int           // how many messages may be fetched and not acknowledged
}

// DefaultLimits are chosen for a line of 64 kbit/s (8 KB/s), which carries what is under way in one AckWait at the sizes
// that the lane usually has: flash 16 x 4 KB in 8 s, routine 32 x 16 KB in 64 s, bulk 4 x 256 KB in 128 s. 35 days outlast the
// 30 days for which a key statement lives: whoever has not fetched by then must join anew.
func DefaultLimits() map[record.Lane]Limits {
	const age = 35 * 24 * time.Hour
	return map[record.Lane]Limits{
		record.Flash:   {Bytes: 64 << 20, Age: age, AckWait: 15 * time.Second, Pending: 16},
		record.Routine: {Bytes: 512 << 20, Age: age, AckWait: 2 * time.Minute, Pending: 32},
		record.Bulk:    {Bytes: 2 << 30, Age: age, AckWait: 5 * time.Minute, Pending: 4},
	}
}

// Named defaults of a hub.
const (
	// DefaultMaxMessage is the largest envelope, bytes: four times a piece of a large file, so that padding fits.
	DefaultMaxMessage = 1 << 20
	// DefaultWindow is how long the hub knows an id again. A repetition after that reaches the addressee, who knows it.
	DefaultWindow = 30 * time.Minute
)

// HubConfig says what a hub is made of. Everything without "default" or "may be" is needed.
type HubConfig struct {
	Name        string          // of this process, unique among the processes of one hub
	Dir         string          // directory of the streams; nobody else writes there
	Listen      string          // host:port for TCP; port 0 = any free one
	WebSocket   string          // host:port for wss; may be "" = none
	Certificate tls.Certificate // shown to nodes; they hold its authority
	Nodes       []Node          // at start; Hub.SetNodes later
	Cluster     *Cluster        // may be nil: the hub is one process

	Route Route
	// Accepted is told what is on disk for its addressees, so that the hub can sign receipts. It is called again for the
	// same ids after a crash or an error. May be nil.
	Accepted func(ctx context.Context, from, lane string, ids []string) error
	// Refused is told, in words, what of a sender's does not go on. id is "" where none could be read. It is called again
	// after a crash or an error; the message waits until it returns nil. May be nil.
	Refused func(ctx context.Context, from, lane, id, reason string) error
	// Denied is told of each attempt at something that is not allowed, besides the log: by which node ("" = unknown) and
	// what. It must not block. May be nil.
	Denied func(node, what string)

	Limits     map[record.Lane]Limits // default: DefaultLimits
	MaxMessage int                    // bytes; default: DefaultMaxMessage
	Window     time.Duration          // default: DefaultWindow

	Log  *slog.Logger
	Now  func() time.Time
	Rand io.Reader
}

// Cluster joins three processes into one hub, on machines that can reach each other.
type Cluster struct {
	Name        string
	Listen      string          // host:port for the other processes; port 0 = any free one
	Routes      []string        // host:port of the others
	Certificate tls.Certificate // shown to the others
	Pins        []string        // SPKI hashes of the others' and the own certificate
	Replicas    int             // 1 or 3: on how many disks a message is before it counts as accepted
}

// Way is how a line reaches the hub.
type Way struct {
	Address   string // host:port
	WebSocket bool   // wss, for networks that let only web traffic out
	Proxy     string // host:port of an HTTP proxy to CONNECT through; may be ""
	ProxyUser string // user:password for it (RFC 7617); may be ""; never logged
}

// String is the way as a screen shows it: "tcp hub.example:4222", "wss hub.example:443 through proxy.example:3128".
func (w Way) String() string {
	s := "tcp "
	if w.WebSocket {
		s = "wss "
	}
	s += w.Address
	if w.Proxy != "" {
		s += " through " + w.Proxy
	}
	return s
}

// LineConfig says what a node's line is made of.
type LineConfig struct {
	Node        string          // id
	Seed        []byte          // of the NKey ("SU..."); wiped by Close
	Certificate tls.Certificate // self-signed by the node; its Pin is in the directory
	Roots       *x509.CertPool  // the authority of the hub's certificate and no other
	ServerName  string          // the name in the hub's certificate; "" = the host of the address
	Ways        []Way           // tried in turn
	Changed     func(State)     // may be nil; called at each change, must not block
	Window      int             // socket buffers of the bulk lane, bytes; default: DefaultBulkWindow

	Log  *slog.Logger
	Now  func() time.Time
	Rand io.Reader
}

// DefaultBulkWindow bounds what of bulk stands in our kernel and in the queue of the line: 4 s of 64 kbit/s, and still
// 320 KB/s at 100 ms.
const DefaultBulkWindow = 32 << 10

// State is how one lane of a line stands.
type State struct {
	Lane    record.Lane
	Up      bool
	Since   time.Time // of Up or down, UTC
	Way     string    // while up: how; see Way.String
	Problem string    // while down: why the last try failed
}

// Message is one message that came.
type Message struct {
	Wire []byte
	// Ack tells the hub to forget this one message. An error is harmless: the message comes again.
	Ack func(context.Context) error
}
