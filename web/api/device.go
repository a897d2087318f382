package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sarhad/internal/authn"
	"sarhad/record"
)

// DeviceState is what a browser that is perhaps shared shows to whoever sits down: names and times, nothing that was worked on.
type DeviceState struct {
	Shared    bool         `json:"shared"`
	Name      string       `json:"name,omitempty"`
	LockAfter int          `json:"lockAfter" doc:"seconds without a key or the mouse until the screen locks"`
	Parked    []ParkedDesk `json:"parked" doc:"who can go on with a PIN"`
}

// ParkedDesk is a session that waits behind a PIN.
type ParkedDesk struct {
	ID      string    `json:"id"`
	Display string    `json:"display"`
	Since   time.Time `json:"since"`
	Until   time.Time `json:"until" doc:"end of the shift: the session ends whatever happens"`
}

type deviceWithCookie struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
	Body      DeviceState
}

type markShared struct {
	Body struct {
		Name string `json:"name" maxLength:"200"`
	}
}

type withPIN struct {
	Body struct {
		PIN      string `json:"pin" maxLength:"16"`
		Password string `json:"password,omitempty" maxLength:"1024" doc:"not needed in the first minutes after sign-in"`
	}
}

type unlock struct {
	Body struct {
		ID  string `json:"id" maxLength:"64"`
		PIN string `json:"pin" maxLength:"16"`
	}
	addr string
}

// Resolve keeps the peer's address.
func (s *unlock) Resolve(ctx huma.Context) []error {
	s.addr = ctx.RemoteAddr()
	return nil
}

// devices is the shared computer: who waits on it, locking, and switching by PIN.
func (a *API) devices(h huma.API) {
	register(a, h, "GET", "/device", "getDevice", "Is this computer shared, and who waits on it", func(ctx context.Context, _ *empty) (*body[DeviceState], error) {
		return answer(a.deviceState(ctx, authn.DeviceFrom(ctx)))
	})
	register(a, h, "POST", "/device", "shareDevice", "Say that this computer is shared", func(ctx context.Context, in *markShared) (*deviceWithCookie, error) {
		sess, err := signedIn(ctx)
		if err != nil {
			return nil, err
		}
		_, token, err := a.Authn.MarkShared(ctx, sess, authn.DeviceFrom(ctx), in.Body.Name)
		if err != nil {
			return nil, err
		}
		state, err := a.deviceState(ctx, token)
		return &deviceWithCookie{a.Guard.DeviceCookie(token), state}, err
	})
	register(a, h, "DELETE", "/device", "unshareDevice", "Say that this computer is shared no longer", func(ctx context.Context, _ *empty) (*signedOut, error) {
		sess, err := signedIn(ctx)
		if err != nil {
			return nil, err
		}
		return &signedOut{a.Guard.ExpiredDeviceCookie()}, a.Authn.UnmarkShared(ctx, sess, authn.DeviceFrom(ctx))
	})
	register(a, h, "PUT", "/session/pin", "setPIN", "Choose the PIN of this session on this computer", func(ctx context.Context, in *withPIN) (*body[Me], error) {
		sess, err := signedIn(ctx)
		if err != nil {
			return nil, err
		}
		if err := a.Authn.SetPIN(ctx, sess, authn.DeviceFrom(ctx), in.Body.PIN, in.Body.Password); err != nil {
			return nil, err
		}
		sess, err = a.Authn.Peek(ctx, authn.TokenFrom(ctx))
		return answer(a.meOf(sess, authn.CSRFFrom(ctx)), err)
	})
	register(a, h, "POST", "/session/lock", "lockSession", "Lock the screen", func(ctx context.Context, _ *empty) (*signedOut, error) {
		sess, err := signedIn(ctx)
		if err != nil {
			return nil, err
		}
		if err := a.Authn.Lock(ctx, sess); err != nil {
			return nil, err
		}
		return &signedOut{a.Guard.ExpiredCookie()}, nil
	})
	register(a, h, "POST", "/session/unlock", "unlockSession", "Go on with a PIN", func(ctx context.Context, in *unlock) (*meWithCookie, error) {
		sess, token, err := a.Authn.Unlock(ctx, authn.DeviceFrom(ctx), in.Body.ID, in.Body.PIN, in.addr)
		if err != nil {
			return nil, err
		}
		return &meWithCookie{a.Guard.Cookie(token), a.meOf(sess, authn.CSRFToken(token))}, nil
	})
}

func (a *API) deviceState(ctx context.Context, token string) (DeviceState, error) {
	out := DeviceState{LockAfter: int(a.Authn.LockAfter().Seconds()), Parked: []ParkedDesk{}}
	d, err := a.Authn.DeviceOf(ctx, token)
	if record.KindOf(err) == record.NotFound {
		return out, nil
	}
	if err != nil {
		return out, err
	}
	out.Shared, out.Name = true, d.Name
	parked, err := a.Authn.Parked(ctx, token)
	for _, p := range parked {
		out.Parked = append(out.Parked, ParkedDesk(p))
	}
	return out, err
}

// begin answers a sign-in: the session stands on its computer if that is shared, and has the duty of the officer's post as its
// purpose.
func (a *API) begin(ctx context.Context, sess authn.Session, token string) (*meWithCookie, error) {
	ctx = record.WithActor(ctx, sess.Actor(a.Now()))
	d, err := a.Authn.DeviceOf(ctx, authn.DeviceFrom(ctx))
	if err == nil {
		if err := a.Authn.Settle(ctx, sess, d.ID); err != nil {
			return nil, err
		}
		sess.Device = d.ID
	} else if record.KindOf(err) != record.NotFound {
		return nil, err
	}
	if duty, ok := dutyOf(sess.User); ok {
		if sess, err = a.Authn.SetPurpose(ctx, sess, duty); err != nil {
			return nil, err
		}
	}
	return &meWithCookie{a.Guard.Cookie(token), a.meOf(sess, authn.CSRFToken(token))}, nil
}
