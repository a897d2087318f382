package authn

import (
	"net/http"
	"strings"
)

// csp allows a page what it gets from this node and nothing else (CSP
// Level 3). There is no 'unsafe-inline': Svelte sets styles through the CSSOM
// (element.style) and animates through element.animate, which a policy does
// not touch, and a static style="" in a component is cloned from a template,
// which it does not touch either; constructed style sheets pass too (tried in
// Chromium). What it does block is setAttribute("style"), markup with style=""
// put into the page as a string, and <style> elements made by a library: a
// library that needs them is used without that part. blob: images are charts
// and maps saved as pictures, data: images the QR code of an enrolment.
var csp = strings.Join([]string{
	"default-src 'none'",
	"script-src 'self'",
	"style-src 'self'",
	"img-src 'self' data: blob:",
	"connect-src 'self'",
	"font-src 'self'",
	"manifest-src 'self'",
	"worker-src 'self'",
	"frame-ancestors 'none'",
	"base-uri 'none'",
	"form-action 'self'",
}, "; ")

// permissions turns off what a page of ours never asks for.
var permissions = strings.Join([]string{
	"accelerometer=()", "autoplay=()", "camera=()", "display-capture=()", "encrypted-media=()",
	"fullscreen=(self)", "geolocation=()", "gyroscope=()", "magnetometer=()", "microphone=()", "midi=()",
	"payment=()", "picture-in-picture=()", "screen-wake-lock=()", "usb=()", "xr-spatial-tracking=()",
}, ", ")

// fixed headers of every answer.
var fixed = [][2]string{
	{"Content-Security-Policy", csp},
	{"Permissions-Policy", permissions},
	// An address may hold an id, so no other site sees it. Not no-referrer:
	// with that a form posted without script says "Origin: null" and would be
	// taken for a foreign one (Fetch standard, "append a request Origin header").
	{"Referrer-Policy", "same-origin"},
	{"X-Content-Type-Options", "nosniff"},
	{"X-Frame-Options", "DENY"}, // for what does not know frame-ancestors
	{"Cross-Origin-Opener-Policy", "same-origin"},
	{"Cross-Origin-Resource-Policy", "same-origin"},
	// A shared PC must not show the last officer's page from its cache. A
	// handler of files with a hash in their name replaces this one.
	{"Cache-Control", "no-store"},
}

// hsts keeps a browser on https for 30 days: long enough for whoever signs in
// every month, short enough that a node moved back is not lost for a year.
const hsts = "max-age=2592000"

// Headers sets the security headers before the handler runs.
func (g *Guard) Headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		for _, f := range fixed {
			h.Set(f[0], f[1])
		}
		// Not on loopback: it would bind every other program on this machine.
		if g.TLS && !isLoopback(hostOnly(r.Host)) {
			h.Set("Strict-Transport-Security", hsts)
		}
		next.ServeHTTP(w, r)
	})
}
