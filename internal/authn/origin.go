package authn

import (
	"context"
	"net/http"
	"net/netip"
	"strings"
)

type (
	originKey struct{}
	deviceKey struct{}
)

// Stand puts into the context where the browser stands. The Host it is made of was held against the Origin by SameOrigin, and
// an answer of WebAuthn is bound to it by the browser itself. The token of a shared device goes with it.
func (g *Guard) Stand(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := context.WithValue(r.Context(), originKey{}, g.origin(r))
		if c, err := r.Cookie(g.deviceName()); err == nil {
			ctx = context.WithValue(ctx, deviceKey{}, c.Value)
		}
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// OriginFrom returns where the browser of a request stands; the zero Origin, where no passkey works, outside of Stand.
func OriginFrom(ctx context.Context) Origin {
	at, _ := ctx.Value(originKey{}).(Origin)
	return at
}

func (g *Guard) origin(r *http.Request) Origin {
	scheme, host := "http", strings.ToLower(hostOnly(r.Host))
	if g.TLS {
		scheme = "https"
	}
	at := Origin{URL: scheme + "://" + strings.ToLower(r.Host)}
	if _, err := netip.ParseAddr(host); err == nil || host == "" {
		return at // a relying party id is a name (WebAuthn Level 3 section 5.1.2)
	}
	if host == "localhost" || g.TLS && g.Passkeys != nil && g.Passkeys(host) {
		at.RP = host
	}
	return at
}
