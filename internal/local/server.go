package local

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"

	"sarhad/record"
)

const (
	// helloWithin is how long somebody may take to say what they want.
	helloWithin = 10 * time.Second
	// unread is how long output may wait for a client after its command was ended.
	unread = 5 * time.Second
	// DefaultCalls bounds what runs at once: people at one machine, and their scripts.
	DefaultCalls = 16
	// exitBroke is the exit code of a command that failed by our fault.
	exitBroke = 3
)

// Config of a Server. Dir, Run and Log are required.
type Config struct {
	Dir   string // data directory; the caller holds its lock
	Temp  string // directory for the socket when the path of Dir is too long for one
	Info  Info
	Run   func(ctx context.Context, c *Call) (exit int)
	Log   *slog.Logger
	Rand  io.Reader // nil = crypto/rand
	Calls int       // commands at once; 0 = DefaultCalls
}

// Call is a command that runs inside the node.
type Call struct {
	Request
	Account string // account of the machine that typed it: proven by the system where Proven, else said by the client
	Proven  bool
	In      io.Reader
	Out     io.Writer
	Err     io.Writer
	Files   Files
}

// Server answers the clients of a data directory.
type Server struct {
	cfg      Config
	listener net.Listener
	token    string
	clean    func()
	ctx      context.Context
	stop     context.CancelFunc
	room     chan struct{}
	calls    sync.WaitGroup
}

// Listen begins to answer. Close ends it.
func Listen(cfg Config) (*Server, error) {
	if cfg.Rand == nil {
		cfg.Rand = rand.Reader
	}
	if cfg.Calls <= 0 {
		cfg.Calls = DefaultCalls
	}
	s := &Server{cfg: cfg, room: make(chan struct{}, cfg.Calls)}
	var err error
	if s.token, err = makeToken(cfg.Dir, cfg.Rand); err != nil {
		return nil, err
	}
	if s.listener, s.clean, err = listen(cfg.Dir, cfg.Temp); err != nil {
		return nil, err
	}
	s.ctx, s.stop = context.WithCancel(context.Background())
	s.calls.Add(1)
	go s.accept()
	return s, nil
}

// Close takes no more commands, ends those that run and waits for them.
func (s *Server) Close() error {
	s.stop()
	err := s.listener.Close() // removes the socket
	s.calls.Wait()
	s.clean()
	return errors.Join(err, os.Remove(filepath.Join(s.cfg.Dir, tokenName)))
}

func (s *Server) accept() {
	defer s.calls.Done()
	for {
		conn, err := s.listener.Accept()
		if s.ctx.Err() != nil {
			if err == nil {
				conn.Close()
			}
			return
		}
		if err != nil { // too many open files, say: those who run must end first
			s.cfg.Log.Warn("local: nobody could be let in", "err", err)
			select {
			case <-s.ctx.Done():
				return
			case <-time.After(100 * time.Millisecond):
			}
			continue
		}
		s.calls.Add(1)
		go func() {
			defer s.calls.Done()
			s.handle(&wire{Conn: conn})
		}()
	}
}

func (s *Server) handle(w *wire) {
	defer w.Close()
	defer context.AfterFunc(s.ctx, func() { w.SetReadDeadline(time.Now()) })()
	if err := w.SetDeadline(time.Now().Add(helloWithin)); err != nil {
		return
	}
	c, err := s.hello(w)
	if err == nil && len(c.Args) > 0 {
		select {
		case s.room <- struct{}{}:
			defer func() { <-s.room }()
		default:
			err = record.Errorf(record.Unavailable, "%d commands run on this node already: wait until one ends", cap(s.room))
		}
	}
	if err != nil {
		s.cfg.Log.Warn("local: refused", "kind", record.KindOf(err))
		_ = w.sendJSON(frameRefused, refusal{string(record.KindOf(err)), record.MessageOf(err)}, nil) // the client may be gone
		return
	}
	if err := w.sendJSON(frameInfo, s.cfg.Info, nil); err != nil || len(c.Args) == 0 {
		return
	}
	if err := w.SetDeadline(time.Time{}); err != nil || s.ctx.Err() != nil {
		return
	}
	code := s.run(w, c)
	_ = w.SetWriteDeadline(time.Now().Add(unread))
	_ = w.sendJSON(frameExit, exit{code}, nil) // the client may be gone
}

// hello reads what somebody wants and checks who they are.
func (s *Server) hello(w *wire) (*Call, error) {
	what, payload, err := w.receive()
	if err != nil {
		return nil, err
	}
	c := &Call{}
	if what != frameHello || json.Unmarshal(payload, &c.Request) != nil {
		return nil, record.Errorf(record.Invalid, "this is no request of a sarhad command")
	}
	given := c.Token
	c.Token = ""
	c.Account = c.User
	if uid, name, known := peer(w.Conn); known {
		if uid != 0 && uid != os.Geteuid() {
			return nil, record.Errorf(record.Forbidden, "this node takes commands from the account that runs it and from root; you are %s", name)
		}
		c.Account, c.Proven = name, true
	}
	if subtle.ConstantTimeCompare([]byte(given), []byte(s.token)) != 1 {
		return nil, record.Errorf(record.Forbidden, "the token of %s does not fit: it is that of another start of the node; try again", s.cfg.Dir)
	}
	return c, nil
}

// run runs one command. While it runs, whatever the client sends is listened to.
func (s *Server) run(w *wire, c *Call) (code int) {
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	// Who does not read must not keep a command that was ended.
	defer context.AfterFunc(ctx, func() { w.SetWriteDeadline(time.Now().Add(unread)) })()
	files := &remote{w: w, ctx: ctx, replies: make(chan []byte)}
	c.Out, c.Err, c.Files, c.In = stream{w, frameOut}, stream{w, frameErr}, files, &remoteFile{r: files}
	var heard sync.WaitGroup
	heard.Add(1)
	go func() {
		defer heard.Done()
		defer cancel()
		for {
			what, payload, err := w.receive()
			if err != nil || what == frameCancel {
				return
			}
			if what == frameReply {
				select {
				case files.replies <- payload:
				case <-ctx.Done():
					return
				}
			}
		}
	}()
	defer func() {
		if broke := recover(); broke != nil { // a fault of one command must not take the node along
			s.cfg.Log.Error("local: a command broke", "err", fmt.Sprint(broke), "stack", string(debug.Stack()))
			fmt.Fprintln(c.Err, "sarhad: the command broke by a fault of the program; the node goes on, and its log says more.")
			code = exitBroke
		}
		cancel()
		_ = w.SetReadDeadline(time.Now())
		heard.Wait()
	}()
	return s.cfg.Run(ctx, c)
}
