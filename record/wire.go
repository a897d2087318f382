package record

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"
)

// Wire is the name of the form in which one revision of a record travels, as the member "sarhad" of its line:
//
//	{"sarhad":"record/1","envelope":{...},"raw":...,"hash":"..."}
//
// One line of UTF-8, one JSON object (RFC 8259) of exactly these members, plus "coding". envelope is the envelope as its
// writer wrote it, raw the body as received: embedded byte for byte when it is JSON that fits into a line, else in base64
// (RFC 4648 section 4), which "coding":"base64" says. hash is Hash. Nothing in a line is re-written by a node that passes it
// on. Seq and Received are the receiver's own. What a line of another version would say more belongs into the envelope.
const Wire = "record/1"

// Limits of a revision on the wire and in the store, in bytes.
const (
	MaxBody     = 16 << 20 // attachments stand outside of bodies
	MaxEnvelope = 1 << 20
	MaxWire     = MaxBody/3*4 + MaxEnvelope + 4<<10 // one line, the body in base64
)

const codingBase64 = "base64"

// AppendWire writes the revision as one line with its line break. It fails for what no receiver would take.
func (r *Record) AppendWire(dst []byte) ([]byte, error) {
	envelope := r.WrittenEnvelope()
	if len(envelope) > MaxEnvelope || len(r.Raw) > MaxBody {
		return dst, Errorf(Invalid, "record %s is too large to travel: a body may have %d bytes, an envelope %d", r.ID, MaxBody, MaxEnvelope)
	}
	line := append([]byte(nil), `{"sarhad":"`+Wire+`","envelope":`...)
	line = append(line, envelope...)
	line = append(line, `,"raw":`...)
	if embeds(r.Raw) {
		line = append(line, r.Raw...)
	} else {
		line = append(line, '"')
		line = base64.StdEncoding.AppendEncode(line, r.Raw)
		line = append(line, `","coding":"`+codingBase64+`"`...)
	}
	line = append(line, `,"hash":"`+r.Hash()+`"}`...)
	return append(append(dst, line...), '\n'), nil
}

// deepest is how many levels of nesting an embedded body may have: readers of JSON have limits, and the line adds a level.
const deepest = 1000

// embeds reports whether a body can stand inside a line as it is and be read back byte for byte.
func embeds(raw []byte) bool {
	if len(raw) == 0 || bytes.ContainsAny(raw, "\r\n") || !utf8.Valid(raw) || !json.Valid(raw) {
		return false
	}
	if len(bytes.TrimSpace(raw)) != len(raw) { // a reader takes outer white space for the line's own
		return false
	}
	depth := 0
	for _, c := range raw { // brackets inside strings only make it careful
		switch c {
		case '{', '[':
			if depth++; depth > deepest {
				return false
			}
		case '}', ']':
			depth--
		}
	}
	return true
}

// ReadWire reads one line. The record keeps the bytes of its envelope when this program would write it otherwise, and has no
// typed view yet. A line whose hash does not fit, that names something twice or says what this version of the form does not
// know, is Invalid: it is never half understood.
func ReadWire(line []byte) (*Record, error) {
	if len(line) > MaxWire {
		return nil, Errorf(Invalid, "the line is longer than %d bytes; no record is", MaxWire)
	}
	if !utf8.Valid(line) {
		return nil, Errorf(Invalid, "the line is not UTF-8")
	}
	if bytes.ContainsRune(bytes.TrimRight(line, "\r\n"), '\n') {
		return nil, Errorf(Invalid, "a record is one line; this is more")
	}
	all, err := members(line)
	if err != nil {
		return nil, &Error{Kind: Invalid, Message: "the line is not one JSON object; it may be cut", Err: err}
	}
	said := map[string]json.RawMessage{}
	for _, m := range all {
		if _, twice := said[m.name]; twice {
			return nil, Errorf(Invalid, "the line says %.40q twice", m.name)
		}
		said[m.name] = m.raw
	}
	if form := text(said["sarhad"]); form != Wire {
		return nil, Errorf(Invalid, "the line is of the form %.40q; this program reads %s", form, Wire)
	}
	for _, m := range all {
		switch m.name {
		case "sarhad", "envelope", "raw", "coding", "hash":
		default:
			return nil, Errorf(Invalid, "the line says %.40q, which %s does not know; a newer program must read it", m.name, Wire)
		}
	}
	return fromLine(said["envelope"], said["raw"], text(said["coding"]), text(said["hash"]))
}

// fromLine makes the record of what a line says.
func fromLine(envelope, raw json.RawMessage, coding, hash string) (*Record, error) {
	if len(envelope) == 0 || len(raw) == 0 || hash == "" {
		return nil, Errorf(Invalid, "the line lacks its envelope, its body or its hash")
	}
	if len(envelope) > MaxEnvelope {
		return nil, Errorf(Invalid, "the envelope has %d bytes; %d are the most", len(envelope), MaxEnvelope)
	}
	r := &Record{Raw: raw}
	if err := r.readEnvelope(envelope); err != nil {
		return nil, err
	}
	switch coding {
	case "":
	case codingBase64:
		var err error
		if r.Raw, err = base64.StdEncoding.Strict().DecodeString(text(raw)); err != nil {
			return nil, &Error{Kind: Invalid, Message: "the body is said to be base64 and is not", Err: err}
		}
	default:
		return nil, Errorf(Invalid, "the body is coded as %.40q, which %s does not know", coding, Wire)
	}
	if len(r.Raw) > MaxBody {
		return nil, Errorf(Invalid, "the body has %d bytes; %d are the most", len(r.Raw), MaxBody)
	}
	if got := r.Hash(); got != hash {
		return nil, Errorf(Invalid, "record %s was changed on the way: its hash is %.12s and the line says %.12s", r.ID, got, hash)
	}
	return r, nil
}

// readEnvelope reads an envelope as its writer wrote it.
func (r *Record) readEnvelope(written []byte) error {
	if err := checkNames(reflect.TypeFor[Record](), written); err != nil {
		return err
	}
	raw := r.Raw
	*r = Record{}
	if err := json.Unmarshal(written, r); err != nil {
		return &Error{Kind: Invalid, Message: "the envelope cannot be read", Err: err}
	}
	r.Raw, r.Received = raw, time.Time{}
	if ours := r.WrittenEnvelope(); !bytes.Equal(ours, written) {
		r.Envelope = bytes.Clone(written)
	}
	return nil
}

// ReadEnvelope gives the record of an envelope as its writer wrote it; Raw is not set. The store keeps such envelopes.
func ReadEnvelope(written []byte) (*Record, error) {
	r := &Record{}
	return r, r.readEnvelope(written)
}

// member is one member of a JSON object, in its order.
type member struct {
	name string
	raw  json.RawMessage
}

// members reads a JSON object and nothing after it. Values are the bytes as they stand.
func members(object []byte) ([]member, error) {
	d := json.NewDecoder(bytes.NewReader(object))
	open, err := d.Token()
	if err != nil {
		return nil, err
	}
	if open != json.Delim('{') {
		return nil, fmt.Errorf("it begins with %v", open)
	}
	var out []member
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		m := member{name: name.(string)} // the decoder gives nothing else before a colon
		if err := d.Decode(&m.raw); err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	if rest := bytes.TrimSpace(object[d.InputOffset():]); len(rest) > 0 {
		return nil, fmt.Errorf("%d bytes follow the object", len(rest))
	}
	return out, nil
}

// text is a JSON string; "" for anything else.
func text(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}

// checkNames refuses an envelope that two programs could read in two ways: a name said twice, or one that differs from ours in
// nothing but its case.
func checkNames(t reflect.Type, raw []byte) error {
	for t.Kind() == reflect.Slice && t.Elem().Kind() != reflect.Uint8 {
		var list []json.RawMessage
		if json.Unmarshal(raw, &list) != nil {
			return nil // reading it will say so
		}
		t = t.Elem()
		for _, one := range list {
			if err := checkNames(t, one); err != nil {
				return err
			}
		}
		return nil
	}
	if t.Kind() != reflect.Struct || t == timeType {
		return nil
	}
	all, err := members(raw)
	if err != nil {
		if bytes.Equal(bytes.TrimSpace(raw), []byte("null")) {
			return nil
		}
		return &Error{Kind: Invalid, Message: "the envelope is not JSON as it should be", Err: err}
	}
	known := fieldsByName(t)
	seen := map[string]bool{}
	for _, m := range all {
		folded := strings.ToLower(m.name)
		if seen[folded] {
			return Errorf(Invalid, "the envelope says %.40q twice", m.name)
		}
		seen[folded] = true
		if f, ok := known[m.name]; ok {
			if err := checkNames(f, m.raw); err != nil {
				return err
			}
			continue
		}
		for name := range known {
			if strings.EqualFold(name, m.name) {
				return Errorf(Invalid, "the envelope says %.40q where %q is expected", m.name, name)
			}
		}
	}
	return nil
}

// fieldsByName gives the fields of an envelope's struct by their JSON names.
func fieldsByName(t reflect.Type) map[string]reflect.Type {
	out := make(map[string]reflect.Type, t.NumField())
	for i := range t.NumField() {
		if f := t.Field(i); f.IsExported() && f.Tag.Get("json") != "-" {
			out[jsonName(f)] = f.Type
		}
	}
	return out
}

// Carry lets the next revision of a record say on what the envelope of the former said and this program does not know. It
// sets next.Envelope, after everything else of next is set.
func Carry(former, next *Record) error {
	next.Envelope = nil
	if former == nil || former.Envelope == nil {
		return nil
	}
	plain := *former
	plain.Envelope = nil
	ours := next.WrittenEnvelope()
	merged, err := carry(reflect.TypeFor[Record](), former.Envelope, plain.WrittenEnvelope(), ours)
	if err == nil && !bytes.Equal(merged, ours) {
		next.Envelope = merged
	}
	return err
}

// carry merges an object: what we say now, in the old writing where it says the same, then what we do not know. before is how
// we would have written old.
func carry(t reflect.Type, old, before, now []byte) ([]byte, error) {
	was, err := members(old)
	if err != nil {
		return nil, err
	}
	as, err := byName(before)
	if err != nil {
		return nil, err
	}
	out, err := members(now)
	if err != nil {
		return nil, err
	}
	known := fieldsByName(t)
	for _, m := range was {
		f, ok := known[m.name]
		if !ok {
			out = append(out, m)
			continue
		}
		at := -1
		for i := range out {
			if out[i].name == m.name {
				at = i
			}
		}
		switch {
		case at >= 0 && bytes.Equal(out[at].raw, as[m.name]):
			out[at].raw = m.raw
		case f.Kind() == reflect.Struct && f != timeType && bytes.HasPrefix(m.raw, []byte("{")):
			sub, mine := as[m.name], []byte("{}")
			if sub == nil {
				sub = []byte("{}")
			}
			if at >= 0 {
				mine = out[at].raw
			}
			merged, err := carry(f, m.raw, sub, mine)
			if err != nil {
				return nil, err
			}
			if at >= 0 {
				out[at].raw = merged
			} else if !bytes.Equal(merged, []byte("{}")) {
				out = append(out, member{m.name, merged})
			}
		}
	}
	return object(out)
}

func byName(object []byte) (map[string]json.RawMessage, error) {
	all, err := members(object)
	out := make(map[string]json.RawMessage, len(all))
	for _, m := range all {
		out[m.name] = m.raw
	}
	return out, err
}

func object(all []member) ([]byte, error) {
	out := []byte{'{'}
	for i, m := range all {
		if i > 0 {
			out = append(out, ',')
		}
		name, err := json.Marshal(m.name)
		if err != nil {
			return nil, err
		}
		out = append(append(append(out, name...), ':'), m.raw...)
	}
	return append(out, '}'), nil
}
