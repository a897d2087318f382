package sqlite

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sarhad/record"
	"sarhad/record/audit"
)

// TestASignatureFitsItsRow proves that a row is written with a signature only if the row is the act that was signed, and that
// the signature comes back as it was.
func TestASignatureFitsItsRow(t *testing.T) {
	s, _ := open(t)
	ctx := record.WithActor(t.Context(), record.Actor{User: "officer", Purpose: record.Purpose{Kind: "duty", Text: "test"}})
	now := s.cfg.Now().UTC().Truncate(time.Second)
	signed := record.Act{User: "officer", Action: "decide", Verdict: "confirmed", Reason: "document", Signature: &record.Signature{
		Method: record.SignedCode, Revision: "r", Details: "d", Nonce: []byte("0123456789abcdef0123456789abcdef"), From: now, Until: now.Add(2 * time.Minute)}}
	challenge := signed.Challenge()
	signed.Signature.Signed = challenge[:]
	write := func(a record.Act) error {
		return s.Update(ctx, func(tx record.Tx) error { return tx.Audit(a) })
	}
	for name, change := range map[string]func(*record.Act){
		"another verdict": func(a *record.Act) { a.Verdict = "dismissed" },
		"another subject": func(a *record.Act) { a.Subject = record.ID{1} },
	} {
		other := signed
		change(&other)
		if err := write(other); record.KindOf(err) != record.Conflict {
			t.Errorf("%s: %v", name, err)
		}
	}
	ctx = record.WithActor(t.Context(), record.Actor{User: "somebody else"})
	if err := write(signed); record.KindOf(err) != record.Conflict {
		t.Errorf("done by somebody else: %v", err)
	}
	ctx = record.WithActor(t.Context(), record.Actor{User: "officer"})
	if err := write(signed); err != nil {
		t.Fatal(err)
	}
	rows, err := s.AskAudit(t.Context(), audit.Question{Actions: []string{"decide"}})
	if err != nil || len(rows) != 1 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	if d := cmp.Diff(signed.Signature, rows[0].Signature); d != "" {
		t.Errorf("the stored signature differs:\n%s", d)
	}
}
