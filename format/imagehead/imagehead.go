// Package imagehead reads how large a picture would be before anybody decodes it: a file of a hundred bytes can claim
// 65,000 by 65,000 points and fill the memory of whoever believes it.
//
// Nouns: Head, Limits, Error.
//
// Guarantees: Read looks at no more than MaxHead bytes and allocates nothing that the file asks for. A Head holds the
// largest figures that the file claims: of GIF the largest frame and their number, of TIFF the largest page and their
// number. Check says whether decoding is safe. What the head says is a claim: a decoder still needs a process of its own.
//
// The package must never decode a point. PNG (ISO/IEC 15948) s.11.2.2, JPEG (ITU-T T.81) B.2.2, GIF89a s.18 and 20, WebP
// (RFC 9649) s.2.5 to 2.7, BMP (BITMAPFILEHEADER), TIFF 6.0 s.2.
package imagehead

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
)

// Formats of a picture.
const (
	PNG  = "png"
	JPEG = "jpeg"
	GIF  = "gif"
	WebP = "webp"
	BMP  = "bmp"
	TIFF = "tiff"
)

// MaxHead is how much of a file is looked at. A photograph carries its size behind a preview and a colour profile of some
// 100 kB; the frames of a GIF and the pages of a TIFF may lie anywhere, and beyond this they are not let in.
const MaxHead = 64 << 20

// Head is what a file claims.
type Head struct {
	Format        string
	Width, Height int // points of the largest frame
	Frames        int // frames or pages, at least 1
}

// Limits of a picture. Zero means the default.
type Limits struct {
	Side   int   // points
	Pixels int64 // points of one frame
	Frames int
	All    int64 // points of all frames together
}

// Defaults of Limits.
const (
	DefaultSide   = 20_000
	DefaultPixels = 100_000_000 // the best cameras of telephones claim 200 megapixels and store 50; 4 bytes a point
	DefaultFrames = 500
	DefaultAll    = 400_000_000
)

// Error says why a picture is refused. It is half a sentence and repeats nothing of the file.
type Error struct{ Problem string }

// Error implements error.
func (e *Error) Error() string { return e.Problem }

func refuse(format string, args ...any) error { return &Error{fmt.Sprintf(format, args...)} }

// Read reads the head. The error is an *Error, or that of r.
func Read(r io.Reader) (Head, error) {
	b, err := io.ReadAll(io.LimitReader(r, MaxHead))
	if err != nil {
		return Head{}, err
	}
	return parse(b)
}

func parse(b []byte) (Head, error) {
	switch {
	case bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")):
		return png(b)
	case bytes.HasPrefix(b, []byte("\xff\xd8\xff")):
		return jpeg(b)
	case bytes.HasPrefix(b, []byte("GIF87a")), bytes.HasPrefix(b, []byte("GIF89a")):
		return gif(b)
	case len(b) > 12 && string(b[:4]) == "RIFF" && string(b[8:12]) == "WEBP":
		return webp(b)
	case bytes.HasPrefix(b, []byte("BM")):
		return bmp(b)
	case bytes.HasPrefix(b, []byte("II*\x00")):
		return tiff(b, binary.LittleEndian)
	case bytes.HasPrefix(b, []byte("MM\x00*")):
		return tiff(b, binary.BigEndian)
	}
	return Head{}, refuse("the file is no picture that is known here (PNG, JPEG, GIF, WebP, BMP, TIFF)")
}

// Check says whether a picture may be decoded. The error is an *Error.
func (h Head) Check(l Limits) error {
	if l.Side == 0 {
		l.Side = DefaultSide
	}
	if l.Pixels == 0 {
		l.Pixels = DefaultPixels
	}
	if l.Frames == 0 {
		l.Frames = DefaultFrames
	}
	if l.All == 0 {
		l.All = DefaultAll
	}
	pixels := int64(h.Width) * int64(h.Height)
	switch {
	case h.Width <= 0 || h.Height <= 0:
		return refuse("the picture says that it has no size")
	case h.Width > l.Side || h.Height > l.Side:
		return refuse("the picture says that it has %d by %d points; %d on a side are let in", h.Width, h.Height, l.Side)
	case pixels > l.Pixels:
		return refuse("the picture says that it has %d million points; %d million are let in", pixels/1_000_000, l.Pixels/1_000_000)
	case h.Frames > l.Frames:
		return refuse("the picture has more than %d frames", l.Frames)
	case pixels*int64(h.Frames) > l.All:
		return refuse("the frames of the picture have %d million points together; %d million are let in", pixels*int64(h.Frames)/1_000_000, l.All/1_000_000)
	}
	return nil
}

var errShort = refuse("the picture ends before it says how large it is")

// at reads a number of n bytes; ok is false beyond the end.
func at(b []byte, from, n int, order binary.ByteOrder) (int, bool) {
	if from < 0 || from > len(b)-n {
		return 0, false
	}
	switch n {
	case 2:
		return int(order.Uint16(b[from:])), true
	default:
		return int(order.Uint32(b[from:])), true
	}
}

func png(b []byte) (Head, error) {
	w, ok := at(b, 16, 4, binary.BigEndian)
	h, ok2 := at(b, 20, 4, binary.BigEndian)
	if !ok || !ok2 || string(b[12:16]) != "IHDR" {
		return Head{}, errShort
	}
	return Head{PNG, w, h, 1}, nil
}

// jpeg walks the segments to the frame header (SOF0 to SOF15 but DHT, JPG and DAC).
func jpeg(b []byte) (Head, error) {
	for i := 2; i+4 <= len(b); {
		if b[i] != 0xFF {
			return Head{}, refuse("the picture is a broken JPEG")
		}
		marker := b[i+1]
		switch {
		case marker == 0xFF: // fill
			i++
			continue
		case marker == 0x01 || marker >= 0xD0 && marker <= 0xD8:
			i += 2
			continue
		case marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC:
			h, ok := at(b, i+5, 2, binary.BigEndian)
			w, ok2 := at(b, i+7, 2, binary.BigEndian)
			if !ok || !ok2 {
				return Head{}, errShort
			}
			return Head{JPEG, w, h, 1}, nil
		case marker == 0xDA || marker == 0xD9:
			return Head{}, errShort
		}
		n, _ := at(b, i+2, 2, binary.BigEndian)
		if n < 2 {
			return Head{}, refuse("the picture is a broken JPEG")
		}
		i += 2 + n
	}
	return Head{}, errShort
}

// gif walks the blocks: a frame may be larger than the screen, and there may be thousands.
func gif(b []byte) (Head, error) {
	w, ok := at(b, 6, 2, binary.LittleEndian)
	h, ok2 := at(b, 8, 2, binary.LittleEndian)
	if !ok || !ok2 || len(b) < 13 {
		return Head{}, errShort
	}
	head := Head{GIF, w, h, 0}
	i := 13 + colours(b[10])
	for i < len(b) {
		switch b[i] {
		case 0x3B: // the end
			head.Frames = max(head.Frames, 1)
			return head, nil
		case 0x21: // extension
			i += 2
		case 0x2C: // frame
			left, ok := at(b, i+1, 2, binary.LittleEndian)
			top, ok2 := at(b, i+3, 2, binary.LittleEndian)
			w, ok3 := at(b, i+5, 2, binary.LittleEndian)
			h, ok4 := at(b, i+7, 2, binary.LittleEndian)
			if !ok || !ok2 || !ok3 || !ok4 || i+9 >= len(b) {
				return Head{}, errShort
			}
			head.Frames++
			head.Width, head.Height = max(head.Width, left+w), max(head.Height, top+h)
			i += 10 + colours(b[i+9]) + 1
		default:
			return Head{}, refuse("the picture is a broken GIF")
		}
		for i < len(b) && b[i] != 0 { // sub-blocks
			i += int(b[i]) + 1
		}
		i++
	}
	if len(b) >= MaxHead {
		return Head{}, refuse("the picture is larger than %d MB", MaxHead>>20)
	}
	head.Frames = max(head.Frames, 1)
	return head, nil // cut short: a decoder shows what there is
}

// colours is the length of a colour table.
func colours(flags byte) int {
	if flags&0x80 == 0 {
		return 0
	}
	return 3 << (flags&7 + 1)
}

func webp(b []byte) (Head, error) {
	if len(b) < 30 {
		return Head{}, errShort
	}
	three := func(i int) int { return int(b[i]) | int(b[i+1])<<8 | int(b[i+2])<<16 }
	switch string(b[12:16]) {
	case "VP8 ":
		w, _ := at(b, 26, 2, binary.LittleEndian)
		h, _ := at(b, 28, 2, binary.LittleEndian)
		return Head{WebP, w & 0x3FFF, h & 0x3FFF, 1}, nil
	case "VP8L":
		n, _ := at(b, 21, 4, binary.LittleEndian)
		return Head{WebP, n&0x3FFF + 1, n>>14&0x3FFF + 1, 1}, nil
	case "VP8X":
		head := Head{WebP, three(24) + 1, three(27) + 1, 1}
		head.Frames = max(1, bytes.Count(b, []byte("ANMF"))) // too many rather than too few
		return head, nil
	}
	return Head{}, refuse("the picture is a broken WebP")
}

func bmp(b []byte) (Head, error) {
	size, ok := at(b, 14, 4, binary.LittleEndian)
	if !ok {
		return Head{}, errShort
	}
	if size == 12 { // BITMAPCOREHEADER
		w, ok := at(b, 18, 2, binary.LittleEndian)
		h, ok2 := at(b, 20, 2, binary.LittleEndian)
		if !ok || !ok2 {
			return Head{}, errShort
		}
		return Head{BMP, w, h, 1}, nil
	}
	w, ok := at(b, 18, 4, binary.LittleEndian)
	h, ok2 := at(b, 22, 4, binary.LittleEndian)
	if !ok || !ok2 {
		return Head{}, errShort
	}
	high := int(int32(uint32(h)))
	if high < 0 { // from top to bottom
		high = -high
	}
	return Head{BMP, int(int32(uint32(w))), high, 1}, nil
}

// maxPages bounds the walk: the pages of a TIFF may point to each other.
const maxPages = 10_000

func tiff(b []byte, order binary.ByteOrder) (Head, error) {
	head := Head{Format: TIFF}
	next, ok := at(b, 4, 4, order)
	for ok && next != 0 {
		if head.Frames++; head.Frames > maxPages {
			return Head{}, refuse("the pages of the picture have no end")
		}
		n, whole := at(b, next, 2, order)
		if !whole {
			return Head{}, errShort
		}
		for k := range n {
			entry := next + 2 + 12*k
			tag, ok := at(b, entry, 2, order)
			kind, ok2 := at(b, entry+2, 2, order)
			if !ok || !ok2 || entry+12 > len(b) {
				return Head{}, errShort
			}
			const short = 3
			width := 4
			if kind == short {
				width = 2
			}
			v, _ := at(b, entry+8, width, order)
			switch tag {
			case 256:
				head.Width = max(head.Width, v)
			case 257:
				head.Height = max(head.Height, v)
			}
		}
		next, ok = at(b, next+2+12*n, 4, order)
	}
	if head.Frames == 0 {
		return Head{}, errShort
	}
	return head, nil
}
