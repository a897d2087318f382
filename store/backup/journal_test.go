package backup_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sarhad/record"
	"sarhad/store/backup"
)

// table is a journal of erasures as a store keeps it.
type table []record.Erasure

func (l *table) erase(n int) {
	for range n {
		i := int64(len(*l)) + 1
		*l = append(*l, record.Erasure{Number: i, ID: record.ID{byte(i), 7}, What: record.ErasureErase, At: time.UnixMilli(1_700_000_000_123 + i).UTC()})
	}
}

func (l *table) after(after int64, limit int) ([]record.Erasure, error) {
	rest := (*l)[min(int(after), len(*l)):]
	return rest[:min(limit, len(rest))], nil
}

// TestJournalFollows proves that a journal grows with the table, line by line, through restarts, torn lines and a lost disk, and
// reads back as the table is.
func TestJournalFollows(t *testing.T) {
	path, key := filepath.Join(t.TempDir(), "erasures.journal"), backup.Key("k")
	var l table
	open := func() *backup.Journal {
		return &backup.Journal{Path: path, Node: "kz", Incarnation: "life", Key: key}
	}
	j := open()
	extend := func(when string) {
		t.Helper()
		n, err := j.Extend(l.after)
		if err != nil || n != int64(len(l)) {
			t.Fatalf("%s: %d lines, %v", when, n, err)
		}
		read, err := backup.ReadJournal(path, key)
		if err != nil || len(read.Lines) != len(l) || read.Node != "kz" || read.Incarnation != "life" {
			t.Fatalf("%s: %+v %v", when, read, err)
		}
		for i, e := range read.Lines {
			if e != l[i] {
				t.Fatalf("%s: line %d is %+v, want %+v", when, i, e, l[i])
			}
		}
	}
	extend("empty")
	l.erase(3)
	extend("three")
	b, err := os.ReadFile(path)
	must(t, err)
	l.erase(2500)
	extend("many")
	after, err := os.ReadFile(path)
	must(t, err)
	if !bytes.HasPrefix(after, b) {
		t.Error("lines that were written are not written again")
	}
	j = open()
	l.erase(1)
	extend("after a restart")
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	must(t, err)
	_, err = f.WriteString("2505 torn")
	must(t, err)
	must(t, f.Close())
	l.erase(1)
	extend("after a torn line")
	must(t, os.Remove(path))
	extend("after the disk was changed")
}

// TestJournalOfANewerDatabase proves that an old copy of a database does not write over what a newer one erased.
func TestJournalOfANewerDatabase(t *testing.T) {
	path, key := filepath.Join(t.TempDir(), "erasures.journal"), backup.Key("k")
	var l table
	l.erase(9)
	j := &backup.Journal{Path: path, Node: "kz", Incarnation: "life", Key: key}
	_, err := j.Extend(l.after)
	must(t, err)
	old := l[:4]
	j = &backup.Journal{Path: path, Node: "kz", Incarnation: "life", Key: key}
	if _, err := j.Extend(old.after); err == nil || !strings.Contains(record.MessageOf(err), "old copy") {
		t.Errorf("an old copy of the database: %v", err)
	}
	if read, err := backup.ReadJournal(path, key); err != nil || len(read.Lines) != 9 {
		t.Errorf("the journal has %d lines left, %v", len(read.Lines), err)
	}
}

// TestJournalCannotBeChanged proves that a line that was taken out, put in, changed or moved is found.
func TestJournalCannotBeChanged(t *testing.T) {
	path, key := filepath.Join(t.TempDir(), "erasures.journal"), backup.Key("k")
	var l table
	l.erase(4)
	j := &backup.Journal{Path: path, Node: "kz", Incarnation: "life", Key: key}
	_, err := j.Extend(l.after)
	must(t, err)
	b, err := os.ReadFile(path)
	must(t, err)
	lines := strings.SplitAfter(string(b), "\n")
	other := filepath.Join(t.TempDir(), "erasures.journal")
	_, err = (&backup.Journal{Path: other, Node: "kz", Incarnation: "other life", Key: key}).Extend(l.after)
	must(t, err)
	b2, err := os.ReadFile(other)
	must(t, err)
	foreign := strings.SplitAfter(string(b2), "\n")
	for name, text := range map[string]string{
		"from another life": lines[0] + lines[1] + foreign[2] + lines[3] + lines[4],
		"taken out":         lines[0] + lines[1] + lines[3] + lines[4],
		"moved":             lines[0] + lines[2] + lines[1] + lines[3] + lines[4],
		"changed":           strings.Replace(string(b), "erase", "mask", 1),
		"no head":           strings.Join(lines[1:], ""),
		"empty":             "",
	} {
		must(t, os.WriteFile(path, []byte(text), 0o600))
		if read, err := backup.ReadJournal(path, key); err == nil {
			t.Errorf("%s: %+v", name, read)
		}
	}
	must(t, os.WriteFile(path, b, 0o600))
	if _, err := backup.ReadJournal(path, backup.Key("another node")); err == nil {
		t.Error("a journal of another node is read")
	}
}
