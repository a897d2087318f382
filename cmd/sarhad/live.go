package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"reflect"
	"strings"
	"time"
	"unicode"

	"github.com/alecthomas/kong"

	"sarhad/app"
	"sarhad/internal/config"
	"sarhad/internal/local"
	"sarhad/record"
	"sarhad/store/sqlite"
)

const (
	// handOver is how long a command waits for a directory whose owner takes no commands: a node that is starting, or
	// another command that is about to end.
	handOver = 3 * time.Second
	// maxPurpose is what a purpose may have of characters, as on the screens.
	maxPurpose = 200
)

// errElsewhere says that the command ran inside the node; its exit code is in env.code.
var errElsewhere = errors.New("the command ran inside the node")

// withNode runs fn for a command that touches named data. When nobody owns the data directory it is opened for this command
// alone; when a node runs on it, the whole command runs again inside that node, on its open store, and this process only
// carries files, output and exit code. e.ctx names who acts and why in both; inside a node the purpose must have been said.
//
// A new command needs nothing else: call it first, take files from e.files, standard input from e.in, paths for the node
// from a field with `type:"path"`, and write to e.out.
func withNode(e *env, dir string, fn func(*app.App) error) error {
	if e.inside != nil {
		if err := e.purposed(); err != nil {
			return err
		}
	}
	return withHouse(e, dir, fn)
}

// withHouse is withNode for a command that shows nobody named data, such as reindex, or a backup, which is closed to all but
// the recovery key.
func withHouse(e *env, dir string, fn func(*app.App) error) error {
	if e.inside != nil {
		return fn(e.inside)
	}
	a, err := e.open(dir)
	if err != nil {
		return err
	}
	return errorsJoin(fn(a), a.Stop())
}

// open opens a node that is not running. When one is, the command runs there and the error is errElsewhere.
func (e *env) open(dir string) (*app.App, error) {
	for until := time.Now().Add(handOver); ; {
		a, err := app.New(e.ctx, dir, app.Options{Log: e.log, Now: e.now})
		if !errors.Is(err, sqlite.ErrOwned) {
			return a, err
		}
		ran, there := e.runThere(dir)
		if !errors.Is(there, local.ErrNobody) {
			if ran {
				return nil, errorsJoin(errElsewhere, there)
			}
			return nil, there
		}
		if time.Now().After(until) {
			return nil, err
		}
		select {
		case <-e.ctx.Done():
			return nil, e.ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// runThere runs this command inside the node that owns the directory.
func (e *env) runThere(dir string) (ran bool, err error) {
	c, err := config.Load(dir)
	if err != nil {
		return false, err
	}
	name, host := account()
	req := local.Request{Args: e.args, Dir: e.dir, Purpose: e.purpose, User: name, Host: host, Version: app.Version,
		Terminal: local.Terminal{In: isTerminal(os.Stdin), Out: isTerminal(e.out), Err: isTerminal(e.errs)}}
	e.code, err = local.Run(e.ctx, c.DataDir, req, local.Streams{In: e.in, Out: e.out, Err: e.errs}, func(who local.Info) {
		if who.Version != app.Version {
			e.say("The node runs version %s, this program is %s; the node's commands count.", who.Version, app.Version)
		}
	})
	return err == nil, err
}

// isTerminal reports whether a person sits at the other end.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	if !ok {
		return false
	}
	s, err := f.Stat()
	return err == nil && s.Mode()&os.ModeCharDevice != 0
}

// alone says who owns a data directory, for a command that must own it itself: nil when nobody does.
func (e *env) alone(dir string) error {
	if e.inside != nil {
		return record.Errorf(record.Invalid, "this command makes or runs a node, so it cannot run inside one")
	}
	data := dir
	if c, err := config.Load(dir); err == nil {
		data = c.DataDir
	}
	who, err := local.Ask(e.ctx, data)
	if errors.Is(err, local.ErrNobody) {
		return nil // whether somebody silent holds it, the lock will say
	}
	if err != nil {
		return err
	}
	return record.Errorf(record.Conflict, "%s belongs to process %d: 'sarhad %s', version %s, started by %s at %s%s. End it first with Ctrl+C or by stopping the service; the other commands may be typed while it runs",
		dir, who.PID, who.Doing, who.Version, who.User, who.Since.UTC().Format("2006-01-02 15:04 UTC"), at(who.URL))
}

func at(url string) string {
	if url == "" {
		return ""
	}
	return ", serving " + url
}

// letIn lets commands run inside the node while it serves. A file system without sockets costs the commands, not the node.
func (e *env) letIn(a *app.App, doing string) (end func()) {
	name, _ := account()
	s, err := local.Listen(local.Config{
		Dir: a.Config.DataDir, Temp: os.TempDir(), Log: e.log,
		Info: local.Info{PID: os.Getpid(), Version: app.Version, Doing: doing, Since: e.now().UTC(), URL: a.URL(), User: name},
		Run:  func(ctx context.Context, c *local.Call) int { return e.runHere(ctx, a, c) },
	})
	if err != nil {
		e.log.Error("local: commands cannot be typed while this runs", "err", err)
		return func() {}
	}
	return func() {
		if err := s.Close(); err != nil {
			e.log.Warn("local: not closed in order", "err", err)
		}
	}
}

// runHere runs a command of a client inside this node.
func (e *env) runHere(ctx context.Context, a *app.App, c *local.Call) int {
	in := &env{ctx: ctx, in: c.In, out: c.Out, errs: c.Err, files: c.Files, log: e.log, now: e.now, args: c.Args, dir: c.Dir,
		purpose: c.Purpose, inside: a, account: c.Account, host: c.Host, tty: c.Terminal}
	began := e.now()
	code := in.command()
	e.log.Info("local: command", "command", in.path, "proven", c.Proven, "exit", code, "took", e.now().Sub(began).Round(time.Millisecond))
	return code
}

// account is whose session of the machine this is.
func account() (name, host string) {
	for _, key := range []string{"USER", "USERNAME"} {
		if name == "" {
			name = filepath.Base(os.Getenv(key))
		}
	}
	if u, err := user.Current(); err == nil { // what the system says counts more than the environment
		name = u.Username[strings.LastIndex(u.Username, `\`)+1:]
	}
	if name == "" || name == "." {
		name = "unknown"
	}
	host, err := os.Hostname()
	if err != nil {
		host = "this machine"
	}
	return name, host
}

// operator is who acts on the command line: whoever holds the directory. It may do what a part of the program may; the log
// says which account of the machine it was, and why.
func (e *env) operator() record.Actor {
	a := record.Machine("command-line", "")
	a.User, a.Display = "cli:"+e.account, e.account+" at "+e.host
	a.Purpose.Text = "work at the machine of the node"
	if e.purpose != "" {
		a.Purpose = record.Purpose{Kind: "free", Text: e.purpose}
	}
	return a
}

// checkPurpose keeps a purpose one line of text.
func checkPurpose(text string) (string, error) {
	text = strings.TrimSpace(text)
	if len([]rune(text)) > maxPurpose || strings.ContainsFunc(text, unicode.IsControl) {
		return "", record.Errorf(record.Invalid, "--purpose is one line of at most %d characters", maxPurpose)
	}
	return text, nil
}

// seen writes down that the operator saw records of a topic, before anything of them is printed.
func (e *env) seen(a *app.App, action, topic string, count int, ids string) error {
	return a.Store.Update(e.ctx, func(tx record.Tx) error {
		return tx.Audit(record.Act{Action: action, Topic: topic, Count: count, IDs: ids})
	})
}

// mappers resolve the paths of a command inside a node against the working directory of whoever typed it. Whether they exist
// the client has checked; the node looks at none.
func (e *env) mappers() []kong.Option {
	abs := func(path string) string {
		if path == "-" || path == "" || filepath.IsAbs(path) {
			return path
		}
		return filepath.Join(e.dir, path)
	}
	m := kong.MapperFunc(func(ctx *kong.DecodeContext, target reflect.Value) error {
		if target.Kind() == reflect.Slice {
			for {
				var text string
				if err := ctx.Scan.PopValueInto("file", &text); err != nil {
					return err
				}
				target.Set(reflect.Append(target, reflect.ValueOf(abs(text))))
				if ctx.Value.Flag != nil || !ctx.Scan.Peek().IsValue() {
					return nil
				}
			}
		}
		if target.Kind() != reflect.String {
			return fmt.Errorf("a path must go into a string, not %s", target.Type())
		}
		var text string
		if err := ctx.Scan.PopValueInto("file", &text); err != nil {
			return err
		}
		target.SetString(abs(text))
		return nil
	})
	var out []kong.Option
	for _, name := range []string{"path", "existingfile", "existingdir"} {
		out = append(out, kong.NamedMapper(name, m))
	}
	return out
}
