package app_test

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"
	"time"

	"sarhad/app"
	"sarhad/internal/authn"
	"sarhad/record"
	"sarhad/record/access"
)

// networks are the doors of the network.
func (w *world) networks() (ds []door) {
	add := func(method, path, action, at, body, shows string) {
		ds = append(ds, door{method: method, path: path, action: action, topic: access.Network, at: at, body: body, shows: shows})
	}
	add("GET", "/network", access.Read, "/network", "", `"joined":false`)
	add("GET", "/network/messages", access.Read, "/network/messages", "", `"items"`)
	add("GET", "/network/directory", access.Read, "/network/directory", "", `"items"`)
	add("POST", "/network/try", access.Carry, "/network/try", "", "")
	add("POST", "/network/messages/{number}/settle", access.Carry, "/network/messages/1/settle", `{"reason":" "}`, "")
	add("POST", "/network/fork/clear", access.Carry, "/network/fork/clear", `{"reason":" "}`, "")
	return ds
}

// asOfficer makes an officer of a node and signs them in.
func asOfficer(t *testing.T, a *app.App, role string) *browser {
	t.Helper()
	machine := record.WithActor(t.Context(), record.Machine("test", ""))
	p := authn.Profile{Display: "The " + role, Agency: "KAZ-PIU", Roles: []string{role}, Lang: "en"}
	if _, err := a.Authn.CreateUser(machine, role, p, password, false); err != nil {
		t.Fatal(err)
	}
	if !a.Config.TLS() {
		return signIn(t, a, role)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	any := &tls.Config{InsecureSkipVerify: true} // this test is not about the certificate
	b := &browser{t: t, base: "https://localhost:" + port(a), http: &http.Client{Jar: jar, Timeout: 20 * time.Second, Transport: &http.Transport{TLSClientConfig: any}}}
	var me struct{ CSRF string }
	b.do("POST", "/session", map[string]string{"name": role, "password": password}, &me, 200)
	b.csrf = me.CSRF
	return b
}

type shownNetwork struct {
	Joined              bool
	Waiting, Unreadable int
	Line                struct{ State, Since string }
	Directory           struct{ State string }
	Partners            []struct {
		Node, Country, Worst string
		Waiting, Away        int
		Until                string
		Wrong                []struct{ Code, Weight string }
		Keys                 []struct{ Use, ID string }
	}
	Hub []struct {
		Node           string
		Lines, Waiting int
	}
}

type shownMessages struct {
	Items []struct {
		Number                                       int64
		Partner, State, Problem, Kind, About, Queued string
	}
	Next string
}

// TestTheNetworkIsShown proves that the queue screen tells the truth: what waits where, with states and pages; that a hub that went away
// is seen in the page and in the bar of every officer; what a hub carries; that an unreadable message ends only with a reason and
// once; that contents never show; and that each act stands in the log.
func TestTheNetworkIsShown(t *testing.T) {
	n := newNet(t, [2]string{"KAZ", "kaz-centre"}, [2]string{"UZB", "uzb-centre"}, [2]string{"TJK", "tjk-centre"})
	kaz := n.apps["kaz-centre"]
	boss, analyst, hub := asOfficer(t, kaz, "supervisor"), asOfficer(t, kaz, "analyst"), asOfficer(t, n.apps["hub"], "supervisor")
	var page shownNetwork
	until(t, "the line to be up", func() bool { boss.get("/network", &page); return page.Line.State == "online" })
	n.stop("tjk-centre")
	for i := range 7 {
		n.say("kaz-centre", "tjk-centre", record.Routine, fmt.Sprintf("SECRET WORD %d", i))
	}
	done := n.say("kaz-centre", "uzb-centre", record.Flash, "at once")
	until(t, "one to be delivered and seven to be at the hub", func() bool {
		page = shownNetwork{}
		boss.get("/network", &page)
		return n.state("kaz-centre", done).State == record.DispatchDelivered && len(page.Partners) == 3 && awayOf(page, "tjk-centre") == 7
	})
	if !page.Joined || page.Directory.State != "fresh" || page.Waiting < 7 {
		t.Errorf("%+v", page)
	}
	for _, p := range page.Partners {
		if p.Node == "tjk-centre" && (p.Country != "TJK" || len(p.Keys) < 5 || p.Until == "") {
			t.Errorf("%+v", p)
		}
	}
	var atHub shownNetwork
	hub.get("/network", &atHub)
	carried, lines := map[string]int{}, map[string]int{}
	for _, h := range atHub.Hub {
		carried[h.Node], lines[h.Node] = h.Waiting, h.Lines
	}
	if atHub.Line.State != "hub" || carried["tjk-centre"] < 7 || lines["kaz-centre"] != 3 { // what the relay itself says waits there too
		t.Errorf("at the hub: %s, waiting %v, lines %v", atHub.Line.State, carried, lines)
	}

	listsInPages(t, boss)
	analyst.do("GET", "/network", nil, nil, 403)
	analyst.do("GET", "/network/messages", nil, nil, 403)
	analyst.do("POST", "/network/try", map[string]any{}, nil, 403)
	boss.do("POST", "/network/try", map[string]any{}, &page, 200)
	boss.do("POST", "/network/fork/clear", map[string]any{"reason": "asked three countries"}, nil, 409)
	settlesOnce(t, kaz, boss)

	n.stop("hub")
	until(t, "the page and the bar to say so", func() bool {
		var status struct{ Link struct{ State string } }
		page = shownNetwork{}
		boss.get("/network", &page)
		analyst.get("/status", &status)
		return page.Line.State == "offline" && page.Line.Since != "" && status.Link.State == "offline"
	})
	if tries, settled := len(sharingActs(t, kaz, "network-try")), sharingActs(t, kaz, "message-settle"); tries != 1 || len(settled) != 2 || settled[0].Topic != access.Network {
		t.Errorf("acts: %d tries, %d settled", tries, len(settled))
	}
	if looked := sharingActs(t, kaz, "read"); len(looked) == 0 || looked[0].Topic != access.Network {
		t.Errorf("no look is in the log: %+v", looked)
	}
}

func awayOf(page shownNetwork, node string) int {
	for _, p := range page.Partners {
		if p.Node == node {
			return p.Away
		}
	}
	return -1
}

// listsInPages walks the outbox in pages of three: by state and newest first, each message once, no content in sight.
func listsInPages(t *testing.T, boss *browser) {
	t.Helper()
	for _, c := range []struct {
		query     string
		want      int
		ascending bool
	}{{"state=away&partner=tjk-centre", 7, true}, {"partner=tjk-centre", 7, false}, {"state=failed", 0, false}} {
		seen, last, cursor := 0, int64(0), ""
		for {
			var list shownMessages
			at := "/network/messages?limit=3&" + c.query
			if cursor != "" {
				at += "&cursor=" + cursor
			}
			status, raw := boss.send("GET", at, "", nil)
			if strings.Contains(string(raw), "SECRET") || status != 200 {
				t.Fatalf("%s: %d %s", at, status, raw)
			}
			boss.get(at, &list)
			for _, m := range list.Items {
				seen++
				if last != 0 && (m.Number > last) != c.ascending || m.Kind != "test" && m.Kind != "directory" {
					t.Errorf("%s: %+v after %d", at, m, last)
				}
				last = m.Number
			}
			if cursor = list.Next; cursor == "" {
				break
			}
		}
		if seen != c.want {
			t.Errorf("%s: %d messages, want %d", c.query, seen, c.want)
		}
	}
	boss.do("GET", "/network/messages?cursor=x", nil, nil, 422)
	boss.do("GET", "/network/messages?box=in&state=away", nil, nil, 422)
}

// settlesOnce ends a message that nobody can read.
func settlesOnce(t *testing.T, a *app.App, boss *browser) {
	t.Helper()
	if err := a.Network.Relay.Accept(record.WithActor(t.Context(), record.Machine("test", "")), []byte("nobody can read this")); err == nil {
		t.Log("rubbish is kept")
	}
	var list shownMessages
	boss.get("/network/messages?box=in&state=unreadable", &list)
	if len(list.Items) != 1 || list.Items[0].Partner != "" || list.Items[0].Problem == "" {
		t.Fatalf("%+v", list)
	}
	at := fmt.Sprintf("/network/messages/%d/settle", list.Items[0].Number)
	boss.do("POST", at, map[string]any{"reason": " "}, nil, 422)
	boss.do("POST", at, map[string]any{"reason": "sent again by telephone"}, nil, 204)
	boss.do("POST", at, map[string]any{"reason": "sent again by telephone"}, nil, 409)
	boss.get("/network/messages?box=in&state=unreadable", &list)
	if len(list.Items) != 0 {
		t.Errorf("%+v", list)
	}
	boss.get("/network/messages?box=in&state=done", &list)
	for _, m := range list.Items {
		if strings.Contains(m.Problem, "sent again by telephone") {
			return
		}
	}
	t.Errorf("what was found is not shown: %+v", list.Items)
}
