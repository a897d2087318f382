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
// An incarnation names one life of the log. All checkpoints of a node are of the one it has: any other, properly signed, says
// that this is not the log that was signed, and is a finding. Nothing hands a log over to a new incarnation; a restore that
// does so must write it down as a signed act, and Verify must read that act, before such a checkpoint can be forgiven.
package audit
