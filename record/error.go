package record

import (
	"errors"
	"fmt"
)

// ErrorKind says what the person at the door can do about an error. One table turns it into an HTTP status or an exit
// code.
type ErrorKind string

const (
	Invalid     ErrorKind = "invalid"     // the input is wrong; mend it and try again
	NotFound    ErrorKind = "not-found"   // there is no such thing, or the actor may not know of it
	Conflict    ErrorKind = "conflict"    // somebody else was faster; read again
	Forbidden   ErrorKind = "forbidden"   // the actor may not do this
	NoPurpose   ErrorKind = "purpose"     // named data may be opened only with a purpose of work: set one
	Unavailable ErrorKind = "unavailable" // try later
	Internal    ErrorKind = "internal"    // our fault
)

// Error is the one type of error that a person reads. Message is one sentence: what is wrong, where, what to do; it
// never holds personal data beyond what the person just typed. Err is for the operator's log.
type Error struct {
	Kind    ErrorKind
	Message string
	Err     error
}

// Error is the sentence and its cause, for the operator's log; MessageOf gives the sentence alone.
func (e *Error) Error() string {
	if e.Err == nil {
		return e.Message
	}
	return e.Message + ": " + e.Err.Error()
}

// Unwrap gives the cause; nil when there is none.
func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an Error for a person.
func Errorf(kind ErrorKind, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...)}
}

// KindOf gives the kind of an error; what is no Error is Internal, nil is "".
func KindOf(err error) ErrorKind {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// MessageOf gives the sentence for a person; an error that is no Error stays hidden behind a neutral one.
func MessageOf(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Message
	}
	return "Something went wrong here. It is in the log; try again, and tell the administrator if it stays."
}

// Wrap puts the name of a function and its arguments before an error; deferred on the first line:
//
//	defer record.Wrap(&err, "Get(%s)", id)
func Wrap(err *error, format string, args ...any) {
	if *err != nil {
		*err = fmt.Errorf(format+": %w", append(args, *err)...)
	}
}
