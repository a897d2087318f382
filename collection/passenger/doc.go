// Package passenger takes in what carriers send of who is on board: advance passenger information in PAXLST messages
// (WCO/IATA/ICAO API Guidelines), one message at a time.
//
// # Nouns
//
//   - Voyage: one leg of one flight on one day, a record of kind "passenger.voyage".
//   - Journey: one person on the legs of one message, a record of kind "passenger.journey", child of its voyages.
//   - Receipt: what became of a message: accepted = new + revised + unchanged persons.
//   - Room.Accept: takes one parsed message in.
//
// # Promises
//
//   - No person is lost: every person of the message becomes a journey record or is the same as one. Two persons of one
//     message are never one record, however alike they are.
//   - A repeated message changes nothing, also in another file or under another reference; a corrected one revises: the
//     person is found again by the segments as told before, by document, by the carrier's reference, by name and birth
//     date (find says when, and when not). A value a later message lacks stays; a message prepared earlier than what is
//     stored only fills gaps. A partial or changed message removes nobody: who is no longer on board is a state of the
//     journey, not a deletion. Persons are found again on their own voyages only, never across voyages.
//   - Keys hold no personal data in the clear: a journey's is its first voyage's and a hash.
//   - Carriers send wall times; the zone is the airport's (record/vocab). Of an unknown airport UTC is assumed and said. Of a
//     day without an hour the day is kept: the flight leaves at its beginning and has arrived at its end, which is said too.
//   - What is odd becomes a problem on the record, never a refusal. Segments are kept as they came, the person's with the
//     person and the header's with the voyage, so that erasing a person erases every word about them.
//   - A message is taken in by acts of at most BatchPersons persons, each safe to repeat: after kill -9 the same file makes
//     it whole.
//   - What the index counts by (roles, states, countries, places, carriers) are words of a vocabulary; whatever else a carrier
//     wrote is "unknown" there and stands in the body only.
//   - Persons are said in the word of the index (record.Person), which is all that screening reads.
//
// # Must never
//
// Refuse a person, screen, or store what format/paxlst dropped as protected.
package passenger
