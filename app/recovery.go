package app

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/age"

	"sarhad/internal/config"
	"sarhad/record"
	"sarhad/record/privacy"
	"sarhad/store/backup"
)

// recoveryFile is the recipient that backups are encrypted to. Its secret half is printed once and is nowhere on the machine.
const recoveryFile = "recovery.pub"

// SecretRecovery is what Setup.Secret is told the recovery key under.
const SecretRecovery = "recovery"

// makeRecovery makes the recovery key of a node that has none; told gets the secret half, which nobody can get again.
func makeRecovery(keys string, told func(what, secret string)) error {
	name := filepath.Join(keys, recoveryFile)
	if _, err := os.Stat(name); err == nil {
		return record.Errorf(record.Conflict, "%s is there already: its secret half was printed when it was made and cannot be printed again", name)
	}
	secret, recipient, err := backup.NewRecovery()
	if err != nil {
		return err
	}
	if err := writeWhole(name, []byte(recipient+"\n")); err != nil {
		return err
	}
	if told != nil {
		told(SecretRecovery, secret)
	}
	return nil
}

// MakeMissingKeys makes the keys that a directory of an older program lacks, and tells the secret of the recovery key once.
// phrases reports whether the keys of unit and oversight were made, with these phrases. When nothing is missing it is a
// Conflict.
func (a *App) MakeMissingKeys(p privacy.Phrases, told func(what, secret string)) (phrases bool, err error) {
	dir := filepath.Join(a.Config.DataDir, keysDir)
	if !a.Privacy.Keys.Ready() {
		if err := a.MakePrivacyKeys(p, 0); err != nil {
			return false, err
		}
		phrases = true
	}
	if _, err := os.Stat(filepath.Join(dir, recoveryFile)); err == nil && phrases {
		return true, nil
	}
	return phrases, makeRecovery(dir, told)
}

// KeysDir is where the keys of a node lie.
func KeysDir(dir string) (string, error) {
	c, err := config.Load(dir)
	return filepath.Join(c.DataDir, keysDir), err
}

// recovery reads the recipient of a node.
func (a *App) recovery() (string, error) {
	name := filepath.Join(a.Config.DataDir, keysDir, recoveryFile)
	b, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return "", record.Errorf(record.NotFound, "%s is missing: this node was made before there were backups. Make it with 'sarhad node keys make --dir %s', which prints the recovery key once", name, a.Config.DataDir)
	}
	return strings.TrimSpace(string(b)), err
}

// backupKey names chunks and signs the journal of erasures. It is made of a secret of the node, so that it is in the backup of
// the keys, and tells nothing of it.
func backupKey(clearance []byte) backup.Key {
	m := hmac.New(sha256.New, clearance)
	m.Write([]byte("sarhad backup v1"))
	return m.Sum(nil)
}

// KeyExport is how the keys of a node leave it.
type KeyExport struct {
	Sealed []byte // text
	Words  string // that open it; "" = the recovery key does
	Files  int
}

// ExportKeys encrypts all keys of a node: to words, which are told once, or to the recovery key. The act stands in the log.
func (a *App) ExportKeys(ctx context.Context, toRecovery bool) (out KeyExport, err error) {
	defer record.Wrap(&err, "ExportKeys")
	var to age.Recipient
	if toRecovery {
		text, err := a.recovery()
		if err != nil {
			return out, err
		}
		if to, err = backup.ParseRecipient(text); err != nil {
			return out, err
		}
	} else {
		if out.Words, err = backup.Words(rand.Reader, backup.KeyWords); err != nil {
			return out, err
		}
		if to, err = backup.ForWords(out.Words); err != nil {
			return out, err
		}
	}
	keys, err := backup.ReadKeys(filepath.Join(a.Config.DataDir, keysDir), a.Config.Name, a.opt.Now())
	if err != nil {
		return out, err
	}
	out.Files = len(keys.Files)
	err = a.Store.Update(ctx, func(tx record.Tx) error {
		return tx.Audit(record.Act{Action: "export-keys", Count: len(keys.Files)})
	})
	if err == nil {
		out.Sealed, err = keys.Seal(to)
	}
	return out, err
}

// ImportKeys puts exported keys into a data directory that has none. identity is the text of the recovery key, for keys that
// were exported to it.
func ImportKeys(dir string, sealed []byte, words, identity string) (files int, err error) {
	id, err := parseIdentity(identity)
	if err != nil {
		return 0, err
	}
	keys, err := backup.OpenKeys(sealed, words, id)
	if err != nil {
		return 0, err
	}
	c, err := config.Load(dir)
	if err != nil {
		return 0, err
	}
	if keys.Node != c.Name {
		return 0, record.Errorf(record.Conflict, "these are the keys of the node %s, and %s is the node %s", keys.Node, dir, c.Name)
	}
	return len(keys.Files), keys.Write(filepath.Join(c.DataDir, keysDir))
}

// parseIdentity reads the recovery key; "" is none.
func parseIdentity(text string) (age.Identity, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	return backup.ParseIdentity(text)
}

// writeNewFile writes a file that nobody else may read and that was not there.
func writeNewFile(name string, data []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return record.Errorf(record.Conflict, "%s is there already: nothing is overwritten", name)
	}
	if err != nil {
		return &record.Error{Kind: record.Unavailable, Err: err, Message: fmt.Sprintf("%s cannot be written", name)}
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Sync(), f.Close())
}

// Save writes the sealed keys into a new file.
func (k KeyExport) Save(name string) error { return writeNewFile(name, k.Sealed) }
