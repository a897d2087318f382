package envelope

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"testing"

	"sarhad/record"
)

// TestKeysAsText proves that each key comes back from its one line, and that a line with one letter changed is none.
func TestKeysAsText(t *testing.T) {
	p := newParty(t, "uz-hq")
	for _, test := range []struct {
		text  string
		again func(string) (string, error)
	}{
		{p.sign.Secret(), func(s string) (string, error) {
			k, err := ParseSignKey(s)
			if err != nil {
				return "", err
			}
			return k.Secret(), nil
		}},
		{p.sign.Public().String(), func(s string) (string, error) {
			k, err := ParseVerifyKey(s)
			if err != nil {
				return "", err
			}
			return k.String(), nil
		}},
		{p.open.Secret(), func(s string) (string, error) {
			k, err := ParseOpenKey(s)
			if err != nil {
				return "", err
			}
			return k.Secret(), nil
		}},
		{p.open.Public().String(), func(s string) (string, error) {
			k, err := ParseSealKey(s)
			if err != nil {
				return "", err
			}
			return k.String(), nil
		}},
	} {
		prefix, _, _ := strings.Cut(test.text, ":")
		if strings.ContainsAny(test.text, "\n ") || !strings.HasSuffix(prefix, "-1") {
			t.Errorf("%s: not one line with a version", prefix)
		}
		if again, err := test.again(test.text + "\n"); err != nil || again != test.text {
			t.Errorf("%s does not come back: %v", prefix, err)
		}
		step := max(1, len(test.text)/60)
		for i := 0; i < len(test.text); i += step {
			bad := []byte(test.text)
			bad[i] ^= 1
			_, err := test.again(string(bad))
			if record.KindOf(err) != record.Invalid {
				t.Errorf("%s: letter %d changed: %v", prefix, i, err)
			} else if strings.Contains(err.Error(), test.text[len(prefix)+12:len(prefix)+27]) {
				t.Errorf("%s: the error repeats the key: %v", prefix, err)
			}
		}
		for _, bad := range []string{"", prefix, prefix + ":", test.text[:len(test.text)-1], test.text + "A", strings.Replace(test.text, "-1:", "-2:", 1)} {
			if _, err := test.again(bad); record.KindOf(err) != record.Invalid {
				t.Errorf("%s: %d characters: %v", prefix, len(bad), err)
			}
		}
	}
}

// TestKeyOfAnotherSuite proves that a public key says its suite: none is taken for that of another.
func TestKeyOfAnotherSuite(t *testing.T) {
	k := VerifyKey{Suite: "gost3410", Key: bytes.Repeat([]byte{3}, 32)}
	if again, err := ParseVerifyKey(k.String()); err != nil || again.Suite != k.Suite || !bytes.Equal(again.Key, k.Key) {
		t.Errorf("%v %v", again, err)
	}
	if _, err := ParseVerifyKey(strings.Replace(k.String(), "gost3410", SignEd25519, 1)); record.KindOf(err) != record.Invalid {
		t.Errorf("under another suite: %v", err)
	}
	for _, bad := range []VerifyKey{{"", k.Key}, {"a b", k.Key}, {"x", nil}, {SignEd25519, k.Key[:31]}, {"x", make([]byte, maxKey+1)}} {
		if _, err := ParseVerifyKey(bad.String()); record.KindOf(err) != record.Invalid {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

// TestSecretsAreNeverPrinted proves it for every way in which a program prints by mistake.
func TestSecretsAreNeverPrinted(t *testing.T) {
	p := newParty(t, "uz-hq")
	f, err := SealFile(&bytes.Buffer{}, strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	f.Hash = [32]byte{} // no secret, and it looks like one
	type node struct {
		name string
		sign SignKey
		open OpenKey
		file *File
	}
	held := node{"uz-hq", p.sign, p.open, &f}
	seed := p.sign.key().Seed()
	shapes := []string{
		string(seed), fmt.Sprint(seed), fmt.Sprintf("%#v", seed), fmt.Sprintf("%x", seed), fmt.Sprintf("%X", seed), fmt.Sprintf("%q", seed),
		fmt.Sprint(seed[:8])[:20], p.sign.Secret()[len(signPrefix):], p.open.id().String()[20:], f.Key.id().String()[20:],
	}
	var out bytes.Buffer
	for _, v := range []any{p.sign, &p.sign, p.open, &p.open, f, &f, held, &held, []any{p.sign, p.open}, map[string]any{"k": p.sign, "o": p.open}, []SignKey{p.sign}, p} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%o", "%t", "%T"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		fmt.Fprintln(&out, v)
		for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
			slog.New(h).Info("key", "k", v)
		}
		if b, err := json.Marshal(v); err == nil {
			out.Write(b)
		}
	}
	fmt.Fprintln(&out, fmt.Errorf("wrapped: %w %v", errors.New("x"), p.sign))
	for _, shape := range shapes {
		if strings.Contains(out.String(), shape) {
			t.Errorf("a secret was printed as %.12q...", shape)
		}
	}
	// Whatever it is: no run of numbers and no long hexadecimal either.
	if found := regexp.MustCompile(`(?:\b[1-9]\d*,? ){6}|(?:0x[1-9a-f][0-9a-f]?, ){6}|[1-9a-fA-F][0-9a-fA-F]{39}`).FindString(out.String()); found != "" {
		t.Errorf("bytes were printed: %.40s", found)
	}
	if !strings.Contains(fmt.Sprint(p.sign), "secret") {
		t.Error("a key does not say that it is one")
	}
}

// TestSignKeyIsDeterministic proves that a key is made of the randomness it is given, and fails without.
func TestSignKeyIsDeterministic(t *testing.T) {
	if a, b := newParty(t, "uz-hq"), newParty(t, "uz-hq"); a.sign.Secret() != b.sign.Secret() {
		t.Error("two keys of one seed")
	}
	if _, err := NewSignKey(strings.NewReader("short")); err == nil {
		t.Error("a key of 5 bytes of randomness")
	}
	if _, err := (SignKey{}).Sign(nil); err == nil {
		t.Error("the empty key signs")
	}
	if _, err := (SealKey{}).Seal(nil); err == nil {
		t.Error("the empty key seals")
	}
	if _, err := (OpenKey{}).Open(nil); err == nil {
		t.Error("the empty key opens")
	}
}
