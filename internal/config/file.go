package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/BurntSushi/toml"

	"sarhad/record"
)

// maxFile is far above any settings file and far below any accident.
const maxFile = 64 << 10

// setting is one line of the file.
type setting struct {
	name, comment string
	get           func(*Config) string
	set           func(*Config, string)
}

// keys are the settings in the order in which Write writes them.
var keys = []setting{
	{"role", "outpost (a liaison office or booth; works offline), node (an agency or a national centre) or hub.",
		func(c *Config) string { return string(c.Role) }, func(c *Config, v string) { c.Role = Role(v) }},
	{"name", "The node's name among the others: a-z, 0-9 and hyphens, a letter first. It is never changed.",
		func(c *Config) string { return c.Name }, func(c *Config, v string) { c.Name = v }},
	{"country", "The country whose law applies here: three letters as in a passport, such as KAZ.",
		func(c *Config) string { return c.Country }, func(c *Config, v string) { c.Country = v }},
	{"language", "First language of the screens: en, ru, kk, uz, tg, ky or tk. Each user may choose another.",
		func(c *Config) string { return c.Language }, func(c *Config, v string) { c.Language = v }},
	{"http", "Where browsers reach the node. Without TLS only this machine may: 127.0.0.1, ::1 or localhost.",
		func(c *Config) string { return c.HTTP }, func(c *Config, v string) { c.HTTP = v }},
	{"data_dir", "Directory of the database and attachments, from this file's directory on; \".\" is that directory.",
		func(c *Config) string { return c.DataDir }, func(c *Config, v string) { c.DataDir = v }},
	{"tls_cert", "Certificate chain and private key as PEM files; both, or both empty.",
		func(c *Config) string { return c.TLSCert }, func(c *Config, v string) { c.TLSCert = v }},
	{"tls_key", "",
		func(c *Config) string { return c.TLSKey }, func(c *Config, v string) { c.TLSKey = v }},
	{"backup_dir", "Directory of the backups, best on another disk; empty: none is made by itself.",
		func(c *Config) string { return c.BackupDir }, func(c *Config, v string) { c.BackupDir = v }},
	{"backup_at", "Time of the daily backup by this machine's clock, such as 02:30, and how many backups stay (0: all).",
		func(c *Config) string { return c.BackupAt }, func(c *Config, v string) { c.BackupAt = v }},
	{"backup_keep", "",
		func(c *Config) string { return c.BackupKeep }, func(c *Config, v string) { c.BackupKeep = v }},
	{"lock_after", "How long a screen on a computer that is marked as shared may be left alone before it locks; 5m when empty.",
		func(c *Config) string { return c.LockAfter }, func(c *Config, v string) { c.LockAfter = v }},
	{"metrics_token_file", "File with the token for reading /metrics from another machine; empty: from this machine only.",
		func(c *Config) string { return c.MetricsTokenFile }, func(c *Config, v string) { c.MetricsTokenFile = v }},
	{"attachment_file", "Most of one attached file (512 MB when empty), of all files of one user (20 GB) and of all files (120 GB).",
		func(c *Config) string { return c.AttachmentFile }, func(c *Config, v string) { c.AttachmentFile = v }},
	{"attachment_user", "",
		func(c *Config) string { return c.AttachmentUser }, func(c *Config, v string) { c.AttachmentUser = v }},
	{"attachment_node", "",
		func(c *Config) string { return c.AttachmentNode }, func(c *Config, v string) { c.AttachmentNode = v }},
	{"attachment_uploads", "How many files one user may have on their way at once; 100 when empty.",
		func(c *Config) string { return c.AttachmentUploads }, func(c *Config, v string) { c.AttachmentUploads = v }},
	{"readers_at_once", "How many files from outside are read at the same time, each in up to 768 MB of memory; 3 when empty.",
		func(c *Config) string { return c.Readers }, func(c *Config, v string) { c.Readers = v }},
	{"hub_ways", "Ways to the hub, tried in turn: \"tcp HOST:PORT, wss HOST:PORT\"; empty: those that the directory says.",
		func(c *Config) string { return c.HubWays }, func(c *Config, v string) { c.HubWays = v }},
	{"hub_proxy", "HTTP proxy on the way to the hub, host:port; and how many kbit/s files may take of the line (all when empty).",
		func(c *Config) string { return c.HubProxy }, func(c *Config, v string) { c.HubProxy = v }},
	{"hub_bulk", "",
		func(c *Config) string { return c.HubBulk }, func(c *Config, v string) { c.HubBulk = v }},
	{"hub_listen", "On a hub: where nodes come in, host:port, over TCP and over WebSocket.",
		func(c *Config) string { return c.HubListen }, func(c *Config, v string) { c.HubListen = v }},
	{"hub_websocket", "",
		func(c *Config) string { return c.HubWebSocket }, func(c *Config, v string) { c.HubWebSocket = v }},
	{"hub_cluster", "On a hub of three processes: where the other two come in, host:port, and the addresses of all three, with commas between.",
		func(c *Config) string { return c.HubCluster }, func(c *Config, v string) { c.HubCluster = v }},
	{"hub_peers", "",
		func(c *Config) string { return c.HubPeers }, func(c *Config, v string) { c.HubPeers = v }},
	{"relay_listen", "Where a twin office hands messages over directly on the local network, host:port; empty: it does not.",
		func(c *Config) string { return c.RelayListen }, func(c *Config, v string) { c.RelayListen = v }},
	{"relay_twins", "Twin offices that messages are handed to directly, with where they listen: \"uzb-post=192.168.1.7:7443\"; empty: all goes through the hub.",
		func(c *Config) string { return c.RelayTwins }, func(c *Config, v string) { c.RelayTwins = v }},
}

// Load reads sarhad.toml of the directory and returns valid settings with
// absolute paths. Errors: not-found when there is no file; invalid with one
// sentence a line; internal when the disk fails.
func Load(dir string) (Config, error) {
	path := filepath.Join(dir, FileName)
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Config{}, &record.Error{
			Kind: record.NotFound, Message: fmt.Sprintf("there is no %s in %s: make one with sarhad init, or name another directory", FileName, dir), Err: err,
		}
	}
	if err != nil {
		return Config{}, unreadable(path, err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return Config{}, unreadable(path, err)
	}
	base, err := filepath.Abs(dir)
	if err != nil {
		return Config{}, unreadable(path, err)
	}
	c, err := Parse(data)
	if err != nil {
		return Config{}, err
	}
	return c.Resolve(base), nil
}

func unreadable(path string, err error) error {
	return &record.Error{
		Kind: record.Internal, Message: fmt.Sprintf("%s cannot be read: check that the service may read it", path), Err: err,
	}
}

// Parse reads the text of a settings file over the defaults and validates the
// result. Paths stay as they are written.
func Parse(data []byte) (Config, error) {
	if err := plainText(data); err != nil {
		return Config{}, err
	}
	values := map[string]any{}
	meta, err := toml.Decode(string(data), &values)
	if err != nil {
		return Config{}, syntax(err)
	}
	c := Default()
	var wrong []problem
	seen := map[string]bool{}
	for _, k := range meta.Keys() {
		key := k[0]
		if seen[key] {
			continue
		}
		seen[key] = true
		line := lineOf(data, key)
		i := slices.IndexFunc(keys, func(k setting) bool { return k.name == key })
		if i < 0 {
			wrong = append(wrong, problem{key: key, line: line, text: "is no setting: " + nearest(key)})
			continue
		}
		text, ok := values[key].(string)
		if !ok {
			wrong = append(wrong, problem{key: key, line: line, text: fmt.Sprintf("must be text in quotes: %s = \"...\"", key)})
			continue
		}
		keys[i].set(&c, text)
	}
	for _, p := range c.problems() {
		// What was just refused need not be called missing as well.
		if !slices.ContainsFunc(wrong, func(w problem) bool { return w.key == p.key }) {
			p.line = lineOf(data, p.key)
			wrong = append(wrong, p)
		}
	}
	if err := complain(wrong); err != nil {
		return Config{}, err
	}
	return c, nil
}

func plainText(data []byte) error {
	switch {
	case len(data) > maxFile:
		return record.Errorf(record.Invalid, "%s is larger than 64 KiB, so it is no settings file: look whether another file was copied over it", FileName)
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}) || bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		return record.Errorf(record.Invalid, "%s is saved as UTF-16: save it as UTF-8", FileName)
	case !utf8.Valid(data):
		return record.Errorf(record.Invalid, "%s is not saved as UTF-8: save it as UTF-8", FileName)
	}
	return nil
}

// syntax turns an error of the TOML reader into a sentence.
func syntax(err error) error {
	var pe toml.ParseError
	if !errors.As(err, &pe) {
		return &record.Error{Kind: record.Invalid, Message: FileName + " is no TOML: compare it with a file that sarhad init writes", Err: err}
	}
	hint := "compare it with a file that sarhad init writes"
	if strings.Contains(pe.Message, "escape") {
		hint = `write paths with \ in single quotes: data_dir = 'C:\sarhad'`
	}
	return &record.Error{
		Kind: record.Invalid, Message: fmt.Sprintf("%s line %d: %s: %s", FileName, pe.Position.Line, strings.TrimSuffix(pe.Message, "."), hint), Err: err,
	}
}

// complain makes one error of problems, nil of none.
func complain(ps []problem) error {
	if len(ps) == 0 {
		return nil
	}
	slices.SortStableFunc(ps, func(a, b problem) int { return a.line - b.line })
	var lines []string
	for _, p := range ps {
		where := FileName
		if p.line > 0 {
			where = fmt.Sprintf("%s line %d", FileName, p.line)
		}
		lines = append(lines, fmt.Sprintf("%s: %s %s", where, p.key, p.text))
	}
	return &record.Error{Kind: record.Invalid, Message: strings.Join(lines, "\n")}
}

// lineOf returns the line on which a key of the top level, or a table of that
// name, first stands; 0 when it is written in a way this does not see.
func lineOf(data []byte, key string) int {
	for i, line := range strings.Split(string(data), "\n") {
		line = strings.TrimSpace(strings.TrimPrefix(line, "\ufeff"))
		name, isKey := strings.CutPrefix(line, "[")
		if !isKey {
			name, _, isKey = strings.Cut(line, "=")
		}
		name = strings.TrimSpace(strings.Trim(name, "[]"))
		if isKey && (strings.Trim(name, `"'`) == key || strings.HasPrefix(name, key+".") || strings.HasPrefix(name, key+"]")) {
			return i + 1
		}
	}
	return 0
}

// nearest names the setting that was probably meant, or all.
func nearest(key string) string {
	best, least := "", len(key)
	var names []string
	for _, k := range keys {
		names = append(names, k.name)
		if d := distance(strings.ToLower(strings.ReplaceAll(key, "-", "_")), k.name); d < least {
			best, least = k.name, d
		}
	}
	// Farther than half the word apart, a guess would only mislead.
	if best != "" && least*2 <= len(best) {
		return fmt.Sprintf("did you mean %s?", best)
	}
	return "the settings are " + strings.Join(names, ", ")
}

// distance is how many signs have to be put in, left out or replaced
// (Levenshtein).
func distance(a, b string) int {
	if len(a) > 40 {
		return len(a)
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		corner := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := corner
			if a[i] != b[j] {
				cost = 1 + min(corner, row[j], row[j+1])
			}
			corner, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}

// Encode returns the text of the settings file, with a comment for each
// setting. What it writes of valid settings, Parse reads back equal.
func (c Config) Encode() []byte {
	var b bytes.Buffer
	b.WriteString("# Settings of this Sarhad node: ports, paths and limits of the machine. Everything else is kept inside,\n# with an author and a history. The node reads this file when it starts.\n")
	for _, k := range keys {
		if k.comment != "" {
			fmt.Fprintf(&b, "\n# %s\n", k.comment)
		}
		fmt.Fprintf(&b, "%s = %s\n", k.name, quote(k.get(&c)))
	}
	return b.Bytes()
}

// quote writes a string in the form that is easiest to edit: paths of Windows
// between single quotes, where \ means itself.
func quote(s string) string {
	if strings.ContainsAny(s, `\"`) && !strings.Contains(s, "'") {
		return "'" + s + "'"
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// Write validates the settings and writes sarhad.toml into the directory,
// which must exist, in one step: a reader sees the old file or the new one.
func Write(dir string, c Config) (err error) {
	if err := c.Validate(); err != nil {
		return err
	}
	path := filepath.Join(dir, FileName)
	defer func() {
		if err != nil {
			err = &record.Error{
				Kind: record.Internal, Message: fmt.Sprintf("%s cannot be written: check that the directory exists and may be written to", path), Err: err,
			}
		}
	}()
	f, err := os.CreateTemp(dir, FileName+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // fails, as it should, once renamed
	_, err = f.Write(c.Encode())
	if err == nil {
		err = f.Sync()
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
