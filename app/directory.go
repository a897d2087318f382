package app

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"sarhad/exchange/directory"
	"sarhad/exchange/directory/nodekeys"
	"sarhad/record"
)

const (
	registrarKeyFile = "registrar.key" // signs statements about the country's parties; 32 bytes, hexadecimal
	witnessKeyFile   = "witness.key"   // cosigns checkpoints of the directory; the same
	directoryFile    = "directory.txt" // readable without any program
)

// register is the directory of the network as this node holds it, opened when it is first asked for.
type register struct {
	mu      sync.Mutex
	dir     *directory.Directory
	witness *directory.Witness                  // one for the life of the node: it does one thing at a time
	submit  func(context.Context, []byte) error // hands a statement to the node that keeps the log; nil = this one
}

// Directory is who is who in the network. It is opened once; whatever counts anew is written into directory.txt too.
func (a *App) Directory(ctx context.Context) (*directory.Directory, error) {
	a.who.mu.Lock()
	defer a.who.mu.Unlock()
	if a.who.dir != nil {
		return a.who.dir, nil
	}
	d, err := directory.Open(ctx, a.Store, a.opt.Now)
	if err != nil {
		return nil, err
	}
	if !a.opt.ReadOnly {
		d.OnChange(func() {
			if err := a.writeDirectory(d); err != nil {
				a.opt.Log.Error("directory: the text file could not be written", "err", err)
			}
		})
	}
	a.who.dir = d
	if _, err := os.Stat(filepath.Join(a.Config.DataDir, directoryFile)); errors.Is(err, fs.ErrNotExist) && d.Name() != "" && !a.opt.ReadOnly {
		return d, a.writeDirectory(d) // a restored node
	}
	return d, nil
}

func (a *App) writeDirectory(d *directory.Directory) error {
	var b bytes.Buffer
	if err := d.WriteText(&b, a.Config.Language, a.opt.Now()); err != nil {
		return err
	}
	return writeWhole(filepath.Join(a.Config.DataDir, directoryFile), b.Bytes())
}

// Reads is which versions of which kinds this program reads, for the node's statement.
func Reads() map[string][]int {
	out := map[string][]int{}
	for _, b := range Types().Each() {
		out[b.Kind()] = append(out[b.Kind()], b.Version())
	}
	return out
}

// NodeKeys are the keys by which this node takes part in the network.
func (a *App) NodeKeys() nodekeys.Set {
	return nodekeys.Set{Dir: filepath.Join(a.Config.DataDir, keysDir), Node: a.Config.Name, Log: a.keys.verifier, Rand: rand.Reader, Now: a.opt.Now}
}

// MakeCountryKeys makes the keys of a country's registrar and witness on this node. They do nothing before two root keys have appointed
// them. Existing ones are never overwritten; told are the public halves.
func (a *App) MakeCountryKeys(ctx context.Context) (registrar, witness string, err error) {
	dir := filepath.Join(a.Config.DataDir, keysDir)
	var missing []string // both, or what a former run did not get to
	for _, name := range []string{registrarKeyFile, witnessKeyFile} {
		if _, err := os.Stat(filepath.Join(dir, name)); errors.Is(err, fs.ErrNotExist) {
			missing = append(missing, name)
		}
	}
	if len(missing) == 0 {
		return "", "", record.Errorf(record.Conflict, "%s is there already: this node is the registrar of %s", filepath.Join(dir, registrarKeyFile), a.Config.Country)
	}
	for _, name := range missing {
		if name == witnessKeyFile { // before the key: a key that the store does not know keeps silent
			if err := directory.NewWitnessKey(ctx, a.Store, a.Config.Country, a.Store.Incarnation()); err != nil {
				return "", "", err
			}
		}
		seed := make([]byte, ed25519.SeedSize)
		if _, err := rand.Read(seed); err != nil {
			return "", "", err
		}
		if err := writeWhole(filepath.Join(dir, name), []byte(hex.EncodeToString(seed)+"\n")); err != nil {
			return "", "", err
		}
	}
	return a.CountryKeys()
}

// CountryKeys tells the public halves of the keys of registrar and witness; NotFound when this node has none.
func (a *App) CountryKeys() (registrar, witness string, err error) {
	r, err := a.countryKey(registrarKeyFile, directory.RegistrarSigner)
	if err != nil {
		return "", "", err
	}
	w, err := a.countryKey(witnessKeyFile, directory.WitnessSigner)
	if err != nil {
		return "", "", err
	}
	return r.Public(), w.Public(), nil
}

func (a *App) countryKey(name string, make func(country string, seed []byte) (*directory.Signer, error)) (*directory.Signer, error) {
	path := filepath.Join(a.Config.DataDir, keysDir, name)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, record.Errorf(record.NotFound, "this node is not the registrar of %s: %s is not there. Make it with sarhad directory keys, and have two root keys appoint it", a.Config.Country, path)
	}
	if err != nil {
		return nil, err
	}
	seed, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, record.Errorf(record.Invalid, "%s is damaged: 64 hexadecimal digits are expected; restore it from the backup of the node's keys", path)
	}
	return make(a.Config.Country, seed)
}

// Registrar is the registrar of the country, when this node is one. What it signs waits here for cosignatures, or goes to the node
// that keeps the log.
func (a *App) Registrar(ctx context.Context) (*directory.Registrar, error) {
	d, err := a.Directory(ctx)
	if err != nil {
		return nil, err
	}
	signer, err := a.countryKey(registrarKeyFile, directory.RegistrarSigner)
	if err != nil {
		return nil, err
	}
	submit := a.who.submit
	if submit == nil {
		submit = d.Propose
	}
	return &directory.Registrar{Country: a.Config.Country, Signer: signer, Directory: d, Now: a.opt.Now, Submit: submit}, nil
}

// Witness cosigns for the country, when this node is its registrar.
func (a *App) Witness(ctx context.Context) (*directory.Witness, error) {
	d, err := a.Directory(ctx)
	if err != nil {
		return nil, err
	}
	signer, err := a.countryKey(witnessKeyFile, directory.WitnessSigner)
	if err != nil {
		return nil, err
	}
	a.who.mu.Lock()
	defer a.who.mu.Unlock()
	if a.who.witness == nil {
		a.who.witness = &directory.Witness{Country: a.Config.Country, Signer: signer, Store: a.Store, Directory: d, Now: a.opt.Now, Incarnation: a.Store.Incarnation()}
	}
	return a.who.witness, nil
}
