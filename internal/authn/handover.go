package authn

import (
	"context"
	"net/http"
)

// Cookie gives the cookie that hands a new session's token to the browser, for answers that are written elsewhere.
func (g *Guard) Cookie(token string) http.Cookie { return *g.cookie(token, 0) }

// ExpiredCookie gives the cookie that takes the token away again.
func (g *Guard) ExpiredCookie() http.Cookie { return *g.cookie("", -1) }

// deviceAge is how long a browser keeps the cookie of a shared device: a year, then it is marked again.
const deviceAge = 365 * 24 * 60 * 60

func (g *Guard) deviceName() string { return g.cookieName() + "-device" }

// DeviceCookie gives the cookie that makes a browser known as a shared device.
func (g *Guard) DeviceCookie(token string) http.Cookie {
	c := *g.cookie(token, deviceAge)
	c.Name = g.deviceName()
	return c
}

// ExpiredDeviceCookie gives the cookie that makes the browser unknown again.
func (g *Guard) ExpiredDeviceCookie() http.Cookie {
	c := *g.cookie("", -1)
	c.Name = g.deviceName()
	return c
}

// DeviceFrom returns the device token of a request that passed Stand; "" when the browser is not marked as shared.
func DeviceFrom(ctx context.Context) string {
	token, _ := ctx.Value(deviceKey{}).(string)
	return token
}

// TokenFrom returns the session token of a request that passed Load; "" when nobody is signed in.
func TokenFrom(ctx context.Context) string {
	s, ok := ctx.Value(signedKey{}).(signed)
	if !ok {
		return ""
	}
	return s.token
}
