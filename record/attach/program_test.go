package attach_test

import (
	"testing"

	"sarhad/record"
	"sarhad/record/attach"
)

// TestProgram proves that what would run is refused by its type under any name, and by its name whatever is in it.
func TestProgram(t *testing.T) {
	for _, c := range []struct {
		name, kind string
		refused    bool
	}{
		{"photo.jpg", "image/jpeg", false},
		{"photo.jpg", "application/vnd.microsoft.portable-executable", true},
		{"photo.jpg.EXE", "", true},
		{"run.bat. ", "text/plain", true}, // Windows drops dots and spaces at the end
		{"tool", "application/x-elf", true},
		{"exe", "", false},
		{"words.txt", "text/plain", false},
	} {
		if err := attach.Program(c.name, c.kind); (err != nil) != c.refused || err != nil && record.KindOf(err) != record.Invalid {
			t.Errorf("%q, %q: %v", c.name, c.kind, err)
		}
	}
}
