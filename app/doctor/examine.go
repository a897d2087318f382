package doctor

import (
	"fmt"
	"strings"
	"time"
)

// State is how serious a finding is.
type State string

// States, mildest first.
const (
	OK      State = "ok"
	Unknown State = "unknown" // could not be told; not the same as fine
	Warn    State = "warn"    // something should be done soon
	Bad     State = "bad"     // something must be done
)

// Finding is what one check found.
type Finding struct {
	Check  string            `json:"check" doc:"disk, clock, rights, tls, backup, version, space, owner, log, journal, quarantine, network"`
	Code   string            `json:"code" doc:"what was found, for translations"`
	State  State             `json:"state" enum:"ok,unknown,warn,bad"`
	Means  string            `json:"means" doc:"one sentence in English"`
	Do     string            `json:"do,omitempty" doc:"what to do; a command where there is one"`
	Values map[string]string `json:"values,omitempty" doc:"figures of the sentence, for translations"`
}

// Limits of the checks.
const (
	// clockSlack is what a clock may be behind the newest act: acts are written by the same clock, so any more is a clock
	// that was set back.
	clockSlack = 2 * time.Second
	// certificateSoon is when a certificate should be renewed: officers' machines are visited within a month.
	certificateSoon = 30 * 24 * time.Hour
	// backupSoon and backupLate are for nights and for weeks: one missed night is a warning, a missed week is not a backup.
	backupSoon = 36 * time.Hour
	backupLate = 7 * 24 * time.Hour
	// spaceLeast is less than a rebuilt index, a backup being staged and a day of imports need.
	spaceLeast = 1 << 30
	// spaceDays is how many days the disk should hold out as it grows now; two weeks are what buying a disk takes.
	spaceDays, spaceSoonDays = 14, 60
	// walLarge is four times what the store lets its write-ahead log grow to before it writes it back.
	walLarge = 256 << 20
	// waitingLate and signedLate are far above the sequencer's second and its minute.
	waitingLate = time.Minute
	signedLate  = 5 * time.Minute
)

// Examine says what the facts mean, in a fixed order.
func Examine(f Facts) []Finding {
	var out []Finding
	for _, check := range []func(Facts) []Finding{disk, clock, rights, certificate, backup, version, space, owner, log, journal, walls, network} {
		out = append(out, check(f)...)
	}
	return out
}

// Worst is the most serious state of all; OK of none.
func Worst(all []Finding) State {
	order := []State{OK, Unknown, Warn, Bad}
	worst := 0
	for _, f := range all {
		for i, s := range order {
			if f.State == s {
				worst = max(worst, i)
			}
		}
	}
	return order[worst]
}

// found makes a finding. Pairs are names and values of the sentence.
func found(code string, s State, means, do string, pairs ...string) []Finding {
	check, _, _ := strings.Cut(code, ".")
	f := Finding{Check: check, Code: code, State: s, Means: means, Do: do}
	for i := 0; i+1 < len(pairs); i += 2 {
		if f.Values == nil {
			f.Values = map[string]string{}
		}
		f.Values[pairs[i]] = pairs[i+1]
		f.Means = strings.ReplaceAll(f.Means, "{"+pairs[i]+"}", pairs[i+1])
		f.Do = strings.ReplaceAll(f.Do, "{"+pairs[i]+"}", pairs[i+1])
	}
	return []Finding{f}
}

func untold(code, what string, err string, do string) []Finding {
	return found(code, Unknown, what+": {err}.", do, "err", err)
}

func disk(f Facts) []Finding {
	d := f.Disk
	switch {
	case d.Err != "" && f.System == "windows":
		return found("disk.windows", Unknown, "Whether BitLocker protects the drive of {dir} cannot be told without an administrator's rights.",
			"In a console run as administrator: manage-bde -status", "dir", f.Dir)
	case d.Err != "":
		return untold("disk.unknown", "Whether the disk of "+f.Dir+" is encrypted cannot be told", d.Err, "Look at it with: lsblk -o NAME,TYPE,MOUNTPOINT")
	case d.Encrypted:
		return found("disk.encrypted", OK, "The data directory lies on an encrypted disk ({device}, {how}).", "", "device", d.Device, "how", d.How)
	}
	return found("disk.plain", Bad, "The disk under {dir} ({device}) is not encrypted: whoever carries the machine away reads every record.",
		"Move the directory to a LUKS volume (cryptsetup luksFormat DEVICE), then: sarhad serve --dir NEWDIR", "dir", f.Dir, "device", d.Device)
}

func clock(f Facts) []Finding {
	c := f.Clock
	var out []Finding
	behind := c.LastAct.Sub(f.Now)
	switch {
	case behind > clockSlack:
		out = found("clock.behind", Bad, "The clock shows {now}, but the newest act in the log is of {act}: the clock was set back by {by} at least, and what is written now will seem older than it is.",
			"Stop the node, set the clock (timedatectl set-ntp true; on Windows w32tm /resync), then start it again",
			"now", stamp(f.Now), "act", stamp(c.LastAct), "by", span(behind))
	case c.Backwards > 0:
		out = found("clock.jumped", Warn, "The clock was set back {times} within the last acts of the log; the order of the acts is kept by their numbers, their times overlap.",
			"Let a time service keep the clock: timedatectl set-ntp true", "times", number(c.Backwards, "time", "times"), "n", fmt.Sprint(c.Backwards))
	default:
		out = found("clock.forward", OK, "The clock goes forward: it shows {now}, the zone of the machine is {zone}. Times are kept in UTC.", "", "now", stamp(f.Now), "zone", c.Zone)
	}
	switch c.Synced {
	case "yes":
		return append(out, found("clock.synced", OK, "A time service keeps the clock.", "")...)
	case "no":
		return append(out, found("clock.free", Warn, "No time service keeps the clock; the times of landings and decisions drift away from those of others.",
			"timedatectl set-ntp true, or give chrony the time server of your network")...)
	}
	return append(out, found("clock.unknown", Unknown, "Whether a time service keeps the clock cannot be told here.", "timedatectl status; on Windows: w32tm /query /status")...)
}

func rights(f Facts) []Finding {
	if !f.Posix {
		return found("rights.windows", Unknown, "Who may read {dir} is decided by its access list, which is not read here.",
			"icacls \"{dir}\" must name the account of the service, SYSTEM and Administrators, and nobody else", "dir", f.Dir)
	}
	var out []Finding
	for _, e := range f.Rights {
		want := "600"
		if e.Dir {
			want = "700"
		}
		switch {
		case e.Err != "":
			out = append(out, found("rights.unreadable", Bad, "{path} cannot be looked at: {err}.", "Run this as the account of the node", "path", e.Path, "err", e.Err)...)
		case e.Mode&0o077 != 0:
			out = append(out, found("rights.open", Bad, "{path} may be used by other accounts of this machine (its mode is {mode}).", "chmod {want} '{path}'",
				"path", e.Path, "mode", fmt.Sprintf("%#o", e.Mode), "want", want)...)
		case !e.Ours:
			out = append(out, found("rights.owner", Bad, "{path} belongs to another account than the directory; the node cannot rely on it.",
				"chown --reference='{dir}' '{path}'", "path", e.Path, "dir", f.Dir)...)
		}
	}
	if len(out) == 0 {
		return found("rights.closed", OK, "The directory and what the node keeps in it ({files}) are the node's alone.", "", "files", number(len(f.Rights), "entry", "entries"), "n", fmt.Sprint(len(f.Rights)))
	}
	return out
}

func certificate(f Facts) []Finding {
	t := f.TLS
	const renew = "sarhad node tls --dir '{dir}' --host {names}, then start the node again"
	names, days := strings.Join(t.Names, ", "), int(t.NotAfter.Sub(f.Now).Hours()/24)
	pairs := []string{"dir", f.Dir, "names", strings.Join(t.Names, " --host "), "list", names, "until", t.NotAfter.UTC().Format("2006-01-02"),
		"days", fmt.Sprint(days), "left", number(days, "day", "days")}
	switch {
	case !t.Set:
		return found("tls.none", OK, "There is no certificate, so the node serves this machine only ({http}).", "", "http", f.HTTP)
	case t.Err != "":
		return found("tls.broken", Bad, "The certificate cannot be used: {err}.", "sarhad node tls --dir '{dir}' --host NAME, then start the node again", "err", t.Err, "dir", f.Dir)
	case !f.Now.Before(t.NotAfter):
		return found("tls.over", Bad, "The certificate for {list} ran out on {until}: no browser opens the node.", renew, pairs...)
	case f.Now.Before(t.NotBefore):
		return found("tls.early", Bad, "The certificate for {list} is valid only later than now: the clock or the certificate is wrong.", renew, pairs...)
	case t.NotAfter.Sub(f.Now) < certificateSoon:
		return found("tls.soon", Warn, "The certificate for {list} runs out in {left}, on {until}.", renew, pairs...)
	}
	return found("tls.good", OK, "The certificate for {list} holds for {left}, until {until}.", "", pairs...)
}

func backup(f Facts) []Finding {
	b := f.Backup
	age := f.Now.Sub(b.At)
	pairs := []string{"dir", f.Dir, "to", b.Dir, "age", span(age), "at", stamp(b.At)}
	const do = "sarhad backup --dir '{dir}'"
	switch {
	case b.Err != "":
		return found("backup.unreadable", Bad, "When the last backup was made cannot be read: {err}.", do, "err", b.Err, "dir", f.Dir)
	case b.At.IsZero():
		return found("backup.never", Bad, "No backup was ever made: when this disk fails, everything is gone.", do, pairs...)
	case age > backupLate:
		return found("backup.late", Bad, "The last backup is {age} old ({at}, in {to}).", do, pairs...)
	case age < -clockSlack:
		return found("backup.future", Warn, "The last backup is said to be of {at}, which is later than now: the clock or that note is wrong.", do, pairs...)
	case age > backupSoon:
		return found("backup.missed", Warn, "The last backup is {age} old ({at}, in {to}): a night was missed.", do, pairs...)
	case !b.Verified:
		return found("backup.unverified", Warn, "The last backup ({at}, in {to}) was never read back: whether it restores is not known.", "Restore it on another machine: sarhad restore --help", pairs...)
	}
	return found("backup.fresh", OK, "The last backup is {age} old, was read back, and lies in {to}.", "", pairs...)
}
