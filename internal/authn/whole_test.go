package authn_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"sarhad/internal/authn"
	"sarhad/record"
)

// TestLongNamesAreCountedAsOne proves that a name is cut before it is counted: whoever adds signs to a name that is too long
// anyway gets no new tries and takes no memory.
func TestLongNamesAreCountedAsOne(t *testing.T) {
	d := newDoor(t, nil)
	long := strings.Repeat("n", 64)
	for i := range 5 {
		_, _, err := d.SignIn(t.Context(), fmt.Sprintf("%s%d", long, i), "wrong-password-typed", "", fmt.Sprintf("192.0.2.%d:1", i))
		d.want("try", err, authn.SignInRefused, record.Forbidden)
	}
	_, _, err := d.SignIn(t.Context(), long+"x", "wrong-password-typed", "", "192.0.2.99:1")
	d.want("a sixth ending", err, authn.TooManyTries, record.Unavailable)
	_, _, err = d.SignIn(t.Context(), long[:63]+"x", "wrong-password-typed", "", "192.0.2.99:1")
	d.want("a name that differs within the bound", err, authn.SignInRefused, record.Forbidden)
}

// TestCSRFTokenIsComparedWhole proves that no beginning of the token and no token with one other sign passes.
func TestCSRFTokenIsComparedWhole(t *testing.T) {
	d := newDoor(t, nil)
	d.user("a.officer")
	_, token := d.signIn("a.officer")
	g := &authn.Guard{Service: d.Service, TLS: true}
	handler := g.Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	status := func(csrf string) int {
		r := httptest.NewRequest("POST", "https://node.example/api/x", nil)
		r.AddCookie(&http.Cookie{Name: "__Host-sarhad", Value: token})
		r.Header.Set("X-CSRF-Token", csrf)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		return w.Code
	}
	right := authn.CSRFToken(token)
	if got := status(right); got != 200 {
		t.Fatalf("the right token: %d", got)
	}
	for i := range right {
		other := byte('A')
		if right[i] == 'A' {
			other = 'B'
		}
		if got := status(right[:i] + string(other) + right[i+1:]); got != 403 {
			t.Errorf("sign %d is another one: %d", i, got)
		}
		if got := status(right[:i]); got != 403 {
			t.Errorf("the first %d signs: %d", i, got)
		}
	}
	if got := status(right + "A"); got != 403 {
		t.Errorf("one sign more: %d", got)
	}
}

// TestSessionIDIsTheWholeHash proves that the stored id is SHA-256 of all 32 bytes of the token, and that no token with one
// other byte finds the session.
func TestSessionIDIsTheWholeHash(t *testing.T) {
	d := newDoor(t, nil)
	d.user("a.officer")
	sess, token := d.signIn("a.officer")
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) != 32 {
		t.Fatalf("%d bytes, %v", len(raw), err)
	}
	sum := sha256.Sum256(raw)
	if sess.ID != hex.EncodeToString(sum[:]) {
		t.Errorf("id %s, want the whole hash %x", sess.ID, sum)
	}
	for i := range raw {
		raw[i] ^= 1
		d.lives(fmt.Sprintf("byte %d is another one", i), base64.RawURLEncoding.EncodeToString(raw), false)
		raw[i] ^= 1
	}
	d.lives("the token itself", token, true)
}
