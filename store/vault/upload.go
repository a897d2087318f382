package vault

import (
	"context"
	"crypto/sha256"
	"encoding"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"sarhad/record"
	"sarhad/record/attach"
)

// An upload is saved after so many chunks of one request, or after a chunk when so much time went by: a kill costs no more.
const (
	saveEvery = 8
	saveAfter = 2 * time.Second
)

// upload is a file on its way in. What stands in state is on the disk whenever nobody is busy with it.
type upload struct {
	state
	busy chan struct{} // holds one who reads or changes it

	kicks sync.Mutex
	kick  func() // ends the request that is busy now
	gone  bool   // released, cancelled or expired
}

func newUpload(s state) *upload { return &upload{state: s, busy: make(chan struct{}, 1)} }

// take waits for the upload. A request that is busy with it is ended: its line is dead, or the same sender would not come
// again.
func (u *upload) take(ctx context.Context, kick func()) error {
	u.kicks.Lock()
	if u.kick != nil {
		u.kick()
	}
	u.kicks.Unlock()
	select {
	case u.busy <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	if u.gone {
		<-u.busy
		return noUpload()
	}
	u.kicks.Lock()
	u.kick = kick
	u.kicks.Unlock()
	return nil
}

func (u *upload) give() {
	u.kicks.Lock()
	u.kick = nil
	u.kicks.Unlock()
	<-u.busy
}

func noUpload() error {
	return record.Errorf(record.NotFound, "this file is not on its way any more: begin again")
}

// Begin makes room for a file of a user.
func (v *Vault) Begin(ctx context.Context, user string, b attach.Begin) (_ attach.Upload, err error) {
	defer record.Wrap(&err, "vault.Begin")
	b.SHA256 = strings.ToLower(strings.TrimSpace(b.SHA256))
	if sum, err := hex.DecodeString(b.SHA256); err != nil || len(sum) != 0 && len(sum) != sha256.Size {
		return attach.Upload{}, record.Errorf(record.Invalid, "the checksum is no SHA-256: 64 hexadecimal digits are expected")
	}
	var mine, all int64
	if v.cfg.Bytes != nil {
		if mine, all, err = v.cfg.Bytes(ctx, user); err != nil {
			return attach.Upload{}, err
		}
	}
	now := v.cfg.Now().UTC().Truncate(time.Millisecond)
	id, err := record.NewID(now, v.cfg.Rand)
	if err != nil {
		return attach.Upload{}, err
	}
	u := newUpload(state{ID: id, User: user, Name: record.FileName(b.Name), Size: b.Size, SHA256: b.SHA256, Began: now, Touched: now})
	u.busy <- struct{}{}
	defer u.give()
	if err := v.admit(u, mine, all); err != nil {
		return attach.Upload{}, err
	}
	if err := v.save(u); err != nil {
		v.forget(u)
		return attach.Upload{}, err
	}
	return u.public(), nil
}

// admit counts what is on its way and lists the upload, in one step: two at once do not both take the last place.
func (v *Vault) admit(u *upload, mine, all int64) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	count := 0
	for _, other := range v.uploads {
		all += other.Size
		if other.User == u.User {
			mine += other.Size
			count++
		}
	}
	if err := v.cfg.Limits.check(u.Size, mine, all, count); err != nil {
		return err
	}
	v.uploads[u.ID] = u
	return nil
}

// find gives an upload of a user; somebody else's is not there.
func (v *Vault) find(user string, id record.ID) (*upload, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if u := v.uploads[id]; u != nil && u.User == user {
		return u, nil
	}
	return nil, noUpload()
}

// Append takes bytes of a file from offset on, as many as come, and says where it stands then. kick must end a read of body
// from another goroutine; it may be nil. The answer is out only when the bytes are on the disk; where the line breaks, what
// came before is kept, and the error is the line's.
func (v *Vault) Append(ctx context.Context, user string, id record.ID, offset int64, body io.Reader, kick func()) (_ attach.Upload, err error) {
	u, err := v.find(user, id)
	if err != nil {
		return attach.Upload{}, err
	}
	if err := u.take(ctx, kick); err != nil {
		return attach.Upload{}, err
	}
	defer u.give()
	if offset != u.offset() {
		return u.public(), &attach.WrongOffset{Offset: u.offset()}
	}
	if u.Done {
		return u.public(), nil
	}
	broken := v.read(u, body)
	if u.offset() == u.Size && broken == nil {
		if err := v.complete(context.WithoutCancel(ctx), u); err != nil { // the sender may hang up when it sent all
			if !u.gone {
				err = errors.Join(err, v.save(u))
			}
			return u.public(), err
		}
	}
	u.Touched = v.cfg.Now().UTC().Truncate(time.Millisecond)
	if err := v.save(u); err != nil {
		return u.public(), err
	}
	return u.public(), broken
}

// read takes what comes and cuts it into chunks.
func (v *Vault) read(u *upload, body io.Reader) error {
	sum, err := u.hash()
	if err != nil {
		return err
	}
	buf := make([]byte, ChunkSize)
	filled := copy(buf, u.tail)
	saved := v.cfg.Now()
	defer func() {
		u.tail = slices.Clone(buf[:filled])
		u.keepHash(sum)
	}()
	for {
		left := u.Size - u.stored() - int64(filled)
		if left == 0 && filled == 0 {
			return tooMuch(body)
		}
		n := 0
		if left > 0 && filled < ChunkSize {
			if n, err = body.Read(buf[filled:min(int64(ChunkSize), int64(filled)+left)]); n == 0 && err != nil {
				if errors.Is(err, io.EOF) {
					return nil
				}
				return &record.Error{Kind: record.Unavailable, Message: "the line broke: go on from where the file stands", Err: err}
			}
			sum.Write(buf[filled : filled+n])
			filled += n
			left -= int64(n)
		}
		if filled == ChunkSize || left == 0 {
			name, err := v.store(buf[:filled])
			if err != nil {
				return err // the bytes stay in the tail and are tried again
			}
			u.Chunks = append(u.Chunks, name)
			filled = 0
			if now := v.cfg.Now(); len(u.Chunks)%saveEvery == 0 || now.Sub(saved) >= saveAfter {
				saved = now
				u.tail = nil
				u.keepHash(sum)
				if err := v.save(u); err != nil {
					return err
				}
			}
		}
	}
}

// tooMuch refuses bytes after the end that was announced: what came up to it is kept.
func tooMuch(body io.Reader) error {
	var one [1]byte
	if n, _ := io.ReadFull(body, one[:]); n > 0 {
		return record.Errorf(record.Invalid, "more bytes came than the file was said to have; what was said is here, the rest was thrown away")
	}
	return nil
}

// hash gives the running SHA-256 of what came so far.
func (u *upload) hash() (hash.Hash, error) {
	h := sha256.New()
	if len(u.Hash) == 0 {
		return h, nil
	}
	if err := h.(encoding.BinaryUnmarshaler).UnmarshalBinary(u.Hash); err != nil {
		return nil, fmt.Errorf("the running hash of upload %s: %w", u.ID, err)
	}
	return h, nil
}

func (u *upload) keepHash(h hash.Hash) {
	if b, err := h.(encoding.BinaryMarshaler).MarshalBinary(); err == nil { // sha256 never fails to
		u.Hash = b
	}
}

// complete looks at a file that is here whole: is it what was sent, what is it, what does it tell. One that cannot be looked
// at for a reason that is not its own stays as it is, and Finish tries again.
func (v *Vault) complete(ctx context.Context, u *upload) error {
	h, err := u.hash()
	if err != nil {
		return err
	}
	sum := hex.EncodeToString(h.Sum(nil))
	if u.SHA256 != "" && u.SHA256 != sum {
		v.drop(u)
		return record.Errorf(record.Invalid, "the file that arrived is not the file that was sent: its checksum differs. Nothing of it was kept; send it again")
	}
	o, err := v.open(ctx, u, Task{})
	if err == nil && o.Refused != "" {
		err = record.Errorf(record.Invalid, "%s", o.Refused)
	}
	switch {
	case err == nil:
		u.SHA256, u.Done, u.Look = sum, true, o.look
	case record.KindOf(err) == record.Invalid || record.KindOf(err) == record.Internal:
		v.drop(u)
	}
	return err
}

// State says where a file stands; what is coming in at this moment is ended first, so that the answer is the truth.
func (v *Vault) State(ctx context.Context, user string, id record.ID) (attach.Upload, error) {
	u, err := v.find(user, id)
	if err != nil {
		return attach.Upload{}, err
	}
	if err := u.take(ctx, nil); err != nil {
		return attach.Upload{}, err
	}
	defer u.give()
	return u.public(), nil
}

// List gives the files of a user that are on their way, in the order they began. It waits for none of them: a file that is
// coming in at this moment is shown where it stood when it was last saved.
func (v *Vault) List(user string) []attach.Upload {
	v.mu.Lock()
	defer v.mu.Unlock()
	out := []attach.Upload{}
	for _, u := range v.uploads {
		if u.User == user {
			out = append(out, u.shown)
		}
	}
	slices.SortFunc(out, func(a, b attach.Upload) int { return a.Began.Compare(b.Began) })
	return out
}

// Cancel throws a file that is on its way away.
func (v *Vault) Cancel(ctx context.Context, user string, id record.ID) error {
	u, err := v.find(user, id)
	if err != nil {
		return err
	}
	if err := u.take(ctx, nil); err != nil {
		return err
	}
	defer u.give()
	v.drop(u)
	return nil
}
