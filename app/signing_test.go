package app_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"sarhad/app"
	"sarhad/internal/authn"
	"sarhad/record"
	"sarhad/record/audit"
)

// sign answers the challenge of an act with the password, as an officer without passkey and codes does.
func (b *browser) sign(act map[string]any) map[string]any {
	b.t.Helper()
	var c struct{ Challenge, Statement, Method string }
	b.do("POST", "/signing", act, &c, 200)
	if c.Method != "password" {
		b.t.Fatalf("to sign by %s", c.Method)
	}
	return map[string]any{"challenge": c.Challenge, "password": password}
}

// toConfirm is what is signed when a hit is confirmed as "document" with an instruction.
func toConfirm(id, action, text string) map[string]any {
	return map[string]any{"action": "decide", "topic": "hit", "subject": id, "verdict": "confirmed", "reason": "document",
		"details": map[string]string{"instruction": action, "text": text}}
}

// confirm confirms a hit, signed.
func (b *browser) confirm(id, action, text string, page any) {
	b.t.Helper()
	b.do("POST", "/hits/"+id+"/confirm", map[string]any{"reason": "document", "instruction": map[string]string{"action": action, "text": text},
		"proof": b.sign(toConfirm(id, action, text))}, page, 200)
}

func (b *browser) refused(what, path string, in any, status int, reason authn.Reason) {
	b.t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		b.t.Fatal(err)
	}
	got, text := b.send("POST", path, "application/json", body)
	var p struct{ Reason string }
	if err := json.Unmarshal(text, &p); err != nil || got != status || p.Reason != string(reason) {
		b.t.Errorf("%s: %d %s, want %d and reason %q", what, got, text, status, reason)
	}
}

// TestConfirmIsSigned proves that a confirmation with an instruction is done only with a signature made for exactly this
// act by this officer in this session, that it is used once, and that the log keeps it and finds a row that no longer fits.
func TestConfirmIsSigned(t *testing.T) {
	dir := t.TempDir()
	a := node(t, dir)
	analyst, other := signIn(t, a, "analyst"), signIn(t, a, "supervisor")
	id := oneHit(t, analyst, "1", "ZZ101", "ALA")
	analyst.do("POST", "/hits/"+id+"/claim", map[string]any{}, nil, 200)
	at := "/hits/" + id + "/confirm"
	confirm := func(reason, action, text string, proof any) map[string]any {
		return map[string]any{"reason": reason, "instruction": map[string]string{"action": action, "text": text}, "proof": proof}
	}
	signed := func() map[string]any { return analyst.sign(toConfirm(id, "second-line", "look")) }
	unsigned := confirm("document", "second-line", "look", nil)
	delete(unsigned, "proof")
	analyst.refused("unsigned", at, unsigned, 403, authn.SignatureNeeded)
	analyst.refused("another reason", at, confirm("owner", "second-line", "look", signed()), 409, authn.ActChanged)
	analyst.refused("another instruction", at, confirm("document", "detain", "look", signed()), 409, authn.ActChanged)
	analyst.refused("other words", at, confirm("document", "second-line", "look away", signed()), 409, authn.ActChanged)
	wrong := signed()
	wrong["password"] = "not-the-password-0"
	analyst.refused("wrong password", at, confirm("document", "second-line", "look", wrong), 403, authn.PasswordWrong)
	wrong["password"] = password
	analyst.refused("the same challenge again", at, confirm("document", "second-line", "look", wrong), 409, authn.ChallengeGone)
	analyst.refused("of another officer", at, confirm("document", "second-line", "look", other.sign(toConfirm(id, "second-line", "look"))), 409, authn.ChallengeGone)
	analyst.refused("of another session", at, confirm("document", "second-line", "look", signIn(t, a, "analyst").sign(toConfirm(id, "second-line", "look"))), 409, authn.ChallengeGone)
	stale := toConfirm(id, "second-line", "look")
	stale["revision"] = 1
	analyst.refused("of what was seen before", "/signing", stale, 409, "")
	before := signed()
	analyst.do("POST", "/hits/"+id+"/release", map[string]any{}, nil, 200)
	analyst.do("POST", "/hits/"+id+"/claim", map[string]any{}, nil, 200)
	analyst.refused("the hit changed meanwhile", at, confirm("document", "second-line", "look", before), 409, authn.ActChanged)

	analyst.confirm(id, "second-line", "look", nil)
	row := decision(t, a, id)
	if row.Signature == nil || row.Signature.Method != record.SignedPassword || row.Signature.Details == "" || audit.VerifySignature(row) != nil {
		t.Fatalf("signature in the log: %+v", row.Signature)
	}
	var looks struct {
		Items []struct{ Action, Signed string }
	}
	signIn(t, a, "oversight").get("/oversight/looks?subject="+id, &looks)
	for _, l := range looks.Items {
		if want := map[string]string{"decide": record.SignedPassword}[l.Action]; l.Signed != want {
			t.Errorf("oversight reads that %q is signed by %q, want %q", l.Action, l.Signed, want)
		}
	}
	if !slices.ContainsFunc(looks.Items, func(l struct{ Action, Signed string }) bool { return l.Signed != "" }) {
		t.Errorf("oversight reads of no signature: %+v", looks.Items)
	}
	if err := a.Stop(); err != nil {
		t.Fatal(err)
	}
	if rep := verified(t, dir); !rep.OK() || rep.Signatures != 1 {
		t.Errorf("%+v", rep)
	}
	behindItsBack(t, dir, `UPDATE audit SET reason = 'owner' WHERE signature IS NOT NULL`)
	rep := verified(t, dir)
	kinds := ""
	for _, f := range rep.Findings {
		kinds += f.Kind + " "
	}
	if !strings.Contains(kinds, "signature") || !strings.Contains(kinds, "changed") {
		t.Errorf("another reason in the row: findings %v", rep.Findings)
	}
}

// decision gives the row of a decision about a record.
func decision(t *testing.T, a *app.App, id string) record.Act {
	t.Helper()
	subject, err := record.ParseID(id)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := a.Store.AskAudit(t.Context(), audit.Question{Subject: subject, Actions: []string{"decide"}})
	if err != nil || len(rows) != 1 {
		t.Fatalf("%d decisions: %v", len(rows), err)
	}
	return rows[0].Act
}
