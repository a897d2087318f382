package authn

import (
	"slices"
	"strings"
	"time"
)

// User is one person who may sign in at this node. The name of a user never
// goes into a log; the ID does.
type User struct {
	// ID is a UUIDv7 in its 36-character form.
	ID string `json:"id"`
	// Name is what the person types to sign in, in the form NormalName
	// returns. It is unique in the node and never changes.
	Name string `json:"name"`
	// Display is how colleagues know the person, in any script.
	Display string `json:"display"`
	// Agency is the code of the person's agency, as the vocabulary has it.
	Agency string `json:"agency"`
	// Place is an IATA airport code or the code of a crossing point; empty
	// means the whole node.
	Place string `json:"place,omitempty"`
	// Roles are role codes of the access table; this package does not know
	// what they allow.
	Roles []string `json:"roles"`
	// Lang is the language of the screens, BCP 47: "ru", "en", ...
	Lang string `json:"lang"`
	// Disabled users cannot sign in and their sessions are void at once.
	Disabled bool `json:"disabled,omitempty"`
	// MustChange says that the password was set by somebody else and has to
	// be changed before anything else is done.
	MustChange bool `json:"mustChange,omitempty"`
	// PasswordHash is a PHC string, see Params.
	PasswordHash string `json:"-"`
	// PasswordAt is when the password was last set, UTC.
	PasswordAt time.Time `json:"passwordAt"`
	// TOTPSecret is the confirmed secret, base32 without padding; empty means
	// that no code is asked for.
	TOTPSecret string `json:"-"`
	// TOTPPending is a secret that was shown but not yet confirmed by a code.
	TOTPPending string `json:"-"`
	// TOTPStep is the number of the last 30-second step whose code was
	// accepted; no code of this or an earlier step is accepted again.
	TOTPStep int64 `json:"-"`
	// Epoch grows by one whenever all sessions of the user are revoked;
	// a session of another epoch is void. So a password change and the end of
	// every session are one row in one transaction.
	Epoch int64 `json:"-"`
	// CreatedAt is UTC.
	CreatedAt time.Time `json:"createdAt"`
}

// HasRole reports whether the user has the role with this code.
func (u User) HasRole(role string) bool { return slices.Contains(u.Roles, role) }

// HasTOTP reports whether sign-in asks the user for a code.
func (u User) HasTOTP() bool { return u.TOTPSecret != "" }

// Clone returns a copy that shares no memory with u.
func (u User) Clone() User {
	u.Roles = slices.Clone(u.Roles)
	return u
}

// Profile is the part of a user that an administrator writes freely.
type Profile struct {
	Display string   `json:"display"`
	Agency  string   `json:"agency"`
	Place   string   `json:"place,omitempty"`
	Roles   []string `json:"roles"`
	Lang    string   `json:"lang"`
}

// Longest accepted sign-in name and display name, in characters. They bound
// what a stranger can make us keep; no real name comes near.
const (
	maxName    = 64
	maxDisplay = 200
)

// NormalName returns the sign-in name in the form in which it is stored and
// compared: no surrounding space, lower case. ok is false when the name has
// other signs than a-z, 0-9 and . _ - @, or fewer than 2 or more than 64 of
// them. Only ASCII is allowed because a Cyrillic "а" beside a Latin "a" would
// give two people names that look the same on every screen.
func NormalName(name string) (normal string, ok bool) {
	normal = strings.ToLower(strings.TrimSpace(name))
	if len(normal) < 2 || len(normal) > maxName {
		return normal, false
	}
	for _, r := range normal {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', strings.ContainsRune("._-@", r):
		default:
			return normal, false
		}
	}
	return normal, true
}

func (p Profile) check() error {
	switch {
	case strings.TrimSpace(p.Display) == "":
		return invalid(ProfileBad, "the user has no display name: write the name colleagues know the person by")
	case len([]rune(p.Display)) > maxDisplay:
		return invalid(ProfileBad, "the display name is longer than 200 characters: shorten it")
	case len(p.Roles) == 0:
		return invalid(ProfileBad, "the user has no role: give at least one, or disable the user instead")
	case slices.Contains(p.Roles, ""):
		return invalid(ProfileBad, "one of the user's roles is empty: remove it")
	}
	return nil
}

func (p Profile) apply(u *User) {
	u.Display = strings.TrimSpace(p.Display)
	u.Agency, u.Place, u.Lang = p.Agency, p.Place, p.Lang
	u.Roles = slices.Clone(p.Roles)
	slices.Sort(u.Roles)
	u.Roles = slices.Compact(u.Roles)
}
