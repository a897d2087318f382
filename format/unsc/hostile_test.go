package unsc

import (
	"strings"
	"testing"
)

// TestBombs proves that XML made to fill a memory is refused with a sentence, before it is unfolded.
func TestBombs(t *testing.T) {
	for name, c := range map[string]struct{ in, says string }{
		"entities":  {`<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><CONSOLIDATED_LIST>&b;</CONSOLIDATED_LIST>`, "declares a document type"},
		"depth":     {"<CONSOLIDATED_LIST><INDIVIDUALS><INDIVIDUAL>" + strings.Repeat("<ALIAS>", 100_000), "elements within each other"},
		"attribute": {`<CONSOLIDATED_LIST a="` + strings.Repeat("x", 1<<20) + `">`, "a tag in the XML is longer"},
		"text":      {"<CONSOLIDATED_LIST><INDIVIDUALS><INDIVIDUAL><DATAID>" + strings.Repeat("9", 9<<20), "a megabyte passes without any tag"},
	} {
		l, err := Read(strings.NewReader(c.in), "un.xml")
		if err == nil || !strings.Contains(err.Error(), c.says) || !strings.HasPrefix(err.Error(), "un.xml, line 1: ") || len(l.Entries) > 0 {
			t.Errorf("%s: %.200v", name, err)
		}
	}
}
