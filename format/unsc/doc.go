// Package unsc reads the consolidated list of the United Nations Security Council in the XML form
// that the Council's secretariat publishes (schema sc-sanctions.xsd; root CONSOLIDATED_LIST with
// INDIVIDUALS and ENTITIES).
//
// Nouns: a List is one publication; an Entry is one individual or entity of it, known by its
// permanent reference number ("QDi.001"); a Name is one spelling with its quality; a Document is
// what an entry is said to carry.
//
// Guarantees:
//   - The file is read as a stream, one entry at a time. Either the whole file is understood and
//     every entry is returned, or an *Error says in one sentence which line is broken and what to
//     do; there is no half list.
//   - Encodings: UTF-8, UTF-16 with or without a mark, and the single-byte encodings that the XML
//     declaration names (windows-1251, koi8-r, iso-8859-* ...).
//   - Publications that were damaged on their way are read as far as they mean anything: bytes that
//     are no UTF-8, control characters, "<" and "&" that begin no markup. What was lost is said in
//     List.Problems. A list whose letters beyond Latin-1 were cut to their lowest byte (it happened
//     to this list in 2025) is marked Lossy; names in Arabic and Cyrillic script are rebuilt from
//     what is left and marked Restored, names in other scripts are dropped.
//   - Country names stay as published; the caller maps them.
//
// It must never: resolve or expand anything a document type declares (a DOCTYPE is refused), fetch
// anything, or guess a date from another calendar (such text is kept in Birth.Text).
package unsc
