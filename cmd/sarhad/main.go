// Sarhad is one program in three roles: outpost, node and hub. The command line is a contract: results on stdout, progress
// and logs on stderr, exit codes 0 fine, 1 the input had problems (all reported, the good part kept), 2 usage, 3 the system
// failed.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"sarhad/app"
	"sarhad/internal/local"
	"sarhad/internal/quarantine"
	"sarhad/record"
)

// Exit codes.
const (
	exitFine     = 0
	exitProblems = 1
	exitUsage    = 2
	exitSystem   = 3
)

// command is the whole command line.
type command struct {
	Demo    demoCmd    `cmd:"" help:"Start a living synthetic region, ready to click."`
	Init    initCmd    `cmd:"" help:"Make the data directory of a new node."`
	Serve   serveCmd   `cmd:"" help:"Run a node."`
	Doctor  doctorCmd  `cmd:"" help:"Look whether the machine keeps what the node relies on; says what to do."`
	Node    nodeCmd    `cmd:"" help:"The node itself: certificates, keys."`
	Parse   parseCmd   `cmd:"" help:"Read messages and print one JSON object for each."`
	List    listCmd    `cmd:"" help:"Watchlists."`
	Screen  screenCmd  `cmd:"" help:"Hold names or passenger messages against lists, without a node."`
	Match   matchCmd   `cmd:"" help:"Compare two names, or pairs of names, and explain."`
	Import  importCmd  `cmd:"" help:"Take passenger messages, or exported records, in."`
	Export  exportCmd  `cmd:"" help:"Write records as lines, for another node or another machine."`
	Hand    handCmd    `cmd:"" name:"hand-over" help:"Give a record to another node, which revises it from now on."`
	Reindex reindexCmd `cmd:"" help:"Build the indexes anew from the records."`
	Backup  backupCmd  `cmd:"" help:"Copies of the node, encrypted to its recovery key."`
	Restore restoreCmd `cmd:"" help:"Bring a node back from its backups, on any machine."`
	Audit   auditCmd   `cmd:"" help:"The log of acts."`
	Access  accessCmd  `cmd:"" help:"Who may do what."`
	User    userCmd    `cmd:"" help:"Users of a node."`
	Privacy privacyCmd `cmd:"" help:"What is kept how long: clocks, holds, erasing."`
	Relay   relayCmd   `cmd:"" help:"Messages to other nodes: how they stand, and carrying them by hand."`
	Who     whoCmd     `cmd:"" name:"directory" help:"Who is who in the network: countries, agencies, nodes, officers on duty."`
	Synth   synthCmd   `cmd:"" help:"Write the synthetic region into files."`
	Bench   benchCmd   `cmd:"" help:"Measure; prints one JSON object."`
	API     apiCmd     `cmd:"" name:"openapi" help:"Print the OpenAPI document of the API." hidden:""`

	Version kong.VersionFlag `help:"Print the version."`
	Quiet   bool             `short:"q" help:"No progress on stderr."`
	Log     logFlags         `embed:"" prefix:"log-"`
	Purpose string           `placeholder:"TEXT" help:"Why: a command inside a running node opens named data for a purpose only. It is written into the log."`
}

// env is what commands share.
type env struct {
	ctx    context.Context // names who acts and why
	in     io.Reader
	out    io.Writer
	errs   io.Writer
	files  local.Files // opens and makes files as whoever typed the command
	log    *slog.Logger
	quiet  bool
	now    func() time.Time
	failed bool // some input had problems

	args    []string       // as typed, without the program's name
	dir     string         // working directory of whoever typed them
	purpose string         // why; "" = not said
	account string         // of the machine
	host    string         // the machine's name
	tty     local.Terminal // what of the streams is a terminal
	inside  *app.App       // the running node this command runs in; nil in a process of its own
	path    string         // the command's name, as "list import"
	code    int            // exit code of the command that ran inside another process
}

// say writes progress for a person.
func (e *env) say(format string, args ...any) {
	if !e.quiet {
		fmt.Fprintf(e.errs, format+"\n", args...)
	}
}

func main() {
	quarantine.Main(os.Args, app.Kinds())
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run is main without the process: tests call it.
func run(args []string, out, errs io.Writer) (code int) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	dir, err := os.Getwd()
	if err != nil {
		fmt.Fprintln(errs, "sarhad:", err)
		return exitSystem
	}
	e := &env{ctx: ctx, in: os.Stdin, out: out, errs: errs, files: local.Disk{}, now: time.Now, args: args, dir: dir,
		tty: local.Terminal{In: isTerminal(os.Stdin), Out: isTerminal(out), Err: isTerminal(errs)}}
	e.account, e.host = account()
	return e.command()
}

// command parses what was typed and runs it, in this process or inside a node.
func (e *env) command() int {
	var c command
	exit := -1
	options := []kong.Option{
		kong.Name("sarhad"),
		kong.Description("Collect, screen, analyse, exchange: the regional information network of border, customs, police and postal agencies."),
		kong.Vars{"version": app.Version},
		kong.Writers(e.out, e.errs),
		kong.Exit(func(n int) { exit = n }),
		kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	}
	if e.inside != nil {
		options = append(options, e.mappers()...)
	}
	parser, err := kong.New(&c, options...)
	if err != nil {
		fmt.Fprintln(e.errs, "sarhad:", err)
		return exitSystem
	}
	args := e.args
	if len(args) == 0 {
		args = []string{"--help"}
	}
	k, err := parser.Parse(args)
	if exit >= 0 { // help or version was printed
		return exit
	}
	if err != nil {
		fmt.Fprintf(e.errs, "sarhad: %v\nTry 'sarhad --help'.\n", err)
		return exitUsage
	}
	e.quiet = c.Quiet
	e.path = nameOf(k)
	if e.path == "demo" && c.Log.Level == "" {
		c.Log.Level = "warn" // whoever looks at it wants to see what to try, not what the parts of a node do
	}
	if e.log == nil {
		e.log = c.Log.logger(e.errs)
	}
	if c.Purpose != "" {
		e.purpose = c.Purpose
	}
	if e.purpose, err = checkPurpose(e.purpose); err != nil {
		return e.fail(err)
	}
	if e.inside != nil && !slices.ContainsFunc(k.Flags(), func(f *kong.Flag) bool { return f.Name == "dir" }) {
		return e.fail(record.Errorf(record.Invalid, "sarhad %s needs no node, so it does not run inside one", e.path))
	}
	e.ctx = record.WithActor(e.ctx, e.operator())
	err = k.Run(e)
	if errors.Is(err, errElsewhere) {
		return e.code
	}
	if err != nil {
		return e.fail(err)
	}
	if e.failed {
		return exitProblems
	}
	return exitFine
}

// nameOf is the name of a command without its arguments, for the log.
func nameOf(k *kong.Context) string {
	var words []string
	for _, step := range k.Path {
		if step.Command != nil {
			words = append(words, step.Command.Name)
		}
	}
	return strings.Join(words, " ")
}

// fail says an error to the person and picks the exit code.
func (e *env) fail(err error) int {
	var person *record.Error
	if errors.As(err, &person) {
		fmt.Fprintln(e.errs, "sarhad:", person.Message)
		switch person.Kind {
		case record.Invalid, record.NotFound, record.Conflict, record.Forbidden:
			return exitProblems
		case record.NoPurpose:
			fmt.Fprintln(e.errs, "       ", purposeHint)
			return exitUsage
		}
		if person.Err != nil {
			fmt.Fprintln(e.errs, "       ", person.Err)
		}
		return exitSystem
	}
	if errors.Is(err, context.Canceled) {
		return exitSystem
	}
	fmt.Fprintln(e.errs, "sarhad:", err)
	return exitSystem
}
