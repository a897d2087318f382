package doctor

import (
	"io/fs"
	"time"

	"sarhad/internal/quarantine"
	"sarhad/store/sqlite"
)

// Facts are what is the case at one moment. Err fields say why something could not be learned; "" = it was.
type Facts struct {
	Now        time.Time
	System     string // runtime.GOOS
	Dir        string // data directory, absolute
	HTTP       string // where the node listens: as it serves now, else by its settings
	Program    string // version of this program
	Kinds      map[string]int
	Disk       Disk
	Clock      Clock
	Posix      bool // Rights are modes of files
	Rights     []Entry
	TLS        Certificate
	Backup     Backup
	Space      Space
	Owner      Owner
	Store      sqlite.Health
	Checkpoint Checkpoint
	Quarantine Quarantine
	Network    Network
	Err        string // the database could not be read
}

// Disk is what lies under the data directory.
type Disk struct {
	Device    string // as the system names it
	Encrypted bool
	How       string // LUKS2, ...
	Err       string
}

// Clock is about time.
type Clock struct {
	LastAct   time.Time // newest act in the log
	Backwards int       // how often, of the last acts, one is earlier than the one before
	Synced    string    // yes, no, "" = not known: whether a time service keeps the clock
	Zone      string
}

// Entry is a file or directory that must be the node's alone.
type Entry struct {
	Path string
	Dir  bool
	Mode fs.FileMode // permission bits
	Ours bool        // the same account owns it as the data directory
	Err  string
}

// Certificate is that of the node's settings.
type Certificate struct {
	Set                 bool
	Names               []string
	NotBefore, NotAfter time.Time
	Err                 string
}

// Backup is what backup.json in the data directory says of the last backup.
type Backup struct {
	At       time.Time // zero = never
	Dir      string
	Verified bool // it was read back
	Err      string
}

// Space is the room on the disk, in bytes.
type Space struct {
	Free int64 // for the account of the node
	Err  string
}

// Owner is the process that owns the data directory.
type Owner struct {
	Served  bool // it answers
	PID     int
	Doing   string
	Version string
	Since   time.Time
	URL     string // where browsers reach it; "" = it does not say
	Alive   bool   // it does not answer, and a process of the number in the lock lives
}

// Checkpoint is the newest signed one.
type Checkpoint struct {
	Size int64
	At   time.Time
	Err  string
}

// Quarantine is how well this machine shuts in the process that reads files from outside.
type Quarantine struct {
	Level quarantine.Level
	Err   string // such a process cannot be started
}
