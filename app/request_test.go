package app_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// requested is a request as the tests read it.
type requested struct {
	ID, Number, State string
	Late, MayApprove  bool
	Waiting           int
	Records           []struct {
		Record, Kind, Title string
		How                 []string
	}
}

type replied struct {
	Hash   string
	Letter struct {
		Lang     string
		Sections []struct {
			Heading, Note string
			Lines         []struct{ Label, Value string }
		}
	}
}

// ask takes a request in at the counter, proves the identity and searches.
func ask(b *browser, name, born, passport string) (r requested) {
	b.t.Helper()
	person := map[string]any{"names": []map[string]string{{"full": name}}, "born": born, "documents": []map[string]string{{"type": "P", "number": passport, "issuer": "UZB"}}}
	b.do("POST", "/requests", map[string]any{"asks": "access", "channel": "counter", "lang": "ru", "person": person}, &r, 200)
	b.do("POST", "/requests/"+r.ID+"/prove", map[string]string{"how": "document-seen"}, nil, 200)
	b.do("POST", "/requests/"+r.ID+"/search", map[string]string{}, &r, 200)
	return r
}

// TestRequestFromCounterToLetter proves the whole way of a request through the API: what is stored of a traveller is found
// from a Cyrillic name, an opinion and an answer are given, a second person approves what they read, the letter is printed in
// two languages without script and is an act, and no reply names an officer.
func TestRequestFromCounterToLetter(t *testing.T) {
	a := node(t, t.TempDir())
	t.Cleanup(func() { _ = a.Stop() })
	analyst, boss, eye := signIn(t, a, "analyst"), signIn(t, a, "supervisor"), signIn(t, a, "oversight")
	hit := oneHit(t, analyst, "1", "ZZ101", "ALA")
	analyst.do("POST", "/hits/"+hit+"/claim", map[string]any{}, nil, 200)
	analyst.do("POST", "/hits/"+hit+"/dismiss", map[string]any{"reason": "birth-date"}, nil, 200)
	r := ask(boss, "Эргашев Ботир", "1980-01-01", "ZZ1010000")
	kinds := map[string][]string{}
	var journey, hidden string
	for _, f := range r.Records {
		kinds[f.Kind] = append(kinds[f.Kind], f.How...)
		switch f.Kind {
		case "passenger.journey":
			journey = f.Record
		case "screening.hit":
			hidden = f.Record
		}
	}
	for _, kind := range []string{"passenger.journey", "screening.hit", "screening.clearance", "watchlist.entry"} {
		if len(kinds[kind]) == 0 {
			t.Errorf("no %s was found: %v", kind, kinds)
		}
	}
	path := "/requests/" + r.ID
	for _, f := range r.Records {
		b := map[string]any{"what": "withheld", "ground": "prevention"}
		switch f.Record {
		case journey:
			b = map[string]any{"what": "given"}
		case hidden:
			b = map[string]any{"what": "silent", "ground": "investigation"}
		}
		boss.do("POST", path+"/found/"+f.Record+"/opinion", map[string]any{"same": true, "reason": "passport"}, nil, 200)
		boss.do("POST", path+"/found/"+f.Record+"/answer", b, nil, 200)
	}
	boss.do("POST", path+"/draft", map[string]any{}, &r, 200)
	var rep replied
	eye.get(path+"/reply", &rep)
	boss.do("POST", path+"/approve", map[string]string{"hash": rep.Hash}, nil, 403)
	boss.do("POST", path+"/answer", map[string]string{}, nil, 409)
	if text := printed(t, boss, path, "ru"); !strings.Contains(text, "ПРОЕКТ") {
		t.Error("a draft is printed without saying so")
	}
	eye.do("POST", path+"/approve", map[string]string{"hash": rep.Hash}, nil, 200)
	text := printed(t, boss, path, "ru") + printed(t, boss, path, "en")
	for _, want := range []string{"ZZ1010000", "ERGASHEV", "Ваши права", "Your rights", r.Number, "предупреждение и раскрытие преступлений", "KAZ-PIU"} {
		if !strings.Contains(text, want) {
			t.Errorf("the letter lacks %q", want)
		}
	}
	for _, never := range []string{"The analyst", "The supervisor", "<script", "Сверка со списком", "investigation", "ПРОЕКТ"} {
		if strings.Contains(text, never) {
			t.Errorf("the letter holds %q", never)
		}
	}
	boss.do("POST", path+"/answer", map[string]string{}, &r, 200)
	boss.do("POST", path+"/close", map[string]string{}, &r, 200)
	if r.State != "closed" {
		t.Errorf("state %s", r.State)
	}
	if rows := acts(t, a, "supervisor", "print"); len(rows) != 3 || rows[0].Subject.String() != r.ID {
		t.Errorf("prints are not acts: %+v", rows)
	}
}

// printed gives the page of the letter.
func printed(t *testing.T, b *browser, path, lang string) string {
	t.Helper()
	res, err := b.http.Get(b.base + "/api" + path + "/print?lang=" + lang)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != 200 {
		t.Fatalf("print: %d %.300s %v", res.StatusCode, got, err)
	}
	if csp := res.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "script-src") || strings.Contains(csp, "unsafe") {
		t.Errorf("policy of the letter: %s", csp)
	}
	if !strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
		t.Errorf("the letter is %s", res.Header.Get("Content-Type"))
	}
	return string(got)
}

// TestRequestsAreClosedToOthers proves that nobody but the agency's supervisor and oversight learns who asked, also from the
// printed page, and that the register counts and finds.
func TestRequestsAreClosedToOthers(t *testing.T) {
	a := node(t, t.TempDir())
	t.Cleanup(func() { _ = a.Stop() })
	boss, analyst := signIn(t, a, "supervisor"), signIn(t, a, "analyst")
	r := ask(boss, "Эргашев Ботир", "1980-01-01", "ZZ1010000")
	for _, path := range []string{"/requests", "/requests/" + r.ID, "/requests/" + r.ID + "/reply", "/requests/" + r.ID + "/print"} {
		if status, got := analyst.send("GET", path, "", nil); status != http.StatusForbidden {
			t.Errorf("an analyst at %s: %d %.200s", path, status, got)
		}
	}
	var list struct {
		Items  []requested
		Counts struct{ Open, Late, Mine int }
	}
	boss.get("/requests?state=mine", &list)
	if len(list.Items) != 1 || list.Counts.Open != 1 || list.Counts.Mine != 1 || list.Counts.Late != 0 {
		t.Errorf("register: %+v", list)
	}
	boss.get("/requests?state=all&q="+url.QueryEscape("эргашев"), &list)
	if len(list.Items) != 1 {
		t.Error("the register does not find a name")
	}
	boss.get("/requests?state=late", &list)
	if len(list.Items) != 0 {
		t.Error("nothing is late yet")
	}
	old := time.Now().UTC().AddDate(0, 0, -40)
	person := map[string]any{"names": []map[string]string{{"full": "Старый Запрос"}}}
	boss.do("POST", "/requests", map[string]any{"asks": "access", "channel": "post", "received": old, "person": person}, &r, 200)
	boss.get("/requests?state=late", &list)
	if len(list.Items) != 1 || !list.Items[0].Late || list.Counts.Late != 1 {
		t.Errorf("a request of 40 days ago is not late: %+v", list)
	}
	posts(t, a, "supervisor", "supervisor", "KAZ-CUST", "")
	boss.do("GET", "/requests/"+r.ID, nil, nil, 404)
	if status, _ := boss.send("GET", "/requests/"+r.ID+"/print", "", nil); status != 404 {
		t.Errorf("another agency prints: %d", status)
	}
}
