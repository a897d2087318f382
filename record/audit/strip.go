package audit

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"maps"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"sarhad/record"
)

// Kept names the actions whose rows are never stripped: the log itself rests on them. They name officers at most, nobody that
// a record is about.
func Kept(action string) bool {
	switch action {
	case record.ActStrip, ActionRestore, record.ActPasskeyAdd, record.ActPasskeyRemove:
		return true
	}
	return false
}

// Strip says that an act took detail out of a row, with the hash of what it left there.
type Strip struct {
	Number int64 // the row
	Act    int64 // the act that answers for it
	Rest   tlog.Hash
}

// Rest is the hash of what is left of an act: SHA-256 over its JSON. It tells nothing of what was taken out.
func Rest(left record.Act) (tlog.Hash, error) {
	b, err := json.Marshal(left)
	return sha256.Sum256(b), err
}

// AddStrip adds a row to the hash that an act of stripping stands for; rows come in ascending order.
func AddStrip(sum hash.Hash, number int64, leaf, rest tlog.Hash) {
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(number))
	sum.Write(n[:])
	sum.Write(leaf[:])
	sum.Write(rest[:])
}

// strips are the acts of stripping met while a log is verified.
type strips struct {
	sums  map[int64]hash.Hash // by act, over the rows seen so far
	count map[int64]int
	left  map[int64][]tlog.Hash // what acts left of each row of this block
	begun int64                 // acts there were when the verification began: later ones answer the next time
	late  map[int64]bool        // acts of stripping that came while it ran
}

// block reads what was stripped of the rows from+1..from+n, and adds it up with their stored leaves. It comes after the rows
// were read: so each that was read without its salt has its line.
func (s *strips) block(ctx context.Context, table Table, from int64, stored []tlog.Hash) error {
	found, err := table.AuditStrips(ctx, from, from+int64(len(stored)))
	if err != nil {
		return err
	}
	if s.sums == nil {
		s.sums, s.count, s.late = map[int64]hash.Hash{}, map[int64]int{}, map[int64]bool{}
	}
	s.left = map[int64][]tlog.Hash{}
	for _, x := range found {
		s.left[x.Number] = append(s.left[x.Number], x.Rest)
		if x.Act > s.begun { // some of its rows may have been passed before it came
			s.late[x.Act] = true
			continue
		}
		if s.sums[x.Act] == nil {
			s.sums[x.Act] = sha256.New()
		}
		AddStrip(s.sums[x.Act], x.Number, stored[x.Number-from-1], x.Rest)
		s.count[x.Act]++
	}
	return nil
}

// says reports whether an act took detail out of a row without its salt, and whether the row is what an act left.
func (s *strips) says(row Row) (said, same bool) {
	left := s.left[row.Number]
	now, err := Rest(row.Act)
	return len(left) > 0, err == nil && slices.Contains(left, now)
}

// stripping holds every row that was stripped against the acts that answer for it.
func (v *verification) stripping(ctx context.Context) error {
	for _, act := range slices.Sorted(maps.Keys(v.strips.sums)) {
		rows, err := v.table.AuditRows(ctx, act-1, 1)
		if err != nil {
			return err
		}
		if len(rows) == 1 && rows[0].Number == act && rows[0].Action == record.ActStrip && rows[0].Count == v.strips.count[act] &&
			rows[0].IDs == hex.EncodeToString(v.strips.sums[act].Sum(nil)) {
			continue
		}
		v.add(Finding{act, "stripped", fmt.Sprintf("detail of %d acts is said to have been taken out by act %d, which does not answer for exactly these", v.strips.count[act], act)})
	}
	for _, act := range slices.Sorted(maps.Keys(v.strips.late)) {
		rows, err := v.table.AuditRows(ctx, act-1, 1)
		if err != nil {
			return err
		}
		if len(rows) == 0 || rows[0].Number != act || rows[0].Action != record.ActStrip {
			v.add(Finding{act, "stripped", fmt.Sprintf("detail of acts is said to have been taken out by act %d, which is none that does", act)})
		}
	}
	return nil
}
