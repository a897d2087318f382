package vault

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"regexp"

	"sarhad/record"
	"sarhad/record/attach"
)

// Task says what is wanted of the content of a file.
type Task struct {
	Size  int64  `json:"size"`            // bytes of the file
	Draw  bool   `json:"draw,omitempty"`  // a rendition of a picture; else what the file is and tells
	Type  string `json:"type,omitempty"`  // with Draw: as it was seen
	Clean bool   `json:"clean,omitempty"` // with Draw: what it tells is taken out, where its type can be cleaned
}

// Opened is what came out of the content of a file.
type Opened struct {
	look
	Refused   string     // why it is not taken in, a sentence; "" = it is
	Cleaned   bool       // what it tells was taken out
	Content   []byte     // the cleaned picture; nil = as it came
	Rendition *Rendition // nil = none could be drawn
}

// Opener reads the content of a file; name is for sentences. An error says that the reading was ended, or could not begin.
type Opener func(ctx context.Context, name string, t Task, content io.Reader) (Opened, error)

// Read is the one place where the content of an attachment is parsed, and needs nothing but the bytes, so that it can run
// anywhere: in a child process that holds no keys, which Quarantined makes of it. An error is that of content.
func Read(t Task, content io.Reader) (Opened, error) {
	var out Opened
	var err error
	if t.Draw {
		err = out.draw(t, content)
	} else {
		err = out.see(t, content)
	}
	var said *record.Error
	if errors.As(err, &said) && said.Kind == record.Invalid {
		return Opened{Refused: said.Message}, nil
	}
	return out, err
}

// see finds out what a file is and what it tells. A picture that is a bomb is an Invalid error.
func (o *Opened) see(t Task, content io.Reader) error {
	head := make([]byte, min(t.Size, ChunkSize))
	if _, err := io.ReadFull(content, head); err != nil {
		return err
	}
	o.Type = sniff(head)
	whole := io.MultiReader(bytes.NewReader(head), content)
	switch {
	case attach.Tells(o.Type):
		o.Dirty = true
	case attach.GroupOf(o.Type) == attach.Picture:
		if t.Size > maxPicture {
			o.Dirty = attach.Cleanable(o.Type)
			return nil
		}
		picture, err := io.ReadAll(whole)
		if err != nil {
			return err
		}
		if err := fits(picture); err != nil {
			return err
		}
		if attach.Cleanable(o.Type) {
			_, told, err := clean(o.Type, picture)
			o.Place, o.Dirty = told.place, err != nil
		}
	case attach.GroupOf(o.Type) == attach.Video:
		var err error
		o.Place, err = movieTells(whole, t.Size)
		o.Dirty = o.Place
		return err
	}
	return nil
}

// draw cleans a picture and draws its rendition.
func (o *Opened) draw(t Task, content io.Reader) error {
	came, err := io.ReadAll(content)
	if err != nil {
		return err
	}
	picture := came
	if t.Clean && attach.Cleanable(t.Type) {
		if picture, _, err = clean(t.Type, came); err != nil {
			return &record.Error{Kind: record.Invalid, Message: "the picture is damaged: what it tells cannot be taken out. Send it again, or keep it as it is on purpose", Err: err}
		}
		if o.Cleaned = true; !bytes.Equal(picture, came) {
			o.Content = picture
		}
	}
	r, err := Render(bytes.NewReader(picture))
	if record.KindOf(err) == record.Invalid {
		return nil // damaged, or of a kind that is not drawn here: a word says what it is. Bombs were refused when it arrived
	}
	if err == nil {
		o.Rendition = &r
	}
	return err
}

// places are how a movie says where it was made: QuickTime user data, 3GPP TS 26.244 section 8.2, Apple metadata keys.
var places = [][]byte{[]byte("\xa9xyz"), []byte("loci"), []byte("location.ISO6709")}

// movieTells looks for a place in the movie box of an MP4 or QuickTime file (ISO/IEC 14496-12 section 8.2). Other
// containers and broken ones tell nothing that we could find.
func movieTells(content io.Reader, size int64) (bool, error) {
	for left := size; left >= 8; {
		var head [16]byte
		read := int64(8)
		if _, err := io.ReadFull(content, head[:8]); err != nil {
			return false, err
		}
		box := int64(binary.BigEndian.Uint32(head[:4]))
		switch {
		case box == 1 && left >= 16:
			if _, err := io.ReadFull(content, head[8:]); err != nil {
				return false, err
			}
			box, read = int64(binary.BigEndian.Uint64(head[8:])), 16
		case box == 0:
			box = left
		}
		if box < read || box > left {
			return false, nil
		}
		rest := box - read
		if string(head[4:8]) == "moov" {
			part := make([]byte, min(rest, maxMovie))
			if _, err := io.ReadFull(content, part); err != nil {
				return false, err
			}
			for _, p := range places {
				if bytes.Contains(part, p) {
					return true, nil
				}
			}
			rest -= int64(len(part))
		}
		if _, err := io.CopyN(io.Discard, content, rest); err != nil {
			return false, err
		}
		left -= box
	}
	return false, nil
}

// open has the content of an upload read, one file at a time: each may take MaxDecoded. What comes back may be the word of
// a stranger.
func (v *Vault) open(ctx context.Context, u *upload, t Task) (Opened, error) {
	v.drawing.Lock()
	defer v.drawing.Unlock()
	content := &chunks{v: v, names: u.Chunks}
	t.Size = u.Size
	var out Opened
	var err error
	if v.cfg.Open == nil {
		out, err = Read(t, content)
	} else {
		out, err = v.cfg.Open(ctx, u.Name, t, content)
	}
	if content.err != nil { // the disk's own sentence
		err = content.err
	}
	if err == nil {
		err = out.sane(t)
	}
	return out, err
}

var saneType = regexp.MustCompile(`^[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,100}$`)

// sane refuses what Read never says.
func (o *Opened) sane(t Task) error {
	r := o.Rendition
	switch {
	case o.Refused != "":
		return nil
	case t.Draw == (o.Type != ""), !t.Draw && !saneType.MatchString(o.Type), !t.Draw && (r != nil || o.Content != nil),
		o.Content != nil && !o.Cleaned, o.Cleaned && !t.Clean, len(o.Content) > mostCleaned,
		r != nil && (!bytes.HasPrefix(r.JPEG, []byte{0xff, 0xd8}) || len(r.JPEG) > MaxSmall || min(r.Width, r.Height, r.FullWidth, r.FullHeight) < 1 || max(r.Width, r.Height, r.FullWidth, r.FullHeight) > MaxSide):
		return record.Errorf(record.Invalid, "the file was not taken in: what its reader made of it makes no sense. Keep it as it is and tell your administrator")
	}
	return nil
}

// mostCleaned is the largest cleaned picture: what goes is more than what is said anew, but for a few bytes.
const mostCleaned = maxPicture + 1<<10

// chunks gives chunks as one stream.
type chunks struct {
	v     *Vault
	names []string
	now   []byte
	err   error
}

// Read implements io.Reader.
func (c *chunks) Read(p []byte) (int, error) {
	for len(c.now) == 0 {
		if c.err != nil || len(c.names) == 0 {
			if c.err != nil {
				return 0, c.err
			}
			return 0, io.EOF
		}
		if c.now, c.err = c.v.chunk(c.names[0]); c.err != nil {
			return 0, c.err
		}
		c.names = c.names[1:]
	}
	n := copy(p, c.now)
	c.now = c.now[n:]
	return n, nil
}
