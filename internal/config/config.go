package config

import (
	"path/filepath"
	"slices"
	"strings"
	"time"

	"sarhad/record"
)

// FileName is the name of the settings file in the data directory.
const FileName = "sarhad.toml"

// Role is which kind of node this is.
type Role string

// Roles.
const (
	Outpost Role = "outpost" // a liaison office or a booth; works offline
	Node    Role = "node"    // an agency or a national centre
	Hub     Role = "hub"     // the coordinating centre of several countries
)

// DefaultHTTP is this machine only: reaching a node from others is a decision
// that comes with a certificate.
const DefaultHTTP = "127.0.0.1:8080"

// Languages of the screens, BCP 47.
var Languages = []string{"en", "ru", "kk", "uz", "tg", "ky", "tk"}

// Config are the settings of a node.
type Config struct {
	Role Role
	// Name is the node's name among the others: lower-case letters, digits and
	// hyphens, 1 to 40, a letter first. It is part of addresses and does not change.
	Name string
	// Country is three capital letters as in ICAO 9303-3 section 5: "KAZ".
	Country string
	// Language is the first language of the screens; each user may have another.
	Language string
	// HTTP is where browsers reach the node, host:port. Port 0 means any free one.
	HTTP string
	// DataDir is the directory of the database and attachments.
	DataDir string
	// TLSCert and TLSKey are PEM files; both or neither.
	TLSCert, TLSKey string
	// BackupDir is the directory of the backups; "" = none is made by itself. BackupAt is the time of the day, HH:MM by the
	// clock of the machine, at which one is made; "" = only by command. BackupKeep is how many stay, in digits.
	BackupDir, BackupAt, BackupKeep string

	// LockAfter is how long a screen on a shared computer may be left alone
	// before it locks, such as "5m"; "" = DefaultLockAfter.
	LockAfter string

	// HubWays are the ways to the hub, "tcp HOST:PORT" or "wss HOST:PORT" with commas between; "" = as the directory says.
	// HubProxy is an HTTP proxy on the way, host:port; HubBulk the most that files may take of the line, kbit/s in digits.
	HubWays, HubProxy, HubBulk string
	// HubListen and HubWebSocket are where a hub takes its nodes in, host:port.
	HubListen, HubWebSocket string
	// HubCluster is where the other processes of a hub of three come in, host:port; HubPeers are theirs, with commas between.
	HubCluster, HubPeers string
	// RelayListen is where a twin in the same building hands messages over directly, host:port; "" = nowhere.
	RelayListen string
	// RelayTwins are the offices that messages are handed to directly, "NODE=HOST:PORT" with commas between; "" = none.
	RelayTwins string

	// MetricsTokenFile holds the bearer token that other machines read /metrics
	// with; empty: only this machine reads it.
	MetricsTokenFile string

	// AttachmentFile, AttachmentUser and AttachmentNode are the most of one attached file, of all of one user's and of all,
	// such as "512 MB"; AttachmentUploads is how many files one user may have on their way, in digits. Readers is how many
	// files from outside are read at the same time, in digits. "" = the default of whoever keeps the limit.
	AttachmentFile, AttachmentUser, AttachmentNode, AttachmentUploads, Readers string
}

// DefaultLockAfter is as long as somebody walks to a printer and back.
const DefaultLockAfter = 5 * time.Minute

// Bounds of LockAfter: below a minute nobody gets to work, above half an hour
// the session ends anyway.
const (
	minLockAfter = time.Minute
	maxLockAfter = 30 * time.Minute
)

// Lock is LockAfter of valid settings.
func (c Config) Lock() time.Duration {
	d, err := time.ParseDuration(c.LockAfter)
	if err != nil {
		return DefaultLockAfter
	}
	return d
}

// Default returns the settings of a node that nobody has set up yet. Name and
// Country are left open: they cannot be guessed.
func Default() Config {
	return Config{Role: Node, Language: "ru", HTTP: DefaultHTTP, DataDir: ".", BackupKeep: DefaultBackupKeep}
}

// TLS reports whether browsers reach the node over https.
func (c Config) TLS() bool { return c.TLSCert != "" && c.TLSKey != "" }

// Resolve returns the settings with paths made absolute, relative ones taken
// from the directory base, where the settings file is.
func (c Config) Resolve(base string) Config {
	for _, p := range []*string{&c.DataDir, &c.TLSCert, &c.TLSKey, &c.BackupDir, &c.MetricsTokenFile} {
		if *p != "" && !filepath.IsAbs(*p) {
			*p = filepath.Join(base, *p)
		}
	}
	return c
}

// Validate checks what can be checked without touching the disk. The error,
// of kind invalid, has one line for each problem.
func (c Config) Validate() error { return complain(c.problems()) }

// problem is one thing that is wrong with one key.
type problem struct {
	key, text string
	line      int // 0: unknown, or not from a file
}

func (c Config) problems() []problem {
	var out []problem
	add := func(key, text string) { out = append(out, problem{key: key, text: text}) }
	if !slices.Contains([]Role{Outpost, Node, Hub}, c.Role) {
		add("role", `must be "outpost", "node" or "hub"`)
	}
	switch {
	case c.Name == "":
		add("name", `is missing: give the node a name, such as name = "almaty-1"`)
	case !plainName(c.Name):
		add("name", "may have lower-case letters a-z, digits and hyphens, at most 40, a letter first")
	}
	switch {
	case c.Country == "":
		add("country", `is missing: write the three letters of the country, such as country = "KAZ"`)
	case !threeCapitals(c.Country):
		add("country", `must be the three capital letters of ICAO 9303, such as "KAZ" or "UZB"`)
	}
	if !slices.Contains(Languages, c.Language) {
		add("language", "must be one of "+strings.Join(Languages, ", "))
	}
	if c.DataDir == "" {
		add("data_dir", `is empty: write "." for the directory of this file`)
	}
	for _, k := range keys {
		if v := k.get(&c); strings.ContainsFunc(v, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\uFFFD' }) {
			add(k.name, "has a control character or a broken one in it: type it anew")
		}
	}
	switch {
	case c.TLSCert != "" && c.TLSKey == "":
		add("tls_key", "is missing: tls_cert and tls_key go together")
	case c.TLSCert == "" && c.TLSKey != "":
		add("tls_cert", "is missing: tls_cert and tls_key go together")
	}
	c.backupProblems(add)
	c.limitProblems(add)
	c.networkProblems(add)
	if d, err := time.ParseDuration(c.LockAfter); c.LockAfter != "" && (err != nil || d < minLockAfter || d > maxLockAfter) {
		add("lock_after", `must be from one minute to half an hour: write "5m"`)
	}
	if err := CheckListen(c.HTTP, c.TLS()); err != nil {
		add("http", record.MessageOf(err))
	}
	return out
}

func plainName(s string) bool {
	for i, r := range s {
		letter := r >= 'a' && r <= 'z'
		if !letter && (i == 0 || (r != '-' && (r < '0' || r > '9'))) {
			return false
		}
	}
	return len(s) <= 40
}

func threeCapitals(s string) bool {
	return len(s) == 3 && strings.IndexFunc(s, func(r rune) bool { return r < 'A' || r > 'Z' }) < 0
}
