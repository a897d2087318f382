package privacy

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"filippo.io/age"

	"sarhad/record"
)

// Bodies that hold a key.
const (
	Unit      = "unit"
	Oversight = "oversight"
)

// WorkFactor is the scrypt work factor of the phrases, log2: some 50 ms. Phrases are not chosen but made of 24 random signs,
// which nobody guesses however fast they try.
const WorkFactor = 14

// unmaskedDir holds the keys of opened unmaskings, one file each.
const unmaskedDir = "unmasked"

// Keys open and seal masked identities. The secret halves lie in files, each wrapped with a phrase that one body holds; the
// program itself can only seal.
type Keys struct {
	Dir  string // keys directory of the node
	Work int    // scrypt work factor of new files; 0 = WorkFactor

	unit, oversight age.Recipient
	opening         sync.Mutex // one phrase at a time: each takes 256 MB for a second
}

// Phrases open the two keys. Each is told to its body once and kept nowhere.
type Phrases struct{ Unit, Oversight string }

func secretFile(dir, body string) string { return filepath.Join(dir, body+".age") }
func publicFile(dir, body string) string { return filepath.Join(dir, body+".pub") }

// phraseSigns leaves out what is mistaken on paper; 6 groups of 4 are 114 bits.
const phraseSigns = "abcdefghjkmnpqrtwxyz2346789"

// NewPhrase makes a phrase of six groups of four signs.
func NewPhrase(random io.Reader) (string, error) {
	var b strings.Builder
	buf := make([]byte, 1)
	for n := 0; n < 24; {
		if _, err := io.ReadFull(random, buf); err != nil {
			return "", fmt.Errorf("no randomness for a phrase: %w", err)
		}
		if int(buf[0]) >= 256/len(phraseSigns)*len(phraseSigns) {
			continue
		}
		if n > 0 && n%4 == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(phraseSigns[int(buf[0])%len(phraseSigns)])
		n++
	}
	return b.String(), nil
}

// LoadKeys reads what seals. Keys that were never made are no error: Ready tells, and masking waits.
func LoadKeys(dir string) (*Keys, error) {
	k := &Keys{Dir: dir}
	for body, to := range map[string]*age.Recipient{Unit: &k.unit, Oversight: &k.oversight} {
		b, err := os.ReadFile(publicFile(dir, body))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		r, err := age.ParseHybridRecipient(strings.TrimSpace(string(b)))
		if err != nil {
			return nil, &record.Error{Kind: record.Invalid, Err: err, Message: publicFile(dir, body) + " is damaged: restore it from the backup of the node's keys"}
		}
		*to = r
	}
	return k, nil
}

// Ready reports whether both keys are there.
func (k *Keys) Ready() bool { return k != nil && k.unit != nil && k.oversight != nil }

// NewKeys makes the keys of both bodies in the directory, each wrapped with its phrase. Existing ones are never overwritten.
func NewKeys(dir string, p Phrases, work int) (_ *Keys, err error) {
	defer record.Wrap(&err, "privacy.NewKeys")
	if work == 0 {
		work = WorkFactor
	}
	if p.Unit == "" || p.Oversight == "" || p.Unit == p.Oversight {
		return nil, record.Errorf(record.Invalid, "unit and oversight need a phrase each, and not the same one")
	}
	for _, body := range []string{Unit, Oversight} {
		for _, name := range []string{secretFile(dir, body), publicFile(dir, body)} {
			if _, err := os.Stat(name); !errors.Is(err, fs.ErrNotExist) {
				return nil, record.Errorf(record.Conflict, "%s is there already: what is sealed with it could never be opened again, so it is not replaced", name)
			}
		}
	}
	for body, phrase := range map[string]string{Unit: p.Unit, Oversight: p.Oversight} {
		id, err := age.GenerateHybridIdentity()
		if err != nil {
			return nil, err
		}
		lock, err := age.NewScryptRecipient(phrase)
		if err != nil {
			return nil, err
		}
		lock.SetWorkFactor(work)
		wrapped, err := encrypt([]byte(id.String()), lock)
		if err != nil {
			return nil, err
		}
		// The secret half first: a public key without it would seal for ever.
		if err := writeNew(secretFile(dir, body), wrapped); err != nil {
			return nil, err
		}
		if err := writeNew(publicFile(dir, body), []byte(id.Recipient().String()+"\n")); err != nil {
			return nil, err
		}
	}
	return LoadKeys(dir)
}

func writeNew(name string, data []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Sync(), f.Close())
}

// Seal encrypts to both bodies: to oversight, and that to the unit. So the unit agrees first and sees nothing by it, and
// oversight opens what the unit released.
func (k *Keys) Seal(plain []byte) ([]byte, error) {
	if !k.Ready() {
		return nil, record.Errorf(record.Unavailable, "nothing can be masked before the keys of unit and oversight are made: run 'sarhad node keys make'")
	}
	inner, err := encrypt(plain, k.oversight)
	if err != nil {
		return nil, err
	}
	return encrypt(inner, k.unit)
}

// peel takes the layer of one body off, with its phrase.
func (k *Keys) peel(body, phrase string, box []byte) ([]byte, error) {
	k.opening.Lock()
	defer k.opening.Unlock()
	wrapped, err := os.ReadFile(secretFile(k.Dir, body))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, record.Errorf(record.Unavailable, "the key of %s is not on this machine: bring keys/%s.age back from where it is kept", body, body)
	}
	if err != nil {
		return nil, err
	}
	lock, err := age.NewScryptIdentity(strings.TrimSpace(phrase))
	if err != nil {
		return nil, wrongPhrase(body)
	}
	secret, err := decrypt(wrapped, lock)
	if err != nil {
		return nil, wrongPhrase(body)
	}
	id, err := age.ParseHybridIdentity(strings.TrimSpace(string(secret)))
	if err != nil {
		return nil, fmt.Errorf("key of %s: damaged", body)
	}
	return decrypt(box, id)
}

func wrongPhrase(body string) error {
	return record.Errorf(record.Invalid, "this is not the phrase of the %s key; the attempt is in the log", body)
}

func encrypt(plain []byte, to age.Recipient) ([]byte, error) {
	var out bytes.Buffer
	w, err := age.Encrypt(&out, to)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(plain); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func decrypt(box []byte, with age.Identity) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(box), with)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// lend makes a key for one opened unmasking and encrypts to it.
func (k *Keys) lend(id record.ID, plain []byte) ([]byte, error) {
	key, err := age.GenerateHybridIdentity()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Join(k.Dir, unmaskedDir), 0o700); err != nil {
		return nil, err
	}
	if err := writeNew(k.lentFile(id), []byte(key.String()+"\n")); err != nil {
		return nil, err
	}
	return encrypt(plain, key.Recipient())
}

func (k *Keys) lentFile(id record.ID) string { return filepath.Join(k.Dir, unmaskedDir, id.String()) }

// borrow decrypts what was lent.
func (k *Keys) borrow(id record.ID, box []byte) ([]byte, error) {
	b, err := os.ReadFile(k.lentFile(id))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, record.Errorf(record.Conflict, "the 24 hours are over: ask again if the case still needs it")
	}
	if err != nil {
		return nil, err
	}
	key, err := age.ParseHybridIdentity(strings.TrimSpace(string(b)))
	if err != nil {
		return nil, fmt.Errorf("key of unmasking %s: damaged", id)
	}
	return decrypt(box, key)
}

// takeBack deletes the key of an unmasking, overwriting it first.
func (k *Keys) takeBack(id record.ID) error {
	name := k.lentFile(id)
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil {
		_, err = f.Write(make([]byte, info.Size()))
	}
	return errors.Join(err, f.Sync(), f.Close(), os.Remove(name))
}

// lent lists the unmaskings that still have a key file.
func (k *Keys) lent() (out []record.ID, err error) {
	files, err := os.ReadDir(filepath.Join(k.Dir, unmaskedDir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, f := range files {
		if id, err := record.ParseID(f.Name()); err == nil {
			out = append(out, id)
		}
	}
	return out, err
}
