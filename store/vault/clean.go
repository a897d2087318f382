package vault

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"strings"
)

// told is what was found among what was taken out of a picture.
type told struct {
	place       bool // a position on the Earth
	orientation int  // EXIF orientation, 1 to 8; 0 = not said
}

var errPicture = errors.New("the picture is not built as its format says")

// clean takes everything out of a picture that tells about it: EXIF, XMP, IPTC, comments, embedded previews, whatever stands
// behind its end. What it shows stays byte for byte; how it is to be turned is said again in a block that says nothing else.
func clean(kind string, content []byte) (out []byte, t told, err error) {
	defer guard(&err)
	switch kind {
	case "image/jpeg":
		return cleanJPEG(content)
	case "image/png", "image/apng":
		return cleanPNG(content)
	case "image/webp":
		return cleanWebP(content)
	case "image/gif":
		return cleanGIF(content)
	}
	return nil, t, errPicture
}

// notice looks at a block that is taken out.
func (t *told) notice(block []byte) {
	if exif := bytes.TrimPrefix(block, []byte("Exif\x00\x00")); len(exif) > 8 {
		orientation, place := readEXIF(exif)
		t.place = t.place || place
		if t.orientation == 0 {
			t.orientation = orientation
		}
	}
	t.place = t.place || bytes.Contains(block, []byte("GPSLatitude")) || bytes.Contains(block, []byte("GPSLongitude"))
}

// turn is an EXIF block that says how the picture is turned and nothing else; nil where it is upright.
func (t told) turn() []byte {
	if t.orientation < 2 || t.orientation > 8 {
		return nil
	}
	return []byte{'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, byte(t.orientation), 0, 0, 0, 0, 0, 0}
}

// readEXIF reads the first directory of an EXIF block (TIFF 6.0 section 2, CIPA DC-008 section 4.6).
func readEXIF(b []byte) (orientation int, place bool) {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(b, []byte("II*\x00")):
		order = binary.LittleEndian
	case bytes.HasPrefix(b, []byte("MM\x00*")):
		order = binary.BigEndian
	default:
		return 0, false
	}
	at := int64(order.Uint32(b[4:]))
	if at+2 > int64(len(b)) {
		return 0, false
	}
	for i := range int64(order.Uint16(b[at:])) {
		e := at + 2 + i*12
		if e+12 > int64(len(b)) {
			break
		}
		switch order.Uint16(b[e:]) {
		case 0x0112:
			orientation = int(order.Uint16(b[e+8:]))
		case 0x8825: // pointer to the directory of the position
			place = true
		}
	}
	if orientation < 1 || orientation > 8 {
		orientation = 0
	}
	return orientation, place
}

// cleanJPEG keeps the segments that are needed to draw (ITU-T T.81 annex B): tables, frames, scans, the JFIF head without
// its preview, a colour profile, and Adobe's word about colours. It ends at the end of the image.
func cleanJPEG(b []byte) (out []byte, t told, err error) {
	if len(b) < 4 || b[0] != 0xff || b[1] != 0xd8 {
		return nil, t, errPicture
	}
	var body []byte
	var jfif []byte
	for at := 2; ; {
		for at+1 < len(b) && b[at] == 0xff && b[at+1] == 0xff { // fill bytes, section B.1.1.2
			at++
		}
		if at+1 >= len(b) || b[at] != 0xff {
			return nil, t, errPicture
		}
		marker := b[at+1]
		if marker == 0xd9 {
			body = append(body, 0xff, 0xd9)
			break
		}
		if marker >= 0xd0 && marker <= 0xd7 || marker == 0x01 {
			at += 2
			continue
		}
		if at+4 > len(b) {
			return nil, t, errPicture
		}
		end := at + 2 + int(binary.BigEndian.Uint16(b[at+2:]))
		if end < at+4 || end > len(b) {
			return nil, t, errPicture
		}
		segment := b[at+4 : end]
		switch {
		case marker == 0xe0 && bytes.HasPrefix(segment, []byte("JFIF\x00")) && len(segment) >= 14:
			jfif = append([]byte{0xff, 0xe0, 0, 16}, segment[:12]...)
			jfif = append(jfif, 0, 0) // no preview
		case marker == 0xe2 && bytes.HasPrefix(segment, []byte("ICC_PROFILE\x00")), marker == 0xee && bytes.HasPrefix(segment, []byte("Adobe")):
			body = append(body, b[at:end]...)
		case marker >= 0xe0 && marker <= 0xef, marker == 0xfe:
			t.notice(segment)
		default:
			body = append(body, b[at:end]...)
		}
		at = end
		if marker == 0xda {
			scan := scanEnd(b, at)
			body = append(body, b[at:scan]...)
			at = scan
		}
	}
	out = append([]byte{0xff, 0xd8}, jfif...)
	if turn := t.turn(); turn != nil {
		block := append([]byte("Exif\x00\x00"), turn...)
		out = append(out, 0xff, 0xe1, 0, byte(len(block)+2))
		out = append(out, block...)
	}
	return append(out, body...), t, nil
}

// scanEnd finds the marker behind a scan: 0xff that is followed by neither 0 nor a restart.
func scanEnd(b []byte, at int) int {
	for ; at+1 < len(b); at++ {
		if b[at] == 0xff && b[at+1] != 0 && b[at+1] != 0xff && (b[at+1] < 0xd0 || b[at+1] > 0xd7) {
			return at
		}
	}
	return len(b)
}

// keptPNG are the chunks that say how to draw (PNG third edition, sections 11.2, 11.3.1 to 11.3.2.8 and APNG).
const keptPNG = " IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP sBIT cICP mDCV cLLI pHYs bKGD acTL fcTL fdAT "

func cleanPNG(b []byte) (out []byte, t told, err error) {
	const signature = "\x89PNG\r\n\x1a\n"
	if !bytes.HasPrefix(b, []byte(signature)) {
		return nil, t, errPicture
	}
	var rest []byte
	head := -1
	for at := len(signature); ; {
		if at+12 > len(b) {
			return nil, t, errPicture
		}
		size := int64(binary.BigEndian.Uint32(b[at:]))
		if size > int64(len(b)-at-12) {
			return nil, t, errPicture
		}
		end := at + 12 + int(size)
		kind, data := string(b[at+4:at+8]), b[at+8:end-4]
		if strings.Contains(keptPNG, " "+kind+" ") {
			rest = append(rest, b[at:end]...)
		} else {
			t.notice(data)
		}
		if kind == "IHDR" {
			head = len(rest)
		}
		if kind == "IEND" {
			break
		}
		at = end
	}
	if head < 0 {
		return nil, t, errPicture
	}
	out = append([]byte(signature), rest[:head]...)
	if turn := t.turn(); turn != nil {
		block := append([]byte("eXIf"), turn...)
		out = binary.BigEndian.AppendUint32(out, uint32(len(turn)))
		out = append(out, block...)
		out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(block))
	}
	return append(out, rest[head:]...), t, nil
}

// cleanWebP keeps the chunks that draw (RFC 9649 section 2.7) and takes back the flags of what went.
func cleanWebP(b []byte) (out []byte, t told, err error) {
	if len(b) < 20 || string(b[:4]) != "RIFF" || string(b[8:12]) != "WEBP" {
		return nil, t, errPicture
	}
	var kept []byte
	flags := -1
	size := int64(binary.LittleEndian.Uint32(b[4:])) + 8
	if size > int64(len(b)) {
		return nil, t, errPicture
	}
	b = b[:size]
	for at := 12; at < len(b); {
		if at+8 > len(b) {
			return nil, t, errPicture
		}
		n := int64(binary.LittleEndian.Uint32(b[at+4:]))
		if n > int64(len(b)-at-8) {
			return nil, t, errPicture
		}
		data := b[at+8 : at+8+int(n)]
		end := min(at+8+int(n+n%2), len(b))
		switch string(b[at : at+4]) {
		case "VP8X":
			if len(data) < 10 {
				return nil, t, errPicture
			}
			flags = 12 + len(kept) + 8
			kept = append(kept, b[at:end]...)
		case "VP8 ", "VP8L", "ALPH", "ANIM", "ANMF", "ICCP":
			kept = append(kept, b[at:end]...)
		default:
			t.notice(data)
		}
		if len(kept)%2 == 1 { // the last chunk of a file that left the padding out
			kept = append(kept, 0)
		}
		at = end
	}
	out = append([]byte("RIFF\x00\x00\x00\x00WEBP"), kept...)
	if flags >= 0 {
		out[flags] &^= 0x08 | 0x04 // EXIF, XMP
		if turn := t.turn(); turn != nil {
			out[flags] |= 0x08
			out = append(out, "EXIF"...)
			out = binary.LittleEndian.AppendUint32(out, uint32(len(turn)))
			out = append(out, turn...)
		}
	}
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
	return out, t, nil
}

// cleanGIF keeps frames and the two blocks that say how often they repeat (GIF89a sections 18 to 27).
func cleanGIF(b []byte) (out []byte, t told, err error) {
	if len(b) < 13 || string(b[:4]) != "GIF8" {
		return nil, t, errPicture
	}
	at := 13
	if b[10]&0x80 != 0 {
		at += 3 << (b[10]&7 + 1)
	}
	if at > len(b) {
		return nil, t, errPicture
	}
	out = append(out, b[:at]...)
	for {
		if at >= len(b) {
			return nil, t, errPicture
		}
		from, keep := at, true
		switch b[at] {
		case 0x3b:
			return append(out, 0x3b), t, nil
		case 0x21:
			if at+2 >= len(b) {
				return nil, t, errPicture
			}
			name := b[at+2:]
			keep = b[at+1] == 0xf9 || b[at+1] == 0xff && (bytes.HasPrefix(name, []byte("\x0bNETSCAPE2.0")) || bytes.HasPrefix(name, []byte("\x0bANIMEXTS1.0")))
			at = subBlocks(b, at+2)
		case 0x2c:
			if at+10 >= len(b) {
				return nil, t, errPicture
			}
			skip := 10
			if b[at+9]&0x80 != 0 {
				skip += 3 << (b[at+9]&7 + 1)
			}
			at = subBlocks(b, at+skip+1)
		default:
			return nil, t, errPicture
		}
		if at < 0 {
			return nil, t, errPicture
		}
		if keep {
			out = append(out, b[from:at]...)
		} else {
			t.notice(b[from:at])
		}
	}
}

// subBlocks gives the place behind a row of sub-blocks; -1 when it does not end.
func subBlocks(b []byte, at int) int {
	for at >= 0 && at < len(b) {
		if b[at] == 0 {
			return at + 1
		}
		at += 1 + int(b[at])
	}
	return -1
}
