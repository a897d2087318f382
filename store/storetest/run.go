package storetest

import "testing"

// Run proves that a store keeps the contract. open gives a new, empty store each time.
func Run(t *testing.T, open func(*testing.T) Opened) {
	for _, c := range []struct {
		name string
		test func(*scene)
	}{
		{"a record comes back as it was put", roundTrip},
		{"times are UTC milliseconds", times},
		{"bytes of a known kind are kept as they came", rawKept},
		{"an unknown kind is kept raw and not indexed", unknownKind},
		{"a body that cannot be read is kept raw", unreadable},
		{"a changed body with old bytes is refused", staleBytes},
		{"an invalid body is refused when we write it", invalidBody},
		{"a revision follows the present one", revisions},
		{"a stale revision is a conflict", staleRevision},
		{"a key is unique among present revisions of its kind", keys},
		{"a refused put leaves nothing behind", refusedPut},
		{"nobody reads or writes without an actor", noActor},
		{"a view cannot write", viewWrites},
		{"an act that fails leaves nothing", rollback},
		{"a change without an act is refused", actNeeded},
		{"an act is filled from the actor", actFilled},
		{"an act's own purpose goes before the session's", actPurpose},
		{"acts are numbered without gaps", actsGapless},
		{"rows of a word are limited", tooManyRows},
		{"lists are ordered and filtered by every selector", selectors},
		{"pages neither miss nor repeat while records change", stablePages},
		{"cursors are checked", badCursors},
		{"counts stop at the limit", counts},
		{"as known on", asKnownOn},
		{"a name is found in every script", scripts},
		{"words are found whole, the last as a beginning", wordsFound},
		{"typed text is no syntax", noSyntax},
		{"links of a thing, both directions", links},
		{"events by period, place and box", events},
		{"measures are summed by dimensions", measures},
		{"persons come in whole records", persons},
		{"the sequence and its cursors", sequence},
		{"erasing takes revisions, children and things along", erasing},
		{"what is spared stays", sparing},
		{"masking takes identity out of every revision", masking},
		{"masking seals what it takes", maskingSeals},
		{"a masked record is not found by what named it", maskingFound},
		{"a masked record stays as it is", maskingStays},
		{"what is made nameless stays so", nameless},
		{"masking takes the names of files, and the files with the names for good", maskingFiles},
		{"masking takes the envelope as it was received", maskingReceived},
		{"a record of unknown kind is masked whole, and one made nameless is never opened", maskingWhole},
		{"what expires is found", expiring},
		{"bytes beside a record go with it", boxes},
		{"stripped acts still verify, and nothing else does", stripping},
		{"free words of purposes leave the log", strippingWords},
		{"reads are what Allow allows", scopes},
		{"the past of a record that was marked higher is closed too", closedPast},
		{"an old body is upgraded in memory and written anew by the next revision", upgraded},
		{"a received revision is kept byte for byte under its writer", receivedWhole},
		{"what another node writes is not revised here", foreignWriter},
		{"received revisions find their place or are refused", receivedPlaces},
		{"two nodes may give one key", receivedKeys},
		{"what was erased does not come back", receivedErased},
		{"unknown fields of an envelope go on with its revisions", receivedUnknown},
		{"a record changes its writer by one signed act", handedOver},
		{"a hand-over that is stale, repeated or unsigned changes nothing", handedOverWrongly},
		{"the audit tree grows, is signed and proved", auditTree},
		{"oversight asks", oversight},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(newScene(t, open)) })
	}
}
