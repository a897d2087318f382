package ui

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func get(t *testing.T, path string, gzip bool) *http.Response {
	t.Helper()
	r := httptest.NewRequest("GET", path, nil)
	if gzip {
		r.Header.Set("Accept-Encoding", "gzip, br")
	}
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w.Result()
}

// TestEveryAddressIsAState proves that a permalink opens the workbench (or the page that stands in for it), that a missing
// file is missing, and that nothing is written to.
func TestEveryAddressIsAState(t *testing.T) {
	for _, path := range []string{"/", "/hits", "/hits/0190a6e2-7b2c-7d3e-8a4b-112233445566", "/records?q=x"} {
		res := get(t, path, false)
		if res.StatusCode != 200 || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
			t.Errorf("%s: %d %s", path, res.StatusCode, res.Header.Get("Content-Type"))
		}
		if c := res.Header.Get("Cache-Control"); c != "no-cache" && c != "no-store" {
			t.Errorf("%s is cached: %q", path, c)
		}
	}
	if Built() {
		if res := get(t, "/assets/missing.js", false); res.StatusCode != 404 {
			t.Errorf("a missing file: %d", res.StatusCode)
		}
	}
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, httptest.NewRequest("POST", "/hits", nil))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", w.Code)
	}
	for _, path := range []string{"/../ui.go", "/%2e%2e/ui.go", "/..%2fplaceholder.html"} {
		if res := get(t, path, false); res.StatusCode == 200 && !strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
			t.Errorf("%s leads out of the folder", path)
		}
	}
}

// TestAssetsNeverChange proves that hashed files are kept for ever and sent compressed.
func TestAssetsNeverChange(t *testing.T) {
	if !Built() {
		t.Skip("the workbench is not built here; make ui builds it")
	}
	entries, err := fs.ReadDir(dist, "dist/app/assets")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".js") {
			continue
		}
		res := get(t, "/assets/"+e.Name(), true)
		if !strings.Contains(res.Header.Get("Cache-Control"), "immutable") || !strings.Contains(res.Header.Get("Content-Type"), "javascript") {
			t.Errorf("%s: %v", e.Name(), res.Header)
		}
		if _, err := fs.Stat(dist, "dist/app/assets/"+e.Name()+".gz"); err == nil && res.Header.Get("Content-Encoding") != "gzip" {
			t.Errorf("%s is not sent compressed", e.Name())
		}
	}
}
