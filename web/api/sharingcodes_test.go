package api

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"sarhad/exchange/sharing"
)

// TestEveryReasonOfSharingIsTranslated proves that every code by which a record or a field goes or stays has a sentence in both
// languages of the screens, with what it speaks of where the English one has it, and that the screens hold no other.
func TestEveryReasonOfSharingIsTranslated(t *testing.T) {
	const prefix = "sharing_why_"
	codes := sharing.Codes()
	for _, lang := range []string{"en", "ru"} {
		b, err := os.ReadFile("../ui/messages/" + lang + "/sharing.json")
		if err != nil {
			t.Fatal(err)
		}
		var all map[string]any
		if err := json.Unmarshal(b, &all); err != nil {
			t.Fatal(err)
		}
		for _, code := range slices.Sorted(maps.Keys(codes)) {
			text, _ := all[prefix+strings.ReplaceAll(code, "-", "_")].(string)
			switch {
			case text == "":
				t.Errorf("%s: %q has no sentence", lang, code)
			case strings.Contains(codes[code], "%s") != strings.Contains(text, "{ref}"):
				t.Errorf("%s: %q says %q, and the reason says %q", lang, code, text, codes[code])
			}
		}
		for key := range all {
			if code, ok := strings.CutPrefix(key, prefix); ok && codes[strings.ReplaceAll(code, "_", "-")] == "" {
				t.Errorf("%s: nothing gives the code of %q any more", lang, key)
			}
		}
	}
}
