package app

import (
	"net/http/httptest"
	"testing"
)

// TestWhoReadsFigures proves that an address of another machine is refused whatever it says of itself, and that a class is one
// of a known few.
func TestWhoReadsFigures(t *testing.T) {
	for _, c := range []struct {
		from, head, value, token string
		want                     bool
	}{
		{"127.0.0.1:9", "", "", "", true}, {"[::1]:9", "", "", "", true}, {"[::ffff:127.0.0.1]:9", "", "", "", true},
		{"10.0.0.9:9", "", "", "", false}, {"10.0.0.9:9", "Host", "localhost", "", false}, {"", "", "", "", false}, {"@", "", "", "", false},
		{"127.0.0.1:9", "X-Real-Ip", "127.0.0.1", "", false}, {"127.0.0.1:9", "Via", "1.1 proxy", "", false},
		{"10.0.0.9:9", "Authorization", "Bearer 0123456789abcdef", "0123456789abcdef", true},
		{"10.0.0.9:9", "Authorization", "Bearer 0123456789abcde", "0123456789abcdef", false},
		{"10.0.0.9:9", "Authorization", "Bearer ", "", false}, {"10.0.0.9:9", "Authorization", "Basic 0123456789abcdef", "0123456789abcdef", false},
	} {
		r := httptest.NewRequest("GET", "/metrics", nil)
		r.RemoteAddr = c.from
		if c.head != "" {
			r.Header.Set(c.head, c.value)
		}
		if got := (&metrics{token: c.token}).mayRead(r); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
	for path, want := range map[string]string{"/": "page", "/hits/x": "page", "/healthz": "probe", "/api/hits": "hits", "/api/hits/0197/claim": "hits", "/api/karimov": "other", "/api/": "other"} {
		if got := classOf(path); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}
