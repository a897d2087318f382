package access

import (
	"testing"

	"sarhad/record"
	"sarhad/record/vocab"
)

func actor(role string) record.Actor {
	return record.Actor{User: "u", Agency: "KAZ-PIU", Place: "ALA", Roles: []string{role}}
}

func scope(topic string) record.Scope {
	return record.Scope{Node: "n", Agency: "KAZ-PIU", Marking: "official", Topic: topic}
}

// TestTableIsAllThereIs proves that nothing is allowed that no rule says, for every role, action and topic.
func TestTableIsAllThereIs(t *testing.T) {
	actions := []string{Read, Import, Decide, Oversee, Carry, Change, Ask, Create, Correct, Share, "invent"}
	topics := []string{Passenger, Watchlist, Hit, Instruction, Clearance, Evidence, Audit, Users, Privacy, Request, Oversight, Sharing, "incident", ""}
	roles := []string{"border", "analyst", "supervisor", "oversight", "admin", "stranger", ""}
	for _, role := range roles {
		for _, action := range actions {
			for _, topic := range topics {
				ruled := false
				for _, r := range Rules() {
					ruled = ruled || r.Role == role && r.Action == action && r.Topic == topic
				}
				s := scope(topic)
				s.Place = "ALA"
				if got := Allow(actor(role), action, s); got != ruled {
					t.Errorf("%s may %s %q: %v, the table says %v", role, action, topic, got, ruled)
				}
			}
		}
	}
}

func TestReach(t *testing.T) {
	other := scope(Hit)
	other.Agency = "UZB-PIU"
	if Allow(actor("analyst"), Read, other) {
		t.Error("an analyst reads another agency's hits")
	}
	order := scope(Instruction)
	if Allow(actor("border"), Read, order) {
		t.Error("a booth reads an instruction without a place: it may still be undone")
	}
	order.Place = "TAS"
	if Allow(actor("border"), Read, order) {
		t.Error("a booth reads another place's instruction")
	}
	order.Place = "ALA"
	if !Allow(actor("border"), Read, order) {
		t.Error("a booth does not read its own instruction")
	}
	guest := actor("border")
	guest.Agency, order.Place = "KAZ-BGS", "ALA"
	for released, want := range map[string]bool{"": true, "KAZ-BGS UZB-PIU": true, "UZB-PIU": false} {
		order.Releasable = released
		if Allow(guest, Read, order) != want {
			t.Errorf("released to %q: a booth of another agency reads it: %v", released, !want)
		}
	}
	order.Releasable, order.TLP = "", "red"
	if Allow(guest, Read, order) {
		t.Error("TLP:RED leaves its agency")
	}
	order.TLP = ""
	homeless := actor("border")
	homeless.Place = ""
	order.Place = ""
	if Allow(homeless, Read, order) {
		t.Error("no place equals no place")
	}
}

func TestNarrowing(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*record.Scope, *record.Actor)
		want   bool
	}{
		"plain":         {func(*record.Scope, *record.Actor) {}, true},
		"marking above": {func(s *record.Scope, _ *record.Actor) { s.Marking = "secret" }, false},
		"no marking":    {func(s *record.Scope, _ *record.Actor) { s.Marking = "" }, false},
		"compartment":   {func(s *record.Scope, _ *record.Actor) { s.Case = "2026-1" }, false},
		"compartment by own word": {func(s *record.Scope, a *record.Actor) {
			s.Case, a.Purpose.Kind, a.Purpose.Ref = "2026-1", "case", "2026-1"
		}, false},
		"red to the owner":   {func(s *record.Scope, _ *record.Actor) { s.TLP = "red" }, true},
		"released to others": {func(s *record.Scope, _ *record.Actor) { s.Releasable = "UZB-PIU" }, true},
		"two roles":          {func(_ *record.Scope, a *record.Actor) { a.Roles = []string{"border", "analyst"} }, true},
		"no role":            {func(_ *record.Scope, a *record.Actor) { a.Roles = nil }, false},
		"machine":            {func(s *record.Scope, a *record.Actor) { a.Machine, a.Roles, s.Marking = true, nil, "secret" }, true},
	} {
		s, a := scope(Hit), actor("analyst")
		c.change(&s, &a)
		if got := Allow(a, Read, s); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// TestOversightSeesActsNotCases is a line that is never crossed.
func TestOversightSeesActsNotCases(t *testing.T) {
	for _, topic := range []string{Passenger, Watchlist, Hit, Instruction, Clearance} {
		if May(actor("oversight"), Read, topic) {
			t.Errorf("oversight reads %s", topic)
		}
	}
	if May(actor("oversight"), Decide, Request) || May(actor("analyst"), Read, Request) || May(actor("supervisor"), Read, Oversight) {
		t.Error("a request or a question of oversight is open to more than its own")
	}
	if May(actor("admin"), Read, Passenger) || May(actor("admin"), Read, Audit) {
		t.Error("an administrator reads more than users")
	}
}

func TestRolesAreOfTheVocabulary(t *testing.T) {
	for _, r := range Rules() {
		if _, ok := vocab.Lookup(vocab.Roles, r.Role); !ok {
			t.Errorf("role %q has no label", r.Role)
		}
	}
}

func TestMatrixSaysTheTable(t *testing.T) {
	m := TheMatrix()
	cells := 0
	for _, row := range m.Rows {
		if len(row.Cells) != len(m.Roles) {
			t.Fatalf("row %+v has %d cells for %d roles", row, len(row.Cells), len(m.Roles))
		}
		for i, c := range row.Cells {
			if c == Nowhere.String() {
				continue
			}
			cells++
			if !May(actor(m.Roles[i]), row.Action, row.Topic) {
				t.Errorf("the matrix shows %s may %s %s; the table does not", m.Roles[i], row.Action, row.Topic)
			}
		}
	}
	if cells != len(Rules()) {
		t.Errorf("%d cells for %d rules", cells, len(Rules()))
	}
	if got := Doors(actor("border")); len(got) != 2 {
		t.Errorf("doors of a booth: %v", got)
	}
	if Check(actor("border"), Read, Hit) == nil || Check(actor("border"), Read, Instruction) != nil {
		t.Error("Check does not say what May says")
	}
}

// TestReleasedIsReadAndNothingElse proves that another agency's record which names the actor's agency is read in the topics that
// the actor reads, and that nothing else is done with it; without a release list it is not even read.
func TestReleasedIsReadAndNothingElse(t *testing.T) {
	for name, c := range map[string]struct {
		role   string
		change func(*record.Scope)
		want   bool
	}{
		"released":               {"analyst", func(*record.Scope) {}, true},
		"among others":           {"analyst", func(s *record.Scope) { s.Releasable = "KAZ-PIU UZB-PIU" }, true},
		"to nobody":              {"analyst", func(s *record.Scope) { s.Releasable = "" }, false},
		"to others":              {"analyst", func(s *record.Scope) { s.Releasable = "UZB-PIU" }, false},
		"to one that sounds so":  {"analyst", func(s *record.Scope) { s.Releasable = "KAZ-PIU-2" }, false},
		"another topic":          {"analyst", func(s *record.Scope) { s.Topic = Request }, false},
		"housekeeping":           {"supervisor", func(s *record.Scope) { s.Topic = Privacy }, false},
		"TLP red":                {"analyst", func(s *record.Scope) { s.TLP = "red" }, false},
		"a compartment":          {"analyst", func(s *record.Scope) { s.Case = "1" }, false},
		"a booth, other place":   {"border", func(s *record.Scope) { s.Topic, s.Place = Instruction, "TAS" }, false},
		"a role without reading": {"admin", func(*record.Scope) {}, false},
	} {
		s := record.Scope{Node: "kg", Agency: "KGZ-PIU", Marking: "official", Topic: Hit, Releasable: "KAZ-PIU"}
		c.change(&s)
		if got := Allow(actor(c.role), Read, s); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
		for _, r := range Rules() {
			if r.Action != Read && r.Reach == OwnAgency && Allow(actor(r.Role), r.Action, s) {
				t.Errorf("%s: %s may %s another agency's record", name, r.Role, r.Action)
			}
		}
	}
}
