// Package app puts the program together: New opens, Start serves, Stop ends, in that order and the reverse. It is the only
// package that may import everything, and the only one that knows which room follows which.
//
// A node runs these parts, each a reader of the change sequence or of the clock:
//
//   - the web: one handler for the API and the workbench;
//   - events: tells open screens and sleeping parts that the sequence grew;
//   - screening: screening/hit.Room.Run;
//   - the sequencer of the audit log;
//   - housekeeping: dead sessions, checkpoints written to files;
//   - the journals of erasures, in the data directory and beside the backups;
//   - the daily backup.
//   - the clocks of the law: record/privacy.Clocks.Run, every ten minutes, once the index is whole.
//
// Restore and TryRestore bring a node back from its backups; ExportKeys and ImportKeys are the ceremony of its keys.
//
// Cleanup is a stack: what was opened last is closed first, also when New fails half way.
package app
