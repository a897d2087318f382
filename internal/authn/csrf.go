package authn

import (
	"crypto/subtle"
	"net/http"
	"net/url"
	"strings"

	"sarhad/record"
)

const sayCrossSite = "the request did not come from this page: reload the page and try again"

// SameOrigin refuses unsafe requests that a browser says came from another
// site: Sec-Fetch-Site other than same-origin, or an Origin that is not this
// host with our scheme (Fetch standard, "Origin header"; Fetch Metadata
// section 2.3). It is the whole protection of the sign-in, which has no
// session yet; a program that sends neither header passes, for it carries
// nobody's cookie.
func (g *Guard) SameOrigin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !safe(r.Method) && !g.sameOrigin(r) {
			g.deny(w, r, fail(record.Forbidden, CrossSite, sayCrossSite))
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (g *Guard) sameOrigin(r *http.Request) bool {
	if site := r.Header.Values("Sec-Fetch-Site"); len(site) > 0 && (len(site) > 1 || site[0] != "same-origin") {
		return false
	}
	origin := r.Header.Values("Origin")
	if len(origin) == 0 {
		return true
	}
	// "null" (a sandboxed frame, a data: page) parses to an empty host.
	u, err := url.Parse(origin[0])
	if err != nil || len(origin) > 1 {
		return false
	}
	scheme := "http"
	if g.TLS {
		scheme = "https"
	}
	return u.Scheme == scheme && u.Host != "" && strings.EqualFold(u.Host, r.Host)
}

// CSRF refuses unsafe requests without the token of their session in the
// header X-CSRF-Token. A foreign page can make a browser send the cookie, but
// neither read the token nor set the header. It belongs inside Load.
func (g *Guard) CSRF(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !safe(r.Method) && !g.open(r) {
			want := CSRFFrom(r.Context())
			got := r.Header.Get(CSRFHeader)
			if want == "" || subtle.ConstantTimeCompare([]byte(want), []byte(got)) != 1 {
				g.deny(w, r, fail(record.Forbidden, CrossSite, sayCrossSite))
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// safe methods change nothing (RFC 9110 section 9.2.1).
func safe(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return true
	}
	return false
}
