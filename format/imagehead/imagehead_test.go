package imagehead

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	stdgif "image/gif"
	stdjpeg "image/jpeg"
	stdpng "image/png"
	"strings"
	"testing"
)

func picture(w, h int) *image.Paletted {
	return image.NewPaletted(image.Rect(0, 0, w, h), color.Palette{color.Black, color.White})
}

func made(t testing.TB, format string, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	var err error
	le := binary.LittleEndian
	switch format {
	case PNG:
		err = stdpng.Encode(&b, picture(w, h))
	case JPEG:
		err = stdjpeg.Encode(&b, picture(w, h), nil)
	case GIF:
		err = stdgif.Encode(&b, picture(w, h), nil)
	case BMP:
		head := make([]byte, 54)
		copy(head, "BM")
		le.PutUint32(head[14:], 40)
		le.PutUint32(head[18:], uint32(w))
		le.PutUint32(head[22:], uint32(-h))
		b.Write(head)
	case WebP:
		head := make([]byte, 40)
		copy(head, "RIFF")
		copy(head[8:], "WEBPVP8X")
		head[24], head[25], head[26] = byte(w-1), byte((w-1)>>8), byte((w-1)>>16)
		head[27], head[28], head[29] = byte(h-1), byte((h-1)>>8), byte((h-1)>>16)
		b.Write(head)
	case TIFF:
		head := make([]byte, 8+2+24+4)
		copy(head, "II*\x00")
		le.PutUint32(head[4:], 8)
		le.PutUint16(head[8:], 2)
		for i, v := range []int{w, h} {
			e := head[10+12*i:]
			le.PutUint16(e, uint16(256+i))
			le.PutUint16(e[2:], 4)
			le.PutUint32(e[4:], 1)
			le.PutUint32(e[8:], uint32(v))
		}
		b.Write(head)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var formats = []string{PNG, JPEG, GIF, BMP, WebP, TIFF}

// TestRead proves that the claimed size is read from every format.
func TestRead(t *testing.T) {
	for _, f := range formats {
		got, err := Read(bytes.NewReader(made(t, f, 320, 200)))
		if want := (Head{f, 320, 200, 1}); err != nil || got != want {
			t.Errorf("%s: %+v, %v", f, got, err)
		}
		if err := got.Check(Limits{}); err != nil {
			t.Errorf("%s: %v", f, err)
		}
	}
}

// TestBombs proves that a picture which claims too much is refused before it is decoded.
func TestBombs(t *testing.T) {
	claim := made(t, PNG, 1, 1)
	binary.BigEndian.PutUint32(claim[16:], 60_000)
	binary.BigEndian.PutUint32(claim[20:], 60_000)
	wide := made(t, GIF, 10, 10)
	at := bytes.IndexByte(wide[13:], 0x2C) + 13
	binary.LittleEndian.PutUint16(wide[at+5:], 65_000)
	var film bytes.Buffer
	g := &stdgif.GIF{}
	for range 600 {
		g.Image, g.Delay = append(g.Image, picture(2, 2)), append(g.Delay, 1)
	}
	if err := stdgif.EncodeAll(&film, g); err != nil {
		t.Fatal(err)
	}
	ring := made(t, TIFF, 10, 10)
	binary.LittleEndian.PutUint32(ring[len(ring)-4:], 8)
	for name, c := range map[string]struct {
		data []byte
		says string
	}{
		"claims":          {claim, "60000 by 60000"},
		"frame too wide":  {wide, "65000"},
		"many frames":     {film.Bytes(), "more than 500 frames"},
		"pages in a ring": {ring, "no end"},
		"points":          {made(t, WebP, 19_000, 19_000), "361 million points"},
		"large tiff":      {made(t, TIFF, 1<<31-1, 1<<31-1), "on a side"},
		"no size":         {made(t, BMP, 0, 5), "no size"},
		"negative":        {made(t, BMP, -5, 5), "no size"},
		"no picture":      {[]byte("<svg/>"), "no picture"},
		"cut":             {made(t, JPEG, 9, 9)[:20], "ends before"},
	} {
		h, err := Read(bytes.NewReader(c.data))
		if err == nil {
			err = h.Check(Limits{})
		}
		var e *Error
		if !errors.As(err, &e) || !strings.Contains(e.Error(), c.says) {
			t.Errorf("%s: %+v, %v", name, h, err)
		}
	}
}

// FuzzRead proves that any bytes give a head or an *Error.
func FuzzRead(f *testing.F) {
	for _, format := range formats {
		f.Add(made(f, format, 30, 20))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := Read(bytes.NewReader(b))
		var e *Error
		if err != nil && !errors.As(err, &e) {
			t.Fatal(err)
		}
		if err == nil && h.Frames < 1 {
			t.Fatalf("%+v", h)
		}
		_ = h.Check(Limits{})
	})
}
