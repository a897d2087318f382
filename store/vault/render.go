package vault

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	_ "image/gif" // decoders register themselves
	"image/jpeg"
	_ "image/png"
	"io"

	_ "golang.org/x/image/bmp"
	scale "golang.org/x/image/draw"
	_ "golang.org/x/image/tiff"
	_ "golang.org/x/image/webp"

	"sarhad/record"
)

const (
	// MaxSmall is how many bytes a rendition has at most: it travels first over the weakest line.
	MaxSmall = 150 << 10
	// MaxDecoded is how much memory a picture may take when it is opened: 89 million pixels of a photograph. More is a bomb
	// or a scan that nobody looks at here.
	MaxDecoded = 256 << 20
	// MaxSide bounds width and height, so that their product cannot run over.
	MaxSide = 1 << 16
)

// Rendition is a small picture that was drawn, and the size of the one it was drawn from, upright.
type Rendition struct {
	JPEG          []byte
	Width, Height int // of JPEG
	FullWidth     int
	FullHeight    int
}

// Render draws a small JPEG of a picture: upright, on white, without a word about where it came from. A picture
// that would take more than MaxDecoded is an Invalid error before any pixel is read; what is no picture is one too.
func Render(r io.Reader) (_ Rendition, err error) {
	defer guard(&err)
	content, err := io.ReadAll(io.LimitReader(r, maxPicture+1))
	if err != nil {
		return Rendition{}, err
	}
	if len(content) > maxPicture {
		return Rendition{}, record.Errorf(record.Invalid, "the picture has more than %d MB: it is not opened here", maxPicture>>20)
	}
	if err := fits(content); err != nil {
		return Rendition{}, err
	}
	img, _, err := image.Decode(bytes.NewReader(content))
	if err != nil {
		return Rendition{}, &record.Error{Kind: record.Invalid, Message: "the picture cannot be opened: it is damaged or not finished", Err: err}
	}
	turn := orientationOf(content)
	full := img.Bounds().Size()
	if turn >= 5 {
		full.X, full.Y = full.Y, full.X
	}
	for _, try := range []struct{ side, quality int }{{1600, 82}, {1600, 70}, {1280, 70}, {1024, 65}, {800, 60}, {640, 55}, {480, 50}, {320, 40}, {160, 30}} {
		small := upright(shrink(img, try.side), turn)
		var out bytes.Buffer
		if err := jpeg.Encode(&out, small, &jpeg.Options{Quality: try.quality}); err != nil {
			return Rendition{}, err
		}
		if out.Len() <= MaxSmall {
			size := small.Bounds().Size()
			return Rendition{JPEG: out.Bytes(), Width: size.X, Height: size.Y, FullWidth: full.X, FullHeight: full.Y}, nil
		}
	}
	return Rendition{}, record.Errorf(record.Invalid, "no small picture could be drawn of this one")
}

// guard turns a crash of a decoder into an error: a picture from outside must not end the program.
func guard(err *error) {
	if p := recover(); p != nil {
		*err = &record.Error{Kind: record.Invalid, Message: "the picture cannot be opened: it is damaged", Err: fmt.Errorf("decoder: %v", p)}
	}
}

// fits reads the header of a picture and refuses what would take too much memory. What is no picture that we open fits.
func fits(content []byte) (err error) {
	defer guard(&err)
	conf, format, err := image.DecodeConfig(bytes.NewReader(content))
	if err != nil {
		return nil
	}
	each := int64(4) // bytes for a pixel
	switch conf.ColorModel {
	case color.GrayModel:
		each = 1
	case color.YCbCrModel:
		each = 3
	case color.RGBA64Model, color.NRGBA64Model:
		each = 8
	}
	if format == "jpeg" && progressive(content) {
		each += 12 // the decoder keeps every coefficient until the last scan
	}
	if conf.Width > MaxSide || conf.Height > MaxSide || int64(conf.Width)*int64(conf.Height)*each > MaxDecoded {
		return record.Errorf(record.Invalid, "the picture says it has %d x %d points: it would take too much memory and is not opened here. Send a smaller copy of it", conf.Width, conf.Height)
	}
	return nil
}

// progressive reports whether the first frame of a JPEG is not of the sequential kind (ITU-T T.81 table B.1).
func progressive(b []byte) bool {
	for at := 2; at+4 <= len(b) && b[at] == 0xff; {
		if b[at+1] == 0xff {
			at++
			continue
		}
		if b[at+1] == 0xc0 || b[at+1] == 0xc1 || b[at+1] == 0xda {
			return false
		}
		if b[at+1] == 0xc2 {
			return true
		}
		at += 2 + int(binary.BigEndian.Uint16(b[at+2:]))
	}
	return false
}

// orientationOf gives how a picture is to be turned, as EXIF says; 1 when it does not.
func orientationOf(content []byte) int {
	kind := sniff(content[:min(len(content), 512)])
	if _, t, err := clean(kind, content); err == nil && t.orientation > 0 {
		return t.orientation
	}
	return 1
}

// shrink draws a picture on white, no side longer than side.
func shrink(img image.Image, side int) *image.RGBA {
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	if longest := max(w, h); longest > side {
		w, h = max(1, w*side/longest), max(1, h*side/longest)
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(out, out.Bounds(), image.White, image.Point{}, draw.Src)
	scale.BiLinear.Scale(out, out.Bounds(), img, b, scale.Over, nil)
	return out
}

// upright turns a picture by its EXIF orientation (CIPA DC-008 section 4.6.5.1.6).
func upright(img *image.RGBA, orientation int) *image.RGBA {
	if orientation < 2 || orientation > 8 {
		return img
	}
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	if orientation >= 5 {
		out = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	for y := range h {
		for x := range w {
			tx, ty := x, y
			switch orientation {
			case 2:
				tx = w - 1 - x
			case 3:
				tx, ty = w-1-x, h-1-y
			case 4:
				ty = h - 1 - y
			case 5:
				tx, ty = y, x
			case 6:
				tx, ty = h-1-y, x
			case 7:
				tx, ty = h-1-y, w-1-x
			case 8:
				tx, ty = y, w-1-x
			}
			out.SetRGBA(tx, ty, img.RGBAAt(x, y))
		}
	}
	return out
}
