package quarantine

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"time"
)

// Parser reads a file and writes lines. What is wrong with the file it says in a line of its own; an error it returns
// means that nothing of the file counts.
type Parser func(in io.Reader, out *Out) error

// Kinds are the parsers of a program by name.
type Kinds map[string]Parser

// kindProbe reads nothing; see Cell.Probe.
const kindProbe = "probe"

// saysConfine begins what a child says when it could not shut itself in.
const saysConfine = "quarantine: cannot shut in"

// Main must be the first call of a program that comes to Cell.Run, and of TestMain of its tests: if the arguments are those
// of a child it reads the file and ends the process, else it returns.
func Main(args []string, kinds Kinds) {
	if child(args) {
		os.Exit(serve(args[3], args[4], kinds))
	}
}

// stackMost bounds a parser that calls itself without end.
const stackMost = 64 << 20

func serve(kind, limits string, kinds Kinds) int {
	var l Limits
	if err := json.Unmarshal([]byte(limits), &l); err != nil || l.Memory <= 0 || l.CPU < time.Second || l.Line <= 0 {
		fmt.Fprintln(os.Stderr, saysConfine+": the limits are no limits")
		return exitConfine
	}
	debug.SetMaxStack(stackMost)
	debug.SetMemoryLimit(l.Memory * 7 / 8)       // collect harder before the limit is reached
	runtime.GOMAXPROCS(min(2, runtime.NumCPU())) // the rest of the machine is not for strangers
	level, err := confine(l)
	if err != nil {
		fmt.Fprintln(os.Stderr, saysConfine+":", err)
		return exitConfine
	}
	out := &Out{w: bufio.NewWriterSize(os.Stdout, 64<<10), most: l.Line}
	parse, ok := kinds[kind]
	h := hello{Quarantine: protocol, Level: level}
	if !ok && kind != kindProbe {
		h.Refused = "no parser of this name"
	}
	if err := errors.Join(out.Line(h), out.w.Flush()); err != nil || !ok {
		return 0
	}
	err = parse(os.Stdin, out)
	if err = errors.Join(err, out.w.Flush()); err != nil {
		return exitParser
	}
	return 0
}

// Out takes the lines of a parser.
type Out struct {
	w    *bufio.Writer
	most int
}

// Line writes a value as one line of JSON. An error means that nobody listens any more.
func (o *Out) Line(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return o.Raw(b)
}

// Raw writes a line that is JSON already and has no end of line in it.
func (o *Out) Raw(line []byte) error {
	if _, err := o.w.Write(line); err != nil {
		return err
	}
	return o.w.WriteByte('\n')
}
