package app_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"sarhad/app"
	"sarhad/record"
	"sarhad/web/api"
)

// said gives the answer to a plain request to the node itself.
func said(t *testing.T, a *app.App, path string, head map[string]string) (int, string) {
	t.Helper()
	req, err := http.NewRequest("GET", "http://localhost:"+port(a)+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range head {
		req.Header.Set(k, v)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

// TestHealthz proves that a prober hears "ok" of a node that works, and which part does not of one that does not, in words
// that tell nothing of what is stored.
func TestHealthz(t *testing.T) {
	a := node(t, t.TempDir())
	if status, text := said(t, a, "/healthz", nil); status != 200 || text != "ok\n" {
		t.Errorf("%d %q", status, text)
	}
	if err := a.Stop(); err != nil {
		t.Fatal(err)
	}

	// A node whose parts stand still, seen by a clock that goes on.
	dir := t.TempDir()
	if _, err := app.Init(t.Context(), dir, app.Setup{Role: "node", Country: "KZ"}); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	now := time.Now()
	clock := func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return now
	}
	still, err := app.New(t.Context(), dir, app.Options{Log: slog.New(slog.DiscardHandler), Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	ctx := record.WithActor(t.Context(), record.Machine("test", ""))
	if _, err := api.TakeIn(ctx, still.Passengers, "m.edi", manifest("1", "ZZ0001", "ALA", now, "SECRETOVA:ANNA")); err != nil {
		t.Fatal(err)
	}
	probe := func() (int, string) {
		w := httptest.NewRecorder()
		still.Healthz(w, httptest.NewRequest("GET", "/healthz", nil))
		return w.Code, w.Body.String()
	}
	if status, text := probe(); status != 200 || text != "ok\n" {
		t.Errorf("at once: %d %q", status, text)
	}
	mu.Lock()
	now = now.Add(3 * time.Minute)
	mu.Unlock()
	if status, text := probe(); status != 200 || text != "degraded: log-stuck screening-stuck\n" {
		t.Errorf("three minutes later: %d %q", status, text)
	}
	mu.Lock()
	now = now.Add(3 * time.Minute)
	mu.Unlock()
	if err := still.Stop(); err != nil {
		t.Fatal(err)
	}
	if status, text := probe(); status != 503 || text != "down: store\n" {
		t.Errorf("without a store: %d %q", status, text)
	}
}

// TestDoctorThroughTheDoor proves that the administrator, and nobody else, sees how the machine stands.
func TestDoctorThroughTheDoor(t *testing.T) {
	a := node(t, filepath.Join(t.TempDir(), "node"))
	defer a.Stop()
	var out api.Examination
	signIn(t, a, "admin").get("/doctor", &out)
	checks := map[string]string{}
	for _, f := range out.Findings {
		checks[f.Code] = f.State
	}
	if out.Worst != "bad" || checks["backup.never"] != "bad" || checks["owner.served"] != "ok" || checks["rights.closed"] != "ok" {
		t.Errorf("%+v", out)
	}
	for _, role := range []string{"supervisor", "oversight"} {
		signIn(t, a, role).do("GET", "/doctor", nil, nil, 403)
	}
}

// TestMetrics proves that the figures are there, that no label names a user or what somebody typed, and that only this
// machine and the holder of the token read them.
func TestMetrics(t *testing.T) {
	dir := t.TempDir()
	a := node(t, dir)
	analyst := signIn(t, a, "analyst")
	analyst.upload("/imports", map[string][]byte{"secretova.edi": manifest("1", "ZZ0001", "ALA", time.Now(), "SECRETOVA:ANNA")}, 200)
	analyst.do("GET", "/secretova/x", nil, nil, 404)
	analyst.do("GET", "/records?q=secretova", nil, nil, 200)
	status, text := said(t, a, "/metrics", nil)
	if status != 200 {
		t.Fatalf("%d %s", status, text)
	}
	for _, want := range []string{
		`(?m)^sarhad_http_requests_total\{class="imports",status="200"\} 1$`, `(?m)^sarhad_http_requests_total\{class="other",status="404"\} 1$`,
		`(?m)^sarhad_store_seconds_count\{op="update"\} [1-9]`, `(?m)^sarhad_unscreened_persons \d+$`, `(?m)^sarhad_open_hits 0$`, `(?m)^sarhad_unsequenced_acts \d+$`,
		`(?m)^sarhad_erasure_journal_lines 0$`, `(?m)^sarhad_event_streams 0$`, `(?m)^sarhad_change_sequence [1-9]`, `(?m)^go_goroutines [1-9]`,
	} {
		if !regexp.MustCompile(want).MatchString(text) {
			t.Errorf("no figure %s", want)
		}
	}
	for _, bad := range []string{"secretova", "analyst", "anna", "first"} {
		if strings.Contains(strings.ToLower(text), bad) {
			t.Errorf("the figures say %q", bad)
		}
	}
	for _, head := range []map[string]string{{"X-Forwarded-For": "10.0.0.1"}, {"Forwarded": "for=10.0.0.1"}, {"Authorization": "Bearer x", "Via": "1.1 p"}} {
		if status, text := said(t, a, "/metrics", head); status != 403 {
			t.Errorf("through a proxy or with a wrong token: %v: %d %.80s", head, status, text)
		}
	}
	if err := a.Stop(); err != nil {
		t.Fatal(err)
	}

	// With a token: who has it reads from anywhere, who has a wrong one reads nothing.
	settings := filepath.Join(dir, "sarhad.toml")
	b, err := os.ReadFile(settings)
	if err != nil {
		t.Fatal(err)
	}
	b = bytes.Replace(b, []byte(`metrics_token_file = ""`), []byte(`metrics_token_file = "scrape.token"`), 1)
	if err := os.WriteFile(settings, b, 0o600); err != nil {
		t.Fatal(err)
	}
	begin := func() error {
		a, err := app.New(t.Context(), dir, app.Options{Log: slog.New(slog.DiscardHandler), HTTP: "127.0.0.1:0"})
		if err != nil {
			return err
		}
		defer a.Stop()
		return a.Start(t.Context())
	}
	if err := begin(); record.KindOf(err) != record.Invalid || !strings.Contains(record.MessageOf(err), "metrics_token_file") {
		t.Errorf("a token file that is missing: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "scrape.token"), []byte("short\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := begin(); record.KindOf(err) != record.Invalid {
		t.Errorf("a token of five letters: %v", err)
	}
	const token = "0123456789abcdef"
	if err := os.WriteFile(filepath.Join(dir, "scrape.token"), []byte(token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	a = node(t, dir)
	defer a.Stop()
	if status, _ := said(t, a, "/metrics", map[string]string{"Authorization": "Bearer " + token, "X-Forwarded-For": "10.0.0.1"}); status != 200 {
		t.Errorf("with the token: %d", status)
	}
	if status, _ := said(t, a, "/metrics", map[string]string{"Authorization": "Bearer " + token + "0"}); status != 403 {
		t.Errorf("with a wrong token: %d", status)
	}
}

// TestLogsNameNobody proves that whatever people do, the log of the program holds no name, document, password or question of
// theirs, at any level.
func TestLogsNameNobody(t *testing.T) {
	var mu sync.Mutex
	var lines bytes.Buffer
	captured := slog.New(slog.NewJSONHandler(writer(func(p []byte) {
		mu.Lock()
		defer mu.Unlock()
		lines.Write(p)
	}), &slog.HandlerOptions{Level: slog.LevelDebug, AddSource: true}))
	captured.Info("begin")
	a := nodeWith(t, t.TempDir(), app.Options{Log: captured})
	analyst := signIn(t, a, "analyst")

	id := oneHit(t, analyst, "7", "ZZ0007", "ALA") // ERGASHEV BOTIR, ZZ00070000
	analyst.do("POST", "/hits/"+id+"/claim", nil, nil, 200)
	analyst.do("POST", "/hits/"+id+"/confirm", map[string]string{"reason": "no such reason", "note": "ERGASHEV again"}, nil, 422)
	analyst.do("GET", "/records?q=ergashev", nil, nil, 200)
	analyst.do("GET", "/records/ergashev", nil, nil, 404)
	analyst.do("PUT", "/lists/ergashev", map[string]string{"effect": "national", "reason": "order 12"}, nil, 403)
	analyst.upload("/imports", map[string][]byte{"ergashev.edi": []byte("NAD+FL+++ERGASHEV:BOTIR'")}, 200)
	analyst.do("POST", "/imports", map[string]string{"ERGASHEV": "BOTIR"}, nil, 422)
	stranger := &browser{t: t, base: analyst.base, http: &http.Client{}}
	for _, name := range []string{"analyst", "ergashev.botir"} {
		stranger.do("POST", "/session", map[string]string{"name": name, "password": "wrong-ERGASHEV-9"}, nil, 401)
	}
	signIn(t, a, "admin").do("POST", "/users", map[string]any{"name": "ergashev.b", "display": "ERGASHEV BOTIR", "agency": "KAZ-PIU", "roles": []string{"nobody"}, "lang": "en"}, nil, 422)
	if err := a.Stop(); err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	log := strings.ToLower(lines.String())
	if !strings.Contains(log, `"begin"`) {
		t.Fatal("nothing was captured")
	}
	for _, secret := range []string{"ergashev", "botir", "zz00070000", "otherman", "800101", "1980-01-01", "wrong-", strings.ToLower(password), "the analyst", "no such reason"} {
		if at := strings.Index(log, secret); at >= 0 {
			t.Errorf("the log says %q: %.300s", secret, log[max(0, at-200):])
		}
	}
}

type writer func([]byte)

func (f writer) Write(p []byte) (int, error) {
	f(p)
	return len(p), nil
}
