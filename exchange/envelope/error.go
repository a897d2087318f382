package envelope

import (
	"errors"
	"fmt"

	"sarhad/record"
)

// Why an envelope is refused. Each refusal is a record.Error (Invalid) with a sentence for a person, and wraps one of these.
// What the caller does: keep the bytes as they came, show the sentence, tell the sender; never take the content up.
var (
	// ErrForm: the bytes are no envelope in its one canonical form. Nobody but a broken or hostile sender makes them.
	ErrForm = errors.New("not a well-formed envelope")
	// ErrNewer: made by a later version of the program. The message is kept and opened again after the update.
	ErrNewer = errors.New("made by a newer program")
	// ErrNotOurs: the envelope is addressed to another node.
	ErrNotOurs = errors.New("addressed to another node")
	// ErrSuite: sealed, or signed by nothing but, suites that this program does not have.
	ErrSuite = errors.New("unknown suite")
	// ErrKey: no key that is here opens it: sealed to a key that was destroyed, or to somebody else's. Ask for it again. An
	// Opener wraps it when what it was given is not for its key.
	ErrKey = errors.New("sealed to another key")
	// ErrDamaged: it was changed after it was sealed, or what is inside does not fill its size class as it should.
	ErrDamaged = errors.New("changed after sealing")
	// ErrMismatch: what is written outside is not what was signed inside: the hub readdressed it, or somebody sent on what
	// was signed for another.
	ErrMismatch = errors.New("outside and signed inside differ")
	// ErrSignature: a signature is wrong, missing, or of a key that does not count (any more).
	ErrSignature = errors.New("signature does not count")
)

// refuse makes the error for a person around one of the reasons above.
func refuse(reason error, format string, args ...any) error {
	return &record.Error{Kind: record.Invalid, Message: fmt.Sprintf(format, args...), Err: reason}
}

// because adds what the operator wants to know.
func because(reason, cause error) error {
	if cause == nil || errors.Is(cause, reason) {
		return reason
	}
	return fmt.Errorf("%w: %w", reason, cause)
}
