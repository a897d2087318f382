package envelope

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"testing"
	"time"

	"sarhad/record"
)

// party is a node of the tests with its keys.
type party struct {
	name string
	sign SignKey
	open OpenKey
}

func newParty(t testing.TB, name string) party {
	t.Helper()
	seed := sha256.Sum256([]byte(name))
	sign, err := NewSignKey(bytes.NewReader(seed[:]))
	if err != nil {
		t.Fatal(err)
	}
	open, err := NewOpenKey()
	if err != nil {
		t.Fatal(err)
	}
	return party{name, sign, open}
}

// verifying knows the keys of the parties.
func verifying(parties ...party) Verify {
	return Standard().Verify(func(from string) ([]VerifyKey, error) {
		for _, p := range parties {
			if p.name == from {
				return []VerifyKey{p.sign.Public()}, nil
			}
		}
		return nil, record.Errorf(record.NotFound, "%s is not in the directory", from)
	})
}

var sent = time.Date(2026, 3, 14, 9, 26, 53, 589e6, time.UTC)

func newID(n byte) record.ID {
	sum := sha256.Sum256([]byte{n})
	id := record.ID(sum[:16])
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	return id
}

// letter is an ordinary message.
func letter(from, to party) Content {
	return Content{
		From: from.name, To: to.name, Lane: record.Routine, ID: newID(1), Seq: 17, Incarnation: "7d1f", Kind: "edition", About: newID(2),
		Sent: sent, Body: []byte("the body of a message"),
	}
}

func mustSeal(t testing.TB, c Content, to party, signers ...Signer) []byte {
	t.Helper()
	wire, err := Seal(c, sent.Add(36*time.Hour), signers, to.open.Public())
	if err != nil {
		t.Fatal(err)
	}
	return wire
}

// statementOf is what Seal signs for a letter.
func statementOf(c Content, signers ...Signer) statement {
	h := Header{To: c.To, Lane: c.Lane, Size: classOf(len(c.Body)), ID: c.ID, Until: wholeHour(sent.Add(36 * time.Hour))}
	return makeStatement(c, makeHead(h, SealAge), signers)
}

// signedOf signs anything, as a hostile sender may.
func signedOf(t testing.TB, s statement, signers ...Signer) []byte {
	t.Helper()
	signed, err := sign(s, signers)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// wireOf puts signed content under any header and seals it, as anybody may.
func wireOf(t testing.TB, outer head, signed []byte, to Sealer) []byte {
	t.Helper()
	padded, ok := pad(signed, Class(outer.Size))
	if !ok {
		t.Fatal("does not fit")
	}
	return wireOfPadded(t, outer, padded, to)
}

func wireOfPadded(t testing.TB, outer head, padded []byte, to Sealer) []byte {
	t.Helper()
	sealed, err := sealBytes(padded, to)
	if err != nil {
		t.Fatal(err)
	}
	return marshal(outside{head: outer, Sealed: sealed})
}

// mustRefuse proves that a wire is refused for the reason, that nothing of it is told, and that the sentence is for a person.
func mustRefuse(t testing.TB, reason error, self party, wire []byte, verify Verify) {
	t.Helper()
	h, c, signed, err := Open(self.name, wire, []Opener{self.open}, verify)
	if !errors.Is(err, reason) {
		t.Fatalf("got %v, want %v", err, reason)
	}
	if record.KindOf(err) != record.Invalid {
		t.Errorf("kind %s, want invalid", record.KindOf(err))
	}
	if h != (Header{}) || c.From != "" || c.Body != nil || signed != nil {
		t.Errorf("something was told of a refused message: %v %v %d bytes", h, c, len(signed))
	}
}

// clearSuite seals nothing: a suite of another country, to see what the package does with suites it does not know.
type clearSuite struct{ name string }

func (s clearSuite) Suite() string                            { return s.name }
func (s clearSuite) Seal(w io.Writer) (io.WriteCloser, error) { return nopCloser{w}, nil }
func (s clearSuite) Open(r io.Reader) (io.Reader, error)      { return r, nil }

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }

// longSigner signs in another suite, with as many bytes as it says.
type longSigner struct {
	name string
	n    int
}

func (s longSigner) Suite() string               { return s.name }
func (s longSigner) Sign([]byte) ([]byte, error) { return bytes.Repeat([]byte{7}, s.n), nil }
