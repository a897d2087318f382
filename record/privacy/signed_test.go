package privacy

import (
	"testing"

	"sarhad/record"
	"sarhad/record/access"
	"sarhad/record/audit"
	"sarhad/store/storetest"
)

// TestErasureIsOfWhatWasSigned proves that an erasure is done only if the record is the one the officer saw when signing: not
// after a revision, and not with a signature that names no revision. What is done carries its signature in the log.
func TestErasureIsOfWhatWasSigned(t *testing.T) {
	s := newScene(t)
	id := s.put(named("SECRETOVA ANNA"))
	boss := person("supervisor", "boss")
	sign := func(revision string) *record.Signature {
		return storetest.Sign(record.Act{User: "boss", Action: "erase", Topic: access.Privacy, Subject: id, Reason: "person"}, revision, s.clock.Now())
	}
	before := sign(s.get(id).Hash())
	s.update(func(tx record.Tx) error {
		r, err := tx.Get(id)
		if err != nil {
			return err
		}
		r.Body.(*storetest.Note).State, r.Raw = "closed", nil
		return tx.Put(r)
	})
	s.kind("signed before the record was changed", second(s.c.Erase(boss, id, "court order 1", before)), record.Conflict)
	s.kind("signed without a revision", second(s.c.Erase(boss, id, "court order 1", sign(""))), record.Conflict)
	if s.get(id) == nil {
		t.Fatal("erased though another revision was signed")
	}
	now := sign(s.get(id).Hash())
	_, err := s.c.Erase(boss, id, "court order 1", now)
	s.ok(err)
	if s.get(id) != nil {
		t.Error("not erased though the present revision was signed")
	}
	rows, err := s.store.AskAudit(machineCtx(), audit.Question{Actions: []string{"erase"}})
	s.ok(err)
	if len(rows) != 1 || rows[0].Signature == nil || rows[0].Signature.Revision != now.Revision || audit.VerifySignature(rows[0].Act) != nil {
		t.Errorf("in the log: %+v", rows)
	}
}
