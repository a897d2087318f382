// Package export keeps the register of what left the system on paper or as a file, and the rules under which it may: taking
// named data out is an act of its own, and the copy is somebody's from then on.
//
// Nouns: Export (who takes out what, for what, who agreed, which copies exist), Rows (which records are in it), Wish (what is
// asked for), Copy (one file or print, with its number and hash), Preview (what would go out), Room (the register).
//
// Guarantees:
//
//   - Only what the actor may read and has the right to export goes out, as it stands when the copy is made; a record out of
//     reach is left out of a preview and refuses a wish.
//   - More than Limit rows, or a column of class home, source or text, needs a second person: somebody of the same agency who
//     may decide on exports, and never who asked. Without columns of the sensitive classes and within Limit nobody else is
//     asked. More than MaxRows never goes out.
//   - A copy is in the register, with its hash, before anybody has it. Copies are made for Window after the agreement, by who
//     asked and nobody else.
//   - When a record is erased, masked or made nameless, Follow marks every export that contains it: its copies must be
//     destroyed. The mark names ids only.
//   - The register holds no word of what was searched for and no name of a person in a record: purposes are the officer's own
//     words, as in the log.
//
// The package must never look into a body otherwise than through record.Walk, and keeps no copy of a file.
package export
