package app_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sarhad/app"
	"sarhad/record"
	"sarhad/web/api"
)

// snapshot is an invented picture.
func snapshot(t *testing.T) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 60, 40))
	for x := range 60 {
		img.Set(x, x%40, color.RGBA{200, 40, 40, 255})
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// raw asks with headers of one's own.
func (b *browser) raw(method, path string, headers map[string]string, body io.Reader) (*http.Response, []byte) {
	b.t.Helper()
	req, err := http.NewRequest(method, b.base+"/api"+path, body)
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("X-CSRF-Token", b.csrf)
	req.Header.Set("Origin", b.base)
	for k, v := range headers {
		req.Header.Set(k, v)
	}
	res, err := b.http.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatalf("%s %s: %v", method, path, err)
	}
	return res, got
}

func (b *browser) patch(id string, at int64, piece io.Reader) (*http.Response, []byte) {
	b.t.Helper()
	return b.raw("PATCH", "/uploads/"+id, map[string]string{"Upload-Offset": fmt.Sprint(at), "Content-Type": "application/offset+octet-stream"}, piece)
}

func (b *browser) begin(name string, content []byte) string {
	b.t.Helper()
	var u struct{ ID string }
	b.do("POST", "/uploads", map[string]any{"name": name, "size": len(content)}, &u, 200)
	return u.ID
}

// sent uploads a file.
func (b *browser) sent(name string, content []byte) string {
	b.t.Helper()
	id := b.begin(name, content)
	if res, got := b.patch(id, 0, bytes.NewReader(content)); res.StatusCode != 200 || res.Header.Get("Upload-Offset") != fmt.Sprint(len(content)) {
		b.t.Fatalf("%d %s", res.StatusCode, got)
	}
	return id
}

type exhibit struct {
	ID, Title, Officer string
	Files              []struct {
		ID, Name, Type, Group string
		Small                 *struct{ Width int }
		Clean                 bool
		Kept                  *struct{ Reason string }
	}
	Hold     *struct{ Basis string }
	MayErase bool
}

// oneExhibit attaches a picture to a record.
func oneExhibit(t *testing.T, b *browser, parent string) (id, file string) {
	t.Helper()
	var e exhibit
	b.do("POST", "/records/"+parent+"/exhibits", map[string]any{"title": "Passport page", "how": "photographed at the booth",
		"files": []any{map[string]any{"upload": b.sent("page.png", snapshot(t))}}}, &e, 200)
	return e.ID, e.Files[0].ID
}

// TestExhibit follows a file from an officer's phone to the download: sent in pieces, attached, shown small, handed out so
// that no browser runs it, each step an act, and erased by the supervisor with every trace.
func TestExhibit(t *testing.T) {
	dir := t.TempDir()
	a := node(t, dir)
	defer a.Stop()
	b, boss := signIn(t, a, "analyst"), signIn(t, a, "supervisor")
	hit := oneHit(t, b, "1", "ZZ101", "ALA")
	content := snapshot(t)
	id := b.begin("Удостоверение.png", content)
	if res, got := b.patch(id, 0, bytes.NewReader(content[:50])); res.StatusCode != 200 {
		t.Fatalf("%d %s", res.StatusCode, got)
	}
	res, got := b.patch(id, 7, bytes.NewReader(content[7:]))
	if res.StatusCode != 409 || res.Header.Get("Upload-Offset") != "50" {
		t.Fatalf("a wrong offset: %d, %q: %s", res.StatusCode, res.Header.Get("Upload-Offset"), got)
	}
	if res, _ := b.raw("HEAD", "/uploads/"+id, nil, nil); res.StatusCode != 200 || res.Header.Get("Upload-Offset") != "50" || res.Header.Get("Upload-Length") != fmt.Sprint(len(content)) {
		t.Fatalf("HEAD: %d %v", res.StatusCode, res.Header)
	}
	if res, _ := boss.raw("HEAD", "/uploads/"+id, nil, nil); res.StatusCode != 404 {
		t.Errorf("somebody else's file is there: %d", res.StatusCode)
	}
	var files []struct{ ID string }
	if b.get("/uploads", &files); len(files) != 1 || files[0].ID != id {
		t.Fatalf("my files: %v", files)
	}
	b.patch(id, 50, bytes.NewReader(content[50:]))
	made := map[string]any{"title": "Паспорт", "how": "photographed", "hold": map[string]any{"basis": "case 17"},
		"files": []any{map[string]any{"upload": id}, map[string]any{"upload": b.sent("run.jpg", []byte("<script>alert(1)</script>"))}}}
	var e, again exhibit
	b.do("POST", "/records/"+hit+"/exhibits", made, &e, 200)
	b.do("POST", "/records/"+hit+"/exhibits", made, &again, 200)
	if e.ID != again.ID || len(e.Files) != 2 || e.MayErase || e.Files[0].Small == nil || e.Files[1].Group != "opaque" {
		t.Fatalf("%+v, again %s", e, again.ID)
	}
	var list struct{ Items []exhibit }
	if b.get("/records/"+hit+"/exhibits", &list); len(list.Items) != 1 || list.Items[0].ID != e.ID {
		t.Fatalf("%+v", list)
	}
	before := len(acts(t, a, "analyst"))
	handedOut(t, b, e, content)
	if n := len(acts(t, a, "analyst", "download")); n != 2 {
		t.Errorf("%d acts of two downloads", n)
	}
	if n := len(acts(t, a, "analyst")) - before; n != 2+1 { // the details are a look; small pictures belong to the list
		t.Errorf("%d acts", n)
	}
	if status, _ := b.send("POST", "/exhibits/"+e.ID+"/erase", "application/json", []byte(`{"reason":"mistake"}`)); status != 403 {
		t.Errorf("an analyst erases: %d", status)
	}
	if status, got := boss.send("POST", "/exhibits/"+e.ID+"/erase", "application/json", []byte(`{"reason":"mistake"}`)); status != 409 || !strings.Contains(string(got), "case 17") {
		t.Errorf("a held exhibit: %d %s", status, got)
	}
	boss.do("DELETE", "/exhibits/"+e.ID+"/hold", nil, nil, 204)
	boss.do("POST", "/exhibits/"+e.ID+"/erase", map[string]string{"reason": "mistake"}, nil, 204)
	if left, _ := filepath.Glob(filepath.Join(dir, "attachments", "*", "*")); len(left) > 0 {
		t.Errorf("chunks are still there: %v", left)
	}
	if status, _ := b.send("GET", "/attachments/"+e.Files[0].ID+"/content", "", nil); status != 404 {
		t.Errorf("an erased file: %d", status)
	}
}

// handedOut proves how files leave: small pictures as pictures, everything as a download that no browser runs.
func handedOut(t *testing.T, b *browser, e exhibit, content []byte) {
	t.Helper()
	for i, want := range []struct{ kind, name string }{{"image/png", "%D0%A3"}, {"application/octet-stream", "run.jpg.bin"}} {
		res, got := b.raw("GET", "/attachments/"+e.Files[i].ID+"/content", nil, nil)
		h := res.Header
		if h.Get("Content-Type") != want.kind || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment;") || !strings.Contains(h.Get("Content-Disposition"), want.name) {
			t.Errorf("%s is handed out as %v", e.Files[i].Name, h)
		}
		if i == 0 && !bytes.Equal(got, content) {
			t.Error("other bytes came out")
		}
		sandboxed(t, h)
	}
	res, got := b.raw("GET", "/attachments/"+e.Files[0].ID+"/content", map[string]string{"Range": "bytes=20-29"}, nil)
	if res.StatusCode != 206 || !bytes.Equal(got, content[20:30]) {
		t.Errorf("a part: %d %q", res.StatusCode, got)
	}
	res, _ = b.raw("GET", "/attachments/"+e.Files[0].ID+"/small", nil, nil)
	if res.Header.Get("Content-Type") != "image/jpeg" || res.Header.Get("Content-Disposition") != "" {
		t.Errorf("the small picture: %v", res.Header)
	}
	sandboxed(t, res.Header)
	var page struct{ SHA256 string }
	b.get("/attachments/"+e.Files[0].ID, &page)
	if sum := sha256.Sum256(content); page.SHA256 != hex.EncodeToString(sum[:]) {
		t.Errorf("checksum %s", page.SHA256)
	}
}

func sandboxed(t *testing.T, h http.Header) {
	t.Helper()
	for name, want := range map[string]string{"Content-Security-Policy": "sandbox; default-src 'none'", "X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin"} {
		if got := h.Values(name); len(got) != 1 || got[0] != want {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// TestDamagedDownloadFails proves that a browser notices when a chunk is damaged: an error before the first byte, or a
// download that ends too early; never other bytes.
func TestDamagedDownloadFails(t *testing.T) {
	dir := t.TempDir()
	a := node(t, dir)
	defer a.Stop()
	b := signIn(t, a, "analyst")
	content := make([]byte, 3<<20)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(content)
	var e exhibit
	b.do("POST", "/records/"+oneHit(t, b, "1", "ZZ101", "ALA")+"/exhibits", map[string]any{"title": "x", "how": "x", "files": []any{map[string]any{"upload": b.sent("x.bin", content)}}}, &e, 200)
	id, err := record.ParseID(e.ID)
	if err != nil {
		t.Fatal(err)
	}
	var rec *record.Record
	w := &world{t: t, app: a}
	w.see(func(tx record.Tx) error { rec, err = tx.Get(id); return err })
	path := func(i int) string {
		name := rec.Attachments[0].Chunks[i]
		return filepath.Join(dir, "attachments", name[:2], name)
	}
	if err := os.WriteFile(path(2), []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	req, _ := http.NewRequest("GET", b.base+"/api/attachments/"+e.Files[0].ID+"/content", nil)
	res, err := b.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(res.Body)
	res.Body.Close()
	if err == nil || !bytes.HasPrefix(content, got) || len(got) > 2<<20 {
		t.Errorf("%d bytes of a damaged file, %v", len(got), err)
	}
	if err := os.Remove(path(1)); err != nil {
		t.Fatal(err)
	}
	if res, got := b.raw("GET", "/attachments/"+e.Files[0].ID+"/content", nil, nil); res.StatusCode != 500 || !strings.Contains(string(got), "backup") {
		t.Errorf("a missing chunk: %d %s", res.StatusCode, got)
	}
}

// serveDir and serveAt tell a child of TestUploadSurvivesKill9 where to work and where to listen.
const (
	serveDir = "SARHAD_TEST_SERVE_DIR"
	serveAt  = "SARHAD_TEST_SERVE_AT"
)

// serveFor runs a node until somebody kills it. It never returns.
func serveFor(dir, at string) {
	ctx := context.Background()
	a, err := app.New(ctx, dir, app.Options{Log: slog.New(slog.NewTextHandler(os.Stderr, nil)), HTTP: at})
	if err != nil {
		panic(err)
	}
	if err := a.Start(ctx); err != nil {
		panic(err)
	}
	select {}
}

// stalled is a line that gives so many bytes of a file and then nothing until it is let go.
type stalled struct {
	r    io.Reader
	most int64
	let  chan struct{}
}

func (l *stalled) Read(b []byte) (int, error) {
	if l.most <= 0 {
		<-l.let
		return 0, io.ErrUnexpectedEOF
	}
	n, err := l.r.Read(b[:min(int64(len(b)), l.most)])
	l.most -= int64(n)
	return n, err
}

// TestUploadSurvivesKill9 proves that a file goes on where it stood after the node was killed in the middle of it, any number
// of times, and that what comes out is what was sent.
func TestUploadSurvivesKill9(t *testing.T) {
	dir := t.TempDir()
	a := node(t, dir)
	hit := oneHit(t, signIn(t, a, "analyst"), "1", "ZZ101", "ALA")
	if err := a.Stop(); err != nil {
		t.Fatal(err)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := free.Addr().String()
	free.Close()
	run := func() *exec.Cmd {
		child := exec.Command(os.Args[0], "-test.run=^$")
		child.Env = append(os.Environ(), serveDir+"="+dir, serveAt+"="+at)
		child.Stderr = os.Stderr
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = child.Process.Kill(); _ = child.Wait() })
		until(t, "the node answers", func() bool {
			res, err := http.Get("http://" + at + "/healthz")
			if err == nil {
				res.Body.Close()
			}
			return err == nil
		})
		return child
	}
	child := run()
	jar, _ := cookiejar.New(nil)
	b := &browser{t: t, base: "http://localhost:" + at[strings.LastIndex(at, ":")+1:], http: &http.Client{Jar: jar, Timeout: 20 * time.Second}}
	var me struct{ CSRF string }
	b.do("POST", "/session", map[string]string{"name": "analyst", "password": password}, &me, 200)
	b.csrf = me.CSRF
	content := make([]byte, 20<<20)
	_, _ = rand.NewChaCha8([32]byte{2}).Read(content)
	id := b.begin("long.bin", content)
	offset := int64(0)
	for range 2 {
		line := &stalled{r: bytes.NewReader(content[offset:]), most: 9<<20 + 12345, let: make(chan struct{})}
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			req, err := http.NewRequest("PATCH", b.base+"/api/uploads/"+id, io.NopCloser(line))
			if err != nil {
				return
			}
			req.Header.Set("Upload-Offset", fmt.Sprint(offset))
			req.Header.Set("X-CSRF-Token", b.csrf)
			req.Header.Set("Origin", b.base)
			if res, err := (&http.Client{Jar: jar}).Do(req); err == nil { // no limit of time: only the kill ends the line
				res.Body.Close()
			}
		}()
		var saved []struct{ Offset int64 }
		until(t, "8 MB more are on the disk", func() bool { b.get("/uploads", &saved); return saved[0].Offset >= offset+8<<20 })
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = child.Wait() // killed
		close(line.let)
		<-ended
		child = run()
		res, _ := b.raw("HEAD", "/uploads/"+id, nil, nil)
		if _, err := fmt.Sscan(res.Header.Get("Upload-Offset"), &offset); err != nil || offset < saved[0].Offset {
			t.Fatalf("%d bytes were said to be here; after the kill it stands at %q", saved[0].Offset, res.Header.Get("Upload-Offset"))
		}
	}
	if res, got := b.patch(id, offset, bytes.NewReader(content[offset:])); res.StatusCode != 200 {
		t.Fatalf("%d %s", res.StatusCode, got)
	}
	var e exhibit
	b.do("POST", "/records/"+hit+"/exhibits", map[string]any{"title": "x", "how": "x", "files": []any{map[string]any{"upload": id}}}, &e, 200)
	if _, got := b.raw("GET", "/attachments/"+e.Files[0].ID+"/content", nil, nil); !bytes.Equal(got, content) {
		t.Error("other bytes came out")
	}
}

// TestExhibitIsHandledLikeItsParent proves that an exhibit is no easier to read than what it proves, for files too.
func TestExhibitIsHandledLikeItsParent(t *testing.T) {
	a := node(t, t.TempDir())
	defer a.Stop()
	b := signIn(t, a, "analyst")
	parent := &record.Record{Kind: "test.unknown", Version: 1, Writer: a.Config.Name, Owner: record.Owner{Agency: "KAZ-PIU"}, Raw: []byte("{}"),
		Handling: record.Handling{Marking: "official", TLP: "red", Topic: "passenger", Codes: []string{"H2"}, Releasable: []string{"UZB-PIU"}, Place: "ALA"}}
	machine := record.WithActor(t.Context(), record.Machine("test", ""))
	put := func(change func()) {
		err := a.Store.Update(machine, func(tx record.Tx) error {
			change()
			if err := tx.Put(parent); err != nil {
				return err
			}
			return tx.Audit(record.Act{Action: "test"})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	put(func() {})
	id, file := oneExhibit(t, b, parent.ID.String())
	var page api.RecordPage
	b.get("/records/"+id, &page)
	got, err := json.Marshal(page.Handling)
	if want := `{"marking":"official","tlp":"red","topic":"evidence","releasable":["UZB-PIU"],"codes":["H2"]}`; string(got) != want || err != nil {
		t.Errorf("handled as %s, want %s", got, want)
	}
	posts(t, a, "analyst", "analyst", "KAZ-CUST", "")
	for _, path := range []string{"/records/" + id, "/attachments/" + file, "/attachments/" + file + "/small", "/attachments/" + file + "/content"} {
		if status, _ := b.send("GET", path, "", nil); status != 404 {
			t.Errorf("another agency gets %s: %d", path, status)
		}
	}
	// In a compartment it stays closed like its parent.
	posts(t, a, "analyst", "analyst", "KAZ-PIU", "")
	put(func() { parent.Handling.Case = "17" })
	if status, _ := b.send("POST", "/records/"+parent.ID.String()+"/exhibits", "application/json", []byte(`{"title":"x","how":"x","files":[{"upload":"`+id+`"}]}`)); status != 404 {
		t.Errorf("an exhibit of a record that the officer may not read: %d", status)
	}
}
