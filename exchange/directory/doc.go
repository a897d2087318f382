// Package directory is who is who in the network, and with which keys: statements in a Merkle log that every node holds.
//
// # Nouns
//
//   - Party: a country, agency, node, outpost, topic or hub. Machines (node, outpost, hub) have keys by use (Use).
//   - Statement: one signed word about a party, its people, a country or the directory itself. Its bytes are kept as they
//     came; it has one form (canonical JSON, RFC 8785, in a signed note) and a number in the row of its kind and subject.
//   - Root, registrar, witness: a country's root is three keys of three people, any two of which sign. It appoints the registrar,
//     which signs statements about the country's parties for 30 days each, and the witness, which cosigns checkpoints.
//   - Log: the statements as leaves of a Merkle tree (RFC 6962, golang.org/x/mod/sumdb/tlog). Checkpoint: size and root (C2SP
//     tlog-checkpoint), with cosignatures and their times (C2SP tlog-cosignature).
//   - Quorum: how many countries must cosign before a statement counts; more than half. Countries and quorum are themselves
//     statements: the genesis begins them, members statements change them.
//   - Bundle: statements and a cosigned checkpoint, in a message or a file. Tail: statements that wait for cosignatures.
//   - Head: how far a node is; heads are compared in heartbeats. Fork: two cosigned heads that no one log can have.
//
// # Promises
//
//   - What a node believes depends on the leaves alone; two nodes with the same cosigned head believe the same keys.
//   - A statement counts only under a checkpoint cosigned by the quorum, and nothing else is believed of whoever brings it: a
//     hub can delay, and that is seen (Fresh, Compare).
//   - Take takes everything of a bundle or nothing.
//   - A witness cosigns only what extends what it cosigned last, also after a restore.
//   - As long as fewer than 2*quorum - n countries cosign two logs, there is one directory. When more do, two nodes that exchange heads see FORK,
//     keep the proof and send nothing until a person has cleared it up.
//   - A number is used once: an old statement never counts again, in whatever order somebody shows them.
//   - After a revocation only what this node had received before it knew stays valid, whatever date it bears.
//   - A stale directory (StaleAfter) sends nothing; receiving goes on with a warning.
//
// # Must never
//
// Ask a network or a clock that was not given to it; log; believe a date that somebody else wrote, except between witnesses' limits;
// hold more about officers than is needed to call them.
//
// The keys of this node are in package nodekeys, the words for the telephone in package words.
package directory
