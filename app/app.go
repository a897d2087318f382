package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"

	"sarhad/collection/evidence"
	"sarhad/collection/passenger"
	"sarhad/engine/match"
	"sarhad/exchange/relay"
	"sarhad/exchange/sharing"
	"sarhad/internal/authn"
	"sarhad/internal/config"
	"sarhad/internal/quarantine"
	"sarhad/record"
	"sarhad/record/access"
	"sarhad/record/audit"
	"sarhad/record/oversight"
	"sarhad/record/privacy"
	"sarhad/record/privacy/export"
	"sarhad/record/privacy/request"
	"sarhad/record/proposal"
	"sarhad/record/transfer"
	"sarhad/record/vocab"
	"sarhad/screening/hit"
	"sarhad/screening/watchlist"
	"sarhad/store/backup"
	"sarhad/store/sqlite"
	"sarhad/store/vault"
	"sarhad/web/api"
)

// Version is the release, set by the linker.
var Version = "dev"

// Options change what New does; the zero value is a node in production.
type Options struct {
	Log      *slog.Logger     // nil = slog.Default
	Now      func() time.Time // nil = time.Now
	HTTP     string           // listens here instead of the address in the settings
	ReadOnly bool             // opens the store without taking it; Start is refused
	Demo     []api.DemoUser   // sign-ins shown on the first page of a demonstration

	Handlers map[string]relay.Handler // further ones of the relay, by kind of message: a measurement's
	Timing   relay.Timing             // of the relay; zero = its defaults
	HubAt    func() string            // where a hub of the same process listens; nil = as settings and directory say

	Agency    string       // owner of what this node collects; "" = the country's Agency
	Around    *DemoRegion  // the other places of a demonstration; nil = it has none, or this is none
	Cut       bool         // the line to the hub begins closed, see Network.Pause
	PlainDoor bool         // the door for people has no TLS though the node has a certificate: a hub of a demonstration, on loopback
	Passwords authn.Params // costs of new hashes; zero = authn.DefaultParams

	Attachments quarantine.Limits // within which one attachment is read; zero = the program's own

	half bool // opens a directory that is being restored
}

// App is a running node.
type App struct {
	Config     config.Config
	Store      *sqlite.Store
	Authn      *authn.Service
	Hits       *hit.Room
	Passengers *passenger.Room
	Requests   *request.Room
	Exhibits   *evidence.Room
	Vault      *vault.Vault // nil when the node is opened for reading
	Oversight  *oversight.Room
	Exports    *export.Room
	Sharing    *sharing.Room
	Sequencer  *audit.Sequencer
	Verifiers  note.Verifiers
	Events     *api.Events
	Privacy    *privacy.Clocks
	Network    *Network // nil before the node serves

	opt     Options
	dir     string // of sarhad.toml
	keys    *Keys
	guard   *authn.Guard
	cleanup []func() error
	run     context.Context // of a serving node; ends with stop
	since   time.Time       // when it began to serve
	health  health
	metrics *metrics
	stop    context.CancelFunc
	parts   sync.WaitGroup
	addr    string
	saving  saving
	mailed  *mailed  // lanes in which something was dispatched
	who     register // of the network

	certificate *certificate // nil without TLS
	ward        *quarantine.Ward
}

// Types lists every body this program knows.
func Types() *record.Types {
	var all []func() record.Body
	all = append(all, hit.Bodies()...)
	all = append(all, watchlist.Bodies()...)
	all = append(all, passenger.Bodies()...)
	all = append(all, transfer.Bodies()...)
	all = append(all, proposal.Bodies()...)
	all = append(all, request.Bodies()...)
	all = append(all, privacy.Bodies()...)
	all = append(all, evidence.Bodies()...)
	all = append(all, oversight.Bodies()...)
	all = append(all, export.Bodies()...)
	all = append(all, sharing.Bodies()...)
	return record.NewTypes(all...)
}

// Agency is the agency that owns what a node of this country collects until a register of agencies exists.
func Agency(country string) string { return country + "-PIU" }

func (a *App) agency() string {
	if a.opt.Agency != "" {
		return a.opt.Agency
	}
	return Agency(a.Config.Country)
}

// doorTLS reports whether browsers reach this node over https.
func (a *App) doorTLS() bool { return a.Config.TLS() && !a.opt.PlainDoor }

// New opens a node in a data directory that `sarhad init` made.
func New(ctx context.Context, dir string, opt Options) (_ *App, err error) {
	if opt.Log == nil {
		opt.Log = slog.Default()
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	a := &App{opt: opt, dir: dir, mailed: newMailed(), metrics: newMetrics()}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.close())
		}
	}()
	if err := backup.Whole(dir); err != nil && !opt.half {
		return nil, err
	}
	if a.Config, err = config.Load(dir); err != nil {
		return nil, err
	}
	a.ward = quarantine.NewWard(a.Config.ReadersAtOnce())
	if a.keys, err = LoadKeys(filepath.Join(a.Config.DataDir, keysDir)); err != nil {
		return nil, err
	}
	a.Store, err = sqlite.Open(ctx, sqlite.Config{
		Dir: a.Config.DataDir, Types: Types(), Node: a.Config.Name, Now: opt.Now, ReadOnly: opt.ReadOnly,
		Allow: func(actor record.Actor, s record.Scope) bool { return access.Allow(actor, access.Read, s) },
		Fold:  match.Fold, Handover: proposal.Verifier(a.nodeKeys), Observe: a.metrics.store, Mailed: a.mailed.add,
	})
	if err != nil {
		return nil, err
	}
	a.cleanup = append(a.cleanup, a.Store.Close)
	if err := a.openVault(); err != nil {
		return nil, err
	}
	return a, a.assemble()
}

// assemble makes the rooms and doors over the open store.
func (a *App) assemble() error {
	signer, verifiers, err := a.keys.Log()
	if err != nil {
		return err
	}
	now, log := a.opt.Now, a.opt.Log
	a.Verifiers = verifiers
	a.Sequencer = &audit.Sequencer{Table: a.Store, Signer: signer, Log: log, Now: now}
	a.Authn = authn.New(a.Store, authn.Config{Now: now, Issuer: "Sarhad " + a.Config.Name, Lock: a.Config.Lock(), Params: a.opt.Passwords})
	a.Hits = &hit.Room{Store: a.Store, Node: a.Config.Name, ClearanceKey: a.keys.Clearance, Now: now, Log: log, Home: a.home}
	a.Passengers = &passenger.Room{Store: a.Store, Node: a.Config.Name, Agency: a.agency(), Now: now}
	if a.Requests, err = a.requests(); err != nil {
		return err
	}
	a.Exhibits = &evidence.Room{Store: a.Store, Files: a.Vault, Node: a.Config.Name, Now: now, Rand: rand.Reader, Log: log}
	a.Oversight = a.oversight()
	a.Exports = &export.Room{Store: a.Store, Node: a.Config.Name, Now: now}
	a.Events = &api.Events{Store: a.Store, Now: now, Log: log, Authn: a.Authn, Line: a.lineOf}
	if err := a.makePrivacy(); err != nil {
		return err
	}
	a.Sharing = a.sharing()
	return nil
}

// home reports whether a place lies in the node's country.
func (a *App) home(place string) bool {
	p, ok := vocab.Airport(place)
	return ok && p.Country == a.Config.Country
}

// Start begins to serve and returns; Addr tells where. Stop ends it.
func (a *App) Start(ctx context.Context) error {
	if a.opt.ReadOnly {
		return record.Errorf(record.Internal, "a node opened for reading cannot serve")
	}
	if err := a.beginPrivacy(ctx); err != nil {
		return err
	}
	address := a.Config.HTTP
	if a.opt.HTTP != "" {
		address = a.opt.HTTP
	}
	if err := config.CheckListen(address, a.doorTLS()); err != nil {
		return err
	}
	if err := a.makeNetwork(ctx); err != nil {
		return err
	}
	if err := a.metrics.ready(a); err != nil {
		return err
	}
	if err := a.metrics.registry.Register(a.Network); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return &record.Error{Kind: record.Unavailable, Err: err,
			Message: fmt.Sprintf("nothing can be served at %s: another program may use the port. Choose another with --http", address)}
	}
	if a.doorTLS() {
		if a.certificate, err = newCertificate(a.Config.TLSCert, a.Config.TLSKey, a.opt.Now, a.opt.Log); err != nil {
			return errors.Join(&record.Error{Kind: record.Invalid, Err: err, Message: "the certificate of the node cannot be read; make it anew with sarhad node tls"}, listener.Close())
		}
	}
	a.addr = listener.Addr().String()
	ctx, a.stop = context.WithCancel(context.WithoutCancel(ctx))
	a.run, a.since = ctx, a.opt.Now().UTC()
	a.serve(ctx, listener)
	if a.certificate != nil {
		a.part(func() { a.watchCertificate(ctx) })
	}

	wake := make(chan struct{}, 1)
	a.Events.Wake(wake)
	a.part(func() { a.Events.Run(ctx) })
	a.part(func() { a.Sequencer.Run(ctx) })
	a.part(func() { a.keepHouse(ctx) })
	a.part(func() { a.keepJournals(ctx) })
	a.part(func() { a.keepBackups(ctx) })
	a.part(func() { a.Vault.Run(ctx) })
	a.part(func() { a.Network.run(ctx) })
	a.part(func() { a.Oversight.Run(ctx) })
	a.part(func() {
		a.Exports.Run(ctx, func(err error) {
			log := a.opt.Log
			log.Error("exports: copies of what was erased are not marked yet", "err", err)
		})
	})
	a.part(func() {
		if a.reindex(ctx) { // half an index names half of the listed: nobody is screened against it
			a.part(func() { a.runClocks(ctx) }) // holds are found through the index
			a.part(func() { a.runSharing(ctx) })
			a.Hits.Run(ctx, wake)
		}
	})
	return nil
}

func (a *App) part(run func()) {
	a.parts.Add(1)
	go func() {
		defer a.parts.Done()
		run()
	}()
}

func (a *App) serve(ctx context.Context, listener net.Listener) {
	server := &http.Server{
		Handler: a.handler(), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		BaseContext: func(net.Listener) context.Context { return ctx },
		ErrorLog:    slog.NewLogLogger(a.opt.Log.Handler(), slog.LevelWarn),
	}
	a.part(func() {
		var err error
		if a.certificate != nil {
			server.TLSConfig = a.certificate.config()
			err = server.ServeTLS(listener, "", "")
		} else {
			err = server.Serve(listener)
		}
		if !errors.Is(err, http.ErrServerClosed) {
			a.opt.Log.Error("web: serving ended", "err", err)
		}
	})
	a.cleanup = append(a.cleanup, func() error {
		quiet, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := server.Shutdown(quiet); err != nil {
			return server.Close() // event streams do not end by themselves
		}
		return nil
	})
}

// Addr is where the node listens, host:port.
func (a *App) Addr() string { return a.addr }

// URL is where a browser on this machine reaches it.
func (a *App) URL() string {
	scheme := "http"
	if a.doorTLS() {
		scheme = "https"
	}
	return scheme + "://" + config.LocalAddress(a.addr)
}

// Stop ends everything and closes the store. It may be called once, also when Start was not.
func (a *App) Stop() error {
	if a.stop != nil {
		a.stop()
	}
	return a.close()
}

func (a *App) close() error {
	var all error
	for i := len(a.cleanup) - 1; i >= 0; i-- {
		if i == 0 { // the store is the last: its readers must be done, and the log ends in order
			a.parts.Wait()
			all = errors.Join(all, a.closeLog())
		}
		all = errors.Join(all, a.cleanup[i]())
	}
	a.cleanup = nil
	return all
}

// indexAgain is how long a reindex that failed, such as for a full disk, waits before it goes on.
const indexAgain = 10 * time.Second

// reindex brings the indexes up to this program's when an older one wrote them, and reports whether they are whole: only
// when ctx ended they are not.
func (a *App) reindex(ctx context.Context) bool {
	for told := false; ; {
		due, err := a.Store.ToReindex(ctx)
		if err == nil && due == 0 {
			return true
		}
		if err == nil && !told {
			told = true
			a.opt.Log.Info("index: building anew; screening waits for it", "records", due)
		}
		if err == nil {
			err = a.Store.Reindex(ctx, nil)
		}
		if err == nil {
			a.opt.Log.Info("index: whole")
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		a.opt.Log.Error("index: not finished, goes on soon; nobody is screened before", "err", err)
		select {
		case <-ctx.Done():
			return false
		case <-time.After(indexAgain):
		}
	}
}

// closeLog takes the last acts in, signs them and writes the checkpoint out, also those of a single command: what ends in
// order leaves nothing unsigned.
func (a *App) closeLog() error {
	if a.opt.ReadOnly || a.Sequencer == nil {
		return nil
	}
	ctx := context.Background()
	if err := a.Sequencer.Close(ctx); err != nil {
		return err
	}
	a.writeJournals(ctx)
	return a.exportCheckpoints(ctx)
}

// keepHouse removes dead sessions and writes checkpoints out, so that the log can be verified against files that left the
// machine.
func (a *App) keepHouse(ctx context.Context) {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if _, err := a.Authn.Prune(ctx); err != nil && ctx.Err() == nil {
			a.opt.Log.Error("sessions could not be pruned", "err", err)
		}
		if _, err := a.Requests.Escalate(record.WithActor(ctx, record.Machine("requests", ""))); err != nil && ctx.Err() == nil {
			a.opt.Log.Error("late requests could not be escalated", "err", err)
		}
		if err := a.exportCheckpoints(ctx); err != nil && ctx.Err() == nil {
			a.opt.Log.Error("checkpoints could not be written out", "err", err)
		}
	}
}
