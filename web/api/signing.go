package api

import (
	"context"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sarhad/internal/authn"
	"sarhad/record"
	"sarhad/record/access"
)

// Proof is how an officer signs an act: with the assertion of a passkey, or with password and one-time code. It answers a
// challenge of POST /signing.
type Proof struct {
	Challenge []byte            `json:"challenge" maxLength:"128" doc:"as POST /signing gave it"`
	Assertion *PasskeyAssertion `json:"assertion,omitempty"`
	Password  string            `json:"password,omitempty" maxLength:"1024"`
	Code      string            `json:"code,omitempty" maxLength:"16"`
}

// PasskeyAssertion is what navigator.credentials.get gave; all parts in base64.
type PasskeyAssertion struct {
	Credential    []byte `json:"credential" maxLength:"2048" doc:"rawId"`
	Authenticator []byte `json:"authenticator" maxLength:"16384" doc:"authenticatorData"`
	Client        []byte `json:"client" maxLength:"16384" doc:"clientDataJSON"`
	Value         []byte `json:"value" maxLength:"4096" doc:"signature"`
	User          []byte `json:"user,omitempty" maxLength:"128" doc:"userHandle"`
}

func (p *PasskeyAssertion) authn() *authn.Assertion {
	if p == nil {
		return nil
	}
	return &authn.Assertion{Credential: p.Credential, Authenticator: p.Authenticator, Client: p.Client, Value: p.Value, User: p.User}
}

// ToSign names an act that is to be signed, by what the door of the act will say of it.
type ToSign struct {
	Action   string            `json:"action" maxLength:"32" doc:"of the audit row: decide, unmask, release, erase"`
	Topic    string            `json:"topic,omitempty" maxLength:"32"`
	Subject  string            `json:"subject,omitempty" maxLength:"36" doc:"record id"`
	Revision int               `json:"revision,omitempty" doc:"number of the revision on the screen; Conflict if there is a newer one. 0 = not shown"`
	Verdict  string            `json:"verdict,omitempty" maxLength:"32"`
	Reason   string            `json:"reason,omitempty" maxLength:"64"`
	Details  map[string]string `json:"details,omitempty" doc:"what else makes the act: instruction, text, note"`
}

// SigningChallenge is what the officer signs.
type SigningChallenge struct {
	Challenge []byte    `json:"challenge" doc:"SHA-256 of the statement"`
	Statement string    `json:"statement" doc:"the act in words, with its nonce"`
	Method    string    `json:"method" enum:"passkey,password+totp,password"`
	RP        string    `json:"rp,omitempty" doc:"relying party id for the passkey"`
	Passkeys  []Allowed `json:"passkeys"`
	Until     time.Time `json:"until"`
}

// Allowed is a passkey that may answer.
type Allowed struct {
	ID         []byte   `json:"id"`
	Transports []string `json:"transports"`
}

// SigningWay is how the officer signs at this address.
type SigningWay struct {
	Method string `json:"method" enum:"passkey,password+totp,password"`
}

type toSign struct {
	Body ToSign
}

func (a *API) signing(h huma.API) {
	register(a, h, "GET", "/signing", "howToSign", "How the officer signs acts at this address", func(ctx context.Context, _ *empty) (*body[SigningWay], error) {
		sess, err := signedIn(ctx)
		if err != nil {
			return nil, err
		}
		method, err := a.Authn.Signs(ctx, sess, authn.OriginFrom(ctx))
		return answer(SigningWay{method}, err)
	})
	register(a, h, "POST", "/signing", "askToSign", "Begin to sign an act", func(ctx context.Context, in *toSign) (*body[SigningChallenge], error) {
		return answer(a.askToSign(ctx, in.Body))
	})
}

func (a *API) askToSign(ctx context.Context, in ToSign) (SigningChallenge, error) {
	sess, err := signedIn(ctx)
	if err != nil {
		return SigningChallenge{}, err
	}
	act := authn.Intent{Action: in.Action, Topic: in.Topic, Verdict: in.Verdict, Reason: in.Reason, Details: in.Details}
	for name, value := range act.Details {
		act.Details[name] = strings.TrimSpace(value) // as the doors do
	}
	if in.Subject != "" {
		if act.Subject, err = (ByID{in.Subject}).id(); err != nil {
			return SigningChallenge{}, err
		}
		rec, err := a.signedOf(ctx, act.Topic, act.Subject)
		if err != nil {
			return SigningChallenge{}, err
		}
		if in.Revision != 0 && rec != nil && rec.Revision.Number != in.Revision {
			return SigningChallenge{}, record.Errorf(record.Conflict, "the record was changed just now; look at it again before you sign")
		}
		act.Revision = hashOf(rec)
	}
	c, err := a.Authn.Ask(ctx, sess, authn.OriginFrom(ctx), act)
	if err != nil {
		return SigningChallenge{}, err
	}
	out := SigningChallenge{Challenge: c.Challenge, Statement: c.Statement, Method: c.Method, RP: c.RP, Until: c.Until, Passkeys: allowed(c.Passkeys)}
	return out, nil
}

func allowed(keys []authn.Passkey) []Allowed {
	out := make([]Allowed, 0, len(keys))
	for _, p := range keys {
		out = append(out, Allowed{p.ID, nonNil(p.Transports)})
	}
	return out
}

// present reads a record for its hash, as the officer: what they may not open is not found.
func (a *API) present(ctx context.Context, id record.ID) (rec *record.Record, err error) {
	err = a.Store.View(ctx, func(tx record.Tx) error {
		rec, err = tx.Get(id)
		return err
	})
	return rec, err
}

// signedOf reads what an act is about. In matters of privacy officers sign about records that they may not open, such as a
// masked one: then it is nil, whether there is such a record or not, and the signature names no revision.
func (a *API) signedOf(ctx context.Context, topic string, id record.ID) (*record.Record, error) {
	rec, err := a.present(ctx, id)
	if topic == access.Privacy && record.KindOf(err) == record.NotFound {
		return nil, nil
	}
	return rec, err
}

func hashOf(rec *record.Record) string {
	if rec == nil {
		return ""
	}
	return rec.Hash()
}

// signed checks the officer's signature under an act and gives it for record.Act.Signature. It is the one helper of every
// door whose act is signed. act names the act as POST /signing was told it, Details as the door understood them; Revision is
// filled here with the hash of the present revision of Subject, and whoever writes must refuse another one in the
// transaction (record.Signature.Revision). Without a proof the act is Forbidden with the reason signature-needed. The store
// refuses a row that is not the one signed.
func (a *API) signed(ctx context.Context, act authn.Intent, p *Proof) (*record.Signature, error) {
	sess, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	if p == nil {
		return nil, &record.Error{Kind: record.Forbidden, Err: authn.SignatureNeeded, Message: "this act bears your signature: sign it with your passkey, or with password and code"}
	}
	if !act.Subject.IsZero() && act.Revision == "" {
		rec, err := a.signedOf(ctx, act.Topic, act.Subject)
		if err != nil {
			return nil, err
		}
		act.Revision = hashOf(rec)
	}
	return a.Authn.Sign(ctx, sess, authn.OriginFrom(ctx), act, authn.Proof{
		Challenge: p.Challenge, Assertion: p.Assertion.authn(), Password: p.Password, Code: p.Code,
	})
}
