package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const testLock = `{"lockfileVersion":3,"packages":{"":{"name":"ui"},
"node_modules/svelte":{"version":"5.0.0","integrity":"sha512-AAEC","dev":true,"license":"MIT","dependencies":{"esm-env":"^1"}},
"node_modules/esm-env":{"version":"1.0.0","dev":true,"license":"MIT"},
"node_modules/@scope/tool":{"version":"2.0.0","dev":true,"license":"(MIT OR CC0-1.0)"},
"node_modules/@scope/tool/node_modules/esm-env":{"version":"0.9.0","dev":true}}}`

const testTable = "| module | version | reason | licence | weight |\n|---|---|---|---|---|\n" +
	"| `golang.org/x/sys` | v0 | locks | BSD-3-Clause; with a remark | 1 MB |\n" +
	"| `svelte` | 5 | ui | MIT (its LICENSE file) | 4 MB | shipped |\n| `@scope/tool` | 2 | lint | MIT | 1 MB |  |\n"

// TestBill proves that the bill names the modules of a program and the packages of the lock file with versions, hashes and
// licences, that it tells what is shipped from what only builds, and that the same inputs give the same bytes.
func TestBill(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	make := func() []byte {
		dir := t.TempDir() // another place each time
		lock, table, program := filepath.Join(dir, "lock"), filepath.Join(dir, "table"), filepath.Join(dir, "sarhad")
		text, err := os.ReadFile(self)
		if err != nil {
			t.Fatal(err)
		}
		for name, b := range map[string][]byte{lock: []byte(testLock), table: []byte(testTable), program: text} {
			if err := os.WriteFile(name, b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		var out bytes.Buffer
		if err := run(&out, "v1", lock, table, []string{program}); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	first := make()
	for range 3 {
		if !bytes.Equal(first, make()) {
			t.Fatal("the same inputs give other bytes")
		}
	}
	var b bill
	if err := json.Unmarshal(first, &b); err != nil {
		t.Fatal(err)
	}
	if b.Format != "CycloneDX" || !strings.HasPrefix(b.Serial, "urn:uuid:") || len(b.Serial) != 45 || b.Metadata.Component.Version != "v1" || len(b.Metadata.Component.Components) != 1 {
		t.Errorf("%+v", b)
	}
	got := map[string]component{}
	for _, c := range b.Components {
		got[c.Ref] = c
	}
	if c := got["pkg:npm/svelte@5.0.0"]; c.Scope != "required" || len(c.Hashes) != 1 || c.Hashes[0].Content != "000102" || c.Licenses[0].License.ID != "MIT" {
		t.Errorf("%+v", c)
	}
	if got["pkg:npm/esm-env@1.0.0"].Scope != "required" {
		t.Error("what a shipped package brings along is not shipped")
	}
	if c := got["pkg:npm/@scope/tool@2.0.0"]; c.Scope != "excluded" || c.Purl != "pkg:npm/%40scope/tool@2.0.0" || c.Licenses[0].Expression != "(MIT OR CC0-1.0)" {
		t.Errorf("%+v", c)
	}
	if !slices.ContainsFunc(b.Components, func(c component) bool { return c.Name == "stdlib" && c.Version != "" }) {
		t.Error("the standard library is missing")
	}
	if len(b.Dependencies) != 1 || slices.Contains(b.Dependencies[0].DependsOn, "pkg:npm/@scope/tool@2.0.0") {
		t.Errorf("%+v", b.Dependencies)
	}
}

// TestTable proves that the table people keep is the one that is read.
func TestTable(t *testing.T) {
	known, err := readTable("../../docs/dependencies.md")
	if err != nil {
		t.Fatal(err)
	}
	if known["modernc.org/sqlite"].licence != "BSD-3-Clause" || !known["svelte"].shipped || known["vite"].shipped || known["github.com/alecthomas/kong"].licence != "MIT" {
		t.Errorf("%+v", known)
	}
}
