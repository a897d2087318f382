package app_test

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"sarhad/app"
	"sarhad/internal/config"
	"sarhad/internal/quarantine"
	"sarhad/record"
	"sarhad/record/attach"
	"sarhad/store/vault"
)

// TestAttachmentSettings proves that the limits of attachments come from the settings, that limits which do not fit into each
// other keep a node from starting, and that the file of the settings tells the true defaults.
func TestAttachmentSettings(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "node")
	if _, err := app.Init(t.Context(), dir, app.Setup{Role: "node", Country: "KZ"}); err != nil {
		t.Fatal(err)
	}
	const mb = 1 << 20
	c := config.Default()
	c.Name, c.Country = "kz-node", "KAZ"
	text := string(c.Encode())
	for _, said := range []string{
		fmt.Sprintf("attached file (%d MB when empty), of all files of one user (%d GB) and of all files (%d GB)", vault.MaxFile/mb, vault.MaxUser>>30, vault.MaxNode>>30),
		fmt.Sprintf("on their way at once; %d when empty", vault.MaxUploads),
		fmt.Sprintf("up to %d MB of memory; %d when empty", quarantine.DefaultMemory/mb, quarantine.DefaultAtOnce),
	} {
		if !strings.Contains(text, said) {
			t.Errorf("the settings do not say %q", said)
		}
	}
	open := func() (*app.App, error) {
		if err := config.Write(dir, c); err != nil {
			t.Fatal(err)
		}
		return app.New(t.Context(), dir, app.Options{Log: slog.New(slog.DiscardHandler)})
	}
	c.AttachmentUser = "100 MB" // less than the default of one file
	a, err := open()
	if record.KindOf(err) != record.Invalid || !strings.Contains(record.MessageOf(err), "one attached file may have 512 MB, all of one user 100 MB") {
		t.Fatalf("limits that do not fit: %v", err)
	}
	if a != nil {
		t.Error("a node beside an error")
	}
	c.AttachmentFile = "1 MB"
	if a, err = open(); err != nil {
		t.Fatal(err)
	}
	defer a.Stop()
	if _, err := a.Vault.Begin(t.Context(), "u1", attach.Begin{Name: "photo.jpg", Size: 2 * mb}); !strings.Contains(record.MessageOf(err), "1 MB is the most for one file") {
		t.Errorf("a file of 2 MB: %v", err)
	}
}
