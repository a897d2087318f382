package authn

import (
	"errors"
	"fmt"
	"time"

	"sarhad/record"
)

// Reason is a short code beside the kind of an error, so that a screen can
// say it in its own language and react to it: ReasonOf(err).
type Reason string

// Error is for logs; screens say the reason in their own words.
func (r Reason) Error() string { return "authn: " + string(r) }

// Reasons. Each comes wrapped in a record.Error of the kind named here.
const (
	// SignInRefused: name, password or code is wrong, or the user is disabled
	// or unknown; which of these is never told. Forbidden; answer 401.
	SignInRefused Reason = "sign-in-refused"
	// CodeNeeded: name and password are right, a code is asked for. Forbidden;
	// answer 401. Only who knows the password ever sees it.
	CodeNeeded Reason = "code-needed"
	// TooManyTries: wait, see RetryAfter. Unavailable; answer 429.
	TooManyTries Reason = "too-many-tries"
	// Busy: too many sign-ins at this moment. Unavailable; answer 503.
	Busy Reason = "busy"
	// NoSession: not signed in, or no longer. Forbidden; answer 401.
	NoSession Reason = "no-session"
	// PasswordDue: the password must be changed first. Forbidden.
	PasswordDue Reason = "password-change-due"
	// CrossSite: the request came from another site, or without the CSRF
	// token of the session. Forbidden.
	CrossSite Reason = "cross-site"
	// CodeWrong: the code to confirm or remove TOTP does not fit. Invalid.
	CodeWrong Reason = "code-wrong"
	// PasswordShort, PasswordLong, PasswordObvious, PasswordSame: choose
	// another password. Invalid.
	PasswordShort   Reason = "password-short"
	PasswordLong    Reason = "password-long"
	PasswordObvious Reason = "password-obvious"
	PasswordSame    Reason = "password-same"
	// PasswordWrong: the present password, asked for again, is wrong. Forbidden.
	PasswordWrong Reason = "password-wrong"
	// NameBad, NameTaken, ProfileBad, PurposeBad: mend what was typed. Invalid,
	// NameTaken is Conflict.
	NameBad    Reason = "name-bad"
	NameTaken  Reason = "name-taken"
	ProfileBad Reason = "profile-bad"
	PurposeBad Reason = "purpose-bad"
	// NotEnrolling: there is no shown secret to confirm. Conflict.
	NotEnrolling Reason = "not-enrolling"
	// ChallengeGone: what was to be signed or enrolled has run out or was
	// answered already; begin again. Conflict.
	ChallengeGone Reason = "challenge-gone"
	// ActChanged: the act is another one than was signed. Conflict.
	ActChanged Reason = "act-changed"
	// PasskeyBad: the answer of the authenticator was not accepted, or the
	// name given to a passkey. Invalid; Forbidden when it was put out of use.
	PasskeyBad Reason = "passkey-bad"
	// PINBad: choose another PIN. Invalid. PINWrong: try again. Forbidden.
	PINBad   Reason = "pin-bad"
	PINWrong Reason = "pin-wrong"
	// PINNeeded: choose a PIN before locking. Conflict.
	PINNeeded Reason = "pin-needed"
	// PINEnded: the parked session is over. Conflict.
	PINEnded Reason = "pin-ended"
	// DeviceBad: the name of a shared device is bad (Invalid), or the browser
	// is not marked as shared (Conflict).
	DeviceBad Reason = "device-bad"
	// SignatureNeeded: this act is done only with a signature. Forbidden.
	SignatureNeeded Reason = "signature-needed"
)

// ReasonOf returns the reason inside an error, or "".
func ReasonOf(err error) Reason {
	var r Reason
	errors.As(err, &r)
	return r
}

// tooSoon carries the wait of a TooManyTries.
type tooSoon struct{ wait time.Duration }

// Error says how long to wait, for logs; RetryAfter reads it for the answer.
func (e tooSoon) Error() string { return fmt.Sprintf("next try in %s", e.wait) }

// RetryAfter returns how long the person has to wait, rounded up to seconds
// as the header Retry-After wants it; 0 when the error asks for no wait.
func RetryAfter(err error) time.Duration {
	var t tooSoon
	if !errors.As(err, &t) {
		return 0
	}
	return (t.wait + time.Second - 1).Truncate(time.Second)
}

// Status is the HTTP status of an error of this package. It refines the
// general table kind -> status by what only sign-in knows: 401 and 429.
func Status(err error) int {
	switch ReasonOf(err) {
	case SignInRefused, CodeNeeded, NoSession:
		return 401
	case TooManyTries:
		return 429
	}
	switch record.KindOf(err) {
	case "":
		return 200
	case record.Invalid:
		return 422
	case record.NotFound:
		return 404
	case record.Conflict:
		return 409
	case record.Forbidden, record.NoPurpose:
		return 403
	case record.Unavailable:
		return 503
	}
	return 500
}

func fail(kind record.ErrorKind, reason Reason, message string) *record.Error {
	return &record.Error{Kind: kind, Message: message, Err: reason}
}

func invalid(reason Reason, message string) *record.Error {
	return fail(record.Invalid, reason, message)
}

func internal(message string, err error) *record.Error {
	return &record.Error{Kind: record.Internal, Message: message, Err: err}
}

// The sentences of the door. One for all that can be wrong with a sign-in.
const (
	sayRefused = "sign-in was refused: check the name, the password and, if you use one, the code, then try again"
	sayCode    = "the password is right: now type the six digits of your authenticator app"
	sayNone    = "you are not signed in, or no longer: sign in again"
	sayBusy    = "too many people sign in at this moment: try again in a few seconds"
	sayTooMany = "too many wrong tries: wait %s, then try again"
	sayDue     = "your password was set by somebody else: choose your own before you go on"
)

func refused(detail string) error {
	return &record.Error{Kind: record.Forbidden, Message: sayRefused, Err: fmt.Errorf("%w (%s)", SignInRefused, detail)}
}

func noSession(detail string) error {
	return &record.Error{Kind: record.Forbidden, Message: sayNone, Err: fmt.Errorf("%w (%s)", NoSession, detail)}
}

func tooMany(wait time.Duration) error {
	e := tooSoon{wait}
	return &record.Error{
		Kind: record.Unavailable, Message: fmt.Sprintf(sayTooMany, RetryAfter(e)),
		Err: fmt.Errorf("%w: %w", TooManyTries, e),
	}
}
