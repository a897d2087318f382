package authn

import (
	"context"
	"net/http"
)

// Cookie gives the cookie that hands a new session's token to the browser, for answers that are written elsewhere.
func (g *Guard) Cookie(token string) http.Cookie { return *g.cookie(token, 0) }

// ExpiredCookie gives the cookie that takes the token away again.
func (g *Guard) ExpiredCookie() http.Cookie { return *g.cookie("", -1) }

// TokenFrom returns the session token of a request that passed Load; "" when nobody is signed in.
func TokenFrom(ctx context.Context) string {
	s, ok := ctx.Value(signedKey{}).(signed)
	if !ok {
		return ""
	}
	return s.token
}
