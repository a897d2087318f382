package hit_test

import (
	"encoding/json"
	"testing"

	"sarhad/record"
	"sarhad/screening/hit"
)

func (u *unit) act(fn func(record.Tx) error) {
	u.t.Helper()
	err := u.store.Update(machine(), func(tx record.Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		return tx.Audit(record.Act{Action: "test"})
	})
	if err != nil {
		u.t.Fatal(err)
	}
}

// mask takes identity out of a hit, as the clocks do.
func (u *unit) mask(id record.ID) {
	u.t.Helper()
	u.act(func(tx record.Tx) error {
		return tx.Mask(id, record.Masking{Policy: "test", Seal: func(b []byte) ([]byte, error) { return b[:0:0], nil },
			Redact: func(r *record.Record) ([]byte, error) {
				if err := record.Redact(r.Body, record.Identity, record.FreeText, record.Source); err != nil {
					return nil, err
				}
				return json.Marshal(r.Body)
			}})
	})
}

// TestMaskedHitsStopNobody proves that screening goes on beside masked hits and instructions: a list that changes and a
// booth that reports do not make it fail, and leave them as they are.
func TestMaskedHitsStopNobody(t *testing.T) {
	u := open(t)
	id, _ := u.confirmed()
	u.mask(id)
	before := u.must(u.get(id))
	u.mask(before.Body.(*hit.Hit).Instruction)
	u.list("e1", "Жумабаев Айдар", "1990-01-01", "f9") // the entry of the masked hit
	u.step()
	u.list("e1", "Somebody Else", "1990-01-01", "f10")
	u.step()
	u.arrive("j9", "ZHUMABAYEV AIDAR", "1984-05-12", "AA9")
	u.step()
	after := u.must(u.get(id))
	if after.Revision != before.Revision || after.Masked == nil {
		t.Errorf("a masked hit was revised: %+v", after.Revision)
	}
}

func (u *unit) get(id record.ID) (rec *record.Record, err error) {
	err = u.store.View(machine(), func(tx record.Tx) (err error) { rec, err = tx.Get(id); return err })
	return rec, err
}
