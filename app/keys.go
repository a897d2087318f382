package app

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"sarhad/record"
)

const (
	keysDir        = "keys"
	logKeyFile     = "log.key"       // signs checkpoints; note format
	logPublicFile  = "log.pub"       // verifies them; may leave the machine
	clearanceFile  = "clearance.key" // 32 bytes, hexadecimal
	checkpointsDir = "checkpoints"
)

// Keys are the secrets of a node. They live in files of their own, readable by the owner only, never in the database: a
// copied database tells nobody who was cleared and signs nothing.
type Keys struct {
	Clearance []byte // keys the hashes of dismissed travellers
	signer    string
	verifier  string
}

// MakeKeys makes the secrets of a new node in dir. Existing ones are never overwritten.
func MakeKeys(dir, node string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	signer, verifier, err := note.GenerateKey(rand.Reader, "sarhad/"+node)
	if err != nil {
		return err
	}
	clearance := make([]byte, 32)
	if _, err := rand.Read(clearance); err != nil {
		return err
	}
	for name, text := range map[string]string{logKeyFile: signer, logPublicFile: verifier, clearanceFile: hex.EncodeToString(clearance)} {
		f, err := os.OpenFile(filepath.Join(dir, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, os.ErrExist) {
			return record.Errorf(record.Conflict, "%s is there already: this directory belongs to a node; choose an empty one", filepath.Join(dir, name))
		}
		if err != nil {
			return err
		}
		_, err = f.WriteString(text + "\n")
		if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
			return err
		}
	}
	return nil
}

// LoadKeys reads them.
func LoadKeys(dir string) (*Keys, error) {
	read := func(name string) (string, error) {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if errors.Is(err, os.ErrNotExist) {
			return "", record.Errorf(record.NotFound, "%s is missing: restore it from the backup of the node's keys, or make a new node with 'sarhad init'", filepath.Join(dir, name))
		}
		return strings.TrimSpace(string(b)), err
	}
	k := &Keys{}
	var err error
	if k.signer, err = read(logKeyFile); err != nil {
		return nil, err
	}
	if k.verifier, err = read(logPublicFile); err != nil {
		return nil, err
	}
	text, err := read(clearanceFile)
	if err != nil {
		return nil, err
	}
	if k.Clearance, err = hex.DecodeString(text); err != nil || len(k.Clearance) != 32 {
		return nil, record.Errorf(record.Invalid, "%s is damaged: 64 hexadecimal digits are expected; restore it from the backup", filepath.Join(dir, clearanceFile))
	}
	return k, nil
}

// Log gives what signs and verifies checkpoints.
func (k *Keys) Log() (note.Signer, note.Verifiers, error) {
	signer, err := note.NewSigner(k.signer)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", logKeyFile, err)
	}
	verifier, err := note.NewVerifier(k.verifier)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", logPublicFile, err)
	}
	return signer, note.VerifierList(verifier), nil
}

// exportCheckpoints writes each signed checkpoint into a file of its own. Copied elsewhere they prove what the log was. It
// goes on after the newest that has a file, so that it costs the same however old the log is.
func (a *App) exportCheckpoints(ctx context.Context) error {
	dir := filepath.Join(a.Config.DataDir, checkpointsDir)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	name := func(n int64) string { return filepath.Join(dir, fmt.Sprintf("%s-%08d.txt", a.Store.Incarnation(), n)) }
	last, err := a.Store.LastCheckpoint(ctx)
	if err != nil {
		return err
	}
	after := last.Number
	for ; after > 0; after-- {
		if _, err := os.Stat(name(after)); err == nil {
			break
		}
	}
	for after < last.Number {
		page, err := a.Store.Checkpoints(ctx, after, 1000)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, c := range page {
			if err := writeWhole(name(c.Number), c.Text); err != nil {
				return err
			}
			after = c.Number
		}
	}
	return nil
}

// writeWhole writes a file that is there whole or not at all, however the program ends.
func writeWhole(name string, data []byte) error {
	f, err := os.OpenFile(name+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(name+".new", name)
}

// ReadCheckpoints reads the checkpoints that were written out.
func (a *App) ReadCheckpoints() ([][]byte, error) {
	files, err := filepath.Glob(filepath.Join(a.Config.DataDir, checkpointsDir, "*.txt"))
	if err != nil {
		return nil, err
	}
	var out [][]byte
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}
