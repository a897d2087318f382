package directory

import (
	"bytes"
	"cmp"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// First lines of what is signed: a signature for one purpose can never be shown as one for another.
const (
	statementDomain = "sarhad statement 1"
	requestDomain   = "sarhad request 1"
	inviteDomain    = "sarhad invitation 1"
	keysDomain      = "sarhad keys 1"
	originPrefix    = "sarhad directory " // first line of a checkpoint, then the name of the directory
)

// Algorithm bytes of note keys (C2SP signed-note; 4 is the Ed25519 cosignature of C2SP tlog-cosignature).
const (
	algEd25519  = 1
	algCosigned = 4
)

// Signer signs the text of a note with an Ed25519 key under a name.
type Signer struct {
	name string
	key  ed25519.PrivateKey
}

// NewSigner makes a signer of a seed of 32 bytes.
func NewSigner(name string, seed []byte) (*Signer, error) {
	if len(seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("the key of %s has %d bytes, not %d", name, len(seed), ed25519.SeedSize)
	}
	return &Signer{name, ed25519.NewKeyFromSeed(seed)}, nil
}

// Name is the name on the signature line.
func (s *Signer) Name() string { return s.name }

// Public is the key as statements carry it.
func (s *Signer) Public() string { return Ed25519Key(s.key.Public().(ed25519.PublicKey)) }

// noted is a Signer as package note wants it.
type noted struct{ *Signer }

// KeyHash implements note.Signer.
func (s noted) KeyHash() uint32 {
	return keyHash(s.name, algEd25519, s.key.Public().(ed25519.PublicKey))
}

// Sign implements note.Signer.
func (s noted) Sign(msg []byte) ([]byte, error) { return ed25519.Sign(s.key, msg), nil }

func keyHash(name string, alg byte, public []byte) uint32 {
	h := sha256.Sum256(append(append([]byte(name+"\n"), alg), public...))
	return binary.BigEndian.Uint32(h[:])
}

// verifier verifies plain signatures and, when cosigns is set, cosignatures.
type verifier struct {
	name    string
	key     ed25519.PublicKey
	cosigns bool
}

func newVerifier(name, public string, cosigns bool) (note.Verifier, error) {
	key, err := ParseEd25519(public)
	if err != nil {
		return nil, err
	}
	return verifier{name, key, cosigns}, nil
}

// Name implements note.Verifier.
func (v verifier) Name() string { return v.name }

// KeyHash implements note.Verifier.
func (v verifier) KeyHash() uint32 {
	if v.cosigns {
		return keyHash(v.name, algCosigned, v.key)
	}
	return keyHash(v.name, algEd25519, v.key)
}

// Verify implements note.Verifier.
func (v verifier) Verify(msg, sig []byte) bool {
	if !v.cosigns {
		return ed25519.Verify(v.key, msg, sig)
	}
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	at := binary.BigEndian.Uint64(sig)
	return at < 1<<62 && ed25519.Verify(v.key, cosigned(at, msg), sig[8:])
}

// cosigned is what a witness signs (C2SP tlog-cosignature, cosignature/v1).
func cosigned(at uint64, msg []byte) []byte {
	return append([]byte("cosignature/v1\ntime "+strconv.FormatUint(at, 10)+"\n"), msg...)
}

// cosignLine is the signature line of a witness under a checkpoint.
func (s *Signer) cosignLine(text []byte, at time.Time) []byte {
	t := uint64(at.Unix())
	public := s.key.Public().(ed25519.PublicKey)
	raw := binary.BigEndian.AppendUint32(nil, keyHash(s.name, algCosigned, public))
	raw = binary.BigEndian.AppendUint64(raw, t)
	raw = append(raw, ed25519.Sign(s.key, cosigned(t, text))...)
	return []byte("— " + s.name + " " + base64.StdEncoding.EncodeToString(raw) + "\n")
}

// signNote signs text, which ends with a newline, or adds a signature to a note.
func signNote(text []byte, signers ...*Signer) ([]byte, error) {
	n := &note.Note{Text: string(text)}
	if body, lines, ok := splitNote(text); ok {
		n.Text = string(body)
		for _, l := range lines {
			name, b64, _ := strings.Cut(strings.TrimPrefix(l, "— "), " ")
			raw, err := base64.StdEncoding.DecodeString(b64)
			if err != nil || len(raw) < 5 {
				return nil, errors.New("a signature line is damaged")
			}
			n.Sigs = append(n.Sigs, note.Signature{Name: name, Hash: binary.BigEndian.Uint32(raw), Base64: b64})
		}
	}
	var all []note.Signer
	for _, s := range signers {
		all = append(all, noted{s})
	}
	return note.Sign(n, all...)
}

// splitNote takes a note apart into its text, which ends with a newline, and its signature lines.
func splitNote(data []byte) (text []byte, lines []string, ok bool) {
	i := bytes.LastIndex(data, []byte("\n\n"))
	if i < 0 {
		return nil, nil, false
	}
	rest := strings.TrimSuffix(string(data[i+2:]), "\n")
	if rest == "" {
		return nil, nil, false
	}
	return data[:i+1], strings.Split(rest, "\n"), true
}

// openNote verifies a note under the given keys, each signature line by one of them and none twice. It tells which names and keys signed.
func openNote(data []byte, known []note.Verifier) (text string, by []note.Signature, err error) {
	n, err := note.Open(data, note.VerifierList(known...))
	var bad *note.InvalidSignatureError
	var none *note.UnverifiedNoteError
	switch {
	case errors.As(err, &bad):
		return "", nil, fmt.Errorf("the signature of %s is forged, or the text was changed after it was signed", bad.Name)
	case errors.As(err, &none):
		return "", nil, errors.New("nobody who may sign this has signed it")
	case err != nil:
		return "", nil, errors.New("it is damaged: no text with signature lines")
	case len(n.UnverifiedSigs) > 0:
		return "", nil, fmt.Errorf("%s has signed it, who may not, or with a key that is not known", n.UnverifiedSigs[0].Name)
	}
	if _, lines, _ := splitNote(data); len(lines) != len(n.Sigs) {
		return "", nil, errors.New("a signature stands there twice")
	}
	return n.Text, n.Sigs, nil
}

// Checkpoint is the size and root of the log (C2SP tlog-checkpoint) with the cosignatures that hold.
type Checkpoint struct {
	Name string // of the directory
	Size int64  // leaves
	Root tlog.Hash
	By   []Cosignature // one for each country, by country
}

// Cosignature is the word of a country that it has seen this log and no other.
type Cosignature struct {
	Country string
	At      time.Time // by the clock of its witness, UTC, seconds
	line    string
}

// checkpointText is what witnesses sign.
func checkpointText(name string, size int64, root tlog.Hash) []byte {
	return fmt.Appendf(nil, "%s%s\n%d\n%s\n", originPrefix, name, size, root)
}

// parseCheckpoint reads the text of a checkpoint, signed or not, without looking at signatures.
func parseCheckpoint(data []byte) (c Checkpoint, text []byte, err error) {
	if len(data) > MaxCheckpoint {
		return c, nil, fmt.Errorf("a checkpoint of %d bytes; at most %d are read", len(data), MaxCheckpoint)
	}
	text, _, ok := splitNote(data)
	if !ok {
		text = data
	}
	lines := strings.Split(string(text), "\n")
	if len(lines) != 4 || lines[3] != "" {
		return c, nil, errors.New("no checkpoint: three lines are expected, then signatures")
	}
	if c.Name, ok = strings.CutPrefix(lines[0], originPrefix); !ok {
		return c, nil, errors.New("no checkpoint of a directory")
	}
	if c.Size, err = strconv.ParseInt(lines[1], 10, 64); err != nil || c.Size < 1 || strconv.FormatInt(c.Size, 10) != lines[1] {
		return c, nil, fmt.Errorf("checkpoint: %q is no size", lines[1])
	}
	if c.Root, err = tlog.ParseHash(lines[2]); err != nil || c.Root.String() != lines[2] {
		return c, nil, fmt.Errorf("checkpoint: %q is no root", lines[2])
	}
	return c, text, nil
}

// readCheckpoint reads a checkpoint and keeps the newest cosignature of each of the witnesses. Lines of others are dropped; a
// forged line of a witness is an error.
func readCheckpoint(data []byte, witnesses []note.Verifier) (Checkpoint, error) {
	c, _, err := parseCheckpoint(data)
	if err != nil {
		return c, err
	}
	n, err := note.Open(data, note.VerifierList(witnesses...))
	var bad *note.InvalidSignatureError
	var none *note.UnverifiedNoteError
	switch {
	case errors.As(err, &bad):
		return c, fmt.Errorf("checkpoint: the cosignature of %s is forged", bad.Name)
	case errors.As(err, &none):
		return c, nil
	case err != nil:
		return c, fmt.Errorf("checkpoint: damaged: %w", err)
	}
	for _, s := range n.Sigs {
		raw, err := base64.StdEncoding.DecodeString(s.Base64)
		if err != nil {
			return c, err
		}
		country, _, _ := strings.Cut(s.Name, "/")
		c.By = append(c.By, Cosignature{country, time.Unix(int64(binary.BigEndian.Uint64(raw[4:])), 0).UTC(), "— " + s.Name + " " + s.Base64 + "\n"})
	}
	c.tidy()
	return c, nil
}

// tidy keeps the newest cosignature of each country, by country.
func (c *Checkpoint) tidy() {
	slices.SortStableFunc(c.By, func(a, b Cosignature) int {
		return cmp.Or(cmp.Compare(a.Country, b.Country), b.At.Compare(a.At))
	})
	c.By = slices.CompactFunc(c.By, func(a, b Cosignature) bool { return a.Country == b.Country })
}

// Text is the checkpoint as it travels, with its cosignatures.
func (c Checkpoint) Text() []byte {
	out := append(checkpointText(c.Name, c.Size, c.Root), '\n')
	for _, s := range c.By {
		out = append(out, s.line...)
	}
	return out
}

// countries names who cosigned.
func (c Checkpoint) countries() string {
	names := make([]string, len(c.By))
	for i, s := range c.By {
		names[i] = s.Country
	}
	if len(names) == 0 {
		return "nobody"
	}
	return strings.Join(names, ", ")
}
