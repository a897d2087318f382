package vault

import (
	"bytes"
	"strings"

	"github.com/gabriel-vasile/mimetype"
)

// look is what was seen in a complete file.
type look struct {
	Type  string `json:"type"`
	Place bool   `json:"place,omitempty"` // it tells where it was made
	Dirty bool   `json:"dirty,omitempty"` // and that cannot be taken out here
}

const (
	// maxPicture is the largest picture that is opened: one in memory, with what is made of it. What is larger is kept as it
	// came, on purpose.
	maxPicture = 64 << 20
	// maxMovie bounds the part of a video that tells about it. Phones write some hundred kB.
	maxMovie = 16 << 20
)

// sniff tells the type of a file from its first bytes, without parameters.
func sniff(head []byte) string {
	if isShort(head) {
		return "text/plain"
	}
	kind, _, _ := strings.Cut(mimetype.Detect(head).String(), ";")
	return kind
}

// isShort reports whether a file is a few words: too little to be anything else.
func isShort(head []byte) bool {
	return len(head) < 4 && !bytes.ContainsFunc(head, func(r rune) bool { return r < ' ' && r != '\n' && r != '\r' && r != '\t' })
}
