package envelope

import (
	"bytes"
	"path/filepath"
	"testing"

	"sarhad/record"
)

func seedWires(f *testing.F) []vector {
	f.Helper()
	names, err := filepath.Glob("testdata/vectors/*.json")
	if err != nil {
		f.Fatal(err)
	}
	var out []vector
	for _, name := range names {
		out = append(out, readVector(f, name))
	}
	return out
}

// FuzzReadHeader proves that any bytes are either the one form of a header or refused, and never stop the hub.
func FuzzReadHeader(f *testing.F) {
	for _, v := range seedWires(f) {
		f.Add(v.Wire)
	}
	for _, s := range strange {
		if len(s.wire) < 1<<16 {
			f.Add(s.wire)
		}
	}
	f.Fuzz(func(t *testing.T, wire []byte) {
		h, err := ReadHeader(wire)
		if err != nil {
			if record.KindOf(err) != record.Invalid || h != (Header{}) {
				t.Errorf("%v %v", h, err)
			}
			return
		}
		o, err := readOutside(wire)
		if err != nil {
			t.Fatal(err)
		}
		if again := marshal(outside{head: makeHead(h, o.Suite), Sealed: o.Sealed}); !bytes.Equal(again, wire) {
			t.Error("two forms of one header")
		}
	})
}

// FuzzOpen proves that any bytes under a good header are refused or told whole.
func FuzzOpen(f *testing.F) {
	vectors := seedWires(f)
	for _, v := range vectors {
		f.Add(v.Wire)
		f.Add(v.Kept)
	}
	ordinary := readVector(f, "testdata/vectors/ordinary.json")
	openers, verify := ordinary.openers(f), ordinary.verify(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, c, _, err := Open(ordinary.Self, b, openers, verify); err != nil && c.Body != nil {
			t.Error("told and refused")
		}
		if _, c, _, err := OpenKept(b, openers, verify); err != nil && c.Body != nil {
			t.Error("told and refused")
		}
	})
}

// FuzzContent proves that what a member with a good key may put inside is read in one form or refused.
func FuzzContent(f *testing.F) {
	for _, v := range seedWires(f) {
		if v.Want != nil {
			f.Add(v.Want.Signed)
			f.Add(v.Want.Body)
		}
	}
	trusting := func(string, string, []byte, []byte) error { return nil }
	f.Fuzz(func(t *testing.T, b []byte) {
		if file, err := ParseFile(b); err == nil && !bytes.Equal(file.Marshal(), b) {
			t.Error("two forms of one file key")
		}
		if text, ok := unpad(b, 1024); ok {
			if again, ok := pad(text, 1024); !ok || !bytes.Equal(again, b) {
				t.Error("two paddings of one text")
			}
		}
		h, c, err := ReadSigned(b, trusting)
		if err != nil {
			return
		}
		var whole container
		var s statement
		if unmarshal(b, &whole) != nil || unmarshal(whole.Statement, &s) != nil {
			t.Fatal("read, and not in the form")
		}
		again := makeStatement(c, makeHead(h, s.Suite), nil)
		again.Signers = s.Signers
		if !bytes.Equal(marshal(again), whole.Statement) {
			t.Error("two forms of one content")
		}
	})
}
