package envelope

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"sarhad/record"
)

// Domain stands before every statement that is signed, so that no signature made for anything else fits one.
const Domain = "sarhad envelope 1\n"

// Stay is how long the hub keeps a message whose sender says nothing else, from Sent on: as long as a statement of the
// directory lives. What is still wanted after it the sender sends again: its outbox row lives until the receipt.
const Stay = 30 * 24 * time.Hour

var errNotCanonical = errors.New("not the canonical encoding")

// Content is what one node tells another.
type Content struct {
	From        string      // node that says it
	To          string      // node it is said to
	Lane        record.Lane // how urgent
	ID          record.ID   // random: UUID version 4 (RFC 9562 section 5.4); the hub sees it
	Seq         int64       // number of its pair and lane; 0 = not numbered
	Incarnation string      // life of the sender's store; printable ASCII, at most 64
	Kind        string      // what the handler is found by; printable ASCII, at most 64
	About       record.ID   // record it speaks of; zero = none
	Sent        time.Time   // by the sender's clock; kept as UTC, milliseconds
	Body        []byte      // at most MaxBody; its form is the business of Kind
}

// Verify says whether a signature counts: that the key is the node's, was valid when the message came, and fits. The error
// wraps ErrSuite when the program does not have the suite. It refuses the message when it wraps ErrSignature or is a
// record.Error of kind invalid, not-found, conflict or forbidden. Any other, a directory that cannot be read say, Open returns as
// it is: the message is opened again later. See Suites.Verify.
type Verify func(from, suite string, message, signature []byte) error

// Seal signs a message by every signer and seals it to its one addressee. Until, when the hub may forget it, is rounded up to
// a whole hour; zero = Sent and Stay. The class is the smallest that fits. What cannot be sent is Invalid and says why.
func Seal(c Content, until time.Time, signers []Signer, to Sealer) (wire []byte, err error) {
	if to == nil {
		return nil, record.Errorf(record.Invalid, "there is no key of %s to seal with: the directory must name one", c.To)
	}
	size, err := ClassFor(len(c.Body))
	if err != nil {
		return nil, err
	}
	if until.IsZero() {
		until = c.Sent.Add(Stay)
	}
	h := Header{To: c.To, Lane: c.Lane, Size: size, ID: c.ID, Until: wholeHour(until)}
	s := makeStatement(c, makeHead(h, to.Suite()), signers)
	if c.Seq < 0 || c.Sent.UnixMilli() < 0 || h.Until.Unix() < 0 {
		return nil, record.Errorf(record.Invalid, "message %s cannot be sent: its number and its times must not be negative", c.ID)
	}
	padded, err := fill(&s, signers)
	if err != nil {
		return nil, err
	}
	sealed, err := sealBytes(padded, to)
	if err != nil {
		return nil, err
	}
	wire = marshal(outside{head: s.head, Sealed: sealed})
	if low, high := Class(s.Size).sealedBounds(); len(sealed) < low || len(sealed) > high {
		return nil, record.Errorf(record.Internal, "suite %s makes ciphertexts of %d bytes for class %d, which nobody would accept",
			to.Suite(), len(sealed), s.Size)
	}
	return wire, nil
}

// fill signs the statement and pads it. The class is signed too, so when the signatures do not fit a larger one is signed
// again.
func fill(s *statement, signers []Signer) ([]byte, error) {
	for {
		if err := s.check(); err != nil {
			return nil, err
		}
		text, err := sign(*s, signers)
		if err != nil {
			return nil, err
		}
		if padded, ok := pad(text, Class(s.Size)); ok {
			return padded, nil
		}
		s.Size = uint64(max(classOf(len(text)+4-Room), classOf(int(s.Size)+1)))
	}
}

// wholeHour rounds up, so that nothing is forgotten before its time.
func wholeHour(t time.Time) time.Time {
	t = t.UTC()
	if down := t.Truncate(time.Hour); !down.Equal(t) {
		return down.Add(time.Hour)
	}
	return t
}

func makeStatement(c Content, h head, signers []Signer) statement {
	s := statement{
		head: h, From: c.From, Seq: uint64(c.Seq), Incarnation: c.Incarnation, Kind: c.Kind, About: c.About[:],
		Sent: uint64(c.Sent.UnixMilli()), Body: c.Body,
	}
	for _, by := range signers {
		s.Signers = append(s.Signers, by.Suite())
	}
	return s
}

// content reads a statement; check it first.
func (s statement) content() Content {
	h := s.header()
	var about record.ID
	copy(about[:], s.About)
	return Content{
		From: s.From, To: h.To, Lane: h.Lane, ID: h.ID, Seq: int64(s.Seq), Incarnation: s.Incarnation, Kind: s.Kind, About: about,
		Sent: time.UnixMilli(int64(s.Sent)).UTC(), Body: s.Body,
	}
}

func message(statement []byte) []byte { return append([]byte(Domain), statement...) }

// sign makes the container of a statement.
func sign(s statement, signers []Signer) ([]byte, error) {
	c := container{Statement: marshal(s)}
	text := message(c.Statement)
	for _, by := range signers {
		signature, err := by.Sign(text)
		if err != nil {
			return nil, &record.Error{Kind: record.Unavailable, Message: "the message could not be signed with suite " + by.Suite(), Err: err}
		}
		c.Signatures = append(c.Signatures, signature)
	}
	return marshal(c), nil
}

// Open reads a message that came for self, with whichever of the openers fits: during a rotation the old and the new key. It
// returns content only when everything holds: the one canonical form, self as the addressee outside and inside, the outside as
// signed, every signature of a suite we have and one at least. What it returns as signed is the statement with its
// signatures: Reseal keeps it, ReadSigned reads it. It looks at no clock and no memory: a message whose time is over, or that
// came before, is opened; the relay, which has both, drops it.
func Open(self string, wire []byte, openers []Opener, verify Verify) (h Header, c Content, signed []byte, err error) {
	o, err := readOutside(wire)
	if err != nil {
		return Header{}, Content{}, nil, err
	}
	h = o.header()
	if self == "" || h.To != self {
		return Header{}, Content{}, nil, refuse(ErrNotOurs, "message %s is for %s and came to %s: it was not opened", h.ID, h.To, strconv.Quote(self))
	}
	padded, err := openBytes(o.Sealed, int(h.Size)+Room, o.Suite, openers)
	if err != nil {
		return Header{}, Content{}, nil, unopened(h.ID, o.Suite, err)
	}
	signed, ok := unpad(padded, h.Size)
	if !ok {
		return Header{}, Content{}, nil, refuse(ErrDamaged, "message %s does not fill its size class as it should: it was not taken up", h.ID)
	}
	inner, c, err := readSigned(signed, verify, func(s statement) error {
		if !bytes.Equal(marshal(s.head), marshal(o.head)) {
			return refuse(ErrMismatch, "message %s was not signed as it came: outside it says to %s in lane %s, signed is %s to %s in lane %s. "+
				"Somebody sent it on or changed the outside", h.ID, h.To, h.Lane, s.header().ID, s.To, s.Lane)
		}
		return nil
	})
	if err != nil {
		return Header{}, Content{}, nil, err
	}
	return inner, c, signed, nil
}

func unopened(id record.ID, suite string, err error) error {
	switch {
	case errors.Is(err, ErrSuite):
		return refuse(err, "message %s is sealed with %q, which this node cannot open: update it, or ask the sender to seal with what "+
			"we say in the directory", id, suite)
	case errors.Is(err, ErrKey):
		return refuse(err, "message %s is sealed to a key that this node does not hold (any more), or was changed on the way: ask the "+
			"sender to send it again", id)
	case record.KindOf(err) == record.Unavailable:
		return err
	default:
		return refuse(err, "message %s was damaged or changed on the way: ask the sender to send it again", id)
	}
}

// ReadSigned reads and verifies what Open returned as signed: at another time, or by another node that is shown it.
func ReadSigned(signed []byte, verify Verify) (Header, Content, error) {
	return readSigned(signed, verify, func(statement) error { return nil })
}

func readSigned(signed []byte, verify Verify, accept func(statement) error) (Header, Content, error) {
	var c container
	var s statement
	if err := unmarshal(signed, &c); err != nil {
		return Header{}, Content{}, refuse(err, "what is in the message is not in the agreed form: it was not taken up")
	}
	if err := readVersion(c.Statement); err != nil {
		return Header{}, Content{}, err
	}
	if err := unmarshal(c.Statement, &s); err != nil {
		return Header{}, Content{}, refuse(err, "what was signed in the message is not in the agreed form: it was not taken up")
	}
	if err := s.check(); err != nil {
		return Header{}, Content{}, err
	}
	if err := accept(s); err != nil {
		return Header{}, Content{}, err
	}
	if err := verifyAll(s, c, verify); err != nil {
		return Header{}, Content{}, err
	}
	return s.header(), s.content(), nil
}

// verifyAll asks about each signature. A suite that is unknown here is passed over, as long as another one holds: so a country
// may sign in two ways while not everybody knows both.
func verifyAll(s statement, c container, verify Verify) error {
	id := s.header().ID
	if len(c.Signatures) != len(s.Signers) {
		return refuse(ErrSignature, "message %s should carry %d signatures of %s and carries %d: it was not taken up",
			id, len(s.Signers), s.From, len(c.Signatures))
	}
	if verify == nil {
		return refuse(ErrSignature, "message %s of %s was not taken up: this node has no means to verify it", id, s.From)
	}
	text, good := message(c.Statement), 0
	for i, suite := range s.Signers {
		switch err := verify(s.From, suite, text, slices.Clone(c.Signatures[i])); {
		case errors.Is(err, ErrSuite):
		case err != nil && !refuses(err):
			return fmt.Errorf("verify message %s: %w", id, err)
		case err != nil:
			return refuse(because(ErrSignature, err), "message %s says it is from %s, and it was not taken up: %s", id, s.From, whyNot(err))
		default:
			good++
		}
	}
	if good == 0 {
		return refuse(ErrSuite, "message %s of %s is signed only in ways that this node does not know: update it", id, s.From)
	}
	return nil
}

// refuses reports whether the error of a Verify is about the signature, and not about what prevented to look at it.
func refuses(err error) bool {
	switch record.KindOf(err) {
	case record.Invalid, record.NotFound, record.Conflict, record.Forbidden:
		return true
	}
	return errors.Is(err, ErrSignature)
}

// whyNot is the sentence of who verified, if there is one.
func whyNot(err error) string {
	var e *record.Error
	if errors.As(err, &e) {
		return e.Message
	}
	return "its signature does not fit any key that counts"
}

func sealBytes(plain []byte, to Sealer) ([]byte, error) {
	var out bytes.Buffer
	out.Grow(len(plain) + len(plain)/4096*16 + 2*kb)
	w, err := to.Seal(&out)
	if err == nil {
		_, err = w.Write(plain)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, &record.Error{Kind: record.Unavailable, Message: "the message could not be sealed with suite " + to.Suite(), Err: err}
	}
	return out.Bytes(), nil
}

// openBytes opens with the first opener of the suite that fits; at most so many bytes. The error wraps ErrSuite, ErrKey or
// ErrDamaged, or is Unavailable and the opener's own.
func openBytes(sealed []byte, most int, suite string, openers []Opener) ([]byte, error) {
	reason := ErrSuite
	for _, with := range openers {
		if with.Suite() != suite {
			continue
		}
		plain, err := readAll(with, sealed, most)
		switch {
		case err == nil:
			return plain, nil
		case record.KindOf(err) == record.Unavailable:
			return nil, err
		case !errors.Is(err, ErrKey):
			return nil, because(ErrDamaged, err)
		}
		reason = ErrKey
	}
	return nil, reason
}

// readAll stops a byte beyond the most there can be: what is longer is refused by its length, and fills no memory.
func readAll(with Opener, sealed []byte, most int) ([]byte, error) {
	r, err := with.Open(bytes.NewReader(sealed))
	if err != nil {
		return nil, err
	}
	out := bytes.NewBuffer(make([]byte, 0, min(most, len(sealed))+bytes.MinRead))
	if _, err := out.ReadFrom(io.LimitReader(r, int64(most)+1)); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
