package envelope

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sarhad/record"
)

const vectorFormat = "sarhad envelope vectors 1"

// vector is one published case. Byte strings are standard base64; times RFC 3339. Exactly one of Wire, Kept and File is set, and
// one of Want and Refused.
type vector struct {
	Format string              `json:"format"`
	Name   string              `json:"name"`
	About  string              `json:"about"`          // what it shows
	Self   string              `json:"self,omitempty"` // node that opens
	Open   []string            `json:"open"`           // its secret keys
	Verify map[string][]string `json:"verify"`         // public keys that count, by node
	Sign   []string            `json:"sign,omitempty"` // secret keys that signed, in their order

	Wire []byte `json:"wire,omitempty"` // as it came
	Kept []byte `json:"kept,omitempty"` // as it lies in the archive
	File []byte `json:"file,omitempty"` // ciphertext of a file; its key is the body of want

	Want    *told  `json:"want,omitempty"`
	Plain   []byte `json:"plain,omitempty"`   // of File
	Refused string `json:"refused,omitempty"` // the reason
}

// told is what is opened.
type told struct {
	To          string    `json:"to"`
	Lane        string    `json:"lane"`
	Size        int       `json:"size"`
	ID          record.ID `json:"id"`
	Until       time.Time `json:"until"`
	From        string    `json:"from"`
	Seq         int64     `json:"seq"`
	Incarnation string    `json:"incarnation"`
	Kind        string    `json:"kind"`
	About       record.ID `json:"about"`
	Sent        time.Time `json:"sent"`
	Body        []byte    `json:"body"`
	Signed      []byte    `json:"signed"` // statement and signatures: the part that has one form only
}

func tell(h Header, c Content, signed []byte) *told {
	return &told{
		To: h.To, Lane: string(h.Lane), Size: int(h.Size), ID: h.ID, Until: h.Until, From: c.From, Seq: c.Seq, Incarnation: c.Incarnation,
		Kind: c.Kind, About: c.About, Sent: c.Sent, Body: c.Body, Signed: signed,
	}
}

// reasons are the names of refusals in vectors.
func reasons() map[string]error {
	return map[string]error{
		"form": ErrForm, "newer": ErrNewer, "not-ours": ErrNotOurs, "suite": ErrSuite, "key": ErrKey, "damaged": ErrDamaged,
		"mismatch": ErrMismatch, "signature": ErrSignature,
	}
}

// TestVectors proves that this program does what the published cases say, today and with every later version.
func TestVectors(t *testing.T) {
	if updating() {
		writeVectors(t)
	}
	names, err := filepath.Glob("testdata/vectors/*.json")
	if err != nil || len(names) < 20 {
		t.Fatalf("%d vectors: %v", len(names), err)
	}
	seen := map[string]bool{}
	for _, name := range names {
		v := readVector(t, name)
		t.Run(v.Name, func(t *testing.T) { v.run(t) })
		seen[v.Refused] = true
	}
	for name := range reasons() {
		if !seen[name] {
			t.Errorf("no vector is refused for %s", name)
		}
	}
}

func readVector(t testing.TB, name string) vector {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var v vector
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil || v.Format != vectorFormat || v.Name+".json" != filepath.Base(name) {
		t.Fatalf("%s: %v", name, err)
	}
	return v
}

func (v vector) openers(t testing.TB) (out []Opener) {
	t.Helper()
	for _, text := range v.Open {
		k, err := ParseOpenKey(text)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, k)
	}
	return out
}

func (v vector) verify(t testing.TB) Verify {
	return Standard().Verify(func(from string) (out []VerifyKey, err error) {
		for _, text := range v.Verify[from] {
			k, err := ParseVerifyKey(text)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, k)
		}
		return out, nil
	})
}

func (v vector) run(t *testing.T) {
	var h Header
	var c Content
	var signed []byte
	var err error
	if v.Kept != nil {
		h, c, signed, err = OpenKept(v.Kept, v.openers(t), v.verify(t))
	} else {
		h, c, signed, err = Open(v.Self, v.Wire, v.openers(t), v.verify(t))
	}
	if v.Refused != "" {
		if reason := reasons()[v.Refused]; reason == nil || !errors.Is(err, reason) {
			t.Fatalf("got %v, want %s", err, v.Refused)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(v.Want, tell(h, c, signed)); diff != "" {
		t.Error(diff)
	}
	v.signAgain(t, c, h)
	if v.File != nil {
		f, err := ParseFile(c.Body)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := OpenFile(&out, bytes.NewReader(v.File), f); err != nil || !bytes.Equal(out.Bytes(), v.Plain) {
			t.Errorf("file: %v", err)
		}
	}
}

// signAgain proves that what is signed comes out the same, byte for byte.
func (v vector) signAgain(t *testing.T, c Content, h Header) {
	var signers []Signer
	for _, text := range v.Sign {
		k, err := ParseSignKey(text)
		if err != nil {
			t.Fatal(err)
		}
		signers = append(signers, k)
	}
	if again := signedOf(t, makeStatement(c, makeHead(h, SealAge), signers), signers...); !bytes.Equal(again, v.Want.Signed) {
		t.Error("what is signed is encoded in another way than it was")
	}
}

// vectorMaker makes the cases; names of nodes are invented, keys are made for them alone.
type vectorMaker struct {
	t             *testing.T
	from, to, tam party
}

// writeVectors writes the cases that are not there. Delete a file to have it made anew: sealing is randomised.
func writeVectors(t *testing.T) {
	if err := os.MkdirAll("testdata/vectors", 0o755); err != nil {
		t.Fatal(err)
	}
	m := vectorMaker{t, newParty(t, "uz-test"), newParty(t, "kz-test"), newParty(t, "tj-test")}
	all := append(m.good(), m.refused()...)
	for _, v := range all {
		name := filepath.Join("testdata/vectors", v.Name+".json")
		if _, err := os.Stat(name); err == nil {
			continue
		}
		b, err := json.MarshalIndent(v, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, append(b, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func (m vectorMaker) vector(name, about string) vector {
	return vector{
		Format: vectorFormat, Name: name, About: about, Self: m.to.name, Open: []string{m.to.open.Secret()},
		Verify: map[string][]string{m.from.name: {m.from.sign.Public().String()}}, Sign: []string{m.from.sign.Secret()},
	}
}

func (m vectorMaker) opened(v vector) vector {
	h, c, signed, err := Open(v.Self, v.Wire, v.openers(m.t), v.verify(m.t))
	if err != nil {
		m.t.Fatal(v.Name, err)
	}
	v.Want = tell(h, c, signed)
	return v
}

func (m vectorMaker) good() []vector {
	c := letter(m.from, m.to)
	ordinary := m.vector("ordinary", "a message of one node to another")
	ordinary.Wire = mustSeal(m.t, c, m.to, m.from.sign)

	least := m.vector("least", "empty body, no number, no record, no life, lane flash")
	least.Wire = mustSeal(m.t, Content{From: m.from.name, To: m.to.name, Lane: record.Flash, ID: newID(3), Kind: "k", Sent: sent, Body: nil}, m.to, m.from.sign)

	full := m.vector("full-class", "a body of exactly 4096 bytes, class 4096, lane bulk")
	full.Wire = mustSeal(m.t, Content{From: m.from.name, To: m.to.name, Lane: record.Bulk, ID: newID(4), Seq: 1<<63 - 1, Incarnation: strings.Repeat("i", 64), Kind: strings.Repeat("k", 64), About: newID(2), Sent: sent, Body: noise(4096)}, m.to, m.from.sign)

	second, err := NewSignKey(bytes.NewReader(bytes.Repeat([]byte{2}, 32)))
	if err != nil {
		m.t.Fatal(err)
	}
	two := m.vector("two-signatures", "signed with the old and the new key of a node; both count")
	two.Sign = append(two.Sign, second.Secret())
	two.Verify[m.from.name] = append(two.Verify[m.from.name], second.Public().String())
	two.Wire = mustSeal(m.t, c, m.to, m.from.sign, second)

	rotated := m.vector("two-openers", "sealed to the former of two keys")
	rotated.Open = []string{m.tam.open.Secret(), m.to.open.Secret()}
	rotated.Wire = mustSeal(m.t, c, m.to, m.from.sign)

	file := m.vector("file", "the key of a file is the body; file is its ciphertext")
	file.Plain = noise(5000)
	f, sealed := sealFile(m.t, file.Plain)
	file.File = sealed
	c.Body = f.Marshal()
	file.Wire = mustSeal(m.t, c, m.to, m.from.sign)

	out := []vector{m.opened(ordinary), m.opened(least), m.opened(full), m.opened(two), m.opened(rotated), m.opened(file)}
	kept := m.opened(ordinary)
	kept.Name, kept.About, kept.Self = "kept", "what came, sealed anew to an archive key", ""
	kept.Open = []string{m.tam.open.Secret()}
	if kept.Kept, err = Reseal(kept.Want.Signed, m.tam.open.Public()); err != nil {
		m.t.Fatal(err)
	}
	kept.Wire = nil
	return append(out, kept)
}

func (m vectorMaker) refused() []vector {
	c := letter(m.from, m.to)
	s := statementOf(c, m.from.sign)
	signed := signedOf(m.t, s, m.from.sign)
	wire := wireOf(m.t, s.head, signed, m.to.open.Public())
	padded, _ := pad(signed, 1024)
	under := func(edit func(*head)) []byte {
		outer := s.head
		edit(&outer)
		return wireOf(m.t, outer, signed, m.to.open.Public())
	}
	edited := func(edit func([]byte) []byte) []byte {
		return wireOfPadded(m.t, s.head, edit(slices.Clone(padded)), m.to.open.Public())
	}
	inside := func(signed []byte) []byte { return wireOf(m.t, s.head, signed, m.to.open.Public()) }
	stripped := func() []byte {
		two := statementOf(c, m.from.sign, m.tam.sign)
		var all container
		if err := unmarshal(signedOf(m.t, two, m.from.sign, m.tam.sign), &all); err != nil {
			m.t.Fatal(err)
		}
		all.Signatures = all.Signatures[:1]
		return inside(marshal(all))
	}
	bare, err := m.from.sign.Sign(marshal(s))
	if err != nil {
		m.t.Fatal(err)
	}
	flipped := slices.Clone(wire)
	flipped[len(flipped)-100] ^= 1
	other := newID(9)
	foreign := statementOf(letter(m.from, m.tam), m.from.sign)
	cases := []struct {
		name, reason, about string
		wire                []byte
	}{
		{"trailing-byte", "form", "a byte behind the array", append(slices.Clone(wire), 0)},
		{"indefinite-length", "form", "the outer array of indefinite length", append(append([]byte{0x9f}, wire[1:]...), 0xff)},
		{"long-length", "form", "the length of the outer array in two bytes instead of one", append([]byte{0x98, 8}, wire[1:]...)},
		{"unknown-class", "form", "a size class of 2000", marshal(outside{head: func() head { h := s.head; h.Size = 2000; return h }(), Sealed: make([]byte, 3000)})},
		{"version-2", "newer", "a later version, whatever follows", []byte{0x83, 2, 0xa0, 0xf6}},
		{"other-node", "not-ours", "addressed to another node", wireOf(m.t, foreign.head, signedOf(m.t, foreign, m.from.sign), m.to.open.Public())},
		{"other-sealing", "suite", "sealed with a suite that is not here", under(func(h *head) { h.Suite = "kuznyechik" })},
		{"other-key", "key", "sealed to a key that is not here", wireOf(m.t, s.head, signed, m.tam.open.Public())},
		{"bit-flipped", "damaged", "one bit of the ciphertext changed", flipped},
		{"padding-not-zero", "damaged", "the last byte of the padding is 1", edited(func(b []byte) []byte { b[len(b)-1] = 1; return b })},
		{"class-lie", "damaged", "a text of class 4096 under class 1024", edited(func(b []byte) []byte { return append(b, make([]byte, 3072)...) })},
		{"other-lane", "mismatch", "another lane outside than was signed", under(func(h *head) { h.Lane = "flash" })},
		{"other-id", "mismatch", "another id outside than was signed: a replay", under(func(h *head) { h.ID = other[:] })},
		{"other-until", "mismatch", "an hour more outside than was signed", under(func(h *head) { h.Until++ })},
		{"readdressed", "mismatch", "signed for another node, sealed and addressed to this one", inside(signedOf(m.t, foreign, m.from.sign))},
		{"other-signer", "signature", "signed by a key that is not the sender's", inside(signedOf(m.t, statementOf(c, m.tam.sign), m.tam.sign))},
		{"one-bad-signature", "signature", "two signatures, the second of a key that does not count", mustSeal(m.t, c, m.to, m.from.sign, m.tam.sign)},
		{"signature-stripped", "signature", "two signatures are announced, one is there", stripped()},
		{"no-domain", "signature", "the statement was signed without the domain", inside(marshal(container{Statement: marshal(s), Signatures: [][]byte{bare}}))},
		{"unknown-signature", "suite", "signed in a suite that is not here, and no other", mustSeal(m.t, c, m.to, longSigner{"mldsa65", 64})},
		{"statement-trailing", "form", "a byte behind the statement, signed with it", inside(func() []byte {
			text := append(marshal(s), 0)
			signature, err := m.from.sign.Sign(message(text))
			if err != nil {
				m.t.Fatal(err)
			}
			return marshal(container{Statement: text, Signatures: [][]byte{signature}})
		}())},
	}
	var out []vector
	for _, one := range cases {
		v := m.vector(one.name, one.about)
		v.Sign, v.Wire, v.Refused = nil, one.wire, one.reason
		out = append(out, v)
	}
	return out
}

// TestVectorsAreDescribed proves that what doc.go says of the form is what the vectors hold: names of reasons, and hashes that
// nobody changed without saying so.
func TestVectorsAreDescribed(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(reasons())) {
		if !bytes.Contains(doc, []byte(name)) {
			t.Errorf("doc.go does not name the reason %s", name)
		}
	}
	names, err := filepath.Glob("testdata/vectors/*.json")
	if err != nil {
		t.Fatal(err)
	}
	var sums strings.Builder
	for _, name := range names {
		v := readVector(t, name)
		sum := sha256.Sum256(slices.Concat(v.Wire, v.Kept, v.File))
		sums.WriteString(v.Name + " " + base64Of(sum[:]) + "\n")
	}
	golden(t, "vectors.golden", []byte(sums.String()))
}
