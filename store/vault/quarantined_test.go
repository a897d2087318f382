package vault_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sarhad/internal/quarantine"
	"sarhad/record"
	"sarhad/record/attach"
	"sarhad/store/vault"
)

func TestMain(m *testing.M) {
	quarantine.Main(os.Args, vault.Kinds())
	os.Exit(m.Run())
}

// TestOpenedAsInThisProcess proves that a file opened in quarantine says the same as one opened here: what it is and tells,
// the cleaned picture byte for byte, the rendition, and why a bomb is refused.
func TestOpenedAsInThisProcess(t *testing.T) {
	away := vault.Quarantined(quarantine.Cell{})
	placed := placedPhoto(t, 900, 700, 6)
	for name, c := range map[string]struct {
		content []byte
		task    vault.Task
	}{
		"a photo":            {placed, vault.Task{}},
		"a photo cleaned":    {placed, vault.Task{Draw: true, Clean: true, Type: "image/jpeg"}},
		"a photo kept":       {placed, vault.Task{Draw: true, Type: "image/jpeg"}},
		"a noisy large one":  {photo(t, 1500, 1100, true), vault.Task{Draw: true, Clean: true, Type: "image/jpeg"}},
		"words":              {[]byte("hello there"), vault.Task{}},
		"a broken picture":   {placed[:len(placed)/3], vault.Task{Draw: true, Clean: true, Type: "image/jpeg"}},
		"no picture, drawn":  {[]byte("hello there"), vault.Task{Draw: true, Type: "image/bmp"}},
		"a picture, clipped": {picture(t, 40, 30)[:60], vault.Task{}},
	} {
		c.task.Size = int64(len(c.content))
		want, err := vault.Read(c.task, bytes.NewReader(c.content))
		if err != nil {
			t.Fatal(name, err)
		}
		got, err := away(t.Context(), "a.jpg", c.task, bytes.NewReader(c.content))
		if d := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmp.Exporter(func(reflect.Type) bool { return true })); err != nil || d != "" {
			t.Errorf("%s: %v\n%s", name, err, d)
		}
	}
}

// TestStrangersWordAboutAFile proves that the vault does not believe what Read never says, and keeps nothing of such a file.
func TestStrangersWordAboutAFile(t *testing.T) {
	content := picture(t, 60, 40)
	for name, lie := range map[string]func(vault.Task, vault.Opened) vault.Opened{
		"a type with a line break": func(_ vault.Task, o vault.Opened) vault.Opened {
			if o.Type != "" {
				o.Type = "image/png\r\nX: y"
			}
			return o
		},
		"a rendition that is a page": func(_ vault.Task, o vault.Opened) vault.Opened {
			if o.Rendition != nil {
				o.Rendition.JPEG = []byte("<script>")
			}
			return o
		},
		"a rendition too large": func(_ vault.Task, o vault.Opened) vault.Opened {
			if o.Rendition != nil {
				o.Rendition.JPEG = append(o.Rendition.JPEG, make([]byte, vault.MaxSmall)...)
			}
			return o
		},
		"other content, not cleaned": func(t vault.Task, o vault.Opened) vault.Opened {
			if t.Draw {
				o.Content, o.Cleaned = []byte("other"), false
			}
			return o
		},
	} {
		s := newScene(t)
		s.opener = func(_ context.Context, _ string, t vault.Task, in io.Reader) (vault.Opened, error) {
			o, err := vault.Read(t, in)
			return lie(t, o), err
		}
		s.again()
		u := s.begin("a.png", content)
		_, err := s.vault.Append(t.Context(), officer, u.ID, 0, bytes.NewReader(content), nil)
		if err == nil {
			_, err = s.vault.Finish(t.Context(), officer, u.ID, attach.Choice{})
		}
		s.kind(name, err, record.Invalid)
		if left := s.vault.List(officer); len(left)+len(s.chunks()) != 0 {
			t.Errorf("%s: still there: %v", name, left)
		}
	}
}

// TestAnotherTime proves that a file whose reader could not begin waits and is looked at when it is finished.
func TestAnotherTime(t *testing.T) {
	busy := true
	s := newScene(t)
	s.opener = func(_ context.Context, _ string, t vault.Task, in io.Reader) (vault.Opened, error) {
		if busy {
			return vault.Opened{}, &record.Error{Kind: record.Unavailable, Message: "try again", Err: errors.New("no process")}
		}
		return vault.Read(t, in)
	}
	s.again()
	content := picture(t, 60, 40)
	u := s.begin("a.png", content)
	_, err := s.vault.Append(t.Context(), officer, u.ID, 0, bytes.NewReader(content), nil)
	s.kind("no process", err, record.Unavailable)
	s.again()
	busy = false
	a, err := s.vault.Finish(t.Context(), officer, u.ID, attach.Choice{})
	if s.ok(err); a.Type != "image/png" || a.Small == nil {
		t.Errorf("%+v", a)
	}
}

// TestOpenedInAnotherProcess proves that a file is read in the child and not here: what only a child is bound by ends the
// reading, and the vault keeps nothing of such a file.
func TestOpenedInAnotherProcess(t *testing.T) {
	content := placedPhoto(t, 900, 700, 6)
	task := vault.Task{Draw: true, Clean: true, Type: "image/jpeg", Size: int64(len(content))}
	for reason, limits := range map[quarantine.Reason]quarantine.Limits{
		quarantine.TooLong: {Line: 1 << 10},
		quarantine.TooMuch: {Output: 1 << 10},
	} {
		open := vault.Quarantined(quarantine.Cell{Limits: limits})
		o, err := open(t.Context(), "a.jpg", task, bytes.NewReader(content))
		if got := quarantine.ReasonOf(err); got != reason || len(o.Content) > 0 {
			t.Errorf("with a limit of the child's only: %q, %v, %d bytes of content; want %q", got, err, len(o.Content), reason)
		}
		s := newScene(t)
		s.opener = open
		s.again()
		u := s.begin("a.jpg", content)
		_, err = s.vault.Append(t.Context(), officer, u.ID, 0, bytes.NewReader(content), nil)
		if err == nil {
			_, err = s.vault.Finish(t.Context(), officer, u.ID, attach.Choice{})
		}
		s.kind(string(reason), err, record.Invalid)
	}
}
