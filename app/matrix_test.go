package app_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"sarhad/app"
	"sarhad/internal/authn"
	"sarhad/record"
	"sarhad/record/access"
	"sarhad/web/api"
)

// world is one real record of every topic, all of KAZ-PIU; hits and the instruction are of ALA.
type world struct {
	t   *testing.T
	app *app.App

	list, voyage, entry   string
	free, held            string // hits: of nobody, of an officer who is not the one that walks
	order, carried        string // instructions: open, acknowledged
	clearance             string
	heldLabel, orderLabel string
	victim                string // user
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, app: node(t, t.TempDir()), list: "own"}
	t.Cleanup(func() {
		if err := w.app.Stop(); err != nil {
			t.Error(err)
		}
	})
	b := signIn(t, w.app, "analyst")
	w.free, w.held = oneHit(t, b, "1", "ZZ101", "ALA"), oneHit(t, b, "2", "ZZ102", "ALA")
	dismiss := oneHit(t, b, "3", "ZZ103", "ALA")
	confirm := []string{oneHit(t, b, "4", "ZZ104", "ALA"), oneHit(t, b, "5", "ZZ105", "ALA")}
	for _, id := range append(confirm, w.held, dismiss) {
		b.do("POST", "/hits/"+id+"/claim", map[string]any{}, nil, 200)
	}
	b.do("POST", "/hits/"+dismiss+"/dismiss", map[string]any{"reason": "birth-date"}, nil, 200)
	for _, id := range confirm {
		b.confirm(id, "second-line", "", nil)
	}
	var orders struct {
		Items []struct {
			ID     string
			Voyage struct{ Label string }
		}
	}
	booth := signIn(t, w.app, "border")
	until(t, "the instructions reach the booth", func() bool { booth.get("/instructions", &orders); return len(orders.Items) == 2 })
	w.order, w.orderLabel = orders.Items[0].ID, orders.Items[0].Voyage.Label
	w.carried = orders.Items[1].ID
	booth.do("POST", "/instructions/"+w.carried+"/acknowledge", map[string]any{}, nil, 200)
	var page struct{ Voyage struct{ ID, Label string } }
	b.get("/hits/"+w.held, &page)
	w.voyage, w.heldLabel = page.Voyage.ID, page.Voyage.Label
	w.entry, w.clearance = w.first("watchlist.entry"), w.first("screening.clearance")
	machine := record.WithActor(t.Context(), record.Machine("test", ""))
	u, err := w.app.Authn.CreateUser(machine, "victim", authn.Profile{Display: "V", Agency: "KAZ-PIU", Roles: []string{"analyst"}, Lang: "en"}, password, false)
	if err != nil {
		t.Fatal(err)
	}
	w.victim = u.ID
	return w
}

// see runs a read of the program itself.
func (w *world) see(fn func(record.Tx) error) {
	w.t.Helper()
	if err := w.app.Store.View(record.WithActor(w.t.Context(), record.Machine("test", "")), fn); err != nil {
		w.t.Fatal(err)
	}
}

// first gives the id of a record of a kind.
func (w *world) first(kind string) (id string) {
	w.t.Helper()
	w.see(func(tx record.Tx) error {
		page, err := tx.List(record.Query{Kinds: []string{kind}, Limit: 1})
		if len(page.Rows) == 0 {
			w.t.Fatalf("there is no %s: %v", kind, err)
		}
		id = page.Rows[0].ID.String()
		return nil
	})
	return id
}

// hold gives the held hit back to an officer who never walks.
func (w *world) hold() {
	w.t.Helper()
	id, err := record.ParseID(w.held)
	if err != nil {
		w.t.Fatal(err)
	}
	other := record.Actor{User: "01900000-0000-7000-8000-0000000000aa", Display: "Other", Agency: "KAZ-PIU", Roles: []string{"supervisor"}, Purpose: record.Purpose{Kind: "duty", Text: "test"}}
	if _, err := w.app.Hits.Claim(record.WithActor(w.t.Context(), other), id); err != nil {
		w.t.Fatal(err)
	}
}

// door is one operation of the API with the rule that opens it.
type door struct {
	method, path  string // as the OpenAPI document names it
	action, topic string
	at            string // the address, with real ids
	body          string
	file          string // sent as a file when not ""
	fields        map[string]string
	shows         string // of a list: what the answer holds when the record is in reach
	everybody     bool   // the door is no topic's own: without a rule the record is not there, rather than the door shut
	held          bool   // about a hit that somebody else holds: only a conflict without the right
}

func (w *world) doors() []door {
	hit1, held, list, user := "/hits/"+w.free, "/hits/"+w.held, "/lists/"+w.list, "/users/"+w.victim
	order, carried := "/instructions/"+w.order, "/instructions/"+w.carried
	flight := string(manifest("9", "ZZ109", "NQZ", time.Now().Add(5*time.Hour), "SOMEMAN:ONE"))
	force := map[string]string{"force": "true"}
	ds := []door{
		{method: "GET", path: "/hits", action: access.Read, topic: access.Hit, at: "/hits?state=all", shows: w.held},
		{method: "GET", path: "/hits/{id}", action: access.Read, topic: access.Hit, at: hit1},
		{method: "GET", path: "/today", action: access.Read, topic: access.Hit, at: "/today", shows: w.held, everybody: true},
		{method: "GET", path: "/today", action: access.Read, topic: access.Passenger, at: "/today", shows: w.voyage, everybody: true},
		{method: "GET", path: "/status", action: access.Read, topic: access.Hit, at: "/status", shows: `"openHits":2`, everybody: true},
		{method: "GET", path: "/status", action: access.Read, topic: access.Instruction, at: "/status", shows: `"openInstructions":1`, everybody: true},
		{method: "POST", path: "/hits/{id}/claim", action: access.Decide, topic: access.Hit, at: hit1 + "/claim"},
		{method: "POST", path: "/hits/{id}/dismiss", action: access.Decide, topic: access.Hit, at: hit1 + "/dismiss", body: `{"reason":"birth-date"}`},
		{method: "POST", path: "/hits/{id}/confirm", action: access.Decide, topic: access.Hit, at: hit1 + "/confirm", body: `{"reason":"document"}`},
		{method: "POST", path: "/signing", at: "/signing", body: `{"action":"decide","subject":"` + w.free + `"}`, action: access.Read, topic: access.Hit, everybody: true},
		{method: "POST", path: "/hits/{id}/undo", action: access.Decide, topic: access.Hit, at: hit1 + "/undo"},
		{method: "POST", path: "/hits/{id}/release", action: access.Decide, topic: access.Hit, at: hit1 + "/release"},
		{method: "POST", path: "/hits/{id}/claim", action: access.Oversee, topic: access.Hit, at: held + "/claim", held: true},
		{method: "GET", path: "/voyages", action: access.Read, topic: access.Passenger, at: "/voyages?when=all", shows: w.voyage},
		{method: "GET", path: "/voyages/{id}", action: access.Read, topic: access.Passenger, at: "/voyages/" + w.voyage},
		{method: "GET", path: "/voyages/{id}/journeys", action: access.Read, topic: access.Passenger, at: "/voyages/" + w.voyage + "/journeys"},
		{method: "GET", path: "/imports", action: access.Read, topic: access.Passenger, at: "/imports", shows: w.voyage},
		{method: "POST", path: "/imports", action: access.Import, topic: access.Passenger, at: "/imports", file: flight},
		{method: "GET", path: "/lists", action: access.Read, topic: access.Watchlist, at: "/lists", shows: `"id":"own"`},
		{method: "GET", path: "/lists/{list}", action: access.Read, topic: access.Watchlist, at: list},
		{method: "GET", path: "/lists/{list}/entries", action: access.Read, topic: access.Watchlist, at: list + "/entries", shows: w.entry},
		{method: "POST", path: "/lists/preview", action: access.Import, topic: access.Watchlist, at: "/lists/preview", file: ownList},
		{method: "POST", path: "/lists/import", action: access.Import, topic: access.Watchlist, at: "/lists/import", file: ownList},
		{method: "POST", path: "/lists/import", action: access.Change, topic: access.Watchlist, at: "/lists/import", file: ownList, fields: force},
		{method: "POST", path: "/lists/preview", action: access.Change, topic: access.Watchlist, at: "/lists/preview", file: ownList, fields: force},
		{method: "PUT", path: "/lists/{list}", action: access.Change, topic: access.Watchlist, at: list, body: `{"effect":"national","reason":"test"}`},
		{method: "GET", path: "/instructions", action: access.Read, topic: access.Instruction, at: "/instructions?state=all", shows: w.order},
		{method: "GET", path: "/instructions/{id}", action: access.Read, topic: access.Instruction, at: order},
		{method: "POST", path: "/instructions/{id}/outcome", action: access.Carry, topic: access.Instruction, at: carried + "/outcome", body: `{"code":"nothing-found","note":"papers in order"}`},
		{method: "GET", path: "/oversight/looks", action: access.Read, topic: access.Audit, at: "/oversight/looks"},
		{method: "GET", path: "/oversight/purposes", action: access.Read, topic: access.Audit, at: "/oversight/purposes"},
		{method: "GET", path: "/oversight/quick", action: access.Read, topic: access.Audit, at: "/oversight/quick"},
		{method: "GET", path: "/oversight/log", action: access.Read, topic: access.Audit, at: "/oversight/log"},
		{method: "POST", path: "/oversight/verify", action: access.Read, topic: access.Audit, at: "/oversight/verify"},
		{method: "GET", path: "/users", action: access.Read, topic: access.Users, at: "/users", shows: w.victim},
		{method: "POST", path: "/users", action: access.Change, topic: access.Users, at: "/users", body: `{"name":"x","display":"X","agency":"A","roles":["king"],"lang":"en"}`},
		{method: "PUT", path: "/users/{user}", action: access.Change, topic: access.Users, at: user, body: `{"display":"V","agency":"KAZ-PIU","roles":["analyst"],"lang":"en"}`},
		{method: "POST", path: "/users/{user}/password", action: access.Change, topic: access.Users, at: user + "/password"},
		{method: "DELETE", path: "/users/{user}/totp", action: access.Change, topic: access.Users, at: user + "/totp"},
		{method: "DELETE", path: "/users/{user}/passkeys", action: access.Change, topic: access.Users, at: user + "/passkeys"},
		{method: "GET", path: "/certificate", action: access.Read, topic: access.Users, at: "/certificate"},
		{method: "GET", path: "/streams", action: access.Read, topic: access.Users, at: "/streams"},
		{method: "GET", path: "/suggest", action: access.Read, topic: access.Hit, at: "/suggest?q=" + url.QueryEscape(w.heldLabel), shows: w.held, everybody: true},
		{method: "GET", path: "/suggest", action: access.Read, topic: access.Passenger, at: "/suggest?q=otherman", shows: `"topic":"passenger"`, everybody: true},
		{method: "GET", path: "/suggest", action: access.Read, topic: access.Instruction, at: "/suggest?q=" + url.QueryEscape(w.orderLabel), shows: w.order, everybody: true},
		{method: "POST", path: "/instructions/{id}/acknowledge", action: access.Carry, topic: access.Instruction, at: carried + "/acknowledge"},
	}
	return append(ds, w.generic()...)
}

// generic are the doors that every kind of record goes through.
func (w *world) generic() (ds []door) {
	for topic, id := range map[string]string{access.Hit: w.held, access.Passenger: w.voyage, access.Watchlist: w.entry,
		access.Instruction: w.order, access.Clearance: w.clearance} {
		var kind string
		var mentions []record.Mention
		w.see(func(tx record.Tx) error {
			parsed, err := record.ParseID(id)
			if err != nil {
				return err
			}
			rec, err := tx.Get(parsed)
			if err == nil {
				kind, mentions = rec.Kind, rec.IndexOf().Mentions
			}
			return err
		})
		d := door{method: "GET", action: access.Read, topic: topic, everybody: true}
		add := func(path, at, shows string) {
			d.path, d.at, d.shows = path, at, shows
			ds = append(ds, d)
		}
		add("/records", "/records?limit=200&kind="+kind, id)
		add("/records/{id}", "/records/"+id, "")
		add("/records/{id}/revisions", "/records/"+id+"/revisions", "")
		add("/records/{id}/index", "/records/"+id+"/index", "")
		if len(mentions) > 0 {
			m := mentions[0]
			add("/mentions", "/mentions?limit=200&type="+m.Type+"&key="+url.QueryEscape(m.Key), id)
		}
	}
	return ds
}

// untold are the doors that no rule opens: they show nothing but the officer's own session and words for everybody.
var untold = []string{"GET /session", "POST /session", "DELETE /session", "PUT /session/lang", "PUT /session/password", "PUT /session/purpose",
	"GET /session/purposes", "POST /session/totp", "PUT /session/totp", "GET /demo", "GET /vocab", "GET /airports", "GET /signing",
	"POST /passkey", "POST /session/passkey", "GET /passkeys", "POST /passkeys", "POST /passkeys/offer", "PUT /passkeys/{passkey}",
	"POST /passkeys/{passkey}/remove", "GET /device", "POST /device", "DELETE /device", "PUT /session/pin", "POST /session/lock",
	"POST /session/unlock", "GET /access/matrix"}

// everyDoorHasARule proves that the list of doors is the API's, that each stands under a rule of the table, that each rule
// opens a door, and that nobody gets through without a session.
func (w *world) everyDoorHasARule(t *testing.T) {
	ds := w.doors()
	b, err := api.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	var doc struct{ Paths map[string]map[string]any }
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for path, methods := range doc.Paths {
		for method := range methods {
			name := strings.ToUpper(method) + " " + strings.TrimPrefix(path, "/api")
			known[name] = true
			listed := slices.ContainsFunc(ds, func(d door) bool { return d.method+" "+d.path == name })
			if listed == slices.Contains(untold, name) {
				t.Errorf("%s: say in this test which rule opens it, or that none does", name)
			}
		}
	}
	ruled := map[[2]string]bool{}
	for _, r := range access.Rules() {
		ruled[[2]string{r.Action, r.Topic}] = true
		if !slices.ContainsFunc(ds, func(d door) bool { return d.action == r.Action && d.topic == r.Topic }) {
			t.Errorf("the rule %s %s %s opens no door", r.Role, r.Action, r.Topic)
		}
	}
	for _, d := range ds {
		if !known[d.method+" "+d.path] || !ruled[[2]string{d.action, d.topic}] {
			t.Errorf("%s %s (%s %s): no such door, or no rule for it", d.method, d.path, d.action, d.topic)
		}
	}
	nobody := &browser{t: t, base: "http://localhost:" + port(w.app), http: http.DefaultClient}
	for _, d := range ds {
		if status, got := d.pass(nobody); status != 401 && status != 403 {
			t.Errorf("%s %s as nobody: %d %.200s", d.method, d.at, status, got)
		}
	}
}

// pass goes through the door.
func (d door) pass(b *browser) (int, string) {
	b.t.Helper()
	contentType, body := "application/json", []byte(d.body)
	if d.file != "" {
		contentType, body = form(b.t, "own.csv", []byte(d.file), d.fields)
	} else if d.body == "" && d.method != "GET" {
		body = []byte("{}")
	}
	status, got := b.send(d.method, d.at, contentType, body)
	return status, string(got)
}

// right is what the table says of an officer and a record of KAZ-PIU at ALA.
type right int

const (
	no     right = iota // no rule
	beyond              // a rule that does not reach so far
	yes
)

func rightOf(role, agency, place string, d door) right {
	for _, r := range access.Rules() {
		if r.Role != role || r.Action != d.action || r.Topic != d.topic {
			continue
		}
		if r.Reach == access.WholeNode || r.Reach == access.OwnAgency && agency == "KAZ-PIU" || r.Reach == access.OwnPlace && place == "ALA" {
			return yes
		}
		return beyond
	}
	return no
}

// wrong says what is wrong with an answer; "" when it is what the right says.
func (d door) wrong(r right, status int, got string) string {
	hidden := status == 403 || status == 404
	switch {
	case status >= 500:
		return "the node failed"
	case d.held && r == yes && status != 200:
		return "a right to take over does not"
	case d.held && r != yes && status < 400:
		return "taken over without the right"
	case d.held:
		return ""
	case r == no && !d.everybody && status != 403:
		return "no rule opens this door"
	case r == no && d.everybody && d.shows == "" && status != 404:
		return "a record that no rule opens is there"
	case r != yes && d.shows == "" && !hidden:
		return "the record is out of reach"
	case r != yes && d.shows != "" && strings.Contains(got, d.shows):
		return "the list shows what is out of reach"
	case r == yes && hidden:
		return "the door is shut"
	case r == yes && d.shows != "" && !strings.Contains(got, d.shows):
		return "the list does not show what is in reach"
	}
	return ""
}

// TestMatrixThroughTheDoor proves that every role, at its own and another agency and place, gets through exactly the doors
// that the table opens, as far as the reach goes, with real records behind them.
func TestMatrixThroughTheDoor(t *testing.T) {
	w := newWorld(t)
	t.Run("every door has a rule", w.everyDoorHasARule)
	t.Run("every role at every door", w.everyRoleAtEveryDoor)
}

func (w *world) everyRoleAtEveryDoor(t *testing.T) {
	machine := record.WithActor(t.Context(), record.Machine("test", ""))
	if _, err := w.app.Authn.CreateUser(machine, "walker", authn.Profile{Display: "W", Agency: "KAZ-PIU", Roles: []string{"analyst"}, Lang: "en"}, password, false); err != nil {
		t.Fatal(err)
	}
	b, ds := signIn(t, w.app, "walker"), w.doors()
	var roles []string
	counted := map[right]int{}
	for _, r := range access.Rules() {
		if slices.Contains(roles, r.Role) {
			continue
		}
		roles = append(roles, r.Role)
		for _, post := range [][2]string{{"KAZ-PIU", "ALA"}, {"KAZ-PIU", "NQZ"}, {"KAZ-CUST", "ALA"}, {"KAZ-CUST", "NQZ"}, {"KAZ-CUST", ""}} {
			posts(t, w.app, "walker", r.Role, post[0], post[1])
			for _, d := range ds {
				if d.held {
					w.hold()
				}
				status, got := d.pass(b)
				may := rightOf(r.Role, post[0], post[1], d)
				counted[may]++
				if what := d.wrong(may, status, got); what != "" {
					t.Errorf("%s of %s at %q: %s %s (%s %s): %s: %d %.200s", r.Role, post[0], post[1], d.method, d.at, d.action, d.topic, what, status, got)
				}
			}
		}
	}
	if counted[yes] == 0 || counted[beyond] == 0 || counted[no] == 0 {
		t.Errorf("not every right was tried: %v", counted)
	}
}
