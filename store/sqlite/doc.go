// Package sqlite keeps records in a data directory: one SQLite file, embedded.
//
// # Nouns
//
//   - vid: number of a revision in the change sequence; row id, foreign key and clock at once. Local, never reused.
//   - k: vid<<12 | n, row n of a word of a revision. All rows of a revision are one range of keys, so erasing knows nothing
//     of bodies.
//   - vis: class of visibility, an interned record.Scope. It stands in every index row; Allow is asked once for each
//     class and set of rights, never for a row.
//   - until: vid of the revision that replaced a row; NULL = present. As known on V: vid <= V and not closed by then.
//   - truth tables (migrations/) migrate and are never rebuilt; index tables (index.sql) are dropped and rebuilt.
//   - queue: one writer; a person's act goes before every bulk act that waits.
//
// # Promises
//
//   - Update, and every other write but Bulk, is on the disk when it returns (WAL, synchronous FULL).
//   - Bulk is atomic and survives the end of the process, however it ends. It is not synced: a power failure may take the
//     last bulk acts, whole ones and in order, and never damages the file. Whoever tells a sender "received" does so after
//     an Update or Sync.
//   - Readers see one consistent state and wait for nobody.
//   - Every read is filtered inside SQL. What may not be read is absent from lists, counts, links, sums and feeds, and
//     NotFound by id and key. A former revision can be read only by who may read both it and the present one.
//   - A list is newest first by when things happened; a list of a text, a thing or a parent by when it was learned. Its
//     pages show the state in which the first was read.
//   - What was erased is in no file of the directory once the act is committed and older reads have ended (secure_delete,
//     FTS5 secure-delete, the log emptied). Ids stay in the table erasure, the journal.
//   - Reindex gives the same index as storing did. Until it ends Persons is Unavailable and Behind is 0 only when nobody is.
//   - Acts are numbered from 1 without gaps.
//
// # Limits
//
// 4095 rows of one word for each revision; eight dimensions for each name of a measure; three dimensions in a sum. Counts
// go up to a limit. Words of vocabularies (roles, places, values of dimensions) are interned and not erased: a body must
// not put a person's data there.
//
// An Update inside an Update waits for itself for ever; a View inside a View takes a second of a few readers: hand the Tx on
// instead. A bulk act is best some 15 ms long (40 records): a person waits for the rest of it and its commit. A longer one
// may ask its Tx, interface{ Hurry() bool }, whether somebody waits, and end early.
//
// # Must never
//
// Know a kind of record; read the environment; log; keep an open transaction while it waits for anything else.
package sqlite
