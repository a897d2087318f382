package app

import (
	"net/http"

	"sarhad/exchange/envelope"
)

// Healthz answers a prober of a node that does not listen.
func (a *App) Healthz(w http.ResponseWriter, r *http.Request) { a.healthz(w, r) }

// Generation is the name of the transport keys that a serving node works with.
func (n *Network) Generation() string {
	k, err := n.transport()
	if err != nil {
		return ""
	}
	return k.current.Name
}

// ArchiveKey opens what a node keeps of what came.
func (n *Network) ArchiveKey() envelope.OpenKey { return n.keys.archive }

// Verify is how a node holds signatures against its directory.
func (n *Network) Verify() envelope.Verify { return n.verify() }
