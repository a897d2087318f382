package record

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"time"
)

// ID names a record everywhere and for ever: a UUID version 7 (RFC 9562 section 5.7), whose first 48 bits are Unix
// milliseconds, so that identifiers sort by creation.
type ID [16]byte

// NewID makes an identifier from the clock and 10 bytes of randomness. It fails only when random does.
func NewID(now time.Time, random io.Reader) (ID, error) {
	var id ID
	if _, err := io.ReadFull(random, id[6:]); err != nil {
		return ID{}, fmt.Errorf("record id: no randomness: %w", err)
	}
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(now.UnixMilli()))
	copy(id[:6], ms[2:])
	id[6] = id[6]&0x0f | 0x70
	id[8] = id[8]&0x3f | 0x80
	return id, nil
}

// ParseID reads the 36-character form; anything else is an Invalid error.
func ParseID(s string) (ID, error) {
	var id ID
	if err := id.UnmarshalText([]byte(s)); err != nil {
		return ID{}, err
	}
	return id, nil
}

// IsZero reports whether the identifier was never given.
func (id ID) IsZero() bool { return id == ID{} }

// String gives the canonical form, "0190a6e2-7b2c-7d3e-8a4b-112233445566".
func (id ID) String() string {
	b, _ := id.MarshalText()
	return string(b)
}

// MarshalText writes the canonical form; the zero ID is the empty string.
func (id ID) MarshalText() ([]byte, error) {
	if id.IsZero() {
		return nil, nil
	}
	out := make([]byte, 36)
	hex.Encode(out[0:8], id[0:4])
	hex.Encode(out[9:13], id[4:6])
	hex.Encode(out[14:18], id[6:8])
	hex.Encode(out[19:23], id[8:10])
	hex.Encode(out[24:36], id[10:16])
	out[8], out[13], out[18], out[23] = '-', '-', '-', '-'
	return out, nil
}

// UnmarshalText reads the canonical form; empty text is the zero ID.
func (id *ID) UnmarshalText(text []byte) error {
	*id = ID{}
	if len(text) == 0 {
		return nil
	}
	if len(text) != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-' {
		return Errorf(Invalid, "%.40q is not a record id: 36 characters with four hyphens are expected", text)
	}
	digits := make([]byte, 0, 32)
	for i, c := range text {
		if i != 8 && i != 13 && i != 18 && i != 23 {
			digits = append(digits, c)
		}
	}
	if _, err := hex.Decode(id[:], digits); err != nil {
		*id = ID{}
		return Errorf(Invalid, "%.40q is not a record id: it has a character that is no hexadecimal digit", text)
	}
	return nil
}

// HashIDs is how an act names many records: SHA-256 over their ids, sorted and each once, hexadecimal; "" of none. The same
// records give the same hash, and it names none of them.
func HashIDs(ids []ID) string {
	if len(ids) == 0 {
		return ""
	}
	ids = slices.Clone(ids)
	slices.SortFunc(ids, func(a, b ID) int { return bytes.Compare(a[:], b[:]) })
	h := sha256.New()
	for _, id := range slices.Compact(ids) {
		h.Write(id[:])
	}
	return hex.EncodeToString(h.Sum(nil))
}
