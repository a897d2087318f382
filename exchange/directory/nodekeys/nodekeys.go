// Package nodekeys keeps the secret keys by which a node takes part in the network: a generation for each change of keys, one file
// each (transport-0001.key) among the keys of the node, so that they are exported and restored with the others.
//
// A generation has a key for each use: sign (Ed25519), seal (ML-KEM-768 with X25519, filippo.io/age), line (NATS NKey of a user) and tls
// (a client certificate). The directory says which generation is the present one: that whose public keys stand in the node's
// statement. Make makes the next one, which nobody uses before the registrar has signed it; Sweep destroys what was replaced, once the
// inbox no longer needs it. The key of the audit log is not kept here: it signs a log that goes on.
//
// It must never: overwrite a generation, keep a secret in memory longer than its owner, or destroy a key that the directory calls
// current.
package nodekeys

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"filippo.io/age"
	"github.com/nats-io/nkeys"

	"sarhad/exchange/directory"
	"sarhad/record"
)

// prefix begins the name of a file of a generation.
const prefix = "transport-"

// certLife is how long a client certificate is valid by itself. It is pinned by its key in the directory and ends with the
// statement, which lives 30 days.
const certLife = 10 * 366 * 24 * time.Hour

// Set is the keys of a node.
type Set struct {
	Dir  string // keys/ of the node
	Node string
	Log  string // public key of the audit log, as package note writes it; "" = none is said
	Rand io.Reader
	Now  func() time.Time
}

// Generation is the secret keys of one time.
type Generation struct {
	Name   string         // of its file, in order: "0001"
	Made   time.Time      // UTC
	Sign   []byte         // Ed25519 seed, 32 bytes
	Seal   string         // age hybrid identity
	Line   string         // NKey seed
	Cert   []byte         // client certificate, PEM
	Key    []byte         // its key, PEM
	Public directory.Keys // as a statement carries them
}

func (s Set) file(name string) string { return filepath.Join(s.Dir, prefix+name+".key") }

// Make makes the next generation.
func (s Set) Make() (_ Generation, err error) {
	defer record.Wrap(&err, "nodekeys.Make")
	all, err := s.All()
	if err != nil {
		return Generation{}, err
	}
	last := 0
	if n := len(all); n > 0 {
		if _, err := fmt.Sscanf(all[n-1].Name, "%d", &last); err != nil {
			return Generation{}, err
		}
	}
	g, err := s.generate(fmt.Sprintf("%04d", last+1))
	if err != nil {
		return g, err
	}
	data, err := json.Marshal(g)
	if err != nil {
		return g, err
	}
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return g, err
	}
	return g, writeNew(s.file(g.Name), append(data, '\n'))
}

func (s Set) generate(name string) (g Generation, err error) {
	g = Generation{Name: name, Made: s.Now().UTC().Truncate(time.Second), Sign: make([]byte, ed25519.SeedSize)}
	if _, err := io.ReadFull(s.Rand, g.Sign); err != nil {
		return g, err
	}
	seal, err := age.GenerateHybridIdentity()
	if err != nil {
		return g, err
	}
	line, err := nkeys.CreatePairWithRand(nkeys.PrefixByteUser, s.Rand)
	if err != nil {
		return g, err
	}
	seed, err := line.Seed()
	if err != nil {
		return g, err
	}
	public, err := line.PublicKey()
	if err != nil {
		return g, err
	}
	spki, err := s.certify(&g)
	if err != nil {
		return g, err
	}
	g.Seal, g.Line = seal.String(), string(seed)
	g.Public = directory.Keys{
		Sign: []string{directory.Ed25519Key(ed25519.NewKeyFromSeed(g.Sign).Public().(ed25519.PublicKey))},
		Seal: []string{directory.SuiteAge + ":" + seal.Recipient().String()},
		Line: []string{directory.SuiteNKey + ":" + public},
		TLS:  []string{directory.SuiteSPKI + ":" + base64.StdEncoding.EncodeToString(spki)},
	}
	if s.Log != "" {
		g.Public.Log = []string{directory.SuiteNote + ":" + strings.TrimSpace(s.Log)}
	}
	return g, nil
}

// certify makes the client certificate: it signs itself, because its key is what is pinned.
func (s Set) certify(g *Generation) (spki []byte, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), s.Rand)
	if err != nil {
		return nil, err
	}
	serial := make([]byte, 16)
	if _, err := io.ReadFull(s.Rand, serial); err != nil {
		return nil, err
	}
	serial[0] &= 0x7f
	t := x509.Certificate{SerialNumber: new(big.Int).SetBytes(serial), Subject: pkix.Name{CommonName: s.Node}, NotBefore: g.Made.Add(-time.Hour), NotAfter: g.Made.Add(certLife),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(s.Rand, &t, &t, key.Public(), key)
	if err != nil {
		return nil, err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	g.Cert = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	g.Key = pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(cert.RawSubjectPublicKeyInfo)
	return sum[:], nil
}

// All reads every generation that was not destroyed, oldest first.
func (s Set) All() (out []Generation, err error) {
	files, err := os.ReadDir(s.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		name, ours := strings.CutPrefix(f.Name(), prefix)
		name, whole := strings.CutSuffix(name, ".key")
		if !ours || !whole {
			continue
		}
		data, err := os.ReadFile(s.file(name))
		if err != nil {
			return nil, err
		}
		var g Generation
		if err := json.Unmarshal(data, &g); err != nil || g.Name != name || len(g.Sign) != ed25519.SeedSize {
			return nil, record.Errorf(record.Invalid, "%s is damaged: restore it from the backup of the node's keys", s.file(name))
		}
		out = append(out, g)
	}
	slices.SortFunc(out, func(a, b Generation) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// Register is what the directory knows of keys.
type Register interface {
	// KeyState is "current", "old", "revoked" or "" of a key of a party.
	KeyState(party, key string) string
	// Replaced is since when it is known here that a key is old.
	Replaced(party, key string) time.Time
}

// Current is the generation in the node's present statement. NotFound when the registrar has signed none of them.
func (s Set) Current(r Register) (Generation, error) {
	all, err := s.All()
	if err != nil {
		return Generation{}, err
	}
	for _, g := range slices.Backward(all) {
		if r.KeyState(s.Node, g.Public.Seal[0]) == "current" {
			return g, nil
		}
	}
	return Generation{}, record.Errorf(record.NotFound, "no keys of %s stand in the directory: the registrar has not signed them yet, or the directory has not come", s.Node)
}

// Signer signs as the node.
func (g Generation) Signer(node string) (*directory.Signer, error) {
	return directory.NewSigner(node, g.Sign)
}

// Opener opens what is sealed to this generation.
func (g Generation) Opener() (*age.HybridIdentity, error) { return age.ParseHybridIdentity(g.Seal) }

// Certificate is the client certificate.
func (g Generation) Certificate() (tls.Certificate, error) { return tls.X509KeyPair(g.Cert, g.Key) }

// Overlap is how long an old generation stays an opener after this node knew that it was replaced: what others sealed to it
// before they knew is under way for as long as a directory may be old, and some days for an outpost that is seldom reached.
const Overlap = 14 * 24 * time.Hour

// Sweep destroys generations that the directory calls old since Overlap, or revoked. reseal is called before with each: it
// seals anew, to the archive key, what is still kept sealed to it, and an error keeps the keys. It tells what was destroyed.
func (s Set) Sweep(ctx context.Context, r Register, reseal func(context.Context, Generation) error) (gone []string, err error) {
	defer record.Wrap(&err, "nodekeys.Sweep")
	if _, err := s.Current(r); err != nil {
		return nil, nil // without a present generation nothing is certain
	}
	all, err := s.All()
	if err != nil {
		return nil, err
	}
	for _, g := range all {
		key := g.Public.Seal[0]
		switch r.KeyState(s.Node, key) {
		case "old":
			if since := r.Replaced(s.Node, key); since.IsZero() || s.Now().Before(since.Add(Overlap)) {
				continue
			}
		case "revoked":
		default:
			continue
		}
		if err := reseal(ctx, g); err != nil {
			return gone, err
		}
		if err := destroy(s.file(g.Name)); err != nil {
			return gone, err
		}
		gone = append(gone, g.Name)
	}
	return gone, nil
}

func writeNew(name string, data []byte) error {
	if _, err := os.Stat(name); !errors.Is(err, fs.ErrNotExist) {
		return record.Errorf(record.Conflict, "%s is there already and is not replaced", name)
	}
	temp := name + ".new"
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, bytes.NewReader(data))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(temp, name)
}

// destroy overwrites a file before it removes it. A disk that copies on write keeps the old bytes for a while: the disk is
// encrypted by the system, as the doctor checks.
func destroy(name string) error {
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil {
		_, err = f.Write(make([]byte, info.Size()))
	}
	return errors.Join(err, f.Sync(), f.Close(), os.Remove(name))
}
