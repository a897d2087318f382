package authn

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"fmt"
	"math/big"

	"github.com/go-webauthn/webauthn/protocol/webauthncose"
)

// publicKey gives the key of the library as the standard library knows it. Only what audit.Assertion verifies is accepted, and
// only points that lie on their curve.
func publicKey(key any) (any, error) {
	switch k := key.(type) {
	case webauthncose.EC2PublicKeyData:
		if webauthncose.COSEEllipticCurve(k.Curve) != webauthncose.P256 || len(k.XCoord) != 32 || len(k.YCoord) != 32 {
			return nil, fmt.Errorf("a curve other than P-256")
		}
		point := append(append([]byte{4}, k.XCoord...), k.YCoord...)
		return ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	case webauthncose.OKPPublicKeyData:
		if webauthncose.COSEEllipticCurve(k.Curve) != webauthncose.Ed25519 || len(k.XCoord) != ed25519.PublicKeySize {
			return nil, fmt.Errorf("a curve other than Ed25519")
		}
		return ed25519.PublicKey(k.XCoord), nil
	case webauthncose.RSAPublicKeyData:
		e := new(big.Int).SetBytes(k.Exponent)
		if len(k.Modulus) < 256 || len(k.Modulus) > 1024 || !e.IsInt64() || e.Int64() < 3 || e.Int64() > 1<<31-1 {
			return nil, fmt.Errorf("an RSA key that is too short or odd")
		}
		return &rsa.PublicKey{N: new(big.Int).SetBytes(k.Modulus), E: int(e.Int64())}, nil
	}
	return nil, fmt.Errorf("a key of kind %T", key)
}
