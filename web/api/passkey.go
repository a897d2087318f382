package api

import (
	"context"
	"encoding/base64"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sarhad/internal/authn"
	"sarhad/record"
	"sarhad/record/access"
)

// PasskeyRow is a passkey of the officer.
type PasskeyRow struct {
	ID      string     `json:"id" doc:"credential id, base64url"`
	Name    string     `json:"name"`
	Host    string     `json:"host" doc:"the address it works at"`
	Here    bool       `json:"here" doc:"it works at the address the browser uses now"`
	Created time.Time  `json:"created"`
	Used    *time.Time `json:"used,omitempty"`
	Cloned  *time.Time `json:"cloned,omitempty" doc:"put out of use: it seems to have been copied"`
}

// PasskeyList is what /me shows.
type PasskeyList struct {
	Items    []PasskeyRow `json:"items"`
	Possible bool         `json:"possible" doc:"passkeys work at this address"`
	Host     string       `json:"host,omitempty"`
}

// PasskeyOffer is what navigator.credentials.create is asked for.
type PasskeyOffer struct {
	Challenge  []byte    `json:"challenge"`
	RP         string    `json:"rp"`
	User       []byte    `json:"user" doc:"user handle"`
	Name       string    `json:"name"`
	Display    string    `json:"display"`
	Algorithms []int     `json:"algorithms" doc:"COSE"`
	Exclude    []Allowed `json:"exclude"`
}

// PasskeyChallenge is what navigator.credentials.get is asked for at the door.
type PasskeyChallenge struct {
	Challenge []byte `json:"challenge"`
	RP        string `json:"rp"`
}

// WithProof asks again who is there.
type WithProof struct {
	Body struct {
		Password string `json:"password" maxLength:"1024"`
		Code     string `json:"code,omitempty" maxLength:"16"`
	}
}

type newPasskey struct {
	Body struct {
		Name        string   `json:"name" maxLength:"200"`
		Client      []byte   `json:"client" maxLength:"32768" doc:"clientDataJSON"`
		Attestation []byte   `json:"attestation" maxLength:"32768" doc:"attestationObject"`
		Transports  []string `json:"transports,omitempty" maxItems:"8"`
	}
}

// ByPasskey is a request about one of the own passkeys.
type ByPasskey struct {
	ID string `path:"passkey" maxLength:"1400"`
}

func (p ByPasskey) id() ([]byte, error) {
	id, err := base64.RawURLEncoding.DecodeString(p.ID)
	if err != nil || len(id) == 0 {
		return nil, record.Errorf(record.NotFound, "you have no such passkey: it may have been removed already")
	}
	return id, nil
}

type passkeySignIn struct {
	Body PasskeyAssertion
	addr string
}

// Resolve keeps the peer's address: sign-in is counted by it.
func (s *passkeySignIn) Resolve(ctx huma.Context) []error {
	s.addr = ctx.RemoteAddr()
	return nil
}

// passkeys is sign-in by passkey and what officers do with their own ones.
func (a *API) passkeys(h huma.API) {
	register(a, h, "POST", "/passkey", "askPasskey", "Begin to sign in by passkey", func(ctx context.Context, _ *empty) (*body[PasskeyChallenge], error) {
		at := authn.OriginFrom(ctx)
		c, err := a.Authn.PasskeyChallenge(at)
		return answer(PasskeyChallenge{c, at.RP}, err)
	})
	register(a, h, "POST", "/session/passkey", "signInPasskey", "Sign in by passkey", func(ctx context.Context, in *passkeySignIn) (*meWithCookie, error) {
		sess, token, err := a.Authn.SignInPasskey(ctx, authn.OriginFrom(ctx), *in.Body.authn(), in.addr)
		if err != nil {
			return nil, err
		}
		return a.begin(ctx, sess, token)
	})
	register(a, h, "GET", "/passkeys", "listPasskeys", "Own passkeys", func(ctx context.Context, _ *empty) (*body[PasskeyList], error) {
		return answer(a.passkeyList(ctx))
	})
	register(a, h, "POST", "/passkeys/offer", "offerPasskey", "Begin to enrol a passkey", a.offerPasskey)
	register(a, h, "POST", "/passkeys", "addPasskey", "Enrol a passkey", a.addPasskey)
	register(a, h, "PUT", "/passkeys/{passkey}", "namePasskey", "Give a passkey another name", func(ctx context.Context, in *struct {
		ByPasskey
		Body struct {
			Name string `json:"name" maxLength:"200"`
		}
	}) (*body[PasskeyList], error) {
		id, sess, err := a.ownPasskey(ctx, in.ByPasskey)
		if err != nil {
			return nil, err
		}
		if err := a.Authn.NamePasskey(ctx, sess, id, in.Body.Name); err != nil {
			return nil, err
		}
		return answer(a.passkeyList(ctx))
	})
	register(a, h, "POST", "/passkeys/{passkey}/remove", "removePasskey", "Remove a passkey", func(ctx context.Context, in *struct {
		ByPasskey
		WithProof
	}) (*body[PasskeyList], error) {
		id, sess, err := a.ownPasskey(ctx, in.ByPasskey)
		if err != nil {
			return nil, err
		}
		if err := a.Authn.RemovePasskey(ctx, sess, id, in.Body.Password, in.Body.Code); err != nil {
			return nil, err
		}
		return answer(a.passkeyList(ctx))
	})
	register(a, h, "DELETE", "/users/{user}/passkeys", "removePasskeys", "Remove all passkeys of a user", func(ctx context.Context, in *byUser) (*struct{}, error) {
		if _, err := a.purposed(ctx, access.Change, access.Users); err != nil {
			return nil, err
		}
		return nil, a.Authn.RemovePasskeys(ctx, in.User)
	})
}

func (a *API) ownPasskey(ctx context.Context, in ByPasskey) ([]byte, authn.Session, error) {
	sess, err := signedIn(ctx)
	if err != nil {
		return nil, sess, err
	}
	id, err := in.id()
	return id, sess, err
}

func (a *API) passkeyList(ctx context.Context) (PasskeyList, error) {
	sess, err := signedIn(ctx)
	if err != nil {
		return PasskeyList{}, err
	}
	at := authn.OriginFrom(ctx)
	out := PasskeyList{Items: []PasskeyRow{}, Possible: at.RP != "", Host: at.RP}
	all, err := a.Authn.Passkeys(ctx, sess.UserID)
	for _, p := range all {
		out.Items = append(out.Items, PasskeyRow{ID: base64.RawURLEncoding.EncodeToString(p.ID), Name: p.Name, Host: p.RP, Here: p.RP == at.RP,
			Created: p.CreatedAt, Used: instant(p.UsedAt), Cloned: instant(p.ClonedAt)})
	}
	return out, err
}

func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func (a *API) offerPasskey(ctx context.Context, in *WithProof) (*body[PasskeyOffer], error) {
	sess, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	e, err := a.Authn.OfferPasskey(ctx, sess, authn.OriginFrom(ctx), in.Body.Password, in.Body.Code)
	if err != nil {
		return nil, err
	}
	return answer(PasskeyOffer{Challenge: e.Challenge, RP: e.RP, User: []byte(e.User.ID), Name: e.User.Name, Display: e.User.Display,
		Algorithms: authn.Algorithms(), Exclude: allowed(e.Exclude)}, nil)
}

func (a *API) addPasskey(ctx context.Context, in *newPasskey) (*body[PasskeyList], error) {
	sess, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := a.Authn.AddPasskey(ctx, sess, in.Body.Name, in.Body.Client, in.Body.Attestation, in.Body.Transports); err != nil {
		return nil, err
	}
	return answer(a.passkeyList(ctx))
}
