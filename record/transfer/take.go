package transfer

import "sarhad/record"

// Take stores one revision that came by another way than a file, inside the caller's act: what does not follow what is stored
// is kept aside, and what waited for it is placed. from says where it came from, for what is kept aside.
func Take(tx record.Tx, node, from string, rec *record.Record) (record.Reception, error) {
	in := &intake{src: Source{File: from, Node: node}}
	out, _, err := in.take(tx, rec)
	return out, err
}
