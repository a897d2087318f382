package app_test

import (
	"bytes"
	"strings"
	"testing"

	"sarhad/app"
	"sarhad/record"
	"sarhad/record/oversight"
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

// TestPlantedRecordsStayHome proves that what oversight planted is neither in a file for another node nor counted beside it,
// while a list on the screen still shows it, and that a node which moves its own data takes it along.
func TestPlantedRecordsStayHome(t *testing.T) {
	l := newLegal(t)
	b := signIn(t, l.app, "analyst")
	l.flight(b, "205")
	l.days(2) // planted is on a flight of the past
	eye := record.WithActor(t.Context(), record.Actor{User: "u-eye", Display: "Eye", Agency: app.Agency("KAZ"), Roles: []string{"oversight"}})
	mark, err := l.app.Oversight.Plant(eye, oversight.Invented{Surname: "CANARYBEKOV", Given: "NOBODY", Born: "1979-02-11", Sex: "M", Nationality: "KAZ", Document: "ZZ5550499"}, "a test")
	must(t, err)
	planted := mark.Body.(*oversight.Canary).Record
	machine := record.WithActor(t.Context(), record.Machine("test", ""))
	must(t, l.app.Store.Update(machine, func(tx record.Tx) error {
		child := &record.Record{Kind: "test.child", Version: 1, Owner: record.Owner{Agency: app.Agency("KAZ")}, Handling: record.Handling{Marking: "internal", Topic: "passenger"},
			Origin: record.Origin{Parents: []record.ID{planted}}, Raw: []byte(`{"text":"about CANARYBEKOV"}`), Writer: l.app.Config.Name}
		if err := tx.Put(child); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "create", Subject: child.ID})
	}))
	export := func(sel transfer.Selection) (string, transfer.Told) {
		t.Helper()
		var out bytes.Buffer
		sel.Node, sel.Purpose, sel.Planted = l.app.Config.Name, "to a neighbour", oversight.Canaries
		told, err := transfer.Export(machine, l.app.Store, sel, &out)
		must(t, err)
		return out.String(), told
	}
	got, told := export(transfer.Selection{WithRevisions: true})
	if strings.Contains(got, planted.String()) || told.LeftOut[transfer.LeftUnknown] != 0 {
		t.Errorf("it leaves, or a number tells of it: %+v", told)
	}
	if !strings.Contains(got, "SOMEBODYBEK") && told.Lines == 0 {
		t.Error("nothing leaves: the test proves nothing")
	}
	if got, _ := export(transfer.Selection{Whole: true}); !strings.Contains(got, planted.String()) {
		t.Error("a node that moves loses its planted records")
	}
	if got := string(second(signIn(t, l.app, "analyst").send("GET", "/records?q=canarybekov", "", nil))); !strings.Contains(got, planted.String()) {
		t.Errorf("the screen does not show it: %.300s", got)
	}
}
