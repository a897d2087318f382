package envelope

import (
	"crypto/ed25519"
	"io"

	"sarhad/record"
)

// Suites this program brings along. A country adds its own by implementing Signer, Sealer and Opener and a line in Suites; a
// name is never given another meaning.
const (
	SignEd25519 = "ed25519"              // RFC 8032 section 5.1
	SealAge     = "age1-mlkem768-x25519" // age v1 (age-encryption.org/v1) to one "mlkem768x25519" recipient
)

// Signer signs in one suite. Its name is at most 32 characters of printable ASCII.
type Signer interface {
	Suite() string
	Sign(message []byte) ([]byte, error)
}

// Sealer seals to one key. What is written to the result is encrypted to w; Close writes the rest, not closing w. Texts of one
// length must give ciphertexts of one length, at most 16 KB and 1/256 longer.
type Sealer interface {
	Suite() string
	Seal(w io.Writer) (io.WriteCloser, error)
}

// Opener opens what is sealed to one key. The error wraps ErrKey when it is sealed to another. Bytes that the result gives are
// authentic; its end is only when Read says io.EOF. An error of kind unavailable (a device that is not plugged in) is no refusal:
// the message is opened again later.
type Opener interface {
	Suite() string
	Open(r io.Reader) (io.Reader, error)
}

// Suites are the ways to verify that a program has, by name: whether the signature is of the public key over the message.
type Suites map[string]func(key, message, signature []byte) bool

// Standard are the suites of this program.
func Standard() Suites {
	return Suites{SignEd25519: func(key, message, signature []byte) bool {
		return len(key) == ed25519.PublicKeySize && ed25519.Verify(key, message, signature)
	}}
}

// Verify makes the Verify of Open from keys: keys says which were the node's and valid when the message came (the directory
// knows), or why it cannot.
func (s Suites) Verify(keys func(from string) ([]VerifyKey, error)) Verify {
	return func(from, suite string, message, signature []byte) error {
		fits := s[suite]
		if fits == nil {
			return ErrSuite
		}
		known, err := keys(from)
		if err != nil {
			return err
		}
		for _, k := range known {
			if k.Suite == suite && fits(k.Key, message, signature) {
				return nil
			}
		}
		return &record.Error{Kind: record.Invalid, Message: "no key of " + from + " that counts fits its signature", Err: ErrSignature}
	}
}
