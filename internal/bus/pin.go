package bus

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"

	"sarhad/record"
)

// Pin is the SHA-256 of the certificate's public key (SubjectPublicKeyInfo, RFC 7469 section 2.4) in hexadecimal: it stays the
// same when a certificate is renewed with the same key.
func Pin(c *x509.Certificate) string {
	sum := sha256.Sum256(c.RawSubjectPublicKeyInfo)
	return hex.EncodeToString(sum[:])
}

// VerifyPin makes a check of the other side's certificate for tls.Config.VerifyConnection: known says whether a pin is one of
// those expected now. It takes the place of a chain of trust, so dates and names in the certificate do not count.
func VerifyPin(known func(pin string) bool) func(tls.ConnectionState) error {
	return func(s tls.ConnectionState) error {
		if len(s.PeerCertificates) == 0 {
			return errors.New("it shows no certificate")
		}
		if pin := Pin(s.PeerCertificates[0]); !known(pin) {
			return record.Errorf(record.Forbidden, "the directory does not know its certificate (key %s...)", pin[:16])
		}
		return nil
	}
}
