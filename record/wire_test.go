package record

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

func wired() *Record {
	return &Record{ID: ID{1, 2, 3}, Kind: "test.a", Version: 1, Key: "k<1>", Revision: Revision{Number: 2, Former: "aa"}, Writer: "n",
		Owner: Owner{Agency: "A"}, Handling: Handling{Marking: "official", Topic: "test"}, Created: time.Unix(5, 0).UTC(), Received: time.Unix(9, 0).UTC(),
		Raw: []byte(`{"a":1}`)}
}

// bodies are bytes that a careless writer of JSON would change.
var bodies = map[string]struct {
	raw      string
	embedded bool
}{
	"plain":              {`{"a":1}`, true},
	"inner white space":  {`{ "a" :	1 , "b":[ ] }`, true},
	"duplicate keys":     {`{"a":1,"a":2,"A":3}`, true},
	"number forms":       {`{"n":[1.0,1e2,1E+2,-0,0.10,123456789012345678901234567890]}`, true},
	"escapes":            {`{"s":"\u041a\/<&>\u2028 К \ud83d"}`, true},
	"html signs":         {`{"s":"<script>&amp;"}`, true},
	"order":              {`{"z":1,"a":2}`, true},
	"a string":           {`"just a string"`, true},
	"null":               {`null`, true},
	"looks like base64":  {`"eyJhIjoxfQ=="`, true},
	"line breaks inside": {"{\n  \"a\": 1\n}", false},
	"carriage return":    {"{\r\"a\":1}", false},
	"white space around": {" {\"a\":1}\t", false},
	"no JSON":            {`{"a":`, false},
	"two values":         {`1,"x":2`, false},
	"closes the line":    {`1,"hash":"x"}`, false},
	"not UTF-8":          {"{\"a\":\"\xff\"}", false},
	"binary":             {"\x00\x01\xff{", false},
	"empty":              {"", false},
	"deep":               {strings.Repeat("[", 9000) + strings.Repeat("]", 9000), false},
	"BOM":                {"\ufeff{}", false},
}

// TestWireKeepsEveryByte proves that a body comes back byte for byte, and is readable in the line where it can be.
func TestWireKeepsEveryByte(t *testing.T) {
	for name, c := range bodies {
		r := wired()
		r.Raw = []byte(c.raw)
		line, err := r.AppendWire(nil)
		if err != nil {
			t.Fatal(name, err)
		}
		if bytes.Count(line, []byte("\n")) != 1 || line[len(line)-1] != '\n' || bytes.ContainsRune(line, '\r') {
			t.Errorf("%s: not one line: %q", name, line)
		}
		if got := bytes.Contains(line, []byte(`"raw":`+c.raw+`,`)) && c.raw != ""; got != c.embedded {
			t.Errorf("%s: embedded %v, want %v: %.200s", name, got, c.embedded, line)
		}
		back, err := ReadWire(line)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if string(back.Raw) != c.raw || back.Raw == nil {
			t.Errorf("%s: %q came back as %q", name, c.raw, back.Raw)
		}
		if back.Hash() != r.Hash() || back.Envelope != nil || !back.Received.IsZero() || back.Key != r.Key {
			t.Errorf("%s: came back as %+v", name, back)
		}
		again, err := back.AppendWire(nil)
		if err != nil || !bytes.Equal(again, line) {
			t.Errorf("%s: passed on as %.300q, %v", name, again, err)
		}
	}
}

// newer is the envelope of a newer program: unknown members at the top, inside, and inside a list's elements.
const newer = `{"id":"01020300-0000-0000-0000-000000000000","kind":"test.a","version":1, "seal":{"by":"x","n":1.0},"revision":{"number":1,"why":"new"},"writer":"n","owner":{"agency":"A"},"handling":{"marking":"official","topic":"test","embargo":"2027-01-01"},"grading":{"scale":9},"created":"1970-01-01T00:00:05.000Z","masks":[]}`

func lineOf(envelope, raw string) []byte {
	r := &Record{Raw: []byte(raw), Envelope: []byte(envelope)}
	return fmt.Appendf(nil, `{"sarhad":"record/1","envelope":%s,"raw":%s,"hash":"%s"}`, envelope, raw, r.Hash())
}

// TestNewerEnvelopeIsPassedOn proves that what an envelope says and we do not know stays, in its place and in the hash.
func TestNewerEnvelopeIsPassedOn(t *testing.T) {
	line := lineOf(newer, `{"a":1}`)
	r, err := ReadWire(line)
	if err != nil {
		t.Fatal(err)
	}
	if r.Kind != "test.a" || r.Handling.Topic != "test" || r.Revision.Number != 1 {
		t.Errorf("what we know was not read: %+v", r)
	}
	again, err := r.AppendWire(nil)
	if err != nil || string(again) != string(line)+"\n" {
		t.Errorf("passed on as\n%s, want\n%s", again, line)
	}
	changed, err := ReadWire(bytes.Replace(line, []byte(`"seal":{"by":"x"`), []byte(`"seal":{"by":"y"`), 1))
	if KindOf(err) != Invalid {
		t.Errorf("a changed unknown field was taken: %+v", changed)
	}
}

// TestNextRevisionCarriesTheUnknown proves that an older program that revises a record keeps what it does not understand.
func TestNextRevisionCarriesTheUnknown(t *testing.T) {
	former, err := ReadWire(lineOf(newer, `{"a":1}`))
	if err != nil {
		t.Fatal(err)
	}
	next := *former
	next.Revision = Revision{Number: 2, Former: former.Hash()}
	next.Handling.Place = "ALA"
	if err := Carry(former, &next); err != nil {
		t.Fatal(err)
	}
	var said map[string]any
	if err := json.Unmarshal(next.Envelope, &said); err != nil {
		t.Fatal(err)
	}
	h, rev := said["handling"].(map[string]any), said["revision"].(map[string]any)
	if said["seal"] == nil || said["masks"] == nil || h["embargo"] != "2027-01-01" || rev["why"] != "new" || said["grading"].(map[string]any)["scale"] != 9.0 {
		t.Errorf("unknown fields were lost: %s", next.Envelope)
	}
	if h["place"] != "ALA" || h["marking"] != "official" || rev["number"] != 2.0 || rev["former"] != former.Hash() {
		t.Errorf("known fields are not what we said: %s", next.Envelope)
	}
	if !strings.Contains(string(next.Envelope), `"n":1.0`) {
		t.Errorf("an unknown number was written anew: %s", next.Envelope)
	}
	back, err := ReadEnvelope(next.Envelope)
	if err != nil || back.Handling.Place != "ALA" || back.Revision != next.Revision {
		t.Errorf("read back as %+v, %v", back, err)
	}
	plain := wired()
	second := *plain
	second.Revision.Number = 3
	if err := Carry(plain, &second); err != nil || second.Envelope != nil {
		t.Errorf("an envelope of ours was kept twice: %s %v", second.Envelope, err)
	}
}

func TestReadWireRefuses(t *testing.T) {
	good, err := wired().AppendWire(nil)
	if err != nil {
		t.Fatal(err)
	}
	line := strings.TrimSpace(string(good))
	env := string(wired().WrittenEnvelope())
	for name, c := range map[string]struct{ line, says string }{
		"cut":                {line[:len(line)-5], "cut"},
		"not JSON":           {"UNA:+.? '", "cut"},
		"an array":           {"[1]", "cut"},
		"two lines":          {strings.Replace(line, `,"raw"`, ",\n\"raw\"", 1), "one line"},
		"more behind it":     {line + "{}", "cut"},
		"another form":       {strings.Replace(line, "record/1", "record/2", 1), "record/2"},
		"said twice":         {strings.Replace(line, `"hash":`, `"hash":"x","hash":`, 1), "twice"},
		"an unknown member":  {strings.Replace(line, `"hash":`, `"stamp":1,"hash":`, 1), "stamp"},
		"no hash":            {line[:strings.LastIndex(line, `,"hash"`)] + "}", "lacks"},
		"no body":            {strings.Replace(line, `"raw":{"a":1},`, "", 1), "lacks"},
		"changed body":       {strings.Replace(line, `{"a":1}`, `{"a":2}`, 1), "changed on the way"},
		"changed owner":      {strings.Replace(line, `"agency":"A"`, `"agency":"B"`, 1), "changed on the way"},
		"bad base64":         {strings.Replace(line, `"raw":{"a":1}`, `"raw":"?","coding":"base64"`, 1), "base64"},
		"unknown coding":     {strings.Replace(line, `"raw":{"a":1}`, `"raw":"?","coding":"zip"`, 1), "zip"},
		"writer twice":       {string(lineOf(strings.Replace(env, `"writer":"n"`, `"writer":"n","writer":"m"`, 1), "1")), "twice"},
		"writer in two ways": {string(lineOf(strings.Replace(env, `"writer":"n"`, `"writer":"n","Writer":"m"`, 1), "1")), "twice"},
		"writer capital":     {string(lineOf(strings.Replace(env, `"writer":"n"`, `"Writer":"m"`, 1), "1")), "expected"},
		"topic twice":        {string(lineOf(strings.Replace(env, `"topic":"test"`, `"topic":"test","topic":"hit"`, 1), "1")), "twice"},
		"number for a name":  {string(lineOf(strings.Replace(env, `"kind":"test.a"`, `"kind":5`, 1), "1")), "envelope"},
		"not UTF-8":          {strings.Replace(line, `"a":1`, "\"\xff\":1", 1), "UTF-8"},
	} {
		r, err := ReadWire([]byte(c.line))
		if KindOf(err) != Invalid || !strings.Contains(MessageOf(err), c.says) {
			t.Errorf("%s: %+v, %v; the sentence should say %q", name, r, err, c.says)
		}
	}
	if _, err := ReadWire(bytes.Repeat([]byte(" "), MaxWire+1)); KindOf(err) != Invalid {
		t.Errorf("a line above the limit: %v", err)
	}
	big := wired()
	big.Raw = make([]byte, MaxBody+1)
	if _, err := big.AppendWire(nil); KindOf(err) != Invalid {
		t.Errorf("a body above the limit: %v", err)
	}
}

func FuzzReadWire(f *testing.F) {
	for _, c := range bodies {
		r := wired()
		r.Raw = []byte(c.raw)
		line, err := r.AppendWire(nil)
		if err != nil {
			f.Fatal(err)
		}
		if len(line) < 4000 {
			f.Add(line)
		}
	}
	f.Add(lineOf(newer, `{"a":1}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		r, err := ReadWire(line)
		if err != nil {
			return
		}
		out, err := r.AppendWire(nil)
		if err != nil {
			t.Fatal(err)
		}
		again, err := ReadWire(out)
		if err != nil || again.Hash() != r.Hash() || !bytes.Equal(again.Raw, r.Raw) || !bytes.Equal(again.WrittenEnvelope(), r.WrittenEnvelope()) {
			t.Fatalf("%q was passed on as %q: %v", line, out, err)
		}
	})
}

type noteV1 struct {
	Text string `json:"text" class:"text"`
}
type noteV2 struct {
	Words []string `json:"words" class:"text"`
}
type noteV3 struct {
	Words []string `json:"words" class:"text"`
	Lang  string   `json:"lang" class:"plain"`
}

func (*noteV1) Kind() string      { return "test.note" }
func (*noteV1) Version() int      { return 1 }
func (*noteV1) Validate() error   { return nil }
func (n *noteV1) Index(ix *Index) { ix.Title = n.Text }
func (n *noteV1) Upgrade() Body   { return &noteV2{Words: strings.Fields(n.Text)} }
func (*noteV2) Kind() string      { return "test.note" }
func (*noteV2) Version() int      { return 2 }
func (*noteV2) Validate() error   { return nil }
func (n *noteV2) Index(ix *Index) { ix.Title = strings.Join(n.Words, " ") }
func (n *noteV2) Upgrade() Body   { return &noteV3{Words: n.Words, Lang: "und"} }
func (*noteV3) Kind() string      { return "test.note" }
func (*noteV3) Version() int      { return 3 }
func (*noteV3) Validate() error   { return nil }
func (n *noteV3) Index(ix *Index) { ix.Title = strings.Join(n.Words, " ") + " " + n.Lang }

type skips struct{ noteV1 }

func (*skips) Upgrade() Body { return &noteV3{} }

// TestOldVersionsAreUpgradedInMemory proves that an old body is seen as the present one, through every version between, and a
// newer one not at all.
func TestOldVersionsAreUpgradedInMemory(t *testing.T) {
	types := NewTypes(func() Body { return &noteV2{} }, func() Body { return &noteV3{} }, func() Body { return &noteV1{} })
	raw := []byte(`{"text":"two  words"}`)
	b, err := types.Decode("test.note", 1, raw)
	if n, ok := b.(*noteV3); err != nil || !ok || len(n.Words) != 2 || n.Lang != "und" {
		t.Errorf("note@1 is seen as %#v, %v", b, err)
	}
	if string(raw) != `{"text":"two  words"}` {
		t.Error("the bytes were changed")
	}
	if b, err := types.Decode("test.note", 4, raw); b != nil || err != nil {
		t.Errorf("note@4 is seen as %#v, %v", b, err)
	}
	if types.Present("test.note") != 3 || types.Present("test.other") != 0 {
		t.Error("the present version is not the newest one")
	}
	for name, f := range map[string]func(){
		"an upgrade that skips a version": func() { NewTypes(func() Body { return &skips{} }) },
		"a version twice":                 func() { NewTypes(func() Body { return &noteV1{} }, func() Body { return &noteV1{} }) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s was taken", name)
				}
			}()
			f()
		}()
	}
}

func TestHandoverTextCannotBeBent(t *testing.T) {
	a := Handover{Target: ID{1}, Revision: "r", From: "a", To: "b", Reason: "x\nto c", At: time.Unix(5, 0)}
	if strings.Count(a.Text(), "\nto ") != 1 || !strings.HasSuffix(a.Text(), "\n") {
		t.Errorf("a reason looks like another field: %q", a.Text())
	}
	for name, change := range map[string]func(*Handover){
		"target": func(h *Handover) { h.Target = ID{2} }, "revision": func(h *Handover) { h.Revision = "s" },
		"from": func(h *Handover) { h.From = "x" }, "to": func(h *Handover) { h.To = "x" },
		"reason": func(h *Handover) { h.Reason = "x" }, "time": func(h *Handover) { h.At = time.Unix(6, 0) },
	} {
		b := a
		change(&b)
		if a.Text() == b.Text() {
			t.Errorf("the signature does not cover the %s", name)
		}
	}
}
