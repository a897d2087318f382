package hit_test

import (
	"testing"
	"time"

	"sarhad/record"
	"sarhad/screening/hit"
)

// TestConfirmWhatWasSigned proves that a signature under another state of the hit confirms nothing, and that the right one goes
// into the audit row.
func TestConfirmWhatWasSigned(t *testing.T) {
	u := open(t)
	u.list("e1", "Жумабаев Айдар", "1984-05-12", "f1")
	u.arrive("j1", "ZHUMABAYEV AIDAR", "1984-05-12", "N01234567")
	u.step()
	id, _ := u.one()
	analyst := as("asel", "analyst", "")
	old := u.must(u.room.Claim(analyst, id)).Hash()
	u.must(u.room.Release(analyst, id))
	now := u.must(u.room.Claim(analyst, id)).Hash()
	actor, err := record.ActorFrom(analyst)
	if err != nil {
		t.Fatal(err)
	}
	sign := func(revision string) *record.Signature {
		sig := &record.Signature{Method: record.SignedCode, Revision: revision, Nonce: make([]byte, 32), From: u.now, Until: u.now.Add(2 * time.Minute)}
		act := record.Act{User: actor.User, Action: "decide", Topic: "hit", Subject: id, Verdict: hit.Confirmed, Reason: "document", Signature: sig}
		challenge := act.Challenge()
		sig.Signed = challenge[:]
		return sig
	}
	_, err = u.room.Confirm(analyst, id, "document", "", hit.Order{Action: "detain", Signature: sign(old)})
	wantKind(t, err, record.Conflict)
	if _, h := u.one(); h.State != hit.Claimed {
		t.Fatalf("the hit is %s", h.State)
	}
	_, err = u.room.Confirm(analyst, id, "owner", "", hit.Order{Action: "detain", Signature: sign(now)})
	wantKind(t, err, record.Conflict)
	u.must(u.room.Confirm(analyst, id, "document", "", hit.Order{Action: "detain", Signature: sign(now)}))
}
