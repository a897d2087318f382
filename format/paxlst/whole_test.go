package paxlst

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func through(t *testing.T, m Message) Message {
	t.Helper()
	b, err := json.Marshal(Whole{m})
	if err != nil {
		t.Fatal(err)
	}
	var back Whole
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	return back.Message
}

// fill gives every field of a value something of its own.
func fill(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprint("value ", *n))
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(v.Index(i), n)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	default:
		panic("a field of a kind that fill does not know: " + v.Kind().String())
	}
}

// TestWholeKeepsEveryField proves that nothing is lost on the way between two programs, also of fields to come.
func TestWholeKeepsEveryField(t *testing.T) {
	var m Message
	fill(reflect.ValueOf(&m).Elem(), new(int))
	if d := cmp.Diff(m, through(t, m)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(Message{}, through(t, Message{}), cmpopts.EquateEmpty()); d != "" {
		t.Error(d)
	}
}

// TestWholeKeepsMessages proves it for every message of the collection.
func TestWholeKeepsMessages(t *testing.T) {
	files, err := filepath.Glob("testdata/*.edi")
	more, err2 := filepath.Glob("testdata/carriers/*.edi")
	if files = append(files, more...); err != nil || err2 != nil || len(files) < 10 {
		t.Fatal(files, err, err2)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all, err := Parse(bytes.NewReader(data), name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range all {
			if d := cmp.Diff(m, through(t, m), cmpopts.EquateEmpty()); d != "" {
				t.Errorf("%s: %s", name, d)
			}
		}
	}
}

// FuzzWhole proves it for whatever is sent: no byte of a person is changed on the way.
func FuzzWhole(f *testing.F) {
	files, _ := filepath.Glob("testdata/carriers/*.edi")
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("UNB+UNOA:4+S+R+130620:0900+1'UNH+1+PAXLST:D:02B:UN'NAD+FL+++\xff\xfe\x80:\x00\x01'ATT+2++\xc3'UNT+3+1'"))
	f.Add([]byte("UNB+UNOY:4+S+R+130620:0900+1'UNH+1+PAXLST:D:02B:UN'NAD+FL+++\xff\xfe\x80:\xe2\x80\xa8<&>'UNT+3+1'"))
	f.Fuzz(func(t *testing.T, data []byte) {
		all, _ := Parse(bytes.NewReader(data), "f")
		for _, m := range all {
			if d := cmp.Diff(m, through(t, m), cmpopts.EquateEmpty()); d != "" {
				t.Error(d)
			}
		}
	})
}

// TestWholeKeepsDamagedMessages proves it for messages of which bytes are broken, so that no letter is one any more.
func TestWholeKeepsDamagedMessages(t *testing.T) {
	files, err := filepath.Glob("testdata/carriers/*.edi")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	chance := rand.New(rand.NewPCG(1, 2))
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for range 100 {
			bad := bytes.Clone(data)
			for range 1 + chance.IntN(20) {
				bad[chance.IntN(len(bad))] = byte(chance.IntN(256))
			}
			all, _ := Parse(bytes.NewReader(bad), name)
			for _, m := range all {
				if d := cmp.Diff(m, through(t, m), cmpopts.EquateEmpty()); d != "" {
					t.Fatalf("%s: %s", name, d)
				}
			}
		}
	}
}
