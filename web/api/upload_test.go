package api

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"sarhad/record"
)

// counted is a body that says how much of it was read.
type counted struct {
	io.Reader
	n int
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	c.n += n
	return n, err
}

// TestReceive proves that an upload is read by right only, refused when it is too large, and leaves nothing behind.
func TestReceive(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	left := func() int {
		all, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	a := &API{Config: Config{Agency: "KAZ-PIU", Node: Node{Name: "n"}, Now: time.Now, Log: slog.New(slog.DiscardHandler)}}
	const most = inMemory + 4<<20
	var spooled, calls int
	h := a.receive(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls++
		spooled = left()
		if err := r.ParseMultipartForm(1); err != nil || len(r.MultipartForm.File["files"]) != 1 {
			t.Errorf("the form does not reach the door: %v", err)
		}
	}), most)
	for name, c := range map[string]struct {
		role, agency, path string
		size               int
		sayLength          bool
		status             int
		spooled            bool
	}{
		"small":                   {"analyst", "KAZ-PIU", "/api/imports", 9 << 10, true, 200, false},
		"larger than memory":      {"analyst", "KAZ-PIU", "/api/lists/import", inMemory + 1<<20, true, 200, true},
		"too large, says so":      {"analyst", "KAZ-PIU", "/api/imports", most + 1, true, 413, false},
		"too large, does not say": {"analyst", "KAZ-PIU", "/api/lists/preview", most + 1, false, 413, false},
		"another agency":          {"analyst", "KAZ-CUST", "/api/imports", 9 << 10, true, 403, false},
		"another agency's list":   {"analyst", "KAZ-CUST", "/api/lists/preview", 9 << 10, true, 403, false},
		"another role":            {"border", "KAZ-PIU", "/api/lists/import", most + 1, true, 403, false},
	} {
		var buf bytes.Buffer
		w := multipart.NewWriter(&buf)
		part, err := w.CreateFormFile("files", "x.edi")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write(make([]byte, c.size)); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		body := &counted{Reader: bytes.NewReader(buf.Bytes())}
		r := httptest.NewRequest("POST", c.path, body)
		r.ContentLength = -1
		if c.sayLength {
			r.ContentLength = int64(buf.Len())
		}
		r.Header.Set("Content-Type", w.FormDataContentType())
		r = r.WithContext(record.WithActor(r.Context(), record.Actor{User: "u", Agency: c.agency, Roles: []string{c.role},
			Purpose: record.Purpose{Kind: "duty", Text: "test"}}))
		calls, spooled = 0, 0
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, r)
		if answer.Code != c.status || (calls == 1) != (c.status == 200) {
			t.Errorf("%s: %d, want %d; %d calls: %.200s", name, answer.Code, c.status, calls, answer.Body)
		}
		if c.spooled != (spooled > 0) {
			t.Errorf("%s: %d files in the temporary directory while it is read", name, spooled)
		}
		if n := left(); n != 0 {
			t.Errorf("%s: %d files stay in the temporary directory", name, n)
		}
		if c.status == 403 && body.n > 0 {
			t.Errorf("%s: %d bytes were read before the right was asked", name, body.n)
		}
		if c.status == 413 {
			var p Problem
			if err := json.Unmarshal(answer.Body.Bytes(), &p); err != nil || p.Kind != "invalid" || !strings.Contains(p.Detail, "36 MB") {
				t.Errorf("%s: the answer says %+v, %v", name, p, err)
			}
		}
	}
}

// TestUploadsAreGuarded proves that no door takes files but those that receive stands before.
func TestUploadsAreGuarded(t *testing.T) {
	b, err := OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Paths map[string]map[string]struct {
			RequestBody struct{ Content map[string]any }
		}
	}
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatal(err)
	}
	found := 0
	for path, methods := range doc.Paths {
		for method, op := range methods {
			if op.RequestBody.Content["multipart/form-data"] == nil {
				continue
			}
			found++
			if !slices.ContainsFunc(uploads, func(u struct{ path, topic string }) bool { return u.path == path }) {
				t.Errorf("%s %s takes files and is not guarded", method, path)
			}
		}
	}
	if found != len(uploads) {
		t.Errorf("%d doors take files, %d are guarded", found, len(uploads))
	}
}
