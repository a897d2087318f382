// Sbom writes the bill of materials of a release as CycloneDX 1.6 JSON: the Go modules that are in the built programs (as the
// linker wrote them down, debug/buildinfo) and the npm packages that built the workbench (package-lock.json). The same inputs
// give the same bytes: nothing of the clock, the machine or the place goes in.
//
//	sbom --version V --lock web/ui/package-lock.json --table docs/dependencies.md PROGRAM...
//
// The table says which npm packages reach a browser ("shipped") and under which licence each Go module is; both are checked
// against it by people, see docs/dependencies.md.
package main

import (
	"bufio"
	"bytes"
	"debug/buildinfo"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

func main() {
	version := flag.String("version", "", "version of the release")
	lock := flag.String("lock", "web/ui/package-lock.json", "lock file of the workbench")
	table := flag.String("table", "docs/dependencies.md", "table of what we depend on directly")
	flag.Parse()
	if err := run(os.Stdout, *version, *lock, *table, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "sbom:", err)
		os.Exit(1)
	}
}

func run(to io.Writer, version, lock, table string, programs []string) error {
	if version == "" || len(programs) == 0 {
		return fmt.Errorf("give --version and the built programs")
	}
	known, err := readTable(table)
	if err != nil {
		return err
	}
	b := newBill(version)
	for _, p := range programs {
		info, err := buildinfo.ReadFile(p)
		if err != nil {
			return err
		}
		if err := b.program(filepath.Base(p), p); err != nil {
			return err
		}
		b.goModules(info, known)
	}
	text, err := os.ReadFile(lock)
	if err != nil {
		return err
	}
	if err := b.npm(text, known); err != nil {
		return err
	}
	w := bufio.NewWriter(to)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(b.finish()); err != nil {
		return err
	}
	return w.Flush()
}

// table is what docs/dependencies.md says of a module or package.
type table map[string]struct {
	licence string
	shipped bool
}

// row is a line of one of its tables: `name` | version | reason | licence | weight | shipped.
var row = regexp.MustCompile("^\\| `([^`]+)` \\|[^|]*\\|[^|]*\\| ([^|]*) \\|[^|]*\\|(?: ?(shipped) \\|)?")

func readTable(path string) (table, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	out := table{}
	for _, line := range bytes.Split(b, []byte("\n")) {
		if m := row.FindStringSubmatch(string(line)); m != nil {
			e := out[m[1]]
			e.licence, e.shipped = licence(m[2]), m[3] != ""
			out[m[1]] = e
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s has no table of modules", path)
	}
	return out, nil
}

// licence cuts a remark off: "MIT (its LICENSE file)", "BSD-3-Clause; SQLite itself is public domain".
func licence(cell string) string {
	cell, _, _ = strings.Cut(cell, ";")
	cell, _, _ = strings.Cut(cell, " (")
	return strings.TrimSpace(cell)
}
