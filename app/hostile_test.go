package app_test

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sarhad/app"
	"sarhad/internal/quarantine"
)

// TestAPictureThatKillsItsReader proves that a picture which ends the process that opens it gives one sentence, that nothing
// of it is left, that the node lives and the next picture is taken in.
func TestAPictureThatKillsItsReader(t *testing.T) {
	var crafted bytes.Buffer // 180 million grey points in a few hundred kB: within what is opened, above what this child may use
	coder := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := coder.Encode(&crafted, image.NewGray(image.Rect(0, 0, 15_000, 12_000))); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	a := nodeWith(t, dir, app.Options{Attachments: quarantine.Limits{Memory: 192 << 20, CPU: 20 * time.Second, Wait: time.Minute, Line: 1 << 20, Output: 8 << 20}})
	defer a.Stop()
	b := signIn(t, a, "analyst")
	hit := oneHit(t, b, "1", "ZZ101", "ALA")
	made := func(name string, content []byte) (int, string) {
		body := `{"title":"Passport page","how":"photographed","files":[{"upload":"` + b.sent(name, content) + `"}]}`
		status, got := b.send("POST", "/records/"+hit+"/exhibits", "application/json", []byte(body))
		return status, string(got)
	}
	status, got := made("page.png", crafted.Bytes())
	if status != 422 || !strings.Contains(got, "page.png was not taken in, nor any part of it: reading it takes more than 192 MB of memory.") {
		t.Errorf("%d %s", status, got)
	}
	var left struct{ Items []exhibit }
	if b.get("/records/"+hit+"/exhibits", &left); len(left.Items) != 0 {
		t.Errorf("an exhibit is there: %+v", left)
	}
	var files []struct{ ID string }
	if b.get("/uploads", &files); len(files) != 0 {
		t.Errorf("the file is still on its way: %v", files)
	}
	for _, sub := range []string{"attachments/*/*", "uploads/*"} {
		if found, _ := filepath.Glob(filepath.Join(dir, filepath.FromSlash(sub))); len(found) > 0 {
			t.Errorf("left on the disk: %v", found)
		}
	}
	if status, got := made("page.png", snapshot(t)); status != 200 {
		t.Errorf("the next picture: %d %s", status, got)
	}
	if entries, _ := os.ReadDir(filepath.Join(dir, "attachments")); len(entries) == 0 {
		t.Error("the next picture is not stored")
	}
}
