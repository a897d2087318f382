package app_test

import (
	"bytes"
	"log/slog"
	"testing"

	"sarhad/app"
)

// TestDemoHasSealedRecords proves that a visitor of the demonstration finds masked records, and a wish to open one that waits
// for a second person; that nothing of them names anybody; and that the law is told in Russian too.
func TestDemoHasSealedRecords(t *testing.T) {
	a, _, err := app.OpenDemo(t.Context(), t.TempDir(), app.Options{Log: slog.New(slog.DiscardHandler), HTTP: "127.0.0.1:0"})
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
	chief := demoBrowser(t, a, "supervisor")
	var wishes struct {
		Items []struct{ Record, State string }
	}
	chief.get("/privacy/unmaskings", &wishes)
	if len(wishes.Items) != 1 || wishes.Items[0].State != "requested" {
		t.Fatalf("wishes to open: %+v", wishes.Items)
	}
	_, text := chief.raw("GET", "/records/"+wishes.Items[0].Record, nil, nil)
	if !bytes.Contains(text, []byte(`"masked":true`)) || bytes.Contains(text, []byte("TASKYNBAYEV")) || bytes.Contains(text, []byte("ZZ5550733")) {
		t.Errorf("the record: %s", text)
	}
	var clocks struct {
		Stopped *struct{}
		Rules   []struct {
			Kind    string
			LegalRu string `json:"legal_ru"`
		}
	}
	chief.get("/privacy/clocks", &clocks)
	if clocks.Stopped != nil || len(clocks.Rules) == 0 {
		t.Fatalf("the clocks: %+v", clocks)
	}
	for _, r := range clocks.Rules {
		if r.LegalRu == "" {
			t.Errorf("%s has no law in Russian", r.Kind)
		}
	}
}
