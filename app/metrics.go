package app

import (
	"context"
	"crypto/subtle"
	"errors"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"sarhad/record"
	"sarhad/screening/hit"
)

const (
	// scrapeWithin bounds what one reading of the figures may take.
	scrapeWithin = 5 * time.Second
	// manyHits is where counting open hits ends: a unit with more has another problem.
	manyHits = 5000
	// minToken is the shortest token that counts as one.
	minToken = 16
)

// classes are the routes that are counted apart, by the first word behind /api/. Anything else is "other", so that nobody
// makes new series by asking for what does not exist. A class names no record and no user.
var classes = []string{"access", "airports", "demo", "doctor", "events", "hits", "imports", "instructions", "lists", "mentions", "oversight",
	"records", "session", "status", "suggest", "today", "users", "vocab", "voyages"}

// metrics are the figures of a node for Prometheus. Labels are classes, operations and codes: never a name, an id or a word
// that somebody typed.
type metrics struct {
	app      *App
	token    string
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	took     *prometheus.HistogramVec
	storage  *prometheus.HistogramVec
	failures *prometheus.CounterVec
	gauges   []gauge
	handler  http.Handler
}

// gauge is a figure that is read when somebody asks.
type gauge struct {
	desc *prometheus.Desc
	read func(tx record.Tx) (int, error)
}

func newMetrics() *metrics {
	m := &metrics{registry: prometheus.NewRegistry()}
	m.requests = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "sarhad_http_requests_total", Help: "Answered requests by class of route and status."}, []string{"class", "status"})
	m.took = prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "sarhad_http_request_seconds", Help: "Time to answer by class of route, event streams left out.",
		Buckets: []float64{.001, .003, .01, .03, .1, .3, 1, 3, 10}}, []string{"class"})
	m.storage = prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "sarhad_store_seconds", Help: "Time of a call to the store, waiting for its turn included.",
		Buckets: []float64{.0001, .0003, .001, .003, .01, .03, .1, .3, 1, 3}}, []string{"op"})
	m.failures = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "sarhad_store_failures_total", Help: "Calls to the store that failed by our fault or the disk's."}, []string{"op"})
	m.registry.MustRegister(m.requests, m.took, m.storage, m.failures, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.handler = promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError})
	return m
}

// ready takes the node that is measured, and reads the token of its settings.
func (m *metrics) ready(a *App) error {
	m.app = a
	if path := a.Config.MetricsTokenFile; path != "" {
		b, err := os.ReadFile(path)
		m.token = strings.TrimSpace(string(b))
		if err != nil || len(m.token) < minToken {
			return &record.Error{Kind: record.Invalid, Err: err, Message: "the file of metrics_token_file in sarhad.toml cannot be used: it must be readable and hold a token of at least " +
				strconv.Itoa(minToken) + " characters"}
		}
	}
	m.gauges = m.figures()
	return m.registry.Register(m)
}

// figures are the lengths of what waits.
func (m *metrics) figures() []gauge {
	desc := func(name, help string) *prometheus.Desc { return prometheus.NewDesc("sarhad_"+name, help, nil, nil) }
	a := m.app
	return []gauge{
		{desc("unscreened_persons", "Persons stored but not yet held against the lists."), func(tx record.Tx) (int, error) {
			at, err := tx.Cursor(hit.CursorScreening)
			if err != nil {
				return 0, err
			}
			return tx.Behind(at)
		}},
		{desc("open_hits", "Hits that wait for a decision, at most 5000."), func(tx record.Tx) (int, error) {
			return tx.Count(record.Query{Kinds: []string{hit.KindHit}, States: hit.OpenStates()}, manyHits)
		}},
		{desc("change_sequence", "Head of the change sequence."), func(tx record.Tx) (int, error) {
			head, err := tx.Head()
			return int(head), err
		}},
		{desc("erasure_journal_lines", "Lines of the journal of erasures."), func(tx record.Tx) (int, error) {
			head, err := tx.ErasureHead()
			return int(head), err
		}},
		{desc("event_streams", "Screens that are told of changes."), func(record.Tx) (int, error) { return a.Events.Listening(), nil }},
	}
}

// unsequencedDesc counts acts that are not in the tree yet; it is not read through a Tx.
func unsequencedDesc() *prometheus.Desc {
	return prometheus.NewDesc("sarhad_unsequenced_acts", "Acts that are not in the log's tree yet.", nil, nil)
}

// Describe implements prometheus.Collector.
func (m *metrics) Describe(out chan<- *prometheus.Desc) {
	for _, g := range m.gauges {
		out <- g.desc
	}
	out <- unsequencedDesc()
}

// Collect implements prometheus.Collector. A figure that cannot be read is left out: a wrong 0 would look like peace.
func (m *metrics) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(record.WithActor(context.Background(), record.Machine("metrics", "")), scrapeWithin)
	defer cancel()
	err := m.app.Store.View(ctx, func(tx record.Tx) error {
		for _, g := range m.gauges {
			n, err := g.read(tx)
			if err != nil {
				return err
			}
			out <- prometheus.MustNewConstMetric(g.desc, prometheus.GaugeValue, float64(n))
		}
		return nil
	})
	if err == nil {
		tree, err := m.app.Store.AuditTree(ctx)
		if err == nil {
			out <- prometheus.MustNewConstMetric(unsequencedDesc(), prometheus.GaugeValue, float64(tree.Rows-tree.Size))
		}
	}
}

// store is told of each call to the store.
func (m *metrics) store(op string, took time.Duration, err error) {
	m.storage.WithLabelValues(op).Observe(took.Seconds())
	if record.KindOf(err) == record.Internal && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
		m.failures.WithLabelValues(op).Inc()
	}
}

// serve answers GET /metrics: to this machine, or to whoever has the token. A request that came through a proxy is not from
// this machine.
func (m *metrics) serve(w http.ResponseWriter, r *http.Request) {
	if !m.mayRead(r) {
		http.Error(w, "figures are read on this machine, or with the token of metrics_token_file", http.StatusForbidden)
		return
	}
	m.handler.ServeHTTP(w, r)
}

func (m *metrics) mayRead(r *http.Request) bool {
	if given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok && m.token != "" {
		return subtle.ConstantTimeCompare([]byte(strings.TrimSpace(given)), []byte(m.token)) == 1
	}
	for _, h := range []string{"Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via"} {
		if r.Header.Get(h) != "" {
			return false
		}
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	ip := net.ParseIP(host)
	return err == nil && ip != nil && ip.IsLoopback()
}

// counted counts what is answered.
func (m *metrics) counted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began, seen := time.Now(), &statusWriter{ResponseWriter: w, status: http.StatusOK}
		class := classOf(r.URL.Path)
		defer func() {
			m.requests.WithLabelValues(class, strconv.Itoa(seen.status)).Inc()
			if class != "events" {
				m.took.WithLabelValues(class).Observe(time.Since(began).Seconds())
			}
		}()
		next.ServeHTTP(seen, r)
	})
}

func classOf(path string) string {
	rest, ok := strings.CutPrefix(path, "/api/")
	switch {
	case path == "/healthz" || path == "/metrics":
		return "probe"
	case !ok:
		return "page"
	}
	word, _, _ := strings.Cut(rest, "/")
	if slices.Contains(classes, word) {
		return word
	}
	return "other"
}

// statusWriter remembers the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int
	begun  bool
}

// WriteHeader remembers the first final status; an informational one is passed on only.
func (w *statusWriter) WriteHeader(status int) {
	if !w.begun && status >= http.StatusOK {
		w.status, w.begun = status, true
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write begins an answer that said no status: it is 200 then.
func (w *statusWriter) Write(p []byte) (int, error) {
	w.begun = true
	return w.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach what streams need.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
