package quarantine

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"time"

	"sarhad/record"
)

// Limits bound one reading. Zero means the default.
type Limits struct {
	Memory int64         `json:"memory"` // bytes
	CPU    time.Duration `json:"cpu"`    // processor time, in whole seconds
	Wait   time.Duration `json:"-"`      // how long the parent waits for lines, all waits of one reading together
	Line   int           `json:"line"`   // bytes of one line
	Output int64         `json:"-"`      // bytes of all lines
}

// Defaults of Limits.
const (
	// DefaultMemory holds an upload as large as the door lets in (256 MB) and what a list becomes when it is parsed; the
	// largest list published today, 30 MB, needs some 200 MB.
	DefaultMemory = 768 << 20
	// DefaultCPU: 256 MB of messages take some 15 s on a slow machine of a post.
	DefaultCPU = 120 * time.Second
	// DefaultWait is longer than DefaultCPU, because a busy machine gives the child half a processor.
	DefaultWait = 240 * time.Second
	// DefaultLine is a list of some 20,000 persons in one message: three of the largest ships.
	DefaultLine = 32 << 20
	// DefaultOutput is what the largest upload becomes as JSON, tenfold.
	DefaultOutput = 4 << 30
)

func (l Limits) orDefaults() Limits {
	def(&l.Memory, DefaultMemory)
	def(&l.CPU, DefaultCPU)
	def(&l.Wait, DefaultWait)
	def(&l.Line, DefaultLine)
	def(&l.Output, DefaultOutput)
	return l
}

func def[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}

// Cell is where files are read, one child for each reading. The zero value is ready; it may be used at the same time by many.
type Cell struct {
	Limits
	Ward *Ward // shared by all cells of a process that serves; nil = no bound on how many read at once
}

// marks tell a child by its arguments.
const (
	markCommand = "parse"
	markFlag    = "--quarantined"
)

// child says whether arguments are those of a child.
func child(args []string) bool {
	return len(args) >= 5 && args[1] == markCommand && args[2] == markFlag
}

// hello is the first line of a child: it has shut itself in, and how well.
type hello struct {
	Quarantine int    `json:"quarantine"` // version of this protocol
	Level      Level  `json:"level"`
	Refused    string `json:"refused,omitempty"` // why it did not begin
}

const protocol = 1

// Run has a file read by the parser of a kind, and hands each line to sink; the line is valid until sink returns. name is
// what the sentence of an error calls the file. Input must not block for long: it is a file or memory. An error of sink
// ends the reading and is returned as it is; so is the context's.
func (c Cell) Run(ctx context.Context, kind, name string, input io.Reader, sink func(line []byte) error) error {
	_, err := c.run(ctx, kind, name, input, sink)
	return err
}

// Probe starts a child that reads nothing and says how well this machine shuts it in.
func (c Cell) Probe(ctx context.Context) (Level, error) {
	return c.run(ctx, kindProbe, "a test of the quarantine", bytes.NewReader(nil), func([]byte) error { return nil })
}

func (c Cell) run(ctx context.Context, kind, name string, input io.Reader, sink func([]byte) error) (Level, error) {
	if child(os.Args) { // a test without the hook would start itself for ever
		return Level{}, &record.Error{Kind: record.Internal, Message: "a file in quarantine cannot start another quarantine",
			Err: errors.New("quarantine: Main was not called before anything else")}
	}
	if err := ctx.Err(); err != nil {
		return Level{}, err
	}
	leave, err := c.Ward.enter(ctx)
	if err != nil {
		return Level{}, err
	}
	defer leave()
	r := &reading{limits: c.Limits.orDefaults(), name: name, sink: sink}
	if err := r.start(kind); err != nil {
		return Level{}, &record.Error{Kind: record.Unavailable, Err: fmt.Errorf("quarantine: %w", err),
			Message: fmt.Sprintf("%s was not taken in, because the program could not start a process that reads it; try again, and tell the administrator if it stays", name)}
	}
	defer context.AfterFunc(ctx, r.kill)()
	fed := make(chan error, 1)
	go func() { fed <- r.feed(input) }()
	r.read()
	waited := r.end()
	inputErr := <-fed
	switch {
	case r.sinkErr != nil:
		return r.level, r.sinkErr
	case ctx.Err() != nil:
		return r.level, ctx.Err()
	case inputErr != nil:
		return r.level, &record.Error{Kind: record.Unavailable, Message: fmt.Sprintf("%s could not be read from where it lies, so it was not taken in; try again", name), Err: inputErr}
	}
	return r.level, r.judge(waited)
}

// reading is one child at work.
type reading struct {
	limits Limits
	name   string
	sink   func([]byte) error

	cmd     *exec.Cmd
	in      *os.File // the child's standard input, our end
	out     *os.File // the child's standard output, our end
	errs    tail
	cage    cage
	level   Level
	begun   bool // the child said hello
	refused string
	reason  Reason // why we ended it; "" = we did not
	sinkErr error
}

func (r *reading) start(kind string) (err error) {
	limits, err := json.Marshal(r.limits)
	if err != nil {
		return err
	}
	self, err := program()
	if err != nil {
		return err
	}
	stdin, in, err := os.Pipe()
	if err != nil {
		return err
	}
	out, stdout, err := os.Pipe()
	if err != nil {
		return errors.Join(err, stdin.Close(), in.Close())
	}
	r.in, r.out = in, out
	r.cmd = &exec.Cmd{Path: self, Args: []string{"sarhad", markCommand, markFlag, kind, string(limits)}, Env: []string{}, Dir: rootDir(self),
		Stdin: stdin, Stdout: stdout, Stderr: &r.errs, WaitDelay: time.Second, SysProcAttr: attributes()}
	err = r.cmd.Start()
	err = errors.Join(err, stdin.Close(), stdout.Close())
	if err == nil {
		// The child reads nothing before the first byte comes, so it cannot run ahead of its cage.
		if r.cage, err = enclose(r.cmd.Process, r.limits); err != nil {
			r.kill()
			return errors.Join(err, r.in.Close(), r.end())
		}
		return nil
	}
	return errors.Join(err, in.Close(), out.Close())
}

// program is the file of this program. On Linux it is the very one that runs, even after an update has replaced it.
func program() (string, error) {
	if runtime.GOOS == "linux" {
		return "/proc/self/exe", nil
	}
	return os.Executable()
}

func (r *reading) kill() {
	_ = r.cmd.Process.Kill() // it may have ended by itself
}

// stop ends the child for a reason; the first one counts.
func (r *reading) stop(why Reason) {
	if r.reason == "" {
		r.reason = why
	}
	r.kill()
}

// feed gives the file to the child. A child that does not want the rest is not an error.
func (r *reading) feed(input io.Reader) error {
	src := &source{r: input}
	_, _ = io.Copy(r.in, src)
	_ = r.in.Close()
	if src.err != nil {
		r.kill()
	}
	return src.err
}

// source remembers the error of what it reads from.
type source struct {
	r   io.Reader
	err error
}

// Read implements io.Reader.
func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

// read takes the lines of the child until there are no more.
func (r *reading) read() {
	patience := &patient{r: r.out, left: r.limits.Wait, over: make(chan struct{}, 1), kill: r.kill}
	br := bufio.NewReaderSize(patience, 64<<10)
	total := int64(0)
	for {
		line, err := readLine(br, r.limits.Line)
		total += int64(len(line)) + 1
		switch {
		case errors.Is(err, errLine):
			r.stop(TooLong)
			return
		case total > r.limits.Output:
			r.stop(TooMuch)
			return
		case err != nil:
			if patience.expired() {
				r.stop(TooSlow)
			}
			return
		case !r.begun:
			if !r.greet(line) {
				r.stop(Stranger)
				return
			}
		default:
			if r.sinkErr = r.sink(line); r.sinkErr != nil {
				r.kill()
				return
			}
		}
	}
}

func (r *reading) greet(line []byte) bool {
	var h hello
	if json.Unmarshal(line, &h) != nil || h.Quarantine != protocol {
		return false
	}
	r.begun, r.level, r.refused = true, r.level.and(h.Level), h.Refused
	r.level.Job = r.cage.shut()
	return true
}

// lastBreath is how long a child may live that has nothing more to say.
const lastBreath = 2 * time.Second

// end waits for the child and gives back what it held.
func (r *reading) end() error {
	late := make(chan struct{}, 1)
	t := time.AfterFunc(lastBreath, func() { late <- struct{}{}; r.kill() })
	err := errors.Join(r.out.Close(), r.cmd.Wait())
	t.Stop()
	if len(late) > 0 {
		r.stop(TooSlow)
	}
	r.cage.open()
	return err
}

var errLine = errors.New("quarantine: the line is too long")

// readLine reads a line without its end. A last line without end is none: whoever wrote it was broken off.
func readLine(br *bufio.Reader, most int) ([]byte, error) {
	var long []byte
	for {
		part, err := br.ReadSlice('\n')
		if len(long)+len(part) > most {
			return nil, errLine
		}
		switch {
		case err == nil && long == nil:
			return part[:len(part)-1], nil
		case err == nil:
			return append(long, part[:len(part)-1]...), nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, err
		}
		if long == nil {
			long = make([]byte, 0, 4*len(part))
		}
		long = append(long, part...)
	}
}

// patient reads, and kills when all its waits together were too long. The time of the sink is not waiting.
type patient struct {
	r    io.Reader
	left time.Duration
	over chan struct{}
	kill func()
}

// Read implements io.Reader.
func (p *patient) Read(b []byte) (int, error) {
	began := time.Now() // a span, not a moment: nothing of it is kept
	t := time.AfterFunc(max(p.left, 0), func() {
		select {
		case p.over <- struct{}{}:
		default:
		}
		p.kill()
	})
	n, err := p.r.Read(b)
	t.Stop()
	p.left -= time.Since(began)
	return n, err
}

func (p *patient) expired() bool { return len(p.over) > 0 }

// tail keeps the beginning of what a child says on standard error, enough to tell how it died.
type tail struct{ b []byte }

const maxTail = 8 << 10

// Write implements io.Writer.
func (t *tail) Write(p []byte) (int, error) {
	t.b = append(t.b, p[:min(len(p), maxTail-len(t.b))]...)
	return len(p), nil
}

func (t *tail) says(any ...string) bool {
	return slices.ContainsFunc(any, func(s string) bool { return bytes.Contains(t.b, []byte(s)) })
}
