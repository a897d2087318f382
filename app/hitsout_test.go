package app_test

import (
	"fmt"
	"testing"
)

// TestHitsGoOutByTheirFilter proves that an export of hits takes what the filter of the queue selects, however many of them a
// screen has loaded, and nothing else.
func TestHitsGoOutByTheirFilter(t *testing.T) {
	a := node(t, t.TempDir())
	t.Cleanup(func() {
		if err := a.Stop(); err != nil {
			t.Error(err)
		}
	})
	analyst := signIn(t, a, "analyst")
	for i, to := range []string{"ALA", "ALA", "NQZ"} {
		oneHit(t, analyst, fmt.Sprint(i+1), fmt.Sprintf("ZZ10%d", i+1), to)
	}
	gone := oneHit(t, analyst, "4", "ZZ104", "ALA")
	analyst.do("POST", "/hits/"+gone+"/claim", nil, nil, 200)
	analyst.do("POST", "/hits/"+gone+"/dismiss", map[string]string{"reason": "birth-date"}, nil, 200)
	for _, c := range []struct {
		filter map[string]string
		want   int
	}{
		{map[string]string{}, 3}, // open is what nobody named
		{map[string]string{"place": "ALA"}, 2},
		{map[string]string{"place": "GUW"}, 0},
		{map[string]string{"q": "nobody of this name"}, 0},
		{map[string]string{"state": "mine"}, 0},
		{map[string]string{"state": "decided"}, 1},
		{map[string]string{"state": "decided", "place": "NQZ"}, 0},
		{map[string]string{"state": "all", "place": "ALA"}, 3},
	} {
		var look struct {
			IDs  []string
			Rows int
		}
		analyst.do("POST", "/exports/preview", map[string]any{"view": "hits", "hits": c.filter}, &look, 200)
		if look.Rows != c.want || len(look.IDs) != c.want {
			t.Errorf("%v takes %d hits, want %d", c.filter, look.Rows, c.want)
		}
	}
	var e taken
	analyst.do("POST", "/exports", map[string]any{"view": "hits", "hits": map[string]string{"place": "ALA"}, "form": "csv", "lang": "en",
		"columns": []map[string]string{{"code": "@id"}}}, &e, 200)
	if e.Rows != 2 {
		t.Errorf("%+v goes out", e)
	}
}
