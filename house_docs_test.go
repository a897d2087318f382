package sarhad_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"sarhad/exchange/directory"
	"sarhad/exchange/directory/nodekeys"
	"sarhad/exchange/envelope"
	"sarhad/exchange/relay"
	"sarhad/exchange/sharing"
	"sarhad/internal/bus"
	"sarhad/record"
)

// documents are the papers that speak of files, tests and commands as they are today. Decisions are not among them: they
// say what was so when they were taken.
func documents(t *testing.T) (out []string) {
	t.Helper()
	for _, pattern := range []string{"README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "docs/network.md", "docs/glossary.md", "docs/guide/*/*.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %v %v", pattern, found, err)
		}
		out = append(out, found...)
	}
	return out
}

var (
	quoted = regexp.MustCompile("`([^`\n]+)`")
	links  = regexp.MustCompile(`\]\(([^)#]+)(?:#[^)]*)?\)`)
	aFile  = regexp.MustCompile(`^[a-z][a-zA-Z0-9_.-]*(/[a-zA-Z0-9_.-]+)+\.(go|md|ts|svelte|json|txtar|golden|sql)$`)
	aTest  = regexp.MustCompile(`^(Test|Fuzz|Benchmark)[A-Z]\w+$`)
	// invented are names in a text that tell how to make something new, or what a process calls itself.
	invented = []string{"web/api/item.go", "sarhad parse --quarantined ..."}
	theTest  = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark)\w+)\(`)
)

// TestDocuments proves that every file that a document names is there, every link leads somewhere, every test that is cited as a
// proof exists, and every command can be typed.
func TestDocuments(t *testing.T) {
	tests := map[string]bool{}
	for _, files := range goFiles(t) {
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				for _, m := range theTest.FindAllStringSubmatch(read(t, file), -1) {
					tests[m[1]] = true
				}
			}
		}
	}
	line := readCommands(t)
	for _, doc := range documents(t) {
		text := read(t, doc)
		for _, m := range links.FindAllStringSubmatch(text, -1) {
			if !strings.Contains(m[1], "://") && !there(filepath.Join(filepath.Dir(doc), m[1])) {
				t.Errorf("%s links to %s, which is not there", doc, m[1])
			}
		}
		for _, m := range quoted.FindAllStringSubmatch(text, -1) {
			switch word := m[1]; {
			case slices.Contains(invented, word):
			case aFile.MatchString(word) && !there(word) && there(strings.Split(word, "/")[0]):
				t.Errorf("%s names the file %s, which is not there", doc, word)
			case aTest.MatchString(word) && !tests[word]:
				t.Errorf("%s cites %s, and there is no such test", doc, word)
			case strings.HasPrefix(word, "sarhad ") && !strings.ContainsAny(word, "|"):
				if err := line.check(word); err != nil {
					t.Errorf("%s: %q: %v", doc, word, err)
				}
			}
		}
		for row := range strings.Lines(text) {
			if code, ok := strings.CutPrefix(row, "    "); ok && strings.HasPrefix(strings.TrimSpace(code), "sarhad ") {
				code, _, _ = strings.Cut(code, " #")
				if err := line.check(strings.TrimSpace(code)); err != nil {
					t.Errorf("%s: %q: %v", doc, strings.TrimSpace(code), err)
				}
			}
		}
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func there(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// TestOneWordForOneThing proves that the glossary has each word once: where one word has two senses, it says which.
func TestOneWordForOneThing(t *testing.T) {
	seen := map[string]bool{}
	for row := range strings.Lines(read(t, "docs/glossary.md")) {
		cells := strings.Split(row, " | ")
		if len(cells) != 4 || cells[0] == "| English" {
			continue
		}
		for i, word := range cells[:2] {
			if word = strings.TrimPrefix(word, "| "); seen[word+strconv.Itoa(i)] {
				t.Errorf("docs/glossary.md has %q twice", word)
			}
			seen[word+strconv.Itoa(i)] = true
		}
	}
}

// TestLimitsAreWhatTheCodeHas proves the figures of docs/network.md.
func TestLimitsAreWhatTheCodeHas(t *testing.T) {
	wait, hub := relay.DefaultTiming(), bus.DefaultLimits()
	for name, want := range map[string]any{
		"`directory.StaleAfter`": directory.StaleAfter, "`directory.WarnAfter`": directory.WarnAfter, "`directory.PartyLife`": directory.PartyLife,
		"`directory.RenewFrom`": directory.RenewFrom, "`directory.AuthorityLife`": directory.AuthorityLife, "`directory.InviteLife`": directory.InviteLife,
		"`nodekeys.Overlap`": nodekeys.Overlap, "`relay.Timing.Beat`": wait.Beat, "`relay.Timing.Ask`": wait.Ask, "`relay.Timing.Resend`": wait.Resend,
		"`relay.Timing.ResendBlind`": wait.ResendBlind, "`relay.Timing.KeepWire`": wait.KeepWire, "`relay.Timing.KeepRow`": wait.KeepRow,
		"`relay.MinPiece`": size(relay.MinPiece), "`relay.MaxPiece`": size(relay.MaxPiece), "`record.MaxContent`": size(record.MaxContent),
		"`envelope.Stay`": envelope.Stay, "`envelope.MaxFile`": size(envelope.MaxFile), "`bus.DefaultMaxMessage`": size(bus.DefaultMaxMessage),
		"`bus.DefaultWindow`": bus.DefaultWindow, "stream at the hub, flash": size(hub[record.Flash].Bytes), "stream at the hub, routine": size(hub[record.Routine].Bytes),
		"stream at the hub, bulk": size(hub[record.Bulk].Bytes), "age at the hub": hub[record.Bulk].Age, "`sharing.FloodHour`": sharing.FloodHour, "`sharing.Patience`": sharing.Patience,
	} {
		row := fmt.Sprintf("| %s | %s |", name, written(want))
		if !strings.Contains(read(t, "docs/network.md"), row) {
			t.Errorf("docs/network.md does not say %q", row)
		}
	}
}

type size int64

func written(v any) string {
	switch v := v.(type) {
	case time.Duration:
		if v%time.Hour == 0 {
			return fmt.Sprintf("%d h", v/time.Hour)
		}
		return strings.TrimSuffix(v.String(), "m0s") + map[bool]string{true: "m"}[v%time.Minute == 0]
	case size:
		if v > 1<<20 {
			return fmt.Sprintf("%d MB", v>>20)
		}
		return fmt.Sprintf("%d KB", v>>10)
	}
	return fmt.Sprint(v)
}

// commands is the command line as its structs say it.
type commands struct {
	structs map[string]*ast.StructType
}

func readCommands(t *testing.T) commands {
	t.Helper()
	c := commands{map[string]*ast.StructType{}}
	files, err := filepath.Glob("cmd/sarhad/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	for _, file := range files {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if s, ok := n.(*ast.TypeSpec); ok {
				if st, ok := s.Type.(*ast.StructType); ok {
					c.structs[s.Name.Name] = st
				}
			}
			return true
		})
	}
	return c
}

// part is what a struct brings: commands and their structs, flags, and whether it takes arguments.
type part struct {
	commands map[string]string
	flags    []string
	args     bool
}

func (c commands) part(name string) part {
	p := part{commands: map[string]string{}}
	st := c.structs[name]
	if st == nil {
		return p
	}
	for _, f := range st.Fields.List {
		var tag reflect.StructTag
		if f.Tag != nil {
			text, _ := strconv.Unquote(f.Tag.Value)
			tag = reflect.StructTag(text)
		}
		kind, _ := f.Type.(*ast.Ident)
		_, isCommand := tag.Lookup("cmd")
		_, isArg := tag.Lookup("arg")
		_, embeds := tag.Lookup("embed")
		switch {
		case (len(f.Names) == 0 || embeds) && kind != nil:
			inner := c.part(kind.Name)
			for k, v := range inner.commands {
				p.commands[k] = v
			}
			for _, flag := range inner.flags {
				p.flags = append(p.flags, tag.Get("prefix")+flag)
			}
			p.args = p.args || inner.args
		case isCommand && kind != nil:
			p.commands[nameFor(f.Names[0].Name, tag)] = kind.Name
		case isArg:
			p.args = true
		case len(f.Names) > 0:
			p.flags = append(p.flags, nameFor(f.Names[0].Name, tag))
			if short := tag.Get("short"); short != "" {
				p.flags = append(p.flags, short)
			}
		}
	}
	return p
}

// nameFor is the name that kong gives a field.
func nameFor(field string, tag reflect.StructTag) string {
	if name := tag.Get("name"); name != "" {
		return name
	}
	var b strings.Builder
	letters := []rune(field)
	for i, r := range letters {
		if i > 0 && unicode.IsUpper(r) && (!unicode.IsUpper(letters[i-1]) || i+1 < len(letters) && unicode.IsLower(letters[i+1])) {
			b.WriteByte('-')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// check holds something that is typed against the command line: its commands and its flags.
func (c commands) check(typed string) error {
	global := append(c.part("command").flags, "help", "version")
	at, last, value := c.part("command"), "command", false // value: of the flag before
	for _, word := range strings.Fields(typed)[1:] {
		if word == ">" || word == "COMMAND" {
			return nil
		}
		if flag, ok := strings.CutPrefix(word, "--"); ok {
			flag, _, _ = strings.Cut(strings.TrimRight(flag, ",.;:)"), "=")
			if !slices.Contains(at.flags, flag) && !slices.Contains(global, flag) && len(at.commands) == 0 {
				return fmt.Errorf("%s has no flag --%s", last, flag)
			}
			value = !strings.Contains(word, "=")
			continue
		}
		if len(at.commands) == 0 {
			continue // an argument, or the value of a flag
		}
		next, ok := at.commands[strings.TrimRight(word, ",.;:")]
		if !ok {
			if !value {
				return fmt.Errorf("%s has no command %q", last, word)
			}
			value = false
			continue
		}
		at, last, value = c.part(next), next, false
	}
	return nil
}
