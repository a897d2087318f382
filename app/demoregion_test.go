package app_test

import (
	"context"
	"log/slog"
	"testing"

	"sarhad/app"
	"sarhad/exchange/sharing"
	"sarhad/record"
	"sarhad/web/api"
)

// aroundOf opens a demonstration with its region.
func aroundOf(t *testing.T, dir string) (*app.App, *app.DemoRegion) {
	t.Helper()
	around := app.NewDemoRegion(dir)
	a, _, err := app.OpenDemo(t.Context(), dir, app.Options{Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})), HTTP: "127.0.0.1:0", Around: around})
	if err == nil {
		err = a.Start(context.WithoutCancel(t.Context()))
	}
	if err == nil {
		err = around.Open(t.Context(), a)
	}
	t.Cleanup(func() { stopRegion(t, a, around) })
	if err != nil {
		t.Fatal(err)
	}
	return a, around
}

func stopRegion(t *testing.T, a *app.App, around *app.DemoRegion) {
	t.Helper()
	if err := around.Stop(); err != nil {
		t.Error(err)
	}
	if err := a.Stop(); err != nil {
		t.Error(err)
	}
}

// statesOf counts the shares of a node by state, and gives those of its messages that were not delivered, by recipient.
func statesOf(t *testing.T, a *app.App) (states map[string]int, waiting map[string][]record.ID) {
	t.Helper()
	states, waiting = map[string]int{}, map[string][]record.ID{}
	err := a.Store.View(record.WithActor(t.Context(), record.Machine("test", "")), func(tx record.Tx) error {
		page, err := tx.List(record.Query{Kinds: []string{sharing.KindShare}, Full: true, Limit: 100})
		for _, row := range page.Rows {
			s := row.Record.Body.(*sharing.Share)
			states[s.State]++
			list, err := tx.Dispatches(record.DispatchQuery{ID: s.Editions[0].Message})
			if err != nil {
				return err
			}
			switch d := list[0]; d.State {
			case record.DispatchOpened:
				states["opened"]++
			case record.DispatchDelivered:
			default:
				waiting[s.Node] = append(waiting[s.Node], s.Record)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return states, waiting
}

func has(t *testing.T, a *app.App, id record.ID) bool {
	t.Helper()
	err := a.Store.View(record.WithActor(t.Context(), record.Machine("test", "")), func(tx record.Tx) error {
		_, err := tx.Get(id)
		return err
	})
	if err != nil && record.KindOf(err) != record.NotFound {
		t.Fatal(err)
	}
	return err == nil
}

func lineAt(around *app.DemoRegion, node string) string {
	for _, p := range around.Places() {
		if p.Node == node {
			return p.Line
		}
	}
	return "no such place"
}

// TestTheRegionOfADemonstration proves that a demonstration has a region with a story under way: shares in each of their states,
// a proposal that waits, two messages that wait for a line that is cut, and go out when it is joined; that the two nodes of
// Kazakhstan have nothing of each other; that the hub has no record of anybody; and that all of it is there again after a
// restart, the cut line too.
func TestTheRegionOfADemonstration(t *testing.T) {
	dir := t.TempDir()
	a, around := aroundOf(t, dir)
	for _, p := range around.Places() {
		want := api.LineUp
		switch p.Node {
		case "caricc":
			want = ""
		case "tj-demo":
			want = api.LineCut
		}
		until(t, "the line of "+p.Node+" to be "+want, func() bool { return lineAt(around, p.Node) == want })
		if p.URL == "" || p.Name.Ru == "" || len(p.Users) == 0 {
			t.Errorf("place %+v", p)
		}
	}
	theStory(t, a, around)
	theirOwn(t, a, around)

	stopRegion(t, a, around)
	a, around = aroundOf(t, dir)
	until(t, "the line to Uzbekistan to be up again", func() bool { return lineAt(around, "uz-demo") == api.LineUp })
	if got := lineAt(around, "tj-demo"); got != api.LineCut {
		t.Errorf("the cut line after a restart: %s", got)
	}
	theStory(t, a, around)
	rejoin(t, a, around)
}

func theStory(t *testing.T, a *app.App, around *app.DemoRegion) {
	t.Helper()
	states, waiting := statesOf(t, a)
	if states[sharing.Active] != 3 || states[sharing.GoneState] != 1 || states[sharing.HeldThere] != 1 || states["opened"] != 1 || len(waiting["tj-demo"]) != 1 {
		t.Errorf("shares of Kazakhstan: %v, waiting %v", states, waiting)
	}
	if _, waiting := statesOf(t, around.Node("tj-demo")); len(waiting["kz-demo"]) != 1 {
		t.Errorf("what waits in Tajikistan: %v", waiting)
	}
	var queue struct{ Items []struct{ State string } }
	demoBrowser(t, a, "supervisor").get("/proposals", &queue)
	if len(queue.Items) != 1 {
		t.Errorf("proposals that wait at Kazakhstan: %+v", queue.Items)
	}
}

// theirOwn holds the records of every node against all others.
func theirOwn(t *testing.T, a *app.App, around *app.DemoRegion) {
	t.Helper()
	own := func(node string) (ids []record.ID) {
		err := around.Node(node).Store.View(record.WithActor(t.Context(), record.Machine("test", "")), func(tx record.Tx) error {
			page, err := tx.List(record.Query{Kinds: []string{"passenger.journey", "passenger.voyage"}, Full: true, Limit: 100})
			for _, r := range page.Rows {
				if r.Record.Writer == node {
					ids = append(ids, r.ID)
				}
			}
			return err
		})
		if err != nil || len(ids) == 0 && node != "caricc" {
			t.Fatalf("%s has %d records: %v", node, len(ids), err)
		}
		return ids
	}
	for node, closed := range map[string][]string{"kz-demo": {"kz-customs", "caricc", "tm-demo", "kz-konysbaev"}, "kz-customs": {"kz-demo", "caricc", "uz-demo"}, "tm-demo": {"kz-demo", "caricc"}} {
		for _, id := range own(node) {
			for _, other := range closed {
				if has(t, around.Node(other), id) {
					t.Errorf("%s has record %s of %s", other, id, node)
				}
			}
		}
	}
	if ids := own("caricc"); len(ids) > 0 {
		t.Errorf("the hub has records: %v", ids)
	}
	chief := demoBrowser(t, a, "supervisor")
	theirs := own("kz-customs")[0].String()
	if code, _ := chief.raw("GET", "/records/"+theirs, nil, nil); code.StatusCode != 404 {
		t.Errorf("a record of customs at the passenger unit: %d", code.StatusCode)
	}
	customs := demoBrowser(t, around.Node("kz-customs"), "supervisor")
	if code, _ := customs.raw("GET", "/records/"+own("kz-demo")[0].String(), nil, nil); code.StatusCode != 404 {
		t.Errorf("a record of the passenger unit at customs: %d", code.StatusCode)
	}
	var told struct {
		For []struct{ Goes bool }
	}
	customs.do("POST", "/records/"+theirs+"/sharing/preview", map[string]any{"to": []string{"kz-demo"}}, &told, 200)
	if len(told.For) != 1 || told.For[0].Goes {
		t.Errorf("without an agreement customs would send: %+v", told)
	}
}

// rejoin joins the line through the door of the first page, and cuts another.
func rejoin(t *testing.T, a *app.App, around *app.DemoRegion) {
	t.Helper()
	_, waiting := statesOf(t, a)
	visitor := demoBrowser(t, a, "analyst")
	line := func(node string, cut bool, want int) {
		t.Helper()
		visitor.do("POST", "/demo/line", map[string]any{"node": node, "cut": cut}, nil, want)
	}
	line("tj-demo", false, 200)
	until(t, "what waited to be there", func() bool { return has(t, around.Node("tj-demo"), waiting["tj-demo"][0]) })
	until(t, "nothing to wait", func() bool {
		_, here := statesOf(t, a)
		_, there := statesOf(t, around.Node("tj-demo"))
		return len(here)+len(there) == 0
	})
	line("kz-demo", true, 200)
	if got := lineAt(around, "kz-demo"); got != api.LineCut || a.Network.Joined() {
		t.Errorf("the line of the main node: %s", got)
	}
	line("caricc", true, 422)
	line("nobody", true, 404)
}
