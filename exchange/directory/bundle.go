package directory

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"sarhad/record"
)

// Bundle is what brings a node up to date: the statements from From (0 = the first) and a checkpoint that covers exactly
// them and what is before.
type Bundle struct {
	Bundle     int      `json:"bundle"` // version of this form: 1
	From       int64    `json:"from"`
	Leaves     []string `json:"leaves"`
	Checkpoint string   `json:"checkpoint"`
}

const bundleVersion = 1

// Encode gives the bytes of a bundle, UTF-8 JSON.
func (b Bundle) Encode() ([]byte, error) { return encode(b) }

// ReadBundle reads a bundle or draft within the limits.
func ReadBundle(data []byte) (b Bundle, err error) {
	if len(data) > MaxBundle {
		return b, invalid("a bundle of %d bytes; at most %d are read", len(data), MaxBundle)
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	if err := dec.Decode(&b); err != nil || dec.More() {
		return b, invalid("this is no bundle of a directory: it is damaged or something else")
	}
	if b.Bundle != bundleVersion || b.From < 0 || len(b.Leaves) > MaxLeaves {
		return b, invalid("a bundle of form %d from %d with %d statements cannot be read here; at most %d fit in one", b.Bundle, b.From, len(b.Leaves), MaxLeaves)
	}
	return b, nil
}

// Missing gives somebody who has the first have statements what comes next: as much as fits into one bundle and ends at a
// cosigned checkpoint. Who is as far as we are gets the checkpoint alone: it says how fresh the directory is.
func (d *Directory) Missing(ctx context.Context, have int64) (b Bundle, err error) {
	defer record.Wrap(&err, "Missing(%d)", have)
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.head.Size == 0 {
		return b, record.Errorf(record.Unavailable, "this node has no directory yet")
	}
	if have < 0 || have > d.head.Size {
		return b, invalid("nobody can have %d statements; %d count here", have, d.head.Size)
	}
	text, size := d.head.Text(), d.head.Size
	if end := d.fits(have); end < size {
		if text, err = d.store.DirectoryCheckpoint(ctx, end); err != nil {
			return b, err
		}
		c, _, err := parseCheckpoint(text)
		if err != nil || c.Size <= have {
			return b, record.Errorf(record.Internal, "no checkpoint is kept between %d and %d statements, and more do not fit into one bundle", have, end)
		}
		size = c.Size
	}
	b = Bundle{Bundle: bundleVersion, From: have, Leaves: []string{}, Checkpoint: string(text)}
	for _, leaf := range d.leaves[have:size] {
		b.Leaves = append(b.Leaves, string(leaf))
	}
	return b, nil
}

// fits is up to which leaf a bundle from have may go. Statements are text: half as much again is enough for JSON.
func (d *Directory) fits(have int64) int64 {
	bytes := 0
	for i := have; i < d.head.Size; i++ {
		bytes += len(d.leaves[i])
		if i-have >= MaxLeaves || bytes > MaxSaid {
			return i
		}
	}
	return d.head.Size
}

// Draft gives witnesses what waits, for one that has cosigned the first have statements: a bundle whose checkpoint nobody has
// cosigned yet. When nothing waits it is the present head, to be cosigned again: that keeps the directory fresh.
func (d *Directory) Draft(have int64) (b Bundle, err error) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	all := append(slices.Clip(d.leaves), d.waiting...)
	if len(all) == 0 {
		return b, record.Errorf(record.Unavailable, "this node has no directory yet")
	}
	if have < 0 || have > int64(len(all)) {
		return b, invalid("nobody can have %d statements; there are %d here", have, len(all))
	}
	if len(all)-int(have) > MaxLeaves {
		return b, record.Errorf(record.Conflict, "the witness is %d statements behind: bring it up to date by a bundle first", len(all)-int(have))
	}
	root, name, err := d.drafted()
	if err != nil {
		return b, err
	}
	b = Bundle{Bundle: bundleVersion, From: have, Leaves: []string{}, Checkpoint: string(checkpointText(name, int64(len(all)), root))}
	for _, leaf := range all[have:] {
		b.Leaves = append(b.Leaves, string(leaf))
	}
	return b, nil
}

// drafted is the root and name of the log with its tail.
func (d *Directory) drafted() (root tlog.Hash, name string, err error) {
	tree := slices.Clip(d.tree)
	for i, leaf := range d.waiting {
		if tree, err = tree.with(d.head.Size+int64(i), leaf); err != nil {
			return root, "", err
		}
	}
	name = d.state.name
	if d.tail != nil {
		name = d.tail.name
	}
	root, err = tlog.TreeHash(d.head.Size+int64(len(d.waiting)), tree)
	return root, name, err
}

// vouches gives the country whose witness cosigned a draft of this log with this word; "" when none did.
func (d *Directory) vouches(draft Bundle, word []byte) string {
	d.mu.RLock()
	defer d.mu.RUnlock()
	st := d.state
	if d.tail != nil {
		st = d.tail
	}
	joined, err := Join(draft, word)
	if err != nil {
		return ""
	}
	c, _, err := parseCheckpoint([]byte(joined.Checkpoint))
	if err != nil {
		return ""
	}
	if c, err = readCheckpoint([]byte(joined.Checkpoint), st.at(c.Size).verifiers()); err != nil || len(c.By) != 1 {
		return ""
	}
	return c.By[0].Country
}

// Join adds cosignatures, each as Witness.Cosign gave it, to a draft. The bundle counts where a quorum is reached.
func Join(draft Bundle, cosignatures ...[]byte) (Bundle, error) {
	_, text, err := parseCheckpoint([]byte(draft.Checkpoint))
	if err != nil {
		return draft, err
	}
	out := append(slices.Clone(text), '\n')
	for _, c := range cosignatures {
		other, lines, ok := splitNote(c)
		if !ok || !bytes.Equal(other, text) {
			return draft, record.Errorf(record.Conflict, "a cosignature is for another checkpoint than the draft")
		}
		for _, l := range lines {
			out = append(out, l+"\n"...)
		}
	}
	draft.Checkpoint = string(out)
	return draft, nil
}
