package vault

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"sarhad/record"
	"sarhad/record/attach"
)

// Finish makes an attachment of a file that is here whole: place, device and author taken out or kept as chosen, with a
// small picture where it is one. It may be called again, with another choice too, until Release. The upload holds every
// chunk until then, so that a record can name them.
func (v *Vault) Finish(ctx context.Context, user string, id record.ID, choice attach.Choice) (a record.Attachment, err error) {
	defer record.Wrap(&err, "vault.Finish(%s)", id)
	u, err := v.find(user, id)
	if err != nil {
		return a, err
	}
	if err := u.take(ctx, nil); err != nil {
		return a, err
	}
	defer u.give()
	if !u.Done && u.offset() == u.Size { // it could not be looked at when it arrived
		if err := v.complete(ctx, u); err != nil {
			return a, err
		}
	}
	if !u.Done {
		return a, record.Errorf(record.Conflict, "%q is not here whole yet: let it arrive first", u.Name)
	}
	if u.Look.Dirty && !choice.Keep {
		return a, record.Errorf(record.Invalid, "%q may tell where, when and with what it was made, and this cannot be taken out of a file of this type here. Send it as JPEG or PNG, or keep it as it is on purpose, with a reason", u.Name)
	}
	if a.ID, err = record.NewID(v.cfg.Now(), v.cfg.Rand); err != nil {
		return a, err
	}
	a.Name, a.Type, a.Size, a.ChunkSize, a.By = u.Name, u.Look.Type, u.Size, ChunkSize, u.User
	a.Chunks = append([]string(nil), u.Chunks...)
	a.Added = v.cfg.Now().UTC().Truncate(time.Millisecond)
	sums := Sums{Content: u.SHA256}
	before := len(u.Made)
	if attach.GroupOf(a.Type) == attach.Picture && u.Size <= maxPicture {
		if err := v.picture(ctx, u, choice, &a, &sums); err != nil {
			return a, err
		}
	}
	if choice.Keep && (u.Look.Place || u.Look.Dirty) {
		a.Kept = &record.Kept{Reason: choice.Reason, Note: choice.Note}
	}
	sum, err := hex.DecodeString(sums.Content)
	if err != nil {
		return a, err
	}
	a.Hash = v.cfg.Keys.hashOf(sum)
	if a.Sums, err = v.sealSums(sums, a.Hash); err != nil {
		return a, err
	}
	if len(u.Made) > before {
		err = v.save(u)
	}
	return a, err
}

// picture cleans a picture and draws its rendition. A file that ended its reader is thrown away.
func (v *Vault) picture(ctx context.Context, u *upload, choice attach.Choice, a *record.Attachment, sums *Sums) error {
	o, err := v.open(ctx, u, Task{Draw: true, Type: a.Type, Clean: !choice.Keep})
	if record.KindOf(err) == record.Invalid {
		v.drop(u)
	}
	if err != nil {
		return err
	}
	if o.Refused != "" {
		return record.Errorf(record.Invalid, "%s", o.Refused)
	}
	if a.Cleaned = o.Cleaned; o.Content != nil {
		sum := sha256.Sum256(o.Content)
		sums.Came, sums.Content = sums.Content, hex.EncodeToString(sum[:])
		a.Size = int64(len(o.Content))
		if a.Chunks, err = v.made(u, o.Content); err != nil {
			return err
		}
	}
	r := o.Rendition
	if r == nil {
		return nil
	}
	a.Width, a.Height = r.FullWidth, r.FullHeight
	small, err := v.made(u, r.JPEG)
	if err != nil {
		return err
	}
	a.Small = &record.Rendition{Chunk: small[0], Type: "image/jpeg", Size: len(r.JPEG), Width: r.Width, Height: r.Height}
	return nil
}

// made stores what was made of an upload; the upload holds it.
func (v *Vault) made(u *upload, content []byte) (names []string, err error) {
	for len(content) > 0 {
		part := content[:min(len(content), ChunkSize)]
		content = content[len(part):]
		name, err := v.store(part)
		if err != nil {
			return nil, err
		}
		u.Made = append(u.Made, name)
		names = append(names, name)
	}
	return names, nil
}

// Release ends an upload whose attachment a record names now. What the record does not name, such as the picture as it
// came, is deleted.
func (v *Vault) Release(ctx context.Context, user string, id record.ID) error {
	return v.Cancel(ctx, user, id)
}

// Put stores a file that is here already, such as one that came from another node, and gives its chunks. They are held until
// release is called, which must be after the record that names them is committed.
func (v *Vault) Put(content []byte) (names []string, release func(), err error) {
	release = func() {
		v.unpin(names...)
		v.dropUnnamed(names)
	}
	for len(content) > 0 {
		part := content[:min(len(content), ChunkSize)]
		content = content[len(part):]
		name, err := v.store(part)
		if err != nil {
			release()
			return nil, nil, err
		}
		names = append(names, name)
	}
	return names, release, nil
}
