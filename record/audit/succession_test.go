package audit

import (
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"sarhad/record"
)

// restored is the log of a backup, taken when the log had n acts and its last checkpoint size, that goes on as life-2 on
// another machine; old is the machine that was left behind.
func restored(t *testing.T) (old, now *memory, seq *Sequencer, v note.Verifiers, s Succession) {
	t.Helper()
	old, oldSeq, v := log(t, 20)
	old.write(3) // done, and not yet signed when the backup was made
	now = &memory{life: "life-2", rows: slices.Clone(old.rows), size: old.size, hashes: slices.Clone(old.hashes), checkpoints: slices.Clone(old.checkpoints)}
	last, err := ReadCheckpoint(old.checkpoints[1])
	if err != nil {
		t.Fatal(err)
	}
	s = Succession{Former: "life-1", New: "life-2", Size: last.Size, Root: last.Root, Backup: 4, At: time.Unix(80, 0).UTC()}
	now.do(s.Told())
	seq = &Sequencer{Table: now, Signer: oldSeq.Signer, Log: oldSeq.Log, Now: oldSeq.Now}
	old.write(10) // the old machine goes on
	for _, q := range []*Sequencer{oldSeq, seq} {
		if err := q.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	return old, now, seq, v, s
}

func (m *memory) do(a record.Act) {
	m.write(1)
	r := &m.rows[len(m.rows)-1]
	a.Number, a.At, a.User = r.Number, r.At, "restore"
	r.Act = a
}

// TestSuccessionIsReadBack proves that the act says all that was told.
func TestSuccessionIsReadBack(t *testing.T) {
	_, now, _, _, want := restored(t)
	want.Act = 24
	if got, ok := ReadSuccession(now.rows[23].Act); !ok || got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if _, ok := ReadSuccession(now.rows[3].Act); ok {
		t.Error("an act of reading is no restore")
	}
}

// TestRestoredLogIsAccepted proves that a log that owns up to its restore verifies, that the checkpoints of its former life
// still hold it, and that what the old machine signed later is told as lost and is no finding.
func TestRestoredLogIsAccepted(t *testing.T) {
	old, now, seq, v, _ := restored(t)
	rep := verify(t, now, v)
	if !rep.OK() || rep.Checkpoints != 3 || len(rep.Lives) != 1 || rep.Lives[0].Until != 23 || rep.Lives[0].Lost != 0 {
		t.Fatalf("%+v", rep)
	}
	rep = verify(t, now, v, old.checkpoints...)
	if !rep.OK() || len(rep.Lives) != 1 || rep.Lives[0].Lost != 10 || !strings.Contains(rep.Lives[0].Text, "had signed 10 more") {
		t.Fatalf("with what the old machine signed later: %+v", rep)
	}
	again := Succession{Former: "life-2", New: "life-3", Size: now.size, Backup: 9, At: time.Unix(99, 0)}
	last, err := ReadCheckpoint(now.checkpoints[len(now.checkpoints)-1])
	if err != nil {
		t.Fatal(err)
	}
	again.Root = last.Root
	now.life = "life-3"
	now.do(again.Told())
	if err := seq.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if rep := verify(t, now, v, old.checkpoints...); !rep.OK() || len(rep.Lives) != 2 || rep.Lives[1].Incarnation != "life-2" {
		t.Fatalf("restored twice: %+v", rep)
	}
}

// TestARestoreExcusesNothing proves what a restored log is still held to.
func TestARestoreExcusesNothing(t *testing.T) {
	for _, c := range []struct {
		name, want string
		harm       func(now *memory, s Succession)
	}{
		{"an act of the former life was changed", "changed", func(m *memory, _ Succession) { m.rows[4].User = "somebody else" }},
		{"what it cites was never signed", "checkpoint", func(m *memory, _ Succession) { m.checkpoints = m.checkpoints[2:] }},
		{"the act of the restore was removed", "checkpoint", func(m *memory, _ Succession) { m.rows = m.rows[:23]; m.size = 23 }},
		{"nothing of the new life is signed", "checkpoint", func(m *memory, _ Succession) { m.checkpoints = m.checkpoints[:2] }},
		{"it calls itself something else again", "checkpoint", func(m *memory, _ Succession) { m.life = "life-9" }},
		{"acts of the new life were cut off", "removed", func(m *memory, _ Succession) { m.rows = m.rows[:23]; m.size = 23 }},
	} {
		_, now, _, v, s := restored(t)
		c.harm(now, s)
		rep := verify(t, now, v)
		if !slices.ContainsFunc(rep.Findings, func(f Finding) bool { return f.Kind == c.want }) {
			t.Errorf("%s: findings %v, want one of kind %q", c.name, rep.Findings, c.want)
		}
	}
}

// TestAForgedRestoreHidesNothing proves that who holds the database and not the key cannot cut acts off and call it a
// restore.
func TestAForgedRestoreHidesNothing(t *testing.T) {
	m, _, v := log(t, 20)
	all := slices.Clone(m.checkpoints)
	first, err := ReadCheckpoint(all[0])
	if err != nil {
		t.Fatal(err)
	}
	cut := &memory{life: "life-2", rows: slices.Clone(m.rows[:10]), size: 10, hashes: slices.Clone(m.hashes), checkpoints: all[:1]}
	cut.do(Succession{Former: "life-1", New: "life-2", Size: first.Size, Root: first.Root, Backup: 1}.Told())
	if rep := verify(t, cut, v, all...); rep.OK() {
		t.Errorf("acts were cut off and a restore pretended: %+v", rep)
	}
}
