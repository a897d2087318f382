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

// ProfileBody is the part of a user that an administrator writes.
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

// CertificateState is how long browsers will trust the node.
type CertificateState struct {
	TLS   bool       `json:"tls"`
	Until *time.Time `json:"until,omitempty"`
	Soon  bool       `json:"soon" doc:"it ends within 30 days: renew it with sarhad node tls"`
}

// Streams is how many browsers listen to events.
type Streams struct {
	Open int `json:"open" doc:"one for each browser, however many tabs it has"`
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

type byUser struct {
	User string `path:"user" maxLength:"36"`
}

type newUser struct {
	Body struct {
		Name string `json:"name" maxLength:"64"`
		ProfileBody
	}
}

type changedUser struct {
	User string `path:"user" maxLength:"36"`
	Body struct {
		ProfileBody
		Disabled bool `json:"disabled,omitempty"`
	}
}

func (a *API) admin(h huma.API) {
	register(a, h, "GET", "/streams", "getStreams", "How many browsers listen to events", func(ctx context.Context, _ *empty) (*body[Streams], error) {
		if _, err := a.purposed(ctx, access.Read, access.Users); err != nil {
			return nil, err
		}
		return answer(Streams{a.Events.Streams()}, nil)
	})
	register(a, h, "GET", "/certificate", "getCertificate", "How long browsers trust the node", func(ctx context.Context, _ *empty) (*body[CertificateState], error) {
		if _, err := a.purposed(ctx, access.Read, access.Users); err != nil {
			return nil, err
		}
		until, soon := a.Certificate()
		return answer(CertificateState{TLS: !until.IsZero(), Until: instant(until), Soon: soon}, nil)
	})
	register(a, h, "GET", "/users", "listUsers", "Users of the node", a.accounts)
	register(a, h, "POST", "/users", "createUser", "Add a user", a.createUser)
	register(a, h, "PUT", "/users/{user}", "changeUser", "Change a user", a.changeUser)
	register(a, h, "DELETE", "/users/{user}/totp", "removeTOTP", "Take one-time codes from a user who lost the device", a.removeTOTP)
	register(a, h, "POST", "/users/{user}/password", "resetPassword", "Give a user a new first password", a.resetPassword)
	register(a, h, "GET", "/access/matrix", "getMatrix", "Who may do what", func(context.Context, *empty) (*body[access.Matrix], error) {
		return &body[access.Matrix]{access.TheMatrix()}, nil
	})
}

func (a *API) accounts(ctx context.Context, _ *empty) (*body[List[Account]], error) {
	users, err := a.listUsers(ctx, "users")
	out := List[Account]{Items: []Account{}}
	for _, u := range users {
		out.Items = append(out.Items, account(u))
	}
	return answer(out, err)
}

func (a *API) createUser(ctx context.Context, in *newUser) (*body[NewAccount], error) {
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
	return answer(NewAccount{account(u), password}, err)
}

func (a *API) changeUser(ctx context.Context, in *changedUser) (*body[Account], error) {
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
	return answer(account(u), err)
}

func (a *API) removeTOTP(ctx context.Context, in *byUser) (*struct{}, error) {
	if _, err := a.purposed(ctx, access.Change, access.Users); err != nil {
		return nil, err
	}
	return nil, a.Authn.RemoveTOTP(ctx, in.User)
}

func (a *API) resetPassword(ctx context.Context, in *byUser) (*body[FirstPassword], error) {
	if _, err := a.purposed(ctx, access.Change, access.Users); err != nil {
		return nil, err
	}
	password, err := a.Authn.NewPassword()
	if err != nil {
		return nil, err
	}
	return answer(FirstPassword{password}, a.Authn.SetPassword(ctx, in.User, password))
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
