package directory

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"filippo.io/age"
	"golang.org/x/mod/sumdb/note"
)

// Use says what a key is for.
type Use string

// The uses of a node's keys.
const (
	UseSign Use = "sign" // what the node says
	UseSeal Use = "seal" // what is for it
	UseLine Use = "line" // to enter the hub: the public half of an NATS NKey of a user, "U..."
	UseLog  Use = "log"  // its checkpoints of acts: a verifier key of package note
	UseTLS  Use = "tls"  // SHA-256 of the SubjectPublicKeyInfo of its client certificate (RFC 7469 section 2.4), base64
)

// Uses are all, in the order of a screen.
var Uses = []Use{UseSign, UseSeal, UseLine, UseLog, UseTLS}

// Suites of this release. A key is written "suite:public". A newer release may add suites beside them: an older one counts
// the ones that it knows, of which there must be one for each use it needs.
const (
	SuiteEd25519 = "ed25519"    // RFC 8032; 32 bytes, base64
	SuiteAge     = "age-hybrid" // ML-KEM-768 with X25519, an age1pq recipient
	SuiteNKey    = "nkey"
	SuiteNote    = "note"
	SuiteSPKI    = "spki-sha256"
)

// suiteOf is the suite that this release knows for each use.
var suiteOf = map[Use]string{UseSign: SuiteEd25519, UseSeal: SuiteAge, UseLine: SuiteNKey, UseLog: SuiteNote, UseTLS: SuiteSPKI}

// Keys are the public keys of a party by use, each "suite:public".
type Keys struct {
	Sign []string `json:"sign,omitempty"`
	Seal []string `json:"seal,omitempty"`
	Line []string `json:"line,omitempty"`
	Log  []string `json:"log,omitempty"`
	TLS  []string `json:"tls,omitempty"`
}

// Of gives the keys of a use.
func (k Keys) Of(u Use) []string {
	switch u {
	case UseSign:
		return k.Sign
	case UseSeal:
		return k.Seal
	case UseLine:
		return k.Line
	case UseLog:
		return k.Log
	case UseTLS:
		return k.TLS
	}
	return nil
}

func (k Keys) all() (out []string) {
	for _, u := range Uses {
		out = append(out, k.Of(u)...)
	}
	return out
}

// Key is one public key.
type Key struct {
	Use    Use
	Suite  string
	Public string // as the suite writes it, without the suite
}

// ID names a key in few letters, for screens and for telling generations apart: the first 8 bytes of SHA-256 of "suite:public",
// hexadecimal.
func (k Key) ID() string { return KeyID(k.Suite + ":" + k.Public) }

// KeyID is Key.ID of a key as statements write it.
func KeyID(text string) string {
	sum := sha256.Sum256([]byte(text))
	return fmt.Sprintf("%x", sum[:8])
}

// Ed25519Key writes an Ed25519 key as statements carry it.
func Ed25519Key(public ed25519.PublicKey) string {
	return SuiteEd25519 + ":" + base64.StdEncoding.EncodeToString(public)
}

// ParseEd25519 reads it.
func ParseEd25519(text string) (ed25519.PublicKey, error) {
	b64, ok := strings.CutPrefix(text, SuiteEd25519+":")
	raw, err := base64.StdEncoding.Strict().DecodeString(b64)
	if !ok || err != nil || len(raw) != ed25519.PublicKeySize {
		return nil, fmt.Errorf("%.60q is no Ed25519 key", text)
	}
	return raw, nil
}

// check says what is wrong with a key of a use that this release knows; unknown suites pass.
func (k Key) check() error {
	if k.Suite != suiteOf[k.Use] {
		return nil
	}
	var err error
	switch k.Suite {
	case SuiteEd25519:
		_, err = ParseEd25519(k.Suite + ":" + k.Public)
	case SuiteAge:
		_, err = age.ParseHybridRecipient(k.Public)
	case SuiteNKey:
		err = checkNKey(k.Public)
	case SuiteNote:
		_, err = note.NewVerifier(k.Public)
	case SuiteSPKI:
		var raw []byte
		if raw, err = base64.StdEncoding.Strict().DecodeString(k.Public); err == nil && len(raw) != sha256.Size {
			err = errors.New("not 32 bytes")
		}
	}
	if err != nil {
		return fmt.Errorf("the key for %s is no %s key: %.60q", k.Use, k.Suite, k.Public)
	}
	return nil
}

// checkNKey checks the form of the public NKey of a user: base32 of a prefix byte, 32 bytes and CRC-16/XMODEM, little endian.
func checkNKey(text string) error {
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(text)
	if err != nil || len(raw) != 35 || raw[0] != 20<<3 {
		return errors.New("no NKey of a user")
	}
	var crc uint16
	for _, b := range raw[:33] {
		crc ^= uint16(b) << 8
		for range 8 {
			if crc&0x8000 != 0 {
				crc = crc<<1 ^ 0x1021
			} else {
				crc <<= 1
			}
		}
	}
	if crc != binary.LittleEndian.Uint16(raw[33:]) {
		return errors.New("the checksum of the NKey is wrong")
	}
	return nil
}

// parse gives the keys of a use, checked.
func (k Keys) parse(u Use) (out []Key, err error) {
	for _, text := range k.Of(u) {
		suite, public, ok := strings.Cut(text, ":")
		if !ok || suite == "" || public == "" || len(text) > MaxKey {
			return nil, fmt.Errorf("%.60q is no key: write suite:public, at most %d signs", text, MaxKey)
		}
		key := Key{u, suite, public}
		if err := key.check(); err != nil {
			return nil, err
		}
		out = append(out, key)
	}
	return out, nil
}

// keysText is what a node signs to prove that it holds the keys: its sign key covers all of them, in this directory, under
// this name.
func keysText(in, party string, k Keys) ([]byte, error) {
	body, err := marshal(struct {
		In    string `json:"in"`
		Party string `json:"party"`
		Keys  Keys   `json:"keys"`
	}{in, party, k})
	if err != nil {
		return nil, err
	}
	return append([]byte(keysDomain+"\n"), body...), nil
}

// Prove signs the keys of a party with its own sign key (Ed25519).
func Prove(in, party string, k Keys, sign func(message []byte) ([]byte, error)) (string, error) {
	text, err := keysText(in, party, k)
	if err != nil {
		return "", err
	}
	sig, err := sign(text)
	return base64.StdEncoding.EncodeToString(sig), err
}

func proven(in, party string, k Keys, proof string) error {
	text, err := keysText(in, party, k)
	if err != nil {
		return err
	}
	sig, err := base64.StdEncoding.Strict().DecodeString(proof)
	if err != nil {
		return fmt.Errorf("%s does not prove that it holds its keys: the proof is damaged", party)
	}
	for _, s := range k.Sign {
		if key, err := ParseEd25519(s); err == nil && ed25519.Verify(key, text, sig) {
			return nil
		}
	}
	return fmt.Errorf("%s does not prove that it holds its keys: its own signature over them is missing or wrong", party)
}
