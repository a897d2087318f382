package app_test

import (
	"testing"
	"time"

	"sarhad/app"
	"sarhad/internal/authn"
	"sarhad/record"
)

// staff makes officers of an agency on a node, each named after the role with a number behind.
func staff(t *testing.T, a *app.App, agency string, names map[string]string) {
	t.Helper()
	machine := record.WithActor(t.Context(), record.Machine("test", ""))
	for name, role := range names {
		if _, err := a.Authn.CreateUser(machine, name, authn.Profile{Display: "The " + name, Agency: agency, Roles: []string{role}, Lang: "en"}, password, false); err != nil {
			t.Fatal(err)
		}
	}
}

// firstPage is what a first page counts.
type firstPage struct{ Cards []struct{ Code, Href string } }

func (p firstPage) has(code string) bool {
	for _, c := range p.Cards {
		if c.Code == code {
			return true
		}
	}
	return false
}

// TestAnOfficerOpensWhatWasShared proves the whole way over a real network: an agreement of two supervisors, a record sent, delivered
// and not opened while nobody has read it, opened when an analyst there looks at it, recalled, and the answer seen here.
func TestAnOfficerOpensWhatWasShared(t *testing.T) {
	n := newNet(t, [2]string{"KAZ", "kaz-centre"}, [2]string{"KGZ", "kgz-centre"})
	here, there := n.apps["kaz-centre"], n.apps["kgz-centre"]
	staff(t, here, "KAZ-PIU", map[string]string{"analyst": "analyst", "supervisor": "supervisor", "second": "supervisor"})
	staff(t, there, "KGZ-PIU", map[string]string{"reader": "analyst"})
	boss, second, reader := signIn(t, here, "supervisor"), signIn(t, here, "second"), signIn(t, there, "reader")
	hit := oneHit(t, signIn(t, here, "analyst"), "1", "ZZ101", "ALA")
	var page struct{ Voyage struct{ ID string } }
	boss.get("/hits/"+hit, &page)
	id := page.Voyage.ID
	at := "/records/" + id + "/sharing"

	var row struct{ ID string }
	boss.do("POST", "/sharing/agreements", map[string]any{"to": "KGZ-PIU", "node": "kgz-centre", "topic": "passenger", "legal": map[string]string{"en": "Treaty", "ru": "Договор"},
		"classes": []string{"plain"}, "until": time.Now().AddDate(1, 0, 0)}, &row, 200)
	var today firstPage
	second.get("/today", &today)
	if !today.has("sharing-agree") {
		t.Errorf("the second supervisor is not told: %+v", today)
	}
	today = firstPage{}
	boss.get("/today", &today)
	if today.has("sharing-agree") {
		t.Error("who drafted is asked to agree")
	}
	second.do("POST", "/sharing/agreements/"+row.ID+"/agree", map[string]any{"proof": second.sign(map[string]any{"action": "agreement-agree", "topic": "sharing", "subject": row.ID})}, nil, 200)

	var look struct{ For []struct{ Hash string } }
	boss.do("POST", at+"/preview", map[string]any{}, &look, 200)
	boss.do("POST", at, map[string]any{"to": []map[string]string{{"node": "kgz-centre", "edition": look.For[0].Hash}}, "purpose": "joint check", "proof": boss.sign(map[string]any{
		"action": "release", "topic": "sharing", "subject": id, "details": map[string]string{"to": "kgz-centre", "editions": look.For[0].Hash, "purpose": "joint check"}})}, nil, 200)
	var shares struct {
		Items []struct {
			ID, State string
			Delivery  struct{ State string }
		}
	}
	became := func(what string, ok func() bool) {
		until(t, what, func() bool { boss.get(at, &shares); return len(shares.Items) == 1 && ok() })
	}
	became("the record to be delivered", func() bool { return shares.Items[0].Delivery.State == "delivered" })
	var got struct {
		Items []struct {
			Unread bool
			Record struct{ ID string }
		}
	}
	until(t, "the partner to have it", func() bool {
		reader.get("/received", &got)
		return len(got.Items) == 1 && got.Items[0].Unread && got.Items[0].Record.ID == id
	})
	if boss.get(at, &shares); shares.Items[0].Delivery.State != "delivered" {
		t.Errorf("opened by a list: %+v", shares)
	}
	reader.get("/records/"+id, &struct{}{})
	became("it to be opened", func() bool { return shares.Items[0].Delivery.State == "opened" })
	if reader.get("/received", &got); got.Items[0].Unread {
		t.Error("still unread where it was read")
	}
	boss.do("POST", "/sharing/recall", map[string]any{"shares": []string{shares.Items[0].ID}, "reason": "by mistake"}, nil, 200)
	became("the partner to have erased it", func() bool { return shares.Items[0].State == "gone" })
}
