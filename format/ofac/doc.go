// Package ofac reads the list of Specially Designated Nationals of the US Treasury's Office of
// Foreign Assets Control in its legacy comma-separated form: sdn.csv with alt.csv (aliases),
// add.csv (addresses) and sdn_comments.csv (what did not fit into the remarks).
//
// The form (OFAC "SDN data formats", dat_spec): no header, columns by position, text in double
// quotes, "-0-" for what is absent, the byte 0x1A at the end. Much of what matters for matching
// stands in the remarks ("DOB 07 Sep 1972; POB Nowhere; nationality Samplestan; Passport A123
// (Samplestan) expires 10 Nov 2025; a.k.a. 'THE CLERK'.") and is taken out of them.
//
// Guarantees:
//   - Files are told apart by their columns, never by their names, and may come in any order.
//     sdn.csv alone is enough; the others without it are refused.
//   - All or nothing: a row that does not fit is an *Error with file and line, not a lost row.
//   - An entry is known by OFAC's number (column ent_num), which does not change.
//   - Remarks are kept whole; what is taken out of them is a copy.
//
// The form has no date of publication. It must never: turn remarks on religion, ethnicity or
// politics into fields, or take a document number from words it does not know.
package ofac
