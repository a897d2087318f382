// Package watchlist keeps the lists that travellers are screened against: lists that bind the
// country (UN Security Council), lists of others (OFAC) and the agency's own.
//
// Nouns:
//   - Entry: one listed person, entity, vessel or aircraft as its publisher describes it, a record
//     of kind "watchlist.entry". Its identity is the list's id with the publisher's own id
//     ("un-sc/QDi.001"), which is also the record's key.
//   - List: one list with its legal effect in this country, its present publication and the history
//     of its changes, a record of kind "watchlist.list".
//   - Publication: one issue of a list, parsed and not yet stored.
//   - Delta: what an import changed.
//   - Screener: publications as an index to search, without any store.
//
// Guarantees:
//   - All files are parsed before anything is written: a broken file changes nothing.
//   - A publication that means the same as the stored one is a delta of 0/0/0, in whatever order and
//     encoding it comes. Meaning is Entry.Fingerprint; it does not cover the order of names or rows.
//   - An import is many short acts, each safe to repeat. Killed at any moment and started again with
//     the same file it ends in the same state and gives the same delta. The list's record names a
//     publication as current only when all of it is stored.
//   - Nothing is deleted: an entry that is no longer published becomes a revision in state "removed"
//     and matches nobody; its history stays.
//   - A publication that would remove more than MaxRemovedShare of a list is refused unless forced; so
//     is one of an earlier day than the stored one.
//   - A publication that lost letters on its way (unsc.List.Lossy) does not overwrite the letters
//     that are stored.
//
// It must never: screen travellers against anything but persons, let an unknown country, date or
// word stand in a field that decides, or turn what remarks say of religion, ethnicity or politics
// into fields.
package watchlist
