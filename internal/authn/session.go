package authn

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io"
	"slices"
	"strings"
	"time"

	"sarhad/record"
)

// Limits of a session. They are defaults of Config.
const (
	// DefaultAbsolute ends a session however busy it is: one long shift, so
	// that nobody inherits the screen of the shift before.
	DefaultAbsolute = 12 * time.Hour
	// DefaultIdle ends a session nobody uses: a booth or a shared PC is left
	// open more often than it is locked.
	DefaultIdle = 30 * time.Minute
	// DefaultTouch is how often use of a session is written down. Writing on
	// each request would make every read a write; the price is that a session
	// may end up to this much before DefaultIdle, never after it.
	DefaultTouch = time.Minute
	// DefaultPurpose is how long a stated purpose lasts: a working day, after
	// which the officer says again what the work is for.
	DefaultPurpose = 8 * time.Hour
)

// Session is one signed-in browser. The token itself is never kept.
type Session struct {
	// ID is the SHA-256 of the token, 64 lower-case hexadecimal digits. It
	// opens nothing, so it may be shown in a list and written to an audit row.
	ID string `json:"id"`
	// UserID is whose session it is.
	UserID string `json:"userId"`
	// Epoch is User.Epoch at sign-in.
	Epoch int64 `json:"-"`
	// CreatedAt is the sign-in, SeenAt the last use to within Config.Touch; UTC.
	CreatedAt time.Time `json:"createdAt"`
	SeenAt    time.Time `json:"seenAt"`
	// Address is the IP address of the sign-in.
	Address string `json:"address"`
	// Purpose is what the officer works on; zero when none is stated. A store
	// keeps it as JSON.
	Purpose record.Purpose `json:"purpose,omitzero"`
	// Device is the ID of the shared device it stands on; empty on others.
	Device string `json:"-"`
	// PIN is a PHC string over PIN and device token, empty while none is
	// chosen; PINTries counts wrong ones since the last right one.
	PIN      string `json:"-"`
	PINTries int    `json:"-"`
	// LockedAt is when the session was parked, UTC; zero while it is in use.
	LockedAt time.Time `json:"-"`
	// Secret keys what the browser keeps for the session, such as drafts: 32
	// bytes that go with it. Empty in sessions of older releases.
	Secret []byte `json:"-"`
	// User is filled in by Service and not stored with the session.
	User User `json:"user,omitzero"`
}

// Actor returns who acts in the session at now. A purpose that has run out is
// no purpose.
func (s Session) Actor(now time.Time) record.Actor {
	a := record.Actor{
		User: s.User.ID, Display: s.User.Display, Agency: s.User.Agency, Place: s.User.Place,
		Roles: slices.Clone(s.User.Roles),
	}
	if s.Purpose.Valid(now) {
		a.Purpose = s.Purpose
	}
	return a
}

// Bounds of the text of a purpose in characters: a free one must say
// something a reviewer can judge, and none may become a place to keep notes.
const (
	minFreePurpose = 10
	maxPurpose     = 300
)

// checkPurpose looks at the form only; whether the officer is assigned to the
// case is for Config.Assigned.
func checkPurpose(p record.Purpose) error {
	n := len([]rune(p.Text))
	switch p.Kind {
	case "case", "enquiry", "hit":
		if p.Ref == "" {
			return invalid(PurposeBad, "the purpose names no "+p.Kind+": choose the one you work on")
		}
	case "free":
		if n < minFreePurpose {
			return invalid(PurposeBad, "the purpose is too short: say in at least 10 characters what the work is for")
		}
		if p.Ref != "" {
			return invalid(PurposeBad, "a purpose in free words names no record: leave the reference empty, or choose case, enquiry or hit")
		}
	case "duty":
	default:
		return invalid(PurposeBad, "the kind of purpose is unknown: it is case, enquiry, hit, duty or free")
	}
	switch {
	case n == 0:
		return invalid(PurposeBad, "the purpose has no text: say in words what the work is for")
	case n > maxPurpose || len(p.Ref) > maxPurpose:
		return invalid(PurposeBad, "the purpose is longer than 300 characters: shorten it")
	}
	return nil
}

// tokenBytes is the length of a session token, 256 bits: beyond guessing, so
// that a plain SHA-256 of it can be stored without salt or stretching.
const tokenBytes = 32

// newToken returns a token of 43 base64url characters.
func newToken(rand io.Reader) (string, error) {
	var b [tokenBytes]byte
	if _, err := io.ReadFull(rand, b[:]); err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(b[:]), nil
}

// sessionID returns the ID that belongs to a token, and false for a string
// that cannot be a token, so that nothing odd reaches the store.
func sessionID(token string) (string, bool) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(b) != tokenBytes || strings.ContainsAny(token, "\r\n") {
		return "", false
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), true
}

// CSRFToken returns the token that unsafe requests of the session with this
// session token carry in the header X-CSRF-Token: HMAC-SHA-256 under the
// session token, base64url. It is bound to the session without being stored,
// and does not give the session token away.
func CSRFToken(token string) string {
	m := hmac.New(sha256.New, []byte(token))
	m.Write([]byte("sarhad csrf v1"))
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil))
}
