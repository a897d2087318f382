package authn

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
	"github.com/go-webauthn/webauthn/webauthn"

	"sarhad/record"
	"sarhad/record/audit"
)

// Passkey is the public half of a WebAuthn credential of a user (W3C WebAuthn Level 3 section 4, "credential record").
type Passkey struct {
	// ID is the credential id, at most 1023 bytes.
	ID []byte
	// UserID is whose it is.
	UserID string
	// RP is the relying party id: the host name in the address bar when it was enrolled. It works at this name only.
	RP string
	// Name is what the officer calls it: "key on the blue ring".
	Name string
	// Key is the public key, SubjectPublicKeyInfo in DER.
	Key []byte
	// Counter is the highest count of signatures seen; 0 where the authenticator keeps none.
	Counter uint32
	// Transports are hints for the browser: "usb", "internal", ...
	Transports []string
	// CreatedAt and UsedAt are UTC. ClonedAt is when the counter fell behind: two devices hold this key, or one was set
	// back; it opens and signs nothing any more. Zero = never.
	CreatedAt, UsedAt, ClonedAt time.Time
}

// Passkeys keeps passkeys. Each write is one transaction with its audit row, as for users.
type Passkeys interface {
	// PasskeysOf returns the passkeys of a user, oldest first.
	PasskeysOf(ctx context.Context, userID string) ([]Passkey, error)
	// Passkey returns the one with this credential id, or an error of kind not-found.
	Passkey(ctx context.Context, id []byte) (Passkey, error)
	// InsertPasskey adds one. An ID that exists is an error of kind conflict.
	InsertPasskey(ctx context.Context, p Passkey, act record.Act) error
	// UpdatePasskey is to passkeys what UpdateUser is to users; ID, UserID, RP, Key and CreatedAt are not changed. With
	// the zero Act it writes no audit row.
	UpdatePasskey(ctx context.Context, id []byte, act record.Act, change func(*Passkey) error) error
	// DeletePasskey removes one; one that does not exist is an error of kind not-found.
	DeletePasskey(ctx context.Context, id []byte, act record.Act) error
}

const (
	// ceremony is how long an officer has to touch the key or type a code.
	ceremony = 2 * time.Minute
	// maxPasskeys bounds what one user can make us keep.
	maxPasskeys = 20
	// maxPasskeyName is in characters.
	maxPasskeyName = 60
	// maxPart bounds each part of an answer in bytes: an attestation "none" and a client data JSON are below 2 kB.
	maxPart = 16 << 10
)

// Origin is where the browser stands, as the Guard tells it: WebAuthn binds every answer to it.
type Origin struct {
	// URL is scheme, host and port: "https://node.example:8443".
	URL string
	// RP is the host name if passkeys may be used at it, else "": an IP address, or a name the node does not answer for.
	RP string
}

// Assertion is what navigator.credentials.get gave.
type Assertion struct {
	Credential    []byte
	Authenticator []byte
	Client        []byte
	Value         []byte
	User          []byte // user handle; empty where the authenticator gives none
}

// Enrolling is what navigator.credentials.create is asked for.
type Enrolling struct {
	Challenge []byte
	RP        string
	User      User
	Exclude   []Passkey // already there: one authenticator, one passkey
}

var noPasskeysHere = record.Errorf(record.Invalid, "passkeys do not work at this address: open the node by its name over https, as the administrator gave it to you")

// OfferPasskey begins to enrol a passkey. Whoever enrols one can sign in, so password and code are asked for again. Errors by
// Reason: PasswordWrong, CodeWrong, TooManyTries.
func (s *Service) OfferPasskey(ctx context.Context, sess Session, at Origin, password, code string) (Enrolling, error) {
	if at.RP == "" {
		return Enrolling{}, noPasskeysHere
	}
	if _, err := s.again(ctx, sess, password, code); err != nil {
		return Enrolling{}, err
	}
	have, err := s.store.PasskeysOf(ctx, sess.UserID)
	if err != nil {
		return Enrolling{}, err
	}
	if len(have) >= maxPasskeys {
		return Enrolling{}, record.Errorf(record.Conflict, "you have %d passkeys: remove one you no longer use", len(have))
	}
	challenge := make([]byte, 32)
	if _, err := io.ReadFull(s.c.Rand, challenge); err != nil {
		return Enrolling{}, internal("no randomness for a passkey: tell the administrator", err)
	}
	s.asked.add(s.c.Now(), asking{session: sess.ID, challenge: challenge, at: at, until: s.c.Now().Add(ceremony), enrol: true})
	return Enrolling{Challenge: challenge, RP: at.RP, User: sess.User, Exclude: have}, nil
}

// AddPasskey ends the enrolment with what navigator.credentials.create gave: client data JSON and attestation object.
func (s *Service) AddPasskey(ctx context.Context, sess Session, name string, client, attestation []byte, transports []string) (Passkey, error) {
	name, err := passkeyName(name)
	if err != nil {
		return Passkey{}, err
	}
	if len(client) > maxPart || len(attestation) > maxPart || len(transports) > 8 {
		return Passkey{}, badPasskey(fmt.Errorf("an answer of this size"))
	}
	now := s.c.Now()
	ask, ok := s.asked.take(now, sess.ID, challengeIn(client))
	if !ok || !ask.enrol {
		return Passkey{}, fail(record.Conflict, ChallengeGone, "this enrolment has run out or was used already: begin again")
	}
	made, err := register(ask, sess.User, client, attestation)
	if err != nil {
		return Passkey{}, badPasskey(err)
	}
	p := Passkey{ID: made.ID, UserID: sess.UserID, RP: ask.at.RP, Name: name, Counter: made.Authenticator.SignCount, Transports: hints(transports), CreatedAt: now}
	if p.Key, err = spki(made.PublicKey); err != nil {
		return Passkey{}, badPasskey(err)
	}
	row := act(record.ActPasskeyAdd, sess.UserID)
	row.IDs = record.PasskeyMark(p.ID, p.Key)
	return p, s.store.InsertPasskey(record.WithActor(ctx, sess.Actor(now)), p, row)
}

func badPasskey(err error) error {
	return &record.Error{Kind: record.Invalid, Err: fmt.Errorf("%w: %w", PasskeyBad, err),
		Message: "the passkey was not accepted: try again, and if it stays so, use another browser or security key"}
}

// register checks the answer of an authenticator (WebAuthn Level 3 section 7.1). No attestation is asked for: who made the
// authenticator is not our question.
func register(ask asking, u User, client, attestation []byte) (*webauthn.Credential, error) {
	w, err := webauthn.New(&webauthn.Config{RPID: ask.at.RP, RPDisplayName: "Sarhad", RPOrigins: []string{ask.at.URL}})
	if err != nil {
		return nil, err
	}
	var answer protocol.CredentialCreationResponse
	id, err := credentialID(attestation)
	if err != nil {
		return nil, err
	}
	answer.ID, answer.Type, answer.RawID = base64.RawURLEncoding.EncodeToString(id), "public-key", id
	answer.AttestationResponse.ClientDataJSON, answer.AttestationResponse.AttestationObject = client, attestation
	parsed, err := answer.Parse()
	if err != nil {
		return nil, err
	}
	return w.CreateCredential(webUser(u), webauthn.SessionData{
		Challenge: base64.RawURLEncoding.EncodeToString(ask.challenge), RelyingPartyID: ask.at.RP, UserID: []byte(u.ID),
		UserVerification: protocol.VerificationRequired, CredParams: parameters(),
	}, parsed)
}

// Algorithms are the COSE numbers of what is accepted, as audit.Assertion verifies: ES256, EdDSA, RS256.
func Algorithms() []int {
	return []int{int(webauthncose.AlgES256), int(webauthncose.AlgEdDSA), int(webauthncose.AlgRS256)}
}

func parameters() (out []protocol.CredentialParameter) {
	for _, a := range Algorithms() {
		out = append(out, protocol.CredentialParameter{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.COSEAlgorithmIdentifier(a)})
	}
	return out
}

func credentialID(attestation []byte) ([]byte, error) {
	r := protocol.AuthenticatorAttestationResponse{AttestationObject: attestation}
	r.ClientDataJSON = []byte("{}")
	parsed, err := r.Parse()
	if err != nil {
		return nil, err
	}
	return parsed.AttestationObject.AuthData.AttData.CredentialID, nil
}

// spki turns a COSE key (RFC 9052 section 7) into the form that needs no library of WebAuthn to be read years later.
func spki(cose []byte) ([]byte, error) {
	key, err := webauthncose.ParsePublicKey(cose)
	if err != nil {
		return nil, err
	}
	pub, err := publicKey(key)
	if err != nil {
		return nil, err
	}
	return x509.MarshalPKIXPublicKey(pub)
}

// webUser is what the library asks of a user.
type webUser User

// WebAuthnID is the user handle (WebAuthn Level 3 section 5.4.3): the id, which names nobody.
func (u webUser) WebAuthnID() []byte { return []byte(u.ID) }

// WebAuthnName is the account as the authenticator lists it.
func (u webUser) WebAuthnName() string { return u.Name }

// WebAuthnDisplayName is the officer as the authenticator shows them.
func (u webUser) WebAuthnDisplayName() string { return u.Display }

// WebAuthnCredentials is empty: credentials are looked up and verified by this package.
func (u webUser) WebAuthnCredentials() []webauthn.Credential { return nil }

func passkeyName(name string) (string, error) {
	name = strings.TrimSpace(name)
	if n := len([]rune(name)); n == 0 || n > maxPasskeyName || strings.ContainsFunc(name, unicode.IsControl) {
		return "", invalid(PasskeyBad, "give the passkey a name of 1 to 60 characters, such as where the key lies")
	}
	return name, nil
}

// hints drops those that no browser of today understands.
func hints(transports []string) (out []string) {
	for _, t := range transports {
		switch t {
		case "usb", "nfc", "ble", "internal", "hybrid", "smart-card":
			out = append(out, t)
		}
	}
	return out
}

// Passkeys returns the passkeys of the officer.
func (s *Service) Passkeys(ctx context.Context, userID string) ([]Passkey, error) {
	return s.store.PasskeysOf(ctx, userID)
}

// NamePasskey gives an own passkey another name.
func (s *Service) NamePasskey(ctx context.Context, sess Session, id []byte, name string) error {
	name, err := passkeyName(name)
	if err != nil {
		return err
	}
	if _, err := s.ownPasskey(ctx, sess, id); err != nil {
		return err
	}
	ctx = record.WithActor(ctx, sess.Actor(s.c.Now()))
	return s.store.UpdatePasskey(ctx, id, act(ActPasskeyName, sess.UserID), func(p *Passkey) error {
		p.Name = name
		return nil
	})
}

// RemovePasskey removes an own passkey: password and code are asked for again, since without the passkey they are what signs.
func (s *Service) RemovePasskey(ctx context.Context, sess Session, id []byte, password, code string) error {
	p, err := s.ownPasskey(ctx, sess, id)
	if err != nil {
		return err
	}
	if _, err := s.again(ctx, sess, password, code); err != nil {
		return err
	}
	return s.deletePasskey(record.WithActor(ctx, sess.Actor(s.c.Now())), p)
}

// RemovePasskeys removes all passkeys of a user and ends their sessions: the key was lost or stolen. For an administrator.
func (s *Service) RemovePasskeys(ctx context.Context, userID string) error {
	all, err := s.store.PasskeysOf(ctx, userID)
	if err != nil {
		return err
	}
	for _, p := range all {
		if err := s.deletePasskey(ctx, p); err != nil {
			return err
		}
	}
	return s.RevokeAll(ctx, userID)
}

func (s *Service) deletePasskey(ctx context.Context, p Passkey) error {
	row := act(record.ActPasskeyRemove, p.UserID)
	row.IDs = record.PasskeyMark(p.ID, p.Key)
	return s.store.DeletePasskey(ctx, p.ID, row)
}

func (s *Service) ownPasskey(ctx context.Context, sess Session, id []byte) (Passkey, error) {
	p, err := s.store.Passkey(ctx, id)
	if err == nil && p.UserID != sess.UserID {
		err = record.Errorf(record.NotFound, "you have no such passkey: it may have been removed already")
	}
	return p, err
}

// PasskeyChallenge begins a sign-in by passkey. Nothing is kept of it, so strangers cannot fill the memory with them.
func (s *Service) PasskeyChallenge(at Origin) ([]byte, error) {
	if at.RP == "" {
		return nil, noPasskeysHere
	}
	c, err := s.door.issue(s.c.Now(), s.c.Rand)
	if err != nil {
		return nil, internal("no randomness for a sign-in: tell the administrator", err)
	}
	return c, nil
}

// SignInPasskey starts a session with a discoverable passkey; the authenticator has verified who is there, which is the
// second factor. Errors by Reason: SignInRefused, TooManyTries.
func (s *Service) SignInPasskey(ctx context.Context, at Origin, a Assertion, remote string) (Session, string, error) {
	address, key := cleanAddress(remote)
	try, wait := s.limits.take("passkey "+key, key)
	if wait > 0 {
		return Session{}, "", tooMany(wait)
	}
	u, why, err := s.holder(ctx, at, a)
	if err != nil {
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

// holder gives the user of a passkey that answered a challenge of the door; why says what was wrong with it.
func (s *Service) holder(ctx context.Context, at Origin, a Assertion) (u User, why string, err error) {
	p, err := s.store.Passkey(ctx, a.Credential)
	if record.KindOf(err) == record.NotFound {
		return u, whyUnknown, nil
	}
	if err != nil {
		return u, "", err
	}
	if u, err = s.store.User(ctx, p.UserID); err != nil {
		return u, "", s.missing(err, "user gone")
	}
	challenge := challengeIn(a.Client)
	switch {
	case u.Disabled:
		return u, whyDisabled, nil
	case len(a.User) > 0 && !bytes.Equal(a.User, []byte(u.ID)), !s.door.mine(s.c.Now(), challenge):
		return u, whyPasskey, nil
	}
	if _, err := s.verifyPasskey(ctx, p, u, at, challenge, a); err != nil {
		return u, whyPasskey, passkeyFault(err)
	}
	if !s.door.spend(s.c.Now(), challenge) {
		return u, whyPasskey, nil
	}
	return u, "", nil
}

// passkeyFault keeps what is our fault and drops what is a wrong answer.
func passkeyFault(err error) error {
	if ReasonOf(err) == PasskeyBad {
		return nil
	}
	return err
}

// verifyPasskey holds an answer against a passkey and moves its counter. An authenticator whose counter does not grow was
// copied (WebAuthn Level 3 section 6.1.1): the passkey is put out of use, and the log says so.
func (s *Service) verifyPasskey(ctx context.Context, p Passkey, u User, at Origin, challenge []byte, a Assertion) (audit.Assertion, error) {
	held := audit.Assertion{RP: p.RP, Origin: at.URL, Challenge: challenge, Key: p.Key, Authenticator: a.Authenticator, Client: a.Client, Value: a.Value}
	if p.RP != at.RP || !p.ClonedAt.IsZero() || p.UserID != u.ID {
		return held, badPasskey(fmt.Errorf("a passkey of another place, or out of use"))
	}
	if err := held.Verify(); err != nil {
		return held, badPasskey(err)
	}
	now, cloned := s.c.Now(), false
	ctx = record.WithActor(ctx, Session{User: u}.Actor(now))
	err := s.store.UpdatePasskey(ctx, p.ID, record.Act{}, func(fresh *Passkey) error {
		cloned = (held.Counter() > 0 || fresh.Counter > 0) && held.Counter() <= fresh.Counter
		if cloned {
			return errCloned
		}
		fresh.Counter, fresh.UsedAt = held.Counter(), now
		return nil
	})
	if cloned {
		err = s.store.UpdatePasskey(ctx, p.ID, act(ActPasskeyCloned, u.ID), func(fresh *Passkey) error {
			fresh.ClonedAt = now
			return nil
		})
		if err == nil {
			err = &record.Error{Kind: record.Forbidden, Err: fmt.Errorf("%w: %w", PasskeyBad, errCloned),
				Message: "this passkey seems to have been copied and is out of use now: tell the administrator, remove it and enrol another"}
		}
	}
	return held, err
}

var errCloned = fmt.Errorf("the counter of the authenticator did not grow")

// challengeIn reads the challenge out of client data; what is none gives nil.
func challengeIn(client []byte) []byte {
	var c struct {
		Challenge string `json:"challenge"`
	}
	if len(client) > maxPart || json.Unmarshal(client, &c) != nil {
		return nil
	}
	b, err := base64.RawURLEncoding.DecodeString(c.Challenge)
	if err != nil || len(b) < 16 || len(b) > 2*sha256.Size {
		return nil
	}
	return b
}
