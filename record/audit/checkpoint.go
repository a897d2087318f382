package audit

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// Checkpoint is what the node signs of its log. Its text has lines that end with a newline: origin, size, root in base64,
// incarnation, time in RFC 3339 UTC, "unmaskings N"; the first three as in C2SP tlog-checkpoint. The sixth is missing in
// checkpoints of the first release, which still hold.
type Checkpoint struct {
	Origin      string
	Size        int64
	Root        tlog.Hash
	Incarnation string
	At          time.Time
	Unmaskings  int64 // acts of ActUnmask among the Size; -1 when the checkpoint does not say
}

// ActUnmask is the action of the act by which a masked record was opened. Every checkpoint counts them, so that whoever
// holds one knows how often it happened.
const ActUnmask = "unmask"

// unmaskings begins the line that counts them.
const unmaskings = "unmaskings "

// Text is what is signed.
func (c Checkpoint) Text() string {
	text := fmt.Sprintf("%s\n%d\n%s\n%s\n%s\n", c.Origin, c.Size, c.Root, c.Incarnation, c.At.UTC().Format(time.RFC3339))
	if c.Unmaskings >= 0 {
		text += fmt.Sprintf("%s%d\n", unmaskings, c.Unmaskings)
	}
	return text
}

// ReadCheckpoint reads the text of a signed note without checking the signature.
func ReadCheckpoint(signed []byte) (Checkpoint, error) {
	text, _, ok := strings.Cut(string(signed), "\n\n")
	lines := strings.Split(text, "\n")
	if !ok || len(lines) != 5 && len(lines) != 6 {
		return Checkpoint{}, fmt.Errorf("not a checkpoint: five or six lines, an empty line and signatures are expected")
	}
	c := Checkpoint{Origin: lines[0], Incarnation: lines[3], Unmaskings: -1}
	var err error
	if len(lines) == 6 {
		n, ok := strings.CutPrefix(lines[5], unmaskings)
		if c.Unmaskings, err = strconv.ParseInt(n, 10, 64); !ok || err != nil || c.Unmaskings < 0 {
			return c, fmt.Errorf("checkpoint: %q does not count unmaskings", lines[5])
		}
	}
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
