package directory

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode"
	"unicode/utf8"
)

// maxDepth is how deep a statement nests; ours need five.
const maxDepth = 16

// maxInteger is the largest integer that every reader of JSON keeps exactly (RFC 7493 section 2.2).
const maxInteger = 1<<53 - 1

// canonical checks that text is JSON in the one form a statement may have: the JSON Canonicalization Scheme (RFC 8785) for objects, arrays,
// strings, integers and booleans, with keys of lower-case ASCII, each once, and strings without characters that
// control a line or its direction. So
// there is exactly one text for one meaning, and no reader can find another meaning in it than its signer did.
func canonical(text []byte) error {
	if !utf8.Valid(text) {
		return errors.New("it is not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	v, err := value(d, 0)
	if err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the JSON")
	}
	again, err := encode(v)
	if err != nil {
		return err
	}
	if !bytes.Equal(again, text) {
		return errors.New("it is not in the canonical form (RFC 8785): sorted keys, no spaces, one spelling of each string")
	}
	return nil
}

func value(d *json.Decoder, depth int) (any, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("it nests deeper than %d", maxDepth)
	}
	t, err := d.Token()
	if err != nil {
		return nil, fmt.Errorf("it is no JSON: %w", err)
	}
	switch t := t.(type) {
	case json.Delim:
		if t == '{' {
			return object(d, depth)
		}
		return array(d, depth)
	case json.Number:
		n, err := strconv.ParseInt(t.String(), 10, 64)
		if err != nil || n > maxInteger || n < -maxInteger {
			return nil, fmt.Errorf("%s is no integer that every reader keeps", t)
		}
		return n, nil
	case string:
		for _, r := range t {
			if r < ' ' || r == 0x7f || r == '\u2028' || r == '\u2029' || r == utf8.RuneError || unicode.Is(unicode.Bidi_Control, r) {
				return nil, fmt.Errorf("a string holds the character %U, which none may", r)
			}
		}
		return t, nil
	case bool:
		return t, nil
	}
	return nil, errors.New("null stands for nothing here: leave the field out")
}

func object(d *json.Decoder, depth int) (any, error) {
	out := map[string]any{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("it is no JSON: %w", err)
		}
		key, ok := t.(string)
		if !ok || !plainKey(key) {
			return nil, fmt.Errorf("%q is no key: lower-case letters, digits and . _ - are", key)
		}
		if _, twice := out[key]; twice {
			return nil, fmt.Errorf("the key %q stands there twice", key)
		}
		if out[key], err = value(d, depth+1); err != nil {
			return nil, err
		}
	}
	_, err := d.Token()
	return out, err
}

func array(d *json.Decoder, depth int) (any, error) {
	out := []any{}
	for d.More() {
		v, err := value(d, depth+1)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	_, err := d.Token()
	return out, err
}

// plainKey keeps keys in lower case: Go reads keys without regard to case, so "Quorum" beside "quorum" would be two meanings.
func plainKey(s string) bool {
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '.' && r != '_' && r != '-' {
			return false
		}
	}
	return s != ""
}

// encode writes a value in the canonical form. Structs go through maps, so that their keys are sorted.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// marshal gives the canonical form of a struct.
func marshal(v any) ([]byte, error) {
	plain, err := encode(v)
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(plain))
	d.UseNumber()
	generic, err := value(d, 0)
	if err != nil {
		return nil, err
	}
	return encode(generic)
}
