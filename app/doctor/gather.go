package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"sarhad/internal/config"
	"sarhad/internal/local"
	"sarhad/internal/quarantine"
	"sarhad/record"
	"sarhad/record/audit"
	"sarhad/store/sqlite"
)

// BackupNote is the file in the data directory that the last backup is written down in.
const BackupNote = "backup.json"

// Subject is whom to examine.
type Subject struct {
	Config  config.Config
	Store   *sqlite.Store // open, read-only or not; nil = it cannot be opened, for reason Err
	Err     error
	Program string        // version
	Types   *record.Types // that this program knows
	Now     time.Time
	Serving *local.Info // this very process serves the directory; nil = ask who does
	// Probe starts a process as files from outside are read in and says what shuts it in (quarantine.Cell.Probe).
	Probe func(context.Context) (quarantine.Level, error)
}

// Gather learns the facts. What cannot be learned stands in them as such; it never fails.
func Gather(ctx context.Context, s Subject) Facts {
	dir := s.Config.DataDir
	f := Facts{Now: s.Now, System: runtime.GOOS, Dir: dir, HTTP: s.Config.HTTP, Program: s.Program, Kinds: map[string]int{}}
	for _, b := range s.Types.Each() {
		f.Kinds[b.Kind()] = max(f.Kinds[b.Kind()], b.Version())
	}
	f.Owner = ownerOf(ctx, dir, s.Serving)
	if u, err := url.Parse(f.Owner.URL); err == nil && u.Host != "" {
		f.HTTP = u.Host // it may have been started with another address than that of the settings
	}
	f.Disk, f.Space, f.Clock = diskOf(dir), spaceOf(dir), Clock{Synced: synced(), Zone: s.Now.Format("MST -07:00")}
	f.Posix, f.Rights = rightsOf(dir)
	f.TLS, f.Backup = certificateOf(s.Config), backupOf(dir)
	var err error
	if f.Quarantine.Level, err = s.Probe(ctx); err != nil {
		f.Quarantine.Err = err.Error()
	}
	f.storeOf(ctx, s)
	return f
}

func (f *Facts) storeOf(ctx context.Context, s Subject) {
	err := s.Err
	if err == nil && s.Store == nil {
		err = errors.New("it is not open")
	}
	if err == nil {
		f.Store, err = s.Store.Health(ctx)
	}
	if err != nil {
		f.Err = err.Error()
		return
	}
	f.Clock.LastAct, f.Clock.Backwards = f.Store.LastAct, f.Store.Backwards
	signed, err := s.Store.LastCheckpoint(ctx)
	if err == nil && signed.Number > 0 {
		var c audit.Checkpoint
		c, err = audit.ReadCheckpoint(signed.Text)
		f.Checkpoint = Checkpoint{Size: c.Size, At: c.At}
	}
	if err != nil {
		f.Checkpoint.Err = err.Error()
	}
}

func ownerOf(ctx context.Context, dir string, self *local.Info) Owner {
	info, err := local.Info{}, error(nil)
	if self != nil {
		info = *self
	} else {
		info, err = local.Ask(ctx, dir)
	}
	if err == nil {
		return Owner{Served: true, PID: info.PID, Doing: info.Doing, Version: info.Version, Since: info.Since, URL: info.URL}
	}
	text, err := os.ReadFile(filepath.Join(dir, "lock"))
	if err != nil {
		return Owner{}
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	return Owner{PID: pid, Alive: err == nil && pid != os.Getpid() && alive(pid)}
}

// rightsOf looks at the directory, its database and settings, and everything under keys.
func rightsOf(dir string) (posix bool, out []Entry) {
	owner, posix := ownerOfFile(dir)
	if !posix {
		return false, nil
	}
	look := func(path string) {
		info, err := os.Lstat(path)
		if errors.Is(err, fs.ErrNotExist) {
			return
		}
		e := Entry{Path: path}
		if err != nil {
			e.Err = err.Error()
		} else {
			mine, _ := ownerOfFile(path)
			e.Dir, e.Mode, e.Ours = info.IsDir(), info.Mode().Perm(), mine == owner
		}
		out = append(out, e)
	}
	for _, name := range []string{"", "keys", "sarhad.db", "sarhad.db-wal", "sarhad.db-shm", "checkpoints", local.SocketName, "sarhad.token"} {
		look(filepath.Join(dir, name))
	}
	entries, err := os.ReadDir(filepath.Join(dir, "keys"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		out = append(out, Entry{Path: filepath.Join(dir, "keys"), Err: err.Error()})
	}
	for _, e := range entries {
		look(filepath.Join(dir, "keys", e.Name()))
	}
	return true, out
}

func certificateOf(c config.Config) (t Certificate) {
	if !c.TLS() {
		return t
	}
	t.Set = true
	pair, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey)
	if err != nil {
		t.Err = err.Error()
		return t
	}
	leaf, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		t.Err = err.Error()
		return t
	}
	t.NotBefore, t.NotAfter, t.Names = leaf.NotBefore, leaf.NotAfter, leaf.DNSNames
	for _, ip := range leaf.IPAddresses {
		t.Names = append(t.Names, ip.String())
	}
	return t
}

// backupOf reads the note of the last backup: {"at": time, "dir": where, "verified": true or the time it was read back}.
func backupOf(dir string) (b Backup) {
	text, err := os.ReadFile(filepath.Join(dir, BackupNote))
	if errors.Is(err, fs.ErrNotExist) {
		return b
	}
	var note struct {
		At       time.Time `json:"at"`
		Dir      string    `json:"dir"`
		Verified any       `json:"verified"`
	}
	if err == nil {
		err = json.Unmarshal(text, &note)
	}
	if err != nil {
		return Backup{Err: err.Error()}
	}
	b = Backup{At: note.At, Dir: note.Dir}
	switch v := note.Verified.(type) {
	case bool:
		b.Verified = v
	case string:
		at, err := time.Parse(time.RFC3339, v)
		b.Verified = err == nil && !at.IsZero()
	}
	return b
}

// LowSpace reports whether the disk of a data directory is about to be full. It is cheap; what cannot be told is false.
func LowSpace(dir string) bool {
	s := spaceOf(dir)
	return s.Err == "" && s.Free < spaceLeast
}

// CertificateUntil is when the certificate of the settings ends; false when there is none that can be read.
func CertificateUntil(c config.Config) (time.Time, bool) {
	t := certificateOf(c)
	return t.NotAfter, t.Set && t.Err == ""
}
