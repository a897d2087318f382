// Package relaytest is what the relay is tested with: a store in memory that keeps the contract of record.Mail and can crash at
// any step or come back as it was in an older backup, a hub in memory that drops, delays, reorders and repeats as a seed says,
// and a thin line. All of it runs on the clock of testing/synctest, so that hours take no time.
//
// It is for tests and benchmarks only. Of records the store keeps just what a handler puts; it has no index and no audit.
package relaytest
