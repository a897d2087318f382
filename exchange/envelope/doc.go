// Package envelope makes a message that only its addressee can read and that proves who said it: header, content, padding,
// signing, sealing, and how they are read again.
//
// # Nouns
//
//   - [Header]: all that the hub, or anybody on the way, sees.
//   - [Content]: what one node tells another.
//   - [Class]: a size class. Messages of one class, to one node and in one lane, are of one length.
//   - Suite: one way to sign or to seal, by name: [Signer], [Sealer], [Opener], [Suites]. A country brings its own by
//     implementing them; which ones count is handed in.
//   - [SignKey], [VerifyKey], [OpenKey], [SealKey]: the keys of the suites that come along, each one line of text.
//   - [File]: what opens a large file, which is encrypted once for all who get it.
//
// # Form, version 1
//
// CBOR (RFC 8949) in deterministic encoding (section 4.2.1) throughout: definite lengths, shortest numbers, no maps, no tags.
//
//	wire      = [version, to, lane, size, id, until, suite, sealed]
//	sealed    = age file, or what the suite makes, of: length of signed (4 bytes, big-endian) + signed + zeros,
//	            together size + 512 bytes
//	signed    = [statement, [signature, ...]]                    statement as a byte string, that is: the bytes that were signed
//	statement = [version, to, lane, size, id, until, suite,      the same seven as outside
//	             from, seq, incarnation, kind, about, sent, [suite of each signature, ...], body]
//	signature = over "sarhad envelope 1\n" + statement
//	kept      = [version, suite, sealed]                         sealed of: signed, to the archive key
//	file      = [version, suite, secret key, size, size of ciphertext, SHA-256 of ciphertext]
//
// version is 1; to and from are node names (a-z, 0-9, hyphens, 1 to 40, a letter first); lane is flash, routine or bulk; size is a
// [Class] in bytes; id is 16 bytes, UUID version 4; until is hours since 1970 UTC; about is 16 bytes, zeros for none; sent is
// milliseconds since 1970 UTC; body, sealed and signatures are byte strings. Sealing is age-encryption.org/v1 to one
// mlkem768x25519 recipient, signing is Ed25519 (RFC 8032).
//
// # Test vectors
//
// testdata/vectors holds one JSON file for each case, for another implementation to test itself with: open wire as self with the
// keys in open, verify with the keys in verify, and get want, or refuse for the reason in refused (the names of the errors of
// this package: form, newer, not-ours, suite, key, damaged, mismatch, signature). All keys in it are invented for it. Sealing is
// randomised, so there is no vector of which the wire would have to come out the same; signed in a vector is what the
// deterministic part must come out as, signatures too. testdata/golden.age is the sealed part of a wire; the age tool opens it
// with testdata/golden.identity.
//
// # Promises
//
//   - What is outside is Header and the name of the sealing suite, which the first line of the ciphertext says anyway. The list is
//     testdata/header.golden; a field more fails a test.
//   - One form: what decodes is what was encoded, byte for byte. Everything else is refused before any key is used.
//   - Two bodies of one class, to one node in one lane with one suite, give wires of equal length, whatever else differs.
//   - Content is returned only when outside and signed inside are the same, the addressee is who opens, and every signature of a
//     known suite counts, one at least. Which signatures there must be is signed: none can be taken off unseen.
//   - A refusal wraps one of the errors of error.go and says in a sentence who and why; it repeats no content.
//   - Secret keys print as "(secret ...)" with every verb, in logs and in JSON.
//
// # Not its business
//
// Whether a message came before, comes in order or too late: the relay knows by (From, ID), Seq and Until, as the hub does by
// Until. Whose keys count at which time: the directory, by way of [Verify]. Who may get which field: sharing.
//
// # Must never
//
// Use a clock; return a part of what it refuses; try another form when one does not fit; seal to more than one node at once, for
// the number of keys would show.
//
// # Limits
//
// Sealing hides what is said, not that something is said, to whom and when. There is no forward secrecy within the life of a
// transport key: it is got by destroying the key after the rotation, when everything is sealed anew ([Reseal]). A signature is for
// good: the addressee can show it to others. Whoever steals one of several signing keys of a node can sign with that one alone:
// that all of them sign is not asked for.
package envelope
