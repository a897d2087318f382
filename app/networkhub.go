package app

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"path/filepath"
	"sync"
	"time"

	"sarhad/exchange/directory"
	"sarhad/exchange/envelope"
	"sarhad/exchange/relay"
	"sarhad/internal/bus"
	"sarhad/record"
)

// hubDir is where a hub keeps what it carries.
const hubDir = "hub"

// openHub opens the hub, and tells it whom the directory lets in now.
func (n *Network) openHub(ctx context.Context) error {
	nodes := n.mayEnter()
	n.mu.Lock()
	hub := n.hub
	n.mu.Unlock()
	if hub != nil {
		return hub.SetNodes(nodes)
	}
	if !n.a.Config.TLS() {
		return record.Errorf(record.Invalid, "a hub needs a certificate: make it with 'sarhad node tls'")
	}
	certificate, err := tls.LoadX509KeyPair(n.a.Config.TLSCert, n.a.Config.TLSKey)
	if err != nil {
		return err
	}
	cluster, err := n.cluster()
	if err != nil {
		return err
	}
	hub, err = bus.Start(ctx, bus.HubConfig{
		Cluster: cluster,
		Name:    n.a.Config.Name, Dir: filepath.Join(n.a.Config.DataDir, hubDir), Listen: n.a.Config.HubListen, WebSocket: n.a.Config.HubWebSocket,
		Certificate: certificate, Nodes: nodes, Route: route, Accepted: n.accepted, Refused: n.returned, Denied: n.denied,
		Log: n.a.opt.Log, Now: n.a.opt.Now, Rand: rand.Reader,
	})
	if err != nil {
		return err
	}
	n.mu.Lock()
	n.hub = hub
	n.mu.Unlock()
	return nil
}

// replicas is on how many disks of a hub of three a message is before it counts as accepted.
const replicas = 3

// cluster joins this process of a hub to the other two; nil when the hub is one process. Each is a party of its own, and they know each
// other by the keys that the directory says.
func (n *Network) cluster() (*bus.Cluster, error) {
	if n.a.Config.HubCluster == "" {
		return nil, nil
	}
	n.mu.Lock()
	certificate, err := n.keys.current.Certificate()
	n.mu.Unlock()
	if err != nil {
		return nil, err
	}
	c := &bus.Cluster{Name: "sarhad", Listen: n.a.Config.HubCluster, Routes: n.a.Config.Peers(), Certificate: certificate, Replicas: replicas}
	for _, p := range n.dir.Parties() {
		if p.Type != directory.Hub || p.State != directory.Current {
			continue
		}
		keys, err := n.dir.EntryKeys(p.ID, directory.UseTLS)
		if err != nil {
			return nil, err
		}
		for _, k := range keys {
			if sum, err := base64.StdEncoding.DecodeString(k.Public); err == nil {
				c.Pins = append(c.Pins, hex.EncodeToString(sum))
			}
		}
	}
	return c, nil
}

// mayEnter lists whom the directory lets in: machines with a key for the line and a certificate. Keys that were replaced count a while
// longer: that they were, the node learns through the hub.
func (n *Network) mayEnter() (out []bus.Node) {
	for _, p := range n.dir.Parties() {
		if !machine(p) {
			continue
		}
		node := bus.Node{ID: p.ID}
		for _, use := range []directory.Use{directory.UseLine, directory.UseTLS} {
			keys, err := n.dir.EntryKeys(p.ID, use)
			if err != nil {
				continue
			}
			for _, k := range keys {
				switch k.Suite {
				case directory.SuiteNKey:
					node.Keys = append(node.Keys, k.Public)
				case directory.SuiteSPKI:
					if sum, err := base64.StdEncoding.DecodeString(k.Public); err == nil {
						node.Pins = append(node.Pins, hex.EncodeToString(sum))
					}
				}
			}
		}
		out = append(out, node)
	}
	return out
}

// route reads what the hub may know of an envelope.
func route(wire []byte) (to, lane, id string, until time.Time, err error) {
	h, err := envelope.ReadHeader(wire)
	return h.To, string(h.Lane), h.ID.String(), h.Until, err
}

// accepted gathers what the hub has for addressees, to sign a receipt for many at once. A crash loses such receipts and nothing
// else: the sender has the hub's answer on the line.
type accepted struct {
	mu  sync.Mutex
	ids map[string][]record.ID // by sender
}

// acceptedEvery is how long a receipt of the hub waits for others to go with it.
const acceptedEvery = 250 * time.Millisecond

// mostAccepted bounds one receipt.
const mostAccepted = 500

func (n *Network) accepted(_ context.Context, from, _ string, ids []string) error {
	if from == n.a.Config.Name {
		return nil
	}
	n.told.mu.Lock()
	defer n.told.mu.Unlock()
	if n.told.ids == nil {
		n.told.ids = map[string][]record.ID{}
	}
	for _, text := range ids {
		if id, err := record.ParseID(text); err == nil && len(n.told.ids[from]) < mostAccepted {
			n.told.ids[from] = append(n.told.ids[from], id)
		}
	}
	return nil
}

// tellAccepted sends the receipts that were gathered.
func (n *Network) tellAccepted(ctx context.Context) error {
	n.told.mu.Lock()
	all := n.told.ids
	n.told.ids = nil
	n.told.mu.Unlock()
	if len(all) == 0 {
		return nil
	}
	return n.a.Store.Update(n.machine(ctx), func(tx record.Tx) error {
		for from, ids := range all {
			if err := n.dispatchTo(tx, from, relay.KindAccepted, relay.AcceptedBody{IDs: ids}); err != nil {
				return err
			}
		}
		return nil
	})
}

// returned tells a sender what the hub does not carry on, and why.
func (n *Network) returned(ctx context.Context, from, _, text, reason string) error {
	id, err := record.ParseID(text)
	if err != nil || from == n.a.Config.Name {
		n.a.opt.Log.Warn("hub: a message is not carried on", "from", from, "id", text, "reason", reason)
		return nil
	}
	return n.a.Store.Update(n.machine(ctx), func(tx record.Tx) error {
		return n.dispatchTo(tx, from, relay.KindReturned, relay.ReturnedBody{ID: id, Why: reason})
	})
}

// dispatchTo queues a word of the relay's own service.
func (n *Network) dispatchTo(tx record.Tx, to, kind string, body any) error {
	content, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return tx.Dispatch(&record.Dispatch{To: to, Lane: record.Routine, Kind: kind, Content: content, Service: true, Expires: n.a.opt.Now().Add(7 * 24 * time.Hour)})
}

func (n *Network) machine(ctx context.Context) context.Context {
	return record.WithActor(ctx, record.Machine("network", ""))
}

// denial is an attempt at this hub's door that is not allowed.
type denial struct{ node, what string }

// denied notes an attempt; it is written into the log of acts by upkeep. When more come than that can write, the log of the program has
// them all.
func (n *Network) denied(node, what string) {
	select {
	case n.denials <- denial{node, what}:
	default:
	}
}

// noteDenied writes an act about each attempt: who looks at the log sees which node's keys try what is not theirs.
func (n *Network) noteDenied(ctx context.Context, d denial) {
	err := n.a.Store.Update(n.machine(ctx), func(tx record.Tx) error {
		return tx.Audit(record.Act{Action: "hub-denied", Topic: "network", Reason: d.node + ": " + d.what})
	})
	if err != nil && ctx.Err() == nil {
		n.a.opt.Log.Error("hub: an attempt could not be noted", "node", d.node, "err", err)
	}
}
