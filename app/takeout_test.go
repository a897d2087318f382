package app_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"sarhad/internal/authn"
	"sarhad/record"
)

// taken is an export as the door tells it.
type taken struct {
	ID, State    string
	Number, Rows int
	MustGo       bool
	Open, Decide bool
	Gone         []struct{ ID, What string }
	Copies       []struct {
		Number int
		Hash   string
	}
}

// page fetches a page as the browser's window does.
func (b *browser) page(path string) (int, string) {
	b.t.Helper()
	res, err := b.http.Get(b.base + path)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return res.StatusCode, string(data)
}

// TestTakenOut proves the whole way of a list out of the node: what is seen is what goes, a second person where one is needed,
// files without live formulas, a page that only its officer prints, acts in the log, and a recall when a record is erased.
func TestTakenOut(t *testing.T) {
	a := node(t, t.TempDir())
	t.Cleanup(func() {
		if err := a.Stop(); err != nil {
			t.Error(err)
		}
	})
	analyst, chief, other := signIn(t, a, "analyst"), signIn(t, a, "supervisor"), signIn(t, a, "border")
	oneHit(t, analyst, "1", "ZZ101", "ALA")
	var look struct {
		IDs     []string
		Rows    int
		Marking string
		Columns []struct {
			Code   string
			Strict bool
		}
	}
	query := map[string]any{"view": "records", "kinds": []string{"passenger.journey"}}
	analyst.do("POST", "/exports/preview", query, &look, 200)
	if look.Rows == 0 || len(look.IDs) != look.Rows || look.Marking == "" {
		t.Fatalf("%+v", look)
	}
	oneHit(t, analyst, "2", "ZZ102", "ALA") // the list grows while the dialog is open
	wish := map[string]any{"view": "records", "kinds": []string{"passenger.journey"}, "ids": look.IDs, "lang": "en", "form": "csv",
		"columns": []map[string]string{{"code": "@title", "title": "=name"}, {"code": "@id"}}}
	var e taken
	analyst.do("POST", "/exports", wish, &e, 200)
	if e.Rows != look.Rows || !e.Open {
		t.Fatalf("%d rows were seen, %+v goes out", look.Rows, e)
	}
	var copyOf struct {
		Data       []byte
		File, Page string
	}
	analyst.do("POST", "/exports/"+e.ID+"/copies", map[string]any{"separator": "comma"}, &copyOf, 200)
	if !bytes.Contains(copyOf.Data, []byte("'=name,'@id")) || !strings.HasSuffix(copyOf.File, "-1-1.csv") || bytes.Count(copyOf.Data, []byte("1/1")) != 2 {
		t.Errorf("%s: %s", copyOf.File, copyOf.Data)
	}
	for _, b := range []*browser{other, chief} {
		b.do("POST", "/exports/"+e.ID+"/copies", map[string]any{}, nil, map[*browser]int{other: 404, chief: 403}[b])
	}

	wish["form"] = "print"
	analyst.do("POST", "/exports", wish, &e, 200)
	analyst.do("POST", "/exports/"+e.ID+"/copies", map[string]any{}, &copyOf, 200)
	status, html := analyst.page(copyOf.Page)
	if status != 200 || !strings.Contains(html, "2/1") || !strings.Contains(html, "class=\"water\"") || strings.Contains(html, "<script") {
		t.Errorf("%d %.300s", status, html)
	}
	if status, css := analyst.page("/print/print.css"); status != 200 || !strings.Contains(css, "@page") {
		t.Errorf("the style of the page: %d", status)
	}
	nobody := &browser{t: t, base: analyst.base, http: http.DefaultClient}
	for _, b := range []*browser{other, chief, nobody} {
		if status, html := b.page(copyOf.Page); status == 200 || strings.Contains(html, "SOMEMAN") {
			t.Errorf("somebody else prints the page: %d %.100s", status, html)
		}
	}

	wish["columns"] = []map[string]string{{"code": "raw"}}
	analyst.do("POST", "/exports", wish, &e, 200)
	if e.State != "requested" {
		t.Fatalf("free text goes out alone: %+v", e)
	}
	analyst.do("POST", "/exports/"+e.ID+"/copies", map[string]any{}, nil, 409)
	analyst.do("POST", "/exports/"+e.ID+"/agree", map[string]any{}, nil, 403)
	chief.refused("an unsigned agreement", "/exports/"+e.ID+"/agree", map[string]any{}, 403, authn.SignatureNeeded)
	chief.do("POST", "/exports/"+e.ID+"/agree", map[string]any{"proof": chief.sign(map[string]any{"action": "export-agree", "topic": "export", "subject": e.ID})}, nil, 200)
	analyst.do("POST", "/exports/"+e.ID+"/copies", map[string]any{}, nil, 200)

	recall(t, a.Store, look.IDs[0])
	if err := a.Exports.Follow(t.Context()); err != nil {
		t.Fatal(err)
	}
	var register struct{ Items []taken }
	chief.get("/exports", &register)
	for _, row := range register.Items {
		if len(register.Items) != 3 || !row.MustGo || len(row.Gone) != 1 || row.Gone[0].ID != look.IDs[0] {
			t.Errorf("%+v", row)
		}
	}
	if status, _ := analyst.page(copyOf.Page); status == 200 {
		t.Error("a page that holds an erased record is printed again")
	}
	acts := map[string]int{}
	var log struct {
		Items []struct {
			Action string
			Count  int
		}
	}
	signIn(t, a, "oversight").get("/oversight/looks?limit=200", &log)
	for _, l := range log.Items {
		if l.Action == "export" || l.Action == "print" {
			acts[l.Action] += l.Count
		}
	}
	if acts["export"] != look.Rows || acts["print"] != 3*look.Rows { // two copies, one of them shown
		t.Errorf("the log counts %v for %d rows", acts, look.Rows)
	}
}

// recall erases a record as the clocks do.
func recall(t *testing.T, store record.Store, id string) {
	t.Helper()
	parsed, err := record.ParseID(id)
	if err != nil {
		t.Fatal(err)
	}
	err = store.Update(record.WithActor(t.Context(), record.Machine("test", "")), func(tx record.Tx) error {
		if _, err := tx.Erase(parsed); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "erase", Subject: parsed})
	})
	if err != nil {
		t.Fatal(err)
	}
}
