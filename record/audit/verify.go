package audit

import (
	"context"
	"fmt"
	"math"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"sarhad/record"
)

// Finding is one thing that is not as it was logged.
type Finding struct {
	Number int64  `json:"number,omitempty"` // act; 0 when it is about the tree or a checkpoint
	Kind   string `json:"kind"`             // changed, removed, added, tree, checkpoint
	Text   string `json:"text"`
}

// Report is the result of Verify.
type Report struct {
	Rows        int64     `json:"rows"`        // acts read
	Size        int64     `json:"size"`        // leaves in the tree
	Root        string    `json:"root"`        // of the tree, base64
	Waiting     int64     `json:"waiting"`     // acts not yet taken into the tree
	Checkpoints int       `json:"checkpoints"` // that agree with the tree
	Findings    []Finding `json:"findings"`
	Truncated   bool      `json:"truncated"` // more findings than MaxFindings
}

// MaxFindings keeps a report readable when a whole log was rewritten.
const MaxFindings = 1000

// OK reports whether nothing was found.
func (r Report) OK() bool { return len(r.Findings) == 0 }

// Verify recomputes every leaf from its row, the tree from the leaves, and compares with the stored leaves and all
// checkpoints. extra are checkpoints from outside (files, other nodes). It reads the table once, in order; memory is
// O(log n) for the tree and one hash a leaf.
func Verify(ctx context.Context, table Table, verifiers note.Verifiers, extra [][]byte) (rep Report, err error) {
	defer record.Wrap(&err, "audit.Verify")
	tree, err := table.AuditTree(ctx)
	if err != nil {
		return rep, err
	}
	rep.Size, rep.Findings = tree.Size, []Finding{}
	leaves, err := rep.readRows(ctx, table, tree.Size)
	if err != nil {
		return rep, err
	}
	stored, err := storedLeaves(ctx, table, tree.Size)
	if err != nil {
		rep.add(Finding{Kind: "tree", Text: "hashes of the tree are missing: " + err.Error()})
	}
	rep.compare(leaves, stored)
	rebuilt, err := rebuild(stored)
	if err != nil {
		return rep, err
	}
	if tree.Size > 0 {
		rep.Root = rebuilt.root(tree.Size).String()
	}
	kept, err := table.Checkpoints(ctx)
	if err != nil {
		return rep, err
	}
	for _, text := range append(kept, extra...) {
		rep.checkpoint(text, verifiers, rebuilt, tree)
	}
	return rep, nil
}

func (r *Report) add(f Finding) {
	if len(r.Findings) >= MaxFindings {
		r.Truncated = true
		return
	}
	r.Findings = append(r.Findings, f)
}

// readRows gives the leaf each row ought to have, by number; a missing row has a zero hash.
func (r *Report) readRows(ctx context.Context, table Table, size int64) ([]tlog.Hash, error) {
	leaves := make([]tlog.Hash, size)
	after := int64(math.MinInt64) // also rows with numbers no act can have
	for {
		rows, err := table.AuditRows(ctx, after, 1000)
		if err != nil {
			return nil, err
		}
		if len(rows) == 0 {
			return leaves, nil
		}
		for _, row := range rows {
			r.Rows++
			after = row.Number
			if row.Number < 1 {
				r.add(Finding{row.Number, "added", fmt.Sprintf("act %d has a number no act can have", row.Number)})
				continue
			}
			if row.Number > size {
				r.Waiting++
				continue
			}
			leaf, err := LeafOf(row.Act, row.Salt)
			if err != nil {
				return nil, err
			}
			leaves[row.Number-1] = leaf
		}
	}
}

func storedLeaves(ctx context.Context, table Table, size int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, 0, size)
	for n := int64(0); n < size; {
		var ask []int64
		for ; n < size && len(ask) < 1000; n++ {
			ask = append(ask, tlog.StoredHashIndex(0, n))
		}
		got, err := table.TreeHashes(ctx, ask)
		if err != nil {
			return out, err
		}
		out = append(out, got...)
	}
	return out, nil
}

func (r *Report) compare(rows, stored []tlog.Hash) {
	for i := range stored {
		n := int64(i) + 1
		switch {
		case rows[i] == (tlog.Hash{}):
			r.add(Finding{n, "removed", fmt.Sprintf("act %d was logged and is no longer in the table", n)})
		case rows[i] != stored[i]:
			r.add(Finding{n, "changed", fmt.Sprintf("act %d is not as it was logged", n)})
		}
	}
}

func (r *Report) checkpoint(text []byte, verifiers note.Verifiers, t *memTree, tree Tree) {
	c, err := ReadCheckpoint(text)
	if err != nil {
		r.add(Finding{Kind: "checkpoint", Text: err.Error()})
		return
	}
	if _, err := note.Open(text, verifiers); err != nil {
		r.add(Finding{Kind: "checkpoint", Text: fmt.Sprintf("the checkpoint at %d is not signed by this node: %v", c.Size, err)})
		return
	}
	if c.Incarnation != tree.Incarnation {
		return // another life of the log; its own backup proves it
	}
	if c.Size > t.size() {
		r.add(Finding{Kind: "removed", Text: fmt.Sprintf("a checkpoint of %s signed %d acts, the log has %d: acts were cut off", c.At.Format("2006-01-02 15:04"), c.Size, t.size())})
		return
	}
	if t.root(c.Size) != c.Root {
		r.add(Finding{Kind: "tree", Text: fmt.Sprintf("the first %d acts do not lead to the root signed on %s: the log was rewritten", c.Size, c.At.Format("2006-01-02 15:04"))})
		return
	}
	r.Checkpoints++
}

// memTree is the tree rebuilt from its leaves.
type memTree struct {
	hashes []tlog.Hash
	n      int64
}

func rebuild(leaves []tlog.Hash) (*memTree, error) {
	t := &memTree{}
	for _, leaf := range leaves {
		more, err := tlog.StoredHashesForRecordHash(t.n, leaf, t)
		if err != nil {
			return nil, err
		}
		t.hashes = append(t.hashes, more...)
		t.n++
	}
	return t, nil
}

// ReadHashes implements tlog.HashReader.
func (t *memTree) ReadHashes(positions []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(positions))
	for i, p := range positions {
		if p >= int64(len(t.hashes)) {
			return nil, fmt.Errorf("hash %d is not in the tree", p)
		}
		out[i] = t.hashes[p]
	}
	return out, nil
}

func (t *memTree) size() int64 { return t.n }

func (t *memTree) root(size int64) tlog.Hash {
	h, err := tlog.TreeHash(size, t)
	if err != nil { // size is within the tree: every hash is there
		panic("audit: " + err.Error())
	}
	return h
}
