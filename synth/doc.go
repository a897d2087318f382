// Package synth makes a synthetic region: flights, travellers, watchlists, and the truth about them, for demonstrations,
// benchmarks and tests.
//
// Nouns: [Region] is everything, made from a [Config]; a [Flight] of a [Carrier] has [Leg]s and [Traveller]s; a [Person] is
// an invented human being with a [Document]; an [Entry] is a person on one of three [Lists]; [Truth] says which travellers
// are listed, which only look it, and why; a [Message] is a PAXLST file (WCO/IATA/ICAO API guidelines, appendix II).
// [People] draws persons only, for benchmarks.
//
// Guarantees:
//   - The same Config gives the same bytes. Every part draws from its own stream of chance, so that one change does not
//     change everything. Times hang on Config.Now: tonight is always tonight.
//   - Persons on board = persons in the messages. The number of every kind of case is what Config asks for, and every case
//     names its traveller by a document number that occurs once in the region (twice for those dismissed on an earlier
//     journey: same passport, two flights).
//   - A listed person who travels has the listed birth date in full; an innocent look-alike differs from the entry in at
//     least two things that stand on the page.
//   - Beyond the planned cases nobody on board shares a listed name and comes near its birth date; namesakes of other years
//     occur as in life.
//
// Invented names only: common given names and surnames are joined at random, from tables written for this package, and no
// real person is meant or was looked up. A likeness can happen, as it can with any common name. Document numbers come from
// series that are not issued wherever a country's pattern leaves room for that (see numberPatterns); telephone numbers
// begin with a code no country has; airlines do not exist.
//
// It must never: read a real list, share a table with engine/match (whose work is measured with this package), or be part
// of a node that holds real data.
package synth
