package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"sarhad/app"
	"sarhad/internal/local"
	"sarhad/internal/quarantine"
)

func TestMain(m *testing.M) {
	quarantine.Main(os.Args, app.Kinds())
	testscript.Main(m, map[string]func(){
		"sarhad": func() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) },
	})
}

// TestStories runs what testdata/*.txtar tell of each command.
func TestStories(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata", UpdateScripts: os.Getenv("SARHAD_UPDATE") != "",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"served": served, "waitfor": waitfor, "grab": grab, "introduce": introduce, "dispatch": dispatch}})
}

// served waits until a node answers at a directory: "served DIR". "! served DIR" waits until none does.
func served(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: served DIR")
	}
	dir := ts.MkAbs(args[0])
	for until := time.Now().Add(30 * time.Second); time.Now().Before(until); time.Sleep(10 * time.Millisecond) {
		if _, err := local.Ask(context.Background(), filepath.Clean(dir)); (err != nil) == neg {
			return
		}
	}
	ts.Fatalf("%s: no change in 30 s", dir)
}

// waitfor waits until a file is there: "waitfor FILE".
func waitfor(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: waitfor FILE")
	}
	file := ts.MkAbs(args[0])
	for until := time.Now().Add(2 * time.Minute); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(file); err == nil {
			return
		}
	}
	ts.Fatalf("%s is not there after two minutes", file)
}
