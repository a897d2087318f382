package record

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestIDSortsByCreationAndReadsBack(t *testing.T) {
	random := bytes.NewReader(bytes.Repeat([]byte{0xff, 0x00, 0xa5, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77}, 3))
	first, err := NewID(time.UnixMilli(1_700_000_000_000), random)
	if err != nil {
		t.Fatal(err)
	}
	second, err := NewID(time.UnixMilli(1_700_000_000_001), random)
	if err != nil {
		t.Fatal(err)
	}
	if first.String() >= second.String() {
		t.Errorf("%s was made before %s and does not sort before it", first, second)
	}
	if first[6]>>4 != 7 || first[8]>>6 != 2 {
		t.Errorf("%s is no UUID of version 7 (RFC 9562 section 5.7)", first)
	}
	back, err := ParseID(first.String())
	if err != nil || back != first {
		t.Errorf("ParseID(%s) = %s, %v", first, back, err)
	}
	if _, err := NewID(time.Now(), bytes.NewReader(nil)); err == nil {
		t.Error("an id without randomness was given out")
	}
}

func TestParseIDRefuses(t *testing.T) {
	for _, s := range []string{"x", "0190a6e2-7b2c-7d3e-8a4b-11223344556", "0190a6e27b2c7d3e8a4b112233445566", "0190a6e2-7b2c-7d3e-8a4b-11223344556g", strings.Repeat("a", 1000)} {
		if _, err := ParseID(s); KindOf(err) != Invalid {
			t.Errorf("ParseID(%.50q): %v, want an invalid error", s, err)
		}
	}
	if id, err := ParseID(""); err != nil || !id.IsZero() {
		t.Errorf("empty text is the zero id, got %s, %v", id, err)
	}
}

type leafy struct {
	Name  string    `json:"name" class:"identity"`
	Count int       `json:"count" class:"plain"`
	Docs  []paper   `json:"docs" class:"identity"`
	When  time.Time `json:"when" class:"plain"`
	Note  *note     `json:"note" class:"text"`
	Ref   ID        `json:"ref" class:"plain"`
	inner int
}

type paper struct {
	Number string `json:"number"`
	Source string `json:"source" class:"source"`
}

type note struct {
	Text string `json:"text"`
}

func TestWalkMeetsEveryFieldWithItsClass(t *testing.T) {
	b := &leafy{Name: "A", Count: 2, Docs: []paper{{"N1", "desk"}, {"N2", ""}}, When: time.Unix(1, 0), Note: &note{"free"}, Ref: ID{1}, inner: 3}
	got := map[string]Class{}
	if err := Walk(b, func(f Field) error { got[f.Path] = f.Class; return nil }); err != nil {
		t.Fatal(err)
	}
	want := map[string]Class{"name": Identity, "count": Plain, "docs.0.number": Identity, "docs.0.source": Source, "docs.1.number": Identity,
		"when": Plain, "note.text": FreeText, "ref": Plain}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("walk gave\n%v, want\n%v", got, want)
	}
	err := Walk(b, func(f Field) error { // it can mask
		if f.Class == Identity {
			f.Value.SetString("-")
		}
		return nil
	})
	if err != nil || b.Name != "-" || b.Docs[1].Number != "-" || b.Docs[0].Source != "desk" {
		t.Errorf("after masking: %+v, %v", b, err)
	}
	stop := errors.New("stop")
	if err := Walk(b, func(Field) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("walk went on after an error: %v", err)
	}
}

func TestCheckClassesFindsTheUntagged(t *testing.T) {
	if err := CheckClasses(&leafy{}); err != nil {
		t.Errorf("all fields have classes: %v", err)
	}
	type bad struct {
		Name  string            `json:"name"`
		Word  string            `json:"word" class:"secret"`
		Table map[string]string `json:"table" class:"plain"`
		Fine  string            `json:"fine" class:"plain"`
	}
	err := CheckClasses(&bad{})
	for _, want := range []string{"name", "word", "table"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name the field %q", err, want)
		}
	}
	if err != nil && strings.Contains(err.Error(), "fine") {
		t.Errorf("%v blames a good field", err)
	}
}

func TestHashCoversEnvelopeAndBodyButNotArrival(t *testing.T) {
	base := Record{ID: ID{1}, Kind: "test.a", Version: 1, Writer: "n", Owner: Owner{Agency: "A"}, Raw: []byte(`{"a":1}`), Created: time.Unix(5, 0).UTC()}
	same := base
	same.Received = time.Unix(99, 0)
	if base.Hash() != same.Hash() {
		t.Error("the hash depends on when a node received the record")
	}
	for name, change := range map[string]func(*Record){
		"body":     func(r *Record) { r.Raw = []byte(`{"a":2}`) },
		"owner":    func(r *Record) { r.Owner.Agency = "B" },
		"handling": func(r *Record) { r.Handling.Marking = "open" },
		"revision": func(r *Record) { r.Revision.Number = 2 },
		"parents":  func(r *Record) { r.Origin.Parents = []ID{{9}} },
	} {
		other := base
		change(&other)
		if base.Hash() == other.Hash() {
			t.Errorf("the hash does not cover the %s", name)
		}
	}
}

func TestValidateRefusesWhatNobodyCouldRead(t *testing.T) {
	good := Record{Kind: "test.a", Version: 1, Writer: "n", Owner: Owner{Agency: "A"}, Handling: Handling{Marking: "official", Topic: "test"}}
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Record){
		"kind":           func(r *Record) { r.Kind = "" },
		"version":        func(r *Record) { r.Version = 0 },
		"writer":         func(r *Record) { r.Writer = "" },
		"agency":         func(r *Record) { r.Owner.Agency = "" },
		"topic":          func(r *Record) { r.Handling.Topic = "" },
		"marking":        func(r *Record) { r.Handling.Marking = "" },
		"secret marking": func(r *Record) { r.Handling.Marking = "secret" },
	} {
		bad := good
		change(&bad)
		if err := bad.Validate(); KindOf(err) != Invalid {
			t.Errorf("a record with a bad %s: %v", name, err)
		}
	}
}

func TestScopeIsTheSameHoweverTheWordsAreOrdered(t *testing.T) {
	a := Record{Handling: Handling{Releasable: []string{"B", "A", "B"}, Codes: []string{"H2", "H1"}}}
	b := Record{Handling: Handling{Releasable: []string{"A", "B"}, Codes: []string{"H1", "H2"}}}
	if a.Scope() != b.Scope() {
		t.Errorf("%+v and %+v are one scope", a.Scope(), b.Scope())
	}
}

type known struct {
	A int `json:"a" class:"plain"`
}

func (*known) Kind() string    { return "test.known" }
func (*known) Version() int    { return 1 }
func (*known) Validate() error { return nil }
func (*known) Index(*Index)    {}

func TestUnknownBodiesAreKeptNotRefused(t *testing.T) {
	types := NewTypes(func() Body { return &known{} })
	for _, c := range []struct {
		kind    string
		version int
	}{{"test.other", 1}, {"test.known", 2}} {
		if b, err := types.Decode(c.kind, c.version, []byte("anything")); b != nil || err != nil {
			t.Errorf("%s@%d: %v, %v; want nil, nil", c.kind, c.version, b, err)
		}
	}
	if b, err := types.Decode("test.known", 1, []byte(`{"a":3}`)); err != nil || b.(*known).A != 3 {
		t.Errorf("known: %v, %v", b, err)
	}
	if _, err := types.Decode("test.known", 1, []byte(`{`)); KindOf(err) != Invalid {
		t.Errorf("damaged bytes: %v", err)
	}
	defer func() {
		if recover() == nil {
			t.Error("two bodies of one kind and version were accepted")
		}
	}()
	NewTypes(func() Body { return &known{} }, func() Body { return &known{} })
}

func TestErrorsKeepTheirKindAndHideTheRest(t *testing.T) {
	inner := Errorf(Conflict, "somebody was faster")
	err := func() (err error) {
		defer Wrap(&err, "Put(%s)", "x")
		return inner
	}()
	if KindOf(err) != Conflict || MessageOf(err) != "somebody was faster" || !strings.HasPrefix(err.Error(), "Put(x): ") {
		t.Errorf("wrapped: %v", err)
	}
	plain := fmt.Errorf("table foo is locked")
	if KindOf(plain) != Internal || strings.Contains(MessageOf(plain), "foo") {
		t.Errorf("an operator's error reaches the person: %q", MessageOf(plain))
	}
	if KindOf(nil) != "" {
		t.Error("no error has a kind")
	}
}

func TestPurposeRunsOut(t *testing.T) {
	now := time.Unix(1000, 0)
	p := Purpose{Kind: "duty", Text: "x", Until: now.Add(time.Second)}
	if !p.Valid(now) || p.Valid(now.Add(time.Second)) || (Purpose{Kind: "duty"}).Valid(now) || (Purpose{}).Valid(now) {
		t.Error("a purpose is valid until its end, and only with kind and words")
	}
}

func TestNobodyActsWithoutAnActor(t *testing.T) {
	if _, err := ActorFrom(t.Context()); KindOf(err) != Forbidden {
		t.Errorf("without an actor: %v", err)
	}
	if _, err := ActorFrom(WithActor(t.Context(), Actor{})); KindOf(err) != Forbidden {
		t.Errorf("with an empty actor: %v", err)
	}
	a, err := ActorFrom(WithActor(t.Context(), Machine("x", "A")))
	if err != nil || !a.Machine {
		t.Errorf("machine: %+v, %v", a, err)
	}
}

func TestIndexLeavesOutWhatHasNoKey(t *testing.T) {
	var ix Index
	doc := ix.Mention(ThingDocument, "", "travel document", "")
	voyage := ix.Mention(ThingVoyage, "ZZ1", "travels on", "ZZ 1")
	ix.Link(doc, voyage, "travels on", time.Time{})
	ix.Text("", "word")
	if len(ix.Mentions) != 1 || len(ix.Links) != 0 || len(ix.Texts) != 1 {
		t.Errorf("%+v", ix)
	}
}

func FuzzParseID(f *testing.F) {
	f.Add("0190a6e2-7b2c-7d3e-8a4b-112233445566")
	f.Fuzz(func(t *testing.T, s string) {
		id, err := ParseID(s)
		if err == nil && !id.IsZero() && !strings.EqualFold(id.String(), s) {
			t.Errorf("%q reads as %s", s, id)
		}
	})
}

func TestJoinIsTheStricterOfBoth(t *testing.T) {
	a := Handling{Marking: "open", TLP: "clear", Topic: "watchlist", Codes: []string{"H2"}}
	b := Handling{Marking: "official", TLP: "red", Codes: []string{"H1", "H2"}, Releasable: []string{"X", "Y"}}
	for _, got := range []Handling{a.Join(b), b.Join(a)} {
		want := Handling{Marking: "official", TLP: "red", Codes: []string{"H1", "H2"}, Releasable: []string{"X", "Y"}}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("join: %+v, want %+v", got, want)
		}
	}
	c := Handling{Releasable: []string{"Z"}}
	if got := b.Join(c).Releasable; len(got) != 1 || got[0] != "-" {
		t.Errorf("released to nobody in common: %v", got)
	}
}

// TestFileName proves that a name is kept as given, but for what would make it another name or a path.
func TestFileName(t *testing.T) {
	for given, want := range map[string]string{
		"протокол №5.pdf": "протокол №5.pdf", `C:\Users\x\фото.jpg`: "фото.jpg", "../../etc/passwd": "passwd",
		"invoice\u202egpj.exe": "invoicegpj.exe", "a\x00b\nc.txt": "abc.txt", "  ..": "file", "": "file",
	} {
		if got := FileName(given); got != want {
			t.Errorf("%q became %q, want %q", given, got, want)
		}
	}
	if err := CheckClasses(Attachment{}); err != nil {
		t.Error(err)
	}
}

// TestHashIDs proves that an act names a set: order and repetition change nothing, one record more does, and no records have
// no hash.
func TestHashIDs(t *testing.T) {
	a, b := ID{1}, ID{2}
	same := HashIDs([]ID{a, b})
	if len(same) != 64 || HashIDs([]ID{b, a, b}) != same {
		t.Errorf("the same records in another order: %s, %s", same, HashIDs([]ID{b, a, b}))
	}
	if HashIDs([]ID{a}) == same || HashIDs(nil) != "" {
		t.Error("other records have the same hash, or none have one")
	}
}
