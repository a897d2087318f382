package app_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sarhad/app"
	"sarhad/record"
	"sarhad/screening/hit"
)

// asked is a question as the tests read it.
type askedQuestion struct {
	ID, Sign, State string
	Officer         struct{ ID, Display string }
	Acts            int
	Overdue         bool
	Subject         struct{ Title string }
	Looks           []struct {
		Seq     int64
		Action  string
		At      time.Time
		Purpose record.Purpose
		Subject struct{ ID, Title string }
		User    struct{ Display string }
	}
}

type askedList struct {
	Items  []askedQuestion
	Counts struct{ Asked, Overdue, Answered, Judged int }
}

// demoBrowser signs in as somebody of the demonstration.
func demoBrowser(t *testing.T, a *app.App, name string) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := &browser{t: t, base: "http://localhost:" + port(a), http: &http.Client{Jar: jar, Timeout: 20 * time.Second}}
	for _, u := range app.DemoUsers() {
		if u.Name == name {
			var me struct{ CSRF string }
			b.do("POST", "/session", map[string]string{"name": name, "password": u.Password}, &me, 200)
			b.csrf = me.CSRF
			return b
		}
	}
	t.Fatalf("the demonstration has no %s", name)
	return nil
}

// TestSeededMisuseIsFound proves that an oversight officer who starts from Today gets to the named acts of what the
// demonstration hides in a few steps: an officer who looked up a relative at night without a case, a look at a planted record,
// and dismissals in seconds; and that the officer is asked without learning the sign.
func TestSeededMisuseIsFound(t *testing.T) {
	a, region, err := app.OpenDemo(t.Context(), t.TempDir(), app.Options{Log: slog.New(slog.DiscardHandler), HTTP: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Stop(); err != nil {
			t.Error(err)
		}
	})
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	played := make(chan error, 1)
	go func() { played <- a.PlayDemo(ctx, region, func(string, ...any) {}) }()
	end := sync.OnceFunc(func() { cancel(); <-played })
	t.Cleanup(end)
	eye := demoBrowser(t, a, "oversight")
	var list askedList
	until(t, "the log was followed", func() bool {
		eye.get("/oversight/questions?limit=500", &list)
		return slices.ContainsFunc(list.Items, func(q askedQuestion) bool { return q.Sign == "quick" })
	})

	end() // the rest of tonight adds nothing
	start, steps := time.Now(), 0
	step := func(path string, out any) { steps++; eye.get(path, out) }
	var today struct {
		Cards []struct {
			Code, Href string
			Count      int
		}
	}
	step("/today", &today)
	if !slices.ContainsFunc(today.Cards, func(c struct {
		Code, Href string
		Count      int
	}) bool {
		return c.Code == "signs-open" && c.Count >= 4 && c.Href == "/oversight/signs"
	}) {
		t.Fatalf("Today does not lead there: %+v", today.Cards)
	}
	step("/oversight/questions", &list)
	found := map[string]askedQuestion{}
	for _, sign := range []string{"relative", "night", "canary", "quick"} {
		i := slices.IndexFunc(list.Items, func(q askedQuestion) bool { return q.Sign == sign })
		if i < 0 {
			t.Fatalf("no sign %q in the queue", sign)
		}
		var q askedQuestion
		step("/oversight/questions/"+list.Items[i].ID, &q)
		found[sign] = q
	}
	t.Logf("from Today to the acts of four signs: %d requests, %s", steps, time.Since(start).Round(time.Millisecond))
	if steps > 6 {
		t.Errorf("%d steps", steps)
	}
	relative, night := found["relative"], found["night"]
	if relative.Officer.Display != "Dinara Zhumadilova" || len(relative.Looks) != 1 || !strings.Contains(relative.Looks[0].Subject.Title, "ZHUMADILOV") || relative.Looks[0].Purpose.Kind != "free" {
		t.Errorf("the relative: %+v", relative)
	}
	if len(night.Looks) != 2 || night.Looks[0].At.Add(5*time.Hour).Hour() != 2 {
		t.Errorf("the night: %+v", night)
	}
	if c := found["canary"]; len(c.Looks) != 1 || c.Looks[0].User.Display != "Dinara Zhumadilova" {
		t.Errorf("the planted record: %+v", c)
	}
	if q := found["quick"]; q.Officer.Display != "Night shift" || q.Acts < 2 {
		t.Errorf("the quick dismissals: %+v", q)
	}
	answerAndJudge(t, a, eye, found["canary"].ID)
	noAlarm(t, a)
}

// answerAndJudge proves that the officer answers in a line, is not told the sign, and that oversight judges.
func answerAndJudge(t *testing.T, a *app.App, eye *browser, id string) {
	t.Helper()
	late := demoBrowser(t, a, "analyst.late")
	status, got := late.send("GET", "/me/questions", "", nil)
	if text := string(got); status != 200 || !strings.Contains(text, "SANDYBAROV") || strings.Contains(text, "canary") || strings.Contains(text, "sign") || strings.Contains(text, "relative") {
		t.Errorf("the officer is told: %d %s", status, text)
	}
	late.do("GET", "/oversight/questions/"+id, nil, nil, 403)
	late.do("POST", "/me/questions/"+id+"/answer", map[string]string{"text": "I compared two lists of that flight"}, nil, 200)
	demoBrowser(t, a, "analyst").do("POST", "/me/questions/"+id+"/answer", map[string]string{"text": "not mine to answer"}, nil, 404)
	var q askedQuestion
	eye.do("POST", "/oversight/questions/"+id+"/judge", map[string]string{"verdict": "follow-up", "reason": "no list was open that night"}, &q, 200)
	if q.State != "judged" {
		t.Errorf("state %s", q.State)
	}
	var figures []struct {
		Agency                 string
		Looks, Signs, Answered int
	}
	eye.get("/oversight/figures", &figures)
	if i := slices.IndexFunc(figures, func(f struct {
		Agency                 string
		Looks, Signs, Answered int
	}) bool {
		return f.Agency == "KAZ-PIU"
	}); i < 0 || figures[i].Looks < 2 || figures[i].Signs < 4 || figures[i].Answered != 3 {
		t.Errorf("figures: %+v", figures)
	}
}

// noAlarm proves that a planted record is held against no list, also when one comes to name its person later.
func noAlarm(t *testing.T, a *app.App) {
	t.Helper()
	analyst := demoBrowser(t, a, "analyst")
	analyst.upload("/lists/import", map[string][]byte{"own.csv": []byte("id,name,born,sex,nationality\nx1,SANDYBAROV ILYAS,1979-02-11,M,KAZ\n")}, 200)
	machine := record.WithActor(t.Context(), record.Machine("test", ""))
	until(t, "the changed list was held against travellers", func() bool {
		done := false
		err := a.Store.View(machine, func(tx record.Tx) error {
			entry, err := tx.List(record.Query{Kinds: []string{"watchlist.entry"}, Text: "SANDYBAROV", Limit: 1})
			if err != nil || len(entry.Rows) == 0 {
				return err
			}
			retro, err := tx.Cursor(hit.CursorRetro)
			done = retro >= entry.Rows[0].Seq
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return done
	})
	err := a.Store.View(machine, func(tx record.Tx) error {
		page, err := tx.List(record.Query{Kinds: []string{hit.KindHit}, Full: true, Limit: record.MaxLimit})
		for _, row := range page.Rows {
			if strings.Contains(fmt.Sprint(row.Title), "SANDYBAROV") {
				t.Errorf("the planted record became a hit: %s", row.Title)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
