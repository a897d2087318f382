package authn

import (
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// Params are the costs of argon2id (RFC 9106). A stored hash names its own, so
// they may be raised at any time: whoever signs in next is hashed again.
type Params struct {
	// Memory in KiB.
	Memory uint32
	// Passes over the memory.
	Passes uint32
	// Lanes computed side by side.
	Lanes uint8
	// Salt and Key are lengths in bytes.
	Salt, Key uint32
}

// DefaultParams is the second recommended option of RFC 9106 section 4
// (64 MiB, 3 passes) with 2 lanes instead of 4: the machines of an outpost
// have two cores, so more lanes would cost the officer and not the attacker.
// 128 bits of salt and 256 bits of key are the RFC's.
var DefaultParams = Params{Memory: 64 << 10, Passes: 3, Lanes: 2, Salt: 16, Key: 32}

// Ceilings on what a stored hash may ask for. A hash comes from our own
// database, but a damaged or planted row must not take the node down.
const (
	maxMemory = 1 << 20 // KiB: 1 GiB
	maxPasses = 64
	maxBytes  = 128 // of salt and of key
)

func (p Params) orDefault() Params {
	if p == (Params{}) {
		return DefaultParams
	}
	return p
}

// check repeats the bounds of RFC 9106 section 3.1 and our ceilings.
func (p Params) check() error {
	switch {
	case p.Lanes < 1:
		return errors.New("argon2id: p must be at least 1")
	case p.Memory < 8*uint32(p.Lanes) || p.Memory > maxMemory:
		return errors.New("argon2id: m must be from 8*p to 1048576 KiB")
	case p.Passes < 1 || p.Passes > maxPasses:
		return errors.New("argon2id: t must be from 1 to 64")
	case p.Salt < 8 || p.Salt > maxBytes:
		return errors.New("argon2id: the salt must have from 8 to 128 bytes")
	case p.Key < 16 || p.Key > maxBytes:
		return errors.New("argon2id: the key must have from 16 to 128 bytes")
	}
	return nil
}

// key computes argon2id of the password in Unicode form NFKC, so that "й"
// typed on one keyboard equals "й" typed on another (NIST SP 800-63B,
// section 5.1.1.2).
func (p Params) key(password string, salt []byte) []byte {
	return argon2.IDKey(norm.NFKC.Bytes([]byte(password)), salt, p.Passes, p.Memory, p.Lanes, p.Key)
}

// Hash returns the PHC string of the password with a fresh salt:
// $argon2id$v=19$m=65536,t=3,p=2$<salt>$<key>, base64 without padding.
func (p Params) Hash(password string, rand io.Reader) (string, error) {
	if err := p.check(); err != nil {
		return "", err
	}
	salt := make([]byte, p.Salt)
	if _, err := io.ReadFull(rand, salt); err != nil {
		return "", fmt.Errorf("read randomness for a salt: %w", err)
	}
	return formatPHC(p, salt, p.key(password, salt)), nil
}

func formatPHC(p Params, salt, key []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.Memory, p.Passes, p.Lanes,
		b64.EncodeToString(salt), b64.EncodeToString(key))
}

// VerifyHash reports whether the password belongs to the PHC string, and
// with which parameters it was made. An error means that the string is not
// one of ours, not that the password is wrong.
func VerifyHash(phc, password string) (ok bool, p Params, err error) {
	p, salt, key, err := parsePHC(phc)
	if err != nil {
		return false, p, err
	}
	return subtle.ConstantTimeCompare(p.key(password, salt), key) == 1, p, nil
}

// parsePHC reads a PHC string as Hash writes it.
func parsePHC(phc string) (p Params, salt, key []byte, err error) {
	bad := func(what string) (Params, []byte, []byte, error) {
		return Params{}, nil, nil, fmt.Errorf("the stored password hash is damaged: %s", what)
	}
	parts := strings.Split(phc, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" {
		return bad("it is not of the form $argon2id$v=..$m=..,t=..,p=..$salt$key")
	}
	if parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return bad("its version is not 19")
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.Memory, &p.Passes, &p.Lanes); err != nil {
		return bad("its parameters cannot be read")
	}
	if parts[3] != fmt.Sprintf("m=%d,t=%d,p=%d", p.Memory, p.Passes, p.Lanes) {
		return bad("its parameters are not in their plain form")
	}
	b64 := base64.RawStdEncoding.Strict()
	if salt, err = b64.DecodeString(parts[4]); err != nil {
		return bad("its salt is not base64")
	}
	if key, err = b64.DecodeString(parts[5]); err != nil {
		return bad("its key is not base64")
	}
	p.Salt, p.Key = uint32(len(salt)), uint32(len(key))
	if err := p.check(); err != nil {
		return bad(err.Error())
	}
	return p, salt, key, nil
}
