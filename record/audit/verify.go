package audit

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"math"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"sarhad/record"
)

// Finding is one thing that is not as it was logged.
type Finding struct {
	Number int64  `json:"number,omitempty"` // act; 0 when it is about the tree or a checkpoint
	Kind   string `json:"kind"`             // changed, removed, added, stripped, tree, checkpoint, signature
	Text   string `json:"text"`
}

// Report is the result of Verify.
type Report struct {
	Rows        int64     `json:"rows"`        // acts read
	Size        int64     `json:"size"`        // leaves in the tree
	Root        string    `json:"root"`        // of the tree, base64
	Waiting     int64     `json:"waiting"`     // acts not yet taken into the tree
	Stripped    int64     `json:"stripped"`    // acts whose detail was taken out, each answered for by an act
	Checkpoints int       `json:"checkpoints"` // that agree with the tree, each counted once
	Signatures  int       `json:"signatures"`  // acts whose signature holds
	Findings    []Finding `json:"findings"`
	Truncated   bool      `json:"truncated"` // more findings than MaxFindings

	Lives []Life `json:"lives,omitempty"` // of a log that was restored from a backup, oldest first; none otherwise
}

// MaxFindings keeps a report readable when a whole log was rewritten.
const MaxFindings = 1000

// OK reports whether nothing was found.
func (r Report) OK() bool { return len(r.Findings) == 0 }

const (
	// block is how many rows, leaves or checkpoints are read at once.
	block = 1000
	// unsignedFor is how long a log may be, by the times of its acts, before its first checkpoint: a node signs each
	// DefaultCheckpoint, so what is longer had one that was taken away.
	unsignedFor = 2 * DefaultCheckpoint
)

// Verify recomputes every leaf from its row, the tree from the leaves, and compares with the stored leaves and all
// checkpoints; signatures of acts are verified against keys that the log itself says were enrolled. extra are checkpoints from outside (files, other nodes). It reads the table once, in order; memory is
// O(log n) for the tree and some hundred bytes a checkpoint. The node may run meanwhile.
func Verify(ctx context.Context, table Table, verifiers note.Verifiers, extra [][]byte) (rep Report, err error) {
	defer record.Wrap(&err, "audit.Verify")
	v := &verification{Report: Report{Findings: []Finding{}}, table: table, owners: owners{}}
	// Before the tree is asked how far it is: a checkpoint signed meanwhile would seem to sign acts that were cut off.
	signed, err := v.signatures(ctx, verifiers, extra)
	if err != nil {
		return v.Report, err
	}
	tree, err := table.AuditTree(ctx)
	if err != nil {
		return v.Report, err
	}
	v.Size, v.due, v.strips.begun = tree.Size, signed, tree.Rows
	for _, step := range []func(context.Context) error{v.impossible, v.leaves, v.waiting, v.stripping} {
		if err := step(ctx); err != nil {
			return v.Report, err
		}
	}
	accepted := v.judge(tree)
	if accepted == 0 && v.last.Sub(v.first) > unsignedFor {
		v.add(Finding{Kind: "checkpoint", Text: fmt.Sprintf("nothing signs this log of %d acts from %s to %s: a node signs each minute, so its checkpoints were taken away",
			tree.Size, minute(v.first), minute(v.last))})
	}
	if v.tree.n == tree.Size && tree.Size > 0 {
		v.Root = v.tree.root().String()
	}
	return v.Report, nil
}

// verification is a Verify under way.
type verification struct {
	Report
	table       Table
	tree        growing
	strips      strips
	opened      int64        // acts of ActUnmask so far
	isOpen      []bool       // of the rows of this block
	due         []Checkpoint // not yet reached, by size
	held        []held       // reached: held against the tree
	restores    []Succession // told by acts in the tree, in their order
	first, last time.Time    // of acts in the tree
	owners      owners       // of passkeys
}

func minute(t time.Time) string { return t.UTC().Format("2006-01-02 15:04") }

func (v *verification) add(f Finding) {
	if len(v.Findings) >= MaxFindings {
		v.Truncated = true
		return
	}
	v.Findings = append(v.Findings, f)
}

// signatures gives every checkpoint that this node signed, once each, by size.
func (v *verification) signatures(ctx context.Context, verifiers note.Verifiers, extra [][]byte) (out []Checkpoint, err error) {
	seen := map[[sha256.Size]byte]bool{}
	take := func(text []byte) {
		sum := sha256.Sum256(text)
		if seen[sum] {
			return // those written out are those in the table
		}
		seen[sum] = true
		c, err := ReadCheckpoint(text)
		if err != nil {
			v.add(Finding{Kind: "checkpoint", Text: err.Error()})
			return
		}
		if _, err := note.Open(text, verifiers); err != nil {
			v.add(Finding{Kind: "checkpoint", Text: fmt.Sprintf("the checkpoint at %d is not signed by this node: %v", c.Size, err)})
			return
		}
		out = append(out, c)
	}
	for after := int64(math.MinInt64); ; {
		kept, err := v.table.Checkpoints(ctx, after, block)
		if err != nil {
			return nil, err
		}
		if len(kept) == 0 {
			break
		}
		for _, s := range kept {
			take(s.Text)
			after = s.Number
		}
	}
	for _, text := range extra {
		take(text)
	}
	slices.SortStableFunc(out, func(a, b Checkpoint) int { return cmp.Compare(a.Size, b.Size) })
	return out, nil
}

// impossible finds rows before the first.
func (v *verification) impossible(ctx context.Context) error {
	for after := int64(math.MinInt64); ; {
		rows, err := v.table.AuditRows(ctx, after, block)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if row.Number > 0 {
				return nil
			}
			v.Rows++
			after = row.Number
			v.add(Finding{row.Number, "added", fmt.Sprintf("act %d has a number no act can have", row.Number)})
		}
		if len(rows) == 0 {
			return nil
		}
	}
}

// waiting counts the rows that are not in the tree yet.
func (v *verification) waiting(ctx context.Context) error {
	for after := v.Size; ; {
		rows, err := v.table.AuditRows(ctx, after, block)
		if err != nil || len(rows) == 0 {
			return err
		}
		v.Rows += int64(len(rows))
		for _, row := range rows {
			v.signed(row)
		}
		v.Waiting += int64(len(rows))
		after = rows[len(rows)-1].Number
	}
}

// leaves compares the rows in the tree with their leaves, and the tree with its checkpoints on the way.
func (v *verification) leaves(ctx context.Context) error {
	for from := int64(0); from < v.Size; from += block {
		n := min(block, v.Size-from)
		positions := make([]int64, n)
		for i := range positions {
			positions[i] = tlog.StoredHashIndex(0, from+int64(i))
		}
		stored, err := v.table.TreeHashes(ctx, positions)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			v.add(Finding{Kind: "tree", Text: fmt.Sprintf("hashes of the tree are missing after act %d; nothing beyond can be proved: %v", from, err)})
			return nil
		}
		rows, err := v.rowLeaves(ctx, from, stored)
		if err != nil {
			return err
		}
		for i, leaf := range stored {
			number := from + int64(i) + 1
			switch rows[i] {
			case leaf:
			case unanswered:
				v.add(Finding{number, "stripped", fmt.Sprintf("detail of act %d is missing and no act answers for it", number)})
			case tlog.Hash{}:
				v.add(Finding{number, "removed", fmt.Sprintf("act %d was logged and is no longer in the table", number)})
			default:
				v.add(Finding{number, "changed", fmt.Sprintf("act %d is not as it was logged", number)})
			}
			v.tree.add(leaf)
			if v.isOpen[i] {
				v.opened++
			}
			v.reached()
		}
	}
	return nil
}

// unanswered stands for the leaf of a row that lost its salt and no act says so; altered for one that is not what was left.
var unanswered, altered = tlog.Hash{1}, tlog.Hash{2}

// rowLeaves gives the leaf each row ought to have; a missing row has a zero hash. A stripped row has the stored one, if it
// is what the act that stripped it left.
func (v *verification) rowLeaves(ctx context.Context, from int64, stored []tlog.Hash) ([]tlog.Hash, error) {
	n := int64(len(stored))
	out := make([]tlog.Hash, n)
	v.isOpen = make([]bool, n)
	rows, err := v.table.AuditRows(ctx, from, int(n))
	if err != nil {
		return nil, err
	}
	if err := v.strips.block(ctx, v.table, from, stored); err != nil {
		return nil, err
	}
	for _, row := range rows {
		if row.Number > from+n {
			break // rows are missing: these are read again with their own
		}
		v.Rows++
		v.signed(row)
		v.isOpen[row.Number-from-1] = row.Action == ActUnmask
		if out[row.Number-from-1], err = v.leafOf(row, stored[row.Number-from-1]); err != nil {
			return nil, err
		}
		if s, ok := ReadSuccession(row.Act); ok {
			v.restores = append(v.restores, s)
		}
		if v.first.IsZero() || row.At.Before(v.first) {
			v.first = row.At
		}
		if row.At.After(v.last) {
			v.last = row.At
		}
	}
	return out, nil
}

func (v *verification) leafOf(row Row, stored tlog.Hash) (tlog.Hash, error) {
	if len(row.Salt) > 0 {
		return LeafOf(row.Act, row.Salt)
	}
	switch said, same := v.strips.says(row); {
	case !said:
		return unanswered, nil
	case !same:
		return altered, nil
	}
	v.Stripped++
	return stored, nil
}

// held is a checkpoint and whether the tree of its size has its root.
type held struct {
	Checkpoint
	agrees bool
	opened int64 // acts of ActUnmask in the log up to there
}

// reached holds the tree against the checkpoints of its size. Whether they are about this log is judged at the end, when all
// restores are known.
func (v *verification) reached() {
	for len(v.due) > 0 && v.due[0].Size == v.tree.n {
		v.held = append(v.held, held{v.due[0], v.tree.root() == v.due[0].Root, v.opened})
		v.due = v.due[1:]
	}
}

// signed holds the signature of a row against it.
func (v *verification) signed(row Row) {
	why := v.owners.hold(row.Act)
	if why != "" {
		v.add(Finding{row.Number, "signature", fmt.Sprintf("act %d does not bear the signature of who did it: %s", row.Number, why)})
	} else if row.Signature != nil {
		v.Signatures++
	}
}
