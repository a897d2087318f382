package api

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"sarhad/internal/authn"
	"sarhad/record"
)

// Enrolment is what an authenticator app needs; shown once.
type Enrolment struct {
	Secret string `json:"secret" doc:"base32"`
	URL    string `json:"url" doc:"otpauth://"`
}

type newPassword struct {
	Body struct {
		Present string `json:"present" maxLength:"1024"`
		Next    string `json:"next" maxLength:"1024"`
	}
}

type withPassword struct {
	Body struct {
		Password string `json:"password" maxLength:"1024"`
	}
}

type withCode struct {
	Body struct {
		Code string `json:"code" maxLength:"16"`
	}
}

type withLang struct {
	Body struct {
		Lang string `json:"lang" enum:"en,ru"`
	}
}

// account is what officers do with their own account.
func (a *API) account(h huma.API) {
	register(a, h, "PUT", "/session/lang", "setLanguage", "Language of the screens", a.setLanguage)
	register(a, h, "PUT", "/session/password", "changePassword", "Change the own password", a.changePassword)
	register(a, h, "POST", "/session/totp", "offerTOTP", "Begin using one-time codes", a.offerTOTP)
	register(a, h, "PUT", "/session/totp", "confirmTOTP", "Confirm with a first code", a.confirmTOTP)
}

// signedIn gives the session of a request.
func signedIn(ctx context.Context) (authn.Session, error) {
	sess, ok := authn.SessionFrom(ctx)
	if !ok {
		return sess, record.Errorf(record.Forbidden, "sign in first")
	}
	return sess, nil
}

func (a *API) setLanguage(ctx context.Context, in *withLang) (*body[Me], error) {
	sess, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	if err := a.Authn.SetLang(ctx, sess.User.ID, in.Body.Lang); err != nil {
		return nil, err
	}
	sess.User.Lang = in.Body.Lang
	return answer(a.meOf(sess, authn.CSRFFrom(ctx)), nil)
}

func (a *API) changePassword(ctx context.Context, in *newPassword) (*body[Me], error) {
	sess, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	sess, err = a.Authn.ChangePassword(ctx, sess, in.Body.Present, in.Body.Next)
	return answer(a.meOf(sess, authn.CSRFFrom(ctx)), err)
}

func (a *API) offerTOTP(ctx context.Context, in *withPassword) (*body[Enrolment], error) {
	sess, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	e, err := a.Authn.OfferTOTP(ctx, sess, in.Body.Password)
	return answer(Enrolment{e.Secret, e.URL}, err)
}

func (a *API) confirmTOTP(ctx context.Context, in *withCode) (*struct{}, error) {
	sess, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	return nil, a.Authn.ConfirmTOTP(ctx, sess, in.Body.Code)
}
