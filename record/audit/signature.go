package audit

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/url"
	"time"

	"sarhad/record"
)

// Bits of the flags of authenticator data (WebAuthn Level 3 section 6.1).
const (
	flagPresent  = 0x01
	flagVerified = 0x04
	// authData is the shortest: hash of the relying party id, flags, counter.
	authData = sha256.Size + 1 + 4
)

// slow is how much later than its window an act may be written: the store was busy.
const slow = time.Minute

// VerifySignature holds the signature of an act against the act: right method and window, and for a passkey the assertion
// over the act's own statement (WebAuthn Level 3 section 7.2, steps 11 to 21), with the key that the row carries. Whether that
// key was the officer's, the log says: Verify reads it. It needs nothing but the row, so it works years later and elsewhere.
func VerifySignature(act record.Act) error {
	s := act.Signature
	switch {
	case s == nil:
		return fmt.Errorf("there is no signature")
	case len(s.Nonce) < 16:
		return fmt.Errorf("the nonce is too short")
	case !act.At.IsZero() && (act.At.Before(s.From.Add(-time.Second)) || act.At.After(s.Until.Add(slow))):
		return fmt.Errorf("signed for %s to %s, done at %s", s.From.Format(time.RFC3339), s.Until.Format(time.RFC3339), act.At.Format(time.RFC3339))
	}
	if now := act.Challenge(); !bytes.Equal(s.Signed, now[:]) {
		return fmt.Errorf("another act was signed than this one")
	}
	switch s.Method {
	case record.SignedCode, record.SignedPassword:
		return nil // the node vouched; the leaf says that it did
	case record.SignedPasskey:
		return verifyAssertion(act)
	}
	return fmt.Errorf("signed by %q, which is no method", s.Method)
}

func verifyAssertion(act record.Act) error {
	s := act.Signature
	return Assertion{RP: s.RP, Challenge: s.Signed, Key: s.Key, Authenticator: s.Authenticator, Client: s.Client, Value: s.Value}.Verify()
}

// Assertion is the answer of an authenticator to a challenge, and what it has to be held against.
type Assertion struct {
	RP        string // relying party id: a host name
	Origin    string // the browser's, scheme and port included; "" = any of the host
	Challenge []byte
	Key       []byte // SubjectPublicKeyInfo, DER

	Authenticator, Client, Value []byte // authenticator data, client data JSON, signature
}

// Verify does WebAuthn Level 3 section 7.2, steps 10 to 21, user verification required. The counter is Assertion.Counter.
func (a Assertion) Verify() error {
	var client struct {
		Type        string `json:"type"`
		Challenge   string `json:"challenge"`
		Origin      string `json:"origin"`
		CrossOrigin bool   `json:"crossOrigin"`
	}
	if err := json.Unmarshal(a.Client, &client); err != nil {
		return fmt.Errorf("the client data cannot be read: %w", err)
	}
	got, err := base64.RawURLEncoding.DecodeString(client.Challenge)
	origin, oerr := url.Parse(client.Origin)
	rp := sha256.Sum256([]byte(a.RP))
	switch {
	case client.Type != "webauthn.get" || client.CrossOrigin:
		return fmt.Errorf("the assertion is of another ceremony")
	case err != nil || !bytes.Equal(got, a.Challenge):
		return fmt.Errorf("something else was signed than what was asked for")
	case oerr != nil || a.RP == "" || origin.Hostname() != a.RP || a.Origin != "" && client.Origin != a.Origin:
		return fmt.Errorf("signed at another host")
	case len(a.Authenticator) < authData || !bytes.Equal(a.Authenticator[:sha256.Size], rp[:]):
		return fmt.Errorf("signed for another host")
	case a.Authenticator[sha256.Size]&flagPresent == 0 || a.Authenticator[sha256.Size]&flagVerified == 0:
		return fmt.Errorf("the authenticator did not ask who was there")
	}
	sum := sha256.Sum256(a.Client)
	return verifyWith(a.Key, append(bytes.Clone(a.Authenticator), sum[:]...), a.Value)
}

// Counter is the authenticator's count of signatures, 0 where it keeps none. It is read of a verified assertion only.
func (a Assertion) Counter() uint32 {
	return binary.BigEndian.Uint32(a.Authenticator[sha256.Size+1:])
}

// verifyWith checks a signature of ES256, EdDSA or RS256 (RFC 9053 section 2, RFC 8812 section 2): what authenticators make.
func verifyWith(spki, signed, signature []byte) error {
	key, err := x509.ParsePKIXPublicKey(spki)
	if err != nil {
		return fmt.Errorf("the public key cannot be read: %w", err)
	}
	digest := sha256.Sum256(signed)
	ok := false
	switch k := key.(type) {
	case *ecdsa.PublicKey:
		ok = ecdsa.VerifyASN1(k, digest[:], signature)
	case ed25519.PublicKey:
		ok = ed25519.Verify(k, signed, signature)
	case *rsa.PublicKey:
		ok = rsa.VerifyPKCS1v15(k, crypto.SHA256, digest[:], signature) == nil
	default:
		return fmt.Errorf("a key of kind %T signs no act", key)
	}
	if !ok {
		return fmt.Errorf("the signature is not of this key")
	}
	return nil
}

// owners knows from the log whose passkeys are enrolled at each act.
type owners map[string]string // mark -> user

// hold checks the signature of a row and learns from rows about passkeys; "" when all is well.
func (o owners) hold(act record.Act) string {
	switch act.Action {
	case record.ActPasskeyAdd:
		if act.User == act.Subject.String() { // nobody enrols for somebody else
			o[act.IDs] = act.User
		}
	case record.ActPasskeyRemove:
		delete(o, act.IDs)
	}
	s := act.Signature
	if s == nil {
		return ""
	}
	if err := VerifySignature(act); err != nil {
		return err.Error()
	}
	if s.Method == record.SignedPasskey && o[record.PasskeyMark(s.Credential, s.Key)] != act.User {
		return "the passkey was not enrolled by this officer, or was removed before"
	}
	return ""
}
