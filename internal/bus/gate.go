package bus

import (
	"sync"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"

	"sarhad/record"
)

// gate decides who comes in, and as whom. It is asked once per connection; what the directory says later closes connections
// of those it concerns and of nobody else.
type gate struct {
	own      string // public NKey of the hub's own connections, which are made inside the process
	denied   func(node, what string)
	lookup   func(account string) (*server.Account, error)
	kick     func(client uint64)
	entered  func(node string, l record.Lane) // before the new connection can ask for anything
	mu       sync.RWMutex
	nodes    map[string]Node   // by id
	keys     map[string]string // public NKey -> id
	pins     map[string]string // SPKI hash -> id
	arrivals sync.Map          // client id -> *guest
}

// guest is a connection that was let in.
type guest struct{ node, lane, key, pin string }

// set takes over what the directory says. It reports who went away and closes what is not allowed any more.
func (g *gate) set(nodes []Node) (gone []string) {
	byID, keys, pins := map[string]Node{}, map[string]string{}, map[string]string{}
	for _, n := range nodes {
		byID[n.ID] = n
		for _, k := range n.Keys {
			keys[k] = n.ID
		}
		for _, p := range n.Pins {
			pins[p] = n.ID
		}
	}
	g.mu.Lock()
	for id := range g.nodes {
		if _, ok := byID[id]; !ok {
			gone = append(gone, id)
		}
	}
	g.nodes, g.keys, g.pins = byID, keys, pins
	g.mu.Unlock()
	g.evict(func(v *guest) bool { return keys[v.key] != v.node || pins[v.pin] != v.node })
	return gone
}

// elsewhere closes this process's connection of a lane, because the node came in at another process.
func (g *gate) elsewhere(node, lane string) {
	g.evict(func(v *guest) bool { return v.node == node && v.lane == lane })
}

// evict closes the connections of those whom leave names.
func (g *gate) evict(leave func(*guest) bool) {
	g.arrivals.Range(func(id, v any) bool {
		if leave(v.(*guest)) {
			g.arrivals.Delete(id)
			g.kick(id.(uint64))
		}
		return true
	})
}

func (g *gate) knowsPin(pin string) bool {
	g.mu.RLock()
	defer g.mu.RUnlock()
	_, ok := g.pins[pin]
	return ok
}

func (g *gate) knows(node string) bool {
	g.mu.RLock()
	defer g.mu.RUnlock()
	_, ok := g.nodes[node]
	return ok
}

// Check implements server.Authentication.
func (g *gate) Check(c server.ClientAuthentication) bool {
	opts := c.GetOpts()
	if c.Kind() != server.CLIENT || !signed(opts, c.GetNonce()) {
		return g.refuse("", "entry without a signature of its key")
	}
	tls := c.GetTLSConnectionState()
	if opts.Nkey == g.own && tls == nil {
		return g.admitOwn(c, opts.Username)
	}
	if tls == nil || len(tls.PeerCertificates) == 0 {
		return g.refuse("", "entry without a certificate")
	}
	pin := Pin(tls.PeerCertificates[0])
	in, ok := g.admit(c, opts, pin)
	if !ok {
		return false
	}
	// A lane has one connection: what a cut line left behind must not swallow what the new one waits for.
	g.evict(func(v *guest) bool { return v != in && v.node == in.node && v.lane == in.lane })
	g.entered(in.node, record.Lane(in.lane))
	return true
}

func (g *gate) admit(c server.ClientAuthentication, opts *server.ClientOpts, pin string) (*guest, bool) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	node, ok := g.keys[opts.Nkey]
	switch {
	case !ok:
		return nil, g.refuse(g.pins[pin], "entry with a key that the directory does not know")
	case g.pins[pin] != node:
		return nil, g.refuse(node, "entry with its key and the certificate of another")
	case !isLane(opts.Name):
		return nil, g.refuse(node, "entry on no lane")
	}
	acc, err := g.lookup(account(node))
	if err != nil {
		return nil, g.refuse(node, "entry before its account was ready")
	}
	in := &guest{node: node, lane: opts.Name, key: opts.Nkey, pin: pin}
	g.arrivals.Store(c.GetID(), in)
	c.RegisterUser(&server.User{Username: node, Account: acc, Permissions: permissions(node, record.Lane(opts.Name))})
	return in, true
}

func (g *gate) admitOwn(c server.ClientAuthentication, node string) bool {
	acc, err := g.lookup(account(node))
	if err != nil {
		return false
	}
	c.RegisterUser(&server.User{Username: node, Account: acc})
	return true
}

func (g *gate) refuse(node, what string) bool {
	g.denied(node, what)
	return false
}

// guest gives the node of a connection, "" when it is none of theirs.
func (g *gate) guest(client uint64) string {
	if v, ok := g.arrivals.Load(client); ok {
		return v.(*guest).node
	}
	return ""
}

// lanes counts connections by node.
func (g *gate) lanes() map[string]int {
	out := map[string]int{}
	g.arrivals.Range(func(_, v any) bool { out[v.(*guest).node]++; return true })
	return out
}

// signed reports whether the client holds the key that it names: the nonce of this very connection is signed with it.
func signed(o *server.ClientOpts, nonce []byte) bool {
	sig, err := decodeSignature(o.Sig)
	if err != nil || len(nonce) == 0 {
		return false
	}
	pub, err := nkeys.FromPublicKey(o.Nkey)
	return err == nil && pub.Verify(nonce, sig) == nil
}
