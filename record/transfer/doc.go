// Package transfer carries records between nodes as files of lines, record.Wire: export and import.
//
// # Nouns
//
//   - Selection: which revisions an export tells, for whom, and why.
//   - Import: reads such a file and stores what it says, each revision under its own writer.
//   - Aside (record.aside@1): a revision that came and does not follow what is stored, kept whole beside the record: a fork,
//     or one that waits for those before it.
//
// # Promises
//
//   - Byte for byte: what was exported here, imported elsewhere and exported there is the same line, whatever of it the two
//     programs understand; lines stand in the order of the change sequence.
//   - Nothing is dropped without a word: every line of an import is stored, known already, kept aside, or a problem with the
//     number of its line. The same file again changes nothing.
//   - What may not leave is not exported unless the node moves its own data (Whole): a revision whose present one is closed is
//     closed too. How many were left out, and why, is told.
//   - An export is an act, written before the first line is; an import writes one act for each batch of at most BatchLines.
//
// # Must never
//
// It changes no byte of a record. It decides nothing between two forks: the revision that was here first stays the present
// one, and people look at the other.
package transfer
