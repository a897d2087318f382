package api

import (
	"encoding/binary"
	"testing"
	"time"

	"sarhad/record"
)

// TestLooksDoNotGrow proves that what is remembered of looks is bounded however many there are.
func TestLooksDoNotGrow(t *testing.T) {
	var l looks
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var key lookKey
	for n := range 5 * manyLooks {
		binary.BigEndian.PutUint64(key[:], uint64(n))
		l.done(key, now)
	}
	if n := len(l.young) + len(l.elder); n > 2*manyLooks {
		t.Errorf("%d looks are remembered", n)
	}
	if !l.again(key, now.Add(LookAgain-1)) || l.again(key, now.Add(LookAgain)) {
		t.Error("a look is the same act for LookAgain, not shorter or longer")
	}
	l.done(lookKey{}, now.Add(LookAgain))
	if !l.again(key, now.Add(LookAgain-1)) {
		t.Error("the elder generation was dropped with the younger")
	}
}

func TestKeyOfLook(t *testing.T) {
	act := record.Act{Action: "list", Topic: "hit", Count: 1}
	base := keyOfLook(record.Actor{User: "u"}, act, asked("", "a", "b"))
	other := act
	other.Purpose.Ref = "2026-1"
	for name, key := range map[string]lookKey{
		"officer":   keyOfLook(record.Actor{User: "v"}, act, asked("", "a", "b")),
		"question":  keyOfLook(record.Actor{User: "u"}, act, asked("x", "a", "b")),
		"filter":    keyOfLook(record.Actor{User: "u"}, act, asked("", "ab", "")),
		"purpose":   keyOfLook(record.Actor{User: "u", Purpose: record.Purpose{Text: "p"}}, act, asked("", "a", "b")),
		"reference": keyOfLook(record.Actor{User: "u"}, other, asked("", "a", "b")),
	} {
		if key == base {
			t.Errorf("another %s is the same look", name)
		}
	}
	a, b := &API{}, &API{Config: Config{QueryKey: []byte("k")}}
	if x := asked(" Ivanov "); x.text != asked("иванов").text || a.queryCode(x.text) == b.queryCode(x.text) {
		t.Error("one name in two alphabets is one question, under the key of the node")
	}
}
