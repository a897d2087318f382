// Package privacy forgets: it erases, masks and makes nameless by the clocks of the law, keeps what a hold names, and opens
// what was masked only to two bodies together.
//
// # Nouns
//
//   - Policy: what a country wants of one kind of record: rules with a period, counted from when it occurred or changed,
//     and what happens then (erase, mask, nameless; strip for the log). It is a record, signed by the node's log key over
//     its canonical text. Kinds, states and conditions are data; no code here asks what kind a record is.
//   - Hold: a record by which somebody keeps others from the clocks, with a legal basis and an end. What is held is
//     found through the six words (record.Index.Held), whatever kind says it, such as an exhibit that proves something; it
//     holds everything under its targets.
//   - Clocks: the part that finds what is due and does it in small acts, each safe to repeat.
//   - Trusted time: how far time has moved in small steps. When the clock of the machine is more than a day away from it,
//     the clocks stop and stay stopped until a person confirms the time.
//   - Keys: of the unit and of the oversight body. What is masked is sealed to both, one around the other.
//   - Unmasking: the record of opening one masked record for one case, by two people in sequence, for 24 hours.
//
// # Promises
//
//   - A policy without a valid signature of this node is refused and moves nothing; the overview says so.
//   - Erasure and masking walk from parents to children. What is held, or lies under what is held, stays and is answered
//     with basis and end.
//   - Masking seals identity, home, source, free text and sensitive fields: a suspicion is about the person and opens with
//     the person. Nameless removes identity, home, source and text for good and leaves the sensitive ones: they are what is
//     counted, and nobody can be told from them any more. Of a kind or version this program does not know everything goes.
//   - After an erasure the free words of purposes about the record leave the log; leaf, officer, time and id stay.
//   - What an unmasking opened is on the disk only encrypted to a key file of its own, which goes when the 24 hours end.
//
// # Must never
//
// It decides nothing about a person. It reads no body but those of its own kinds, and never writes names or phrases into a log
// or an error.
//
// Encryption is age (age-encryption.org/v1) with its hybrid post-quantum recipients (ML-KEM-768 with X25519), phrases by
// scrypt; signatures are signed notes (golang.org/x/mod/sumdb/note); periods are ISO 8601 durations.
package privacy
