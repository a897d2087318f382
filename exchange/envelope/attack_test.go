package envelope

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	"sarhad/record"
)

// One test for each attack, named for who does what.

// unplugged is a key device that is not there.
type unplugged struct{ OpenKey }

func (unplugged) Open(io.Reader) (io.Reader, error) {
	return nil, record.Errorf(record.Unavailable, "the key device is not plugged in")
}

// TestHubFlipsABit proves that no byte of a wire can be changed, outside or inside.
func TestHubFlipsABit(t *testing.T) {
	from, to := newParty(t, "uz-hq"), newParty(t, "kz-knb")
	wire := mustSeal(t, letter(from, to), to, from.sign)
	for i := range wire {
		bad := slices.Clone(wire)
		bad[i] ^= 1 << (i % 8)
		if _, _, _, err := Open(to.name, bad, []Opener{to.open}, verifying(from)); record.KindOf(err) != record.Invalid {
			t.Fatalf("byte %d of %d changed: %v", i, len(wire), err)
		}
	}
}

// TestHubCuts proves that no beginning of a wire is taken for a message.
func TestHubCuts(t *testing.T) {
	from, to := newParty(t, "uz-hq"), newParty(t, "kz-knb")
	wire := mustSeal(t, letter(from, to), to, from.sign)
	for n := range wire {
		if _, _, _, err := Open(to.name, wire[:n], []Opener{to.open}, verifying(from)); !errors.Is(err, ErrForm) {
			t.Fatalf("%d bytes of %d: %v", n, len(wire), err)
		}
	}
}

// TestHubChangesTheHeader proves that each field outside is held against what was signed.
func TestHubChangesTheHeader(t *testing.T) {
	from, to := newParty(t, "uz-hq"), newParty(t, "kz-knb")
	s := statementOf(letter(from, to), from.sign)
	signed := signedOf(t, s, from.sign)
	edits := map[string]func(*head){
		"lane":  func(h *head) { h.Lane = "bulk" },
		"size":  func(h *head) { h.Size = 4096 },
		"id":    func(h *head) { id := newID(9); h.ID = id[:] }, // replayed under another id
		"until": func(h *head) { h.Until++ },
	}
	for name, edit := range edits {
		outer := s.head
		edit(&outer)
		mustRefuse(t, ErrMismatch, to, wireOf(t, outer, signed, to.open.Public()), verifying(from))
		if t.Failed() {
			t.Fatal(name)
		}
	}
	// The same with the header of one message before the ciphertext of another, as a hub without any key can do it.
	second := letter(from, to)
	second.ID, second.Lane = newID(8), record.Flash
	var one, two outside
	for o, wire := range map[*outside][]byte{&one: mustSeal(t, letter(from, to), to, from.sign), &two: mustSeal(t, second, to, from.sign)} {
		if err := unmarshal(wire, o); err != nil {
			t.Fatal(err)
		}
	}
	mustRefuse(t, ErrMismatch, to, marshal(outside{head: one.head, Sealed: two.Sealed}), verifying(from))
	// The suite outside leads to an opener that makes nothing of it.
	one.Suite = "kuznyechik"
	mustRefuse(t, ErrSuite, to, marshal(one), verifying(from))
}

// TestHubDeliversToAnother proves that a message is not opened by a node it is not addressed to, even one that could.
func TestHubDeliversToAnother(t *testing.T) {
	from, to, other := newParty(t, "uz-hq"), newParty(t, "kz-knb"), newParty(t, "tj-border")
	wire := mustSeal(t, letter(from, to), other, from.sign)
	mustRefuse(t, ErrNotOurs, other, wire, verifying(from))
	mustRefuse(t, ErrNotOurs, party{"", other.sign, other.open}, wire, verifying(from))
}

// TestAddresseeSendsOnWhatWasSignedForIt proves that who got a signed message cannot pass it to a third as if it had been
// said to them.
func TestAddresseeSendsOnWhatWasSignedForIt(t *testing.T) {
	from, to, third := newParty(t, "uz-hq"), newParty(t, "kz-knb"), newParty(t, "tj-border")
	_, _, signed, err := Open(to.name, mustSeal(t, letter(from, to), to, from.sign), []Opener{to.open}, verifying(from))
	if err != nil {
		t.Fatal(err)
	}
	outer := statementOf(letter(from, third), from.sign).head
	mustRefuse(t, ErrMismatch, third, wireOf(t, outer, signed, third.open.Public()), verifying(from))
}

// TestSenderIsAnother proves that nobody speaks in the name of another.
func TestSenderIsAnother(t *testing.T) {
	from, to, liar := newParty(t, "uz-hq"), newParty(t, "kz-knb"), newParty(t, "tm-liar")
	mustRefuse(t, ErrSignature, to, mustSeal(t, letter(from, to), to, liar.sign), verifying(from, liar))
	// Not in the directory at all.
	mustRefuse(t, ErrSignature, to, mustSeal(t, letter(liar, to), to, liar.sign), verifying(from))
	// Nobody can verify at all.
	mustRefuse(t, ErrSignature, to, mustSeal(t, letter(from, to), to, from.sign), nil)
}

// TestKeyIsExpiredOrRevoked proves that what the directory says of a key decides, in its words.
func TestKeyIsExpiredOrRevoked(t *testing.T) {
	from, to := newParty(t, "uz-hq"), newParty(t, "kz-knb")
	wire := mustSeal(t, letter(from, to), to, from.sign)
	for _, says := range []error{
		record.Errorf(record.Forbidden, "the key of uz-hq was revoked on 3 March"),
		record.Errorf(record.Invalid, "the key of uz-hq expired on 1 March"),
	} {
		verify := Standard().Verify(func(string) ([]VerifyKey, error) { return nil, says })
		mustRefuse(t, ErrSignature, to, wire, verify)
		if _, _, _, err := Open(to.name, wire, []Opener{to.open}, verify); !bytes.Contains([]byte(record.MessageOf(err)), []byte(says.Error())) {
			t.Errorf("the officer is told %q", record.MessageOf(err))
		}
	}
	// No key left that counts.
	mustRefuse(t, ErrSignature, to, wire, Standard().Verify(func(string) ([]VerifyKey, error) { return nil, nil }))
}

// TestOneOfTwoSignaturesIsBad proves that a good signature does not cover for a bad one.
func TestOneOfTwoSignaturesIsBad(t *testing.T) {
	from, to, liar := newParty(t, "uz-hq"), newParty(t, "kz-knb"), newParty(t, "tm-liar")
	for _, signers := range [][]Signer{{from.sign, liar.sign}, {liar.sign, from.sign}} {
		mustRefuse(t, ErrSignature, to, mustSeal(t, letter(from, to), to, signers...), verifying(from))
	}
	// Bad in a suite that the addressee knows and the thief of the other key does not.
	suites := Standard()
	suites["mldsa65"] = func([]byte, []byte, []byte) bool { return false }
	strict := suites.Verify(func(string) ([]VerifyKey, error) {
		return []VerifyKey{from.sign.Public(), {Suite: "mldsa65", Key: []byte("k")}}, nil
	})
	mustRefuse(t, ErrSignature, to, mustSeal(t, letter(from, to), to, from.sign, longSigner{"mldsa65", 100}), strict)
}

// TestSignatureIsTakenOff proves that which signatures there are is signed: none can be taken off, added or swapped.
func TestSignatureIsTakenOff(t *testing.T) {
	from, to := newParty(t, "uz-hq"), newParty(t, "kz-knb")
	pq := longSigner{"mldsa65", 100}
	s := statementOf(letter(from, to), from.sign, pq)
	var c container
	if err := unmarshal(signedOf(t, s, from.sign, pq), &c); err != nil {
		t.Fatal(err)
	}
	both := c.Signatures
	for name, signatures := range map[string][][]byte{"one off": both[:1], "all off": {}, "one more": append(slices.Clone(both), both[0]), "swapped": {both[1], both[0]}} {
		c.Signatures = signatures
		mustRefuse(t, ErrSignature, to, wireOf(t, s.head, marshal(c), to.open.Public()), verifying(from))
		if t.Failed() {
			t.Fatal(name)
		}
	}
	// The list of suites shortened along with it is another statement.
	s.Signers = s.Signers[:1]
	mustRefuse(t, ErrSignature, to, wireOf(t, s.head, marshal(container{Statement: marshal(s), Signatures: both[:1]}), to.open.Public()), verifying(from))
}

// TestSignedInNoWayWeKnow proves that signatures of unknown suites alone are none.
func TestSignedInNoWayWeKnow(t *testing.T) {
	from, to := newParty(t, "uz-hq"), newParty(t, "kz-knb")
	mustRefuse(t, ErrSuite, to, mustSeal(t, letter(from, to), to, longSigner{"mldsa65", 100}), verifying(from))
	s := statementOf(letter(from, to))
	mustRefuse(t, ErrForm, to, wireOf(t, s.head, signedOf(t, s), to.open.Public()), verifying(from))
}

// TestSignatureMadeForSomethingElse proves that the domain is signed: a statement without it, or under another, is nothing.
func TestSignatureMadeForSomethingElse(t *testing.T) {
	from, to := newParty(t, "uz-hq"), newParty(t, "kz-knb")
	s := statementOf(letter(from, to), from.sign)
	for _, domain := range []string{"", "sarhad directory 1\n", "sarhad envelope 2\n"} {
		signature, err := from.sign.Sign(append([]byte(domain), marshal(s)...))
		if err != nil {
			t.Fatal(err)
		}
		signed := marshal(container{Statement: marshal(s), Signatures: [][]byte{signature}})
		mustRefuse(t, ErrSignature, to, wireOf(t, s.head, signed, to.open.Public()), verifying(from))
	}
}

// TestSizeClassIsALie proves that a class is what it says, and padding is zeros: neither can carry anything.
func TestSizeClassIsALie(t *testing.T) {
	from, to := newParty(t, "uz-hq"), newParty(t, "kz-knb")
	s := statementOf(letter(from, to), from.sign)
	signed := signedOf(t, s, from.sign)
	padded, _ := pad(signed, 1024)
	with := func(edit func(b []byte) []byte) []byte {
		return wireOfPadded(t, s.head, edit(slices.Clone(padded)), to.open.Public())
	}
	for name, edit := range map[string]func(b []byte) []byte{
		"one byte more":       func(b []byte) []byte { return append(b, 0) },
		"more than one class": func(b []byte) []byte { return append(b, make([]byte, 3072)...) },
		"one byte less":       func(b []byte) []byte { return b[:len(b)-1] },
		"padding with a word": func(b []byte) []byte { b[len(b)-1] = 'x'; return b },
		"length beyond":       func(b []byte) []byte { b[0] = 0xff; return b },
		"length one too long": func(b []byte) []byte { b[2], b[3] = 0x05, 0xfd; return b },
	} {
		mustRefuse(t, ErrDamaged, to, with(edit), verifying(from))
		if t.Failed() {
			t.Fatal(name)
		}
	}
	// Seen by the hub already.
	for name, sealed := range map[string][]byte{"empty": {}, "short": make([]byte, 1024+Room-1), "long": make([]byte, 1024+Room+17*kb)} {
		if _, err := ReadHeader(marshal(outside{head: s.head, Sealed: sealed})); !errors.Is(err, ErrForm) {
			t.Errorf("%s: %v", name, err)
		}
	}
	s.Size = 2000
	if _, err := ReadHeader(marshal(outside{head: s.head, Sealed: make([]byte, 3000)})); !errors.Is(err, ErrForm) {
		t.Error("a class that does not exist")
	}
}

// TestSuiteThatNeverEnds proves that nobody fills the memory of an addressee from inside a small envelope.
func TestSuiteThatNeverEnds(t *testing.T) {
	from, to := newParty(t, "uz-hq"), newParty(t, "kz-knb")
	wire, err := Seal(letter(from, to), sent, []Signer{from.sign}, clearSuite{"endless"})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := Open(to.name, wire, []Opener{endless{}}, verifying(from)); !errors.Is(err, ErrDamaged) {
		t.Error(err)
	}
	archived, err := Reseal(signedOf(t, statementOf(letter(from, to), from.sign), from.sign), clearSuite{"endless"})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := OpenKept(archived, []Opener{endless{}}, verifying(from)); !errors.Is(err, ErrForm) {
		t.Error(err)
	}
}

type endless struct{}

func (endless) Suite() string                     { return "endless" }
func (endless) Open(io.Reader) (io.Reader, error) { return zeros{}, nil }

// TestKeyOfAnotherSuiteSigns proves that a key counts in its own suite only, even if it would fit.
func TestKeyOfAnotherSuiteSigns(t *testing.T) {
	from, to := newParty(t, "uz-hq"), newParty(t, "kz-knb")
	verify := Standard().Verify(func(string) ([]VerifyKey, error) {
		return []VerifyKey{{Suite: "gost3410", Key: from.sign.Public().Key}}, nil
	})
	mustRefuse(t, ErrSignature, to, mustSeal(t, letter(from, to), to, from.sign), verify)
}

// TestAfterItsTime proves that time is not the envelope's business: what is late opens, and the relay and the hub, which have a
// clock, decide.
func TestAfterItsTime(t *testing.T) {
	from, to := newParty(t, "uz-hq"), newParty(t, "kz-knb")
	wire, err := Seal(letter(from, to), time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC), []Signer{from.sign}, to.open.Public())
	if err != nil {
		t.Fatal(err)
	}
	if h, _, _, err := Open(to.name, wire, []Opener{to.open}, verifying(from)); err != nil || h.Until.Year() != 1980 {
		t.Errorf("%v %v", h, err)
	}
}
