package record

import (
	"strings"
	"time"
)

// KindHandover is the kind of the records that hand others over; the writer rule looks for them among the children of a record.
const KindHandover = "record.handover"

// Handover is the word of the node that writes a record: from its present revision on, another node writes it.
type Handover struct {
	Target   ID
	Revision string // Hash of the revision that was the present one: good for the next revision only, so it cannot be replayed
	From, To string // nodes
	Reason   string
	At       time.Time // UTC
}

// HandoverBody is a body that hands a record over. The signature is the from-node's over Handover.Text.
type HandoverBody interface {
	Body
	Handover() (h Handover, signature string)
}

// Text is what the from-node signs: one line for each field, in this order, ending with a newline (the form that signed notes
// ask for). Line breaks inside a reason become spaces, so that no reason can look like another field.
func (h Handover) Text() string {
	return strings.Join([]string{
		"sarhad handover 1",
		"record " + h.Target.String(),
		"revision " + oneLine(h.Revision),
		"from " + oneLine(h.From),
		"to " + oneLine(h.To),
		"at " + h.At.UTC().Format(time.RFC3339),
		"reason " + oneLine(h.Reason),
	}, "\n") + "\n"
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
