package app_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"sarhad/app"
	"sarhad/exchange/relay"
	"sarhad/record"
	"sarhad/record/audit"
)

// What tells a child of TestMessagesSurviveKill9 what to do.
const (
	netDir  = "SARHAD_TEST_NET_DIR"  // its data directory
	netTo   = "SARHAD_TEST_NET_TO"   // whom it writes to; "" = nobody
	netMany = "SARHAD_TEST_NET_MANY" // how many messages
	// soak lets tests run long: how many messages.
	soak = "SARHAD_SOAK"
)

const takenAct = "test-taken"

// carryFor runs a node of a network until somebody kills it. One that writes to another does so until its outbox has as many messages
// as were wanted, and makes the file done when all were taken up. It never returns.
func carryFor(dir string) {
	ctx := record.WithActor(context.Background(), record.Machine("test", ""))
	take := func(_ context.Context, tx record.Tx, a record.Arrival) (bool, error) {
		return true, tx.Audit(record.Act{Action: takenAct, Topic: "test", Subject: a.ID, Count: 1})
	}
	a, err := app.New(ctx, dir, app.Options{Log: slog.New(slog.DiscardHandler), HTTP: "127.0.0.1:0", Handlers: map[string]relay.Handler{"test": take}, Timing: hasty()})
	fatal(err)
	fatal(a.Start(ctx))
	to := os.Getenv(netTo)
	if to == "" {
		select {}
	}
	many, err := strconv.Atoi(os.Getenv(netMany))
	fatal(err)
	in, err := os.OpenFile(filepath.Join(dir, "ids-in.txt"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	fatal(err)
	for n := len(outbox(ctx, a, to)); n < many; n++ {
		d := record.Dispatch{To: to, Lane: record.Lanes[n%2], Kind: "test", Content: fmt.Appendf(nil, "message %d", n)}
		fatal(a.Store.Update(ctx, func(tx record.Tx) error {
			if err := tx.Dispatch(&d); err != nil {
				return err
			}
			return tx.Audit(record.Act{Action: "test-send", Topic: "test"})
		}))
		_, err := fmt.Fprintln(in, d.ID) // after the act: what stands here was promised
		fatal(err)
		time.Sleep(5 * time.Millisecond) // so that kills fall among the messages
	}
	for {
		open := 0
		for _, d := range outbox(ctx, a, to) {
			if d.State != record.DispatchOpened {
				open++
			}
		}
		if open == 0 {
			fatal(os.WriteFile(filepath.Join(dir, "done"), nil, 0o600))
			select {}
		}
		time.Sleep(100 * time.Millisecond)
	}
}

func fatal(err error) {
	if err != nil {
		panic(err)
	}
}

// hasty is the timing of a test that does not wait minutes for what is lost.
func hasty() relay.Timing {
	return relay.Timing{Resend: 2 * time.Second, ResendBlind: 4 * time.Second, Ask: time.Second, AskAgain: time.Second, How: 2 * time.Second, Sweep: 500 * time.Millisecond,
		Beat: time.Second, RetryMost: time.Second, Publish: 3 * time.Second}
}

// outbox gives the messages to a node.
func outbox(ctx context.Context, a *app.App, to string) (out []record.Dispatch) {
	fatal(a.Store.View(ctx, func(tx record.Tx) error {
		out = nil
		q := record.DispatchQuery{To: to, Limit: record.MaxLimit}
		for {
			list, err := tx.Dispatches(q)
			if err != nil || len(list) == 0 {
				return err
			}
			for _, d := range list {
				if q.After = d.Number; d.Kind == "test" {
					out = append(out, d)
				}
			}
		}
	}))
	return out
}

// process is a node in a process of its own.
type process struct {
	t   *testing.T
	dir string
	env []string
	cmd *exec.Cmd
}

func (p *process) start() {
	p.t.Helper()
	p.cmd = exec.Command(os.Args[0], "-test.run=^$")
	p.cmd.Env = append(append(os.Environ(), netDir+"="+p.dir), p.env...)
	p.cmd.Stderr = os.Stderr
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
}

// kill is kill -9.
func (p *process) kill() {
	if p.cmd != nil {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait() // killed
		p.cmd = nil
	}
}

// TestMessagesSurviveKill9 proves with real processes and real TLS that every message that an act dispatched is taken up, once, though hub,
// sender and addressee are killed with kill -9 at moments that a seed chooses. It counts ids: those that the sender's file
// promised, those of its outbox, and those that acts of the addressee took up. SARHAD_SOAK=20000 makes it long.
func TestMessagesSurviveKill9(t *testing.T) {
	many, kills := 300, 7
	if n, err := strconv.Atoi(os.Getenv(soak)); err == nil {
		many, kills = n, max(7, n/100)
	}
	n := newNet(t, [2]string{"KAZ", "kaz-centre"}, [2]string{"UZB", "uzb-centre"})
	for _, name := range n.names {
		n.stop(name)
	}
	sender := &process{t: t, dir: n.dirs["kaz-centre"], env: []string{netTo + "=uzb-centre", netMany + "=" + strconv.Itoa(many)}}
	all := []*process{{t: t, dir: n.dirs["hub"]}, sender, {t: t, dir: n.dirs["uzb-centre"]}}
	for _, p := range all {
		p.start()
		defer p.kill()
	}
	chance := rand.New(rand.NewPCG(4, 9))
	for k := range kills {
		// A seeded moment on purpose: what is proven must hold at each of them.
		time.Sleep(time.Duration(250+chance.IntN(900)) * time.Millisecond)
		p := all[k%3]
		p.kill()
		time.Sleep(time.Duration(chance.IntN(300)) * time.Millisecond)
		p.start()
	}
	done := filepath.Join(sender.dir, "done")
	for until := time.Now().Add(30*time.Second + time.Duration(many)*20*time.Millisecond); ; time.Sleep(50 * time.Millisecond) {
		if _, err := os.Stat(done); err == nil {
			break
		}
		if time.Now().After(until) {
			t.Error("the outbox never came to an end after the kills")
			break
		}
	}
	for _, p := range all {
		p.kill()
	}
	countIDs(t, n, many)
}

// countIDs opens the directories that the killed processes left and compares what went in with what came out.
func countIDs(t *testing.T, n *netOf, many int) {
	t.Helper()
	ctx := record.WithActor(t.Context(), record.Machine("test", ""))
	a, b := opened(t, n.dirs["kaz-centre"]), opened(t, n.dirs["uzb-centre"])
	in := map[record.ID]bool{}
	for _, d := range outbox(ctx, a, "uzb-centre") {
		in[d.ID] = true
	}
	f, err := os.Open(filepath.Join(n.dirs["kaz-centre"], "ids-in.txt"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if id, err := record.ParseID(lines.Text()); err != nil || !in[id] {
			t.Errorf("%s was promised and is not in the outbox", lines.Text())
		}
	}
	out := map[record.ID]int{}
	before := int64(0)
	for {
		rows, err := b.Store.AskAudit(ctx, audit.Question{Actions: []string{takenAct}, Limit: 200, Before: before})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			out[r.Subject]++
			before = r.Number
		}
		if len(rows) == 0 || before == 0 {
			break
		}
	}
	lost, twice := 0, 0
	for id := range in {
		switch out[id] {
		case 0:
			lost++
		case 1:
		default:
			twice++
		}
	}
	if len(in) != many || len(out) != many || lost > 0 || twice > 0 {
		t.Errorf("%d went in and %d came out: %d lost, %d twice; want %d", len(in), len(out), lost, twice, many)
	}
	t.Logf("%d in, %d out, %d lost, %d twice", len(in), len(out), lost, twice)
}
