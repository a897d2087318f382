package app_test

import (
	"bytes"
	"strings"
	"testing"

	"sarhad/record"
	"sarhad/record/privacy"
	"sarhad/record/transfer"
)

// TestHousekeepingOfOthersIsRefused proves that nobody sets the clocks of a node from outside: a policy of another node, even
// one that this node signed itself once, is refused under whatever topic it comes, and so is every record of housekeeping.
func TestHousekeepingOfOthersIsRefused(t *testing.T) {
	a := node(t, t.TempDir())
	defer a.Stop()
	machine := record.WithActor(t.Context(), record.Machine("test", ""))
	before, err := a.Privacy.Policies(machine)
	must(t, err)
	var policy *record.Record
	must(t, a.Store.View(machine, func(tx record.Tx) error {
		page, err := tx.List(record.Query{Kinds: []string{privacy.KindPolicy}, Full: true, Limit: 1})
		policy = page.Rows[0].Record
		return err
	}))
	for name, change := range map[string]func(*record.Record){
		"a policy":                        func(*record.Record) {},
		"a policy said to be a passenger": func(r *record.Record) { r.Handling.Topic = "passenger" },
		"a question to an officer": func(r *record.Record) {
			r.Kind, r.Handling.Topic, r.Raw = "oversight.question", "oversight", []byte(`{}`)
		},
		"a kind nobody knows": func(r *record.Record) { r.Kind, r.Key = "privacy.something", "" },
		"a newer policy":      func(r *record.Record) { r.Version = 99 },
	} {
		r := *policy
		r.ID, r.Writer, r.Body = record.ID{7}, "xx-node", nil
		change(&r)
		line, err := r.AppendWire(nil)
		must(t, err)
		res, err := transfer.Import(machine, a.Store, transfer.Source{File: "theirs.jsonl", Node: a.Config.Name}, bytes.NewReader(line))
		must(t, err)
		if res.Refused != 1 || res.New+res.Revised+res.Aside != 0 || !strings.Contains(res.Problems[0].Text, "how another node is run") {
			t.Errorf("%s: %+v", name, res)
		}
	}
	after, err := a.Privacy.Policies(machine)
	must(t, err)
	if len(after.Valid) != len(before.Valid) || len(after.Refused) != 0 {
		t.Errorf("the clocks now follow %d policies, not %d; refused: %+v", len(after.Valid), len(before.Valid), after.Refused)
	}
}
