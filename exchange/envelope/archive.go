package envelope

import "sarhad/record"

// kept is the form in the archive: no addressee and no padding, for it never travels.
type kept struct {
	_       struct{} `cbor:",toarray"`
	Version uint64
	Suite   string
	Sealed  []byte
}

// Reseal seals what Open returned as signed to the archive key of this node, statement and signatures as they came. After it
// the transport key it came by can be destroyed: who seizes that key and the wire later reads nothing, and this node can
// still show who signed what. What is not in the one form is not kept.
func Reseal(signed []byte, to Sealer) ([]byte, error) {
	var c container
	if err := unmarshal(signed, &c); err != nil {
		return nil, refuse(err, "only what was signed in the agreed form can be archived")
	}
	if to == nil {
		return nil, record.Errorf(record.Invalid, "there is no archive key to keep messages with: the node's keys must be made first")
	}
	sealed, err := sealBytes(signed, to)
	if err != nil {
		return nil, err
	}
	return marshal(kept{Version: Version, Suite: to.Suite(), Sealed: sealed}), nil
}

// OpenKept opens what Reseal kept and verifies it anew: verify answers for the time when the message came, not for now, since
// a key that was revoked later signed well before. It returns signed as Reseal took it.
func OpenKept(archived []byte, openers []Opener, verify Verify) (h Header, c Content, signed []byte, err error) {
	// The longest statement there can be, with all its signatures, and what sealing adds.
	_, most := MaxClass.sealedBounds()
	var k kept
	if len(archived) > most+kb {
		return Header{}, Content{}, nil, refuse(ErrForm, "this is longer than anything in the archive can be")
	}
	if err := readVersion(archived); err != nil {
		return Header{}, Content{}, nil, err
	}
	if err := unmarshal(archived, &k); err != nil {
		return Header{}, Content{}, nil, refuse(err, "this is not from the archive, or it is damaged: restore it from the backup")
	}
	signed, err = openBytes(k.Sealed, most, k.Suite, openers)
	switch {
	case record.KindOf(err) == record.Unavailable:
		return Header{}, Content{}, nil, err
	case err != nil:
		return Header{}, Content{}, nil, refuse(err, "an archived message cannot be opened: it needs the archive key it was kept "+
			"with, which is in the backup of the node's keys")
	}
	h, c, err = ReadSigned(signed, verify)
	if err != nil {
		return Header{}, Content{}, nil, err
	}
	return h, c, signed, nil
}
