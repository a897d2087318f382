package local

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// Frames from the client.
const (
	frameHello  = 'H' // Request as JSON
	frameCancel = 'C' // Ctrl+C
	frameReply  = 'R' // reply as JSON, a line feed, data
)

// Frames from the node.
const (
	frameInfo    = 'I' // Info as JSON
	frameOut     = 'O' // standard output
	frameErr     = 'E' // standard error
	frameAsk     = 'Q' // ask as JSON, a line feed, data
	frameExit    = 'X' // exit code as JSON
	frameRefused = 'N' // refusal as JSON
)

const (
	// maxFrame bounds what one frame makes the other side keep.
	maxFrame = 1 << 20
	// chunk is how much of a stream goes into one frame.
	chunk = 128 << 10
)

// Request is a command as somebody typed it.
type Request struct {
	Args     []string `json:"args"`    // without the name of the program; empty = only ask who is there
	Dir      string   `json:"dir"`     // absolute working directory: relative paths of Args begin here
	Purpose  string   `json:"purpose"` // why; "" = not said
	User     string   `json:"user"`    // account at the client; where the system tells the peer, that counts instead
	Host     string   `json:"host"`
	Version  string   `json:"version"` // of the client's program
	Terminal Terminal `json:"terminal"`
	Token    string   `json:"token"`
}

// Terminal says which streams of the client are a terminal.
type Terminal struct {
	In    bool `json:"in"`
	Out   bool `json:"out"`
	Err   bool `json:"err"`
	Width int  `json:"width,omitempty"` // columns; 0 = not known
}

// Info says who owns a data directory.
type Info struct {
	PID     int       `json:"pid"`
	Version string    `json:"version"`
	Doing   string    `json:"doing"` // serve, demo
	Since   time.Time `json:"since"`
	URL     string    `json:"url,omitempty"`
	User    string    `json:"user,omitempty"` // account that runs it
}

type refusal struct {
	Kind    string `json:"kind"`
	Message string `json:"message"`
}

type exit struct {
	Code int `json:"code"`
}

// ask is what the node wants done with a file of the client. File 0 is standard input.
type ask struct {
	Op   string `json:"op"` // open, create, read, write, close
	File int    `json:"file"`
	Path string `json:"path,omitempty"`
	N    int    `json:"n,omitempty"`
}

// reply answers an ask. Err is "" or one of the words of fault.
type reply struct {
	Err  string `json:"err,omitempty"`
	Text string `json:"text,omitempty"`
}

// wire is a connection that several goroutines may write to.
type wire struct {
	net.Conn
	mu sync.Mutex
}

func (w *wire) send(what byte, payload []byte) error {
	if len(payload) > maxFrame {
		return fmt.Errorf("local: a frame of %d bytes", len(payload))
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	frame := make([]byte, 5, 5+len(payload))
	frame[0] = what
	binary.BigEndian.PutUint32(frame[1:], uint32(len(payload)))
	_, err := w.Write(append(frame, payload...))
	return err
}

func (w *wire) sendJSON(what byte, v any, data []byte) error {
	head, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if data != nil {
		head = append(append(head, '\n'), data...)
	}
	return w.send(what, head)
}

func (w *wire) receive() (what byte, payload []byte, err error) {
	var head [5]byte
	if _, err := io.ReadFull(w, head[:]); err != nil {
		return 0, nil, err
	}
	n := binary.BigEndian.Uint32(head[1:])
	if n > maxFrame {
		return 0, nil, fmt.Errorf("local: a frame of %d bytes is announced; at most %d may be", n, maxFrame)
	}
	payload = make([]byte, n)
	_, err = io.ReadFull(w, payload)
	return head[0], payload, err
}

// stream is one direction of output as a writer.
type stream struct {
	w    *wire
	what byte
}

// Write sends the bytes as frames of this stream.
func (s stream) Write(p []byte) (n int, err error) {
	for n < len(p) {
		part := p[n:min(len(p), n+chunk)]
		if err := s.w.send(s.what, part); err != nil {
			return n, err
		}
		n += len(part)
	}
	return n, nil
}
