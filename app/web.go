package app

import (
	"crypto/hmac"
	"crypto/sha256"
	"net/http"
	"strings"

	"sarhad/internal/authn"
	"sarhad/record/vocab"
	"sarhad/web/api"
	"sarhad/web/ui"
)

// handler is every door of the node.
func (a *App) handler() http.Handler {
	port := a.addr[strings.LastIndex(a.addr, ":")+1:]
	a.guard = &authn.Guard{
		Service: a.Authn, TLS: a.doorTLS(), Suffix: port, Deny: api.Deny,
		Open: func(r *http.Request) bool {
			return !strings.HasPrefix(r.URL.Path, "/api/") && !strings.HasPrefix(r.URL.Path, "/print/") || openPath(r)
		},
		Quiet:         quiet,
		Passkeys:      a.answersFor,
		PasswordPaths: []string{"/api/session", "/api/session/password", "/api/vocab"},
	}
	country, _ := vocab.Country(a.Config.Country)
	doors := api.New(api.Config{
		Store: a.Store, Audit: a.Store, Authn: a.Authn, Guard: a.guard, Hits: a.Hits, Agency: a.agency(), Passengers: a.Passengers, Requests: a.Requests, Oversight: a.Oversight,
		Sharing: a.Sharing, Network: a.networkDoor(), Events: a.Events, Privacy: a.Privacy, Vault: a.Vault, Exhibits: a.Exhibits, Verifiers: a.Verifiers, Now: a.opt.Now, Log: a.opt.Log, Version: Version, Demo: a.opt.Demo, Region: a.around(),
		Node:        api.Node{Name: a.Config.Name, Country: country.Alpha2, Role: string(a.Config.Role)},
		Backups:     a,
		Intake:      a.Intake(),
		Certificate: a.CertificateEnds, Checkpoints: a.ReadCheckpoints, Sync: a.Store.Sync, QueryKey: a.queryKey(), Doctor: a.examine, Exports: a.Exports,
	})
	mux := http.NewServeMux()
	mux.Handle("/api/", doors)
	mux.Handle("/print/", doors)
	mux.HandleFunc("GET /healthz", a.healthz)
	mux.HandleFunc("GET /metrics", a.metrics.serve)
	mux.Handle("/", ui.Handler())
	return a.metrics.counted(a.guard.Wrap(mux))
}

// quiet names what a screen asks for by itself: it does not keep a forgotten session alive.
func quiet(r *http.Request) bool {
	return r.URL.Path == "/api/events" || r.URL.Path == "/api/status" || authn.Unattended(r)
}

// queryKey keys the hashes of what officers searched for. It is made of a secret of the node and tells nothing of it.
func (a *App) queryKey() []byte {
	m := hmac.New(sha256.New, a.keys.Clearance)
	m.Write([]byte("sarhad query v1"))
	return m.Sum(nil)
}

// openPath names what needs no session: sign-in itself, a shared computer's parked sessions, the sign-ins of a demonstration.
func openPath(r *http.Request) bool {
	switch r.Method + " " + r.URL.Path {
	case "POST /api/session", "GET /api/demo", "POST /api/demo/line", "POST /api/passkey", "POST /api/session/passkey", "GET /api/device", "POST /api/session/unlock":
		return true
	}
	return false
}
