// Package match compares a traveller with listed persons across scripts and
// explains every figure it gives. It finds and explains; it never decides.
//
// Nouns. A Person has Names (parts, or one running text in any script), birth
// dates (EDTF), sex, nationalities and documents. An Index is an immutable
// snapshot of listed persons, Live one that changes while it is searched. A Match
// is a listed person with a Score, Reasons (one per fact, heaviest first) and
// TokenPairs (what became of every word of the two names). Fold gives the
// canonical search form of any text.
//
// How it works. A word of any script becomes one or more forms in internal
// letters: Cyrillic of ru, kk, ky, tg, uz, uk and neighbours; Latin with all its
// national letters and romanizations (ICAO Doc 9303-3 section 6, BGN/PCGN, GOST
// 7.79, French and German passports of Soviet time, Hanyu Pinyin with its
// Palladius counterpart); Arabic script of Arabic, Persian, Dari, Pashto and
// Urdu without short vowels. Words are compared by a distance in which confusions
// of sound are cheap and typing errors dear, by endings (-ova, -uly, -zoda) and by
// a short table of name equivalents (Yusuf, Joseph). Names are aligned free of
// order; rare words weigh more, patronymics little. The name's evidence and that
// of birth date, sex, nationality and documents are added in nats (Reason.Weight)
// and put on 0..1 by the logistic function.
//
// Reading a score: from StrongScore (0.90) on strong, from DefaultThreshold (0.75)
// on to be looked at, below it no alert. Two identical frequent names without any
// birth date score about 0.78; name, birth date and nationality 0.97 or more; the
// same name with a birth year more than three years off stays below the threshold.
// A shared document is always at least 0.80, whatever the name says.
//
// Guarantees. Compare is symmetric in score. An agreeing fact that is added never
// lowers a score. Fold is idempotent. Nothing panics on any text, and the time for
// one query is bounded (see the budgets in search.go and maxTokens). Search of one
// snapshot gives the same answer every time. What an Index reports, a full
// comparison reports too, with the same score; what it misses by blocking is under
// one in a hundred (TestIndexEqualsBruteForce). A score of an Index takes from its
// own list how frequent words are, Compare from a fixed table only, so the two may
// differ a little.
//
// It must never take protected attributes (religion, ethnicity, politics, health,
// sexual life) as input, merge persons, or be used as a key: forms and weights may
// change between releases.
//
// Standards: ICAO Doc 9303-3 sections 4.6, 4.9, 5 and 6; ISO 8601-2 (EDTF) level 0
// to 2 as far as birth dates need it; GB/T 28039 for Chinese names.
package match
