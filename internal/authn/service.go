package authn

import (
	"context"
	"crypto/rand"
	"io"
	"time"

	"sarhad/record"
)

const (
	// DefaultHashes is how many passwords are computed at once: each takes
	// 64 MiB and a core, and an outpost has two of those. A flood of sign-ins
	// queues here instead of taking the node's memory.
	DefaultHashes = 2
	// hashQueue is how long a sign-in waits for its turn before the person is
	// told to try again.
	hashQueue = 10 * time.Second
)

// Config takes what Service needs not be told; its zero value works.
type Config struct {
	// Now is the clock; time.Now when nil.
	Now func() time.Time
	// Rand is the source of tokens, salts, secrets and ids, safe for
	// concurrent use; crypto/rand when nil.
	Rand io.Reader
	// Params are the costs of new password hashes; DefaultParams when zero.
	Params Params
	// Limits are the rates of sign-in; DefaultLimits where zero.
	Limits Limits
	// MinPassword is the least length in characters; DefaultMinPassword when 0.
	MinPassword int
	// Absolute, Idle and Touch bound a session; see their defaults.
	Absolute, Idle, Touch time.Duration
	// Lock is how long a screen on a shared device may be left alone;
	// DefaultLock when 0.
	Lock time.Duration
	// Purpose is how long a stated purpose lasts; DefaultPurpose when 0.
	Purpose time.Duration
	// Hashes is how many passwords are computed at once; DefaultHashes when 0.
	Hashes int
	// Issuer is what an authenticator app shows beside the name; "Sarhad"
	// when empty. The node's name helps who has accounts at two.
	Issuer string
	// Assigned refuses a purpose the officer has no part in: a case that is
	// not theirs, a hit somebody else has claimed. nil accepts every purpose
	// of good form.
	Assigned func(ctx context.Context, u User, p record.Purpose) error
}

// Service signs people in and keeps their accounts. It is safe for
// concurrent use. It does not decide who may manage accounts: the caller asks
// record/access before it calls.
type Service struct {
	store   Store
	c       Config
	limits  *limiter
	hashing chan struct{}
	asked   askings
	door    doorbell
}

// New returns a Service over the store.
func New(store Store, c Config) *Service {
	if c.Now == nil {
		c.Now = time.Now
	}
	now := c.Now
	c.Now = func() time.Time { return now().UTC() }
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	c.Params = c.Params.orDefault()
	c.Absolute = orDefault(c.Absolute, DefaultAbsolute)
	c.Idle = orDefault(c.Idle, DefaultIdle)
	c.Touch = orDefault(c.Touch, DefaultTouch)
	c.Lock = orDefault(c.Lock, DefaultLock)
	c.Purpose = orDefault(c.Purpose, DefaultPurpose)
	c.Hashes = orDefault(c.Hashes, DefaultHashes)
	if c.Issuer == "" {
		c.Issuer = "Sarhad"
	}
	return &Service{store: store, c: c, limits: newLimiter(c.Limits, c.Now), hashing: make(chan struct{}, c.Hashes)}
}

func orDefault[T int | time.Duration](v, fallback T) T {
	if v <= 0 {
		return fallback
	}
	return v
}

// verify compares a password with the user's hash, at the same cost whether
// the user exists or not: found false computes a hash with the present
// parameters over a fixed salt and answers false. Only a user whose hash has
// older parameters costs differently, until the next sign-in.
func (s *Service) verify(ctx context.Context, found bool, phc, password string) (ok bool, p Params, err error) {
	err = s.hashed(ctx, func() error {
		if !found {
			s.c.Params.key(password, make([]byte, s.c.Params.Salt))
			return nil
		}
		var err error
		ok, p, err = VerifyHash(phc, password)
		return err
	})
	return ok, p, err
}

// hash computes the PHC string of a new password.
func (s *Service) hash(ctx context.Context, password string) (phc string, err error) {
	err = s.hashed(ctx, func() error {
		phc, err = s.c.Params.Hash(password, s.c.Rand)
		return err
	})
	return phc, err
}

// hashed runs work when one of the Config.Hashes places is free.
func (s *Service) hashed(ctx context.Context, work func() error) error {
	ctx, cancel := context.WithTimeout(ctx, hashQueue)
	defer cancel()
	select {
	case s.hashing <- struct{}{}:
	case <-ctx.Done():
		return fail(record.Unavailable, Busy, sayBusy)
	}
	defer func() { <-s.hashing }()
	if err := work(); err != nil {
		return internal("the password could not be computed: tell the administrator", err)
	}
	return nil
}

// subject is the id of a user in an audit row. A user whose id is no UUID
// (from an older database) is left out of the row rather than refused.
func subject(userID string) record.ID {
	id, err := record.ParseID(userID)
	if err != nil {
		return record.ID{}
	}
	return id
}

func act(action, userID string) record.Act {
	return record.Act{Action: action, Subject: subject(userID)}
}
