package directory

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"sarhad/record"
)

// Witness cosigns checkpoints for its country. It cosigns only what extends what it cosigned last, and only when every
// statement holds; what it cosigned is on the disk before its word leaves. After a restore it has forgotten what it cosigned
// last, so it keeps silent until a quorum of other countries has cosigned a checkpoint later than that: what it may have
// cosigned before and forgot can then no longer reach a quorum against it.
type Witness struct {
	Country     string
	Signer      *Signer
	Store       Notes
	Directory   *Directory
	Now         func() time.Time
	Incarnation string // life of the store; another one than last time = restored

	mu sync.Mutex
}

// Times a witness lets pass.
const (
	// maxAge is how old a statement may be when it is cosigned, by its own date: whoever stole an ended key cannot date back.
	maxAge = 7 * 24 * time.Hour
)

// witnessed is what a witness remembers. A store without it is a restored one.
type witnessed struct {
	Size        int64     `json:"size"`
	Root        tlog.Hash `json:"root"`
	Incarnation string    `json:"incarnation"`
	Silent      time.Time `json:"silent,omitzero"` // restored, and found out then
}

// NewWitnessKey tells the store of a key that has never cosigned. The caller makes the key in the same step.
func NewWitnessKey(ctx context.Context, store Notes, country, incarnation string) error {
	return witnessed{Incarnation: incarnation}.save(ctx, store, country)
}

func (w witnessed) save(ctx context.Context, store Notes, country string) error {
	data, err := encode(w)
	if err != nil {
		return err
	}
	return store.SetDirectoryNote(ctx, noteWitness+"/"+country, data)
}

// Cosign checks a draft and gives its checkpoint with the cosignature of this country. A draft of what the witness has cosigned
// already, or the present head, is cosigned again with the time of now.
func (w *Witness) Cosign(ctx context.Context, data []byte) (_ []byte, err error) {
	b, err := ReadBundle(data)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	last, err := w.last(ctx)
	if err != nil {
		return nil, err
	}
	c, text, err := parseCheckpoint([]byte(b.Checkpoint))
	if err != nil {
		return nil, w.refuse("%v", err)
	}
	st, tree, err := w.replay(b, c)
	if err != nil {
		return nil, err
	}
	root, err := tlog.TreeHash(c.Size, tree)
	if err != nil || root != c.Root || c.Name != st.name {
		return nil, w.refuse("the root of its checkpoint is not the one of its statements")
	}
	if err := w.extends(last, c, tree); err != nil {
		return nil, err
	}
	if key := st.at(c.Size).witnesses[w.Country]; key != w.Signer.Public() {
		return nil, w.refuse("%s has appointed another witness than this one", w.Country)
	}
	if err := (witnessed{Size: c.Size, Root: c.Root, Incarnation: w.Incarnation}).save(ctx, w.Store, w.Country); err != nil {
		return nil, err
	}
	out := append(append([]byte{}, text...), '\n')
	return append(out, w.Signer.cosignLine(text, w.Now())...), nil
}

func (w *Witness) refuse(format string, args ...any) error {
	return record.Errorf(record.Forbidden, "the witness of %s does not cosign: %s", w.Country, fmt.Sprintf(format, args...))
}

// last is what was cosigned last, once it is certain.
func (w *Witness) last(ctx context.Context) (last witnessed, err error) {
	data, err := w.Store.DirectoryNote(ctx, noteWitness+"/"+w.Country)
	if err != nil {
		return last, err
	}
	if data != nil {
		if err := json.Unmarshal(data, &last); err != nil {
			return last, fmt.Errorf("what the witness remembers is damaged: %w", err)
		}
	}
	forgot := w.Directory.cosignedBy(w.Country, w.Signer) > last.Size // its own word in the head tells it: the disk was put back
	if data != nil && last.Incarnation == w.Incarnation && last.Silent.IsZero() && !forgot {
		return last, nil
	}
	if data == nil || last.Incarnation != w.Incarnation || last.Silent.IsZero() {
		last = witnessed{Size: last.Size, Root: last.Root, Incarnation: w.Incarnation, Silent: w.Now().UTC()}
		if err := last.save(ctx, w.Store, w.Country); err != nil {
			return last, err
		}
	}
	head, quorum := w.Directory.others(w.Country)
	from := last.Silent.Add(Skew)
	if at := cosignedAt(head, quorum); !at.After(from) {
		return last, record.Errorf(record.Unavailable, "the witness of %s keeps silent: its node was restored and it does not remember what it cosigned last. It goes on by itself when %d other countries have cosigned a checkpoint after %s UTC and it has come here",
			w.Country, quorum, day(from))
	}
	return witnessed{Size: head.Size, Root: head.Root, Incarnation: w.Incarnation}, nil
}

// others is the newest checkpoint with the cosignatures of the other countries.
func (d *Directory) others(country string) (Checkpoint, int) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	c := d.head
	c.By = nil
	for _, s := range d.head.By {
		if s.Country != country {
			c.By = append(c.By, s)
		}
	}
	return c, d.state.quorum
}

// cosignedBy is how many statements a witness had cosigned at least, as the newest checkpoint shows.
func (d *Directory) cosignedBy(country string, s *Signer) int64 {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for _, c := range d.head.By {
		if c.Country == country && d.state.at(d.head.Size).witnesses[country] == s.Public() {
			return d.head.Size
		}
	}
	return 0
}

// replay applies a draft to what counts here and what waits here. Only what waited already, or the draft brings, may follow what
// counts.
func (w *Witness) replay(b Bundle, c Checkpoint) (*state, hashes, error) {
	d := w.Directory
	d.mu.RLock()
	defer d.mu.RUnlock()
	if b.From > d.head.Size || c.Size < d.head.Size || c.Size != b.From+int64(len(b.Leaves)) {
		return nil, nil, w.refuse("the draft goes from %d to %d, and %d statements count here", b.From, c.Size, d.head.Size)
	}
	st, tree, err := d.extend(b)
	if err != nil {
		return nil, nil, w.refuse("%s", record.MessageOf(err))
	}
	for i := max(0, d.head.Size-b.From); i < int64(len(b.Leaves)); i++ {
		if err := w.timely(b.Leaves[i]); err != nil {
			return nil, nil, w.refuse("statement %d: %v", b.From+i+1, err)
		}
	}
	return st, tree, nil
}

// timely checks what only a clock can: a statement is dated today, and what it says begins now.
func (w *Witness) timely(leaf string) error {
	st, err := Parse([]byte(leaf))
	if err != nil {
		return err
	}
	now := w.Now()
	if st.At.After(now.Add(Skew)) || st.At.Before(now.Add(-maxAge)) {
		return fmt.Errorf("it is dated %s UTC, and it is %s UTC: what is signed today bears today's date", day(st.At), day(now))
	}
	var period struct {
		Since time.Time `json:"since"`
		Until time.Time `json:"until"`
	}
	if err := json.Unmarshal(st.Body, &period); err != nil {
		return err
	}
	if !period.Since.IsZero() && period.Since.Before(st.At.Add(-maxAge)) {
		return fmt.Errorf("it says that it counted since %s UTC already: nobody is introduced backwards", day(period.Since))
	}
	if period.Since.After(now.Add(PartyLife)) {
		return fmt.Errorf("it says that it counts from %s UTC on: nobody is introduced so far ahead", day(period.Since))
	}
	if !period.Until.IsZero() && !period.Until.After(now) {
		return fmt.Errorf("it ended at %s UTC already", day(period.Until))
	}
	return nil
}

// extends checks that a checkpoint contains what was cosigned last.
func (w *Witness) extends(last witnessed, c Checkpoint, tree hashes) error {
	if last.Size == 0 {
		return nil
	}
	if c.Size < last.Size {
		return w.refuse("it has cosigned %d statements and never goes back to %d", last.Size, c.Size)
	}
	old, err := tlog.TreeHash(last.Size, tree)
	if err != nil {
		return err
	}
	if old != last.Root {
		return w.refuse("it has cosigned another directory of %d statements, and this one does not contain it: two are shown. Telephone the other countries", last.Size)
	}
	proof, err := tlog.ProveTree(c.Size, last.Size, tree)
	if err == nil {
		err = tlog.CheckTree(proof, c.Size, c.Root, last.Size, last.Root)
	}
	if err != nil {
		return w.refuse("no proof leads from the %d statements it cosigned to these %d: %v", last.Size, c.Size, err)
	}
	return nil
}
