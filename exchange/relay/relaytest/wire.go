package relaytest

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"time"

	"sarhad/record"
)

// The envelope of relaytest hides nothing. It is as strict as a sealed one: one changed byte and it cannot be opened.
var magic = []byte("relaytest 1\n")

// Seal gives the function that seals for a node.
func Seal(from string) func(context.Context, record.Dispatch) ([]byte, error) {
	return func(_ context.Context, d record.Dispatch) ([]byte, error) {
		b := append([]byte(nil), magic...)
		for _, f := range [][]byte{[]byte(d.To), []byte(d.Lane), d.ID[:], []byte(from), []byte(d.Incarnation), []byte(d.Kind), d.About[:], d.Content} {
			b = binary.AppendUvarint(b, uint64(len(f)))
			b = append(b, f...)
		}
		b = binary.AppendVarint(b, d.Seq)
		b = binary.AppendVarint(b, d.Queued.UnixMilli())
		return binary.BigEndian.AppendUint64(b, sum(b)), nil
	}
}

// sum is FNV-1a, 64 bits.
func sum(b []byte) uint64 {
	h := uint64(14695981039346656037)
	for _, c := range b {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return h
}

var errWire = errors.New("the envelope is damaged")

// Header reads what a hub may see.
func Header(wire []byte) (to string, lane record.Lane, id record.ID, err error) {
	rest, ok := bytes.CutPrefix(wire, magic)
	if !ok {
		return "", "", id, errWire
	}
	var f [3][]byte
	for i := range f {
		if f[i], rest, err = field(rest); err != nil {
			return "", "", id, err
		}
	}
	copy(id[:], f[2])
	return string(f[0]), record.Lane(f[1]), id, nil
}

func field(b []byte) (f, rest []byte, err error) {
	n, k := binary.Uvarint(b)
	if k <= 0 || n > uint64(len(b)-k) {
		return nil, nil, errWire
	}
	return b[k : k+int(n)], b[k+int(n):], nil
}

// Open gives the function that opens for a node.
func Open(node string) func(context.Context, []byte) (record.Arrival, error) {
	return func(_ context.Context, wire []byte) (a record.Arrival, err error) {
		to, lane, id, err := Header(wire)
		if err != nil {
			return a, record.Errorf(record.Invalid, "the envelope is damaged")
		}
		a.ID, a.Lane = id, lane
		if len(wire) < 8 || sum(wire[:len(wire)-8]) != binary.BigEndian.Uint64(wire[len(wire)-8:]) || to != node {
			return a, record.Errorf(record.Invalid, "the envelope is damaged or for another node")
		}
		rest := wire[len(magic):]
		var f [8][]byte
		for i := range f {
			if f[i], rest, err = field(rest); err != nil {
				return a, err
			}
		}
		seq, k := binary.Varint(rest)
		sent, _ := binary.Varint(rest[k:])
		a.From, a.Incarnation, a.Kind, a.Content, a.Seq = string(f[3]), string(f[4]), string(f[5]), f[7], seq
		copy(a.About[:], f[6])
		a.Sent, a.Kept, a.Signed = time.UnixMilli(sent), []byte("kept"), a.Content
		return a, nil
	}
}
