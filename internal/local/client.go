package local

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"time"

	"sarhad/record"
)

// ErrNobody says that no node answers at a data directory.
var ErrNobody = errors.New("no node answers there")

var errNotUnderstood = errors.New("the node sent what is not understood: this program and the node are too far apart")

// patience is how long the client waits for the node after Ctrl+C, and for its first word.
const patience = 30 * time.Second

// Streams are those of the client.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// Ask tells who serves a data directory; ErrNobody when no one does.
func Ask(ctx context.Context, dir string) (Info, error) {
	w, info, err := dial(ctx, dir, Request{})
	if err != nil {
		return Info{}, err
	}
	return info, w.Close()
}

// Run runs a command inside the node of a data directory and gives its exit code. It ends early when ctx ends: then the
// node is told and its last word is waited for. Errors: ErrNobody when no node answers, a record.Error when it refuses or
// is gone before the command ended. seen, when not nil, is told who answered.
func Run(ctx context.Context, dir string, req Request, to Streams, seen func(Info)) (code int, err error) {
	w, info, err := dial(ctx, dir, req)
	if err != nil {
		return 0, err
	}
	defer w.Close()
	if seen != nil {
		seen(info)
	}
	defer context.AfterFunc(ctx, func() {
		_ = w.send(frameCancel, nil) // gone is ended too
		_ = w.SetReadDeadline(time.Now().Add(patience))
	})()
	asks := make(chan []byte, 1)
	defer close(asks)
	go desk(w, newDrawer(to.In, req.Dir, req.Args), asks)
	code, err = follow(w, to, asks)
	if err != nil && ctx.Err() != nil {
		return code, ctx.Err()
	}
	return code, err
}

// desk does what the node asks beside the output, so that this and Ctrl+C go on while standard input waits. Nobody waits for
// it: one that reads a keyboard ends with the process.
func desk(w *wire, d *drawer, asks <-chan []byte) {
	defer d.close()
	for payload := range asks {
		if d.serve(w, payload) != nil {
			w.Close()
		}
	}
}

// follow reads what the node says until the command ended.
func follow(w *wire, to Streams, asks chan<- []byte) (code int, err error) {
	for {
		what, payload, err := w.receive()
		if err != nil {
			return 0, &record.Error{Kind: record.Unavailable, Err: err,
				Message: "the node ended while the command ran; whatever was finished is stored, nothing is half done. Try again when it runs"}
		}
		switch what {
		case frameOut:
			_, err = to.Out.Write(payload)
		case frameErr:
			_, err = to.Err.Write(payload)
		case frameAsk:
			select {
			case asks <- payload:
			default:
				err = errNotUnderstood // the node asks one thing at a time
			}
		case frameExit:
			var x exit
			err := json.Unmarshal(payload, &x)
			return x.Code, err
		default: // of a newer node: nothing we could do
		}
		if err != nil {
			return 0, err
		}
	}
}

// dial reaches the node and is told who it is.
func dial(ctx context.Context, dir string, req Request) (*wire, Info, error) {
	token, err := tokenOf(dir)
	if err != nil {
		return nil, Info{}, errors.Join(ErrNobody, err)
	}
	conn, err := (&net.Dialer{Timeout: patience}).DialContext(ctx, "unix", socketOf(dir))
	if err != nil {
		return nil, Info{}, errors.Join(ErrNobody, err)
	}
	w := &wire{Conn: conn}
	req.Token = token
	info, err := greet(w, req)
	if err != nil {
		w.Close()
		return nil, Info{}, err
	}
	return w, info, nil
}

func greet(w *wire, req Request) (info Info, err error) {
	if err := w.SetDeadline(time.Now().Add(patience)); err != nil {
		return info, err
	}
	if err := w.sendJSON(frameHello, req, nil); err != nil {
		return info, errors.Join(ErrNobody, err)
	}
	what, payload, err := w.receive()
	if err != nil {
		return info, errors.Join(ErrNobody, err)
	}
	switch what {
	case frameInfo:
		if err := json.Unmarshal(payload, &info); err != nil {
			return info, err
		}
		return info, w.SetDeadline(time.Time{})
	case frameRefused:
		var no refusal
		if err := json.Unmarshal(payload, &no); err != nil {
			return info, err
		}
		return info, record.Errorf(record.ErrorKind(no.Kind), "%s", no.Message)
	}
	return info, errNotUnderstood
}
