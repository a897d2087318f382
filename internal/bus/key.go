package bus

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"time"

	"github.com/nats-io/nkeys"

	"sarhad/record"
)

// NewKey makes a line key: the seed ("SU...", secret, for keys/line) and the public NKey ("U...", for the directory).
func NewKey(random io.Reader) (seed []byte, public string, err error) {
	pair, err := nkeys.CreatePairWithRand(nkeys.PrefixByteUser, random)
	if err != nil {
		return nil, "", fmt.Errorf("bus: line key: %w", err)
	}
	defer pair.Wipe()
	if public, err = pair.PublicKey(); err != nil {
		return nil, "", fmt.Errorf("bus: line key: %w", err)
	}
	own, err := pair.Seed()
	if err != nil {
		return nil, "", fmt.Errorf("bus: line key: %w", err)
	}
	return append([]byte(nil), own...), public, nil
}

// PublicKey gives the public half of a seed. Error: invalid.
func PublicKey(seed []byte) (string, error) {
	pair, err := nkeys.FromSeed(seed)
	if err != nil {
		return "", &record.Error{Kind: record.Invalid, Message: "the line key of this node cannot be read: is its file whole?", Err: err}
	}
	defer pair.Wipe()
	public, err := pair.PublicKey()
	if err != nil || !nkeys.IsValidPublicUserKey(public) {
		return "", record.Errorf(record.Invalid, "the line key of this node is no NKey of a user")
	}
	return public, nil
}

// ValidKey reports whether a directory may name it as the line key of a node.
func ValidKey(public string) bool { return nkeys.IsValidPublicUserKey(public) }

// certificateLife is longer than any key stays in the directory: dates in a pinned certificate decide nothing.
const certificateLife = 10 * 365 * 24 * time.Hour

// NewCertificate makes a self-signed certificate (ECDSA P-256, RFC 5280) by which a node, or a process of the hub's cluster, is
// known: PEM of the certificate and of the private key (PKCS #8). Its Pin goes to the directory.
func NewCertificate(name string, now time.Time, random io.Reader) (cert, key []byte, err error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), random)
	if err != nil {
		return nil, nil, fmt.Errorf("bus: certificate of node %s: %w", name, err)
	}
	serial := make([]byte, 16)
	if _, err := io.ReadFull(random, serial); err != nil {
		return nil, nil, fmt.Errorf("bus: certificate of node %s: %w", name, err)
	}
	serial[0] &= 0x7f // positive
	form := &x509.Certificate{
		SerialNumber: new(big.Int).SetBytes(serial), Subject: pkix.Name{CommonName: name},
		NotBefore: now.Add(-24 * time.Hour), NotAfter: now.Add(certificateLife),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(random, form, form, private.Public(), private)
	if err != nil {
		return nil, nil, fmt.Errorf("bus: certificate of node %s: %w", name, err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, nil, fmt.Errorf("bus: certificate of node %s: %w", name, err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}), nil
}
