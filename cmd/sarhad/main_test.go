package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"sarhad/internal/quarantine"
	"sarhad/web/intake"
)

func TestMain(m *testing.M) {
	quarantine.Main(os.Args, intake.Kinds())
	testscript.Main(m, map[string]func(){
		"sarhad": func() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) },
	})
}

// TestStories runs what testdata/*.txtar tell of each command.
func TestStories(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata", UpdateScripts: os.Getenv("SARHAD_UPDATE") != ""})
}
