package backup

import (
	"bytes"
	"crypto/hmac"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"sarhad/record"
)

// JournalFile is the journal of erasures in a data directory. A set of backups has one for each incarnation of the node's log,
// beside the backups, so that a restored node does not write over what the former one erased.
const JournalFile = "erasures.journal"

const (
	journalFirst = "sarhad erasures 1"
	macBytes     = 16
	// journalPage is how many lines are asked of the store at once.
	journalPage = 1000
	timeMillis  = "2006-01-02T15:04:05.000Z"
)

// JournalIn is the path of an incarnation's journal in a set.
func JournalIn(set, incarnation string) string {
	return filepath.Join(set, "erasures-"+incarnation+".journal")
}

// Journal is a file that follows the table of erasures: one line for each, chained by keyed hashes, synced when it is written.
// A line holds number, id, what and time, and no word about a person.
type Journal struct {
	Path, Node, Incarnation string
	Key                     Key

	last int64
	mac  []byte
	size int64
}

func (j *Journal) head() (line string, mac []byte) {
	line = fmt.Sprintf("%s %s %s", journalFirst, j.Node, j.Incarnation)
	return line, chain(j.Key, nil, line)
}

func chain(key Key, before []byte, line string) []byte {
	h := key.hash()
	h.Write([]byte("journal\x00"))
	h.Write(before)
	h.Write([]byte(line))
	return h.Sum(nil)[:macBytes]
}

func journalLine(e record.Erasure) string {
	return fmt.Sprintf("%d %s %s %s", e.Number, e.ID, e.What, e.At.UTC().Format(timeMillis))
}

// Extend writes what the table has beyond the file and gives the newest number. table gives lines after a number, oldest first.
// A file that is damaged is written anew from the table; one that is longer than the table is left as it is, with an error:
// then the database is an old copy.
func (j *Journal) Extend(table func(after int64, limit int) ([]record.Erasure, error)) (last int64, err error) {
	defer record.Wrap(&err, "Journal(%s)", j.Path)
	if info, err := os.Stat(j.Path); j.mac == nil || err != nil || info.Size() != j.size {
		if err := j.load(table); err != nil {
			return 0, err
		}
	}
	for {
		page, err := table(j.last, journalPage)
		if err != nil || len(page) == 0 {
			return j.last, err
		}
		if err := j.append(page); err != nil {
			j.mac = nil // half a line may be there: looked at again
			return j.last, err
		}
	}
}

// load learns where the file stands, and makes it when it is missing or not what it should be.
func (j *Journal) load(table func(int64, int) ([]record.Erasure, error)) error {
	b, err := os.ReadFile(j.Path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err == nil {
		read, err := parseJournal(b, j.Key)
		if err == nil && read.Node == j.Node && read.Incarnation == j.Incarnation {
			j.last, j.mac, j.size = int64(len(read.Lines)), read.mac, int64(len(b))
			return j.compare(read.Lines, table)
		}
	}
	line, mac := j.head()
	text := line + " " + hex.EncodeToString(mac) + "\n"
	if err := writeWhole(j.Path, []byte(text)); err != nil {
		return err
	}
	syncDir(filepath.Dir(j.Path))
	j.last, j.mac, j.size = 0, mac, int64(len(text))
	return nil
}

// compare makes sure that the database is not older than the file.
func (j *Journal) compare(lines []record.Erasure, table func(int64, int) ([]record.Erasure, error)) error {
	if len(lines) == 0 {
		return nil
	}
	last := lines[len(lines)-1]
	page, err := table(last.Number-1, 1)
	if err == nil && (len(page) == 0 || page[0].ID != last.ID) {
		j.mac = nil
		return record.Errorf(record.Conflict, "%s knows of %d erasures that this database does not have: the database is an old copy. Restore the backup with 'sarhad restore', so that they are erased again",
			j.Path, len(lines))
	}
	return err
}

func (j *Journal) append(page []record.Erasure) error {
	var b bytes.Buffer
	mac := j.mac
	for i, e := range page {
		if e.Number != j.last+int64(i)+1 {
			return fmt.Errorf("line %d of the table of erasures is missing", j.last+int64(i)+1)
		}
		line := journalLine(e)
		mac = chain(j.Key, mac, line)
		fmt.Fprintf(&b, "%s %x\n", line, mac)
	}
	f, err := os.OpenFile(j.Path, os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b.Bytes())
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	j.last, j.mac, j.size = j.last+int64(len(page)), mac, j.size+int64(b.Len())
	return nil
}

// ReadLines is a journal as it was read.
type ReadLines struct {
	Node, Incarnation string
	Lines             []record.Erasure
	mac               []byte
}

// ReadJournal reads a journal. With an error the lines are those before the damage.
func ReadJournal(path string, key Key) (ReadLines, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return ReadLines{}, &record.Error{Kind: record.Invalid, Err: err, Message: fmt.Sprintf("the journal of erasures %s cannot be read: %v", path, err)}
	}
	read, err := parseJournal(b, key)
	if err != nil {
		err = &record.Error{Kind: record.Invalid, Err: err, Message: fmt.Sprintf("the journal of erasures %s is damaged: %v", path, err)}
	}
	return read, err
}

func parseJournal(b []byte, key Key) (out ReadLines, err error) {
	text, end, whole := cutLast(string(b))
	for n, line := range text {
		at := strings.LastIndexByte(line, ' ')
		if at < 0 {
			return out, fmt.Errorf("line %d is no line of a journal", n+1)
		}
		mac := chain(key, out.mac, line[:at])
		if given, err := hex.DecodeString(line[at+1:]); err != nil || !hmac.Equal(given, mac) {
			return out, fmt.Errorf("line %d was changed, or belongs to another node", n+1)
		}
		if n == 0 {
			f := strings.Fields(line)
			out.Node, out.Incarnation = f[len(f)-3], f[len(f)-2]
		} else {
			e, err := parseErasure(line[:at])
			if err != nil || e.Number != int64(n) {
				return out, fmt.Errorf("line %d cannot be read: %w", n+1, err)
			}
			out.Lines = append(out.Lines, e)
		}
		out.mac = mac
	}
	if len(text) == 0 || !whole {
		return out, fmt.Errorf("it breaks off after %d lines, at %q", len(text), end)
	}
	return out, nil
}

// cutLast gives the whole lines, and what stands behind the last of them.
func cutLast(text string) (whole []string, rest string, ok bool) {
	all := strings.Split(text, "\n")
	rest = all[len(all)-1]
	return all[:len(all)-1], rest[:min(len(rest), 20)], rest == ""
}

func parseErasure(line string) (e record.Erasure, err error) {
	f := strings.Fields(line)
	if len(f) != 4 {
		return e, errors.New("four words are expected")
	}
	if e.Number, err = strconv.ParseInt(f[0], 10, 64); err != nil {
		return e, err
	}
	if e.ID, err = record.ParseID(f[1]); err != nil {
		return e, err
	}
	e.What = f[2]
	e.At, err = time.Parse(timeMillis, f[3])
	return e, err
}

// Journals finds what to erase again: the union of all journals of a set and of further files, in the order of their times. It
// complains when the journals do not reach as far as the backups of the set say, and when one is damaged, unless a sound one was
// given with it; then damage is told all the same. The lines that could be read are given in any case.
func (s Set) Journals(key Key, headers []Header, extra ...string) (out []record.Erasure, damage string, err error) {
	entries, err := os.ReadDir(s.Dir)
	if err != nil {
		return nil, "", err
	}
	paths := slices.Clone(extra)
	for _, e := range entries {
		if name := e.Name(); e.Type().IsRegular() && strings.HasPrefix(name, "erasures") && strings.HasSuffix(name, ".journal") {
			paths = append(paths, filepath.Join(s.Dir, name))
		}
	}
	type what struct {
		id   record.ID
		what string
	}
	seen, reach := map[what]bool{}, map[string]int64{}
	var wrong error
	helped := false
	for i, path := range paths {
		read, err := ReadJournal(path, key)
		if err != nil {
			wrong = errors.Join(wrong, err)
			damage = strings.TrimPrefix(damage+"\n"+record.MessageOf(err), "\n")
		} else {
			reach[read.Incarnation] = max(reach[read.Incarnation], int64(len(read.Lines)))
			helped = helped || i < len(extra)
		}
		for _, e := range read.Lines {
			if k := (what{e.ID, e.What}); !seen[k] {
				seen[k] = true
				out = append(out, e)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b record.Erasure) int { return a.At.Compare(b.At) })
	short := s.short(headers, reach)
	switch {
	case wrong != nil && (short != nil || !helped):
		return out, damage, wrong
	case short != nil:
		return out, short.Message, short
	}
	return out, damage, nil
}

// short says which journal does not reach as far as a backup of the set knew.
func (s Set) short(headers []Header, reach map[string]int64) *record.Error {
	for _, h := range slices.Backward(headers) {
		have, ok := reach[h.Incarnation]
		switch {
		case !ok:
			return record.Errorf(record.Invalid, "the journal of erasures is missing in %s: backup %d was made with one", s.Dir, h.Number)
		case have < h.Journal:
			return record.Errorf(record.Invalid, "the journal of erasures in %s is cut off: it has %d lines, and backup %d knew of %d", s.Dir, have, h.Number, h.Journal)
		}
	}
	return nil
}
