package storetest

import (
	"bytes"
	"time"

	"sarhad/record"
)

// Sign signs an act as an officer with password and code did, who saw a revision at a time. The act is named as its row will
// stand in the log, with its user.
func Sign(act record.Act, revision string, at time.Time) *record.Signature {
	at = at.UTC().Truncate(time.Second)
	act.Signature = &record.Signature{Method: record.SignedCode, Revision: revision, Nonce: bytes.Repeat([]byte{7}, 32), From: at, Until: at.Add(2 * time.Minute)}
	challenge := act.Challenge()
	act.Signature.Signed = challenge[:]
	return act.Signature
}
