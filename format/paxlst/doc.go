// Package paxlst reads and writes PAXLST, the passenger and crew list of advance passenger information: the
// WCO/IATA/ICAO API Guidelines, appendix II "PAXLST Message Implementation Guide" (directories D.02B to D.15B),
// on UN/EDIFACT as package edifact reads it.
//
// Nouns: Message (one UNH to UNT), Voyage (one leg), Traveller (one person), Document, Header, Problem.
//
// # Guarantees
//
//   - Persons out = persons in, on any message, well-formed or not: each NAD with 3035 FL (passenger), FM (crew),
//     DDU (passenger in transit) or DDT (crew in transit) is one Traveller, in the order of the message, however
//     empty, doubled or cut. A NAD with another qualifier is a Traveller when segments of a person follow it
//     (ATT, birth, nationality, document, embarkation), else a party of the header.
//   - Groups may stand in any order, segments of a person in any order; an attribute of a document that comes
//     before its DOC is given to the next DOC. Several documents per person are kept in order.
//   - What is not understood is kept as it came, with the person or the header it stands under (Segments), up to
//     maxUnknown segments a message; what is odd is a Problem and never a refusal.
//   - Memory is bounded by the largest message, and for noise by constants.
//
// # Protected attributes
//
// Religion, ethnicity, politics, health and sexual life must not enter from carriers' data. They travel as free
// text (FTX), attributes (ATT) and special services (SSR, OSI: meals, medical cases, prayer needs). This package is
// the place where they are dropped: of FTX other than BAG, of ATT other than 2 (sex), and of the segments SSR,
// OSI, SPR, IHC and HLT only tag and qualifier are kept in Segments (builder.spared), the text is gone before anybody
// can store it; Header.Dropped counts them.
//
// # Dates
//
// Dates of two-digit years (formats 101, 201, and 6 digits without a format) get their century from the reference
// date of the message: the preparation date of UNB, else the first date of a leg, else Parser.Now.
//   - Birth: the latest year that does not lie after the reference date, so a person is taken to be 0 to 99 years old;
//     a person older than that is only read right from an 8-digit date (format 102).
//   - Expiry and issue of a document, and legs: the year nearest to the reference date, 50 years either way.
//
// Days or months sent as 00 or XX give "1972-09" or "1972". Times are wall times at the airport, as the guide asks;
// an offset sent with the time (format 205, 303) is kept beside it.
//
// # Legs
//
// One Voyage per take-off: the places of a TDT group in order, doubled places merged (arrival and departure of a
// stop), so that one TDT with three places and two TDT groups of two places read alike. Departure and arrival are
// told by LOC 3227 (125, 5, 9 / 87, 8, 11, 60), by DTM 2005 (189, 136, 133, 186 / 232, 132, 178) and then by order.
// Legs that came in another order than they are flown are put in order when each begins where another one ends.
// The carrier is the designator in front of the flight number (TDT 8028); TDT C040 serves when there is none, and
// is kept as Operator, with a Problem, when it differs.
//
// # Never
//
// The package guesses no value it was not sent, corrects no spelling, joins no two persons, and judges nobody.
package paxlst
