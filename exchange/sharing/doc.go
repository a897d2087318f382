// Package sharing decides which agency gets which field of which record, sends exactly that, and keeps hold of it: every copy
// that went out can be brought up to date, recalled and erased, and each holder answers for it.
//
// # Nouns
//
//   - Agreement (sharing.agreement@1): from which agency to which one, of what topic, on what legal basis, which classes and
//     fields, until when. Draft, then agreed by a second person who signs, then ended. The partner keeps a nameless copy.
//   - Edition: what one recipient gets of one record. Editions of a record to a recipient are a chain of revisions of their own
//     (record.Edition).
//   - Preview: who exactly will be able to read which field, and why the others not. It is the edition, told before it is sent.
//   - Share (sharing.share@1): what one recipient has of one record of ours, and what it answered.
//   - Holding (sharing.holding@1): what we have of another node's record, and what became of it. It outlives the record, so that
//     an old edition that comes late stays out.
//   - Alarm (sharing.alarm@1): a partner erases more at once than is believed without a person.
//   - Onward (sharing.onward@1): a holder asks the owner to share a record with somebody else.
//   - Room: all of it on one node.
//
// # Promises
//
//   - No agreement in force, no send; the preview is computed by the function that makes the edition.
//   - Class home and class source never leave, nor identity and free text of a record that names a minor, whatever was agreed.
//     Of a field that no agreement names nothing leaves; a field that this program does not know does not leave either.
//   - A record with a refugee or a stateless person (XXA, XXB, XXC of ICAO Doc 9303-3 section 5, or an asylum mark in the words
//     of the index) is neither suggested for nor sent to the country of nationality; where no nationality is known, to no other
//     country.
//   - A send is one act with its dispatch, signed. What is erased or masked here is erased at every holder without anybody's
//     doing; who recalls says why.
//   - A received edition is its writer's: read by the officers of the agency it names, corrected only by a proposal, passed on
//     only by its owner. What was erased stays erased, also when an old edition comes again.
//   - A flood of erasures waits for a person; nothing is lost meanwhile.
//
// # Must never
//
// It knows no kind of record: it reads classes and the words of the index. It imports no other room; who carries the messages
// and who knows the parties are functions and interfaces of the Room.
package sharing
