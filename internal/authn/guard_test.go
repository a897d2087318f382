package authn_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"sarhad/internal/authn"
	"sarhad/record"
)

// site is a guarded handler that says who acts.
type site struct {
	*door
	*authn.Guard
	handler http.Handler
	calls   int
}

func newSite(t *testing.T, tls bool) *site {
	s := &site{door: newDoor(t, nil)}
	s.Guard = &authn.Guard{
		Service: s.door.Service, TLS: tls,
		Open:          func(r *http.Request) bool { return r.URL.Path == "/signin" },
		Quiet:         func(r *http.Request) bool { return r.URL.Path == "/events" },
		PasswordPaths: []string{"/password"},
	}
	s.handler = s.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.calls++
		actor, err := record.ActorFrom(r.Context())
		if err == nil {
			_, _ = w.Write([]byte(actor.User))
		}
	}))
	return s
}

func (s *site) request(method, path, token string) *http.Request {
	host := "http://localhost:8080"
	if s.TLS {
		host = "https://node.example:8443"
	}
	r := httptest.NewRequest(method, host+path, nil)
	if token != "" {
		name := "sarhad"
		if s.TLS {
			name = "__Host-sarhad"
		}
		r.AddCookie(&http.Cookie{Name: name, Value: token})
	}
	return r
}

// send returns the status and, for a refused request, the reason.
func (s *site) send(r *http.Request) (int, authn.Reason, *httptest.ResponseRecorder) {
	s.Helper()
	before := s.calls
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	var answer struct{ Reason authn.Reason }
	if w.Code != 200 {
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
			s.Errorf("%s %s: the answer %q is no JSON: %v", r.Method, r.URL, w.Body, err)
		}
		if s.calls != before {
			s.Errorf("%s %s: refused with %d, but the handler ran", r.Method, r.URL, w.Code)
		}
	}
	return w.Code, answer.Reason, w
}

func TestCookie(t *testing.T) {
	for _, c := range []struct {
		tls    bool
		suffix string
		want   string
	}{
		{false, "", "sarhad=tok; Path=/; HttpOnly; SameSite=Strict"},
		{false, "8081", "sarhad-8081=tok; Path=/; HttpOnly; SameSite=Strict"},
		{true, "", "__Host-sarhad=tok; Path=/; HttpOnly; Secure; SameSite=Strict"},
	} {
		g := &authn.Guard{TLS: c.tls, Suffix: c.suffix}
		w := httptest.NewRecorder()
		g.SetCookie(w, "tok")
		if got := w.Header().Get("Set-Cookie"); got != c.want {
			t.Errorf("cookie %q, want %q", got, c.want)
		}
		r := httptest.NewRequest("GET", "/", nil)
		r.AddCookie(w.Result().Cookies()[0])
		if got := g.Token(r); got != "tok" {
			t.Errorf("token read back: %q", got)
		}
		w = httptest.NewRecorder()
		g.ClearCookie(w)
		if got := w.Header().Get("Set-Cookie"); !strings.Contains(got, "=; Path=/; Max-Age=0;") {
			t.Errorf("cleared by %q", got)
		}
	}
	// With TLS, a cookie planted over plain http is not looked at.
	r := httptest.NewRequest("GET", "/", nil)
	r.AddCookie(&http.Cookie{Name: "sarhad", Value: "planted"})
	if got := (&authn.Guard{TLS: true}).Token(r); got != "" {
		t.Errorf("the plain cookie %q was read with TLS", got)
	}
}

func TestGuardAsksForASession(t *testing.T) {
	s := newSite(t, true)
	u := s.user("a.officer")
	_, token := s.signIn("a.officer")
	for _, c := range []struct {
		name, path, token string
		status            int
		body              string
	}{
		{"nobody", "/hits", "", 401, ""},
		{"made-up token", "/hits", strings.Repeat("A", 43), 401, ""},
		{"signed in", "/hits", token, 200, u.ID},
		{"open to nobody", "/signin", "", 200, ""},
		{"open to somebody", "/signin", token, 200, u.ID},
		{"below an open path", "/signin/x", "", 401, ""},
	} {
		status, _, w := s.send(s.request("GET", c.path, c.token))
		if status != c.status || (status == 200 && w.Body.String() != c.body) {
			t.Errorf("%s: %d %q, want %d %q", c.name, status, w.Body, c.status, c.body)
		}
	}
	s.later(31 * time.Minute)
	if status, reason, _ := s.send(s.request("GET", "/hits", token)); status != 401 || reason != authn.NoSession {
		t.Errorf("idle: %d %q", status, reason)
	}
}

func TestGuardKeepsNoScreenOpenForAStream(t *testing.T) {
	s := newSite(t, true)
	s.user("a.officer")
	_, token := s.signIn("a.officer")
	for range 2 {
		s.later(14 * time.Minute)
		if status, _, _ := s.send(s.request("GET", "/events", token)); status != 200 {
			t.Fatalf("stream: %d", status)
		}
	}
	s.later(2 * time.Minute)
	if status, _, _ := s.send(s.request("GET", "/events", token)); status != 401 {
		t.Errorf("stream after 30 idle minutes: %d", status)
	}
}

func TestGuardForcesThePasswordChange(t *testing.T) {
	s := newSite(t, true)
	u := s.user("a.officer")
	if err := s.SetPassword(s.ctx(), u.ID, goodPassword); err != nil {
		t.Fatal(err)
	}
	_, token := s.signIn("a.officer")
	if status, reason, _ := s.send(s.request("GET", "/hits", token)); status != 403 || reason != authn.PasswordDue {
		t.Errorf("elsewhere: %d %q", status, reason)
	}
	if status, _, _ := s.send(s.request("GET", "/password", token)); status != 200 {
		t.Errorf("password page: %d", status)
	}
}

func TestCSRF(t *testing.T) {
	s := newSite(t, true)
	s.user("a.officer")
	_, token := s.signIn("a.officer")
	_, other := s.signIn("a.officer")
	if authn.CSRFToken(token) == authn.CSRFToken(other) || strings.Contains(authn.CSRFToken(token), token) {
		t.Error("CSRF tokens are not bound to the session, or give it away")
	}
	same := map[string]string{"Origin": "https://node.example:8443", "Sec-Fetch-Site": "same-origin", "X-CSRF-Token": authn.CSRFToken(token)}
	with := func(key, value string) map[string]string {
		m := map[string]string{}
		for k, v := range same {
			m[k] = v
		}
		if value == "" {
			delete(m, key)
		} else {
			m[key] = value
		}
		return m
	}
	for _, c := range []struct {
		name    string
		headers map[string]string
		status  int
	}{
		{"from the page", same, 200},
		{"browser without fetch metadata", with("Sec-Fetch-Site", ""), 200},
		{"a program: token only", map[string]string{"X-CSRF-Token": authn.CSRFToken(token)}, 200},
		{"no token", with("X-CSRF-Token", ""), 403},
		{"token of another session", with("X-CSRF-Token", authn.CSRFToken(other)), 403},
		{"session token as CSRF token", with("X-CSRF-Token", token), 403},
		{"foreign origin", with("Origin", "https://evil.example"), 403},
		{"our host in http", with("Origin", "http://node.example:8443"), 403},
		{"other port", with("Origin", "https://node.example"), 403},
		{"our name as prefix", with("Origin", "https://node.example:8443.evil.example"), 403},
		{"our name as user", with("Origin", "https://node.example:8443@evil.example"), 403},
		{"sandboxed frame", with("Origin", "null"), 403},
		{"cross-site", with("Sec-Fetch-Site", "cross-site"), 403},
		{"same-site is not same-origin", with("Sec-Fetch-Site", "same-site"), 403},
		{"typed address", with("Sec-Fetch-Site", "none"), 403},
	} {
		for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "MKCOL"} {
			r := s.request(method, "/hits", token)
			for k, v := range c.headers {
				r.Header.Set(k, v)
			}
			status, reason, _ := s.send(r)
			if status != c.status || (status == 403 && reason != authn.CrossSite) {
				t.Errorf("%s %s: %d %q, want %d", method, c.name, status, reason, c.status)
			}
		}
	}
	for _, method := range []string{"GET", "HEAD", "OPTIONS"} {
		if status, _, _ := s.send(s.request(method, "/hits", token)); status != 200 {
			t.Errorf("%s without token: %d", method, status)
		}
	}
	// The sign-in has no session to bind a token to, but an origin.
	r := s.request("POST", "/signin", "")
	if status, _, _ := s.send(r); status != 200 {
		t.Errorf("sign-in: %d", status)
	}
	r.Header.Set("Origin", "https://evil.example")
	if status, _, _ := s.send(r); status != 403 {
		t.Errorf("sign-in from another site: %d", status)
	}
}

func TestLoopbackHost(t *testing.T) {
	s := newSite(t, false)
	for host, want := range map[string]int{
		"localhost": 200, "LOCALHOST:8080": 200, "127.0.0.1:8080": 200, "127.8.8.8": 200, "[::1]:8080": 200, "[::1]": 200,
		"evil.example:8080": 403, "localhost.evil.example": 403, "127.0.0.1.evil.example": 403, "192.0.2.1:8080": 403, "": 403,
	} {
		r := s.request("GET", "/signin", "")
		r.Host = host
		if status, _, _ := s.send(r); status != want {
			t.Errorf("host %q: %d, want %d", host, status, want)
		}
	}
}

// The policy in full: a change of it is a decision, not an accident.
func TestHeaders(t *testing.T) {
	want := map[string]string{
		"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; " +
			"connect-src 'self'; font-src 'self'; manifest-src 'self'; worker-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
		"Permissions-Policy": "accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), fullscreen=(self), " +
			"geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), picture-in-picture=(), screen-wake-lock=(), usb=(), xr-spatial-tracking=()",
		"Referrer-Policy": "same-origin", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
		"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin", "Cache-Control": "no-store",
		"Strict-Transport-Security": "max-age=2592000",
	}
	s := newSite(t, true)
	for _, path := range []string{"/signin", "/hits"} { // granted and refused alike
		_, _, w := s.send(s.request("GET", path, ""))
		for k, v := range want {
			if got := w.Header().Get(k); got != v {
				t.Errorf("%s %s:\n got %q\nwant %q", path, k, got, v)
			}
		}
	}
	s = newSite(t, false)
	if _, _, w := s.send(s.request("GET", "/signin", "")); w.Header().Get("Strict-Transport-Security") != "" {
		t.Error("loopback http is told to use https for ever")
	}
}

func TestGuardTellsATimeAndAFailure(t *testing.T) {
	s := newSite(t, true)
	s.user("a.officer")
	_, token := s.signIn("a.officer")
	s.store.Fail(&record.Error{Kind: record.Unavailable, Message: "the disk is full", Err: errors.New("ENOSPC /var/x")})
	status, _, w := s.send(s.request("GET", "/hits", token))
	if status != 503 || !strings.Contains(w.Body.String(), "the disk is full") || strings.Contains(w.Body.String(), "ENOSPC") {
		t.Errorf("%d %s", status, w.Body)
	}
}

func TestSessionFromContext(t *testing.T) {
	s := newSite(t, true)
	s.user("a.officer")
	sess, token := s.signIn("a.officer")
	var got authn.Session
	var csrf string
	h := s.Load(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		got, _ = authn.SessionFrom(r.Context())
		csrf = authn.CSRFFrom(r.Context())
	}))
	h.ServeHTTP(httptest.NewRecorder(), s.request("GET", "/", token))
	if got.ID != sess.ID || csrf != authn.CSRFToken(token) {
		t.Errorf("session %q, csrf %q", got.ID, csrf)
	}
	h.ServeHTTP(httptest.NewRecorder(), s.request("GET", "/", ""))
	if got.ID != "" || csrf != "" {
		t.Errorf("nobody has session %q and csrf %q", got.ID, csrf)
	}
}

func TestStatus(t *testing.T) {
	for want, err := range map[int]error{
		200: nil, 422: record.Errorf(record.Invalid, "x"), 404: record.Errorf(record.NotFound, "x"),
		409: record.Errorf(record.Conflict, "x"), 403: record.Errorf(record.NoPurpose, "x"),
		503: record.Errorf(record.Unavailable, "x"), 500: errors.New("x"), 401: authn.NoSession,
	} {
		if got := authn.Status(err); got != want {
			t.Errorf("%v: %d, want %d", err, got, want)
		}
	}
}

// Only a GET can be unattended: whatever changes something was done by somebody.
func TestUnattended(t *testing.T) {
	for _, c := range []struct {
		method, value string
		want          bool
	}{{"GET", "1", true}, {"GET", "", false}, {"GET", "0", false}, {"POST", "1", false}, {"PUT", "1", false}, {"HEAD", "1", false}} {
		r := httptest.NewRequest(c.method, "/", nil)
		r.Header.Set(authn.QuietHeader, c.value)
		if got := authn.Unattended(r); got != c.want {
			t.Errorf("%s with %q: %v", c.method, c.value, got)
		}
	}
}
