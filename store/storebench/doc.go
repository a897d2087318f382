// Package storebench measures what a store does with made-up records: how fast it takes them in with all indexes, how long
// a person waits for a list, a search and an act of their own while an import runs, and what it costs in bytes.
//
// A record has 6 mentions, 6 links, 1.5 events, 2 measures of 5 dimensions, some 30 Cyrillic words and a body of about a
// kilobyte; it lies in one of 400 classes of visibility, few of them large. Three officers ask: one reads most of it, one
// a sixth, one hardly anything. Everything comes from a seed.
//
// The figures are those of the machine: compare them only with figures of the same one.
package storebench
