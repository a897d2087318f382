package app

import (
	"context"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"sarhad/app/doctor"
	"sarhad/internal/config"
	"sarhad/internal/local"
	"sarhad/internal/quarantine"
	"sarhad/record"
	"sarhad/screening/hit"
	"sarhad/web/api"
)

const (
	// examinedFor is how long an examination counts: it reads a row of every record.
	examinedFor = time.Minute
	// healthFor is how old the answer to a prober may be.
	healthFor = 2 * time.Second
	// stuckAfter is how long screening or the log may stand still, with work waiting, before the node calls itself degraded.
	stuckAfter = 2 * time.Minute
	// certificateDays is when an ending certificate degrades the node.
	certificateDays = 7 * 24 * time.Hour
)

// Facts learns how a node stands whose settings are c. a is the node, open for reading at least; nil when it could not be
// opened, for reason failed.
func Facts(ctx context.Context, c config.Config, a *App, failed error, now time.Time) doctor.Facts {
	s := doctor.Subject{Config: c, Err: failed, Program: Version, Types: Types(), Now: now, Probe: quarantine.Cell{}.Probe}
	if failed == nil {
		s.Store = a.Store
		if a.run != nil { // asking ourselves over the socket would find us only while commands are let in
			s.Serving = &local.Info{PID: os.Getpid(), Doing: "serve", Version: Version, Since: a.since, URL: a.URL()}
		}
	}
	f := doctor.Gather(ctx, s)
	if failed == nil {
		f.Network = a.networkFacts(ctx, now)
	}
	return f
}

// health watches the node for those who ask from outside.
type health struct {
	mu       sync.Mutex
	examined api.Examination
	probed   time.Time
	reasons  []string
	screened record.Seq // cursor of screening when it last moved
	moved    time.Time
}

// examine answers the administrator's screen.
func (a *App) examine(ctx context.Context) (api.Examination, error) {
	h := &a.health
	h.mu.Lock()
	defer h.mu.Unlock()
	now := a.opt.Now().UTC()
	if now.Sub(h.examined.At).Abs() < examinedFor {
		return h.examined, nil
	}
	all := doctor.Examine(Facts(ctx, a.Config, a, nil, now))
	out := api.Examination{At: now, Worst: string(doctor.Worst(all)), Findings: []api.HealthFinding{}}
	for _, f := range all {
		out.Findings = append(out.Findings, api.HealthFinding{Check: f.Check, Code: f.Code, State: string(f.State), Means: f.Means, Do: f.Do, Values: f.Values})
	}
	if err := ctx.Err(); err != nil {
		return out, err // what was learned is not whole
	}
	h.examined = out
	return out, nil
}

// degraded names what does not work as it should, in words for a prober that tell nothing of what is stored; none of a
// healthy node. An error says that the store does not answer.
func (a *App) degraded(ctx context.Context) ([]string, error) {
	h := &a.health
	h.mu.Lock()
	defer h.mu.Unlock()
	now := a.opt.Now()
	if now.Sub(h.probed).Abs() < healthFor {
		return h.reasons, nil
	}
	var out []string
	due, err := a.Store.ToReindex(ctx)
	if err != nil {
		return nil, err
	}
	if due > 0 {
		out = append(out, "index-rebuilding")
	}
	if behind, err := a.screeningStuck(ctx, now); err != nil {
		return nil, err
	} else if behind {
		out = append(out, "screening-stuck")
	}
	tree, err := a.Store.AuditTree(ctx)
	if err != nil {
		return nil, err
	}
	if waiting, err := a.Store.AuditRows(ctx, tree.Size, 1); err != nil {
		return nil, err
	} else if len(waiting) > 0 && now.Sub(waiting[0].At) > stuckAfter {
		out = append(out, "log-stuck")
	}
	if doctor.LowSpace(a.Config.DataDir) {
		out = append(out, "disk-full")
	}
	if until, ok := doctor.CertificateUntil(a.Config); ok && until.Sub(now) < certificateDays {
		out = append(out, "certificate-ending")
	}
	slices.Sort(out)
	h.probed, h.reasons = now, out
	return out, nil
}

// screeningStuck reports whether somebody waits to be screened and nobody was for a while.
func (a *App) screeningStuck(ctx context.Context, now time.Time) (stuck bool, err error) {
	h := &a.health
	err = a.Store.View(record.WithActor(ctx, record.Machine("health", "")), func(tx record.Tx) error {
		at, err := tx.Cursor(hit.CursorScreening)
		if err != nil {
			return err
		}
		head, err := tx.Head()
		if err != nil {
			return err
		}
		if at >= head || at != h.screened || h.moved.IsZero() {
			h.screened, h.moved = at, now
		}
		stuck = at < head && now.Sub(h.moved) > stuckAfter
		return nil
	})
	return stuck, err
}

// healthz answers a prober: 200 "ok", 200 "degraded: REASON..." while it serves all the same, 503 when the store does not
// answer.
func (a *App) healthz(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	reasons, err := a.degraded(r.Context())
	text := "ok\n"
	if err != nil {
		a.opt.Log.Error("health: the store does not answer", "err", err)
		w.WriteHeader(http.StatusServiceUnavailable)
		text = "down: store\n"
	} else if len(reasons) > 0 {
		text = "degraded: " + strings.Join(reasons, " ") + "\n"
	}
	_, _ = w.Write([]byte(text)) // the prober may be gone
}
