package backup

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"filippo.io/age"
	"filippo.io/age/armor"

	"sarhad/record"
)

// NewRecovery makes a recovery key: the secret, which is printed once and kept off the machine, and the recipient, which stays.
// It is a hybrid of ML-KEM-768 and X25519: what is copied today is to stay closed for as long as people live.
func NewRecovery() (secret, recipient string, err error) {
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		return "", "", err
	}
	return id.String(), id.Recipient().String(), nil
}

// ParseRecipient reads a recovery recipient: one line "age1...".
func ParseRecipient(text string) (age.Recipient, error) {
	list, err := age.ParseRecipients(strings.NewReader(text))
	if err != nil || len(list) != 1 {
		return nil, &record.Error{Kind: record.Invalid, Err: err, Message: "the recovery key of this node is damaged: one line that begins with age1 is expected in keys/recovery.pub"}
	}
	return list[0], nil
}

// identityBegins is how a recovery key begins.
const identityBegins = "AGE-SECRET-KEY-"

// ParseIdentity reads the secret half as it was printed. Whatever stands before it, and behind an empty line, is passed over:
// people keep the whole page. Spaces and line ends within the key, as people type from paper, are taken out.
func ParseIdentity(text string) (age.Identity, error) {
	text = strings.ToUpper(strings.ReplaceAll(text, "\r", ""))
	at := strings.Index(text, identityBegins)
	key, _, _ := strings.Cut(text[max(at, 0):], "\n\n")
	list, err := age.ParseIdentities(strings.NewReader(strings.Join(strings.Fields(key), "")))
	if at < 0 || err != nil || len(list) != 1 {
		// The reason may hold the secret: it is not told.
		return nil, record.Errorf(record.Invalid, "this is no recovery key: one line that begins with %s is expected, as it was printed; a mistyped letter is noticed here", identityBegins)
	}
	return list[0], nil
}

func isNoMatch(err error) bool {
	var none *age.NoIdentityMatchError
	return errors.As(err, &none)
}

// Words makes n words of five letters from random bytes, 16 bits each: proquints (arXiv:0901.4016). They can be read out on
// the telephone in any language and typed on any keyboard with Latin letters.
func Words(random io.Reader, n int) (string, error) {
	const consonants, vowels = "bdfghjklmnprstvz", "aiou"
	raw := make([]byte, 2*n)
	if _, err := io.ReadFull(random, raw); err != nil {
		return "", err
	}
	words := make([]string, n)
	for i := range words {
		x := uint16(raw[2*i])<<8 | uint16(raw[2*i+1])
		words[i] = string([]byte{consonants[x>>12], vowels[x>>10&3], consonants[x>>6&15], vowels[x>>4&3], consonants[x&15]})
	}
	return strings.Join(words, " "), nil
}

const (
	// KeyWords protect exported keys: 128 bits.
	KeyWords = 8
	// WordsWork is the work factor of scrypt, as a power of two. The words are random and of 128 bits, so that it need not
	// slow a guesser down much; 2^15 takes a tenth of a second.
	WordsWork = 15
)

// Keys are the files of a node's keys directory.
type Keys struct {
	Format int               `json:"format"` // 1
	Node   string            `json:"node"`
	At     time.Time         `json:"at"`
	Files  map[string][]byte `json:"files"` // by name
}

// ReadKeys reads a keys directory; all regular files of it, whoever they belong to.
func ReadKeys(dir, node string, at time.Time) (*Keys, error) {
	k := &Keys{Format: 1, Node: node, At: at.UTC().Truncate(time.Second), Files: map[string][]byte{}}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if !e.Type().IsRegular() || strings.HasSuffix(e.Name(), newExt) {
			continue
		}
		if k.Files[e.Name()], err = os.ReadFile(filepath.Join(dir, e.Name())); err != nil {
			return nil, err
		}
	}
	return k, nil
}

// Seal encrypts keys to words or to a recipient, as text that may be printed or sent.
func (k *Keys) Seal(to age.Recipient) ([]byte, error) {
	text, err := json.Marshal(k)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	a := armor.NewWriter(&out)
	w, err := age.Encrypt(a, to)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(text); err != nil {
		return nil, err
	}
	err = errors.Join(w.Close(), a.Close())
	return out.Bytes(), err
}

// ForWords is the recipient that words open.
func ForWords(words string) (age.Recipient, error) {
	r, err := age.NewScryptRecipient(ReadWords(words))
	if err != nil {
		return nil, err
	}
	r.SetWorkFactor(WordsWork)
	return r, nil
}

// word is a proquint.
var word = regexp.MustCompile(`^[bdfghjklmnprstvz][aiou][bdfghjklmnprstvz][aiou][bdfghjklmnprstvz]$`)

// ReadWords takes out what people change when they type words from paper. Of a whole page it takes the lines that are words
// and nothing else.
func ReadWords(text string) string {
	var out []string
	for line := range strings.Lines(strings.ToLower(text)) {
		f := strings.Fields(line)
		if !slices.ContainsFunc(f, func(w string) bool { return !word.MatchString(w) }) {
			out = append(out, f...)
		}
	}
	return strings.Join(out, " ")
}

// NeedsWords reports whether exported keys are opened by words, and not by the recovery key.
func NeedsWords(sealed []byte) bool {
	head, err := age.ExtractHeader(armor.NewReader(bytes.NewReader(sealed)))
	return err == nil && bytes.Contains(head, []byte("\n-> scrypt "))
}

// OpenKeys opens exported keys with words or, when there are none, with the recovery key.
func OpenKeys(sealed []byte, words string, recovery age.Identity) (*Keys, error) {
	with, wrong := recovery, "this is not the recovery key that the node's keys were exported to"
	if NeedsWords(sealed) {
		id, err := age.NewScryptIdentity(ReadWords(words))
		if err != nil { // there are none
			return nil, record.Errorf(record.Invalid, "the node's keys are closed with words: give the words that were printed when they were exported")
		}
		with, wrong = id, "these are not the words of the node's keys: type them as they were printed, in their order"
	}
	if with == nil {
		return nil, record.Errorf(record.Invalid, "the node's keys were exported to the recovery key: give it with --identity")
	}
	r, err := age.Decrypt(armor.NewReader(bytes.NewReader(sealed)), with)
	if isNoMatch(err) {
		return nil, &record.Error{Kind: record.Forbidden, Err: err, Message: wrong}
	}
	if err != nil {
		return nil, &record.Error{Kind: record.Invalid, Err: err, Message: "this is no file of a node's keys, or it is damaged: take the one that 'sarhad node keys export' wrote"}
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, &record.Error{Kind: record.Invalid, Err: err, Message: "the file of the node's keys is damaged: take another copy of it"}
	}
	k := &Keys{}
	if err := json.Unmarshal(text, k); err != nil || k.Format != 1 || len(k.Files) == 0 {
		return nil, &record.Error{Kind: record.Invalid, Err: err, Message: "the file of the node's keys was written by another version: use the program that wrote it"}
	}
	return k, nil
}

// Write puts the keys into a directory that has none.
func (k *Keys) Write(dir string) error {
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return record.Errorf(record.Conflict, "%s has keys already: nothing is overwritten; move them away first if they are the wrong ones", dir)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for name, data := range k.Files {
		if name != filepath.Base(name) || !filepath.IsLocal(name) {
			return record.Errorf(record.Invalid, "the file of keys names %q, which is no plain file name: it was not written by this program", name)
		}
		if err := writeWhole(filepath.Join(dir, name), data); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	syncDir(dir)
	return nil
}
