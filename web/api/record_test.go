package api

import (
	"slices"
	"testing"

	"sarhad/record"
	"sarhad/screening/hit"
)

func TestDiffer(t *testing.T) {
	one := &record.Record{Body: &hit.Hit{State: hit.New, Score: 0.5}}
	two := &record.Record{Body: &hit.Hit{State: hit.Claimed, Claim: &hit.Claim{By: "u"}}}
	unknown, newer := &record.Record{Raw: []byte("a")}, &record.Record{Raw: []byte("b")}
	for name, c := range map[string]struct {
		before, after *record.Record
		want          []string
	}{
		"the same":             {one, one, []string{}},
		"set, changed, unset":  {one, two, []string{"claim.by", "score", "state"}},
		"of unknown kind":      {unknown, newer, []string{"raw"}},
		"of unknown kind, not": {unknown, unknown, []string{}},
		"known since":          {unknown, one, []string{"raw"}},
	} {
		if got := differ(c.before, c.after); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
