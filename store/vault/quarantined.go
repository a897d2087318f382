package vault

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"

	"sarhad/internal/quarantine"
	"sarhad/record"
)

// kindAttachment is the parser of the child process that opens attachments.
const kindAttachment = "attachment"

// piece is how many bytes of a picture one line carries.
const piece = 512 << 10

// Kinds are the parsers that the child process knows; quarantine.Main takes them.
func Kinds() quarantine.Kinds { return quarantine.Kinds{kindAttachment: parse} }

// said is a line of the child: facts first, then pieces of the cleaned picture, then the rendition.
type said struct {
	Facts *facts `json:"facts,omitempty"`
	Piece []byte `json:"piece,omitempty"`
	Small []byte `json:"small,omitempty"`
}

type facts struct {
	look
	Refused    string `json:"refused,omitempty"`
	Cleaned    bool   `json:"cleaned,omitempty"`
	Width      int    `json:"width,omitempty"` // of the rendition
	Height     int    `json:"height,omitempty"`
	FullWidth  int    `json:"fullWidth,omitempty"`
	FullHeight int    `json:"fullHeight,omitempty"`
}

// parse runs in the child: a line with the task, then the file.
func parse(in io.Reader, out *quarantine.Out) error {
	br := bufio.NewReaderSize(in, 64<<10)
	line, err := br.ReadBytes('\n')
	if err != nil {
		return err
	}
	var t Task
	if err := json.Unmarshal(line, &t); err != nil {
		return err
	}
	o, err := Read(t, br)
	if err != nil {
		return err
	}
	f := facts{look: o.look, Refused: o.Refused, Cleaned: o.Cleaned}
	if r := o.Rendition; r != nil {
		f.Width, f.Height, f.FullWidth, f.FullHeight = r.Width, r.Height, r.FullWidth, r.FullHeight
	}
	if err := out.Line(said{Facts: &f}); err != nil {
		return err
	}
	for left := o.Content; len(left) > 0; {
		n := min(len(left), piece)
		if err := out.Line(said{Piece: left[:n]}); err != nil {
			return err
		}
		left = left[n:]
	}
	if o.Rendition == nil {
		return nil
	}
	return out.Line(said{Small: o.Rendition.JPEG})
}

// Quarantined opens files in a child process without keys, network or files. Beside what package quarantine says, an error
// is that of content.
func Quarantined(cell quarantine.Cell) Opener {
	return func(ctx context.Context, name string, t Task, content io.Reader) (Opened, error) {
		task, err := json.Marshal(t)
		if err != nil {
			return Opened{}, err
		}
		var out Opened
		begun := false
		input := io.MultiReader(bytes.NewReader(append(task, '\n')), content)
		err = cell.Run(ctx, kindAttachment, name, input, func(line []byte) error {
			var l said
			if err := json.Unmarshal(line, &l); err != nil || begun == (l.Facts != nil) || len(out.Content)+len(l.Piece) > mostCleaned {
				return &record.Error{Kind: record.Invalid, Err: err, Message: name + " was not taken in: what its reader made of it makes no sense. Keep the file as it is and tell your administrator."}
			}
			switch {
			case l.Facts != nil:
				f := l.Facts
				begun, out.look, out.Refused, out.Cleaned = true, f.look, f.Refused, f.Cleaned
				if f.Width != 0 {
					out.Rendition = &Rendition{Width: f.Width, Height: f.Height, FullWidth: f.FullWidth, FullHeight: f.FullHeight}
				}
			case l.Small != nil && out.Rendition != nil:
				out.Rendition.JPEG = l.Small
			default:
				out.Content = append(out.Content, l.Piece...)
			}
			return nil
		})
		if err != nil {
			return Opened{}, err
		}
		return out, nil
	}
}
