package vault

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/age"

	"sarhad/record"
)

const (
	identityFile = "vault.age"
	nameKeyFile  = "vault.key"
)

// Keys open a vault. They live in files of their own, readable by the owner only: who copies database and attachments
// without them has neither content nor names.
type Keys struct {
	identity  age.Identity
	recipient age.Recipient
	name      []byte // keys the names of chunks and seals checksums
}

// NewKeys makes the keys of a new vault, post-quantum hybrid: what is copied today must not be opened later.
func NewKeys() (*Keys, string, error) {
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		return nil, "", err
	}
	name := make([]byte, 32)
	if _, err := rand.Read(name); err != nil {
		return nil, "", err
	}
	return &Keys{identity: id, recipient: id.Recipient(), name: name}, id.String(), nil
}

// LoadKeys reads the keys of the vault of a data directory; keys is the folder they lie in. A directory of an older release
// has none: they are made if mayMake says so and nothing was encrypted yet. Keys that are missing beside chunks are an error
// that says what to restore: new ones would open nothing.
func LoadKeys(dir, keys string, mayMake bool) (*Keys, error) {
	identity, err := readKey(keys, identityFile)
	if err != nil {
		return nil, err
	}
	name, err := readKey(keys, nameKeyFile)
	if err != nil {
		return nil, err
	}
	if identity == "" || name == "" {
		if isEmpty(dir) { // half a pair is what a kill left: nothing was encrypted with it
			if !mayMake {
				return nil, nil // a directory of an older release that is only read: it has no attachments
			}
			return makeKeys(keys)
		}
		return nil, record.Errorf(record.NotFound, "%s and %s must both be there, they open the attachments: restore them from the backup of the node's keys",
			filepath.Join(keys, identityFile), filepath.Join(keys, nameKeyFile))
	}
	k := &Keys{}
	ids, err := age.ParseIdentities(strings.NewReader(identity))
	if err != nil || len(ids) != 1 {
		return nil, &record.Error{Kind: record.Invalid, Message: fmt.Sprintf("%s is damaged: restore it from the backup", filepath.Join(keys, identityFile))}
	}
	switch id := ids[0].(type) {
	case *age.HybridIdentity:
		k.identity, k.recipient = id, id.Recipient()
	case *age.X25519Identity:
		k.identity, k.recipient = id, id.Recipient()
	default:
		return nil, record.Errorf(record.Invalid, "%s holds a key of a kind that this program does not use", filepath.Join(keys, identityFile))
	}
	if k.name, err = hex.DecodeString(name); err != nil || len(k.name) != 32 {
		return nil, record.Errorf(record.Invalid, "%s is damaged: 64 hexadecimal digits are expected; restore it from the backup", filepath.Join(keys, nameKeyFile))
	}
	return k, nil
}

func readKey(dir, name string) (string, error) {
	b, err := os.ReadFile(filepath.Join(dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return strings.TrimSpace(string(b)), err
}

// isEmpty reports whether a data directory holds nothing encrypted.
func isEmpty(dir string) bool {
	for _, name := range []string{chunksDir, uploadsDir} {
		if entries, err := os.ReadDir(filepath.Join(dir, name)); err == nil && len(entries) > 0 {
			return false
		}
	}
	return true
}

// makeKeys writes new keys.
func makeKeys(dir string) (*Keys, error) {
	k, identity, err := NewKeys()
	if err != nil {
		return nil, err
	}
	for _, f := range []struct{ name, text string }{{identityFile, identity}, {nameKeyFile, hex.EncodeToString(k.name)}} {
		if err := writeWhole(filepath.Join(dir, f.name), []byte(f.text+"\n")); err != nil {
			return nil, err
		}
	}
	return k, nil
}
