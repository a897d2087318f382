package record_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"sarhad/record"
)

// Document key 1 is frozen: the published vectors say what it is. A change here parts stored records from new ones.
func TestDocumentKeyVectors(t *testing.T) {
	raw, err := os.ReadFile("testdata/document-key-1.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct{ Issuer, Number, Key string }
	if err := json.Unmarshal(raw, &vectors); err != nil || len(vectors) < 10 {
		t.Fatalf("%d vectors, %v", len(vectors), err)
	}
	for _, v := range vectors {
		if got := record.DocumentKey(v.Issuer, v.Number); got != v.Key {
			t.Errorf("DocumentKey(%q, %q) = %q, want %q", v.Issuer, v.Number, got, v.Key)
		}
		if got := record.DocumentNumber(v.Number); v.Key != "" && !strings.HasSuffix(v.Key, ":"+got) {
			t.Errorf("DocumentNumber(%q) = %q does not end %q", v.Number, got, v.Key)
		}
	}
}

// A key made of a key's parts is the same key: what was cleaned once can be cleaned again.
func FuzzDocumentKey(f *testing.F) {
	f.Add("KAZ", "N 0123-45.67/8<")
	f.Add("", "ß ı ﬁ \xff")
	f.Fuzz(func(t *testing.T, issuer, number string) {
		clean := record.DocumentNumber(number)
		if again := record.DocumentNumber(clean); again != clean {
			t.Errorf("%q, cleaned again %q", clean, again)
		}
		if strings.ContainsAny(clean, " -/.<\t\n") {
			t.Errorf("%q is not clean", clean)
		}
		if a, b := record.DocumentKey(issuer, number), record.DocumentKey(record.DocumentNumber(issuer), clean); a != b {
			t.Errorf("key %q, of the cleaned parts %q", a, b)
		}
	})
}
