package main

import (
	"regexp"

	"github.com/rogpeppe/go-internal/testscript"
)

// grab sets a variable to what a pattern finds in a stream of the last command: "grab stderr 'en: (.*)' HEARD". So a story can read
// words over the telephone.
func grab(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: grab FILE PATTERN VARIABLE")
	}
	m := regexp.MustCompile(args[1]).FindStringSubmatch(ts.ReadFile(args[0]))
	if len(m) != 2 {
		ts.Fatalf("%s has nothing like %s", args[0], args[1])
	}
	ts.Setenv(args[2], m[1])
}
