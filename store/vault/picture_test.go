package vault_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"testing"

	"sarhad/record"
	"sarhad/record/attach"
	"sarhad/store/vault"
)

// drawn is a picture with red in its upper left corner.
func drawn(w, h int, noisy bool) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	r := rand.New(rand.NewPCG(1, 2))
	for y := range h {
		for x := range w {
			c := color.RGBA{uint8(x), uint8(y), 120, 255}
			if noisy {
				c = color.RGBA{uint8(r.Uint32()), uint8(r.Uint32()), uint8(r.Uint32()), 255}
			}
			if x < w/4 && y < h/4 {
				c = color.RGBA{255, 0, 0, 255}
			}
			img.SetRGBA(x, y, c)
		}
	}
	return img
}

func picture(t *testing.T, w, h int) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, drawn(w, h, false)); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func photo(t *testing.T, w, h int, noisy bool) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, drawn(w, h, noisy), nil); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// exif is a block with an orientation, a maker and a position.
func exif(orientation byte) []byte {
	return append([]byte{'M', 'M', 0, 42, 0, 0, 0, 8, 0, 2,
		0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0,
		0x88, 0x25, 0, 4, 0, 0, 0, 1, 0, 0, 0, 38, 0, 0, 0, 0}, "\x00\x00\x00\x00\x00\x00SECRETPLACE"...)
}

func segment(marker byte, data []byte) []byte {
	out := []byte{0xff, marker, 0, 0}
	binary.BigEndian.PutUint16(out[2:], uint16(len(data)+2))
	return append(out, data...)
}

// placedPhoto tells where it was made, in every way a JPEG can, and hides something behind its end.
func placedPhoto(t *testing.T, w, h int, orientation byte) []byte {
	b := photo(t, w, h, false)
	out := append([]byte{}, b[:2]...)
	out = append(out, segment(0xe1, append([]byte("Exif\x00\x00"), exif(orientation)...))...)
	out = append(out, segment(0xe1, []byte("http://ns.adobe.com/xap/1.0/\x00<x exif:GPSLatitude='SECRETPLACE'/>"))...)
	out = append(out, segment(0xed, []byte("Photoshop 3.0\x008BIMSECRETPLACE"))...)
	out = append(out, segment(0xfe, []byte("SECRETPLACE"))...)
	out = append(out, b[2:]...)
	return append(out, "SECRETPLACE"...)
}

func pngChunk(kind, data string) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	out = append(out, kind+data...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE([]byte(kind+data)))
}

func placedPNG(t *testing.T) []byte {
	b := picture(t, 40, 30)
	out := append([]byte{}, b[:33]...) // signature and IHDR
	out = append(out, pngChunk("eXIf", string(exif(6)))...)
	out = append(out, pngChunk("tEXt", "Comment\x00SECRETPLACE")...)
	out = append(out, pngChunk("iTXt", "XML:com.adobe.xmp\x00\x00\x00\x00\x00SECRETPLACE")...)
	out = append(out, pngChunk("zzZz", "SECRETPLACE")...)
	out = append(out, b[33:]...)
	return append(out, "SECRETPLACE"...)
}

// lossless is a WebP of one white point (RFC 9649 section 3).
var lossless = []byte("VP8L\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00")

func placedWebP(*testing.T) []byte {
	chunk := func(kind string, data []byte) []byte {
		out := binary.LittleEndian.AppendUint32([]byte(kind), uint32(len(data)))
		out = append(out, data...)
		if len(data)%2 == 1 {
			out = append(out, 0)
		}
		return out
	}
	body := append([]byte("WEBP"), chunk("VP8X", []byte{0x08 | 0x04, 0, 0, 0, 0, 0, 0, 0, 0, 0})...)
	body = append(body, lossless...)
	body = append(body, chunk("EXIF", exif(1))...)
	body = append(body, chunk("XMP ", []byte("<x exif:GPSLatitude='SECRETPLACE'/>"))...)
	out := binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body)))
	return append(append(out, body...), "SECRETPLACE"...)
}

func placedGIF(t *testing.T) []byte {
	var out bytes.Buffer
	pal := image.NewPaletted(image.Rect(0, 0, 10, 10), color.Palette{color.White, color.Black})
	if err := gif.EncodeAll(&out, &gif.GIF{Image: []*image.Paletted{pal, pal}, Delay: []int{1, 1}}); err != nil {
		t.Fatal(err)
	}
	b := out.Bytes()
	head := 13
	if b[10]&0x80 != 0 {
		head += 3 << (b[10]&7 + 1)
	}
	made := append([]byte{}, b[:head]...)
	made = append(made, "\x21\xfe\x0bSECRETPLACE\x00"...)
	made = append(made, "\x21\xff\x0bXMP DataXMP\x17exif:GPSLatitude SECRET\x0bSECRETPLACE\x00"...)
	return append(append(made, b[head:]...), "SECRETPLACE"...)
}

// TestPlaceIsTakenOut proves that nothing a picture tells stays in it, in whatever block it stood, that what it shows stays
// as it was, and that the file as it came is gone when the record is made.
func TestPlaceIsTakenOut(t *testing.T) {
	for name, content := range map[string][]byte{"a.jpg": placedPhoto(t, 64, 48, 1), "a.png": placedPNG(t), "a.webp": placedWebP(t), "a.gif": placedGIF(t)} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			u := s.upload(name, content)
			if !u.Place || u.Dirty || u.Group != attach.Picture {
				t.Fatalf("seen as %+v", u)
			}
			a := s.attached(name, content).Attachments[0]
			got := s.read(a)
			if bytes.Contains(got, []byte("SECRETPLACE")) || bytes.Contains(got, []byte("GPS")) || !a.Cleaned || a.Kept != nil {
				t.Fatalf("it still tells: %q", got)
			}
			before, _, err := image.Decode(bytes.NewReader(content))
			s.ok(err)
			after, _, err := image.Decode(bytes.NewReader(got))
			s.ok(err)
			samePixels(t, before, after)
			again := s.attached("again", got).Attachments[0]
			if again.Hash != a.Hash {
				t.Error("a clean picture was changed again")
			}
			content, came, err := s.vault.Sums(a)
			if err != nil || came == "" || came == content {
				t.Errorf("checksums %q, %q, %v", content, came, err)
			}
			s.ok(s.vault.Cancel(t.Context(), officer, u.ID))
			if n, want := len(s.chunks()), len(a.Names()); n != want {
				t.Errorf("%d chunks, want %d: the picture as it came is still there", n, want)
			}
		})
	}
}

func samePixels(t *testing.T, a, b image.Image) {
	t.Helper()
	if a.Bounds() != b.Bounds() {
		t.Fatalf("%v became %v", a.Bounds(), b.Bounds())
	}
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			if a.At(x, y) != b.At(x, y) {
				t.Fatalf("the point %d,%d was %v and is %v", x, y, a.At(x, y), b.At(x, y))
			}
		}
	}
}

// TestPlaceIsKeptOnPurpose proves that a file may stay as it came, and that the envelope says why.
func TestPlaceIsKeptOnPurpose(t *testing.T) {
	s := newScene(t)
	content := placedPhoto(t, 64, 48, 1)
	u := s.upload("a.jpg", content)
	a, err := s.vault.Finish(t.Context(), officer, u.ID, attach.Choice{Keep: true, Reason: "place", Note: "the field by the river"})
	s.ok(err)
	if r := s.put(a); !bytes.Equal(s.read(r.Attachments[0]), content) || a.Cleaned || a.Kept == nil || a.Kept.Reason != "place" {
		t.Errorf("%+v", a)
	}
	u = s.upload("b.png", picture(t, 20, 20))
	a, err = s.vault.Finish(t.Context(), officer, u.ID, attach.Choice{Keep: true, Reason: "place"})
	if err != nil || a.Kept != nil {
		t.Errorf("nothing was kept of a picture that tells nothing: %+v, %v", a.Kept, err)
	}
}

// TestWhatCannotBeCleaned proves that a type which we cannot clean is refused, or kept on purpose.
func TestWhatCannotBeCleaned(t *testing.T) {
	heic := append([]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), noise(20, 500)...)
	box := func(kind, data string) string {
		return string(binary.BigEndian.AppendUint32(nil, uint32(len(data)+8))) + kind + data
	}
	movie := []byte(box("ftyp", "isom\x00\x00\x02\x00isomiso2mp41") + box("mdat", string(noise(21, 2000))) + box("moov", box("udta", box("\xa9xyz", "\x00\x12\x15\xc7+43.2567+076.9286/"))))
	silent := []byte(box("ftyp", "isom\x00\x00\x02\x00isomiso2mp41") + box("mdat", "loci"+string(noise(22, 2000))) + box("moov", box("udta", "")))
	broken := placedPhoto(t, 32, 32, 1)
	broken = broken[:200]
	for _, c := range []struct {
		name    string
		content []byte
		dirty   bool
	}{{"x.heic", heic, true}, {"placed.mp4", movie, true}, {"silent.mp4", silent, false}, {"half.jpg", broken, true}} {
		t.Run(c.name, func(t *testing.T) {
			s := newScene(t)
			u := s.upload(c.name, c.content)
			_, err := s.vault.Finish(t.Context(), officer, u.ID, attach.Choice{})
			if u.Dirty != c.dirty || (record.KindOf(err) == record.Invalid) != c.dirty {
				t.Fatalf("%+v: %v", u, err)
			}
			a, err := s.vault.Finish(t.Context(), officer, u.ID, attach.Choice{Keep: true, Reason: "original"})
			s.ok(err)
			if (a.Kept != nil) != c.dirty || !bytes.Equal(s.read(a), c.content) {
				t.Errorf("kept as %+v", a)
			}
		})
	}
}

// TestRendition proves that a small picture is drawn, upright, of at most 150 kB, and tells nothing.
func TestRendition(t *testing.T) {
	s := newScene(t)
	noisy := s.attached("noisy.jpg", photo(t, 1500, 1100, true)).Attachments[0]
	if noisy.Small == nil || noisy.Small.Size > vault.MaxSmall || noisy.Width != 1500 || noisy.Height != 1100 {
		t.Fatalf("%+v", noisy.Small)
	}
	for orientation, corner := range map[byte]image.Point{1: {0, 0}, 2: {1, 0}, 3: {1, 1}, 4: {0, 1}, 5: {0, 0}, 6: {1, 0}, 7: {1, 1}, 8: {0, 1}} {
		a := s.attached("turned.jpg", placedPhoto(t, 200, 100, orientation)).Attachments[0]
		small, err := s.vault.Small(a)
		s.ok(err)
		img, _, err := image.Decode(bytes.NewReader(small))
		s.ok(err)
		w, h := img.Bounds().Dx(), img.Bounds().Dy()
		if orientation >= 5 != (w < h) || a.Width != w || a.Height != h {
			t.Errorf("orientation %d gave %d x %d, said to be %d x %d", orientation, w, h, a.Width, a.Height)
		}
		r, g, _, _ := img.At(5+corner.X*(w-10), 5+corner.Y*(h-10)).RGBA()
		if r < 0xd000 || g > 0x5000 {
			t.Errorf("orientation %d: the red corner is not at %v", orientation, corner)
		}
		if bytes.Contains(small, []byte("SECRETPLACE")) || bytes.Contains(small, []byte("Exif")) {
			t.Error("the small picture tells")
		}
	}
}

// TestBombsAreRefused proves that a header which promises more than fits ends a file before any of it is opened.
func TestBombsAreRefused(t *testing.T) {
	s := newScene(t)
	bomb := picture(t, 10, 10)
	binary.BigEndian.PutUint32(bomb[16:], 60000)
	binary.BigEndian.PutUint32(bomb[20:], 60000)
	binary.BigEndian.PutUint32(bomb[29:], crc32.ChecksumIEEE(bomb[12:29]))
	u := s.begin("bomb.png", bomb)
	_, err := s.vault.Append(t.Context(), officer, u.ID, 0, bytes.NewReader(bomb), nil)
	s.kind("a bomb", err, record.Invalid)
	if left := s.chunks(); len(left) > 0 {
		t.Errorf("something of it stayed: %v", left)
	}
	if _, err := vault.Render(bytes.NewReader(bomb)); record.KindOf(err) != record.Invalid {
		t.Errorf("drawn: %v", err)
	}
}

// TestTypesAreSniffed proves that a name makes nothing of a file.
func TestTypesAreSniffed(t *testing.T) {
	s := newScene(t)
	for _, c := range []struct {
		name, content, kind string
		group               attach.Group
	}{
		{"photo.jpg", "MZ\x90\x00" + string(noise(30, 200)), "application/vnd.microsoft.portable-executable", attach.Opaque},
		{"photo.jpg", "<html><script>alert(1)</script></html>", "text/html", attach.Opaque},
		{"photo.jpg", `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`, "image/svg+xml", attach.Opaque},
		{"notes.txt", "#!/bin/sh\nrm -rf /\n", "text/x-shellscript", attach.Opaque},
		{"run.exe", "%PDF-1.7\n%....", "application/pdf", attach.Document},
		{"x", "a,b,c\n1,2,3\n4,5,6\n", "text/csv", attach.Sheet},
		{"x", "Received: by mx.example\r\nFrom: a@example\r\nTo: b@example\r\nSubject: x\r\n\r\nhello", "message/rfc822", attach.Mail},
		{"x", "ok", "text/plain", attach.Text},
		{"x", "\x00\x01", "application/octet-stream", attach.Opaque},
	} {
		if u := s.upload(c.name, []byte(c.content)); u.Type != c.kind || u.Group != c.group {
			t.Errorf("%.20q is %s, %s; want %s, %s", c.content, u.Type, u.Group, c.kind, c.group)
		}
	}
}

// FuzzRender proves that no picture makes the program fall over.
func FuzzRender(f *testing.F) {
	f.Add([]byte("\x89PNG\r\n\x1a\n"))
	f.Add([]byte("GIF89a\x01\x00\x01\x00\x80\x00\x00"))
	f.Add([]byte{0xff, 0xd8, 0xff, 0xe1, 0, 4, 'E', 'x', 0xff, 0xda, 0, 2, 0xff, 0xd9})
	f.Add(append([]byte("RIFF\x1a\x00\x00\x00WEBP"), lossless...))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := vault.Render(bytes.NewReader(b)); err != nil && record.KindOf(err) != record.Invalid {
			t.Fatal(err)
		}
	})
}
