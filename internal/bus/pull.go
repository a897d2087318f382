package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
)

// puller fetches from one durable consumer over one connection. It asks for a number of messages once and takes them as they
// come; what came while nobody waited stays for the next call. Not for use by two at once.
type puller struct {
	nc      *nats.Conn
	subject string // where to ask
	reply   string
	in      chan *nats.Msg
	wanted  int // asked for and not come yet
	silence time.Duration
}

// Timing of a pull: a request stands for a minute, the hub gives a sign of life in between, and after three missing ones, with room
// for a large message on a thin line, it is asked anew. Asking twice is harmless.
const (
	pullExpires   = time.Minute
	pullHeartbeat = 20 * time.Second
	pullRoom      = 256 // messages and signs of life in hand; more than any request asks for
	maxPull       = 128
)

func newPuller(nc *nats.Conn, stream string) (*puller, error) {
	p := &puller{nc: nc, subject: nextSubject(stream), reply: nc.NewInbox(), in: make(chan *nats.Msg, pullRoom), silence: 3 * pullHeartbeat}
	_, err := nc.ChanSubscribe(p.reply, p.in)
	return p, err
}

// next waits for at least one message and gives up to n. closed ends the wait: the connection is gone.
func (p *puller) next(ctx context.Context, closed <-chan struct{}, n int) ([]*nats.Msg, error) {
	n = max(1, min(n, maxPull))
	var out []*nats.Msg
	for {
		select {
		case m := <-p.in:
			if p.isMessage(m) {
				out = append(out, m)
			}
			if len(out) == n {
				return out, nil
			}
			continue
		default:
		}
		if len(out) > 0 {
			return out, nil
		}
		if p.wanted == 0 {
			if err := p.ask(n); err != nil {
				return nil, err
			}
		}
		timer := time.NewTimer(p.silence)
		select {
		case m := <-p.in:
			if p.isMessage(m) {
				out = append(out, m)
			} else if p.wanted == 0 {
				err := wait(ctx, closed, pauseAfter(m))
				if err != nil {
					return nil, err
				}
			}
		case <-timer.C:
			p.wanted = 0
		case <-closed:
			timer.Stop()
			return nil, errClosed
		case <-ctx.Done():
			timer.Stop()
			return nil, ctx.Err()
		}
		timer.Stop()
	}
}

var errClosed = errors.New("the connection is gone")

func (p *puller) ask(n int) error {
	b, err := json.Marshal(map[string]any{"batch": n, "expires": pullExpires.Nanoseconds(), "idle_heartbeat": pullHeartbeat.Nanoseconds()})
	if err != nil {
		return err
	}
	if err := p.nc.PublishRequest(p.subject, p.reply, b); err != nil {
		return fmt.Errorf("ask for messages: %w", err)
	}
	p.wanted = n
	return nil
}

// isMessage tells a message from a word of the server about the request (ADR-9 and ADR-37 of NATS).
func (p *puller) isMessage(m *nats.Msg) bool {
	status := m.Header.Get("Status")
	if status == "" || len(m.Data) > 0 {
		p.wanted = max(0, p.wanted-1)
		return true
	}
	if status != "100" {
		p.wanted = 0
	}
	return false
}

// pauseAfter is how long to wait before asking again: not at all when the time of a request was over.
func pauseAfter(m *nats.Msg) time.Duration {
	if m.Header.Get("Status") == "408" || m.Header.Get("Status") == "404" {
		return 0
	}
	return 250 * time.Millisecond // a leader is being chosen, or the consumer is not there yet
}

// wait waits for d.
func wait(ctx context.Context, closed <-chan struct{}, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-closed:
		return errClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}
