package doctor

import (
	"fmt"
	"strings"
	"time"
)

func version(f Facts) []Finding {
	if f.Err != "" {
		return found("version.closed", Bad, "The database cannot be read: {err}.", "Keep the directory as it is and look at the log of the node", "err", f.Err)
	}
	h := f.Store
	pairs := []string{"program", f.Program, "schema", fmt.Sprint(h.Schema), "known", fmt.Sprint(h.KnownSchema), "index", fmt.Sprint(h.Index), "dir", f.Dir}
	var out []Finding
	switch {
	case h.Schema > h.KnownSchema:
		out = found("version.newer", Bad, "The database has version {schema}, this program ({program}) knows versions up to {known}: a newer program has written it.",
			"Install the newer program again", pairs...)
	case h.Schema < h.KnownSchema:
		out = found("version.older", Warn, "The database has version {schema}, this program ({program}) brings it to {known} when it starts.",
			"Make a backup, then start the node: sarhad serve --dir '{dir}'", pairs...)
	default:
		out = found("version.current", OK, "Program {program}, database version {schema}, index version {index}.", "", pairs...)
	}
	switch {
	case h.Index != h.KnownIndex:
		out = append(out, found("version.index", Warn, "The index has version {index}, this program's has another; it is built anew when the node starts, and nobody is screened until then.",
			"sarhad serve --dir '{dir}'", pairs...)...)
	case h.ToReindex > 0:
		out = append(out, found("version.reindex", Warn, "The index is being built anew: {records} left, and nobody new is screened until it is whole.",
			"Let the node run; if it does not: sarhad reindex --dir '{dir}'", "records", number(h.ToReindex, "record is", "records are"), "n", fmt.Sprint(h.ToReindex), "dir", f.Dir)...)
	}
	var old, strange []string
	for _, k := range h.Kinds {
		known := f.Kinds[k.Kind]
		if k.Newest > known {
			strange = append(strange, fmt.Sprintf("%s@%d", k.Kind, k.Newest))
		}
		if known > 0 {
			old = append(old, fmt.Sprintf("%s@%d", k.Kind, k.Oldest))
		}
	}
	if len(strange) > 0 {
		out = append(out, found("version.strange", Warn, "Records of kinds or versions that this program does not know are kept and shown raw, not searched: {kinds}.",
			"Install a program that knows them", "kinds", strings.Join(strange, ", "))...)
	}
	if len(old) > 0 {
		out = append(out, found("version.kinds", OK, "The oldest stored bodies: {kinds}.", "", "kinds", strings.Join(old, ", "))...)
	}
	return out
}

func space(f Facts) []Finding {
	s := f.Space
	if s.Err != "" {
		return untold("space.unknown", "How much room the disk has cannot be told", s.Err, "df -h '"+f.Dir+"'")
	}
	perDay := f.growth()
	days := int64(-1) // no growth to speak of
	if perDay > 0 {
		days = s.Free / perDay
	}
	pairs := []string{"free", size(s.Free), "database", size(f.Store.Database), "day", size(perDay), "days", fmt.Sprint(days)}
	const do = "Free or add room; a rebuilt index and a backup need as much as the database ({database})"
	switch {
	case s.Free < spaceLeast || days >= 0 && days < spaceDays:
		return found("space.full", Bad, "The disk has {free} left; the database has {database} and grows by {day} a day. When the disk is full nothing is taken in.", do, pairs...)
	case days >= 0 && days < spaceSoonDays:
		return found("space.soon", Warn, "The disk has {free} left, {days} days at {day} a day.", do, pairs...)
	case s.Free < f.Store.Database:
		return found("space.tight", Warn, "The disk has {free} left, less than the database itself ({database}): a rebuild of the index or a backup beside it may not fit.", do, pairs...)
	}
	return found("space.enough", OK, "The disk has {free} left; the database has {database} and grows by {day} a day.", "", pairs...)
}

// growth is how many bytes the database grew a day over the last week: as much of it as of the change sequence.
func (f Facts) growth() int64 {
	h := f.Store
	if h.Head == 0 {
		return 0
	}
	week := float64(h.Database) * float64(h.Head-h.WeekAgo) / float64(h.Head)
	return int64(week / 7)
}

func owner(f Facts) []Finding {
	o := f.Owner
	switch {
	case o.Served:
		return found("owner.served", OK, "Process {pid} serves the directory at {http} ('sarhad {doing}', version {version}, since {since}); commands typed here run inside it.", "",
			"http", f.HTTP, "pid", fmt.Sprint(o.PID), "doing", o.Doing, "version", o.Version, "since", stamp(o.Since))
	case o.Alive:
		return found("owner.silent", Warn, "Process {pid} was the last owner of the directory and lives, but takes no commands: another command that runs, or a node that hangs.",
			"ps -p {pid}; if it is a node that hangs, stop its service", "pid", fmt.Sprint(o.PID))
	}
	return found("owner.nobody", OK, "No node runs on the directory.", "")
}

// log is about the log of acts.
func log(f Facts) []Finding {
	if f.Err != "" {
		return nil
	}
	h := f.Store
	waiting := h.Acts - h.Sequenced
	verify := "sarhad audit verify --dir '" + f.Dir + "'"
	var out []Finding
	switch {
	case waiting > 0 && f.Owner.Served && f.Now.Sub(h.WaitingSince) > waitingLate:
		out = found("log.stuck", Bad, "{acts} to be taken into the log, the oldest since {since}: until then it could be changed unseen.",
			"Look for \"audit:\" in the log of the node, then: "+verify, "acts", number(waiting, "act waits", "acts wait"), "n", fmt.Sprint(waiting), "since", stamp(h.WaitingSince))
	case waiting > 0 && !f.Owner.Served:
		out = found("log.waiting", Warn, "{acts} to be taken into the log: the node did not end in order.", "Start it: sarhad serve --dir '"+f.Dir+"'", "acts", number(waiting, "act waits", "acts wait"), "n", fmt.Sprint(waiting))
	default:
		out = found("log.taken", OK, "{acts} in the log.", "", "acts", number(h.Sequenced, "act is", "acts are"), "n", fmt.Sprint(h.Sequenced))
	}
	c := f.Checkpoint
	age := f.Now.Sub(c.At)
	if f.Owner.Since.After(c.At) { // a node that was off for the night signs soon after its start
		age = f.Now.Sub(f.Owner.Since)
	}
	pairs := []string{"at", stamp(c.At), "size", fmt.Sprint(c.Size), "acts", fmt.Sprint(h.Acts), "err", c.Err}
	switch {
	case c.Err != "":
		return append(out, found("log.checkpoint", Bad, "The newest signed checkpoint cannot be read: {err}.", verify, pairs...)...)
	case c.Size == 0 && h.Acts > 0:
		return append(out, found("log.unsigned", Warn, "Nothing of the log was ever signed.", "Start the node once: it signs at its start and at its end", pairs...)...)
	case c.Size > h.Acts:
		return append(out, found("log.shorter", Bad, "A checkpoint was signed over more acts ({size}) than the log has ({acts}): acts were removed.",
			"Keep the directory as it is, tell the oversight body, and run: "+verify, pairs...)...)
	case c.Size < h.Acts && f.Owner.Served && age > signedLate:
		return append(out, found("log.late", Bad, "The log grew, but its newest checkpoint is of {at}.", "Look for \"audit:\" in the log of the node", pairs...)...)
	}
	return append(out, found("log.signed", OK, "The newest checkpoint was signed at {at} over {over}.", "", append(pairs, "over", number(c.Size, "act", "acts"))...)...)
}

// journal is about what is on its way: the write-ahead log and the journal of erasures.
func journal(f Facts) []Finding {
	if f.Err != "" {
		return nil
	}
	wal := size(f.Store.WAL)
	out := found("journal.wal", OK, "The write-ahead log has {size}.", "", "size", wal)
	if f.Store.WAL > walLarge {
		out = found("journal.long", Warn, "The write-ahead log has {size}: somebody reads an old state for long, or nothing is written back.",
			"Start the node again; if it grows anew, look for a program that holds sarhad.db open: fuser '"+f.Dir+"/sarhad.db'", "size", wal)
	}
	return append(out, found("journal.erasures", OK, "The journal of erasures has {lines}; a restored backup erases again what it names.", "", "lines", number(f.Store.Erasures, "line", "lines"), "n", fmt.Sprint(f.Store.Erasures))...)
}

// stamp is a time as an administrator reads it.
func stamp(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format("2006-01-02 15:04 UTC")
}

// span is a duration in its largest unit.
func span(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%d days", int(d.Hours()/24))
	case d >= 2*time.Hour:
		return fmt.Sprintf("%d hours", int(d.Hours()))
	case d > -time.Minute && d < time.Minute:
		return "less than a minute"
	}
	return number(int(d.Minutes()), "minute", "minutes")
}

// number writes a count with its word.
func number[N int | int64](n N, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// size is bytes in the unit that gives few digits, powers of 1024.
func size(n int64) string {
	units := []string{"bytes", "KiB", "MiB", "GiB", "TiB"}
	x, i := float64(n), 0
	for x >= 1024 && i < len(units)-1 {
		x, i = x/1024, i+1
	}
	if i == 0 {
		return fmt.Sprintf("%d %s", n, units[0])
	}
	return fmt.Sprintf("%.1f %s", x, units[i])
}
