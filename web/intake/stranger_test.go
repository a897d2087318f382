package intake

import (
	"testing"

	"sarhad/record"
	"sarhad/screening/watchlist"
)

// TestStranger proves that what a child says is not believed further than it must be: fingerprints are made here, an entry of
// another list is refused, and so is a line that is neither.
func TestStranger(t *testing.T) {
	entry := func(list string) *watchlist.Entry {
		return &watchlist.Entry{List: list, ID: "1", Type: watchlist.Person, State: watchlist.Active, Fingerprint: "said by the child",
			Names: []watchlist.Name{{Full: "Nobody", Quality: watchlist.Primary}}}
	}
	var out []*watchlist.Publication
	if err := take(&out, watchlistLine{Entry: entry("own")}, "f"); record.KindOf(err) != record.Invalid {
		t.Errorf("an entry before its list: %v", err)
	}
	if err := take(&out, watchlistLine{Publication: &watchlist.Publication{List: "own"}}, "f"); err != nil {
		t.Fatal(err)
	}
	if err := take(&out, watchlistLine{Entry: entry("own")}, "f"); err != nil || out[0].Entries[0].Fingerprint == "said by the child" {
		t.Errorf("the fingerprint is the child's: %v", err)
	}
	for name, l := range map[string]watchlistLine{"another list": {Entry: entry("un-sc")}, "nothing": {}} {
		if err := take(&out, l, "f"); record.KindOf(err) != record.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(out[0].Entries) != 1 {
		t.Errorf("%d entries", len(out[0].Entries))
	}
}
