package envelope

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sarhad/record"
)

// TestArchiveOutlivesTheTransportKey proves that what was kept is read and verified without the key it came by, against the
// keys of the day it came, and that nobody else reads it.
func TestArchiveOutlivesTheTransportKey(t *testing.T) {
	from, to, archive, other := newParty(t, "uz-hq"), newParty(t, "kz-knb"), newParty(t, "archive"), newParty(t, "other")
	c := letter(from, to)
	_, _, signed, err := Open(to.name, mustSeal(t, c, to, from.sign), []Opener{to.open}, verifying(from))
	if err != nil {
		t.Fatal(err)
	}
	archived, err := Reseal(signed, archive.open.Public())
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(archived, c.Body) || bytes.Contains(archived, []byte(from.name)) {
		t.Error("the archive can be read")
	}
	h, got, again, err := OpenKept(archived, []Opener{other.open, archive.open}, verifying(from))
	if err != nil || !cmp.Equal(got, c) || !bytes.Equal(again, signed) || h.ID != c.ID {
		t.Errorf("%v %v", got, err)
	}
	if _, _, _, err := OpenKept(archived, []Opener{to.open}, verifying(from)); !errors.Is(err, ErrKey) {
		t.Errorf("with the transport key: %v", err)
	}
	// Of the day of today the key is revoked: whoever asks for today is refused.
	revoked := Standard().Verify(func(string) ([]VerifyKey, error) { return nil, record.Errorf(record.Forbidden, "revoked") })
	if _, _, _, err := OpenKept(archived, []Opener{archive.open}, revoked); !errors.Is(err, ErrSignature) {
		t.Errorf("with a revoked key: %v", err)
	}
	if _, _, _, err := OpenKept(archived, []Opener{unplugged{archive.open}}, verifying(from)); record.KindOf(err) != record.Unavailable {
		t.Errorf("without the device: %v", err)
	}
}

// TestArchiveIsChanged proves that no byte of what is kept can be changed, that nothing but signed content is kept, and that
// neither a wire passes for something kept nor the other way round.
func TestArchiveIsChanged(t *testing.T) {
	from, to := newParty(t, "uz-hq"), newParty(t, "kz-knb")
	wire := mustSeal(t, letter(from, to), to, from.sign)
	_, _, signed, err := Open(to.name, wire, []Opener{to.open}, verifying(from))
	if err != nil {
		t.Fatal(err)
	}
	archived, err := Reseal(signed, to.open.Public())
	if err != nil {
		t.Fatal(err)
	}
	for i := range archived {
		bad := bytes.Clone(archived)
		bad[i] ^= 1 << (i % 8)
		if _, c, _, err := OpenKept(bad, []Opener{to.open}, verifying(from)); record.KindOf(err) != record.Invalid || c.Body != nil {
			t.Fatalf("byte %d: %v", i, err)
		}
	}
	for _, bad := range [][]byte{nil, []byte("x"), signed[1:], append(bytes.Clone(signed), 0), archived} {
		if _, err := Reseal(bad, to.open.Public()); !errors.Is(err, ErrForm) {
			t.Errorf("kept: %v", err)
		}
	}
	if _, err := Reseal(signed, nil); record.KindOf(err) != record.Invalid {
		t.Errorf("without a key: %v", err)
	}
	if _, _, _, err := OpenKept(wire, []Opener{to.open}, verifying(from)); !errors.Is(err, ErrForm) {
		t.Errorf("a wire passes for kept: %v", err)
	}
	mustRefuse(t, ErrForm, to, archived, verifying(from))
}
