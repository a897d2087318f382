// Package sarhad_test guards the house: who may import whom, that every package says what it is, which modules come in,
// that every field of a body has a class, and that the built workbench asks nobody outside.
package sarhad_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"sarhad/app"
	"sarhad/record"
)

// floors is the house from the ground up. A package may import packages of its own row's `may` prefixes; rooms never import
// each other.
var floors = []struct {
	path   string   // folder prefix
	may    []string // what of ours it may import
	reason string
}{
	{"record/", []string{"record"}, "the truth knows vocabulary and nothing else"},
	{"record", nil, "record is the ground: standard library only"},
	{"engine/", []string{"engine/"}, "a method knows nothing of records"},
	{"format/", []string{"format/", "record/vocab"}, "a standard that others own knows nothing of records"},
	{"collection/", []string{"record", "engine/", "format/"}, "rooms never import each other: a reaction reads the change sequence"},
	{"screening/", []string{"record", "engine/", "format/"}, "rooms never import each other: a reaction reads the change sequence"},
	{"analysis/", []string{"record", "engine/", "format/"}, "rooms never import each other"},
	{"exchange/", []string{"record", "engine/", "format/"}, "rooms never import each other"},
	{"internal/", []string{"record", "internal/"}, "plumbing knows the ground only"},
	{"store", []string{"record", "engine/", "internal/", "store"}, "the store knows no room"},
	{"web/", []string{"record", "engine/", "format/", "collection/", "screening/", "analysis/", "exchange/", "internal/", "web/"}, "a door opens rooms, not the store behind them"},
	{"synth", []string{"record", "format/", "synth"}, "the region is told from outside: it shares no table with the matcher"},
	{"app", []string{""}, "puts everything together"},
	{"cmd/", []string{""}, "the doorstep"},
}

// below lists what nobody below the given floors may import, with the reason.
var below = []struct{ pkg, except, reason string }{
	{"database/sql", "store", "rooms reach the database through record.Store"},
	{"net/http", "web/ internal/authn app cmd/", "only doors speak HTTP"},
	{"os/exec", "app cmd/ internal/ store", "only the doorstep starts programs"},
}

// modules is everything we depend on directly, with the reason.
var modules = map[string]string{
	"filippo.io/age":                      "attachments are encrypted at rest",
	"github.com/alecthomas/kong":          "command line",
	"github.com/BurntSushi/toml":          "settings file",
	"github.com/danielgtaylor/huma/v2":    "API and OpenAPI from Go types",
	"github.com/fxamacker/cbor/v2":        "a software authenticator for tests; WebAuthn speaks CBOR",
	"github.com/gabriel-vasile/mimetype":  "types of files are sniffed, never believed",
	"github.com/go-webauthn/webauthn":     "enrolment of passkeys",
	"github.com/google/go-cmp":            "differences in tests",
	"github.com/landlock-lsm/go-landlock": "shuts in the process that reads files from outside",
	"github.com/nats-io/nkeys":            "keys by which a node enters the hub",
	"github.com/pquerna/otp":              "one-time codes",
	"github.com/pressly/goose/v3":         "migrations of truth tables",
	"github.com/prometheus/client_golang": "figures for monitoring (/metrics)",
	"github.com/rogpeppe/go-internal":     "command stories (testscript)",
	"github.com/xuri/excelize/v2":         "writes spreadsheets",
	"golang.org/x/crypto":                 "argon2id",
	"golang.org/x/image":                  "small pictures of WebP, BMP and TIFF; scaling",
	"golang.org/x/mod":                    "Merkle log and signed notes",
	"golang.org/x/sys":                    "locks and limits of the operating system",
	"golang.org/x/text":                   "charsets, Unicode",
	"modernc.org/sqlite":                  "embedded database without cgo",
}

func goFiles(t *testing.T) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && path != ".") {
			return fs.SkipDir
		}
		if strings.HasSuffix(path, ".go") {
			dir := filepath.ToSlash(filepath.Dir(path))
			out[dir] = append(out[dir], path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func imports(t *testing.T, file string) []string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, i := range f.Imports {
		path, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, path)
	}
	return out
}

func under(path, prefix string) bool {
	return prefix == "" || path == prefix || strings.HasPrefix(path, strings.TrimSuffix(prefix, "/")+"/") || path == strings.TrimSuffix(prefix, "/")
}

func room(path string) string {
	parts := strings.Split(path, "/")
	if len(parts) < 2 {
		return path
	}
	return parts[0] + "/" + parts[1]
}

// TestFloors proves that imports only go down, and that rooms do not know each other.
func TestFloors(t *testing.T) {
	for dir, files := range goFiles(t) {
		for _, file := range files {
			test := strings.HasSuffix(file, "_test.go")
			for _, path := range imports(t, file) {
				ours, ok := strings.CutPrefix(path, "sarhad/")
				if ok && !test {
					checkFloor(t, dir, file, ours)
				}
				for _, b := range below {
					if path == b.pkg && !test && !slices.ContainsFunc(strings.Fields(b.except), func(p string) bool { return under(dir, p) }) {
						t.Errorf("%s imports %s: %s", file, path, b.reason)
					}
				}
			}
		}
	}
}

func checkFloor(t *testing.T, dir, file, target string) {
	t.Helper()
	for _, f := range floors {
		if !under(dir, f.path) || f.path == "record" && dir != "record" {
			continue
		}
		isRoom := slices.Contains([]string{"collection", "screening", "analysis", "exchange"}, strings.Split(dir, "/")[0])
		if isRoom && room(dir) == room(target) {
			return
		}
		if !slices.ContainsFunc(f.may, func(p string) bool { return under(target, p) }) {
			t.Errorf("%s imports sarhad/%s: %s", file, target, f.reason)
		}
		return
	}
	t.Errorf("%s stands on no floor: give its folder a place in the house", file)
}

// TestPackagesSayWhatTheyAre proves that every package has a comment of some substance.
func TestPackagesSayWhatTheyAre(t *testing.T) {
	for dir, files := range goFiles(t) {
		longest := 0
		onlyTests := true
		for _, file := range files {
			f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments|parser.PackageClauseOnly)
			if err != nil {
				t.Fatal(err)
			}
			onlyTests = onlyTests && strings.HasSuffix(file, "_test.go")
			if f.Doc != nil {
				longest = max(longest, len(f.Doc.Text()))
			}
		}
		if longest < 80 && !onlyTests {
			t.Errorf("%s: no package says what it is and what it promises (doc.go)", dir)
		}
	}
}

// TestFilesStayShort proves the shape of the tree: nobody can keep 800 lines in mind.
func TestFilesStayShort(t *testing.T) {
	for _, files := range goFiles(t) {
		for _, file := range files {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if n := bytes.Count(b, []byte("\n")); n > 800 {
				t.Errorf("%s has %d lines; 800 is the most", file, n)
			}
		}
	}
}

// TestModules proves that nothing comes in unasked.
func TestModules(t *testing.T) {
	f, err := os.Open("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	direct := regexp.MustCompile(`^\s*(?:require )?([a-z0-9.]+/[^ ]+) v[^ ]+$`)
	s := bufio.NewScanner(f)
	for s.Scan() {
		if m := direct.FindStringSubmatch(s.Text()); m != nil && modules[m[1]] == "" {
			t.Errorf("go.mod requires %s: give it a reason in house_test.go and docs/dependencies.md, or do without", m[1])
		}
	}
}

// TestEveryFieldHasAClass proves that masking, export and erasure know what to do with each field of each body.
func TestEveryFieldHasAClass(t *testing.T) {
	for _, b := range app.Types().Each() {
		if err := record.CheckClasses(b); err != nil {
			t.Error(err)
		}
	}
}

// TestWorkbenchAsksNobodyOutside proves that no built file names another host as something to fetch.
func TestWorkbenchAsksNobodyOutside(t *testing.T) {
	root := "web/ui/dist/app"
	if _, err := os.Stat(root); errors.Is(err, fs.ErrNotExist) {
		t.Skip("the workbench is not built here; make ui builds it")
	}
	allowed := []string{
		"http://www.w3.org/",                                   // names of XML vocabularies
		"https://svelte.dev/e/", "https://paraglidejs.com/err", // told to a developer in an error, never fetched
		"http://fallback.com", "http://example.com", // bases that a library parses relative addresses against
		"http://127.0.0.1", "http://localhost",
	}
	address := regexp.MustCompile(`https?://[a-zA-Z0-9][^\s"'` + "`" + `)<>\\]*`)
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, ".gz") || strings.HasSuffix(path, "licences.txt") || strings.HasSuffix(path, ".woff2") {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, found := range address.FindAllString(string(b), -1) {
			if !slices.ContainsFunc(allowed, func(a string) bool { return strings.HasPrefix(found, a) }) {
				t.Errorf("%s names %s", path, found)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestCrossBuild proves that the program builds for the machines of the posts, without cgo.
func TestCrossBuild(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the whole program")
	}
	for _, target := range []string{"windows/amd64"} {
		system, arch, _ := strings.Cut(target, "/")
		cmd := exec.Command("go", "build", "-o", filepath.Join(t.TempDir(), "sarhad.exe"), "./cmd/sarhad")
		cmd.Env = append(os.Environ(), "GOOS="+system, "GOARCH="+arch, "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", target, err, out)
		}
	}
}

// TestOpenAPIOnlyGrows proves that the document beside the API is the one its types make, and that nothing of it went
// away: yesterday's client talks to today's node. SARHAD_UPDATE=1 writes it anew after a deliberate change.
func TestOpenAPIOnlyGrows(t *testing.T) {
	const golden = "web/api/openapi.json"
	out, err := exec.Command("go", "run", "./cmd/sarhad", "openapi").Output()
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(golden)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	var before, after any
	if len(want) > 0 {
		decode(t, want, &before)
	}
	decode(t, out, &after)
	for _, gone := range missing(before, after, "") {
		t.Errorf("the API lost %s", gone)
	}
	if t.Failed() && os.Getenv("SARHAD_UPDATE") == "" {
		return
	}
	if !bytes.Equal(want, out) {
		if os.Getenv("SARHAD_UPDATE") != "" {
			if err := os.WriteFile(golden, out, 0o644); err != nil {
				t.Fatal(err)
			}
			return
		}
		t.Errorf("%s is not what the types make; run make openapi", golden)
	}
}

func decode(t *testing.T, b []byte, v any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(b))
	if err := d.Decode(v); err != nil && !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
}

// missing names the paths, operations and properties of before that after lacks.
func missing(before, after any, at string) []string {
	b, ok := before.(map[string]any)
	if !ok {
		return nil
	}
	a, ok := after.(map[string]any)
	if !ok {
		return []string{at}
	}
	var out []string
	for k, v := range b {
		if strings.HasPrefix(at, ".components.schemas") && (k == "description" || k == "required" || k == "example") || k == "description" || k == "summary" {
			continue
		}
		w, ok := a[k]
		if !ok {
			out = append(out, at+"."+k)
			continue
		}
		out = append(out, missing(v, w, at+"."+k)...)
	}
	slices.Sort(out)
	return out
}
