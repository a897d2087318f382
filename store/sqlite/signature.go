package sqlite

import (
	"encoding/json"

	"sarhad/record"
	"sarhad/record/audit"
)

// signatureText is the signature of an act as it is stored; nil when it has none. One that does not fit the row, by then with
// its actor and time, is not stored: what was signed is done, or nothing.
func signatureText(a record.Act) (any, error) {
	if a.Signature == nil {
		return nil, nil
	}
	if err := audit.VerifySignature(a); err != nil {
		return nil, &record.Error{Kind: record.Conflict, Err: err, Message: "this is not the act that was signed; look at it again and sign anew"}
	}
	b, err := json.Marshal(a.Signature)
	return string(b), err
}

// readSignature gives a stored signature. One that cannot be read was tampered with: it is kept as an empty one, so that
// verification names the row instead of failing on it.
func readSignature(text string) (*record.Signature, error) {
	var s record.Signature
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return &record.Signature{}, nil
	}
	return &s, nil
}
