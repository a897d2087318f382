package api

import "sarhad/record"

// HashIDs is the fingerprint of a set of records in an act: SHA-256 over their sorted ids, hexadecimal; "" of none. Doors
// beside the API write theirs the same way.
func HashIDs(ids []record.ID) string { return hashIDs(ids) }
