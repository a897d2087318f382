package app_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"sarhad/app"
	"sarhad/exchange/sharing"
	"sarhad/internal/authn"
	"sarhad/record"
	"sarhad/record/audit"
)

// TestARecordIsSharedThroughTheDoors proves the way through the API: an agreement drafted, agreed by a second person who signs,
// a preview, a send that is refused unsigned, changed or by an analyst, and done signed; the register of who has it, a recall,
// and every act in the log with its signature.
func TestARecordIsSharedThroughTheDoors(t *testing.T) {
	dir := t.TempDir()
	a := node(t, dir)
	var sent []record.Dispatch
	a.Sharing.Directory = partners{a.Config.Name}
	a.Sharing.Dispatch = func(_ record.Tx, d *record.Dispatch) error { sent = append(sent, *d); return nil }
	machine := record.WithActor(t.Context(), record.Machine("test", ""))
	if _, err := a.Authn.CreateUser(machine, "boss2", authn.Profile{Display: "Second", Agency: "KAZ-PIU", Roles: []string{"supervisor"}, Lang: "en"}, password, false); err != nil {
		t.Fatal(err)
	}
	analyst, boss, second := signIn(t, a, "analyst"), signIn(t, a, "supervisor"), signIn(t, a, "boss2")
	hit := oneHit(t, analyst, "1", "ZZ101", "ALA")
	var page struct{ Voyage struct{ ID string } }
	analyst.get("/hits/"+hit, &page)
	at := "/records/" + page.Voyage.ID + "/sharing"

	wish := map[string]any{"to": "KGZ-PIU", "node": "kg-one", "topic": "passenger", "legal": map[string]string{"en": "Treaty", "ru": "Договор"},
		"classes": []string{"plain"}, "updates": true, "until": time.Now().AddDate(1, 0, 0)}
	var row struct{ ID, State string }
	analyst.do("POST", "/sharing/agreements", wish, nil, 403)
	boss.do("POST", "/sharing/agreements", wish, &row, 200)
	agree := "/sharing/agreements/" + row.ID + "/agree"
	toAgree := map[string]any{"action": "agreement-agree", "topic": "sharing", "subject": row.ID}
	boss.do("POST", agree, map[string]any{"proof": boss.sign(toAgree)}, nil, 403)
	second.refused("unsigned", agree, map[string]any{}, 403, authn.SignatureNeeded)
	second.do("POST", agree, map[string]any{"proof": second.sign(toAgree)}, &row, 200)
	if row.State != "agreed" {
		t.Fatalf("%+v", row)
	}

	var look struct {
		For []struct {
			Goes   bool
			Hash   string
			Fields []struct {
				Code, Class, Value string
				Goes               bool
				Why                struct{ Code, Text string }
			}
			Readers []struct{ Agency, Role string }
			Hub     struct{ Code string }
		}
		Suggested []struct{ Node string }
	}
	analyst.do("POST", at+"/preview", map[string]any{}, nil, 403)
	boss.do("POST", at+"/preview", map[string]any{}, &look, 200)
	if len(look.For) != 1 || !look.For[0].Goes || len(look.Suggested) != 1 || len(look.For[0].Readers) == 0 || look.For[0].Hub.Code != "hub" {
		t.Fatalf("%+v", look)
	}
	hash := look.For[0].Hash
	body := func(purpose string, proof any) map[string]any {
		m := map[string]any{"to": []map[string]string{{"node": "kg-one", "edition": hash}}, "purpose": purpose}
		if proof != nil {
			m["proof"] = proof
		}
		return m
	}
	toSend := map[string]any{"action": "release", "topic": "sharing", "subject": page.Voyage.ID,
		"details": map[string]string{"to": "kg-one", "editions": hash, "purpose": "joint check"}}
	boss.refused("unsigned", at, body("joint check", nil), 403, authn.SignatureNeeded)
	boss.refused("another purpose", at, body("something else", boss.sign(toSend)), 409, authn.ActChanged)
	analyst.do("POST", at, body("joint check", analyst.sign(toSend)), nil, 403)
	before := len(sent)
	var shares struct {
		Items []struct {
			ID, State, Purpose string
			Edition            int
			To                 struct{ Name struct{ En string } }
		}
	}
	boss.do("POST", at, body("joint check", boss.sign(toSend)), &shares, 200)
	if len(sent) != before+1 || sent[before].Kind != sharing.MsgEdition || !bytes.Contains(sent[before].Content, []byte(page.Voyage.ID)) {
		t.Fatalf("%d messages", len(sent)-before)
	}
	boss.get(at, &shares)
	if len(shares.Items) != 1 || shares.Items[0].State != "active" || shares.Items[0].To.Name.En != "Kyrgyzstan" {
		t.Fatalf("%+v", shares)
	}
	boss.do("POST", "/sharing/recall", map[string]any{"shares": []string{shares.Items[0].ID}, "reason": "by mistake"}, &shares, 200)
	if sent[len(sent)-1].Kind != sharing.MsgRecall || shares.Items[0].State != "asked" {
		t.Errorf("%+v", shares)
	}
	signed := map[string]int{}
	for _, action := range []string{"release", "agreement-agree", "share-preview", "recall"} {
		signed[action] = len(sharingActs(t, a, action))
	}
	if fmt.Sprint(signed) != "map[agreement-agree:1 recall:1 release:1 share-preview:1]" {
		t.Errorf("acts: %v", signed)
	}
	if row := sharingActs(t, a, "release")[0]; row.Signature == nil || audit.VerifySignature(row) != nil {
		t.Errorf("signature in the log: %+v", row.Signature)
	}
	if err := a.Stop(); err != nil {
		t.Fatal(err)
	}
	if rep := verified(t, dir); !rep.OK() || rep.Signatures != 2 {
		t.Errorf("%+v", rep)
	}
}

func sharingActs(t *testing.T, a *app.App, action string) (out []record.Act) {
	t.Helper()
	rows, err := a.Store.AskAudit(t.Context(), audit.Question{Actions: []string{action}, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		out = append(out, r.Act)
	}
	return out
}
