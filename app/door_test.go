package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sarhad/app"
	"sarhad/internal/authn"
	"sarhad/record"
	"sarhad/record/access"
	"sarhad/record/audit"
)

// manifest is a passenger list of a flight from Tashkent that lands at a place of Kazakhstan; persons are surname:given.
func manifest(ref, flight, to string, lands time.Time, persons ...string) []byte {
	local := lands.UTC().Add(5 * time.Hour).Format("0601021504") // Kazakhstan is at UTC+5, Uzbekistan too
	took := lands.UTC().Add(4 * time.Hour).Format("0601021504")
	s := fmt.Sprintf("UNB+UNOA:4+ZZHOST+PIU+240310:0700+%[1]s'UNH+%[1]s+PAXLST:D:12B:UN:IATA'BGM+745'TDT+20+%[2]s+++%[3]s'LOC+125+TAS'DTM+189:%[4]s:201'LOC+87+%[5]s'DTM+232:%[6]s:201'",
		ref, flight, flight[:2], took, to, local)
	for i, p := range persons {
		s += fmt.Sprintf("NAD+FL+++%s'ATT+2++M'DTM+329:800101'NAT+2+UZB'DOC+P+%s%04d'DTM+36:300101'LOC+91+UZB'", p, flight, i)
	}
	return []byte(s + "UNT+0+" + ref + "'UNZ+1+" + ref + "'")
}

const ownList = "id,name,born,sex,nationality\ne1,ERGASHEV BOTIR,1980-01-01,M,UZB\n"

// form makes the body of an upload with fields beside the file.
func form(t *testing.T, name string, data []byte, fields map[string]string) (contentType string, body []byte) {
	t.Helper()
	var buf bytes.Buffer
	w := multipart.NewWriter(&buf)
	for k, v := range fields {
		if err := w.WriteField(k, v); err != nil {
			t.Fatal(err)
		}
	}
	part, err := w.CreateFormFile("files", name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), buf.Bytes()
}

// posts gives a user another post; live sessions have it with their next request.
func posts(t *testing.T, a *app.App, name, role, agency, place string) {
	t.Helper()
	machine := record.WithActor(t.Context(), record.Machine("test", ""))
	u, err := a.Authn.UserByName(machine, name)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Authn.SetProfile(machine, u.ID, authn.Profile{Display: u.Display, Agency: agency, Place: place, Roles: []string{role}, Lang: "en"}); err != nil {
		t.Fatal(err)
	}
}

// acts gives what a user did, newest first.
func acts(t *testing.T, a *app.App, user string, actions ...string) []audit.Row {
	t.Helper()
	u, err := a.Authn.UserByName(t.Context(), user)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := a.Store.AskAudit(t.Context(), audit.Question{User: u.ID, Actions: actions, Limit: 200})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// oneHit brings in a list and a flight with a listed traveller, who lands soon, and gives the hit.
func oneHit(t *testing.T, analyst *browser, ref, flight, to string) string {
	t.Helper()
	analyst.upload("/lists/import", map[string][]byte{"own.csv": []byte(ownList)}, 200)
	analyst.upload("/imports", map[string][]byte{ref + ".edi": manifest(ref, flight, to, time.Now().Add(2*time.Hour), "ERGASHEV:BOTIR", "OTHERMAN:SOMEBODY")}, 200)
	id := ""
	until(t, "the traveller of "+flight+" is a hit", func() bool {
		var hits struct {
			Items []struct {
				ID     string
				Voyage struct{ Label string }
			}
		}
		analyst.get("/hits", &hits)
		for _, h := range hits.Items {
			if strings.ReplaceAll(h.Voyage.Label, " ", "") == flight {
				id = h.ID
			}
		}
		return id != ""
	})
	return id
}

// TestImportAsksForTheReach proves that files are brought in by the agency that will own them only, and that the effect of
// a list and force are a supervisor's.
func TestImportAsksForTheReach(t *testing.T) {
	a := node(t, t.TempDir())
	defer a.Stop()
	b := signIn(t, a, "analyst")
	b.upload("/lists/import", map[string][]byte{"own.csv": []byte(ownList)}, 200)
	send := func(path string, data string, fields map[string]string, want int) {
		t.Helper()
		contentType, body := form(t, "own.csv", []byte(data), fields)
		if status, got := b.send("POST", path, contentType, body); status != want {
			t.Errorf("%s with %v: %d, want %d: %.300s", path, fields, status, want, got)
		}
	}
	send("/lists/import", ownList, map[string]string{"effect": "binding"}, 403)
	send("/lists/import", ownList, map[string]string{"force": "true"}, 403)
	send("/lists/preview", ownList, map[string]string{"force": "true"}, 403)
	send("/lists/import", ownList, map[string]string{"title": "Of our own"}, 200)
	posts(t, a, "analyst", "supervisor", "KAZ-PIU", "")
	send("/lists/import", ownList, map[string]string{"effect": "binding", "force": "true"}, 200)
	b.do("PUT", "/lists/own", map[string]string{"effect": "binding", "reason": "order 12"}, nil, 200)
	for _, role := range []string{"analyst", "supervisor"} {
		posts(t, a, "analyst", role, "KAZ-CUST", "")
		send("/lists/import", ownList, nil, 403)
		send("/lists/preview", ownList, nil, 403)
		send("/lists/import", "no list at all", nil, 403) // the right is asked before the file is read
		send("/imports", "no message at all", nil, 403)
	}
	if status, got := b.send("PUT", "/lists/own", "application/json", []byte(`{"effect":"national","reason":"test"}`)); status != 404 {
		t.Errorf("a list of another agency was changed: %d %.200s", status, got)
	}
}

// TestUploadLeavesNothing proves over the wire that no file of travellers stays in the temporary directory.
func TestUploadLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	a := node(t, t.TempDir())
	defer a.Stop()
	b := signIn(t, a, "analyst")
	t.Setenv("TMPDIR", dir)
	b.upload("/imports", map[string][]byte{"small.edi": bytes.Repeat([]byte("x"), 9<<10)}, 200)
	b.upload("/imports", map[string][]byte{"large.edi": bytes.Repeat([]byte("x"), 33<<20)}, 200)
	b.upload("/lists/import", map[string][]byte{"large.csv": bytes.Repeat([]byte("x"), 33<<20)}, 422)
	if all, err := os.ReadDir(dir); err != nil || len(all) > 0 {
		t.Errorf("%d files of uploads stay in the temporary directory: %v", len(all), err)
	}
}

// TestEverySearchIsAnAct proves that probing shows: another question is another act, the same one asked again too, and the
// log can tell that it was the same without knowing what it was.
func TestEverySearchIsAnAct(t *testing.T) {
	a := node(t, t.TempDir())
	defer a.Stop()
	b := signIn(t, a, "analyst")
	for _, q := range []string{"ivanov", "petrov", "IVANOV", "Иванов"} {
		b.get("/records?q="+q, nil)
	}
	rows := acts(t, a, "analyst", "search")
	if len(rows) != 4 {
		t.Fatalf("%d acts of 4 searches that find nobody", len(rows))
	}
	if rows[0].Reason == "" || rows[0].Reason == rows[2].Reason || rows[0].Reason != rows[1].Reason || rows[0].Reason != rows[3].Reason {
		t.Errorf("the same question, another one: %q %q %q %q", rows[3].Reason, rows[2].Reason, rows[1].Reason, rows[0].Reason)
	}
	for _, r := range rows {
		if text := fmt.Sprint(r.Act); strings.Contains(strings.ToLower(text), "ivanov") || strings.Contains(text, "petrov") {
			t.Errorf("the log says what was searched for: %s", text)
		}
	}
	for path, more := range map[string]int{"/suggest?q=ivanov": 2, "/hits?q=ivanov": 2, "/voyages?q=ivanov": 2, "/lists/own/entries?q=ivanov": 2} {
		before := len(acts(t, a, "analyst", "search"))
		b.get(path, nil)
		b.get(path, nil)
		if got := len(acts(t, a, "analyst", "search")) - before; got != more {
			t.Errorf("GET %s twice: %d acts, want %d", path, got, more)
		}
	}
	before := len(acts(t, a, "analyst"))
	for range 3 { // a screen that reloads itself asks nothing new
		b.quiet("/records?q=ivanov", 200)
	}
	b.get("/hits", nil)
	b.get("/hits", nil)
	b.get("/hits?state=overdue", nil)
	if got := len(acts(t, a, "analyst")) - before; got != 2 {
		t.Errorf("two different lists, one of them twice, and reloads: %d acts, want 2", got)
	}
}

// quiet is a GET that a screen makes by itself.
func (b *browser) quiet(path string, want int) {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), "GET", b.base+"/api"+path, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set(authn.QuietHeader, "1")
	res, err := b.http.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != want {
		b.t.Errorf("GET %s by itself: %d, want %d", path, res.StatusCode, want)
	}
}

// TestWhoWatchesIsWatched proves that oversight, supervisors and administrators leave acts that say how much they saw.
func TestWhoWatchesIsWatched(t *testing.T) {
	a := node(t, t.TempDir())
	defer a.Stop()
	analyst := signIn(t, a, "analyst")
	hit := oneHit(t, analyst, "1", "ZZ101", "ALA")
	analyst.do("POST", "/hits/"+hit+"/claim", map[string]any{}, nil, 200)
	analyst.do("POST", "/hits/"+hit+"/dismiss", map[string]any{"reason": "birth-date"}, nil, 200)
	oversight := signIn(t, a, "oversight")
	for _, c := range []struct {
		path       string
		count, ids bool
	}{
		{"/today", true, true},
		{"/oversight/looks", true, true},
		{"/oversight/looks?subject=" + hit, true, true},
		{"/oversight/looks?action=decide", true, true},
		{"/oversight/looks?action=claim", true, true},
		{"/oversight/looks?subject=01900000-0000-7000-8000-000000000000", false, false},
		{"/oversight/looks?user=nobody", false, false},
		{"/oversight/quick", true, true},
		{"/oversight/purposes", true, false},
		{"/oversight/log", false, false},
	} {
		before := len(acts(t, a, "oversight", "oversee"))
		oversight.get(c.path, nil)
		oversight.get(c.path, nil)
		rows := acts(t, a, "oversight", "oversee")
		if len(rows)-before != 1 {
			t.Errorf("GET %s twice: %d acts, want 1", c.path, len(rows)-before)
			continue
		}
		if r := rows[0]; (r.Count > 0) != c.count || (r.IDs != "") != c.ids || r.Purpose.Kind == "" {
			t.Errorf("GET %s: act %+v", c.path, r.Act)
		}
	}
	signIn(t, a, "supervisor").get("/today", nil)
	if rows := acts(t, a, "supervisor", "oversee"); len(rows) != 1 || rows[0].Count != 1 || rows[0].Topic != access.Hit {
		t.Errorf("acts of a supervisor's first page: %+v", rows)
	}
	admin := signIn(t, a, "admin")
	admin.get("/today", nil)
	admin.get("/users", nil)
	if rows := acts(t, a, "admin", "list"); len(rows) != 2 || rows[0].Count != 6 || rows[0].IDs == "" || rows[0].Topic != access.Users {
		t.Errorf("acts of an administrator: %+v", rows)
	}
}

// TestLooksByCase proves that oversight finds who looked at a hit, and who decided it, by the hit they named as purpose.
func TestLooksByCase(t *testing.T) {
	a := node(t, t.TempDir())
	defer a.Stop()
	analyst := signIn(t, a, "analyst")
	hit := oneHit(t, analyst, "1", "ZZ101", "ALA")
	analyst.get("/hits/"+hit, nil)
	analyst.do("POST", "/hits/"+hit+"/claim", map[string]any{}, nil, 200)
	var looks struct {
		Items []struct {
			Action  string
			Purpose record.Purpose
		}
	}
	signIn(t, a, "oversight").get("/oversight/looks?case="+hit, &looks)
	found := map[string]bool{}
	for _, l := range looks.Items {
		found[l.Action] = l.Purpose.Kind == "hit" && l.Purpose.Ref == hit
	}
	if !found["read"] || !found["claim"] {
		t.Errorf("by the hit oversight finds %+v", looks.Items)
	}
}

// TestForgottenScreenSignsOut proves that what a screen loads by itself does not keep the session, and what a person does
// keeps it.
func TestForgottenScreenSignsOut(t *testing.T) {
	var ahead atomic.Int64
	a := nodeWith(t, t.TempDir(), app.Options{Now: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }})
	defer a.Stop()
	b := signIn(t, a, "analyst")
	wait := func(d time.Duration) { ahead.Add(int64(d)) }
	wait(authn.DefaultIdle - 5*time.Minute)
	b.get("/hits", nil) // a person
	wait(authn.DefaultIdle - 5*time.Minute)
	b.quiet("/hits", 200)
	b.quiet("/today", 200)
	b.get("/status", nil)
	wait(6 * time.Minute)
	b.quiet("/hits", 401)
}

type status struct {
	Unscreened  int
	Seq         int64
	OpenHits    int
	OverdueHits int
	Open        int `json:"openInstructions"`
}

// TestStatusTellsByRight proves that each figure of the frame is for who may read what it counts, with a purpose only, and
// that overdue is the queue's own word.
func TestStatusTellsByRight(t *testing.T) {
	a := node(t, t.TempDir())
	defer a.Stop()
	b := signIn(t, a, "analyst")
	oneHit(t, b, "1", "ZZ101", "ALA")
	b.upload("/imports", map[string][]byte{"2.edi": manifest("2", "ZZ102", "ALA", time.Now().Add(20*time.Minute), "ERGASHEV:BOTIR")}, 200)
	// A third one whose arrival is not known waits, but is not overdue.
	undated := bytes.ReplaceAll(manifest("3", "ZZ103", "ALA", time.Now(), "ERGASHEV:BOTIR"), []byte("DTM+232"), []byte("DTM+999"))
	b.upload("/imports", map[string][]byte{"3.edi": undated}, 200)
	read := func() (s status) { t.Helper(); b.get("/status", &s); return s }
	until(t, "three hits wait", func() bool { return read().OpenHits == 3 })
	var queue struct{ Counts struct{ Open, Overdue int } }
	b.get("/hits", &queue)
	if s := read(); s.OverdueHits != queue.Counts.Overdue || s.OverdueHits != 1 || s.Seq == 0 {
		t.Errorf("status %+v, the queue says %+v", s, queue.Counts)
	}
	for _, post := range []struct{ role, agency, place string }{
		{"border", "KAZ-BGS", "ALA"}, {"oversight", "KAZ-PIU", ""}, {"admin", "KAZ-PIU", ""}} {
		posts(t, a, "analyst", post.role, post.agency, post.place)
		if s := read(); s != (status{}) {
			t.Errorf("%s is told %+v", post.role, s)
		}
	}
	posts(t, a, "analyst", "analyst", "KAZ-CUST", "")
	if s := read(); s.OpenHits+s.OverdueHits != 0 {
		t.Errorf("another agency is told %+v", s)
	}
	posts(t, a, "analyst", "analyst", "KAZ-PIU", "")
	if s := read(); s.OpenHits != 3 {
		t.Errorf("back on the post: %+v", s)
	}
	noPurpose(t, a, "analyst")
	if s := read(); s != (status{}) {
		t.Errorf("without a purpose: %+v", s)
	}
}

// noPurpose takes the purpose of a user's only session away.
func noPurpose(t *testing.T, a *app.App, name string) {
	t.Helper()
	u, err := a.Authn.UserByName(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	all, err := a.Authn.SessionsOf(t.Context(), u.ID)
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	all[0].User = u
	if _, err := a.Authn.SetPurpose(record.WithActor(t.Context(), all[0].Actor(time.Now())), all[0], record.Purpose{}); err != nil {
		t.Fatal(err)
	}
}

// TestStreamAsksAgain proves that a stream follows the post and the purpose of who listens, not those of its start.
func TestStreamAsksAgain(t *testing.T) {
	a := node(t, t.TempDir())
	defer a.Stop()
	machine := record.WithActor(t.Context(), record.Machine("test", ""))
	second := authn.Profile{Display: "The second", Agency: "KAZ-PIU", Roles: []string{"analyst"}, Lang: "en"}
	if _, err := a.Authn.CreateUser(machine, "second", second, password, false); err != nil {
		t.Fatal(err)
	}
	demoted, aimless, sender := signIn(t, a, "analyst"), signIn(t, a, "supervisor"), signIn(t, a, "second")
	sender.upload("/lists/import", map[string][]byte{"own.csv": []byte(ownList)}, 200)
	one, two := demoted.listen(), aimless.listen()
	hear := func(what string, stream <-chan string, word string) string {
		t.Helper()
		got, deadline := "", time.After(20*time.Second)
		for !strings.Contains(got, word) {
			select {
			case s := <-stream:
				got += s
			case <-deadline:
				t.Fatalf("%s: waited in vain for %s in %.500s", what, word, got)
			}
		}
		return got
	}
	hear("before", one, `event: status`)
	hear("before", two, `event: status`)
	posts(t, a, "analyst", "admin", "KAZ-PIU", "")
	noPurpose(t, a, "supervisor")
	hear("demoted", one, `"seq":0`) // by then the stream knows
	hear("no purpose", two, `"seq":0`)
	sender.upload("/lists/import", map[string][]byte{"second.csv": []byte("id,name\ne1,Testov Test\n")}, 200)
	for name, stream := range map[string]<-chan string{"demoted": one, "no purpose": two} {
		got := hear(name, stream, `event: status`)
		if got += hear(name, stream, `event: status`); strings.Contains(got, `"topic":"watchlist"`) {
			t.Errorf("%s: still told of a watchlist: %.500s", name, got)
		}
	}
}

// TestPurposesAreOnesOwn proves that nobody works for a duty of another post, a hit of somebody else, or words that say
// nothing, and that a case named in words opens no compartment.
func TestPurposesAreOnesOwn(t *testing.T) {
	a := node(t, t.TempDir())
	defer a.Stop()
	b := signIn(t, a, "analyst")
	hit := oneHit(t, b, "1", "ZZ101", "ALA")
	held := oneHit(t, b, "2", "ZZ102", "ALA")
	b.do("POST", "/hits/"+hit+"/claim", map[string]any{}, nil, 200)
	signIn(t, a, "supervisor").do("POST", "/hits/"+held+"/claim", map[string]any{}, nil, 200)
	var offered []record.Purpose
	b.get("/session/purposes", &offered)
	if len(offered) != 1 || offered[0].Kind != "duty" {
		t.Fatalf("offered %+v", offered)
	}
	for name, c := range map[string]struct {
		p    record.Purpose
		want int
	}{
		"the duty as offered":     {record.Purpose{Kind: "duty", Ref: offered[0].Ref, Text: offered[0].Text}, 200},
		"another post's duty":     {record.Purpose{Kind: "duty", Text: "Supervision of the shift"}, 403},
		"a duty of one's own":     {record.Purpose{Kind: "duty", Text: "whatever I like to do"}, 403},
		"a duty at another place": {record.Purpose{Kind: "duty", Ref: "NQZ", Text: offered[0].Text}, 403},
		"a hit one has claimed":   {record.Purpose{Kind: "hit", Ref: hit, Text: "possible match"}, 200},
		"somebody else's hit":     {record.Purpose{Kind: "hit", Ref: held, Text: "possible match"}, 403},
		"no hit":                  {record.Purpose{Kind: "hit", Ref: "01900000-0000-7000-8000-000000000000", Text: "possible match"}, 403},
		"no id":                   {record.Purpose{Kind: "hit", Ref: "x", Text: "possible match"}, 403},
		"words":                   {record.Purpose{Kind: "free", Text: "a call from the airline"}, 200},
		"too few words":           {record.Purpose{Kind: "free", Text: "  a call          "}, 422},
		"a case":                  {record.Purpose{Kind: "case", Ref: "2026-1", Text: "case of the customs"}, 200},
		"an enquiry":              {record.Purpose{Kind: "enquiry", Ref: "2026-2", Text: "enquiry of the customs"}, 200},
	} {
		body, err := json.Marshal(map[string]string{"kind": c.p.Kind, "ref": c.p.Ref, "text": c.p.Text})
		if err != nil {
			t.Fatal(err)
		}
		if status, got := b.send("PUT", "/session/purpose", "application/json", body); status != c.want {
			t.Errorf("%s: %d, want %d: %.200s", name, status, c.want, got)
		}
	}
	closed := compartment(t, a, hit, "2026-1")
	b.do("PUT", "/session/purpose", map[string]string{"kind": "case", "ref": "2026-1", "text": "case of the customs"}, nil, 200)
	b.do("GET", "/records/"+closed, nil, nil, 404)
}

// compartment stores a copy of a hit's record that is for the officers of a case only.
func compartment(t *testing.T, a *app.App, hit, name string) string {
	t.Helper()
	id, err := record.ParseID(hit)
	if err != nil {
		t.Fatal(err)
	}
	var closed record.Record
	err = a.Store.Update(record.WithActor(t.Context(), record.Machine("test", "")), func(tx record.Tx) error {
		rec, err := tx.Get(id)
		if err != nil {
			return err
		}
		closed = record.Record{Kind: rec.Kind, Version: rec.Version, Key: "closed", Writer: rec.Writer, Owner: rec.Owner, Handling: rec.Handling, Body: rec.Body}
		closed.Handling.Case = name
		if err := tx.Put(&closed); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "create", Subject: closed.ID, Count: 1})
	})
	if err != nil {
		t.Fatal(err)
	}
	return closed.ID.String()
}

// TestImportsNewestFirst proves that the list of imports shows what came last first, not what arrives last, page by page.
func TestImportsNewestFirst(t *testing.T) {
	a := node(t, t.TempDir())
	defer a.Stop()
	b := signIn(t, a, "analyst")
	for i, ahead := range []time.Duration{40, 10, 30, 20} {
		ref := fmt.Sprint(i + 1)
		b.upload("/imports", map[string][]byte{ref + ".edi": manifest(ref, "ZZ20"+ref, "ALA", time.Now().Add(ahead*time.Hour), "SOMEMAN:ONE")}, 200)
	}
	got, path := "", "/imports?limit=3"
	for range 3 {
		var page struct {
			Items []struct{ File string }
			Next  string
		}
		b.get(path, &page)
		for _, row := range page.Items {
			got += row.File + " "
		}
		if path = "/imports?limit=3&cursor=" + page.Next; page.Next == "" {
			break
		}
		got += "| "
	}
	if got != "4.edi 3.edi 2.edi | 1.edi " {
		t.Errorf("imports in the order %s", got)
	}
}
