// Package audit makes the log of acts provable.
//
// Every act (record.Act) is written by the store in the transaction of the act itself. Within a second the Sequencer
// adds a leaf for it to a Merkle tree (RFC 6962 hashing, golang.org/x/mod/sumdb/tlog): the salted hash of the row. The
// salt keeps a leaf from telling its content once row and salt are erased. A Checkpoint is the size and root of the tree
// signed by the node's own key (golang.org/x/mod/sumdb/note); it goes to the other nodes and to a file, so that nobody can
// later rewrite what came before it.
//
// Verify reads rows, tree and checkpoints, needs no running node, and finds every row that was changed, removed or slipped
// in. It cannot find what was never written: that is the store's promise, which refuses an update without an act. Nor can
// it know about acts after the last checkpoint it is given, which somebody with the database can write anew: so one is
// signed each minute, when a node starts and when it ends in order, and leaves the machine.
//
// A signature (record.Signature) is the officer's own word under an act. VerifySignature holds it against the row it stands in,
// with the standard library alone; Verify also asks the log whether the key was that officer's at that act.
//
// An incarnation names one life of the log. A log that is restored from a backup goes on under a new one, and its first act
// says so (Succession): it cites the last checkpoint of the former life, and the next checkpoint signs it. Verify holds the
// checkpoints of former lives against the tree as far as the backup reached, and tells apart what was lost with the former
// machine (Report.Lives) from what was cut out (a finding). Checkpoints of any other incarnation, properly signed, say that
// this is not the log that was signed, and are a finding.
package audit
