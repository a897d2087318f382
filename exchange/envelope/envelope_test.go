package envelope

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sarhad/record"
)

// TestOnlyTheAddresseeReads proves the way of a message: everything said arrives as said, and nothing of it shows outside.
func TestOnlyTheAddresseeReads(t *testing.T) {
	from, to, other := newParty(t, "uz-hq"), newParty(t, "kz-knb"), newParty(t, "tj-border")
	c := letter(from, to)
	wire := mustSeal(t, c, to, from.sign)

	h, got, signed, err := Open(to.name, wire, []Opener{to.open}, verifying(from))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(c, got); diff != "" {
		t.Error(diff)
	}
	want := Header{To: to.name, Lane: record.Routine, Size: 1024, ID: c.ID, Until: time.Date(2026, 3, 15, 22, 0, 0, 0, time.UTC)}
	if h != want {
		t.Errorf("header %v, want %v", h, want)
	}
	if outer, err := ReadHeader(wire); err != nil || outer != want {
		t.Errorf("outside: %v %v", outer, err)
	}
	if _, again, err := ReadSigned(signed, verifying(from)); err != nil || !cmp.Equal(again, c) {
		t.Errorf("signed: %v", err)
	}
	for _, part := range [][]byte{c.Body, []byte(c.From), []byte(c.Kind), c.About[:], []byte(c.Incarnation)} {
		if bytes.Contains(wire, part) {
			t.Errorf("%q can be read outside", part)
		}
	}
	mustRefuse(t, ErrKey, party{to.name, other.sign, other.open}, wire, verifying(from))
}

// TestOldAndNewKey proves that a message sealed before a rotation is opened after it, while the old key is there, and not when
// it was destroyed.
func TestOldAndNewKey(t *testing.T) {
	from, before, after := newParty(t, "uz-hq"), newParty(t, "kz-knb"), newParty(t, "kz-knb")
	wire := mustSeal(t, letter(from, before), before, from.sign)
	for _, openers := range [][]Opener{{before.open, after.open}, {after.open, before.open}, {clearSuite{"gost"}, after.open, before.open}} {
		if _, _, _, err := Open(before.name, wire, openers, verifying(from)); err != nil {
			t.Error(err)
		}
	}
	if _, _, _, err := Open(before.name, wire, []Opener{after.open}, verifying(from)); !errors.Is(err, ErrKey) {
		t.Errorf("with the key destroyed: %v", err)
	}
}

// TestEveryFieldArrives proves that the limits of each field are what they are said to be.
func TestEveryFieldArrives(t *testing.T) {
	from, to := newParty(t, "a"), newParty(t, "b")
	long := party{strings.Repeat("z", 40), to.sign, to.open}
	for name, c := range map[string]Content{
		"least":   {From: "a", To: "b", Lane: record.Flash, ID: newID(1), Kind: "k", Sent: time.UnixMilli(0).UTC(), Body: []byte{}},
		"longest": {From: strings.Repeat("y", 40), To: long.name, Lane: record.Bulk, ID: newID(1), Seq: 1<<63 - 1, Incarnation: strings.Repeat("i", 64), Kind: strings.Repeat("k", 64), About: newID(4), Sent: time.UnixMilli(maxMillis).UTC(), Body: bytes.Repeat([]byte{255}, 5000)},
	} {
		wire, err := Seal(c, sent, []Signer{from.sign}, to.open.Public())
		if err != nil {
			t.Fatal(name, err)
		}
		verify := Standard().Verify(func(string) ([]VerifyKey, error) { return []VerifyKey{from.sign.Public()}, nil })
		if _, got, _, err := Open(c.To, wire, []Opener{to.open}, verify); err != nil || !cmp.Equal(got, c) {
			t.Errorf("%s: %v %s", name, err, cmp.Diff(got, c))
		}
	}
}

var unsendable = []struct {
	name  string
	edit  func(*Content)
	until time.Time
	says  string
}{
	{"to nobody", func(c *Content) { c.To = "" }, sent, "no name of a node"},
	{"to a name in capitals", func(c *Content) { c.To = "KZ" }, sent, "no name of a node"},
	{"to a name too long", func(c *Content) { c.To = strings.Repeat("a", 41) }, sent, "no name of a node"},
	{"to a digit first", func(c *Content) { c.To = "1a" }, sent, "no name of a node"},
	{"from nobody", func(c *Content) { c.From = "" }, sent, "node that sends"},
	{"from a wildcard", func(c *Content) { c.From = "a.>" }, sent, "node that sends"},
	{"in no lane", func(c *Content) { c.Lane = "express" }, sent, "no lane"},
	{"an id that tells the time", func(c *Content) { c.ID[6] = c.ID[6]&0x0f | 0x70 }, sent, "random"},
	{"no id", func(c *Content) { c.ID = record.ID{} }, sent, "random"},
	{"a number below zero", func(c *Content) { c.Seq = -1 }, sent, "negative"},
	{"no kind", func(c *Content) { c.Kind = "" }, sent, "no kind"},
	{"a kind with a space", func(c *Content) { c.Kind = "a b" }, sent, "no kind"},
	{"a long life", func(c *Content) { c.Incarnation = strings.Repeat("i", 65) }, sent, "no life"},
	{"sent never", func(c *Content) { c.Sent = time.Time{} }, sent, "negative"},
	{"until before the age", func(*Content) {}, time.Unix(0, 0), "hour"},
	{"until after all", func(*Content) {}, time.Date(10000, 1, 2, 0, 0, 0, 0, time.UTC), "hour"},
	{"too long", func(c *Content) { c.Body = make([]byte, MaxBody+1) }, sent, "too long"},
}

// TestUnsendable proves that a mistake is told before anything is sent, in words.
func TestUnsendable(t *testing.T) {
	from, to := newParty(t, "uz-hq"), newParty(t, "kz-knb")
	for _, test := range unsendable {
		c := letter(from, to)
		test.edit(&c)
		wire, err := Seal(c, test.until, []Signer{from.sign}, to.open.Public())
		if wire != nil || record.KindOf(err) != record.Invalid || !strings.Contains(record.MessageOf(err), test.says) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
	if _, err := Seal(letter(from, to), sent, nil, to.open.Public()); record.KindOf(err) != record.Invalid {
		t.Errorf("without a signature: %v", err)
	}
	if _, err := Seal(letter(from, to), sent, []Signer{from.sign}, nil); record.KindOf(err) != record.Invalid {
		t.Errorf("without a key: %v", err)
	}
}

// TestUntilIsRoundedUp proves that nothing is forgotten before its time, and that the hub sees hours only.
func TestUntilIsRoundedUp(t *testing.T) {
	from, to := newParty(t, "uz-hq"), newParty(t, "kz-knb")
	hour := time.Date(2026, 3, 14, 10, 0, 0, 0, time.UTC)
	for until, want := range map[time.Time]time.Time{
		hour:                                     hour,
		hour.Add(1):                              hour.Add(time.Hour),
		hour.Add(59 * time.Minute):               hour.Add(time.Hour),
		{}:                                       wholeHour(sent.Add(Stay)),
		hour.In(time.FixedZone("", 5*3600+1800)): hour,
	} {
		wire, err := Seal(letter(from, to), until, []Signer{from.sign}, to.open.Public())
		if err != nil {
			t.Fatal(err)
		}
		if h, err := ReadHeader(wire); err != nil || !h.Until.Equal(want) || h.Until.Minute() != 0 {
			t.Errorf("until %v gives %v, want %v (%v)", until, h.Until, want, err)
		}
	}
}

// lengths are bodies around the borders of classes.
func lengths() []int {
	out := []int{0, 1, 23, 24, 255, 256, 700}
	for _, c := range append(Classes(), 2*LargestStep, 5*LargestStep) {
		out = append(out, int(c)-1, int(c), int(c)+1)
	}
	return out
}

// TestOneClassOneLength proves that of two messages to one node in one lane nobody outside tells more than the class: the wire
// is of one length whatever the body, the names and the times.
func TestOneClassOneLength(t *testing.T) {
	to := newParty(t, "kz-knb")
	byClass := map[Class]int{}
	for _, from := range []party{newParty(t, "u"), newParty(t, strings.Repeat("u", 40))} {
		for i, n := range lengths() {
			c := letter(from, to)
			c.Body, c.Kind, c.Seq = bytes.Repeat([]byte{byte(i)}, n), strings.Repeat("k", 1+i%64), int64(1)<<(3*i%62)
			c.Incarnation, c.ID = strings.Repeat("i", i%65), newID(byte(i))
			wire, err := Seal(c, sent.Add(time.Duration(i)*9000*time.Hour), []Signer{from.sign}, to.open.Public())
			if err != nil {
				t.Fatal(err)
			}
			h, err := ReadHeader(wire)
			if err != nil {
				t.Fatal(err)
			}
			if want, _ := ClassFor(n); h.Size != want {
				t.Errorf("%d bytes are of class %d, want %d", n, h.Size, want)
			}
			if was, ok := byClass[h.Size]; ok && was != len(wire) {
				t.Errorf("class %d: %d and %d bytes", h.Size, was, len(wire))
			}
			byClass[h.Size] = len(wire)
		}
	}
	if len(byClass) != 11 {
		t.Errorf("%d classes tried", len(byClass))
	}
}

// TestRoomIsEnough proves that a body of exactly a class's size needs no larger class, at the longest names and numbers: pieces
// of files cost what they weigh.
func TestRoomIsEnough(t *testing.T) {
	from, to := newParty(t, strings.Repeat("a", 40)), newParty(t, strings.Repeat("b", 40))
	c := Content{From: from.name, To: to.name, Lane: record.Routine, ID: newID(1), Seq: 1<<63 - 1, Incarnation: strings.Repeat("i", maxLife), Kind: strings.Repeat("k", maxKind), About: newID(2), Sent: time.UnixMilli(maxMillis), Body: make([]byte, LargestStep)}
	s := statementOf(c, from.sign)
	s.Suite, s.Signers = strings.Repeat("s", maxSuite), []string{strings.Repeat("s", maxSuite)}
	if n := len(signedOf(t, s, from.sign)) + 4; n > int(LargestStep)+Room {
		t.Errorf("a full message takes %d bytes more than its body; Room is %d", n-int(LargestStep), Room)
	}
}

// TestLongSignatures proves that signatures that do not fit make the class larger, and what is signed says so.
func TestLongSignatures(t *testing.T) {
	from, to := newParty(t, "uz-hq"), newParty(t, "kz-knb")
	pq := longSigner{"mldsa65", 3309}
	for n, want := range map[int]Class{100: 4096, 1024: 4096, 4096: 8192, int(LargestStep): 2 * LargestStep, MaxBody: MaxClass} {
		c := letter(from, to)
		c.Body = make([]byte, n)
		wire := mustSeal(t, c, to, from.sign, pq)
		h, got, _, err := Open(to.name, wire, []Opener{to.open}, verifying(from))
		if err != nil || h.Size != want || len(got.Body) != n {
			t.Errorf("%d bytes with a long signature: class %d, want %d: %v", n, h.Size, want, err)
		}
	}
}

// TestClasses proves what the classes are.
func TestClasses(t *testing.T) {
	for body, want := range map[int]Class{0: 1024, 1024: 1024, 1025: 2048, 16384: 16384, 65537: 262144, 262145: 524288, MaxBody: MaxBody} {
		if got, err := ClassFor(body); err != nil || got != want || !got.Valid() {
			t.Errorf("%d: %d %v, want %d", body, got, err, want)
		}
	}
	for _, n := range []int{-1, MaxBody + 1} {
		if _, err := ClassFor(n); record.KindOf(err) != record.Invalid {
			t.Errorf("%d: %v", n, err)
		}
	}
	for _, c := range []Class{0, 1, 1000, 3072, 32768, LargestStep + 1, 3 * LargestStep / 2, MaxClass + LargestStep, 1<<32 - 1} {
		if c.Valid() {
			t.Errorf("%d is a class", c)
		}
	}
}

// TestAnotherSuite proves that a country can seal and sign in its own way without a line of this package changed.
func TestAnotherSuite(t *testing.T) {
	from, to := newParty(t, "uz-hq"), newParty(t, "kz-knb")
	suites := Standard()
	suites["gost3410"] = func(key, message, signature []byte) bool { return bytes.Equal(signature, bytes.Repeat([]byte{7}, 64)) }
	own := suites.Verify(func(string) ([]VerifyKey, error) {
		return []VerifyKey{from.sign.Public(), {Suite: "gost3410", Key: []byte("k")}}, nil
	})
	wire, err := Seal(letter(from, to), sent, []Signer{from.sign, longSigner{"gost3410", 64}}, clearSuite{"kuznyechik"})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := Open(to.name, wire, []Opener{to.open, clearSuite{"kuznyechik"}}, own); err != nil {
		t.Error(err)
	}
	// Who does not know the second signature holds on to the first.
	if _, _, _, err := Open(to.name, wire, []Opener{clearSuite{"kuznyechik"}}, verifying(from)); err != nil {
		t.Error(err)
	}
	if _, _, _, err := Open(to.name, wire, []Opener{to.open}, own); !errors.Is(err, ErrSuite) {
		t.Errorf("without the opener: %v", err)
	}
}

// TestLaterIsNoRefusal proves that a directory or a key device that cannot be asked just now costs no message.
func TestLaterIsNoRefusal(t *testing.T) {
	from, to := newParty(t, "uz-hq"), newParty(t, "kz-knb")
	wire := mustSeal(t, letter(from, to), to, from.sign)
	broken := errors.New("disk I/O error")
	_, _, _, err := Open(to.name, wire, []Opener{to.open}, func(string, string, []byte, []byte) error { return broken })
	if !errors.Is(err, broken) || errors.Is(err, ErrSignature) || record.KindOf(err) == record.Invalid {
		t.Errorf("directory: %v", err)
	}
	_, _, _, err = Open(to.name, wire, []Opener{unplugged{to.open}}, verifying(from))
	if record.KindOf(err) != record.Unavailable || errors.Is(err, ErrDamaged) {
		t.Errorf("device: %v", err)
	}
}
