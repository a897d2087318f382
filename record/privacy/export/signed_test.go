package export

import (
	"context"
	"errors"
	"testing"

	"sarhad/record"
	"sarhad/record/access"
	"sarhad/record/audit"
	"sarhad/store/storetest"
)

// TestAgreementIsOfWhatWasSigned proves that a signed agreement counts only for the request as it was when it was signed: a
// record that was erased meanwhile makes it another request. What is agreed carries its signature in the log.
func TestAgreementIsOfWhatWasSigned(t *testing.T) {
	s := newScene(t, 2)
	e, err := s.room.Ask(officer(), s.wish("teller"))
	s.ok(err)
	hash := func() (h string) {
		s.ok(s.store.View(machine(), func(tx record.Tx) error {
			r, err := tx.Get(e.ID)
			if err == nil {
				h = r.Hash()
			}
			return err
		}))
		return h
	}
	sign := func(revision string) *record.Signature {
		return storetest.Sign(record.Act{User: "boss", Action: ActAgree, Topic: access.Exports, Subject: e.ID}, revision, s.clock.Now())
	}
	before := sign(hash())
	s.ok(s.store.Update(machine(), func(tx record.Tx) error {
		_, err := tx.Erase(s.ids[0])
		return errors.Join(err, tx.Audit(record.Act{Action: "erase", Subject: s.ids[0]}))
	}))
	s.ok(s.room.Follow(context.Background()))
	_, err = s.room.Decide(chief(), e.ID, true, "", before)
	s.is(err, record.Conflict)
	_, err = s.room.Decide(chief(), e.ID, true, "", sign(""))
	s.is(err, record.Conflict)
	if all, _, err := s.room.Register(chief(), false, []string{Requested}, "", 0); err != nil || len(all) != 1 {
		t.Fatalf("the request does not wait any more: %d, %v", len(all), err)
	}
	now := sign(hash())
	_, err = s.room.Decide(chief(), e.ID, true, "", now)
	s.ok(err)
	rows, err := s.store.AskAudit(machine(), audit.Question{Actions: []string{ActAgree}})
	s.ok(err)
	if len(rows) != 1 || rows[0].Signature == nil || rows[0].Signature.Revision != now.Revision || audit.VerifySignature(rows[0].Act) != nil {
		t.Errorf("in the log: %+v", rows)
	}
}
