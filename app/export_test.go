package app

import "net/http"

// Healthz answers a prober of a node that does not listen.
func (a *App) Healthz(w http.ResponseWriter, r *http.Request) { a.healthz(w, r) }
