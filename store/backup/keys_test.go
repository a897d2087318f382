package backup_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sarhad/record"
	"sarhad/store/backup"
)

// TestWords proves the encoding against the examples of the proposal: 127.0.0.1 is lusab-babad.
func TestWords(t *testing.T) {
	for raw, want := range map[string]string{"\x7f\x00\x00\x01": "lusab babad", "\x3f\x54\xdc\xc1": "gutih tugad", "\xff\xff": "zuzuz"} {
		if got, err := backup.Words(strings.NewReader(raw), len(raw)/2); err != nil || got != want {
			t.Errorf("%x: %q %v, want %q", raw, got, err, want)
		}
	}
}

// TestKeysLeaveAndComeBack proves that all keys come back from their file, with the words however they are typed or with the
// recovery key, and with nothing else; and that nothing is written over.
func TestKeysLeaveAndComeBack(t *testing.T) {
	dir := t.TempDir()
	files := map[string]string{"log.key": "a secret", "clearance.key": "another", "unit.age": "of a body"}
	for name, text := range files {
		must(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	keys, err := backup.ReadKeys(dir, "kz", time.Now())
	must(t, err)
	words := "lusab babad gutih tugad lusab babad gutih tugad"
	forWords, err := backup.ForWords(words)
	must(t, err)
	byWords, err := keys.Seal(forWords)
	must(t, err)
	secret, recipient, err := backup.NewRecovery()
	must(t, err)
	to, err := backup.ParseRecipient(recipient)
	must(t, err)
	byRecovery, err := keys.Seal(to)
	must(t, err)
	identity, err := backup.ParseIdentity("# printed\n" + strings.ToLower(secret[:30]) + " " + secret[30:] + "\n")
	must(t, err)
	for _, sealed := range [][]byte{byWords, byRecovery} {
		if bytes.Contains(sealed, []byte("a secret")) {
			t.Error("the keys lie open")
		}
		got, err := backup.OpenKeys(sealed, "  Lusab babad\ngutih  TUGAD lusab babad gutih tugad ", identity)
		must(t, err)
		out := filepath.Join(t.TempDir(), "keys")
		must(t, got.Write(out))
		for name, text := range files {
			if b, err := os.ReadFile(filepath.Join(out, name)); err != nil || string(b) != text {
				t.Errorf("%s: %q %v", name, b, err)
			}
		}
		if err := got.Write(out); record.KindOf(err) != record.Conflict {
			t.Errorf("written over: %v", err)
		}
	}
	if _, err := backup.OpenKeys(byWords, "lusab babad", identity); record.KindOf(err) != record.Forbidden || !strings.Contains(record.MessageOf(err), "not the words") {
		t.Errorf("wrong words: %v", err)
	}
	other, _, err := backup.NewRecovery()
	must(t, err)
	wrong, err := backup.ParseIdentity(other)
	must(t, err)
	if _, err := backup.OpenKeys(byRecovery, "", wrong); record.KindOf(err) != record.Forbidden {
		t.Errorf("another recovery key: %v", err)
	}
	byRecovery[len(byRecovery)/2] ^= 1
	if _, err := backup.OpenKeys(byRecovery, "", identity); record.KindOf(err) != record.Invalid {
		t.Errorf("a damaged file: %v", err)
	}
	evil := &backup.Keys{Format: 1, Node: "kz", Files: map[string][]byte{"../sarhad.toml": nil}}
	if err := evil.Write(filepath.Join(t.TempDir(), "keys")); err == nil {
		t.Error("a name leads out of the directory")
	}
}
