package envelope

import (
	"bytes"
	"math"
	"strings"
	"time"

	"github.com/fxamacker/cbor/v2"

	"sarhad/record"
)

// Version is the version of the form this program writes and reads. Element 0 of every version is its number.
const Version = 1

// Limits of names; what is longer is refused. Together with one signature they fit in Room.
const (
	maxNode  = 40 // as in the settings of a node
	maxKind  = 64 // "record.edition@1" and the like
	maxLife  = 64 // Incarnation
	maxSuite = 32
	maxSigns = 4 // old and new key of a node, in two suites
)

// Header is everything that the hub sees of a message.
type Header struct {
	To    string      // node it goes to
	Lane  record.Lane // how urgent
	Size  Class       // how long, roughly
	ID    record.ID   // random: UUID version 4 (RFC 9562 section 5.4)
	Until time.Time   // UTC, whole hours: after it the hub forgets the message
}

// head is the header as it stands outside and, signed, inside.
type head struct {
	_       struct{} `cbor:",toarray"`
	Version uint64
	To      string
	Lane    string
	Size    uint64
	ID      []byte // 16
	Until   uint64 // hours since 1970
	Suite   string // what it is sealed with
}

// outside is the form on the wire.
type outside struct {
	_ struct{} `cbor:",toarray"`
	head
	Sealed []byte
}

// statement is what is signed.
type statement struct {
	_ struct{} `cbor:",toarray"`
	head
	From        string
	Seq         uint64
	Incarnation string
	Kind        string
	About       []byte // 16
	Sent        uint64 // milliseconds since 1970
	Signers     []string
	Body        []byte
}

// container is a statement with its signatures, in the order of Signers.
type container struct {
	_          struct{} `cbor:",toarray"`
	Statement  []byte
	Signatures [][]byte
}

// encoding is deterministic (RFC 8949 section 4.2.1).
func encoding() cbor.EncMode {
	o := cbor.CoreDetEncOptions()
	o.NilContainers = cbor.NilContainerAsEmpty
	m, err := o.EncMode()
	if err != nil {
		panic("envelope: options of CBOR: " + err.Error())
	}
	return m
}

// decoding reads nothing that encoding would not write; what it still lets through, unmarshal finds by comparing.
func decoding() cbor.DecMode {
	m, err := cbor.DecOptions{
		DupMapKey:            cbor.DupMapKeyEnforcedAPF,
		IndefLength:          cbor.IndefLengthForbidden,
		TagsMd:               cbor.TagsForbidden,
		MaxNestedLevels:      4,  // the deepest of our forms has 2
		MaxArrayElements:     16, // the longest has 15
		MaxMapPairs:          16, // none has a map; 16 is the least the library allows
		ExtraReturnErrors:    cbor.ExtraDecErrorUnknownField,
		UTF8:                 cbor.UTF8RejectInvalid,
		ByteStringToString:   cbor.ByteStringToStringForbidden,
		FieldNameMatching:    cbor.FieldNameMatchingCaseSensitive,
		NaN:                  cbor.NaNDecodeForbidden,
		Inf:                  cbor.InfDecodeForbidden,
		BignumTag:            cbor.BignumTagForbidden,
		BinaryUnmarshaler:    cbor.BinaryUnmarshalerNone,
		ByteStringToTime:     cbor.ByteStringToTimeForbidden,
		FieldNameByteString:  cbor.FieldNameByteStringForbidden,
		UnrecognizedTagToAny: cbor.UnrecognizedTagNumAndContentToAny,
	}.DecMode()
	if err != nil {
		panic("envelope: options of CBOR: " + err.Error())
	}
	return m
}

// marshal writes the one form there is of a value. Our forms hold texts, numbers and bytes only: they always can be written.
func marshal(v any) []byte {
	b, err := encoding().Marshal(v)
	if err != nil {
		panic("envelope: cannot be written: " + err.Error())
	}
	return b
}

// unmarshal reads exactly what marshal writes, byte for byte; anything else, bytes behind it too, is ErrForm.
func unmarshal(b []byte, v any) error {
	if err := decoding().Unmarshal(b, v); err != nil {
		return because(ErrForm, err)
	}
	if !bytes.Equal(marshal(v), b) {
		return because(ErrForm, errNotCanonical)
	}
	return nil
}

// ReadHeader reads what is written outside, strictly and without any key: who gets it, in which lane, how long it is kept. It
// believes nothing; whether the addressee will depends on Open.
func ReadHeader(wire []byte) (Header, error) {
	o, err := readOutside(wire)
	if err != nil {
		return Header{}, err
	}
	return o.header(), nil
}

func readOutside(wire []byte) (outside, error) {
	var o outside
	// The longest envelope there is, before anything is decoded.
	if _, high := MaxClass.sealedBounds(); len(wire) > high+kb {
		return o, refuse(ErrForm, "what came is longer (%d bytes) than any message can be; nothing of it was read", len(wire))
	}
	if err := readVersion(wire); err != nil {
		return o, err
	}
	if err := unmarshal(wire, &o); err != nil {
		return outside{}, refuse(err, "what came is not a message in the agreed form; it was not read")
	}
	if err := o.check(); err != nil {
		return outside{}, err
	}
	if low, high := o.header().Size.sealedBounds(); len(o.Sealed) < low || len(o.Sealed) > high {
		return outside{}, refuse(ErrForm, "message %s says that it is of class %d and holds %d bytes, which no message of that class does",
			o.header().ID, o.Size, len(o.Sealed))
	}
	return o, nil
}

// readVersion looks at the first element, which has its meaning in every version.
func readVersion(b []byte) error {
	if len(b) < 2 || b[0] <= 0x80 || b[0] > 0x97 {
		return refuse(ErrForm, "what came is not a message at all; it was not read")
	}
	var version uint64
	_, err := decoding().UnmarshalFirst(b[1:], &version)
	switch {
	case err != nil || version < Version || !bytes.HasPrefix(b[1:], marshal(version)):
		return refuse(because(ErrForm, err), "what came is not a message of any version; it was not read")
	case version > Version:
		return refuse(ErrNewer, "this message was made by a newer program (form %d): update this node, then it can be opened", version)
	}
	return nil
}

// makeHead writes a header, with what it will be sealed with.
func makeHead(h Header, suite string) head {
	return head{
		Version: Version, To: h.To, Lane: string(h.Lane), Size: uint64(h.Size), ID: h.ID[:],
		Until: uint64(h.Until.Unix()) / 3600, Suite: suite,
	}
}

// header reads it; check it first.
func (h head) header() Header {
	var id record.ID
	copy(id[:], h.ID)
	return Header{To: h.To, Lane: record.Lane(h.Lane), Size: Class(h.Size), ID: id, Until: time.Unix(int64(h.Until)*3600, 0).UTC()}
}

// check says what is wrong with a header, in words for a person.
func (h head) check() error {
	bad := func(format string, args ...any) error { return refuse(ErrForm, format, args...) }
	lane := false
	for _, l := range record.Lanes {
		lane = lane || h.Lane == string(l)
	}
	switch {
	case h.Version != Version:
		return bad("form %d cannot be read", h.Version)
	case !isNode(h.To):
		return bad("%.50q is no name of a node: lower-case letters, digits and hyphens, at most %d, a letter first", h.To, maxNode)
	case !lane:
		return bad("%.20q is no lane", h.Lane)
	case h.Size > uint64(MaxClass) || !Class(h.Size).Valid():
		return bad("%d is no size class", h.Size)
	case len(h.ID) != 16 || h.ID[6]>>4 != 4 || h.ID[8]>>6 != 2:
		return bad("the id of a message must be random (UUID version 4): any other would tell the hub when it was written")
	case h.Until < firstHour || h.Until > lastHour:
		return bad("a message cannot be kept until hour %d", h.Until)
	case !isWord(h.Suite, 1, maxSuite):
		return bad("%.40q is no name of a suite", h.Suite)
	}
	return nil
}

// Hours that take the same five bytes, so that no date makes an envelope longer: 1977 to beyond the year 9000.
const (
	firstHour = 1 << 16
	lastHour  = 253402300799 / 3600 // 9999-12-31, the last that RFC 3339 writes
)

// isNode reports whether a text is a node's name, as in its settings.
func isNode(s string) bool {
	if s == "" || len(s) > maxNode || s[0] < 'a' || s[0] > 'z' {
		return false
	}
	return strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// isWord reports whether a text is printable ASCII without spaces, of the given length.
func isWord(s string, low, high int) bool {
	if len(s) < low || len(s) > high {
		return false
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// maxMillis is the last moment with a four-digit year.
const maxMillis = 253402300799999

// check says what is wrong with what is to be signed, or was.
func (s statement) check() error {
	bad := func(format string, args ...any) error { return refuse(ErrForm, format, args...) }
	if err := s.head.check(); err != nil {
		return err
	}
	for _, suite := range s.Signers {
		if !isWord(suite, 1, maxSuite) {
			return bad("%.40q is no name of a suite", suite)
		}
	}
	switch {
	case !isNode(s.From):
		return bad("%.50q is no name of a node that sends", s.From)
	case s.Seq > math.MaxInt64:
		return bad("a message cannot have the number %d", s.Seq)
	case !isWord(s.Incarnation, 0, maxLife):
		return bad("%.70q names no life of a node: printable ASCII without spaces, at most %d", s.Incarnation, maxLife)
	case !isWord(s.Kind, 1, maxKind):
		return bad("%.70q is no kind of message: printable ASCII without spaces, 1 to %d", s.Kind, maxKind)
	case len(s.About) != 16:
		return bad("what the message is about has no id of 16 bytes")
	case s.Sent > maxMillis:
		return bad("a message cannot be sent at %d ms", s.Sent)
	case len(s.Signers) == 0 || len(s.Signers) > maxSigns:
		return bad("a message has 1 to %d signatures, this one %d", maxSigns, len(s.Signers))
	case len(s.Body) > MaxBody:
		return bad("a message of %d bytes is too long: %d MB is the most, larger things go as a file", len(s.Body), MaxBody>>20)
	}
	return nil
}
