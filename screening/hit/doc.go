// Package hit is the life of a possible match between a person and a list entry, from the moment a machine finds it to the
// moment a booth reports what came of it.
//
// # Nouns
//
//   - Hit: the evidence as it was found (traveller and entry side by side, score, reasons, tokens) and what officers did
//     with it: new -> claimed -> confirmed or dismissed -> instructed -> acknowledged -> closed.
//   - Clearance: a dismissed person stays dismissed. It is a keyed hash of a strong identity, the entry and the entry's
//     fingerprint; it holds no name and no document, lives by its own clock and outlives the traveller's data.
//   - Instruction: what the border officer at the place of arrival is asked to do, with reasons, and what came of it. It
//     is all a booth ever sees.
//   - Room: the methods of officers (Claim, Release, Confirm, Dismiss, Undo; Acknowledge, Report) and of the machine
//     (Run: screening, retro-screening, releasing instructions, carrying booth reports back to the hit).
//
// # Promises
//
//   - Whoever a record names is screened, whatever the kind of record: the room reads the person word of the index.
//   - Screening follows the change sequence with a durable cursor moved in the transaction of its hits: after kill -9
//     nobody is skipped and no hit is raised twice. One hit for each person of a record and entry.
//   - A changed list is held against travellers already stored who arrive from a day ago on.
//   - A machine never confirms, dismisses or instructs. Each decision has an officer, a reason and the time it took.
//   - A decision can be undone for UndoFor; an instruction leaves for the booth only after that.
//   - Only one officer holds a hit. A supervisor may take it over; the history says so.
//
// # Must never
//
// Name a person in a log; decide; read any field of a body of another room.
package hit
