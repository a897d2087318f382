package envelope

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"sarhad/record"
)

// head1 is the header of a small envelope, byte by byte: what a strange form is made of.
const (
	head1  = "01" + "616b" + "65666c617368" + "190400" + "5000000000000040008000000000000001" + "1a00078c6c" + "6173"
	plain1 = "590600" // 1536 bytes follow: class 1024
)

func small(prefix, header, sealed, tail string) []byte {
	b, err := hex.DecodeString(prefix + header + sealed)
	if err != nil {
		panic(err)
	}
	b = append(append(b, make([]byte, 1536)...), 0)
	end, err := hex.DecodeString(tail)
	if err != nil {
		panic(err)
	}
	return append(b[:len(b)-1], end...)
}

// TestSmallEnvelopeIsGood proves that what the cases below spoil is good before.
func TestSmallEnvelopeIsGood(t *testing.T) {
	h, err := ReadHeader(small("88", head1, plain1, ""))
	if err != nil || h.To != "k" || h.Lane != record.Flash || h.Size != 1024 {
		t.Fatalf("%v %v", h, err)
	}
}

var strange = []struct {
	name string
	wire []byte
	want error
}{
	{"nothing", nil, ErrForm},
	{"one byte", []byte{0x88}, ErrForm},
	{"text", []byte("age-encryption.org/v1"), ErrForm},
	{"a map", []byte{0xa1, 0x01, 0x02}, ErrForm},
	{"a byte behind", small("88", head1, plain1, "00"), ErrForm},
	{"a second envelope behind", append(small("88", head1, plain1, ""), small("88", head1, plain1, "")...), ErrForm},
	{"array of indefinite length", small("9f", head1, plain1, "ff"), ErrForm},
	{"text of indefinite length", small("88", strings.Replace(head1, "616b", "7f616bff", 1), plain1, ""), ErrForm},
	{"bytes of indefinite length", small("88", head1, "5f"+plain1, "ff"), ErrForm},
	{"length of the array too long", small("9808", head1, plain1, ""), ErrForm},
	{"length of bytes too long", small("88", head1, "5a00000600", ""), ErrForm},
	{"version too long", small("88", "18"+head1, plain1, ""), ErrForm},
	{"number too long", small("88", strings.Replace(head1, "190400", "1a00000400", 1), plain1, ""), ErrForm},
	{"a float for a number", small("88", strings.Replace(head1, "190400", "f96400", 1), plain1, ""), ErrForm},
	{"a negative number", small("88", strings.Replace(head1, "190400", "390400", 1), plain1, ""), ErrForm},
	{"a big number", small("88", strings.Replace(head1, "190400", "c2420400", 1), plain1, ""), ErrForm},
	{"null for a text", small("88", strings.Replace(head1, "616b", "f6", 1), plain1, ""), ErrForm},
	{"null for bytes", small("88", strings.Replace(head1, "5000000000000040008000000000000001", "f6", 1), plain1, ""), ErrForm},
	{"undefined", small("88", strings.Replace(head1, "616b", "f7", 1), plain1, ""), ErrForm},
	{"bytes for a text", small("88", strings.Replace(head1, "616b", "416b", 1), plain1, ""), ErrForm},
	{"an array for bytes", small("88", strings.Replace(head1, "5000000000000040008000000000000001", "9000000000000018400018800000000000000001", 1), plain1, ""), ErrForm},
	{"a tag", small("88", "d9d9f7"+head1, plain1, ""), ErrForm},
	{"a tag within", small("88", strings.Replace(head1, "616b", "d820616b", 1), plain1, ""), ErrForm},
	{"text that is no UTF-8", small("88", strings.Replace(head1, "616b", "61ff", 1), plain1, ""), ErrForm},
	{"a map with a key twice", small("88", strings.Replace(head1, "616b", "a2616b01616b02", 1), plain1, ""), ErrForm},
	{"a field too few", small("87", strings.TrimSuffix(head1, "6173"), plain1, ""), ErrForm},
	{"a field too many", small("89", head1, plain1, "00"), ErrForm},
	{"nested deep", bytes.Repeat([]byte{0x81}, 5000), ErrForm},
	{"a length that nobody has", append([]byte{0x88, 0x01, 0x7b}, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), ErrForm},
	{"over-long", append(small("88", head1, plain1, ""), make([]byte, 18<<20)...), ErrForm},
	{"a name with a dot", small("88", strings.Replace(head1, "616b", "636b2e6b", 1), plain1, ""), ErrForm},
	{"a lane in capitals", small("88", strings.Replace(head1, "65666c617368", "65464c415348", 1), plain1, ""), ErrForm},
	{"an id that tells the time", small("88", strings.Replace(head1, "0040008", "0070008", 1), plain1, ""), ErrForm},
	{"an id too short", small("88", strings.Replace(head1, "5000000000000040008000000000000001", "4f000000000000400080000000000000", 1), plain1, ""), ErrForm},
	{"an hour of the year 1971", small("88", strings.Replace(head1, "1a00078c6c", "192328", 1), plain1, ""), ErrForm},
	{"an hour after all time", small("88", strings.Replace(head1, "1a00078c6c", "1b7fffffffffffffff", 1), plain1, ""), ErrForm},
	{"no suite", small("88", strings.Replace(head1, "6173", "60", 1), plain1, ""), ErrForm},
	{"version 0", small("88", "00"+head1[2:], plain1, ""), ErrForm},
	{"version 2", small("88", "02"+head1[2:], plain1, ""), ErrNewer},
	{"version 2 in another shape", []byte{0x83, 0x02, 0xa0, 0xf6}, ErrNewer},
	{"version 2, too long", []byte{0x83, 0x18, 0x02, 0xa0, 0xf6}, ErrForm},
	{"version 1000", []byte{0x82, 0x19, 0x03, 0xe8, 0x00}, ErrNewer},
}

// TestStrangeForms proves that there is one form and no other, before any key is used, and that a later version is told from a
// broken one.
func TestStrangeForms(t *testing.T) {
	to := newParty(t, "k")
	for _, test := range strange {
		h, err := ReadHeader(test.wire)
		if !errors.Is(err, test.want) || h != (Header{}) || record.KindOf(err) != record.Invalid {
			t.Errorf("%s: %v %v, want %v", test.name, h, err, test.want)
		}
		if _, _, _, err := Open("k", test.wire, []Opener{to.open}, verifying()); !errors.Is(err, test.want) {
			t.Errorf("%s: open: %v", test.name, err)
		}
	}
	if _, err := ReadHeader(make([]byte, 18<<20)); !strings.Contains(record.MessageOf(err), "longer") {
		t.Errorf("what is too long was decoded: %v", err)
	}
	if _, err := ReadHeader([]byte{0x83, 0x02, 0xa0, 0xf6}); !strings.Contains(record.MessageOf(err), "update this node") {
		t.Errorf("of a newer version the officer is told %q", record.MessageOf(err))
	}
}

// TestStrangeInside proves the same of what is sealed: the container, the statement, and a later version of it.
func TestStrangeInside(t *testing.T) {
	from, to := newParty(t, "uz-hq"), newParty(t, "kz-knb")
	s := statementOf(letter(from, to), from.sign)
	signed := signedOf(t, s, from.sign)
	text := marshal(s)
	again := func(text []byte) []byte { // signed well, whatever it is
		signature, err := from.sign.Sign(message(text))
		if err != nil {
			t.Fatal(err)
		}
		return marshal(container{Statement: text, Signatures: [][]byte{signature}})
	}
	indefinite := append(append([]byte{0x9f}, text[1:]...), 0xff)
	empty := s
	empty.Body = nil
	null := marshal(empty)
	null[len(null)-1] = 0xf6
	newer := append([]byte{text[0], 2}, text[2:]...)
	mapped, err := cbor.Marshal(map[string]int{"a": 1})
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		signed []byte
		want   error
	}{
		"nothing":                    {nil, ErrForm},
		"not CBOR":                   {[]byte("hello"), ErrForm},
		"a map":                      {mapped, ErrForm},
		"a byte behind":              {append(bytes.Clone(signed), 0), ErrForm},
		"indefinite container":       {append(append([]byte{0x9f}, signed[1:]...), 0xff), ErrForm},
		"indefinite statement":       {again(indefinite), ErrForm},
		"byte behind the statement":  {again(append(bytes.Clone(text), 0)), ErrForm},
		"length of array, too long":  {again(append([]byte{0x98, text[0] & 0x1f}, text[1:]...)), ErrForm},
		"statement of a later form":  {again(newer), ErrNewer},
		"null for the body":          {again(null), ErrForm},
		"statement that is a number": {again([]byte{1}), ErrForm},
		"good":                       {again(text), nil},
	} {
		wire := wireOf(t, s.head, test.signed, to.open.Public())
		if test.want != nil {
			mustRefuse(t, test.want, to, wire, verifying(from))
		} else if _, _, _, err := Open(to.name, wire, []Opener{to.open}, verifying(from)); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Fatal(name)
		}
	}
}

// TestHubSeesNoMore proves which fields are outside: of the type, of the form, and of a real wire. SARHAD_UPDATE=1 writes the list
// anew, after a decision that everybody along the way may see more.
func TestHubSeesNoMore(t *testing.T) {
	var b strings.Builder
	b.WriteString("# What the hub, and anybody on the way, sees of a message. A line more is a decision for every member.\n\nHeader\n")
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Header]()) {
		fmt.Fprintf(&b, "\t%s %s\n", f.Name, f.Type)
	}
	b.WriteString("\nwire\n")
	for _, f := range reflect.VisibleFields(reflect.TypeFor[outside]()) {
		if !f.Anonymous && f.Name != "_" {
			fmt.Fprintf(&b, "\t%s %s\n", f.Name, f.Type)
		}
	}
	from, to := newParty(t, "uz-hq"), newParty(t, "kz-knb")
	var parts []any
	if err := cbor.Unmarshal(mustSeal(t, letter(from, to), to, from.sign), &parts); err != nil {
		t.Fatal(err)
	}
	b.WriteString("\na wire\n")
	for i, part := range parts {
		if i == len(parts)-1 {
			line, _, _ := bytes.Cut(part.([]byte), []byte("\n"))
			part = string(line) + " ..."
		}
		fmt.Fprintf(&b, "\t%v\n", part)
	}
	golden(t, "header.golden", []byte(b.String()))
}

// updating is set to write golden files anew.
func updating() bool { return os.Getenv("SARHAD_UPDATE") != "" }

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	name = filepath.Join("testdata", name)
	if updating() {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(bytes.ReplaceAll(want, []byte("\r\n"), []byte("\n")), got) {
		t.Errorf("%s is not what there is now:\n%s", name, got)
	}
}
