// Package vaultbench measures the vault as a node uses it: files come in by uploads, become attachments of records, and are
// read back whole. `sarhad bench attachments` prints what it finds; it is no test of speed.
//
// It must never be imported by what serves.
package vaultbench
