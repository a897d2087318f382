package directory

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"sarhad/record"
)

// Head is how far a node's directory is, as heartbeats carry it: the newest cosigned checkpoint, and a proof that it contains
// the head that the peer showed before.
type Head struct {
	Checkpoint string      `json:"checkpoint"`
	Since      int64       `json:"since,omitempty"` // size that Proof begins at
	Proof      []tlog.Hash `json:"proof,omitempty"` // RFC 6962 section 2.1.2
}

// Size is how many statements the head says it has; 0 when it cannot be read. Nothing is believed by it.
func (h Head) Size() int64 {
	c, _, err := parseCheckpoint([]byte(h.Checkpoint))
	if err != nil {
		return 0
	}
	return c.Size
}

// Head gives the head. since is the size that the peer showed last, 0 when it showed none.
func (d *Directory) Head(since int64) (h Head, err error) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.head.Size == 0 {
		return h, nil
	}
	h.Checkpoint = string(d.head.Text())
	if since < 1 || since >= d.head.Size {
		return h, nil
	}
	h.Since = since
	h.Proof, err = tlog.ProveTree(d.head.Size, since, d.tree)
	return h, err
}

// Size is how many statements count here, and the root over them.
func (d *Directory) Size() (int64, tlog.Hash) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.head.Size, d.head.Root
}

// Relation is how the head of a peer lies to ours.
type Relation string

// The relations.
const (
	Same   Relation = "same"
	Behind Relation = "behind" // we are: ask the peer for what is missing
	Ahead  Relation = "ahead"  // we are: the peer will ask
	Forked Relation = "fork"   // two directories were cosigned: somebody shows us different ones
)

// Comparison is what Compare finds.
type Comparison struct {
	Relation Relation
	Peer     int64  // size of the peer's head
	Proven   bool   // by our own tree or by the peer's proof
	Why      string // in words, when it is a fork or not proven
}

// Fork is the proof that two directories were cosigned: two checkpoints that no log can have both.
type Fork struct {
	Ours   string    `json:"ours"`
	Theirs string    `json:"theirs"`
	Found  time.Time `json:"found"`
}

// Compare holds the head of a peer against ours. A fork that our own tree proves is kept, and from then on nothing is sent until a
// person has cleared it up (ClearFork).
func (d *Directory) Compare(ctx context.Context, peer Head) (c Comparison, err error) {
	defer record.Wrap(&err, "Compare")
	d.change.Lock()
	defer d.change.Unlock()
	if peer.Checkpoint == "" {
		return Comparison{Relation: Ahead, Proven: true}, nil
	}
	p, _, err := parseCheckpoint([]byte(peer.Checkpoint))
	if err != nil {
		return c, invalid("the head of the peer is refused: %v", err)
	}
	if d.state.size > 0 && p.Name != d.state.name {
		return c, invalid("the head of the peer is of the directory %q, not %q", p.Name, d.state.name)
	}
	c = Comparison{Peer: p.Size}
	if p.Size > d.head.Size {
		return d.compareLarger(peer, p, c)
	}
	root, err := tlog.TreeHash(p.Size, d.tree)
	switch {
	case err != nil:
		return c, err
	case root == p.Root && p.Size == d.head.Size:
		return Comparison{Relation: Same, Peer: p.Size, Proven: true}, nil
	case root == p.Root:
		return Comparison{Relation: Ahead, Peer: p.Size, Proven: true}, nil
	}
	f := d.forked(peer.Checkpoint)
	if f == nil {
		return c, invalid("the head of the peer is none: its root is not ours, and no quorum of countries cosigned it")
	}
	return Comparison{Forked, p.Size, true, f.words()}, d.putFork(ctx, f)
}

func (d *Directory) compareLarger(peer Head, p Checkpoint, c Comparison) (Comparison, error) {
	c.Relation = Behind
	if d.head.Size == 0 {
		c.Why = "this node has no directory yet"
		return c, nil
	}
	e := d.state.at(p.Size)
	signed, err := readCheckpoint([]byte(peer.Checkpoint), e.verifiers())
	switch {
	case err != nil:
		return c, invalid("the head of the peer is refused: %v", err)
	case len(signed.By) < e.quorum:
		c.Why = fmt.Sprintf("of the countries that this node knows %d cosigned it (%s), and %d must: take its bundle, which says whether there are new ones", len(signed.By), signed.countries(), e.quorum)
		return c, nil
	case peer.Since == 0:
		c.Why = "the peer showed no proof that its directory contains ours; its next heartbeat will"
		return c, nil
	case peer.Since > d.head.Size:
		return c, invalid("the head of the peer proves from %d statements on, and %d count here", peer.Since, d.head.Size)
	}
	old, err := tlog.TreeHash(peer.Since, d.tree)
	if err != nil {
		return c, err
	}
	if c.Proven = tlog.CheckTree(peer.Proof, p.Size, p.Root, peer.Since, old) == nil; !c.Proven {
		c.Relation, c.Why = Forked, fmt.Sprintf("the peer's directory of %d statements does not contain ours of %d: take its bundle, or telephone", p.Size, peer.Since)
	}
	return c, nil
}

// forked tells whether a checkpoint proves a fork: cosigned by a quorum, of at most our size, and not a state that our log ever had.
func (d *Directory) forked(text string) *Fork {
	c, _, err := parseCheckpoint([]byte(text))
	if err != nil || c.Size > d.head.Size || c.Name != d.state.name {
		return nil
	}
	if root, err := tlog.TreeHash(c.Size, d.tree); err != nil || root == c.Root {
		return nil
	}
	e := d.state.at(c.Size)
	if c, err = readCheckpoint([]byte(text), e.verifiers()); err != nil || len(c.By) < e.quorum {
		return nil
	}
	return &Fork{Ours: string(d.head.Text()), Theirs: string(c.Text()), Found: d.now().UTC().Truncate(time.Second)}
}

// otherLog tells whether a bundle that does not fit is of another log, which a quorum cosigned too: its statements and those of
// ours before them are its checkpoint's, and that log, though not shorter, does not contain ours.
func (d *Directory) otherLog(b Bundle) *Fork {
	st, tree := newState(), hashes(nil)
	for i := range b.From + int64(len(b.Leaves)) {
		leaf := []byte(nil)
		if i < b.From {
			leaf = d.leaves[i]
		} else {
			leaf = []byte(b.Leaves[i-b.From])
		}
		var err error
		if tree, err = tree.with(i, leaf); err != nil || st.apply(leaf) != nil {
			return nil
		}
	}
	c, err := cosignedHead(st, tree, []byte(b.Checkpoint))
	if err != nil || st.id != d.pin || c.Size < d.head.Size {
		return nil
	}
	if root, err := tlog.TreeHash(d.head.Size, tree); err != nil || root == d.head.Root {
		return nil
	}
	return &Fork{Ours: string(d.head.Text()), Theirs: string(c.Text()), Found: d.now().UTC().Truncate(time.Second)}
}

func (f *Fork) words() string {
	a, _, _ := parseCheckpoint([]byte(f.Ours))
	b, _, _ := parseCheckpoint([]byte(f.Theirs))
	return fmt.Sprintf("two directories were cosigned: ours of %d statements with the root %.8s and another of %d with %.8s; somebody shows different directories to different countries. Nothing is sent until this is cleared up by telephone with three countries",
		a.Size, a.Root, b.Size, b.Root)
}

func (d *Directory) putFork(ctx context.Context, f *Fork) error {
	if d.fork != nil {
		return nil // the first proof stays
	}
	data, err := encode(f)
	if err != nil {
		return err
	}
	d.move(func() { d.fork = f }) // before it is on the disk: a full disk must not hide it
	return d.store.SetDirectoryNote(ctx, noteFork, data)
}

// keepFork keeps the proof and gives the error that says so.
func (d *Directory) keepFork(ctx context.Context, f *Fork) error {
	if err := d.putFork(ctx, f); err != nil {
		return err
	}
	return record.Errorf(record.Conflict, "FORK: %s", f.words())
}

func readFork(ctx context.Context, store Notes) (*Fork, error) {
	data, err := store.DirectoryNote(ctx, noteFork)
	if err != nil || data == nil {
		return nil, err
	}
	f := &Fork{}
	return f, json.Unmarshal(data, f)
}

// Fork gives the proof of a fork that nobody has cleared up yet; nil when there is none.
func (d *Directory) Fork() *Fork {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.fork
}

// ClearFork ends the alarm: a person has asked other countries and knows that our directory is the right one. The caller
// writes the act into the log. The proof is returned, to be kept.
func (d *Directory) ClearFork(ctx context.Context) (*Fork, error) {
	d.change.Lock()
	defer d.change.Unlock()
	if d.fork == nil {
		return nil, record.Errorf(record.NotFound, "there is no fork to clear up")
	}
	if err := d.store.SetDirectoryNote(ctx, noteFork, nil); err != nil {
		return nil, err
	}
	f := d.fork
	d.move(func() { d.fork = nil })
	return f, nil
}
