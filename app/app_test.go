package app_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sarhad/app"
	"sarhad/internal/authn"
	"sarhad/record"
	"sarhad/synth"
)

const password = "quiet-river-4417-test"

// node starts a whole node in a temporary directory on a free port, with one user for each role.
func node(t *testing.T, dir string) *app.App {
	t.Helper()
	return nodeWith(t, dir, app.Options{})
}

func nodeWith(t *testing.T, dir string, opt app.Options) *app.App {
	t.Helper()
	ctx := t.Context()
	opt.HTTP = "127.0.0.1:0"
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if _, err := os.Stat(filepath.Join(dir, "sarhad.toml")); err != nil {
		if _, err := app.Init(ctx, dir, app.Setup{Role: "node", Country: "KZ", Admin: "first"}); err != nil {
			t.Fatal(err)
		}
	}
	a, err := app.New(ctx, dir, opt)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Start(ctx); err != nil {
		t.Fatal(err)
	}
	machine := record.WithActor(ctx, record.Machine("test", ""))
	for _, role := range []string{"analyst", "supervisor", "border", "oversight", "admin"} {
		agency, place := "KAZ-PIU", ""
		if role == "border" {
			agency, place = "KAZ-BGS", "ALA"
		}
		_, err := a.Authn.CreateUser(machine, role, authn.Profile{Display: "The " + role, Agency: agency, Place: place, Roles: []string{role}, Lang: "en"}, password, false)
		if err != nil && record.KindOf(err) != record.Conflict {
			t.Fatal(err)
		}
	}
	return a
}

// browser is one signed-in officer.
type browser struct {
	t    *testing.T
	base string
	http *http.Client
	csrf string
}

func signIn(t *testing.T, a *app.App, name string) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := &browser{t: t, base: "http://localhost:" + port(a), http: &http.Client{Jar: jar, Timeout: 20 * time.Second}}
	var me struct{ CSRF string }
	b.do("POST", "/session", map[string]string{"name": name, "password": password}, &me, 200)
	b.csrf = me.CSRF
	return b
}

func port(a *app.App) string {
	u, err := url.Parse(a.URL())
	if err != nil {
		panic(err)
	}
	return u.Port()
}

func (b *browser) send(method, path, contentType string, body []byte) (int, []byte) {
	b.t.Helper()
	req, err := http.NewRequest(method, b.base+"/api"+path, bytes.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("X-CSRF-Token", b.csrf)
	req.Header.Set("Origin", b.base)
	res, err := b.http.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return res.StatusCode, got
}

func (b *browser) do(method, path string, in, out any, want int) {
	b.t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		b.t.Fatal(err)
	}
	if in == nil {
		body = nil
	}
	status, got := b.send(method, path, "application/json", body)
	if status != want {
		b.t.Fatalf("%s %s: %d, want %d: %.400s", method, path, status, want, got)
	}
	if out != nil {
		if err := json.Unmarshal(got, out); err != nil {
			b.t.Fatalf("%s %s: %v in %.300s", method, path, err, got)
		}
	}
}

func (b *browser) get(path string, out any) { b.t.Helper(); b.do("GET", path, nil, out, 200) }

// upload sends files as a browser does.
func (b *browser) upload(path string, files map[string][]byte, want int) []byte {
	b.t.Helper()
	var buf bytes.Buffer
	w := multipart.NewWriter(&buf)
	for name, data := range files {
		part, err := w.CreateFormFile("files", name)
		if err != nil {
			b.t.Fatal(err)
		}
		if _, err := part.Write(data); err != nil {
			b.t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		b.t.Fatal(err)
	}
	status, got := b.send("POST", path, w.FormDataContentType(), buf.Bytes())
	if status != want {
		b.t.Fatalf("POST %s: %d, want %d: %.400s", path, status, want, got)
	}
	return got
}

// listen opens the event stream and gives what comes, piece by piece.
func (b *browser) listen() <-chan string {
	b.t.Helper()
	ctx, cancel := context.WithCancel(b.t.Context())
	b.t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, "GET", b.base+"/api/events", nil)
	if err != nil {
		b.t.Fatal(err)
	}
	res, err := (&http.Client{Jar: b.http.Jar}).Do(req)
	if err != nil || res.StatusCode != 200 {
		b.t.Fatal(err, res)
	}
	out := make(chan string, 100)
	go func() {
		defer res.Body.Close()
		buf := make([]byte, 64<<10)
		for {
			n, err := res.Body.Read(buf)
			if n > 0 {
				out <- string(buf[:n])
			}
			if err != nil {
				return
			}
		}
	}()
	return out
}

// until waits for a condition.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain until %s", what)
		}
		time.Sleep(20 * time.Millisecond) // the condition is asked again; nothing depends on the length
	}
}

func region(t *testing.T) *synth.Region {
	t.Helper()
	r, err := synth.New(synth.Config{Now: time.Now(), Seed: 3, FlightsPerDay: 10, HistoryDays: -1, Known: 3, LookAlikes: 12, National: 60, UN: 20, OFAC: 30})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

type hitRow struct {
	ID, State, Place string
	Traveller        struct{ Name, Document string }
	Verdict          struct{ Leans string }
	Strongest        []struct {
		TextEn string `json:"text_en"`
		TextRu string `json:"text_ru"`
	}
}

// fill imports the region through the API and waits until everybody is screened.
func fill(t *testing.T, b *browser, r *synth.Region) (persons int) {
	t.Helper()
	for name, data := range r.ListFiles() {
		if name == "national.csv" {
			b.upload("/lists/import", map[string][]byte{name: data}, 200)
		}
	}
	for _, m := range r.Messages() {
		var res struct {
			Items []struct {
				Accepted int
				Error    string
			}
		}
		if err := json.Unmarshal(b.upload("/imports", map[string][]byte{m.Name: m.Body}, 200), &res); err != nil {
			t.Fatal(err)
		}
		if res.Items[0].Accepted != m.Persons || res.Items[0].Error != "" {
			t.Fatalf("%s: %d persons accepted of %d; %s", m.Name, res.Items[0].Accepted, m.Persons, res.Items[0].Error)
		}
		persons += m.Persons
	}
	until(t, "everybody is screened", func() bool {
		var s struct{ Unscreened int }
		b.get("/status", &s)
		return s.Unscreened == 0
	})
	return persons
}

// TestFromFileToOutcome proves the ground floor end to end through the API: files in, hits out, one dismissed, one confirmed,
// the booth acts, the analyst sees it, oversight finds both, the log verifies - and does not when a row is changed.
func TestFromFileToOutcome(t *testing.T) {
	dir := t.TempDir()
	a := node(t, dir)
	analyst, booth := signIn(t, a, "analyst"), signIn(t, a, "border")
	fill(t, analyst, region(t))

	var hits struct{ Items []hitRow }
	analyst.get("/hits?limit=100", &hits)
	if len(hits.Items) < 3 {
		t.Fatalf("%d hits from 3 listed travellers and 12 look-alikes", len(hits.Items))
	}
	for _, h := range hits.Items {
		if len(h.Strongest) == 0 || h.Strongest[0].TextEn == "" || h.Strongest[0].TextRu == "" {
			t.Errorf("hit %s does not explain itself", h.ID)
		}
	}
	var confirm, dismiss string
	for _, h := range hits.Items {
		if h.Place == "ALA" && confirm == "" {
			confirm = h.ID
		} else if dismiss == "" {
			dismiss = h.ID
		}
	}
	if confirm == "" {
		t.Fatal("no hit arrives at ALA in this region; choose another seed")
	}
	analyst.do("POST", "/hits/"+dismiss+"/dismiss", map[string]any{"reason": "birth-date"}, nil, 409) // not claimed
	analyst.do("POST", "/hits/"+dismiss+"/claim", map[string]any{}, nil, 200)
	analyst.do("POST", "/hits/"+dismiss+"/dismiss", map[string]any{"reason": "because"}, nil, 422) // not in the vocabulary
	analyst.do("POST", "/hits/"+dismiss+"/dismiss", map[string]any{"reason": "birth-date"}, nil, 200)
	analyst.do("POST", "/hits/"+confirm+"/claim", map[string]any{}, nil, 200)
	var page struct {
		Instruction *struct{ ID, State string }
		State       string
		Raw         struct{ Segments []string }
		Compare     []struct{ Field string }
	}
	analyst.confirm(confirm, "second-line", "Compare the face", &page)
	if page.Instruction == nil || len(page.Raw.Segments) == 0 || len(page.Compare) != 5 {
		t.Fatalf("page of the confirmed hit: %+v", page)
	}
	type orders struct{ Items []struct{ ID, State string } }
	var seen orders
	booth.get("/instructions", &seen)
	if len(seen.Items) != 0 {
		t.Error("the booth sees an instruction that can still be undone")
	}
	until(t, "the instruction reaches the booth", func() bool { booth.get("/instructions", &seen); return len(seen.Items) == 1 })
	order := seen.Items[0].ID
	booth.do("POST", "/instructions/"+order+"/acknowledge", map[string]any{}, nil, 200)
	booth.do("POST", "/instructions/"+order+"/outcome", map[string]any{"code": "nothing-found", "note": "papers in order"}, nil, 200)
	until(t, "the analyst sees the outcome", func() bool { analyst.get("/hits/"+confirm, &page); return page.State == "closed" })

	oversight := signIn(t, a, "oversight")
	for id, verdict := range map[string]string{dismiss: "dismissed", confirm: "confirmed"} {
		var looks struct {
			Items []struct {
				Action, Verdict string
				User            struct{ Display string }
				Subject         struct{ Title string }
			}
		}
		oversight.get("/oversight/looks?action=decide&subject="+id, &looks)
		if len(looks.Items) != 1 || looks.Items[0].Verdict != verdict || looks.Items[0].User.Display != "The analyst" || looks.Items[0].Subject.Title == "" {
			t.Errorf("oversight finds %+v for the %s hit", looks.Items, verdict)
		}
	}
	var quick struct{ Items []any }
	oversight.get("/oversight/quick", &quick)
	if len(quick.Items) != 2 {
		t.Errorf("%d decisions under ten seconds, want 2", len(quick.Items))
	}
	var verified struct {
		OK       bool
		Findings []any
	}
	oversight.do("POST", "/oversight/verify", map[string]any{}, &verified, 200)
	if !verified.OK {
		t.Errorf("the log does not verify: %v", verified.Findings)
	}
	if err := a.Sequencer.TakeIn(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := a.Sequencer.Sign(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := a.Stop(); err != nil {
		t.Fatal(err)
	}
	tamper(t, dir)
}

// tamper changes the log behind the node's back, in several ways, and expects the offline check to find each.
func tamper(t *testing.T, dir string) {
	t.Helper()
	verify := func() (kinds []string) {
		a, err := app.New(t.Context(), dir, app.Options{Log: slog.New(slog.DiscardHandler), ReadOnly: true})
		if err != nil {
			t.Fatal(err)
		}
		defer a.Stop()
		rep, err := a.VerifyAudit(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range rep.Findings {
			kinds = append(kinds, f.Kind)
		}
		return kinds
	}
	if got := verify(); len(got) != 0 {
		t.Fatalf("an untouched log: %v", got)
	}
	db, err := sql.Open("sqlite", filepath.Join(dir, "sarhad.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var table, number string
	if err := db.QueryRow(`SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'audit%' ORDER BY length(name) LIMIT 1`).Scan(&table); err != nil {
		t.Fatal(err)
	}
	if err := db.QueryRow(`SELECT name FROM pragma_table_info('` + table + `') ORDER BY cid LIMIT 1`).Scan(&number); err != nil {
		t.Fatal(err)
	}
	if res, err := db.Exec(`DELETE FROM ` + table + ` WHERE ` + number + ` = 7`); err != nil {
		t.Fatal(err)
	} else if n, _ := res.RowsAffected(); n != 1 {
		t.Fatalf("%d rows removed from %s", n, table)
	}
	if got := strings.Join(verify(), " "); !strings.Contains(got, "removed") {
		t.Errorf("a removed act is reported as %q", got)
	}
}

// TestNoPurposeNoData proves that named data needs a purpose of work.
func TestNoPurposeNoData(t *testing.T) {
	a := node(t, t.TempDir())
	defer a.Stop()
	b := signIn(t, a, "analyst")
	b.get("/hits", nil)
	noPurpose(t, a, "analyst")
	for _, path := range []string{"/hits", "/voyages", "/records?q=test", "/suggest?q=test"} {
		status, got := b.send("GET", path, "application/json", nil)
		if status != 403 || !strings.Contains(string(got), `"kind":"purpose"`) {
			t.Errorf("GET %s without a purpose: %d %.200s", path, status, got)
		}
	}
	b.do("PUT", "/session/purpose", map[string]string{"kind": "free", "text": "a look at a reported booking"}, nil, 200)
	b.get("/hits", nil)
}

// TestEvents proves that a change reaches an open screen, and only one that may know of it.
func TestEvents(t *testing.T) {
	a := node(t, t.TempDir())
	defer a.Stop()
	analyst := signIn(t, a, "analyst")
	mine, booth := analyst.listen(), signIn(t, a, "border").listen()
	analyst.upload("/lists/import", map[string][]byte{"own.csv": []byte("id,name\ne1,Testov Test\n")}, 200)
	deadline := time.After(20 * time.Second)
	for got := ""; !strings.Contains(got, `"topic":"watchlist"`); {
		select {
		case s := <-mine:
			got += s
		case <-deadline:
			t.Fatalf("no event of the new list: %.300s", got)
		}
	}
	for drained := false; !drained; {
		select {
		case s := <-booth:
			if strings.Contains(s, "watchlist") {
				t.Error("a booth hears of a watchlist")
			}
		default:
			drained = true
		}
	}
}

// TestBrokenFilesChangeNothing proves that bad input is one sentence and stores nothing.
func TestBrokenFilesChangeNothing(t *testing.T) {
	a := node(t, t.TempDir())
	defer a.Stop()
	b := signIn(t, a, "analyst")
	for name, data := range map[string]string{
		"list.xml":  `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><CONSOLIDATED_LIST>&a;</CONSOLIDATED_LIST>`,
		"own.csv":   "id,born\n1,1980\n",
		"noise.csv": strings.Repeat("\x00\xff", 1000),
	} {
		got := b.upload("/lists/import", map[string][]byte{name: []byte(data)}, 422)
		if !strings.Contains(string(got), name) {
			t.Errorf("%s: the answer does not name the file: %.300s", name, got)
		}
	}
	var lists struct{ Items []any }
	b.get("/lists", &lists)
	if len(lists.Items) != 0 {
		t.Errorf("%d lists after broken files", len(lists.Items))
	}
	var res struct {
		Items []struct {
			Error    string
			Accepted int
		}
	}
	if err := json.Unmarshal(b.upload("/imports", map[string][]byte{"letter.txt": []byte("Dear colleagues")}, 200), &res); err != nil {
		t.Fatal(err)
	}
	if res.Items[0].Error == "" || res.Items[0].Accepted != 0 {
		t.Errorf("a letter was taken in: %+v", res.Items[0])
	}
	if got := fmt.Sprint(b.upload("/imports", map[string][]byte{}, 422)); got == "" {
		t.Error("no answer")
	}
}
