package bus

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	"sarhad/record"
)

// Hub is one process of the hub: the embedded server and the router. Its methods may be called at the same time.
type Hub struct {
	cfg    HubConfig
	limits map[record.Lane]Limits
	server *server.Server
	gate   *gate
	own    nkeys.KeyPair // of the connections inside this process; made at start, kept nowhere
	stats  stats

	ctx  context.Context
	stop context.CancelFunc
	done sync.WaitGroup

	setting sync.Mutex // one SetNodes at a time
	mu      sync.RWMutex
	routers map[string]*router // by node
}

// Start starts a process of the hub. It returns when nodes can connect; in a cluster lanes open when two of three are there.
// Stop it with Close.
func Start(ctx context.Context, cfg HubConfig) (*Hub, error) {
	own, err := nkeys.CreatePairWithRand(nkeys.PrefixByteUser, cfg.Rand)
	if err != nil {
		return nil, fmt.Errorf("bus: key of the hub's own connections: %w", err)
	}
	public, err := own.PublicKey()
	if err != nil {
		return nil, fmt.Errorf("bus: key of the hub's own connections: %w", err)
	}
	h := &Hub{cfg: cfg, limits: cfg.Limits, own: own, routers: map[string]*router{}}
	if h.limits == nil {
		h.limits = DefaultLimits()
	}
	h.cfg.MaxMessage = cmp.Or(cfg.MaxMessage, DefaultMaxMessage)
	h.cfg.Window = cmp.Or(cfg.Window, DefaultWindow)
	h.stats.counts, h.stats.minute = map[countKey]*Count{}, map[string]int{}
	h.gate = &gate{own: public, denied: h.denied, nodes: map[string]Node{}}
	if err := checkNodes(cfg.Nodes); err != nil {
		return nil, err
	}
	opts, err := h.options()
	if err != nil {
		return nil, err
	}
	if h.server, err = server.NewServer(opts); err != nil {
		return nil, fmt.Errorf("bus: hub: %w", err)
	}
	h.gate.lookup = h.server.LookupAccount
	h.gate.entered = h.entered
	h.gate.kick = func(id uint64) { _ = h.server.DisconnectClientByID(id) } // gone already: fine
	h.server.SetLoggerV2(&logger{log: cfg.Log, guest: h.gate.guest, denied: h.denied}, false, false, false)
	h.server.Start()
	h.ctx, h.stop = context.WithCancel(context.WithoutCancel(ctx))
	if err := h.ready(ctx); err != nil {
		h.Close()
		return nil, err
	}
	if err := h.SetNodes(cfg.Nodes); err != nil {
		h.Close()
		return nil, err
	}
	h.done.Go(h.watchAge)
	return h, nil
}

func (h *Hub) ready(ctx context.Context) error {
	limit := 30 * time.Second
	if d, ok := ctx.Deadline(); ok {
		limit = time.Until(d)
	}
	if !h.server.ReadyForConnections(limit) {
		return record.Errorf(record.Unavailable, "the hub does not listen: is another program on %s, and can %s be written?", h.cfg.Listen, h.cfg.Dir)
	}
	if !h.server.JetStreamEnabled() {
		return record.Errorf(record.Unavailable, "the hub cannot store: can %s be written, and is there room?", h.cfg.Dir)
	}
	return nil
}

// options are the settings of the embedded server. Accounts of the start are given as text because only that way the server
// opens their streams before it listens, and in a cluster before it hears of assignments.
func (h *Hub) options() (*server.Options, error) {
	opts := &server.Options{}
	var text strings.Builder
	text.WriteString("accounts {\n")
	for _, n := range h.cfg.Nodes {
		fmt.Fprintf(&text, "  %q { jetstream: enabled }\n", account(n.ID))
	}
	text.WriteString("}\n")
	if err := opts.ProcessConfigString(text.String()); err != nil {
		return nil, fmt.Errorf("bus: accounts: %w", err)
	}
	host, port, err := listen(h.cfg.Listen)
	if err != nil {
		return nil, err
	}
	opts.ServerName, opts.Host, opts.Port = h.cfg.Name, host, port
	opts.NoSigs, opts.NoSystemAccount = true, false
	opts.JetStream, opts.StoreDir = true, h.cfg.Dir
	opts.JetStreamMaxStore, opts.JetStreamMaxMemory = overcommit, 64<<20
	opts.SyncAlways, opts.SyncInterval = true, 2*time.Minute
	opts.MaxPayload = int32(h.cfg.MaxMessage) + headerRoom
	opts.MaxSubs, opts.MaxControlLine = 32, 1024
	opts.AuthTimeout, opts.TLSTimeout = 20, 20 // seconds: a hand-shake at 600 ms with losses
	opts.WriteDeadline = 5 * time.Minute       // what is under way in bulk needs 128 s on a thin line
	opts.PingInterval, opts.MaxPingsOut = time.Minute, 3
	opts.CustomClientAuthentication, opts.AlwaysEnableNonce = h.gate, true
	opts.TLSConfig, opts.TLSHandshakeFirst = h.tls(), true
	if h.cfg.WebSocket != "" {
		whost, wport, err := listen(h.cfg.WebSocket)
		if err != nil {
			return nil, err
		}
		opts.Websocket = server.WebsocketOpts{Host: whost, Port: wport, TLSConfig: h.tls(), HandshakeTimeout: 20 * time.Second}
	}
	return opts, h.cluster(opts)
}

const (
	// overcommit is more than any disk: streams are bounded one by one, and not all of them are full at a time. A disk that is
	// full is an error of the write, and nothing is accepted then.
	overcommit = 1 << 50
	// headerRoom is for Nats-Msg-Id and the sender's name beside the envelope.
	headerRoom = 1 << 10
)

func (h *Hub) tls() *tls.Config {
	verify := VerifyPin(h.gate.knowsPin)
	return &tls.Config{
		Certificates: []tls.Certificate{h.cfg.Certificate}, MinVersion: tls.VersionTLS13,
		ClientAuth: tls.RequireAnyClientCert, // self-signed: the pin below is the trust
		VerifyConnection: func(s tls.ConnectionState) error {
			err := verify(s)
			if err != nil {
				h.gate.refuse("", "a hand-shake: "+err.Error())
			}
			return err
		},
		Rand: h.cfg.Rand,
	}
}

func (h *Hub) cluster(opts *server.Options) error {
	c := h.cfg.Cluster
	if c == nil {
		return nil
	}
	host, port, err := listen(c.Listen)
	if err != nil {
		return err
	}
	peers := &tls.Config{
		Certificates: []tls.Certificate{c.Certificate}, MinVersion: tls.VersionTLS13, ClientAuth: tls.RequireAnyClientCert,
		InsecureSkipVerify: true, // the pin below is the trust, in both directions
		VerifyConnection:   VerifyPin(func(pin string) bool { return slices.Contains(c.Pins, pin) }),
		Rand:               h.cfg.Rand,
	}
	opts.Cluster = server.ClusterOpts{Name: c.Name, Host: host, Port: port, TLSConfig: peers, TLSTimeout: 10, NoAdvertise: true}
	for _, r := range c.Routes {
		opts.Routes = append(opts.Routes, &url.URL{Scheme: "nats-route", Host: r})
	}
	return nil
}

// listen splits host:port; port 0 becomes the server's word for any free port.
func listen(address string) (string, int, error) {
	host, text, err := net.SplitHostPort(address)
	port, err2 := strconv.Atoi(text)
	if err != nil || err2 != nil || host == "" || port < 0 || port > 65535 {
		return "", 0, record.Errorf(record.Invalid, "%q is no address to listen at: write host:port", address)
	}
	if port == 0 {
		port = server.RANDOM_PORT
	}
	return host, port, nil
}

func checkNodes(nodes []Node) error {
	seen, names := map[string]string{}, map[string]bool{}
	for _, n := range nodes {
		if !validNode(n.ID) {
			return record.Errorf(record.Invalid, "%q is no name of a node", n.ID)
		}
		if names[n.ID] {
			return record.Errorf(record.Conflict, "node %s is named twice", n.ID)
		}
		names[n.ID] = true
		for _, word := range slices.Concat(n.Keys, n.Pins) {
			if other, ok := seen[word]; ok && other != n.ID {
				return record.Errorf(record.Conflict, "nodes %s and %s share %.16s...: each needs keys of its own", other, n.ID, word)
			}
			seen[word] = n.ID
		}
		for _, k := range n.Keys {
			if !nkeys.IsValidPublicUserKey(k) {
				return record.Errorf(record.Invalid, "node %s: its line key is no NKey of a user", n.ID)
			}
		}
	}
	return nil
}

func validNode(id string) bool {
	for i, r := range id {
		if (r < 'a' || r > 'z') && (i == 0 || r != '-' && (r < '0' || r > '9')) {
			return false
		}
	}
	return id != "" && len(id) <= 40
}

// SetNodes takes over what the directory says now. Connections of those who went away, or whose key or certificate is not
// theirs any more, are closed before it returns; all others stay untouched. What waits for a node that went away stays until
// its age is over, or until Forget. In a cluster every process is told. An error concerns nodes that came in: call it again.
func (h *Hub) SetNodes(nodes []Node) error {
	if err := checkNodes(nodes); err != nil {
		return err
	}
	h.setting.Lock()
	defer h.setting.Unlock()
	for _, id := range h.gate.set(nodes) { // first of all: who is revoked is out, whatever fails below
		h.mu.Lock()
		r := h.routers[id]
		delete(h.routers, id)
		h.mu.Unlock()
		if r != nil {
			r.close()
		}
	}
	var failed []error
	for _, n := range nodes {
		if err := h.takeUp(n.ID); err != nil {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

// takeUp gives a node its account and its router, if it has none yet.
func (h *Hub) takeUp(id string) error {
	if h.router(id) != nil {
		return nil
	}
	if err := h.openAccount(id); err != nil {
		return err
	}
	r, err := h.newRouter(id)
	if err != nil {
		return err
	}
	h.mu.Lock()
	h.routers[id] = r
	h.mu.Unlock()
	r.start()
	return nil
}

func (h *Hub) openAccount(id string) error {
	acc, err := h.server.LookupAccount(account(id))
	if err != nil {
		if acc, err = h.server.RegisterAccount(account(id)); err != nil {
			return fmt.Errorf("bus: account of node %s: %w", id, err)
		}
	}
	if acc.JetStreamEnabled() {
		return nil
	}
	if err := acc.EnableJetStream(nil, nil); err != nil {
		return fmt.Errorf("bus: streams of node %s: %w", id, err)
	}
	return nil
}

// Forget deletes what the hub keeps for and of a node that is gone for good. Unknown nodes are fine; present ones are refused.
func (h *Hub) Forget(ctx context.Context, id string) error {
	if h.router(id) != nil {
		return record.Errorf(record.Conflict, "node %s is in the directory: take it out first", id)
	}
	h.setting.Lock()
	defer h.setting.Unlock()
	if !validNode(id) {
		return record.Errorf(record.Invalid, "%q is no name of a node", id)
	}
	if err := h.openAccount(id); err != nil {
		return err
	}
	r, err := h.newRouter(id)
	if err != nil {
		return err
	}
	defer r.close()
	for _, l := range record.Lanes {
		for _, s := range []string{upStream(l), downStream(l)} {
			if err := r.js.DeleteStream(ctx, s); err != nil && !isNotFound(err) {
				return fmt.Errorf("bus: forget node %s: %w", id, err)
			}
		}
	}
	return nil
}

func (h *Hub) router(id string) *router {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.routers[id]
}

// entered makes a lane ready for a new connection: other processes close what they have of it, and what was given to the connection
// before and not acknowledged is given out again at once, not after AckWait, which would hold the lane up.
func (h *Hub) entered(node string, l record.Lane) {
	r := h.router(node)
	if r == nil {
		return
	}
	if err := r.nc.Publish(enterSubject(l), []byte(h.cfg.Name)); err != nil {
		h.cfg.Log.Warn("other processes do not know of a new connection", "node", node, "lane", l, "err", err)
	}
	select {
	case <-r.ready[l]:
		r.again(downStream(l))
	default: // it does so when it opens
	}
}

// deniedLines is how many denials of one node are logged in a minute: a hostile node does not fill the disk of the hub.
const deniedLines = 100

func (h *Hub) denied(node, what string) {
	switch n := h.stats.deny(node, h.cfg.Now()); {
	case n <= deniedLines:
		h.cfg.Log.Warn("denied", "node", node, "what", what)
	case n == deniedLines+1:
		h.cfg.Log.Warn("denied: more of the same node in this minute is counted and not logged", "node", node)
	}
	if h.cfg.Denied != nil {
		h.cfg.Denied(node, what)
	}
}

// Addr is where TCP is listened at.
func (h *Hub) Addr() string { return h.server.Addr().String() }

// WebSocketAddr is where wss is listened at; "" without.
func (h *Hub) WebSocketAddr() string {
	if h.cfg.WebSocket == "" {
		return ""
	}
	u, err := url.Parse(h.server.WebsocketURL())
	if err != nil {
		return ""
	}
	return u.Host
}

// ClusterAddr is where the other processes are listened at; "" without a cluster.
func (h *Hub) ClusterAddr() string {
	if h.cfg.Cluster == nil {
		return ""
	}
	return h.server.ClusterAddr().String()
}

// Lines counts the connections of each node: 3 while all its lanes are up.
func (h *Hub) Lines() map[string]int { return h.gate.lanes() }

// Close stops orderly: routers finish what is in their hands, then the server goes down. What was not acknowledged is
// routed after the next start.
func (h *Hub) Close() {
	h.stop()
	h.mu.Lock()
	all := slices.Collect(maps.Values(h.routers))
	h.routers = map[string]*router{}
	h.mu.Unlock()
	for _, r := range all {
		r.close()
	}
	h.done.Wait()
	h.server.Shutdown()
	h.server.WaitForShutdown()
	h.own.Wipe()
}

func (h *Hub) connect(id string) (*nats.Conn, error) {
	public, err := h.own.PublicKey()
	if err != nil {
		return nil, err
	}
	nc, err := nats.Connect("", nats.InProcessServer(h.server), nats.Nkey(public, h.own.Sign), nats.UserInfo(id, ""),
		nats.CustomInboxPrefix("hub"), nats.MaxReconnects(-1), nats.ReconnectWait(50*time.Millisecond), nats.Name("router"))
	if err != nil {
		return nil, fmt.Errorf("bus: enter account of node %s: %w", id, err)
	}
	return nc, nil
}

var errStopped = errors.New("the hub stops")
