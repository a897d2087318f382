// Package request is the register of what persons ask about themselves: to know what is kept, to have it corrected, deleted
// or restricted, or to complain.
//
// # Nouns
//
//   - Request: who asks, how that was proven, what is asked, the clocks, what was found, what is told of each record and why.
//     received -> proven -> searching -> drafted -> approved -> answered or refused -> closed.
//   - Found: a record that may speak of the person, with how it was found (document, name, clearance, child of another).
//     Whether it is the person is an opinion of an officer with a reason; nothing else makes it so.
//   - Answer: what the reply tells of a record: given, partly (by class of field), withheld, or neither confirmed nor denied.
//   - Rules: clocks, approvers and where to complain, by country; data, not code (rules.json).
//   - Reply: what is printed, computed by one function from the present state of the records.
//
// # Promises
//
//   - The search reads all present persons with the matcher that screening uses, every record that mentions one of the
//     person's documents, what was made from those, and clearances, whose keyed hashes are computed anew.
//   - It finds only what the officer who searches may read: the agency answers for what it keeps.
//   - Nothing is told of a record that nobody decided on, of a third person, or of a source.
//   - The reply says how often records were opened, on which days, by which agency; never by whom.
//   - Who drafted does not approve. A refusal names its legal ground from the vocabulary.
//   - To ask has no consequences: a request says no person and no document in the index, so nobody is screened for asking.
//
// # Must never
//
// Decide that a record is the person; erase or correct by itself (the request waits for whoever does); tell an officer's name.
package request
