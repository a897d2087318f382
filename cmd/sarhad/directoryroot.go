package main

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"filippo.io/age"

	"sarhad/app"
	"sarhad/exchange/directory"
	"sarhad/internal/local"
	"sarhad/record"
	"sarhad/record/privacy"
)

// whoRootCmd is the ceremony of a country's root. It needs no node: best done on a machine that never meets a network.
type whoRootCmd struct {
	Make    rootMakeCmd    `cmd:"" help:"Make the three keys of a country, for three people."`
	Sign    rootSignCmd    `cmd:"" help:"Sign a draft with one of the three keys; says what is signed."`
	Genesis rootGenesisCmd `cmd:"" help:"Draft the statement that begins a directory, of the root files of all countries."`
	Replace rootReplaceCmd `cmd:"" help:"Draft the statement that gives a country a new root."`
}

// rootKeyPrefix begins the text of a root key; the country and the seed in hexadecimal follow.
const rootKeyPrefix = "sarhad-root-key-1"

type rootMakeCmd struct {
	Country string `required:"" help:"Three letters, KAZ."`
	Out     string `required:"" type:"path" help:"Directory for the files; it must be there."`
	Plain   bool   `help:"Without phrases: for trials, or for a safe that is opened by two people."`
}

func (c *rootMakeCmd) Run(e *env) error {
	m := directory.Member{Country: c.Country}
	var phrases []string
	for i := range directory.RootKeys {
		seed := make([]byte, 32)
		if _, err := rand.Read(seed); err != nil {
			return err
		}
		s, err := directory.RootSigner(c.Country, seed)
		if err != nil {
			return err
		}
		text := []byte(rootKeyPrefix + " " + c.Country + " " + hex.EncodeToString(seed) + "\n")
		if !c.Plain {
			phrase, err := privacy.NewPhrase(io.Reader(rand.Reader))
			if err != nil {
				return err
			}
			phrases = append(phrases, phrase)
			if text, err = lock(text, phrase); err != nil {
				return err
			}
		}
		if err := e.write(filepath.Join(c.Out, fmt.Sprintf("%s-root-%d.key", c.Country, i+1)), text); err != nil {
			return err
		}
		m.Roots = append(m.Roots, s.Public())
	}
	public, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	if err := e.write(filepath.Join(c.Out, c.Country+".root"), append(public, '\n')); err != nil {
		return err
	}
	fmt.Fprintf(e.out, rootSteps, c.Country)
	for i, p := range phrases {
		fmt.Fprintf(e.out, "\nPhrase of key %d, shown once, for its person alone:  %s\n", i+1, p)
	}
	return nil
}

// rootSteps is what three people do with their keys. The guide has the same in Russian.
const rootSteps = `The root of %[1]s has three keys. Any two of them speak for the country; one alone cannot.

1. Give %[1]s-root-1.key, -2.key and -3.key to three people of different offices, each on a medium of its own, kept in a safe.
   Nobody holds two. Make a copy of each medium for another safe.
2. Delete the three files from this machine, or destroy its disk. %[1]s.root is public: send it to the other countries.
3. A key that is lost: two others sign a new root (sarhad directory root replace). Two lost at once cannot be replaced by
   the country alone: the members vote it out and in again (sarhad directory members).
4. The keys are needed to begin the directory, to appoint registrar and witness (every two years at the latest), to replace
   a root, and to take a country in or out. They never sign anything else: read what sarhad directory root sign says.
`

// write makes a new file.
func (e *env) write(name string, data []byte) error {
	f, err := e.files.Create(name)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errorsJoin(err, f.Close())
}

func lock(plain []byte, phrase string) ([]byte, error) {
	r, err := age.NewScryptRecipient(phrase)
	if err != nil {
		return nil, err
	}
	r.SetWorkFactor(privacy.WorkFactor)
	var b bytes.Buffer
	w, err := age.Encrypt(&b, r)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(plain); err != nil {
		return nil, err
	}
	err = w.Close()
	return b.Bytes(), err
}

func unlock(sealed []byte, phrase string) ([]byte, error) {
	id, err := age.NewScryptIdentity(strings.TrimSpace(phrase))
	if err != nil {
		return nil, err
	}
	r, err := age.Decrypt(bytes.NewReader(sealed), id)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(r, 1<<10))
}

type rootSignCmd struct {
	Key  []string `required:"" type:"existingfile" help:"One of the three keys; repeat for keys that lie together. Each phrase is read from standard input, one line."`
	File string   `arg:"" type:"existingfile" help:"The draft, or a statement with fewer signatures than it needs."`
}

func (c *rootSignCmd) Run(e *env) error {
	data, err := local.ReadFile(e.files, c.File)
	if err != nil {
		return err
	}
	s, err := directory.Parse(data)
	if err != nil {
		return record.Errorf(record.Invalid, "%s is no statement: %v", c.File, err)
	}
	var signers []*directory.Signer
	phrases := bufio.NewReader(e.in)
	for _, name := range c.Key {
		signer, err := rootKey(e, name, phrases)
		if err != nil {
			return err
		}
		signers = append(signers, signer)
	}
	e.say("You sign with a root key: %s of %s, number %d, made %s UTC:", s.Kind, s.Subject, s.N, s.At.UTC().Format("2006-01-02 15:04"))
	var body bytes.Buffer
	if err := json.Indent(&body, s.Body, "", "  "); err != nil {
		return err
	}
	e.say("%s", body.String())
	return e.draft(directory.Sign(data, signers...))
}

func rootKey(e *env, name string, phrases *bufio.Reader) (*directory.Signer, error) {
	text, err := local.ReadFile(e.files, name)
	if err != nil {
		return nil, err
	}
	if !bytes.HasPrefix(text, []byte(rootKeyPrefix)) {
		phrase, err := phrases.ReadString('\n')
		if err != nil && err != io.EOF {
			return nil, err
		}
		if text, err = unlock(text, phrase); err != nil {
			return nil, record.Errorf(record.Invalid, "this is not the phrase of %s, or the file is no root key", name)
		}
	}
	f := strings.Fields(string(text))
	if len(f) != 3 || f[0] != rootKeyPrefix {
		return nil, record.Errorf(record.Invalid, "%s is no root key", name)
	}
	seed, err := hex.DecodeString(f[2])
	if err != nil {
		return nil, record.Errorf(record.Invalid, "%s is damaged: take its copy from the other safe", name)
	}
	return directory.RootSigner(f[1], seed)
}

type rootGenesisCmd struct {
	Name   string   `required:"" help:"Name of the directory, in small letters."`
	Quorum int      `required:"" help:"Countries that must cosign: more than half, 3 of 5."`
	Root   []string `arg:"" type:"existingfile" help:"The root files (*.root) of all countries."`
}

func (c *rootGenesisCmd) Run(e *env) error {
	g := directory.Genesis{Name: c.Name, Quorum: c.Quorum}
	for _, name := range c.Root {
		m, err := readRoot(e, name)
		if err != nil {
			return err
		}
		g.Countries = append(g.Countries, m)
	}
	return e.draft(directory.DraftGenesis(g, e.now()))
}

func readRoot(e *env, name string) (m directory.Member, err error) {
	data, err := local.ReadFile(e.files, name)
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(data, &m); err != nil || m.Country == "" {
		return m, record.Errorf(record.Invalid, "%s is not the public file of a root (*.root)", name)
	}
	return m, nil
}

type rootReplaceCmd struct {
	dirFlag
	Root string `arg:"" type:"existingfile" help:"The new root file. Two old and two new keys sign the draft."`
}

func (c *rootReplaceCmd) Run(e *env) error {
	m, err := readRoot(e, c.Root)
	if err != nil {
		return err
	}
	return withDirectory(e, c.Dir, "root", func(_ *app.App, d *directory.Directory) error {
		return e.draft(d.DraftRoots(m.Country, directory.Roots{Roots: m.Roots}))
	})
}
