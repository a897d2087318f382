package authn

import (
	"context"
	"fmt"
	"time"

	"sarhad/record"
)

// Reasons in the audit row of a refused sign-in. Oversight sees them, the
// person at the door never does.
const (
	whyUnknown  = "unknown-name"
	whyDisabled = "disabled"
	whyPassword = "password"
	whyCode     = "code"
	whyPasskey  = "passkey"
	whyRace     = "changed-meanwhile"
)

// SignIn starts a session and returns it with its token, which exists nowhere
// else. code is the TOTP code, or empty; remote is the address of the peer,
// host:port or bare (never a header that the peer can write).
//
// Errors by Reason: SignInRefused, CodeNeeded, TooManyTries (see RetryAfter),
// Busy. An unknown name, a disabled user and a wrong password cost the same
// time, are counted alike, leave one audit row each and give the same error.
func (s *Service) SignIn(ctx context.Context, name, password, code, remote string) (Session, string, error) {
	name, _ = NormalName(name)
	if len(name) > maxName {
		name = name[:maxName] // of no user; bounds what the limiter keeps
	}
	address, key := cleanAddress(remote)
	try, wait := s.limits.take(name, key)
	if wait > 0 {
		return Session{}, "", tooMany(wait)
	}
	u, why, err := s.identify(ctx, name, password, code)
	if err != nil {
		if ReasonOf(err) == CodeNeeded {
			try.passed(false)
		}
		return Session{}, "", err
	}
	if why != "" {
		return Session{}, "", s.refuse(ctx, u.ID, why, address)
	}
	sess, token, err := s.open(ctx, u, address)
	if err != nil {
		return Session{}, "", err
	}
	try.passed(true)
	return sess, token, nil
}

// identify returns the user of name, password and code; why is empty when all
// is right and the reason of the refusal otherwise.
func (s *Service) identify(ctx context.Context, name, password, code string) (u User, why string, err error) {
	u, err = s.store.UserByName(ctx, name)
	found := err == nil
	if !found && record.KindOf(err) != record.NotFound {
		return User{}, "", err
	}
	if len(password) > 4*maxPassword {
		password = "" // nobody's; and nobody makes us hash a megabyte
	}
	ok, params, err := s.verify(ctx, found, u.PasswordHash, password)
	switch {
	case err != nil:
		return u, "", err
	case !found:
		return User{}, whyUnknown, nil
	case !ok:
		return u, whyPassword, nil
	case u.Disabled:
		return u, whyDisabled, nil
	case u.HasTOTP() && code == "":
		return u, "", fail(record.Forbidden, CodeNeeded, sayCode)
	}
	if u.HasTOTP() {
		if why, err := s.spendCode(ctx, &u, code); why != "" || err != nil {
			return u, why, err
		}
	}
	if params != s.c.Params {
		if err := s.rehash(ctx, &u, password); err != nil {
			return u, "", err
		}
	}
	return u, "", nil
}

// spendCode accepts a code once: the step is compared and stored in one
// transaction, so that of two sign-ins with the same code one is refused.
func (s *Service) spendCode(ctx context.Context, u *User, code string) (why string, err error) {
	verified := u.PasswordHash
	now := s.c.Now()
	ctx = record.WithActor(ctx, Session{User: *u}.Actor(now))
	err = s.store.UpdateUser(ctx, u.ID, act(ActTOTPUse, u.ID), func(fresh *User) error {
		if fresh.PasswordHash != verified || fresh.Disabled {
			return refused(whyRace)
		}
		step, ok := totpStep(fresh.TOTPSecret, code, now, fresh.TOTPStep)
		if !ok {
			return refused(whyCode)
		}
		fresh.TOTPStep = step
		*u = fresh.Clone()
		return nil
	})
	if ReasonOf(err) == SignInRefused {
		return whyCode, nil
	}
	return "", err
}

// rehash replaces a hash of older parameters while the password is at hand.
// The hash is computed before the transaction, which must stay short.
func (s *Service) rehash(ctx context.Context, u *User, password string) error {
	phc, err := s.hash(ctx, password)
	if err != nil {
		return err
	}
	old := u.PasswordHash
	ctx = record.WithActor(ctx, Session{User: *u}.Actor(s.c.Now()))
	return s.store.UpdateUser(ctx, u.ID, act(ActRehash, u.ID), func(fresh *User) error {
		// Changed meanwhile: leave it; open finds the new epoch.
		if fresh.PasswordHash == old {
			fresh.PasswordHash = phc
		}
		return nil
	})
}

// refuse writes the audit row and returns the one error of the door.
func (s *Service) refuse(ctx context.Context, userID, why, address string) error {
	row := act(ActSignInRefused, userID)
	row.Reason = why
	if err := s.store.WriteAct(record.WithActor(ctx, record.Machine("sign-in", "")), row); err != nil {
		return err
	}
	return refused(fmt.Sprintf("%s, user %q, from %s", why, userID, address))
}

// open stores a new session of the user as it was when the password was
// compared: had sessions been revoked since, the epoch makes this one void.
func (s *Service) open(ctx context.Context, u User, address string) (Session, string, error) {
	token, err := newToken(s.c.Rand)
	if err != nil {
		return Session{}, "", internal("no randomness for a session: tell the administrator", err)
	}
	secret, err := newSecret(s.c.Rand)
	if err != nil {
		return Session{}, "", internal("no randomness for a session: tell the administrator", err)
	}
	id, _ := sessionID(token)
	now := s.c.Now()
	sess := Session{
		ID: id, UserID: u.ID, Epoch: u.Epoch, CreatedAt: now, SeenAt: now, Address: address, User: u.Clone(), Secret: secret,
	}
	if err := s.store.InsertSession(record.WithActor(ctx, sess.Actor(now)), sess, act(ActSignIn, u.ID)); err != nil {
		return Session{}, "", err
	}
	return sess, token, nil
}

// Authenticate returns the live session of a token and notes that it is in
// use. Error: NoSession, whatever the cause.
func (s *Service) Authenticate(ctx context.Context, token string) (Session, error) {
	sess, err := s.Peek(ctx, token)
	if err != nil {
		return Session{}, err
	}
	now := s.c.Now()
	if now.Sub(sess.SeenAt) < s.c.Touch {
		return sess, nil
	}
	ctx = record.WithActor(ctx, sess.Actor(now))
	err = s.store.UpdateSession(ctx, sess.ID, record.Act{}, func(fresh *Session) error {
		if fresh.SeenAt.Before(now) {
			fresh.SeenAt = now
		}
		return nil
	})
	if record.KindOf(err) == record.NotFound {
		return Session{}, noSession("revoked")
	}
	if err != nil {
		return Session{}, err
	}
	sess.SeenAt = now
	return sess, nil
}

// Peek is Authenticate without noting use: for event streams and other
// traffic that a browser makes by itself, which must not keep a forgotten
// screen open.
func (s *Service) Peek(ctx context.Context, token string) (Session, error) {
	id, ok := sessionID(token)
	if !ok {
		return Session{}, noSession("not a token")
	}
	sess, err := s.store.Session(ctx, id)
	if err != nil {
		return Session{}, s.missing(err, "unknown")
	}
	u, err := s.store.User(ctx, sess.UserID)
	if err != nil {
		return Session{}, s.missing(err, "user gone")
	}
	if why := s.dead(sess, u); why != "" {
		return Session{}, noSession(why)
	}
	sess.User = u
	if !sess.Purpose.Valid(s.c.Now()) {
		sess.Purpose = record.Purpose{}
	}
	return sess, nil
}

func (s *Service) missing(err error, detail string) error {
	if record.KindOf(err) == record.NotFound {
		return noSession(detail)
	}
	return err
}

// dead says why a session no longer lives; empty when it does. A clock that
// was set back counts as idleness too, so that it cannot lengthen a session.
func (s *Service) dead(sess Session, u User) string {
	if why := s.ended(sess, u); why != "" {
		return why
	}
	idle := s.c.Now().Sub(sess.SeenAt).Abs()
	switch {
	case !sess.LockedAt.IsZero():
		return "locked"
	case sess.Device != "" && sess.PIN != "" && idle >= s.c.Lock+lockGrace:
		return "locked by itself"
	case idle >= s.c.Idle:
		return "idle"
	}
	return ""
}

// ended says why a session is over for good, parked or not.
func (s *Service) ended(sess Session, u User) string {
	switch {
	case u.Disabled:
		return "user disabled"
	case sess.Epoch != u.Epoch:
		return "revoked"
	case s.c.Now().Sub(sess.CreatedAt) >= s.c.Absolute:
		return "older than the absolute limit"
	}
	return ""
}

// Ends returns when the session ends if it is not used again, and when it
// ends in any case.
func (s *Service) Ends(sess Session) (idle, absolute time.Time) {
	absolute = sess.CreatedAt.Add(s.c.Absolute)
	idle = sess.SeenAt.Add(s.c.Idle)
	if absolute.Before(idle) {
		idle = absolute
	}
	return idle, absolute
}

// SignOut ends the session of a token. Signing out twice is no error.
func (s *Service) SignOut(ctx context.Context, token string) error {
	sess, err := s.Peek(ctx, token)
	if ReasonOf(err) == NoSession {
		return nil
	}
	if err != nil {
		return err
	}
	ctx = record.WithActor(ctx, sess.Actor(s.c.Now()))
	err = s.store.DeleteSession(ctx, sess.ID, act(ActSignOut, sess.UserID))
	if record.KindOf(err) == record.NotFound {
		return nil
	}
	return err
}

// SetPurpose states what the officer works on from now, for Config.Purpose.
// Since and Until of p are ignored. The zero Purpose ends the present one.
func (s *Service) SetPurpose(ctx context.Context, sess Session, p record.Purpose) (Session, error) {
	now := s.c.Now()
	if p.Kind != "" {
		if err := checkPurpose(p); err != nil {
			return sess, err
		}
		if s.c.Assigned != nil {
			if err := s.c.Assigned(ctx, sess.User, p); err != nil {
				return sess, err
			}
		}
		p.Since, p.Until = now, now.Add(s.c.Purpose)
	} else {
		p = record.Purpose{}
	}
	row := act(ActPurpose, sess.UserID)
	row.Purpose = p
	ctx = record.WithActor(ctx, sess.Actor(now))
	err := s.store.UpdateSession(ctx, sess.ID, row, func(fresh *Session) error {
		fresh.Purpose = p
		return nil
	})
	if err != nil {
		return sess, s.missing(err, "revoked")
	}
	sess.Purpose = p
	return sess, nil
}

// SessionsOf returns the live sessions of a user, newest first.
func (s *Service) SessionsOf(ctx context.Context, userID string) ([]Session, error) {
	u, err := s.store.User(ctx, userID)
	if err != nil {
		return nil, err
	}
	all, err := s.store.SessionsOf(ctx, userID)
	if err != nil {
		return nil, err
	}
	live := []Session{}
	for _, sess := range all {
		if s.dead(sess, u) == "" {
			live = append(live, sess)
		}
	}
	return live, nil
}

// Revoke ends one session of a user. A session of somebody else is not found.
func (s *Service) Revoke(ctx context.Context, userID, id string) error {
	sess, err := s.store.Session(ctx, id)
	if err != nil {
		return err
	}
	if sess.UserID != userID {
		return record.Errorf(record.NotFound, "the user has no such session: it may have ended already")
	}
	return s.store.DeleteSession(ctx, id, act(ActSessionRevoke, userID))
}

// RevokeAll ends all sessions of a user at once.
func (s *Service) RevokeAll(ctx context.Context, userID string) error {
	return s.store.UpdateUser(ctx, userID, act(ActRevokeAll, userID), func(u *User) error {
		u.Epoch++
		return nil
	})
}

// Prune removes the rows of sessions that are dead by age and returns how
// many. Correctness never needs it; call it now and then.
func (s *Service) Prune(ctx context.Context) (int, error) {
	now := s.c.Now()
	return s.store.PruneSessions(ctx, now.Add(-s.c.Absolute), now.Add(-s.c.Idle))
}
