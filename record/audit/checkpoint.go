package audit

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// Checkpoint is what the node signs of its log. Its text has five lines and ends with a newline: origin, size, root in
// base64, incarnation, time in RFC 3339 UTC; the first three as in C2SP tlog-checkpoint.
type Checkpoint struct {
	Origin      string
	Size        int64
	Root        tlog.Hash
	Incarnation string
	At          time.Time
}

// Text is what is signed.
func (c Checkpoint) Text() string {
	return fmt.Sprintf("%s\n%d\n%s\n%s\n%s\n", c.Origin, c.Size, c.Root, c.Incarnation, c.At.UTC().Format(time.RFC3339))
}

// ReadCheckpoint reads the text of a signed note without checking the signature.
func ReadCheckpoint(signed []byte) (Checkpoint, error) {
	text, _, ok := strings.Cut(string(signed), "\n\n")
	lines := strings.Split(text, "\n")
	if !ok || len(lines) != 5 {
		return Checkpoint{}, fmt.Errorf("not a checkpoint: five lines, an empty line and signatures are expected")
	}
	c := Checkpoint{Origin: lines[0], Incarnation: lines[3]}
	var err error
	if c.Size, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return c, fmt.Errorf("checkpoint: size %q is no number", lines[1])
	}
	if c.Size < 1 {
		return c, fmt.Errorf("checkpoint: nobody signs a log of %d acts", c.Size)
	}
	if c.Root, err = tlog.ParseHash(lines[2]); err != nil {
		return c, fmt.Errorf("checkpoint: root: %w", err)
	}
	if c.At, err = time.Parse(time.RFC3339, lines[4]); err != nil {
		return c, fmt.Errorf("checkpoint: time: %w", err)
	}
	return c, nil
}
