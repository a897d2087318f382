// Package doctor says whether the machine keeps what the node relies on: an encrypted disk, a clock that goes right, files
// that are the node's alone, a certificate that will still hold next month, a backup that was tried, room to grow.
//
// # Nouns
//
//   - Facts: what is the case. Gather reads them, without rights of an administrator and without the lock of the directory,
//     so that a running node is examined too.
//   - Finding: what one fact means and what to do about it. Examine makes findings of facts; it is a pure function, so that
//     each sentence has a test that needs no root and no disk.
//
// # Promises
//
//   - Something that cannot be told is "unknown" and says how to find out; it is never "ok".
//   - "bad" comes with what to do, as a command where there is one.
//   - Findings name files, versions and figures, never a person.
//
// # Must never
//
// Change anything, ask anybody outside the machine, or need more rights than the node has.
package doctor
