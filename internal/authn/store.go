package authn

import (
	"context"
	"time"

	"sarhad/record"
)

// Users reads users. Returned users share no memory with the store.
type Users interface {
	// User returns the user with this ID, or an error of kind not-found.
	User(ctx context.Context, id string) (User, error)
	// UserByName returns the user whose Name is exactly name (the caller
	// passes the NormalName), or an error of kind not-found.
	UserByName(ctx context.Context, name string) (User, error)
	// ListUsers returns all users in ascending order of Name, bytewise.
	ListUsers(ctx context.Context) ([]User, error)
}

// UserWriter writes users. Each call is one transaction, and the audit row
// for act is part of it: both are written or neither. The actor of the row is
// record.ActorFrom(ctx); reads here ask for no actor, because they are what
// establishes one.
type UserWriter interface {
	// InsertUser adds a user. An ID or Name that exists is an error of kind
	// conflict.
	InsertUser(ctx context.Context, u User, act record.Act) error
	// UpdateUser reads the user, calls change on it and writes the result,
	// with no other write of that user between. When change returns an error
	// nothing is written and that error is returned as it is (errors.Is must
	// find it). ID, Name and CreatedAt are not changed. A user that does not
	// exist is an error of kind not-found, and change is not called. change
	// may be called again when the transaction is retried; it does not block.
	UpdateUser(ctx context.Context, id string, act record.Act, change func(*User) error) error
}

// Sessions keeps sessions. The field User is neither stored nor returned.
type Sessions interface {
	// InsertSession adds a session and writes the audit row for act in the
	// same transaction.
	InsertSession(ctx context.Context, s Session, act record.Act) error
	// Session returns the session with this ID, or an error of kind not-found.
	Session(ctx context.Context, id string) (Session, error)
	// UpdateSession is to sessions what UpdateUser is to users; ID, UserID,
	// CreatedAt and Address are not changed. With the zero Act (Action == "")
	// it writes no audit row: use of a session was noted, nothing was done.
	UpdateSession(ctx context.Context, id string, act record.Act, change func(*Session) error) error
}

// SessionEnder lists and ends sessions.
type SessionEnder interface {
	// SessionsOf returns the stored sessions of a user, newest CreatedAt
	// first, without judging whether they still live.
	SessionsOf(ctx context.Context, userID string) ([]Session, error)
	// DeleteSession removes a session and writes the audit row for act in the
	// same transaction. One that does not exist is an error of kind
	// not-found, and nothing is written.
	DeleteSession(ctx context.Context, id string, act record.Act) error
	// PruneSessions removes every session with CreatedAt before created or,
	// without a PIN, SeenAt before seen and returns how many. No audit row: they were dead.
	PruneSessions(ctx context.Context, created, seen time.Time) (int, error)
}

// Acts writes acts that change nothing else, such as a refused sign-in.
type Acts interface {
	WriteAct(ctx context.Context, act record.Act) error
}

// Store is all that this package asks of a database. store/sqlite is one,
// authntest.Memory another; authntest.Contract tests any.
type Store interface {
	Users
	UserWriter
	Sessions
	SessionEnder
	Acts
	Passkeys
	Devices
}

// Actions of the audit rows written here. Subject is the user it was done to;
// a row never holds a name, a password, a code or a token.
const (
	ActSignIn        = "sign-in"
	ActSignInRefused = "sign-in-refused" // Reason says why, which the person at the door is not told
	ActSignOut       = "sign-out"
	ActSessionRevoke = "session-revoke"
	ActRevokeAll     = "session-revoke-all"
	ActPurpose       = "purpose-set"
	ActUserCreate    = "user-create"
	ActUserChange    = "user-change"
	ActUserDisable   = "user-disable"
	ActUserEnable    = "user-enable"
	ActPassword      = "password-set"
	ActRehash        = "password-rehash"
	ActTOTPOffer     = "totp-offer"
	ActTOTPConfirm   = "totp-confirm"
	ActTOTPUse       = "totp-use"
	ActTOTPRemove    = "totp-remove"
	ActDeviceShare   = "device-share"
	ActDeviceUnshare = "device-unshare"
	ActPINSet        = "pin-set"
	ActPINRefused    = "pin-refused"
	ActPINEnd        = "pin-end" // too many wrong ones ended the session
	ActLock          = "session-lock"
	ActUnlock        = "session-unlock"
	ActPasskeyName   = "passkey-name"
	ActPasskeyCloned = "passkey-cloned" // put out of use: its counter fell behind
)
