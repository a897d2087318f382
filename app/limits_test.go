package app_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sarhad/app"
	"sarhad/format/paxlst"
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

// slowFile says when somebody has begun to read it, and ends when it is let go.
type slowFile struct{ begun, end chan struct{} }

func (f slowFile) Read([]byte) (int, error) {
	close(f.begun)
	<-f.end
	return 0, io.EOF
}

// TestReadersAtOnce proves that all doors of a node share the one ward that the settings size.
func TestReadersAtOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "node")
	if _, err := app.Init(t.Context(), dir, app.Setup{Role: "node", Country: "KZ"}); err != nil {
		t.Fatal(err)
	}
	c := config.Default()
	c.Name, c.Country, c.Readers = "kz-node", "KAZ", "1"
	if err := config.Write(dir, c); err != nil {
		t.Fatal(err)
	}
	a, err := app.New(t.Context(), dir, app.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Stop()
	f, done := slowFile{make(chan struct{}), make(chan struct{})}, make(chan struct{})
	go func() {
		defer close(done)
		_ = a.Intake().Cell.Run(t.Context(), "passenger", "slow.edi", f, func([]byte) error { return nil }) // an empty file: it has no message
	}()
	<-f.begun
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	none := func(paxlst.Message) error { return nil }
	if err := a.Intake().Messages(ctx, "other.edi", []byte("x"), none); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("beside a full ward: %v", err)
	}
	close(f.end)
	<-done
	if err := a.Intake().Messages(t.Context(), "other.edi", []byte("x"), none); err == nil || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("in an empty ward: %v", err) // it is no message
	}
}
