package authn

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"sarhad/record"
)

// Device is a browser that several officers share. It is known by a cookie that it alone has; the cookie opens nothing.
type Device struct {
	// ID is the SHA-256 of the cookie, 64 lower-case hexadecimal digits.
	ID string
	// Name is what people call it: "left PC of the duty room".
	Name string
	// MarkedBy is the user who said that it is shared.
	MarkedBy string
	// CreatedAt is UTC.
	CreatedAt time.Time
}

// Devices keeps shared devices and the sessions on them. Each write is one transaction with its audit row, as for users.
type Devices interface {
	// Device returns the device with this ID, or an error of kind not-found.
	Device(ctx context.Context, id string) (Device, error)
	// InsertDevice adds one. An ID that exists is an error of kind conflict.
	InsertDevice(ctx context.Context, d Device, act record.Act) error
	// DeleteDevice removes one with every session on it but the one named.
	DeleteDevice(ctx context.Context, id, keep string, act record.Act) error
	// SessionsAt returns the sessions on a device, oldest first, without judging whether they still live.
	SessionsAt(ctx context.Context, device string) ([]Session, error)
	// RenewSession is UpdateSession that may give the session another ID.
	RenewSession(ctx context.Context, id string, act record.Act, change func(*Session) error) error
}

const (
	// DefaultLock is how long a shared screen may be left before it locks.
	DefaultLock = 5 * time.Minute
	// lockGrace is added where the node itself locks: use is noted to within Touch, and the screen tells of keys and mouse
	// once a minute.
	lockGrace = 2 * time.Minute
	// pinDigits is the length of a PIN. A million values and five tries: one chance in 200,000.
	pinDigits = 6
	// pinTries is how many wrong PINs in a row end a parked session.
	pinTries = 5
	// freshFor is how long after sign-in a first PIN is taken without asking for the password.
	freshFor = 5 * time.Minute
	// maxDeviceName is in characters.
	maxDeviceName = 60
)

// MarkShared says that the browser with this device token is shared, "" for one that has none yet, and gives the token to keep
// in its cookie. The session stands on the device from then on.
func (s *Service) MarkShared(ctx context.Context, sess Session, token, name string) (Device, string, error) {
	name = strings.TrimSpace(name)
	if n := len([]rune(name)); n == 0 || n > maxDeviceName || strings.ContainsFunc(name, unicode.IsControl) {
		return Device{}, "", invalid(DeviceBad, "give the computer a name of 1 to 60 characters, such as where it stands")
	}
	ctx = record.WithActor(ctx, sess.Actor(s.c.Now()))
	d, err := s.DeviceOf(ctx, token)
	if record.KindOf(err) == record.NotFound {
		if token, err = newToken(s.c.Rand); err != nil {
			return Device{}, "", internal("no randomness for a device: tell the administrator", err)
		}
		id, _ := sessionID(token)
		d = Device{ID: id, Name: name, MarkedBy: sess.UserID, CreatedAt: s.c.Now()}
		err = s.store.InsertDevice(ctx, d, act(ActDeviceShare, sess.UserID))
	}
	if err != nil {
		return Device{}, "", err
	}
	return d, token, s.Settle(ctx, sess, d.ID)
}

// UnmarkShared says that a device is shared no longer: all sessions on it end, parked ones too, but the one that says so.
func (s *Service) UnmarkShared(ctx context.Context, sess Session, token string) error {
	d, err := s.DeviceOf(ctx, token)
	if err != nil {
		return err
	}
	ctx = record.WithActor(ctx, sess.Actor(s.c.Now()))
	return s.store.DeleteDevice(ctx, d.ID, sess.ID, act(ActDeviceUnshare, sess.UserID))
}

// DeviceOf returns the shared device of a token; not-found for a token of none.
func (s *Service) DeviceOf(ctx context.Context, token string) (Device, error) {
	id, ok := sessionID(token)
	if !ok {
		return Device{}, record.Errorf(record.NotFound, "this browser is not marked as shared")
	}
	return s.store.Device(ctx, id)
}

// Settle says that a session stands on a shared device.
func (s *Service) Settle(ctx context.Context, sess Session, device string) error {
	return s.store.UpdateSession(ctx, sess.ID, record.Act{}, func(fresh *Session) error {
		fresh.Device = device
		return nil
	})
}

// LockAfter is how long a screen on a shared device may be left alone.
func (s *Service) LockAfter() time.Duration { return s.c.Lock }

// SetPIN chooses the PIN behind which the session is parked. It holds for this session on this device only. In the first minutes
// after sign-in it needs no password, later it does: a screen left open must not get a PIN from somebody else. Errors by Reason:
// PINBad, PasswordWrong, DeviceBad.
func (s *Service) SetPIN(ctx context.Context, sess Session, token, pin, password string) error {
	if err := checkPIN(pin); err != nil {
		return err
	}
	d, err := s.DeviceOf(ctx, token)
	if err != nil || sess.Device != d.ID {
		return fail(record.Conflict, DeviceBad, "this computer is not marked as shared: mark it first, under your name")
	}
	now := s.c.Now()
	if sess.PIN != "" || now.Sub(sess.CreatedAt) > freshFor {
		u, err := s.store.User(ctx, sess.UserID)
		if err != nil {
			return s.missing(err, "user gone")
		}
		if err := s.confirm(ctx, u, password, sess.Address); err != nil {
			return err
		}
	}
	phc, err := s.hash(ctx, bound(token, pin))
	if err != nil {
		return err
	}
	ctx = record.WithActor(ctx, sess.Actor(now))
	return s.store.UpdateSession(ctx, sess.ID, act(ActPINSet, sess.UserID), func(fresh *Session) error {
		fresh.PIN, fresh.PINTries = phc, 0
		return nil
	})
}

// bound makes the secret of a PIN that is worth nothing without the device: who copies the database cannot try a million PINs.
func bound(token, pin string) string {
	m := hmac.New(sha256.New, []byte(token))
	m.Write([]byte("sarhad pin v1 " + pin))
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil))
}

// checkPIN refuses what is tried first.
func checkPIN(pin string) error {
	if len(pin) != pinDigits || strings.ContainsFunc(pin, func(r rune) bool { return r < '0' || r > '9' }) {
		return invalid(PINBad, "a PIN has six digits")
	}
	same, up, down := true, true, true
	for i := 1; i < len(pin); i++ {
		same = same && pin[i] == pin[i-1]
		up = up && pin[i] == pin[i-1]+1
		down = down && pin[i] == pin[i-1]-1
	}
	if same || up || down {
		return invalid(PINBad, "this PIN is among the first that anybody tries: choose other digits")
	}
	return nil
}

// Lock parks a session: its token opens nothing from now on, its purpose and drafts wait behind the PIN.
func (s *Service) Lock(ctx context.Context, sess Session) error {
	now := s.c.Now()
	ctx = record.WithActor(ctx, sess.Actor(now))
	return s.store.UpdateSession(ctx, sess.ID, act(ActLock, sess.UserID), func(fresh *Session) error {
		if fresh.PIN == "" || fresh.Device == "" {
			return fail(record.Conflict, PINNeeded, "choose a PIN first: the screen is locked behind it")
		}
		fresh.LockedAt = now
		return nil
	})
}

// Parked is a session that waits on a shared device.
type Parked struct {
	ID      string // of the session; opens nothing
	Display string
	Since   time.Time // sign-in
	Until   time.Time // when it ends whatever happens
}

// Parked returns the sessions that wait on the device of a token, by sign-in.
func (s *Service) Parked(ctx context.Context, token string) ([]Parked, error) {
	d, err := s.DeviceOf(ctx, token)
	if err != nil {
		return nil, err
	}
	all, err := s.store.SessionsAt(ctx, d.ID)
	if err != nil {
		return nil, err
	}
	out := []Parked{}
	for _, sess := range all {
		u, err := s.store.User(ctx, sess.UserID)
		if err != nil {
			return nil, err
		}
		if sess.PIN != "" && s.ended(sess, u) == "" {
			out = append(out, Parked{ID: sess.ID, Display: u.Display, Since: sess.CreatedAt, Until: sess.CreatedAt.Add(s.c.Absolute)})
		}
	}
	return out, nil
}

// Unlock takes a parked session up again with its PIN and gives it a new token. Each try is written down before it is looked
// at, so that tries side by side count too; five wrong ones in a row end the session. Errors by Reason: PINWrong, PINEnded.
func (s *Service) Unlock(ctx context.Context, token, id, pin, remote string) (Session, string, error) {
	sess, u, err := s.parked(ctx, token, id)
	if err != nil {
		return Session{}, "", err
	}
	now := s.c.Now()
	ctx = record.WithActor(ctx, Session{User: u}.Actor(now))
	left := 0
	err = s.store.UpdateSession(ctx, sess.ID, record.Act{}, func(fresh *Session) error {
		if fresh.PINTries >= pinTries {
			return errSpent
		}
		fresh.PINTries++
		left, sess = pinTries-fresh.PINTries, *fresh
		return nil
	})
	if errors.Is(err, errSpent) {
		return Session{}, "", s.endParked(ctx, sess)
	}
	if err != nil {
		return Session{}, "", s.missing(err, "parked session gone")
	}
	ok, _, err := s.verify(ctx, true, sess.PIN, bound(token, pin))
	switch {
	case err != nil:
		return Session{}, "", err
	case !ok && left == 0:
		return Session{}, "", s.endParked(ctx, sess)
	case !ok:
		if err := s.store.WriteAct(ctx, act(ActPINRefused, u.ID)); err != nil {
			return Session{}, "", err
		}
		return Session{}, "", &record.Error{Kind: record.Forbidden, Err: PINWrong, Message: fmt.Sprintf("the PIN is wrong; tries left: %d", left)}
	}
	return s.resume(ctx, sess, u, remote)
}

var errSpent = fmt.Errorf("authn: no tries left")

// parked finds a session that waits on the device of a token. Whoever has not the device learns nothing.
func (s *Service) parked(ctx context.Context, token, id string) (Session, User, error) {
	gone := fail(record.Conflict, PINEnded, "this session has ended: sign in again")
	d, err := s.DeviceOf(ctx, token)
	if err != nil {
		return Session{}, User{}, err
	}
	sess, err := s.store.Session(ctx, id)
	if record.KindOf(err) == record.NotFound {
		return Session{}, User{}, gone
	}
	if err != nil {
		return Session{}, User{}, err
	}
	u, err := s.store.User(ctx, sess.UserID)
	if err != nil {
		return Session{}, User{}, s.missing(err, "user gone")
	}
	if subtle.ConstantTimeCompare([]byte(sess.Device), []byte(d.ID)) != 1 || sess.PIN == "" || s.ended(sess, u) != "" {
		return Session{}, User{}, gone
	}
	return sess, u, nil
}

func (s *Service) endParked(ctx context.Context, sess Session) error {
	if err := s.store.DeleteSession(ctx, sess.ID, act(ActPINEnd, sess.UserID)); err != nil && record.KindOf(err) != record.NotFound {
		return err
	}
	return fail(record.Conflict, PINEnded, "five wrong PINs ended this session: sign in again")
}

// resume gives a parked session a new token; begin of the shift, purpose and drafts stay.
func (s *Service) resume(ctx context.Context, sess Session, u User, remote string) (Session, string, error) {
	token, err := newToken(s.c.Rand)
	if err != nil {
		return Session{}, "", internal("no randomness for a session: tell the administrator", err)
	}
	id, _ := sessionID(token)
	now := s.c.Now()
	address, _ := cleanAddress(remote)
	var out Session
	err = s.store.RenewSession(ctx, sess.ID, act(ActUnlock, u.ID), func(fresh *Session) error {
		fresh.ID, fresh.SeenAt, fresh.LockedAt, fresh.PINTries, fresh.Address = id, now, time.Time{}, 0, address
		out = *fresh
		return nil
	})
	if err != nil {
		return Session{}, "", s.missing(err, "parked session gone")
	}
	out.User = u
	if !out.Purpose.Valid(now) {
		out.Purpose = record.Purpose{}
	}
	return out, token, nil
}

// newSecret keys what a browser keeps for a session.
func newSecret(rand io.Reader) ([]byte, error) {
	b := make([]byte, 32)
	_, err := io.ReadFull(rand, b)
	return b, err
}
