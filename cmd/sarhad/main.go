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
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"sarhad/app"
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
	Node    nodeCmd    `cmd:"" help:"The node itself: certificates."`
	Parse   parseCmd   `cmd:"" help:"Read messages and print one JSON object for each."`
	List    listCmd    `cmd:"" help:"Watchlists."`
	Screen  screenCmd  `cmd:"" help:"Hold names or passenger messages against lists, without a node."`
	Match   matchCmd   `cmd:"" help:"Compare two names, or pairs of names, and explain."`
	Import  importCmd  `cmd:"" help:"Take passenger messages, or exported records, in."`
	Export  exportCmd  `cmd:"" help:"Write records as lines, for another node or another machine."`
	Hand    handCmd    `cmd:"" name:"hand-over" help:"Give a record to another node, which revises it from now on."`
	Reindex reindexCmd `cmd:"" help:"Build the indexes anew from the records."`
	Audit   auditCmd   `cmd:"" help:"The log of acts."`
	Access  accessCmd  `cmd:"" help:"Who may do what."`
	User    userCmd    `cmd:"" help:"Users of a node."`
	Synth   synthCmd   `cmd:"" help:"Write the synthetic region into files."`
	Bench   benchCmd   `cmd:"" help:"Measure; prints one JSON object."`
	API     apiCmd     `cmd:"" name:"openapi" help:"Print the OpenAPI document of the API." hidden:""`

	Version kong.VersionFlag `help:"Print the version."`
	Quiet   bool             `short:"q" help:"No progress on stderr."`
}

// env is what commands share.
type env struct {
	ctx    context.Context
	out    io.Writer
	errs   io.Writer
	log    *slog.Logger
	quiet  bool
	now    func() time.Time
	failed bool // some input had problems
}

// say writes progress for a person.
func (e *env) say(format string, args ...any) {
	if !e.quiet {
		fmt.Fprintf(e.errs, format+"\n", args...)
	}
}

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run is main without the process: tests call it.
func run(args []string, out, errs io.Writer) (code int) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var c command
	exit := -1
	parser, err := kong.New(&c,
		kong.Name("sarhad"),
		kong.Description("Collect, screen, analyse, exchange: the regional information network of border, customs, police and postal agencies."),
		kong.Vars{"version": app.Version},
		kong.Writers(out, errs),
		kong.Exit(func(n int) { exit = n }),
		kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	if err != nil {
		fmt.Fprintln(errs, "sarhad:", err)
		return exitSystem
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	k, err := parser.Parse(args)
	if exit >= 0 { // help or version was printed
		return exit
	}
	if err != nil {
		fmt.Fprintf(errs, "sarhad: %v\nTry 'sarhad --help'.\n", err)
		return exitUsage
	}
	e := &env{ctx: ctx, out: out, errs: errs, quiet: c.Quiet, now: time.Now,
		log: slog.New(slog.NewTextHandler(errs, &slog.HandlerOptions{Level: slog.LevelInfo}))}
	if err := k.Run(e); err != nil {
		return e.fail(err)
	}
	if e.failed {
		return exitProblems
	}
	return exitFine
}

// fail says an error to the person and picks the exit code.
func (e *env) fail(err error) int {
	var person *record.Error
	if errors.As(err, &person) {
		fmt.Fprintln(e.errs, "sarhad:", person.Message)
		switch person.Kind {
		case record.Invalid, record.NotFound, record.Conflict, record.Forbidden:
			return exitProblems
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
