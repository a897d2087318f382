package authn

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"sarhad/record"
)

// Intent is an act that an officer is about to do, by everything that makes it another act.
type Intent struct {
	Action   string // of the audit row
	Topic    string // of the audit row
	Subject  record.ID
	Revision string // record.Record.Hash of what the officer sees; "" when the act is about no record
	Verdict  string
	Reason   string
	Details  map[string]string // what the row does not say: an instruction, a note; only their hash is kept
}

// act is the row as it will be, with a signature that says all but the proof.
func (in Intent) act(user string, nonce []byte, from, until time.Time) record.Act {
	return record.Act{User: user, Action: in.Action, Topic: in.Topic, Subject: in.Subject, Verdict: in.Verdict, Reason: in.Reason,
		Signature: &record.Signature{Revision: in.Revision, Details: record.DetailsHash(nonce, in.Details), Nonce: nonce, From: from, Until: until}}
}

// draft is what was promised to be signed.
type draft struct {
	nonce       []byte
	from, until time.Time
	method      string
	passkeys    [][]byte // credential ids that may sign
}

// Challenge is what the officer is asked to sign.
type Challenge struct {
	// Challenge is SHA-256 of Statement.
	Challenge []byte
	Statement string // record.Act.Statement
	Method    string // record.SignedPasskey, SignedCode or SignedPassword: what this officer signs with at this address
	Passkeys  []Passkey
	RP        string
	Until     time.Time
}

// Proof is what the officer gave: the assertion of a passkey, or password and code.
type Proof struct {
	Challenge []byte
	Assertion *Assertion
	Password  string
	Code      string
}

// Ask begins the signature of an act. An officer with a passkey for this address signs with it; without one with password and
// one-time code, and where no codes are enrolled either, with the password alone. A weaker way is never offered beside a
// stronger one: whoever has lost a passkey removes it first, which the log shows.
func (s *Service) Ask(ctx context.Context, sess Session, at Origin, in Intent) (Challenge, error) {
	if in.Action == "" {
		return Challenge{}, record.Errorf(record.Invalid, "say which act is to be signed")
	}
	u, err := s.store.User(ctx, sess.UserID)
	if err != nil {
		return Challenge{}, s.missing(err, "user gone")
	}
	method, usable, err := s.signs(ctx, u, at)
	if err != nil {
		return Challenge{}, err
	}
	nonce := make([]byte, 32)
	if _, err := io.ReadFull(s.c.Rand, nonce); err != nil {
		return Challenge{}, internal("no randomness for a signature: tell the administrator", err)
	}
	from := s.c.Now().Truncate(time.Second)
	d := draft{nonce: nonce, from: from, until: from.Add(ceremony), method: method}
	for _, p := range usable {
		d.passkeys = append(d.passkeys, p.ID)
	}
	row := in.act(u.ID, nonce, d.from, d.until)
	challenge := row.Challenge()
	s.asked.add(s.c.Now(), asking{session: sess.ID, challenge: challenge[:], at: at, until: d.until, draft: d})
	return Challenge{Challenge: challenge[:], Statement: row.Statement(), Method: d.method, Passkeys: usable, RP: at.RP, Until: d.until}, nil
}

// Signs tells what the officer signs with at an address.
func (s *Service) Signs(ctx context.Context, sess Session, at Origin) (method string, err error) {
	method, _, err = s.signs(ctx, sess.User, at)
	return method, err
}

func (s *Service) signs(ctx context.Context, u User, at Origin) (method string, usable []Passkey, err error) {
	usable, err = s.usable(ctx, u.ID, at)
	switch {
	case len(usable) > 0:
		return record.SignedPasskey, usable, err
	case u.HasTOTP():
		return record.SignedCode, nil, err
	}
	return record.SignedPassword, nil, err
}

// usable are the passkeys of a user that work at an address.
func (s *Service) usable(ctx context.Context, userID string, at Origin) (out []Passkey, err error) {
	if at.RP == "" {
		return nil, nil
	}
	all, err := s.store.PasskeysOf(ctx, userID)
	for _, p := range all {
		if p.RP == at.RP && p.ClonedAt.IsZero() {
			out = append(out, p)
		}
	}
	return out, err
}

// Sign checks the proof against the act as it is about to be done, and gives the signature for its row. The challenge is used
// up, right or wrong. Errors by Reason: ChallengeGone, ActChanged, PasskeyBad, PasswordWrong, CodeWrong, TooManyTries.
func (s *Service) Sign(ctx context.Context, sess Session, at Origin, in Intent, p Proof) (*record.Signature, error) {
	ask, ok := s.asked.take(s.c.Now(), sess.ID, p.Challenge)
	if !ok || ask.enrol || ask.at != at {
		return nil, fail(record.Conflict, ChallengeGone, "the time to sign has run out, or this was signed already: sign again")
	}
	row := in.act(sess.UserID, ask.draft.nonce, ask.draft.from, ask.draft.until)
	if now := row.Challenge(); !bytes.Equal(now[:], ask.challenge) {
		return nil, fail(record.Conflict, ActChanged, "this is not the act that was signed, or the record changed meanwhile: look at it again and sign anew")
	}
	sig := row.Signature
	sig.Signed = ask.challenge
	if ask.draft.method != record.SignedPasskey {
		method, err := s.again(ctx, sess, p.Password, p.Code)
		if err != nil {
			return nil, err
		}
		sig.Method = method
		return sig, nil
	}
	if p.Assertion == nil || !slices.ContainsFunc(ask.draft.passkeys, func(id []byte) bool { return bytes.Equal(id, p.Assertion.Credential) }) {
		return nil, badPasskey(fmt.Errorf("no assertion of a passkey that was asked for"))
	}
	key, err := s.ownPasskey(ctx, sess, p.Assertion.Credential)
	if err != nil {
		return nil, err
	}
	if _, err := s.verifyPasskey(ctx, key, sess.User, at, ask.challenge, *p.Assertion); err != nil {
		return nil, err
	}
	sig.Method, sig.RP, sig.Credential, sig.Key = record.SignedPasskey, key.RP, key.ID, key.Key
	sig.Authenticator, sig.Client, sig.Value = p.Assertion.Authenticator, p.Assertion.Client, p.Assertion.Value
	return sig, nil
}

// again asks somebody who is signed in who they are: the password and, if they use codes, a code that was not used before. It
// gives the method this amounts to. Wrong ones are counted like a sign-in. Errors by Reason: PasswordWrong, CodeWrong,
// TooManyTries.
func (s *Service) again(ctx context.Context, sess Session, password, code string) (method string, err error) {
	u, err := s.store.User(ctx, sess.UserID)
	if err != nil {
		return "", s.missing(err, "user gone")
	}
	_, key := cleanAddress(sess.Address)
	try, wait := s.limits.take(u.Name, key)
	if wait > 0 {
		return "", tooMany(wait)
	}
	if len(password) > 4*maxPassword {
		password = ""
	}
	ok, _, err := s.verify(ctx, true, u.PasswordHash, password)
	switch {
	case err != nil:
		return "", err
	case !ok:
		return "", fail(record.Forbidden, PasswordWrong, "the password is wrong: type it again")
	case !u.HasTOTP():
		try.passed(true)
		return record.SignedPassword, nil
	case code == "":
		try.passed(false)
		return "", invalid(CodeWrong, "type the six digits of your authenticator app too")
	}
	why, err := s.spendCode(ctx, &u, code)
	if err != nil {
		return "", err
	}
	if why != "" {
		return "", invalid(CodeWrong, "the code does not fit or was used already: wait for the next one")
	}
	try.passed(true)
	return record.SignedCode, nil
}
