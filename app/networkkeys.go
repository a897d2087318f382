package app

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"sarhad/exchange/directory"
	"sarhad/exchange/directory/nodekeys"
	"sarhad/exchange/envelope"
	"sarhad/exchange/relay"
	"sarhad/internal/bus"
	"sarhad/internal/config"
	"sarhad/record"
)

// archiveKeyFile opens what this node keeps of what came to it, after the transport keys are destroyed.
const archiveKeyFile = "archive.key"

// transport is the keys that messages are sealed, opened and signed with.
type transport struct {
	current   nodekeys.Generation
	line      string // what the line was opened with
	authority []byte // of the hub's certificate, as the line was opened with it
	signer    envelope.SignKey
	openers   []envelope.Opener // every generation that is left: what was sealed before a change of keys is still under way
	archive   envelope.OpenKey
}

// loadKeys reads the keys of this node; NotFound while the directory does not know them.
func (n *Network) loadKeys() error {
	set := n.a.NodeKeys()
	all, err := set.All()
	if err != nil {
		return err
	}
	now, err := set.Current(n.dir)
	if record.KindOf(err) == record.NotFound && len(all) > 0 {
		now, err = all[len(all)-1], nil // approved, as the hub may know, and this node not yet: its directory comes through the hub
	}
	if err != nil {
		return err
	}
	k := transport{current: now}
	if k.signer, err = envelope.NewSignKey(bytes.NewReader(now.Sign)); err != nil {
		return err
	}
	for _, g := range all {
		o, err := envelope.AgeOpenKey(g.Seal)
		if err != nil {
			return err
		}
		k.openers = append(k.openers, o)
	}
	if k.archive, err = archiveKey(filepath.Join(n.a.Config.DataDir, keysDir, archiveKeyFile)); err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	k.line, k.authority = n.keys.line, n.keys.authority
	n.keys = k
	return nil
}

// archiveKey reads the key of the archive, and makes it when there is none.
func archiveKey(name string) (envelope.OpenKey, error) {
	text, err := os.ReadFile(name)
	if err == nil {
		return envelope.ParseOpenKey(string(text))
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return envelope.OpenKey{}, err
	}
	k, err := envelope.NewOpenKey()
	if err != nil {
		return k, err
	}
	return k, writeWhole(name, []byte(k.Secret()+"\n"))
}

func (n *Network) transport() (transport, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.keys.current.Name == "" {
		return transport{}, record.Errorf(record.Unavailable, "this node is not in the directory yet: it has no keys that others know")
	}
	return n.keys, nil
}

// seal makes the envelope of a message for its addressee. By a stale or doubted directory only what keeps the network whole goes:
// messages about the directory itself, which make it fresh, heartbeats and receipts.
func (n *Network) seal(ctx context.Context, d record.Dispatch) ([]byte, error) {
	k, err := n.transport()
	if err != nil {
		return nil, err
	}
	find := n.dir.SealKeys
	if d.Kind == directory.MessageKind || relay.IsService(d.Kind) && d.Kind != relay.KindPiece {
		find = func(id string) ([]directory.Key, error) { return n.dir.Keys(id, directory.UseSeal) }
	}
	keys, err := find(d.To)
	if err != nil {
		return nil, err
	}
	for _, key := range keys {
		if key.Suite != directory.SuiteAge {
			continue
		}
		to, err := envelope.AgeSealKey(key.Public)
		if err != nil {
			return nil, err
		}
		if err := n.copyOut(ctx, d); err != nil {
			return nil, &record.Error{Kind: record.Unavailable, Message: "the copy for our own node could not be queued: " + record.MessageOf(err), Err: err}
		}
		return envelope.Seal(envelope.Content{From: n.a.Config.Name, To: d.To, Lane: d.Lane, ID: d.ID, Seq: d.Seq, Incarnation: d.Incarnation,
			Kind: d.Kind, About: d.About, Sent: d.Queued, Body: d.Content}, d.Expires, []envelope.Signer{k.signer}, to)
	}
	return nil, record.Errorf(record.Unavailable, "no key of %s is of a kind that this program can seal to: update the program", d.To)
}

// open verifies and opens what came. Who signed it must have been believed when it came, which is now.
func (n *Network) open(_ context.Context, wire []byte) (record.Arrival, error) {
	k, err := n.transport()
	if err != nil {
		return record.Arrival{}, err
	}
	h, c, signed, err := envelope.Open(n.a.Config.Name, wire, k.openers, n.verify())
	if err != nil {
		if h.ID.IsZero() {
			h, _ = envelope.ReadHeader(wire) // what cannot even be read so far has no id
		}
		switch record.KindOf(err) {
		case record.Invalid, record.NotFound, record.Conflict, record.Forbidden:
		default: // nothing is wrong with the message: it is opened again
			err = &record.Error{Kind: record.Unavailable, Message: "a message could not be opened now: " + record.MessageOf(err), Err: err}
		}
		return record.Arrival{ID: h.ID, Lane: h.Lane}, err
	}
	a := record.Arrival{ID: c.ID, From: c.From, Lane: c.Lane, Seq: c.Seq, Incarnation: c.Incarnation, Kind: c.Kind, About: c.About,
		Content: c.Body, Sent: c.Sent, Signed: signed}
	if !relay.IsService(c.Kind) {
		a.Kept, err = envelope.Reseal(signed, k.archive.Public())
	}
	return a, err
}

// verify holds signatures against the keys that the directory says count now.
func (n *Network) verify() envelope.Verify {
	at := n.a.opt.Now()
	return envelope.Standard().Verify(func(from string) (out []envelope.VerifyKey, err error) {
		keys, err := n.dir.VerifyKeys(from, at)
		if err != nil {
			return nil, err
		}
		for _, k := range keys {
			if k.Suite != directory.SuiteEd25519 {
				continue // of a later release; those we know must hold, and one at least
			}
			public, err := directory.ParseEd25519(k.Suite + ":" + k.Public)
			if err != nil {
				return nil, err
			}
			out = append(out, envelope.VerifyKey{Suite: envelope.SignEd25519, Key: ed25519.PublicKey(public)})
		}
		return out, nil
	})
}

// addressee reads whom an envelope is for.
func addressee(wire []byte) (string, error) {
	h, err := envelope.ReadHeader(wire)
	return h.To, err
}

// ways gives the ways to the hub and the authority of its certificate. The settings may say where it is, the directory alone
// says who it is.
func (n *Network) ways() (ways []bus.Way, roots *x509.CertPool, err error) {
	roots = x509.NewCertPool()
	n.keys.authority = nil
	found := false
	for _, p := range n.dir.Parties() {
		if p.Type != directory.Hub || p.State != directory.Current || p.CA == "" {
			continue
		}
		der, err := base64.StdEncoding.DecodeString(p.CA)
		if err != nil {
			return nil, nil, err
		}
		ca, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, nil, err
		}
		roots.AddCert(ca)
		n.keys.authority = append(n.keys.authority, der...)
		found = true
		for _, address := range p.Addresses {
			host, web := strings.CutPrefix(address, "wss://")
			ways = append(ways, bus.Way{Address: strings.TrimPrefix(host, "tcp://"), WebSocket: web})
		}
	}
	if !found {
		return nil, nil, record.Errorf(record.Unavailable, "the directory names no hub yet: there is nobody to connect to")
	}
	if own := n.a.Config.Ways(); len(own) > 0 {
		ways = nil
		for _, w := range own {
			ways = append(ways, bus.Way{Address: w.Address, WebSocket: w.WebSocket})
		}
	}
	if at := n.a.opt.HubAt; at != nil {
		ways = []bus.Way{{Address: at()}}
	}
	if n.hub != nil { // the hub comes in at its own door
		ways = []bus.Way{{Address: config.LocalAddress(n.hub.Addr())}}
	}
	for i := range ways {
		ways[i].Proxy = n.a.Config.HubProxy
	}
	if len(ways) == 0 {
		return nil, nil, record.Errorf(record.Unavailable, "the directory names a hub without an address: set hub_ways")
	}
	return ways, roots, nil
}

// sweepKeys destroys transport keys that were replaced long enough ago. What was sealed to them and was opened lies in the archive
// already; what could not be opened when it came is tried once more before, and gets lost with the key when it still cannot: a
// person had two weeks to look.
func (n *Network) sweepKeys(ctx context.Context) error {
	gone, err := n.a.NodeKeys().Sweep(ctx, n.dir, func(ctx context.Context, _ nodekeys.Generation) error { return n.reread(ctx) })
	if len(gone) > 0 {
		n.a.opt.Log.Info("network: transport keys that were replaced are destroyed", "generations", gone)
		err = errors.Join(err, n.loadKeys())
	}
	return err
}

// reread takes in what could not be read when it came and can be read now: its sender's new keys came later than the message. So it
// is archived like all others. What still cannot be read stays as it is.
func (n *Network) reread(ctx context.Context) error {
	ctx = n.machine(ctx)
	for after := int64(0); ; {
		var list []record.Arrival
		err := n.a.Store.View(ctx, func(tx record.Tx) (err error) {
			list, err = tx.Arrivals(record.ArrivalQuery{State: record.ArrivalUnreadable, After: after, Full: true, Limit: 50})
			return err
		})
		if err != nil || len(list) == 0 {
			return err
		}
		for _, a := range list {
			after = a.Number
			if a.Kept == nil {
				continue
			}
			switch err := n.Relay.Accept(ctx, a.Kept); record.KindOf(err) {
			case "":
			case record.Invalid:
				continue
			default:
				return err
			}
			err := n.a.Store.Update(ctx, func(tx record.Tx) error {
				_, err := tx.Settle(a.Number, record.ArrivalDone, "it could be read later: the keys of its sender had not come yet")
				return err
			})
			if err != nil {
				return err
			}
		}
	}
}

const upkeepEvery = time.Minute
