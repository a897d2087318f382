// Package vocab holds the controlled vocabularies: the closed sets of codes that records, forms and screens share, each
// code with a label in English and in Russian.
//
// Nouns:
//
//   - [Term]: one code of a small vocabulary (roles, markings, instructions, severities, hit states, reasons, outcomes ...).
//     [Labels] gives a vocabulary by its name, [Names] gives the names.
//   - [State]: a code for a country, organisation or status of a person as it stands in a travel document
//     (ICAO Doc 9303-3 section 5, which extends ISO 3166-1 alpha-3). [Country], [CountryByName].
//   - [Aerodrome]: an airport with its IATA location identifier, ICAO location indicator (Doc 7910), place and IANA time
//     zone. [Airport].
//   - [CrossingPoint]: a pair of posts facing each other on a land border. [Crossing].
//
// Guarantees: every code is unique in its vocabulary; every term has both labels; every airport lies in a known country
// and in a zone that loads on every system (the IANA database is linked in, because Windows has none); order is the order
// a person should read. All values are copies: a caller may change what it got. Lookups need no lock after the first.
//
// It must never: hold a row about a person, be changed at run time, or import another package of this project.
// A code that is not here is not an error of the caller's data: it is kept as it came and shown as it is.
//
// Where the data come from, under which licence and what was changed: docs/data/.
package vocab
