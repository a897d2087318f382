package exchangebench

import (
	"bytes"
	"crypto/rand"

	"sarhad/exchange/relay"
)

type handler = relay.Handler

// random is the randomness of the system.
type random struct{}

func (random) Read(p []byte) (int, error) { return rand.Read(p) }

// text is a message of the size that an enquiry has.
func text() []byte { return bytes.Repeat([]byte("s"), body) }
