package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sarhad/internal/authn"
	"sarhad/record"
	"sarhad/record/access"
	"sarhad/screening/hit"
)

// Me is who is signed in, why, and what the role opens.
type Me struct {
	User       User            `json:"user"`
	Purpose    *record.Purpose `json:"purpose,omitempty"`
	CSRF       string          `json:"csrf"`
	Node       Node            `json:"node"`
	Version    string          `json:"version"`
	Demo       bool            `json:"demo"`
	MustChange bool            `json:"mustChange" doc:"the password was set by somebody else and must be changed first"`
	Codes      bool            `json:"codes" doc:"one-time codes are in use"`
	Shared     bool            `json:"shared" doc:"the session stands on a shared computer"`
	PIN        bool            `json:"pin" doc:"a PIN is chosen for it"`
	LockAfter  int             `json:"lockAfter" doc:"seconds until a shared screen locks by itself"`
	DraftKey   []byte          `json:"draftKey,omitempty" doc:"AES-256 key of what the browser keeps for this session; goes with it"`
	May        []string        `json:"may" doc:"action:topic pairs of the access table"`
}

// User is an officer as the frame shows them.
type User struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Display string   `json:"display"`
	Agency  string   `json:"agency"`
	Place   string   `json:"place,omitempty"`
	Roles   []string `json:"roles"`
	Lang    string   `json:"lang"`
}

type signIn struct {
	Body struct {
		Name     string `json:"name" maxLength:"64"`
		Password string `json:"password" maxLength:"1024"`
		TOTP     string `json:"totp,omitempty" maxLength:"16"`
	}
	addr string
}

// Resolve keeps the peer's address: sign-in is counted by it.
func (s *signIn) Resolve(ctx huma.Context) []error {
	s.addr = ctx.RemoteAddr()
	return nil
}

type meWithCookie struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
	Body      Me
}

type setPurpose struct {
	Body struct {
		Kind string `json:"kind" enum:"duty,case,enquiry,hit,free"`
		Ref  string `json:"ref,omitempty" maxLength:"200"`
		Text string `json:"text" maxLength:"300"`
	}
}

type signedOut struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
}

// DemoUsers are the sign-ins of a demonstration.
type DemoUsers struct {
	Users  []DemoUser  `json:"users"`
	Places []DemoPlace `json:"places" doc:"of the region around it, this one too; empty when it stands alone"`
}

func (a *API) session(h huma.API) {
	register(a, h, "GET", "/session", "getSession", "Who is signed in", func(ctx context.Context, _ *empty) (*body[Me], error) {
		return answer(a.me(ctx))
	})
	register(a, h, "POST", "/session", "signIn", "Sign in", a.signIn)
	register(a, h, "DELETE", "/session", "signOut", "Sign out", func(ctx context.Context, _ *empty) (*signedOut, error) {
		return &signedOut{a.Guard.ExpiredCookie()}, a.Authn.SignOut(ctx, authn.TokenFrom(ctx))
	})
	register(a, h, "PUT", "/session/purpose", "setPurpose", "Say what the work is for", a.setPurpose)
	register(a, h, "GET", "/session/purposes", "listPurposes", "Purposes to choose from", a.purposesOf)
	register(a, h, "GET", "/demo", "demoUsers", "Sign-ins of a demonstration", func(context.Context, *empty) (*body[DemoUsers], error) {
		if len(a.Demo) == 0 {
			return nil, record.Errorf(record.NotFound, "this is no demonstration")
		}
		return answer(DemoUsers{a.Demo, a.places()}, nil)
	})
	a.demoRegion(h)
	register(a, h, "GET", "/status", "getStatus", "What waits", func(ctx context.Context, _ *empty) (*body[Status], error) {
		return answer(a.Events.Status(ctx))
	})
}

// signIn begins a session with the duty of the officer's post as its purpose.
func (a *API) signIn(ctx context.Context, in *signIn) (*meWithCookie, error) {
	sess, token, err := a.Authn.SignIn(ctx, in.Body.Name, in.Body.Password, in.Body.TOTP, in.addr)
	if err != nil {
		return nil, err
	}
	return a.begin(ctx, sess, token)
}

func (a *API) setPurpose(ctx context.Context, in *setPurpose) (*body[Me], error) {
	sess, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	p := record.Purpose{Kind: in.Body.Kind, Ref: in.Body.Ref, Text: strings.TrimSpace(in.Body.Text)}
	if err := a.mayWorkFor(ctx, sess.User, p); err != nil {
		return nil, err
	}
	if sess, err = a.Authn.SetPurpose(ctx, sess, p); err != nil {
		return nil, err
	}
	return answer(a.meOf(sess, authn.CSRFFrom(ctx)), nil)
}

// purposesOf offers the duty of the post and what the officer works on now.
func (a *API) purposesOf(ctx context.Context, _ *empty) (*body[[]record.Purpose], error) {
	sess, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	out := []record.Purpose{}
	if duty, ok := dutyOf(sess.User); ok {
		out = append(out, duty)
	}
	if sess.Purpose.Valid(a.Now()) && (len(out) == 0 || out[0].Text != sess.Purpose.Text) {
		out = append(out, sess.Purpose)
	}
	return answer(out, nil)
}

func (a *API) me(ctx context.Context) (Me, error) {
	sess, err := signedIn(ctx)
	if err != nil {
		return Me{}, err
	}
	return a.meOf(sess, authn.CSRFFrom(ctx)), nil
}

func (a *API) meOf(s authn.Session, csrf string) Me {
	now := a.Now()
	me := Me{
		User: User{s.User.ID, s.User.Name, s.User.Display, s.User.Agency, s.User.Place, s.User.Roles, s.User.Lang},
		CSRF: csrf, Node: a.Node, Version: a.Version, Demo: len(a.Demo) > 0, May: access.Doors(s.Actor(now)),
		MustChange: s.User.MustChange, Codes: s.User.HasTOTP(),
		Shared: s.Device != "", PIN: s.PIN != "", LockAfter: int(a.Authn.LockAfter().Seconds()), DraftKey: s.Secret,
	}
	if s.Purpose.Valid(now) {
		p := s.Purpose
		me.Purpose = &p
	}
	return me
}

// duties is what the post itself is for. Whoever signs in for duty has said so; other work needs a purpose of its own.
var duties = []struct {
	role string
	text string
}{
	{"supervisor", "Supervision of the shift"},
	{"analyst", "Screening of arrivals, this shift"},
	{"border", "Border control at the booth"},
	{"oversight", "Oversight of access and decisions"},
	{"admin", "Administration of the node"},
}

func dutyOf(u authn.User) (record.Purpose, bool) {
	for _, d := range duties {
		if u.HasRole(d.role) {
			return record.Purpose{Kind: "duty", Ref: u.Place, Text: d.text}, true
		}
	}
	return record.Purpose{}, false
}

// mayWorkFor refuses a purpose the officer has no part in: another post's duty, a hit that is not theirs. Cases and
// enquiries have no register yet: they are taken as words, which open nothing and are reviewed later.
func (a *API) mayWorkFor(ctx context.Context, u authn.User, p record.Purpose) error {
	switch p.Kind {
	case "duty":
		if duty, ok := dutyOf(u); !ok || p != duty {
			return record.Errorf(record.Forbidden, "this is not the duty of your post; choose the one that is offered, or say in words what the work is for")
		}
	case "hit":
		notYours := record.Errorf(record.Forbidden, "you have not claimed this hit; claim it first, or choose another purpose")
		id, err := record.ParseID(p.Ref)
		if err != nil || id.IsZero() {
			return notYours
		}
		return a.Store.View(ctx, func(tx record.Tx) error {
			rec, err := tx.Get(id)
			if record.KindOf(err) == record.NotFound {
				return notYours
			}
			if err != nil {
				return err
			}
			if h, ok := rec.Body.(*hit.Hit); !ok || h.Claim == nil || h.Claim.By != u.ID {
				return notYours
			}
			return nil
		})
	}
	return nil
}

// minutesTo gives whole minutes from now, rounded down; negative after.
func minutesTo(at, now time.Time) *int {
	if at.IsZero() {
		return nil
	}
	m := int(at.Sub(now).Minutes())
	return &m
}
