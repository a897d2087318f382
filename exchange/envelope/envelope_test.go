package envelope

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"sarhad/record"
)

func TestSmoke(t *testing.T) {
	k, err := NewOpenKey()
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewSignKey(zeros{})
	if err != nil {
		t.Fatal(err)
	}
	c := Content{From: "a", To: "b", Lane: record.Flash, ID: record.ID{6: 0x40, 8: 0x80, 9: 1}, Seq: 3, Incarnation: "x", Kind: "edition", Sent: time.UnixMilli(1790000000123).UTC(), Body: []byte("hello")}
	w, err := Seal(c, time.Time{}, []Signer{s}, k.Public())
	if err != nil {
		t.Fatal(err)
	}
	h, got, signed, err := Open("b", w, []Opener{k}, Standard().Verify(func(string) ([]VerifyKey, error) { return []VerifyKey{s.Public()}, nil }))
	if err != nil {
		t.Fatal(err)
	}
	t.Log(h, len(w), len(signed))
	if d := cmp.Diff(c, got); d != "" {
		t.Fatal(d)
	}
}
