package app

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"sarhad/exchange/directory"
	"sarhad/exchange/envelope"
	"sarhad/internal/bus"
	"sarhad/record"
)

const (
	// twinPath is the one door of a twin.
	twinPath = "/envelope"
	// maxHanded bounds an envelope at the door: twice what a hub carries.
	maxHanded = 2 << 20
	// twinDial and twinWithin bound one handing over on a local network, where a peer that lives answers in milliseconds.
	twinDial   = 2 * time.Second
	twinWithin = 15 * time.Second
	// twinPause is how long a twin that did not answer is left alone; meanwhile all goes through the hub.
	twinPause = 15 * time.Second
	// twinsAtOnce bounds what is read at the same time, so that one twin cannot fill the memory.
	twinsAtOnce = 16
)

// twins hand envelopes over on the local network, without the hub: out to those of the settings, in at a door for machines that the
// directory knows. What stands in an envelope is proven by itself; the certificates only keep strangers from the door.
type twins struct {
	n       *Network
	at      map[string]string // address by node
	clients map[string]*http.Client

	mu     sync.Mutex
	paused map[string]time.Time // until when a twin that did not answer is left alone
	last   map[string]twinState
	server *http.Server
	addr   string
}

// twinState is how the direct way to a twin stands.
type twinState struct {
	Took time.Time // it last took an envelope, UTC; zero = never since the start
	Why  string    // why it did not the last time; "" = it did
}

func newTwins(n *Network) *twins {
	t := &twins{n: n, at: n.a.Config.Twins(), clients: map[string]*http.Client{}, paused: map[string]time.Time{}, last: map[string]twinState{}}
	for node := range t.at {
		t.clients[node] = &http.Client{Timeout: twinWithin, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			Transport: &http.Transport{DialContext: (&net.Dialer{Timeout: twinDial}).DialContext, TLSHandshakeTimeout: twinDial, MaxIdleConnsPerHost: 4,
				IdleConnTimeout: time.Minute, TLSClientConfig: t.clientTLS(node)}}
	}
	return t
}

// pins are the certificates by which the directory knows a machine now.
func (t *twins) pins(node string) map[string]bool {
	out := map[string]bool{}
	p, err := t.n.dir.Party(node)
	if err != nil || !machine(p) {
		return out
	}
	keys, err := t.n.dir.EntryKeys(node, directory.UseTLS)
	if err != nil {
		return out
	}
	for _, k := range keys {
		if sum, err := base64.StdEncoding.DecodeString(k.Public); err == nil && k.Suite == directory.SuiteSPKI {
			out[hex.EncodeToString(sum)] = true
		}
	}
	return out
}

// known reports whether a pin is one of a machine of the directory, this one left out.
func (t *twins) known(pin string) bool {
	for _, node := range t.n.partners() {
		if t.pins(node)[pin] {
			return true
		}
	}
	return false
}

func (t *twins) certificate() (*tls.Certificate, error) {
	k, err := t.n.transport()
	if err != nil {
		return nil, err
	}
	c, err := k.current.Certificate()
	return &c, err
}

func (t *twins) clientTLS(node string) *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS13,
		InsecureSkipVerify: true, // the pin below is the trust: the twin must be the node of that name
		VerifyConnection:   bus.VerifyPin(func(pin string) bool { return t.pins(node)[pin] }),
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			return t.certificate()
		}}
}

func (t *twins) serverTLS() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS13, ClientAuth: tls.RequireAnyClientCert, VerifyConnection: bus.VerifyPin(t.known),
		SessionTicketsDisabled: true, // who was revoked does not come in by an old session
		GetCertificate:         func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return t.certificate() }}
}

// listen opens the door, once, where the settings say so.
func (t *twins) listen(ctx context.Context) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.server != nil || t.n.a.Config.RelayListen == "" {
		return nil
	}
	l, err := net.Listen("tcp", t.n.a.Config.RelayListen)
	if err != nil {
		return &record.Error{Kind: record.Unavailable, Err: err, Message: "the door for twins cannot be opened at " + t.n.a.Config.RelayListen + ": another program may use the port; change relay_listen"}
	}
	room := make(chan struct{}, twinsAtOnce)
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+twinPath, func(w http.ResponseWriter, r *http.Request) {
		select {
		case room <- struct{}{}:
			defer func() { <-room }()
			t.take(w, r)
		default:
			http.Error(w, "this node takes in as much as it can just now: try again", http.StatusServiceUnavailable)
		}
	})
	t.addr = l.Addr().String()
	t.server = &http.Server{Handler: mux, TLSConfig: t.serverTLS(), ReadHeaderTimeout: twinDial, ReadTimeout: twinWithin, WriteTimeout: 2 * twinWithin, IdleTimeout: time.Minute,
		MaxHeaderBytes: 8 << 10, BaseContext: func(net.Listener) context.Context { return ctx }, ErrorLog: slog.NewLogLogger(t.n.a.opt.Log.Handler(), slog.LevelDebug)}
	server := t.server
	t.n.a.part(func() {
		if err := server.ServeTLS(l, "", ""); !errors.Is(err, http.ErrServerClosed) {
			t.n.a.opt.Log.Error("twin: the door closed", "err", err)
		}
	})
	return nil
}

func (t *twins) close() {
	t.mu.Lock()
	server := t.server
	t.mu.Unlock()
	if server != nil {
		_ = server.Close() // who was in the middle hands it over again
	}
	for _, c := range t.clients {
		c.CloseIdleConnections()
	}
}

// take is the door: 204 when the envelope is on the disk here, else a status and a sentence.
func (t *twins) take(w http.ResponseWriter, r *http.Request) {
	wire, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxHanded))
	if err != nil {
		status := http.StatusBadRequest
		if over := new(http.MaxBytesError); errors.As(err, &over) {
			status = http.StatusRequestEntityTooLarge
		}
		http.Error(w, fmt.Sprintf("an envelope of at most %d bytes is expected, whole", maxHanded), status)
		return
	}
	if to, err := addressee(wire); err != nil || to != t.n.a.Config.Name {
		http.Error(w, "this is no envelope for "+t.n.a.Config.Name, http.StatusUnprocessableEntity)
		return
	}
	switch err := t.n.Relay.Accept(r.Context(), wire); record.KindOf(err) {
	case "":
		w.WriteHeader(http.StatusNoContent)
		t.lives(r.TLS)
	case record.Invalid: // it is kept for a person; handing it over again helps nobody
		http.Error(w, record.MessageOf(err), http.StatusUnprocessableEntity)
	default:
		t.n.a.opt.Log.Warn("twin: an envelope could not be taken in", "err", err)
		http.Error(w, "not now: "+record.MessageOf(err), http.StatusServiceUnavailable)
	}
}

// lives notes that a twin which did not answer called us itself: what waits for it goes now.
func (t *twins) lives(s *tls.ConnectionState) {
	if s == nil || len(s.PeerCertificates) == 0 {
		return
	}
	pin := bus.Pin(s.PeerCertificates[0])
	t.mu.Lock()
	away := ""
	for node := range t.paused {
		if t.pins(node)[pin] {
			away = node
		}
	}
	delete(t.paused, away)
	t.mu.Unlock()
	if away != "" {
		t.n.Relay.LineUp()
	}
}

// hand gives an envelope to its addressee if that is a twin of the settings which answers now. False means that it goes through
// the hub, as if there were no twin.
func (t *twins) hand(ctx context.Context, wire []byte) bool {
	if len(t.at) == 0 {
		return false
	}
	h, err := envelope.ReadHeader(wire)
	to := h.To
	client := t.clients[to]
	if err != nil || client == nil || t.pausing(to) && t.n.up(h.Lane) { // without a hub there is no other way: it is tried each time
		return false
	}
	err = t.post(ctx, client, t.at[to], wire)
	if ctx.Err() != nil {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.n.a.opt.Now()
	s := t.last[to]
	was := s.Why
	if err == nil {
		s = twinState{Took: now.UTC()}
		delete(t.paused, to)
	} else {
		s.Why = record.MessageOf(err)
		t.paused[to] = now.Add(twinPause)
	}
	t.last[to] = s
	if s.Why != was {
		t.n.a.opt.Log.Info("twin: the direct way changed", "peer", to, "works", err == nil, "err", err)
	}
	return err == nil
}

func (t *twins) pausing(node string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.n.a.opt.Now().Before(t.paused[node])
}

func (t *twins) post(ctx context.Context, client *http.Client, address string, wire []byte) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://"+address+twinPath, bytes.NewReader(wire))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/octet-stream")
	answer, err := client.Do(r)
	if err != nil {
		return &record.Error{Kind: record.Unavailable, Message: "the twin does not answer at " + address, Err: err}
	}
	defer answer.Body.Close()
	said, _ := io.ReadAll(io.LimitReader(answer.Body, 1000)) // a sentence for the log
	if answer.StatusCode != http.StatusNoContent {
		return record.Errorf(record.Unavailable, "the twin answers %d: %s", answer.StatusCode, strings.TrimSpace(string(said)))
	}
	return nil
}

// TwinAddr is where this node takes envelopes of twins in, host:port; "" when it does not.
func (n *Network) TwinAddr() string {
	n.twins.mu.Lock()
	defer n.twins.mu.Unlock()
	return n.twins.addr
}
