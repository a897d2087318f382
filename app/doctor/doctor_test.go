package doctor

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"sarhad/internal/quarantine"
	"sarhad/store/sqlite"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// well is a node about which nothing is to say.
func well() Facts {
	return Facts{Now: noon, System: "linux", Dir: "/srv/sarhad", HTTP: "127.0.0.1:8080", Program: "v1", Posix: true,
		Kinds:  map[string]int{"passenger.journey": 2},
		Disk:   Disk{Device: "/dev/mapper/data", Encrypted: true, How: "LUKS2"},
		Clock:  Clock{LastAct: noon.Add(-time.Second), Synced: "yes", Zone: "UTC +00:00"},
		Rights: []Entry{{Path: "/srv/sarhad", Dir: true, Mode: 0o700, Ours: true}, {Path: "/srv/sarhad/keys/log.key", Mode: 0o600, Ours: true}},
		TLS:    Certificate{Set: true, Names: []string{"node.test", "10.0.0.1"}, NotBefore: noon.AddDate(0, -1, 0), NotAfter: noon.AddDate(0, 6, 0)},
		Backup: Backup{At: noon.Add(-10 * time.Hour), Dir: "/mnt/backup", Verified: true},
		Space:  Space{Free: 500 << 30},
		Owner:  Owner{Served: true, PID: 12, Doing: "serve", Version: "v1", Since: noon.Add(-time.Hour)},
		Store: sqlite.Health{Schema: 9, KnownSchema: 9, Index: 1, KnownIndex: 1, Database: 10 << 30, WAL: 60 << 20, Head: 1000, WeekAgo: 930,
			Acts: 50, Sequenced: 50, Kinds: []sqlite.KindVersion{{Kind: "passenger.journey", Oldest: 1, Newest: 2}}},
		Checkpoint: Checkpoint{Size: 50, At: noon.Add(-30 * time.Second)},
		Quarantine: Quarantine{Level: quarantine.Level{Limits: true, NoPrivs: true, Landlock: 4, Seccomp: true}},
		Network:    Network{Joined: true, Node: "kaz-post", State: "current", Until: noon.AddDate(0, 0, 20), Cosigned: noon.Add(-time.Hour), Sends: true, HubName: "hub", HubEnds: noon.AddDate(1, 0, 0)},
	}
}

// TestWell proves that a good node has no finding but good ones, and that each check speaks.
func TestWell(t *testing.T) {
	all := Examine(well())
	checks := map[string]bool{}
	for _, f := range all {
		checks[f.Check] = true
		if f.State != OK || f.Do != "" || strings.Contains(f.Means, "{") {
			t.Errorf("%+v", f)
		}
	}
	for _, c := range []string{"disk", "clock", "rights", "tls", "backup", "version", "space", "owner", "log", "journal", "quarantine", "network"} {
		if !checks[c] {
			t.Errorf("nothing is said of %s", c)
		}
	}
	if Worst(all) != OK {
		t.Errorf("worst: %s", Worst(all))
	}
}

// cases change one fact of a good node and name the finding that must come of it, with words that must stand in it.
var cases = []struct {
	code  string
	state State
	means string
	do    string
	spoil func(*Facts)
}{
	{"disk.plain", Bad, "/dev/sda1", "luksFormat", func(f *Facts) { f.Disk = Disk{Device: "/dev/sda1"} }},
	{"disk.unknown", Unknown, "overlay", "lsblk", func(f *Facts) { f.Disk = Disk{Err: "it is an overlay"} }},
	{"disk.windows", Unknown, "BitLocker", "manage-bde -status", func(f *Facts) { f.System, f.Disk = "windows", Disk{Err: "x"} }},
	{"clock.behind", Bad, "set back by 3 hours", "timedatectl", func(f *Facts) { f.Clock.LastAct = noon.Add(3*time.Hour + time.Minute) }},
	{"clock.jumped", Warn, "2 times", "timedatectl", func(f *Facts) { f.Clock.Backwards = 2 }},
	{"clock.jumped", Warn, "set back 1 time within", "timedatectl", func(f *Facts) { f.Clock.Backwards = 1 }},
	{"clock.free", Warn, "No time service", "chrony", func(f *Facts) { f.Clock.Synced = "no" }},
	{"clock.unknown", Unknown, "cannot be told", "w32tm", func(f *Facts) { f.Clock.Synced = "" }},
	{"rights.open", Bad, "0755", "chmod 700 '/srv/sarhad'", func(f *Facts) { f.Rights[0].Mode = 0o755 }},
	{"rights.open", Bad, "0640", "chmod 600 '/srv/sarhad/keys/log.key'", func(f *Facts) { f.Rights[1].Mode = 0o640 }},
	{"rights.owner", Bad, "log.key", "chown", func(f *Facts) { f.Rights[1].Ours = false }},
	{"rights.unreadable", Bad, "denied", "account of the node", func(f *Facts) { f.Rights[1].Err = "denied" }},
	{"rights.windows", Unknown, "access list", "icacls", func(f *Facts) { f.Posix = false }},
	{"tls.none", OK, "this machine only", "", func(f *Facts) { f.TLS = Certificate{} }},
	{"tls.broken", Bad, "no file", "node tls", func(f *Facts) { f.TLS.Err = "no file" }},
	{"tls.over", Bad, "ran out on 2026-02-28", "--host node.test --host 10.0.0.1", func(f *Facts) { f.TLS.NotAfter = noon.Add(-24 * time.Hour) }},
	{"tls.over", Bad, "no browser", "node tls", func(f *Facts) { f.TLS.NotAfter = noon }},
	{"tls.soon", Warn, "in 29 days", "node tls", func(f *Facts) { f.TLS.NotAfter = noon.Add(certificateSoon - time.Second) }},
	{"tls.good", OK, "30 days", "", func(f *Facts) { f.TLS.NotAfter = noon.Add(certificateSoon) }},
	{"tls.early", Bad, "later than now", "node tls", func(f *Facts) { f.TLS.NotBefore = noon.Add(time.Hour) }},
	{"network.stale", Bad, "5 days ago: nothing is sent", "directory import", func(f *Facts) { f.Network.Cosigned, f.Network.Sends = noon.AddDate(0, 0, -5), false }},
	{"network.old", Warn, "2 days ago", "line to the hub", func(f *Facts) { f.Network.Cosigned = noon.AddDate(0, 0, -2) }},
	{"network.fork", Bad, "two directories", "directory fork", func(f *Facts) { f.Network.Forked = true }},
	{"network.out", Bad, "kaz-post do not count: revoked", "registrar", func(f *Facts) { f.Network.State, f.Network.Why = "revoked", "revoked" }},
	{"network.ends", Warn, "ends in 6 days", "registrar", func(f *Facts) { f.Network.Until = noon.AddDate(0, 0, 6) }},
	{"network.down", Warn, "for 5 hours", "relay export", func(f *Facts) { f.Network.LineKnown, f.Network.LineDown = true, noon.Add(-5*time.Hour) }},
	{"network.good", OK, "in the network", "", func(f *Facts) { f.Network.LineKnown, f.Network.LineDown = true, noon.Add(-3*time.Hour) }},
	{"network.unreadable", Warn, "3 messages came", "Telephone", func(f *Facts) { f.Network.Unreadable = 3 }},
	{"network.hub", Warn, "of hub ends on 2026-03-11", "node tls", func(f *Facts) { f.Network.HubName, f.Network.HubEnds = "hub", noon.AddDate(0, 0, 10) }},
	{"network.unknown", Unknown, "damaged", "log", func(f *Facts) { f.Network.Err = "damaged" }},
	{"backup.never", Bad, "No backup", "sarhad backup", func(f *Facts) { f.Backup = Backup{} }},
	{"backup.late", Bad, "8 days old", "sarhad backup", func(f *Facts) { f.Backup.At = noon.AddDate(0, 0, -8) }},
	{"backup.missed", Warn, "40 hours", "sarhad backup", func(f *Facts) { f.Backup.At = noon.Add(-40 * time.Hour) }},
	{"backup.future", Warn, "later than now", "sarhad backup", func(f *Facts) { f.Backup.At = noon.Add(time.Hour) }},
	{"backup.unverified", Warn, "never read back", "restore", func(f *Facts) { f.Backup.Verified = false }},
	{"backup.unreadable", Bad, "cut off", "sarhad backup", func(f *Facts) { f.Backup = Backup{Err: "cut off"} }},
	{"version.newer", Bad, "newer program", "newer program again", func(f *Facts) { f.Store.Schema = 10 }},
	{"version.older", Warn, "version 8", "serve", func(f *Facts) { f.Store.Schema = 8 }},
	{"version.index", Warn, "built anew", "serve", func(f *Facts) { f.Store.Index = 0 }},
	{"version.reindex", Warn, "77 records", "reindex", func(f *Facts) { f.Store.ToReindex = 77 }},
	{"version.strange", Warn, "x.new@1", "knows them", func(f *Facts) {
		f.Store.Kinds = append(f.Store.Kinds, sqlite.KindVersion{Kind: "x.new", Oldest: 1, Newest: 1})
	}},
	{"version.kinds", OK, "passenger.journey@1", "", func(f *Facts) {}},
	{"version.closed", Bad, "damaged", "log of the node", func(f *Facts) { f.Err = "damaged" }},
	{"space.full", Bad, "512.0 MiB", "10.0 GiB", func(f *Facts) { f.Space.Free = 512 << 20 }},
	{"space.full", Bad, "grows by", "room", func(f *Facts) { f.Store.WeekAgo, f.Space.Free = 0, 15<<30 }}, // 10 GiB in a week
	{"space.soon", Warn, "28 days", "room", func(f *Facts) { f.Store.WeekAgo, f.Space.Free = 0, 40<<30 }},
	{"space.tight", Warn, "less than the database", "room", func(f *Facts) { f.Store.WeekAgo, f.Space.Free = 1000, 9<<30 }},
	{"space.unknown", Unknown, "gone", "df", func(f *Facts) { f.Space.Err = "gone" }},
	{"owner.silent", Warn, "Process 12", "ps -p 12", func(f *Facts) { f.Owner = Owner{PID: 12, Alive: true} }},
	{"owner.nobody", OK, "No node runs", "", func(f *Facts) { f.Owner = Owner{PID: 12} }},
	{"log.stuck", Bad, "3 acts wait", "audit verify", func(f *Facts) { f.Store.Acts, f.Store.WaitingSince = 53, noon.Add(-2*time.Minute) }},
	{"log.taken", OK, "50 acts", "", func(f *Facts) { f.Store.Acts, f.Store.WaitingSince = 53, noon.Add(-time.Second) }},
	{"log.waiting", Warn, "did not end in order", "serve", func(f *Facts) { f.Owner, f.Store.Acts = Owner{}, 53 }},
	{"log.shorter", Bad, "acts were removed", "oversight", func(f *Facts) { f.Store.Acts, f.Store.Sequenced = 49, 49 }},
	{"log.late", Bad, "grew", "audit:", func(f *Facts) { f.Store.Acts, f.Store.Sequenced, f.Checkpoint.At = 60, 60, noon.Add(-6*time.Minute) }},
	{"log.signed", OK, "60 acts", "", func(f *Facts) {
		f.Store.Acts, f.Store.Sequenced, f.Checkpoint.At, f.Checkpoint.Size = 61, 61, noon.Add(-9*time.Hour), 60
		f.Owner.Since = noon.Add(-time.Minute) // off for the night: it has not had the time to sign
	}},
	{"log.unsigned", Warn, "ever signed", "Start", func(f *Facts) { f.Checkpoint = Checkpoint{} }},
	{"log.checkpoint", Bad, "torn", "audit verify", func(f *Facts) { f.Checkpoint.Err = "torn" }},
	{"journal.long", Warn, "300.0 MiB", "fuser", func(f *Facts) { f.Store.WAL = 300 << 20 }},
	{"quarantine.full", OK, "(rlimits, no_new_privs, seccomp, Landlock 4)", "", func(f *Facts) {}},
	{"quarantine.thin", OK, "the kernel lacks Landlock,", "", func(f *Facts) { f.Quarantine.Level.Landlock = 0 }},
	{"quarantine.partial", Warn, "stand: rlimits, no_new_privs, Landlock 4. Missing: seccomp.", "Linux 5.13", func(f *Facts) { f.Quarantine.Level.Seccomp = false }},
	{"quarantine.partial", Warn, "Missing: rlimits.", "Linux 5.13", func(f *Facts) { f.Quarantine.Level.Limits = false }},
	{"quarantine.none", Bad, "the rights of the node", "Linux 5.13", func(f *Facts) { f.Quarantine.Level = quarantine.Level{} }},
	{"quarantine.windows", Warn, "limited (job object)", "node on Linux", func(f *Facts) {
		f.System, f.Quarantine.Level = "windows", quarantine.Level{Job: true}
	}},
	{"quarantine.broken", Bad, "no program", "Start the node again", func(f *Facts) { f.Quarantine = Quarantine{Err: "no program"} }},
	{"journal.erasures", OK, "7 lines", "", func(f *Facts) { f.Store.Erasures = 7 }},
}

// TestEachFinding proves that one bad fact gives one finding of its weight, says what it means and what to do, and changes
// nothing of the others.
func TestEachFinding(t *testing.T) {
	for _, c := range cases {
		f := well()
		c.spoil(&f)
		var got *Finding
		others := 0
		for _, x := range Examine(f) {
			if x.Code == c.code {
				got = &x
			} else if x.State != OK {
				others++
			}
		}
		switch {
		case got == nil:
			t.Errorf("%s: not found in %+v", c.code, Examine(f))
		case got.State != c.state || !strings.Contains(got.Means, c.means) || !strings.Contains(got.Do, c.do) || (got.Do == "") != (c.state == OK):
			t.Errorf("%s: %+v", c.code, *got)
		case others > 0:
			t.Errorf("%s: %d other findings besides: %+v", c.code, others, Examine(f))
		case strings.Contains(got.Means+got.Do, "{"):
			t.Errorf("%s: a figure is missing: %+v", c.code, *got)
		}
	}
}

// TestEncryption proves what counts as an encrypted disk: dm-crypt in the device or below it, all of a mirror's.
func TestEncryption(t *testing.T) {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	sys := fstest.MapFS{
		"dev/block/8:1/size":              file("1"), // a plain partition
		"dev/block/253:0/dm/uuid":         file("CRYPT-LUKS2-0123456789abcdef-data\n"),
		"dev/block/253:0/slaves/sda1/dev": file("8:1\n"),
		"dev/block/253:1/dm/uuid":         file("LVM-xyz\n"), // a volume on the encrypted one
		"dev/block/253:1/slaves/dm-0/dev": file("253:0\n"),
		"dev/block/253:2/dm/uuid":         file("LVM-abc\n"), // a volume on the plain one
		"dev/block/253:2/slaves/sda1/dev": file("8:1\n"),
		"dev/block/9:0/slaves/dm-0/dev":   file("253:0\n"), // a mirror of both
		"dev/block/9:0/slaves/sda1/dev":   file("8:1\n"),
		"dev/block/9:1/slaves/md1/dev":    file("9:1\n"), // under itself
	}
	for device, want := range map[string]string{"8:1": "", "253:0": "LUKS2", "253:1": "LUKS2", "253:2": "", "9:0": "", "9:1": "error", "7:7": "error"} {
		how, encrypted, err := encryption(sys, device)
		got := how
		if err != nil {
			got = "error"
		}
		if got != want && !(want == "" && !encrypted) || encrypted != (want != "" && want != "error") {
			t.Errorf("%s: %q, %v, %v; want %q", device, how, encrypted, err, want)
		}
	}
}

// TestMountOf proves that a path is looked for on its own mount.
func TestMountOf(t *testing.T) {
	const info = `22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 253:0 / /srv rw - xfs /dev/mapper/srv rw
31 30 0:40 / /srv/my\040data rw - btrfs /dev/mapper/data rw
32 22 0:50 / /srvother rw - tmpfs tmpfs rw
broken line
33 22 253:9 / /srv rw - ext4 /dev/mapper/later rw
`
	for path, want := range map[string]string{"/": "8:1", "/home/x": "8:1", "/srv": "253:9", "/srv/sarhad": "253:9", "/srv/my data/sarhad": "0:40", "/srvother/x": "0:50", "/srvo": "8:1"} {
		if m, ok := mountOf(info, path); !ok || m.Device != want {
			t.Errorf("%s: %+v, want %s", path, m, want)
		}
	}
	if _, ok := mountOf("", "/"); ok {
		t.Error("a mount was found in nothing")
	}
}

// TestBackupNote proves which notes are read, and that a broken one is not "never" and not "fine".
func TestBackupNote(t *testing.T) {
	for text, want := range map[string]Backup{
		"": {}, `{"at":"2026-03-01T02:00:00Z","dir":"/mnt","verified":true}`: {At: noon.Add(-10 * time.Hour), Dir: "/mnt", Verified: true},
		`{"at":"2026-03-01T02:00:00Z","dir":"/mnt"}`:                      {At: noon.Add(-10 * time.Hour), Dir: "/mnt"},
		`{"at":"2026-03-01T02:00:00Z","verified":"2026-03-01T03:00:00Z"}`: {At: noon.Add(-10 * time.Hour), Verified: true},
		`{"at":"2026-03-01T02:00:00Z","verified":"0001-01-01T00:00:00Z"}`: {At: noon.Add(-10 * time.Hour)},
		`{"at":"2026-03-01T02:00:00Z","verified":"later"}`:                {At: noon.Add(-10 * time.Hour)},
		`{"at":`: {Err: "unexpected end of JSON input"},
	} {
		dir := t.TempDir()
		if text != "" {
			if err := os.WriteFile(filepath.Join(dir, BackupNote), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if got := backupOf(dir); got != want {
			t.Errorf("%s: %+v, want %+v", text, got, want)
		}
	}
}

// TestFindingsAreJSON proves the shape that scripts read.
func TestFindingsAreJSON(t *testing.T) {
	b, err := json.Marshal(disk(Facts{Dir: "/d", Disk: Disk{Device: "/dev/sda1"}})[0])
	if err != nil || !strings.Contains(string(b), `"check":"disk","code":"disk.plain","state":"bad","means":"The disk under /d (/dev/sda1)`) {
		t.Errorf("%s, %v", b, err)
	}
}
