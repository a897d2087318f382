package directory

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"sarhad/record"
)

// Log keeps the leaves. Those that count are never changed; behind them lies a tail of statements that wait for cosignatures.
// Times are UTC, milliseconds.
type Log interface {
	// DirectoryLeaves gives leaves from position from (0 = the first), ascending, at most limit. known is when a leaf began to
	// count here; zero in the tail.
	DirectoryLeaves(ctx context.Context, from int64, limit int) (leaves [][]byte, known []time.Time, err error)
	// DirectoryCheckpoints gives the newest cosigned checkpoint of at most so many leaves; nil when there is none.
	DirectoryCheckpoint(ctx context.Context, atMost int64) ([]byte, error)
	// SaveDirectory replaces the leaves from position from on by these, of which the first counting ones count since known, and
	// keeps a checkpoint of size leaves unless it is nil; in one transaction, on the disk when it returns. Conflict, and
	// nothing is changed, when a leaf that counts would be replaced or a position would be skipped.
	SaveDirectory(ctx context.Context, from int64, leaves [][]byte, counting int, known time.Time, size int64, checkpoint []byte) error
}

// Notes keeps small things by key: what a witness cosigned last, invitations that wait, proof of a fork.
type Notes interface {
	// DirectoryNote gives a value; nil when it was never set.
	DirectoryNote(ctx context.Context, key string) ([]byte, error)
	// SetDirectoryNote sets it, on the disk when it returns; nil removes it.
	SetDirectoryNote(ctx context.Context, key string, value []byte) error
}

// Storage is where a node keeps the directory.
type Storage interface {
	Log
	Notes
}

// Notes of this package.
const (
	notePin     = "pin"     // identity of the directory
	noteFork    = "fork"    // proof of a fork, JSON of Fork
	noteWitness = "witness" // and the country: JSON of witnessed
	noteInvite  = "invite/" // and the node: JSON of Invited
)

// Limits of freshness.
const (
	// StaleAfter is when a directory is too old to send by: four days are a long weekend without a line, and a key that was
	// revoked meanwhile would still be sealed to. Receiving goes on: what came is sealed to us already, and what a border
	// officer wrote is not thrown away because a line was cut.
	StaleAfter = 96 * time.Hour
	// WarnAfter is when a screen begins to say so: witnesses cosign each hour when they are up.
	WarnAfter = 24 * time.Hour
	// Skew is how far clocks of nodes may differ.
	Skew = 10 * time.Minute
)

// Directory is a node's view of who is who. It may be used by many at once.
type Directory struct {
	store Storage
	now   func() time.Time

	// change is held by who changes something, also while the store writes it. mu is held only while fields move: so whoever
	// reads from within an act of the same store never waits for a change that itself waits for that act to end. Who holds
	// change may read without mu.
	change sync.Mutex

	mu      sync.RWMutex
	state   *state
	leaves  [][]byte
	known   []time.Time // when each leaf began to count here
	tree    hashes
	head    Checkpoint // newest; zero before the genesis counts
	tail    *state     // state and what waits for cosignatures; nil when nothing waits
	waiting [][]byte
	pin     string
	fork    *Fork
	changed []func()
}

// hashes are the stored hashes of the tree (tlog.StoredHashIndex gives the positions).
type hashes []tlog.Hash

// ReadHashes implements tlog.HashReader.
func (h hashes) ReadHashes(positions []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(positions))
	for i, p := range positions {
		if p >= int64(len(h)) {
			return nil, fmt.Errorf("hash %d of the tree is missing", p)
		}
		out[i] = h[p]
	}
	return out, nil
}

func (h hashes) with(n int64, leaf []byte) (hashes, error) {
	more, err := tlog.StoredHashes(n, leaf, h)
	return append(h, more...), err
}

// Open reads the directory of a node and checks every statement and the newest checkpoint anew.
func Open(ctx context.Context, store Storage, now func() time.Time) (_ *Directory, err error) {
	defer record.Wrap(&err, "directory.Open")
	d := &Directory{store: store, now: now, state: newState()}
	return d, d.Reload(ctx)
}

// Reload reads the store again: another process may have changed it.
func (d *Directory) Reload(ctx context.Context) error {
	d.change.Lock()
	defer d.change.Unlock()
	leaves, known, waiting, err := readLeaves(ctx, d.store)
	if err != nil {
		return err
	}
	st, tree := newState(), hashes(nil)
	for i, leaf := range leaves {
		if err := st.apply(leaf); err != nil {
			return fmt.Errorf("statement %d in the store does not hold: %w", i+1, err)
		}
		if tree, err = tree.with(int64(i), leaf); err != nil {
			return err
		}
	}
	pin, err := d.store.DirectoryNote(ctx, notePin)
	if err != nil {
		return err
	}
	if st.size > 0 && st.id != string(pin) {
		return invalid("the directory in the store is not the one this node was introduced to: restore it from the backup")
	}
	var head Checkpoint
	if st.size > 0 {
		text, err := d.store.DirectoryCheckpoint(ctx, st.size)
		if err != nil {
			return err
		}
		if head, err = cosignedHead(st, tree, text); err != nil {
			return fmt.Errorf("the checkpoint in the store does not hold: %w", err)
		}
		if head.Size != st.size {
			return fmt.Errorf("%d statements count in the store, and its checkpoint covers %d", st.size, head.Size)
		}
	}
	fork, err := readFork(ctx, d.store)
	if err != nil {
		return err
	}
	tail, waiting := tailOf(st, waiting)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.state, d.leaves, d.known, d.tree, d.head, d.pin, d.fork = st, leaves, known, tree, head, string(pin), fork
	d.tail, d.waiting = tail, waiting
	return nil
}

func readLeaves(ctx context.Context, store Log) (leaves [][]byte, known []time.Time, waiting [][]byte, err error) {
	for {
		page, when, err := store.DirectoryLeaves(ctx, int64(len(leaves)+len(waiting)), 500)
		if err != nil || len(page) == 0 {
			return leaves, known, waiting, err
		}
		for i, leaf := range page {
			if when[i].IsZero() {
				waiting = append(waiting, leaf)
			} else {
				leaves, known = append(leaves, leaf), append(known, when[i])
			}
		}
	}
}

// tailOf takes up the tail: what of it still holds after a state, in its order, and the state with it; nil when nothing waits.
func tailOf(st *state, leaves [][]byte) (tail *state, waiting [][]byte) {
	for _, leaf := range leaves {
		base := tail
		if base == nil {
			base = st
		}
		next := base.clone()
		if next.apply(leaf) == nil {
			tail, waiting = next, append(waiting, leaf)
		}
	}
	return tail, waiting
}

// cosignedHead checks a checkpoint against a state and its tree: root, and a quorum of cosignatures by whom the state of that size
// names.
func cosignedHead(st *state, tree hashes, text []byte) (Checkpoint, error) {
	c, _, err := parseCheckpoint(text)
	if err != nil {
		return c, err
	}
	if c.Name != st.name {
		return c, fmt.Errorf("it is of the directory %q, not %q", c.Name, st.name)
	}
	if c.Size > st.size {
		return c, fmt.Errorf("it covers %d statements, of which %d are here", c.Size, st.size)
	}
	root, err := tlog.TreeHash(c.Size, tree)
	if err != nil {
		return c, err
	}
	if root != c.Root {
		return c, fmt.Errorf("its root is not the one of these statements: something was left out, added or reordered")
	}
	e := st.at(c.Size)
	if c, err = readCheckpoint(text, e.verifiers()); err != nil {
		return c, err
	}
	if len(c.By) < e.quorum {
		return c, fmt.Errorf("%d countries cosigned it (%s); %d must", len(c.By), c.countries(), e.quorum)
	}
	return c, nil
}

// Pin says which directory this node belongs to: the identity in the invitation, compared by telephone. It is said once.
func (d *Directory) Pin(ctx context.Context, identity string) error {
	d.change.Lock()
	defer d.change.Unlock()
	if d.pin != "" && d.pin != identity {
		return record.Errorf(record.Conflict, "this node belongs to another directory already; a node has one for its life")
	}
	if _, err := tlog.ParseHash(identity); err != nil {
		return invalid("%.60q names no directory", identity)
	}
	if err := d.store.SetDirectoryNote(ctx, notePin, []byte(identity)); err != nil {
		return err
	}
	d.move(func() { d.pin = identity })
	return nil
}

// move moves fields.
func (d *Directory) move(f func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f()
}

// Identity names the directory: the hash of its genesis statement, base64. "" before the node was introduced to one.
func (d *Directory) Identity() string {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.pin
}

// OnChange calls f whenever something new counts or was cosigned again, outside all locks.
func (d *Directory) OnChange(f func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.changed = append(d.changed, f)
}

// Taken tells what a bundle brought.
type Taken struct {
	New  int   // statements that count now
	Size int64 // statements that count in all
}

// Take takes a bundle up: everything or nothing. Each statement must hold, the root must be that of our statements and the new
// ones, and a quorum of countries must have cosigned it. Nothing is believed of whoever brought it.
func (d *Directory) Take(ctx context.Context, data []byte) (t Taken, err error) {
	b, err := ReadBundle(data)
	if err != nil {
		return t, err
	}
	d.change.Lock()
	t, err = d.take(ctx, b)
	d.change.Unlock()
	d.mu.RLock()
	hooks := slices.Clone(d.changed)
	d.mu.RUnlock()
	if err == nil {
		for _, f := range hooks {
			f()
		}
	}
	return t, err
}

func (d *Directory) take(ctx context.Context, b Bundle) (t Taken, err error) {
	t.Size = d.head.Size
	if d.pin == "" {
		return t, record.Errorf(record.Unavailable, "this node was introduced to no directory yet: accept an invitation first")
	}
	c, _, err := parseCheckpoint([]byte(b.Checkpoint))
	if err != nil {
		return t, invalid("the bundle is refused: %v", err)
	}
	if end := b.From + int64(len(b.Leaves)); b.From > d.head.Size || c.Size != end {
		return t, record.Errorf(record.Conflict, "the bundle has statements %d to %d and a checkpoint of %d; %d count here: ask for what is missing from there", b.From+1, end, c.Size, d.head.Size)
	}
	if c.Size < d.head.Size {
		return t, d.older(ctx, b.Checkpoint, c)
	}
	st, tree, err := d.extend(b)
	if err != nil {
		if f := d.otherLog(b); f != nil {
			return t, d.keepFork(ctx, f)
		}
		return t, err
	}
	if c, err = cosignedHead(st, tree, []byte(b.Checkpoint)); err != nil {
		if f := d.forked(b.Checkpoint); f != nil {
			return t, d.keepFork(ctx, f)
		}
		return t, invalid("the bundle is refused: %v", err)
	}
	return d.accept(ctx, b, c, st, tree)
}

// older looks at a checkpoint of a state that is behind us.
func (d *Directory) older(ctx context.Context, text string, c Checkpoint) error {
	if f := d.forked(text); f != nil {
		return d.keepFork(ctx, f)
	}
	return record.Errorf(record.Conflict, "the bundle ends at %d statements and %d count here: somebody is behind, or keeps something back", c.Size, d.head.Size)
}

// extend applies the leaves of a bundle to a copy of the state. Those that we have must be the same.
func (d *Directory) extend(b Bundle) (*state, hashes, error) {
	st, tree := d.state.clone(), slices.Clip(d.tree)
	for i, text := range b.Leaves {
		n := b.From + int64(i)
		if n < d.head.Size {
			if text != string(d.leaves[n]) {
				return nil, nil, invalid("the bundle is refused: its statement %d is not the one that counts here", n+1)
			}
			continue
		}
		if err := st.apply([]byte(text)); err != nil {
			return nil, nil, invalid("the bundle is refused: statement %d: %v", n+1, err)
		}
		if n == 0 && st.id != d.pin {
			return nil, nil, invalid("the bundle is refused: it begins another directory than the one this node was introduced to")
		}
		var err error
		if tree, err = tree.with(n, []byte(text)); err != nil {
			return nil, nil, err
		}
	}
	return st, tree, nil
}

func (d *Directory) accept(ctx context.Context, b Bundle, c Checkpoint, st *state, tree hashes) (t Taken, err error) {
	now := d.now().UTC().Truncate(time.Millisecond)
	var fresh [][]byte
	for i, text := range b.Leaves {
		if b.From+int64(i) >= d.head.Size {
			fresh = append(fresh, []byte(text))
		}
	}
	t.New, t.Size = len(fresh), c.Size
	if len(fresh) == 0 { // the same size: newer cosignatures
		c.By = append(c.By, d.head.By...)
		c.tidy()
	}
	tail, waiting := tailOf(st, d.waiting)
	all := append(slices.Clone(fresh), waiting...)
	if err := d.store.SaveDirectory(ctx, d.head.Size, all, len(fresh), now, c.Size, c.Text()); err != nil {
		return Taken{Size: d.head.Size}, err
	}
	d.move(func() {
		d.state, d.tree, d.head, d.tail, d.waiting = st, tree, c, tail, waiting
		for _, leaf := range fresh {
			d.leaves, d.known = append(d.leaves, leaf), append(d.known, now)
		}
	})
	return t, nil
}

// Propose adds a signed statement to the tail, where it waits for cosignatures. Any node can; one at a time should, else
// witnesses cosign different tails and neither reaches a quorum.
func (d *Directory) Propose(ctx context.Context, statement []byte) (err error) {
	d.change.Lock()
	defer d.change.Unlock()
	base := d.tail
	if base == nil {
		base = d.state
	}
	next := base.clone()
	if err := next.apply(statement); err != nil {
		return invalid("the statement is refused: %v", err)
	}
	waits := len(statement)
	for _, leaf := range d.waiting {
		waits += len(leaf)
	}
	if len(d.waiting) >= MaxLeaves || waits > MaxTail {
		return record.Errorf(record.Unavailable, "%d statements wait for cosignatures already: have them cosigned first", len(d.waiting))
	}
	if d.pin == "" { // the first statement begins a directory, and this node belongs to it
		if err := d.store.SetDirectoryNote(ctx, notePin, []byte(next.id)); err != nil {
			return err
		}
		d.move(func() { d.pin = next.id })
	} else if next.id != d.pin {
		return invalid("the statement is refused: it begins another directory than the one this node was introduced to")
	}
	waiting := append(slices.Clip(d.waiting), slices.Clone(statement))
	end := d.head.Size + int64(len(d.waiting))
	if err := d.store.SaveDirectory(ctx, end, waiting[len(d.waiting):], 0, time.Time{}, 0, nil); err != nil {
		return err
	}
	d.move(func() { d.tail, d.waiting = next, waiting })
	return nil
}

// Waiting gives the statements that wait for cosignatures.
func (d *Directory) Waiting() (out []Statement) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for _, leaf := range d.waiting {
		if st, err := Parse(leaf); err == nil {
			out = append(out, st)
		}
	}
	return out
}
