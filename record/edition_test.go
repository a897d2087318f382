package record

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// TestAnEditionSaysWhatItIsOf proves that the word travels and is covered by the hash, and that a record which is none looks as
// it did before there were editions.
func TestAnEditionSaysWhatItIsOf(t *testing.T) {
	r := &Record{ID: ID{1}, Kind: "a.b", Version: 1, Revision: Revision{Number: 1}, Writer: "n", Owner: Owner{Agency: "A"},
		Handling: Handling{Marking: "open", Topic: "t"}, Created: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Raw: []byte(`{}`)}
	if strings.Contains(string(r.WrittenEnvelope()), "edition") {
		t.Error("the envelope of a record of old says more than before")
	}
	plain := r.Hash()
	r.Edition = &Edition{Of: 7}
	if r.Hash() == plain {
		t.Error("the hash does not cover it")
	}
	line, err := r.AppendWire(nil)
	if err != nil {
		t.Fatal(err)
	}
	back, err := ReadWire(line)
	if err != nil || back.Edition == nil || back.Edition.Of != 7 || back.Envelope != nil {
		t.Errorf("%v, %+v", err, back)
	}
	again, err := ReadWire([]byte(strings.Replace(string(line), `"of":7`, `"of":8`, 1)))
	if err == nil {
		t.Errorf("changed on the way: %+v", again.Edition)
	}
}

// TestRedactFields proves that fields go by what a rule says of them, and emptied elements with them.
func TestRedactFields(t *testing.T) {
	type item struct {
		A string `json:"a,omitempty" class:"plain"`
		B string `json:"b,omitempty" class:"plain"`
	}
	body := &struct {
		Items []item `json:"items,omitempty" class:"plain"`
		Name  string `json:"name,omitempty" class:"identity"`
	}{[]item{{"1", "2"}, {"", "3"}}, "N"}
	if err := RedactFields(body, func(f Field) bool { return strings.HasSuffix(f.Path, ".b") }); err != nil {
		t.Fatal(err)
	}
	if b, _ := json.Marshal(body); string(b) != `{"items":[{"a":"1"}],"name":"N"}` {
		t.Errorf("%s", b)
	}
}
