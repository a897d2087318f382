package api

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sarhad/internal/authn"
	"sarhad/record"
	"sarhad/record/access"
)

// Account is a user as an administrator sees them.
type Account struct {
	User
	Disabled   bool      `json:"disabled"`
	MustChange bool      `json:"mustChange"`
	TOTP       bool      `json:"totp"`
	CreatedAt  time.Time `json:"createdAt"`
}

type ProfileBody struct {
	Display string   `json:"display" maxLength:"200"`
	Agency  string   `json:"agency" maxLength:"64"`
	Place   string   `json:"place,omitempty" maxLength:"16"`
	Roles   []string `json:"roles" maxItems:"10"`
	Lang    string   `json:"lang" enum:"en,ru"`
}

func (p ProfileBody) profile() authn.Profile {
	return authn.Profile{Display: p.Display, Agency: p.Agency, Place: p.Place, Roles: p.Roles, Lang: p.Lang}
}

// Enrolment is what an authenticator app needs; shown once.
type Enrolment struct {
	Secret string `json:"secret" doc:"base32"`
	URL    string `json:"url" doc:"otpauth://"`
}

// FirstPassword is shown once and must be changed at the next sign-in.
type FirstPassword struct {
	Password string `json:"password"`
}

// NewAccount is a created user with the first password, shown once.
type NewAccount struct {
	Account
	Password string `json:"password" doc:"first password; must be changed at the first sign-in"`
}

func (a *API) admin(h huma.API) {
	register(a, h, "GET", "/users", "listUsers", "Users of the node", func(ctx context.Context, _ *empty) (*body[List[Account]], error) {
		users, err := a.listUsers(ctx, "users")
		out := List[Account]{Items: []Account{}}
		for _, u := range users {
			out.Items = append(out.Items, account(u))
		}
		return &body[List[Account]]{out}, err
	})
	register(a, h, "POST", "/users", "createUser", "Add a user", func(ctx context.Context, in *struct {
		Body struct {
			Name string `json:"name" maxLength:"64"`
			ProfileBody
		}
	}) (*body[NewAccount], error) {
		if _, err := a.purposed(ctx, access.Change, access.Users); err != nil {
			return nil, err
		}
		if err := knownRoles(in.Body.Roles); err != nil {
			return nil, err
		}
		password, err := a.Authn.NewPassword()
		if err != nil {
			return nil, err
		}
		u, err := a.Authn.CreateUser(ctx, in.Body.Name, in.Body.profile(), password, true)
		if err != nil {
			return nil, err
		}
		return &body[NewAccount]{NewAccount{account(u), password}}, nil
	})
	register(a, h, "PUT", "/users/{user}", "changeUser", "Change a user", func(ctx context.Context, in *struct {
		User string `path:"user" maxLength:"36"`
		Body struct {
			ProfileBody
			Disabled bool `json:"disabled,omitempty"`
		}
	}) (*body[Account], error) {
		if _, err := a.purposed(ctx, access.Change, access.Users); err != nil {
			return nil, err
		}
		if err := knownRoles(in.Body.Roles); err != nil {
			return nil, err
		}
		if err := a.Authn.SetProfile(ctx, in.User, in.Body.profile()); err != nil {
			return nil, err
		}
		if err := a.Authn.SetDisabled(ctx, in.User, in.Body.Disabled); err != nil {
			return nil, err
		}
		u, err := a.Authn.User(ctx, in.User)
		return &body[Account]{account(u)}, err
	})
	register(a, h, "PUT", "/session/password", "changePassword", "Change the own password", func(ctx context.Context, in *struct {
		Body struct {
			Present string `json:"present" maxLength:"1024"`
			Next    string `json:"next" maxLength:"1024"`
		}
	}) (*body[Me], error) {
		sess, _ := authn.SessionFrom(ctx)
		sess, err := a.Authn.ChangePassword(ctx, sess, in.Body.Present, in.Body.Next)
		return &body[Me]{a.meOf(sess, authn.CSRFFrom(ctx))}, err
	})
	register(a, h, "POST", "/session/totp", "offerTOTP", "Begin using one-time codes", func(ctx context.Context, in *struct {
		Body struct {
			Password string `json:"password" maxLength:"1024"`
		}
	}) (*body[Enrolment], error) {
		sess, _ := authn.SessionFrom(ctx)
		e, err := a.Authn.OfferTOTP(ctx, sess, in.Body.Password)
		return &body[Enrolment]{Enrolment{e.Secret, e.URL}}, err
	})
	register(a, h, "PUT", "/session/totp", "confirmTOTP", "Confirm with a first code", func(ctx context.Context, in *struct {
		Body struct {
			Code string `json:"code" maxLength:"16"`
		}
	}) (*struct{}, error) {
		sess, _ := authn.SessionFrom(ctx)
		return nil, a.Authn.ConfirmTOTP(ctx, sess, in.Body.Code)
	})
	register(a, h, "DELETE", "/users/{user}/totp", "removeTOTP", "Take one-time codes from a user who lost the device", func(ctx context.Context, in *struct {
		User string `path:"user" maxLength:"36"`
	}) (*struct{}, error) {
		if _, err := a.purposed(ctx, access.Change, access.Users); err != nil {
			return nil, err
		}
		return nil, a.Authn.RemoveTOTP(ctx, in.User)
	})
	register(a, h, "POST", "/users/{user}/password", "resetPassword", "Give a user a new first password", func(ctx context.Context, in *struct {
		User string `path:"user" maxLength:"36"`
	}) (*body[FirstPassword], error) {
		if _, err := a.purposed(ctx, access.Change, access.Users); err != nil {
			return nil, err
		}
		password, err := a.Authn.NewPassword()
		if err != nil {
			return nil, err
		}
		return &body[FirstPassword]{FirstPassword{password}}, a.Authn.SetPassword(ctx, in.User, password)
	})
	register(a, h, "GET", "/access/matrix", "getMatrix", "Who may do what", func(ctx context.Context, _ *empty) (*body[access.Matrix], error) {
		return &body[access.Matrix]{access.TheMatrix()}, nil
	})
}

// listUsers reads the accounts for an administrator and writes that down.
func (a *API) listUsers(ctx context.Context, page string) ([]authn.User, error) {
	actor, err := a.purposed(ctx, access.Read, access.Users)
	if err != nil {
		return nil, err
	}
	users, err := a.Authn.ListUsers(ctx)
	if err != nil {
		return nil, err
	}
	var ids []record.ID
	for _, u := range users {
		if id, err := record.ParseID(u.ID); err == nil {
			ids = append(ids, id)
		}
	}
	return users, a.noted(ctx, actor, record.Act{Action: "list", Topic: access.Users, Count: len(users)}, asked("", page), ids)
}

func account(u authn.User) Account {
	return Account{User{u.ID, u.Name, u.Display, u.Agency, u.Place, u.Roles, u.Lang}, u.Disabled, u.MustChange, u.HasTOTP(), u.CreatedAt}
}

func knownRoles(roles []string) error {
	for _, r := range roles {
		if err := known("role", r, "role"); err != nil {
			return err
		}
	}
	return nil
}
