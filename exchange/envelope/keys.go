package envelope

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"filippo.io/age"

	"sarhad/record"
)

// Prefixes of keys as text: one line, what it is and the version of its form, a colon, the key.
const (
	signPrefix   = "sarhad-sign-secret-1:"
	verifyPrefix = "sarhad-sign-public-1:"
	openPrefix   = "sarhad-seal-secret-1:"
	sealPrefix   = "sarhad-seal-public-1:"
)

// secret keeps a key out of every %v, log line and JSON document. The methods have value receivers, and the key itself lies in a
// function: fmt looks through pointers when it meets a verb that does not fit, through a function never.
type secret struct{ what string }

func (s secret) String() string               { return "(secret " + s.what + ")" }
func (s secret) GoString() string             { return s.String() }
func (s secret) LogValue() slog.Value         { return slog.StringValue(s.String()) }
func (s secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Format answers every verb alike.
func (s secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// SignKey is the secret half by which a node signs: Ed25519. It is a Signer.
type SignKey struct {
	secret
	key func() ed25519.PrivateKey // nil in the empty key
}

// NewSignKey makes one from 32 bytes of randomness.
func NewSignKey(random io.Reader) (SignKey, error) {
	seed := make([]byte, ed25519.SeedSize)
	if _, err := io.ReadFull(random, seed); err != nil {
		return SignKey{}, fmt.Errorf("no randomness for a key: %w", err)
	}
	return signKey(seed), nil
}

func signKey(seed []byte) SignKey {
	key := ed25519.NewKeyFromSeed(seed)
	return SignKey{secret: secret{"key to sign"}, key: func() ed25519.PrivateKey { return key }}
}

// ParseSignKey reads what Secret wrote.
func ParseSignKey(text string) (SignKey, error) {
	rest, ok := strings.CutPrefix(strings.TrimSpace(text), signPrefix)
	b, err := parseKey(rest, "")
	if !ok || err != nil || len(b) != ed25519.SeedSize {
		return SignKey{}, badKey(signPrefix)
	}
	return signKey(b), nil
}

// Secret is the key as text, for its file alone: the prefix, then base64url of the RFC 8032 seed and four bytes of its
// SHA-256.
func (k SignKey) Secret() string { return signPrefix + writeKey("", k.key().Seed()) }

// Suite is SignEd25519.
func (k SignKey) Suite() string { return SignEd25519 }

// Sign signs a message, which begins with the domain it is meant for.
func (k SignKey) Sign(message []byte) ([]byte, error) {
	if k.key == nil {
		return nil, errors.New("envelope: empty key to sign")
	}
	return ed25519.Sign(k.key(), message), nil
}

// Public is the half that verifies.
func (k SignKey) Public() VerifyKey {
	return VerifyKey{Suite: SignEd25519, Key: k.key().Public().(ed25519.PublicKey)}
}

// VerifyKey is the public half of a key that signs. Everybody may see it.
type VerifyKey struct {
	Suite string
	Key   []byte // as its suite writes it: 32 bytes for SignEd25519
}

// maxKey is the longest public key that is read: those of post-quantum suites have some 2 KB.
const maxKey = 8 * kb

// ParseVerifyKey reads what String wrote, of any suite: whether this program has it, Suites knows.
func ParseVerifyKey(text string) (VerifyKey, error) {
	rest, ok := strings.CutPrefix(strings.TrimSpace(text), verifyPrefix)
	suite, rest, two := strings.Cut(rest, ":")
	if !ok || !two || !isWord(suite, 1, maxSuite) {
		return VerifyKey{}, badKey(verifyPrefix)
	}
	b, err := parseKey(rest, suite+":")
	if err != nil || len(b) == 0 || len(b) > maxKey || suite == SignEd25519 && len(b) != ed25519.PublicKeySize {
		return VerifyKey{}, badKey(verifyPrefix)
	}
	return VerifyKey{Suite: suite, Key: b}, nil
}

// String is the key as text: the prefix, its suite, a colon, then base64url of the key and four bytes of SHA-256 over suite, colon
// and key.
func (k VerifyKey) String() string {
	return verifyPrefix + k.Suite + ":" + writeKey(k.Suite+":", k.Key)
}

// OpenKey is the secret half for what is sealed to a node: ML-KEM-768 with X25519. It is an Opener.
type OpenKey struct {
	secret
	id func() *age.HybridIdentity // nil in the empty key
}

// NewOpenKey makes one from the randomness of the system, which age takes itself.
func NewOpenKey() (OpenKey, error) {
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		return OpenKey{}, err
	}
	return openKey(id), nil
}

func openKey(id *age.HybridIdentity) OpenKey {
	return OpenKey{secret: secret{"key to open"}, id: func() *age.HybridIdentity { return id }}
}

// ParseOpenKey reads what Secret wrote.
func ParseOpenKey(text string) (OpenKey, error) {
	rest, ok := strings.CutPrefix(strings.TrimSpace(text), openPrefix)
	if ok {
		if id, err := age.ParseHybridIdentity(rest); err == nil {
			return openKey(id), nil
		}
	}
	return OpenKey{}, badKey(openPrefix)
}

// Secret is the key as text, for its file alone: the prefix, then an identity as the age tool writes it.
func (k OpenKey) Secret() string { return openPrefix + k.id().String() }

// Suite is SealAge.
func (k OpenKey) Suite() string { return SealAge }

// Open reads an age file.
func (k OpenKey) Open(r io.Reader) (io.Reader, error) {
	if k.id == nil {
		return nil, errors.New("envelope: empty key to open")
	}
	plain, err := age.Decrypt(r, k.id())
	var none *age.NoIdentityMatchError
	if errors.As(err, &none) {
		return nil, because(ErrKey, err)
	}
	return plain, err
}

// Public is the half that seals.
func (k OpenKey) Public() SealKey { return SealKey{to: k.id().Recipient()} }

// SealKey is the public half of a key that opens. Everybody may see it. It is a Sealer.
type SealKey struct{ to *age.HybridRecipient }

// ParseSealKey reads what String wrote.
func ParseSealKey(text string) (SealKey, error) {
	rest, ok := strings.CutPrefix(strings.TrimSpace(text), sealPrefix)
	if ok {
		if to, err := age.ParseHybridRecipient(rest); err == nil {
			return SealKey{to: to}, nil
		}
	}
	return SealKey{}, badKey(sealPrefix)
}

// String is the key as text: the prefix, then a recipient as the age tool writes it.
func (k SealKey) String() string { return sealPrefix + k.to.String() }

// Suite is SealAge.
func (k SealKey) Suite() string { return SealAge }

// Seal writes an age file.
func (k SealKey) Seal(w io.Writer) (io.WriteCloser, error) {
	if k.to == nil {
		return nil, errors.New("envelope: empty key to seal")
	}
	return age.Encrypt(w, k.to)
}

// keySum is the length of the sum behind a key: it finds what was mistyped or cut, not what somebody meant to change.
const keySum = 4

func writeKey(domain string, key []byte) string {
	sum := sha256.Sum256(append([]byte(domain), key...))
	return base64.RawURLEncoding.EncodeToString(append(append([]byte(nil), key...), sum[:keySum]...))
}

func parseKey(text, domain string) ([]byte, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, err
	}
	n := len(b) - keySum
	if n < 0 || writeKey(domain, b[:n]) != text {
		return nil, errors.New("the sum does not fit")
	}
	return b[:n:n], nil
}

// badKey never repeats what was given: it may be a secret.
func badKey(prefix string) error {
	return record.Errorf(record.Invalid, "this is not a whole key: one line that begins with %q is expected, and every letter of it counts", prefix)
}

// AgeOpenKey reads an identity as the age tool writes it ("AGE-SECRET-KEY-PQ-1..."), as files of node keys hold it.
func AgeOpenKey(identity string) (OpenKey, error) { return ParseOpenKey(openPrefix + identity) }

// AgeSealKey reads a recipient as the age tool writes it ("age1pq1..."), as the directory holds it.
func AgeSealKey(recipient string) (SealKey, error) { return ParseSealKey(sealPrefix + recipient) }
