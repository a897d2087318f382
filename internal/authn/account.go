package authn

import (
	"context"
	"fmt"

	"sarhad/record"
)

// The methods of this file act for record.ActorFrom(ctx), which the store
// writes into the audit row. Whether that actor may is asked before, of
// record/access; nothing here looks at roles.

// CreateUser adds a user with a first password. With mustChange the user has
// to choose another one at the first sign-in, as whenever somebody else knows
// it. Errors by Reason: NameBad, NameTaken, ProfileBad, Password...
func (s *Service) CreateUser(ctx context.Context, name string, p Profile, password string, mustChange bool) (User, error) {
	name, ok := NormalName(name)
	if !ok {
		return User{}, invalid(NameBad, "a sign-in name has 2 to 64 of the signs a-z, 0-9 and . _ - @: choose another")
	}
	if err := p.check(); err != nil {
		return User{}, err
	}
	now := s.c.Now()
	id, err := record.NewID(now, s.c.Rand)
	if err != nil {
		return User{}, internal("no randomness for a user: tell the administrator", err)
	}
	u := User{ID: id.String(), Name: name, MustChange: mustChange, PasswordAt: now, CreatedAt: now}
	p.apply(&u)
	if err := CheckPassword(password, s.c.MinPassword, u); err != nil {
		return User{}, err
	}
	if u.PasswordHash, err = s.hash(ctx, password); err != nil {
		return User{}, err
	}
	err = s.store.InsertUser(ctx, u, act(ActUserCreate, u.ID))
	if record.KindOf(err) == record.Conflict {
		return User{}, &record.Error{
			Kind: record.Conflict, Message: fmt.Sprintf("there is already a user %q: choose another name", name),
			Err: fmt.Errorf("%w: %w", NameTaken, err),
		}
	}
	if err != nil {
		return User{}, err
	}
	return u, nil
}

// User returns one user.
func (s *Service) User(ctx context.Context, id string) (User, error) { return s.store.User(ctx, id) }

// UserByName returns the user who signs in with this name.
func (s *Service) UserByName(ctx context.Context, name string) (User, error) {
	name, _ = NormalName(name)
	return s.store.UserByName(ctx, name)
}

// ListUsers returns all users by name.
func (s *Service) ListUsers(ctx context.Context) ([]User, error) { return s.store.ListUsers(ctx) }

// SetProfile replaces display name, agency, place, roles and language. Live
// sessions see the new roles with their next request.
func (s *Service) SetProfile(ctx context.Context, id string, p Profile) error {
	if err := p.check(); err != nil {
		return err
	}
	return s.store.UpdateUser(ctx, id, act(ActUserChange, id), func(u *User) error {
		p.apply(u)
		return nil
	})
}

// SetLang changes the language of a user's screens and nothing else, so that an
// administrator who changes the roles at the same moment is not overwritten.
func (s *Service) SetLang(ctx context.Context, id, lang string) error {
	return s.store.UpdateUser(ctx, id, act(ActUserChange, id), func(u *User) error {
		u.Lang = lang
		return nil
	})
}

// SetDisabled shuts a user out, sessions included, or lets them in again (to
// sign in anew). Users are never deleted: the audit names them.
func (s *Service) SetDisabled(ctx context.Context, id string, disabled bool) error {
	action := ActUserEnable
	if disabled {
		action = ActUserDisable
	}
	return s.store.UpdateUser(ctx, id, act(action, id), func(u *User) error {
		u.Disabled = disabled
		u.Epoch++
		return nil
	})
}

// SetPassword sets a user's password for them (an administrator, the command
// line). The user must change it at the next sign-in; all sessions end.
func (s *Service) SetPassword(ctx context.Context, id, password string) error {
	_, err := s.setPassword(ctx, id, password, true, "")
	return err
}

// ChangePassword sets the officer's own password after asking for the
// present one. Other sessions of the user end; this one goes on. Errors by
// Reason: PasswordWrong, TooManyTries, PasswordSame, Password...
func (s *Service) ChangePassword(ctx context.Context, sess Session, present, next string) (Session, error) {
	u, err := s.store.User(ctx, sess.UserID)
	if err != nil {
		return sess, s.missing(err, "user gone")
	}
	if err := s.confirm(ctx, u, present, sess.Address); err != nil {
		return sess, err
	}
	if present == next {
		return sess, invalid(PasswordSame, "the new password is the old one: choose another")
	}
	now := s.c.Now()
	ctx = record.WithActor(ctx, sess.Actor(now))
	epoch, err := s.setPassword(ctx, u.ID, next, false, u.PasswordHash)
	if err != nil {
		return sess, err
	}
	// Should this second step fail, the officer signs in again: the safe side.
	err = s.store.UpdateSession(ctx, sess.ID, record.Act{}, func(fresh *Session) error {
		fresh.Epoch = epoch
		return nil
	})
	if err != nil {
		return sess, s.missing(err, "revoked")
	}
	sess.Epoch, sess.User.Epoch = epoch, epoch
	sess.User.MustChange, sess.User.PasswordAt = false, now
	return sess, nil
}

// setPassword stores a new password and returns the new epoch. Unless over is
// empty, the password it replaces must still be the one with that hash.
func (s *Service) setPassword(ctx context.Context, id, password string, mustChange bool, over string) (epoch int64, err error) {
	u, err := s.store.User(ctx, id)
	if err != nil {
		return 0, err
	}
	if err := CheckPassword(password, s.c.MinPassword, u); err != nil {
		return 0, err
	}
	phc, err := s.hash(ctx, password)
	if err != nil {
		return 0, err
	}
	now := s.c.Now()
	err = s.store.UpdateUser(ctx, id, act(ActPassword, id), func(u *User) error {
		if over != "" && u.PasswordHash != over {
			return record.Errorf(record.Conflict, "the password was changed meanwhile: sign in again")
		}
		u.PasswordHash, u.PasswordAt, u.MustChange = phc, now, mustChange
		u.Epoch++
		epoch = u.Epoch
		return nil
	})
	return epoch, err
}

// confirm asks for the password of somebody who is signed in, counted like a
// sign-in: a screen left open must not be a place to guess at leisure.
func (s *Service) confirm(ctx context.Context, u User, password, address string) error {
	_, key := cleanAddress(address)
	try, wait := s.limits.take(u.Name, key)
	if wait > 0 {
		return tooMany(wait)
	}
	if len(password) > 4*maxPassword {
		password = ""
	}
	ok, _, err := s.verify(ctx, true, u.PasswordHash, password)
	if err != nil {
		return err
	}
	if !ok {
		return fail(record.Forbidden, PasswordWrong, "the present password is wrong: type it again")
	}
	try.passed(true)
	return nil
}

// NewPassword returns a random password to hand over on paper, 76 bits in
// four groups of four signs that are not mistaken for one another.
func (s *Service) NewPassword() (string, error) {
	p, err := newPassword(s.c.Rand)
	if err != nil {
		return "", internal("no randomness for a password: tell the administrator", err)
	}
	return p, nil
}

// OfferTOTP makes a new secret for the officer's authenticator app and keeps
// it aside. Sign-in asks for codes only after ConfirmTOTP; until then, and
// when it never comes, everything stays as it was. The present password is
// asked for, since whoever enrols can lock the owner out.
func (s *Service) OfferTOTP(ctx context.Context, sess Session, password string) (Enrolment, error) {
	u, err := s.store.User(ctx, sess.UserID)
	if err != nil {
		return Enrolment{}, s.missing(err, "user gone")
	}
	if err := s.confirm(ctx, u, password, sess.Address); err != nil {
		return Enrolment{}, err
	}
	e, err := newEnrolment(s.c.Issuer, u.Name, s.c.Rand)
	if err != nil {
		return Enrolment{}, internal("no randomness for a secret: tell the administrator", err)
	}
	ctx = record.WithActor(ctx, sess.Actor(s.c.Now()))
	err = s.store.UpdateUser(ctx, u.ID, act(ActTOTPOffer, u.ID), func(u *User) error {
		u.TOTPPending = e.Secret
		return nil
	})
	if err != nil {
		return Enrolment{}, err
	}
	return e, nil
}

// ConfirmTOTP puts the offered secret into force with a first code from the
// app. That code is spent: the next sign-in needs a later one. Errors by
// Reason: CodeWrong, NotEnrolling.
func (s *Service) ConfirmTOTP(ctx context.Context, sess Session, code string) error {
	now := s.c.Now()
	ctx = record.WithActor(ctx, sess.Actor(now))
	return s.store.UpdateUser(ctx, sess.UserID, act(ActTOTPConfirm, sess.UserID), func(u *User) error {
		if u.TOTPPending == "" {
			return fail(record.Conflict, NotEnrolling, "there is no code to confirm: start again")
		}
		step, ok := totpStep(u.TOTPPending, code, now, 0)
		if !ok {
			return invalid(CodeWrong, "the code does not fit: wait for the next one, and check that the clocks of phone and computer are right")
		}
		u.TOTPSecret, u.TOTPPending, u.TOTPStep = u.TOTPPending, "", step
		return nil
	})
}

// RemoveTOTP ends the asking for codes, for instance because the phone is
// lost, and all sessions of the user. For an administrator.
func (s *Service) RemoveTOTP(ctx context.Context, id string) error {
	return s.store.UpdateUser(ctx, id, act(ActTOTPRemove, id), func(u *User) error {
		u.TOTPSecret, u.TOTPPending = "", ""
		u.Epoch++
		return nil
	})
}
