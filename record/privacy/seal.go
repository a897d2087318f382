package privacy

import (
	"encoding/json"

	"sarhad/record"
)

// sealedClasses are taken out of a masked record and kept sealed.
var sealedClasses = []record.Class{record.Identity, record.Home, record.Source, record.FreeText, record.Sensitive}

// namelessClasses are taken out for good of a nameless one.
var namelessClasses = []record.Class{record.Identity, record.Home, record.Source, record.FreeText}

// redactor takes classes out of a body. Of a body that this program cannot read nothing stays.
func redactor(out []record.Class) func(*record.Record) ([]byte, error) {
	return func(r *record.Record) ([]byte, error) {
		if r.Body == nil {
			return []byte("{}"), nil
		}
		if err := record.Redact(r.Body, out...); err != nil {
			return nil, err
		}
		return json.Marshal(r.Body)
	}
}

// Masking says how a rule masks: sealed to both bodies, or nameless.
func (c *Clocks) Masking(policy string, nameless bool) record.Masking {
	if nameless {
		return record.Masking{Policy: policy, Redact: redactor(namelessClasses)}
	}
	return record.Masking{Policy: policy, Redact: redactor(sealedClasses), Seal: c.Keys.Seal}
}
