package authn

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"

	"sarhad/record"
)

// Names of the session cookie. With the prefix __Host- a browser accepts the
// cookie only over TLS, for this host alone and for all paths (RFC 6265bis
// section 4.1.3.2), so that no neighbouring host can plant one. Without TLS
// the prefix is impossible; that happens on the loopback address only.
const (
	cookieTLS   = "__Host-sarhad"
	cookiePlain = "sarhad"
)

// CSRFHeader carries the CSRF token on unsafe methods.
const CSRFHeader = "X-CSRF-Token"

// QuietHeader marks with "1" a GET that a screen makes by itself, because
// something changed on the node and nobody touched a key.
const QuietHeader = "X-Sarhad-Quiet"

// Unattended reports whether a request says that nobody asked for it, and
// asks for nothing but to see again. Whoever lies with it only loses the
// session sooner.
func Unattended(r *http.Request) bool {
	return r.Method == http.MethodGet && r.Header.Get(QuietHeader) == "1"
}

// Guard is the http side of Service: cookies and middleware.
type Guard struct {
	Service *Service
	// TLS says that browsers reach the node over https.
	TLS bool
	// Suffix is added to the cookie name. Browsers do not keep cookies of
	// different ports apart (RFC 6265 section 8.5), so nodes that share a
	// machine set it to, say, their port.
	Suffix string
	// Open names requests that need no session and, since they have none, no
	// CSRF token: the sign-in itself and the files of its page. They are
	// still refused from another site. nil: nothing is open.
	Open func(*http.Request) bool
	// Quiet names requests that a browser makes by itself, such as event
	// streams: they do not count as use of the session.
	Quiet func(*http.Request) bool
	// Passkeys reports whether the node answers for a host name, so that
	// passkeys may be bound to it; never asked for addresses. nil: localhost
	// only.
	Passkeys func(host string) bool
	// PasswordPaths are what a user with MustChange may call: the path that
	// changes the password, the one that tells who is signed in, sign-out.
	PasswordPaths []string
	// Deny answers a refused request; a JSON object with kind, reason and
	// message when nil.
	Deny func(http.ResponseWriter, *http.Request, error)
}

// Wrap puts everything around a handler: Headers, LoopbackHost without TLS,
// SameOrigin, Stand, Load, Require and CSRF, in this order.
func (g *Guard) Wrap(next http.Handler) http.Handler {
	h := g.Stand(g.Load(g.Require(g.CSRF(next))))
	h = g.SameOrigin(h)
	if !g.TLS {
		h = g.LoopbackHost(h)
	}
	return g.Headers(h)
}

func (g *Guard) cookieName() string {
	name := cookiePlain
	if g.TLS {
		name = cookieTLS
	}
	if g.Suffix != "" {
		name += "-" + g.Suffix
	}
	return name
}

func (g *Guard) cookie(value string, maxAge int) *http.Cookie {
	return &http.Cookie{
		Name: g.cookieName(), Value: value, Path: "/", MaxAge: maxAge,
		Secure: g.TLS, HttpOnly: true, SameSite: http.SameSiteStrictMode,
	}
}

// SetCookie hands a new session's token to the browser. The cookie has no
// lifetime of its own: on a shared PC it goes when the browser is closed.
func (g *Guard) SetCookie(w http.ResponseWriter, token string) {
	http.SetCookie(w, g.cookie(token, 0))
}

// ClearCookie takes the token away again.
func (g *Guard) ClearCookie(w http.ResponseWriter) {
	http.SetCookie(w, g.cookie("", -1))
}

// Token returns the session token of a request, or "".
func (g *Guard) Token(r *http.Request) string {
	c, err := r.Cookie(g.cookieName())
	if err != nil {
		return ""
	}
	return c.Value
}

// signed is what Load puts into the context.
type signed struct {
	session Session
	token   string
}

type signedKey struct{}

// SessionFrom returns the session of a request that passed Load; ok is false
// when nobody is signed in.
func SessionFrom(ctx context.Context) (sess Session, ok bool) {
	s, ok := ctx.Value(signedKey{}).(signed)
	return s.session, ok
}

// CSRFFrom returns the CSRF token of the session in the context, which the
// page needs for its requests; "" when nobody is signed in.
func CSRFFrom(ctx context.Context) string {
	s, ok := ctx.Value(signedKey{}).(signed)
	if !ok {
		return ""
	}
	return CSRFToken(s.token)
}

// Load puts the session of the cookie, and its record.Actor, into the
// context. A request without a live session goes on without one; only a
// failing store ends it here.
func (g *Guard) Load(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token := g.Token(r)
		if token == "" {
			next.ServeHTTP(w, r)
			return
		}
		find := g.Service.Authenticate
		if g.Quiet != nil && g.Quiet(r) {
			find = g.Service.Peek
		}
		sess, err := find(r.Context(), token)
		switch {
		case ReasonOf(err) == NoSession:
			next.ServeHTTP(w, r)
			return
		case err != nil:
			g.deny(w, r, err)
			return
		}
		ctx := context.WithValue(r.Context(), signedKey{}, signed{sess, token})
		ctx = record.WithActor(ctx, sess.Actor(g.Service.c.Now()))
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// Require refuses requests of nobody, and of users who have to choose a
// password first, unless they are Open. It belongs inside Load.
func (g *Guard) Require(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sess, ok := SessionFrom(r.Context())
		switch {
		case g.open(r):
		case !ok:
			g.deny(w, r, noSession("no live session in the request"))
			return
		case sess.User.MustChange && !g.passwordPath(r):
			g.deny(w, r, fail(record.Forbidden, PasswordDue, sayDue))
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (g *Guard) open(r *http.Request) bool { return g.Open != nil && g.Open(r) }

func (g *Guard) passwordPath(r *http.Request) bool {
	for _, p := range g.PasswordPaths {
		if r.URL.Path == p {
			return true
		}
	}
	return false
}

// RemoteAddr is the address sign-in counts for a request: that of the peer.
// X-Forwarded-For is not read, since anybody can write it.
func RemoteAddr(r *http.Request) string { return r.RemoteAddr }

func (g *Guard) deny(w http.ResponseWriter, r *http.Request, err error) {
	if wait := RetryAfter(err); wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(wait.Seconds())))
	}
	if g.Deny != nil {
		g.Deny(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(Status(err))
	// An answer that cannot be written has nobody to read it.
	_ = json.NewEncoder(w).Encode(map[string]string{
		"kind": string(record.KindOf(err)), "reason": string(ReasonOf(err)), "message": record.MessageOf(err),
	})
}

// LoopbackHost refuses requests whose Host is not a loopback name. Without
// TLS the node listens on loopback only, but a foreign page can point a name
// of its own at 127.0.0.1 (DNS rebinding) and would then be same-origin.
func (g *Guard) LoopbackHost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isLoopback(hostOnly(r.Host)) {
			g.deny(w, r, fail(record.Forbidden, CrossSite,
				"this node answers on this machine only: open it as http://localhost, or set up TLS to reach it from others"))
			return
		}
		next.ServeHTTP(w, r)
	})
}

func hostOnly(hostport string) string {
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		return h
	}
	return strings.Trim(hostport, "[]")
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.Unmap().IsLoopback()
}
