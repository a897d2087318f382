package audit

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"sarhad/record"
)

// ActionRestore is the act with which a restored log begins a new incarnation. Its purpose says which life it follows.
const ActionRestore = "restore"

// purposeRestore is the kind of that purpose.
const purposeRestore = "restore"

// Succession says that a log was restored from a backup and goes on under a new name. It cites the last checkpoint of the
// former life that the backup holds; the acts between it and this one were in the backup, unsigned.
type Succession struct {
	Former, New string    // incarnations
	Size        int64     // of the cited checkpoint; 0 = the backup held none
	Root        tlog.Hash // of the cited checkpoint
	Backup      int64     // number of the backup
	At          time.Time // when the backup was made, UTC
	Act         int64     // number of the act that says so; ReadSuccession fills it
}

const successionText = "restored from backup %d of %s; last checkpoint: %d acts, root %s; new log %s"

// Told is the act that says so.
func (s Succession) Told() record.Act {
	return record.Act{Action: ActionRestore, Purpose: record.Purpose{Kind: purposeRestore, Ref: s.Former,
		Text: fmt.Sprintf(successionText, s.Backup, s.At.UTC().Format(time.RFC3339), s.Size, s.Root, s.New)}}
}

// ReadSuccession reads such an act; ok is false for any other.
func ReadSuccession(act record.Act) (s Succession, ok bool) {
	if act.Action != ActionRestore || act.Purpose.Kind != purposeRestore {
		return s, false
	}
	s = Succession{Former: act.Purpose.Ref, Act: act.Number}
	var at, root string
	format := strings.ReplaceAll(successionText, "%s;", "%s") // a scanned word ends at a space and takes its mark along
	if _, err := fmt.Sscanf(act.Purpose.Text, format, &s.Backup, &at, &s.Size, &root, &s.New); err != nil {
		return s, false
	}
	var err error
	if s.At, err = time.Parse(time.RFC3339, strings.TrimSuffix(at, ";")); err != nil {
		return s, false
	}
	if s.Root, err = tlog.ParseHash(strings.TrimSuffix(root, ";")); err != nil {
		return s, false
	}
	return s, true
}

// Life is one incarnation of a log that was restored: what Verify says of it beside findings.
type Life struct {
	Incarnation string    `json:"incarnation"`
	Until       int64     `json:"until,omitempty"` // its acts are those up to here; 0 = it is the present one
	Backup      int64     `json:"backup,omitempty"`
	BackupAt    time.Time `json:"backupAt,omitzero"`
	// Lost counts the acts that this life signed and that the backup did not hold: at least so many were done after the
	// backup and are in no log. They were not cut out of this one.
	Lost   int64     `json:"lost,omitempty"`
	LostAt time.Time `json:"lostAt,omitzero"` // of the last checkpoint that signed them
	Text   string    `json:"text"`            // the same as a sentence
}

// judge says what every checkpoint means for this log and gives how many are about it. A log answers to the checkpoints of the
// incarnation it has, and of those that it followed by a restore that it owns up to: as far as the backup reached. What a
// former life signed beyond that was lost with its machine, or cut off: it is told, with its time, so that people can ask.
// Checkpoints of any other log say that this is not the one that was signed: whoever holds the database can give it another
// incarnation, so that alone excuses nothing.
func (v *verification) judge(tree Tree) (accepted int) {
	for _, c := range v.due {
		v.held = append(v.held, held{Checkpoint: c}) // beyond the tree
	}
	until := v.follow(tree)
	others := map[string][]Checkpoint{}
	lost := map[string]*Checkpoint{}
	for _, c := range v.held {
		limit, former := until[c.Incarnation]
		switch {
		case former && c.Size > limit:
			lost[c.Incarnation] = &c.Checkpoint // the longest comes last
			accepted++
		case !former && c.Incarnation != tree.Incarnation:
			others[c.Incarnation] = append(others[c.Incarnation], c.Checkpoint)
		case c.agrees && c.Unmaskings >= 0 && c.Unmaskings != c.opened:
			accepted++
			v.add(Finding{Kind: "checkpoint", Text: fmt.Sprintf("the checkpoint of %s counts %d unmaskings among its %d acts, the log has %d", minute(c.At), c.Unmaskings, c.Size, c.opened)})
		case c.agrees:
			v.Checkpoints++
			accepted++
		case c.Size > tree.Size:
			accepted++
			v.add(Finding{Kind: "removed", Text: fmt.Sprintf("a checkpoint of %s signed %d acts, the log has %d: acts were cut off", minute(c.At), c.Size, tree.Size)})
		case c.Size > v.tree.n && v.tree.n < tree.Size:
			accepted++ // the tree itself has a hole, which is told
		default:
			accepted++
			v.add(Finding{Kind: "tree", Text: fmt.Sprintf("the first %d acts do not lead to the root signed on %s: the log was rewritten", c.Size, minute(c.At))})
		}
	}
	for i := range v.Lives {
		v.Lives[i].tell(lost[v.Lives[i].Incarnation])
	}
	for _, name := range slices.Sorted(maps.Keys(others)) {
		list := others[name]
		last := list[len(list)-1]
		v.add(Finding{Kind: "checkpoint", Text: fmt.Sprintf("%d checkpoints, the longest of %s over %d acts, were signed for the log %s, and this one calls itself %s: this log is not the one that was signed",
			len(list), minute(last.At), last.Size, name, tree.Incarnation)})
	}
	return accepted
}

// follow walks the restores from the first life to the present one and gives, for each former life that may be followed, its
// last act in this log. A restore counts only if this log was signed with it in and if what it cites was signed; and a chain
// that does not end in the name the log has excuses nothing.
func (v *verification) follow(tree Tree) (until map[string]int64) {
	until = map[string]int64{}
	for i, s := range v.restores {
		next := tree.Incarnation
		if i+1 < len(v.restores) {
			next = v.restores[i+1].Former
		}
		later := map[string]bool{}
		for _, l := range v.restores[i:] {
			later[l.New] = true
		}
		signed, cited := false, s.Size == 0
		for _, c := range v.held {
			signed = signed || c.agrees && later[c.Incarnation] && c.Size >= s.Act
			cited = cited || c.agrees && c.Incarnation == s.Former && c.Size == s.Size && c.Root == s.Root && c.Size < s.Act
		}
		switch {
		case s.New != next:
			v.add(Finding{s.Act, "checkpoint", fmt.Sprintf("act %d says that the log was restored and is %s from there on, and what follows calls itself %s", s.Act, s.New, next)})
		case !signed:
			v.add(Finding{s.Act, "checkpoint", fmt.Sprintf("act %d says that the log was restored, and no checkpoint of the new log signs it: a restore signs before it ends", s.Act)})
		case !cited:
			v.add(Finding{s.Act, "checkpoint", fmt.Sprintf("act %d says that the log was restored and cites a checkpoint over %d acts that the former log %s never signed", s.Act, s.Size, s.Former)})
		default:
			until[s.Former] = s.Act - 1
			v.Lives = append(v.Lives, Life{Incarnation: s.Former, Until: s.Act - 1, Backup: s.Backup, BackupAt: s.At})
		}
	}
	return until
}

// tell makes the sentence of a life that ended with a restore.
func (l *Life) tell(later *Checkpoint) {
	l.Text = fmt.Sprintf("acts 1 to %d are of the log %s; act %d restored them from backup %d of %s", l.Until, l.Incarnation, l.Until+1, l.Backup, minute(l.BackupAt))
	if later == nil {
		return
	}
	l.Lost, l.LostAt = later.Size-l.Until, later.At
	l.Text += fmt.Sprintf("; until %s the former log had signed %d more, which the backup did not hold: they were lost with the former directory, not cut out of this one. Ask who restored, and keep those checkpoints",
		minute(later.At), l.Lost)
}
