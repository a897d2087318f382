// Package record holds the one idea of Sarhad: the record is the truth, everything else is an index.
//
// # Nouns
//
//   - Record: an envelope that is the same for everything a person or a carrier tells the system (who wrote it, who
//     owns it, who may read it, on what basis, where it came from, how long it lives) around a body of one domain.
//   - Body: what a room (collection/passenger, screening/hit, ...) says. Each field carries a Class as a struct tag;
//     masking, redaction, preview, export and erasure read the class, never the field.
//   - Index: the six words through which everything outside a room sees a body: mention, person, link, event, measure
//     and text. Nothing outside a room asks what kind a record is.
//   - Scope: the part of the handling that decides who may read; interned by the store and applied as a filter inside
//     every query.
//   - Seq: the change sequence. One number for each stored revision, given in commit order. What must follow a change
//     (screening, sending, live screens) reads it with a durable cursor of its own.
//   - Act: one row of the audit. An update without an act is refused.
//
// # Promises
//
//   - Bytes are kept as they came. A body of unknown kind or version is stored, shown raw at its strictest class and
//     passed on; it is never refused and never dropped.
//   - Update is all or nothing: record, index, audit row and cursors commit together.
//   - Every read is filtered by the actor's scopes. What the actor may not open is "not found", in lists, counts, links
//     and by key alike.
//   - A revision never overwrites another one: Put of a stale revision is a conflict.
//
// # Must never
//
// This package imports the standard library only, knows no room, reads no clock and no environment. It is not a place
// for the vocabulary of one domain.
package record
