package authntest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"

	"github.com/fxamacker/cbor/v2"

	"sarhad/internal/authn"
)

// Authenticator is a security key in software: ES256, no attestation (W3C WebAuthn Level 3 sections 6.5 and 8.7). It does what
// it is told, lies included; its fields are what a test turns.
type Authenticator struct {
	RP, Origin string
	Counter    uint32 // of the next answer; it grows by one with each, unless Still
	Still      bool
	Flags      byte // UP 0x01, UV 0x04; attested data is added at enrolment

	ID   []byte
	User []byte
	key  *ecdsa.PrivateKey
}

// NewAuthenticator makes one that stands at an origin and verifies who touches it.
func NewAuthenticator(rp, origin string) *Authenticator {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err) // a test without randomness
	}
	id := make([]byte, 24)
	_, _ = rand.Read(id) // never fails
	return &Authenticator{RP: rp, Origin: origin, Counter: 1, Flags: 0x05, ID: id, key: key}
}

func (a *Authenticator) client(kind string, challenge []byte) []byte {
	b, err := json.Marshal(map[string]any{"type": kind, "challenge": base64.RawURLEncoding.EncodeToString(challenge), "origin": a.Origin, "crossOrigin": false})
	if err != nil {
		panic(err)
	}
	return b
}

func (a *Authenticator) data(flags byte) []byte {
	rp := sha256.Sum256([]byte(a.RP))
	out := binary.BigEndian.AppendUint32(append(rp[:], flags), a.Counter)
	if !a.Still {
		a.Counter++
	}
	return out
}

// Create answers navigator.credentials.create: client data JSON and attestation object.
func (a *Authenticator) Create(challenge, user []byte) (client, attestation []byte) {
	a.User = user
	point, err := a.key.PublicKey.Bytes()
	if err != nil {
		panic(err)
	}
	cose, err := cbor.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: point[1:33], -3: point[33:]})
	if err != nil {
		panic(err)
	}
	data := append(a.data(a.Flags|0x40), make([]byte, 16)...)
	data = binary.BigEndian.AppendUint16(data, uint16(len(a.ID)))
	data = append(append(data, a.ID...), cose...)
	attestation, err = cbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": data})
	if err != nil {
		panic(err)
	}
	return a.client("webauthn.create", challenge), attestation
}

// Get answers navigator.credentials.get.
func (a *Authenticator) Get(challenge []byte) authn.Assertion {
	out := authn.Assertion{Credential: a.ID, Authenticator: a.data(a.Flags), Client: a.client("webauthn.get", challenge), User: a.User}
	sum := sha256.Sum256(out.Client)
	digest := sha256.Sum256(append(append([]byte{}, out.Authenticator...), sum[:]...))
	var err error
	if out.Value, err = ecdsa.SignASN1(rand.Reader, a.key, digest[:]); err != nil {
		panic(err)
	}
	return out
}
