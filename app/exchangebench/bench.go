package exchangebench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"sarhad/app"
	"sarhad/exchange/directory"
	"sarhad/exchange/envelope"
	"sarhad/internal/config"
	"sarhad/record"
)

// Config says what is measured.
type Config struct {
	Dir      string // of the nodes
	N        int    // messages of the even flow, and of the burst
	Rate     int    // messages a second of the even flow; 0 = 50
	Backlog  int    // messages that wait for a node that was away
	Evidence string // directory for the ids; "" = none is written
	Program  string // this program, for the idle node; "" = it is not measured
	Done     func(int)
}

// Result is the figures. Times are of this machine, from queued in the sender's database to stored in the addressee's.
type Result struct {
	Bench      string  `json:"bench"`
	N          int     `json:"n"`
	Seconds    float64 `json:"seconds"`
	RatePerS   float64 `json:"rate_per_s"`   // of a burst of n
	P50ms      float64 `json:"p50_ms"`       // at the even flow, until the addressee took it up
	P99ms      float64 `json:"p99_ms"`       //
	CatchUpS   float64 `json:"catch_up_s"`   // until catch_up_n messages reached a node that came back
	CatchUpN   int     `json:"catch_up_n"`   //
	RSSmb      float64 `json:"rss_mb"`       // of an idle node with everything, in a process of its own; 0 = not measured
	SealMS     float64 `json:"seal_ms"`      // 2 KB to 5 addressees
	OpenMS     float64 `json:"open_ms"`      // 2 KB
	Lost       int     `json:"lost"`         //
	Duplicated int     `json:"duplicated"`   //
	PerSecond  int     `json:"flow_per_s"`   // of the even flow
	Body       int     `json:"body_bytes"`   //
	ReceiptMS  float64 `json:"receipt_ms"`   // p50 until the sender has the signed receipt
	WholeRSSmb float64 `json:"whole_rss_mb"` // of this process: hub and two nodes
}

const (
	from, to, idle = "bench-a", "bench-b", "bench-idle"
	body           = 2 << 10
	kind           = "bench"
	flow           = 50
	partners       = 10 // of one act of the burst
	enough         = 10 * time.Minute
)

// bench is one measurement under way.
type bench struct {
	Config
	ctx   context.Context
	hub   *app.App
	a, b  *app.App
	dirs  map[string]string
	mu    sync.Mutex
	door  string // of the hub
	sent  map[record.ID]time.Time
	came  map[record.ID]time.Time
	twice int
	order []record.ID
}

// Run measures.
func Run(ctx context.Context, c Config) (res Result, err error) {
	b := &bench{Config: c, ctx: record.WithActor(ctx, record.Machine("bench", "")), dirs: map[string]string{}, sent: map[record.ID]time.Time{}, came: map[record.ID]time.Time{}}
	if b.Rate <= 0 {
		b.Rate = flow
	}
	began := time.Now()
	defer func() { err = errors.Join(err, b.stop()) }()
	if err := b.start(); err != nil {
		return res, err
	}
	res = Result{Bench: "exchange", N: c.N, PerSecond: b.Rate, Body: body, CatchUpN: c.Backlog}
	for _, step := range []func(*Result) error{b.crypto, b.even, b.burst, b.catchUp, b.idle, b.count} {
		if err := step(&res); err != nil {
			return res, err
		}
	}
	res.WholeRSSmb = rss("self")
	res.Seconds = time.Since(began).Seconds()
	return res, nil
}

func (b *bench) start() error {
	var members []app.Member
	for _, name := range []string{"hub", from, to, idle} {
		dir := filepath.Join(b.Dir, name)
		role := "node"
		if name == "hub" {
			role = "hub"
		}
		if _, err := app.Init(b.ctx, dir, app.Setup{Role: role, Country: "KAZ", Name: name}); err != nil {
			return err
		}
		if name == "hub" {
			if err := asHub(dir); err != nil {
				return err
			}
		}
		b.dirs[name] = dir
		members = append(members, app.Member{Dir: dir, Names: directory.Names{En: name, Ru: name}})
	}
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	if err := app.MakeRegion(b.ctx, "bench", members, app.Options{Now: time.Now, Log: quiet}); err != nil {
		return err
	}
	var err error
	if b.hub, err = b.serve("hub"); err != nil {
		return err
	}
	if b.a, err = b.serve(from); err != nil {
		return err
	}
	b.b, err = b.serve(to)
	return err
}

func asHub(dir string) error {
	if _, err := app.MakeTLS(dir, []string{"localhost", "127.0.0.1"}, time.Now()); err != nil {
		return err
	}
	c, err := config.Load(dir)
	if err != nil {
		return err
	}
	c.HubListen = "127.0.0.1:0"
	return config.Write(dir, c)
}

func (b *bench) serve(name string) (*app.App, error) {
	a, err := app.New(b.ctx, b.dirs[name], app.Options{HTTP: "127.0.0.1:0", Log: slog.New(slog.NewTextHandler(io.Discard, nil)), HubAt: b.hubAt, Handlers: b.handlers(name)})
	if err == nil {
		err = a.Start(b.ctx)
	}
	if err == nil && name == "hub" {
		err = b.wait("the hub opens", func() bool { return a.Network.HubAddr() != "" })
		b.mu.Lock()
		b.door = a.Network.HubAddr()
		b.mu.Unlock()
	}
	return a, err
}

func (b *bench) hubAt() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.door
}

func (b *bench) stop() (err error) {
	for _, a := range []*app.App{b.b, b.a, b.hub} {
		if a != nil {
			err = errors.Join(err, a.Stop())
		}
	}
	return err
}

// send queues n messages in one act, as an officer does who shares a record with n partners.
func (b *bench) send(n int) error {
	at := time.Now()
	var ids []record.ID
	err := b.a.Store.Update(b.ctx, func(tx record.Tx) error {
		ids = nil
		for range n {
			d := record.Dispatch{To: to, Lane: record.Routine, Kind: kind, Content: text()}
			if err := tx.Dispatch(&d); err != nil {
				return err
			}
			ids = append(ids, d.ID)
		}
		return tx.Audit(record.Act{Action: "bench", Topic: "bench", Count: n})
	})
	if err == nil {
		b.mu.Lock()
		for _, id := range ids {
			b.sent[id] = at
		}
		b.order = append(b.order, ids...)
		b.mu.Unlock()
	}
	return err
}

// take is the addressee's handler.
func (b *bench) take(_ context.Context, _ record.Tx, a record.Arrival) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, known := b.came[a.ID]; known {
		b.twice++
	} else {
		b.came[a.ID] = time.Now()
	}
	if b.Done != nil {
		b.Done(len(b.came))
	}
	return true, nil
}

func (b *bench) arrived() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.came)
}

func (b *bench) wait(what string, ok func() bool) error {
	for end := time.Now().Add(enough); !ok(); time.Sleep(2 * time.Millisecond) {
		if err := b.ctx.Err(); err != nil {
			return err
		}
		if time.Now().After(end) {
			return fmt.Errorf("%s: not within %s", what, enough)
		}
	}
	return nil
}

// even sends at an even pace and tells how long a message takes.
func (b *bench) even(res *Result) error {
	if err := b.send(1); err != nil { // the line is up after it
		return err
	}
	if err := b.wait("the first message", func() bool { return b.arrived() == 1 }); err != nil {
		return err
	}
	tick := time.NewTicker(time.Second / time.Duration(b.Rate))
	defer tick.Stop()
	for range b.N {
		<-tick.C
		if err := b.send(1); err != nil {
			return err
		}
	}
	if err := b.wait("the even flow", func() bool { return b.arrived() == b.N+1 }); err != nil {
		return err
	}
	var took []float64
	for _, id := range b.order[1:] {
		took = append(took, float64(b.came[id].Sub(b.sent[id]).Microseconds())/1000)
	}
	slices.Sort(took)
	res.P50ms, res.P99ms = took[len(took)/2], took[len(took)*99/100]
	return b.receipts(res)
}

// receipts tells how long the signed receipts took.
func (b *bench) receipts(res *Result) error {
	var took []float64
	all := func() bool {
		took = nil
		err := b.a.Store.View(b.ctx, func(tx record.Tx) error {
			list, err := tx.Dispatches(record.DispatchQuery{To: to, Delivered: true, Limit: record.MaxLimit})
			for _, d := range list {
				took = append(took, float64(d.Delivered.Sub(d.Queued).Milliseconds()))
			}
			return err
		})
		return err == nil && len(took) >= min(b.N, record.MaxLimit)
	}
	if err := b.wait("the receipts", all); err != nil {
		return err
	}
	slices.Sort(took)
	res.ReceiptMS = took[len(took)/2]
	return nil
}

// burst sends as fast as eight officers can who share with ten partners each.
func (b *bench) burst(res *Result) error {
	before := b.arrived()
	began := time.Now()
	if err := b.sendMany(b.N); err != nil {
		return err
	}
	if err := b.wait("the burst", func() bool { return b.arrived() == before+b.N }); err != nil {
		return err
	}
	res.RatePerS = float64(b.N) / time.Since(began).Seconds()
	return nil
}

func (b *bench) sendMany(n int) error {
	var wg sync.WaitGroup
	errs := make(chan error, 8)
	for w := range 8 {
		wg.Go(func() {
			for i := w * partners; i < n; i += 8 * partners {
				if err := b.send(min(partners, n-i)); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	return <-errs
}

// catchUp tells how long a node that was away takes to get what waited.
func (b *bench) catchUp(res *Result) error {
	if b.Backlog <= 0 {
		return nil
	}
	before := b.arrived()
	if err := b.b.Stop(); err != nil {
		return err
	}
	b.b = nil
	if err := b.sendMany(b.Backlog); err != nil {
		return err
	}
	began := time.Now()
	var err error
	if b.b, err = b.serve(to); err != nil {
		return err
	}
	if err := b.wait("the backlog", func() bool { return b.arrived() == before+b.Backlog }); err != nil {
		return err
	}
	res.CatchUpS = time.Since(began).Seconds()
	return nil
}

// handlers are those of one node.
func (b *bench) handlers(name string) map[string]handler {
	if name != to {
		return nil
	}
	return map[string]handler{kind: b.take}
}

// crypto measures sealing and opening alone.
func (b *bench) crypto(res *Result) error {
	sign, err := envelope.NewSignKey(random{})
	if err != nil {
		return err
	}
	var keys []envelope.OpenKey
	for range 5 {
		k, err := envelope.NewOpenKey()
		if err != nil {
			return err
		}
		keys = append(keys, k)
	}
	verify := envelope.Standard().Verify(func(string) ([]envelope.VerifyKey, error) { return []envelope.VerifyKey{sign.Public()}, nil })
	const rounds = 100
	var sealed, opened []float64
	for range rounds {
		id, err := record.NewRandomID(random{})
		if err != nil {
			return err
		}
		c := envelope.Content{From: from, To: to, Lane: record.Routine, ID: id, Seq: 1, Incarnation: "bench", Kind: kind, Sent: time.Now(), Body: text()}
		began := time.Now()
		var wire []byte
		for _, k := range keys {
			if wire, err = envelope.Seal(c, time.Time{}, []envelope.Signer{sign}, k.Public()); err != nil {
				return err
			}
		}
		middle := time.Now()
		if _, _, _, err := envelope.Open(to, wire, []envelope.Opener{keys[4]}, verify); err != nil {
			return err
		}
		sealed, opened = append(sealed, ms(middle.Sub(began))), append(opened, ms(time.Since(middle)))
	}
	slices.Sort(sealed)
	slices.Sort(opened)
	res.SealMS, res.OpenMS = sealed[rounds/2], opened[rounds/2]
	return nil
}

// idle starts a node in a process of its own and looks at its memory after a while.
func (b *bench) idle(res *Result) error {
	if b.Program == "" || runtime.GOOS != "linux" {
		return nil
	}
	c, err := config.Load(b.dirs[idle])
	if err != nil {
		return err
	}
	c.HubWays = "tcp " + b.hubAt()
	if err := config.Write(b.dirs[idle], c); err != nil {
		return err
	}
	child := exec.CommandContext(b.ctx, b.Program, "serve", "--quiet", "--dir", b.dirs[idle], "--http", "127.0.0.1:0")
	if err := child.Start(); err != nil {
		return err
	}
	defer func() {
		_ = child.Process.Signal(os.Interrupt)
		_ = child.Wait()
	}()
	if err := b.wait("the idle node", func() bool { return b.hub.Network.Entered()[idle] == len(record.Lanes) }); err != nil {
		return err
	}
	time.Sleep(10 * time.Second)
	res.RSSmb = rss(strconv.Itoa(child.Process.Pid))
	return nil
}

// count holds what went in against what came out, and writes both down.
func (b *bench) count(res *Result) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	res.Duplicated = b.twice
	for id := range b.sent {
		if _, ok := b.came[id]; !ok {
			res.Lost++
		}
	}
	if b.Evidence == "" {
		return nil
	}
	if err := os.MkdirAll(b.Evidence, 0o755); err != nil {
		return err
	}
	var out []record.ID
	for id := range b.came {
		out = append(out, id)
	}
	slices.SortFunc(out, func(x, y record.ID) int { return b.came[x].Compare(b.came[y]) })
	return errors.Join(writeIDs(filepath.Join(b.Evidence, "ids-in.txt"), b.order), writeIDs(filepath.Join(b.Evidence, "ids-out.txt"), out))
}

func writeIDs(name string, ids []record.ID) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	for _, id := range ids {
		fmt.Fprintln(w, id)
	}
	return errors.Join(w.Flush(), f.Close())
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// rss is the resident memory of a process in MB of 10^6 bytes; 0 where it cannot be told.
func rss(pid string) float64 {
	data, err := os.ReadFile("/proc/" + pid + "/status")
	if err != nil {
		return 0
	}
	for line := range strings.SplitSeq(string(data), "\n") {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kb * 1024 / 1e6
		}
	}
	return 0
}
